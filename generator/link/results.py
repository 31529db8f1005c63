"""What comes back: every response as written, and the result that a caller gets when all went well."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from ..ir import Content, Header, Param, Response, Result, Type, Words
from ..names import words
from ..read import schema_names
from ..read.openapi import Operation
from ..read.source import Node
from ..read.values import ANY
from ..text import seen
from .context import Context
from .media import body_kind, content_kind, named_examples, shown_by, streams, titled_examples


def responses(context: Context, operation: Operation, name: Words) -> Iterator[Response]:
    """Every response of an operation."""
    plain = _plain(operation)
    for status, node in operation.responses:
        content, headers = node.get("content"), node.get("headers")
        contents = []
        for media, written in content.items() if content else ():
            inside = context.document.follow(written)
            each = inside.get("itemSchema")  # of 3.2: one of what a sequence holds
            schema = inside.get("schema") or each
            type_ = ANY
            if schema is not None:
                part = _part(status, media, plain)
                called = f"{'_'.join(name)}.{'_'.join(part)}", (*name, *part)
                type_ = context.schemas.type(schema, *schema_names.shared(schema, called))
            kind = content_kind(media, type_)
            if schema is each and each is not None and kind != "events":
                type_ = Type(kind="array", items=type_)
            item = None
            if kind == "events":
                item = type_
                if each is not None and each is not schema:
                    called = f"{'_'.join(name)}.{'_'.join((*part, 'item'))}", (*name, *part, "item")
                    item = context.schemas.type(each, *schema_names.shared(each, called))
                elif streams(media):
                    item = _JSON  # the schema describes the whole response that comes without it
                elif type_.kind == "array" and type_.items is not None:
                    item = type_.items
            shown = list(named_examples(context.document, inside, media))
            if schema is not None and schema is not each and not shown:
                shown = [("", "", value) for value in shown_by(context.document, schema)]
            titles = tuple(title or name for name, title, _ in shown)
            names = tuple(name for name, _, _ in shown)
            contents.append(
                Content(
                    media_type=media,
                    kind=kind,
                    type=type_,
                    item=item,
                    examples=tuple(value for _, _, value in shown),
                    example_titles=titles if any(titles) else (),
                    example_names=names if names != titles else (),
                )
            )
        yield Response(
            status=status.upper() if status.endswith(("XX", "xx")) else status,
            description=node.text("description"),
            contents=tuple(contents),
            headers=tuple(
                _header(context, key, context.document.described(header))
                for key, header in (headers.items() if headers else ())
                if {"schema", "content"} & context.document.follow(header).value.keys()
            ),
            place=node.place,
        )


def _plain(operation: Operation) -> dict[str, str]:
    """The status of the result, and for each status the media type that is it: the first of JSON, else the first."""
    result = {}
    for status, node in operation.responses:
        content = node.get("content")
        offered = [media for media, _ in content.items()] if content else []
        if offered:
            result[status] = next((media for media in offered if body_kind(media) == "json"), offered[0])
    return result


def _part(status: str, media: str, plain: dict[str, str]) -> Words:
    """What is added to a function's name for what comes back; whatever is not the result or the error says what it is."""
    good = [each for each in plain if each.startswith("2")]
    part: Words = ("result",)
    if not status.startswith("2"):
        part = ("error", *words(status))
    elif status != next((each for each in good if body_kind(plain[each]) == "json"), good[0]):
        part = ("result", *words(status))
    return part if media == plain[status] else (*part, *schema_names.medium(media))


def _header(context: Context, key: str, node: Node) -> Header:
    """A header of a response; its own description is preferred to that of its schema."""
    content = node.get("content")
    media, inside = next(iter(content.items()), ("", node)) if content is not None else ("", node)
    inside = context.document.follow(inside)
    schema = inside.get("schema")
    type_ = context.schemas.type(schema, f"header.{key}", words(key)) if schema else ANY
    description = seen(node.text("description"))
    shown = [value for _, value in titled_examples(context.document, inside, media or "text/plain")]
    shown = shown or (shown_by(context.document, schema) if schema else [])
    return Header(
        name=key,
        type=replace(type_, description=description) if description else type_,
        required=node.flag("required"),
        media_type=media,
        examples=tuple(shown),
    )


_FOLLOWED = ("301", "302", "303", "307", "308", "3XX")


def result(
    context: Context,
    operation: Operation,
    responses: tuple[Response, ...],
    params: tuple[Param, ...],
    stream: str = "",
) -> Result:
    """What the successful responses give, taken together.

    stream: the argument that asks for events, where the catalog names it.
    """
    good = [r for r in responses if r.status.startswith("2")]
    follows = any(r.status in _FOLLOWED for r in responses)
    # After another method than GET and HEAD only 303 leads to a result (RFC 9110, 15.4.4).
    led = follows and not good and (operation.method == "GET" or any(r.status in ("303", "3XX") for r in responses))
    if not good and not led:
        good = [r for r in responses if r.status == "default"]
    contents = [(r.status, c) for r in good for c in r.contents]
    empty = any(not r.contents for r in good) or not good or any(r.status == "304" for r in responses)
    if operation.method == "HEAD":
        return Result(kind="empty", may_be_empty=True, follows=follows)
    if led:
        # The document does not describe what another server then answers.
        led_to = Content(media_type="*/*", kind="binary", type=ANY)
        return Result(kind="binary", media_type="*/*", contents=(("2XX", led_to),), follows=True)
    if not contents:
        return Result(kind="empty", may_be_empty=True, follows=follows)
    first = next((c for _, c in contents if c.kind == "json"), contents[0][1])
    stream = stream or _asks_for_events(contents, params)
    if stream and all(c.kind != "events" for _, c in contents):
        context.lose(
            operation.node, "degraded", f"the events selected by {stream!r} are not described: each is read as JSON"
        )
        status = next(status for status, c in contents if c is first)
        contents.append((status, Content(media_type="text/event-stream", kind="events", type=_JSON, item=_JSON)))
    alternatives = []
    for _, c in contents:
        if c.kind == first.kind and c.type not in alternatives:
            alternatives.append(c.type)
    type_ = alternatives[0] if len(alternatives) == 1 else Type(kind="union", members=tuple(alternatives))
    return Result(
        kind=first.kind,
        type=type_,
        media_type=first.media_type,
        may_be_empty=empty,
        contents=tuple((status, _without_examples(c)) for status, c in contents),
        stream=stream,
        follows=follows,
    )


def _without_examples(content: Content) -> Content:
    return replace(content, examples=(), example_titles=(), example_names=()) if content.examples else content


_JSON = Type(kind="map", items=ANY)
_TELLS = re.compile(r"server-sent|event[- ]stream|\bSSE\b", re.IGNORECASE)
"""The description of an argument that asks for events, where these are not declared."""


def _asks_for_events(contents: list[tuple[str, Content]], params: tuple[Param, ...]) -> str:
    """The argument `stream` where it is what decides whether events come, as APIs of language models have it.

    Many of their documents declare JSON alone, and tell of the events in the description of the argument.
    """
    kinds = {content.kind for _, content in contents}
    declared = "events" in kinds
    if kinds == {"events"}:
        return ""
    called = {"stream", *(streams(content.media_type) for _, content in contents)}
    asking = (p for p in params if p.wire_name in called and p.location in ("field", "query"))
    return next(
        (
            "_".join(p.words)
            for p in asking
            if p.type.kind == "boolean" and (declared or ("json" in kinds and _TELLS.search(p.description)))
        ),
        "",
    )
