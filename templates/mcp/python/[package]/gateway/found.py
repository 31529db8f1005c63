"""The packages that there are, without importing one: by entry point, by the package's name, in a folder.

--with petstore         the API's name or the distribution's, as an entry point of the group says
--with petstore_kit     the package's name
--with ./out            a folder that holds a package, or what the generator wrote
"""

from __future__ import annotations

import ast
import importlib.metadata
import importlib.util
import os
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from .. import about
from ..cli.app import CALLED
from .contract import GROUP

_MODULE = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,99}")
_LARGEST = 64 << 10
"""Bytes of a module `about`."""


def called() -> str:
    """What the user runs, which has the commands of a gateway."""
    return os.environ.get(CALLED) or about.COMMAND


class NotFoundError(LookupError):
    """There is no such package; `known` are the APIs of those that there are."""

    def __init__(self, message: str, known: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.known = known


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A package, and how it is started as a member."""

    api: str
    package: str
    path: str = ""
    """The folder it is imported from; empty where Python finds it by itself."""
    python: str = field(default=sys.executable)
    contract: bool = True
    """Whether it speaks the contract; one that was made before it has an MCP server."""

    def command(self, base_url: str = "") -> tuple[str, ...]:
        """What starts it as a member."""
        address = ("--base-url", base_url) if base_url else ()
        return (self.python, "-P", "-m", f"{self.package}.gateway", *address)

    def server(self, *flags: str) -> tuple[str, ...]:
        """What starts its MCP server."""
        return (self.python, "-P", "-m", self.package, "mcp", "serve", "--mode", "tools", *flags)

    def cli(self, *words: str) -> tuple[str, ...]:
        """What runs a command of its own."""
        return (self.python, "-P", "-m", self.package, *words)

    def environment(self) -> dict[str, str]:
        """Its environment variables, with the folder it is imported from."""
        environment = {name: text for name, text in os.environ.items() if name != CALLED}
        if self.path:
            environment["PYTHONPATH"] = os.pathsep.join(filter(None, (self.path, environment.get("PYTHONPATH"))))
        return environment


def own() -> Found:
    """This package itself."""
    folder = Path(__file__).resolve().parents[1]
    return Found(api=about.NAME, package=about.PACKAGE, path=str(folder.parent))


def announced() -> dict[str, str]:
    """The packages that announce themselves: API -> package."""
    return {each.name: package for each, package in _entries()}


def named(name: str, python: str = "") -> Found:
    """Find a package by its name, or in a folder. Raises NotFoundError if there is none."""
    if python:
        if not _MODULE.fullmatch(name):
            raise NotFoundError(f"{name[:80]!r} is not a valid name of a package")
        return Found(api=name, package=name, python=python)
    if os.sep in name or name.startswith(".") or os.path.isdir(name):
        return _in_folder(Path(name))
    entries = list(_entries())
    for entry, package in entries:
        distribution = entry.dist.name if entry.dist is not None else ""
        if name in (entry.name, package) or name.replace("-", "_").lower() == distribution.replace("-", "_").lower():
            return _installed(package) or Found(api=entry.name, package=package)
    if name in (about.NAME, about.PACKAGE):
        return own()
    if _MODULE.fullmatch(name) and (installed := _installed(name)) is not None:
        return installed
    known = tuple(sorted({entry.name for entry, _ in entries} | {about.NAME}))
    raise NotFoundError(f"no package for {name[:80]!r} is installed", known)


def _entries() -> Iterator[tuple[importlib.metadata.EntryPoint, str]]:
    for entry in importlib.metadata.entry_points(group=GROUP):
        package = entry.value.partition(":")[0].partition(".")[0]
        if _MODULE.fullmatch(package):
            yield entry, package


def _installed(package: str) -> Found | None:
    """The package of this name that Python would import, looked at and not imported."""
    try:
        spec = importlib.util.find_spec(package)
    except (ImportError, ValueError):
        return None
    for place in (spec.submodule_search_locations or ()) if spec is not None else ():
        if (api := _api(Path(place))) is not None:
            return Found(api=api, package=package, contract=_speaks(Path(place)))
    return None


def _in_folder(folder: Path) -> Found:
    """The package in a folder, or in the folder `python` of it."""
    if not folder.is_dir():
        raise NotFoundError(f"there is no folder {str(folder)[:200]}")
    places = [
        folder,
        *(each for base in (folder, folder / "python") if base.is_dir() for each in sorted(base.iterdir())),
    ]
    packages = [place.resolve() for place in places if place.is_dir() and (place / "about.py").is_file()]
    packages = [place for place in packages if _MODULE.fullmatch(place.name) and _api(place) is not None]
    if len(packages) != 1:
        what = f"{len(packages)} packages are" if packages else "no package of surfacegen's is"
        raise NotFoundError(f"{what} in {str(folder)[:200]}: name the folder of one")
    package = packages[0]
    return Found(api=_api(package) or "", package=package.name, path=str(package.parent), contract=_speaks(package))


def _speaks(package: Path) -> bool:
    return (package / "gateway" / "__main__.py").is_file()


def _api(package: Path) -> str | None:
    """The API's name as the module `about` has it; None where the folder is no package of surfacegen's."""
    facts_ = facts(package)
    return facts_.get("NAME") if facts_.get("PACKAGE") == package.name else None


def facts(package: Path) -> Mapping[str, str]:
    """The texts of a package's module `about`, read and not run."""
    try:
        with open(package / "about.py", "rb") as file:
            tree = ast.parse(file.read(_LARGEST))
    except (OSError, ValueError, SyntaxError, RecursionError):
        return {}
    return {
        target.id: node.value.value
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
