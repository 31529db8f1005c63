"""The settings of a project, so that no command needs them as flags: `surfacegen.yaml`, or `[tool.surfacegen]`.

The file is looked for as git looks for a repository: in the working directory, then in each folder above it. A path in
it is relative to it and stays in the project. `settings.schema.json` says the same of each key to people and editors.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .errors import Finding, SpecError
from .places import Place
from .plugins import options, program
from .plugins.options import Options
from .plugins.program import Program
from .read import files, urls
from .read.project import Project

if TYPE_CHECKING:
    from .read.source import Node, Source

YAML, TOML = "surfacegen.yaml", "pyproject.toml"
TABLE = "[tool.surfacegen]"
OUTPUT = "generated"
"""The default output folder."""
SCHEMA_FILE = Path(__file__).with_name("settings.schema.json")

_FILES = ("document", "catalog", "extensions", "history", "root", "output")
_KEY = re.compile(r"^[ \t]*(?:\"([a-z]+)\"|'([a-z]+)'|([a-z]+))[ \t]*=", re.MULTILINE)
_HEADER = re.compile(r"^[ \t]*\[[ \t]*tool[ \t]*\.[ \t]*surfacegen[ \t]*\]", re.MULTILINE)
_MARK = TABLE.strip("[]").partition(".")[2].encode()


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The keys of a settings file, paths relative to the working directory. Keys that are not set are empty."""

    file: Path | None = None
    """None: there is no file."""
    document: str = ""
    """A path or a URL."""
    catalog: Path | None = None
    overlays: tuple[Path, ...] = ()
    extensions: Path | None = None
    history: Path | None = None
    root: Path | None = None
    output: Path | None = None
    surfaces: tuple[str, ...] = ()
    programs: tuple[Program, ...] = ()
    options: tuple[Options, ...] = ()
    """The options of installed surfaces, by name."""
    templates: tuple[Path, ...] = ()
    name: str = ""
    package: str = ""
    command: str = ""
    client: str = ""
    version: str = ""
    author: str = ""
    license: str = ""
    """An SPDX expression, or a path as it is written."""
    homepage: str = ""
    site_url: str = ""
    """Where the docs are published."""
    servers: tuple[str, ...] = ()
    auth: str = ""
    validate: bool | None = None
    regenerate: str = ""
    places: Mapping[str, Place] = field(default_factory=dict, compare=False, repr=False)
    """Where each key stands."""

    @property
    def project(self) -> Project:
        """What they say of the packages that are made."""
        result = Project(
            name=self.name,
            package=self.package,
            command=self.command,
            client=self.client,
            version=self.version,
            author=self.author,
            homepage=self.homepage,
            site_url=self.site_url,
            servers=self.servers,
            regenerate=self.regenerate,
            places=self.places,
        )
        if not self.license or self.file is None:
            return result
        written = self.license
        place = files.below(project_folder(self.file.parent), self.file.parent / written)
        if place is not None and place.is_file():
            return replace(result, license_text=files.text(place, written))
        from .read import spdx

        expression, problem = spdx.expression(written)
        if problem:
            what = f"{written!r} is neither a file of the project nor an SPDX expression: {problem}"
            raise SpecError(self.places["license"], what, "use a file in the project, or a licence such as MIT")
        return replace(result, license=expression)

    @property
    def of_another_document(self) -> Settings:
        """The same without the settings of its own document: for a run with another document."""
        own = replace(self, document="", catalog=None, overlays=(), extensions=None, history=None, root=None)
        return replace(own, servers=(), auth="", regenerate="", site_url="")


def load(named: Path | None = None) -> Settings:
    """The settings of a file, or of the one that the working directory is in or below; none where there is none.

    SpecError with every mistake in it.
    """
    if named is not None:
        return _of(named, _toml(named, whole=True) if named.suffix == ".toml" else None)
    here = Path.cwd()
    for folder in (here, *here.parents):
        yaml, table = folder / YAML, _toml(folder / TOML)
        if table is not None and yaml.exists():
            what = f"{TABLE} and {YAML} both contain settings"
            raise SpecError(_shown(folder / TOML), what, "keep one of the two, or choose one with --settings")
        matches = folder / TOML if table is not None else yaml if yaml.exists() else None
        if matches is not None:
            if folder != here:
                _refuse_foreign(matches)
            return _of(matches, table)
    return Settings()


def _refuse_foreign(result: Path) -> None:
    """A folder above may be anybody's, such as that of temporary files: whoever works below it did not choose it."""
    if hasattr(os, "geteuid") and _owner(result) not in (os.geteuid(), 0):
        raise SpecError(str(result), "belongs to another user", f"if you trust it, pass --settings {result}")


def _owner(path: Path) -> int:
    return path.stat().st_uid


def _toml(path: Path, *, whole: bool = False) -> Source | None:
    """The table of a pyproject.toml; None where it has none. One that does not even name us is not read: it may be
    broken, and is nothing of ours.
    """
    if not whole and not path.is_file():
        return None
    data = files.content(path, _shown(path))
    if not whole and _MARK not in data:
        return None
    import tomllib

    from .read.reading import Reading
    from .read.source import Source

    text = files.decoded(data, _shown(path)).replace("\r\n", "\n")
    try:
        value: Any = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise SpecError(_shown(path), f"is not TOML: {error}", "correct it there") from None
    for step in ("tool", "surfacegen"):
        value = value.get(step) if isinstance(value, dict) else None
    if value is None:
        if whole:
            raise SpecError(_shown(path), f"has no {TABLE}", "add one, or use another file")
        return None
    header = _HEADER.search(text)
    start = header.end() if header else 0
    places: dict[str, Any] = {}
    for match in _KEY.finditer(text, start) if header else ():
        places.setdefault(match[1] or match[2] or match[3], (match.end(0) - len(match[0].lstrip(" \t")), None))
    return Source(_shown(path), path, text, Reading(value, places, header.start() if header else 0), data)


def _of(path: Path, source: Source | None) -> Settings:
    from .read import catalog
    from .read import source as sources

    source = source or sources.load(path)
    schema = json.loads(SCHEMA_FILE.read_text("utf-8"))
    root = sources.Node(source, "", source.value)
    if findings := list(catalog.check(root, schema, schema)):
        raise SpecError.of(findings)
    places = {key: node.place for key, node in root.items()}
    written: dict[str, Any] = {
        key: tuple(value) if isinstance(value, list) else value for key, value in source.value.items()
    }
    inside = project_folder(path.parent)
    for key in (key for key in _FILES if key in written):
        if key != "document" or not urls.is_url(written[key]):
            written[key] = _path(path.parent, inside, written[key], places[key])
    for key in ("overlays", "templates"):
        if key in written:
            listed = root.get(key)
            nodes = listed.elements() if listed else ()
            written[key] = tuple(_path(path.parent, inside, node.value, node.place) for node in nodes)
    if "document" in written:
        written["document"] = str(written["document"])
    _check_urls(root)
    if (listed := root.get("surfaces")) is not None:
        objects = [node for node in listed.elements() if not isinstance(node.value, str)]
        programs = [each for each in objects if "command" in each.value]
        values = [each for each in objects if "command" not in each.value and "options" in each.value]
        written["programs"] = tuple(program.declared(each.value, each.place, path.parent) for each in programs)
        written["options"] = tuple(options.declared(each.value, each.place) for each in values)
        _check_twice(objects)
        written["surfaces"] = tuple(each if isinstance(each, str) else each["name"] for each in written["surfaces"])
    return Settings(file=path, places=places, **written)


def _check_twice(nodes: Sequence[Node]) -> None:
    names = [node.value["name"] for node in nodes]
    for number, node in enumerate(nodes):
        if (name := names[number]) in names[:number]:
            raise SpecError(node.place, f"{name!r} is declared twice", "keep one of the two")


def _check_urls(root: Node) -> None:
    listed = root.get("servers")
    nodes = [*(listed.elements() if listed else ()), *filter(None, [root.get("homepage"), root.get("site_url")])]
    wrong = [(node, problem) for node in nodes if (problem := urls.page_problem(node.value))]
    if wrong:
        raise SpecError.of(Finding(node.place, f"the URL {what}", hint) for node, (what, hint) in wrong)


def project_folder(folder: Path) -> Path:
    """The repository that the settings stand in, else their folder: what a path in them may lead to."""
    here = folder.resolve()
    return next((each for each in (here, *here.parents) if (each / ".git").exists()), here)


def repository(folder: Path) -> Path:
    """The repository that a folder belongs to; without one the folder above it, but never all that there is."""
    here = folder.resolve()
    above = next((each for each in (here, *here.parents) if (each / ".git").exists()), here.parent)
    return above if above != Path(above.anchor) else here


def _path(folder: Path, project: Path, written: str, place: Place) -> Path:
    """A path of the settings, as it leads from the working directory."""
    result = files.below(project, folder / written) if written else None
    if result is None or ".git" in result.relative_to(project).parts:
        what = f"{written!r} is outside the project" if written else "is empty"
        raise SpecError(place, what, f"use a path below {project.name or project}, or pass it as an option")
    return Path(os.path.relpath(result if ".." in Path(written).parts else folder.resolve() / written))


def _shown(path: Path) -> str:
    """A path as an error names it: from the working directory where it is not far."""
    return os.path.relpath(path) if path.is_absolute() else str(path)
