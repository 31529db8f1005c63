"""The maintainer's commands: diff, lint, update-spec, release, and generate --watch."""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import json
import os
import shlex
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import settings
from .errors import SpecError, printable

if TYPE_CHECKING:
    from .check.advised import Advice
    from .evolve.diff import Diff
    from .evolve.update import Update
    from .inputs import Inputs

OK, BAD, USAGE = 0, 1, 2
_COUNTED = 50
"""Findings of `lint` from which on they are counted by rule."""
_SHORTEST = 1_000
"""Characters that a report needs to say what it leaves out."""
_FORMATS = ("text", "markdown", "json", "html", "github", "sarif")


def add(
    commands: Any,
    chosen: argparse.ArgumentParser,
    inputs: argparse.ArgumentParser,
    read: Callable[[argparse.Namespace], Inputs],
) -> None:
    """Adds the commands to those of the command line.

    chosen: the option that names the settings; inputs: those that name a spec as well; read: what they name.
    """
    compare = commands.add_parser(
        "diff", parents=[chosen], help="report what changes on every surface, and what breaks"
    )
    compare.add_argument(
        "old",
        type=Path,
        nargs="?",
        metavar="OLD",
        help="a document, a catalog or a folder with both (default: the last release)",
    )
    compare.add_argument("new", type=Path, nargs="?", metavar="NEW", help="the newer one (default: from the settings)")
    compare.add_argument("--catalog", type=Path, metavar="PATH", help="the catalog of OLD, if there is none next to it")
    compare.add_argument(
        "--surface", action="append", choices=("python", "cli", "mcp", "lua", "docs"), help="only this one; repeatable"
    )
    compare.add_argument(
        "--for", dest="audience", choices=("regenerated", "deployed"),
        help="report what breaks regenerated clients, or clients of OLD that call the new server (default: both; with --surface: "
        "regenerated)",
    )  # fmt: skip
    add_overlay(compare, "an overlay to apply to both documents first; repeatable")
    compare.add_argument("--format", choices=_FORMATS, default="text", help="(default: text)")
    compare.add_argument(
        "--limit",
        type=_characters,
        metavar="CHARACTERS",
        help="cut the Markdown at this length, and count what is omitted",
    )
    compare.set_defaults(run=lambda options: _diff(options, read), json=False)
    advise = commands.add_parser("lint", parents=[inputs], help="report problems in the document and the catalog")
    advise.add_argument("--strict", action="store_true", help="fail on warnings too")
    advise.add_argument("--ignore", action="append", default=[], metavar="RULE", help="skip a rule; repeatable")
    advise.add_argument(
        "--fix",
        nargs="?",
        const="",
        metavar="FILE",
        help="write automatic fixes to an overlay: appended to FILE (default: lint.overlay.yaml next to "
        "the document); the document is not changed",
    )
    advise.add_argument("--rules", action="store_true", help="list all rules")
    advise.set_defaults(run=lambda options: _lint(options, read))
    fetch = commands.add_parser(
        "update-spec", parents=[chosen], help="update the document to a new version, keeping your descriptions"
    )
    fetch.add_argument(
        "source",
        nargs="?",
        default="",
        metavar="FROM",
        help="an https URL or a file (default: the URL of the last update)",
    )
    add_overlay(fetch, "an overlay to apply to both documents first; repeatable")
    fetch.add_argument("--dry-run", action="store_true", help="show what would change; write nothing")
    fetch.add_argument("--format", choices=_FORMATS, default="text", help="of the diff (default: text)")
    fetch.set_defaults(run=lambda options: _update(options, read(options)), json=False)
    _add_models(commands, chosen, read)
    close = commands.add_parser(
        "release", parents=[chosen], help="close the changelog's open entry: the current spec becomes the baseline"
    )
    close.set_defaults(run=lambda options: _release(read(options)), json=False)


def add_overlay(parser: argparse.ArgumentParser, text: str) -> None:
    """Adds `--overlay`, which may be given more than once."""
    parser.add_argument("--overlay", action="append", type=Path, default=[], metavar="FILE", help=text)


def _add_models(commands: Any, chosen: argparse.ArgumentParser, read: Callable[[argparse.Namespace], Inputs]) -> None:
    models = commands.add_parser("models", help="manage functions that are derived from others by schemas from the API")
    ways = models.add_subparsers(title="commands", required=True, metavar="COMMAND")
    client = argparse.ArgumentParser(add_help=False, parents=[chosen])
    client.add_argument(
        "--catalog", type=Path, metavar="PATH", help="the function catalog (default: from the settings)"
    )
    client.add_argument("--openapi", metavar="PATH", help="the OpenAPI document (default: from the settings)")
    client.add_argument(
        "--out",
        type=Path,
        metavar="FOLDER",
        help="the output folder with the client that fetches them (default: from the settings)",
    )
    client.add_argument("--dry-run", action="store_true", help="show what would change; write nothing")
    new = ways.add_parser("add", parents=[client], help="fetch a schema, and add a function for it to the catalog")
    new.add_argument(
        "reference", metavar="REF", help="what the function is for, such as OWNER/NAME or OWNER/NAME:VERSION"
    )
    new.add_argument(
        "--as", dest="name", default="", metavar="NAME", help="the name of the function (default: derived from REF)"
    )
    new.add_argument(
        "--derivation", default="", metavar="NAME", help="which derivation of the catalog, if several apply"
    )
    new.add_argument(
        "--fix",
        dest="fixed",
        type=_pair,
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="a fixed argument of the underlying function, such as destination=OWNER/NAME",
    )
    new.set_defaults(run=lambda options: _add_model(options, read(options)), json=False)
    again = ways.add_parser("update", parents=[client], help="fetch the schemas again, and report what changes")
    again.add_argument("names", nargs="*", metavar="NAME", help="only these functions")
    again.add_argument("--format", choices=_FORMATS, default="text", help="of the diff (default: text)")
    again.set_defaults(run=lambda options: _update_models(options, read(options)), json=False)


def _characters(text: str) -> int:
    if not text.isascii() or not text.isdecimal() or int(text) < _SHORTEST:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of at least {_SHORTEST}")
    return int(text)


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not name or not equals:
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME=VALUE")
    return name, value


def _client(options: argparse.Namespace) -> Path:
    """The folder of the client."""
    result: Path | None = options.out or settings.load(options.settings).output
    return result or Path(settings.OUTPUT)


def _add_model(options: argparse.Namespace, inputs: Inputs) -> int:
    from .evolve import schemas

    added = schemas.add(
        inputs,
        _client(options),
        options.reference,
        name=options.name,
        derivation=options.derivation,
        fixed=dict(options.fixed),
        dry_run=options.dry_run,
    )
    print(f"{added.function.name}{' would be' if options.dry_run else ' is'} a derived function. To review:")
    for line in schemas.review(added.function):
        print(f"  {printable(line)}")
    for loss in added.losses:
        print(f"  {loss.kind}: {printable(loss.reason)} ({loss.pointer})")
    verb = "would change" if options.dry_run else "changed"
    print(f"{verb}: {', '.join(map(str, added.written))}; then run `{inputs.project.again}`", file=sys.stderr)
    return OK


def _update_models(options: argparse.Namespace, inputs: Inputs) -> int:
    from .evolve import schemas

    done = schemas.update(inputs, _client(options), tuple(options.names), dry_run=options.dry_run)
    if not done.written:
        print("no schema has changed", file=sys.stderr)
        return OK
    print(_writer(options.format)(done.diff, done.old.version))
    for name in done.pinned:
        print(f"{name} stays at its version", file=sys.stderr)
    verb = "would change" if options.dry_run else "changed"
    print(f"{verb}: {', '.join(map(str, done.written))}; then run `{inputs.project.again}`", file=sys.stderr)
    return OK


def _diff(options: argparse.Namespace, read: Callable[[argparse.Namespace], Inputs]) -> int:
    from .evolve import sides
    from .evolve.diff import AUDIENCES, SURFACES, diff
    from .loading import uncollected

    try:
        if options.surface and options.audience == "deployed":
            what = "selects a surface of regenerated clients, and --for deployed excludes them"
            raise SpecError("--surface", what, "omit one of the two")
        if options.limit is not None and options.format != "markdown":
            raise SpecError("--limit", "applies only to Markdown", "add --format markdown, or omit it")
        if options.new is not None:
            old, new = sides.read(options.old, options.new, options.catalog, tuple(options.overlay))
        else:
            # --catalog is that of OLD; the settings name the one of what it is compared with.
            now = argparse.Namespace(**{**vars(options), "catalog": None})
            if not settings.load(options.settings).document:
                hint = "pass both OLD and NEW, or create settings with `init DOCUMENT`"
                raise SpecError("diff", "there is nothing to compare with: no settings file names a document", hint)
            old, new = sides.of_project(options.old, read(now), options.catalog)
    except SpecError as error:
        print(f"error: {error}", file=sys.stderr)
        return USAGE  # 1 says that something breaks, and nothing is known of that
    chosen = tuple(name for name in SURFACES if name in (options.surface or SURFACES))
    audience = options.audience or ("regenerated" if options.surface else "")
    with uncollected():
        changes = diff(old, new)
    matches = changes.on(chosen, tuple(each for each in AUDIENCES if audience in ("", each)))
    if options.limit is not None:
        from .evolve.diff.report import as_markdown

        print(as_markdown(matches, old.version, options.limit - 1))  # and a line feed
    else:
        print(_writer(options.format)(matches, old.version))
    return BAD if matches.breaking else OK


def watch(options: argparse.Namespace, out: Path, read: Callable[[], Inputs], surfaces: Sequence[str]) -> int:
    """`generate --watch`: ends when it is interrupted, which is no failure.

    read: what the settings and the options name; asked again and again, since settings change too.
    """
    from .evolve.watch import watch as follow

    if read().url:
        raise SpecError("--watch", "a document at a URL cannot be watched", "save it as a file")
    values = [("--openapi", options.openapi), ("--catalog", options.catalog), ("--out", out), ("--root", options.root)]
    values += [("--auth", options.auth or None), ("--settings", options.settings), ("--extensions", options.extensions)]
    values += [("--templates", folder) for folder in options.templates]
    values += [("--surface-command", f"{each.name}={shlex.join(each.command)}") for each in options.surface_command]
    arguments = [text for flag, value in values if value is not None for text in (flag, str(value))]
    arguments += ["--no-validate"] * options.no_validate
    arguments += [text for path in options.overlay for text in ("--overlay", str(path))]
    arguments += [text for name in options.surface or () for text in ("--surface", name)]
    with contextlib.suppress(KeyboardInterrupt):
        more = ["--strict"] * options.strict
        follow(read, out, arguments + more, surfaces, lambda line: print(line, flush=True))
    return OK


def _lint(options: argparse.Namespace, read: Callable[[argparse.Namespace], Inputs]) -> int:
    from . import review
    from .check.catalogue import RULES

    if options.rules:
        return _rules(options)
    known = {rule.id for rule in RULES}
    for rule in options.ignore:
        if rule not in known:
            import difflib

            near = difflib.get_close_matches(rule, known, 3, 0.4)
            raise SpecError(
                "--ignore", f"there is no rule {rule!r}", f"nearest: {', '.join(near)}" if near else "see --rules"
            )
    inputs = read(options)
    mended: tuple[Advice, ...] = ()
    if options.fix is not None:
        from .evolve.fixes import NAME, fix

        path = Path(options.fix) if options.fix else (Path() if inputs.url else inputs.openapi.parent) / NAME
        done = fix(inputs, path, options.ignore)
        mended, result = done.mended, done.left
    else:
        result = tuple(each for each in review.lint(inputs) if each.rule not in options.ignore)
    counts = Counter(advice.severity for advice in result)
    if options.json:
        listed = [{"rule": a.rule, "severity": a.severity, **a.finding.document} for a in result]
        document: dict[str, Any] = {"findings": listed}
        if options.fix is not None:
            document["mended"] = [{"rule": a.rule, **a.finding.document} for a in mended]
        print(json.dumps(document, indent=1, ensure_ascii=False))
    else:
        order = {"error": 0, "warning": 1, "info": 2}
        for advice in sorted(result, key=lambda advice: order[advice.severity]):
            finding = advice.finding
            what, hint = printable(finding.what), printable(finding.hint)
            print(f"{printable(str(finding.where))}: {advice.severity} [{advice.rule}] {what}\n  fix: {hint}")
        infos = f", {counts['info']} infos" if counts["info"] else ""
        print(f"{counts['error']} errors, {counts['warning']} warnings{infos}{_by_rule(result)}")
        if mended:
            print(f"{len(mended)} fixed in {path}{_to_apply(path, inputs, options)}", file=sys.stderr)
        elif options.fix is not None:
            print("nothing to fix", file=sys.stderr)
        by_hand = sum(rule.fixed and each.rule == rule.id for each in result for rule in RULES)
        if options.fix is not None and by_hand:
            why = "they are in Swagger 2.0 or in another file, or the fix cannot be guessed"
            print(f"{by_hand} findings of rules that --fix supports have to be fixed by hand: {why}", file=sys.stderr)
    return BAD if counts["error"] or (options.strict and counts["warning"]) else OK


def _to_apply(path: Path, inputs: Inputs, options: argparse.Namespace) -> str:
    """The step that is still needed before an overlay is applied."""
    if any(path.resolve() == each.resolve() for each in inputs.overlays):
        return ""
    result = settings.load(options.settings)
    if options.openapi is not None or result.file is None:
        return f": pass --overlay {path} to every command"
    route = Path(os.path.relpath(path.resolve(), result.file.resolve().parent)).as_posix()
    return f": add {route} to `overlays` in {result.file}"


def _by_rule(results: Sequence[Advice]) -> str:
    """How many each rule found, most first, where that is more than a reader counts."""
    if len(results) <= _COUNTED:
        return ""
    counts = Counter(each.rule for each in results).most_common()
    listed = ", ".join(f"{rule} {count}" for rule, count in counts)
    return f"\nby rule: {listed}; --ignore RULE skips one"


def _rules(options: argparse.Namespace) -> int:
    from .check.catalogue import RULES

    if options.json:
        print(json.dumps({"rules": [dataclasses.asdict(rule) for rule in RULES]}, indent=1))
        return OK
    widest = max(len(rule.id) for rule in RULES)
    for rule in RULES:
        notes = [rule.origin, *([f"Redocly: {rule.alias}"] if rule.alias else []), *(["--fix"] if rule.fixed else [])]
        print(f"{rule.id:{widest}}  {rule.severity:7}  {rule.what} ({'; '.join(notes)})")
    return OK


def _writer(name: str) -> Callable[[Diff, str], str]:
    """What writes a diff in a format."""
    from .evolve.diff import github, page, report, sarif

    writers: dict[str, Callable[[Diff, str], str]] = {
        "text": report.text,
        "markdown": report.as_markdown,
        "json": report.as_json,
        "html": page.as_html,
        "github": github.as_github,
        "sarif": sarif.as_sarif,
    }
    return writers[name]


def _update(options: argparse.Namespace, inputs: Inputs) -> int:
    from .evolve.update import update

    def say(line: str) -> None:
        print(line, file=sys.stderr)

    done = update(inputs, options.source, dry_run=options.dry_run, say=say)
    if done.unchanged:
        say("the server reports no change since the last update")
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
    """Notes for the maintainer that are not part of the diff."""
    lines: list[str] = []
    for title, items in (
        ("renamed in the catalog", done.catalog.renamed),
        ("removed from the catalog", [f"{place}: {why}" for place, why in done.catalog.dropped.items()]),
        ("new in the catalog, needs a description and an example", done.catalog.added),
        ("new functions, derived from the document", done.catalog.derived),
        ("new in the document, needs a description", done.unwritten),
    ):
        if items:
            lines += ["", f"{title}:", *(f"  {item}" for item in items)]
    lines += (
        ["", *(f"warning: {each.finding.where}: {each.finding.what}" for each in done.invalid)] if done.invalid else []
    )
    verb = "would change" if dry_run else "changed"
    names = ", ".join(str(path) for path in done.written)
    lines += ["", f"{verb}: {names}" if names else "nothing to change"]
    if done.written and not dry_run:
        lines.append(f"next: write the missing descriptions, run `{again}`, and review the changes")
    return lines
