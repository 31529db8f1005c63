"""The flag of an argument, as click has it."""

from __future__ import annotations

import click

from .table import Flag

_METAVARS = {
    "string": "TEXT",
    "integer": "INTEGER",
    "number": "NUMBER",
    "boolean": "BOOLEAN",
    "binary": "@FILE",
    "object": "JSON",
    "any": "VALUE",
    "upload": "@FILE or VALUE",
}


def option(flag: Flag, hidden: bool) -> click.Option:
    """The flag of an argument."""
    name = f"flag_{flag.name}"
    facts = "; ".join(part for part in ("required" if flag.required and not hidden else "", flag.facts) if part)
    text = f"{flag.help}  [{facts}]" if facts else flag.help
    if flag.kind == "boolean" and not flag.repeat:
        return click.Option([name, f"--{flag.flag}/--no-{flag.flag}"], default=None, help=text)
    metavar = (
        f"[{'|'.join(c if c.isprintable() else ascii(c) for c in flag.choices)}]"
        if flag.choices
        else _METAVARS[flag.kind]
    )

    def complete(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
        return [choice for choice in flag.choices if choice.startswith(incomplete)]

    return click.Option(
        [name, f"--{flag.flag}"], multiple=True, metavar=metavar, help=text, hidden=hidden, shell_complete=complete
    )
