"""A document that nobody wrote a catalog for: every surface all the same, and what it calls works."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import lupa.lua54
import pytest
from hanging import HANGS
from recorder import recorder

from generator import pipeline

UPSTREAM = Path(__file__).parents[3] / "shared/upstream/replicate-openapi.json"
SCRIPT = """
import sys
from replicate_kit import Replicate
from replicate_kit.operations import OPERATIONS
client = Replicate("token", base_url=sys.argv[1])
found = [model.name for model in client.models.search(body="cats & dogs")]
print(len(OPERATIONS), found)
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if not UPSTREAM.is_file():
        pytest.skip("Replicate's own document is not beside the checkout")
    out = tmp_path_factory.mktemp("upstream")
    report = pipeline.generate(pipeline.Inputs(UPSTREAM), out)
    assert [row.surface for row in report.rows] == list(pipeline.SURFACES)
    assert not [loss for loss in report.losses if loss.kind == "dropped"]
    return out


def test_every_operation_is_on_every_surface(made: Path) -> None:
    tools = json.loads((made / "mcp/tools.json").read_text("utf-8"))["tools"]
    functions = json.loads((made / "python/replicate_kit/functions/functions.json").read_text("utf-8"))["functions"]
    routes = json.loads((made / "python/replicate_kit/mock/api.json").read_text("utf-8"))["routes"]
    tables = made / "python/replicate_kit/cli/tables"
    commands = len(json.loads((tables / "index.json").read_text("utf-8"))["commands"])
    held = sum(len(json.loads(table.read_text("utf-8"))) for table in tables.glob("*.json") if table.stem != "index")
    lua = lupa.lua54.LuaRuntime()
    lua.execute("package.path = ...", f"{made}/lua/?.lua")
    operations = int(lua.eval('#require("replicate_kit").functions'))
    pages = len(list((made / "docs/pages/functions").glob("*.md")))
    assert [len(tools), len(functions), len(routes), commands, held, operations, pages] == [37] * 7
    assert {tool["name"] for tool in tools} == {function["name"] for function in functions}
    assert all(len(json.dumps(tool)) <= 1_500 for tool in tools)


def test_the_client_is_imported_and_searches(made: Path) -> None:
    with recorder() as server:
        server.content = json.dumps({"next": None, "previous": None, "results": [{"name": "cat"}]}).encode()
        done = subprocess.run(
            [sys.executable, "-W", "error", "-c", SCRIPT, server.base_url],
            cwd=made / "python",
            capture_output=True,
            text=True,
            timeout=HANGS,
            check=False,
        )
        assert (done.returncode, done.stdout) == (0, "37 ['cat']\n"), done.stderr
        seen = server.one()
    assert (seen.method, seen.path, seen.body) == ("QUERY", "/v1/models", b"cats & dogs")
    assert seen.headers["content-type"] == "text/plain"
