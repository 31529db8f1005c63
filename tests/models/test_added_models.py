"""Models that a user added, with nothing generated for them: every surface sends what the plain call sends, a wrong value
is refused before anything is sent, and a secret is shown nowhere.

The schemas are those of `schemas/`; what is given to each, and what is wrong, was worked out by hand from them by JSON
Schema 2020-12 (validation, sections 6.1 to 6.5) and OpenAPI 3.0.3 (`nullable`, section 4.7.24.1).
"""

from __future__ import annotations

import asyncio
import base64
import json
import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from anyio.from_thread import start_blocking_portal
from cli_harness import Cli
from mcp.client.client import Client
from mcp.shared.exceptions import MCPError
from recorder import TOKEN, Recorder, Seen, recorder
from replikit_package import imported

SCHEMAS = Path(__file__).parent / "schemas"
FILE = "https://files.example/a.png"
VERSION = "5" * 64

# What each takes, and what its job puts out.
GIVEN: dict[str, tuple[dict[str, Any], Any]] = {
    "broken": ({"prompt": "x", "count": 2, "size": {"any": [1]}, "spaces in it": "y", "missing": 1}, {"any": 1}),
    "either-output": ({"query": "x"}, "text"),
    "embeddings": ({"texts": "a", "batch_size": 1, "normalize_embeddings": False}, [[0.5, 1]]),
    "forty-inputs": ({"lora_1_scale": 0.25, "lora_13_url": FILE}, [FILE]),
    "image": ({"prompt": "x", "aspect_ratio": "16:9", "num_outputs": 4, "go_fast": False}, [FILE, FILE]),
    "image-edit": ({"prompt": "x", "input_image": None, "safety_tolerance": 6}, FILE),
    "integer-enum": ({"image": FILE, "scale": 2}, FILE),
    "iterated-files": ({"prompt": "x", "class": "c", "options": "o", "timeout": 5, "wait": True, "input": "i"}, [FILE]),
    "lists-of-files": ({"prompt": "x", "image_input": [FILE, FILE]}, FILE),
    "music": ({"duration": 8, "input_audio": FILE}, FILE),
    "nested-object": ({"prompt": "x", "options": {"seed": 1, "format": "json"}}, {"text": "t"}),
    "no-inputs": ({}, "done"),
    "nullable": ({"prompt": None, "strength": 1, "tags": ["a"], "image": FILE}, None),
    "secrets": ({"prompt": "x", "api_key": "vendor-key-7391"}, ["a", "b"]),
    "several-outputs": ({"image": FILE, "threshold": 0.5}, {"masks": [FILE], "count": 1}),
    "speech": ({"text": "x", "speed": 0.1}, FILE),
    "text": ({"prompt": "x", "max_tokens": 1, "temperature": 0}, ["Hel", "lo"]),
    "trainer": ({"prompt": "x"}, [FILE]),
    "transcription": ({"audio": FILE, "translate": True}, {"detected_language": "en", "transcription": "t"}),
    "upscaling": ({"image": FILE, "scale": 10, "face_enhance": True}, FILE),
    "video": ({"prompt": "x", "num_frames": 81, "last_image": None}, FILE),
}
SHAPED = {"text": "Hello", "secrets": "ab"}
"""What is given where it is another than the job put out: pieces of text are one."""

# The value, and the argument that is named by the refusal.
WRONG: list[tuple[str, dict[str, Any], str]] = [
    ("image", {}, "prompt"),
    ("image", {"prompt": 1}, "prompt"),
    ("image", {"prompt": None}, "prompt"),
    ("image", {"prompt": "x", "promt": "y"}, "promt"),
    ("image", {"prompt": "x", "num_outputs": 5}, "num_outputs"),
    ("image", {"prompt": "x", "num_outputs": 0}, "num_outputs"),
    ("image", {"prompt": "x", "num_outputs": 1.5}, "num_outputs"),
    ("image", {"prompt": "x", "num_outputs": True}, "num_outputs"),
    ("image", {"prompt": "x", "aspect_ratio": "7:3"}, "aspect_ratio"),
    ("image", {"prompt": "x", "go_fast": "yes"}, "go_fast"),
    ("integer-enum", {"image": FILE, "scale": 3}, "scale"),
    ("integer-enum", {"image": FILE, "scale": "2"}, "scale"),
    ("lists-of-files", {"prompt": "x", "image_input": FILE}, "image_input"),
    ("lists-of-files", {"prompt": "x", "image_input": [1]}, "image_input[0]"),
    ("nested-object", {"prompt": "x", "options": {"format": "xml"}}, "options.format"),
    ("nested-object", {"prompt": "x", "options": "json"}, "options"),
    ("no-inputs", {"prompt": "x"}, "prompt"),
    ("nullable", {"strength": 1.5}, "strength"),
    ("nullable", {"tags": "a"}, "tags"),
    ("speech", {"text": "x", "speed": 0}, "speed"),
    ("secrets", {"prompt": "x"}, "api_key"),
    ("secrets", {"prompt": "x", "api_key": 739173917391}, "api_key"),
]


def prediction(model: str, output: Any) -> bytes:
    """The answer of a run that ended within the request."""
    urls = {name: f"https://api.example/{name}" for name in ("get", "cancel", "web")}
    state = {"id": "p1", "model": f"acme/{model}", "version": VERSION, "status": "succeeded", "data_removed": False}
    return json.dumps({**state, "input": GIVEN[model][0], "output": output, "error": None, "urls": urls}).encode()


@pytest.fixture(scope="module")
def package() -> Iterator[Any]:
    with imported() as found:
        yield found


@pytest.fixture(scope="module")
def server() -> Iterator[Recorder]:
    with recorder() as running:
        running.status = 201
        yield running


@pytest.fixture(scope="module")
def cli(tmp_path_factory: pytest.TempPathFactory, server: Recorder) -> Cli:
    return Cli(tmp_path_factory.mktemp("added"), server.base_url, TOKEN)


@pytest.fixture(scope="module")
def added(package: Any, cli: Cli, server: Recorder) -> Iterator[None]:
    """All of them added as an extension reads them from the API; this process is configured as the commands are."""
    from replikit.extensions.runners import RUNNERS
    from replikit.functions import added as store

    before = {name: os.environ.get(name) for name in cli.environment}
    os.environ.update(cli.environment)
    with package.Replicate() as client:
        for name in GIVEN:
            document = json.loads((SCHEMAS / f"{name}.json").read_text("utf-8"))
            version = {"id": VERSION, "openapi_schema": document}
            server.content = json.dumps({"owner": "acme", "name": name, "latest_version": version}).encode()
            server.status = 200
            found = store.made(store.spelled(name), f"acme/{name}", RUNNERS["run"](client, f"acme/{name}"))
            store.changed(store.own(), lambda kept, found=found: {**kept, found.name: found.to_dict()})
    server.seen, server.status = [], 201
    yield
    for name, value in before.items():
        os.environ.pop(name) if value is None else os.environ.update({name: value})


def function(name: str) -> str:
    return "replicate_" + name.replace("-", "_")


def everything() -> Any:
    from replikit.functions import Policy

    return Policy.everything()


def by_functions(package: Any, name: str, given: dict[str, Any]) -> Any:
    with package.Replicate() as client:
        envelope = package.functions.call(client, function(name), given, policy=everything())
    assert envelope["success"], envelope
    return envelope["data"]


def by_async_functions(package: Any, name: str, given: dict[str, Any]) -> Any:
    async def call() -> Any:
        async with package.AsyncReplicate() as client:
            return await package.functions.acall(client, function(name), given, policy=everything())

    envelope = asyncio.run(call())
    assert envelope["success"], envelope
    return envelope["data"]


def by_use(package: Any, name: str, given: dict[str, Any]) -> Any:
    with package.Replicate() as client:
        return plain(client.models.use(name, wait=False)(**given))


def by_async_use(package: Any, name: str, given: dict[str, Any]) -> Any:
    async def call() -> Any:
        async with package.AsyncReplicate() as client:
            return await (await client.models.use(name, wait=False))(**given)

    return plain(asyncio.run(call()))


def by_script(package: Any, name: str, given: dict[str, Any]) -> Any:
    from replikit import lua

    with package.Replicate() as client:
        script = (
            f"return app.integrations.replicate.models.{function(name)[10:]}(json.decode([==[{json.dumps(given)}]==]))"
        )
        envelope = lua.run(script, client=client, policy=everything())
    assert envelope["success"], envelope
    return envelope["result"]


def plain(value: Any) -> Any:
    """A result of Python, as JSON: a file is its URL."""
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {name: plain(item) for name, item in value.items()}
    return getattr(value, "url", value)


def by_id(seen: Seen) -> Seen:
    """The request, with a version by its id alone, as `run` has it: OWNER/NAME:ID means the same."""
    return replace(seen, body={**seen.body, "version": seen.body["version"].rpartition(":")[2]})


SURFACES: dict[str, Callable[[Any, str, dict[str, Any]], Any]] = {
    "functions": by_functions,
    "async functions": by_async_functions,
    "use": by_use,
    "async use": by_async_use,
    "lua": by_script,
}


def sent_plainly(package: Any, server: Recorder, name: str) -> Seen:
    """What the API's own function sends."""
    server.content = prediction(name, GIVEN[name][1])
    with package.Replicate() as client:
        client.predictions.create(version=f"acme/{name}:{VERSION}", input=GIVEN[name][0])
    return server.one()


@pytest.mark.usefixtures("added")
@pytest.mark.parametrize("name", GIVEN)
def test_every_surface_sends_what_the_plain_call_sends(package: Any, server: Recorder, name: str) -> None:
    given, output = GIVEN[name]
    meant = sent_plainly(package, server, name)
    assert meant.body == {"version": f"acme/{name}:{VERSION}", "input": given}
    for surface, call in SURFACES.items():
        assert call(package, name, dict(given)) == SHAPED.get(name, output), surface
        assert by_id(server.one()) == by_id(meant), surface


@pytest.fixture(scope="module")
def tools(added: None) -> Iterator[Callable[..., Any]]:
    """Calls a tool of a server that lists what was added."""
    from replikit.functions import Policy
    from replikit.mcp.options import Options
    from replikit.mcp.server import make

    server = make(Options(allowed=Policy.gateway(True, ["billed"]), added=True))
    with start_blocking_portal() as portal, portal.wrap_async_context_manager(Client(server)) as client:

        def call(name: str, given: dict[str, Any]) -> Any:
            return portal.call(client.call_tool, name, given)

        call.listed = portal.call(client.list_tools).tools  # type: ignore[attr-defined]
        yield call


@pytest.mark.parametrize("name", GIVEN)
def test_a_tool_sends_what_the_plain_call_sends(package: Any, server: Recorder, tools: Any, name: str) -> None:
    given, output = GIVEN[name]
    meant = sent_plainly(package, server, name)
    answer = tools(function(name), given)
    assert not answer.is_error, answer
    found = answer.structured_content
    assert (found["result"] if found.keys() == {"result"} else found) == SHAPED.get(name, output)
    assert server.one() == meant
    assert "vendor-key-7391" not in answer.model_dump_json()


def test_tools_are_small_and_say_what_must_be_given(tools: Any) -> None:
    listed = {each.name: each for each in tools.listed}
    for name in GIVEN:
        found = listed[function(name)]
        written = found.model_dump_json(by_alias=True, exclude_none=True)
        assert len(written.encode()) <= 1_500, (name, len(written))
        schema = json.loads((SCHEMAS / f"{name}.json").read_text("utf-8"))["components"]["schemas"]["Input"]
        needed = set(schema.get("required", ()))
        assert set(found.input_schema.get("required", ())) == needed
        assert needed <= found.input_schema["properties"].keys()
        assert not found.annotations.read_only_hint


@pytest.mark.usefixtures("added")
def test_a_server_that_does_not_list_them_finds_describes_and_calls_them(server: Recorder) -> None:
    from replikit.functions import Policy
    from replikit.mcp.options import Options
    from replikit.mcp.server import make

    def asked(options: Any, *calls: tuple[str, dict[str, Any]]) -> list[Any]:
        with start_blocking_portal() as portal, portal.wrap_async_context_manager(Client(make(options))) as client:
            return [portal.call(client.call_tool, *each) for each in calls]

    server.content = prediction("text", ["Hel", "lo"])
    call = ("call_write", {"function": "replicate_text", "arguments": {"prompt": "x"}})
    found, told, made = asked(
        Options(mode="meta", allowed=Policy.gateway(True, ["billed"])),
        ("search", {"text": "nested object"}),
        ("describe", {"function": "models.nested_object"}),
        call,
    )
    assert found.content[0].text.startswith("nested_object [write, billed]: ")
    assert '"enum":["text","json"]' in told.content[0].text.replace(" ", "")
    assert '"x-' not in told.content[0].text
    assert made.structured_content == {"result": "Hello"} and server.one().body["input"] == {"prompt": "x"}
    described = json.loads(told.content[0].text)["arguments"]["properties"]  # of which one input is `options`
    assert described["run_options"]["description"].endswith("webhook_events_filter, wait, cancel_after, timeout")
    hook = {"options": {"webhook": "https://hooks.example/a"}}
    made, refused = asked(
        Options(mode="meta", allowed=Policy.gateway(True, ["billed"])),
        (call[0], {**call[1], "arguments": {"prompt": "x", **hook}}),
        ("call_write", {"function": "create_prediction", "arguments": {"version": "a", "input": {}, **hook}}),
    )
    assert not made.is_error and server.one().body["webhook"] == hook["options"]["webhook"]
    assert refused.is_error and "options: unknown argument" in refused.content[0].text
    refused, *_ = asked(Options(mode="meta", allowed=Policy.gateway(True)), call)
    assert refused.is_error and "--allow billed" in refused.content[0].text
    unlisted = make(Options(allowed=Policy.gateway(True, ["billed"])))
    with (
        start_blocking_portal() as portal,
        portal.wrap_async_context_manager(Client(unlisted)) as client,
        pytest.raises(MCPError, match="it was added: start the server with --models"),
    ):
        portal.call(client.call_tool, "replicate_text", {"prompt": "x"})
    assert server.seen == []


@pytest.mark.parametrize(("name", "given", "where"), WRONG, ids=lambda value: str(value)[:30])
def test_a_wrong_value_is_refused_before_anything_is_sent(
    package: Any, server: Recorder, tools: Any, name: str, given: dict[str, Any], where: str
) -> None:
    with package.Replicate() as client:
        envelope = package.functions.call(client, function(name), given, policy=everything())
        assert envelope["error"]["type"] == "invalid_arguments" and envelope["error"]["parameter"] == where
        with pytest.raises(package.ArgumentError):
            client.models.use(name)(**given)
    answer = tools(function(name), given)
    assert answer.is_error and answer.structured_content["error"]["parameter"] == where
    # What Cog notes for itself, such as `x-order`, helps no reader.
    assert "x-" not in json.dumps([envelope["error"]["expected"], answer.structured_content["error"]["expected"]])
    assert server.seen == []
    assert "739173917391" not in json.dumps(envelope) + answer.model_dump_json()


@pytest.mark.usefixtures("added")
@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("image", ["--prompt=x", "--aspect-ratio=16:9", "--num-outputs", "4", "--no-go-fast"]),
        ("iterated-files", ["prompt=x", "--class=c", "--options=o", "--timeout=5", "--wait", "input=i"]),
        ("lists-of-files", ["--prompt=x", "--image-input", FILE, "--image-input", FILE]),
        ("nested-object", ["--prompt=x", "--options", "seed:=1", "--options", "format=json"]),
        ("text", ["--prompt=x", "--max-tokens=1", "temperature=0"]),
        ("broken", ["--prompt=x", "--count=2", 'size:={"any": [1]}', "spaces in it=y", "missing:=1"]),
    ],
)
def test_a_command_sends_what_the_plain_call_sends(
    package: Any, server: Recorder, cli: Cli, name: str, words: list[str]
) -> None:
    meant = sent_plainly(package, server, name)
    done = cli.run(name, *words)
    assert done.returncode == 0, done.stderr.decode()
    shown = done.stdout.decode()
    assert (shown if name in SHAPED else json.loads(shown)) == SHAPED.get(name, GIVEN[name][1])
    assert server.one() == meant


@pytest.mark.usefixtures("added")
@pytest.mark.parametrize(
    ("words", "where"),
    [(["image"], "prompt"), (["image", "--prompt=x", "--num-outputs=5"], "num_outputs"), (["no-inputs", "x=y"], "x")],
)
def test_a_command_refuses_with_the_remedy(server: Recorder, cli: Cli, words: list[str], where: str) -> None:
    error = cli.error(2, *words)
    assert error["parameter"] == where and error["hint"].endswith(f"replikit {words[0]} --help")
    assert server.seen == []


@pytest.mark.usefixtures("added")
def test_help_names_every_input_with_its_values(cli: Cli) -> None:
    shown = cli.run("image", "--help", COLUMNS="200").stdout.decode()
    assert "--prompt TEXT" in shown and "[webp|jpg|png]" in shown and "1 to 4; default 1" in shown
    shown = " ".join(cli.run("broken", "--help", COLUMNS="200").stdout.decode().split())
    assert "no number is from 3 to 1" in shown and "--spaces" not in shown and "Only so: spaces in it" in shown


@pytest.mark.usefixtures("added")
def test_completion_offers_values_and_files(cli: Cli) -> None:
    (cli.folder / "fox.png").write_bytes(b"x")

    def offered(*words: str) -> list[str]:
        line = {"COMP_WORDS": " ".join(("replikit", *words)), "COMP_CWORD": str(len(words))}
        done = cli.run(_REPLIKIT_COMPLETE="zsh_complete", **line)
        return done.stdout.decode().split("\n")[1::3]

    assert offered("image", "--output-format", "") == ["webp", "jpg", "png"]
    assert offered("upscaling", "--image", "@fo") == ["@fox.png"]
    assert offered("upscaling", "image=@fo") == ["image=@fox.png"]
    assert "image-edit" in offered("image-")


def data_url(content: bytes) -> str:
    return f"data:image/png;base64,{base64.b64encode(content).decode()}"


@pytest.mark.usefixtures("added")
def test_files_that_are_put_out_go_into_the_file_of_the_output(server: Recorder, cli: Cli) -> None:
    """The first replaces it; what else there is stands beside it, and replaces nothing."""
    (cli.folder / "fox.png").write_bytes(b"old")
    (cli.folder / "fox-2.png").write_bytes(b"kept")
    server.content = prediction("image", [data_url(b"first"), data_url(b"second")])
    done = cli.run("image", "--prompt=x", "-o", "fox.png")
    assert (done.returncode, done.stdout) == (0, b""), done.stderr.decode()
    found = {path.name: path.read_bytes() for path in cli.folder.glob("fox*")}
    assert found.pop("fox.png") == b"first" and found.pop("fox-2.png") == b"kept"
    assert list(found.values()) == [b"second"]
    server.content = prediction("upscaling", data_url(b"one"))
    assert cli.run("upscaling", f"--image={FILE}", "--output=plain").returncode == 0
    assert (cli.folder / "plain").read_bytes() == b"one"
    assert cli.run("upscaling", f"--image={FILE}", "--output=plain", "--format=json").returncode == 0
    assert json.loads((cli.folder / "plain").read_text()) == data_url(b"one")
    server.content = prediction("text", ["Hel", "lo"])
    assert cli.run("text", "--prompt=x", "-o", "plain").returncode == 0
    assert (cli.folder / "plain").read_text() == "Hello"
    server.content = prediction("upscaling", "data:image/png;base64,!")
    error = cli.error(2, "upscaling", f"--image={FILE}", "-o", "plain")
    assert error["data"]["id"] == "p1" and (cli.folder / "plain").read_text() == "Hello"
    server.seen = []


SECRET = "vendor-key-7391"


@pytest.mark.usefixtures("added")
@pytest.mark.parametrize(
    "words",
    [("--json",), ("--dry-run",), ("--curl",), ("--debug",), ("--no-wait",), ("--json", "--debug", "--format=yaml")],
    ids=" ".join,
)
def test_a_secret_is_sent_and_never_shown(server: Recorder, cli: Cli, words: tuple[str, ...]) -> None:
    server.content = prediction("secrets", ["a", "b"])
    server.seen = []
    for command in (
        ("secrets", "--prompt=x", f"--api-key={SECRET}"),
        ("call", "secrets", json.dumps(GIVEN["secrets"][0])),
    ):
        done = cli.run(*command, *words)
        assert done.returncode == 0, done.stderr.decode()
        assert SECRET.encode() not in done.stdout + done.stderr
    sends = not {"--dry-run", "--curl"} & set(words)
    assert [each.body["input"]["api_key"] for each in server.seen] == [SECRET] * 2 * sends
    server.seen = []


@pytest.mark.parametrize("words", [("--json",), ("--dry-run",), ("--no-wait",)], ids=" ".join)
def test_a_run_of_a_model_that_was_not_added_shows_no_secret_either(package: Any, words: tuple[str, ...]) -> None:
    from replikit.mock import serve

    seeds = {"/models/acme/secrets": json.loads((SCHEMAS / "secrets.json").read_text("utf-8"))}
    with serve(seconds=0.0, seeds=[seeds]) as mock:
        cli = Cli(Path.cwd(), mock.base_url, mock.token)
        error = cli.error(2, "run", "acme/secrets", f"api_key={SECRET}")
        assert error["parameter"] == "prompt" and "x-" not in json.dumps(error["expected"])
        done = cli.run("run", "acme/secrets", "prompt=x", f"api_key={SECRET}", *words)
    assert done.returncode == 0, done.stderr.decode()
    assert b"api_key" in done.stdout and SECRET.encode() not in done.stdout + done.stderr


@pytest.mark.usefixtures("added")
def test_a_secret_stands_in_no_error_no_repr_and_no_journal(package: Any, server: Recorder, cli: Cli) -> None:
    from replikit.functions import find

    server.status, server.content = 422, json.dumps({"detail": f"the key {SECRET} is refused"}).encode()
    try:
        envelope = None
        with package.Replicate() as client:
            envelope = package.functions.call(client, "replicate_secrets", GIVEN["secrets"][0], policy=everything())
            assert envelope["error"]["status"] == 422 and SECRET not in json.dumps(envelope)
            assert SECRET not in repr(client.models.use("secrets"))
        assert SECRET not in cli.run("secrets", "--prompt=x", f"--api-key={SECRET}").stderr.decode()
    finally:
        server.status = 201
    server.content = prediction("secrets", ["a", "b"])
    (cli.folder / "lines.jsonl").write_text(json.dumps(GIVEN["secrets"][0]) + "\n")
    done = cli.run("secrets", "--batch=lines.jsonl", "--out=out.jsonl")
    assert done.returncode == 0, done.stderr.decode()
    assert SECRET not in (cli.folder / "out.jsonl").read_text()
    assert "default" not in find("secrets").input_schema["properties"]["api_key"]
    server.seen = []


@pytest.mark.usefixtures("added")
def test_a_billed_function_is_held_by_every_gateway(package: Any, server: Recorder) -> None:
    from replikit import lua
    from replikit.functions import Policy

    with package.Replicate() as client:
        for policy in (Policy(), Policy.gateway(True)):
            envelope = package.functions.call(client, "replicate_text", {"prompt": "x"}, policy=policy)
            assert envelope["error"]["type"] == "policy" and "--allow billed" in envelope["error"]["hint"]
            found = lua.run("return replicate.text{prompt='x'}", client=client, policy=policy)
            assert found["error"]["type"] == "policy"
    assert server.seen == []


@pytest.mark.usefixtures("added")
def test_options_of_the_run_stand_beside_the_inputs(package: Any, server: Recorder) -> None:
    server.content = prediction("iterated-files", [FILE])
    given = GIVEN["iterated-files"][0]
    with package.Replicate() as client:
        options = {"webhook": "https://hooks.example/a", "cancel_after": "5m", "timeout": 9}
        envelope = package.functions.call(
            client, "replicate_iterated_files", given, options=options, policy=everything()
        )
        assert envelope["success"], envelope
        sent = server.one()
        assert sent.body["input"] == given and sent.body["webhook"] == "https://hooks.example/a"
        assert sent.headers["cancel-after"] == "5m"
        options = {"webhoook": "https://hooks.example/a"}
        envelope = package.functions.call(
            client, "replicate_iterated_files", given, options=options, policy=everything()
        )
        assert envelope["error"]["parameter"] == "webhoook" and server.seen == []


def test_a_tool_and_a_script_take_the_same_options(package: Any, server: Recorder, tools: Any) -> None:
    from replikit import lua

    hook = {"webhook": "https://hooks.example/a", "webhook_events_filter": ["completed"], "cancel_after": "5m"}
    sent = {}
    for name, word in (("image", "options"), ("iterated-files", "run_options")):  # of which one input is `options`
        given = GIVEN[name][0]
        server.content = prediction(name, GIVEN[name][1])
        listed = next(each for each in tools.listed if each.name == function(name)).input_schema["properties"]
        assert listed[word]["description"] == "stream, webhook, webhook_events_filter, wait, cancel_after, timeout"
        answer = tools(function(name), {**given, word: {**hook, "timeout": 9}})
        assert not answer.is_error, answer
        sent[name] = server.one()
        assert sent[name].body["input"] == given and sent[name].body["webhook"] == hook["webhook"]
        assert sent[name].headers["cancel-after"] == "5m" and "timeout" not in sent[name].body
        assert listed.keys() >= {word} and tools(function(name), {**given, word: {"webhoook": "x"}}).is_error
    answer = tools(function("image"), {"prompt": "x", "options": {"timeout": "9"}})
    assert answer.structured_content["error"]["parameter"] == "options.timeout"
    with package.Replicate() as client:
        for name, seen in sent.items():
            server.content = prediction(name, GIVEN[name][1])
            arguments = f"json.decode([==[{json.dumps(GIVEN[name][0])}]==]), json.decode([==[{json.dumps(hook)}]==])"
            script = f"return app.integrations.replicate.models.{function(name)[10:]}({arguments})"
            assert lua.run(script, client=client, policy=everything())["success"]
            assert by_id(server.one()) == by_id(seen)
        found = lua.run("return replicate.get_account({}, {webhook = 'x'})", client=client, policy=everything())
        assert "takes one table of arguments" in found["error"]["message"]
    assert server.seen == []


@pytest.mark.usefixtures("added")
def test_a_job_that_ends_badly_is_an_error_and_one_that_goes_on_is_given(package: Any, server: Recorder) -> None:
    started = json.loads(prediction("text", None))
    with package.Replicate() as client:
        server.content = json.dumps({**started, "status": "failed", "error": "out of memory"}).encode()
        envelope = package.functions.call(client, "replicate_text", {"prompt": "x"}, policy=everything())
        assert envelope["error"]["type"] == "job_failed" and "out of memory" in envelope["error"]["message"]
        assert envelope["error"]["job"] == {"id": "p1", "status": "failed"} and not envelope["error"]["retryable"]
        server.content = json.dumps({**started, "status": "processing"}).encode()
        envelope = package.functions.call(
            client, "replicate_text", {"prompt": "x"}, options={"timeout": 0}, policy=everything()
        )
        assert envelope["success"] and envelope["data"]["id"] == "p1"
        assert envelope["meta"]["job"] == {"id": "p1", "status": "processing"}
    server.seen = []
