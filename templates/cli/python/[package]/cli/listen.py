"""`listen`: webhooks for a server that the API cannot reach, made from polled changes of jobs."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from typing import Any

import click

from .. import about
from ..runtime.visible import line
from . import looking, options, times, values
from .failure import usage
from .options import COMMON
from .session import Session, translated

_INTERVAL = 1.0
"""Seconds between two looks."""
_SECRET_ENV = f"{about.PACKAGE.upper()}_WEBHOOK_SECRET"
_LONGEST_SECRET = 1000


def _listen(forward: str, events: str | None, since: str | None, secret_file: str | None, **_: Any) -> None:
    from ..runtime.deliveries import Receiver, address, webhooks
    from ..runtime.errors import ArgumentError
    from ..runtime.spending import moment

    settings = options.settings(click.get_current_context())
    begin = times.since(since, datetime.now(UTC)) if since else None
    wanted = _events(events)
    with Session(settings) as session:
        try:
            address(forward)  # before the secret is asked for
            receiver = Receiver(forward, _secret(session, secret_file))
        except ArgumentError as error:
            where = "--forward" if error.parameter == "forward" else "the webhook secret"
            raise usage(f"{where}: {error.message}", f"{about.COMMAND} listen --help") from None

        def fresh(job: Any, data: Any, first: bool) -> bool:
            created = moment(data, job.created)
            return not first if begin is None or created is None else created >= begin

        activity = looking.activity(session, fresh)
        ready = False
        try:
            for changes in looking.looks(session, activity, _INTERVAL, lambda detail: _tell(f"no response: {detail}")):
                if not ready:
                    _tell(f"listening; {', '.join(wanted)} go to {forward}")
                    ready = True
                for webhook in (each for change in changes for each in webhooks(change, wanted)):
                    reason = receiver.deliver(webhook)
                    _tell(f"{webhook.job} {webhook.event} {reason} {webhook.id}")
        except KeyboardInterrupt:
            _tell("stopped")


def _tell(text: str) -> None:
    click.echo(line(text), err=True)


def _events(text: str | None) -> tuple[str, ...]:
    """The selected events; by default those of a webhook without a filter."""
    from ..operations import WEBHOOKS
    from ..runtime.deliveries import EVENTS

    if text is None:
        usual = WEBHOOKS.events if WEBHOOKS else ()
        return tuple(event for event in EVENTS if event in usual) or EVENTS
    named = {part.strip() for part in text.split(",")} - {""}
    unknown = sorted(named - {*EVENTS})
    if unknown or not named:
        from ..functions import nearest

        near = nearest(unknown[0], EVENTS, 1) if unknown else ()
        hint = f"did you mean {near[0]}?" if near else f"--events {','.join(EVENTS)}"
        raise usage(f"--events: {line(unknown[0])[:60]!r} is no event" if unknown else "--events: names none", hint)
    return tuple(event for event in EVENTS if event in named)


def _secret(session: Session, source: str | None) -> str:
    """The secret of a file, of the environment, or else the account's own, which the API gives."""
    from ..functions import find
    from ..operations import OPERATIONS, WEBHOOKS
    from ..runtime.secrets import Secret
    from ..runtime.views import at

    if source is not None:
        text = values.content("@" + source, "--secret-file")[:_LONGEST_SECRET].decode("utf-8", "replace").strip()
        return Secret(text)
    if secret := os.environ.get(_SECRET_ENV, "").strip():
        return Secret(secret)
    assert WEBHOOKS is not None, "the command exists only if the API signs webhooks"
    info = find(WEBHOOKS.secret)
    session.permit(info, {})
    with translated(info):
        fetched = at(session.client.call(OPERATIONS[info.name], {}), WEBHOOKS.key)
    return Secret(fetched if isinstance(fetched, str) else "")


def command(name: str) -> click.Command:
    """The command."""
    return click.Command(
        name,
        callback=_listen,
        help=(
            "Poll your jobs, and send the webhooks that the API would send to your own server, signed the same way. For development "
            "without a public address."
        ),
        epilog=(
            f"Webhooks are signed with the secret of --secret-file or {_SECRET_ENV}, else with your account's own, so "
            "that your verification succeeds. A webhook that is not accepted is sent again, with the same webhook-id. "
            "Ctrl-C ends it."
        ),
        params=[
            click.Option(
                ["--forward"], metavar="URL", required=True, help="The URL to send them to: http:// or https://."
            ),
            click.Option(["--events"], metavar="A,B", help="Only these of start, output, logs and completed."),
            click.Option(
                ["--since"], metavar="TIME", help="Include jobs created since: 2026-03-01, a time, or 10m, 24h."
            ),
            click.Option(
                ["--secret-file"], type=options.Named("file"), metavar="FILE", help="The signing secret; - is stdin."
            ),
            *options.declared((COMMON,), hidden=(COMMON,)),
        ],
    )
