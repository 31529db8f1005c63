"""Calls that hosts poll, and what is logged of them: by the older era's wish, and by the newer one's extension, on whatever way a host comes.

What is right is the protocol's own text: `tasks` of 2025-11-25, and the extension's of 2026-07-28. Its suite is asked in
`test_mcp_protocol`.
"""

from __future__ import annotations

import json
import threading
from typing import Any, Literal

import anyio
import mcp_types as types
import pytest
from mcp import MCPError
from mcp.client.client import Client
from mcp.client.extension import ClaimContext, ClientExtension, ResultClaim
from mcp_harness import API, ERAS, listening, mocked, over_http
from pydantic import ConfigDict
from test_mcp_protocol import Pipe, piped, silent

pytestmark = pytest.mark.long

LOOK = {"name": "replicate_get_prediction", "arguments": {"prediction_id": "p1"}}
"""The API is silent until it is told to speak: whoever is answered before did not wait for it."""


def answered(pipe: Pipe, method: str, params: Any) -> Any:
    answer = pipe.answer(pipe.send(method, params))
    return answer.get("result", answer.get("error"))


def test_a_host_that_wants_a_task_polls_and_gets_what_the_call_would_have_given() -> None:
    with silent() as (env, speak), piped(env, revision="2025-11-25") as pipe:
        listed = {tool["name"]: tool for tool in answered(pipe, "tools/list", {})["tools"]}
        assert listed["replicate_get_prediction"]["execution"] == {"taskSupport": "optional"}
        assert "execution" not in listed["replicate_get_account"]
        refused = answered(pipe, "tools/call", {"name": "replicate_get_account", "arguments": {}, "task": {}})
        assert refused["code"] == types.METHOD_NOT_FOUND

        task = answered(pipe, "tools/call", {**LOOK, "task": {"ttl": 60_000}})["task"]
        types.CreateTaskResult.model_validate({"task": task})
        assert (task["status"], task["ttl"]) == ("working", 60_000)
        named = {"taskId": task["taskId"]}
        assert answered(pipe, "tasks/get", named)["status"] == "working"
        assert [each["taskId"] for each in answered(pipe, "tasks/list", {})["tasks"]] == [task["taskId"]]
        waiting = pipe.send("tasks/result", named)

        gone = {"taskId": answered(pipe, "tools/call", {**LOOK, "task": {}})["task"]["taskId"]}
        assert answered(pipe, "tasks/cancel", gone)["status"] == "cancelled"
        assert answered(pipe, "tasks/cancel", gone)["code"] == types.INVALID_PARAMS
        assert answered(pipe, "tasks/get", {"taskId": "none"})["code"] == types.INVALID_PARAMS

        speak.set()
        found = pipe.answer(waiting)["result"]
        assert found["_meta"]["io.modelcontextprotocol/related-task"] == named
        direct = answered(pipe, "tools/call", LOOK)
        assert {key: value for key, value in found.items() if key != "_meta"} == direct
        assert answered(pipe, "tasks/get", named)["status"] == "completed"
        # What is wrong with a call is the task's end: the older era calls that a failure of the task.
        wrong = {**LOOK, "arguments": {"prediction_id": 7}, "task": {}}
        failed = {"taskId": answered(pipe, "tools/call", wrong)["task"]["taskId"]}
        assert answered(pipe, "tasks/result", failed)["structuredContent"]["error"]["parameter"] == "prediction_id"
        status = answered(pipe, "tasks/get", failed)
        assert status["status"] == "failed" and "prediction_id" in status["statusMessage"]


class Named(types.RequestParams):
    task_id: str


class Get(types.Request[Named, Literal["tasks/get"]]):
    method: Literal["tasks/get"] = "tasks/get"
    params: Named
    name_param = "taskId"


class Detailed(types.Result):
    model_config = ConfigDict(extra="allow")


class Created(types.Result):
    result_type: Literal["task"] = "task"
    task_id: str
    status: str


class Polling(ClientExtension):
    """The extension as a host has it: it polls until the task has ended."""

    identifier = "io.modelcontextprotocol/tasks"

    def __init__(self, speak: Any) -> None:
        self._speak = speak
        self.seen: list[str] = []

    def claims(self) -> list[ResultClaim[Created]]:
        return [ResultClaim(result_type="task", model=Created, resolve=self.poll)]

    async def poll(self, created: Created, context: ClaimContext) -> types.CallToolResult:
        while True:
            got = await context.session.send_request(Get(params=Named(task_id=created.task_id)), Detailed)
            found: Any = got.model_extra
            self.seen.append(found["status"])
            if found["status"] != "working":
                return types.CallToolResult.model_validate(found["result"])
            self._speak.set()


async def code_of(client: Client, task: str) -> int:
    """The error that a host gets which asks for this task."""
    with pytest.raises(MCPError) as refused:
        await client.session.send_request(Get(params=Named(task_id=task)), Detailed)
    return refused.value.code


def test_a_call_becomes_a_task_for_a_host_with_the_extension_and_for_no_other() -> None:
    async def talk(url: str, speak: threading.Event) -> None:
        polling = Polling(speak)
        async with over_http(url, era="2026-07-28", extensions=[polling]) as host:
            answer = await host.call_tool(LOOK["name"], LOOK["arguments"])
            assert json.loads(answer.content[0].text) == {"result": []} and not answer.is_error
            assert polling.seen[0] == "working" and polling.seen[-1] == "completed"
            # What is wrong is told before anything is begun, and needs no task.
            count = len(polling.seen)
            assert (await host.call_tool(LOOK["name"], {"prediction_id": 7})).is_error and len(polling.seen) == count
            assert await code_of(host, "none") == types.INVALID_PARAMS
        async with over_http(url, era="2026-07-28") as host:
            assert not (await host.call_tool(LOOK["name"], LOOK["arguments"])).is_error
            assert await code_of(host, "none") == types.MISSING_REQUIRED_CLIENT_CAPABILITY

    with silent() as (env, speak), listening(env, "--task-after=0.001") as url:
        anyio.run(talk, url, speak)


@pytest.mark.parametrize("era", ERAS)
def test_a_host_hears_what_is_logged_of_its_calls_where_it_asked_for_it(era: str, monkeypatch: Any) -> None:
    from replikit.mcp.options import Options
    from replikit.mcp.server import make

    heard: list[types.LoggingMessageNotificationParams] = []

    async def hear(line: types.LoggingMessageNotificationParams) -> None:
        heard.append(line)

    async def talk() -> None:
        async with Client(make(Options()), mode=era, logging_callback=hear) as host:
            await host.call_tool("replicate_list_hardware")
            assert heard == []
            meta: Any = {}
            if era == "legacy":
                assert host.server_capabilities.logging is not None
                level = types.SetLevelRequest(params=types.SetLevelRequestParams(level="info"))
                await host.session.send_request(level, types.EmptyResult)
            else:
                meta = {"io.modelcontextprotocol/logLevel": "info"}
            await host.call_tool("replicate_list_hardware", meta=meta)

    with mocked() as env:
        for name, value in env.items():
            monkeypatch.setenv(name, value)
        anyio.run(talk)
    told = "\n".join(str(line.data) for line in heard)
    assert "GET" in told and "/hardware 200" in told and "replicate_list_hardware: ok" in told
    assert {line.level for line in heard} == {"info"} and env[API.token_env] not in told
