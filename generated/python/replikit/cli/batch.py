"""`--batch`: a job for each line of a file, several at a time, resumable, and none started twice.

Jobs are started without waiting in the request: the shorter the time between sending a call and knowing the id of its
job, the fewer are in doubt after a kill. Those are looked for among the newest jobs of the account, by their input.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .. import about
from . import lines
from .failure import Failure, usage
from .journal import Journal
from .paint import at
from .progress import Line
from .session import Session

if TYPE_CHECKING:
    from ..functions import FunctionInfo, Policy
    from ..functions.runs import Run
    from ..runtime.operation import JobInfo

_SETTLED = 2.0
"""Seconds after which a call that was under way has arrived, or never will."""
_ROUNDS = 4
_ENDS_ALL = ("authentication", "permission_denied", "policy", "no_token", "config")
_IN_DOUBT = ("connection", "timeout", "server_error")


def start(session: Session, info: FunctionInfo, arguments: dict[str, Any], run: Run | None) -> None:
    """Every line of the file through the function. A line is the inputs of `run`; without one, all arguments.

    Writes a summary. Raises Failure: before anything is sent where a line cannot be, at the end where a job failed.
    """
    settings = session.settings
    if not info.job or settings.dry_run or settings.curl:
        raise usage("--batch: only what starts jobs goes in batches", f"{about.COMMAND} docs shows which do")
    if not settings.out:
        raise usage("--batch: --out is missing", "--out FILE: a result a line, and what a killed batch is resumed from")
    calls = lines.read(session, info, arguments, run)
    policy = session.permit(info, {"batch": f"{len(calls)} calls"})
    head = {"function": info.name, "calls": len(calls), "digest": lines.digest(calls)}
    with Journal(Path(settings.out), head) as journal:
        resumed = len(journal.results)
        batch = _Batch(session, info, policy, calls, journal)
        try:
            batch.work(settings.concurrency)
        except KeyboardInterrupt:
            done = f"{len(journal.results)} of {len(calls)} are done"
            raise Failure.of("interrupted", f"interrupted; {done}", "repeat the command to go on") from None
        failed = sum(not well for well in journal.results.values())
    summary: dict[str, Any] = {
        "calls": len(calls),
        "succeeded": len(calls) - failed,
        "failed": failed,
        "resumed": resumed,
    }
    summary["out"] = settings.out
    if failed:
        message = f"{failed} of {len(calls)} ended without success"
        raise Failure.of("job_failed", message, f"their lines in {settings.out} say why", data=summary)
    session.printer.write(session.envelope(info, data=summary) if settings.json else summary)


class _Pace:
    """When calls may be sent: all of them wait when the API asks one of them to."""

    def __init__(self) -> None:
        self._until = 0.0

    def wait(self) -> None:
        while (left := self._until - time.monotonic()) > 0:
            time.sleep(left)

    def hold(self, seconds: float) -> None:
        self._until = max(self._until, time.monotonic() + min(max(seconds, 0.1), 120.0))


class _Batch:
    def __init__(
        self,
        session: Session,
        info: FunctionInfo,
        policy: Policy,
        calls: list[dict[str, Any]],
        journal: Journal,
    ) -> None:
        from ..operations import OPERATIONS

        self.operations = OPERATIONS
        self.client = session.client
        self.info = info
        self.policy = policy
        self.calls = calls
        self.journal = journal
        job = OPERATIONS[info.name].job
        assert job is not None, "start() refuses what starts no job"
        self.job: JobInfo = job
        self.pace = _Pace()
        self.fatal: Failure | None = None

    def work(self, concurrency: int) -> None:
        """Rounds over what is left: what is in doubt after one is looked for before the next."""
        journal = self.journal
        if journal.fresh:
            journal.begin(newest=self._newest())
        elif journal.lost():
            time.sleep(max(0.0, _SETTLED - (time.time() - journal.path.stat().st_mtime)))
        with Line("batch") as line:
            for _ in range(_ROUNDS):
                self._find(journal.lost())
                left = [n for n in range(len(self.calls)) if n not in journal.results]
                if not left:
                    return
                self._round(left, concurrency, line)
                if self.fatal is not None:
                    raise self.fatal
                if journal.lost():
                    time.sleep(_SETTLED)
        if len(journal.results) < len(self.calls):
            raise Failure.of("connection", "the API cannot be reached for long enough", "repeat the command to go on")

    def _round(self, left: list[int], concurrency: int, line: Line) -> None:
        waiting: queue.SimpleQueue[int] = queue.SimpleQueue()
        for n in left:
            waiting.put(n)
        threads = [
            threading.Thread(target=self._worker, args=(waiting,), daemon=True)
            for _ in range(min(concurrency, len(left)))
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            while thread.is_alive():
                thread.join(0.1)  # so that Ctrl-C is heard
                done = len(self.journal.results)
                line.set("batch", done / len(self.calls), f"{done} of {len(self.calls)}")

    def _worker(self, waiting: queue.SimpleQueue[int]) -> None:
        while self.fatal is None:
            try:
                n = waiting.get_nowait()
            except queue.Empty:
                return
            try:
                self._one(n)
            except Failure as failure:
                self.fatal = failure
            except Exception as error:  # noqa: BLE001 - a mistake of ours must not leave the others at work unheard
                self.fatal = Failure.of("error", f"line {n}: {type(error).__name__}: {error}", "report this")

    def _one(self, n: int) -> None:
        from ..functions import failures

        known = self.journal.jobs.get(n)
        data = self._start(n) if known is None else None
        if data is None and known is None:
            return
        try:
            if known is not None:
                data = self.client.call(self.operations[self.job.poll], {self.job.argument: known})
            data = self.client.follow(self.job, data)
        except failures.caught() as error:
            problem = failures.describe(error, self.info)
            if problem["type"] in _ENDS_ALL:
                raise Failure(problem) from None
            if problem["type"] in (*_IN_DOUBT, "rate_limited"):
                self.pace.hold(problem.get("retry_after") or 1.0)
                return  # the job is known: the next round looks at it again
            self._write(n, {"id": self.journal.jobs[n], "error": problem}, well=False)
            return
        well = at(data, self.job.status) in self.job.successful
        self._write(
            n,
            {
                "id": at(data, self.job.id),
                "status": at(data, self.job.status),
                "output": at(data, self.job.output) if self.job.output else None,
                "error": at(data, self.job.error) if self.job.error else None,
            },
            well=well,
        )

    def _start(self, n: int) -> Any:
        """The job of a line, started; None where it was refused, or where nobody knows whether it was."""
        from ..functions import call

        delay = 1.0
        while self.fatal is None:
            self.pace.wait()
            self.journal.intend(n)
            envelope = call(self.client, self.info.name, self.calls[n], policy=self.policy)
            if envelope["success"]:
                self.journal.started(n, str(at(envelope["data"], self.job.id)))
                return envelope["data"]
            error = envelope["error"]
            if error["type"] == "rate_limited":
                self.journal.forget(n)
                self.pace.hold(error.get("retry_after") or delay)
                delay *= 2
            elif error["type"] in _ENDS_ALL:
                self.journal.forget(n)
                raise Failure(error)
            elif error["type"] in _IN_DOUBT:
                self.pace.hold(1.0)
                return None
            else:
                self._write(n, {"error": error}, well=False)
                return None
        return None

    def _write(self, n: int, data: dict[str, Any], *, well: bool) -> None:
        self.journal.result(n, {"ok": well, **data}, well=well)

    # What is in doubt

    def _find(self, lost: list[int]) -> None:
        """Give each line in doubt the job that it became; those that became none are sent again.

        A job with the same input, begun since the batch was and known for no other line, is that line's: two lines
        with one input may have one another's, which is the same to both. Where inputs are no longer shown, or jobs
        cannot be listed, nobody can know, and nothing is started a second time.
        """
        if not lost:
            return
        if self.journal.head.get("newest") is None:
            self._give_up(lost, f"the API does not list its {self.job.key}s")
            return
        taken = set(self.journal.jobs.values())
        inputs = {str(at(data, self.job.id)): at(data, self.job.input) for data in self._since()}
        found = {name: shown for name, shown in inputs.items() if name not in taken}
        unread = sum(shown is None for shown in found.values())
        missing = []
        for n in lost:
            wanted = self.calls[n].get(self.job.input.rpartition(".")[2])
            match = next((name for name, shown in found.items() if shown == wanted), None)
            if match is None:
                missing.append(n)
            else:
                del found[match]
                self.journal.started(n, match)
        if unread:
            self._give_up(missing, f"the API no longer shows the input of {unread} {self.job.key}s begun since")
        else:
            for n in missing:
                self.journal.forget(n)

    def _give_up(self, lines: list[int], reason: str) -> None:
        for n in lines:
            message = f"whether this was started is not known: {reason}"
            self._write(n, {"error": {"type": "outcome_unknown", "message": message}}, well=False)

    def _newest(self) -> str | None:
        """The newest job there is; "" where there is none, None where jobs cannot be listed."""
        if not self.job.list or not self.job.input:
            return None
        return next((str(at(data, self.job.id)) for data in self._listed()), "")

    def _since(self) -> Iterator[Any]:
        for data in self._listed():
            if str(at(data, self.job.id)) == self.journal.head["newest"]:
                return
            yield data

    def _listed(self) -> Iterator[Any]:
        from .session import translated

        with translated(self.info):
            for page in self.client.call(self.operations[self.job.list], {}, raw=False).pages():
                yield from page.results.to_list()
