"""Examples of functions that are missing, or that their own schemas do not allow."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..errors import Finding
from ..ir import AS_SHOWN, MADE, Api, Example, Function
from ..read.patterns import Keyword
from ..surfaces.shared.metadata import metadata
from .advised import Advice, warn
from .prose import argument


def examples(api: Api) -> Iterator[Advice]:
    known = metadata(api)
    shown = {function.name for function in api.functions if function.examples}
    validator = _validator(
        {
            _part(entry["name"], part): entry[f"{part}_schema"]
            for entry in known.entries
            if entry["name"] in shown
            for part in ("input", "output")
        },
        known.definitions,
    )
    for function in api.functions:
        if not function.examples:
            hint = f"write functions.{function.name}.examples in the catalog: the docs show it, and tests and the mock use it"
            yield warn("example", function.place, f"{function.name} has no example", hint)
            continue
        for example in function.examples:
            yield from _invalid(function, example.title, "arguments", validator, dict(example.arguments))
            if written := _as_written(function, example):
                yield from _invalid(function, AS_SHOWN, "arguments", validator, {**example.arguments, **written})
            if example.has_result and function.result.kind == "json":
                yield from _invalid(function, example.title, "result", validator, example.result)


def _as_written(function: Function, example: Example) -> dict[str, Any]:
    """What the document shows for arguments and what no example has, since it does not fit."""
    if example.title not in (AS_SHOWN, MADE):
        return {}
    bodies = function.body.examples if function.body is not None else ()
    shown = bodies[0] if bodies and isinstance(bodies[0], dict) else {}
    result = {}
    for param in function.params:
        written = [shown[param.wire_name]] if param.location == "field" and param.wire_name in shown else param.examples
        if written and not param.encoding and written[0] != example.arguments.get(argument(param)):
            result[argument(param)] = written[0]
    return result


def _part(name: str, part: str) -> str:
    return f"{name} {part}"


def _validator(parts: dict[str, Any], definitions: dict[str, Any]) -> Any:
    """One for all schemas, each under a name of its own: to make one for each takes minutes where they share types."""
    from jsonschema_rs import Draft202012Validator

    keywords: Any = {"pattern": Keyword}
    return Draft202012Validator({"properties": parts, "$defs": definitions}, keywords=keywords)


def _invalid(function: Function, title: str, part: str, validator: Any, value: Any) -> Iterator[Advice]:
    own = _part(function.name, "input" if part == "arguments" else "output")
    for error in sorted(validator.iter_errors({own: value}), key=lambda e: list(map(str, e.instance_path)))[:3]:
        at = ".".join(map(str, error.instance_path[1:]))
        what = f"the {part} of {function.name}'s example {title!r} {'are' if part == 'arguments' else 'is'} invalid" + (
            f" at {at}" if at else ""
        )
        finding = Finding(function.place, f"{what}: {error.message[:200]}", "correct the example, or the schema")
        yield Advice(finding, "error", "example")
