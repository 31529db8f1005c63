"""Template + view -> text. A template prints what is already safe, or the run fails.

Whatever a template prints passes `_checked`: only `text.Code` (made by an escape) and integers come through.
So a string of the spec that nobody escaped is a `GeneratorBug` that names template and line, never code.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, cast

import jinja2

from .. import text
from ..errors import GeneratorBug
from ..surfaces.base import Page

SUFFIX = ".jinja"

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
_SEGMENT = re.compile(r"(?!\.{1,2}\Z)[A-Za-z0-9._-]+\Z")


class _Environment(jinja2.Environment):
    # What a macro or a {% set %} block gives was checked piece by piece: joined, it is still safe.
    @staticmethod
    def concat(parts: Iterable[str]) -> text.Code:
        return text.Code("".join(parts))


def _checked(value: Any) -> Any:
    if isinstance(value, (text.Code, jinja2.Undefined)) or type(value) is int:
        return value  # an Undefined raises by itself, with the name that is missing
    raise GeneratorBug(f"a template prints a {type(value).__name__} that no escape made: {str(value)[:60]!r}")


@cache
def _environment(templates: Path) -> jinja2.Environment:
    """Keeps the compiled templates of a folder, each until its file changes: to compile them is half of a small run."""
    found = _Environment(
        loader=jinja2.FileSystemLoader(templates),
        undefined=jinja2.StrictUndefined,
        finalize=_checked,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,
        optimized=False,
    )
    found.filters.update(cast("dict[str, Any]", FILTERS))
    return found


class Renderer:
    """Renders the pages of all surfaces from one template folder."""

    def __init__(self, templates: Path) -> None:
        self.templates = templates
        self._environment = _environment(templates)

    made = text.Code("")
    """What made the files, as the first line of each says it: `made` in every template."""

    def render(self, surface: str, page: Page) -> str:
        """The text of a page. GeneratorBug, with template and line, for anything that goes wrong in it."""
        name = f"{surface}/{page.template}"
        try:
            return self._environment.get_template(name).render({"made": self.made, **variables(page.view)})
        except jinja2.TemplateNotFound as error:
            raise GeneratorBug(f"templates/{name}: there is no template {error.name!r}") from error
        except jinja2.TemplateSyntaxError as error:
            raise GeneratorBug(f"templates/{error.name or name}:{error.lineno}: {error.message}") from error
        except Exception as error:
            what = str(error) if isinstance(error, GeneratorBug) else f"{type(error).__name__}: {error}"
            raise GeneratorBug(f"templates/{self._where(error) or name}: {what}") from error

    def _where(self, error: BaseException) -> str:
        """`template:line` of the innermost template on the traceback."""
        where, trace = "", error.__traceback__
        while trace is not None:
            file = trace.tb_frame.f_code.co_filename
            if file.endswith(SUFFIX) and Path(file).is_relative_to(self.templates):
                where = f"{Path(file).relative_to(self.templates).as_posix()}:{trace.tb_lineno}"
            trace = trace.tb_next
        return where


def variables(view: Any) -> dict[str, Any]:
    """The fields of a view by name; not of the dataclasses inside it."""
    return {field.name: getattr(view, field.name) for field in dataclasses.fields(view)}


def fill(path: str, values: Mapping[str, str]) -> str:
    """The output path of a template path: brackets filled in, `.jinja` taken off, nothing outside the folder."""

    def value(match: re.Match[str]) -> str:
        if not (found := values.get(match.group(1))):
            raise GeneratorBug(f"templates/{path}: nothing says what [{match.group(1)}] stands for")
        return found

    segments = [_BRACKET.sub(value, segment) for segment in path.removesuffix(SUFFIX).split("/")]
    for segment in segments:
        if not _SEGMENT.match(segment):
            raise GeneratorBug(f"templates/{path}: {segment!r} cannot be a file name")
    return "/".join(segments)
