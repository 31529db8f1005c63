"""The whole way: inputs -> Api -> pages -> files -> folder. Used by the command line and by tests alike.

With nothing to do it ends after comparing digests: neither the spec is parsed nor a template read,
and nothing that is slow to import (yaml, jinja2) is imported.
"""

from __future__ import annotations

import contextlib
import gc
import hashlib
import importlib
import json
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, cast

from .errors import Finding, GeneratorBug, SpecError
from .inputs import Inputs, beside, digest, source_files, whole
from .inputs import referred as referred_files
from .read import bounds, files
from .write import causes, comparison, manifest, writer
from .write.comparison import Drift
from .write.folder import File, OutputError

if TYPE_CHECKING:
    from .check.advised import Advice
    from .ir import Api, Loss
    from .surfaces.base import Rendition, Surface
    from .write.rendering import Renderer

SURFACES = ("python", "cli", "mcp", "lua", "mock", "docs")
"""All surfaces, in the order they are made: a template folder and a module in `surfaces/` of that name each."""

LEDGER = "ledger.json"
_LEDGER_SURFACE = "ledger"
_ORIGINS = {"documents": "openapi", "extensions": "extensions"}
"""Where files that are laid as they are come from, as messages name it."""
_VALIDATED = ("document", "overlays")
"""The parts that are validated, beside the files that the document refers to."""
_SHOWN = 5
"""Kinds of mistakes that a run tells of a document; `lint` tells all."""
_MOST_CALLS = 10_000
"""Inside each other: what the stack of a process has room for."""
_GUIDES = "docs/"
"""Of the extensions: the folder whose pages belong to the docs, not to the client."""


@dataclass
class Row:
    """What happened to one surface."""

    surface: str
    written: int = 0
    unchanged: int = 0
    pruned: int = 0
    milliseconds: int = 0


@dataclass(frozen=True)
class Report:
    """What a run did."""

    rows: tuple[Row, ...]
    losses: tuple[Loss, ...]
    notes: tuple[str, ...]
    milliseconds: int
    nothing_to_do: bool = False


@dataclass(frozen=True)
class Made:
    """What a run came to, beside its files."""

    losses: tuple[Loss, ...]
    seconds: dict[str, float]
    """Of each surface."""
    inputs: dict[str, str]
    """The digest of each part that they were made from."""


@dataclass(frozen=True)
class MadeInMemory(Made):
    """The same, and all files, in the order of their paths."""

    files: tuple[File, ...]


def surface(name: str) -> Surface:
    """The surface of that name."""
    module = importlib.import_module(f".surfaces.{name}", __package__)
    return cast("Surface", module.SURFACE)


def load(inputs: Inputs) -> Api:
    """The API that the inputs describe. SpecError with all findings when they are wrong."""
    from .link import load as link
    from .read import documents

    with _deep():
        read = documents.read(
            inputs.openapi, inputs.catalog, inputs.extensions, inputs.root, inputs.url, inputs.overlays
        )
        linked = link(read, inputs.auth)
        api = finished(linked, inputs.history)
    if whole(inputs, linked.documents) != linked.digest:
        raise _changed("the document")
    return api


def finished(api: Api, history: Path | None = None) -> Api:
    """The API with its releases, held against the rules. SpecError with all findings where it keeps to one of them not."""
    from .check.rules import lint
    from .evolve.releases import with_history

    found = with_history(api, history)
    if findings := lint(found):
        raise SpecError.of(findings)
    return found


def _changed(what: str) -> SpecError:
    return SpecError(what, "changed while it was read", "run it again")


@contextmanager
def _deep() -> Iterator[None]:
    """Lets functions call each other as deep as a document may be nested; a level of it takes several calls."""
    former = sys.getrecursionlimit()
    sys.setrecursionlimit(max(former, min(1_000 + 20 * bounds.DEPTH.value, _MOST_CALLS)))
    try:
        yield
    finally:
        sys.setrecursionlimit(former)


@contextmanager
def _uncollected() -> Iterator[None]:
    """What is made stays until it is written: looking for cycles in it costs a tenth of a run and frees nothing."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def make(inputs: Inputs, surfaces: Sequence[str] = SURFACES) -> MadeInMemory:
    """Renders everything; writes nothing."""
    found: list[File] = []
    made = _make(inputs, surfaces, found.append)
    return MadeInMemory(made.losses, made.seconds, made.inputs, tuple(sorted(found, key=lambda file: file.path)))


def _make(inputs: Inputs, surfaces: Sequence[str], take: Callable[[File], None]) -> Made:
    """Renders everything, and gives each file away as soon as it is made."""
    with _deep(), _uncollected():
        from .write.rendering import Renderer

        api = load(inputs)
        before = digest(inputs, api.documents)
        renderer = Renderer(inputs.templates)
        origins: dict[str, str] = {}
        losses: set[Loss] = set(api.losses)
        seconds: dict[str, float] = {}
        for name in surfaces:
            start = time.perf_counter()
            rendition = surface(name).render(api)
            losses.update(rendition.losses)
            for file in _lay(inputs, api, renderer, name, rendition):
                if file.path in origins:
                    raise GeneratorBug(
                        f"templates/{file.origin} and templates/{origins[file.path]} both lay {file.path}"
                    )
                origins[file.path] = file.origin
                take(file)
            seconds[name] = time.perf_counter() - start
    # What was read decides; what stands there now must be the same, or the next run would not see the difference.
    now = digest(inputs, api.documents)
    moved = [part for part, one in before.items() if now.get(part) != one]
    if moved:
        raise _changed(moved[0])
    return Made(tuple(sorted(losses)), seconds, now)


def _lay(inputs: Inputs, api: Api, renderer: Renderer, name: str, rendition: Rendition) -> Iterator[File]:
    """The files of one surface: those that are its own, and what is made from them."""
    from .write.rendering import fill

    package = _package(rendition)
    folders = [(f"{fill(each.source, package)}/", f"{fill(each.target, package)}/", each) for each in rendition.derives]
    laid: set[str] = set()
    sources: list[File] = []
    for file in _own(inputs, api, renderer, name, rendition):
        yield file
        laid.add(file.path)
        if file.path.endswith(".py") and any(file.path.startswith(source) for source, _, _ in folders):
            sources.append(file)
    for source, target, each in folders:
        for file in sources:
            made = target + file.path.removeprefix(source)
            if file.path.startswith(source) and made not in laid:
                content = each.make(file.content.decode("utf-8", "replace"), file.origin)
                yield File(made, content.encode(), name, file.origin)


def _package(rendition: Rendition) -> dict[str, str]:
    return {"package": rendition.package} if rendition.package else {}


def _own(inputs: Inputs, api: Api, renderer: Renderer, name: str, rendition: Rendition) -> Iterator[File]:
    """The pages of a surface rendered, the rest of its template folder as it is, and the extensions."""
    from .write.layout import Python
    from .write.rendering import SUFFIX, fill

    python = Python()
    package = _package(rendition)
    for page in rendition.pages:
        path, origin = fill(page.template, {**package, **page.fill}), f"{name}/{page.template}"
        rendered = renderer.render(name, page)
        if path.endswith(".py"):
            rendered = python.laid_out(rendered, path, origin)
        try:
            content = rendered.encode()
        except UnicodeEncodeError as error:
            raise GeneratorBug(f"templates/{origin}: {error}") from error
        yield File(path, content, name, origin)
    for template, source in source_files(inputs.templates / name).items():
        if not template.endswith(SUFFIX):
            yield File(fill(template, package), files.content(source), name, f"{name}/{template}")
    for folder, kind in rendition.lays.items():
        for path, content in (_documents if kind == "documents" else _extensions)(inputs, api):
            yield File(f"{fill(folder, package)}/{path}", content, name, f"{_ORIGINS[kind]}/{path}")


def _documents(inputs: Inputs, api: Api) -> Iterator[tuple[str, bytes]]:
    for path in api.documents:
        if inputs.overlays and path == api.documents[0]:  # what is described is the document as it is amended
            from .read.amending import amended
            from .read.source import load as load_source

            found = amended(load_source(inputs.openapi), inputs.overlays, inputs.url).source.value
            yield path, (json.dumps(found, indent=1, ensure_ascii=False) + "\n").encode()  # JSON is YAML as well
        else:
            yield path, beside(inputs, path, api.documents[0]) or b""


def _extensions(inputs: Inputs, _: Api) -> Iterator[tuple[str, bytes]]:
    for path, source in source_files(inputs.extensions).items() if inputs.extensions else ():
        if not path.startswith(_GUIDES):
            yield path, files.content(source)


def generate(inputs: Inputs, out: Path, surfaces: Sequence[str] = SURFACES, *, strict: bool = False) -> Report:
    """Makes `out` hold what the inputs say. Nothing is written unless everything could be made."""
    start = time.perf_counter()
    writer.recover(out)
    former = manifest.read_manifest(out)
    inputs_digest = digest(inputs, former.referred)
    parts = (*surfaces, _LEDGER_SURFACE)
    if all(name in former.surfaces and former.surfaces[name].inputs == inputs_digest for name in parts):
        mine = {name: former.surfaces[name].files for name in parts}
        if all(manifest.untouched(out, files) for files in mine.values()):
            losses = _former_losses(out)
            _refuse_losses(losses, strict)
            rows = tuple(Row(name, unchanged=len(mine[name])) for name in surfaces)
            return Report(rows, losses, _idle(inputs, losses), _since(start), nothing_to_do=True)
    with writer.staging(out) as stage:
        made = _make(inputs, surfaces, stage.take)
        others = {loss for loss in _former_losses(out) if loss.surface not in (*surfaces, "*")}
        losses = tuple(sorted({*made.losses, *(others & _of_others(surfaces, out))}))
        _refuse_losses(losses, strict)
        stage.take(_ledger(losses))
        invalid, validated = _validity(inputs, made.inputs, former)
        todo = stage.plan(made.inputs, parts, validated)
        stage.commit(todo)
    rows = tuple(_row(name, todo, made.seconds[name]) for name in surfaces)
    notes = tuple(f"{out / path}: no longer made, but edited since: left where it is" for path in todo.edited)
    return Report(rows, losses, (*_idle(inputs, losses), *invalid, *notes), _since(start))


def _validity(inputs: Inputs, parts: Mapping[str, str], former: manifest.Manifest) -> tuple[tuple[str, ...], str]:
    """What is wrong with a document that was not validated yet and is small enough, and the digest of what was."""
    own = {part: one for part, one in parts.items() if part in _VALIDATED or part.startswith(manifest.DOCUMENT)}
    now = hashlib.sha256(json.dumps(own, sort_keys=True).encode()).hexdigest()[:16]
    names = [part.removeprefix(manifest.DOCUMENT) for part in own if part not in _VALIDATED]
    if not inputs.validate or now == former.validated:
        return (), ""
    read = (inputs.openapi, *inputs.overlays, *referred_files(inputs, names))
    if sum(path.stat().st_size for path in read) > bounds.VALIDATED.value:
        return (), ""
    found = invalid(inputs, names)
    notes = tuple(f"warning: {each.finding!s}".partition("\n")[0] for each in found)
    more = ("`lint` tells all that is wrong with the document, and how to mend it",) if found else ()
    return (*notes[:_SHOWN], *more), now


def invalid(inputs: Inputs, referred: Iterable[str]) -> tuple[Advice, ...]:
    """What the document, as it is written and amended, does not keep of the schema of its version.

    referred: the files that it refers to, as its digest names them.
    """
    from .check import advised, validity
    from .read.amending import amended
    from .read.source import load as load_source

    with _deep():
        source = amended(load_source(inputs.openapi), inputs.overlays, inputs.url).source
        return advised.of(validity.by_kind(validity.invalid(source, referred_files(inputs, referred))))


def _idle(inputs: Inputs, losses: Iterable[Loss]) -> tuple[str, ...]:
    """What of the overlays had no effect."""
    files = {path.name for path in inputs.overlays}
    return tuple(
        f"{loss.pointer}: {loss.reason}"
        for loss in losses
        if loss.kind == "dropped" and loss.pointer.partition("#")[0] in files
    )


def check(inputs: Inputs, out: Path, surfaces: Sequence[str] = SURFACES) -> tuple[Drift, ...]:
    """How `out` differs from what the inputs say; renders in memory and writes nothing.

    A manifest with an older digest is no drift: the files are the same bytes.
    """
    made = make(inputs, surfaces)
    former = manifest.read_manifest(out)
    others = {path for name, each in former.surfaces.items() if name not in surfaces for path in each.files}
    if set(surfaces) == set(SURFACES):
        expected: tuple[File, ...] = (*made.files, _ledger(made.losses))
        others = set()
    else:
        expected = made.files
        others.add(LEDGER)
    drift = comparison.compare(out, expected)
    current = {file.path: manifest.sha256(file.content) for file in expected}
    claimed = {path: sha for path, sha in former.files.items() if path not in others}
    stale = [Drift(manifest.MANIFEST, "changed" if former.surfaces else "missing")] if claimed != current else []
    found = sorted([*(d for d in drift if d.path not in others), *stale], key=lambda d: d.path)
    if not found:
        return ()
    return causes.explain(found, out, former, {file.path: file.origin for file in expected}, made.inputs)


def lint(inputs: Inputs) -> tuple[Advice, ...]:
    """All that should be mended in the document and the catalog, by place: of what is written, and of what it means."""
    from .check import advised, document, validity
    from .check.advice import advise
    from .check.advised import Advice
    from .link import load as link
    from .read import documents

    found: list[Advice] = []
    with _deep():
        try:
            read = documents.read(
                inputs.openapi, inputs.catalog, inputs.extensions, inputs.root, inputs.url, inputs.overlays
            )
            names = [name for name in read.document.names if name != inputs.openapi.name]
            found += document.advise(read.document)
            found += [advised.idle(node, reason) for node, reason in read.document.idle]
            try:
                found += advise(finished(link(read, inputs.auth), inputs.history))
            except SpecError as error:  # it cannot be rendered
                found += [Advice(each, "error", "spec") for each in error.findings]
            told = set(validity.RULES.values())
        except SpecError as error:
            found += [Advice(each, "error", "spec") for each in error.findings]
            names, told = [], set()
    with contextlib.suppress(SpecError):  # told above
        found += [each for each in invalid(inputs, names) if each.rule not in told]
    return tuple(sorted(set(found), key=advised.by_place))


def unvalidated(inputs: Inputs, out: Path) -> tuple[str, ...]:
    """What is wrong with the document that no run has told yet, as far as it is looked for in passing."""
    former = manifest.read_manifest(out)
    return _validity(inputs, digest(inputs, former.referred), former)[0]


def _row(name: str, todo: writer.Plan, seconds: float) -> Row:
    return Row(
        name,
        sum(file.surface == name for file in todo.write),
        sum(file.surface == name for file in todo.unchanged),
        sum(owner == name for owner, _ in todo.prune),
        round(seconds * 1000),
    )


# ── ledger ──────────────────────────────────────────────────────────────────────────────────────────────


def _ledger(losses: Iterable[Loss]) -> File:
    document = {"losses": [asdict(loss) for loss in losses]}
    return File(LEDGER, (json.dumps(document, indent=1) + "\n").encode(), _LEDGER_SURFACE, LEDGER)


def _former_losses(out: Path) -> tuple[Loss, ...]:
    from .ir import Loss

    try:
        return tuple(Loss(**entry) for entry in json.loads(files.read(out / LEDGER))["losses"])
    except (OSError, ValueError, KeyError, TypeError):
        return ()


def _of_others(surfaces: Sequence[str], out: Path) -> set[Loss]:
    """What the ledger says of surfaces that are in the folder and not part of this run."""
    there = set(manifest.read_manifest(out).surfaces) - set(surfaces)
    return {loss for loss in _former_losses(out) if loss.surface in there}


def _refuse_losses(losses: Iterable[Loss], strict: bool) -> None:
    lost = [loss for loss in losses if loss.kind != "kept"]
    if strict and lost:
        raise SpecError.of(
            Finding(loss.pointer or "#", f"{loss.kind} by {_who(loss)}: {loss.reason}", "or run without --strict")
            for loss in lost
        )


def _who(loss: Loss) -> str:
    return "every surface" if loss.surface == "*" else loss.surface


def _since(start: float) -> int:
    return round((time.perf_counter() - start) * 1000)


__all__ = [
    "SURFACES",
    "Inputs",
    "Made",
    "OutputError",
    "Report",
    "Row",
    "check",
    "digest",
    "generate",
    "load",
    "make",
    "surface",
]
