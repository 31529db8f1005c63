"""A cache of compiled templates, for all runs of the process and, for our own templates, on disk for later runs.

Compiling them is a third of a small run. Like Python's compiled modules, they are stored next to the
sources: in `__pycache__`, or where PYTHONPYCACHEPREFIX says; not at all if Python writes no bytecode, or cannot.
Each is found by its file and its text, so that a file which is new, or lies over another, is compiled.
"""

from __future__ import annotations

import contextlib
import hashlib
import marshal
import os
import sys
import tempfile
from importlib.util import MAGIC_NUMBER, cache_from_source
from pathlib import Path
from types import CodeType

import jinja2
from jinja2.bccache import Bucket

_DIGEST = 32


class Compiled(jinja2.BytecodeCache):
    """The code of templates."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[str, CodeType]] = {}
        """The digest of a template's text, and its code, by a key made of its name and its file."""
        self._written: dict[Path, dict[str, str]] = {}
        """Of each folder that was looked at: what its file holds, by digest."""

    def load_bytecode(self, bucket: Bucket) -> None:
        checksum, code = self._kept.get(bucket.key, ("", None))
        bucket.code = code if checksum == bucket.checksum else None

    def dump_bytecode(self, bucket: Bucket) -> None:
        if bucket.code is not None:
            self._kept[bucket.key] = bucket.checksum, bucket.code

    def read(self, templates: Path) -> None:
        """Takes up what a former run kept of a folder; what cannot be read, or is of another version, is left."""
        if templates in self._written:
            return
        self._written[templates] = {}
        with contextlib.suppress(OSError, NotImplementedError):
            kept = _place(templates).read_bytes()
            content = kept[_DIGEST:]
            if _digest(content) == kept[:_DIGEST]:
                result: dict[str, tuple[str, CodeType]] = marshal.loads(content)
                self._kept = {**result, **self._kept}
                self._written[templates] = {key: checksum for key, (checksum, _) in result.items()}

    def write(self, templates: Path) -> None:
        """Keeps what was compiled of a folder, where that is more than its file holds."""
        own = os.path.join(templates, "")
        result = {key: each for key, each in self._kept.items() if each[1].co_filename.startswith(own)}
        now = {key: checksum for key, (checksum, _) in result.items()}
        if sys.dont_write_bytecode or now == self._written.get(templates):
            return
        with contextlib.suppress(OSError, NotImplementedError):
            content, place = marshal.dumps(result), _place(templates)
            place.parent.mkdir(parents=True, exist_ok=True)
            handle, beside = tempfile.mkstemp(prefix=place.name, dir=place.parent)
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(_digest(content) + content)
                os.chmod(beside, 0o644)  # as Python's own: whoever may run it may read it
                os.replace(beside, place)  # whole, or not there
            except BaseException:
                os.unlink(beside)
                raise
            self._written[templates] = now


def _place(templates: Path) -> Path:
    return Path(cache_from_source(str(templates / "templates.py")))


def _digest(content: bytes) -> bytes:
    """A digest of the template and of all else that decides its code: Python, Jinja, and how we call it."""
    how = Path(__file__).with_name("rendering.py").read_bytes()
    return hashlib.sha256(b"\0".join([MAGIC_NUMBER, jinja2.__version__.encode(), how, content])).digest()
