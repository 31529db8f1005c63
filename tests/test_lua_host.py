"""Lua code mode: real child processes, a functions layer made of a few lines."""

from __future__ import annotations

import importlib
import json
import os
import shutil
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

pytest.importorskip("lupa")

TEMPLATE = Path(__file__).parents[1] / "templates" / "lua" / "python" / "[package]" / "lua"
ABOUT = 'NAME = "acme"\nPACKAGE = "acmekit"\nCLIENT = "Acme"\n'


class Functions:
    """A functions layer: echoes, fails and hangs on demand."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, Any]] = []
        schema = {"type": "object", "properties": {"list": {"type": "array"}, "input": {"type": "object"}}}
        self.known = {
            name: SimpleNamespace(
                name=name,
                aliases=(name.removeprefix("acme_"),),
                title=name,
                summary=f"Does {name}.",
                description="",
                type="read",
                classes=("read",),
                input_schema=schema,
                examples=(),
            )
            for name in ("acme_echo", "acme_fail", "acme_hang", "acme_big")
        }

    def Policy(self, allowed: frozenset[str]) -> frozenset[str]:
        return allowed

    def all_functions(self) -> dict[str, Any]:
        return self.known

    def find(self, name: str) -> Any:
        for info in self.known.values():
            if name in (info.name, *info.aliases):
                return info
        problem = KeyError(name)
        problem.nearest = ["acme_echo"]  # type: ignore[attr-defined]
        raise problem

    def call(self, client: Any, name: str, arguments: Any, *, policy: Any, dry_run: bool) -> dict[str, Any]:
        self.seen.append((name, arguments))
        if name == "acme_fail":
            error = {"type": "not_found", "status": 404, "message": "no such thing", "retryable": False, "hint": None}
            return {"success": False, "data": None, "error": error, "meta": {}}
        if name == "acme_hang":
            time.sleep(3)
        if name == "acme_big":
            return {"success": True, "data": {"id": 9007199254740993, "gone": None, "e": {}, "l": []}, "meta": {}}
        return {"success": True, "data": arguments, "error": None, "meta": {"status": 200}}


@pytest.fixture(scope="module")
def lua(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ModuleType]:
    root = tmp_path_factory.mktemp("lua")
    package = root / "acmekit_lua_test"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "about.py").write_text(ABOUT)
    shutil.copytree(TEMPLATE, package / "lua", ignore=shutil.ignore_patterns("__pycache__"))
    sys.path.insert(0, str(root))
    try:
        yield importlib.import_module("acmekit_lua_test.lua.host")
    finally:
        sys.path.remove(str(root))


def run(lua: ModuleType, code: str, functions: Functions | None = None, **limits: Any) -> dict[str, Any]:
    envelope: dict[str, Any] = lua.run(
        code, client=None, functions=functions or Functions(), limits=lua.Limits(**{"wall": 10, "cpu": 1, **limits})
    )
    json.dumps(envelope)
    return envelope


def test_print_and_result(lua: ModuleType) -> None:
    envelope = run(lua, 'print("a", 1, nil, true) return {b = {1, 2}, c = array{}, d = {}, e = json.null}')
    assert envelope["success"], envelope
    assert envelope["output"] == "a\t1\tnil\ttrue\n"
    assert envelope["result"] == {"b": [1, 2], "c": [], "d": {}, "e": None}


@pytest.mark.parametrize(
    "path",
    [
        "app.integrations.acme.acme_echo",
        "app.integrations.acme.echo",
        "app.integrations.acme.default.echo",
        "acme.echo",
        "acme.acme_echo",
    ],
)
def test_call(lua: ModuleType, path: str) -> None:
    functions = Functions()
    envelope = run(lua, f"return {path}{{text = 'é\\n', n = 10 / 2, list = {{}}, input = {{}}}}", functions)
    assert envelope["success"], envelope
    assert functions.seen == [("acme_echo", {"text": "é\n", "n": 5, "list": [], "input": {}})]
    assert '"n": 5,' in json.dumps(envelope["result"]) or '"n": 5}' in json.dumps(envelope["result"])
    (call,) = envelope["integration_calls"]
    assert call["function"] == "acme_echo" and call["ok"] and call["status"] == 200


def test_results_keep_what_json_tells_apart(lua: ModuleType) -> None:
    envelope = run(lua, "local r = acme.big() print(r.gone) r.more = r.id + 1 return r")
    assert envelope["output"] == "nil\n"
    assert envelope["result"] == {"id": 9007199254740993, "gone": None, "e": {}, "l": [], "more": 9007199254740994}


def test_error_can_be_caught(lua: ModuleType) -> None:
    envelope = run(lua, "local ok, e = pcall(acme.fail, {}) return {ok, e.type, e.status, e.message, tostring(e)}")
    assert envelope["result"] == [False, "not_found", 404, "no such thing", "no such thing"]


def test_error_not_caught_names_its_line(lua: ModuleType) -> None:
    envelope = run(lua, "print('before')\n\nacme.fail{}")
    assert not envelope["success"] and envelope["output"] == "before\n"
    assert envelope["error"]["line"] == 3 and envelope["error"]["status"] == 404
    assert run(lua, "\nlocal x = nil; x.y = 1")["error"]["line"] == 2
    assert run(lua, "x = = 1")["error"]["type"] == "syntax"


def test_unknown_function(lua: ModuleType) -> None:
    envelope = run(lua, "acme.ecko{}")
    assert envelope["error"]["type"] == "unknown_function" and "acme_echo" in envelope["error"]["hint"]


def test_helpers(lua: ModuleType) -> None:
    code = """
    assert(json.decode('{"a":null}').a == json.null)
    assert(json.encode(json.decode('[{},[],"\\\\ud83d\\\\ude00",1e3]')) == '[{},[],"\U0001f600",1000]')
    local user, host = regex.match("me@example.org", "(\\\\w+)@([a-z.]+)")
    assert(user == "me" and host == "example.org")
    assert(#regex.match_all("a1b22", "[0-9]+") == 2)
    assert(regex.gsub("a1b22", "[0-9]+", "#") == "a#b#")
    assert(#docs.list() == 4 and docs.search("echo")[1].name == "acme_echo" and docs.read("echo").type == "read")
    assert(schema("echo").type == "object")
    dump({a = 1})
    """
    envelope = run(lua, code)
    assert envelope["success"], envelope
    assert envelope["output"] == "{\n  a = 1\n}\n"


LIMITS = {
    "spin": ("while true do end", "cpu"),
    "pcall": ("while true do pcall(function() while true do end end) end", "cpu"),
    "coroutine": ("coroutine.wrap(function() while true do end end)()", "cpu"),
    "close": ("local x <close> = setmetatable({}, {__close = function() while true do end end}) error('x')", "cpu"),
    "tostring": ("return {[setmetatable({}, {__tostring = function() while true do end end})] = 1}", "cpu"),
    "pattern": ("local _ = ('a'):rep(400):find(('a-'):rep(20) .. 'b')", "cpu"),
    "move": ("table.move({}, 1, math.maxinteger - 1, 2)", "cpu"),
    "regex": ("regex.match(('a'):rep(60), '(a+)+b')", "cpu"),
    "memory": ("local t = {} while true do t[#t + 1] = ('x'):rep(1000000) .. #t end", "memory"),
    "output": ("while true do print(('x'):rep(1000)) end", "output"),
    "calls": ("while true do pcall(acme.echo, {}) end", "calls"),
    "argument": ("acme.echo{x = ('x'):rep(5000000)}", "call_bytes"),
    "hang": ("acme.hang{}", "wall"),
}


@pytest.mark.parametrize("name", LIMITS)
def test_limit(lua: ModuleType, name: str) -> None:
    code, limit = LIMITS[name]
    started = time.monotonic()
    envelope = run(lua, "print('before')\n" + code, wall=1 if name == "hang" else 10, calls=20)
    assert time.monotonic() - started < 6
    assert envelope["error"]["type"] == "limit" and envelope["error"]["limit"] == limit, envelope["error"]
    assert envelope["output"].startswith("before\n")


ESCAPES = [
    "return io", "return debug", "return require", "return package", "return dofile", "return loadfile",
    "return os.execute", "return os.getenv", "return os.exit", "return os.remove", "return os.tmpname",
    "return string.dump", "return python", "return newproxy", "return warn", "return getmetatable('')",
    "return getmetatable(json.null)", "return getmetatable(acme)", "return load('\\27Lua')",
    "local n = 0 return load(function() n = n + 1 return n == 1 and '\\27Lua' or nil end)", "return pcall(rawset, json.null, 'a', 1) or nil",
    "return pcall(setmetatable, {}, {__gc = print}) or nil", "return pcall(string.rep, '', 1 << 60) or nil",
    "string.rep = nil; return ('x'):rep(2) == nil or nil", "return getmetatable(acme.echo)",
    "return pcall(function() return acme.echo.__globals__ end) or nil",
]  # fmt: skip


@pytest.mark.parametrize("code", ESCAPES)
def test_out_of_reach(lua: ModuleType, code: str) -> None:
    envelope = run(lua, code)
    assert envelope["success"], envelope
    assert envelope["result"] in (None, False, [None, None]) or envelope["result"][0] is None, envelope


def test_no_process_is_left(lua: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    killed: list[int] = []
    kill = lua.kill
    monkeypatch.setattr(lua, "kill", lambda child: (killed.append(child.pid), kill(child)))
    run(lua, "while true do end", cpu=0.1)
    with pytest.raises(ProcessLookupError):
        os.kill(killed[0], 0)


def test_surrogates_and_bytes(lua: ModuleType) -> None:
    envelope = run(lua, "print('\\255\\0') return '\\255'")
    assert envelope["output"] == "?\0\n"
    assert envelope["error"]["type"] == "result"
