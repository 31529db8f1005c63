"""The changelog of the package: its releases in words, what breaks first."""

from __future__ import annotations

from dataclasses import dataclass

from ...ir import Api, Note, Release
from ...text import Code, markdown, markdown_spans

_TITLES = {
    "breaking": "Breaking", "removed": "Removed", "deprecated": "Deprecated", "added": "Added", "changed": "Changed",
}  # fmt: skip
_SURFACES = {
    "python": "Python",
    "cli": "CLI",
    "mcp": "MCP",
    "lua": "Lua",
    "docs": "Docs",
    "deployed": "Deployed clients",
}


@dataclass(frozen=True)
class NoteView:
    """One change; `effects` tells surface by surface what it breaks."""

    text: Code
    effects: tuple[Code, ...]


@dataclass(frozen=True)
class SectionView:
    """The changes of one kind."""

    title: Code
    notes: tuple[NoteView, ...]


@dataclass(frozen=True)
class ReleaseView:
    """One version."""

    version: Code
    sections: tuple[SectionView, ...]


@dataclass(frozen=True)
class ChangelogView:
    """All versions, the last one first."""

    releases: tuple[ReleaseView, ...]


def changelog(api: Api) -> ChangelogView:
    """The view of CHANGELOG.md."""
    return ChangelogView(tuple(_release(release) for release in api.releases))


def _release(release: Release) -> ReleaseView:
    sections = [
        SectionView(Code(title), tuple(_note(note) for note in release.notes if note.section == key))
        for key, title in _TITLES.items()
    ]
    return ReleaseView(markdown(release.version), tuple(section for section in sections if section.notes))


def _note(note: Note) -> NoteView:
    subject = f"**{markdown(note.subject)}**: " if note.subject else ""
    effects = tuple(Code(f"{_SURFACES[surface]}: {markdown_spans(text)}") for surface, text in note.effects)
    return NoteView(Code(subject + markdown_spans(note.text)), effects)
