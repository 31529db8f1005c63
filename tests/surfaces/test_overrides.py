"""What a catalog says of one function, or of many, through every surface: what is sent, what is shown, what is hidden.

The requests are those that a real server saw, or a transport that is no part of the package.
"""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hanging import HANGS
from recorder import Recorder, recorder

from generator import pipeline

DOCUMENT = """
openapi: 3.1.0
info: {title: Zoo, version: "1"}
paths:
  /pets:
    get:
      operationId: listPets
      tags: [pets]
      parameters:
        - {name: limit, in: query, schema: {type: integer}}
        - {name: X-Api-Version, in: header, required: true, schema: {type: string}}
      responses: {"200": {description: ok, content: {application/json: {schema: {type: object}}}}}
  /pets/{id}:
    delete:
      operationId: deletePet
      tags: [pets]
      parameters: [{name: id, in: path, required: true, schema: {type: string}}]
      responses: {"204": {description: gone}}
  /slow:
    get: {operationId: slow, tags: [pets], responses: {"204": {description: ok}}}
  /admin/jobs:
    get: {operationId: adminJobs, tags: [admin], responses: {"204": {description: ok}}}
"""
CATALOG = """
api: {package: zoo}
functions:
  zoo_every_animal:
    operation: GET /pets
    group: wild.animals
    verb: every
    type: write
    billed: true
    title: Every animal
    flags: {limit: most}
    examples: [{title: Three of them, arguments: {limit: 3}}]
    headers: {X-Api-Version: "2", accept: application/vnd.zoo+json}
  zoo_delete_pet: {hidden: [mcp, lua, docs], retries: 0}
operations:
  GET /admin/*: {hidden: true}
  slo*: {timeout: 0.5, retries: 1, hidden: [cli, python, mock]}
"""


@pytest.fixture(scope="module")
def server() -> Iterator[Recorder]:
    with recorder() as running:
        yield running


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, pipeline.Report]]:
    folder = tmp_path_factory.mktemp("overrides")
    (folder / "api.yaml").write_text(DOCUMENT)
    (folder / "catalog.yaml").write_text(CATALOG)
    report = pipeline.generate(pipeline.Inputs(folder / "api.yaml", folder / "catalog.yaml"), folder / "out")
    sys.path.insert(0, str(folder / "out/python"))
    yield folder / "out", report
    sys.path.remove(str(folder / "out/python"))


def run(made: Path, server: Recorder, *words: str) -> subprocess.CompletedProcess[str]:
    env = {"PATH": os.environ["PATH"], "HOME": str(made), "PYTHONPATH": str(made / "python")}
    env["ZOO_BASE_URL"] = server.base_url
    command = [sys.executable, "-m", "zoo", *words]
    return subprocess.run(command, env=env, capture_output=True, text=True, timeout=HANGS, check=False)


def check(server: Recorder) -> None:
    seen = server.one()
    assert (seen.method, seen.path, seen.query) == ("GET", "/v1/pets", [("limit", "3")])
    assert seen.headers["x-api-version"] == "2"


def test_the_client_sends_it(made: tuple[Path, pipeline.Report], server: Recorder) -> None:
    zoo: Any = importlib.import_module("zoo")
    with zoo.Zoo(base_url=server.base_url) as client:
        client.wild.animals.every(limit=3)
        check(server)
        with pytest.raises(TypeError):
            client.wild.animals.every(x_api_version="3")
        assert not hasattr(client, "admin") and not hasattr(client.pets, "slow") and hasattr(client.pets, "delete")


def test_the_command_line_sends_it(made: tuple[Path, pipeline.Report], server: Recorder) -> None:
    done = run(made[0], server, "wild", "animals", "every", "--most", "3")
    assert done.returncode == 0, done.stderr
    check(server)
    done = run(made[0], server, "call", "zoo_every_animal", '{"limit": 3}')
    assert done.returncode == 0, done.stderr
    check(server)
    for words in (("call", "zoo_slow", "{}"), ("wild", "animals", "every", "--limit", "3")):
        assert run(made[0], server, *words).returncode in (2, 5), words
    assert server.seen == [] and "slow" not in (made[0] / "python/zoo/cli/tables/index.json").read_text()


def test_the_classes_and_names_are_those_of_the_catalog(made: tuple[Path, pipeline.Report]) -> None:
    functions: Any = importlib.import_module("zoo.functions")
    options: Any = importlib.import_module("zoo.mcp.options")
    every = functions.find("zoo_every_animal")
    assert (every.classes, every.title, every.arguments) == (("write", "billed"), "Every animal", ("limit",))
    # DELETE stays what it is: nothing is said of that.
    assert functions.find("zoo_delete_pet").classes == ("write", "destructive")
    allowed = functions.Policy(frozenset(functions.CLASSES))
    assert set(options.Options(allowed=allowed).listed) == {"zoo_every_animal", "zoo_slow"}
    tools = json.loads((made[0] / "mcp/tools.json").read_text())["tools"]
    assert {tool["name"] for tool in tools} == {"zoo_every_animal", "zoo_slow"}


def test_lua_in_code_mode_sends_it_and_does_not_have_what_is_hidden(
    made: tuple[Path, pipeline.Report], server: Recorder
) -> None:
    pytest.importorskip("lupa", reason="lupa is not installed")
    flags = ("--write=allow", "--allow", "all")
    done = run(made[0], server, "lua", "run", *flags, "-e", "app.integrations.zoo.every_animal{limit = 3}")
    assert done.returncode == 0, done.stdout + done.stderr
    check(server)
    done = run(made[0], server, "lua", "run", *flags, "-e", "app.integrations.zoo.delete_pet{id = '1'}")
    assert done.returncode != 0 and "delete_pet" in done.stdout + done.stderr
    assert server.seen == []


def test_the_plain_lua_module_sends_it(made: tuple[Path, pipeline.Report]) -> None:
    lupa = pytest.importorskip("lupa.lua54", reason="lupa is not installed")
    lua = lupa.LuaRuntime(encoding="latin-1")
    lua.globals().package.path = f"{made[0]}/lua/?.lua"
    tries = lua.execute("""
      local zoo, seen, tries = require("zoo"), nil, {}
      local function http(request)
        seen = request
        tries[#tries + 1] = request.timeout or "none"
        return {status = request.url:find("slow") and 429 or 200, headers = {}, body = "{}"}
      end
      local function client(more)
        local options = {http = http, base_url = "https://zoo.example", sleep = function() end}
        for key, value in pairs(more or {}) do options[key] = value end
        return zoo.new(options)
      end
      assert(client().wild.animals.every{limit = 3})
      assert(seen.url == "https://zoo.example/pets?limit=3" and seen.headers["X-Api-Version"] == "2")
      assert(seen.headers.Accept == "application/vnd.zoo+json" and seen.headers.accept == nil)
      assert(client().delete_pet == nil)
      tries = {}
      client().slow{}
      local usual = #tries
      client({timeout = 7}).slow{}
      local own = tries[#tries]
      tries = {}
      client({max_wait = 5}).slow{}
      return {usual, tries[1], own, #tries}
    """)
    # One further try and half a second by the catalog; what the caller says goes first: 5 s of pauses of 1 s each.
    assert list(tries.values()) == [2, 0.5, 7, 6]


class Answering:
    """A transport that gives one answer to all and remembers how long each request might take."""

    def __init__(self, status: int) -> None:
        self.httpx: Any = importlib.import_module("httpx")
        self.status = status
        self.timeouts: list[float] = []

    def transport(self) -> Any:
        def answer(request: Any) -> Any:
            self.timeouts.append(request.extensions["timeout"]["read"])
            return self.httpx.Response(self.status, headers={"retry-after": "0"})

        return self.httpx.MockTransport(answer)


@pytest.mark.parametrize(
    ("made_with", "changed", "called_with", "seconds"),
    [
        ({}, {}, {}, 0.5),
        ({"timeout": 9.0}, {}, {}, 9.0),
        ({}, {"timeout": 8.0}, {}, 8.0),
        ({"timeout": 9.0}, {"timeout": 8.0}, {"timeout": 7.0}, 7.0),
    ],
)
def test_a_timeout_is_the_functions_until_a_caller_says_otherwise(
    made_with: Any, changed: Any, called_with: Any, seconds: float, made: tuple[Path, pipeline.Report]
) -> None:
    zoo: Any = importlib.import_module("zoo")
    operation = importlib.import_module("zoo.operations").OPERATIONS["zoo_slow"]
    server = Answering(204)
    client = zoo.Zoo(base_url="https://zoo.example", transport=server.transport(), **made_with).with_options(**changed)
    client.call(operation, {}, **called_with)
    assert server.timeouts == [pytest.approx(seconds)]


@pytest.mark.parametrize(
    ("function", "status", "made_with", "changed", "requests"),
    [
        ("zoo_slow", 503, {}, {}, 2),
        ("zoo_slow", 503, {"max_retries": 0}, {}, 1),
        ("zoo_slow", 503, {"max_retries": 2}, {}, 3),
        ("zoo_slow", 503, {}, {"max_retries": 3}, 4),
        ("zoo_slow", 503, {}, {"timeout": 3.0}, 2),
        # A write that is refused was not carried out, and is sent again by itself: 2 further tries, but for the catalog.
        ("zoo_delete_pet", 429, {}, {}, 1),
        ("zoo_delete_pet", 429, {"max_retries": 2}, {}, 3),
    ],
)
def test_retries_are_the_functions_until_a_caller_says_otherwise(
    function: str, status: int, made_with: Any, changed: Any, requests: int, made: tuple[Path, pipeline.Report]
) -> None:
    zoo: Any = importlib.import_module("zoo")
    errors: Any = importlib.import_module("zoo.runtime.errors")
    operation = importlib.import_module("zoo.operations").OPERATIONS[function]
    server = Answering(status)
    client = zoo.Zoo(base_url="https://zoo.example", transport=server.transport(), **made_with).with_options(**changed)
    with pytest.raises(errors.ApiError):
        client.call(operation, {"id": "1"} if function == "zoo_delete_pet" else {})
    assert len(server.timeouts) == requests


def test_docs_and_mock_have_what_is_theirs(made: tuple[Path, pipeline.Report]) -> None:
    out = made[0]
    catalog = json.loads((out / "catalog.json").read_text())
    by_name = {entry["name"]: entry for entry in catalog["functions"]}
    assert set(by_name) == {"zoo_every_animal", "zoo_slow"}
    assert set(by_name["zoo_slow"]["surfaces"]) == {"mcp", "lua", "docs"}
    assert by_name["zoo_slow"]["defaults"] == {"timeout": 0.5, "retries": 1}
    page = (out / "docs/pages/functions/every_animal.md").read_text()
    assert "--header 'X-Api-Version: 2'" in page and "--most" in page
    routes = json.loads((out / "python/zoo/mock/api.json").read_text())["routes"]
    assert {(route["method"], route["path"]) for route in routes} == {("GET", "/pets"), ("DELETE", "/pets/{id}")}


def test_the_ledger_tells_what_is_hidden_and_it_is_no_loss(made: tuple[Path, pipeline.Report]) -> None:
    chosen = {(loss.pointer, loss.surface) for loss in made[1].losses if loss.kind == "chosen"}
    assert chosen == {
        ("/paths/~1admin~1jobs/get", "*"),
        *(("/paths/~1pets~1{id}/delete", surface) for surface in ("mcp", "lua", "docs")),
        *(("/paths/~1slow/get", surface) for surface in ("cli", "python", "mock")),
    }
    assert {loss.kind for loss in made[1].losses} == {"chosen", "kept"}  # the header that is no argument any more


def test_what_is_hidden_everywhere_leaves_every_surface_whole(tmp_path: Path, server: Recorder) -> None:
    (tmp_path / "api.yaml").write_text(DOCUMENT.replace("Zoo", "Void"))
    (tmp_path / "catalog.yaml").write_text(
        "api: {package: void}\noperations: {'*': {hidden: [python, cli, mcp, lua, mock, docs]}}"
    )
    inputs = pipeline.Inputs(tmp_path / "api.yaml", tmp_path / "catalog.yaml")
    report = pipeline.generate(inputs, tmp_path / "out", strict=True)
    assert {loss.kind for loss in report.losses} == {"chosen"} and len(report.losses) == 4 * 6
    env = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "PYTHONPATH": str(tmp_path / "out/python")}
    command = [sys.executable, "-m", "void", "functions"]
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=HANGS, check=False)
    assert (done.returncode, done.stdout.strip()) == (0, "[]")
    assert json.loads((tmp_path / "out/mcp/tools.json").read_text()) == {"tools": []}
    assert json.loads((tmp_path / "out/catalog.json").read_text())["functions"] == []
    assert "list_pets" not in (tmp_path / "out/lua/void/operations.lua").read_text()
    # What is hidden is still an operation: what calls it by its own data can.
    assert '"void_list_pets"' in (tmp_path / "out/python/void/operations.py").read_text()
