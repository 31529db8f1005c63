"""The history of a package: which release changed what, and the version that follows from what changed since.

    history/openapi.yaml, …    the document of the last release and the files that it references, by their names in the project
    history/overlays/…         the overlays that amend it, in their order
    history/catalog.yaml       its catalog, where it has one
    history/releases.json      what each release changed, the last one first; and which file is the document

The baseline is a copy of the spec, not of the IR: a newer generator reads both copies alike, so that a change of ours
never looks like a change of the API. It is an input, not something found in the output folder: a folder that is made
anew has the same changelog, byte for byte.
"""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .. import link
from ..errors import SpecError
from ..inputs import Inputs
from ..ir import Api, Note, Release, Section
from ..read import documents
from ..read.files import below, text
from ..read.source import load
from .rewrite import rewritten

if TYPE_CHECKING:
    from .diff import Change, Diff

_DOCUMENT = "openapi.yaml"
"""Where the list does not say which file is the document."""
_RELEASES = "releases.json"
_OVERLAYS = "overlays"
_CATALOG = "catalog.yaml"


def with_history(api: Api, inputs: Inputs | None) -> Api:
    """The API with its releases, the one that is being made first, and with that one's version."""
    history = inputs.history if inputs is not None else None
    if history is None or not history.is_dir():
        first = Note(section="added", text=f"First version: {len(api.functions)} functions.")
        return replace(api, releases=(Release(version=api.version, notes=(first,)),))
    assert inputs is not None
    from .diff import diff  # slow, and most packages have no history yet
    from .diff.version import following, level

    base, former = _last(inputs, history)
    result = diff(base, api)
    notes = notes_of(result)
    if not notes:
        return replace(api, version=_later(api.version, base.version), releases=former)
    version = _later(api.version, following(base.version, level(result)))
    return replace(api, version=version, releases=(Release(version=version, notes=notes), *former))


def last(inputs: Inputs) -> Api:
    """The API as the last release has it. SpecError where there is none."""
    if inputs.history is None or not inputs.history.is_dir():
        hint = "name what is older: a document, a catalog or a folder that holds both; `release` closes a first one"
        raise SpecError("diff", "there is no release to compare with", hint)
    return _last(inputs, inputs.history)[0]


def _last(inputs: Inputs, history: Path) -> tuple[Api, tuple[Release, ...]]:
    document, overlays, former = _read(history)
    read = documents.read(history / document, _there(history / _CATALOG), inside=history, overlays=overlays)
    base = link.load(read, inputs.auth, inputs.project)
    if former:  # without a catalog nothing else says what the last version was
        base = replace(base, version=former[0].version)
    return base, former


def notes_of(diff: Diff) -> tuple[Note, ...]:
    """The changelog entries of a diff; changes of prose alone are left out."""
    notes = [_note(change) for change in diff.changes if change.action != "prose"]
    order: tuple[Section, ...] = ("breaking", "removed", "deprecated", "added", "changed")
    return tuple(sorted(notes, key=lambda note: (order.index(note.section), note.subject, note.text)))


def _note(change: Change) -> Note:
    from .diff.report import headline

    breaking = tuple((effect.surface, effect.text) for effect in change.judged if effect.breaking)
    return Note(section=_section(change), subject=change.subject, text=headline(change), effects=breaking)


def _section(change: Change) -> Section:
    if change.breaking:
        return "breaking"
    if change.kind.endswith(" deprecated"):
        return "deprecated"
    return "added" if change.action == "added" else "removed" if change.action == "removed" else "changed"


def frozen(inputs: Inputs, api: Api) -> dict[Path, str]:
    """The files of the history that make the spec as it stands the last release; nothing is written.

    api: the API of that spec, with its history.
    """
    history = inputs.history
    assert history is not None
    own = api.documents[0]
    folder = inputs.root if own != inputs.openapi.name and inputs.root is not None else inputs.openapi.parent
    if taken := {_CATALOG, _RELEASES} & {*api.documents}:
        what = f"has the name of a file of the history, {min(taken)}"
        raise SpecError(str(inputs.openapi), what, "rename the document, or the file that it references")
    files = {history / name: text(folder / name) for name in api.documents[1:]}
    files[history / own] = text(inputs.openapi)
    if inputs.catalog is not None:
        files[history / _CATALOG] = _versioned(inputs.catalog, api.version)
        schemas = {each.derived.schema for each in api.derived if each.derived is not None}
        files |= {history / name: text(inputs.catalog.parent / name) for name in sorted(schemas)}
    listed: dict[str, Any] = {"document": own} if own != _DOCUMENT else {}
    if inputs.overlays:
        listed["overlays"] = [f"{_OVERLAYS}/{number}-{path.name}" for number, path in enumerate(inputs.overlays, 1)]
        files |= {history / name: text(path) for name, path in zip(listed["overlays"], inputs.overlays, strict=True)}
    releases = {**listed, "releases": [asdict(release) for release in api.releases]}
    files[history / _RELEASES] = json.dumps(releases, indent=1, ensure_ascii=False) + "\n"
    return files


def _versioned(catalog: Path, version: str) -> str:
    """The text of a catalog, with this version in place of its own, if it has one."""
    value = load(catalog).value
    api = value.get("api") if isinstance(value, dict) else None
    if not isinstance(api, dict) or "version" not in api:
        return text(catalog)
    return rewritten(text(catalog), {**value, "api": {**api, "version": version}})


def _read(history: Path) -> tuple[str, tuple[Path, ...], tuple[Release, ...]]:
    """What the document is called there, what amends it, and the releases."""
    place = history / _RELEASES
    if not place.is_file():
        return _DOCUMENT, (), ()
    source = load(place)
    try:
        named = str(source.value.get("document", _DOCUMENT))
        overlays = tuple(history / str(name) for name in source.value.get("overlays", ()))
        if any(below(history, path) is None for path in (history / named, *overlays)):
            raise ValueError("a file of it is elsewhere")
        return (
            named,
            overlays,
            tuple(
                Release(
                    version=str(each["version"]),
                    notes=tuple(
                        Note(
                            section=note["section"],
                            subject=str(note["subject"]),
                            text=str(note["text"]),
                            effects=tuple((str(surface), str(text)) for surface, text in note["effects"]),
                        )
                        for note in each["notes"]
                    ),
                )
                for each in source.value["releases"]
            ),
        )
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        hint = "bring it back from version control: it is written by update-spec and release"
        raise SpecError(source.file, f"is no list of releases: {error!r}", hint) from None


def _there(path: Path) -> Path | None:
    return path if path.is_file() else None


def _later(one: str, other: str) -> str:
    """The higher of two versions; the first where they are alike: the catalog may go ahead, not stay behind."""
    return one if _numbers(one) >= _numbers(other) else other


def _numbers(version: str) -> tuple[int, ...]:
    parts = (part[: len(part) - len(part.lstrip("0123456789"))] for part in version.split(".")[:3])
    return tuple(int(part or 0) for part in parts)
