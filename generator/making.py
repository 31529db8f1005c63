"""The surfaces of a run, one after the other; of a large document, the weightiest beside them in a second process.

Surfaces know nothing of each other, so nothing that comes out depends on which process made it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple

from . import beside, caching
from .assembly import Assembly
from .ir import Loss
from .surfaces.base import Surface
from .write.folder import File
from .write.writer import Stage, Taken


class _Made(NamedTuple):
    """What a second process has made of one surface; its files are staged."""

    taken: tuple[Taken, ...]
    losses: frozenset[Loss]
    folders: frozenset[str]
    seconds: float


def make(
    run: Assembly, surfaces: Sequence[Surface], take: Callable[[File], None], stage: Stage | None
) -> dict[str, float]:
    """Makes all files and passes each on as soon as it is made. Returns the seconds that each surface took.

    stage: where the files go; None to discard them.
    """
    weighty = next((each for each in surfaces if each.weighty), None)
    if stage is None or weighty is None or len(surfaces) < 2 or not _is_worth_it(run):
        return {each.name: _one(run, each, take) for each in surfaces}
    with beside.start(partial(_apart, run, weighty, stage.apart())) as other:
        seconds = {each.name: _one(run, each, take) for each in surfaces if each is not weighty}
        made = other.result()
    if made is None:
        return {**seconds, weighty.name: _one(run, weighty, take)}
    run.made_apart(weighty.name, (each.path for each in made.taken), made.losses, made.folders)
    stage.add(made.taken)
    return {**seconds, weighty.name: made.seconds}


def _is_worth_it(run: Assembly) -> bool:
    """Whether a second process may be begun, and has enough to do. What others bring is told of in its order."""
    return caching.is_large(run.inputs) and not run.inputs.layers and not run.foreign and beside.is_possible()


def _one(run: Assembly, surface: Surface, take: Callable[[File], None]) -> float:
    start = time.perf_counter()
    for file in run.files(surface):
        take(file)
    return time.perf_counter() - start


def _apart(run: Assembly, surface: Surface, stage: Stage, watch: beside.Watch) -> _Made:
    def take(file: File) -> None:
        watch()
        stage.take(file)

    seconds = _one(run, surface, take)
    return _Made(stage.taken, frozenset(run.losses), run.folders[surface.name], seconds)
