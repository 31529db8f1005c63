"""The command line: generate, check, ir, and the maintainer's commands."""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import json
import os
import shlex
import signal
import sys
from collections import Counter
from collections.abc import Sequence
from io import TextIOWrapper
from pathlib import Path
from types import FrameType
from typing import Any

from . import commands as maintenance
from . import pipeline, review
from . import settings as configuration
from .choices import inputs_of, output_of, settings_of, surfaces_of
from .errors import GeneratorBug, SpecError, printable
from .pipeline import Report
from .plugins import program, registry
from .plugins.program import Program
from .read import bounds
from .terminal import guarded
from .write.folder import OutputError

OK, BAD, USAGE, BUG, INTERRUPTED = 0, 1, 2, 3, 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command. Exit code: 0 ok, 1 bad spec or drift, 2 usage, 3 a bug of ours, 130 interrupted."""
    with contextlib.redirect_stdout(guarded(sys.stdout)), contextlib.redirect_stderr(guarded(sys.stderr)):
        return _main(arguments)


def _main(arguments: Sequence[str] | None) -> int:
    words = sys.argv[1:] if arguments is None else list(arguments)
    # What follows is the gateway's own command line, options before its words among it.
    if words[:1] == ["gateway"] and words[1:] not in (["--help"], ["-h"]):
        options = argparse.Namespace(run=lambda _: _gateway(words[1:], arguments is None), json=False)
    else:
        options = _parser().parse_args(words)
    if sys.stdout is None:
        print("error: standard output is closed\n  fix: send it to /dev/null", file=sys.stderr)
        return BAD
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):  # a name that the terminal's encoding lacks is shown as an escape
            stream.reconfigure(errors="backslashreplace")
    # SIGTERM ends a run the way Ctrl-C does: through the `finally`s that leave the folder as it was.
    former = signal.signal(signal.SIGTERM, _interrupt)
    try:
        code: int = options.run(options)
        sys.stdout.flush()
        return code
    except registry.NotInstalled as error:
        return _fail(options, USAGE, [finding.document for finding in error.findings], str(error))
    except (SpecError, OutputError) as error:
        return _fail(options, BAD, [finding.document for finding in error.findings], str(error))
    except KeyboardInterrupt:
        return _fail(options, INTERRUPTED, [], "interrupted; nothing was written")
    except BrokenPipeError:
        _drop_output()  # whoever read it has left
        return OK
    except OSError as error:
        _drop_output()  # it may be what failed, and would fail again when the interpreter ends
        where = f": {error.filename}" if error.filename else ""
        return _fail(options, BAD, [], f"{error.strerror or error}{where}")
    except MemoryError:
        hint = bounds.BYTES.hint("render fewer surfaces, free memory")
        return _fail(options, BAD, [], f"not enough memory for this document\n  fix: {hint}")
    except GeneratorBug as error:
        return _fail(options, BUG, [], f"bug in surfacegen: {error}")
    except Exception as error:
        if os.environ.get("SURFACEGEN_TRACEBACK"):
            raise
        if isinstance(error, RecursionError) and bounds.DEPTH.value > bounds.DEPTH.default:
            hint = f"flatten it, or lower {bounds.DEPTH.variable}"
            return _fail(options, BAD, [], f"the document is nested too deeply\n  fix: {hint}")
        where = _innermost(error)
        return _fail(options, BUG, [], f"bug in surfacegen: {type(error).__name__}: {error} ({where})")
    finally:
        signal.signal(signal.SIGTERM, former)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=_called(),
        description="Generate a Python client, a command line, an MCP server, Lua bindings, a mock and docs from an OpenAPI document.",
        epilog="Start with `init DOCUMENT`, then `generate`.",
    )
    parser.add_argument("--version", action=_Version, help="print the version of surfacegen and exit")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    chosen = argparse.ArgumentParser(add_help=False)
    chosen.add_argument(
        "--settings",
        type=Path,
        metavar="FILE",
        help=f"the settings file (default: {configuration.YAML}, or {configuration.TABLE} in "
        "{configuration.TOML}, in this folder or the nearest parent)",
    )
    chosen.set_defaults(openapi=None, root=None, catalog=None, auth="", overlay=[], extensions=None)
    inputs = argparse.ArgumentParser(add_help=False, parents=[chosen])
    inputs.add_argument(
        "--openapi", metavar="PATH", help="the OpenAPI document: a file or an https URL (default: from the settings)"
    )
    inputs.add_argument(
        "--root",
        type=Path,
        metavar="FOLDER",
        help="the folder that referenced files must be in (default: its repository, or the parent of its folder)",
    )
    inputs.add_argument(
        "--catalog",
        type=Path,
        metavar="PATH",
        help="the function catalog (default: from the settings; derived from the document if only --openapi is given)",
    )
    maintenance.add_overlay(
        inputs,
        "an OpenAPI Overlay to apply to the document first; repeatable, applied in order",
    )
    inputs.add_argument(
        "--auth",
        default="",
        metavar="HOW",
        help="how calls are authenticated, if the document does not declare it: bearer, basic, header:NAME, "
        "query:NAME, cookie:NAME, or the name of one of its security schemes",
    )
    inputs.add_argument(
        "--extensions",
        type=Path,
        metavar="FOLDER",
        help="hand-written files for this API: Python modules, copied next to the generated client, with the "
        "base classes ClientExtensions and AsyncClientExtensions in __init__.py; modules in aio/, from which those in sync/ are generated; guides for the docs as docs/NAME.md (default: extensions next to the catalog)",
    )
    inputs.add_argument("--json", action="store_true", help="print for machines")
    folder = argparse.ArgumentParser(add_help=False)
    folder.add_argument(
        "--out", type=Path, metavar="FOLDER", help=f"(default: the settings' output, else {configuration.OUTPUT})"
    )
    folder.add_argument(
        "--surface",
        action="append",
        metavar="NAME",
        help=f"only this one, of {', '.join(pipeline.SURFACES)} or of those that `surfaces` lists; repeatable",
    )
    folder.add_argument(
        "--surface-command",
        action="append",
        type=_program,
        default=[],
        metavar="NAME=PROGRAM",
        help="a program, with its arguments, that renders a surface: it reads the IR and the names as JSON from standard input"
        ' and writes {"files": [{"path", "content" or "base64"}]}; started without a shell; repeatable',
    )
    folder.add_argument(
        "--templates",
        action="append",
        type=Path,
        default=[],
        metavar="FOLDER",
        help="overrides our templates, file by file (see `templates`); repeatable, the first takes precedence",
    )

    folder.add_argument(
        "--no-validate",
        action="store_true",
        help="do not validate the document against the schema and the rules of its OpenAPI version; a document of more than"
        f" {bounds.VALIDATED.default:,} bytes ({bounds.VALIDATED.variable}) is validated only by `lint`",
    )
    generate = commands.add_parser("generate", parents=[inputs, folder], help="write every surface")
    generate.add_argument("--strict", action="store_true", help="fail when anything cannot be carried over")
    generate.add_argument(
        "--watch", action="store_true", help="generate again after every change, and show what changed"
    )
    generate.set_defaults(run=_generate)
    check = commands.add_parser(
        "check", parents=[inputs, folder], help="list differences from the output folder; write nothing"
    )
    check.set_defaults(run=_check)
    ir = commands.add_parser("ir", parents=[inputs], help="print the intermediate representation as JSON")
    ir.add_argument("function", nargs="?", metavar="FUNCTION", help="only this function")
    ir.add_argument("--schema", action="store_true", help="print the JSON Schema of that document instead")
    ir.set_defaults(run=_ir)
    listing = commands.add_parser("surfaces", help="list the installed surfaces and their distributions")
    listing.add_argument("--json", action="store_true", help="print for machines")
    listing.set_defaults(run=_list_surfaces)
    _add_templates(commands)
    begin = commands.add_parser("init", parents=[chosen], help="create settings and a catalog for a document")
    begin.add_argument(
        "document",
        nargs="?",
        default="",
        metavar="DOCUMENT",
        help="a file or an https URL (default: the document in this folder)",
    )
    begin.add_argument(
        "--workflow",
        action="store_true",
        help="also create GitHub workflows: one builds the packages, one reviews changes",
    )
    begin.add_argument("--json", action="store_true", help="print for machines")
    begin.set_defaults(run=_init)
    many = commands.add_parser(
        "gateway",
        help="serve and call many APIs at once",
        description="One MCP server, one search, one script and one policy for generated packages, plain documents and third-party "
        "MCP servers. Commands: search, functions, docs, schema, call, lua, doctor, auth, serve, tools, config;"
        " `gateway COMMAND --help` shows the options of each.",
    )
    many.add_argument(
        "words", nargs=argparse.REMAINDER, metavar="COMMAND", help="with its options; gateway options go before it"
    )
    kept = commands.add_parser(
        "gateway-package", parents=[inputs], help="render a document's package into the cache, and print its path"
    )
    kept.set_defaults(run=_gateway_package)
    maintenance.add(commands, chosen, inputs, inputs_of)
    return parser


def _called() -> str:
    """What the user calls this program by."""
    return "surfacegen" if Path(sys.argv[0]).name == "surfacegen" else f"python -m {__package__}"


def _gateway(words: Sequence[str], alone: bool) -> int:
    from . import gateway

    return gateway.run(words, called=_called(), alone=alone)


def _gateway_package(options: argparse.Namespace) -> int:
    from . import gateway

    return gateway.package(options)


class _Version(argparse.Action):
    """Prints the version; looked up only then, since that is slow."""

    def __init__(self, option_strings: Sequence[str], dest: str, help: str) -> None:
        super().__init__(option_strings, argparse.SUPPRESS, nargs=0, default=argparse.SUPPRESS, help=help)

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        from importlib import metadata

        try:
            print(f"surfacegen {metadata.version('surfacegen')}")
        except metadata.PackageNotFoundError:
            print("surfacegen, which is running without being installed")
        parser.exit()


def _add_templates(commands: Any) -> None:
    parser = commands.add_parser(
        "templates",
        help="list our templates, or copy one to change it",
        description="A folder passed with --templates overrides ours, file by file. A template in it replaces the one with"
        ' its path; a template that begins with {% extends "ours/PATH" %} fills in blocks and keeps the rest. A file'
        " that overrides none of ours is added to the output.",
    )
    verbs = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    listing = verbs.add_parser("list", help="list every template and its blocks")
    listing.add_argument(
        "--surface", metavar="NAME", help="only those of this surface, which may come from another distribution"
    )
    listing.add_argument("--json", action="store_true", help="print for machines")
    listing.set_defaults(run=_show_templates)
    eject = verbs.add_parser("eject", help="copy one of ours; never overwrites a file")
    eject.add_argument("path", metavar="PATH", help="as listed by `templates list`")
    eject.add_argument("--to", type=Path, default=Path("templates"), metavar="FOLDER", help="(default: templates)")
    eject.set_defaults(run=_copy_template, json=False)


def _show_templates(options: argparse.Namespace) -> int:
    from . import templates

    return templates.show(options)


def _copy_template(options: argparse.Namespace) -> int:
    from . import templates

    return templates.copy(options)


def _program(text: str) -> Program:
    """A surface that is a program, as the flag gives it."""
    name, equals, command = text.partition("=")
    try:
        words = shlex.split(command)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{command[:80]!r}: {error}") from None
    if not equals or not words:
        raise argparse.ArgumentTypeError(f"{text[:80]!r} is not NAME=PROGRAM")
    try:
        return program.declared({"name": name, "command": words}, "--surface-command")
    except SpecError as error:
        raise argparse.ArgumentTypeError(error.findings[0].what) from None


def _list_surfaces(options: argparse.Namespace) -> int:
    result = registry.installed()
    if options.json:
        print(json.dumps({"surfaces": [dataclasses.asdict(entry) for entry in result]}, indent=1))
        return OK
    width = max(len(entry.name) for entry in result)
    for entry in result:
        where = entry.problem or entry.value
        print(printable(f"{entry.name.ljust(width)}  {entry.distribution}  {where}"))
    return OK


def _generate(options: argparse.Namespace) -> int:
    settings = settings_of(options)
    out, inputs = output_of(options, settings), inputs_of(options, settings)
    surfaces = surfaces_of(options, settings, inputs)
    if options.watch:
        return maintenance.watch(options, out, lambda: inputs_of(options), surfaces)
    report = pipeline.generate(inputs, out, surfaces, strict=options.strict)
    if options.json:
        document = dataclasses.asdict(report)
        del document["steps"]
        document["ledger"] = Counter(loss.kind for loss in report.losses)
        print(json.dumps(document, indent=1))
    else:
        print(_table(report, out))
    for note in report.notes:
        print(note, file=sys.stderr)
    if report.steps and not options.json:
        print("\n".join(["next:", *(f"  {step}" for step in report.steps)]), file=sys.stderr)
    return OK


def _init(options: argparse.Namespace) -> int:
    from .init import init

    done = init(options.document, settings_of(options), with_workflow=options.workflow)
    if options.json:
        print(json.dumps({**dataclasses.asdict(done), "written": [str(path) for path in done.written]}, indent=1))
        return OK
    for note in done.notes:
        print(note, file=sys.stderr)
    for path in done.written:
        below = path.is_absolute() and path.is_relative_to(Path.cwd())
        print(f"wrote {path.relative_to(Path.cwd()) if below else path}")
    if done.added:
        guessed = f", {done.guesses} values are guesses (marked in it)" if done.guesses else ""
        print(f"{done.added} new functions in the catalog{guessed}")
    if not done.written:
        print("nothing to do: all functions are in the catalog")
    print("next: surfacegen generate", file=sys.stderr)
    return OK


def _table(report: Report, out: Path) -> str:
    columns = ("surface", "written", "unchanged", "pruned", "milliseconds")
    rows = [tuple(str(getattr(row, column)) for column in columns) for row in report.rows]
    totals = [str(sum(getattr(row, column) for row in report.rows)) for column in columns[1:-1]]
    lines = [columns, *rows, ("all", *totals, str(report.milliseconds))]
    widths = [max(len(line[i]) for line in lines) for i in range(len(columns))]
    text = [
        "  ".join(cell.rjust(width) if i else cell.ljust(width) for i, (cell, width) in enumerate(zip(line, widths)))
        for line in lines
    ]
    counts = Counter(loss.kind for loss in report.losses)
    summary = ", ".join(f"{counts[kind]} {kind}" for kind in ("chosen", "kept", "degraded", "dropped") if counts[kind])
    text.append(f"ledger: {summary} ({out / pipeline.LEDGER})" if summary else "ledger: nothing lost")
    return "\n".join(text + (["nothing to do"] if report.nothing_to_do else []))


def _check(options: argparse.Namespace) -> int:
    settings = settings_of(options)
    out, inputs = output_of(options, settings), inputs_of(options, settings)
    drift = pipeline.check(inputs, out, surfaces_of(options, settings, inputs))
    for note in review.validated(inputs, out):
        print(note, file=sys.stderr)
    if options.json:
        print(json.dumps({"drift": [dataclasses.asdict(each) for each in drift]}, indent=1))
    elif not drift:
        print(f"{out} is up to date")
    for each in () if options.json else drift:
        print(f"{each.kind:8} {out / each.path}  ({each.cause}: {each.reason})")
        print("\n".join(f"    {line}" for line in each.diff.splitlines()), end="\n" if each.diff else "")
    if not options.json:
        for remedy, count in Counter(each.remedy for each in drift).most_common():
            print(f"fix: {remedy}" + (f"  ({count} files)" if count > 1 else ""), file=sys.stderr)
    return BAD if drift else OK


def _ir(options: argparse.Namespace) -> int:
    from . import ir_json

    if options.schema:
        print(json.dumps(ir_json.schema(), indent=1))
        return OK
    api = pipeline.load(inputs_of(options))
    if options.function is None:
        print(ir_json.dumps(api, indent=1))
        return OK
    named = {function.name: function for function in api.functions}
    if options.function not in named:
        import difflib

        near = difflib.get_close_matches(options.function, named, 3, 0.4)
        hint = f"; nearest: {', '.join(near)}" if near else ""
        return _fail(options, USAGE, [], f"there is no function {options.function!r}{hint}")
    print(json.dumps(ir_json.plain(named[options.function]), indent=1, ensure_ascii=False))
    return OK


def _fail(options: argparse.Namespace, code: int, findings: list[dict[str, str]], message: str) -> int:
    if options.json:
        print(json.dumps({"error": message, "findings": findings, "exit_code": code}, indent=1))
    print("\n".join(map(printable, f"error: {message}".split("\n"))), file=sys.stderr)
    return code


def _drop_output() -> None:
    with open(os.devnull, "wb") as nowhere:
        os.dup2(nowhere.fileno(), 1)


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _innermost(error: BaseException) -> str:
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}" if trace else "nowhere"
