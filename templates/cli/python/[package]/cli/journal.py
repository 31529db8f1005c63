"""What a batch has done so far, on disk before and after each step, so that a killed one can go on where it was.

    intent n ──(the request)── job n id ──(the job)── a result line

An intent without a job is a call of which nobody knows whether it arrived: it is looked for before it is sent again.
Each record is one write of one line, forced to the disk before anything follows from it: neither a kill nor a power cut
takes it back.
"""

from __future__ import annotations

import importlib
import json
import os
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Self

from ..runtime.disk import plain
from .failure import usage
from .paint import dumps


class Journal:
    """The results in `out`, and beside them the journal of what was sent for them."""

    def __init__(self, out: Path, head: Mapping[str, Any]) -> None:
        """head: what makes a batch the same batch. Raises Failure for another one, or one that is at work."""
        self.out = out
        self.path = out.with_name(out.name + ".journal")
        self.head: dict[str, Any] = dict(head)
        self.intents: set[int] = set()
        self.jobs: dict[int, str] = {}
        self.results: dict[int, bool] = {}
        """Line -> whether it went well."""
        self._lock = threading.Lock()
        try:
            for path in (self.path, out):
                if path.exists():
                    plain(path.stat())  # opening a FIFO would wait for somebody to read it
            self._file = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
            _exclusive(self._file, self.path)
            self._records = list(_lines(self.path))
            self._found = list(_lines(out)) if self._records else []
            if not self._records and out.exists() and out.stat().st_size:
                raise usage(f"--out: {out} is there and was not made by a batch", "--out another file")
            self._results = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o666)
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or error
            raise usage(f"--out: cannot write {out}: {reason}", "--out another file") from None
        self._load()

    @property
    def fresh(self) -> bool:
        """Whether nothing was done for this batch before."""
        return not self._records

    def begin(self, **more: Any) -> None:
        """The first record of a fresh journal: the head, and what was so at the beginning."""
        self.head |= more
        self._note(self.head)
        _sync_folder(self.path.parent)

    def lost(self) -> list[int]:
        """The lines that were perhaps sent."""
        return sorted(self.intents - self.jobs.keys() - self.results.keys())

    def intend(self, line: int) -> None:
        """This line is about to be sent."""
        self._note({"intent": line})
        self.intents.add(line)

    def forget(self, line: int) -> None:
        """This line has certainly not arrived."""
        self._note({"unsent": line})
        self.intents.discard(line)

    def started(self, line: int, job: str) -> None:
        """This job is what the line became."""
        self._note({"line": line, "job": job})
        self.jobs[line] = job

    def result(self, line: int, data: Mapping[str, Any], *, well: bool) -> None:
        """The line is done: its result line is written."""
        with self._lock:
            os.write(self._results, (dumps({"index": line, **data}) + "\n").encode("utf-8", "backslashreplace"))
            self.results[line] = well

    def close(self) -> None:
        """Lets go of the files."""
        os.close(self._file)
        os.close(self._results)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _note(self, record: Mapping[str, Any]) -> None:
        with self._lock:
            os.write(self._file, (json.dumps(record) + "\n").encode())
            os.fsync(self._file)

    def _load(self) -> None:
        if not self._records:
            return
        head, *rest = self._records
        if any(head.get(key) != value for key, value in self.head.items()):
            raise usage(f"--out: {self.out} holds the results of another batch", "--out another file")
        self.head = head
        for record in rest:
            if "intent" in record:
                self.intents.add(record["intent"])
            elif "unsent" in record:
                self.intents.discard(record["unsent"])
            elif "line" in record:
                self.jobs[record["line"]] = record["job"]
        for found in self._found:
            self.results[found["index"]] = not found.get("error") and found.get("ok", True)


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    """The whole lines of a file; one that a kill cut off is cut off the file, too."""
    content = path.read_bytes()
    whole = content.rfind(b"\n") + 1
    if whole < len(content):
        os.truncate(path, whole)
    for number, line in enumerate(content[:whole].splitlines(), 1):
        try:
            record = json.loads(line)
        except ValueError:
            record = None
        if not isinstance(record, dict):
            raise usage(f"--out: line {number} of {path} is not what a batch writes", "--out another file")
        yield record


def _sync_folder(folder: Path) -> None:
    """Force the names of new files to the disk, where the system can."""
    if os.name != "posix":
        return
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def _exclusive(file: int, path: Path) -> None:
    """Two runs of one batch would send what is left twice."""
    try:
        fcntl: Any = importlib.import_module("fcntl")
    except ModuleNotFoundError:
        return  # no such locks on this system
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        raise usage(f"--out: another run of this batch is at work on {path}", "wait for it") from None
