"""What a server bears of its callers."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any

from ..runtime.bounds import variable as _variable

PAGE = 80_000
"""Bytes of a page of a list, and of the list of tools that is shown where nobody asks for them: about 20,000 tokens,
a tenth of what most models read at once, and every conversation begins with it. A host that follows no cursor
sees one page, so that a list which is shown unasked is never cut for it."""


def _bound(default: float, flag: str, help: str, variable: str | None = None) -> Any:
    return field(default=default, metadata={"flag": flag, "help": help, "variable": variable})


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Each with its option, which whoever meets the bound is told of. ValueError for one that is no number above 0."""

    body: int = _bound(4 << 20, "--max-body", "Bytes of a request's body.")
    headers: int = _bound(64 << 10, "--max-headers", "Bytes of a request's headers.")
    depth: int = _bound(64, "--max-depth", "Levels of objects and lists in the arguments of a call.")
    connections: int = _bound(2_000, "--max-connections", "Connections of callers, to each process.")
    calls: int = _bound(16, "--max-calls", "Calls on their way to the API at one time, of each process.")
    waiting: int = _bound(1_000, "--max-waiting", "Calls that wait for their turn, of each process.")
    tasks: int = _bound(
        200, "--max-tasks", "Tasks that hosts may poll, of each process; those of the last minutes too."
    )
    task: float = _bound(
        5.0, "--task-after", "Seconds after which a call is answered with a task, where a host takes one."
    )
    idle: int = _bound(512, "--max-idle", "Connections to the API kept for callers who may call again.")
    call: float = _bound(
        300.0, "--call-timeout", "Seconds of a call, waiting for its turn not counted.", _variable("deadline")
    )
    response: int = _bound(
        16 << 20,
        "--max-response-bytes",
        "Bytes of an answer of the API that are taken, after decompression.",
        _variable("max_response_bytes"),
    )
    items: int = _bound(100, "--max-items", "Items of a stream that a call is answered with.")
    item_bytes: int = _bound(
        200_000, "--max-item-bytes", "Bytes of the items of a stream that a call is answered with."
    )
    stream: float = _bound(20.0, "--stream-timeout", "Seconds that a stream is listened to.")
    request: float = _bound(
        30.0, "--request-timeout", "Seconds in which a request has to come, and a part of its answer to be taken."
    )

    def __post_init__(self) -> None:
        for each in fields(self):
            if not (value := getattr(self, each.name)) > 0:  # true of what is no number (nan), which ranges let through
                raise ValueError(f"{each.metadata['flag']} must be a number above 0, not {value!r}")


def option(name: str) -> str:
    """The option of a bound."""
    return next(str(each.metadata["flag"]) for each in fields(Limits) if each.name == name)
