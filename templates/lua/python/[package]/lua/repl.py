"""Lua line by line, in one session."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from typing import Any

import click

from .. import about
from .session import Session


def loop(
    start: Callable[[], AbstractContextManager[Session]],
    show: Callable[[dict[str, Any]], None],
    interrupted: Callable[[Session], str],
) -> None:
    """Reads, runs and shows until the input ends. A script that was stopped takes its globals with it.

    interrupted: what is shown of one that Ctrl-C has stopped.
    """
    aloud = sys.stdin.isatty()
    if aloud:
        with suppress(ImportError):
            import readline  # noqa: F401  (input() is edited by it)
        click.echo(f"{about.TITLE} in Lua: {about.NAME}.<function>{{…}}, docs.list(); Ctrl-D ends.", err=True)
    ended = False
    while not ended:
        with start() as session:
            while session.alive and not ended:
                try:
                    envelope = _next(session, aloud)
                except KeyboardInterrupt:
                    click.echo(interrupted(session), err=True)
                    break
                ended = envelope is None
                if envelope is not None:
                    show(envelope)
        if not ended:
            click.echo("the globals are lost: this is a new session", err=True)


def _next(session: Session, aloud: bool) -> dict[str, Any] | None:
    """Reads one chunk, over as many lines as it takes, and runs it: as a value where it is one. None at the end."""
    code = ""
    while True:
        try:
            line = _line(aloud, bool(code))
        except KeyboardInterrupt:  # drops what was begun
            click.echo(err=True)
            code = ""
            continue
        if line is None:
            return session.execute(code) if code else None
        code += line + "\n"
        envelope = session.execute("return " + code)
        if _is_syntax(envelope):
            envelope = session.execute(code)
        if not (_is_syntax(envelope) and "<eof>" in envelope["error"]["message"]):
            return envelope


def _is_syntax(envelope: dict[str, Any]) -> bool:
    error = envelope["error"]
    return error is not None and error["type"] == "syntax"


def _line(aloud: bool, more: bool) -> str | None:
    try:
        return input((">> " if more else "> ") if aloud else "")
    except EOFError:
        if aloud:
            click.echo(err=True)
        return None
