"""`costs`: how long the listed jobs took and what they cost, by model or by day; also the costs of one run."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from .. import about
from ..runtime.visible import line
from . import options, times
from .options import COMMON
from .progress import Line, notify
from .session import Session, translated

if TYPE_CHECKING:
    from ..runtime.operation import JobInfo
    from ..runtime.spending import Spending

_MOST = 1000
"""Jobs of each kind that are read by default."""


def _costs(by: str, since: str | None, limit: int, json: bool, **_: Any) -> None:
    from ..runtime import prices
    from ..runtime.spending import Spending, group

    settings = options.settings(click.get_current_context())
    begin = times.since(since, datetime.now(UTC)) if since else None
    sums: dict[str, Spending] = {}
    total, complete = Spending(), True
    with Session(settings) as session:
        printer = session.printer
        printer.format = printer.format or ("json" if json else None)
        with translated():
            known = prices.read()
        with Line("costs") as shown:
            for job, number, data in _listed(session, begin, limit):
                if number > limit:  # one more than is wanted was asked for, to know whether there is one
                    complete = False
                    continue
                for sum_ in (sums.setdefault(group(job, data, by), Spending()), total):
                    sum_.add(prices.seconds(job, data), known.of(job, data))
                shown.set("costs", note=f"{total.jobs} jobs")
        rows = [{by: key, **sum_.to_dict()} for key, sum_ in _ordered(sums, by)]
        data = {
            "by": by,
            "since": begin.isoformat().replace("+00:00", "Z") if begin else None,
            "complete": complete,
            "rows": rows,
            "total": total.to_dict(),
        }
        printer.write(data, items="rows" if printer.terminal and printer.format is None else "")
        _tell(total, complete, limit)


def _listed(session: Session, begin: datetime | None, limit: int) -> Iterator[tuple[JobInfo, int, Any]]:
    """Each job with its kind and its number among those, under the account's permissions."""
    from ..functions import find
    from ..operations import JOBS
    from ..runtime.spending import newest

    for job in JOBS.values():
        if job.list and job.seconds:
            info = find(job.list)
            session.permit(info, {})
            with translated(info):
                for number, data in enumerate(newest(session.client, job, begin, limit + 1), 1):
                    yield job, number, data


def _ordered(sums: dict[str, Spending], by: str) -> list[tuple[str, Spending]]:
    """The latest day first, and the model first that cost or took most."""
    if by == "day":
        return sorted(sums.items(), reverse=True)
    return sorted(sums.items(), key=lambda pair: (-(pair[1].cost or 0), -pair[1].seconds, pair[0]))


def _tell(total: Spending, complete: bool, limit: int) -> None:
    cost = "no price is known" if total.cost is None else f"cost {amount(total.cost)}"
    notify(f"{total.jobs} jobs, {total.seconds:.1f} s, {cost}")
    if total.unpriced_jobs:
        notify(
            f"{total.unpriced_jobs} of them have no price, {total.unpriced_seconds:.1f} s: {about.COMMAND} prices set"
        )
    if total.untimed_jobs:
        notify(f"{total.untimed_jobs} of them have no duration")
    if not complete:
        notify(f"there are more: these are the newest {limit} of each kind; raise --limit to include others")


def amount(value: Any) -> str:
    """An amount for people, with at most six decimals."""
    from ..runtime.prices import plain

    shown = plain(round(value, 6))
    return shown if value == 0 or shown != "0" else "less than 0.000001"


def of_job(job: JobInfo, data: Any) -> dict[str, Any]:
    """The seconds and the cost of a finished job, for its envelope; also printed to the terminal."""
    from decimal import Decimal

    from ..runtime import prices
    from ..runtime.errors import ConfigError
    from ..runtime.spending import metered

    try:
        known = prices.read()
    except ConfigError as error:  # no reason to lose what the job gave, which may have been paid for
        notify(line(str(error)))
        known = prices.Prices()
    total = metered(known, job, data)
    if total:
        cost = f"no price is known for {line(prices.text_at(data, job.model))}"
        if total["cost"] is not None:
            cost = f"cost {amount(Decimal(total['cost']))}"
        notify(f"{total['seconds']:.2f} s, {cost}")
    return total


def command(name: str) -> click.Command:
    """The command."""
    return click.Command(
        name,
        callback=_costs,
        help=(
            "Summarize the duration and the cost of your runs, from the listed jobs and your own prices. Jobs without "
            "a price are counted separately."
        ),
        epilog=f"Times and days are in UTC. Prices are set with {about.COMMAND} prices set.",
        params=[
            click.Option(
                ["--by"], type=click.Choice(["model", "day"]), default="model", help="Group by this; default model."
            ),
            click.Option(["--since"], metavar="TIME", help="Jobs created since: 2026-03-01, a time, or 24h, 7d."),
            click.Option(
                ["--limit"],
                type=click.IntRange(1, 1_000_000),
                default=_MOST,
                metavar="N",
                help=f"The newest N of each kind; default {_MOST}.",
            ),
            click.Option(["--json"], is_flag=True, help="Print JSON, even on a terminal."),
            *options.declared((COMMON,), hidden=(COMMON,)),
        ],
    )
