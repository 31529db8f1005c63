"""Every bound on what is read, reached: one message that names the bound and the variable that sets it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hanging import HANGS

from generator import pipeline
from generator.errors import SpecError
from generator.pipeline import Inputs
from generator.read import bounds
from generator.read.source import parse

ROOT = Path(__file__).parents[2]
ZOO = "openapi: 3.1.0\ninfo: {title: Zoo, version: '1'}\npaths:\n"
GET = "  /%s: {get: {operationId: get_%s, responses: {'200': {$ref: '%s.yaml#/r'}}}}\n"


def write(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        (folder / f"{name}.yaml").write_text(text, "utf-8")
    return folder / "openapi.yaml"


def refused(document: Path) -> str:
    with pytest.raises(SpecError) as caught:
        pipeline.load(Inputs(document))
    return str(caught.value)


@pytest.mark.parametrize("name", ["x.yaml", "x.json"])
def test_depth(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SURFACEGEN_MAX_DEPTH", "4")
    assert parse('[[{"a": [1]}]]', name, Path(name)).value
    with pytest.raises(SpecError) as caught:
        parse('[[{"a":\n [[1]]}]]', name, Path(name))
    assert str(caught.value) == (
        f"{name}:2:3: is nested more deeply than 4 levels\n  fix: flatten it, or allow more with SURFACEGEN_MAX_DEPTH"
    )


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("a: &x [[1]]\nb: [*x]", "2:5"),
        ("- &x [[1], 2]\n- [*x]", "2:4"),
        ("a:\n b:\n  c:\n   - 1", "4:4"),
        ("{a: {b: {c: {}}}}", "1:13"),
        ("- - - - 1", "1:7"),
    ],
)
def test_depth_in_each_style_of_yaml(text: str, place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SURFACEGEN_MAX_DEPTH", "4")
    parse(text, "x.yaml", Path("x.yaml"))
    monkeypatch.setenv("SURFACEGEN_MAX_DEPTH", "3")
    with pytest.raises(SpecError, match=f"^x.yaml:{place}: is nested more deeply than 3 levels"):
        parse(text, "x.yaml", Path("x.yaml"))


@pytest.mark.parametrize(
    ("name", "text", "least", "place"),
    [
        ("x.json", '{"a": [1, 2], "b": "c"}', 5, "1:15"),
        ("x.yaml", "a: [1, 2]\nb: c\n", 5, "2:4"),
        ("x.yaml", "- 1\n- {}\n", 3, "2:3"),
        ("x.yaml", "a: &x [1, 2]\nb: *x\n", 7, "2:4"),
        ("x.yaml", "a: &x [1, 2]\nb: &y [*x, *x]\nc: *y\n", 18, "3:4"),
        ("x.yaml", "a: &x {k: 1}\nb: &y {<<: *x}\nc: *y\n", 9, "3:4"),
    ],
)
def test_values(name: str, text: str, least: int, place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SURFACEGEN_MAX_VALUES", str(least))
    parse(text, name, Path(name))
    monkeypatch.setenv("SURFACEGEN_MAX_VALUES", str(least - 1))
    bound = f"has more than {least - 1} values{' once its aliases are followed' if name == 'x.yaml' else ''}\n"
    with pytest.raises(SpecError, match=f"^{name}:{place}: {bound}.*SURFACEGEN_MAX_VALUES"):
        parse(text, name, Path(name))


def test_bytes_of_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    document = write(tmp_path, openapi=f"{ZOO}  /a: {{}}\n")
    size = document.stat().st_size
    monkeypatch.setenv("SURFACEGEN_MAX_BYTES", str(size))
    pipeline.load(Inputs(document))
    monkeypatch.setenv("SURFACEGEN_MAX_BYTES", str(size - 1))
    assert refused(document) == (
        f"openapi.yaml: is larger than {size - 1} bytes\n"
        "  fix: split it, remove unneeded parts, or allow more with SURFACEGEN_MAX_BYTES"
    )


def test_bytes_and_number_of_all_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    parts = {name: f"r: {{description: {name}}}\n" for name in "ab"}
    document = write(tmp_path, openapi=ZOO + "".join(GET % (name, name, name) for name in parts), **parts)
    total = sum(path.stat().st_size for path in tmp_path.iterdir())
    monkeypatch.setenv("SURFACEGEN_MAX_BYTES", str(total))
    monkeypatch.setenv("SURFACEGEN_MAX_FILES", "3")
    pipeline.load(Inputs(document))
    monkeypatch.setenv("SURFACEGEN_MAX_FILES", "2")
    assert "$ref 'b.yaml' exceeds the limit of 2 files" in refused(document)
    assert "or allow more with SURFACEGEN_MAX_FILES" in refused(document)
    monkeypatch.setenv("SURFACEGEN_MAX_FILES", "3")
    monkeypatch.setenv("SURFACEGEN_MAX_BYTES", str(total - 1))
    assert f"with b.yaml the document is larger than {total - 1:,} bytes" in refused(document)
    assert refused(document).startswith("openapi.yaml:5:")


@pytest.mark.parametrize("value", ["0", "-1", "x", "1e3", "٣", "9" * 30])
def test_a_bound_that_is_none(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SURFACEGEN_MAX_DEPTH", value)
    with pytest.raises(SpecError, match=r"SURFACEGEN_MAX_DEPTH: .* is not a whole number above 0"):
        parse("a: 1", "x.yaml", Path("x.yaml"))


def test_what_a_bound_is(monkeypatch: pytest.MonkeyPatch) -> None:
    bound = bounds.Bound("SURFACEGEN_MAX_TESTS", 5)
    for written, value in ((" 7 ", 7), ("1", 1), ("9" * 18, 10**18 - 1), (" ", 5), ("", 5)):
        monkeypatch.setenv(bound.variable, written)
        assert bound.value == value
    monkeypatch.setenv(bound.variable, "9" * 19 + "x" * 40)
    with pytest.raises(SpecError) as caught:
        assert bound.value
    [found] = caught.value.findings
    assert (found.where, found.what) == (bound.variable, f"'{'9' * 19}{'x' * 21}' is not a whole number above 0")
    monkeypatch.delenv(bound.variable)
    assert bound.value == 5
    assert bound.hint("mend it") == "mend it, or allow more with SURFACEGEN_MAX_TESTS"
    monkeypatch.delenv(bounds.REPEATED.variable, raising=False)
    assert bounds.shaping() == ""
    monkeypatch.setenv(bounds.REPEATED.variable, str(bounds.REPEATED.default))
    assert bounds.shaping() == ""
    monkeypatch.setenv(bounds.REPEATED.variable, "7")
    assert bounds.shaping() == "SURFACEGEN_MAX_REPEATED=7"


BOMBS = {
    "lists.json": '{"openapi":"3.1.0","x-d":' + "[" * 60_000 + "]" * 60_000 + "}",
    "lists.yaml": "openapi: 3.1.0\nx-d: " + "[" * 60_000 + "]" * 60_000,
    "open.yaml": "openapi: 3.1.0\nx-d: " + "{a: " * 60_000,
    "block.yaml": "openapi: 3.1.0\nx-d:\n " + "- " * 60_000 + "1",
    "indented.yaml": "".join(f"{' ' * depth}a:\n" for depth in range(2_000)),
    "laughs.yaml": "a0: &a0 [x, x]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]\n" for n in range(1, 60)),
    "directives.yaml": "".join(f"%TAG !a{n}! x\n" for n in range(300_000)) + "---\na: 1\n",
    "strings.json": '{"a": "' + "\\" * 200_001,
    "quotes.json": '{"openapi": "3.1.0", ' + '"a" ' * 200_000,
}
"""Each is a document that takes the process, its memory or the afternoon when it is read without a bound."""


@pytest.mark.parametrize("name", BOMBS)
def test_bombs(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(BOMBS[name], "utf-8")
    command = f"ulimit -v 2000000; exec {sys.executable} -m generator generate --openapi {tmp_path / name} --out out"
    done = subprocess.run(
        ["bash", "-c", command], capture_output=True, text=True, timeout=HANGS, cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)}, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(f"error: {name}:") and "fix: " in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == [name]


SCHEMAS = {
    "lists": ("{type: array, items: …}", 185),
    "objects": ("{type: object, required: [p], properties: {p: …}}", 92),
    "maps": ("{type: object, additionalProperties: …}", 185),
    "unions": ("{oneOf: [{type: integer}, …]}", 92),
    "parts": ("{allOf: [{description: x}, …]}", 92),
}


@pytest.mark.parametrize("kind", SCHEMAS)
def test_what_is_deep_and_legal_is_rendered(kind: str, tmp_path: Path) -> None:
    """At the depth that is allowed, through every surface, into Python that Python reads."""
    opening, depth = SCHEMAS[kind]
    schema = "{type: object, properties: {a: {type: string}}}"
    for _ in range(depth):
        schema = opening.replace("…", schema)
    body = f"{{content: {{application/json: {{schema: {schema}}}}}}}"
    post = f"{{post: {{operationId: send, requestBody: {body}, responses: {{'200': {{description: ok}}}}}}}}"
    document = write(tmp_path, openapi=f"{ZOO}  /a: {post}\n")
    made = pipeline.make(Inputs(document))
    for file in made.files:
        if file.path.endswith(".py"):
            compile(file.content, file.path, "exec")


def test_what_a_person_is_shown_is_bounded(tmp_path: Path) -> None:
    paths = "".join(f"  /{n}: {{get: x}}\n" for n in range(3_000))
    document = write(tmp_path, openapi=f"{ZOO}  /{'long' * 200}: {{get: x}}\n{paths}")
    shown = refused(document)
    assert shown.endswith("… and 2,901 more: fix these first") and len(shown) < 100 * 2_000
    with pytest.raises(SpecError) as caught:
        parse("{" + f"'{'k' * 100_000}': 1, " * 2 + "}", "x.yaml", Path("x.yaml"))
    assert len(str(caught.value)) < 2_000
