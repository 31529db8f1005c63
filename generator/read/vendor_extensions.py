"""Extensions of OpenAPI that other generators read, as the keys of the catalog that say the same.

| extension                     | of        | catalog                        | described in                                    |
|-------------------------------|-----------|--------------------------------|-------------------------------------------------|
| `x-speakeasy-name-override`   | operation | `verb`                         | Speakeasy, Extensions: Customize methods        |
| `x-speakeasy-group`           | operation | `group`                        | Speakeasy, Extensions: Customize namespaces     |
| `x-speakeasy-ignore`          | operation | `hidden: true`                 | Speakeasy, Extensions                           |
| `x-speakeasy-pagination`      | operation | `page`                         | Speakeasy, Customize runtime: Pagination        |
| `x-speakeasy-retries`         | operation | none: ours stay as they are    | Speakeasy, Customize runtime: Retries           |
| `x-speakeasy-timeout`         | operation | `timeout`                      | Speakeasy, Customize runtime: Timeouts          |
| `x-speakeasy-name-override`   | parameter | `parameters.NAME.name`         | Speakeasy, Extensions: Customize parameters     |
| `x-fern-sdk-method-name`      | operation | `verb`                         | Fern, OpenAPI extensions: SDK method names      |
| `x-fern-sdk-group-name`       | operation | `group`                        | Fern, OpenAPI extensions: SDK method names      |
| `x-fern-ignore`               | operation | `hidden: true`                 | Fern, OpenAPI extensions: Ignore                |
| `x-fern-pagination`           | operation | `page`                         | Fern, OpenAPI extensions: Pagination            |
| `x-fern-retries`              | operation | `retries: 0` where disabled    | Fern, OpenAPI extensions: Retry behavior        |
| `x-fern-parameter-name`       | parameter | `parameters.NAME.name`         | Fern, OpenAPI extensions: Parameter names       |
| `x-ms-pageable`               | operation | `page`                         | AutoRest, Extensions: x-ms-pageable             |
| `x-internal`                  | operation | `hidden: [docs]`               | Redocly CLI, remove-x-internal                  |

Where two say the same key, the one further up is heard. Every other `x-` is left alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from ..ir import Loss
from ..names import SNAKE, words
from .openapi import Document, Joined, Operation
from .source import Node

LONGEST = 200
"""Characters of a name or of a path into a result."""


_MOST_STEPS = 8
"""Of a group: groups inside each other."""


@dataclass(frozen=True, slots=True)
class Wish(Node):
    """A value that an extension of the document asks for, where it can be had; it stands where that is written."""


class _UnreadError(Exception):
    """Why an extension cannot be read."""


def of_operation(document: Document, operation: Operation, losses: list[Loss]) -> Node | None:
    """What the extensions of an operation and of its parameters say, by the catalog's keys; None where there are none."""

    def lose(node: Node, name: str, why: str, kind: Any = "degraded") -> None:
        losses.append(Loss(pointer=document.pointer(node), surface="*", kind=kind, reason=f"{name} {why}"))

    result: dict[str, Node] = {}
    for name, key, read in _OPERATION:
        node = operation.node.get(name) or (document.root.get(name) if name in _OF_ALL else None)
        if node is None or key in result:
            continue
        try:
            value = read(_Source(document, node))
        except _UnreadError as error:
            lose(node, name, f"is ignored: {error}", "kept" if read is _speakeasy_retries else "degraded")
            continue
        if value is not None:
            result[key] = Wish(node.source, node.pointer, value)
    names = dict(_parameters(operation, lose))
    if names:
        result["parameters"] = Joined.of(operation.node, names)
    return Joined.of(operation.node, result) if result else None


def _parameters(operation: Operation, lose: Callable[[Node, str, str], None]) -> Iterator[tuple[str, Node]]:
    written = [each.text("name") for each in operation.params]
    for param in operation.params:
        wire = param.text("name")
        for name in _PARAMETER:
            node = param.get(name)
            if node is None or written.count(wire) > 1:
                continue
            try:
                value = _name(_Source(None, node))
            except _UnreadError as error:
                lose(node, name, f"is ignored: {error}")
                continue
            yield wire, Joined.of(param, {"name": Wish(node.source, node.pointer, value)})
            break


@dataclass(frozen=True)
class _Source:
    """An extension, and the document that it stands in."""

    document: Document | None
    node: Node

    @property
    def value(self) -> Any:
        """As it is written."""
        return self.node.value

    def text(self, *keys: str) -> str:
        """The text below these keys; empty where there is none."""
        value = self.value
        for key in keys:
            value = value.get(key) if isinstance(value, dict) else None
        if value is None:
            return ""
        if not isinstance(value, str) or len(value) > LONGEST:
            raise _UnreadError(f"{'.'.join(keys)} is not a string of at most {LONGEST} characters")
        return value

    def mapping(self) -> None:
        """Raises _UnreadError unless it is an object."""
        if not isinstance(self.value, dict):
            raise _UnreadError("it is not an object")


def _name(source: _Source) -> str:
    """A name as the catalog spells names."""
    spelled = _spelled(source.text())
    if not spelled:
        raise _UnreadError(f"{source.text()!r} is not a valid name")
    return spelled


def _spelled(name: str) -> str:
    """A name in snake_case; empty where no surface could spell it."""
    spelled = str(SNAKE.spell(words(name))) if any(char.isalnum() for char in name) else ""
    return spelled if spelled[:1].isalpha() and spelled.isascii() else ""


def _group(source: _Source) -> str:
    """A group: a text, dotted where it is inside another, or a list of the steps."""
    value = source.value
    steps = value.split(".") if isinstance(value, str) else value
    if not isinstance(steps, list) or not all(isinstance(step, str) and len(step) <= LONGEST for step in steps):
        raise _UnreadError("it is neither a string nor a list of strings")
    spelled = [_spelled(step) for step in steps]
    if not all(spelled) or not 0 < len(spelled) <= _MOST_STEPS:
        raise _UnreadError(f"{value!r} is not a group"[:LONGEST])
    return ".".join(spelled)


def _flag(value: Any) -> Callable[[_Source], Any]:
    """What a `true` stands for; nothing for a `false`."""

    def read(source: _Source) -> Any:
        if not isinstance(source.value, bool):
            raise _UnreadError("it is neither true nor false")
        return value if source.value else None

    return read


def _timeout(source: _Source) -> float:
    value = source.value
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 1 <= value <= 86_400_000:
        raise _UnreadError("it is not a number of milliseconds up to a day")
    return value / 1000


def _speakeasy_retries(source: _Source) -> None:
    raise _UnreadError("it sets how long to retry, not how often; use a client's RetryPolicy for that")


def _fern_retries(source: _Source) -> int | None:
    source.mapping()
    if source.value.keys() - {"disabled"} or not isinstance(source.value.get("disabled"), bool):
        raise _UnreadError("only `disabled` is supported")
    return 0 if source.value["disabled"] else None


# ── pages ─────────────────────────────────────────────────────────────────────────────────────────────────


def _path(text: str, root: str) -> str:
    """A dotted path into the result, of `$.a.b` or `$response.a.b`."""
    if text == root:
        return ""
    steps = text.removeprefix(f"{root}.").split(".")
    if not text.startswith(f"{root}.") or not all(_plain(step) for step in steps):
        raise _UnreadError(f"{text!r} is not a plain path below {root}")
    return ".".join(steps)


def _plain(step: str) -> bool:
    return bool(step) and not set(step) & set("[]()*?'\" \\")


def _speakeasy_pagination(source: _Source) -> dict[str, Any]:
    source.mapping()
    inputs: dict[str, str] = {}
    for each in source.value.get("inputs") or []:
        if not isinstance(each, dict) or each.get("in") != "parameters" or not isinstance(each.get("name"), str):
            raise _UnreadError("an input is not a parameter")
        inputs[str(each.get("type"))] = each["name"]
    outputs, kind = {key: source.text("outputs", key) for key in _OUTPUTS}, source.text("type")
    if not outputs["results"]:
        raise _UnreadError("it does not name the results")
    items = _path(outputs["results"], "$")
    size = {"size": inputs["limit"]} if "limit" in inputs else {}
    if kind == "url" and outputs["nextUrl"]:
        return {"items": items, "next": _path(outputs["nextUrl"], "$")}
    if kind == "cursor" and "cursor" in inputs and outputs["nextCursor"]:
        last = f"{outputs['results']}[-1]."
        if outputs["nextCursor"].startswith(last) and _plain(field := outputs["nextCursor"].removeprefix(last)):
            return {"items": items, "by": "last", "next": field, "argument": inputs["cursor"], **size}
        next_ = _path(outputs["nextCursor"], "$")
        return {"items": items, "by": "cursor", "next": next_, "argument": inputs["cursor"], **size}
    if kind == "offsetLimit" and ("page" in inputs) != ("offset" in inputs):
        by = "page" if "page" in inputs else "offset"
        total = {"total": _path(outputs["numPages"], "$")} if by == "page" and outputs["numPages"] else {}
        return {"items": items, "by": by, "argument": inputs[by], **total, **size}
    raise _UnreadError(f"pages of the type {kind!r} with these inputs and outputs are not supported")


_OUTPUTS = ("results", "nextCursor", "nextUrl", "numPages")


def _fern_pagination(source: _Source) -> dict[str, Any] | None:
    if source.value is False:
        return None
    if source.value is True:  # the one at the root holds
        whole = source.document.root.get("x-fern-pagination") if source.document else None
        if whole is None or whole.value is True:
            raise _UnreadError("the document has none at its root")
        return _fern_pagination(_Source(None, whole))
    source.mapping()
    results = source.text("results")
    if not results:
        raise _UnreadError("it does not name the results")
    items = _path(results, "$response")
    ended = {"more": _path(more, "$response")} if (more := source.text("has-next-page")) else {}
    if (cursor := source.text("cursor")) and (token := source.text("next_cursor")):
        argument, next_ = _path(cursor, "$request"), _path(token, "$response")
        return {"items": items, "by": "cursor", "next": next_, "argument": argument, **ended}
    if offset := source.text("offset"):
        step = {"size": _path(size, "$request")} if (size := source.text("step")) else {}
        return {
            "items": items,
            "by": "offset" if step else "page",
            "argument": _path(offset, "$request"),
            **step,
            **ended,
        }
    raise _UnreadError("it names neither a cursor and its successor nor an offset")


def _pageable(source: _Source) -> dict[str, Any] | str:
    source.mapping()
    if "nextLinkName" not in source.value:
        raise _UnreadError("it has no nextLinkName")
    if source.value["nextLinkName"] is None:
        return ""  # all items are in one answer
    next_, items = source.text("nextLinkName"), source.text("itemName") or "value"
    if not _plain(next_) or not _plain(items):
        raise _UnreadError("its names are not plain")
    return {"items": items, "next": next_}


_OPERATION: tuple[tuple[str, str, Callable[[_Source], Any]], ...] = (
    ("x-speakeasy-name-override", "verb", _name),
    ("x-speakeasy-group", "group", _group),
    ("x-speakeasy-ignore", "hidden", _flag(True)),
    ("x-speakeasy-pagination", "page", _speakeasy_pagination),
    ("x-speakeasy-retries", "retries", _speakeasy_retries),
    ("x-speakeasy-timeout", "timeout", _timeout),
    ("x-fern-sdk-method-name", "verb", _name),
    ("x-fern-sdk-group-name", "group", _group),
    ("x-fern-ignore", "hidden", _flag(True)),
    ("x-fern-pagination", "page", _fern_pagination),
    ("x-fern-retries", "retries", _fern_retries),
    ("x-ms-pageable", "page", _pageable),
    ("x-internal", "hidden", _flag(["docs"])),
)
_PARAMETER = ("x-speakeasy-name-override", "x-fern-parameter-name")
_OF_ALL = ("x-speakeasy-timeout",)
"""Those that hold for every operation where they stand at the root of the document."""
