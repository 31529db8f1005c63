"""The one door by which files are read: what is opened, seen from outside by the interpreter's audit hook."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from generating import surfacegen
from hanging import HANGS

from generator import pipeline
from generator.errors import SpecError
from generator.pipeline import Inputs
from generator.write import folder, manifest, writer
from generator.write.folder import OutputError

ROOT = Path(__file__).parents[2]
WATCHED = """
import os, sys
folder, opened = sys.argv[1], set()
def note(event, args):
    if event == "open" and isinstance(args[0], (str, bytes, os.PathLike)):
        path = os.path.abspath(os.fsdecode(args[0]))
        if path.startswith(folder + os.sep) and not path.startswith(folder + "/out"):
            opened.add(os.path.relpath(path, folder))
sys.addaudithook(note)
from generator.cli import main
code = main(["generate", "--openapi", "openapi.json", "--out", "out", "--surface", "docs", "--json"])
print(*sorted(opened), sep="\\n", file=sys.stderr)
sys.exit(code)
"""


def generate(folder: Path, *more: str, out: str = "out") -> subprocess.CompletedProcess[str]:
    return surfacegen("generate", "--openapi", "openapi.json", "--out", out, *more, cwd=folder)


def watched(folder: Path) -> subprocess.CompletedProcess[str]:
    """A run in an interpreter of its own, which tells what it opened of the folder."""
    return subprocess.run(
        [sys.executable, "-c", WATCHED, folder], env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True, text=True, timeout=HANGS, cwd=folder, check=False,
    )  # fmt: skip


def zoo(**schema: object) -> str:
    content = {"application/json": {"schema": schema}}
    get = {"operationId": "look", "responses": {"200": {"description": "ok", "content": content}}}
    return json.dumps({"openapi": "3.1.0", "info": {"title": "Zoo", "version": "1"}, "paths": {"/a": {"get": get}}})


def test_what_only_looks_like_a_reference_is_not_opened(tmp_path: Path) -> None:
    ref = {"$ref": "data.yaml"}
    data = {"example": ref, "default": ref, "const": ref, "enum": [ref], "examples": [ref], "x-more": ref}
    document = json.loads(zoo(description='{"$ref": "data.yaml"}', properties={"a": {"$ref": "parts.yaml#/A"}}, **data))
    document["x-data"] = ref
    document["components"] = {"examples": {"one": {"value": ref}}}
    (tmp_path / "openapi.json").write_text(json.dumps(document))
    (tmp_path / "parts.yaml").write_text("A: {$ref: 'sub/more.yaml'}\nexample: {$ref: data.yaml}\n")
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "more.yaml").write_text("{type: string, example: {$ref: data.yaml}}")
    for place in ("data.yaml", "sub/data.yaml"):
        (tmp_path / place).write_text("a: 1\n")

    def run() -> tuple[set[str], bool]:
        done = watched(tmp_path)
        assert done.returncode == 0, done.stderr
        read = {word for word in done.stderr.split() if word.endswith((".json", ".yaml"))}
        return read, json.loads(done.stdout)["nothing_to_do"]

    read = {"openapi.json", "parts.yaml", "sub/more.yaml"}
    assert run() == (read, False)
    parts = manifest.read_manifest(tmp_path / "out").surfaces["docs"].inputs
    assert {part for part in parts if part.startswith("document")} == {
        "document", "document/parts.yaml", "document/sub/more.yaml"
    }  # fmt: skip
    (tmp_path / "data.yaml").write_text("a: 2\n")
    assert run() == (read, True)
    (tmp_path / "sub" / "more.yaml").write_text("{type: integer}")
    assert run() == (read, False)
    (tmp_path / "sub" / "more.yaml").unlink()
    assert "refers to sub/more.yaml, which cannot be read" in generate(tmp_path).stderr


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    """A folder with a document's folder in it, and with what must not be read."""
    (tmp_path / "secret.yaml").write_text("type: string\n")
    (tmp_path / "spec" / "sub").mkdir(parents=True)
    (tmp_path / "spec" / "x.yaml").write_text("type: string\n")
    (tmp_path / "spec" / "sub" / "y.yaml").write_text("{type: array, items: {$ref: ../x.yaml}}\n")
    (tmp_path / "spec" / "inside.yaml").symlink_to("sub/y.yaml")
    (tmp_path / "spec" / "link.yaml").symlink_to(tmp_path / "secret.yaml")
    (tmp_path / "spec" / "folder").symlink_to(tmp_path)
    (tmp_path / "spec" / "round.yaml").symlink_to("round.yaml")
    return tmp_path / "spec"


@pytest.mark.parametrize(
    "ref", ["x.yaml", "./x.yaml", "sub/../x.yaml", "%78.yaml#", "inside.yaml", "sub/y.yaml#/items"]
)
def test_references_inside_the_folder(outside: Path, ref: str) -> None:
    (outside / "openapi.json").write_text(zoo(**{"$ref": ref}))
    assert pipeline.load(Inputs(outside / "openapi.json")).functions


@pytest.mark.parametrize(
    "ref",
    ["../secret.yaml", "sub/../../secret.yaml", "%2e%2e/secret.yaml", "link.yaml", "folder/secret.yaml", "/etc/passwd"]
    + ["file:///etc/passwd", "http://127.0.0.1:1/x", "//127.0.0.1/x", "\\\\host\\x", "C:\\x", "round.yaml", "a\0b"]
    + ["none.yaml", "sub", "x.yaml/y", "n" * 5000, "x.yaml#/none", "x.yaml#/%ff", "x.yaml#/-", "x.yaml#none"],
)  # fmt: skip
def test_references_that_lead_nowhere(outside: Path, ref: str, monkeypatch: pytest.MonkeyPatch) -> None:
    (outside / "openapi.json").write_text(zoo(type="object", properties={"a": {"$ref": ref}}))
    with pytest.raises(SpecError) as caught:
        pipeline.load(Inputs(outside / "openapi.json"))
    assert [str(finding.where).startswith("openapi.json:1:") for finding in caught.value.findings] == [True]


def test_references_round_and_round(tmp_path: Path) -> None:
    (tmp_path / "openapi.json").write_text(zoo(**{"$ref": "a.yaml"}))
    (tmp_path / "a.yaml").write_text("{type: object, properties: {b: {$ref: 'b.yaml#/B'}}}\n")
    (tmp_path / "b.yaml").write_text("B: {type: array, items: {$ref: a.yaml}}\n")
    assert pipeline.load(Inputs(tmp_path / "openapi.json")).documents == ("openapi.json", "a.yaml", "b.yaml")
    (tmp_path / "b.yaml").write_text("B: {$ref: 'c.yaml#/C'}\n")
    (tmp_path / "c.yaml").write_text("C: {$ref: 'b.yaml#/B'}\n")
    with pytest.raises(SpecError, match=r"^[abc]\.yaml:1:\d+: \$ref '[bc]\.yaml#/[BC]' refers to itself"):
        pipeline.load(Inputs(tmp_path / "openapi.json"))


def test_files_of_one_name_are_told_apart(tmp_path: Path) -> None:
    (tmp_path / "openapi.json").write_text(zoo(properties={n: {"$ref": f"{n}/x.yaml#/X"} for n in "ab"}))
    for name in "ab":
        (tmp_path / name).mkdir()
        (tmp_path / name / "x.yaml").write_text(f"X: {{type: object, properties: {{of_{name}: {{type: string}}}}}}\n")
    models = pipeline.load(Inputs(tmp_path / "openapi.json")).models.values()
    assert {f.wire_name for model in models for f in model.fields} == {"a", "b", "of_a", "of_b"}


def fifo(path: Path) -> None:
    os.mkfifo(path)


def listening(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(os.path.relpath(path))


KINDS: dict[str, Callable[[Path], None]] = {
    "a FIFO": fifo,
    "a socket": listening,
    "a folder": lambda path: path.mkdir(),
    "a device without end": lambda path: path.symlink_to("/dev/zero"),
    "the kernel's log": lambda path: path.symlink_to("/proc/kmsg"),
}


@pytest.mark.parametrize(
    "place", ["openapi.json", "catalog.json", "parts.yaml", "out/manifest.json", "out/ledger.json"]
)
@pytest.mark.parametrize("kind", KINDS)
def test_what_is_no_regular_file_is_refused(
    kind: str, place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A FIFO that nobody writes into would be waited for, and a device read without end."""
    monkeypatch.chdir(tmp_path)
    Path("out").mkdir()
    Path("openapi.json").write_text(zoo(**{"$ref": "parts.yaml"}))
    Path("parts.yaml").write_text("type: string\n")
    Path(place).unlink(missing_ok=True)
    KINDS[kind](Path(place))
    catalog = ("--catalog", place) if place == "catalog.json" else ()
    done = generate(tmp_path, "--surface", "lua", *catalog)
    assert (done.returncode, done.stdout) == (1, "")
    first = done.stderr.partition("\n")[0]
    assert first.startswith("error: ") and place in first and "bug" not in first
    assert sorted(path.name for path in Path("out").iterdir()) == ([Path(place).name] if place[:4] == "out/" else [])


def test_a_place_in_the_folder_that_would_be_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a")
    with (
        pytest.raises(OutputError, match="a: cannot be read: is not a regular file"),
        writer.staging(tmp_path) as stage,
    ):
        stage.take(folder.File("a", b"1", "s", "s/a"))


def test_a_document_that_changes_while_it_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Or the next run would find nothing to do, and what was made would stay of a document that is gone."""
    (tmp_path / "openapi.json").write_text(zoo(**{"$ref": "parts.yaml"}))
    (tmp_path / "parts.yaml").write_text("type: string\n")
    monkeypatch.setattr(
        "generator.check.rules.lint", lambda api: (tmp_path / "parts.yaml").write_text("type: number\n") and ()
    )
    with pytest.raises(SpecError, match="changed while it was being read"):
        pipeline.load(Inputs(tmp_path / "openapi.json"))


def test_what_a_terminal_would_act_on_is_shown_as_an_escape(tmp_path: Path) -> None:
    (tmp_path / "openapi.json").write_text(zoo(**{"$ref": "\x1b]0;title\x07\u202e\u200b.yaml"}))
    done = generate(tmp_path, out="\x1b[2Jout")
    assert "\\x1b]0;title\\x07\\u202e\\u200b.yaml" in done.stderr
    assert all(c.isprintable() for c in done.stderr.replace("\n", ""))
