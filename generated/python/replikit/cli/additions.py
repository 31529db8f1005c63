"""What a user adds to the functions of the package, as functions of their own: added, listed, brought up to date, removed.

An extension finds out what a reference is; what is kept of it is kept in the project's file where there is one, else in
the user's own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .. import about
from . import options
from .failure import Failure, usage
from .options import COMMON
from .session import Session, translated

if TYPE_CHECKING:
    from ..functions.added import Added
    from .table import Runner

Kept = Mapping[str, Mapping[str, Any]]

COMMANDS = {
    "add": "Add one as a function.",
    "added": "List those that you added.",
    "refresh": "Refresh the schemas of those that you added, and show what changed.",
    "remove": "Remove one that you added.",
    "types": "Write those that you added as typed Python functions.",
}
"""The commands below the word for additions."""


def runner() -> Runner:
    """The runner whose references can be added."""
    from .commands import RUNNERS

    return next(row for row in RUNNERS if row.adds)


def command(name: str) -> click.Command:
    """One of these commands."""
    row = runner()
    names = click.Argument(["names"], nargs=-1, metavar="[NAME]...", shell_complete=_names)
    whole = f"Without a NAME, all of them. NAME is that of the function, or {row.shown}."
    match name:
        case "add":
            return _command(
                name,
                _add,
                f"Adds {row.shown} as a function of your own: `{about.COMMAND} NAME`, a tool, a Lua function, a typed"
                " function of Python. Its inputs are those that it describes itself. It is kept in the project's file"
                " where there is one in this folder or above, else in your own.",
                click.Argument(["reference"], metavar=row.shown),
                click.Option(["called", "--as"], metavar="NAME", help="A name for it, in place of its own."),
                click.Option(
                    ["--project"], is_flag=True, help="Store it in this folder's file, shared with the project."
                ),
                click.Option(
                    ["--user"], is_flag=True, help="Store it in your own file, even if there is a project file."
                ),
            )
        case "added":
            return _command(name, _list, COMMANDS[name])
        case "refresh":
            check = click.Option(["--check"], is_flag=True, help="Show what changed, and change nothing.")
            return _command(name, _refresh, f"{COMMANDS[name]} {whole} One with a version stays.", names, check)
        case "remove":
            one = click.Argument(["name"], metavar="NAME", shell_complete=_names)
            return _command(name, _remove, COMMANDS[name], one)
    stubs = click.Option(["--stubs"], is_flag=True, help="Only the types, as a .pyi file.")
    return _command(
        name, _types, f"{COMMANDS[name]} {whole} {about.COMMAND} {row.adds} types > models.py", names, stubs
    )


def _command(name: str, callback: Any, help: str, *params: click.Parameter) -> click.Command:
    own = options.declared((COMMON,), hidden=(COMMON,))
    return click.Command(name, callback=callback, help=help, short_help=COMMANDS[name], params=[*params, *own])


def _names(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    from ..functions import added

    return [word for word in added.words() if word.startswith(incomplete)]


def _session() -> Session:
    return Session(options.settings(click.get_current_context()))


def _add(reference: str, called: str | None, project: bool, user: bool, **_: Any) -> None:
    from ..functions import added

    if project and user:
        raise usage("--project: --user says the opposite", "omit one of them")
    with _session() as session, translated():
        name = added.spelled(called if called is not None else _last(reference))
        if not name:
            raise usage(f"{(called or reference)[:80]!r} contains no letter that can be used in a name", "--as NAME")
        place = _place(project, user)
        _free(name, reference, place)
        addition = _looked_up(session, name, reference)
        added.changed(place, lambda kept: {**kept, name: addition.to_dict()})
        session.printer.write(_described(addition, place))


def _last(reference: str) -> str:
    """The part of a reference that names it."""
    return reference.rpartition("/")[2].partition(":")[0]


def _place(project: bool, user: bool) -> Path:
    from ..functions import added

    if project:
        return Path.cwd() / added.project_name()
    return added.own() if user else added.project() or added.own()


def _free(name: str, reference: str, place: Path) -> None:
    """Raises Failure where a name is taken: by a function or a command of the package, or by another that was added."""
    from ..functions import UnknownFunctionError, added, find
    from .aliases import expanded

    word = added.word(name)
    remedy = f"--as {word}-2"
    top = click.get_current_context().find_root()
    assert isinstance(top.command, click.Group), "the tree has commands at the top level"
    if word in top.command.list_commands(top) or expanded([word]) != [word]:
        raise usage(f"{word} is already a command", f"--as another name, such as {remedy}")
    try:
        info = find(name)
    except UnknownFunctionError:
        return
    if info.own_schemas is None:
        raise usage(f"{name} is already a function: {info.name}", f"--as another name, such as {remedy}")
    other = added.one(name)
    if other is not None and other.place == place and other.source != reference:
        raise usage(
            f"{word} was already added, as {other.source}",
            f"{remedy}, or {about.COMMAND} {runner().adds} remove {word}",
        )


def _looked_up(session: Session, name: str, reference: str) -> Added:
    """What is kept of a reference, as it describes itself now. Raises Failure where it names nothing, or too little."""
    from ..functions import added
    from .run import resolved

    row = runner()
    run = resolved(session, row, reference)
    if not run.model:
        hint = f"{about.COMMAND} {row.adds} add {row.shown}"
        raise Failure.of("invalid_arguments", f"{reference[:80]} does not describe its inputs", hint)
    return added.made(name, reference, run)


def _described(addition: Added, place: Path) -> dict[str, Any]:
    """What there is now, and how it is called."""
    from ..functions import added

    word, schema = added.word(addition.name), addition.input_schema
    facts: dict[str, Any] = {
        "name": word,
        "source": addition.source,
        "version": addition.version,
        "function": f"{about.NAME}_{addition.name}",
        "command": f"{about.COMMAND} {word} --help",
        "required": list(schema.get("required", ())),
        "arguments": list(schema.get("properties", ())),
        "kept_in": str(place),
    }
    return {**facts, "notes": list(addition.notes)} if addition.notes else facts


def _list(**_: Any) -> None:
    from ..functions import added

    with _session() as session, translated():
        rows = [
            {
                "name": added.word(each.name),
                "source": each.source,
                "version": each.version[:12],
                "summary": each.summary,
                "kept_in": str(each.place),
            }
            for each in added.kept()
        ]
        session.printer.write(rows)


def _chosen(names: tuple[str, ...]) -> list[Added]:
    """Those that are named, or all. Raises Failure for a name that none has."""
    return [_one(name) for name in names] if names else list(_all())


def _all() -> Iterator[Added]:
    from ..functions import added

    return added.kept()


def _one(name: str) -> Added:
    from ..functions import added, nearest

    addition = added.one(name)
    if addition is not None:
        return addition
    near = nearest(name, added.words(), 3)
    hint = f"did you mean {', '.join(near)}?" if near else f"{about.COMMAND} {runner().adds} added lists them"
    raise Failure.of("not_found", f"no added function is named {name[:80]!r}", hint)


def _refresh(names: tuple[str, ...], check: bool, **_: Any) -> None:
    from ..functions import added, comparing

    with _session() as session, translated():
        rows, fresh = [], []
        for old in _chosen(names):
            new = _looked_up(session, old.name, old.source)
            changes = comparing.changes(old, new)
            rows += [{"name": added.word(old.name), "change": text} for text in changes]
            if changes:
                fresh.append((old, new))
        if check or not fresh:
            session.printer.write(rows)
            return
        _agreed(session, rows)
        for place in dict.fromkeys(old.place for old, _ in fresh):
            assert place is not None, "they were read from a file"
            there = {new.name: new.to_dict() for old, new in fresh if old.place == place}
            added.changed(place, partial(_laid_over, there))


def _laid_over(top: Kept, base: Kept) -> Kept:
    return {**base, **top}


def _agreed(session: Session, rows: list[dict[str, str]]) -> None:
    """Shows what changed, and asks before it is written. Raises Failure where nobody says yes."""
    import sys

    session.printer.write(rows)
    if session.settings.yes:
        return
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise Failure.of(
            "confirmation_needed",
            "this changes the arguments or results of your calls",
            "repeat the command with --yes",
        )
    if not click.confirm("Apply the change?", err=True):
        raise Failure.of("confirmation_needed", "not confirmed; nothing was changed", "answer y, or give --yes")


def _remove(name: str, **_: Any) -> None:
    from ..functions import added

    with _session() as session, translated():
        addition = _one(name)
        assert addition.place is not None, "it was read from a file"
        added.changed(addition.place, lambda kept: {name: each for name, each in kept.items() if name != addition.name})
        session.printer.write(
            {"removed": added.word(addition.name), "source": addition.source, "kept_in": str(addition.place)}
        )


def _types(names: tuple[str, ...], stubs: bool, **_: Any) -> None:
    from ..functions import stubbing

    with _session() as session, translated():
        session.printer.text(stubbing.module(_chosen(names), stubs=stubs))
