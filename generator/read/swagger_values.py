"""Schemas, parameters and headers of Swagger 2.0 as OpenAPI 3.0 writes them.

A parameter of 2.0 describes its value itself, where 3.0 has a schema for it; a collection format is a style.
"""

from __future__ import annotations

from collections.abc import Callable

from .enums import KEYWORDS
from .parts import Part

Lose = Callable[[Part, str], None]
"""Called with each part that 3.0 cannot express, and the reason."""
_ONE = ("items", "additionalProperties", "not")
_MANY = ("allOf", "anyOf", "oneOf")
_NAMED = ("properties", "patternProperties", "definitions")
_VALUE = frozenset(
    ["type", "format", "items", "default", "maximum", "exclusiveMaximum", "minimum", "exclusiveMinimum", "maxLength"]
    + ["minLength", "pattern", "maxItems", "minItems", "uniqueItems", "enum", "multipleOf", "x-nullable", *KEYWORDS]
)
"""The keywords of a parameter or a header that describe its value (Swagger 2.0, Parameter Object and Header Object)."""
_STYLES = {
    "csv": ("form", False),
    "ssv": ("spaceDelimited", False),
    "tsv": ("tabDelimited", False),
    "pipes": ("pipeDelimited", False),
    "multi": ("form", True),
}
"""The style of each collection format in a query or a form, and whether each member is sent with the name. 3.0 has none
for tabs: that one is ours."""
_BETWEEN = {"ssv": "blanks", "tsv": "tabs", "pipes": "|"}


def schema(part: Part) -> Part:
    """A schema; anything else is left to the check of kinds."""
    if not isinstance(part.value, dict):
        return part
    converted: dict[str, Part] = {}
    for key, each in part.items():
        if key == "discriminator" and isinstance(each.value, str):
            converted[key] = each.mapping({"propertyName": each})
        elif key == "x-nullable":
            converted.setdefault("nullable", each)
        elif key == "type" and each.value == "file":
            converted |= {"type": each.same("string"), "format": each.same("binary")}
        elif key in _ONE:
            converted[key] = schema(each)
        elif key in _MANY:
            converted[key] = each.sequence([schema(one) for one in each.elements()]) if _is(each, list) else each
        elif key in _NAMED:
            converted[key] = (
                each.mapping({name: schema(one) for name, one in each.items()}) if _is(each, dict) else each
            )
        elif key != "collectionFormat":
            converted[key] = each
    if isinstance(part.value.get("$ref"), str) and converted.get("nullable", part).value is True:
        # Nothing may stand beside a `$ref` in 3.0.
        reference = part.mapping({"$ref": converted["$ref"]})
        return part.mapping({"allOf": part.sequence([reference]), "nullable": converted["nullable"]})
    return part.mapping(converted)


def value(part: Part) -> Part:
    """The schema of a parameter or a header."""
    own = part.get("schema")
    if own is not None:
        return schema(own)
    return schema(part.mapping({key: each for key, each in part.items() if key in _VALUE}))


def field(part: Part) -> Part:
    """The schema of a form's field, with the description of the field."""
    converted = dict(value(part).items())
    converted |= {key: each for key, each in part.items() if key == "description" or key.startswith("x-")}
    converted.pop("x-nullable", None)
    return part.mapping(converted)


def parameter(part: Part, lose: Lose) -> Part:
    """A parameter of a path, a query or a header; one of a body or a form keeps its `in`, and is read elsewhere."""
    if not isinstance(part.value, dict) or "$ref" in part.value:
        return part
    converted = {key: each for key, each in part.items() if key not in _VALUE and key != "collectionFormat"}
    converted["schema"] = value(part)
    if "x-example" in converted and "example" not in converted:
        converted["example"] = converted.pop("x-example")
    if part.text("in") == "query":
        converted |= style(part, lose)
        if "x-ms-skip-url-encoding" in converted:
            converted["allowReserved"] = converted.pop("x-ms-skip-url-encoding")
    elif part.text("in") in ("path", "header"):
        converted |= _listed(part, lose)
    return part.mapping(converted)


def header(part: Part, lose: Lose) -> Part:
    """A header of a response."""
    if not isinstance(part.value, dict):
        return part
    converted = {key: each for key, each in part.items() if key not in _VALUE and key != "collectionFormat"}
    return part.mapping({**converted, "schema": value(part), **_listed(part, lose)})


def style(part: Part, lose: Lose) -> dict[str, Part]:
    """The style of a list in a query or a form; empty for anything but a list."""
    if part.text("type") != "array":
        return {}
    _nested(part, lose)
    declared = part.get("collectionFormat")
    named = declared.value if declared is not None and isinstance(declared.value, str) else "csv"
    if named not in _STYLES:
        lose(declared or part, f"{named[:40]!r} is not a collection format; csv is used")
        named = "csv"
    at = declared or part
    written, each = _STYLES[named]
    return {"style": at.same(written), "explode": at.same(each)}


def _listed(part: Part, lose: Lose) -> dict[str, Part]:
    """What replaces the schema of a list that 3.0 cannot separate so in a path or a header."""
    if part.text("type") != "array":
        return {}
    _nested(part, lose)
    declared = part.text("collectionFormat") or "csv"
    if declared in _BETWEEN:
        what = f"a list with {_BETWEEN[declared]} between its members has no style in a path or a header: it is sent as one string"
        lose(part, what)
        return {"schema": part.mapping({"type": part.same("string")})}
    if declared != "csv":
        lose(part, f"{declared[:40]!r} is not a collection format for a path or a header; csv is used")
    return {}


def _nested(part: Part, lose: Lose) -> None:
    inner = part.get("items")
    if inner is not None and inner.text("type") == "array":
        lose(inner, "nested lists have no style: they are sent as JSON")


def _is(part: Part, kind: type) -> bool:
    return isinstance(part.value, kind)
