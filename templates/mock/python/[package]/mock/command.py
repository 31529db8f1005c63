"""`mock`: the server on the command line."""

from __future__ import annotations

import shlex
import threading

import click

from .. import about
from ..runtime.listening import refused
from .seeds import SeedError, read
from .server import MAX_BODY, serve


@click.command(name="mock")
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="Port to listen on; 0 takes a free one.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--token", default="mock-token", show_default=True, help="Token that callers must send; '' takes any.")
@click.option(
    "--seconds",
    type=click.FloatRange(0),
    default=1.0,
    show_default=True,
    hidden=not about.JOBS,
    help="How long a job takes.",
)
@click.option(
    "--outcome",
    default="",
    hidden=not about.JOBS,
    help="State that jobs end in, such as failed, instead of success.",
)
@click.option("--page-size", type=click.IntRange(1), default=100, show_default=True, help="Items on a page.")
@click.option(
    "--rate",
    type=click.IntRange(0),
    default=0,
    hidden=not about.JOBS,
    help="Jobs that may be started in a minute; 0: any number.",
)
@click.option(
    "--max-body",
    type=click.IntRange(1),
    default=MAX_BODY,
    show_default=True,
    help="Bytes that a request's body may have.",
)
@click.option(
    "--seed",
    "given",
    multiple=True,
    metavar="[PATH=]FILE",
    help="JSON records that are there at the start, by their path; with PATH= the one at it, or its OpenAPI document.",
)
@click.option("--verbose", is_flag=True, help="Write a line for each request to standard error.")
def command(
    port: int,
    host: str,
    token: str,
    seconds: float,
    outcome: str,
    page_size: int,
    rate: int,
    max_body: int,
    given: tuple[str, ...],
    verbose: bool,
) -> None:
    """Serve a mock of the API until interrupted.

    Prints the base URL, then the environment variables that make a client call it.
    """
    try:
        seeds = [read(each) for each in given]
        with serve(
            port, host, token,
            seconds=seconds, outcome=outcome, page_size=page_size, rate=rate, max_body=max_body, verbose=verbose, seeds=seeds,
        ) as mock:  # fmt: skip
            click.echo(mock.base_url)
            for name, value in mock.environment().items():
                click.echo(f"export {name}={shlex.quote(value)}")
            threading.Event().wait()
    except KeyboardInterrupt:
        click.echo("stopped", err=True)
    except SeedError as error:
        raise click.BadParameter(str(error), param_hint="--seed") from None
    except OSError as error:
        raise click.UsageError(refused(host, port, error)) from None
