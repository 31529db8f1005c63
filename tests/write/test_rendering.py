"""Templates print nothing that was not escaped; errors name template and line."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from generator.errors import GeneratorBug
from generator.surfaces.base import Page
from generator.text import Code
from generator.write.rendering import Renderer, fill


@dataclass(frozen=True)
class View:
    value: Any
    items: tuple[Any, ...] = ()


SAFE = Code("x")


def render(folder: Path, template: str, value: Any = SAFE, items: tuple[Any, ...] = ()) -> str:
    (folder / "s").mkdir(exist_ok=True)
    (folder / "s" / "page.txt.jinja").write_text(template)
    return Renderer(folder).render("s", Page("page.txt.jinja", View(value, items)))


@pytest.mark.parametrize("value", ["plain", None, True, 1.5, ["x"], {"a": 1}, b"x"])
def test_prints_only_what_an_escape_made(tmp_path: Path, value: Any) -> None:
    with pytest.raises(GeneratorBug, match=r"templates/s/page\.txt\.jinja:2: a template prints a "):
        render(tmp_path, "one\n{{ value }}\n", value)


@pytest.mark.parametrize(
    "template",
    ["{{ value ~ value }}", "{{ value.upper() }}", "{{ [value] | join }}", "{{ value | safe }}", "{{ 'constant' }}"],
)
def test_what_a_template_puts_together_is_not_safe(tmp_path: Path, template: str) -> None:
    with pytest.raises(GeneratorBug, match=r"page\.txt\.jinja:1: "):
        render(tmp_path, template)


def test_code_and_integers_are_printed(tmp_path: Path) -> None:
    assert render(tmp_path, "{{ value }} {{ items | length }}\n", Code('a"b')) == 'a"b 0\n'


def test_a_macro_of_safe_pieces_is_safe(tmp_path: Path) -> None:
    template = "{% macro m(x) %}<{{ x }}>{% endmacro %}{{ m(value) }}{% set y %}[{{ value }}]{% endset %}{{ y }}"
    assert render(tmp_path, template) == "<x>[x]"
    with pytest.raises(GeneratorBug):
        render(tmp_path, template, "unsafe")


@pytest.mark.parametrize("name", ["literal", "docstring", "lua", "json", "toml", "yaml", "markdown", "code"])
def test_each_filter_lets_any_text_through(tmp_path: Path, name: str) -> None:
    assert "a" in render(tmp_path, f"{{{{ value | {name} }}}}", "a\"'`\\")


def test_blocks_leave_no_blank_lines_and_the_last_newline_stays(tmp_path: Path) -> None:
    template = "a\n    {% for item in items %}\n{{ item }}\n    {% endfor %}\nb\n"
    assert render(tmp_path, template, items=(Code("1"), Code("2"))) == "a\n1\n2\nb\n"


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ("\n\n{{ missing }}", r"page\.txt\.jinja:3: .*'missing' is undefined"),
        ("\n{{ value.missing }}", r"page\.txt\.jinja:2: .*has no attribute 'missing'"),
        ("\n{% for %}", r"page\.txt\.jinja:2: "),
        ("\n{{ value | nosuch }}", r"page\.txt\.jinja:2: .*nosuch"),
        ("{% include 'none.jinja' %}", r"there is no template 'none\.jinja'"),
        ("\n{{ 1 / 0 }}", r"page\.txt\.jinja:2: ZeroDivisionError"),
    ],
)
def test_an_error_names_template_and_line(tmp_path: Path, template: str, message: str) -> None:
    with pytest.raises(GeneratorBug, match=message):
        render(tmp_path, template)


def test_fill() -> None:
    values = {"package": "acme", "group": "models_versions"}
    assert fill("python/[package]/r/[group].py.jinja", values) == "python/acme/r/models_versions.py"
    assert fill("python/[package]/r/a.py", values) == "python/acme/r/a.py"


@pytest.mark.parametrize("value", ["", "..", "a/b", "/etc", "a\\b", "a\n", "a b", "."])
def test_a_path_stays_in_the_folder(value: str) -> None:
    with pytest.raises(GeneratorBug, match=r"\[group\]"):
        fill("pages/[group]", {"group": value})


def test_a_bracket_that_nothing_fills() -> None:
    with pytest.raises(GeneratorBug, match=r"\[package\]"):
        fill("python/[package]/a.py", {})
