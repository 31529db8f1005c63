"""Template + view -> text. A template prints what is already safe, or the run fails.

Whatever a template prints passes `_checked`: only `text.Code` (made by an escape) and integers come through.
So a string of the spec that nobody escaped is a `GeneratorBug` that names template and line, never code.
"""

from __future__ import annotations

import dataclasses
import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, cast

import jinja2

from .. import text
from ..errors import GeneratorBug, SpecError
from ..ir import Place
from ..surfaces.base import Page
from .compiled import Compiled

SUFFIX = ".jinja"
BELOW = "ours"
"""What a template of the user calls the folder that it lies over: `{% extends "ours/docs/docs/mkdocs.yml.jinja" %}`."""

FILTERS = {
    "literal": text.python_literal,
    "docstring": text.python_docstring,
    "lua": text.lua_literal,
    "json": text.json_literal,
    "toml": text.toml_literal,
    "yaml": text.yaml_literal,
    "markdown": text.markdown,
    "code": text.markdown_code,
}

_BRACKET = re.compile(r"\[([a-z_]+)\]")
_NAMING = re.compile(r"""\{%[-+]?\s*(?:include|import|from|extends)\s+(?:"([^"]+)"\s*[-+]?%\})?""")
"""Where a template names another one: which, where its name stands there as it is."""
_SEGMENT = re.compile(r"(?!\.{1,2}\Z)[A-Za-z0-9._-]+\Z")


class _Environment(jinja2.Environment):
    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.folders: set[str] = set()
        """Those that a template named another one of."""

    def join_path(self, template: str, parent: str) -> str:
        self.folders.add(template.removeprefix(f"{BELOW}/").partition("/")[0])
        return template

    # What a macro or a {% set %} block gives was checked piece by piece: joined, it is still safe.
    @staticmethod
    def concat(parts: Iterable[str]) -> text.Code:
        return text.Code("".join(parts))


def _checked(value: Any) -> Any:
    if isinstance(value, (text.Code, jinja2.Undefined)) or type(value) is int:
        return value  # an Undefined raises by itself, with the name that is missing
    raise GeneratorBug(f"a template prints a {type(value).__name__} that was not escaped: {str(value)[:60]!r}")


_COMPILED = Compiled()


def _environment(templates: Path, layers: tuple[Path, ...], brought: tuple[tuple[str, Path], ...]) -> _Environment:
    ours: list[jinja2.BaseLoader] = [jinja2.FileSystemLoader(templates)]
    if brought:
        ours.insert(0, jinja2.PrefixLoader({name: jinja2.FileSystemLoader(folder) for name, folder in brought}))
    below: dict[str, jinja2.BaseLoader] = {BELOW: jinja2.ChoiceLoader(ours)}
    above = [jinja2.FileSystemLoader(layer) for layer in layers]
    result = _Environment(
        loader=jinja2.ChoiceLoader([*above, *ours, jinja2.PrefixLoader(below)]),
        undefined=jinja2.StrictUndefined,
        finalize=_checked,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,
        optimized=False,
        bytecode_cache=_COMPILED,
        auto_reload=False,  # a template that changes during a run ends it
    )
    result.filters.update(cast("dict[str, Any]", FILTERS))
    return result


class Renderer:
    """Renders the pages of all surfaces.

    layers: folders of the user over `templates`; the first that holds a template decides, and `ours/…` names what it
    lies over. brought: the template folder of each surface that brings its own.
    """

    made = text.Code("")
    """The command that made the files, for the first line of each: `made` in every template."""

    def __init__(
        self, templates: Path, layers: tuple[Path, ...] = (), brought: Mapping[str, Path] | None = None
    ) -> None:
        self.templates, self.layers = templates, layers
        _COMPILED.read(templates)
        self._brought = dict(brought or {})
        self._sources: dict[str, tuple[str, frozenset[str]]] = {}
        self._environment = _environment(templates, layers, tuple(self._brought.items()))

    @property
    def folders(self) -> frozenset[str]:
        """The template folders that were searched for the rendered pages, apart from that of their surface."""
        return frozenset(self._environment.folders)

    def source(self, name: str) -> str:
        """A digest of one of our templates and of those that it names, whose folders count as looked into.

        Empty where that cannot be told: another template may lie over one, or its name is made up while it is rendered.
        """
        if self.layers or self._brought:
            return ""
        if name not in self._sources:
            self._sources[name] = self._source(name)
        result, folders = self._sources[name]
        self._environment.folders |= folders
        return result

    def _source(self, name: str) -> tuple[str, frozenset[str]]:
        read: dict[str, str] = {}
        todo = [name]
        while todo:
            each = todo.pop()
            if each in read:
                continue
            try:
                read[each] = (self.templates / each).read_text("utf-8")
            except (OSError, ValueError):
                return "", frozenset()
            named = _NAMING.findall(read[each])
            if not all(named):
                return "", frozenset()
            todo += named
        folders = {each.partition("/")[0] for each in read if each != name}
        return hashlib.sha256(repr(sorted(read.items())).encode()).hexdigest()[:32], frozenset(folders)

    def render(self, surface: str, page: Page, template: str = "") -> str:
        """The text of a page. With template and line, for anything that goes wrong in it: GeneratorBug, or SpecError
        where it is a template of the user.

        template: in place of the page's own.
        """
        page, name = page.whole(), f"{surface}/{template or page.template}"
        try:
            return self._environment.get_template(name).render({"made": self.made, **variables(page.view)})
        except jinja2.TemplateSyntaxError as error:
            self._blame(Path(error.filename or name), error.lineno, error.message or "", page)
            raise GeneratorBug(f"templates/{error.name or name}:{error.lineno}: {error.message}") from error
        except Exception as error:
            what = str(error) if isinstance(error, GeneratorBug) else f"{type(error).__name__}: {error}"
            if isinstance(error, jinja2.TemplateNotFound):
                what = f"there is no template {error.name!r}"
            places = [*self._places(error)]
            for file, line in reversed(places):
                self._blame(file, line, what, page)
            raise GeneratorBug(f"templates/{self._where(places) or name}: {what}") from error

    def _blame(self, file: Path, line: int, what: str, page: Page) -> None:
        """Raises a SpecError where the file is the user's."""
        if not any(file.is_relative_to(layer) for layer in self.layers):
            return
        hint = f"its view has {', '.join(sorted(variables(page.view))) or 'nothing'}"
        if "that was not escaped" in what:
            hint = f"use one of the filters {', '.join(sorted(FILTERS))}; {hint}"
        raise SpecError(Place(str(file), line, 1, ""), what, hint) from None

    def _places(self, error: BaseException) -> Iterator[tuple[Path, int]]:
        """File and line of each template on the traceback, the innermost last."""
        trace = error.__traceback__
        while trace is not None:
            file = trace.tb_frame.f_code.co_filename
            if file.endswith(SUFFIX):
                yield Path(file), trace.tb_lineno
            trace = trace.tb_next

    def _where(self, places: Sequence[tuple[Path, int]]) -> str:
        """`template:line` of the innermost of our templates, and of those that surfaces bring."""
        for file, line in reversed(places):
            for prefix, folder in (("", self.templates), *((f"{name}/", each) for name, each in self._brought.items())):
                if file.is_relative_to(folder):
                    return f"{prefix}{file.relative_to(folder).as_posix()}:{line}"
        return ""


def keep(templates: Path) -> None:
    """Keeps what the templates of this folder were compiled to for the runs that follow."""
    _COMPILED.write(templates)


def variables(view: Any) -> dict[str, Any]:
    """The fields of a view by name; not of the dataclasses inside it."""
    return {field.name: getattr(view, field.name) for field in dataclasses.fields(view)}


def fill(path: str, values: Mapping[str, str]) -> str:
    """The output path of a template path: brackets filled in, `.jinja` taken off, nothing outside the folder."""

    def value(match: re.Match[str]) -> str:
        if not (result := values.get(match.group(1))):
            raise GeneratorBug(f"templates/{path}: [{match.group(1)}] is not defined")
        return result

    segments = [_BRACKET.sub(value, segment) for segment in path.removesuffix(SUFFIX).split("/")]
    for segment in segments:
        if not _SEGMENT.match(segment):
            raise GeneratorBug(f"templates/{path}: {segment!r} cannot be a file name")
    return "/".join(segments)
