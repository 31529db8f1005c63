"""What an owner and a server's flags forbid holds in scripts exactly as it does for tools."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from mcp_harness import EVERYTHING, held, stdio
from recorder import Recorder, recorder
from replikit.functions import all_functions

CLASSES = {
    "read": "replicate_get_account",
    "write": "replicate_update_model",
    "billed": "replicate_create_prediction",
    "destructive": "replicate_delete_model",
    "secret": "replicate_get_default_webhook_secret",
}
"""A function of each class."""
SCRIPT = """
    local asked = json.decode(%s)
    local ok, problem = pcall(app.integrations.replicate[asked.account][asked.name], asked.arguments)
    return {ok = ok, policy = not ok and problem.type == "policy", hint = not ok and problem.hint or nil}
"""


def configured(folder: Path, server: Recorder, **permissions: dict[str, str]) -> dict[str, str]:
    """The environment of a server whose accounts have these permissions, the first of them the chosen one."""
    accounts = {
        name: {"token": "of-the-account", "base_url": server.base_url, "permissions": each}
        for name, each in permissions.items()
    }
    path = folder / "config.json"
    path.touch(0o600)
    path.write_text(json.dumps({"account": next(iter(accounts)), "accounts": accounts}))
    return {"REPLIKIT_CONFIG": str(path)}


def called(client: Any, name: str, account: str) -> dict[str, Any]:
    """What a script says of a function's first example, called with an account."""
    arguments = {"name": name, "account": account, "arguments": dict(all_functions()[name].examples[0]["arguments"])}
    answer = client.call_tool("execute_lua", {"code": SCRIPT % f"[==[{json.dumps(arguments)}]==]"})
    assert not answer.is_error, answer
    found: dict[str, Any] = answer.structured_content["result"]
    return found


@pytest.mark.parametrize("said", ["deny", "ask", "allow"])
def test_owner_s_word_is_the_same_for_tools_and_scripts(said: str, tmp_path: Path) -> None:
    """An account for each class, of which this is said. `ask` is a question to a person at a terminal: the flag that the
    server was started with has answered it."""
    with recorder() as server:
        server.content = b'{"id": "p1"}'
        env = configured(tmp_path, server, **{each: {each: said} for each in CLASSES})
        with held(stdio(env, *EVERYTHING)) as tools, held(stdio(env, "--mode=code", *EVERYTHING)) as scripts:
            for policy_class, name in CLASSES.items():
                arguments = dict(all_functions()[name].examples[0]["arguments"])
                before = len(server.seen)
                given = {**arguments, "account": policy_class}
                tool = tools.call_tool(name, given).structured_content
                sent = len(server.seen)
                script = called(scripts, name, policy_class)
                given = {"function": name, "arguments": arguments, "account": policy_class}
                generic = scripts.call_tool(f"call_{all_functions()[name].type}", given).structured_content
                if said == "deny":
                    hints = {tool["error"]["hint"], script["hint"], generic["error"]["hint"]}
                    assert len(hints) == 1 and f"permissions.{policy_class}" in hints.pop()
                    assert script["policy"] and len(server.seen) == before
                else:
                    assert "error" not in tool and script["ok"] and "error" not in generic, policy_class
                    assert (sent, len(server.seen)) == (before + 1, before + 3)


def test_owner_s_word_holds_for_runs_waits_and_pages(tmp_path: Path) -> None:
    code = """
        local api, said = app.integrations.replicate, {}
        local function try(name, f, ...)
          local ok, problem = pcall(f, ...)
          said[name] = not ok and problem.type == "policy" or tostring(problem)
        end
        local job = {id = "p", status = "starting", urls = {get = "x"}}
        try("run", api.run, "replicate/hello-world", {text = "A"})
        try("cancel", api.wait, job, {cancel = true, of = "get_prediction"})
        return said
    """
    with recorder() as server:
        env = configured(tmp_path, server, mine={"billed": "deny", "destructive": "deny"})
        with held(stdio(env, "--mode=code", *EVERYTHING)) as client:
            answer = client.call_tool("execute_lua", {"code": code})
        assert answer.structured_content["result"] == {"run": True, "cancel": True}, answer
        assert not server.seen
        denied = configured(tmp_path, server, mine={"read": "deny"})
        with held(stdio(denied, "--mode=code", *EVERYTHING)) as client:
            code = "for each in app.integrations.replicate.pages('list_models', {}) do return each end"
            answer = client.call_tool("execute_lua", {"code": code})
        assert answer.is_error and "permissions.read" in answer.content[0].text
        assert not server.seen


@pytest.mark.parametrize("flags", [("--allow=all",), ("--write=deny", "--allow=billed,destructive,secret")])
def test_read_only_wins_in_scripts_whatever_else_is_allowed(flags: tuple[str, ...], tmp_path: Path) -> None:
    """Also over an owner who allows everything."""
    writing = [info.name for info in all_functions().values() if info.type == "write"]
    assert len(writing) == 15
    with recorder() as server:
        env = configured(tmp_path, server, mine=dict.fromkeys(("write", "billed", "destructive", "secret"), "allow"))
        with held(stdio(env, "--mode=code", *flags)) as client:
            assert "call_write" not in [each.name for each in client.list_tools().tools]
            for name in writing:
                said = called(client, name, "default")
                assert said["policy"] and "--write=allow" in said["hint"], (name, said)
            for call in (
                "run('replicate/hello-world', {})",
                "wait({id = 'p', status = 'starting'}, {cancel = true, of = 'get_prediction'})",
            ):
                answer = client.call_tool("execute_lua", {"code": f"return app.integrations.replicate.{call}"})
                assert answer.is_error and "--write=allow" in answer.content[0].text, (call, answer)
            assert not server.seen
            assert called(client, CLASSES["secret"], "default")["ok"]
        server.one()
