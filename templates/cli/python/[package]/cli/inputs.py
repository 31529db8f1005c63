"""Inputs that are described by a schema fetched at run time: read, checked and shown by it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..runtime.visible import line, lines
from . import values
from .failure import Failure, usage

if TYPE_CHECKING:
    from ..functions.runs import Run


def read(schema: Mapping[str, Any], parsed: Sequence[str], pairs: Sequence[str]) -> dict[str, Any]:
    """The inputs: the objects of --input, then its pairs, then the positional pairs; each overrides the one before."""
    inputs: dict[str, Any] = {}
    for text in parsed:
        if not _is_pair(text):
            inputs |= with_files(schema, values.arguments(text, "--input"), Path(), "--input")
    known = schema.get("properties", {})
    lists: set[str] = set()
    for text in (*filter(_is_pair, parsed), *pairs):
        key, equals, value = text.partition("=")
        plain = key.partition("[")[0]
        if not equals or not key.rstrip(":"):
            raise usage(f"{text[:60]!r} is not an input", "name=text, name=@FILE or name:=json")
        if key.endswith(":"):
            of = known.get(plain.rstrip(":"), {}) if plain.rstrip(":") == key.rstrip(":") else {"type": "string"}
            parsed = with_files(of, values.pair(text, "input")[1], Path(), plain.rstrip(":"))
        else:
            parsed = typed(known.get(plain, {}), value, key)
        key = key.rstrip(":")
        if kind(known.get(key, {})) == "array" and not isinstance(parsed, list):
            inputs[key] = [*inputs[key], parsed] if key in lists else [parsed]
            lists.add(key)
        else:
            values.put(inputs, key, parsed, "input")
    return inputs


def _is_pair(text: str) -> bool:
    return "=" in text and text.lstrip()[:1] not in ("{", "[", "@", '"')


def kind(schema: Mapping[str, Any]) -> str:
    """The JSON type that a schema asks for; empty where it asks for none, or for several."""
    if "type" in schema:
        return str(schema["type"])
    inner = [part for key in ("anyOf", "oneOf", "allOf") for part in schema.get(key, ())]
    kinds = {kind(part) for part in inner} - {"null", ""}
    return kinds.pop() if len(kinds) == 1 else ""


def _format(schema: Mapping[str, Any]) -> str:
    inner = [schema, *(part for key in ("anyOf", "oneOf", "allOf") for part in schema.get(key, ()))]
    return next((str(part["format"]) for part in inner if "format" in part), "")


def takes_file(schema: Mapping[str, Any]) -> bool:
    """Whether a file may be passed: for a URL, or where the schema says nothing of the value."""
    return _format(schema) == "uri" or not schema


def _path(text: str, folder: Path, where: str) -> Path:
    path = folder / text[1:]
    if not values.is_path(path):
        raise usage(f"{where}: there is no file {text[1:][:80]}", "check the path; @@ starts text that begins with @")
    return path


def typed(schema: Mapping[str, Any], text: str, where: str, folder: Path = Path()) -> Any:
    """The text of an input as its type has it: a file for an address, a number for a number.

    folder: what the paths of files are relative to. Raises Failure where there is no such file.
    """
    of_kind = kind(schema)
    one = _of_kind(schema, "array").get("items", {}) if of_kind == "array" else schema
    named = text.startswith("@") and not text.startswith("@@")
    if named and takes_file(one):
        return values.content(text, where) if text == "@-" else _path(text, folder, where)
    from ..runtime.files import is_url

    if not named and _format(one) == "uri" and not is_url(text):
        values.no_name(text, where, folder)
    text = values.text_of(text, where)
    if of_kind in ("integer", "number", "boolean", "array", "object"):
        try:
            value = json.loads(text, parse_constant=str)
        except (ValueError, RecursionError):
            return text  # the check says what is expected
        if of_kind == "array" and kind(one) == "string" and not isinstance(value, (list, str)):
            return text  # one item: a text may look like a number
        return with_files(schema, value, folder, where)
    return text


def cell(schema: Mapping[str, Any], text: str, where: str, folder: Path) -> Any:
    """The same of a cell of a table, which is all there is of an input: a list of one where one is due."""
    value = typed(schema, text, where, folder)
    return [value] if kind(schema) == "array" and not isinstance(value, list) else value


def with_files(schema: Mapping[str, Any], value: Any, folder: Path, where: str) -> Any:
    """A value of JSON with the file in place of each `@path` that stands where the schema takes one.

    Raises Failure where there is no such file.
    """
    if isinstance(value, str) and value.startswith("@") and takes_file(schema):
        return value[1:] if value.startswith("@@") else _path(value, folder, where)
    if isinstance(value, list):
        of = _of_kind(schema, "array").get("items", {})
        return [with_files(of, item, folder, where) for item in value]
    if isinstance(value, dict):
        known = _of_kind(schema, "object").get("properties", {})
        return {name: with_files(known.get(name, {}), item, folder, f"{where} {name}") for name, item in value.items()}
    return value


def _of_kind(schema: Mapping[str, Any], kind: str) -> Mapping[str, Any]:
    """The alternative of a schema that is of this JSON type; empty where it has none."""
    inner = [part for key in ("anyOf", "oneOf", "allOf") for part in schema.get(key, ())]
    return next((part for part in (schema, *inner) if part.get("type") == kind), {})


def check(run: Run, inputs: Mapping[str, Any], hint: str, where: str = "") -> None:
    """Raises Failure for the first input that the thing's own schema refuses."""
    from ..functions import find
    from ..functions.failures import bad_arguments

    problem = run.problem(inputs)
    if problem is not None:
        error = bad_arguments(find(run.function), problem)
        near = f"nearest: {', '.join(problem.nearest)}; " if problem.nearest else ""
        raise Failure({**error, "message": where + error["message"], "hint": near + hint, "example": None})


def described(schema: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """A row for each input: its syntax, and its description."""
    required = schema.get("required", ())
    properties = schema.get("properties", {})
    for name, of in sorted(properties.items(), key=lambda pair: (pair[1].get("x-order", 999), pair[0])):
        notes = ["required"] * (name in required) + list(facts(of))
        shown = "@FILE or URL" if _format(of) == "uri" else kind(of) or "any"
        text = str(of.get("description", "")).strip()
        yield line(f"{name}={shown}"), lines(f"{text}  [{'; '.join(notes)}]" if notes else text)


def facts(schema: Mapping[str, Any]) -> Iterator[str]:
    """Facts about an input beside its type, for people: limits, values, default."""
    merged: dict[str, Any] = {}
    for key in ("allOf", "anyOf", "oneOf"):
        for part in schema.get(key, ()):
            merged |= part
    merged |= schema
    low, high = merged.get("minimum"), merged.get("maximum")
    if low is not None or high is not None:
        yield (
            f"{low} to {high}" if None not in (low, high) else f"at least {low}" if high is None else f"at most {high}"
        )
    if merged.get("enum"):
        yield "one of " + ", ".join(map(str, merged["enum"]))
    if merged.get("default") not in (None, ""):
        yield f"default {json.dumps(merged['default'], ensure_ascii=False)}"
