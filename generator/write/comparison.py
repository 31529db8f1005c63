"""How a folder differs from the files that the generator makes."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from .folder import File, contents_of
from .manifest import MANIFEST

_LEFT_BY_TOOLS = {"__pycache__", ".mypy_cache", ".pytest_cache", ".ruff_cache", "site", "dist", "build", ".cache"}


@dataclass(frozen=True)
class Drift:
    """One file that is not as the generator makes it."""

    path: str
    kind: str
    """missing, changed or extra"""
    diff: str = ""
    cause: str = ""
    """document, catalog, extensions, template, generator, hand edit …"""
    reason: str = ""
    remedy: str = ""


def compare(out: Path, made: Iterable[File], lines: int = 12) -> tuple[Drift, ...]:
    """How the folder differs from these files, and from nothing else; writes nothing."""
    expected = {file.path: file.content for file in made}
    results = []
    for path, content in expected.items():
        there = contents_of(out / path)
        if there is None:
            results.append(Drift(path, "missing"))
        elif there != content:
            results.append(Drift(path, "changed", _diff(path, there, content, lines)))
    for folder, folders, names in os.walk(out):
        folders[:] = sorted(f for f in folders if f not in _LEFT_BY_TOOLS and not f.endswith(".egg-info"))
        for name in names:
            path = (Path(folder) / name).relative_to(out).as_posix()
            if path not in expected and path != MANIFEST and not name.endswith(".pyc"):
                results.append(Drift(path, "extra"))
    return tuple(sorted(results, key=lambda drift: drift.path))


def _diff(path: str, there: bytes, expected: bytes, lines: int) -> str:
    import difflib

    old, new = (content.decode("utf-8", "replace").splitlines() for content in (there, expected))
    results = list(difflib.unified_diff(old, new, f"on disk/{path}", f"generated/{path}", lineterm="", n=1))
    more = [f"… {len(results) - lines} more lines"] if len(results) > lines else []
    return "\n".join([*results[:lines], *more])
