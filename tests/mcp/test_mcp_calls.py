"""Every function through every connection, in both eras: valid by its output schema, equal to the client's answer."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import jsonschema
import pytest
from hanging import HANGS
from mcp.client.client import Client
from mcp.shared.exceptions import MCPError
from mcp_harness import API, ERAS, EVERYTHING, held, listening, mocked, over_http, runs, stdio

pytestmark = pytest.mark.long

ORDER = sorted(API.functions, key=lambda f: (f.destructive, f.access == "write"))
"""What reads first, what destroys last: so each finds what it speaks of."""
_OWN_MAKING = {"id", "created_at", "started_at", "completed_at", "urls", "metrics", "logs", "deadline", "expires_at"}
"""Fields that differ from one call to the next of what creates."""


@contextmanager
def connected(kind: str, env: dict[str, str], era: str, *flags: str) -> Iterator[Any]:
    if kind == "in process":
        from replikit.functions import Policy
        from replikit.mcp.options import Options
        from replikit.mcp.server import make

        options = Options(allowed=Policy.everything(), output_schemas="--output-schemas" in flags)
        with pytest.MonkeyPatch.context() as patch:
            for name, value in env.items():
                patch.setenv(name, value)
            with held(Client(make(options), mode=era)) as client:
                yield client
    elif kind == "stdio":
        with held(stdio(env, *EVERYTHING, *flags, era=era)) as client:
            yield client
    else:
        with listening(env, *EVERYTHING, *flags) as url, held(over_http(url, era=era)) as client:
            yield client


def python_answers(env: dict[str, str]) -> dict[str, Any]:
    """What the Python client gives for every function's first example, as JSON has it."""
    from replikit import Replicate, functions

    with Replicate(env[API.token_env], base_url=env[API.base_url_env]) as client:
        everything = functions.Policy.everything()
        return {f.name: functions.call(client, f.name, dict(f.examples[0].arguments), policy=everything) for f in ORDER}


def same(value: Any, moving: bool) -> Any:
    """The value without what the mock makes up anew for each call."""
    if isinstance(value, dict):
        return {k: same(v, moving) for k, v in value.items() if not (moving and k in _OWN_MAKING)}
    if isinstance(value, list):
        return [same(item, moving) for item in value]
    return value


@pytest.fixture(scope="module")
def expected() -> dict[str, Any]:
    with mocked(seconds=0.05) as env:
        return python_answers(env)


@cache
def judge(schema: str) -> jsonschema.Draft202012Validator:
    """Once for all servers that list the same."""
    read = json.loads(schema)
    jsonschema.Draft202012Validator.check_schema(read)
    return jsonschema.Draft202012Validator(read)


@pytest.mark.parametrize("era", ERAS)
@pytest.mark.parametrize("kind", ["in process", "stdio", "http"])
def test_every_function_answers_as_the_client_does(kind: str, era: str, expected: dict[str, Any]) -> None:
    with mocked(seconds=0.05) as env, connected(kind, env, era, "--output-schemas") as client:
        schemas = {tool.name: tool.output_schema for tool in client.list_tools().tools}
        assert len(schemas) == 37
        for function in ORDER:
            answer = client.call_tool(function.name, dict(function.examples[0].arguments))
            right = expected[function.name]
            structured = answer.structured_content
            assert json.loads(answer.content[0].text) == structured, function.name
            assert answer.is_error is not right["success"], (function.name, structured)
            if answer.is_error:
                assert structured["error"]["status"] == right["error"]["status"] in (404, 409), function.name
                continue
            judge(json.dumps(schemas[function.name])).validate(structured)
            data = structured if isinstance(right["data"], dict) else structured["result"]
            moving = function.access == "write" or bool(function.job) or function.page is not None
            ours, theirs = same(data, moving), same(right["data"], moving)
            base = env[API.base_url_env].rpartition(":")[0]
            assert without_port(ours) == without_port(theirs), (function.name, base)


def without_port(value: Any) -> str:
    """The value with the addresses of two mocks as one."""
    import re

    return re.sub(r"127\.0\.0\.1:\d+", "mock", json.dumps(value, sort_keys=True))


@pytest.fixture(scope="module")
def env() -> Iterator[dict[str, str]]:
    with mocked(seconds=0.3) as found:
        yield found


@pytest.fixture(scope="module")
def client(env: dict[str, str]) -> Iterator[Any]:
    with connected("stdio", env, "legacy") as found:
        yield found


def test_unknown_tool_is_an_error_of_the_protocol(client: Any) -> None:
    with pytest.raises(MCPError) as caught:
        client.call_tool("replicate_get_modell", {})
    assert caught.value.code == -32602
    assert caught.value.data["nearest"][0] == "replicate_get_model"


def test_dry_run_shows_the_request_and_sends_nothing(client: Any, env: dict[str, str]) -> None:
    before = client.call_tool("replicate_list_models", {}).structured_content
    arguments = {"owner": "acme", "name": "dry", "visibility": "private", "hardware": "cpu", "dry_run": True}
    answer = client.call_tool("replicate_create_model", arguments)
    request = answer.structured_content
    assert (request["method"], request["body"]["name"]) == ("POST", "dry")
    assert request["headers"]["Authorization"] == f"Bearer ${API.token_env}"
    assert env[API.token_env] not in answer.content[0].text
    assert client.call_tool("replicate_list_models", {}).structured_content == before


def test_fields_limit_and_cursor_walk_a_list() -> None:
    with mocked(page_size=2) as env, connected("stdio", env, "auto") as client:
        whole: list[Any] = []
        seen: dict[str, Any] = client.call_tool("replicate_list_models", {}).structured_content
        while True:
            whole += seen["results"]
            if not seen["next"]:
                break
            seen = client.call_tool("replicate_list_models", {"cursor": seen["next"]}).structured_content
        assert len(whole) >= 4
        found: list[Any] = []
        cursor = ""
        for _ in range(20):
            part = client.call_tool("replicate_list_models", {"limit": 1, "cursor": cursor}).structured_content
            assert len(part["results"]) == 1
            found += part["results"]
            cursor = part.get("truncated", {}).get("cursor") or part["next"]
            if not cursor:
                break
        assert [(each["owner"], each["name"]) for each in found] == [(each["owner"], each["name"]) for each in whole]
        wish = {"model_owner": "replicate", "model_name": "hello-world", "fields": "owner,latest_version.id"}
        picked = client.call_tool("replicate_get_model", wish).structured_content
        assert set(picked) == {"owner", "latest_version"} and set(picked["latest_version"]) == {"id"}
        misspelt = client.call_tool("replicate_get_model", {**wish, "fields": "onwer"}).structured_content["error"]
        assert (misspelt["parameter"], misspelt["nearest"]) == ("fields", ["owner"])
        assert "latest_version" in misspelt["expected"]["properties"]


@pytest.mark.parametrize(
    "cursor",
    ["https://evil.example/v1/models", "/v1/webhooks/default/secret", "#x", "http://127.0.0.1:1/v1/models", "#-1"],
)
def test_cursor_leads_nowhere_else(client: Any, cursor: str) -> None:
    answer = client.call_tool("replicate_list_models", {"cursor": cursor})
    assert answer.is_error
    assert "whsec" not in answer.content[0].text


def test_misspelt_own_argument_is_named(client: Any) -> None:
    error = client.call_tool("replicate_list_models", {"limits": 3}).structured_content["error"]
    assert (error["parameter"], error["nearest"]) == ("limits", ["limit"])
    error = client.call_tool("replicate_list_models", {"limit": "3"}).structured_content["error"]
    assert (error["parameter"], error["expected"]["type"]) == ("limit", "integer")


def test_file_comes_with_a_link_that_can_be_read(client: Any) -> None:
    example = next(f for f in API.functions if f.result.kind == "binary").examples[0]
    answer = client.call_tool("replicate_download_file", dict(example.arguments))
    (link,) = [block for block in answer.content if block.type == "resource_link"]
    (blob,) = client.read_resource(link.uri).contents
    assert blob.blob == answer.structured_content["data"]


def test_text_and_nothing_are_answers(client: Any) -> None:
    readme = next(f for f in API.functions if f.result.kind == "text")
    assert isinstance(
        client.call_tool(readme.name, dict(readme.examples[0].arguments)).structured_content["result"], str
    )
    made = {"owner": "acme", "name": "short-lived", "visibility": "private", "hardware": "cpu"}
    assert not client.call_tool("replicate_create_model", made).is_error
    gone = client.call_tool("replicate_delete_model", {"model_owner": "acme", "model_name": "short-lived"})
    assert gone.structured_content == {"result": None}


RUN = {"version": "replicate/hello-world", "input": {"text": "Ada"}}


@pytest.mark.parametrize(
    ("kind", "era"),
    [("in process", "legacy"), ("stdio", "legacy"), ("stdio", "auto"), ("http", "legacy"), ("http", "auto")],
)
def test_wait_tells_progress(kind: str, era: str, env: dict[str, str]) -> None:
    told: list[tuple[float, str]] = []

    async def hear(progress: float, total: float | None, message: str | None) -> None:
        told.append((progress, message or ""))

    def waited_for(answer: Any) -> None:
        assert answer.structured_content["status"] == "succeeded"
        assert [message for _, message in told][-1] == "succeeded"
        assert [share for share, _ in told] == sorted({share for share, _ in told})
        assert told[-1][0] == 1.0
        told.clear()

    with connected(kind, env, era) as client:
        waited_for(client.call_tool("replicate_create_prediction", {**RUN, "wait": 20}, progress_callback=hear))
        # One that somebody has started already is waited for in the same way.
        run = client.call_tool("replicate_create_prediction", RUN).structured_content
        named = {"prediction_id": run["id"], "wait": 60}
        waited_for(client.call_tool("replicate_get_prediction", named, progress_callback=hear))
        # What is no job has none.
        error = client.call_tool("replicate_get_account", {"wait": 1}).structured_content["error"]
        assert error["parameter"] == "wait"


def test_in_process_in_the_current_era_the_sdk_does_not_say_who_listens(env: dict[str, str]) -> None:
    """It passes the callback on beside the message, without the token by which a server knows that one is there.

    To look at a run again and again for nobody would cost calls: it is held open in one request, and ends the same.
    """
    told: list[Any] = []

    async def hear(*progress: Any) -> None:
        told.append(progress)

    with connected("in process", env, "auto") as client:
        answer = client.call_tool("replicate_create_prediction", {**RUN, "wait": 20}, progress_callback=hear)
    assert answer.structured_content["status"] == "succeeded"
    assert told == []


def test_wait_that_is_over_gives_the_unfinished_run() -> None:
    async def hear(*_: Any) -> None:
        return None

    with mocked(seconds=3600) as env, connected("stdio", env, "legacy") as client:
        answer = client.call_tool("replicate_create_prediction", {**RUN, "wait": 1}, progress_callback=hear)
        assert not answer.is_error
        assert answer.structured_content["status"] in ("starting", "processing")
        named = {"prediction_id": answer.structured_content["id"], "wait": 1}
        again = client.call_tool("replicate_get_prediction", named)
        assert again.structured_content["status"] in ("starting", "processing")
        stopped = client.call_tool("replicate_cancel_prediction", {"prediction_id": named["prediction_id"]})
        assert stopped.structured_content["status"] in ("canceled", "aborted")


# Over stateless HTTP a host of the handshake era has no way to say which call it means: its notice is another request,
# which may reach another process.
@pytest.mark.parametrize(("kind", "era"), [("stdio", "legacy"), ("stdio", "auto"), ("http", "auto")])
@pytest.mark.parametrize("listens", [True, False])
def test_taking_the_call_back_cancels_the_run(kind: str, era: str, listens: bool) -> None:
    """With progress the run is known and ends at once; without, as soon as its answer tells what it is called."""
    import anyio

    run = {**RUN, "input": {"text": "Taken back"}}

    async def work(env: dict[str, str], url: str) -> None:
        async def hear(*_: Any) -> None:
            started.set()

        started = anyio.Event()
        context = over_http(url, era=era) if url else stdio(env, *EVERYTHING, era=era)
        with anyio.fail_after(HANGS):
            async with context as client:
                wait = 60 if listens else 2
                with anyio.CancelScope() as scope:
                    async with anyio.create_task_group() as group:
                        more = {"progress_callback": hear} if listens else {}
                        group.start_soon(
                            lambda: client.call_tool("replicate_create_prediction", {**run, "wait": wait}, **more)
                        )
                        if listens:
                            await started.wait()
                        while not await anyio.to_thread.run_sync(runs, env, "Taken back"):
                            await anyio.sleep(0.02)
                        scope.cancel()
                while not {"canceled", "aborted"} & (states := runs(env, "Taken back")).keys():
                    assert not states["succeeded"]
                    await anyio.sleep(0.05)

    with mocked(seconds=3600) as env:
        if kind == "http":
            with listening(env, *EVERYTHING) as url:
                anyio.run(work, env, url)
        else:
            anyio.run(work, env, "")


def test_accounts_are_an_argument_where_there_are_several(tmp_path: Any) -> None:
    with mocked(token="first-token") as one, mocked(token="second-token") as two:
        accounts = {
            "first": {"token": "first-token", "base_url": one[API.base_url_env]},
            "second": {
                "token": "second-token",
                "base_url": two[API.base_url_env],
                "permissions": {"destructive": "deny"},
            },
        }
        path = tmp_path / "config.json"
        path.touch(0o600)
        path.write_text(json.dumps({"account": "first", "accounts": accounts}))
        with connected("stdio", {"REPLIKIT_CONFIG": str(path)}, "auto") as client:
            properties = client.list_tools().tools[0].input_schema["properties"]
            assert properties["account"] == {"type": "string", "enum": ["first", "second"]}
            made = {"owner": "acme", "name": "twin", "visibility": "private", "hardware": "cpu", "account": "second"}
            assert not client.call_tool("replicate_create_model", made).is_error
            asked = {"model_owner": "acme", "model_name": "twin"}
            assert client.call_tool("replicate_get_model", asked).structured_content["error"]["status"] == 404
            assert not client.call_tool("replicate_get_model", {**asked, "account": "second"}).is_error
            wrong = client.call_tool("replicate_get_model", {**asked, "account": "third"}).structured_content["error"]
            assert wrong["parameter"] == "account" and wrong["expected"]["enum"] == ["first", "second"]
            denied = client.call_tool("replicate_delete_model", {**asked, "account": "second"}).structured_content
            assert denied["error"]["type"] == "policy" and "permissions.destructive" in denied["error"]["hint"]
        with held(stdio({"REPLIKIT_CONFIG": str(path)}, "--mode=code", *EVERYTHING)) as client:
            arguments = '{model_owner = "acme", model_name = "twin"}'
            code = f"local api = app.integrations.replicate return api.second.get_model{arguments}.name"
            assert client.call_tool("execute_lua", {"code": code}).structured_content["result"] == "twin"
            denied = client.call_tool("execute_lua", {"code": code.replace("get_model", "delete_model")})
            assert denied.is_error and "permissions.destructive" in denied.content[0].text


def test_policy_names_the_flag_and_a_missing_token_its_variable(env: dict[str, str]) -> None:
    with held(stdio(env)) as client:
        assert len(client.list_tools().tools) == 22
        for name, flag in (
            ("replicate_get_default_webhook_secret", "--allow secret"),
            ("replicate_delete_model", "--write=allow"),
        ):
            example = API.function(name).examples[0].arguments
            error = client.call_tool(name, dict(example)).structured_content["error"]
            assert (error["type"], flag in error["hint"]) == ("policy", True)
    with held(stdio({API.base_url_env: env[API.base_url_env]})) as client:
        error = client.call_tool("replicate_get_account", {}).structured_content["error"]
        assert API.token_env in error["hint"]
    assert os.environ.get(API.token_env, "") not in ("mock-token",)
