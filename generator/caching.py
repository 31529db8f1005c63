"""The user's cache: where it is, and what it keeps of a document for the runs that follow.

A document of megabytes takes longer to read and link than a surface of it takes to make. What it means is kept as JSON,
a file a project, so that a run after a change of a template reads that in its place: only where every other part, the
generator's own code among them, is the same to the byte. What its pages are made of is kept as well, a file a folder.
All of it may be removed at any time.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import stat
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from .errors import SpecError
from .inputs import Inputs, digest, whole
from .plugins import registry
from .read import files
from .write.manifest import DOCUMENT, SURFACE

if TYPE_CHECKING:
    from .ir import Api

SMALLEST = 200_000
"""Bytes of a document that is worth it: a smaller one is read as fast."""
_LARGEST = 100_000_000
"""Bytes of a file."""
_KEPT = 8
"""Files of a kind, those used last."""
_READ = frozenset(("document", "overlays", "catalog", "extensions", "history", "auth", "url", files.SCHEMAS))
"""The parts of the inputs that decide pages by way of the API alone."""
_UNREADABLE = (OSError, SpecError, ValueError, KeyError, TypeError, AttributeError)


def folder(name: str) -> Path:
    """A folder of the user's cache, for one kind of things. SpecError where others may write into it."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / (
        "AppData/Local" if os.name == "nt" else "Library/Caches" if sys.platform == "darwin" else ".cache"
    )
    result = Path(base) / "surfacegen" / name
    result.mkdir(parents=True, exist_ok=True, mode=0o700)
    if os.name == "posix":
        status = os.stat(result)
        if status.st_uid != os.geteuid() or status.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
            what = "it belongs to another user, or others can write to it, and its contents would be trusted"
            raise SpecError(str(result), what, "remove it, or set XDG_CACHE_HOME to another folder")
        os.chmod(result, 0o700)
    return result


def recall(inputs: Inputs) -> Api | None:
    """The API of the inputs, where it is kept; None where it is not, or any part of them is another one."""
    from . import ir_json

    if not is_large(inputs):
        return None
    with contextlib.suppress(*_UNREADABLE):
        path = _path("apis", inputs)
        head, _, body = files.read(path, _LARGEST).partition(b"\n")
        parts = json.loads(head)
        documents = tuple(parts["documents"])
        if parts["parts"] != deciding_api(digest(inputs, documents)):
            return None
        api = ir_json.loads(body)
        known = {*registry.OURS, *(program.name for program in inputs.programs)}
        if all(known.issuperset(function.hidden) for function in api.functions):  # others may be gone by now
            os.utime(path)
            return api
    return None


def keep(inputs: Inputs, api: Api) -> None:
    """Keeps the API of the inputs for the runs that follow; where it cannot be written, they read the document again."""
    from . import ir_json

    if not is_large(inputs):
        return
    with contextlib.suppress(OSError, SpecError):
        parts = deciding_api(digest(inputs, api.documents))
        schemas = [each.derived.schema for each in api.derived if each.derived is not None]
        if whole(inputs, api.documents, schemas) != api.digest:
            return  # a file changed after it was read, so the parts are not those of the API
        head = json.dumps({"documents": api.documents, "parts": parts})
        _write(_path("apis", inputs), f"{head}\n{ir_json.dumps(api)}")


def recall_pages(inputs: Inputs, out: Path, parts: Mapping[str, str]) -> dict[str, list[str]]:
    """The cached pages of a folder, by path; empty if they were made by other code or settings."""
    with contextlib.suppress(*_UNREADABLE):
        result = json.loads(files.read(_path("pages", inputs, out), _LARGEST))
        if result["parts"] == _shaping(parts):
            return {path: [*map(str, digests)] for path, digests in result["pages"].items()}
    return {}


def keep_pages(inputs: Inputs, out: Path, parts: Mapping[str, str], pages: Mapping[str, Sequence[str]]) -> None:
    """Keeps what the pages of a folder are made of; where it cannot be written, the next run makes all of them."""
    with contextlib.suppress(OSError, SpecError):
        _write(_path("pages", inputs, out), json.dumps({"parts": _shaping(parts), "pages": pages}))


def is_large(inputs: Inputs) -> bool:
    """Whether a document is worth it."""
    return inputs.openapi.stat().st_size >= SMALLEST


def deciding_api(parts: Mapping[str, str]) -> dict[str, str]:
    """What of the parts of a run decides its API: everything but templates and the code of surfaces."""
    return {part: sha for part, sha in parts.items() if not part.startswith(("templates/", "layers/", SURFACE))}


def _shaping(parts: Mapping[str, str]) -> dict[str, str]:
    """The digests of the inputs that decide the text of pages, except the API and the templates."""
    return {p: sha for p, sha in deciding_api(parts).items() if p not in _READ and not p.startswith(DOCUMENT)}


def _path(kind: str, inputs: Inputs, out: Path | None = None) -> Path:
    """A file for the project: places in the IR are named as its files were. out: and for the folder."""
    named = (inputs.openapi, inputs.catalog, inputs.extensions, inputs.history, inputs.root, *inputs.overlays)
    key = json.dumps([os.getcwd(), *map(str, named), *([os.path.abspath(out)] if out is not None else [])])
    return folder(kind) / f"{hashlib.sha256(key.encode()).hexdigest()[:32]}.json"


def _write(path: Path, text: str) -> None:
    """Writes a file whole, or not at all, and lets go of those of its kind that were used longest ago."""
    content = text.encode()
    if len(content) > _LARGEST:
        return
    handle, beside = tempfile.mkstemp(prefix=".", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        os.replace(beside, path)
    except BaseException:
        os.unlink(beside)
        raise
    listed = [each for each in path.parent.iterdir() if each.suffix == ".json"]
    for each in sorted(listed, key=lambda each: -each.stat().st_mtime)[_KEPT:]:
        each.unlink(missing_ok=True)
