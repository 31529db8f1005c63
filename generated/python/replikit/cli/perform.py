"""A function called from the command line, from the arguments to the last line of output.

batch ─ or ─ pages ─ or ─ one call ─ (followed, streamed, saved) ─ written
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from .. import about
from . import uploading
from .failure import Failure, usage
from .filters import FilterFailure
from .session import Session, ended_badly, translated

if TYPE_CHECKING:
    from ..functions import FunctionInfo
    from ..functions.runs import Run


def perform(
    session: Session,
    info: FunctionInfo,
    arguments: dict[str, Any],
    *,
    starts: bool,
    run: Run | None = None,
    output: bool = False,
    page: str = "",
    of: FunctionInfo | None = None,
) -> None:
    """Call the function and write what it gives.

    starts: it starts a job, whose bad end is the command's. run: what is run describes its own inputs; a line of a
    batch is then those, else all arguments. output: write what a job put out, not the job. page: where in the result
    the URL of its page is. of: the derived function that is called by this one. Raises Failure.
    """
    settings = session.settings
    if settings.json and settings.stream:
        raise usage("--json: an envelope cannot be streamed", "--format jsonl: one event per line")
    if settings.max_cost is not None and settings.batch is None:
        raise usage("--max-cost: applies only to a batch", "--batch FILE, or omit it")
    if settings.batch is not None:
        from .batch import start

        start(session, info, arguments, run)
        return
    shown = settings.dry_run or settings.curl
    if info.page and (settings.limit or settings.all) and not shown:
        _listed(session, info, arguments)
        return
    if settings.save is not None:
        from .saving import folder

        folder(settings.save)
    if info.result_kind == "binary" and session.printer.plain and not settings.json and not shown:
        _file(session, info, arguments)
        return
    if _gives_items(info, arguments) and not shown:
        _items(session, info, arguments)
        return
    try:
        with uploading.shown({} if shown else arguments) as sent:
            envelope = _called(session, info, sent or arguments)
    except KeyboardInterrupt:
        raise _unanswered(info, starts and not shown) from None
    if of is not None:
        envelope["function"] = of.name
    if settings.curl:
        from .curl import command

        session.printer.text(command(envelope["data"], _parts(info, arguments)))
    elif settings.web and not shown:
        from .web import show

        show(session, envelope["data"], page)
    elif info.job and not shown and _follows(session):
        from .jobs import finish

        with _named(info, envelope):
            gives = run.output if run is not None else None
            finish(session, info, envelope, started=starts, output=output, of=of, gives=gives)
    else:
        with _named(info, envelope):
            _write(session, info, envelope, starts)


def _called(session: Session, info: FunctionInfo, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """The envelope of the call; for a list that is resumed, of the page at that position."""
    if session.settings.page_token is None:
        return session.call(info.name, arguments)
    from .pages import given, without

    begun = given(session)
    envelope = session.call(info.name, arguments, cursor=begun.url)
    return without(info, envelope, begun.item)


def _unanswered(info: FunctionInfo, starts: bool) -> Failure:
    """The failure of a command interrupted before its answer came: the job may have been started."""
    from ..operations import OPERATIONS

    job = OPERATIONS[info.name].job if starts else None
    if job is None:
        return Failure.of("interrupted", "interrupted")
    from .jobs import interrupted

    return interrupted(None, job, None, started=True)


@contextmanager
def _named(info: FunctionInfo, envelope: Mapping[str, Any]) -> Iterator[None]:
    """What ends a command that has its job, a filter that fails or an interrupt, is an error that says how to get it."""
    try:
        yield
    except (FilterFailure, KeyboardInterrupt) as end:
        failure = end if isinstance(end, Failure) else Failure.of("interrupted", "interrupted")
        if info.job and not envelope["meta"]["dry_run"]:
            from ..operations import OPERATIONS
            from .jobs import resume

            job = OPERATIONS[info.name].job
            if job is not None:
                failure.error["hint"] = resume(job, envelope["data"], "")
        raise failure from None


def _parts(info: FunctionInfo, arguments: Mapping[str, Any]) -> Sequence[Any] | None:
    """The parts of the form that the call would send, with the content of files."""
    from ..operations import OPERATIONS
    from ..runtime.requests import prepare

    with translated(info):
        return prepare(OPERATIONS[info.name], arguments, about.BASE_URL).parts


def _follows(session: Session) -> bool:
    from .jobs import follows

    return follows(session.settings)


def _write(session: Session, info: FunctionInfo, envelope: dict[str, Any], starts: bool) -> None:
    dry = envelope["meta"]["dry_run"]
    failure = ended_badly(info, envelope["data"]) if starts and not dry else None
    if failure is not None:
        raise failure
    if session.settings.json:
        session.printer.write(envelope)
    else:
        usual = str(envelope["meta"].get("kind") or info.result_kind)
        kind, items = ("json", "") if dry else (usual, str((info.page or {}).get("items", "")))
        session.printer.write(envelope["data"], kind, items)
        if info.page and not dry:
            from .pages import further, tell

            tell(info, further(info, envelope))


def _gives_items(info: FunctionInfo, arguments: Mapping[str, Any]) -> bool:
    """Whether the answer comes item by item."""
    return info.result_kind == "events" or (bool(info.stream) and arguments.get(info.stream) is True)


def _items(session: Session, info: FunctionInfo, arguments: dict[str, Any]) -> None:
    """The items of a stream, each written as soon as it is there."""
    from ..operations import OPERATIONS

    if session.settings.json:
        raise usage("--json: an envelope cannot be streamed", "--format jsonl: one item per line")
    session.admit(info, arguments)
    with translated(info):
        items = session.client.call(OPERATIONS[info.name], arguments)
        if not hasattr(items, "__next__"):  # the server answers with the whole all the same
            session.printer.write(items, "text" if isinstance(items, str) else "json")
            return
        with items:
            session.printer.items(items)


def _file(session: Session, info: FunctionInfo, arguments: dict[str, Any]) -> None:
    """The bytes of a file, written as they come: it may be larger than the memory there is."""
    from ..operations import OPERATIONS

    session.admit(info, arguments)
    session.printer.needs_bytes()
    with translated(info), session.client.answer_stream(OPERATIONS[info.name], arguments) as answer:
        session.printer.binary(answer.iter_bytes())


def _listed(session: Session, info: FunctionInfo, arguments: Mapping[str, Any]) -> None:
    """The items of a list, over as many pages as are wanted."""
    from .pages import Walked, tell

    walked = Walked(session, info, arguments)
    if not session.settings.json:
        session.printer.stream(walked)
        tell(info, walked.onward)
        return
    items: Any = [item for page in walked for item in page]
    for step in reversed([step for step in str((info.page or {})["items"]).split(".") if step]):
        items = {step: items}
    envelope = session.envelope(info, data=items)
    envelope["meta"] |= {"next": walked.onward} if walked.onward else {}
    session.printer.write(envelope)
