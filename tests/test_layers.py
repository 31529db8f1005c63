"""Imports point down only; names and escapes hold whatever a spec says."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from generator import names, text

GENERATOR = Path(__file__).parents[1] / "generator"

ORDER = (
    "errors", "bounds", "ir", "text", "names", "urls", "files", "reading", "json_reader", "yaml_reader", "source", "shape", "openapi", "catalog", "patterns", "allof", "schemas", "samples", "link", "lint",
    "rewrite", "surfaces", "advice", "diff", "releases", "fit", "sides", "merge", "fetch", "rendering", "output", "inputs", "causes", "pipeline",
    "update", "watch", "terminal", "commands", "cli", "__main__", "__init__",
)  # fmt: skip
KNOW_NOTHING = {
    "errors": set(),
    "ir": set(),
    "output": {"errors", "files"},
    "surfaces": {"surfaces", "ir", "names", "text", "errors"},
}


def imports(path: Path) -> set[str]:
    """The modules of ours that a file imports, by their first name below the package."""
    depth = len(path.relative_to(GENERATOR).parts)
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.level:
            if node.level < depth:
                found.add(path.relative_to(GENERATOR).parts[0])
            else:
                found |= {node.module.split(".")[0]} if node.module else {alias.name for alias in node.names}
    return found


@pytest.mark.parametrize("path", sorted(GENERATOR.rglob("*.py")), ids=lambda p: str(p.relative_to(GENERATOR)))
def test_imports_point_down(path: Path) -> None:
    part = path.relative_to(GENERATOR).parts[0].removesuffix(".py")
    for other in imports(path) - {part}:
        assert ORDER.index(other) < ORDER.index(part), f"{part} imports {other}, which stands above it"
        assert other in KNOW_NOTHING.get(part, {other}), f"{part} must not know {other}"


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("webhookEventsFilter", ("webhook", "events", "filter")),
        ("Cancel-After", ("cancel", "after")),
        ("models.versions.get", ("models", "versions", "get")),
        ("café", ("cafe",)),
        ("", ("empty",)),
    ],
)
def test_words(written: str, expected: tuple[str, ...]) -> None:
    assert names.words(written) == expected


@pytest.mark.parametrize("written", ["class", "from", "3d", "日本", "-", "a b", "__init__", "'; import os"])
def test_python_names_are_identifiers(written: str) -> None:
    spelled = names.PYTHON.spell(names.words(written))
    assert spelled.isidentifier()
    compile(f"{spelled} = 1", "name", "exec")


HOSTILE = ['"""', "\\", "'\"", "\n", "\u2028", "${x}", "{{ x }}", "]]", "é", "\x00", "\ud800", "x'''y\"\"\"z\\"]


@pytest.mark.parametrize("value", [*HOSTILE, None, True, -1, 1.5, ["a", {"b": None}], {'"k': HOSTILE}])
def test_python_literal_round_trips(value: object) -> None:
    assert ast.literal_eval(text.python_literal(value)) == value


@pytest.mark.parametrize("value", HOSTILE)
def test_docstring_cannot_be_left(value: str) -> None:
    tree = ast.parse('"""' + text.python_docstring(value) + '"""')
    assert len(tree.body) == 1


def test_collision_cites_both_places() -> None:
    found = names.collisions(names.SNAKE, [(("a", "b"), "aB", "x.yaml:1:1"), (("a", "b"), "a_b", "x.yaml:9:1")])
    assert len(found) == 1
    assert "x.yaml:1:1" in str(found[0]) and "x.yaml:9:1" in str(found[0])
