"""Each bound of a script is reached, by the option that sets it, and its message names both."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from dataclasses import fields
from typing import Any

import httpx
import pytest
from hanging import HANGS
from lua_stub import BASE_URL, Api, client, run
from mcp_harness import held, stdio
from replikit import Replicate, functions, lua
from replikit.functions import searching
from replikit.lua.limits import CEILINGS, STOPS
from replikit.lua.messages import Message, ProtocolError
from test_lua_command import cli, recorder

# A limit, set small; a script that reaches it; words of the message.
REACHED: dict[str, tuple[str, str, str]] = {
    "wall": ("0.5", "replicate.list_hardware{}", "longer than 0.5 s"),
    "cpu": ("0.2", "while true do end", "0.2 s of CPU time"),
    "memory": ("8M", "local t = {} while true do t[#t + 1] = ('x'):rep(100000) .. #t end", "8388608 bytes of memory"),
    "code": ("20", "print('before') " + "-" * 20, "larger than 20 bytes"),
    "output": ("1K", "print(('x'):rep(2000))", "more than 1024 bytes"),
    "events": ("50", "for i = 1, 51 do progress(0.5) end", "more than 50 times"),
    "calls": ("3", "for i = 1, 4 do docs.read('get_account') end", "more than 3 calls"),
    "call_bytes": ("2K", "replicate.get_model{model_owner = ('x'):rep(2000), model_name = 'x'}", "larger than 2048 bytes"),
    "values": ("10", "replicate.create_prediction{version = 'v', input = {a = {1, 2, 3, 4, 5, 6, 7, 8, 9}}}", "more than 10 values"),
    "answer_bytes": ("20", "return replicate.get_account{}", "a script may receive 20"),
    "query": ("9", "return docs.search('ten letters')", "it may have 9"),
}  # fmt: skip


def limited(code: str, *settings: str) -> dict[str, Any]:
    limits = lua.Limits(wall=120, cpu=2).changed(settings)
    with client(Api()) as made:
        envelope: dict[str, Any] = lua.run(code, client=made, limits=limits, policy=functions.Policy.everything())
    return envelope


@pytest.mark.parametrize("name", REACHED)
def test_each_limit_is_reached_and_named(name: str) -> None:
    text, code, words = REACHED[name]
    error = limited(code, f"{name}={text}")["error"]
    assert words in error["message"], error
    assert error.get("limit") == (name if name in STOPS else None)
    assert f"--limit {name}=NUMBER" in error["hint"] and f"Limits({name}=NUMBER)" in error["hint"]
    assert name in ("cpu", "memory") or limited(code)["error"] is None, "a script within it ends well"


def test_every_limit_is_reached_here() -> None:
    assert {field.name for field in fields(lua.Limits)} == CEILINGS.keys()
    assert CEILINGS.keys() - REACHED.keys() == {"concurrency"}, "which is reached in test_lua_host"


@pytest.mark.parametrize("name", ["events", "query", "values", "cpu"])
def test_the_flags_set_them(name: str) -> None:
    text, code, words = REACHED[name]
    with recorder() as server:
        done = cli("run", "-e", code, f"--limit={name}={text}", server=server)
    assert done.returncode and words in done.stderr, done.stderr
    with held(stdio({"REPLICATE_API_TOKEN": "t"}, "--mode=code", "--limit", f"{name}={text}")) as host:
        answer = host.call_tool("execute_lua", {"code": code})
        assert answer.is_error and words in answer.structured_content["error"]["message"]


def test_a_search_of_a_host_is_bounded_too() -> None:
    with held(stdio({}, "--mode=meta", "--limit=query=9")) as host:
        error = host.call_tool("search", {"text": "ten letters"}).structured_content["error"]
        assert error["parameter"] == "text" and "it may have 9 (--limit query=NUMBER)" in error["message"]
        assert not host.call_tool("search", {"text": "a webhook"}).is_error


@pytest.mark.parametrize(
    "wrong", ["cpus=1", "cpu", "cpu=", "cpu=x", "cpu=-1", "cpu=0", "calls=1.5", "memory=1e9", "wall=inf", "wall=nan"]
)
def test_what_is_no_limit_is_told(wrong: str) -> None:
    with recorder() as server:
        done = cli("run", "-e", "return 1", f"--limit={wrong}", server=server)
    message = json.loads(done.stderr)["error"]["message"]
    assert done.returncode == 2 and "limit" in message and wrong.partition("=")[0] in message, message


def test_a_script_of_a_file_is_read_no_further_than_it_may_be_long() -> None:
    with recorder() as server:
        for arguments, stdin in ((["/dev/zero"], ""), (["-"], "-" * 200)):
            done = cli("run", *arguments, "--limit=code=100", server=server, stdin=stdin)
            assert done.returncode == 2 and "has more than 100 bytes; raise it with --limit code" in done.stderr


def test_a_huge_query_is_not_even_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[int] = []
    question = searching.Question
    monkeypatch.setattr(searching, "Question", lambda text: seen.append(len(text)) or question(text))
    envelope = run("docs.search(('e '):rep(4000000))", wall=120, cpu=5)
    assert envelope["error"]["limit"] == "call_bytes", envelope["error"]
    caught = run("return pcall(docs.search, ('e '):rep(400000))")["result"]
    assert caught[0] is False and "it may have 1,000" in caught[1]["message"]
    assert run("return docs.search('fine-tune')[1].name")["result"] == "replicate_create_training"
    assert max(seen) < 10_000 and 9 in seen
    for code in ("docs.search({})", "docs.read(nil)", "schema(7)", "docs.search(print)"):
        assert "takes a text" in run(code)["error"]["message"]


def test_work_in_this_process_is_processor_time_of_the_script(monkeypatch: pytest.MonkeyPatch) -> None:
    def slow(*_: Any) -> list[Any]:
        until = time.thread_time() + 0.2
        while time.thread_time() < until:
            pass
        return []

    monkeypatch.setattr(functions, "search", slow)
    envelope = run("for i = 1, 200 do docs.search('x') end", cpu=0.5, wall=60)
    assert envelope["error"]["limit"] == "cpu" and envelope["error"]["line"] == 1


def test_a_dry_run_notes_no_more_than_output_may_be() -> None:
    code = "for i = 1, 5 do replicate.create_prediction{version = 'v', input = {text = ('x'):rep(3000)}} end"
    envelope = run(code, dry_run=True, output=10_000)
    bodies = [call["request"]["body"] for call in envelope["integration_calls"]]
    assert [body is not None for body in bodies] == [True, True, True, False, False]
    (note,) = envelope["meta"]["notes"]
    assert note["at"] == "/integration_calls" and "10000 bytes" in note["note"]


def test_what_is_noted_of_a_call_is_short() -> None:
    envelope = run(
        "pcall(function() return replicate[('x'):rep(1000)] end) return replicate.default.get_account{}.username"
    )
    assert envelope["result"] == "alice"
    forged = Message.of(
        b'{"op":"call","id":1,"payload":{"name":"get_account","account":"%s","arguments":{}}}\n' % (b"a" * 9999)
    )
    assert len(forged.payload()["account"]) == 9999  # as it is read; what is noted of it is cut: see Bridge._noted


LINES = {
    "noise": b"\xff\xff\n",
    "no end": b'{"op":"print","payload":{"text":"x"}}',
    "deep lists": b'{"op":"call","id":1,"payload":{"a":' + b"[" * 200_000 + b"]" * 200_000 + b"}}\n",
    "deep objects": b'{"op":"call","id":1,"payload":' + b'{"a":' * 200 + b"1" + b"}" * 200 + b"}\n",
    "lists in objects": b'{"op":"call","id":1,"payload":' + b'{"a":[' * 100 + b"]}" * 100 + b"}\n",
    "open brackets": b'{"op":"call","id":1,"payload":{"a":[[[[}}\n',
    "an open text": b'{"op":"call","id":1,"payload":{"a":"' + b'\\"' * 200_000 + b"}\n",
    "a list": b'{"op":"call","id":1,"payload":[]}\n',
    "a huge number": b'{"op":"call","id":1,"payload":{"a":' + b"9" * 10_000 + b"}}\n",
    "a long id": b'{"op":"call","id":' + b"9" * 10_000 + b',"payload":{}}\n',
}


@pytest.mark.parametrize("name", LINES)
def test_a_line_that_no_script_can_have_written(name: str) -> None:
    with pytest.raises(ProtocolError):
        Message.of(LINES[name]).payload()


@pytest.mark.parametrize(
    "text", ['{"a":[]}', '{"a":"[[[[{{{","b":{"c":[1,{},"],\\"]"]}}', "{}", '{"a":[[],{},[1],"",[""]]}']
)
def test_values_are_counted_as_json_has_them(text: str) -> None:
    def count(value: Any) -> int:
        inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
        return 1 + sum(map(count, inner))

    message = Message.of(b'{"op":"call","id":7,"line":3,"payload":' + text.encode() + b"}\n")
    assert (message.op, message.id, message.line) == ("call", 7, 3)
    assert message.payload() == json.loads(text) and message.values() == count(json.loads(text))


def calls_end() -> None:
    """Waits for the threads that make calls."""
    for thread in threading.enumerate():
        if "(_answer)" in thread.name:
            thread.join(HANGS)
            assert not thread.is_alive(), thread


def canceled_after(asked: threading.Event, code: str, api: Callable[[httpx.Request], httpx.Response]) -> dict[str, Any]:
    """The envelope of a script whose caller hangs up when the API was asked; and all that was begun for it has ended."""
    ended: list[dict[str, Any]] = []
    with Replicate("t", base_url=BASE_URL, transport=httpx.MockTransport(api)) as made, lua.Sandbox(ready=0) as box:
        session = box.session(client=made, policy=functions.Policy.everything())
        runner = threading.Thread(target=lambda: ended.append(session.execute(code)))
        runner.start()
        assert asked.wait(HANGS)
        session.cancel()
        runner.join(HANGS)
        session.close()
        calls_end()
    return ended[0]


def test_nothing_is_sent_again_for_a_script_that_has_ended() -> None:
    asked, sent = threading.Event(), []

    def api(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        asked.set()
        # Refused, and so sent again after this time, which is longer than `calls_end` waits.
        return httpx.Response(429, headers={"retry-after": "50"}, json={"detail": "slow down"})

    envelope = canceled_after(asked, "replicate.create_prediction{version = 'v', input = {}}", api)
    assert envelope["error"]["type"] == "canceled" and len(sent) == 1


def test_nothing_goes_on_for_a_script_that_has_ended() -> None:
    asked, polls = threading.Event(), []

    def api(request: httpx.Request) -> httpx.Response:
        polls.append(request)
        asked.set()
        return Api()(request)

    envelope = canceled_after(
        asked, "replicate.wait({id = 'never', status = 'starting'}, {of = 'get_prediction'})", api
    )
    assert envelope["error"]["type"] == "canceled" and len(polls) <= 2, "the one that was on its way"


REFUSED = "the result would be larger than 16 MiB"
# A guard holds for all that Lua 5.4 takes for a number (its manual, 3.4.3): what is made is as the manual says, or refused.
GUARDS: dict[str, tuple[str, Any]] = {
    "a count as text": ("pcall(string.rep, 'x', '4000000000')", REFUSED),
    "a count as a fraction": ("pcall(string.rep, 'x', 4e9)", REFUSED),
    "a count in hexadecimal": ("pcall(string.rep, 'x', '0xFFFFFFFF')", REFUSED),
    "a count with spaces": ("pcall(string.rep, 'x', '  4e9 ')", REFUSED),
    "the most there is": ("pcall(string.rep, '', math.maxinteger)", REFUSED),
    "nothing as text": ("pcall(string.rep, '', '1152921504606846976')", REFUSED),
    "nothing between nothing": ("pcall(string.rep, '', '1152921504606846976', '')", REFUSED),
    "a separator": ("pcall(string.rep, '', '100000', ('y'):rep(1000))", REFUSED),
    "a separator that is a number": ("pcall(string.rep, '', 16777216, 77)", REFUSED),
    "a number repeated": ("pcall(string.rep, 12345678, '4000000')", REFUSED),
    "a method": ("pcall(function() return ('x'):rep('4000000000') end)", REFUSED),
    "rep": ("{('ab'):rep('2'), ('a'):rep(2.0, 0), ('a'):rep('0x2'), ('a'):rep(-5)}", ["abab", "a0a", "aa", ""]),
    "no number": ("pcall(string.rep, 'x', 0 / 0)", "no integer representation"),
    "infinite": ("pcall(string.rep, 'x', math.huge)", "no integer representation"),
    "no whole number": ("pcall(string.rep, 'x', '1.5')", "no integer representation"),
    "a table as a count": ("pcall(string.rep, 'x', setmetatable({}, {__tostring = function() return '9' end}))", "number expected"),
    "a table as a text": ("pcall(string.rep, setmetatable({}, {__tostring = function() return '' end}), 3)", "string expected"),
    "a width": ("pcall(string.format, '%1000000000d', 1)", "invalid conversion"),
    "a precision": ("pcall(string.format, '%.1000000000f', 1)", "invalid conversion"),
    "matches as text": ("regex.gsub('aaa', 'a', 'b', '2')", ["bba", 2]),
    "matches below none": ("pcall(regex.gsub, 'aaa', 'a', 'b', -1)", "not below 0"),
    "no number of matches": ("pcall(regex.gsub, 'aaa', 'a', 'b', 0 / 0)", "whole number"),
    "a chunk of numbers": ("load((function() local n = 0 return function() n = n + 1 return ({'return ', 7})[n] end end)())()", 7),
    "a chunk of tables": ("{load(function() return {} end)}", [None, "reader function must return a string"]),
    "progress as text": ("pcall(progress, '0.5')", "a number from 0 to 1"),
    "progress that is none": ("pcall(progress, 0 / 0)", "a number from 0 to 1"),
}  # fmt: skip
# In C, where no hook stops it: by memory or by the system.
IN_C = {
    "a packed text": "string.pack('c1000000000', '')",
    "packed texts": "local s = ('x'):rep(16000000) string.pack('s4s4s4s4s4', s, s, s, s, s)",
    "a join": "table.concat(setmetatable({}, {__index = tostring}), '', 1, 1 << 60)",
    "a join of numbers": "table.concat(setmetatable({}, {__index = function() return 1e300 end}), '', 1, '1152921504606846976')",
    "a replacement": "('x'):rep(16000000):gsub('x', ('y'):rep(1000))",
    "a replacement by a table": "('x'):rep(16000000):gsub('x', {x = ('y'):rep(1000)})",
    "a date": "os.date(('%c'):rep(8000000))",
}  # fmt: skip


@pytest.mark.parametrize("name", GUARDS)
def test_a_guard_holds_for_all_that_is_taken_for_a_number(name: str) -> None:
    code, expected = GUARDS[name]
    result = run(f"return {code}")["result"]
    if isinstance(expected, str):
        assert result[0] is False and expected in str(result[1]), result
    else:
        assert result == expected


@pytest.mark.parametrize("name", IN_C)
def test_what_runs_in_c_is_stopped_too(name: str) -> None:
    error = run(IN_C[name], memory=48 << 20, cpu=1, wall=60)["error"]
    assert error["limit"] in ("memory", "cpu"), error
