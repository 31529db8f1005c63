"""The maintainer's commands: diff, lint, update-spec, release, and generate --watch."""

from __future__ import annotations

import argparse
import contextlib
import json
import shlex
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .errors import SpecError

if TYPE_CHECKING:
    from .evolve.update import Update
    from .inputs import Inputs

OK, BAD, USAGE = 0, 1, 2
_FORMATS = ("text", "markdown", "json")


def add(
    commands: Any,
    chosen: argparse.ArgumentParser,
    inputs: argparse.ArgumentParser,
    read: Callable[[argparse.Namespace], Inputs],
) -> None:
    """Adds the commands to those of the command line.

    chosen: the option that names the settings; inputs: those that name a spec as well; read: what they name.
    """
    compare = commands.add_parser("diff", help="say what changes on every surface, and what that breaks")
    compare.add_argument("old", type=Path, metavar="OLD", help="a document, a catalog or a folder that holds both")
    compare.add_argument("new", type=Path, metavar="NEW", help="the same, later")
    compare.add_argument("--catalog", type=Path, metavar="PATH", help="the functions of OLD, where none is beside it")
    compare.add_argument(
        "--surface", action="append", choices=("python", "cli", "mcp", "lua", "docs"), help="only this one; repeatable"
    )
    compare.add_argument(
        "--overlay",
        action="append",
        type=Path,
        default=[],
        metavar="FILE",
        help="amends both documents first; repeatable",
    )
    compare.add_argument("--format", choices=_FORMATS, default="text", help="(default: text)")
    compare.set_defaults(run=_diff, json=False)
    advise = commands.add_parser("lint", parents=[inputs], help="say what should be mended in document and catalog")
    advise.add_argument("--strict", action="store_true", help="fail on warnings too")
    advise.set_defaults(run=lambda options: _lint(options, read(options)))
    fetch = commands.add_parser(
        "update-spec", parents=[chosen], help="bring a new version of the document into its file, keeping your prose"
    )
    fetch.add_argument(
        "source", nargs="?", default="", metavar="FROM", help="https://… or a file (default: as last time)"
    )
    fetch.add_argument(
        "--overlay",
        action="append",
        type=Path,
        default=[],
        metavar="FILE",
        help="amends both documents first; repeatable",
    )
    fetch.add_argument("--dry-run", action="store_true", help="show what would change; write nothing")
    fetch.add_argument("--format", choices=_FORMATS, default="text", help="of the diff (default: text)")
    fetch.set_defaults(run=lambda options: _update(options, read(options)), json=False)
    close = commands.add_parser(
        "release", parents=[chosen], help="close the changelog's open entry: the spec as it is becomes the baseline"
    )
    close.set_defaults(run=lambda options: _release(read(options)), json=False)


def _diff(options: argparse.Namespace) -> int:
    from .evolve.diff import SURFACES, diff
    from .evolve.sides import read

    try:
        old, new = read(options.old, options.new, options.catalog, tuple(options.overlay))
    except SpecError as error:
        print(f"error: {error}", file=sys.stderr)
        return USAGE  # 1 says that something breaks, and nothing is known of that
    chosen = tuple(name for name in SURFACES if name in (options.surface or SURFACES))
    found = diff(old, new).on(chosen)
    print(_writer(options.format)(found, old.version))
    return BAD if found.breaking else OK


def watch(options: argparse.Namespace, out: Path, read: Callable[[], Inputs], surfaces: Sequence[str]) -> int:
    """`generate --watch`: ends when it is interrupted, which is no failure.

    read: what the settings and the options name; asked again and again, since settings change too.
    """
    from .evolve.watch import watch as follow

    if read().url:
        raise SpecError("--watch", "a document that is fetched is not watched", "save it as a file")
    given = [("--openapi", options.openapi), ("--catalog", options.catalog), ("--out", out), ("--root", options.root)]
    given += [("--auth", options.auth or None), ("--settings", options.settings), ("--extensions", options.extensions)]
    given += [("--templates", folder) for folder in options.templates]
    given += [("--surface-command", f"{each.name}={shlex.join(each.command)}") for each in options.surface_command]
    arguments = [text for flag, value in given if value is not None for text in (flag, str(value))]
    arguments += [text for path in options.overlay for text in ("--overlay", str(path))]
    arguments += [text for name in options.surface or () for text in ("--surface", name)]
    with contextlib.suppress(KeyboardInterrupt):
        more = ["--strict"] * options.strict
        follow(read, out, arguments + more, surfaces, lambda line: print(line, flush=True))
    return OK


def _lint(options: argparse.Namespace, inputs: Inputs) -> int:
    from . import pipeline
    from .check.advice import Advice, advise

    try:
        found = advise(pipeline.load(inputs))
    except SpecError as error:  # it cannot be rendered: that comes first
        found = tuple(Advice(finding, "error", "spec") for finding in error.findings)
    errors = [advice for advice in found if advice.severity == "error"]
    if options.json:
        listed = [{"rule": a.rule, "severity": a.severity, **a.finding.document} for a in found]
        print(json.dumps({"findings": listed}, indent=1, ensure_ascii=False))
    else:
        for advice in sorted(found, key=lambda advice: advice.severity):
            finding = advice.finding
            print(f"{finding.where}: {advice.severity} [{advice.rule}] {finding.what}\n  fix: {finding.hint}")
        print(f"{len(errors)} errors, {len(found) - len(errors)} warnings")
    return BAD if errors or (options.strict and found) else OK


def _writer(name: str) -> Callable[..., str]:
    from .evolve.diff import report

    return {"text": report.text, "markdown": report.as_markdown, "json": report.as_json}[name]


def _update(options: argparse.Namespace, inputs: Inputs) -> int:
    from .evolve.update import update

    def say(line: str) -> None:
        print(line, file=sys.stderr)

    done = update(inputs, options.source, dry_run=options.dry_run, say=say)
    if done.unchanged:
        say("the server says that nothing changed since the last time")
        return OK
    print(_writer(options.format)(done.diff, done.old.version))
    for line in _notes(done, options.dry_run, inputs.project.again):
        say(line)
    return OK


def _release(inputs: Inputs) -> int:
    from .evolve.update import release

    version = release(inputs)
    again = inputs.project.again
    print(f"{version} is released: {inputs.history} holds its spec and changelog; run `{again}`")
    return OK


def _notes(done: Update, dry_run: bool, again: str) -> list[str]:
    """What the maintainer has to know beside the diff."""
    lines: list[str] = []
    for title, items in (
        ("followed in the catalog", done.catalog.renamed),
        ("removed from the catalog", [f"{place}: {why}" for place, why in done.catalog.dropped.items()]),
        ("new in the catalog, needs prose and an example", done.catalog.added),
        ("new in the document, needs prose", done.unwritten),
    ):
        if items:
            lines += ["", f"{title}:", *(f"  {item}" for item in items)]
    verb = "would change" if dry_run else "changed"
    names = ", ".join(str(path) for path in done.written)
    lines += ["", f"{verb}: {names}" if names else "nothing to change"]
    if done.written and not dry_run:
        lines.append(f"next: write the prose that is missing, run `{again}`, and review what moved")
    return lines
