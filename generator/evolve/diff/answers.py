"""Changes of responses other than the result itself: statuses, media types, headers and error bodies."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ...ir import Content, Function, Response
from . import media, shapes
from .change import Action
from .facts import Fact, joined, label, of_function
from .within import Names


@dataclass(frozen=True)
class Answer:
    """A representation that both APIs give for one status."""

    status: str
    old: Content
    new: Content

    @property
    def good(self) -> bool:
        """Whether the status means success."""
        return _good(self.status)


def contents(old: Function, new: Function) -> Iterator[Answer]:
    """The representations beside the result itself that both give."""
    results = (old.result.type, new.result.type)
    for one, other in _responses(old, new):
        theirs = {_media(content): content for content in other.contents}
        for content in one.contents:
            twin = theirs.get(_media(content))
            if twin is not None and (content.type, twin.type) != results:
                yield Answer(one.status, content, twin)


def changes(old: Function, new: Function, types: Names) -> Iterator[Fact]:
    """What changed about them."""
    yield from _statuses(old, new)
    yield from _media_types(old, new)
    for one, other in _responses(old, new):
        yield from _headers(old, new, one, other, types)
        if not _good(one.status):
            yield from _error_media_types(old, new, one, other)
    seen = set()
    for answer in contents(old, new):
        word = "result" if answer.good else "error"
        for facet in shapes.facets(answer.old.type, answer.new.type, types):
            if facet.relation != "default" and (word, facet) not in seen:
                seen.add((word, facet))
                name = f"{answer.status} {answer.old.media_type}"
                yield Fact(
                    kind=f"{word} {facet.relation}", action="changed", subject=label(old), name=name, before=facet.before,
                    after=facet.after, place=new.place, old=old, new=new, facet=facet,
                )  # fmt: skip


def _good(status: str) -> bool:
    return status.startswith("2")


def _media(content: Content) -> str:
    return media.plain(content.media_type)


def _responses(old: Function, new: Function) -> Iterator[tuple[Response, Response]]:
    """Those of a status that both have; a success that became another one is the same answer still."""
    theirs = {response.status: response for response in new.responses}
    kept = [response for response in old.responses if response.status in theirs]
    yield from ((response, theirs[response.status]) for response in kept)
    gone, come = (
        [response for response in one if _good(response.status) and response.status not in {r.status for r in other}]
        for one, other in ((old.responses, new.responses), (new.responses, old.responses))
    )
    if len(gone) == len(come) == 1:
        yield gone[0], come[0]


def _statuses(old: Function, new: Function) -> Iterator[Fact]:
    for good in (True, False):
        before, after = ({r.status for r in f.responses if _good(r.status) is good} for f in (old, new))
        shown = joined(before) or "none", joined(after) or "none"
        if before != after and not good:
            yield of_function("documented errors changed", "changed", old, new, *shown)
        elif _lost(before, after):
            yield of_function("success status removed", "changed", old, new, *shown)
        elif _lost(after, before) or "2XX" in after - before:
            yield of_function("success status added", "added", old, new, *shown)


def _lost(before: set[str], after: set[str]) -> bool:
    """Whether a status is gone. Of all that `2XX` stands for, one is enough; and it stands for each."""
    return "2XX" not in after and bool(before - after - ({"2XX"} if after else set()))


def _media_types(old: Function, new: Function) -> Iterator[Fact]:
    """Of the answers that tell of success. Where the result is of another kind, that says it."""
    before, after = ({_media(c) for r in f.responses if _good(r.status) for c in r.contents} for f in (old, new))
    if old.result.kind != new.result.kind:
        return
    if gone := media.lost(before, after):
        yield of_function("response media type removed", "removed", old, new, joined(gone), "")
    if come := media.lost(after, before):
        yield of_function("response media type added", "added", old, new, "", joined(come))


def _error_media_types(old: Function, new: Function, one: Response, other: Response) -> Iterator[Fact]:
    """Changes of the media types of an error response. If the document describes no body, any body may be expected."""
    before, after = ({_media(content) for content in each.contents} for each in (one, other))
    gone, come = media.lost(before, after), media.lost(after, before) if before else []
    for kind, action, names in (("removed", "removed", gone), ("added", "added", come)):
        if names:
            yield Fact(
                kind=f"error media type {kind}", action=action, subject=label(old), name=one.status,  # type: ignore[arg-type]
                before=joined(gone), after=joined(come) or joined(after) or "nothing", place=other.place, old=old, new=new,
            )  # fmt: skip


def _headers(old: Function, new: Function, one: Response, other: Response, types: Names) -> Iterator[Fact]:
    mine, theirs = ({header.name.lower(): header for header in each.headers} for each in (one, other))
    for key in sorted(mine.keys() | theirs.keys()):
        if key not in theirs:
            yield _of_header("response header removed", old, new, f"{one.status} {mine[key].name}")
        elif key not in mine:
            yield _of_header("response header added", old, new, f"{other.status} {theirs[key].name}")
        else:
            if mine[key].required != theirs[key].required:
                kind = f"response header became {'required' if theirs[key].required else 'optional'}"
                yield _of_header(kind, old, new, f"{one.status} {mine[key].name}")
            for facet in shapes.facets(mine[key].type, theirs[key].type, types):
                if facet.relation != "default":
                    yield Fact(
                        kind=f"response header {facet.relation}", action="changed", subject=label(old),
                        name=f"{one.status} {mine[key].name}", before=facet.before, after=facet.after, place=other.place,
                        old=old, new=new, facet=facet,
                    )  # fmt: skip


_ACTIONS: dict[str, Action] = {"added": "added", "removed": "removed"}


def _of_header(kind: str, old: Function, new: Function, name: str) -> Fact:
    return Fact(
        kind=kind, action=_ACTIONS.get(kind.rpartition(" ")[2], "changed"), subject=label(old), name=name,
        place=new.place, old=old, new=new,
    )  # fmt: skip
