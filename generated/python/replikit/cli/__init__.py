"""The command line. `main` is its entry."""

from __future__ import annotations

import sys
from typing import NoReturn


def main(arguments: list[str] | None = None) -> NoReturn:
    """Run one command and exit with its code."""
    try:
        from .app import main as run
    except ModuleNotFoundError as missing:
        if missing.name != "click":
            raise
        _without_click(sys.argv[1:] if arguments is None else arguments)
    run(arguments)


def _without_click(arguments: list[str]) -> NoReturn:
    """What the client alone can answer: its version, and what to install."""
    from .. import about

    if arguments in (["--version"], ["version"]):
        print(f"{about.COMMAND}, version {about.VERSION}")
        raise SystemExit(0)
    from .failure import Failure, fail

    # The extras of the other surfaces bring click along: one install is enough.
    extra = arguments[0] if arguments[:1] in (["mcp"], ["lua"]) else "cli"
    remedy = f"pip install '{about.PACKAGE}[{extra}]'"
    fail(Failure.of("missing_extra", f"the command line needs additional packages: {remedy}", remedy))
