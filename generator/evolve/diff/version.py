"""The semantic version that follows from a diff."""

from __future__ import annotations

import re
from typing import Literal

from .change import PACKAGE, Diff

Level = Literal["major", "minor", "patch", "none"]

_VERSION = re.compile(r"(\d+)\.(\d+)\.(\d+)")


def level(diff: Diff) -> Level:
    """What users of the package notice: something breaks, something is there to use or know, or only prose.

    Docs have no version: a request that changes on the wire under an unchanged function is a patch.
    """
    package = diff.on(PACKAGE)
    if package.breaking:
        return "major"
    if any(change.action != "prose" for change in package.changes):
        return "minor"
    return "patch" if diff.changes else "none"


def following(version: str, level: Level) -> str:
    """The next version. Below 1.0.0 what would be major raises the second number, and the rest the third."""
    result = _VERSION.match(version)
    if result is None or level == "none":
        return version
    major, minor, patch = (int(part) for part in result.groups())
    if level == "major" and major:
        return f"{major + 1}.0.0"
    if level == "major" or (level == "minor" and major):
        return f"{major}.{minor + 1}.0"
    return f"{major}.{minor}.{patch + 1}"
