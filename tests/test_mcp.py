"""The MCP surface: what the lint refuses, what the server lists, and what a call gives over stdio."""

from __future__ import annotations

import asyncio
import json
import shutil
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from mcp.client.client import Client
from mcp.client.stdio import StdioServerParameters
from mcp.shared.exceptions import MCPError

pytest.importorskip("generator.surfaces.metadata", reason="the schemas of functions are not there yet")

from generator.surfaces import mcp as surface

ROOT = Path(__file__).parents[1]
RUNTIME = ROOT / "templates/mcp/python/[package]/mcp"
SECONDS = 30
ERAS = ("auto", "legacy")

READ = {"type": "read", "classes": ["read"]}
WRITE = {"type": "write", "classes": ["write", "billed", "destructive"]}


def entry(name: str, kind: dict[str, Any] = READ, **more: Any) -> dict[str, Any]:
    """A function as functions.json has it, as far as MCP looks."""
    schema = {"type": "object", "properties": {"text": {"type": "string"}}, "additionalProperties": False}
    return {
        "name": name,
        "title": "Say it",
        "summary": "Says it.",
        "description": "",
        "idempotent": False,
        "input_schema": schema,
        **kind,
        **more,
    }


ARGUMENTS = {
    "model_name": {"type": "string", "description": "Name of the model."},
    "content": {"type": "string", "format": "binary", "description": "The content."},
    "wait": {"type": "integer", "minimum": 1, "description": "Seconds to wait, 1 to 60."},
}

FUNCTIONS = [entry(name) for name in ("echo", "fail", "huge", "list_all", "nothing", "odd")] + [
    entry(
        "remove",
        WRITE,
        idempotent=True,
        input_schema={"type": "object", "properties": ARGUMENTS, "additionalProperties": False},
    )
]

# The functions layer as the server sees it, and nothing behind it.
FAKE_FUNCTIONS = """
import json, sys
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

@dataclass(frozen=True)
class Policy:
    allowed: frozenset = frozenset({"read"})
    @classmethod
    def gateway(cls, write=False, allow=()):
        return cls(frozenset({"read", *(["write"] if write else []), *allow}))
    def lists(self, info):
        return info.type in self.allowed

def all_functions():
    return {each["name"]: SimpleNamespace(**each) for each in json.loads(Path(__file__).with_name("functions.json").read_text())}

async def acall(client, name, arguments, *, policy, dry_run=False):
    print("stray output", flush=True)
    refused = set(all_functions()[name].classes) - policy.allowed
    if refused:
        error = {"type": "policy", "message": "refused", "hint": "start it with --write=allow"}
        return {"function": name, "success": False, "data": None, "error": error, "meta": {}, "duration_ms": 1}
    if name == "fail":
        raise RuntimeError("the layer below broke")
    data = {
        "echo": dict(arguments),
        "huge": {"next": None, "results": [{"id": i, "logs": "x" * 3000} for i in range(100)]},
        "list_all": [1, 2],
        "nothing": None,
        "odd": {"text": "a\\u2028b\\n\\ud800", "number": float("nan")},
        "remove": {},
    }[name]
    return {"function": name, "success": True, "data": data, "error": None, "meta": {}, "duration_ms": 1}
"""


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the package `demo`: the server over a functions layer of a few lines."""
    folder = tmp_path_factory.mktemp("mcp")
    demo = folder / "demo"
    shutil.copytree(RUNTIME, demo / "mcp")
    (demo / "__init__.py").write_text("")
    (demo / "about.py").write_text(
        'PACKAGE = COMMAND = "demo"\nTITLE = "Demo"\nCLIENT = "Demo"\nVERSION = "1.2"\nHOMEPAGE = "https://example.com"\n'
    )
    (demo / "client.py").write_text("class AsyncDemo:\n    async def aclose(self):\n        pass\n")
    layer = demo / "functions"
    layer.mkdir()
    (layer / "__init__.py").write_text(FAKE_FUNCTIONS)
    (layer / "failures.py").write_text("def describe(error, info):\n    return {'message': str(error)}\n")
    (layer / "functions.json").write_text(json.dumps(FUNCTIONS))
    return folder


@asynccontextmanager
async def connected(folder: Path, *flags: str, era: str = "auto", package: str = "demo") -> AsyncIterator[Client]:
    """The SDK's client on a server of its own."""
    start = f"from {package}.mcp.command import command; command()"
    server = StdioServerParameters(
        command=sys.executable, args=["-c", start, "serve", *flags], env={"PYTHONPATH": str(folder)}, cwd=folder
    )
    async with Client(server, mode=era) as client:
        yield client


def run(work: Callable[[Client], Awaitable[Any]], folder: Path, *flags: str, **more: str) -> Any:
    async def session() -> Any:
        async with asyncio.timeout(SECONDS), connected(folder, *flags, **more) as client:
            return await work(client)

    return asyncio.run(session())


async def listed(client: Client) -> list[dict[str, Any]]:
    answer = await client.list_tools()
    return [each.model_dump(by_alias=True, exclude_none=True) for each in answer.tools]


@pytest.mark.parametrize("era", ERAS)
def test_lists_what_the_generator_wrote(package: Path, era: str) -> None:
    assert run(listed, package, "--write=allow", era=era) == [surface.tool(each) for each in FUNCTIONS]


@pytest.mark.parametrize("era", ERAS)
def test_lists_no_writes_until_told(package: Path, era: str) -> None:
    names = [each["name"] for each in run(listed, package, era=era)]
    assert names == [each["name"] for each in FUNCTIONS if each["type"] == "read"]


@pytest.mark.parametrize("era", ERAS)
@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("echo", {"text": "hé"}),
        ("list_all", {"result": [1, 2]}),
        ("nothing", {"result": None}),
        ("odd", {"text": "a\u2028b\n?", "number": None}),
    ],
)
def test_result_and_its_text_twin(package: Path, era: str, name: str, expected: Any) -> None:
    answer = run(lambda client: client.call_tool(name, {"text": "hé"}), package, era=era)
    assert not answer.is_error
    assert answer.structured_content == expected
    assert json.loads(answer.content[0].text) == expected


def test_long_result_is_shortened_by_structure(package: Path) -> None:
    answer = run(lambda client: client.call_tool("huge", {}), package)
    text = answer.content[0].text
    assert len(text) <= 20_000
    data = json.loads(text)
    assert data == answer.structured_content
    assert len(data["results"]) >= 10
    assert {"at": "/results", "unit": "items", "kept": len(data["results"]), "of": 100} in data["truncated"]["left_out"]


def test_refused_write_names_the_flag(package: Path) -> None:
    answer = run(lambda client: client.call_tool("remove", {}), package)
    assert answer.is_error
    assert answer.structured_content["error"]["hint"] == "start it with --write=allow"
    assert json.loads(answer.content[0].text) == answer.structured_content


def test_allowed_write(package: Path) -> None:
    flags = ("--write=allow", "--allow", "billed", "--allow", "destructive")
    assert not run(lambda client: client.call_tool("remove", {}), package, *flags).is_error


def test_failure_below_is_a_result_and_the_server_goes_on(package: Path) -> None:
    async def work(client: Client) -> Any:
        first = await client.call_tool("fail", {})
        return first, await client.call_tool("echo", {"text": "still here"})

    first, second = run(work, package)
    assert first.is_error
    assert first.structured_content["error"]["message"] == "the layer below broke"
    assert second.structured_content == {"text": "still here"}


@pytest.mark.parametrize("era", ERAS)
def test_unknown_tool_is_an_error_of_the_protocol(package: Path, era: str) -> None:
    async def work(client: Client) -> Any:
        with pytest.raises(MCPError) as caught:
            await client.call_tool("ecco", {})
        return caught.value

    error = run(work, package, era=era)
    assert error.code == -32602
    assert "echo" in error.message


def test_listed_schema_is_the_function_s_without_idle_words() -> None:
    assert surface.tool(FUNCTIONS[-1])["inputSchema"]["properties"] == {
        "model_name": {"type": "string"},
        "content": {"type": "string", "description": "The content: a `data:` URL, or text"},
        "wait": {"type": "integer", "minimum": 1, "description": "Seconds to wait, 1 to 60"},
    }


def broken(**schema: Any) -> dict[str, Any]:
    """A tool whose input schema breaks a rule."""
    return surface.tool(entry("broken", input_schema={"type": "object", "additionalProperties": False, **schema}))


@pytest.mark.parametrize(
    ("tool", "message"),
    [
        (broken(oneOf=[{}]), "oneOf at the root"),
        (broken(anyOf=[{}]), "anyOf at the root"),
        (broken(properties={"a": {"$ref": "#/x"}}), "$ref at /properties/a"),
        (broken(properties={"a": {"type": ["string", "null"]}}), "list of types at /properties/a"),
        (broken(properties={"a": {"anyOf": [{"type": "array"}]}}), "without items at /properties/a/anyOf/0"),
        (broken(additionalProperties=True), "additionalProperties false"),
        (broken(type="string"), "of type object"),
        (broken(properties={"a": {"description": "a\u202eb"}}), "invisible characters"),
        (broken(properties={"a": {"description": "x" * 1001}}), "1001 characters"),
        (broken(properties={f"p{i}": {"type": "string", "description": "word " * 20} for i in range(20)}), "1500 are"),
        (surface.tool(entry("a" * 41)), "its name must be"),
        (surface.tool(entry("a.b")), "its name must be"),
        (surface.tool(entry("quiet", summary="", title="")), "no description"),
    ],
)
def test_lint_finds(tool: dict[str, Any], message: str) -> None:
    found = surface.lint_tools([tool], {tool["name"]: "api.yaml:7:1"})
    assert any(message in finding.what and finding.where == "api.yaml:7:1" for finding in found), found


def test_lint_passes_over_names_and_data() -> None:
    """A property called $ref or a default that looks like a schema breaks no rule."""
    properties = {"$ref": {"type": "string"}, "type": {"type": "object", "default": {"type": ["a"], "$ref": "b"}}}
    assert surface.lint_tools([broken(properties=properties)], {}) == []


def test_lint_weighs_the_whole_list() -> None:
    many = [surface.tool(entry(f"tool_{i}", summary="word " * 150)) for i in range(30)]
    assert [finding for finding in surface.lint_tools(many, {}) if "the list of tools takes" in finding.what]
