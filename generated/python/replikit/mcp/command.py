"""The commands that start the server."""

from __future__ import annotations

import click

from .. import about


@click.group("mcp", help="Serve the API to agents over the Model Context Protocol.")
def command() -> None:
    pass


@command.command(help="Serve over stdin and stdout. Nothing is changed, paid for or disclosed unless a flag allows it.")
@click.option(
    "--write",
    type=click.Choice(["deny", "allow"]),
    default="deny",
    show_default=True,
    help="Whether functions that change something are listed and may be called.",
)
@click.option(
    "--allow",
    metavar="CLASS",
    multiple=True,
    help="Also allow functions of this class: billed, destructive, secret or all. May be repeated.",
)
def serve(write: str, allow: tuple[str, ...]) -> None:
    from ..functions import Policy

    try:
        policy = Policy.gateway(write == "allow", allow)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--allow") from None
    try:
        import anyio

        from . import server
    except ModuleNotFoundError as missing:
        if (missing.name or "").split(".")[0] not in ("mcp", "mcp_types", "anyio"):
            raise
        click.echo(f"The MCP server needs an extra: pip install '{about.PACKAGE}[mcp]'", err=True)
        raise SystemExit(2) from None
    anyio.run(server.serve, policy)
