"""What somebody would write who was paid to break code mode. None of it may work.

Every attack runs in a real child process under short limits, two at once. A script that got through returns something
true; a script that is to be stopped names the limits that may stop it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
from hanging import HANGS
from lua_stub import TOKEN, Api, client, run
from replikit import functions, lua
from replikit.lua.process import COMMAND, Child
from replikit.lua.session import Session

pytestmark = pytest.mark.long

CPU = 0.25
LIMITS: dict[str, Any] = {
    "wall": 120,
    "cpu": CPU,
    "memory": 24 << 20,
    "output": 64 << 10,
    "calls": 20,
    "call_bytes": 1 << 20,
}
SECRET = "kept-in-the-environment"

# Must give nothing, or fail as an ordinary error.
REACH = {
    # the rest of the library
    "io": "return io and io.open('/etc/passwd')",
    "os.execute": "return os.execute",
    "os.getenv": f"return os.getenv and os.getenv('{SECRET}')",
    "os.exit": "return os.exit",
    "os.remove and os.rename": "return os.remove or os.rename or os.tmpname",
    "require": "return require or package",
    "dofile and loadfile": "return dofile or loadfile",
    "debug": "return debug",
    "string.dump": "return string.dump or ('').dump",
    "warn and newproxy": "return warn or newproxy",
    "every global name": """
      for _, name in ipairs{'io', 'debug', 'package', 'require', 'python', 'host', 'pipe', 'settings', 'sources', 'guard'} do
        if _G[name] or load('return ' .. name)() then return name end
      end""",
    # bytecode and environments
    "bytecode": "return load('\\27Lua' .. ('\\0'):rep(40))",
    "bytecode in pieces": """
      local n = 0
      return load(function() n = n + 1 return ({'\\27', 'Lua', ('\\0'):rep(40)})[n] end)""",
    "bytecode by its mode": "return load('\\27LuaT', 'x', 'b')",
    "load without an environment": "return load('return io or debug or python', 'x', 't', nil)()",
    "load with one of its own": "return load('return io or _G.io or debug', 'x', 'bt', {_G = _G})()",
    "load under another name": "return load('error(1)', '@/etc/passwd') and nil",
    # Python
    "python": "return python or _G.python or load('return python')()",
    "walk for userdata": """
      local seen, found = {}, nil
      local function walk(value)
        if type(value) == 'userdata' then found = tostring(value) end
        if type(value) ~= 'table' or seen[value] then return end
        seen[value] = true
        for k, v in next, value do walk(k) walk(v) end
        walk(getmetatable(value))
      end
      walk(_G) walk(getmetatable('')) walk(replicate) walk(json.null)
      local _, problem = pcall(replicate.get_model, {model_owner = 'none', model_name = 'none'})
      walk(problem)
      return found""",
    "attributes of a function": "return replicate.get_account.__globals__ or print.__self__",
    "items of a function": "return replicate.get_account[1]",
    "Python in an error": """
      local _, a = pcall(regex.match, 'a', '(') local _, b = pcall(replicate.nothing) local _, c = pcall(json.decode, '{')
      for _, problem in ipairs{a, b, c} do
        local text = tostring(problem)
        if text:find('Traceback') or text:find('%.py') or text:find('<') then return text end
      end""",
    "a format of Python's": "return regex.gsub('a', 'a', '{0.__class__}') ~= '{0.__class__}'",
    "a group that is none": "return regex.gsub('a', 'a', '\\\\g<0>\\\\9'):find('<class')",
    # metatables
    "metatable of strings": "return getmetatable('') or getmetatable(('x'):rep(2))",
    "methods of strings": """
      string.rep = function() return 'poisoned' end
      string.format, string.gsub = string.rep, string.rep
      return ('x'):rep(2) == 'poisoned' or ('%d'):format(1) == 'poisoned'""",
    "metatable of null": "return getmetatable(json.null)",
    "metatable of the API": "return getmetatable(replicate) or getmetatable(app) or getmetatable(docs)",
    "metatable of errors": """
      local _, problem = pcall(replicate.get_model, {model_owner = 'none', model_name = 'none'})
      return getmetatable(problem) or pcall(setmetatable, problem, {})""",
    "metatable of results": "return getmetatable(replicate.get_account{})",
    "a field of null": "return pcall(rawset, json.null, 'a', 1) or pcall(function() json.null.a = 1 end)",
    "another metatable for null": "return pcall(setmetatable, json.null, {})",
    "a function of the API": "return pcall(rawset, replicate, 'get_account', print)",
    "another string metatable": "return pcall(setmetatable, 'x', {__index = {rep = 1}})",
    "names that trusted code looks up": """
      local asked = {}
      setmetatable(_G, {__index = function(_, key) asked[#asked + 1] = key end})
      print(1) dump{a = 1} json.encode{1} replicate.get_account{} regex.match('a', 'a') docs.list()
      return asked[1]""",
    "functions that trusted code calls": """
      local called, next, type, dump, print = nil, next, type, dump, print
      local function evil(...) called = true return ... end
      for _, library in ipairs{_G, string, table, math, coroutine, utf8, os} do
        for key, value in next, library do
          if type(value) == 'function' then library[key] = evil end
        end
      end
      json.encode{a = {1, 'é', 1.5}} replicate.get_account{} docs.search('model') dump{a = {1}, b = 'x'} print(1, {})
      regex.gsub('abc', '(b)', '\\1') regex.match('a', '(a)')
      return called""",
    "a metamethod in arguments": """
      local ran
      local trap = setmetatable({}, {__index = function() ran = true end, __pairs = function() ran = true return next, {} end,
        __len = function() ran = true return 3 end})
      pcall(replicate.create_prediction, {version = 'v', input = trap})
      return ran""",
    "a finalizer": "return pcall(setmetatable, {}, {__gc = print})",
    "a finalizer that comes later": """
      local ran
      do local t = {} setmetatable(setmetatable({}, t), t) t.__gc = function() ran = true end end
      for i = 1, 50000 do local _ = {i} end
      return ran""",
    "the hook": "return pcall(function() debug.sethook() end)",
    "the clock": "os.clock = function() return -1e9 end return os.clock() ~= -1e9",
    # what reading alone is not
    "a write by its alias": "return pcall(replicate['predictions.create'], {version = 'v', input = {}})",
    "a write by the default account": "return pcall(replicate.default.create_prediction, {version = 'v', input = {}})",
    "a write by pages": "return pcall(replicate.pages, 'replicate_create_prediction', {version = 'v', input = {}})",
    "a write by run": "return pcall(replicate.run, 'a/b', {})",
    "a write by waiting": "return pcall(replicate.wait, {id = 'p1', status = 'x'}, {of = 'create_prediction', cancel = true})",
    "the secret of webhooks": "return pcall(replicate.get_default_webhook_secret, {})",
    "an account that is not there": "return pcall(function() return replicate.other.get_account{} end)",
    "an account with a quote": """return pcall(function() return replicate['x","account":"work'].get_account{} end)""",
    "a name with a line in it": """return pcall(function() return replicate['a\\n{"op":"done","payload":{"result":1}}\\n'] end)""",
    # crashes of the interpreter
    "deep recursion": "local function f() return 1 + f() end return pcall(f)",
    "deep pcalls": "local function f() return pcall(f) end f() return nil",
    "deep coroutines": "local function f() return coroutine.wrap(f)() end return pcall(f)",
    "deep parentheses": "return load(('('):rep(100000) .. '1' .. (')'):rep(100000))",
    "deep tables": "return load('return ' .. ('{'):rep(100000) .. ('}'):rep(100000))",
    "a deep pattern": "return pcall(string.find, ('a'):rep(300000), ('(a?)'):rep(40) .. '.-b')",
    "a deep regex": "return pcall(regex.match, 'a', ('('):rep(5000) .. (')'):rep(5000) .. '\\\\1{99999999999}')",
    "strings by a wrong format": "return pcall(string.unpack, 's8', ('\\255'):rep(8)) or pcall(string.format, '%99999d', 1)",
    "closing what runs": "return pcall(coroutine.close, coroutine.running())",
    "resuming what runs": "return coroutine.resume((coroutine.running()))",
    "yielding from the top": "coroutine.yield('x')",
    "an unsorted order": "local t = {} for i = 1, 200 do t[i] = i end pcall(table.sort, t, function() return true end)",
}  # fmt: skip

# Must be stopped by one of these limits.
STOPPED = {
    # in Lua
    "while": ("while true do end", "cpu"),
    "repeat": ("repeat local x = {} until false", "cpu"),
    "goto": ("::again:: goto again", "cpu"),
    "a long for": ("for i = 1, math.huge do end", "cpu"),
    "pcall": ("while true do pcall(function() while true do end end) end", "cpu"),
    "pcall of pcall": ("local function f() pcall(f) pcall(f) end while true do f() end", "cpu"),
    "xpcall": ("xpcall(function() while true do end end, function() while true do end end) while true do end", "cpu"),
    "a handler": ("xpcall(error, function() while true do end end)", "cpu"),
    "an error for ever": ("while true do pcall(error, setmetatable({}, {__index = function() end})) end", "cpu"),
    "a coroutine": ("coroutine.wrap(function() while true do end end)()", "cpu"),
    "a coroutine that catches": ("coroutine.wrap(function() while true do pcall(function() while true do end end) end end)()", "cpu"),
    "coroutines for ever": ("while true do coroutine.wrap(function() coroutine.yield() end)() end", "cpu"),
    "a coroutine that is closed": (
        """local co = coroutine.create(function()
             local x <close> = setmetatable({}, {__close = function() while true do end end}) coroutine.yield()
           end) coroutine.resume(co) coroutine.close(co)""",
        "cpu",
    ),
    "a yield for ever": ("local co = coroutine.wrap(function() while true do coroutine.yield() end end) while true do co() end", "cpu"),
    "parallel": ("parallel{function() while true do end end, function() while true do end end}", "cpu"),
    "parallel that catches": ("while true do pcall(parallel, {function() while true do end end}) end", "cpu"),
    "parallel in parallel": ("local function f() parallel{f, f} end while true do pcall(f) end", "cpu memory"),
    "__index": ("local t = setmetatable({}, {}) getmetatable(t).__index = function(t, k) while true do end end return t.x", "cpu"),
    "__close": ("local x <close> = setmetatable({}, {__close = function() while true do end end}) error('x')", "cpu"),
    "__tostring in print": ("print(setmetatable({}, {__tostring = function() while true do end end}))", "cpu"),
    "__tostring of the error": ("error(setmetatable({}, {__tostring = function() while true do end end}))", "cpu"),
    "a comparison": ("table.sort({1, 2, 3}, function() while true do end end)", "cpu"),
    "a replacement": ("return ('aaa'):gsub('a', function() while true do end end)", "cpu"),
    "a chunk that never ends": ("load(function() return ' ' end)", "cpu memory"),
    "the clock set back": ("os.clock = function() return 0 end os.time = os.clock while true do end", "cpu"),
    # in C
    "a pattern": ("local _ = ('a'):rep(400):find(('a-'):rep(20) .. 'b')", "cpu"),
    "a pattern in gsub": ("local _ = ('a'):rep(400):gsub(('.-'):rep(20) .. 'b', '')", "cpu"),
    "a pattern that is caught": ("while true do pcall(string.find, ('a'):rep(400), ('a-'):rep(20) .. 'b') end", "cpu"),
    "table.move": ("table.move({}, 1, math.maxinteger - 1, 2)", "cpu"),
    "table.insert": ("table.insert(setmetatable({}, {__len = function() return 1 << 60 end}), 1, 1)", "cpu"),
    "table.remove": ("table.remove(setmetatable({}, {__len = function() return 1 << 60 end}), 1)", "cpu"),
    "table.concat": ("table.concat(setmetatable({}, {__index = function() return '' end}), '', 1, 1 << 60)", "cpu"),
    "string.rep of nothing": ("while true do pcall(string.rep, '', 1 << 60) end", "cpu"),
    "string.rep of nothing between": ("while true do pcall(string.rep, '', 1 << 60, '') end", "cpu"),
    "a regex": ("regex.match(('a'):rep(60), '(a+)+b')", "cpu"),
    "a regex that is caught": ("while true do pcall(regex.match, ('a'):rep(60), '(a|aa)+$b') end", "cpu"),
    "a regex with repeats of repeats": ("regex.match(('a'):rep(5000), '(?:a{0,500}){0,500}b')", "cpu memory"),
    # memory
    "a longer string": ("local s = 'x' while true do s = s .. s end", "memory"),
    "string.rep": ("local t = {} while true do t[#t + 1] = ('x'):rep(1000000) .. #t end", "memory"),
    "a longer table": ("local t = {} for i = 1, math.huge do t[i] = i end", "memory cpu"),
    "tables in tables": ("local t = {} while true do t = {t} end", "memory cpu"),
    "closures": ("local t = {} while true do local n = #t t[n + 1] = function() return n end end", "memory cpu"),
    "coroutines": ("local t = {} while true do t[#t + 1] = coroutine.create(print) end", "memory cpu"),
    "memory that is caught": ("while true do pcall(function() local s = 'x' while true do s = s .. s end end) end", "cpu memory"),
    "table.concat of much": ("local t = {} for i = 1, 4000 do t[i] = ('x'):rep(10000) end return #table.concat(t)", "memory cpu"),
    "the matches of a regex": ("return #regex.match_all(('a'):rep(4000000), '')", "memory cpu"),
    "the text of a regex": ("return #regex.gsub(('a'):rep(100000), 'a', ('b'):rep(10000))", "memory cpu"),
    "JSON": ("json.decode('[' .. ('[],'):rep(3000000) .. '1]')", "memory cpu"),
    "a pack": ("return #table.pack(table.unpack({}, 1, 900000))", "memory cpu"),
    # what leaves the script
    "output": ("while true do print(('x'):rep(1000)) end", "output"),
    "output that is caught": ("while true do pcall(print, ('x'):rep(1000)) end", "output"),
    "output of nothing": ("while true do print() end", "output cpu events"),
    "logs": ("while true do log('') end", "output cpu events"),
    "progress": ("while true do progress(0.5) end", "output cpu events"),
    "one long line": ("print(('x'):rep(2000000))", "output"),
    "dump": ("local t = {} for i = 1, 10000 do t[i] = ('x'):rep(20) end dump(t)", "output"),
    "a long result": ("return ('x'):rep(1000000)", "output"),
    "calls": ("while true do replicate.get_account{} end", "calls"),
    "calls that are caught": ("while true do pcall(replicate.get_account, {}) end", "calls"),
    "calls at once": (
        "local t = {} for i = 1, 5000 do t[i] = function() replicate.get_account{} end end parallel(t)", "calls",
    ),
    "questions": ("while true do docs.list() end", "calls"),
    "questions that are caught": ("while true do pcall(docs.search, ('e '):rep(100000)) end", "calls cpu"),
    "names": ("for i = 1, 1e9 do pcall(function() return replicate['x' .. i] end) end", "calls"),
    "a long name": ("return replicate[('x'):rep(2000000)]", "call_bytes"),
    "empty tables": (
        "local t = {} for i = 1, 120000 do t[i] = {} end replicate.create_prediction{version = 'v', input = {x = t}}",
        "values cpu",
    ),
    "a result of empty tables": ("local t = {} for i = 1, 120000 do t[i] = {} end return t", "values output cpu"),
    "a result of itself twice": ("local t = {} for i = 1, 60 do t = {t, t} end return t", "values output cpu"),
    "long arguments": ("replicate.get_model{model_owner = ('x'):rep(2000000), model_name = 'x'}", "call_bytes"),
    "waiting": ("replicate.list_hardware{}", "wall"),
    "waiting at once": ("local f = function() replicate.list_hardware{} end parallel{f, f, f, f}", "wall"),
}  # fmt: skip

SPECIAL = ("waiting", "waiting at once")


def outside(request: httpx.Request) -> httpx.Response:
    """An API that names other hosts, as an attacker's would; and notes whoever is asked."""
    if request.url.path == "/v1/trainings":
        return httpx.Response(200, json={"results": [], "next": "http://elsewhere.test/steal", "previous": None})
    return Api()(request)


def options(name: str) -> dict[str, Any]:
    limits = dict(LIMITS)
    if name in SPECIAL:
        limits["wall"] = 1
    elif name in STOPPED and STOPPED[name][1] == "cpu":
        limits["cpu"] = CPU / 4  # what can end in no other way need not burn more of it
    return {**limits, "allow": name not in REACH, "api": outside}


Outcome = tuple[dict[str, Any], float]


def attack(name: str) -> Outcome:
    code = str(REACH[name] if name in REACH else STOPPED[name][0])
    started = time.monotonic()
    envelope = run("print('before')\n" + code, **options(name))
    return envelope, time.monotonic() - started


def children() -> set[str]:
    """Every process that this one has started and that is there still, the dead ones that nobody waited for too."""
    tasks = Path("/proc/self/task")
    found: set[str] = set()
    for task in tasks.iterdir() if tasks.is_dir() else ():  # only Linux tells
        with suppress(OSError):  # a thread that has ended meanwhile
            found |= set((task / "children").read_text().split())
    return found


def descriptors() -> int:
    """How many descriptors are open here; 0 where the system does not tell."""
    folder = Path("/proc/self/fd")
    return len(list(folder.iterdir())) if folder.is_dir() else 0


@pytest.fixture(scope="module")
def outcomes() -> Iterator[dict[str, Outcome]]:
    """All attacks, two at once; then what must be left of them: nothing."""
    os.environ["SECRET"] = SECRET
    before, open_before = children(), descriptors()
    names = [*REACH, *STOPPED]
    try:
        with ThreadPoolExecutor(2) as pool:
            yield dict(zip(names, pool.map(attack, names), strict=True))
    finally:
        del os.environ["SECRET"]
    assert children() <= before, "a process is left"
    # Those that wait for a hanging server end by themselves.
    deadline = time.monotonic() + HANGS
    while descriptors() > open_before + 2 and time.monotonic() < deadline:
        time.sleep(0.1)
    assert descriptors() <= open_before + 2, "descriptors are left"
    assert run("return 1")["result"] == 1


def in_time(seconds: float, limit: float) -> bool:
    """Stopped by its limit and not by the end of the whole run's time, however much else the machine does."""
    return seconds < limit + LIMITS["wall"] / 2


def nothing_leaked(envelope: dict[str, Any]) -> bool:
    text = json.dumps(envelope)
    return (
        TOKEN not in text and SECRET not in text and str(Path(__file__).parents[2]) not in text and "root:" not in text
    )


def test_there_are_enough() -> None:
    assert len(REACH) + len(STOPPED) + len(FORGED) >= 60


@pytest.mark.parametrize("name", REACH)
def test_nothing_is_reached(outcomes: dict[str, Outcome], name: str) -> None:
    envelope, seconds = outcomes[name]
    error = envelope["error"]
    assert error is None or error["type"] in ("script", "result", "policy", "unknown_function"), error
    result = envelope["result"]
    got = result[0] if isinstance(result, list) and result else result  # pcall gives false and a reason
    assert got in (None, False), envelope
    assert envelope["output"].startswith("before\n") and nothing_leaked(envelope) and in_time(seconds, CPU)


@pytest.mark.parametrize("name", STOPPED)
def test_it_is_stopped(outcomes: dict[str, Outcome], name: str) -> None:
    envelope, seconds = outcomes[name]
    error = envelope["error"]
    assert error and error["type"] == "limit" and error["limit"] in STOPPED[name][1].split(), (error, seconds)
    assert envelope["output"].startswith("before\n") and nothing_leaked(envelope)
    assert len(envelope["output"]) <= LIMITS["output"] and len(envelope["integration_calls"]) <= LIMITS["calls"]
    assert in_time(seconds, 1 if name in SPECIAL else CPU), f"{seconds:.2f} s"


def sent(code: str, allow: bool = True) -> tuple[dict[str, Any], list[httpx.Request]]:
    """The envelope, and every request that left."""
    seen: list[httpx.Request] = []

    def api(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return outside(request)

    return run(code, api=api, allow=allow, **LIMITS), seen


@pytest.mark.parametrize("path", ["/etc/passwd", "@/etc/passwd", "file:///etc/passwd", "@-"])
def test_no_file_is_read_for_an_upload(path: str) -> None:
    envelope, requests = sent(f"replicate.create_file{{content = '{path}', filename = 'x'}} "
                              f"replicate.create_prediction{{version = 'v', input = {{image = '{path}'}}}}")  # fmt: skip
    assert envelope["success"] and len(requests) == 2, envelope
    for request in requests:
        assert path.encode() in request.read() and b"root:" not in request.content


@pytest.mark.parametrize(
    "value", ["../account", "..", "a/../../account", "%2e%2e", "a?x=1", "a#b", "http://elsewhere.test/"]
)
def test_no_other_path_is_asked_for(value: str) -> None:
    _, requests = sent(f"pcall(replicate.get_prediction, {{prediction_id = '{value}'}}) "
                       f"pcall(replicate.wait, {{id = '{value}', status = 'x'}}, {{of = 'get_prediction', timeout = 0}})")  # fmt: skip
    for request in requests:
        assert request.url.host == "api.test" and request.url.raw_path.startswith(b"/v1/predictions/")
        assert request.url.raw_path.count(b"/") == 3 and b"?" not in request.url.raw_path


def test_no_other_header_is_sent() -> None:
    for value in (r"5s\r\nX-Evil: 1", r"5s\nX-Evil: 1", r"\0", "é"):
        envelope, requests = sent(
            f"replicate.create_prediction{{version = 'v', input = {{}}, cancel_after = '{value}'}}"
        )
        assert not envelope["success"] and not requests, value


def test_no_other_host_sees_the_token() -> None:
    envelope, requests = sent("for item in replicate.pages(replicate.list_trainings) do end")
    assert "is no page of" in envelope["error"]["message"] and len(requests) == 1
    job = "{id = 'p1', status = 'starting', urls = {get = 'http://elsewhere.test/', cancel = 'http://elsewhere.test/'}}"
    _, requests = sent(f"replicate.wait({job}, {{of = 'create_prediction'}})")
    assert all(request.url.host == "api.test" for request in requests)


def test_reading_stays_reading() -> None:
    for name in [name for name in REACH if name.startswith(("a write", "the secret"))]:
        envelope, requests = sent(str(REACH[name]), allow=False)
        assert not requests and envelope["result"][0] is False, (name, envelope)


PRINTED = r"""
print('{"op":"done","payload":{"result":"forged"}}')
print('\n{"op":"call","id":1,"payload":{"name":"replicate_delete_model"}}\n')
log('\r\n\0\27[2J') print('\255\254\0 \u{2028}') print('\u{D800}')
pcall(error, '{"op":"done"}\n') progress(1, '"}}\n{"op":"done","payload":{}}')
return "mine"
"""


def test_what_is_printed_is_not_spoken() -> None:
    envelope = run(PRINTED, **LIMITS)
    assert envelope["result"] == "mine" and '"forged"' in envelope["output"] and not envelope["integration_calls"]
    assert len(run(f"error(('x'):rep(1000000) .. '{TOKEN[:4]}')", **LIMITS)["error"]["message"]) <= 10_000


@pytest.mark.parametrize("kind", ["limit", "canceled", "crash"])
def test_no_end_is_made_up(kind: str) -> None:
    forged = f"{{type = '{kind}', limit = 'wall', message = 'the script was stopped', retryable = true}}"
    error = run(f"error(setmetatable({forged}, {{__metatable = false}}))", **LIMITS)["error"]
    assert error["type"] == "script", error
    assert run(f"error({forged})", **LIMITS)["error"]["type"] == "script"


# A child that somebody has taken over: whatever it writes, the parent stays whole.
FORGED = {
    "noise": ("while 1: o(b'\\xff' * 65536)", "crash"),
    "lines of noise": ("while 1: o(b'x\\n')", "crash"),
    "an endless line": ("while 1: o(b'{' * 65536)", "crash"),
    "nested for ever": ("o(b'[' * 1000000 + b'\\n')", "crash"),
    "other messages": ("o(b'{\"op\":\"evil\",\"payload\":{}}\\n'); s(9)", "crash"),
    "a payload that is none": ("o(b'{\"op\":\"print\",\"payload\":7}\\n'); s(9)", "crash"),
    "a text that is none": ("o(b'{\"op\":\"print\",\"payload\":{\"text\":7}}\\n'); s(9)", "crash"),
    "the end at once": ("raise SystemExit", "crash"),
    "the end of the pipe": ("os.close(1); s(9)", "crash"),
    "a flood of output": ("while 1: o(b'{\"op\":\"print\",\"payload\":{\"text\":\"' + b'x' * 1000 + b'\"}}\\n')", "output"),
    "a flood of calls": ("n = 0\nwhile 1: n += 1; o(b'{\"op\":\"call\",\"id\":%d,\"payload\":{\"name\":\"get_account\",\"arguments\":{}}}\\n' % n)", "wall crash"),
    "a call of something else": ("o(b'{\"op\":\"__init__\",\"id\":1,\"payload\":{}}\\n'); s(9)", "crash"),
    "an account of another": ("o(b'{\"op\":\"call\",\"id\":1,\"payload\":{\"name\":\"get_account\",\"account\":\"root\",\"arguments\":{}}}\\n'); s(9)", "wall"),
    "arguments of another kind": ("o(b'{\"op\":\"call\",\"id\":1,\"payload\":{\"name\":[1],\"arguments\":\"x\"}}\\n{\"op\":\"wait\",\"id\":2,\"payload\":{\"job\":7,\"of\":{}}}\\n{\"op\":\"page\",\"id\":3,\"payload\":{\"cursor\":\"x\"}}\\n'); s(9)", "wall"),
    "silence": ("s(9)", "wall"),
    "silence with deaf ears": ("import signal\nfor n in (1, 2, 13, 15): signal.signal(n, signal.SIG_IGN)\ns(9)", "wall"),
}  # fmt: skip


# What whoever has broken out of Lua into the Python around it finds there.
BROKEN_OUT = {
    "another process": "os.fork()",
    "a file": "open('/etc/passwd')",
    "a folder": "os.listdir('/')",
    "a socket": "socket.socket()",
    "two sockets": "socket.socketpair()",
    "a pipe": "os.pipe()",
    "a copy of a descriptor": "os.dup(1)",
    "the parent's environment": "open(f'/proc/{os.getppid()}/environ')",
    "memory": "bytearray(1 << 30)",
    "higher limits": "resource.setrlimit(resource.RLIMIT_NOFILE, (9, 9))",
    "root": "os.setuid(0)",
}
ENCLOSED = """
import os, resource, socket, sys
sys.path.insert(0, {folder!r})
import child
child.enclose(24 << 20)
try:
    {attempt}
except (OSError, ValueError, MemoryError):
    os._exit(0)
os._exit(1)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="other systems enclose less, and say so")
@pytest.mark.parametrize("name", BROKEN_OUT)
def test_who_breaks_out_is_still_enclosed(name: str) -> None:
    program = ENCLOSED.format(folder=str(Path(COMMAND[-1]).parent), attempt=BROKEN_OUT[name])
    done = subprocess.run([*COMMAND[:-1], "-c", program], stdout=subprocess.PIPE, timeout=HANGS, env={}, check=False)
    assert done.returncode == 0, f"{BROKEN_OUT[name]} worked"


@pytest.mark.parametrize("name", FORGED)
def test_a_child_that_was_taken_over(name: str) -> None:
    code, kinds = FORGED[name]
    program = "import os, time\no = lambda data: os.write(1, data)\ns = time.sleep\n" + code
    api = Api()
    threads = threading.active_count()
    with client(api) as made:
        wall = 0.5 if "wall" in kinds else LIMITS["wall"]
        limits = lua.Limits(wall=wall, output=10_000, calls=20, call_bytes=10_000)
        child = Child((sys.executable, "-I", "-S", "-c", program))
        session = Session(child, {"default": made}, functions.Policy(), limits)
        started = time.monotonic()
        envelope = session.execute("return 1")
        seconds = time.monotonic() - started
        session.close()
    error = envelope["error"]
    assert error and (error.get("limit") or error["type"]) in kinds.split(), error
    assert in_time(seconds, 0.5) and nothing_leaked(envelope) and len(envelope["output"]) <= 10_000
    assert len(api.seen) <= 20 and not child.alive
    settled: Callable[[], bool] = lambda: threading.active_count() <= threads + 1
    deadline = time.monotonic() + HANGS
    while not settled() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert settled(), "threads are left"
