"""Requests that the API makes: `webhooks` and `callbacks`, what their bodies hold and how they are signed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from .. import names
from ..ir import Event, Function, Words
from ..names import words
from ..read import schema_names
from ..read.openapi import Operation, methods, strange
from ..read.source import Node
from ..text import seen
from .context import Context
from .identity import apart
from .media import body_kind

_SIGNED = {"webhook-id", "webhook-timestamp", "webhook-signature"}
"""The headers of a request that is signed by Standard Webhooks."""


@dataclass(frozen=True)
class _Made:
    """One request, before it has a name among the others."""

    key: str
    method: str
    node: Node
    what: str
    function: Function | None = None
    url: str = ""


def events(context: Context, operations: Sequence[Operation], made: Sequence[Function]) -> tuple[Event, ...]:
    """The events with a JSON body, each with a unique name; the ledger lists the others."""
    results = [each for each in _requests(context, operations, made) if _body(context, each)]
    called = apart(
        [_ways(each) for each in results],
        lambda _, route: [str(names.PYTHON.spell(route[1]))],
        set(),
        range(len(results)),
        lambda outcome, number: (outcome[0], (*outcome[1], str(number))),
        lambda option: (option[0],),
    )
    return tuple(_event(context, each, result) for each, (_, result) in zip(results, called, strict=True))


def _requests(context: Context, operations: Sequence[Operation], made: Sequence[Function]) -> Iterator[_Made]:
    document = context.document
    hooks = document.root.get("webhooks")
    for name, node in hooks.items() if hooks else ():
        yield from _of_item(context, node, name, f"the webhook {name!r}", None)
    for operation, function in zip(operations, made, strict=True):
        callbacks = operation.node.get("callbacks")
        for name, node in callbacks.items() if callbacks else ():
            for expression, item in document.joined(node).items() if not name.startswith("x-") else ():
                if not expression.startswith("x-"):
                    what = f"the callback {name!r} of {operation.method} {operation.path} at {expression}"
                    yield from _of_item(context, item, name, what, function, expression)


def _of_item(
    context: Context, node: Node, name: str, what: str, function: Function | None, url: str = ""
) -> Iterator[_Made]:
    item = context.document.joined(node)
    results = list(methods(item))
    for method, each in results:
        yield _Made(name, method, each, what, function, url)
    if not results:
        context.lose(node, "dropped", f"{what} is not rendered")
    for each, reason in strange(item, f"of {what}"):
        context.lose(each, "dropped", reason)


def _body(context: Context, made: _Made) -> bool:
    """Whether it has a body that can be read; the ledger says which have none."""
    if _schema(context, made) is not None:
        return True
    context.lose(made.node, "dropped", f"{made.method} of {made.what} is not rendered: it has no JSON body")
    return False


def _schema(context: Context, made: _Made) -> Node | None:
    body = context.document.joined(made.node).get("requestBody")
    content = context.document.follow(body).get("content") if body is not None else None
    for media, written in content.items() if content else ():
        schema = context.document.follow(written).get("schema")
        if schema is not None and body_kind(media) == "json":
            return schema
    return None


def _ways(made: _Made) -> Iterator[tuple[bool, Words]]:
    """Ways to call it, the plainest first; a webhook's plain name is its own, whatever a callback is called."""
    plain = words(made.key) if any(map(str.isalnum, made.key)) else ("event",)
    yield made.function is None, plain
    if made.function is not None:
        yield False, (*made.function.words, *plain)
    yield False, (*plain, made.method.lower())
    if made.function is not None:
        yield False, (*made.function.words, *plain, made.method.lower())


def _event(context: Context, made: _Made, called: Words) -> Event:
    node, schema = context.document.joined(made.node), _schema(context, made)
    assert schema is not None, "only requests with a body are supported"
    key = "_".join(called)
    type_ = context.schemas.type(schema, *schema_names.shared(schema, (f"{key}.event", (*called, "event"))))
    listed = node.get("parameters")
    headers = [context.document.described(each) for each in listed.elements()] if listed else []
    sent = {each.text("name").lower() for each in headers if each.text("in") == "header"}
    responses = node.get("responses")
    return Event(
        name=key,
        words=called,
        key=made.key,
        method=made.method,
        function=made.function.name if made.function is not None else "",
        type=type_,
        url=made.url,
        headers=tuple(sorted(sent)),
        answers=tuple(status for status, _ in responses.items() if status[:1] == "2") if responses else (),
        summary=seen(node.text("summary")),
        description=seen(node.text("description")),
        signed=sent >= _SIGNED,
        place=made.node.place,
    )
