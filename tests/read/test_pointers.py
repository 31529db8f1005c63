"""Places in a document: the pointers of RFC 6901, and line and column of what they lead to."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from generator.read import source

TEXT = '{\n  "foo": ["bar", "baz"],\n  "": 0,\n  "a/b": 1,\n  "c%d": 2,\n  "e^f": 3,\n  "g|h": 4,\n  "i\\\\j": 5,\n  "k\\"l": 6,\n  " ": 7, "m~n": 8\n}'
"""RFC 6901, 5."""
POINTERS = [
    ("", {"foo": 0}, 1, 1),
    ("/foo", ["bar", "baz"], 2, 3),
    ("/foo/0", "bar", 2, 11),
    ("/foo/1", "baz", 2, 18),
    ("/", 0, 3, 3),
    ("/a~1b", 1, 4, 3),
    ("/c%d", 2, 5, 3),
    ("/e^f", 3, 6, 3),
    ("/g|h", 4, 7, 3),
    ("/i\\j", 5, 8, 3),
    ('/k"l', 6, 9, 3),
    ("/ ", 7, 10, 3),
    ("/m~0n", 8, 10, 11),
]
"""With the line and column of an entry's key, or of a list's element, counted in the text above."""


@pytest.fixture(scope="module", params=["json", "yaml"])
def read(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> source.Source:
    path: Path = tmp_path_factory.mktemp("pointers") / f"a.{request.param}"
    path.write_text(TEXT)
    return source.load(path)


@pytest.mark.parametrize(("pointer", "value", "line", "column"), POINTERS, ids=[repr(each[0]) for each in POINTERS])
def test_pointers(read: source.Source, pointer: str, value: Any, line: int, column: int) -> None:
    node: Any = read.value
    for step in source.steps(pointer):
        node = node[int(step)] if isinstance(node, list) else node[step]
    assert node == value or not pointer
    assert pointer == "".join(f"/{source.escape(step)}" for step in source.steps(pointer))
    place = read.place(pointer)
    assert (place.line, place.column, place.pointer) == (line, column, pointer)


def test_lines_end_as_they_do(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_bytes(b"# c\nfoo: [a,\r\n  b]\nx:\n  - y: 1\n")
    read = source.load(tmp_path / "a.yaml")
    expected = {"/foo": (2, 1), "/foo/0": (2, 7), "/foo/1": (3, 3), "/x": (4, 1), "/x/0": (5, 5), "/x/0/y": (5, 5)}
    found = {pointer: (read.place(pointer).line, read.place(pointer).column) for pointer in expected}
    assert found == expected


def test_what_is_missing_is_cited_at_its_parent(read: source.Source) -> None:
    for pointer in ("/foo/2", "/foo/x", "/foo/01", "/foo/-", "/foo/0/a"):
        assert read.place(pointer).line == 2
    assert read.place("/none/at/all").line == 1


@pytest.mark.parametrize(
    ("step", "fine"),
    [("0", True), ("9", True), ("10", False), ("01", False), ("-1", False), ("+1", False), ("", False), ("1.0", False),
     ("\u0661", False), ("1" * 12, False), ("00", False), (" 1", False)],
)  # fmt: skip
def test_indexes(step: str, fine: bool) -> None:
    assert source.is_index(step, 10) is fine


def test_nodes(read: source.Source) -> None:
    root = source.Node(read, "", read.value)
    foo = root.get("foo")
    assert foo is not None and [(each.pointer, each.value) for each in foo.elements()] == [("/foo/0", "bar"), ("/foo/1", "baz")]  # fmt: skip
    assert [*foo.items()] == [] and foo.get("0") is None and root.get("x") is None and [*root.elements()] == []
    assert {key: node.pointer for key, node in root.items()}["a/b"] == "/a~1b"
    inner = source.Node(read, "/x", {"a": "b", "n": 1, "t": True, "f": False})
    assert [inner.text(key) for key in "ant"] == ["b", "", ""] and foo.text("a") == ""
    assert [inner.flag(key) for key in "antf"] == [False, False, True, False] and foo.flag("a") is False
