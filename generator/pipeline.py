"""The whole way: inputs -> Api -> pages -> files -> folder. Used by the command line and by tests alike.

With nothing to do it ends after comparing digests: neither the spec is parsed nor a template read,
and nothing that is slow to import (yaml, jinja2) is imported.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from .errors import Finding, SpecError
from .inputs import Inputs, digest
from .loading import changed, deep, load, uncollected
from .plugins import registry
from .plugins.options import configured
from .read import files
from .review import validation
from .write import causes, comparison, manifest, writer
from .write.comparison import Drift
from .write.folder import File, OutputError
from .write.manifest import SURFACE, Manifest, is_current, made_from

if TYPE_CHECKING:
    from .ir import Api, Loss
    from .remaking import Remaking
    from .surfaces.base import Surface

SURFACES = tuple(registry.OURS)
"""Our surfaces, in the order they are made: a template folder and a module in `surfaces/` of that name each."""

LEDGER, README = "ledger.json", "README.md"
_LEDGER_SURFACE = "ledger"
"""What stands above all surfaces is made by each run, whichever of them it makes."""
_PROJECT = "project"
"""The template folder of the README."""


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
    steps: tuple[str, ...] = ()
    """The commands from the output to its first answer."""


@dataclass(frozen=True)
class Made:
    """The result of a run, apart from its files."""

    losses: tuple[Loss, ...]
    seconds: dict[str, float]
    """Of each surface."""
    inputs: dict[str, str]
    """The digest of each part that they were made from."""
    folders: dict[str, frozenset[str]]
    """Of each surface: the template folders that it looked into, beside its own."""
    readme: File
    steps: tuple[str, ...]
    """What to do next."""
    notes: tuple[str, ...] = ()
    """Notes for the user."""
    former: Remaking | None = None
    """The pages that are cached for the next run."""


@dataclass(frozen=True)
class MadeInMemory(Made):
    """The same, and all files, in the order of their paths."""

    files: tuple[File, ...] = ()


def surface(name: str) -> Surface:
    """The surface that is installed under that name. SpecError where none is."""
    return registry.load(registry.entry(name))


def _surface(inputs: Inputs, name: str) -> tuple[Surface, str]:
    """A surface of a run; and as messages name it, where it is not ours."""
    declared = next((each for each in inputs.programs if each.name == name), None)
    if declared is not None:
        from .plugins import protocol

        return protocol.surface(declared), declared.shown
    if name in registry.OURS:
        return surface(name), ""
    entry = registry.entry(name)
    value = next((each for each in inputs.options if each.surface == name), None)
    return configured(entry, registry.load(entry), value), entry.shown


def make(inputs: Inputs, surfaces: Sequence[str] = SURFACES) -> MadeInMemory:
    """Renders everything; writes nothing."""
    results: list[File] = []
    made = _make(inputs, surfaces, results.append)
    files = tuple(sorted(results, key=lambda file: file.path))
    return MadeInMemory(
        made.losses, made.seconds, made.inputs, made.folders, made.readme, made.steps, made.notes, files=files
    )


def _make(
    inputs: Inputs,
    surfaces: Sequence[str],
    take: Callable[[File], None],
    elsewhere: Mapping[str, str] | None = None,
    others: Iterable[str] = (),
    out: str = ".",
    kept: Mapping[str, Mapping[str, str]] | None = None,
    read: Callable[[Inputs], Api] | None = None,
    stage: writer.Stage | None = None,
) -> Made:
    """Renders everything, and passes each file on as soon as it is made.

    elsewhere: path -> surface, of what other surfaces have made in the folder. others: the surfaces that are in it as well.
    out: the folder, as it was named. kept: the surfaces of the run that need not be made again, and their files.
    read: what gives the API; None: `load`. stage: where the files go, and of which pages of a former run may stay.
    """
    kept = kept or {}
    with deep(), uncollected():
        from . import making, remaking
        from .assembly import Assembly
        from .layers import strays
        from .write import rendering

        loaded = {name: _surface(inputs, name) for name in surfaces if name not in kept}
        api = (read or load)(inputs)
        before = digest(inputs, api.documents, surfaces)
        foreign = {name: shown for name, (_, shown) in loaded.items() if shown}
        there = {path: name for name, files in kept.items() for path in files}
        former = remaking.of(inputs, stage, before) if stage is not None else None
        run = Assembly(inputs, api, foreign, elsewhere or {}, set(api.losses), there, former)
        seconds = making.make(run, [each for each, _ in loaded.values()], take, stage)
        run.notes += strays(inputs.layers, {*SURFACES, *surfaces})
        readme, steps = _top(inputs, api, {*surfaces, *others}, out)
        rendering.keep(inputs.templates)
    # What was read decides; what stands there now must be the same, or the next run would not see the difference.
    now = digest(inputs, api.documents, surfaces)
    moved = [part for part, one in before.items() if now.get(part) != one]
    if moved:
        raise changed(moved[0])
    return Made(
        tuple(sorted(run.losses)),
        seconds,
        now,
        run.folders,
        readme,
        steps,
        (*_guessed(inputs, api), *run.notes),
        former,
    )


def _guessed(inputs: Inputs, api: Api) -> Iterator[str]:
    """That nobody has named the package."""
    if inputs.catalog is None and not inputs.project.package:
        yield (
            f"the package is named {api.package!r}, since {api.name!r} is usually the vendor's own package; set another name"
            " in the settings or the catalog"
        )


def _top(inputs: Inputs, api: Api, present: Collection[str], out: str) -> tuple[File, tuple[str, ...]]:
    """The README of the folder, and what whoever made it does next."""
    from .surfaces import project
    from .surfaces.shared.header import header
    from .write.rendering import Renderer

    renderer = Renderer(inputs.templates, inputs.layers)
    renderer.made = header(api)
    page = project.readme(api, present)
    content = renderer.render(_PROJECT, page).encode()
    return File(README, content, _LEDGER_SURFACE, f"{_PROJECT}/{page.template}"), project.first_steps(api, present, out)


def generate(inputs: Inputs, out: Path, surfaces: Sequence[str] = SURFACES, *, strict: bool = False) -> Report:
    """Makes `out` hold what the inputs say. Nothing is written unless everything could be made.

    A surface that is there as its inputs make it stays: a template decides only the surfaces that look into its folder.
    """
    start = time.perf_counter()
    writer.recover(out)
    former = manifest.read_manifest(out)
    now = digest(inputs, former.referred, surfaces)
    parts = (*surfaces, _LEDGER_SURFACE)
    mine = {name: each for name, each in former.surfaces.items() if name in parts and is_current(each, now, name)}
    kept = {name: each.files for name, each in mine.items() if manifest.untouched(out, each.files)}
    if all(name in kept for name in parts):
        losses = _former_losses(out)
        _refuse_losses(losses, strict)
        rows = tuple(Row(name, unchanged=len(kept[name])) for name in surfaces)
        return Report(rows, losses, _idle(inputs, losses), _since(start), nothing_to_do=True)
    kept.pop(_LEDGER_SURFACE, None)
    if not manifest.untouched(out, {LEDGER: former.files.get(LEDGER, "")}):
        kept = {}  # what became of the document in them is not known
    with writer.staging(out) as stage:
        present = (name for name in former.surfaces if name not in parts)
        made = _make(
            inputs,
            surfaces,
            stage.take,
            _elsewhere(former, surfaces),
            present,
            str(out),
            kept,
            _recalled if kept else _read,
            stage,
        )
        losses = tuple(sorted({*made.losses, *_of_others(made.seconds, out)}))
        _refuse_losses(losses, strict)
        stage.take(_ledger(losses))
        stage.take(made.readme)
        invalid, validated = validation(inputs, made.inputs, former)
        remade = {name: made_from(made.inputs, name, {name, *each}) for name, each in made.folders.items()}
        todo = stage.plan({**remade, _LEDGER_SURFACE: made_from(made.inputs, _LEDGER_SURFACE)}, validated)
        stage.commit(todo)
        if made.former is not None:
            made.former.keep((*todo.write, *todo.unchanged), (path for files in kept.values() for path in files))
    rows = tuple(
        Row(name, unchanged=len(kept[name])) if name in kept else _row(name, todo, made.seconds[name])
        for name in surfaces
    )
    notes = tuple(f"{out / path}: no longer generated, but edited since: kept" for path in todo.edited)
    return Report(
        rows, losses, (*made.notes, *_idle(inputs, losses), *invalid, *notes), _since(start), steps=made.steps
    )


def _read(inputs: Inputs) -> Api:
    """The API as it is read now, kept for the runs that follow."""
    from . import caching

    api = load(inputs)
    caching.keep(inputs, api)
    return api


def _recalled(inputs: Inputs) -> Api:
    """The API as a former run read it, where nothing that decides it is another one."""
    from . import caching

    return caching.recall(inputs) or _read(inputs)


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

    A manifest with an older digest is no drift: the files are the same bytes. What surfaces of others have made is
    looked at where they are part of the run, since only then it is known what makes them.
    """
    made = make(inputs, surfaces)
    former = manifest.read_manifest(out)
    whole = set(surfaces) >= set(SURFACES)
    left = [name for name in former.surfaces if name not in surfaces and name != _LEDGER_SURFACE]
    others = {path for name in left if not whole or _foreign(former, name) for path in former.surfaces[name].files}
    expected: tuple[File, ...] = made.files
    if whole:
        kept = {loss for loss in _of_others(surfaces, out) if _foreign(former, loss.surface)}
        expected = (*made.files, _ledger(sorted({*made.losses, *kept})), made.readme)
    else:
        others |= {LEDGER, README}
    drift = comparison.compare(out, expected)
    current = {file.path: manifest.sha256(file.content) for file in expected}
    claimed = {path: sha for path, sha in former.files.items() if path not in others}
    stale = [Drift(manifest.MANIFEST, "changed" if former.surfaces else "missing")] if claimed != current else []
    results = sorted([*(d for d in drift if d.path not in others), *stale], key=lambda d: d.path)
    if not results:
        return ()
    origins = {file.path: file.origin for file in expected}
    return causes.explain(results, out, former, origins, made.inputs, inputs.project.again)


def _foreign(former: Manifest, name: str) -> bool:
    """Whether a surface that made something in the folder was not one of ours, then or now."""
    return name in former.surfaces and SURFACE + name in former.surfaces[name].inputs


def _elsewhere(former: Manifest, surfaces: Sequence[str]) -> dict[str, str]:
    """Of what surfaces have made that are not part of this run: path -> surface."""
    others = {name: made for name, made in former.surfaces.items() if name not in (*surfaces, _LEDGER_SURFACE)}
    return {path: name for name, made in others.items() for path in made.files}


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
    from .losses import Loss

    try:
        return tuple(Loss(**entry) for entry in json.loads(files.read(out / LEDGER))["losses"])
    except (OSError, ValueError, KeyError, TypeError):
        return ()


def _of_others(surfaces: Iterable[str], out: Path) -> set[Loss]:
    """The ledger's entries for surfaces that are in the folder but not made by this run."""
    there = set(manifest.read_manifest(out).surfaces) - {*surfaces, "*"}
    return {loss for loss in _former_losses(out) if loss.surface in there}


def _refuse_losses(losses: Iterable[Loss], strict: bool) -> None:
    lost = [loss for loss in losses if loss.kind not in ("chosen", "kept")]
    if strict and lost:
        raise SpecError.of(
            Finding(loss.pointer or "#", f"{loss.kind} by {_who(loss)}: {loss.reason}", "or omit --strict")
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
