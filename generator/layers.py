"""The template folders of a surface over each other: the user's, and below them the surface's own.

    --templates mine      mine/docs/docs/mkdocs.yml.jinja      lies over ours, which it may extend
                          mine/python/python/[package]/x.py    lies over nothing: one file more

The first folder that holds a file decides, file by file; with `.jinja` or without, whichever ours is. A name that begins
with `_` is of a part that other templates include.
"""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from .inputs import source_files
from .write.rendering import SUFFIX


@dataclass(frozen=True)
class Source:
    """One file of the user."""

    template: str
    """Below the surface's folder."""
    place: Path


@dataclass
class Layers:
    """The files of one surface."""

    surface: str
    own: Mapping[str, Path]
    """Those of the surface itself, by their template."""
    over: dict[str, Source] = field(default_factory=dict)
    """Those of the user, by their template without `.jinja`; the uppermost alone."""
    used: set[str] = field(default_factory=set)
    """Those of `over` that decided a page or a copy."""

    @classmethod
    def of(cls, surface: str, own: Path | None, layers: Collection[Path]) -> Layers:
        """The files as they stand there."""
        matches = cls(surface, source_files(own, hidden=True) if own is not None else {})
        for layer in layers:
            for template, place in source_files(layer / surface, hidden=True).items():
                matches.over.setdefault(template.removesuffix(SUFFIX), Source(template, place))
        return matches

    def over_it(self, template: str) -> Source | None:
        """The user's file that replaces a template, if there is one."""
        key = template.removesuffix(SUFFIX)
        result = self.over.get(key)
        if result is not None:
            self.used.add(key)
        return result

    def added(self) -> Iterator[Source]:
        """Those that lie over nothing of ours, in the order of their paths."""
        known = self._known()
        for key, source in sorted(self.over.items()):
            name = key.rpartition("/")[2]
            if key not in known and not name.startswith("_") and not name.startswith("."):
                yield source

    def copied(self) -> Iterator[tuple[str, Path]]:
        """Those of ours that are no templates."""
        for template, place in self.own.items():
            if not template.endswith(SUFFIX) and not template.rpartition("/")[2].startswith("."):
                yield template, place

    def notes(self) -> Iterator[str]:
        """What looks like a name of ours and is none."""
        known = sorted(self._known())
        for key, source in sorted(self.over.items()):
            if key not in known and (near := difflib.get_close_matches(key, known, 1, 0.9)):
                yield (
                    f"{source.place}: overrides no template; the nearest is {self.surface}/{self._written(near[0])}"
                    " (`surfacegen templates list` lists all)"
                )

    def _known(self) -> set[str]:
        return {template.removesuffix(SUFFIX) for template in self.own}

    def _written(self, key: str) -> str:
        return key if key in self.own else key + SUFFIX


def strays(layers: Collection[Path], surfaces: Collection[str]) -> Iterator[str]:
    """What stands in a folder of the user and belongs to no surface."""
    for layer in layers:
        for name in sorted({template.partition("/")[0] for template in source_files(layer)}):
            if name not in surfaces:
                near = difflib.get_close_matches(name, surfaces, 1, 0.6)
                hint = f"did you mean {near[0]}?" if near else f"the surfaces are {', '.join(sorted(surfaces))}"
                yield f"{layer / name}: is not the folder of a surface; {hint}"
