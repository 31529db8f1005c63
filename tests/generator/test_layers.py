"""Imports point down only; names and escapes hold whatever a spec says."""

from __future__ import annotations

import ast
import graphlib
from pathlib import Path

import pytest

from generator import names, text

GENERATOR = Path(__file__).parents[2] / "generator"

WAY = {"errors", "ir", "names", "text"}
"""What every room may use."""
KNOWS: dict[str, set[str]] = {
    "errors": set(),
    "ir": set(),
    "text": set(),
    "names": {"errors", "ir", "text"},
    "read": WAY,
    "link": WAY | {"read"},
    "surfaces": WAY,
    "check": WAY | {"read", "surfaces"},
    "write": {"errors", "text", "read", "surfaces"},
    "evolve": WAY | {"read", "link", "check", "surfaces", "write", "inputs", "pipeline"},
    "inputs": {"read", "write"},
    "pipeline": WAY | {"read", "link", "check", "surfaces", "write", "evolve", "inputs"},
}
"""room or module -> what it may import of ours; the command line may import all."""


def imports(path: Path) -> set[str]:
    """The modules of ours that a file imports anywhere in it, by their dotted names below the package."""
    here = list(path.relative_to(GENERATOR).parts[:-1])
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.level:
            base = [*here[: len(here) + 1 - node.level], *(node.module or "").split(".")]
            for alias in node.names:
                steps = [step for step in (*base, alias.name) if step]
                found.add(".".join(steps if module(steps) else steps[:-1]))
    return found


def module(steps: list[str]) -> bool:
    place = GENERATOR.joinpath(*steps)
    return place.with_suffix(".py").is_file() or (place / "__init__.py").is_file()


def named(path: Path) -> str:
    return ".".join(path.relative_to(GENERATOR).with_suffix("").parts).removesuffix(".__init__")


MODULES = {named(path): path for path in sorted(GENERATOR.rglob("*.py"))}


@pytest.mark.parametrize("name", sorted(MODULES))
def test_a_room_knows_only_what_it_may(name: str) -> None:
    room = name.partition(".")[0]
    rooms = {other.partition(".")[0] for other in imports(MODULES[name])} - {room}
    assert rooms <= KNOWS.get(room, rooms)


def test_no_import_leads_back() -> None:
    graph = {name: imports(path) & MODULES.keys() - {name} for name, path in MODULES.items()}
    graphlib.TopologicalSorter(graph).prepare()


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
