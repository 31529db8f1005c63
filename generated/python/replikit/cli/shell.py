"""`completion`, `help`, `man` and `version`: what a shell and a reader are given."""

from __future__ import annotations

from typing import Any

import click

from .. import about
from . import options
from .failure import Failure
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


def _help(words: tuple[str, ...]) -> None:
    from .app import root

    root.main([*words, "--help"], prog_name=about.COMMAND, standalone_mode=False)


def _following(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[Any]:
    """What may follow the words that help is wanted of."""
    from .app import root

    command: click.Command = root
    here = click.Context(command, resilient_parsing=True)
    words: list[str] = list(ctx.params.get("words") or ())
    try:
        while words and isinstance(command, click.Group):
            _, command_, words = command.resolve_command(here, words)
            command = command_ or click.Command(None)
            here = click.Context(command, parent=here, resilient_parsing=True)
    except Failure:
        return []
    return command.shell_complete(here, incomplete) if isinstance(command, click.Group) else []


def _version() -> None:
    click.echo(f"{about.COMMAND}, version {about.VERSION}")


def command(name: str) -> click.Command:
    """One of these."""
    if name == "help":
        words = click.Argument(["words"], nargs=-1, metavar="[COMMAND]...", shell_complete=_following)
        return click.Command(name, callback=_help, help="Show the help of a command.", params=[words])
    if name == "version":
        return click.Command(name, callback=_version, help="Show the version.")
    own = options.declared((COMMON,), hidden=(COMMON,))
    if name == "man":
        text = f"Print the manual page: {about.COMMAND} man | man -l -"
        return click.Command(name, callback=_man, help=text, params=own)
    lines = "\b\n" + "\n".join(_WHERE[shell] for shell in _SHELLS)
    shell = click.Argument(["shell"], type=click.Choice(_SHELLS))
    help = f"Print the completion script for a shell. Add it to:\n\n{lines}"
    return click.Command(name, callback=_completion, help=help, params=[shell, *own])
