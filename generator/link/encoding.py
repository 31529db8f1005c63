"""The Encoding Object of a part of a form: OpenAPI 3.1.2, 4.15; 3.2.0, 4.15."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from email.message import Message
from typing import Any, Literal

from ..ir import Param, Type, holds_files
from ..read import urls
from ..read.source import Node
from ..read.values import ANY
from .context import Context
from .media import FORM_DATA, part_media
from .parameters import style_of

_STYLED = ("style", "explode", "allowReserved")

_XML = re.compile(r".*[/+]xml\Z")
_WRITTEN = re.compile(r"text/.*|.*[/+](json|xml|yaml)\Z", re.IGNORECASE)
"""Media types of what is text."""


def since_3_1(context: Context) -> bool:
    """Whether the document is of 3.1 or later."""
    return context.document.swagger is None and context.document.root.text("openapi") >= "3.1"


def meant(context: Context, type_: Type, content_type: str = "") -> Type:
    """The type of a part of a multipart body. From 3.1 on, raw bytes have no `type` (3.1.2, 4.8.24.4 and 4.15.1: the
    default `contentType` is then application/octet-stream), or are strings whose `contentMediaType` is no text's.

    content_type: what the Encoding Object says, which tells them apart in any version.
    """
    if type_.kind == "array" and type_.items is not None:
        return replace(type_, items=meant(context, type_.items, content_type))
    offered = [each.partition(";")[0].strip() for each in content_type.split(",") if each.strip() not in ("", "*/*")]
    raw = type_.kind == "any" and not type_.values and not type_.rules
    raw = raw and (any(not _WRITTEN.match(each) for each in offered) if offered else since_3_1(context))
    if not since_3_1(context):
        return replace(type_, kind="binary", format="binary") if raw else type_
    media = type_.content_media_type.partition(";")[0].strip() if type_.kind == "string" and not type_.format else ""
    return replace(type_, kind="binary", format="binary") if raw or (media and not _WRITTEN.match(media)) else type_


def written_as_text(content_type: str, type_: Type) -> bool:
    """Whether a part is passed as the text to send: its schema is not a string, and its media type is XML."""
    offered = [each.partition(";")[0].strip().lower() for each in content_type.split(",") if each.strip()]
    kind = type_.items.kind if type_.kind == "array" and type_.items is not None else type_.kind
    return bool(offered) and all(_XML.match(each) for each in offered) and kind in ("model", "map", "array", "union")


def file_texts(context: Context, type_: Type) -> Literal["", "all", "data"]:
    """For a union of a file and other types: which texts are the file. For a list, the same of its items."""
    opened = context.schemas.opened(type_)
    if opened.kind == "array" and opened.items is not None:
        opened = context.schemas.opened(opened.items)
    if opened.kind != "union" or holds_files(opened):
        return ""
    kinds = {context.schemas.opened(member).kind for member in opened.members}
    if "binary" not in kinds:
        return ""
    return "data" if kinds & {"string", "any", "union"} else "all"


def styled(context: Context, declared: Node | None, kind: str, media: str, type_: Type) -> bool:
    """Whether a part is written in a style, and not by a media type: one of three fields has a value, where they count.

    A file is its bytes in any case.
    """
    if (
        declared is None
        or not isinstance(declared.value, dict)
        or all(declared.value.get(key) is None for key in _STYLED)
    ):
        return False
    if kind == "form":
        return True
    inner = type_.items if type_.kind == "array" and type_.items is not None else type_
    return kind == "multipart" and _is_form_data(media) and since_3_1(context) and inner.kind != "binary"


def _is_form_data(media: str) -> bool:
    return media.partition(";")[0].strip().lower() == FORM_DATA


def by_position(context: Context, inside: Node, media: str, type_: Type) -> tuple[Param, ...]:
    """How the items of a body that is a list of parts are written; the last one is how all further items are.

    OpenAPI 3.2.0, Encoding By Position. The parts of multipart/form-data have the names that their Content-Disposition
    tells (3.2.0, Additional Encoding Approaches); for those of other types no style counts.
    """
    if type_.kind != "array":
        return ()
    prefix, rest = inside.get("prefixEncoding"), inside.get("itemEncoding")
    first = prefix.elements() if prefix is not None else []
    if not first and rest is None and _is_form_data(media):
        _nameless(context, inside)
    usual = Param(
        words=("body",), wire_name="", location="field", type=type_.items or ANY, explode=True, place=inside.place
    )
    # A list among the items is one part, as a whole: only of a property is each item a part of its own.
    usual = replace(usual, media_type="application/json" if usual.type.kind == "array" else part_media(usual.type))
    positions = [_position(context, each, media, usual) for each in first]
    return *positions, _position(context, rest, media, usual) if rest is not None else usual


def _position(context: Context, declared: Node, media: str, usual: Param) -> Param:
    """How the item at one position is serialized. usual: the serialization if the document declares none."""
    content_type = declared.text("contentType")
    item = meant(context, usual.type, content_type) if content_type else usual.type
    named = _is_form_data(media)
    name = _part_name(context, declared) if named else ""
    if named and not name:
        _nameless(context, declared)
    counts = styled(context, declared, "multipart", media, item)
    if not counts and any(declared.value.get(key) is not None for key in _STYLED):
        context.lose(
            declared, "dropped", "it is written by its media type: a style counts in the parts of a form alone"
        )
    style = style_of(context, declared, "query") if counts else ""
    explode = declared.value.get("explode")
    return replace(
        usual,
        wire_name=name,
        type=item,
        style=style,
        explode=explode if counts and isinstance(explode, bool) else style in ("form", ""),
        media_type="" if counts else content_type or usual.media_type,
        headers=tuple(headers(context, declared, "multipart", media, positional=True)),
        place=declared.place,
    )


def _nameless(context: Context, declared: Node) -> None:
    context.lose(
        declared, "degraded", "the part is sent without a name: no Content-Disposition among its headers tells one"
    )


def _part_name(context: Context, declared: Node) -> str:
    """The name of a part that has none but in its Content-Disposition."""
    listed = declared.get("headers")
    for name, written in listed.items() if listed is not None else ():
        if name.lower() == "content-disposition" and (value := _value(context, context.document.follow(written))):
            message = Message()
            message["Content-Disposition"] = value
            parameter = message.get_param("name", header="content-disposition")
            return parameter if isinstance(parameter, str) else ""
    return ""


def headers(
    context: Context, declared: Node | None, kind: str, media: str, positional: bool = False
) -> Iterator[tuple[str, str]]:
    """The headers of a part whose value the document fixes; the others are in the ledger.

    positional: its name is taken from its Content-Disposition, and so that is no header of its own.
    """
    listed = declared.get("headers") if declared is not None else None
    if listed is None:
        return
    named = _is_form_data(media)
    for name, written in listed.items():
        if name.lower() == "content-type":  # OpenAPI: `contentType` describes it
            continue
        if named and positional and name.lower() == "content-disposition":
            continue
        reason = ""
        value = _value(context, context.document.follow(written))
        if kind != "multipart":
            reason = "only a multipart body has part headers"
        elif not urls.is_token(name):
            reason = "it is not a valid header name"
        elif named and name.lower() == "content-disposition":
            reason = "it contains the name of the part (RFC 7578, 4.2)"
        elif value is None:
            reason = "the document gives it no value: no `const`, single `enum`, `default` or example"
        elif not value.isascii() or not value.isprintable():
            reason = "its value is not printable ASCII"
        if reason or value is None:
            context.lose(written, "dropped", f"the header {name[:80]!r} of a part is not sent: {reason}")
        else:
            yield name, value


def _value(context: Context, header: Node) -> str | None:
    """The one value that a header has, or the one that the document shows."""
    schema = header.get("schema")
    declared = context.document.follow(schema).value if schema is not None else None
    declared = declared if isinstance(declared, dict) else {}
    many = declared.get("enum")
    shown = header.value if isinstance(header.value, dict) else {}
    examples = declared.get("examples")
    several = header.get("examples")
    for has, value in (
        ("const" in declared, declared.get("const")),
        (isinstance(many, list) and len(many) == 1, many[0] if isinstance(many, list) and many else None),
        ("default" in declared, declared.get("default")),
        ("example" in shown, shown.get("example")),
        *((True, _shown(context, each)) for _, each in (several.items() if several is not None else ())),
        ("example" in declared, declared.get("example")),
        (
            isinstance(examples, list) and bool(examples),
            examples[0] if isinstance(examples, list) and examples else None,
        ),
    ):
        if has and value is not None:
            return _text(value)
    return None


def _shown(context: Context, written: Node) -> Any:
    example = context.document.follow(written).value
    if not isinstance(example, dict):
        return None
    return next((example[key] for key in ("value", "dataValue", "serializedValue") if key in example), None)


def _text(value: Any) -> str | None:
    """A value in the style of a header, `simple`."""
    if isinstance(value, list):
        texts = [_text(item) for item in value if not isinstance(item, (list, dict))]
        return ",".join(text for text in texts if text is not None) if len(texts) == len(value) else None
    if isinstance(value, dict):
        return None
    return value if isinstance(value, str) else json.dumps(value)
