"""`mock`: the server on the command line."""

from __future__ import annotations

import math
import shlex
import signal
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import click

from .. import about
from ..runtime.listening import refused
from .cors import ANY
from .problems import RecordError
from .scenario import ScenarioError
from .seeds import SeedError, read
from .server import MAX_BODY, OutcomeError, serve

_DIGITS = 18


def _finite(_: click.Context, parameter: click.Parameter, value: float) -> float:
    """A range of numbers lets through what is none (nan), with which no job would ever end."""
    if not math.isfinite(value):
        raise click.BadParameter(f"{value} is not a number of seconds, such as 0.5", param=parameter)
    return value


@click.command(name="mock")
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="Port to listen on; 0 picks a free port.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--token", default="mock-token", show_default=True, help="Token that callers must send; '' accepts any.")
@click.option(
    "--seconds",
    type=click.FloatRange(0),
    callback=_finite,
    default=1.0,
    show_default=True,
    hidden=not about.JOBS,
    help="How long a job takes.",
)
@click.option(
    "--outcome",
    default="",
    hidden=not about.JOBS,
    help="Final state of jobs, such as failed, instead of success.",
)
@click.option("--page-size", type=click.IntRange(1), default=100, show_default=True, help="Items per page.")
@click.option(
    "--rate",
    type=click.IntRange(0),
    default=0,
    hidden=not about.JOBS,
    help="Jobs that may be started per minute; 0: any number.",
)
@click.option(
    "--max-body",
    type=click.IntRange(1),
    default=MAX_BODY,
    show_default=True,
    help="Maximum bytes in a request's body.",
)
@click.option(
    "--data",
    multiple=True,
    metavar="[PATH=]FILE",
    help="Initial JSON records, by path; with PATH=, the record at that path, or its OpenAPI document.",
)
@click.option(
    "--seed",
    "seeded",
    multiple=True,
    metavar="N",
    help="A number that makes ids, times and random responses the same in every run. A file is read as with --data.",
)
@click.option("--scenario", default=None, metavar="FILE", help="A JSON or YAML file of response overrides.")
@click.option(
    "--record", default=None, metavar="URL", help="Forward requests to this API, and record its responses; with --to."
)
@click.option("--to", default=None, metavar="FILE", help="The file that --record creates, without secrets.")
@click.option("--replay", default=None, metavar="FILE", help="Replay a recording, for the calls that it has.")
@click.option("--control/--no-control", default=True, help="Offer /__mock/health, state, calls and reset; the default.")
@click.option(
    "--control-host",
    "control_hosts",
    multiple=True,
    metavar="NAME",
    help="A host name besides loopback names that /__mock/ may be called by; repeatable.",
)
@click.option(
    "--cors",
    "origins",
    multiple=True,
    default=(ANY,),
    show_default=True,
    metavar="ORIGIN",
    help="An origin that may read the responses; repeatable; '' for none.",
)
@click.option("--verbose", is_flag=True, help="Log each request on standard error.")
def command(
    port: int,
    host: str,
    token: str,
    seconds: float,
    outcome: str,
    page_size: int,
    rate: int,
    max_body: int,
    data: tuple[str, ...],
    seeded: tuple[str, ...],
    scenario: str | None,
    record: str | None,
    to: str | None,
    replay: str | None,
    control: bool,
    control_hosts: tuple[str, ...],
    origins: tuple[str, ...],
    verbose: bool,
) -> None:
    """Serve a mock of the API until interrupted.

    Prints the base URL, then the environment variables that make a client call it.
    """
    numbers, files = _told_apart(seeded)
    if (record is None) != (to is None):
        raise click.UsageError("--record URL and --to FILE must be used together")
    if record is not None and replay is not None:
        raise click.UsageError("--record and --replay cannot be used together")
    try:
        seeds = [read(each) for each in (*files, *data)]
        with _ended_by_sigterm(), serve(
            port, host, token,
            seconds=seconds, outcome=outcome, page_size=page_size, rate=rate, max_body=max_body, verbose=verbose,
            seeds=seeds, seed=numbers[-1] if numbers else None, scenario=scenario, replay=replay,
            record=(record, to) if record is not None and to is not None else None,
            control=control, control_hosts=control_hosts, origins=[origin for origin in origins if origin],
        ) as mock:  # fmt: skip
            click.echo(mock.base_url)
            environment = mock.environment()
            if record is not None:  # what lets a client in is the API's affair, and its own
                environment = {name: value for name, value in environment.items() if value != token}
            for name, value in environment.items():
                click.echo(f"export {name}={shlex.quote(value)}")
            threading.Event().wait()
    except KeyboardInterrupt:
        click.echo("stopped", err=True)
    except OutcomeError as error:
        raise click.BadParameter(str(error), param_hint="--outcome") from None
    except ScenarioError as error:
        raise click.BadParameter(str(error), param_hint="--scenario") from None
    except RecordError as error:
        raise click.BadParameter(str(error), param_hint="--record" if record is not None else "--replay") from None
    except SeedError as error:
        raise click.BadParameter(str(error), param_hint="--data") from None
    except OSError as error:
        raise click.UsageError(refused(host, port, error)) from None


def _told_apart(names: Sequence[str]) -> tuple[list[int], list[str]]:
    """Numbers, and the files that `--seed` took before `--data` did."""
    numbers = [each for each in names if each.isascii() and each.isdigit()]
    if any(len(each) > _DIGITS for each in numbers):
        raise click.BadParameter(f"a number has at most {_DIGITS} digits", param_hint="--seed")
    files = [each for each in names if each not in numbers]
    for each in files:
        if not set("./=") & set(each) and not Path(each).is_file():  # nothing of a path, and none
            raise click.BadParameter(
                f"{each[:200]!r} is not a number of up to {_DIGITS} digits, such as 7 (records are read by --data FILE)",
                param_hint="--seed",
            )
    return [int(each) for each in numbers], files


@contextmanager
def _ended_by_sigterm() -> Iterator[None]:
    """SIGTERM ends the server as Ctrl-C does. Process 1 of a container has no other way: it ignores what it handles not."""
    try:
        former = signal.signal(signal.SIGTERM, signal.default_int_handler)
    except ValueError:  # not the main thread
        yield
        return
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, former)
