"""Names that are kept, alike or strange: what the docs and the catalog of functions write is what the package has."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest
from hanging import HANGS
from recorder import recorder

from generator import names, pipeline

ARGUMENTS = {
    "help": "a", "help_value": "b", "help-argument": "c", "class": "d", "self": "e", "+1": "f", "-1": "g",
    "StartTime": "h", "StartTime<": "i", "StartTime>": "j", "from": "k", "end": "l", "no-class": "m", "base_url": "n",
    "日": "o", "1st": "p",
}  # fmt: skip
"""What each is sent as; every function takes all of them."""
PLACES = (
    ("docs", "list"), ("docs-api", "list"), ("docs-group", "list"), ("events", "list"), ("with_options", "get"),
    ("call", "call"), ("help", "help"), ("lua", "end"), ("class", "import"), ("2nd", "3rd"), ("close", "close"),
    ("types", "cached_property"), ("types-api", "self"), ("functions", "none"), ("日本", "本"), ("runtime", "+1"),
)  # fmt: skip
"""(tag, operationId): words that Python, Lua, the client, the command line or the package keep for themselves."""
SCRIPT = """
import contextlib, io, json, os, pathlib, shlex, sys
import awkward_kit as awkward
from awkward_kit.cli import main
told = json.loads(pathlib.Path(sys.argv[1], "catalog.json").read_text("utf-8"))
client, arguments = awkward.Awkward(), json.loads(sys.argv[2])
for python in told["python"]:
    method = client
    for step in python.split(".")[1:]:
        method = getattr(method, step)
    assert callable(method), python
for page in told["pages"]:
    exec(page["python"], {})
    quiet = io.TextIOWrapper(io.BytesIO(), "utf-8")
    with contextlib.redirect_stdout(quiet), contextlib.redirect_stderr(quiet):
        try:
            code = main(shlex.split(page["cli"].replace("\\\\\\n", " "))[1:])
        except SystemExit as ended:
            code = ended.code
    assert not code, (page["cli"], quiet.buffer.getvalue())
"""


def document() -> dict[str, Any]:
    params = [
        {"name": name, "in": "query", "required": True, "schema": {"type": "string"}, "example": value}
        for name, value in ARGUMENTS.items()
    ]
    paths = {
        f"/p{number}": {
            "get": {
                "operationId": key, "tags": [tag], "parameters": params,
                "responses": {"200": {"description": "ok", "content": {"application/json": {"schema": {}}}}},
            }
        }
        for number, (tag, key) in enumerate(PLACES)
    }  # fmt: skip
    return {"openapi": "3.1.0", "info": {"title": "Awkward", "version": "1"}, "paths": paths}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("awkward")
    (out / "api.json").write_text(json.dumps(document()), "utf-8")
    pipeline.generate(pipeline.Inputs(out / "api.json"), out / "made")
    return out / "made"


def test_what_the_docs_write_is_what_the_package_has(made: Path) -> None:
    """Every call line is run, and sends what the document says."""
    catalog = json.loads((made / "catalog.json").read_text("utf-8"))
    pages = []
    for page in sorted((made / "docs/pages/functions").glob("*.md")):
        blocks = re.findall(r"^    ```(python|bash)\n(.*?)^    ```", page.read_text("utf-8"), re.DOTALL | re.MULTILINE)
        first = {language: textwrap.dedent(block) for language, block in reversed(blocks)}
        pages.append({"python": first["python"], "cli": first["bash"]})
    assert len(pages) == len(PLACES) == len(catalog["functions"])
    told = {"python": [each["surfaces"]["python"] for each in catalog["functions"]], "pages": pages}
    (made / "told").mkdir()
    (made / "told/catalog.json").write_text(json.dumps(told), "utf-8")
    with recorder() as server:
        environment = {"AWKWARD_BASE_URL": server.base_url, "AWKWARD_API_TOKEN": "t", "HOME": str(made), "PATH": ""}
        done = subprocess.run(
            [sys.executable, "-c", SCRIPT, str(made / "told"), json.dumps(ARGUMENTS)],
            cwd=made / "python", env=environment, capture_output=True, text=True, timeout=HANGS, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]
        seen = [(each.path, sorted(each.query)) for each in server.seen]
    assert sorted(seen) == sorted(2 * [(f"/v1/p{number}", sorted(ARGUMENTS.items())) for number in range(len(PLACES))])


def test_no_two_names_of_a_surface_are_alike(made: Path) -> None:
    api = pipeline.load(pipeline.Inputs(made.parent / "api.json"))
    every = list(names.called(api).values())
    for ways in (
        [c.python for c in every],
        [c.command for c in every],
        [c.script for c in every],
        [c.lua for c in every],
    ):
        assert len(set(ways)) == len(PLACES)
    for function in api.functions:
        flags = names.flags(function)
        assert len({*flags.values()}) == len(ARGUMENTS) and "help" not in flags.values()


def test_a_new_operation_renames_no_other(tmp_path: Path) -> None:
    """Also where its name has to be shortened, or its words are kept."""
    whole = document()
    (tmp_path / "api.json").write_text(json.dumps(whole), "utf-8")
    before = names.called(pipeline.load(pipeline.Inputs(tmp_path / "api.json")))
    long = "_".join(
        ["list", *["very", "long", "words", "of", "which", "there", "are", "far", "too", "many", "for", "one", "tool"]]
    )
    whole["paths"]["/new"] = {"get": {"operationId": long, "tags": ["mcp"], "responses": {}}}
    whole["paths"]["/newer"] = {"get": {"operationId": "search", "tags": ["search"], "responses": {}}}
    (tmp_path / "api.json").write_text(json.dumps(whole), "utf-8")
    after = names.called(pipeline.load(pipeline.Inputs(tmp_path / "api.json")))
    assert {name: after.get(name) for name in before} == before and len(after) == len(before) + 2
