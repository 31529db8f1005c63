"""The arguments of a function: its parameters and the fields of its body, by names that are told apart."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Hashable, Iterator
from dataclasses import replace
from itertools import chain
from typing import Any

from .. import names
from ..errors import Finding
from ..ir import Body, Deprecation, Model, Param, Type, Words
from ..names import words
from ..read import schema_names, urls
from ..read.catalog_model import DeprecatedEntry, FunctionEntry, HeaderEntry, ParameterEntry
from ..read.openapi import Operation, key_of
from ..read.source import Node
from ..read.values import ANY
from ..read.vendor_extensions import Wish
from ..text import seen
from . import encoding as encodings
from . import rules
from .context import Context
from .identity import apart, spellings
from .media import FORM_DATA, PREFERRED, body_kind, examples_of, listed, part_media, sent_as, titled_examples
from .paths import placed

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
"""Headers that the media types of an operation speak for, whatever a parameter says."""
_FRAMING = ("content-length", "transfer-encoding")
"""Headers by which a message is delimited (RFC 9112, 6): they follow from what is sent."""
_BOUND = re.compile(r"(.*[^<>=])([<>])(=?)")
_ORDER = ("path", "body", "field", "query", "header", "cookie")


def arguments(
    context: Context, operation: Operation, entry: FunctionEntry | None, name: Words
) -> tuple[str, tuple[Param, ...], Body | None]:
    """The path, the arguments of an operation and how its body is put together; `entry` is the catalog's."""
    for each in operation.repeated:
        what = f"the parameter {each.text('name')!r} in {each.text('in')} stands twice in one list; the last is read"
        context.lose(each, "kept", what)
    for each in operation.nameless:
        context.lose(each, "dropped", f"a parameter in {each.text('in')} has no name and is not sent")
    sent = [_param(context, each, name) for each in operation.params if _sendable(context, each)]
    path, found = placed(context, operation, sent)
    body, fields = _body(context, operation, name)
    said = entry.parameters if entry else {}
    known = {p.wire_name for p in (*found, *fields)}
    for key, written in said.items():
        if key not in known:
            if not isinstance(written.node("name"), Wish):
                context.unknown(written.at, "parameter", key, known)
        elif written.array_format and all(p.style != "deepObject" for p in (*found, *fields) if p.wire_name == key):
            what = f"{key!r} is not written in the style deepObject, and array_format is about that alone"
            hint = "remove it, or give the parameter that style in the document"
            context.findings.append(Finding(written.node("array_format").place, what, hint))
    every = [_told(p, said[p.wire_name]) if p.wire_name in said else p for p in (*found, *fields)]
    named = {key for key, each in said.items() if each.name and not isinstance(each.node("name"), Wish)}
    named |= {p.wire_name for p in every if p.location == "header" and _header(context, p.wire_name)}
    every = _apart(context, every, operation.node, named)
    every.sort(key=lambda p: (not p.required, _ORDER.index(p.location)))
    return path, tuple(every), body


def _told(p: Param, said: ParameterEntry) -> Param:
    """The argument with what the catalog says of it."""
    return replace(
        p,
        words=words(said.name) if said.name else p.words,
        description=seen(said.description) or p.description,
        deprecated=p.deprecated or said.deprecated is not None,
        deprecation=deprecation(said.deprecated) or p.deprecation,
        array_format=said.array_format if p.style == "deepObject" and said.array_format != "repeat" else "",  # type: ignore[arg-type]
    )


def _apart(context: Context, params: list[Param], node: Node, named: Collection[str]) -> list[Param]:
    """Arguments that would be called alike are told apart: by where they travel, else by the signs of their names.

    One keeps the plain name, the same whatever order they stand in. named: those that the catalog names, which keep
    that; where two of them are alike, both places are cited.
    """
    alike: defaultdict[str, list[Param]] = defaultdict(list)
    for p in params:
        alike[str(names.SNAKE.spell(p.words))].append(p)
    plain = {
        name: min(rivals, key=lambda p: (p.wire_name not in named, *_claim(p, name))) for name, rivals in alike.items()
    }
    called = []
    for p in params:
        name = str(names.SNAKE.spell(p.words))
        keeper = plain[name]
        elsewhere = keeper is not p and keeper.location != p.location and p.wire_name not in named
        called.append((p.location, *p.words) if elsewhere else p.words)
    kept = {id(p) for p in plain.values()}
    free = [index for index, p in enumerate(params) if p.wire_name not in named]
    ways = [
        (
            chain([called[index]], _more(params[index]))
            if id(params[index]) in kept or called[index] != params[index].words
            else _more(params[index])
        )
        for index in free
    ]
    taken: set[Hashable] = {claim for p in params if p.wire_name in named for claim in _spelled(0, p.words)}
    found = apart(
        ways,
        _spelled,
        taken,
        sorted(range(len(free)), key=lambda n: (params[free[n]].location, params[free[n]].wire_name)),
        lambda each, n: (*each, str(n)),
    )
    for index, own in zip(free, found, strict=True):
        called[index] = own
    result = []
    for p, own in zip(params, called, strict=True):
        if own != p.words:
            p = replace(p, words=own)
            what = f"{p.wire_name!r} in {p.location} is called {'_'.join(own)!r}: the name is taken"
            context.lose(node, "degraded", what)
        result.append(p)
    context.findings.extend(names.collisions(names.SNAKE, [(p.words, p.wire_name, p.place) for p in result]))
    for p, flag, other in names.flags_of(result).clashes:
        if {p.wire_name, other.wire_name} & set(named):
            what = f"the flag --{flag} of {p.wire_name!r} belongs to {other.wire_name!r} at {other.place}"
            context.findings.append(Finding(p.place, what, "rename one of them in the catalog"))
    return result


def _claim(p: Param, name: str) -> tuple[int, bool, bool, str]:
    """The least has the plain name: what stands in the path, what no words tell apart, what is written so."""
    return _ORDER.index(p.location), next(_more(p)) != p.words, p.wire_name != name, p.wire_name


def _more(p: Param) -> Iterator[Words]:
    """Longer ways to call an argument. `StartTime<` bounds a time from above."""
    comparison = _BOUND.fullmatch(p.wire_name)
    if comparison:
        low, high = ("after", "before") if _is_time(p) else ("above", "below")
        equal = ("or", "at") if comparison[3] else ()
        yield (*words(comparison[1]), *equal, low if comparison[2] == ">" else high)
    yield from spellings(p.wire_name)


def _is_time(p: Param) -> bool:
    return p.type.format in ("date", "date-time", "time") or not {"date", "time", "created", "updated"}.isdisjoint(
        p.words
    )


def _spelled(index: int, called: Words) -> Iterator[tuple[str, str]]:
    yield from (("", str(convention.spell(called))) for convention in (names.SNAKE, names.PYTHON, names.LUA))


def _sendable(context: Context, node: Node) -> bool:
    """Whether the parameter's name can be sent where it stands; one that cannot is in the ledger."""
    name, location = node.text("name"), node.text("in")
    if location == "header" and name.lower() in _NEGOTIATED:
        # OpenAPI, Parameter Object: `in`. Sent as well, it would contradict what is sent.
        context.lose(node, "dropped", f"{name} is no parameter in OpenAPI: the media types of body and answers say it")
        return False
    if location == "header" and name.lower() in _FRAMING:
        context.lose(
            node, "dropped", f"{name} is no argument: it is worked out from the body that is sent (RFC 9112, 6)"
        )
        return False
    if _is_credential(context, node):
        what = f"{name} is no parameter in OpenAPI, where security schemes say it: it can be given, and need not be"
        context.lose(node, "kept", what)
    if location not in ("header", "cookie") or urls.is_token(name):
        return True
    context.lose(
        node, "dropped", f"{name[:80]!r} can be no {location}'s name: it takes letters, digits and !#$%&'*+.^_`|~-"
    )
    return False


def _is_credential(context: Context, node: Node) -> bool:
    """Whether a parameter is the header that is for security schemes to describe: from 3.0 on, it is then ignored."""
    return (
        node.text("in") == "header"
        and node.text("name").lower() == "authorization"
        and context.document.swagger is None
    )


def _style(context: Context, node: Node, location: str) -> str:
    """How a value is written; the location's own where the document names none, or one that the location has not."""
    said, known = node.text("style"), _STYLES[location]
    if location == "query" and context.document.swagger is not None:
        known = (*known, *_OF_SWAGGER)
    if said and said not in known:
        context.lose(
            node, "degraded", f"the style {said[:80]!r} is none of a {location} parameter; {known[0]!r} is taken"
        )
    return said if said in known else known[0]


def _param(context: Context, node: Node, name: Words) -> Param:
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
    found = context.schemas.type(schema, *schema_names.shared(schema, called)) if schema else ANY
    style = _style(context, node, location)
    if location == "querystring":  # all of a query, whatever its name
        location = "query"
    since_3_2 = context.document.root.text("openapi") >= "3.2"  # where it has a meaning in paths and cookies too
    explode = node.value.get("explode")
    header = _header(context, wire) if location == "header" else None
    encoding = header.encoding if header else ""  # what the document shows is then the wire value, not the argument
    if header and encoding == "wait":
        found = Type(kind="integer", minimum=header.minimum, maximum=header.maximum)
    return Param(
        words=words(header.name) if header else words(wire),
        wire_name=wire,
        location=location,  # type: ignore[arg-type]
        type=found,
        required=location == "path" or (node.flag("required") and not _is_credential(context, node)),
        style=style,
        explode=explode if isinstance(explode, bool) else style in ("form", "cookie"),
        allow_reserved=node.flag("allowReserved") and (location == "query" or since_3_2),
        media_type=media,
        encoding=encoding,  # type: ignore[arg-type]
        description=(seen(header.description) if header else "") or seen(node.text("description")) or found.description,
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


_DAY = re.compile(r"\d{4}-\d{2}-\d{2}(?=$|[Tt ])")


def deprecation(said: DeprecatedEntry | None, node: Node | None = None) -> Deprecation | None:
    """What the catalog says of something that will go, else the day of `x-sunset` where the document deprecates it."""
    if said:
        return Deprecation(since=said.since, removed=said.removed, use=said.use)
    day = _DAY.match(node.text("x-sunset")) if node is not None and node.flag("deprecated") else None
    return Deprecation(removed=day[0]) if day else None


def _header(context: Context, wire: str) -> HeaderEntry | None:
    listed = context.catalog.headers if context.catalog else {}
    return next((said for key, said in listed.items() if key.lower() == wire.lower()), None)


def _body(context: Context, operation: Operation, name: Words) -> tuple[Body | None, list[Param]]:
    content = operation.body.get("content") if operation.body else None
    offered = list(content.items()) if content else []
    if operation.body is None or not offered:
        return None, []
    offered.sort(key=lambda item: (PREFERRED.index(body_kind(item[0])), "*" in item[0]))
    inside = context.document.follow(offered[0][1])
    schema = inside.get("schema")
    called = f"{'_'.join(name)}.request", (*name, "request")
    found = context.schemas.type(schema, *schema_names.shared(schema, called)) if schema else ANY
    if listed(offered[0][0]):
        found = _list(context, inside, found, name)
    kind, media = sent_as(offered[0][0], found)
    also = tuple(m for m, _ in offered if m != media)
    if kind == "text" and "xml" in media:
        context.lose(operation.body, "degraded", f"{media} is sent as the text that it is given as")
    encoding = inside.get("encoding")
    model = context.schemas.models.get(found.model) if found.kind == "model" and not found.nullable else None
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
        type=found,
        required=required,
        flattened=flattened,
        also=also,
        description=operation.body.text("description"),
        positions=encodings.by_position(inside, found) if kind == "multipart" and found.kind == "array" else (),
        examples=tuple(value for _, value in shown),
        example_titles=tuple(title for title, _ in shown) if any(title for title, _ in shown) else (),
    )
    if body.positions:
        shown_headers = encodings.headers_by_position(context, inside, media, len(body.positions))
        body = replace(body, position_headers=shown_headers)
    if not flattened or model is None:
        for part, described in encoding.items() if encoding else ():
            context.lose(described, "dropped", f"what is said of the part {part!r} has no part to hold for")
        whole = Param(
            words=("body",),
            wire_name="body",
            location="body",
            type=_whole(context, kind, media, found),
            required=required,
            media_type=media,
            description=seen(found.description) or operation.body.text("description"),
            examples=body.examples,
            place=operation.body.place,
        )
        return body, [whole]
    sent = [f.wire_name for f in model.fields if not f.read_only]
    told = []
    rest = model.additional is not None and (model.additional.kind != "any" or _open(context, schema))
    for rule in rules.of_fields(model.rules, sent, context.schemas.rules.definitions, rest):
        if isinstance(rule, rules.Untold):
            context.lose(operation.body, "degraded", f"{rule} is not checked: it is about the body as a whole")
        else:
            told.append(rule if required else rules.unless_left_out(rule, [*sent, *[rules.REST] * rest]))
    body = replace(body, rules=tuple(told))
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
                description="Properties of the body beyond the other arguments.",
                place=operation.body.place,
            )
        )
    return body, fields


def _list(context: Context, inside: Node, found: Type, name: Words) -> Type:
    """What is sent one after the other: a list of what `itemSchema` of 3.2, or else the schema, describes."""
    each = inside.get("itemSchema")
    if each is not None:
        called = f"{'_'.join(name)}.request.item", (*name, "request", "item")
        found = context.schemas.type(each, *schema_names.shared(each, called))
    elif context.schemas.opened(found).kind == "array":
        return found
    return Type(kind="array", items=found)


def _form(context: Context, offered: tuple[str, Node], name: Words) -> tuple[Type, Node | None]:
    """The schema of a form that is offered beside JSON, and what is said of its parts."""
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
        given = context.schemas.opened(f.type)
        said = encoding.get(f.wire_name) if encoding else None
        if kind == "multipart":
            content_type = said.text("contentType") if said else ""
            given = encodings.meant(context, given, content_type)
            if said and encodings.written_as_text(content_type, given):
                context.lose(said, "degraded", f"{content_type} is sent as the text that it is given as")
                text = Type(kind="string", description=given.description)
                given = replace(given, items=text) if given.kind == "array" else text
        styled = encodings.styled(context, said, kind, media, given)
        style = _style(context, said, "query") if said and styled else ""
        explode = said.value.get("explode") if said and styled else None
        fields.append(
            Param(
                words=f.words,
                wire_name=f.wire_name,
                location="field",
                type=given,
                required=f.required,
                style=style,
                explode=explode if isinstance(explode, bool) else style in ("form", ""),
                # In multipart/form-data nothing is escaped (3.1.2, Encoding Object).
                allow_reserved=styled and said is not None and kind == "form" and said.flag("allowReserved"),
                media_type=(
                    ""
                    if styled
                    else (said.text("contentType") if said else "")
                    or (part_media(given) if kind == "multipart" else "")
                ),
                headers=tuple(encodings.headers(context, said, kind, media)),
                file_texts=encodings.file_texts(context, given) if kind == "multipart" else "",
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
    found = []
    for p in fields:
        part = parts.get(p.wire_name)
        found.append(
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
    return [*found, *alone]


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
    asked = [f.wire_name for f in form.fields if f.required and not f.read_only and f.wire_name not in still]
    if asked and asked != alone:  # one that is there needs not be asked for
        of_form.append({"required": asked})
    for rule in rules.of_fields(form.rules, own, context.schemas.rules.definitions):
        if isinstance(rule, rules.Untold):
            context.lose(operation.node, "degraded", f"{rule} is not checked: it is about the form as a whole")
        else:
            of_form.append(rule)
    return (
        *(rules.unless_given(rule, alone) for rule in of_json),
        *(rules.unless_left_out(rule, alone) for rule in of_form),
    )


def _open(context: Context, schema: Node | None) -> bool:
    """Whether a schema says itself that it takes properties beyond its own, and does not merely leave it open."""
    found = context.document.follow(schema).value if schema is not None else None
    return isinstance(found, dict) and found.get("additionalProperties") in (True, {})


def _whole(context: Context, kind: str, media: str, found: Type) -> Type:
    """A body that is not put together from values is given as it is, whatever its schema describes: a plain text may
    be that of a number or a boolean."""
    if kind == "binary":
        return Type(kind="binary", format="binary")
    if kind != "text":
        return found
    plain = media.partition(";")[0].strip().lower().startswith("text/") and not media.endswith(("xml", "yaml"))
    primitive = context.schemas.opened(found).kind in ("string", *(("boolean", "integer", "number") if plain else ()))
    return found if primitive else Type(kind="string")
