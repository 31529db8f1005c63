"""The events of a job while it works: from its stream, or by polling where it has none.

What the types of the events mean is data: `operation.job.events`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from .jobs import ended, succeeded
from .operation import JobInfo
from .sse import Event
from .views import at

GONE = (404, 410)


@dataclass(frozen=True, slots=True)
class JobEvent(Event):
    """One event of a job. `kind` is what its type means, as the API's description has it: `output`, `logs`, `error`
    or `done`; empty for any other. `str()` gives the output that it brings; empty for other events."""

    kind: str = ""

    @property
    def detail(self) -> Any:
        """The content of an `error` event: decoded where it is JSON."""
        return self.json()

    @property
    def reason(self) -> str:
        """The reason in a `done` event: empty where the job succeeded."""
        data = self.json()
        reason = data.get("reason") if isinstance(data, Mapping) else None
        return reason if isinstance(reason, str) else ""

    def __str__(self) -> str:
        return self.data if self.kind == "output" else ""


class Changes:
    """The events of a job without a stream of its own, made from what is new in each state of it."""

    def __init__(self, job: JobInfo) -> None:
        self.job = job
        self._items = 0
        self._output = ""
        self._logs = ""

    def news(self, data: Any) -> Iterator[JobEvent]:
        """The events for what is new in this state."""
        logs = at(data, self.job.logs)
        if isinstance(logs, str) and logs != self._logs:
            # Logs may be cut at their beginning when they grow long: then all of them are news.
            yield JobEvent("logs", logs.removeprefix(self._logs), kind="logs")
            self._logs = logs
        output = at(data, self.job.output)
        if isinstance(output, list):
            for item in output[self._items :]:
                yield JobEvent("output", _text(item), kind="output")
            self._items = max(self._items, len(output))
        elif output is not None and (isinstance(output, str) or ended(self.job, data)):
            text = _text(output)
            if text.startswith(self._output) and text != self._output:
                yield JobEvent("output", text.removeprefix(self._output), kind="output")
                self._output = text
        if ended(self.job, data):
            yield from self.end(data)

    def end(self, data: Any) -> Iterator[JobEvent]:
        """The last events of a job that has ended."""
        status = str(at(data, self.job.status))
        error = at(data, self.job.error)
        if error:
            yield JobEvent("error", _text(error), kind="error")
        over = {} if succeeded(self.job, data) else {"reason": "error" if error else status}
        yield JobEvent("done", json.dumps(over), kind="done")


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


class Stream:
    """The state of reading a job's stream."""

    def __init__(self, job: JobInfo, last_event_id: str) -> None:
        self._kinds = {event: kind for kind, event in job.events}
        self.until = tuple(event for kind, event in job.events if kind == "done")
        self.last = last_event_id
        self.received = bool(last_event_id)
        self.over = False

    def received_event(self, event: Event) -> JobEvent:
        """The event with its `kind`; counts it as received."""
        self.last, self.received = event.id, True
        kind = self._kinds.get(event.event, "")
        self.over = kind == "done"
        return JobEvent(event.event, event.data, event.id, kind)
