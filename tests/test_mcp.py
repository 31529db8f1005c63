"""The MCP surface: what the lint refuses, what the server lists, and what a call gives over stdio."""

from __future__ import annotations

import asyncio
import importlib.util
import json
import shutil
import subprocess
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
    (demo / "client.py").write_text("class AsyncDemo:\n    async def close(self):\n        pass\n")
    layer = demo / "functions"
    layer.mkdir()
    (layer / "__init__.py").write_text(FAKE_FUNCTIONS)
    (layer / "failures.py").write_text("def describe(error, info):\n    return {'message': str(error)}\n")
    (layer / "functions.json").write_text(json.dumps(FUNCTIONS))
    return folder


@asynccontextmanager
async def connected(
    folder: Path, *flags: str, era: str = "auto", package: str = "demo", environment: dict[str, str] | None = None
) -> AsyncIterator[Client]:
    """The SDK's client on a server of its own."""
    start = f"from {package}.mcp.command import command; command()"
    server = StdioServerParameters(
        command=sys.executable,
        args=["-c", start, "serve", *flags],
        env={"PYTHONPATH": str(folder), **(environment or {})},
        cwd=folder,
    )
    async with Client(server, mode=era) as client:
        yield client


def run(work: Callable[[Client], Awaitable[Any]], folder: Path, *flags: str, **more: Any) -> Any:
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


@pytest.fixture(scope="module")
def shape() -> Any:
    spec = importlib.util.spec_from_file_location("shape", RUNTIME / "shape.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["shape"] = module
    spec.loader.exec_module(module)
    return module


def nested(depth: int) -> Any:
    value: Any = "end"
    for _ in range(depth):
        value = {"in": [value]}
    return value


@pytest.mark.parametrize(
    "document",
    [
        {"text": "word " * 50_000},
        {"rows": [[i] * 100 for i in range(1000)]},
        {f"field {i}": "x" * 100 for i in range(5000)},
        {"x" * 30_000: 1},
        {"deep": nested(60), "text": "x" * 30_000},
        {"deep": nested(5000)},
        {"results": [{"output": ["y" * 900] * 50, "logs": "z" * 9000}] * 30},
        {"text": "\u2028\U0001f600" * 20_000},
    ],
    ids=["string", "rows", "fields", "key", "nested", "too deep", "results", "unicode"],
)
def test_whatever_comes_fits_and_says_so(shape: Any, document: dict[str, Any]) -> None:
    short = shape.fit(document)
    text = shape.encode(short)
    assert len(text) <= shape.LIMIT
    assert json.loads(text) == short
    assert short["truncated"]["reason"]


@pytest.mark.parametrize("document", [{}, {"a": None}, {"a": ["x" * 19_000]}])
def test_what_fits_is_left_alone(shape: Any, document: dict[str, Any]) -> None:
    assert shape.fit(document) == document


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


# ── over everything: the real document, the real client, the mock ─────────────────────────────────────────

SPEC = (ROOT / "spec/openapi.yaml", ROOT / "spec/catalog.yaml")


@pytest.fixture(scope="module")
def real() -> Any:
    return pytest.importorskip("generator.link", reason="there is no IR yet").load(*SPEC, None)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The whole output, in a folder of its own."""
    pipeline = pytest.importorskip("generator.pipeline", reason="the pipeline is not there yet")
    missing = {"python", "mcp", "mock"} - set(pipeline.SURFACES)
    if missing:
        pytest.skip(f"surfaces not there yet: {', '.join(sorted(missing))}")
    folder = tmp_path_factory.mktemp("made")
    extensions = ROOT / "spec/extensions"
    inputs = pipeline.Inputs(*SPEC, extensions if extensions.is_dir() else None)
    pipeline.generate(inputs, folder)
    if not list(folder.glob("python/*/functions/functions.json")):
        pytest.skip("no surface lays functions.json yet")
    return folder


def test_real_tools_keep_to_the_rules(real: Any) -> None:
    tools = surface.tools(real)
    assert len(tools) == 37
    found = [finding for finding in surface.lint(real) if "the list of tools takes" not in finding.what]
    assert found == []


def test_real_list_fits(real: Any) -> None:
    assert surface.size({"tools": surface.tools(real)}) <= surface.MAX_LIST_BYTES


def test_listed_schemas_allow_what_the_functions_take(real: Any) -> None:
    """Every example of every function is a valid call by the schema that the host sees."""
    jsonschema = pytest.importorskip("jsonschema")
    for tool, function in zip(surface.tools(real), real.functions, strict=True):
        for example in function.examples:
            jsonschema.validate(dict(example.arguments), tool["inputSchema"])


def test_manifest_is_what_a_registry_takes(real: Any) -> None:
    manifest = surface.manifest(real)
    assert manifest["name"].count("/") == 1
    assert len(manifest["description"]) <= 100
    (package,) = manifest["packages"]
    assert package["identifier"] == real.package
    assert [each["name"] for each in package["environmentVariables"] if each["isSecret"]] == [real.token_env]


@pytest.fixture(scope="module")
def mock(made: Path, real: Any) -> Any:
    """The mock in a process of its own."""
    code = (
        "import sys\n"
        f"from {real.package}.mock.server import serve\n"
        "with serve() as mock:\n"
        "    print(mock.base_url, mock.token, flush=True)\n"
        "    sys.stdin.read()\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={"PYTHONPATH": str(made / "python")},
    )
    with process:
        assert process.stdout is not None
        base_url, token = process.stdout.readline().split()
        yield {real.base_url_env: base_url, real.token_env: token}
        process.communicate(timeout=SECONDS)


@pytest.mark.parametrize("era", ERAS)
@pytest.mark.parametrize("flags", [(), ("--write=allow",)])
def test_server_lists_tools_json(made: Path, real: Any, era: str, flags: tuple[str, ...]) -> None:
    expected = json.loads((made / "mcp/tools.json").read_text())["tools"]
    if not flags:
        expected = [tool for tool in expected if tool["annotations"]["readOnlyHint"]]
    assert len(expected) == (37 if flags else 22)
    assert run(listed, made / "python", *flags, era=era, package=real.package) == expected


def test_every_function_answers(made: Path, real: Any, mock: dict[str, str]) -> None:
    """Each example, in one session: whatever the mock says of it, the answer is well formed."""

    async def work(client: Client) -> dict[str, Any]:
        return {
            function.name: await client.call_tool(function.name, dict(function.examples[0].arguments))
            for function in real.functions
        }

    flags = ("--write=allow", "--allow", "all")
    answers = run(work, made / "python", *flags, package=real.package, environment=mock)
    assert len(answers) == 37
    for name, answer in answers.items():
        assert json.loads(answer.content[0].text) == answer.structured_content, name
        error = answer.structured_content.get("error") if answer.is_error else None
        assert error is None or error["status"] in (404, 409), (name, error)


def test_policy_names_the_flag(made: Path, real: Any, mock: dict[str, str]) -> None:
    refused = next(function for function in real.functions if function.secret)

    async def work(client: Client) -> Any:
        return await client.call_tool(refused.name, dict(refused.examples[0].arguments))

    answer = run(work, made / "python", package=real.package, environment=mock)
    assert answer.is_error
    assert "--allow secret" in answer.content[0].text


def test_argument_error_can_be_mended(made: Path, real: Any, mock: dict[str, str]) -> None:
    function = next(
        each for each in real.functions if each.access == "read" and each.params and each.params[0].required
    )
    right = dict(function.examples[0].arguments)
    first = next(iter(right))

    async def work(client: Client) -> Any:
        return await client.call_tool(function.name, {**right, first + "x": right[first]})

    answer = run(work, made / "python", package=real.package, environment=mock)
    error = answer.structured_content["error"]
    assert answer.is_error
    assert error["parameter"] == first + "x"
    assert first in error["hint"]
    assert first in error["expected"]["properties"]


def test_without_a_token_the_list_stands_and_a_call_says_what_is_missing(made: Path, real: Any) -> None:
    function = next(each for each in real.functions if each.access == "read" and not each.secret)

    async def work(client: Client) -> Any:
        await client.list_tools()
        return await client.call_tool(function.name, dict(function.examples[0].arguments))

    answer = run(work, made / "python", package=real.package)
    assert answer.is_error
    assert real.token_env in answer.content[0].text
