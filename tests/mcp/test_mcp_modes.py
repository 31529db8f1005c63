"""The modes with few tools, what is selected, and what each costs."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from typing import Any

import cli_harness
import pytest
from mcp import MCPError
from mcp.client.client import Client
from mcp_harness import EVERYTHING, environment, held, mocked, stdio
from replikit.functions import Policy, all_functions, document
from replikit.mcp import gateway, tools
from replikit.mcp.options import OptionError, Options
from replikit.mcp.server import make

WRITES = Policy.gateway(True, ["all"])


def size(value: Any) -> int:
    return len(json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode())


def test_budgets() -> None:
    def listed(**options: Any) -> int:
        return size({"tools": gateway.tools(Options(allowed=WRITES, **options))})

    assert listed(mode="meta") <= 1_400
    assert listed(mode="code") <= 2_500
    assert size({"tools": tools.tools(Options())}) <= 9_500
    assert size({"tools": tools.tools(Options(allowed=WRITES))}) <= 20_000
    assert len(document.index(all_functions().values()).encode()) <= 3_000
    for mode in ("tools", "meta", "code"):
        options = Options(mode=mode, allowed=WRITES, accounts=("home", "work"))
        assert len(tools.instructions(options).encode()) <= 1_500
    sizes = {name: size(document.brief(info)) for name, info in all_functions().items()}
    assert max(sizes.values()) <= 2_000, sizes


@pytest.mark.parametrize("era", ["auto", "legacy"])
@pytest.mark.parametrize("mode", ["meta", "code"])
def test_listing_is_fixed_and_annotated(mode: str, era: str) -> None:
    server = make(Options(mode=mode))
    lists = []
    for _ in range(2):
        with held(Client(server, mode=era)) as client:
            lists.append([each.model_dump(by_alias=True, exclude_none=True) for each in client.list_tools().tools])
    assert lists[0] == lists[1]
    names = [each["name"] for each in lists[0]]
    assert names == ["search", "describe", "call_read", *(["execute_lua"] if mode == "code" else [])]
    assert all({*each["annotations"]} == {"title", "readOnlyHint", "openWorldHint"} for each in lists[0])
    assert all(each["annotations"]["readOnlyHint"] for each in lists[0])


@pytest.fixture(scope="module")
def client() -> Iterator[Any]:
    with mocked(seconds=0.1) as env, held(stdio(env, "--mode=code", "--write=allow", "--allow=billed")) as found:
        yield found


def test_search_finds_and_lists(client: Any) -> None:
    everything = client.call_tool("search", {}).content[0].text
    assert len(everything.splitlines()) == 37
    found = client.call_tool("search", {"text": "cancel prediction"}).content[0].text
    assert found.startswith("cancel_prediction [write, destructive]:")
    assert "No matches" in client.call_tool("search", {"text": "zebra"}).content[0].text


@pytest.mark.parametrize("name", ["replicate_get_model", "get_model", "models.get", "replicate.get_model"])
def test_describe_takes_every_name(client: Any, name: str) -> None:
    shown = json.loads(client.call_tool("describe", {"function": name}).content[0].text)
    assert shown["function"] == "replicate_get_model"
    assert shown["arguments"]["required"] == ["model_owner", "model_name"]


def test_call_read_and_call_write_keep_apart(client: Any) -> None:
    read = client.call_tool("call_read", {"function": "list_models", "limit": 1, "fields": "name"})
    assert list(read.structured_content["results"][0]) == ["name"]
    wrong = client.call_tool("call_read", {"function": "create_model", "arguments": {}}).structured_content["error"]
    assert wrong["expected"] == {"tool": "call_write"}
    refused = client.call_tool("call_write", {"function": "delete_model", "arguments": {}}).structured_content["error"]
    assert (refused["type"], "--allow destructive" in refused["hint"]) == ("policy", True)
    unknown = client.call_tool("call_read", {"function": "list_model"}).structured_content["error"]
    assert "replicate_list_models" in unknown["nearest"]
    with pytest.raises(MCPError, match="it is a function: call_read calls it, with function=replicate_list_models"):
        client.call_tool("replicate_list_models", {})
    inside = {"function": "list_models", "arguments": {"fields": "name"}}
    misplaced = client.call_tool("call_read", inside).structured_content["error"]
    assert (misplaced["parameter"], misplaced["expected"]) == ("fields", {"type": "string"})
    assert "next to `arguments`" in misplaced["message"]
    own = {"function": "search", "arguments": {"query": "hello", "limit": 1}}
    assert not client.call_tool("call_read", own).is_error
    query = {"function": "search_models", "arguments": {"query": "hello"}}
    assert not client.call_tool("call_read", query).is_error  # the API takes the text as the body
    missing = client.call_tool("call_read", {"arguments": {}}).structured_content["error"]
    assert missing["parameter"] == "function"
    run = {"version": "replicate/hello-world", "input": {"text": "Ada"}, "wait": 10}
    made = client.call_tool("call_write", {"function": "create_prediction", "arguments": run})
    assert made.structured_content["status"] == "succeeded"
    tried = client.call_tool("call_write", {"function": "create_prediction", "arguments": run, "dry_run": True})
    assert tried.structured_content["method"] == "POST"


def test_lua_calls_and_keeps_to_the_policy(client: Any) -> None:
    code = """
        local app_ = app.integrations.replicate
        print(#app_.list_models{}.results)
        local ok, problem = pcall(app_.delete_model, {model_owner = "acme", model_name = "brush"})
        return {ok = ok, policy = tostring(problem)}
    """
    answer = client.call_tool("execute_lua", {"code": code})
    assert not answer.is_error, answer
    assert answer.structured_content["output"].strip() == "4"
    assert answer.structured_content["result"]["ok"] is False
    assert "destructive" in answer.structured_content["result"]["policy"]
    broken = client.call_tool("execute_lua", {"code": "return nil .. 1"})
    assert broken.is_error


def test_script_does_what_its_description_says(client: Any) -> None:
    (what,) = [each.description for each in client.list_tools().tools if each.name == "execute_lua"]
    for name in ("pages(", "wait(", "dump(", "docs.search", "docs.read", "json.encode/decode"):
        assert name in what
    code = """
        local api, count = app.integrations.replicate, 0
        for model in api.pages("list_models", {}) do count = count + 1 end
        local job = api.wait(api.create_prediction{version = "replicate/hello-world", input = {text = "Ada"}})
        dump({count = count, status = job.status})
        print(docs.search("cancel predictions")[1].name, docs.read("get_model").name)
        return json.decode(json.encode({1}))
    """
    answer = client.call_tool("execute_lua", {"code": code}).structured_content
    assert answer["success"] and answer["result"] == [1], answer
    for part in ("count", "4", "succeeded", "cancel_prediction", "replicate_get_model"):
        assert part in answer["output"], answer["output"]


def test_lua_tells_progress(client: Any) -> None:
    told: list[str] = []

    async def hear(progress: float, total: float | None, message: str | None) -> None:
        told.append(message or "")

    client.call_tool("execute_lua", {"code": 'print("half way") print("done")'}, progress_callback=hear)
    assert [text.strip() for text in told] == ["half way", "done"]


def names(**options: Any) -> set[str]:
    return set(Options(allowed=WRITES, **options).listed)


def test_selection() -> None:
    assert names(functions=("replicate_list_*",)) == {n for n in all_functions() if n.startswith("replicate_list_")}
    assert names(functions=("predictions.*",)) == {
        "replicate_create_prediction",
        "replicate_get_prediction",
        "replicate_list_predictions",
        "replicate_cancel_prediction",
    }
    assert names(groups=("files",)) >= {"replicate_get_file", "replicate_download_file"}
    assert "replicate_get_model_version" in names(groups=("models",))
    assert names(groups=("files",), exclude=("*delete*",)).isdisjoint({"replicate_delete_file"})
    assert len(names(exclude=("replicate_search",))) == 36
    for wrong in ({"functions": ("list_modles",)}, {"groups": ("modles",)}, {"exclude": ("zebra*",)}):
        with pytest.raises(OptionError) as caught:
            _ = Options(allowed=WRITES, **wrong).listed  # type: ignore[arg-type]
        assert caught.value.hint


def test_what_was_not_selected_cannot_be_called_in_lua_either() -> None:
    with mocked() as env, held(stdio(env, "--mode=code", "--groups=files", *EVERYTHING)) as client:
        answer = client.call_tool("execute_lua", {"code": "return app.integrations.replicate.get_account{}"})
        assert answer.is_error
        assert "not selected" in answer.content[0].text
        error = client.call_tool("call_read", {"function": "get_account"}).structured_content["error"]
        assert error["type"] == "policy"
        assert "get_account" not in client.call_tool("search", {}).content[0].text


def test_output_schemas_are_listed_on_request() -> None:
    listed = {each["name"]: each for each in tools.tools(Options(output_schemas=True))}
    assert listed["replicate_list_models"]["outputSchema"]["type"] == "object"
    assert not any("outputSchema" in each for each in tools.tools(Options()))


def run(*arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    return cli_harness.run("mcp", *arguments, env=environment(more), text=True)


def test_tools_command_tells_the_cost() -> None:
    shown = run("tools", "--mode=meta").stdout.splitlines()
    assert shown[0].split() == ["tool", "bytes", "tokens"]
    assert [line.split()[0] for line in shown[1:]] == ["search", "describe", "call_read", "all"]
    whole = json.loads(run("tools", "--json", "--write=allow").stdout)
    assert len(whole["tools"]) == 37


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("tools", "--functions", "modles.get"), "replicate_get_model"),
        (("tools", "--groups", "zebra"), "the groups are"),
        (("serve", "--allow", "money"), "billed, destructive, secret or all"),
        (("serve", "--http", "0.0.0.0:8000"), "--auth caller"),
        (("serve", "--http", "nowhere"), "HOST:PORT"),
        (("config", "codex", "--wirte=allow"), "--write"),
        (("config", "codx"), "codex"),
        (("serve", "--http", "127.0.0.1:0", "--auth", "shared"), "REPLIKIT_MCP_SECRET"),
    ],
)
def test_wrong_flags_are_told(arguments: tuple[str, ...], told: str) -> None:
    done = run(*arguments)
    assert done.returncode == 2
    assert told in done.stderr
    assert "Traceback" not in done.stderr
