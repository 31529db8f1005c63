"""The history of a package: which release changed what, and the version that follows from what changed since.

    spec/history/openapi.yaml, catalog.yaml    the spec of the last release: what the current one is held against
    spec/history/releases.json                 what each release changed, the last one first

The baseline is a copy of the spec, not of the IR: a newer generator reads both copies alike, so that a change of ours
never looks like a change of the API. It is an input, not something found in the output folder: a folder that is made
anew has the same changelog, byte for byte.
"""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from .. import link
from ..ir import Api, Note, Release, Section
from ..read import documents
from ..read.files import text
from ..read.source import Source, load
from .diff import Change, Diff, diff
from .diff.report import headline
from .diff.version import following, level
from .rewrite import rewritten

FOLDER = "history"
_RELEASES = "releases.json"
_CATALOG = "catalog.yaml"


def with_history(api: Api, history: Path | None) -> Api:
    """The API with its releases, the one that is being made first, and with that one's version."""
    if history is None:
        first = Note(section="added", text=f"First version: {len(api.functions)} functions.")
        return replace(api, releases=(Release(version=api.version, notes=(first,)),))
    former = _read(history)
    base = link.load(documents.read(history / "openapi.yaml", _there(history / _CATALOG)))
    found = diff(base, api)
    notes = notes_of(found)
    if not notes:
        return replace(api, version=_later(api.version, base.version), releases=former)
    version = _later(api.version, following(base.version, level(found)))
    return replace(api, version=version, releases=(Release(version=version, notes=notes), *former))


def notes_of(found: Diff) -> tuple[Note, ...]:
    """What a changelog says of a diff; prose alone is nothing that it speaks of."""
    notes = [_note(change) for change in found.changes if change.action != "prose"]
    order: tuple[Section, ...] = ("breaking", "removed", "deprecated", "added", "changed")
    return tuple(sorted(notes, key=lambda note: (order.index(note.section), note.subject, note.text)))


def _note(change: Change) -> Note:
    breaking = tuple((effect.surface, effect.text) for effect in change.effects if effect.breaking)
    return Note(section=_section(change), subject=change.subject, text=headline(change), effects=breaking)


def _section(change: Change) -> Section:
    if change.breaking:
        return "breaking"
    if change.kind.endswith(" deprecated"):
        return "deprecated"
    return "added" if change.action == "added" else "removed" if change.action == "removed" else "changed"


def frozen(spec: Path, api: Api) -> dict[Path, str]:
    """The files of `spec/history` that make the spec as it stands the last release; nothing is written.

    api: the API of that spec, with its history.
    """
    history = spec / FOLDER
    files = {history / name: text(spec / name) for name in (*api.documents, "openapi.yaml")}
    catalog = spec / _CATALOG
    if catalog.is_file():
        source = load(catalog)
        files[history / _CATALOG] = rewritten(text(catalog), _versioned(source, api.version))
    releases = [asdict(release) for release in api.releases]
    files[history / _RELEASES] = json.dumps({"releases": releases}, indent=1, ensure_ascii=False) + "\n"
    return files


def _versioned(catalog: Source, version: str) -> Any:
    return {**catalog.value, "api": {**catalog.value["api"], "version": version}}


def _read(history: Path) -> tuple[Release, ...]:
    place = history / _RELEASES
    if not place.is_file():
        return ()
    source = load(place)
    try:
        return tuple(
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
        )
    except (KeyError, TypeError, ValueError) as error:
        from ..errors import SpecError

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
