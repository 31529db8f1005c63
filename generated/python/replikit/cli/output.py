"""Standard output: data and nothing else, in the requested format."""

from __future__ import annotations

import base64
import os
import re
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from ..runtime.disk import Part
from . import paint, streams
from .failure import Failure, usage
from .filters import FilterFailure, compiled
from .options import Settings

_URL = re.compile(r"(https?|data):\S+\Z")
Write = Callable[[str | bytes], object]
"""Takes text, which is written as UTF-8 where no terminal is, or bytes."""


def colourful(stream: Any) -> bool:
    """Whether colours may be used there: on a terminal that has them, unless NO_COLOR is set."""
    return bool(stream.isatty()) and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


class Printer:
    """Writes results by the options of one command. Invalid options raise before anything is sent."""

    def __init__(self, settings: Settings) -> None:
        self.file = None if settings.output in (None, "-") else settings.output
        self.terminal = self.file is None and streams.output().terminal
        self.colour = self.terminal and colourful(sys.stdout)
        self.format = settings.format
        self.fields = [name.strip() for name in (settings.fields or "").split(",") if name.strip()] or None
        if settings.fields is not None and not self.fields:
            raise usage("--fields: no field", "--fields id,status")
        self.filter = compiled(settings.jq) if settings.jq is not None else None
        self.hide: Callable[[Any], Any] = _as_it_is
        """Removes secrets of the arguments from a result."""
        if self.file is not None and not os.access(Path(self.file).parent, os.W_OK):
            raise usage(f"--output: cannot write into {Path(self.file).parent}", "--output another file")

    def write(self, data: Any, kind: str = "json", items: str = "") -> None:
        """Writes one result of this kind; `items` is the path of a page's items in it."""
        data = self.hide(data)
        if kind == "empty" or (data is None and kind != "json"):
            return
        if kind == "binary" and isinstance(data, dict) and data.get("data") is not None and self.plain:
            self.needs_bytes()
            return self.binary([base64.b64decode(data["data"])])
        try:
            with self.destination() as write:
                if self.filter is not None:
                    write(self._filtered(self._selected(data, items, whole=False)))
                else:
                    self._page(self._text(self._selected(data, items), kind, items), write)
        except FilterFailure:
            raise
        except Failure as failure:
            # What was called may have been paid for: what it gave is in the error of a disk that is full.
            failure.error.setdefault("data", data)
            raise

    def output(self, data: Any) -> None:
        """What a job put out: text that came in pieces is one text, where it is not JSON that is wanted."""
        pieces = data if isinstance(data, list) and data and all(isinstance(piece, str) for piece in data) else None
        text = "".join(pieces) if pieces and not any(_URL.match(piece) for piece in pieces) else data
        readable = self.format == "raw" or (self.format is None and self.terminal)
        if isinstance(text, str) and readable and self.filter is None:
            self.text(text)
        else:
            self.write(data)

    def stream(self, pages: Iterable[Sequence[Any]]) -> None:
        """The items of a list, page by page as they come; all at once where they make one document, which may not be
        left without its end when a later page fails."""
        format = self.format or ("table" if self.terminal else "json")
        if self.filter is not None or format in ("json", "yaml"):
            return self.write([item for page in pages for item in page])
        with self.destination() as write:
            for part in _parts(self, pages, format):
                write(part)

    def items(self, items: Iterable[Any]) -> None:
        """Writes the items of a stream as they arrive: one JSON text per line, unless another format is requested."""
        format = "jsonl" if self.format in (None, "json") else self.format
        with self.destination() as write:
            for item in items:
                if self.filter is not None:
                    write(self._filtered(self.pick(item)))
                elif format == "yaml":
                    write("---\n" + paint.yaml(self.pick(item)))
                else:
                    for part in _parts(self, [[item]], format):
                        write(part)

    def pieces(self, texts: Iterable[str]) -> None:
        """A text, piece by piece as it comes."""
        whole_line = True
        with self.destination() as write:
            try:
                for text in map(self.hide, texts):
                    write(text)
                    whole_line = text.endswith("\n") if text else whole_line
            finally:
                if self.terminal and not whole_line:
                    write("\n")

    def text(self, text: str) -> None:
        """Text as it is, such as a document or a script."""
        text = self.hide(text)
        with self.destination() as write:
            self._page(text if text.endswith("\n") else text + "\n", write)

    @property
    def plain(self) -> bool:
        """Whether results are written as they are, in no other form."""
        return self.filter is None and self.format is None

    def needs_bytes(self) -> None:
        """Raises Failure where bytes that are no text cannot be written."""
        if self.terminal:
            raise usage("the result is binary data", "--output FILE, or redirect stdout")

    def binary(self, pieces: Iterable[bytes]) -> None:
        """Bytes, piece by piece as they come; a file has all of them or is not there."""
        with self.destination() as write:
            for piece in pieces:
                write(piece)

    @contextmanager
    def destination(self) -> Iterator[Write]:
        """Where bytes go: stdout, or the file, which is replaced once all is there."""
        if self.file is None:
            yield emit
            return
        path = Path(self.file)
        try:
            if path.exists() and not path.is_file():
                with path.open("wb") as special:
                    yield _to(special)
                return
            with Part(path.parent) as part:
                yield _to(part.file)
                part.place(path, replace=True)
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or error
            raise usage(f"--output: cannot write {self.file}: {reason}", "--output another file") from None

    def _filtered(self, data: Any) -> str:
        assert self.filter is not None
        result = self.filter(data)
        plain = [
            value if isinstance(value, str) and self.format in (None, "raw") else paint.dumps(value) for value in result
        ]
        return "".join(f"{text}\n" for text in plain)

    def _selected(self, data: Any, items: str, *, whole: bool = True) -> Any:
        """What --fields leaves: of a page the items, as of a whole list. whole: a page of which nothing is chosen
        stays one."""
        if self.fields is None and whole:
            return data
        selection = paint.at(data, items) if items else None
        data = selection if isinstance(selection, list) else data
        return [self.pick(item) for item in data] if isinstance(data, list) else self.pick(data)

    def pick(self, value: Any) -> Any:
        """The chosen fields of one value."""
        return value if self.fields is None else {name: paint.at(value, name) for name in self.fields}

    def _text(self, data: Any, kind: str, items: str) -> str:
        if isinstance(data, str) and kind in ("text", "events") and self.format in (None, "raw"):
            return data if data.endswith("\n") or not self.terminal else data + "\n"
        rows = data if isinstance(data, list) else paint.at(data, items) if items else None
        format = self.format
        if format is None:
            format = "table" if self.terminal and isinstance(rows, list) and _tabular(rows) else "json"
        match format:
            case "json":
                return streams.shown([self.json(data), "\n"]) if self.terminal else self.json(data) + "\n"
            case "jsonl":
                return "".join(paint.dumps(row) + "\n" for row in (rows if isinstance(rows, list) else [data]))
            case "yaml":
                return paint.yaml(data)
            case "raw":
                return "".join(self.raw(row) for row in (rows if isinstance(rows, list) else [data]))
        if not isinstance(rows, list):
            rows = [{"field": k, "value": v} for k, v in data.items()] if isinstance(data, dict) else [data]
            table = self.table(rows, ["field", "value"] if isinstance(data, dict) else None)
        else:
            table = self.table(rows, self.fields)
        return streams.shown([table.head(), table.rows(rows)]) if rows else ""

    def raw(self, value: Any) -> str:
        """A value without quotes, on a line of its own."""
        text = value if isinstance(value, str) else "" if value is None else paint.dumps(value)
        return text if text.endswith("\n") else text + "\n"

    def table(self, rows: Sequence[Any], names: Sequence[str] | None) -> paint.Table:
        """A table that fits the terminal."""
        room = shutil.get_terminal_size((100, 24)).columns if self.terminal else None
        return paint.Table(rows, names, room, self.colour)

    def json(self, value: Any) -> str:
        """Indented for people, one line for programs."""
        if not self.terminal:
            return paint.dumps(value)
        text = paint.dumps(value, indent=2)
        return paint.coloured(text) if self.colour else text

    def _page(self, text: str, write: Write) -> None:
        if self.terminal and sys.stdin.isatty() and text.count("\n") >= shutil.get_terminal_size().lines:
            from .pager import show

            if show(streams.shown([text])):
                return
        write(text)


def _as_it_is(value: Any) -> Any:
    return value


def _tabular(rows: Sequence[Any]) -> bool:
    return bool(rows) and all(isinstance(row, dict) for row in rows)


def _parts(printer: Printer, pages: Iterable[Sequence[Any]], format: str) -> Iterator[str]:
    table: paint.Table | None = None
    for page in pages:
        rows = [printer.pick(printer.hide(item)) for item in page]
        if format == "table":
            if table is None and rows:
                table = printer.table(rows, printer.fields)
                yield table.head()
            yield table.rows(rows) if table else ""
        elif format == "jsonl":
            yield "".join(paint.dumps(row) + "\n" for row in rows)
        else:
            yield "".join(printer.raw(row) for row in rows)


def emit(content: str | bytes) -> None:
    """Text or bytes on stdout; a reader that has gone away is no error. Raises Failure where they cannot be written."""
    out = streams.output()
    if isinstance(content, str) and out.terminal:
        out.write(content)
        out.flush()
    else:
        out.send(_encoded(content))


def _to(file: IO[bytes]) -> Write:
    return lambda content: file.write(_encoded(content))


def _encoded(content: str | bytes) -> bytes:
    return content if isinstance(content, bytes) else content.encode("utf-8", "backslashreplace")
