"""A member in a process of its own: started when it is first needed, asked many things at once, begun anew when it ends.

Nothing that it does reaches beyond it. A line has its bound and so has each answer its time; what is no message, or an
answer to nothing, is counted and ends it; one that has ended is started again after a pause that doubles.
"""

from __future__ import annotations

import os
import queue
import signal
import subprocess
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import CancelledError, Future
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from ..runtime.secrets import without
from .contract import LONGEST_LINE, LineError, line, message
from .faults import MemberError

Tell = Callable[[str, float | None], object]

MOST_GARBAGE = 100
"""Lines that mean nothing, until a member is ended for them."""
MOST_WAITING = 200
"""Pending requests of one member."""
LONGEST_PAUSE = 60.0
GRACE = 5.0
"""Seconds in which a member has to say that it took a call back."""
_LAST = 2.0
"""Seconds in which the rest of its stderr is waited for, which somebody else may hold open."""
_KEPT = 20
"""Last lines of its stderr that are kept."""
_LONGEST_TEXT = 200
"""Longest progress text of a call, in characters."""


class Question:
    """One pending request."""

    def __init__(self, member: Process, number: int, tell: Tell | None) -> None:
        self.answer: Future[Any] = Future()
        self.tell = tell
        self._member = member
        self._number = number

    def result(self, seconds: float) -> Any:
        """The answer. Raises MemberError if there is none in that time: the call is then canceled."""
        try:
            return self.answer.result(seconds)
        except TimeoutError:
            self.cancel()
            what = f"{self._member.name} has not responded in {seconds:g} s"
            raise MemberError("timeout", what, "ask for less, or try again later", retryable=True) from None
        except CancelledError:
            raise MemberError("canceled", "the call was canceled") from None

    def cancel(self) -> None:
        """Takes the call back. A member that does not let go of it is ended."""
        if not self.answer.done():
            self._member.take_back(self._number)


@dataclass(eq=False)
class _Run:
    """One run of a member's process, and its pending requests."""

    process: subprocess.Popen[bytes]
    lines: queue.SimpleQueue[bytes | None] = field(default_factory=queue.SimpleQueue)
    """To be written to it, by a thread: a member that does not read must not hold up whoever asks it."""
    asked: dict[int, Question] = field(default_factory=dict)
    garbage: int = 0
    told: threading.Event = field(default_factory=threading.Event)
    """Set once all of its stderr was read."""


class Process:
    """One member's process, or none at the moment."""

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        environment: Mapping[str, str],
        *,
        secrets: Sequence[str] = (),
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.name = name
        self.command = tuple(command)
        self.environment = dict(environment)
        self._secrets = tuple(secrets)
        """What nothing that it writes to stderr is shown with."""
        self._clock = clock
        self._lock = threading.RLock()
        self._run: _Run | None = None
        self._number = 0
        self._failures = 0
        self._next_start = 0.0
        self._closed = False
        self.stderr: deque[str] = deque(maxlen=_KEPT)
        self.why = ""
        """Why it ended last."""
        self.starts = 0
        self.changed: Callable[[], object] = lambda: None
        """Called when the member reports that its list has changed."""

    @property
    def alive(self) -> bool:
        """Whether it runs now."""
        run = self._run
        return run is not None and run.process.poll() is None

    def ask(self, method: str, params: Mapping[str, Any], tell: Tell | None = None) -> Question:
        """Sends a request. Raises MemberError if no process can be started for it."""
        with self._lock:
            run = self._started()
            if len(run.asked) >= MOST_WAITING:
                what = f"{self.name} has {MOST_WAITING} calls in progress"
                raise MemberError("busy", what, "try again later", retryable=True)
            self._number += 1
            text = line({"id": self._number, "method": method, "params": params})
            if len(text) > LONGEST_LINE:
                raise MemberError("too_large", f"the arguments have more than {LONGEST_LINE:,} bytes")
            question = run.asked[self._number] = Question(self, self._number, tell)
        run.lines.put(text)
        return question

    def worked(self) -> None:
        """A call was answered: the next failure is a first one."""
        self._failures = 0

    def take_back(self, number: int) -> None:
        """Asks for a call to be let go of, and ends the process where that does not come about."""
        with self._lock:
            run = self._run
            question = run.asked.get(number) if run is not None else None
        if question is None or run is None:
            return
        run.lines.put(line({"id": 0, "method": "cancel", "params": {"id": number}}))

        def late() -> None:
            if not question.answer.done():
                self._end(run, "it did not stop a call that was canceled")

        timer = threading.Timer(GRACE, late)
        timer.daemon = True
        timer.start()
        question.answer.add_done_callback(lambda _: timer.cancel())

    def close(self) -> None:
        """Ends the process, for good."""
        with self._lock:
            self._closed = True
            run = self._run
        if run is not None:
            self._end(run, "the gateway ended")
            with suppress(subprocess.TimeoutExpired):
                run.process.wait(GRACE)

    def _started(self) -> _Run:
        run = self._run
        if run is not None and run.process.poll() is None:
            return run
        if self._closed:
            raise MemberError("unavailable", f"{self.name}: the gateway is ending")
        left = self._next_start - self._clock()
        if left > 0:
            text = f"{self.name} is not running: {self.why or 'it ended'}; it is restarted in {left:.0f} s"
            raise MemberError("unavailable", text, "use other APIs", retryable=True)
        try:
            process = subprocess.Popen(
                self.command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env=self.environment,
                start_new_session=os.name == "posix",
            )
        except OSError as error:
            self._failed(f"{self.command[0]}: {error.strerror or error}")
            raise MemberError("unavailable", f"{self.name} cannot be started: {self.why}") from None
        self.starts += 1
        self.stderr.clear()
        run = self._run = _Run(process)
        for task in (self._listen, self._overhear, self._write):
            threading.Thread(target=task, args=(run,), name=f"member {self.name}", daemon=True).start()
        return run

    def _failed(self, why: str) -> None:
        self.why = why
        self._failures += 1
        self._next_start = self._clock() + min(2.0 ** (self._failures - 1), LONGEST_PAUSE)

    def _write(self, run: _Run) -> None:
        assert run.process.stdin is not None
        with suppress(OSError, ValueError):
            while (text := run.lines.get()) is not None:
                run.process.stdin.write(text)
                run.process.stdin.flush()
        with suppress(OSError, ValueError):
            run.process.stdin.close()

    def _listen(self, run: _Run) -> None:
        output, why = run.process.stdout, ""
        assert output is not None
        with suppress(OSError, ValueError):
            while not why and (text := output.readline(LONGEST_LINE + 1)):
                if not text.endswith(b"\n"):
                    why = f"it sent a line of more than {LONGEST_LINE:,} bytes" if len(text) > LONGEST_LINE else ""
                    break
                if not self._took(run, text):
                    run.garbage += 1
                    why = f"{MOST_GARBAGE} of its lines were not responses" if run.garbage >= MOST_GARBAGE else ""
        self._end(run, why)
        status = run.process.wait()
        run.lines.put(None)
        with suppress(OSError):
            output.close()
        run.told.wait(_LAST)
        self._gone(
            run, why or (self.why if status == -9 else "") or f"it ended with status {status}{self._last_words()}"
        )

    def _last_words(self) -> str:
        last = next((text for text in reversed(self.stderr) if text.strip()), "")
        return f": {last.strip()[:300]}" if last else ""

    def _took(self, run: _Run, text: bytes) -> bool:
        """Whether a line was worth something."""
        try:
            message_ = message(text)
        except LineError:
            return False
        if message_.get("method") == "changed":
            self.changed()
            return True
        if message_.get("method") == "progress":
            params = message_.get("params")
            params = params if isinstance(params, dict) else {}
            pending = run.asked.get(_number(params.get("id")))
            if pending is None or pending.tell is None:
                return pending is not None
            share = params.get("fraction")
            fraction = float(share) if isinstance(share, (int, float)) and not isinstance(share, bool) else None
            with suppress(Exception):  # whoever is told has gone
                pending.tell(str(params.get("text", ""))[:_LONGEST_TEXT], fraction)
            return True
        number = _number(message_.get("id"))
        with self._lock:
            question = run.asked.pop(number, None)
        if question is None:
            return number == 0  # of a call that was taken back
        if "error" in message_:
            question.answer.set_exception(MemberError.of(message_["error"]))
        else:
            question.answer.set_result(message_.get("result"))
        return True

    def _overhear(self, run: _Run) -> None:
        errors = run.process.stderr
        assert errors is not None
        with suppress(OSError, ValueError):
            while text := errors.readline(4_000):
                self.stderr.append(without(text.decode("utf-8", "replace"), self._secrets))
            errors.close()
        run.told.set()

    def _end(self, run: _Run, why: str) -> None:
        if why:
            self.why = why
        with suppress(OSError):
            if os.name == "posix":
                os.killpg(run.process.pid, signal.SIGKILL)
            else:
                run.process.kill()

    def _gone(self, run: _Run, why: str) -> None:
        with self._lock:
            if self._run is run:
                self._run = None
            lost, run.asked = list(run.asked.values()), {}
            if not self._closed:
                self._failed(why)
        for question in lost:
            text = f"{self.name} ended during the call: {why}"
            question.answer.set_exception(MemberError("unavailable", text, "check whether the call was carried out"))


def _number(value: Any) -> int:
    """The number of a request; -1, which none has, for a value that is no number."""
    return value if isinstance(value, int) and not isinstance(value, bool) else -1
