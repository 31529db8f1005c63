"""The document of a new project: the one that is named, fetched where it is a URL, or the one that the folder holds.

What stands outside the project, or on a server, is copied into it with all that it refers to.
"""

from __future__ import annotations

import atexit
import json
import os
import re
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from ..errors import SpecError
from ..inputs import beside
from ..pipeline import Inputs
from ..read import documents, files, remote, urls
from ..read.source import load
from ..settings import Settings, project_folder, repository

_FOLDERS = ("", "spec", "docs", "api", "openapi")
_NAMES = ("openapi.yaml", "openapi.yml", "openapi.json", "swagger.yaml", "swagger.yml", "swagger.json")
_UPSTREAM = "upstream.json"
_ENDINGS = (".json", ".yaml", ".yml")
_VERSION = re.compile(r"^[{\s]*[\"']?(?:openapi|swagger)[\"']?\s*:|[{,]\s*\"(?:openapi|swagger)\"\s*:", re.MULTILINE)
"""What a document of ours has somewhere: only that is read whole which does."""
_LOOKED_AT, _LISTED = 200, 5


@dataclass(frozen=True)
class Found:
    """A document."""

    document: Path
    """Where it can be read now."""
    shown: str
    """As the settings name it, once what belongs to it is written."""
    root: Path | None = None
    url: str = ""
    files: dict[Path, str] = field(default_factory=dict)
    """What is to be written for it to stand in the project."""
    notes: tuple[str, ...] = ()


def find(named: str, existing: Settings, folder: Path) -> Found:
    """The document that is named, else the one of the settings, else the one in the folder. SpecError for none."""
    if existing.document:
        if named and not _same(named, existing.document):
            what = f"names the document {existing.document}, not {named}"
            raise SpecError(str(existing.file), what, "change it there, or run init without a document")
        named = existing.document
        if urls.is_url(named):
            fetched = remote.fetched(named, _temporary())
            return Found(fetched.path, named, url=fetched.url)
        return Found(Path(named), named, root=repository(Path(named).parent))
    if named and urls.is_url(named):
        fetched = remote.fetched(named, _temporary())
        return _copied(fetched.path, None, folder, fetched.url, named)
    notes: tuple[str, ...] = ()
    if not named:
        there = [folder / route / name for route in _FOLDERS for name in _NAMES if (folder / route / name).is_file()]
        there = there or _others(folder)
        if not there:
            looked = ", ".join(_NAMES[:3] + _NAMES[-1:])
            what = f"no document found: none of {looked}, … is in this folder, {', '.join(_FOLDERS[1:])}"
            raise SpecError("init", f"{what}, and no other OpenAPI document", "pass one: a path, or an https URL")
        if there[1:] and there[0].name not in _NAMES:
            listed = ", ".join(map(str, there[:_LISTED])) + ", …" * (len(there) > _LISTED)
            raise SpecError("init", f"found several documents: {listed}", "pass the one to use")
        named = str(there[0])
        others = f"; there are {', '.join(map(str, there[1:]))} too" if there[1:] else ""
        notes = (f"took {named}{others}",)
    document = Path(named)
    files.content(document, named)
    if files.below(project_folder(folder), document) is None:
        return _copied(document, repository(document.parent), folder, "", named)
    return Found(
        document, Path(os.path.relpath(document, folder)).as_posix(), root=repository(document.parent), notes=notes
    )


def _others(folder: Path) -> list[Path]:
    """The documents of any name in the folders that are looked in, as far as few enough files stand there."""
    results = []
    for route in _FOLDERS:
        place = folder / route
        names = sorted(each.name for each in place.iterdir()) if place.is_dir() else []
        fitting = [place / name for name in names if name.endswith(_ENDINGS) and (place / name).is_file()]
        results += [path for path in fitting[:_LOOKED_AT] if _is_document(path)]
    return results


def _is_document(path: Path) -> bool:
    try:
        if not _VERSION.search(files.text(path)):
            return False
        value = load(path).value
    except SpecError:
        return False
    return isinstance(value, dict) and ("openapi" in value or "swagger" in value)


def _copied(document: Path, root: Path | None, folder: Path, url: str, named: str) -> Found:
    """The document and the files that it references, to be written into the folder."""
    read = documents.read(document, inside=root, fetched=url).document
    inputs = Inputs(document, root=root)
    written: dict[Path, str] = {}
    for name in read.names:
        target, content = folder / name, files.decoded(beside(inputs, name, read.names[0]) or b"", name)
        if target.exists() and (not target.is_file() or files.text(target) != content):
            raise SpecError(str(target), f"exists, and is not {named}", "move it, or run init on it")
        if not target.exists():
            written[target] = content
    own = folder / read.names[0]
    if url:
        written[own.with_name(_UPSTREAM)] = json.dumps({"url": named, "prose": "theirs"}, indent=1) + "\n"
    return Found(document, read.names[0], root=root, url=url, files=written, notes=(f"{named} is kept as {own}",))


def _same(one: str, other: str) -> bool:
    if urls.is_url(one) or urls.is_url(other):
        return one == other
    return Path(one).resolve() == Path(other).resolve()


def _temporary() -> Path:
    folder = tempfile.TemporaryDirectory(prefix="surfacegen-")
    atexit.register(folder.cleanup)
    return Path(folder.name)
