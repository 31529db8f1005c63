"""Several files that belong together, written all or none."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping
from pathlib import Path

from ..errors import SpecError
from ..read.files import content


def write(files: Mapping[Path, str]) -> None:
    """All of them or none: each is written beside its place before the first one takes it, and put back if one fails."""
    former = {path: content(path) if path.is_file() else None for path in files}
    beside = {path: path.with_name(f".{path.name}.new") for path in files}
    placed: list[Path] = []
    made: list[Path] = []
    try:
        for folder in {path.parent for path in files}:
            missing = [each for each in (folder, *folder.parents) if not each.exists()]
            made += missing
            folder.mkdir(parents=True, exist_ok=True)
        for path, written in files.items():
            beside[path].write_text(written, "utf-8", newline="")
        for path in files:
            os.replace(beside[path], path)
            placed.append(path)
    except BaseException as error:
        for path in placed:
            before = former[path]
            path.unlink() if before is None else path.write_bytes(before)
        if not isinstance(error, OSError):
            raise
        where = str(error.filename or next(iter(files)))
        raise SpecError(where, f"cannot be written: {error.strerror}", "make the folder writable") from None
    finally:
        for path in beside.values():
            with contextlib.suppress(OSError):
                path.unlink(missing_ok=True)
        for folder in sorted(made, key=lambda path: len(path.parts), reverse=True):
            with contextlib.suppress(OSError):  # it holds what was written into it
                folder.rmdir()
