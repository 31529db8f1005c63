"""What a function may answer, as every surface reads it: by status and media type."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ...ir import Api, Content, Function, Model, Type, opened

_EVENTS = "text/event-stream"
_PLAIN = {"json": "application/json", "events": _EVENTS}
"""What is asked for where an operation gives one kind of answer and no more is said."""
_MOST_EVENTS = 1_000
"""Alternatives of one event, and of those."""


@dataclass(frozen=True, slots=True)
class Answered:
    """One representation of a success, and what its value means."""

    status: str
    media_type: str
    kind: str
    type: Type
    """Of events: that of one of them."""
    enveloped: bool = False
    """Of events: they are described whole, as objects with `data` beside `event` and `id`."""
    text: bool = False
    """Of such: their `data` is described as text, and not as what the text stands for."""


def answers(api: Api, function: Function) -> tuple[Answered, ...]:
    """What may come back when all went well."""
    results = []
    for status, content in function.result.contents:
        models = _events(api, content) if content.item is not None else []
        data = [field.type for model in models for field in model.fields if field.wire_name == "data"]
        text = all(opened(type_, api.types).kind == "string" for type_ in data)
        type_ = content.item or content.type
        results.append(Answered(status, content.media_type, content.kind, type_, bool(models), bool(data) and text))
    return tuple(results)


def kind(each: Answered) -> str:
    """How it is read; of a range that nothing more is said of, as what it turns out to be."""
    return "any" if each.media_type == "*/*" and each.type.kind == "any" else each.kind


def form(each: Answered) -> str:
    """What is made of an event: what its JSON stands for, the event with it, or the event as it came."""
    if each.kind != "events" or each.type.kind in ("any", "string", "binary"):
        return ""
    if each.enveloped:
        return "event" if each.text else "event of json"
    return "data"


def plain(function: Function) -> bool:
    """Whether its kind says all there is to say of its answers."""
    outcome = function.result.contents
    first = outcome[0][1] if outcome else None
    return first is None or (
        all(c.media_type == first.media_type and c.kind == first.kind and c.type == first.type for _, c in outcome)
        and first.kind != "events"
        and _PLAIN.get(first.kind) == first.media_type
    )


def accept(function: Function) -> str:
    """The header `Accept`: every declared media type as it is declared, those first that the result is read as.

    RFC 9110, 12.5.1: it is the weight that says which is preferred, and not the order.
    """
    ordered = _preferred(function, lambda content: content.kind == function.result.kind)
    return _weighted(ordered)


def accept_events(function: Function) -> str:
    """The same for a call that asks for events; empty where there are none."""
    if all(content.kind != "events" for _, content in function.result.contents):
        return ""
    return _weighted(_preferred(function, lambda content: content.kind == "events"))


def _preferred(function: Function, wanted: Callable[[Content], bool]) -> list[tuple[str, bool]]:
    """(media type, whether it is one that is wanted), each once, the wanted ones first."""
    entries = {content.media_type: wanted(content) for _, content in function.result.contents}
    return sorted(entries.items(), key=lambda pair: not pair[1])


def _weighted(ordered: list[tuple[str, bool]]) -> str:
    if not any(wanted for _, wanted in ordered):
        return ", ".join(media for media, _ in ordered)
    return ", ".join(media if wanted else f"{media};q=0.5" for media, wanted in ordered)


def _events(api: Api, content: Content) -> list[Model]:
    """The objects that describe the events of a stream whole, with `data` beside `event` or `id`; none where what is
    described is that which their data stands for."""
    if content.item is None or content.media_type.partition(";")[0].strip().lower() != _EVENTS:
        return []
    results: list[Model] = []
    todo = [content.item]
    for _ in range(_MOST_EVENTS):
        if not todo:
            return results
        type_ = opened(todo.pop(), api.types)
        if type_.kind == "union":
            todo += type_.members
            continue
        model = api.models.get(type_.model)
        fields = {field.wire_name for field in model.fields} if model else set()
        if model is None or "data" not in fields or not (fields == {"data"} or fields & {"event", "id", "retry"}):
            return []
        results.append(model)
    return []
