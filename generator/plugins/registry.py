"""The entry points `surfacegen.surfaces`: which surface is made by which module, of which distribution.

Ours stand in the same group of our own distribution, and are loaded by the same steps. They are written out here as
well: to look through all that is installed takes longer than a run with nothing to do, and a checkout runs without
being installed. Others are looked up only when one is named that is not ours; so nothing that happens to be installed
is imported or changes what is made.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from ..errors import SpecError
from .guard import answered

if TYPE_CHECKING:
    from ..surfaces.base import Surface

GROUP = "surfacegen.surfaces"
OURS = {name: f"surfacegen.surfaces.{name}:SURFACE" for name in ("python", "cli", "mcp", "lua", "mock", "docs")}
"""The entry points of our own distribution, in the order in which the surfaces are made."""
TAKEN = frozenset({"ours", "ledger", "manifest", "templates", "surfacegen"})
"""What no surface may be called, as something else is."""

_ROOT = __name__.partition(".")[0]
_PUBLIC = "surfacegen"
_NAME = re.compile(r"[a-z][a-z0-9_-]{0,39}\Z")
_VALUE = re.compile(r"[A-Za-z_][\w.]*(:[A-Za-z_][\w.]*)?\Z", re.ASCII)


class NotInstalled(SpecError):
    """No surface of that name is installed; exit code 2."""


@dataclass(frozen=True)
class Entry:
    """One surface that is installed."""

    name: str
    module: str
    attribute: str
    distribution: str
    """Its name and version."""
    problem: str = ""
    """Why it cannot be used."""

    @property
    def value(self) -> str:
        """As its distribution writes it."""
        return f"{self.module}:{self.attribute}" if self.attribute else self.module

    @property
    def shown(self) -> str:
        """It as messages name it."""
        return f"surface {self.name} ({self.distribution})"


def valid(name: str) -> bool:
    """Whether a surface may have this name."""
    return bool(_NAME.match(name)) and name not in TAKEN


@cache
def version() -> str:
    """The version of surfacegen: of what is installed, else of the checkout."""
    from importlib import metadata

    project = Path(__file__).parents[2] / "pyproject.toml"
    if _ROOT != _PUBLIC and project.is_file():
        import tomllib

        return str(tomllib.loads(project.read_text("utf-8"))["project"]["version"])
    return metadata.version(_PUBLIC)


def installed() -> tuple[Entry, ...]:
    """Every surface that is installed: ours first, the others by name."""
    results = [_entry(name, value, f"surfacegen {version()}") for name, value in OURS.items()]
    return (*results, *sorted(_foreign(), key=lambda entry: (entry.name, entry.distribution)))


def entry(name: str) -> Entry:
    """The surface of that name. SpecError where none is installed, or more than one."""
    if name in OURS:
        return _entry(name, OURS[name], "surfacegen")
    results = [each for each in _foreign() if each.name == name]
    if not results:
        raise NotInstalled(f"surface {name[:80]}", "is not installed", _remedy(name))
    if len(results) > 1:
        owners = " and ".join(sorted(each.distribution for each in results))
        raise SpecError(f"surface {name}", f"is offered by {owners}", "uninstall all but one")
    if results[0].problem:
        raise SpecError(results[0].shown, results[0].problem, "report it to the author of the distribution")
    return results[0]


def load(entry: Entry) -> Surface:
    """The surface itself. SpecError where its module cannot be imported, or holds none."""
    from ..surfaces.base import Surface  # and with it the IR, which a run with nothing to do does without

    with answered(entry.shown):
        result: Any = _module(entry.module)
        if not entry.attribute:  # the module is one, or holds one
            result = getattr(result, "SURFACE", result)
        for step in entry.attribute.split(".") if entry.attribute else ():
            result = getattr(result, step)
    if getattr(result, "name", None) != entry.name or not callable(getattr(result, "render", None)):
        what = f"{entry.value} is not a Surface with the name {entry.name!r}"
        raise SpecError(entry.shown, what, "report it to the author of the distribution")
    folder = getattr(result, "templates", None)
    if folder is not None and not _inside(Path(folder), code_folders(entry)):
        what = f"its templates, {Path(folder).name}, are not in the package of {entry.module}"
        raise SpecError(
            entry.shown, what, "report it to the author: everything that affects the output must be in the package"
        )
    configure = getattr(result, "configure", None)
    weighty = getattr(result, "weighty", False) is True
    return Surface(entry.name, result.render, Path(folder) if folder is not None else None, configure, weighty)


def code(entry: Entry) -> dict[str, Path]:
    """Every file of the package that an entry point names: what decides what it makes. Nothing of it is run."""
    result = {}
    for number, place in enumerate(code_folders(entry)):
        if place.is_file():
            result[f"{number}/{place.name}"] = place
        for folder, folders, names in os.walk(place):
            folders[:] = sorted(name for name in folders if name != "__pycache__")
            for name in sorted(names):
                path = Path(folder, name)
                if not name.endswith(".pyc") and path.is_file():
                    result[f"{number}/{path.relative_to(place).as_posix()}"] = path
    return dict(sorted(result.items()))


def code_folders(entry: Entry) -> tuple[Path, ...]:
    """Where the code of an entry point stands: its top package, or its module. SpecError where it is not found."""
    steps = entry.module.split(".")
    with answered(entry.shown):
        for depth in range(1, len(steps) + 1):
            spec = importlib.util.find_spec(".".join(steps[:depth]))
            if spec is None:
                raise ModuleNotFoundError(f"there is no module {'.'.join(steps[:depth])!r}")
            if spec.origin is not None and spec.has_location:  # not a namespace, which several distributions share
                package = spec.submodule_search_locations
                return tuple(map(Path, package)) if package else (Path(spec.origin),)
        raise ModuleNotFoundError(f"{entry.module!r} is a folder without modules")


def _inside(place: Path, folders: Sequence[Path]) -> bool:
    return any(place.resolve().is_relative_to(folder.resolve()) for folder in folders)


def _entry(name: str, value: str, distribution: str) -> Entry:
    module, _, attribute = value.partition(":")
    return Entry(name, module, attribute, distribution)


def _foreign() -> Iterator[Entry]:
    from importlib import metadata

    for point in metadata.entry_points(group=GROUP):
        owner = point.dist
        if owner is not None and owner.name == _PUBLIC:
            continue
        distribution = f"{owner.name} {owner.version}" if owner is not None else "of no distribution"
        if not _VALUE.match(point.value):
            yield Entry(
                point.name, "", "", distribution, f"its entry point {point.value[:80]!r} is not module:attribute"
            )
        elif point.name in OURS or not valid(point.name):
            why = "is the name of a built-in surface" if point.name in OURS else "is not a valid surface name"
            yield Entry(point.name, "", "", distribution, f"{point.name[:80]!r} {why}: ignored")
        else:
            yield _entry(point.name, point.value, distribution)


def _remedy(name: str) -> str:
    import difflib

    known = [each.name for each in installed()]
    near = difflib.get_close_matches(name, known, 1, 0.6)
    first = f"did you mean {near[0]}? " if near else ""
    return (
        f"{first}install its distribution, or pass its program with --surface-command; `surfacegen"
        " surfaces` lists what is installed"
    )


# ── modules ─────────────────────────────────────────────────────────────────────────────────────────────


def _module(name: str) -> ModuleType:
    _announce()
    return importlib.import_module(name)


def _announce() -> None:
    """Has `surfacegen.ir` be this very package's `ir` where it runs from a checkout, under another name: what a plug-in
    makes is of the classes that we know.
    """
    if _ROOT == _PUBLIC:
        return
    from .checkout import Checkout

    if not any(isinstance(finder, Checkout) for finder in sys.meta_path):
        sys.meta_path.insert(0, Checkout(_PUBLIC, _ROOT))
