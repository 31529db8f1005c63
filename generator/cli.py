"""The command line: generate, check, ir, and the maintainer's commands beside it."""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import json
import os
import signal
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from io import TextIOWrapper
from pathlib import Path
from types import FrameType
from typing import Any

from . import commands as maintenance
from . import pipeline
from . import settings as configuration
from .errors import GeneratorBug, SpecError, printable
from .ir import Place
from .pipeline import Inputs, Report
from .read import bounds
from .settings import Settings, repository
from .terminal import guarded
from .write.folder import OutputError

OK, BAD, USAGE, BUG, INTERRUPTED = 0, 1, 2, 3, 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command. Exit code: 0 ok, 1 bad spec or drift, 2 usage, 3 a bug of ours, 130 interrupted."""
    with contextlib.redirect_stdout(guarded(sys.stdout)), contextlib.redirect_stderr(guarded(sys.stderr)):
        return _main(arguments)


def _main(arguments: Sequence[str] | None) -> int:
    options = _parser().parse_args(arguments)
    if sys.stdout is None:
        print("error: standard output is closed: nothing can be shown\n  fix: send it to /dev/null", file=sys.stderr)
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
        return _fail(options, BAD, [], f"there is not enough memory for what is described\n  fix: {hint}")
    except GeneratorBug as error:
        return _fail(options, BUG, [], f"bug in surfacegen: {error}")
    except Exception as error:
        if os.environ.get("SURFACEGEN_TRACEBACK"):
            raise
        if isinstance(error, RecursionError) and bounds.DEPTH.value > bounds.DEPTH.default:
            hint = f"flatten it: {bounds.DEPTH.variable} allows more than can be followed"
            return _fail(options, BAD, [], f"the document is nested too deep to be rendered\n  fix: {hint}")
        where = _innermost(error)
        return _fail(options, BUG, [], f"bug in surfacegen: {type(error).__name__}: {error} ({where})")
    finally:
        signal.signal(signal.SIGTERM, former)


def _parser() -> argparse.ArgumentParser:
    prog = "surfacegen" if Path(sys.argv[0]).name == "surfacegen" else f"python -m {__package__}"
    parser = argparse.ArgumentParser(prog=prog, description="One API description in, every surface out.")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    chosen = argparse.ArgumentParser(add_help=False)
    chosen.add_argument(
        "--settings",
        type=Path,
        metavar="FILE",
        help=f"the settings (default: {configuration.YAML}, or {configuration.TABLE} in {configuration.TOML},"
        " in this folder or in the nearest above it)",
    )
    chosen.set_defaults(openapi=None, root=None, catalog=None, auth="")
    inputs = argparse.ArgumentParser(add_help=False, parents=[chosen])
    inputs.add_argument("--openapi", metavar="PATH", help="the API: a file, or an https URL (default: the settings')")
    inputs.add_argument(
        "--root",
        type=Path,
        metavar="FOLDER",
        help="where files that it refers to may stand (default: its repository, else the folder above its own)",
    )
    inputs.add_argument(
        "--catalog",
        type=Path,
        metavar="PATH",
        help="its functions (default: the settings'; derived from the API when only --openapi is given)",
    )
    inputs.add_argument(
        "--auth",
        default="",
        metavar="HOW",
        help="how calls are authenticated, where the API does not say: bearer, basic, header:NAME, query:NAME,"
        " cookie:NAME, or the name of one of its security schemes",
    )
    inputs.add_argument("--json", action="store_true", help="print for machines")
    folder = argparse.ArgumentParser(add_help=False)
    folder.add_argument(
        "--out", type=Path, metavar="FOLDER", help=f"(default: the settings' output, else {configuration.OUTPUT})"
    )
    folder.add_argument(
        "--surface", action="append", choices=pipeline.SURFACES, help="only this one; may be given more than once"
    )

    generate = commands.add_parser("generate", parents=[inputs, folder], help="write every surface")
    generate.add_argument("--strict", action="store_true", help="fail when anything cannot be carried over")
    generate.add_argument("--watch", action="store_true", help="again after every change, and show what moved")
    generate.set_defaults(run=_generate)
    check = commands.add_parser(
        "check", parents=[inputs, folder], help="name what differs from the folder; write nothing"
    )
    check.set_defaults(run=_check)
    ir = commands.add_parser("ir", parents=[inputs], help="print what the inputs mean, as JSON")
    ir.add_argument("function", nargs="?", metavar="FUNCTION", help="only this function")
    ir.set_defaults(run=_ir)
    begin = commands.add_parser("init", parents=[chosen], help="write settings and a catalog for a document")
    begin.add_argument(
        "document", nargs="?", default="", metavar="DOCUMENT", help="a file or an https URL (default: the one here)"
    )
    begin.add_argument("--workflow", action="store_true", help="and a GitHub workflow that builds what is made")
    begin.add_argument("--json", action="store_true", help="print for machines")
    begin.set_defaults(run=_init)
    maintenance.add(commands, chosen, inputs, _inputs)
    return parser


def _settings(options: argparse.Namespace) -> Settings:
    """The settings of a run; but for what belongs to their document, where the command line names another."""
    found = configuration.load(options.settings)
    return found if options.openapi is None else found.of_another_document


def _inputs(options: argparse.Namespace, settings: Settings | None = None) -> Inputs:
    """What a run reads: a flag goes before the settings, these before what there is by default."""
    settings = settings or _settings(options)
    named = options.openapi or settings.document
    if not named:
        what = "names no document" if settings.file else f"there is no {configuration.YAML} here or above"
        raise SpecError(
            str(settings.file or "settings"), what, "write one with `init DOCUMENT`, or name a document with --openapi"
        )
    from .read import remote

    url, root = "", options.root or settings.root
    if remote.is_url(named):
        found = remote.fetched(named, _folder())
        document, url, root = found.path, found.url, None
    else:
        document = Path(named)
        if root is None:
            root = repository(document.parent)
        elif not document.resolve().is_relative_to(root.resolve()):
            where: Place | str = settings.places["root"] if options.root is None else "--root"
            raise SpecError(where, f"{root} is not above the document", "name a folder that the document is in")
    catalog, extensions, history = options.catalog or settings.catalog, settings.extensions, settings.history
    if extensions is None and options.catalog is not None and (options.catalog.parent / "extensions").is_dir():
        extensions = options.catalog.parent / "extensions"
    beside = catalog if catalog is not None else Path(settings.document) if settings.document and not url else None
    if history is None and beside is not None:
        history = beside.parent / "history"
    return Inputs(
        document,
        catalog,
        extensions,
        history=history,
        root=root,
        url=url,
        auth=options.auth or settings.auth,
        project=settings.project,
    )


def _folder() -> Path:
    """A folder for what is fetched, until this process ends."""
    import atexit
    import tempfile

    folder = tempfile.TemporaryDirectory(prefix="surfacegen-")
    atexit.register(folder.cleanup)
    return Path(folder.name)


def _out(options: argparse.Namespace, settings: Settings) -> Path:
    found: Path | None = options.out
    return found or settings.output or Path(configuration.OUTPUT)


def _surfaces(options: argparse.Namespace, settings: Settings) -> tuple[str, ...]:
    chosen = options.surface or settings.surfaces or pipeline.SURFACES
    for name in chosen:
        if name not in pipeline.SURFACES:
            from .read.catalog import nearest

            where, hint = settings.places["surfaces"], nearest(name, pipeline.SURFACES)
            raise SpecError(where, f"there is no surface {name!r}", hint)
    return tuple(name for name in pipeline.SURFACES if name in chosen)


def _generate(options: argparse.Namespace) -> int:
    settings = _settings(options)
    out = _out(options, settings)
    if options.watch:
        return maintenance.watch(options, out, lambda: _inputs(options))
    surfaces = _surfaces(options, settings)
    report = pipeline.generate(_inputs(options, settings), out, surfaces, strict=options.strict)
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

    done = init(options.document, _settings(options), with_workflow=options.workflow)
    if options.json:
        print(json.dumps({**dataclasses.asdict(done), "written": [str(path) for path in done.written]}, indent=1))
        return OK
    for note in done.notes:
        print(note, file=sys.stderr)
    for path in done.written:
        print(f"wrote {path}")
    if done.added:
        guessed = f", {done.guesses} things of them guessed (marked in it)" if done.guesses else ""
        print(f"{done.added} functions are new in the catalog{guessed}")
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
    summary = ", ".join(f"{counts[kind]} {kind}" for kind in ("kept", "degraded", "dropped") if counts[kind])
    text.append(f"ledger: {summary} ({out / pipeline.LEDGER})" if summary else "ledger: nothing lost")
    return "\n".join(text + (["nothing to do"] if report.nothing_to_do else []))


def _check(options: argparse.Namespace) -> int:
    settings = _settings(options)
    out = _out(options, settings)
    drift = pipeline.check(_inputs(options, settings), out, _surfaces(options, settings))
    if options.json:
        print(json.dumps({"drift": [dataclasses.asdict(each) for each in drift]}, indent=1))
    elif not drift:
        print(f"{out} is what the generator makes")
    for each in () if options.json else drift:
        print(f"{each.kind:8} {out / each.path}  ({each.cause}: {each.reason})")
        print("\n".join(f"    {line}" for line in each.diff.splitlines()), end="\n" if each.diff else "")
    if not options.json:
        for remedy, count in Counter(each.remedy for each in drift).most_common():
            print(f"fix: {remedy}" + (f"  ({count} files)" if count > 1 else ""), file=sys.stderr)
    return BAD if drift else OK


def _ir(options: argparse.Namespace) -> int:
    api = pipeline.load(_inputs(options))
    if options.function is None:
        shown: Any = api
    else:
        named = {function.name: function for function in api.functions}
        if options.function not in named:
            import difflib

            near = difflib.get_close_matches(options.function, named, 3, 0.4)
            hint = f"; nearest: {', '.join(near)}" if near else ""
            return _fail(options, USAGE, [], f"there is no function {options.function!r}{hint}")
        shown = named[options.function]
    print(json.dumps(_plain(shown), indent=1, ensure_ascii=False))
    return OK


def _plain(value: Any) -> Any:
    """The IR as JSON; what a field holds by default is left out."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = [(field, getattr(value, field.name)) for field in dataclasses.fields(value)]
        return {
            field.name: _plain(held)
            for field, held in fields
            if field.default is dataclasses.MISSING or held != field.default
        }
    if isinstance(value, Mapping):
        return {str(key): _plain(held) for key, held in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(held) for held in value]
    return value


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
