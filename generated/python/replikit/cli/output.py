"""What goes to stdout: data and nothing else."""

from __future__ import annotations

import base64
import json
import os
import sys
from pathlib import Path
from typing import Any

from .failure import usage


def as_json(value: Any) -> str:
    """Indented for people, one line for programs."""
    if sys.stdout.isatty():
        return json.dumps(value, indent=2, ensure_ascii=False)
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def write(data: Any, kind: str, file: str | None = None) -> None:
    """A result: JSON, or the bytes of a text or binary one as they are."""
    if kind == "empty" or data is None and kind != "json":
        return
    if kind == "binary" and isinstance(data, dict) and "data" in data:
        content = base64.b64decode(data["data"])
        if file is None and sys.stdout.isatty():
            raise usage(f"the result is {len(content)} bytes of binary data", "--output FILE, or redirect stdout")
    elif isinstance(data, str) and kind in ("text", "events"):
        content = data.encode("utf-8", "surrogateescape")
        if file is None and sys.stdout.isatty() and not data.endswith("\n"):
            content += b"\n"
    else:
        content = (as_json(data) + "\n").encode("utf-8", "backslashreplace")
    if file is not None and file != "-":
        try:
            Path(file).write_bytes(content)
        except OSError as error:
            raise usage(f"--output: cannot write {file}: {error.strerror}") from None
    else:
        emit(content)


def emit(content: bytes) -> None:
    """Bytes on stdout; a reader that has gone away is no error."""
    try:
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        raise SystemExit(0) from None
