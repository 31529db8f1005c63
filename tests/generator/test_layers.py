"""Imports point down only; names and escapes hold whatever a spec says."""

from __future__ import annotations

import ast
import graphlib
from functools import cache
from pathlib import Path

import pytest

from generator import names, text
from generator.ir import Place

GENERATOR = Path(__file__).parents[2] / "generator"
REPLIKIT = Path(__file__).parents[2] / "generated/python/replikit"
HAND_WRITTEN = ("runtime", "functions", "cli", "mcp", "lua", "mock", "extensions")
"""What of the package no document decides."""
LEADING_BACK = {("mock.schema", "mock.checking"), ("mock.schema", "mock.samples")}
"""Known: the mock's schema of an operation checks values and makes samples, and both ask it what the document says. They
are to be cut from one another; until then no other import may lead back."""

WAY = {"errors", "ir", "losses", "names", "patterns", "places", "text"}
"""What every room may use."""
KNOWS: dict[str, set[str]] = {
    "errors": {"places"},
    "ir": {"losses", "places"},
    "losses": set(),
    "places": set(),
    "ir_json": {"ir", "losses", "places"},
    "patterns": set(),
    "text": set(),
    "names": {"errors", "ir", "text"},
    "read": WAY,
    "link": WAY | {"read"},
    "surfaces": WAY,
    "check": WAY | {"read", "surfaces"},
    "write": {"errors", "ir", "places", "text", "read", "surfaces"},
    "evolve": WAY | {"read", "link", "check", "surfaces", "write", "inputs", "loading", "review"},
    "loading": WAY | {"read", "link", "check", "evolve", "inputs", "plugins"},
    "review": WAY | {"read", "link", "check", "write", "inputs", "loading"},
    "settings": {"errors", "places", "read", "plugins"},
    "init": WAY | {"read", "write", "inputs", "loading", "pipeline", "settings", "plugins"},
    "plugins": WAY | {"ir_json", "read", "surfaces"},
    "inputs": {"errors", "read", "write", "plugins"},
    "layers": {"inputs", "write"},
    "assembly": WAY | {"read", "surfaces", "write", "plugins", "inputs", "layers", "remaking"},
    "caching": {"errors", "ir", "ir_json", "read", "write", "plugins", "inputs"},
    "remaking": {"surfaces", "write", "inputs", "caching"},
    "beside": set(),
    "making": {"beside", "ir", "surfaces", "write", "caching", "assembly"},
    "pipeline": WAY
    | {
        "remaking",
        "making",
        "read",
        "surfaces",
        "write",
        "plugins",
        "inputs",
        "layers",
        "assembly",
        "loading",
        "review",
        "caching",
    },
}
"""room or module -> what it may import of ours; the command line may import all."""


@cache
def imports(path: Path, package: Path = GENERATOR) -> set[str]:
    """The modules of ours that a file imports anywhere in it, by their dotted names below the package."""
    here = list(path.relative_to(package).parts[:-1])
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and 0 < node.level <= len(here) + 1:
            base = [*here[: len(here) + 1 - node.level], *(node.module or "").split(".")]
            for alias in node.names:
                steps = [step for step in (*base, alias.name) if step]
                found.add(".".join(steps if module(steps, package) else steps[:-1]))
    return found


def module(steps: list[str], package: Path) -> bool:
    place = package.joinpath(*steps)
    return place.with_suffix(".py").is_file() or (place / "__init__.py").is_file()


def modules(package: Path) -> dict[str, Path]:
    found = {path.relative_to(package).with_suffix(""): path for path in sorted(package.rglob("*.py"))}
    return {".".join(name.parts).removesuffix(".__init__"): path for name, path in found.items()}


MODULES = modules(GENERATOR)


def test_a_room_knows_only_what_it_may() -> None:
    known = {}
    for name, path in MODULES.items():
        room = name.partition(".")[0]
        rooms = {other.partition(".")[0] for other in imports(path)} - {room}
        known[name] = rooms - KNOWS.get(room, rooms)
    assert len(known) > 200 and {name: rooms for name, rooms in known.items() if rooms} == {}


def test_what_surfaces_share_knows_none_of_them() -> None:
    shared = [name for name in MODULES if name.startswith("surfaces.shared.")]
    known = {other for name in shared for other in imports(MODULES[name]) if other.startswith("surfaces.")}
    assert len(shared) > 10 and {other.split(".")[1] for other in known} <= {"base", "shared"}


def graph(package: Path) -> dict[str, set[str]]:
    """Who imports whom: within functions, and for type checkers alone, as well."""
    found = modules(package)
    return {name: imports(path, package) & found.keys() - {name} for name, path in found.items()}


def test_no_import_of_the_generator_leads_back() -> None:
    found = graph(GENERATOR)
    assert len(found) > 50
    graphlib.TopologicalSorter(found).prepare()


def test_no_import_of_what_is_hand_written_in_a_package_leads_back() -> None:
    found = graph(REPLIKIT)
    kept = {name: others for name, others in found.items() if name.partition(".")[0] in HAND_WRITTEN}
    assert {name.partition(".")[0] for name in kept} == set(HAND_WRITTEN) and len(kept) > 150
    for name, other in LEADING_BACK:
        kept[name].discard(other)
    graphlib.TopologicalSorter(kept).prepare()


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
    places = (Place("x.yaml", 1, 1, ""), Place("x.yaml", 9, 1, ""))
    found = names.collisions(names.SNAKE, [(("a", "b"), "aB", places[0]), (("a", "b"), "a_b", places[1])])
    assert len(found) == 1
    assert "x.yaml:1:1" in str(found[0]) and "x.yaml:9:1" in str(found[0])
