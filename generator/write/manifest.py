"""What a run made in a folder and from what, as the next run finds it."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..errors import Finding
from ..read import files
from .folder import OutputError, inside

MANIFEST = "manifest.json"
DOCUMENT = "document/"
"""What the names of those inputs begin with that are files to which the document refers."""
SURFACE = "surface/"
"""And of those that are the code of a surface which is not ours: it decides that surface alone."""
_OURS, _USERS = "templates/", "layers/"
"""And of the template folders, ours and those laid over them: each decides the surfaces that look into it."""


@dataclass(frozen=True)
class Made:
    """What one surface made, and from what."""

    inputs: Mapping[str, str]
    """part -> digest or version; empty where an older manifest does not say."""
    files: Mapping[str, str]
    """path -> sha256"""


@dataclass(frozen=True)
class Manifest:
    """What we made in a folder. Holds no clock and no path outside the folder."""

    surfaces: Mapping[str, Made] = field(default_factory=dict)
    validated: str = ""
    """The digest of the document that was last validated against the schema of its version."""

    @property
    def files(self) -> dict[str, str]:
        """path -> sha256, over all surfaces."""
        return {path: sha for made in self.surfaces.values() for path, sha in made.files.items()}

    @property
    def referred(self) -> tuple[str, ...]:
        """The files that the document referred to when it was read, relative to its folder."""
        parts = {part for made in self.surfaces.values() for part in made.inputs if part.startswith(DOCUMENT)}
        return tuple(sorted(part.removeprefix(DOCUMENT) for part in parts))

    def dump(self) -> bytes:
        """The text of the manifest."""
        document = {
            "generator": "surfacegen",
            **({"validated": self.validated} if self.validated else {}),
            "surfaces": {
                name: {"inputs": dict(made.inputs), "files": dict(sorted(made.files.items()))}
                for name, made in sorted(self.surfaces.items())
            },
        }
        return (json.dumps(document, indent=1) + "\n").encode()


def made_from(parts: Mapping[str, str], surface: str, folders: Collection[str] | None = None) -> dict[str, str]:
    """Those of the parts of a run that decide one surface. folders: of templates, those that it looks into; None: all."""

    def decides(part: str) -> bool:
        if part.startswith(SURFACE):
            return part == SURFACE + surface
        is_folder = folders is not None and part.startswith((_OURS, _USERS))
        return not is_folder or part.partition("/")[2] in (folders or ())

    result = {part: sha for part, sha in parts.items() if decides(part)}
    # A template may name another one that need not be there: once it is, it decides.
    absent = {f"{_USERS}{name}" for name in folders or () if name != surface and f"{_OURS}{name}" not in result}
    return dict(sorted({**dict.fromkeys(absent, ""), **result}.items()))


def is_current(made: Made, parts: Mapping[str, str], surface: str) -> bool:
    """Whether all that a surface was made from is as it was."""
    folders = {part.partition("/")[2] for part in made.inputs if part.startswith((_OURS, _USERS))}
    return made.inputs == made_from(parts, surface, folders | {surface})


def read_manifest(out: Path) -> Manifest:
    """The manifest of a folder; an empty one where there is none. OutputError for a file that is not a manifest."""
    path = out / MANIFEST
    try:
        document: Any = json.loads(files.read(path))
        surfaces = {
            str(name): Made(_parts(made["inputs"]), {inside(p): str(sha) for p, sha in made["files"].items()})
            for name, made in document["surfaces"].items()
        }
        validated = str(document.get("validated", ""))
    except (FileNotFoundError, NotADirectoryError):
        return Manifest()
    except OSError as error:
        raise OutputError([Finding(str(path), f"cannot be read: {error.strerror}")]) from error
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise OutputError(
            [Finding(str(path), "is not a surfacegen manifest", "move it, or choose another folder with --out")]
        ) from error
    return Manifest(surfaces, validated)


def _parts(inputs: Any) -> dict[str, str]:
    return {str(part): str(value) for part, value in inputs.items()} if isinstance(inputs, dict) else {}


def sha256(content: bytes) -> str:
    """The digest that the manifest holds."""
    return hashlib.sha256(content).hexdigest()


def untouched(out: Path, made: Mapping[str, str]) -> bool:
    """Whether each of these files stands in the folder exactly as it was made."""
    folder = os.path.join(out, "")  # of thousands of files, to join paths as objects takes as long as to read them
    try:
        return all(sha256(files.read(folder + path)) == sha for path, sha in made.items())
    except OSError:
        return False
