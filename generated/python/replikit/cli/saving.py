"""`--save DIR`: the files of an output, under names that say what they are and that nothing had before."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from ..runtime.disk import Part, safe_name
from .failure import Failure, usage
from .paint import at
from .progress import Line
from .session import Session, translated

if TYPE_CHECKING:
    from ..functions import FunctionInfo


def folder(name: str) -> Path:
    """The folder to save into, made where it is not there. Raises Failure; called before anything is sent."""
    path = Path(name)
    try:
        path.mkdir(parents=True, exist_ok=True)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise usage(f"--save: cannot make {name[:80]}: {reason}", "--save another folder") from None
    if not os.access(path, os.W_OK):
        raise usage(f"--save: cannot write into {name[:80]}", "--save another folder")
    return path


def save(session: Session, info: FunctionInfo, data: Any, name: str, *, shown: bool = True) -> list[str]:
    """The paths of what was saved: each file that the result points to; without one, the output itself.

    shown: a terminal sees how far it is. Raises Failure.
    """
    from ..runtime.errors import Error

    into = folder(name)
    output_of = str((info.job or {}).get("output") or "")
    outputs = [at(data, path) for path in info.files_out] or [at(data, output_of)]
    urls = [url for output in outputs for url in _urls(output)]
    stem = str(at(data, str((info.job or {}).get("id") or "id")) or "output")
    if not urls:
        return [str(_whole(into, stem, output)) for output in outputs if output is not None]
    found = []
    line = Line("saving")
    line.shown = line.shown and shown
    with translated(info), line:
        for url in urls:
            path = into / _named(url, stem)
            line.set(f"saving {path.name}")
            try:
                found.append(str(session.client.download(url, path, overwrite=False, on_progress=line.transfer)))
            except Error:
                raise
            except OSError as error:
                raise _unwritable(path, error) from None
    return found


def _unwritable(path: Path, error: OSError) -> Failure:
    return usage(f"--save: cannot write {path}: {error.strerror or error}", "--save another folder")


def _urls(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        if re.match(r"https?://[^\s]+\Z|data:[^\s,]*,", value):
            yield value
    elif isinstance(value, (list, dict)):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _urls(item)


def _named(url: str, stem: str) -> str:
    if url.startswith("data:"):
        import mimetypes

        kind = url[len("data:") :].partition(",")[0].partition(";")[0]
        return safe_name(stem + (mimetypes.guess_extension(kind) or ".bin"))
    try:
        last = unquote(urlsplit(url).path).rpartition("/")[2]
    except ValueError:
        last = ""  # fetching it says what is wrong with it
    return safe_name(last, safe_name(stem))


def _whole(into: Path, stem: str, output: Any) -> Path:
    """An output that is no file, as one: text where it is text, else JSON."""
    parts = output if isinstance(output, list) else [output]
    text = "".join(parts) if all(isinstance(part, str) for part in parts) else None
    path = into / safe_name(stem + (".txt" if text is not None else ".json"))
    content = json.dumps(output, indent=2) + "\n" if text is None else text
    try:
        with Part(into) as part:
            part.file.write(content.encode("utf-8", "backslashreplace"))
            return part.place(path, replace=False)
    except OSError as error:
        raise _unwritable(path, error) from None
