"""Descriptions and types as Markdown. Descriptions are written by others: links to functions work, code stays code,
everything else is text."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from ... import names, text
from ...ir import Api, Function, Page, Type
from ...text import Code

_LINK_OR_CODE = re.compile(r"\[([^\[\]]+)\]\(#([^()\s]+)\)|(?<!`)(`+)([^`]+)\3")
_TARGET = re.compile(r"\]\(#([^()\s]+)\)")
_DISPUTED = re.compile(r"[<&\\`]")
_SAFE_START = re.compile(r"[A-Za-z`\[\\&]")


def targets(functions: tuple[Function, ...], slugs: Mapping[str, str]) -> dict[str, str]:
    """What a description may call a function, and the slug of its page."""
    result: dict[str, str] = {}
    for function in functions:
        for alias in (function.operation_id, function.name):
            result.setdefault(alias, slugs[function.name])
    return result


def guide(written: str, links: Mapping[str, str], folder: str) -> Code:
    """A page that is written as Markdown: it stays as it is, but for links to functions."""

    def target(match: re.Match[str]) -> str:
        result = links.get(match[1])
        return f"]({folder}{result}.md)" if result else match[0]

    return Code(_TARGET.sub(target, text.visible(written)).strip())


def linked(written: str, links: Mapping[str, str]) -> list[str]:
    """The slugs of the functions that a description links to."""
    return [links[match[2]] for match in _LINK_OR_CODE.finditer(written) if match[2] in links]


def plain(written: str) -> Code:
    """One line of text in which nothing is markup."""
    return Code(_guarded(_escaped(written)))


def _escaped(written: str) -> str:
    return text.markdown(text.prose(written))


def _guarded(safe: str) -> str:
    """A line that begins no list, underline, admonition, snippet or rule."""
    if not safe or _SAFE_START.match(safe):
        return safe
    digits = re.match(r"\d+", safe)
    if not digits:
        return f"&#{ord(safe[0])};{safe[1:]}"
    end = digits.end()
    return f"{digits.group()}&#{ord(safe[end])};{safe[end + 1 :]}" if safe[end : end + 1] in (".", ")") else safe


@lru_cache(maxsize=4096)
def inline_code(written: str) -> Code:
    """Inline code; as HTML where the Markdown processors disagree about what is inside back-ticks."""
    if not _DISPUTED.search(written):
        return text.markdown_code(written)
    entities = re.sub(r"[^A-Za-z0-9 ]", lambda match: f"&#{ord(match.group())};", text.prose(written))
    return Code(f"<code>{entities}</code>")


def _inline(written: str, links: Mapping[str, str], folder: str) -> str:
    out = []
    end = 0
    for match in _LINK_OR_CODE.finditer(written):
        out.append(_spaced(written[end : match.start()]))
        label, target, _, code = match.groups()
        if code is not None:
            out.append(inline_code(code))
        elif target in links:
            out.append(f"[{_escaped(label)}]({folder}{links[target]}.md)")
        else:
            out.append(_escaped(label))
        end = match.end()
    out.append(_spaced(written[end:]))
    return "".join(out)


def _spaced(part: str) -> str:
    """Text, with the white space at both ends kept as one blank."""
    if not part.strip():
        return " " if part else ""
    before = " " if part[0].isspace() else ""
    after = " " if part[-1].isspace() else ""
    return f"{before}{_escaped(part)}{after}"


def paragraphs(written: str, links: Mapping[str, str], folder: str) -> Code:
    """A description as paragraphs; `folder` leads from the page to the functions' pages."""
    parts = re.split(r"\n[ \t]*\n", text.visible(written).strip())
    lines = (_guarded(_inline(" ".join(part.split()), links, folder).strip()) for part in parts)
    return Code("\n\n".join(done for done in lines if done))


def line(written: str, links: Mapping[str, str], folder: str) -> Code:
    """A description as one line: a table's cell, an item of a list."""
    return Code(_guarded(_inline(text.prose(written), links, folder).strip()))


@dataclass(frozen=True)
class Types:
    """Types as people say them: `string (date-time)`, `array of Prediction`; those with a page link to it."""

    api: Api
    hrefs: Mapping[str, str]
    """The page of a model, by its key."""

    def name(self, type_: Type) -> Code:
        """The type in words."""
        declared = self._named(type_.name) if type_.name and not type_.values else self._name(type_)
        return Code(declared + " or null" if type_.nullable and type_.kind not in ("any", "null") else declared)

    def _named(self, key: str) -> str:
        spelled = _escaped(names.type_name(self.api.types[key]))
        return f"[{spelled}]({self.hrefs[key]})" if key in self.hrefs else spelled

    def _name(self, type_: Type) -> str:
        match type_.kind:
            case "named":
                return self._named(type_.name)
            case "any":
                return "any JSON value"
            case "never":
                return "nothing"
            case "array":
                return f"array of {self._name(type_.items)}" if type_.items else "array"
            case "map":
                known = type_.items is not None and type_.items.kind != "any"
                return f"object of {self._name(type_.items)}" if known and type_.items else "object"
            case "model" if type_.model in self.hrefs:
                spelled = names.type_name(self.api.models[type_.model])
                return f"[{_escaped(spelled)}]({self.hrefs[type_.model]})"
            case "model":
                return "object"
            case "union":
                return " or ".join(dict.fromkeys(self._name(member) for member in type_.members))
            case "binary":
                return "file"
            case _ if type_.values and type_.name in self.hrefs:
                return self._named(type_.name)  # without a page its values alone tell more than a name
            case _:
                return _escaped(f"{type_.kind} ({type_.format})" if type_.format else type_.kind)


_LIMITS = (
    ("minimum", "At least"),
    ("exclusive_minimum", "More than"),
    ("maximum", "At most"),
    ("exclusive_maximum", "Less than"),
    ("multiple_of", "A multiple of"),
    ("min_length", "Characters, at least"),
    ("max_length", "Characters, at most"),
    ("pattern", "Pattern"),
    ("min_items", "Items, at least"),
    ("max_items", "Items, at most"),
    ("min_properties", "Properties, at least"),
    ("max_properties", "Properties, at most"),
)


def facts(type_: Type) -> tuple[Code, ...]:
    """Values, default and limits, one line each."""
    results = []
    values = _values(type_)
    if values:
        label = "One of" if _closed(type_) else "Such as"
        lines = [f"{value(each)} ({_escaped(note)})" if note else value(each) for each, note in values]
        results.append(f"{label}: " + ", ".join(lines))
    if type_.has_default:
        results.append(f"Default: {value(type_.default)}")
    for name, label in _LIMITS:
        limit = getattr(type_, name)
        if limit not in (None, ""):
            results.append(f"{label}: {value(limit)}")
    if type_.kind == "array" and type_.items is not None and type_.items.notes:
        results.append(f"Items: {facts(type_.items)[0]}")
    if type_.unique_items:
        results.append("No two items alike")
    return tuple(Code(fact) for fact in results)


def _closed(type_: Type) -> bool:
    """Whether nothing but the values listed is allowed."""
    return all(_closed(member) for member in type_.members) if type_.kind == "union" else bool(type_.values)


def _values(type_: Type) -> tuple[tuple[Any, str], ...]:
    """Each value with its description from the document."""
    if type_.kind == "union":
        return tuple(value for member in type_.members for value in _values(member))
    return tuple(zip(type_.values, type_.notes or ("",) * len(type_.values), strict=True))


def value(argument: Any) -> Code:
    """A value as inline code; one that could not be seen as JSON writes it."""
    return inline_code(_value(argument))


def _value(value: Any) -> str:
    if isinstance(value, str) and value and text.prose(value) == value:
        return value
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return json.dumps(value)


def pages(page: Page) -> Code:
    """Where the items of a list are and what its next page is found by, without the full stop."""
    items = f"The items are in {inline_code(page.items)}" if page.items else "The result is the items"
    next_, argument = inline_code(page.next), inline_code(page.argument)
    how = {
        "url": f"the next page's URL in {next_}" if page.items else f"the next page's URL is in {next_}",
        "link": "the next page's URL is in the header `Link`",
        "cursor": f"{argument} of the next page is in {next_}",
        "last": f"{argument} of the next page is {next_} of the last item",
        "offset": f"{argument} of the next page is the number of items before it",
        "page": f"{argument} is the number of a page, from {page.first} on",
    }
    return Code(f"{items}, {how[page.by]}")
