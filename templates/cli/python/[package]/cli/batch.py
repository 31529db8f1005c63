"""`--batch`: a job for each line of a file, several at a time, resumable, and none started twice.

Jobs are started without waiting in the request: the shorter the time between sending a call and knowing the id of its
job, the fewer are in doubt after a kill.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .. import about
from . import lines, saving
from .failure import Failure, usage
from .progress import Line
from .session import Session, translated

if TYPE_CHECKING:
    from ..functions import FunctionInfo
    from ..functions.runs import Run
    from ..runtime.batches import Result
    from ..runtime.budget import Budget
    from ..runtime.prices import Prices
    from .options import Settings

_PASSING = ("connection", "timeout", "server_error", "rate_limited")


def start(session: Session, info: FunctionInfo, arguments: dict[str, Any], run: Run | None) -> None:
    """Every line of the file through the function. A line is the inputs of `run`; without one, all arguments.

    Writes a summary. Raises Failure: before anything is sent where a line cannot be, at the end where a job failed.
    """
    from ..operations import OPERATIONS
    from ..runtime.batches import Batch, head
    from ..runtime.budget import BudgetError
    from ..runtime.journal import Journal, JournalError
    from ..runtime.prices import plain
    from ..runtime.sync.mapping import mapped

    settings = session.settings
    if not info.job or settings.dry_run or settings.curl:
        raise usage("--batch: only functions that start jobs can run in batches", f"{about.COMMAND} docs lists them")
    if settings.stream:
        raise usage("--batch: outputs are not streamed", "omit --stream; --out FILE has the results")
    if not settings.out:
        raise usage(
            "--batch: --out is missing", "--out FILE: one result per line; an interrupted batch resumes from it"
        )
    if settings.save is not None:
        saving.folder(settings.save)
    known, budget = _money(settings, run)
    by_line = lines.read(session, info, arguments, run)
    numbers, calls = list(by_line), list(by_line.values())
    session.permit(info, {"batch": f"{len(calls)} calls"})
    operation = OPERATIONS[info.name]
    try:
        journal = Journal(Path(settings.out), head(operation, calls))
    except JournalError as error:
        raise usage(f"--out: {error}", "--out another file") from None
    batch = Batch(
        operation,
        calls,
        journal,
        sent=lines.sent(session.client, info, calls) if len(journal.results) < len(calls) else calls,
        concurrency=settings.concurrency,
        retries=session.client.retries,
        pace=session.client._pace(),
        record=lambda result: _record(session, info, result, numbers[result.index]),
        max_failures=settings.max_failures,
        retry_failed=settings.retry_failed,
        prices=known,
        budget=budget,
    )
    resumed = len(journal.results)
    reached: BudgetError | None = None
    try:
        with translated(info), Line("batch") as line:
            try:
                for done, _ in enumerate(mapped(session.client, batch), 1):
                    line.set("batch", done / len(calls), f"{done} of {len(calls)}")
            except BudgetError as error:
                reached = error
    except KeyboardInterrupt:
        done = len(journal.results)
        raise Failure.of("interrupted", f"interrupted; {done} of {len(calls)} are done", _AGAIN) from None
    except Failure as failure:
        failure.error["hint"] = failure.error.get("hint") or _AGAIN
        raise
    failed = sum(not ok for ok in journal.results.values())
    succeeded = len(journal.results) - failed
    counts = {"calls": len(calls), "succeeded": succeeded, "failed": failed, "resumed": resumed}
    summary: dict[str, Any] = {**counts, "out": settings.out}
    if budget is not None:
        summary["spent"] = plain(budget.spent)
    if reached is not None:
        message = f"--max-cost: {reached}; {len(journal.results)} of {len(calls)} are done"
        raise Failure.of("max_cost", message, "repeat the command with a larger amount to continue", data=summary)
    if failed:
        message = f"{failed} of {len(calls)} ended without success"
        hint = f"see their lines in {settings.out}; --retry-failed runs them again"
        raise Failure.of("job_failed", message, hint, data=summary)
    session.printer.write(session.envelope(info, data=summary) if settings.json else summary)


def _money(settings: Settings, run: Run | None) -> tuple[Prices, Budget | None]:
    """The prices, and what the batch may cost. Raises Failure where that cannot be held."""
    from ..runtime import prices
    from ..runtime.budget import Budget

    with translated():
        known = prices.read()
    if settings.max_cost is None:
        return known, None
    if run is None or not run.model:
        raise usage(
            "--max-cost: the model, and so the price, is not known before the job is created",
            f"{about.COMMAND} run NAME --batch …, or omit --max-cost",
        )
    price = known.price(run.model)
    if price is None:
        raise usage(f"--max-cost: no price is known for {run.model}", f"{about.COMMAND} prices set {run.model} …")
    return known, Budget(settings.max_cost, price)


_AGAIN = "repeat the command to continue"


def _record(session: Session, info: FunctionInfo, result: Result, number: int) -> Mapping[str, Any] | None:
    """The result line for the line of this number; None if its files are missing and must be downloaded again."""
    from ..functions import failures
    from ..runtime.batches import OutcomeUnknownError
    from ..runtime.errors import JobError

    parts = ("input", "id", "status", "output", "error")
    fields = {name: getattr(result, name) for name in parts if getattr(result, name) is not None}
    record: dict[str, Any] = {"line": number, **session.printer.hide(fields)}
    if isinstance(result.exception, OutcomeUnknownError):
        record["error"] = {"type": "outcome_unknown", "message": result.error}
    elif result.exception is not None and not isinstance(result.exception, JobError):
        record["error"] = session.printer.hide(failures.describe(result.exception, info))
    folder = session.settings.save
    if result.ok and folder is not None:
        try:
            record["saved"] = saving.save(session, info, result.data, folder, shown=False)
        except Failure as failure:
            if failure.error["type"] not in _PASSING:
                raise
            return None
    return record
