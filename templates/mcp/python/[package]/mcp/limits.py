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
    connections: int = _bound(2_000, "--max-connections", "Client connections, per process.")
    calls: int = _bound(16, "--max-calls", "Concurrent calls to the API, per process.")
    waiting: int = _bound(1_000, "--max-waiting", "Queued calls, per process.")
    tasks: int = _bound(200, "--max-tasks", "Tasks, per process, including those that ended in the last minutes.")
    task: float = _bound(5.0, "--task-after", "Seconds after which a call returns a task, if the host supports it.")
    idle: int = _bound(512, "--max-idle", "Idle connections to the API that are kept open.")
    call: float = _bound(
        300.0, "--call-timeout", "Seconds for a call, without the time in the queue.", _variable("deadline")
    )
    response: int = _bound(
        16 << 20,
        "--max-response-bytes",
        "Bytes in a response from the API, after decompression.",
        _variable("max_response_bytes"),
    )
    items: int = _bound(100, "--max-items", "Items of a stream in the result of a call.")
    item_bytes: int = _bound(200_000, "--max-item-bytes", "Bytes of those items.")
    stream: float = _bound(20.0, "--stream-timeout", "Seconds that a stream is read.")
    request: float = _bound(
        30.0, "--request-timeout", "Seconds to receive a request, and to send a part of its response."
    )

    def __post_init__(self) -> None:
        for each in fields(self):
            if not (value := getattr(self, each.name)) > 0:  # true of what is no number (nan), which ranges let through
                raise ValueError(f"{each.metadata['flag']} must be a number above 0, not {value!r}")


def option(name: str) -> str:
    """The option of a bound."""
    return next(str(each.metadata["flag"]) for each in fields(Limits) if each.name == name)
