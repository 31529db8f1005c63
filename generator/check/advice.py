"""What a maintainer should mend: nothing that keeps a surface from being made, but what makes one worse to use.

`lint` finds what cannot be rendered at all. Here each rule is a function from the API to advice; an error is what
misleads (an example that is wrong), a warning what is missing or could be better.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from .. import names
from ..errors import Finding
from ..ir import AS_SHOWN, MADE, Api, Example, Function, Param, Place, Type
from ..read import patterns
from ..surfaces import mcp
from ..surfaces.shared.metadata import metadata

Severity = Literal["error", "warning"]

LONGEST_ARGUMENT = 30
"""Characters; what is longer is hard to type as a flag and costs every host that lists it."""
_GENERIC = frozenset({"data", "value", "item", "object", "params", "arg", "obj", "val", "tmp"})
"""Names that say nothing of what is meant."""


@dataclass(frozen=True, order=True)
class Advice:
    """One thing to mend: how grave, by which rule, and where."""

    finding: Finding
    severity: Severity
    rule: str


def advise(api: Api) -> tuple[Advice, ...]:
    """All that can be said of an API, sorted by place."""
    rules = (_prose, _examples, _arrays, _errors, _spellings, _deprecations, _tools)
    return tuple(sorted({advice for rule in rules for advice in rule(api)}, key=_by_place))


def _by_place(advice: Advice) -> tuple[str, int, int, str, str]:
    file, line, column, what, _ = advice.finding.order
    return file, line, column, advice.rule, what


def _warn(rule: str, place: Place, what: str, hint: str) -> Advice:
    return Advice(Finding(place, what, hint), "warning", rule)


# ── prose ─────────────────────────────────────────────────────────────────────────────────────────────────


def _prose(api: Api) -> Iterator[Advice]:
    for function in api.functions:
        where = f"functions.{function.name}"
        if not function.summary or function.summary == f"{function.method} {function.path}":
            yield _warn(
                "summary", function.place, f"{function.name} has no summary", f"write {where}.summary in the catalog"
            )
        if not function.description:
            hint = f"write {where}.description in the catalog"
            yield _warn("description", function.place, f"{function.name} has no description", hint)
        for param in function.params:
            if not (param.description or param.type.description):
                what = f"{_argument(param)} of {function.name} has no description"
                yield _warn("description", param.place, what, "describe it in the document or the catalog")
    used = {function.group for function in api.functions}
    for group in api.groups:
        if group.key in used and not group.summary:
            place = next(f.place for f in api.functions if f.group == group.key)
            yield _warn("summary", place, f"the group {group.key} has no summary", f"write groups.{group.key}.summary")
    for model in api.models.values():
        bare = [field for field in model.fields if not (field.description or field.type.description)]
        if bare:
            named = ", ".join(field.wire_name for field in bare[:5]) + (", …" if len(bare) > 5 else "")
            what = f"{len(bare)} of {len(model.fields)} fields of {model.key} have no description: {named}"
            yield _warn("description", bare[0].place, what, "describe them in the document")


# ── examples ──────────────────────────────────────────────────────────────────────────────────────────────


def _examples(api: Api) -> Iterator[Advice]:
    known = metadata(api)
    entries = {entry["name"]: entry for entry in known.entries}
    for function in api.functions:
        if not function.examples:
            hint = f"write functions.{function.name}.examples in the catalog: docs show it, tests and the mock use it"
            yield _warn("example", function.place, f"{function.name} has no example", hint)
            continue
        entry = entries[function.name]
        taken, given = (_validator(known.closed(entry[part])) for part in ("input_schema", "output_schema"))
        for example in function.examples:
            yield from _invalid(function, example.title, "arguments", taken, dict(example.arguments))
            if written := _as_written(function, example):
                yield from _invalid(function, AS_SHOWN, "arguments", taken, {**example.arguments, **written})
            if example.has_result and function.result.kind == "json":
                yield from _invalid(function, example.title, "result", given, example.result)


def _as_written(function: Function, example: Example) -> dict[str, Any]:
    """What the document shows for arguments and what no example has, since it does not fit."""
    if example.title not in (AS_SHOWN, MADE):
        return {}
    bodies = function.body.examples if function.body is not None else ()
    shown = bodies[0] if bodies and isinstance(bodies[0], dict) else {}
    found = {}
    for param in function.params:
        written = [shown[param.wire_name]] if param.location == "field" and param.wire_name in shown else param.examples
        if written and not param.encoding and written[0] != example.arguments.get(_argument(param)):
            found[_argument(param)] = written[0]
    return found


class _Pattern:
    """The keyword `pattern`, checked as the clients check it."""

    def __init__(self, _: object, pattern: str, __: object) -> None:
        self._pattern = pattern

    def validate(self, value: Any) -> None:
        if isinstance(value, str) and patterns.matches(self._pattern, value) is False:
            raise ValueError(f"{value!r} does not match {self._pattern!r}")


def _validator(schema: dict[str, Any]) -> Any:
    from jsonschema_rs import Draft202012Validator

    keywords: Any = {"pattern": _Pattern}
    return Draft202012Validator(schema, keywords=keywords)


def _invalid(function: Function, title: str, part: str, validator: Any, value: Any) -> Iterator[Advice]:
    for error in sorted(validator.iter_errors(value), key=lambda e: list(map(str, e.instance_path)))[:3]:
        at = ".".join(map(str, error.instance_path))
        what = f"the {part} of {function.name}'s example {title!r} are wrong" + (f" at {at}" if at else "")
        finding = Finding(function.place, f"{what}: {error.message[:200]}", "mend the example, or the schema")
        yield Advice(finding, "error", "example")


# ── shapes ────────────────────────────────────────────────────────────────────────────────────────────────


def _arrays(api: Api) -> Iterator[Advice]:
    """Lists that a caller sends: without a limit no surface can refuse what the server will."""
    for function in api.functions:
        for param in function.params:
            if any(type_.kind == "array" and type_.max_items is None for type_ in _within(param.type)):
                what = f"{_argument(param)} of {function.name} is a list without a limit"
                yield _warn("unbounded", param.place, what, "write `maxItems` where the server has one")


def _within(type_: Type) -> Iterator[Type]:
    yield type_
    for inner in (*type_.members, *([type_.items] if type_.items else [])):
        yield from _within(inner)


def _errors(api: Api) -> Iterator[Advice]:
    for function in api.functions:
        if not any(response.status[:1] in "45d" for response in function.responses):
            what = f"{function.name} documents no error"
            yield _warn("errors", function.place, what, "write its 4XX or `default` response in the document")


def _spellings(api: Api) -> Iterator[Advice]:
    """Names that a surface cannot spell as they are, and names that read badly on one."""
    for function in api.functions:
        hint = f"name it in functions.{function.name} of the catalog"
        repeated = [one for one, other in zip(function.words, function.words[1:]) if one == other]
        if repeated:
            yield _warn("name", function.place, f"{function.name} says {repeated[0]!r} twice", hint)
        if _coded(function.words):
            yield _warn("name", function.place, f"{function.name} holds letters that only have a code", hint)
        for param in function.params:
            yield from _argument_spelling(function, param)


def _argument_spelling(function: Function, param: Param) -> Iterator[Advice]:
    hint = f"name it in functions.{function.name}.parameters.{param.wire_name} of the catalog"
    said = f"{_argument(param)} of {function.name}"
    python = str(names.PYTHON.spell(param.words))
    if python != _argument(param):
        yield _warn("name", param.place, f"{said} is spelled `{python}` in Python", hint)
    if len(_argument(param)) > LONGEST_ARGUMENT:
        yield _warn("name", param.place, f"{said} has {len(_argument(param))} characters", hint)
    if _coded(param.words):
        yield _warn("name", param.place, f"{said} holds letters that only have a code", hint)
    if len(param.words) == 1 and (len(param.words[0]) == 1 or param.words[0] in _GENERIC):
        yield _warn("name", param.place, f"{said} does not say what it is", hint)


def _argument(param: Param) -> str:
    return str(names.SNAKE.spell(param.words))


def _coded(parts: names.Words) -> bool:
    return any(part[:1] == "u" and len(part) > 4 and all(c in "0123456789abcdef" for c in part[1:]) for part in parts)


# ── promises ──────────────────────────────────────────────────────────────────────────────────────────────


def _deprecations(api: Api) -> Iterator[Advice]:
    for function in api.functions:
        things: list[tuple[Function | Param, str]] = [(function, function.name)]
        things += [(param, f"{_argument(param)} of {function.name}") for param in function.params]
        for thing, what in things:
            if thing.deprecated and not (thing.deprecation and thing.deprecation.removed and thing.deprecation.use):
                hint = "say in the catalog what to `use` and when it is `removed`"
                yield _warn("deprecation", thing.place, f"{what} is deprecated without a way out", hint)


def _tools(api: Api) -> Iterator[Advice]:
    for finding in mcp.lint(api):
        yield Advice(finding, "warning", "tool")
