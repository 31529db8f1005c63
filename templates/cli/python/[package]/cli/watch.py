"""`watch`: the jobs that run. A table in place on a terminal; in a pipe a line for each change."""

from __future__ import annotations

import os
import shutil
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from ..runtime.visible import line
from . import looking, options, paint, streams
from .failure import usage
from .options import COMMON, Settings
from .session import Session, translated

if TYPE_CHECKING:
    from ..runtime.activity import Activity, Change
    from ..runtime.operation import JobInfo
    from ..runtime.prices import Prices

_INTERVAL = 2.0
"""Seconds between two looks."""


def _watch(once: bool, json: bool, **_: Any) -> None:
    from ..runtime import prices
    from ..runtime.jobs import ended

    settings = options.settings(click.get_current_context())
    if settings.output is not None or settings.jq is not None:
        raise usage("--output and --jq: watch has no final result", "--json, for one line per change")
    with Session(settings) as session:
        with translated():
            known = prices.read()
        activity = looking.activity(session, lambda job, data, first: not (first and ended(job, data)))
        view = (
            _Table(activity, known) if _in_place(settings, json, once) else _Lines(activity, known, session, json, once)
        )
        try:
            for changes in looking.looks(session, activity, _INTERVAL, view.silent):
                view.show(changes)
                if once:
                    return
        except KeyboardInterrupt:
            view.close()
            click.echo("stopped", err=True)


def _in_place(settings: Settings, json: bool, once: bool) -> bool:
    return streams.output().terminal and os.environ.get("TERM") != "dumb" and not (json or once or settings.format)


def row(job: JobInfo, data: Any, prices: Prices, now: datetime) -> dict[str, Any]:
    """The row of a job. Its seconds are those billed, or those since its start while it runs."""
    from ..runtime.prices import plain, text_at
    from ..runtime.prices import seconds as paid
    from ..runtime.spending import moment

    taken, price = paid(job, data), prices.of(job, data)
    if taken is None:
        begun = moment(data, job.started)
        from decimal import Decimal

        taken = None if begun is None else max(round(Decimal((now - begun).total_seconds()), 1), Decimal())
    return {
        "id": str(paint.at(data, job.id)),
        "kind": job.key,
        "model": text_at(data, job.model) or None,
        "status": str(paint.at(data, job.status)),
        "seconds": None if taken is None else float(taken),
        "cost": None if taken is None or price is None else plain(taken * price),
    }


class _Lines:
    """A line for each change; with `once`, a list of the running jobs."""

    def __init__(self, activity: Activity, prices: Prices, session: Session, json: bool, once: bool) -> None:
        self._activity, self._prices, self._once = activity, prices, once
        self._printer = session.printer
        if json and not once:
            self._printer.format = "jsonl"
        elif json:
            self._printer.format = "json"
        self._json = self._printer.format in ("json", "jsonl")

    def show(self, changes: list[Change]) -> None:
        """Prints each job whose state has changed."""
        now = datetime.now(UTC)
        if self._once:
            self._printer.write([row(job, data, self._prices, now) for job, data in self._activity.running])
            return
        for change in changes:
            if change.before is not None and _status(change.job, change.before) == _status(change.job, change.data):
                continue
            cells = row(change.job, change.data, self._prices, now)
            if self._json:
                self._printer.write([cells])
            else:
                streams.output().write(line(_words(cells)) + "\n")
        streams.output().flush()

    def silent(self, why: str) -> None:
        """Says that the API does not answer."""
        click.echo(line(f"no response: {why}"), err=True)

    def close(self) -> None:
        """Nothing is left behind."""


def _status(job: JobInfo, data: Any) -> Any:
    return paint.at(data, job.status)


def _words(values: dict[str, Any]) -> str:
    seconds = "" if values["seconds"] is None else f"{values['seconds']:.1f} s"
    cost = "" if values["cost"] is None else f"cost {values['cost']}"
    return "  ".join(
        part for part in (values["id"], values["model"] or values["kind"], values["status"], seconds, cost) if part
    )


class _Table:
    """What runs, written over itself at each look, and no longer than the terminal."""

    def __init__(self, activity: Activity, prices: Prices) -> None:
        self._activity, self._prices = activity, prices
        self._height = 0
        self._note = ""

    def show(self, changes: list[Change]) -> None:
        """Draws what runs now; what has ended since the last look is drawn once more, above it, and stays."""
        from ..runtime.jobs import ended

        self._note = ""
        now = datetime.now(UTC)
        over = [row(change.job, change.data, self._prices, now) for change in changes if ended(change.job, change.data)]
        self._draw([_words(each) for each in over], now)

    def silent(self, why: str) -> None:
        """Shows below the last known state that the API does not answer."""
        self._note = f"no response: {why}"
        self._draw([], datetime.now(UTC))

    def close(self) -> None:
        """Leaves the last drawn state on the screen."""

    def _draw(self, over: list[str], now: datetime) -> None:
        size = shutil.get_terminal_size()
        rows = [_words(row(job, data, self._prices, now)) for job, data in self._activity.running]
        room = max(size.lines - 3, 1)
        more = [f"and {len(rows) - room} more"] if len(rows) > room else []
        last = self._note or f"{len(rows)} running, {now:%H:%M:%S} UTC; Ctrl-C ends this"
        drawn = [line(text)[: size.columns - 1] for text in (*rows[:room], *more, last)]
        above = [line(each)[: size.columns - 1] for each in over]
        sys.stdout.write(paint.redrawn(self._height, [*above, *drawn]))
        sys.stdout.flush()
        self._height = len(drawn)


def command(name: str) -> click.Command:
    """The command."""
    return click.Command(
        name,
        callback=_watch,
        help=(
            "Watch running jobs, with elapsed seconds and the cost if the price is known: in place on a terminal, one line per "
            "change of state in a pipe. It continues through outages; Ctrl-C ends it."
        ),
        params=[
            click.Option(["--once"], is_flag=True, help="Show the running jobs once, and exit."),
            click.Option(["--json"], is_flag=True, help="JSON: one line per change, or a list with --once."),
            *options.declared((COMMON,), hidden=(COMMON,)),
        ],
    )
