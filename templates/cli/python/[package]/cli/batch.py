"""`--batch`: a job for each line of a file, several at a time, resumable, and none started twice.

Jobs are started without waiting in the request: the shorter the time between sending a call and knowing the id of its
job, the fewer are in doubt after a kill. Those are looked for among the newest jobs of the account, by their input.
"""

from __future__ import annotations

import queue
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .. import about
from . import lines, saving
from .doubt import SETTLED, Doubt
from .failure import Failure, usage
from .journal import Journal
from .pace import Pace, Unhurried
from .paint import at
from .progress import Line
from .session import Session

if TYPE_CHECKING:
    from ..functions import FunctionInfo, Policy
    from ..functions.runs import Run
    from ..runtime.operation import JobInfo

_ROUNDS = 4
"""How often what is left is gone through: what the network let down is tried again in the next."""
_LOOKS = 20.0
"""How often a second jobs are looked at, all together: that has a rate limit, too."""
_ENDS_ALL = ("authentication", "permission_denied", "policy", "no_token", "config")
_IN_DOUBT = ("connection", "timeout", "server_error")


def start(session: Session, info: FunctionInfo, arguments: dict[str, Any], run: Run | None) -> None:
    """Every line of the file through the function. A line is the inputs of `run`; without one, all arguments.

    Writes a summary. Raises Failure: before anything is sent where a line cannot be, at the end where a job failed.
    """
    settings = session.settings
    if not info.job or settings.dry_run or settings.curl:
        raise usage("--batch: only what starts jobs goes in batches", f"{about.COMMAND} docs shows which do")
    if settings.stream:
        raise usage("--batch: its outputs are no streams", "leave --stream out; --out FILE has the results")
    if not settings.out:
        raise usage("--batch: --out is missing", "--out FILE: a result a line, and what a killed batch is resumed from")
    if settings.save is not None:
        saving.folder(settings.save)
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

        self.session = session
        self.operations = OPERATIONS
        self.client = session.client.with_options(retries=Unhurried())
        self.info = info
        self.policy = policy
        self.calls = calls
        self.sent: list[dict[str, Any]] = []
        self.journal = journal
        job = OPERATIONS[info.name].job
        assert job is not None, "start() refuses what starts no job"
        self.job: JobInfo = job
        self.pace = Pace()
        self.doubt = Doubt(self.client, info, job, journal)
        self.fatal: Failure | None = None

    def work(self, concurrency: int) -> None:
        """Rounds over what is left: what is in doubt after one is looked for before the next."""
        journal = self.journal
        if journal.fresh:
            journal.begin(newest=self.doubt.newest())
        self.job = replace(self.job, interval=max(self.job.interval, concurrency / _LOOKS))
        with Line("batch") as line:
            for _ in range(_ROUNDS):
                self._settle()
                left = [n for n in range(len(self.calls)) if n not in journal.results]
                if not left:
                    return
                self.sent = self.sent or lines.sent(self.client, self.info, self.calls)
                self._round(left, concurrency, line)
                if self.fatal is not None:
                    raise self.fatal
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
                from ..runtime.secrets import hidden

                told = hidden(f"line {n}: {type(error).__name__}: {error}")
                self.fatal = Failure.of("error", told, "report this")

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
        result = {
            "id": at(data, self.job.id),
            "status": at(data, self.job.status),
            "output": at(data, self.job.output) if self.job.output else None,
            "error": at(data, self.job.error) if self.job.error else None,
        }
        folder = self.session.settings.save
        if well and folder is not None:
            try:
                result["saved"] = saving.save(self.session, self.info, data, folder, shown=False)
            except Failure as failure:
                if failure.error["type"] not in (*_IN_DOUBT, "rate_limited"):
                    raise
                self.pace.hold(1.0)
                return  # the job is known: its files are asked for again in the next round
        self._write(n, result, well=well)

    def _start(self, n: int) -> Any:
        """The job of a line, started; None where it was refused, or where nobody knows whether it was."""
        from ..functions import call

        while self.fatal is None:
            turn = self.pace.wait()
            self.journal.intend(n)
            envelope = call(self.client, self.info.name, self.sent[n], policy=self.policy)
            if envelope["success"]:
                self.journal.started(n, str(at(envelope["data"], self.job.id)))
                self.pace.accepted()
                return envelope["data"]
            error = envelope["error"]
            if error["type"] == "rate_limited":
                self.journal.forget(n)
                self.pace.refused(turn, error.get("retry_after") or 1.0)
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

    def _settle(self) -> None:
        """Find out what became of the lines in doubt, once all that was under way has settled."""
        lost = self.journal.lost()
        if not lost:
            return
        time.sleep(SETTLED)
        argument = self.job.input.rpartition(".")[2]
        for n, reason in self.doubt.settle({n: self.calls[n].get(argument) for n in lost}).items():
            message = f"whether this was started is not known: {reason}"
            self._write(n, {"error": {"type": "outcome_unknown", "message": message}}, well=False)
