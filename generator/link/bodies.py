"""The body of an operation: how it is put together, and the fields that become arguments."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ..ir import Body, Model, Param, Type, Words
from ..read import schema_names
from ..read.openapi import Operation
from ..read.source import Node
from ..read.values import ANY
from ..text import seen
from . import encoding as encodings
from . import rules
from .context import Context
from .media import FORM_DATA, PREFERRED, body_kind, listed, part_media, sent_as, titled_examples
from .parameters import style_of


def body_of(context: Context, operation: Operation, name: Words) -> tuple[Body | None, list[Param]]:
    """The body, and the arguments that it is put together from: itself, or its fields. name: of the function."""
    content = operation.body.get("content") if operation.body else None
    offered = list(content.items()) if content else []
    if operation.body is None or not offered:
        return None, []
    offered.sort(key=lambda item: (PREFERRED.index(body_kind(item[0])), "*" in item[0]))
    inside = context.document.follow(offered[0][1])
    schema = inside.get("schema")
    called = f"{'_'.join(name)}.request", (*name, "request")
    type_ = context.schemas.type(schema, *schema_names.shared(schema, called)) if schema else ANY
    if listed(offered[0][0]):
        type_ = _list(context, inside, type_, name)
    kind, media = sent_as(offered[0][0], type_)
    if kind == "form" and context.schemas.opened(type_).kind == "string":
        kind = "text"  # a form that its caller has written
    also = tuple(m for m, _ in offered if m != media)
    if kind == "text" and "xml" in media:
        context.lose(operation.body, "degraded", f"{media} is sent as text, unchanged")
    encoding = inside.get("encoding")
    model = context.schemas.models.get(type_.model) if type_.kind == "model" and not type_.nullable else None
    flattened = model is not None and kind in ("json", "form", "multipart") and bool(model.fields)
    beside = next(
        (item for item in offered[1:] if kind == "json" and flattened and item[0].startswith(FORM_DATA)), None
    )
    form, parts = _form(context, beside, name) if beside else (None, None)
    if others := [m for m, _ in offered[1:] if not (beside and m.startswith(FORM_DATA))]:
        context.lose(operation.body, "degraded", f"sent as {media}; also offered: {', '.join(others)}")
    # The document's default is `required: false`, yet a body whose own fields are required is meant to be sent.
    required = operation.body.flag("required") or (
        flattened and model is not None and any(f.required for f in model.fields)
    )
    shown = list(titled_examples(context.document, inside, media))
    body = Body(
        media_type=media,
        kind=kind,
        type=type_,
        required=required,
        flattened=flattened,
        also=also,
        description=operation.body.text("description"),
        positions=encodings.by_position(context, inside, media, type_) if kind == "multipart" else (),
        examples=tuple(value for _, value in shown),
        example_titles=tuple(title for title, _ in shown) if any(title for title, _ in shown) else (),
    )
    if not flattened or model is None:
        for part, described in encoding.items() if encoding else ():
            context.lose(described, "dropped", f"the encoding of {part!r} has no matching part")
        whole = Param(
            words=("body",),
            wire_name="body",
            location="body",
            type=_whole(context, kind, media, type_),
            required=required,
            media_type=media,
            description=seen(type_.description) or operation.body.text("description"),
            examples=body.examples,
            place=operation.body.place,
        )
        return body, [whole]
    sent = [f.wire_name for f in model.fields if not f.read_only]
    conditional = []
    rest = model.additional is not None and (model.additional.kind != "any" or _open(context, schema))
    for rule in rules.of_fields(model.rules, sent, context.schemas.rules.definitions, rest):
        if isinstance(rule, rules.Untold):
            context.lose(operation.body, "degraded", f"{rule} is not checked: it applies to the whole body")
        else:
            conditional.append(rule if required else rules.unless_left_out(rule, [*sent, *[rules.REST] * rest]))
    body = replace(body, rules=tuple(conditional))
    fields = _fields(context, model, encoding, kind, media)
    if form is not None and form.kind == "model":
        needed = [p.wire_name for p in fields if p.required]
        whole_form = context.schemas.models[form.model]
        fields = _with_parts(context, fields, whole_form, parts)
        if alone := [p.wire_name for p in fields if p.multipart]:
            body = replace(body, rules=_either(context, operation, body, needed, fields, whole_form, alone))
    if rest and model.additional is not None:
        fields.append(
            Param(
                words=("extra", "body"),
                wire_name="",
                location="field",
                type=Type(kind="map", items=model.additional),
                explode=True,
                rest=True,
                media_type=part_media(model.additional) if kind == "multipart" else "",
                description="Additional properties of the body.",
                place=operation.body.place,
            )
        )
    return body, fields


def _list(context: Context, inside: Node, type_: Type, name: Words) -> Type:
    """The type of a sequence of items: a list of the type of `itemSchema` (3.2), or else of the schema."""
    each = inside.get("itemSchema")
    if each is not None:
        called = f"{'_'.join(name)}.request.item", (*name, "request", "item")
        type_ = context.schemas.type(each, *schema_names.shared(each, called))
    elif context.schemas.opened(type_).kind == "array":
        return type_
    return Type(kind="array", items=type_)


def _form(context: Context, offered: tuple[str, Node], name: Words) -> tuple[Type, Node | None]:
    """The schema of a form that is offered beside JSON, and the description of its parts."""
    inside = context.document.follow(offered[1])
    schema = inside.get("schema")
    called = f"{'_'.join(name)}.form", (*name, "form")
    return (context.schemas.type(schema, *schema_names.shared(schema, called)) if schema else ANY), inside.get(
        "encoding"
    )


def _fields(context: Context, model: Model, encoding: Node | None, kind: str, media: str) -> list[Param]:
    """The properties of a body, as arguments."""
    fields = []
    for f in model.fields:
        if f.read_only:
            continue
        type_ = context.schemas.opened(f.type)
        declared = encoding.get(f.wire_name) if encoding else None
        if kind == "multipart":
            content_type = declared.text("contentType") if declared else ""
            type_ = encodings.meant(context, type_, content_type)
            if declared and encodings.written_as_text(content_type, type_):
                context.lose(declared, "degraded", f"{content_type} is sent as text, unchanged")
                text = Type(kind="string", description=type_.description)
                type_ = replace(type_, items=text) if type_.kind == "array" else text
        styled = encodings.styled(context, declared, kind, media, type_)
        style = style_of(context, declared, "query") if declared and styled else ""
        explode = declared.value.get("explode") if declared and styled else None
        fields.append(
            Param(
                words=f.words,
                wire_name=f.wire_name,
                location="field",
                type=type_,
                required=f.required,
                style=style,
                explode=explode if isinstance(explode, bool) else style in ("form", ""),
                # In multipart/form-data nothing is escaped (3.1.2, Encoding Object).
                allow_reserved=styled and declared is not None and kind == "form" and declared.flag("allowReserved"),
                media_type=(
                    ""
                    if styled
                    else (declared.text("contentType") if declared else "")
                    or (part_media(type_) if kind == "multipart" else "")
                ),
                headers=tuple(encodings.headers(context, declared, kind, media)),
                file_texts=encodings.file_texts(context, type_) if kind == "multipart" else "",
                description=f.description,
                deprecated=f.deprecated,
                place=f.place,
            )
        )
    return fields


def _with_parts(context: Context, fields: list[Param], form: Model, encoding: Node | None) -> list[Param]:
    """The fields of JSON and those of the form that is offered beside it, each a way to send the same body.

    What only the form has is sent as one. Where it has such, nothing is required but what both require.
    """
    parts = {part.wire_name: part for part in _fields(context, form, encoding, "multipart", FORM_DATA)}
    known = {p.wire_name for p in fields}
    alone = [replace(p, required=False, multipart=True) for p in parts.values() if p.wire_name not in known]
    params = []
    for p in fields:
        part = parts.get(p.wire_name)
        params.append(
            replace(
                p,
                required=p.required and (not alone or (part is not None and part.required)),
                media_type=part.media_type if part is not None else "",
                style=part.style if part is not None else "",
                explode=part.explode if part is not None else p.explode,
                headers=part.headers if part is not None else (),
                file_texts=part.file_texts if part is not None else "",
            )
        )
    return [*params, *alone]


def _either(
    context: Context,
    operation: Operation,
    body: Body,
    needed: list[str],
    fields: list[Param],
    form: Model,
    alone: list[str],
) -> tuple[dict[str, Any], ...]:
    """What the fields of JSON, and what those of the form beside it must fit together.

    needed: what the JSON requires. alone: what only the form has, whose presence says that it is meant.
    """
    still = {p.wire_name for p in fields if p.required}
    own = [p.wire_name for p in fields]
    of_json: list[dict[str, Any]] = [*body.rules]
    if freed := [name for name in needed if name not in still]:
        missing = {"required": freed}
        of_json.append(missing if body.required else rules.unless_left_out(missing, own))
    of_form: list[dict[str, Any]] = []
    required = [f.wire_name for f in form.fields if f.required and not f.read_only and f.wire_name not in still]
    if required and (
        required != alone or len(alone) > 1
    ):  # the one whose presence selects the form need not be required
        of_form.append({"required": required})
    for rule in rules.of_fields(form.rules, own, context.schemas.rules.definitions):
        if isinstance(rule, rules.Untold):
            context.lose(operation.node, "degraded", f"{rule} is not checked: it applies to the whole form")
        else:
            of_form.append(rule)
    return (
        *(rules.unless_given(rule, alone) for rule in of_json),
        *(rules.unless_left_out(rule, alone) for rule in of_form),
    )


def _open(context: Context, schema: Node | None) -> bool:
    """Whether a schema explicitly allows additional properties, and does not merely leave them unmentioned."""
    value = context.document.follow(schema).value if schema is not None else None
    return isinstance(value, dict) and value.get("additionalProperties") in (True, {})


def _whole(context: Context, kind: str, media: str, type_: Type) -> Type:
    """The type of a body that is passed whole and sent unchanged, whatever its schema describes: a plain text may
    be that of a number or a boolean."""
    if kind == "binary":
        return Type(kind="binary", format="binary")
    if kind != "text":
        return type_
    plain = media.partition(";")[0].strip().lower().startswith("text/") and not media.endswith(("xml", "yaml"))
    primitive = context.schemas.opened(type_).kind in ("string", *(("boolean", "integer", "number") if plain else ()))
    return type_ if primitive else Type(kind="string")
