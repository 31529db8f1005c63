"""Names that the surfaces keep for themselves: taken from the classes, tables and trees themselves, and given away."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hanging import HANGS
from lupa import lua54
from recorder import recorder

from generator import names, pipeline

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "generated/python"))


def public(thing: Any) -> set[str]:
    return {name for name in [*dir(thing), *getattr(thing, "__dict__", ())] if not name.startswith("_")}


@cache
def own() -> dict[str, tuple[set[str], frozenset[str]]]:
    """By base: what it has of its own, and what the convention keeps for it."""
    load = importlib.import_module
    sync, aio = ({name: load(f"replikit.runtime.{half}.{name}") for name in ("client", "resources", "webhooks", "jobviews")} for half in ("sync", "aio"))  # fmt: skip
    views, app = load("replikit.runtime.views"), load("replikit.cli.app")
    clients = public(sync["client"].SyncClient("t")) | public(aio["client"].AsyncClient("t"))
    resources = public(sync["resources"].Resource) | public(aio["resources"].AsyncResource)
    resources |= public(sync["webhooks"].WebhookResource) | public(aio["webhooks"].AsyncWebhookResource)
    lua = lua54.LuaRuntime()
    lua.execute("package.path = ...", f"{ROOT}/generated/lua/?.lua")
    made = lua.eval(
        "require('replikit.client').new({tree = {functions = {}, groups = {}}, operations = {}, base_url = ''},"
        " {http = function() end, token = 't', timeout = 1.0})"
    )
    library = load("replikit.lua").run("local t = {} for k in pairs(_G) do t[#t + 1] = k end return t", client=None)
    package = set(load("replikit").__all__) - {
        *load("replikit.extensions").__all__,  # of this one API
        "Replicate",
        "AsyncReplicate",
        "exceptions",
        "params",
        "types",
        "webhooks",
        "__version__",
    }
    return {
        "client": (clients, names.ON_CLIENT.reserved),
        "resource": (resources, names.ON_RESOURCE.reserved),
        "view": (public(views.View), names.FIELD.reserved),
        "job": (public(sync["jobviews"].Job) | public(aio["jobviews"].AsyncJob), names.ON_JOB.reserved),
        "command": (
            set(app.root._own) - set(app._YIELDING) | {"help"},
            names.root_words(
                pipeline.load(pipeline.Inputs(ROOT / "spec/openapi.yaml", ROOT / "spec/catalog.yaml"))
            ).reserved,
        ),
        "lua client": ({key for key in made if not key.startswith("_")}, names.LUA_CLIENT.reserved),
        "script": (set(library["result"]) - {"replicate"}, names.NAMESPACE.reserved),
        "package": (package, names.CLIENT.reserved),
    }


@pytest.mark.parametrize("base", ["client", "resource", "view", "job", "command", "lua client", "script", "package"])
def test_a_convention_keeps_all_that_its_base_has(base: str) -> None:
    has, keeps = own()[base]
    assert len(has) > 1 or base in ("view", "resource")
    assert has <= keeps, sorted(has - keeps)


SCRIPT = """
import contextlib, io, json, sys
import harm_kit as harm, harm_kit.functions as functions, harm_kit.lua as lua
from harm_kit.functions.info import all_functions
from harm_kit.cli import main
url, used = sys.argv[1], json.loads(sys.argv[2])
client = harm.Harm(base_url=url)
failed, everything = [], functions.Policy.everything()
def tried(what, call):
    try:
        call()
    except BaseException as error:
        failed.append(f"{what}: {type(error).__name__}: {str(error)[:200]}")
def command(*words):
    out = io.TextIOWrapper(io.BytesIO())
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
        try:
            main(["--base-url", url, *words])
        except SystemExit as end:
            out.flush()
            assert not end.code, out.buffer.getvalue()
table = __import__("harm_kit.cli.commands").cli.commands
rows = {row.function: table.command(row) for row in table.COMMANDS}
catalog = json.load(open("../catalog.json"))["functions"]
for entry in catalog:
    name = entry["name"]
    argument = next(iter(entry["input_schema"]["properties"]), None)
    given = {argument: "x"} if argument else {}
    def method():
        at = client
        for step in entry["surfaces"]["python"].split(".")[1:]:
            at = getattr(at, step)
        result = at(**({__import__("keyword").iskeyword(argument) and argument + "_" or argument: "x"} if argument not in ("self", "cls") else {argument + "_": "x"}))
        for field in result:
            getattr(result, field, None)
        assert result.to_dict() == {"a": 1}
    tried(f"python {name}", method)
    tried(f"functions {name}", lambda: functions.call(client, name, given, policy=everything)["success"] or 1 / 0)
    tried(f"call {name}", lambda: command("call", name, json.dumps(given)))
    tried(f"command {name}", lambda: command(*entry["surfaces"]["cli"].split()[1:], f"--{rows[name].flags[0].flag}", "x"))
scripts = "".join(f"do local r = {entry['surfaces']['lua']}{{}} assert(r.a == 1) end\\n" for entry in catalog)
envelope = lua.run(scripts, client=client, policy=everything, limits=lua.Limits(calls=10000, wall=120))
if not envelope["success"]:
    failed.append(f"lua: {envelope['error']}")
import asyncio
from mcp.client.client import Client
from harm_kit.mcp import server
from harm_kit.mcp.options import Options
async def tools():
    async with Client(server.make(Options(allowed=functions.Policy.everything()))) as host:
        listed = (await host.list_tools()).tools
        assert len(listed) == len(catalog)
        for tool in listed:
            argument = next(iter(all_functions()[tool.name].input_schema["properties"]))
            answer = await host.call_tool(tool.name, {argument: "x"})
            if answer.is_error:
                failed.append(f"tool {tool.name}: {answer.content}")
asyncio.run(tools())
print(json.dumps({"failed": failed, "functions": len(catalog), "calls": len(envelope["integration_calls"])}))
"""


def test_a_document_may_use_all_of_them(tmp_path: Path) -> None:
    """As tag, operation, argument and field: each is called from Python, by its command, by `call` and from scripts."""
    used = sorted({name for has, _ in own().values() for name in has if name.isidentifier() and name.islower()})
    used += [
        "2fa",
        "_0",
        "self",
        "cls",
        "from",
        "client",
        "options",
        "cached_property",
        "index",
        "aux",
        "unwrap",
        "version",
    ]
    assert len(used) > 60
    paths = {
        f"/{name}": {
            "get": {
                "operationId": f"{name}.{name}",
                "parameters": [{"name": name, "in": "query", "schema": {"type": "string"}}],
                "responses": {"200": {"description": "ok", "content": {"application/json": {"schema": {"type": "object", "properties": {name: {"type": "string"}, "a": {"type": "integer"}}}}}}},
            }
        }
        for name in used
    }  # fmt: skip
    document = {"openapi": "3.1.0", "info": {"title": "Harm", "version": "1"}, "paths": paths}
    (tmp_path / "openapi.json").write_text(json.dumps(document))
    pipeline.generate(pipeline.Inputs(tmp_path / "openapi.json"), tmp_path / "out")
    with recorder() as server:
        server.content = b'{"a": 1}'
        done = subprocess.run(
            [sys.executable, "-c", SCRIPT, server.base_url, json.dumps(used)],
            cwd=tmp_path / "out/python",
            env={"HARM_KIT_CONFIG": str(tmp_path / "config.json"), "HARM_API_TOKEN": "t", "HARM_BASE_URL": server.base_url, "PATH": "/usr/bin:/bin"},
            capture_output=True, text=True, timeout=HANGS, check=False,
        )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    said = json.loads(done.stdout)
    assert said["failed"] == [] and said["functions"] == len(set(used))


@pytest.mark.parametrize(
    ("spelled", "taken", "expected"),
    [
        ({"a": "x", "b": "X", "c": "x_2"}, (), {"a": "x", "b": "X_2", "c": "x_2_2"}),
        ({"a": "index", "b": "con", "c": "aux", "d": "com1", "e": "lpt9.x"}, ("index",), {"a": "index_2", "b": "con_", "c": "aux_", "d": "com1_", "e": "lpt9.x_"}),
        ({"a": "a" * 300, "b": "a" * 301}, (), None),
        ({"a": "word_" * 60 + "one", "b": "word_" * 60 + "two"}, (), None),
    ],
)  # fmt: skip
def test_files_have_names_of_their_own_that_every_system_takes(
    spelled: dict[str, str], taken: tuple[str, ...], expected: dict[str, str] | None
) -> None:
    found = names.file_names(spelled, taken)
    assert expected is None or found.of == expected
    assert len({name.lower() for name in found.of.values()} | {*taken}) == len(spelled) + len(taken)
    assert all(len(name) <= 110 for name in found.of.values())
    assert {key for key, name in found.of.items() if name != spelled[key]} == set(found.changed)


def test_long_and_reserved_names_of_a_document_become_files(tmp_path: Path) -> None:
    """Tags, schemas and titles of 400 characters, alike but for their end; those that Windows keeps."""
    long = ["word " * 80 + end for end in ("one", "two")] + [
        "a" * 400,
        "CON",
        "aux",
        "index",
        "Index",
        "..",
        "client",
        "\U0001f600" * 400,
    ]
    paths = {
        f"/p{number}": {"get": {"operationId": f"op{number}", "tags": [tag], "summary": tag, "responses": {"200": {"description": tag, "content": {"application/json": {"schema": {"$ref": f"#/components/schemas/{number}"}}}}}}}
        for number, tag in enumerate(long)
    }  # fmt: skip
    schemas = {
        str(n): {"title": tag, "type": "object", "properties": {tag: {"type": "string"}}} for n, tag in enumerate(long)
    }
    document = {"openapi": "3.1.0", "info": {"title": "Harm " + "b" * 400, "version": "1"}, "paths": paths, "components": {"schemas": schemas}}  # fmt: skip
    (tmp_path / "openapi.yaml").write_text(json.dumps(document, ensure_ascii=False), "utf-8")
    made = pipeline.make(pipeline.Inputs(tmp_path / "openapi.yaml"))
    assert len({file.path.lower() for file in made.files}) == len(made.files)
    for file in made.files:
        for step in file.path.split("/"):
            assert (
                len(step.encode()) <= 160
                and step.partition(".")[0].lower() not in ("con", "aux", "")
                or step.startswith(".")
            ), step
    assert any("too long for a file" in loss.reason for loss in made.losses)
