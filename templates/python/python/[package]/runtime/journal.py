"""The progress of a batch, on disk before and after each step, so that a killed one can be resumed.

    intent n ──(the request)── job n id ──(the job)── a result line

An intent without a job is a call that may have arrived: it is looked up before it is sent again.
Each record is one write of one line, forced to the disk before anything follows from it: neither a kill nor a power cut
takes it back.
"""

from __future__ import annotations

import importlib
import json
import os
import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Self

from .disk import plain, synced
from .errors import ConfigError
from .objects import as_mapping
from .visible import escaped_json, visible


class JournalError(ConfigError):
    """A journal that cannot be written, or that is of another batch or of one that is at work."""


class Memory:
    """The progress of a batch in memory."""

    def __init__(self, head: Mapping[str, Any]) -> None:
        self.head: dict[str, Any] = dict(head)
        self.intents: set[int] = set()
        self.jobs: dict[int, str] = {}
        self.results: dict[int, bool] = {}
        """Line -> whether it succeeded."""
        self.records: dict[int, Mapping[str, Any]] = {}
        """Line -> its result, as the journal had it when the batch was resumed."""
        self.earlier: list[Mapping[str, Any]] = []
        """Every result in the journal at that time, including those discarded for another try."""

    @property
    def fresh(self) -> bool:
        """Whether nothing was done for this batch before."""
        return True

    def begin(self, **more: Any) -> None:
        """The first record: the head, and what was so at the beginning."""
        self.head |= more

    def lost(self) -> list[int]:
        """The lines that may have been sent."""
        return sorted(self.intents - self.jobs.keys() - self.results.keys())

    def intend(self, line: int) -> None:
        """This line is about to be sent."""
        self.intents.add(line)

    def forget(self, line: int) -> None:
        """This line has certainly not arrived."""
        self.intents.discard(line)

    def started(self, line: int, job: str) -> None:
        """This job is what the line became."""
        self.jobs[line] = job

    def result(self, line: int, data: Mapping[str, Any], *, ok: bool) -> None:
        """The line is done."""
        self.results[line] = ok

    def again(self, line: int) -> None:
        """The line failed and will run once more."""
        self.intents.discard(line)
        self.jobs.pop(line, None)
        self.results.pop(line, None)
        self.records.pop(line, None)

    def close(self) -> None:
        """Releases what it holds."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class Journal(Memory):
    """The results in `out`, and beside them the journal of what was sent for them."""

    def __init__(self, out: Path, head: Mapping[str, Any]) -> None:
        """head: what makes a batch the same batch. Raises JournalError for another one, or one that is at work."""
        super().__init__(head)
        self.out = out
        self.path = out.with_name(out.name + ".journal")
        self._lock = threading.Lock()
        try:
            for path in (self.path, out):
                if path.exists():
                    plain(path.stat())  # opening a FIFO would wait for somebody to read it
            self._file = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
            _exclusive(self._file, self.path)
            self._records = list(_lines(self.path))
            self._earlier = list(_lines(out)) if self._records else []
            if not self._records and out.exists() and out.stat().st_size:
                raise JournalError(f"{out} is there and was not made by a batch")
            self._results = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o666)
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or error
            raise JournalError(f"cannot write {out}: {reason}") from None
        self._load()

    @property
    def fresh(self) -> bool:
        return not self._records

    def begin(self, **more: Any) -> None:
        super().begin(**more)
        self._note(self.head)
        synced(self.path.parent)

    def intend(self, line: int) -> None:
        self._note({"intent": line})
        super().intend(line)

    def forget(self, line: int) -> None:
        self._note({"unsent": line})
        super().forget(line)

    def started(self, line: int, job: str) -> None:
        self._note({"line": line, "job": job})
        super().started(line, job)

    def result(self, line: int, data: Mapping[str, Any], *, ok: bool) -> None:
        with self._lock:
            text = json.dumps(
                {"index": line, "ok": ok, **data}, ensure_ascii=False, separators=(",", ":"), default=_shown
            )
            os.write(self._results, (visible(text, escaped_json) + "\n").encode())
            super().result(line, data, ok=ok)

    def again(self, line: int) -> None:
        self._note({"again": line})
        super().again(line)

    def close(self) -> None:
        """Lets go of the files."""
        os.close(self._file)
        os.close(self._results)

    def _note(self, record: Mapping[str, Any]) -> None:
        with self._lock:
            os.write(self._file, (json.dumps(record) + "\n").encode())
            os.fsync(self._file)

    def _load(self) -> None:
        if not self._records:
            return
        head, *rest = self._records
        if any(head.get(key) != value for key, value in self.head.items()):
            raise JournalError(f"{self.out} holds the results of another batch")
        self.head = head
        again: Counter[int] = Counter()
        for record in rest:
            if "intent" in record:
                self.intents.add(record["intent"])
            elif "unsent" in record:
                self.intents.discard(record["unsent"])
            elif "line" in record:
                self.jobs[record["line"]] = record["job"]
            elif "again" in record:
                super().again(record["again"])
                again[record["again"]] += 1
        for result in self._earlier:
            self.earlier.append(result)
            line = result["index"]
            if again[line]:  # a result that was given up for another try
                again[line] -= 1
                continue
            self.results[line] = not result.get("error") and result.get("ok", True)
            self.records[line] = result


def _shown(value: Any) -> Any:
    """How an input that is no JSON stands in a result line: a dataclass as its fields, a file as its path."""
    if (mapped := as_mapping(value)) is not value:
        return mapped
    return os.fspath(value) if isinstance(value, os.PathLike) else f"({type(value).__name__})"


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
            raise JournalError(f"line {number} of {path} is not what a batch writes")
        yield record


def _exclusive(file: int, path: Path) -> None:
    """Two runs of one batch would send what is left twice."""
    try:
        fcntl: Any = importlib.import_module("fcntl")
    except ModuleNotFoundError:
        return  # no such locks on this system
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        raise JournalError(f"another run of this batch is at work on {path}: wait for it") from None
