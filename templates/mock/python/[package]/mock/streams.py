"""Server-sent events of a job: its logs and its output bit by bit while it works, and all at once when it has ended."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from .jobs import at
from .problems import Problem
from .records import Record
from .state import State

_PULSE = 1.0
"""Seconds between two comments that keep a silent line open."""


def pieces(state: State, id_: str, after: str) -> Iterator[bytes]:
    """The events of the job with that id, after the one with the id `after`. Raises Problem if there is no job."""
    place = _find(state, id_)
    if place is None:
        raise Problem(404, f"There is no stream of {id_!r}.")
    return _pieces(state, *place, int(after) if re.fullmatch("[0-9]{1,9}", after) else 0)


def _find(state: State, id_: str) -> tuple[Record, Mapping[str, Any]] | None:
    for route in state.routes.routes:
        if route["job"] and route["resource"]:
            rules = state.routes.document["jobs"][route["job"]]
            with state.changed:
                for record in state.records[route["resource"]].values():
                    if rules["events"] and at(record.data, rules["stream"]) and at(record.data, rules["id"]) == id_:
                        return record, rules
    return None


def _pieces(state: State, record: Record, rules: Mapping[str, Any], after: int) -> Iterator[bytes]:
    job = record.job
    tokens = _tokens(at(record.data, rules["output"]))
    number_ = 0
    for number, token in enumerate(tokens, 1):
        if job is not None:
            due = job.begins + (job.ends - job.begins) * number / (len(tokens) + 1)
            yield from _until(state, record, due)
        if record.job is not job:
            break
        number_ = number
        if number > after:
            yield _event(rules["events"]["output"], token, number)
    if job is not None:
        yield from _until(state, record, job.ends)
    data = state.seen(record)
    if logs := at(data, rules["logs"]):
        yield from _beyond(after, _event(rules["events"]["logs"], str(logs), number_ + 1), number_ + 1)
    over: dict[str, str] = {}
    if at(data, rules["status"]) not in rules["successful"]:
        error = at(data, rules["error"])
        over = {"reason": "error" if error else "canceled"}
        if error:
            detail = json.dumps({"detail": error})
            yield from _beyond(after, _event(rules["events"]["error"], detail, number_ + 2), number_ + 2)
    yield _event(rules["events"]["done"], json.dumps(over), number_ + 3)


def _until(state: State, record: Record, due: float) -> Iterator[bytes]:
    """Waits for a time, or for the end of the job where it comes first."""
    job = record.job
    while job is not None and record.job is job and (rest := due - state.now()) > 0:
        with state.changed:
            state.changed.wait(min(rest, _PULSE))
        if rest > _PULSE:
            yield b": still here\n\n"


def _beyond(after: int, event: bytes, number: int) -> Iterator[bytes]:
    if number > after:
        yield event


def _tokens(output: Any) -> list[str]:
    if isinstance(output, list):
        return [item if isinstance(item, str) else json.dumps(item) for item in output]
    if output is None:
        return []
    return _words(output) if isinstance(output, str) else [json.dumps(output)]


def _words(text: str) -> list[str]:
    """The words of a text, each with the space around it; joined they are the text."""
    if not text.strip():
        return []
    words = re.split(r"(?<=\s)(?=\S)", text)
    return [words[0] + words[1], *words[2:]] if words[0].isspace() else words


def _event(kind: str, data: str, number: int) -> bytes:
    lines = "".join(f"data: {line}\n" for line in re.split(r"\r\n|\r|\n", data))
    return f"event: {kind}\nid: {number}\n{lines}\n".encode("utf-8", "replace")
