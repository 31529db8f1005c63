"""`--save DIR`: the files of an output, under names that say what they are and that nothing had before."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping
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
    saved = []
    line = Line("saving")
    line.shown = line.shown and shown
    with translated(info), line:
        for url in urls:
            path = into / _named(url, stem)
            line.set(f"saving {path.name}")
            try:
                saved.append(str(session.client.download(url, path, overwrite=False, on_progress=line.transfer)))
            except Error:
                raise
            except OSError as error:
                raise _unwritable(path, error) from None
    return saved


def files(output: Any, schema: Mapping[str, Any]) -> list[str]:
    """The URLs of an output that is a file, or a list of files, by its schema; without one, of one that looks like it."""
    from ..functions.marks import holds_file

    values = output if isinstance(output, list) else [output]
    urls = [url for value in values if isinstance(value, str) for url in _urls(value)]
    return urls if len(urls) == len(values) and (holds_file(schema) or not schema) else []


def write(session: Session, info: FunctionInfo, urls: list[str], name: str) -> list[str]:
    """The paths of these files: the first is written into the file of that name, which it replaces; others beside it
    under names with a number, of which none replaces anything. Raises Failure."""
    from ..runtime.errors import Error

    path, written = Path(name), []
    with translated(info), Line("saving") as line:
        for number, url in enumerate(urls, 1):
            place = path if number == 1 else path.with_name(f"{path.stem}-{number}{path.suffix}")
            line.set(f"saving {place.name}")
            try:
                saved = session.client.download(url, place, overwrite=number == 1, on_progress=line.transfer)
                if number == 1 and saved != path:  # it was given the extension that its content has
                    saved = saved.replace(path)
            except Error:
                raise
            except OSError as error:
                raise _unwritable(place, error, "--output", "file") from None
            written.append(str(saved))
    return written


def _unwritable(path: Path, error: OSError, option: str = "--save", what: str = "folder") -> Failure:
    return usage(f"{option}: cannot write {path}: {error.strerror or error}", f"{option} another {what}")


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
