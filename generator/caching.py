"""The user's cache: where it is, and the API of a document as the last run read it.

A document of megabytes takes longer to read and link than a surface of it takes to make. What it means is kept as JSON,
a file a project, so that a run after a change of a template reads that in its place: only where every other part, the
generator's own code among them, is the same to the byte. All of it may be removed at any time.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import stat
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from .errors import SpecError
from .inputs import Inputs, digest, whole
from .plugins import registry
from .read import files
from .write.manifest import SURFACE

if TYPE_CHECKING:
    from .ir import Api

SMALLEST = 500_000
"""Bytes of a document that is worth it: a smaller one is read as fast."""
_LARGEST = 100_000_000
"""Bytes of what is kept of one."""
_KEPT = 8
"""APIs that are kept, those used last."""


def folder(name: str) -> Path:
    """A folder of the user's cache, for one kind of things. SpecError where others may write into it."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / (
        "AppData/Local" if os.name == "nt" else "Library/Caches" if sys.platform == "darwin" else ".cache"
    )
    found = Path(base) / "surfacegen" / name
    found.mkdir(parents=True, exist_ok=True, mode=0o700)
    if os.name == "posix":
        status = os.stat(found)
        if status.st_uid != os.geteuid() or status.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
            what = "it belongs to somebody else, or others may write into it; what is in it would be trusted"
            raise SpecError(str(found), what, "remove it, or name another folder with XDG_CACHE_HOME")
        os.chmod(found, 0o700)
    return found


def recall(inputs: Inputs) -> Api | None:
    """The API of the inputs, where it is kept; None where it is not, or any part of them is another one."""
    from . import ir_json

    if not _is_large(inputs):
        return None
    with contextlib.suppress(OSError, SpecError, ValueError, KeyError, TypeError, AttributeError, ir_json.Unreadable):
        path = _path(inputs)
        head, _, body = files.read(path, _LARGEST).partition(b"\n")
        parts = json.loads(head)
        if parts["parts"] != _parts(inputs, tuple(parts["documents"])):
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

    if not _is_large(inputs):
        return
    with contextlib.suppress(OSError, SpecError):
        path = _path(inputs)
        head = json.dumps({"documents": api.documents, "parts": _parts(inputs, api.documents)})
        schemas = [each.derived.schema for each in api.derived if each.derived is not None]
        if whole(inputs, api.documents, schemas) != api.digest:
            return  # a file changed after it was read, so the parts are not those of the API
        content = f"{head}\n{ir_json.dumps(api)}".encode()
        if len(content) > _LARGEST:
            return
        handle, beside = tempfile.mkstemp(prefix=".", dir=path.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
            os.replace(beside, path)  # whole, or not there
        except BaseException:
            os.unlink(beside)
            raise
        listed = [each for each in path.parent.iterdir() if each.suffix == ".json"]
        for each in sorted(listed, key=lambda each: -each.stat().st_mtime)[_KEPT:]:
            each.unlink(missing_ok=True)


def _is_large(inputs: Inputs) -> bool:
    return inputs.openapi.stat().st_size >= SMALLEST


def _path(inputs: Inputs) -> Path:
    """A file for the project: places in the IR are named as its files were."""
    named = (inputs.openapi, inputs.catalog, inputs.extensions, inputs.history, inputs.root, *inputs.overlays)
    key = json.dumps([os.getcwd(), *map(str, named)])
    return folder("apis") / f"{hashlib.sha256(key.encode()).hexdigest()[:32]}.json"


def _parts(inputs: Inputs, documents: tuple[str, ...]) -> dict[str, str]:
    """What decides an API: everything that decides the output but templates and the code of surfaces."""
    found = digest(inputs, documents)
    return {part: sha for part, sha in found.items() if not part.startswith(("templates/", "layers/", SURFACE))}
