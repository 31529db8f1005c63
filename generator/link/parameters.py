"""The parameters of an operation as the document has them, and which of them can be sent."""

from __future__ import annotations

import re

from ..ir import Deprecation, Param, Type, Words
from ..names import words
from ..read import schema_names, urls
from ..read.catalog_model import DeprecatedEntry, HeaderEntry
from ..read.openapi import key_of
from ..read.source import Node
from ..read.values import ANY
from ..text import seen
from .context import Context
from .media import examples_of

_STYLES = {
    "path": ("simple", "label", "matrix"),
    "query": ("form", "spaceDelimited", "pipeDelimited", "deepObject"),
    "header": ("simple",),
    "cookie": ("form", "cookie"),
    "querystring": ("querystring",),
}
"""Of each location, the one that holds where none is named first."""
_OF_SWAGGER = ("tabDelimited",)
"""What lists are in 2.0 besides: of the collection format `tsv`, for which 3.0 has no style."""
_NEGOTIATED = ("accept", "content-type")
"""Headers that the media types of an operation decide, whatever a parameter declares."""
_FRAMING = ("content-length", "transfer-encoding")
"""Headers by which a message is delimited (RFC 9112, 6): they follow from what is sent."""
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}(?=$|[Tt ])")


def sendable(context: Context, node: Node) -> bool:
    """Whether the parameter's name can be sent where it stands; one that cannot is in the ledger."""
    name, location = node.text("name"), node.text("in")
    if location == "header" and name.lower() in _NEGOTIATED:
        # OpenAPI, Parameter Object: `in`. Sent as well, it would contradict what is sent.
        context.lose(
            node,
            "dropped",
            f"{name} is not a parameter in OpenAPI: the media types of the body and the responses set it",
        )
        return False
    if location == "header" and name.lower() in _FRAMING:
        context.lose(node, "dropped", f"{name} is not an argument: it is computed from the body (RFC 9112, 6)")
        return False
    if _is_credential(context, node):
        what = f"{name} is not a parameter in OpenAPI, since security schemes set it: it is an optional argument"
        context.lose(node, "kept", what)
    if location not in ("header", "cookie") or urls.is_token(name):
        return True
    context.lose(
        node, "dropped", f"{name[:80]!r} is not a valid {location} name: use letters, digits and !#$%&'*+.^_`|~-"
    )
    return False


def _is_credential(context: Context, node: Node) -> bool:
    """Whether a parameter is the header that is for security schemes to describe: from 3.0 on, it is then ignored."""
    return (
        node.text("in") == "header"
        and node.text("name").lower() == "authorization"
        and context.document.swagger is None
    )


def style_of(context: Context, node: Node, location: str) -> str:
    """How a value is written; the location's own where the document names none, or one that the location has not."""
    declared, known = node.text("style"), _STYLES[location]
    if location == "query" and context.document.swagger is not None:
        known = (*known, *_OF_SWAGGER)
    if declared and declared not in known:
        context.lose(
            node,
            "degraded",
            f"the style {declared[:80]!r} is not valid for a {location} parameter; {known[0]!r} is used",
        )
    return declared if declared in known else known[0]


def parameter(context: Context, node: Node, name: Words) -> Param:
    """A parameter, read where it stands. name: of the function, which calls what has no name of its own."""
    if (known := context.params.get(key_of(node))) is None:
        known = context.params[key_of(node)] = _read(context, node, name)
    return known


def _read(context: Context, node: Node, name: Words) -> Param:
    wire, location = node.text("name"), node.text("in")
    schema, media = node.get("schema"), ""
    content = node.get("content")
    if content is not None:
        media, inside = next(content.items(), ("", None))
        schema = context.document.follow(inside).get("schema") if inside else None
    called = f"{'_'.join(name)}.{wire}", (*name, *words(wire))
    result = context.schemas.type(schema, *schema_names.shared(schema, called)) if schema else ANY
    style = style_of(context, node, location)
    if location == "querystring":  # all of a query, whatever its name
        location = "query"
    since_3_2 = context.document.root.text("openapi") >= "3.2"  # where it has a meaning in paths and cookies too
    explode = node.value.get("explode")
    header = header_entry(context, wire) if location == "header" else None
    encoding = header.encoding if header else ""  # what the document shows is then the wire value, not the argument
    if header and encoding == "wait":
        result = Type(kind="integer", minimum=header.minimum, maximum=header.maximum)
    return Param(
        words=words(header.name) if header else words(wire),
        wire_name=wire,
        location=location,  # type: ignore[arg-type]
        type=result,
        required=location == "path" or (node.flag("required") and not _is_credential(context, node)),
        style=style,
        explode=explode if isinstance(explode, bool) else style in ("form", "cookie"),
        allow_reserved=node.flag("allowReserved") and (location == "query" or since_3_2),
        media_type=media,
        encoding=encoding,  # type: ignore[arg-type]
        description=(seen(header.description) if header else "")
        or seen(node.text("description"))
        or result.description,
        deprecated=node.flag("deprecated"),
        deprecation=deprecation(None, node),
        examples=(
            ()
            if encoding
            else tuple(examples_of(context.document, node))
            or (tuple(examples_of(context.document, schema)) if schema else ())
        ),
        place=node.place,
    )


def deprecation(deprecated_entry: DeprecatedEntry | None, node: Node | None = None) -> Deprecation | None:
    """The catalog's deprecation, else the day of `x-sunset` if the document deprecates it."""
    if deprecated_entry:
        return Deprecation(since=deprecated_entry.since, removed=deprecated_entry.removed, use=deprecated_entry.use)
    day = _DAY.match(node.text("x-sunset")) if node is not None and node.flag("deprecated") else None
    return Deprecation(removed=day[0]) if day else None


def header_entry(context: Context, wire: str) -> HeaderEntry | None:
    listed = context.catalog.headers if context.catalog else {}
    return next((declared for key, declared in listed.items() if key.lower() == wire.lower()), None)
