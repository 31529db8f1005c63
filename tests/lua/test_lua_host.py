"""Lua code mode: what a script can do, what comes back, and what is refused."""

from __future__ import annotations

import json
import sys
import threading
from typing import Any

import pytest
from hanging import HANGS
from lua_stub import Api, client, run
from replikit import functions, lua
from replikit.lua.limits import BOUNDS
from replikit.lua.process import COMMAND, Child, library
from replikit.lua.session import Session


def result(code: str, **options: Any) -> Any:
    envelope = run(code, **options)
    assert envelope["success"], envelope
    return envelope["result"]


def test_print_and_result() -> None:
    envelope = run('print("a", 1, nil, true) return {b = {1, 2}, c = array{}, d = {}, e = json.null}')
    assert envelope["success"], envelope
    assert envelope["output"] == "a\t1\tnil\ttrue\n"
    assert envelope["result"] == {"b": [1, 2], "c": [], "d": {}, "e": None}
    assert set(envelope) == {
        "success", "output", "error", "result", "execution_time_ms", "memory_bytes", "integration_calls", "meta",
    }  # fmt: skip
    assert envelope["memory_bytes"] > 10_000 and envelope["execution_time_ms"] > 0


@pytest.mark.parametrize(
    "path",
    [
        "app.integrations.replicate.replicate_get_account",
        "app.integrations.replicate.get_account",
        "app.integrations.replicate.default.get_account",
        'app.integrations.replicate["account.get"]',
        "replicate.get_account",
        "replicate.replicate_get_account",
    ],
)
def test_every_name_calls(path: str) -> None:
    envelope = run(f"return {path}{{}}.username")
    assert envelope["result"] == "alice", envelope
    (call,) = envelope["integration_calls"]
    assert call["function"] == "replicate_get_account" and call["ok"] and call["account"] == "default"
    assert call["ms"] >= 0 and call["status"] == 200


def test_accounts_have_names() -> None:
    api, other = Api(), Api()
    code = "return {replicate.work.get_account{}.username, app.integrations.replicate.default.get_account{}.username}"
    envelope = run(code, api, accounts={"work": client(other)})
    assert envelope["result"] == ["alice", "alice"] and len(api.seen) == len(other.seen) == 1
    assert [call["account"] for call in envelope["integration_calls"]] == ["work", "default"]


def test_results_keep_what_json_tells_apart() -> None:
    code = """
    local r = replicate.get_model{model_owner = 'odd', model_name = 'odd'}
    print(r.gone, r.n[1]) r.more = r.id + 1 return r"""
    envelope = run(code)
    assert envelope["output"] == "nil\tnull\n"
    expected = {"id": 9007199254740993, "gone": None, "e": {}, "l": [], "n": [None, 1], "more": 9007199254740994}
    assert envelope["result"] == expected and isinstance(envelope["result"]["id"], int)


def test_arguments_are_what_the_schema_means() -> None:
    api = Api()
    run(
        "replicate.create_prediction{version = 'v', input = {n = 10 / 2, text = 'é\\n', e = {}}, webhook_events_filter = {}}",
        api,
    )
    sent = json.loads(api.seen[0].content)
    assert sent["input"] == {"n": 5, "text": "é\n", "e": {}} and sent["webhook_events_filter"] == []
    assert '"n": 5' in api.seen[0].content.decode().replace('"n":5', '"n": 5')


def test_error_can_be_caught() -> None:
    code = """
    local ok, e = pcall(replicate.get_model, {model_owner = 'none', model_name = 'none'})
    return {ok, e.type, e.status, e.message, e.retryable, (tostring(e):gsub('\\n.*', ''))}"""
    assert result(code) == [False, "not_found", 404, "no such model", False, "no such model"]


def test_error_not_caught_names_its_line() -> None:
    envelope = run("print('before')\n\nreplicate.get_model{model_owner = 'none', model_name = 'none'}")
    assert not envelope["success"] and envelope["output"] == "before\n"
    error = envelope["error"]
    assert (
        error["line"] == 3 and error["status"] == 404 and error["function"] == "replicate_get_model" and error["hint"]
    )
    (call,) = envelope["integration_calls"]
    assert call["status"] == 404 and not call["ok"]
    assert run("\nlocal x = nil; x.y = 1")["error"]["line"] == 2
    assert run("error({message = 'own', code = 7})")["error"]["message"] == "own"
    assert run("\n\nlocal = 1")["error"] | {"message": ""} == {
        "type": "syntax", "message": "", "line": 3, "retryable": False,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("code", "kind", "text"),
    [
        ("replicate.get_acount{}", "unknown_function", "replicate_get_account"),
        ("replicate.get_model{'a'}", "invalid_arguments", "named arguments"),
        ("replicate.get_model('a')", "script", "one table of arguments"),
        ("replicate.get_model{model_owner = 'a', model_nam = 'b'}", "invalid_arguments", "model_name"),
        ("replicate.get_model{model_owner = 1, model_name = 'b'}", "invalid_arguments", "model_owner"),
        ("replicate.get_model{model_owner = 0/0, model_name = 'b'}", "invalid_arguments", "NaN"),
        ("replicate.get_model{model_owner = print, model_name = 'b'}", "invalid_arguments", "function"),
        ("replicate.create_prediction{version = 'v', input = {x = {1, nil, 3}}}", "invalid_arguments", "holes"),
        ("local t = {} t.t = t replicate.create_prediction{version = 'v', input = t}", "invalid_arguments", "itself"),
    ],
)
def test_mistake_is_explained(code: str, kind: str, text: str) -> None:
    api = Api()
    error = run(code, api)["error"]
    assert error["type"] == kind and text in json.dumps(error), error
    assert not api.seen


def test_writes_are_denied_unless_allowed() -> None:
    api = Api()
    code = "replicate.create_prediction{version = 'v', input = {}}"
    error = run(code, api, allow=False)["error"]
    assert error["type"] == "policy" and "write" in error["message"] and not api.seen
    assert error["hint"] == "start it with --write=allow --allow billed"
    billed = functions.Policy(frozenset({"read", "write"}))
    assert run(code, api, policy=billed)["error"]["policy_class"] == "billed" and not api.seen
    assert run(code, api)["success"] and len(api.seen) == 1
    assert run("return replicate.get_default_webhook_secret{}", api, policy=billed)["error"]["policy_class"] == "secret"


def test_what_an_owner_denies_stays_denied() -> None:
    api = Api()
    careful = functions.Policy.person({"billed": "deny"}, "work")
    code = "replicate.work.create_prediction{version = 'v', input = {}}"
    envelope = run(code, accounts={"work": client(api)}, permissions={"work": careful})
    assert (
        envelope["error"]["policy_class"] == "billed" and "--account work" in envelope["error"]["hint"] and not api.seen
    )
    envelope = run("return replicate.run('a/b', {})", api, permissions={"default": careful})
    assert envelope["error"]["policy_class"] == "billed" and not api.seen
    assert run("return replicate.work.get_account{}", accounts={"work": client(api)}, permissions={"work": careful})[
        "success"
    ]


def test_dry_run_records_and_sends_nothing() -> None:
    api = Api()
    code = """
    local p = replicate.create_prediction{version = 'v', input = {text = 'a'}}
    local n = 0
    for item in replicate.pages(replicate.list_predictions) do n = n + 1 end
    return {id = p.id, waited = replicate.wait(p).id, listed = n > 0}"""
    envelope = run(code, api, dry_run=True)
    assert envelope["success"], envelope
    assert envelope["result"]["id"] and envelope["result"]["listed"] and not api.seen
    assert envelope["result"]["waited"] == envelope["result"]["id"]
    request = envelope["integration_calls"][0]["request"]
    assert request["method"] == "POST" and request["body"]["input"] == {"text": "a"}
    assert "$REPLICATE_API_TOKEN" in request["headers"]["Authorization"] and envelope["meta"]["dry_run"] is True


def test_pages_of_a_list() -> None:
    api = Api()
    code = "local ids = {} for item in replicate.pages(replicate.list_predictions, {}) do ids[#ids + 1] = item.id end return ids"
    envelope = run(code, api)
    assert envelope["result"] == ["a", "b", "c"] and len(api.seen) == 2
    assert [call["status"] for call in envelope["integration_calls"]] == [200, 200]
    assert run("replicate.pages(replicate.get_account)")["error"]["type"] == "invalid_arguments"
    assert "function of the API" in run("replicate.pages(print)")["error"]["message"]


def test_wait_follows_a_job() -> None:
    api, events = Api(), []
    code = """
    local p = replicate.create_prediction{version = 'v', input = {}}
    local done = replicate.wait(p)
    return {done.status, done.output, replicate.wait(done).output}"""
    envelope = run(code, api, on_event=events.append)
    assert envelope["result"] == ["succeeded", "done", "done"], envelope
    assert [request.url.path for request in api.seen] == ["/v1/predictions", "/v1/predictions/p1"]
    assert [event.text for event in events if event.kind == "progress"][:2] == [
        "prediction starting",
        "prediction succeeded",
    ]
    assert [call["function"] for call in envelope["integration_calls"]] == ["replicate_create_prediction"] * 3
    # The last wait found a job that had ended, and asked nothing.
    assert [call["status"] for call in envelope["integration_calls"]] == [201, 200, None]


def test_wait_has_an_end() -> None:
    events: list[lua.Event] = []
    job = "{id = 'never', status = 'starting'}"
    envelope = run(f"replicate.wait({job}, {{of = replicate.get_prediction, timeout = 2.5}})", on_event=events.append)
    assert "never had not ended after 2.5 s" in envelope["error"]["message"], envelope
    assert events[-1] == lua.Event("progress", "prediction processing", 0.5)
    api = Api()
    run(f"replicate.wait({job}, {{of = replicate.get_prediction, timeout = 0.1, cancel = true}})", api)
    assert api.seen[-1].url.path.endswith("/never/cancel")
    # Whoever may only read waits, and cancels nothing.
    error = run(f"replicate.wait({job}, {{of = replicate.get_prediction, timeout = 0, cancel = true}})", allow=False)[
        "error"
    ]
    assert error["type"] == "policy"
    assert run(f"replicate.wait({job}, {{of = replicate.get_prediction}})", wall=1)["error"].get("limit") == "wall"
    error = run(f"replicate.wait({job})")["error"]
    assert "a prediction or a training" in error["message"] and "of = " in error["hint"]
    assert "not a job" in run("replicate.wait{id = 1}")["error"]["message"]
    assert "starts no job" in run(f"replicate.wait({job}, {{of = 'get_account'}})")["error"]["message"]


def test_run_gives_the_output() -> None:
    api = Api()
    assert result("return replicate.run('a/b', {text = 'x'})", api=api) == "done"
    assert (
        json.loads(api.seen[0].content)["input"] == {"text": "x"}
        and api.seen[0].url.path == "/v1/models/a/b/predictions"
    )
    envelope = run("replicate.run('a/fails', {})")
    error, (call,) = envelope["error"], envelope["integration_calls"]
    assert not call["ok"] and call["status"] == 201  # the calls went well, the job did not
    assert "out of luck" in error["message"] and error["line"] == 1
    assert run("replicate.run('nonsense/', {})")["error"]["type"] == "invalid_arguments"


def test_parallel_calls_overlap() -> None:
    code = """
    local calls = {}
    for i = 1, 8 do
      calls[i] = function() return replicate.get_model{model_owner = 'slow', model_name = 'm' .. i}.path end
    end
    return parallel(calls)"""
    api, together = Api(), threading.Barrier(8)

    def answer(request: Any) -> Any:
        together.wait(HANGS)  # none is answered before all have been asked
        return api(request)

    assert result(code, api=answer) == [f"/models/slow/m{i}" for i in range(1, 9)]
    assert str(api.seen[0].url.path).startswith("/v1/models/slow/m")


def test_parallel_keeps_keys_errors_and_coroutines() -> None:
    assert result("return parallel{a = function() return 1 end, b = function() end}") == {"a": 1, "b": None}
    code = """
    local function slow(name)
      return coroutine.wrap(function() return replicate.get_model{model_owner = 'slow', model_name = name}.path end)()
    end
    local function sorted()
      local t = {2, 1}
      table.sort(t, function(a, b) slow('s') return a < b end)
      return t[1]
    end
    return parallel{function() return slow('x') end, function() return parallel{function() return slow('y') end}[1] end, sorted}"""
    assert result(code) == ["/models/slow/x", "/models/slow/y", 1]
    code = """
    local done = 0
    local ok, e = pcall(parallel, {
      function() replicate.get_model{model_owner = 'none', model_name = 'none'} end,
      function() replicate.get_account{} done = done + 1 end,
    })
    return {ok, e.status, done}"""
    assert result(code) == [False, 404, 1]
    assert "functions" in run("parallel{replicate.get_account{}}")["error"]["message"]


def test_concurrency_is_bounded() -> None:
    busy, most, lock, together = 0, 0, threading.Lock(), threading.Barrier(3)

    def answer(request: Any) -> Any:
        nonlocal busy, most
        with lock:
            busy, most = busy + 1, max(most, busy + 1)
        together.wait(HANGS)
        with lock:
            busy -= 1
        return Api()(request)

    code = "local t = {} for i = 1, 12 do t[i] = function() return replicate.get_account{}.username end end return #parallel(t)"
    assert result(code, api=answer, concurrency=3) == 12
    assert most == 3


HELPERS = r"""
assert(json.encode(json.decode('{"a":[],"b":{},"c":null,"d":[null,1]}')) == '{"a":[],"b":{},"c":null,"d":[null,1]}')
assert(json.decode("null") == json.null and tostring(json.null) == "null" and json.decode("false") == false)
assert(json.encode(array{}) == "[]" and json.encode(object{}) == "{}" and json.encode(10 / 2) == "5")
assert(not pcall(json.encode, {1, nil, 3}) and not pcall(json.encode, 0 / 0) and not pcall(json.decode, "[1,]"))
local user, host = regex.match("me@example.org", "(\\w+)@([\\w.]+)")
assert(user == "me" and host == "example.org")
assert(regex.match("naïve", "na.ve") == "naïve" and regex.match("a", "b") == nil)
local one, two = regex.match("b", "(a)?(b)")
assert(one == false and two == "b")
assert(#regex.match_all("a1b22", "[0-9]+") == 2 and regex.match_all("k=v, l=w", "(\\w)=(\\w)")[2][1] == "l")
assert(regex.gsub("a1b22", "[0-9]+", "#") == "a#b#" and select(2, regex.gsub("aaa", "a", "b", 2)) == 2)
assert(regex.gsub("a1b22", "([a-z])([0-9]+)", "\\2\\1\\\\") == "1a\\22b\\")
assert(regex.gsub("a1b22", "[0-9]+", function(n) return n + 1 end) == "a2b23")
assert(regex.gsub("one two", "\\w+", {one = "1"}) == "1 two" and regex.gsub("ab", "", "-") == "-a-b-")
local ok, problem = pcall(regex.match, "a", "(")
assert(not ok and problem:find("regex.match: ", 1, true), problem)
assert(#docs.list() == 37 and docs.read("get_account").type == "read")
assert(docs.search("current account")[1].name)
assert(schema("create_prediction").required[1] and not pcall(schema, "nothing"))
dump({a = 1, [1] = "x", ["b c"] = {}})
"""


def test_helpers() -> None:
    envelope = run(HELPERS)
    assert envelope["success"], envelope
    assert envelope["output"] == '{\n  [1] = "x",\n  a = 1,\n  ["b c"] = {}\n}\n'


def test_log_and_progress_reach_the_host() -> None:
    events: list[lua.Event] = []
    envelope = run("log('one', 2) progress(0.5, 'half') progress(7) print('x')", on_event=events.append)
    assert envelope["output"] == "x\n"
    assert events == [
        lua.Event("log", "one\t2\n"), lua.Event("progress", "half", 0.5), lua.Event("progress", "", 1),
        lua.Event("print", "x\n"),
    ]  # fmt: skip


LIMITS = {
    "spin": ("while true do end", "cpu"),
    "memory": ("local t = {} while true do t[#t + 1] = ('x'):rep(1000000) .. #t end", "memory"),
    "output": ("while true do print(('x'):rep(1000)) end", "output"),
    "log": ("while true do log(('x'):rep(1000)) end", "output"),
    "result": ("return ('x'):rep(300000)", "output"),
    "calls": ("while true do pcall(replicate.get_account, {}) end", "calls"),
    "argument": ("replicate.create_prediction{version = 'v', input = {x = ('x'):rep(5000000)}}", "call_bytes"),
    "hang": ("replicate.list_hardware{}", "wall"),
}


@pytest.mark.parametrize("name", LIMITS)
def test_limit_says_which_where_and_what_was_printed(name: str) -> None:
    code, limit = LIMITS[name]
    envelope = run("print('before')\n" + code, wall=1 if name == "hang" else 120, cpu=0.5, calls=20)
    error = envelope["error"]
    assert error["type"] == "limit" and error["limit"] == limit, error
    assert error.get("line") == 2 or "line 2" in error.get("hint", "") or name == "result", error
    assert envelope["output"].startswith("before\n")


def test_ceilings_hold() -> None:
    raised = lua.Limits(
        **{name: 10**12 for name in ("wall", "cpu", "memory", "output", "calls", "concurrency", "call_bytes")}
    )
    bounded = raised.bounded()
    assert bounded.wall == 3600 and bounded.cpu == 300 and bounded.memory == 1 << 30 and bounded.calls == 10_000
    for wrong in (0, -1, float("nan"), True, "1"):
        with pytest.raises(ValueError, match="the limit cpu must be a number above 0"):
            lua.Limits(cpu=wrong)


def test_session_keeps_globals_and_begins_anew_to_count() -> None:
    with client(Api()) as made, lua.Sandbox(ready=0) as sandbox:
        session = sandbox.session(client=made, limits=lua.Limits(cpu=0.4, calls=2, output=100))
        try:
            assert session.execute("x = 1 print('one')")["output"] == "one\n"
            for _ in range(3):
                envelope = session.execute(
                    "x = x + 1 print(('.'):rep(60)) for i = 1, 2e6 do end replicate.get_account{} return x"
                )
                assert envelope["success"] and len(envelope["integration_calls"]) == 1, envelope
            assert envelope["result"] == 4 and session.execute("error('x')")["error"] and session.alive
            assert session.execute("while true do end")["error"]["limit"] == "cpu" and not session.alive
            with pytest.raises(ValueError, match="start a new one"):
                session.execute("return 1")
        finally:
            session.close()


def test_sandbox_keeps_processes_ready() -> None:
    with client(Api()) as made, lua.Sandbox(ready=2) as sandbox:
        first = {child.pid for child in sandbox._children}
        assert len(first) == 2
        assert sandbox.run("return 1", client=made)["result"] == 1
        second = {child.pid for child in sandbox._children}
        assert len(second) == 2 and len(first & second) == 1
        next(iter(sandbox._children)).kill()
        assert [sandbox.run("return 1", client=made)["result"] for _ in range(3)] == [1, 1, 1]


def test_script_can_be_canceled() -> None:
    printed = threading.Event()
    with client(Api()) as made, lua.Sandbox(ready=0) as sandbox:
        session = sandbox.session(client=made, on_event=lambda _: printed.set())
        canceler = threading.Thread(target=lambda: printed.wait(HANGS) and session.cancel())
        canceler.start()
        envelope = session.execute("print('a') while true do end")
        canceler.join()
        session.close()
    assert envelope["error"]["type"] == "canceled" and envelope["output"] == "a\n"


def test_handler_that_fails_ends_the_script() -> None:
    def fail(event: lua.Event) -> None:
        raise RuntimeError(event.text)

    with pytest.raises(RuntimeError, match="boom"):
        run("print('boom') while true do end", on_event=fail)


WITHOUT_RESOURCE = """
import runpy, sys
sys.modules["resource"] = None
runpy.run_path({path!r}, run_name="__main__")
"""


def test_platform_with_less_says_so() -> None:
    program = WITHOUT_RESOURCE.format(path=COMMAND[-1])
    events: list[lua.Event] = []
    with client(Api()) as made:
        child = Child((*COMMAND[:-1], "-c", program))
        session = Session(
            child, {"default": made}, functions.Policy(), lua.Limits(wall=120, cpu=0.2), on_event=events.append
        )
        envelope = session.execute("return replicate.get_account{}.username")
        assert envelope["result"] == "alice" and envelope["meta"]["enclosed"] == []
        assert "does not limit the processor time, memory, files" in events[0].text and events[0].kind == "log"
        assert session.execute("while true do end")["error"]["limit"] == "cpu"
        session = Session(
            Child((*COMMAND[:-1], "-c", program)), {"default": made}, functions.Policy(), lua.Limits(wall=1)
        )
        stuck = "local _ = ('a'):rep(400):find(('a-'):rep(20) .. 'b')"
        assert session.execute(stuck)["error"]["limit"] == "wall"
        session.close()


def test_without_lupa_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    library.cache_clear()
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(lua.MissingError, match=r"pip install 'replikit\[lua\]'"):
        run("return 1")
    monkeypatch.undo()
    assert run("return 1")["result"] == 1


def test_what_is_enclosed_is_told() -> None:
    enclosed = run("return 1")["meta"]["enclosed"]
    assert set(enclosed) >= {*BOUNDS} or sys.platform != "linux"
