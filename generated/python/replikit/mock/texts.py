"""Texts of the wire as values: of the type that a schema asks for, or JSON."""

from __future__ import annotations

import contextlib
import json
import math
import re
from collections.abc import Iterable
from typing import Any

from .problems import Problem
from .schema import Schema, Schemas

DEEPEST = 100
"""Most nesting levels of a JSON value; a deeper one is answered with 400."""


def plain(schema: Schema, schemas: Schemas) -> Schema:
    """The schema without its reference and without null."""
    schema = schemas.resolve(schema)
    members = [member for member in schema.get("anyOf", ()) if member.get("type") != "null"]
    return plain(members[0], schemas) if len(members) == 1 else schema


def typed(text: str, schema: Schema, schemas: Schemas, forms: int = 4) -> Any:
    """A text of the wire as the type that its schema asks for; itself where it is none of that type.

    forms: unions within one another whose members are tried.
    """
    meant = plain(schema, schemas)
    kind = meant.get("type")
    if "anyOf" in meant and forms and not schemas.valid(text, meant):
        made = (typed(text, member, schemas, forms - 1) for member in meant["anyOf"])
        return next((each for each in made if schemas.valid(each, meant)), text)
    if text in ("", "null") and not schemas.valid(text, schema) and schemas.valid(None, schema):
        return None  # which no text says otherwise
    if kind == "boolean" and text in ("true", "false"):
        return text == "true"
    if kind == "integer" and (match := re.fullmatch(r"([+-]?\d{1,300})(\.0{1,20})?", text)):
        return int(match[1])  # 1.0 is one as well (JSON Schema 2020-12 Core, 4.2.1)
    if kind == "number":
        with contextlib.suppress(ValueError):
            number = float(text)
            return number if math.isfinite(number) else text
    if kind in ("object", "array"):  # which no style writes inside another value
        with contextlib.suppress(Problem):
            return json_value(text, "")
    return text


def json_value(text: str | bytes, where: str) -> Any:
    try:
        value = json.loads(text, parse_constant=_no_number)
    except ValueError as error:
        raise Problem(400, f"{where} is not JSON: {error}.") from None
    except RecursionError:
        raise Problem(400, f"{where} is nested too deeply.") from None
    level = [value]
    # What is kept is walked over and over, by functions that call themselves.
    for _ in range(DEEPEST):
        level = [inner for outer in level if isinstance(outer, (dict, list)) for inner in _inside(outer)]
    if level:
        raise Problem(400, f"{where} is nested too deeply: more than {DEEPEST} levels.")
    return value


def _no_number(name: str) -> Any:
    raise ValueError(f"{name} is not a JSON number")


def _inside(value: dict[str, Any] | list[Any]) -> Iterable[Any]:
    return value.values() if isinstance(value, dict) else value
