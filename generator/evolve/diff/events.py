"""The requests that an API makes itself, webhooks and callbacks: what it sends is what their receivers read."""

from __future__ import annotations

from collections.abc import Iterator

from ...ir import Api, Event
from . import shapes
from .change import Action
from .facts import Fact, joined
from .within import Names


def pairs(old: Api, new: Api) -> Iterator[tuple[Event, Event]]:
    """Those that both make."""
    theirs = {_which(event): event for event in new.events}
    yield from ((event, theirs[_which(event)]) for event in old.events if _which(event) in theirs)


def changes(old: Api, new: Api, names: Names) -> Iterator[Fact]:
    """Those that came and went, and what of their bodies has no name of its own."""
    before, after = ({_which(event): event for event in api.events} for api in (old, new))
    for which in sorted(before.keys() ^ after.keys()):
        action: Action = "removed" if which in before else "added"
        event = before.get(which) or after[which]
        yield Fact(
            kind=f"event {action}", action=action, subject=old.name, name=event.name, place=event.place,
            events=(event.name,),
        )  # fmt: skip
    for one, other in pairs(old, new):
        if one.url != other.url:
            yield _of(one, other, old, "event address changed", "changed", one.url, other.url)
        for gone in sorted({*one.headers} - {*other.headers}):
            yield _of(one, other, old, "event header removed", "removed", gone, "")
        for come in sorted({*other.headers} - {*one.headers}):
            yield _of(one, other, old, "event header added", "added", "", come)
        if lost := sorted(status for status in one.answers if other.answers and not _taken(status, other.answers)):
            yield _of(one, other, old, "event answer changed", "changed", joined(lost), joined(other.answers))
        for facet in shapes.facets(one.type, other.type, names):
            if facet.relation != "default":
                yield Fact(
                    kind=f"event {facet.relation}", action="changed", subject=old.name, name=one.name,
                    before=facet.before, after=facet.after, place=other.place, facet=facet, events=(one.name,),
                )  # fmt: skip


def _taken(status: str, answers: tuple[str, ...]) -> bool:
    """Whether a status of a receiver is among those that are wanted, or in their range."""
    return any(each in (status, "default") or each.upper() == f"{status[:1]}XX" for each in answers)


def _of(one: Event, other: Event, api: Api, kind: str, action: Action, before: str, after: str) -> Fact:
    return Fact(
        kind=kind, action=action, subject=api.name, name=one.name, before=before, after=after, place=other.place,
        events=(one.name,),
    )  # fmt: skip


def _which(event: Event) -> tuple[str, str, str]:
    return event.function, event.key, event.method
