"""Jobs that continue after the call: followed with a progress bar, streamed, saved, and canceled by Ctrl-C."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import click

from .. import about
from ..runtime.visible import line
from . import saving
from .failure import Failure
from .options import Settings
from .paint import at
from .progress import Line, notify
from .session import Session, ended_badly, translated

if TYPE_CHECKING:
    from ..functions import FunctionInfo
    from ..runtime.operation import JobInfo


def follows(settings: Settings) -> bool:
    """Whether a job is to be followed after the call."""
    return settings.wait is not None or settings.stream or settings.save is not None


def follow(session: Session, info: FunctionInfo, data: Any, *, started: bool) -> Any:
    """The job once it has ended, well or badly. `started`: this command did, and so may end it.

    Raises Failure: interrupted, or the time is up.
    """
    from ..operations import OPERATIONS

    job = OPERATIONS[info.name].job
    assert job is not None, "only jobs can be followed"
    latest = [data]
    try:
        with translated(info):
            if session.settings.stream:
                _stream(session, _events(session, info, job, latest))
                return latest[0]
            return _watched(session, job, latest)
    except Failure as failure:
        if failure.error.get("job"):
            failure.error |= {"hint": resume(job, latest[0]), "data": latest[0]}
        raise
    except KeyboardInterrupt:
        raise interrupted(session.client, job, latest[0], started, session.settings.yes) from None


def _watched(session: Session, job: JobInfo, latest: list[Any]) -> Any:
    from ..runtime.errors import JobTimeoutError
    from ..runtime.jobs import progress

    name = str(at(latest[0], job.id))
    with Line(f"{job.key} {name}") as line:

        def update(data: Any) -> None:
            latest[0] = data
            line.set(f"{job.key} {name} {at(data, job.status)}", progress(at(data, job.logs) if job.logs else None))

        try:
            return session.client.follow(job, latest[0], timeout=session.settings.wait or None, on_update=update)
        except JobTimeoutError as late:
            raise too_late(job, latest[0], str(late)) from None


def _stream(session: Session, events: Iterator[Any]) -> None:
    """Write the output as it arrives: as text, or as a list of its events if another format was requested."""
    printer = session.printer
    if printer.format in (None, "raw") and printer.filter is None and printer.fields is None:
        printer.pieces(map(str, events))
    else:
        printer.stream([{"event": event.event, "data": event.data, "id": event.id}] for event in events)


def _events(session: Session, info: FunctionInfo, job: JobInfo, latest: list[Any]) -> Iterator[Any]:
    """What the job puts out. Raises Failure once it has ended badly: whoever writes it has not written all of it."""
    from ..operations import OPERATIONS
    from ..runtime.errors import JobTimeoutError

    try:
        yield from session.client.follow_events(job, latest[0], timeout=session.settings.wait or None)
    except JobTimeoutError as late:
        raise too_late(job, latest[0], str(late)) from None
    latest[0] = session.client.call(OPERATIONS[job.poll], {job.argument: at(latest[0], job.id)})
    failure = ended_badly(info, latest[0])
    if failure is not None:
        raise failure


def too_late(job: JobInfo, data: Any, message: str) -> Failure:
    """The failure of a job that had not ended when the time was up. The job continues."""
    return Failure.of("job_timeout", message, resume(job, data), data=data)


def resume(job: JobInfo, data: Any, option: str = "--wait") -> str:
    """The command that shows the job again."""
    return f"{about.COMMAND} call {job.poll} --arg {job.argument}={at(data, job.id)} {option}".rstrip()


def interrupted(client: Any, job: JobInfo, data: Any, started: bool, yes: bool = False) -> Failure:
    """The failure of an interrupted command. The job is canceled if a person says so; with nobody to ask, if it is ours.

    What costs money should not go on unseen; what somebody else started is theirs. data: its last known state; None
    where the answer to its start had not come.
    """
    if data is None:
        hint = f"{about.COMMAND} call {job.list} --limit 5" if job.list else ""
        return Failure.of("interrupted", f"interrupted; a {job.key} may have been started", hint)
    name = f"{job.key} {at(data, job.id)}"
    person = sys.stdin.isatty() and sys.stderr.isatty()
    wanted = bool(job.cancel) and (started or person) and at(data, job.status) not in job.terminal
    if wanted and person and not yes:
        try:
            wanted = click.confirm(f"\n{line(name)} is still running. Cancel it?", err=True, default=started)
        except click.Abort:
            wanted = False
    if wanted and _canceled(client, job, data):
        return Failure.of("interrupted", f"interrupted; the {name} was canceled")
    return Failure.of("interrupted", f"interrupted; the {name} goes on", resume(job, data))


def _canceled(client: Any, job: JobInfo, data: Any) -> bool:
    from ..functions import Policy, call

    arguments = {job.argument: at(data, job.id)}
    # Who may start a job may end it: no question is asked twice.
    envelope = call(client, job.cancel, arguments, policy=Policy.everything())
    return bool(envelope["success"])


def finish(
    session: Session,
    info: FunctionInfo,
    envelope: dict[str, Any],
    *,
    started: bool,
    output: bool,
    of: FunctionInfo | None = None,
    gives: Mapping[str, Any] | None = None,
) -> None:
    """Follow the job of an answer and write what came of it: the job, or with `output` what it put out.

    of: the derived function that gives the output as it describes it. gives: the schema of the output, where it is known.
    Raises Failure for a job that ended badly.
    """
    settings = session.settings
    data = envelope["data"] = follow(session, info, envelope["data"], started=started)
    envelope["meta"] |= _metered(info, data)
    failure = ended_badly(info, data)
    if failure is not None:
        raise failure
    if settings.save is not None:
        envelope["meta"]["saved"] = _saved(session, info, data, settings.save)
    if settings.json:
        session.printer.write(envelope)
    elif settings.stream:
        for path in envelope["meta"].get("saved", ()):
            notify(f"saved {path}")
    elif settings.save is not None:
        session.printer.write(envelope["meta"]["saved"])
    elif output and (urls := _files_to_write(session, info, data, gives)):
        for path in _written(session, info, data, urls):
            notify(f"saved {path}")
    elif output and of is not None:
        from ..functions.derived import shaped

        shown = shaped(of, at(data, str((info.job or {}).get("output") or "")))
        session.printer.write(shown, "text" if isinstance(shown, str) and of.result_kind == "text" else "json")
    elif output:
        session.printer.output(at(data, str((info.job or {}).get("output") or "")))
    else:
        session.printer.write(data)


def _metered(info: FunctionInfo, data: Any) -> dict[str, Any]:
    """The seconds and the cost of a job, if it reports the one and its user keeps a price for the other."""
    from ..operations import OPERATIONS
    from .costs import of_job

    job = OPERATIONS[info.name].job
    return of_job(job, data) if job is not None and job.seconds else {}


def _files_to_write(session: Session, info: FunctionInfo, data: Any, gives: Mapping[str, Any] | None) -> list[str]:
    """The files that an output is, where they go into the file of --output; none where it is anything else."""
    if session.printer.file is None or not session.printer.plain:
        return []
    return saving.files(at(data, str((info.job or {}).get("output") or "")), gives or {})


def _written(session: Session, info: FunctionInfo, data: Any, urls: list[str]) -> list[str]:
    """Write the output to the file of --output and return its paths. Every error carries the job that was paid for."""
    try:
        return saving.write(session, info, urls, str(session.printer.file))
    except Failure as failure:
        failure.error.setdefault("data", data)
        raise


def _saved(session: Session, info: FunctionInfo, data: Any, folder: str) -> list[str]:
    """Save the files of the output and return their paths. Every error carries the job that was paid for."""
    from ..operations import OPERATIONS

    try:
        return saving.save(session, info, data, folder)
    except Failure as failure:
        failure.error.setdefault("data", data)
        raise
    except KeyboardInterrupt:
        job = OPERATIONS[info.name].job
        hint = resume(job, data, f"--save {folder}") if job else ""
        raise Failure.of("interrupted", "interrupted; not every file was saved", hint, data=data) from None
