"""`completion` and `man`: what a shell and a reader of manuals are given."""

from __future__ import annotations

from typing import Any

import click

from .. import about
from . import options
from .options import COMMON
from .output import Printer

_SHELLS = ("bash", "fish", "zsh")
_WHERE = {
    "bash": f'eval "$({about.COMMAND} completion bash)"      in ~/.bashrc',
    "fish": f"{about.COMMAND} completion fish | source      in ~/.config/fish/config.fish",
    "zsh": f'eval "$({about.COMMAND} completion zsh)"       in ~/.zshrc',
}


def _completion(shell: str, **_: Any) -> None:
    from .app import root
    from .completion import CLASSES, VARIABLE

    script = CLASSES[shell](root, {}, about.COMMAND, VARIABLE)
    Printer(options.settings(click.get_current_context())).text(script.source())


def _man(**_: Any) -> None:
    from .manual import roff

    Printer(options.settings(click.get_current_context())).text(roff())


def command(name: str) -> click.Command:
    """One of the two."""
    own = options.declared((COMMON,), hidden=(COMMON,))
    if name == "man":
        text = f"Write the manual page: {about.COMMAND} man | man -l -"
        return click.Command(name, callback=_man, help=text, params=own)
    lines = "\b\n" + "\n".join(_WHERE[shell] for shell in _SHELLS)
    shell = click.Argument(["shell"], type=click.Choice(_SHELLS))
    help = f"Write the completion script of a shell, to be put there:\n\n{lines}"
    return click.Command(name, callback=_completion, help=help, params=[shell, *own])
