"""What a script gives comes through, whatever JSON thinks of it: calls may have been paid for."""

from __future__ import annotations

import json
from typing import Any

import pytest
from lua_stub import run
from test_lua_command import cli, recorder

TEXT_KEYS = "keys that are no text are written as text"
# What is returned, what comes of it, and the notes: place and words in it. JSON's own rules (RFC 8259) say what must change.
NEAR: dict[str, tuple[str, Any, list[tuple[str, str]]]] = {
    "as it is": ("{1, 'a', {b = {}}, json.null}", [1, "a", {"b": {}}, None], []),
    "a number as a key": ("{[2024] = 3}", {"2024": 3}, [("/result", TEXT_KEYS)]),
    "a list and an object": ("{1, 2, name = 'x'}", {"1": 1, "2": 2, "name": "x"}, [("/result", TEXT_KEYS)]),
    "a hole": ("{1, nil, 3}", [1, None, 3], [("/result", "holes")]),
    "a hole at the start": ("{nil, 2}", [None, 2], [("/result", "holes")]),
    "far apart": ("{[1] = 'a', [1000000] = 'b'}", {"1": "a", "1000000": "b"}, [("/result", TEXT_KEYS)]),
    "below one": ("{[0] = 'a', [-1] = 'b'}", {"0": "a", "-1": "b"}, [("/result", TEXT_KEYS)]),
    "keys that meet": ("{[1] = 'a', ['1'] = 'b', [true] = 'c', ['true'] = 'd'}",
                       {"1 (number)": "a", "1": "b", "true (boolean)": "c", "true": "d"}, [("/result", TEXT_KEYS)]),
    "fractions": ("{[1.5] = 'a'}", {"1.5": "a"}, [("/result", TEXT_KEYS)]),
    "keys of other kinds": ("{[print] = 1, [{}] = 2}", {"function": 1, "table": 2}, [("/result", TEXT_KEYS)]),
    "a marked list with names": ("array{1, x = 2}", {"1": 1, "x": 2}, [("/result", TEXT_KEYS)]),
    "a marked object with places": ("object{1, 2}", {"1": 1, "2": 2}, [("/result", TEXT_KEYS)]),
    "no number": ("{a = {0 / 0}}", {"a": [None]}, [("/result/a/0", "nan is given as null")]),
    "infinity": ("{x = 1 / 0, y = -1 / 0}", {"x": None, "y": None},
                 [("/result/x", "inf is given as null"), ("/result/y", "-inf is given as null")]),
    "a function": ("{f = print, c = coroutine.create(print)}", {"c": None, "f": None},
                   [("/result/c", "a thread"), ("/result/f", "a function")]),
    "alone": ("print", None, [("/result", "a function is given as null")]),
    "itself": ("(function() local t = {} t.a = {b = t} return t end)()", {"a": {"b": None}},
               [("/result/a/b", "the table at /result, which contains itself, is given as null")]),
    "twice and not itself": ("(function() local t = {1} return {t, t} end)()", [[1], [1]], []),
    "bytes": ("'a\\255é\\xc3'", "a\\xffé\\xc3", [("/result", "not UTF-8")]),
    "bytes in a key": ("{['\\255'] = 1}", {"\\xff": 1}, [("/result/\\xff", "not UTF-8")]),
    "keys that meet when spelled": (
        "{['\\255'] = 1, ['\\\\xff'] = 2, [print] = 3, ['function'] = 4}",
        {"\\xff": 2, "\\xff (bytes)": 1, "function": 4, "function (function)": 3},
        [("/result", TEXT_KEYS), ("/result/\\xff (bytes)", "not UTF-8")],
    ),
    "surrogates": ("'\\u{D800}x'", "\\xed\\xa0\\x80x", [("/result", "not UTF-8")]),
    "a place with slashes": ("{['a/b~c'] = {print}}", {"a/b~c": [None]}, [("/result/a~1b~0c/0", "function")]),
    "several": ("1, nil, print", [1, None, None], [("/result/2", "a function")]),
    "a key with a metamethod": ("{[setmetatable({}, {__tostring = function() while true do end end})] = 1}",
                                {"table": 1}, [("/result", TEXT_KEYS)]),
    "metamethods": ("setmetatable({a = 1}, {__index = function() error('x') end, __pairs = error, __len = error})",
                    {"a": 1}, []),
}  # fmt: skip


@pytest.mark.parametrize("name", NEAR)
def test_a_result_is_as_near_as_json_can_hold_it(name: str) -> None:
    code, expected, notes = NEAR[name]
    envelope = run(f"replicate.get_account{{}} return {code}")
    assert envelope["success"], envelope["error"]
    assert envelope["result"] == expected and list(map(type, [envelope["result"]])) == [type(expected)]
    assert [note["at"] for note in envelope["meta"]["notes"]] == [at for at, _ in notes], envelope["meta"]
    for note, (_, words) in zip(envelope["meta"]["notes"], notes, strict=True):
        assert words in note["note"]
    json.dumps(envelope, allow_nan=False)


def test_a_deep_result_is_whole_though_in_pieces() -> None:
    envelope = run("local t = 'paid' for i = 1, 250 do t = {t, n = i} end return t")
    assert envelope["success"], envelope["error"]
    deeper, found, levels = envelope["meta"]["deeper"], envelope["result"], 0
    pieces = iter(deeper)
    while found != "paid":
        found = found["1"] if found is not None else next(pieces)
        levels += found is not None
    assert levels == 250 and len(deeper) == 3
    assert any("/meta/deeper/0" in note["note"] for note in envelope["meta"]["notes"])
    deepest = run("local t = {} for i = 1, 100000 do t = {t} end return t")
    assert deepest["result"] and len(deepest["meta"]["notes"]) == 11


@pytest.mark.parametrize(
    ("code", "limit"),
    [
        ("return {id = 'p1', text = ('x'):rep(100000)}", "output"),
        ("return {id = 'p1', text = ('\\1'):rep(100000)}", "output"),
        ("local t = {id = 'p1'} for i = 1, 20000 do t['k' .. i] = ('é'):rep(9) end return t", "output"),
        ("local t = {id = 'p1', {}} for i = 1, 40 do t.x = {t.x, t.x} end return t", "values output"),
        ("local t = {id = 'p1', list = {}} for i = 1, 3000 do t.list[i] = {} end return t", "values"),
    ],
)
def test_what_fits_of_a_result_is_kept(code: str, limit: str) -> None:
    envelope = run(code, output=10_000, values=2_000)
    assert envelope["error"]["limit"] in limit.split() and "--limit" in envelope["error"]["hint"], envelope["error"]
    assert envelope["result"]["id"] == "p1"
    assert 1_000 < len(json.dumps(envelope["result"], separators=(",", ":"))) < 12_000


# Errors hold to the same limit, whatever is raised.
RAISED = {
    "a text": "error(('x'):rep(3000000))",
    "a table": "error({big = ('x'):rep(3000000)})",
    "a message": "error({message = ('x'):rep(3000000)})",
    "a table of ours": (
        "error(setmetatable({message = 'm', type = ('t'):rep(3000000), big = ('x'):rep(3000000)}, {__metatable = false}))"
    ),
    "many fields": (
        "local t = {message = 'm'} for i = 1, 100000 do t['k' .. i] = i end error(setmetatable(t, {__metatable = false}))"
    ),
    "a long key": "error(setmetatable({[('k'):rep(3000000)] = 1}, {__metatable = false}))",
    "a cycle": "local t = {} t.t = t error(t)",
    "a cycle of ours": "local t = {message = 'm'} t.t = t error(setmetatable(t, {__metatable = false}))",
    "deep": "local t = {} for i = 1, 50000 do t = {t} end error(t)",
    "its own text": "error(setmetatable({}, {__tostring = function() return ('x'):rep(3000000) end}))",
    "no text of its own": "error(setmetatable({}, {__tostring = function() return {} end}))",
    "an error in its text": "error(setmetatable({}, {__tostring = function() error('again') end}))",
    "bytes": "error(('\\255'):rep(3000000))",
    "continuations": "error(('\\128'):rep(3000000))",
    "a name": "error(setmetatable({}, {__name = ('x'):rep(3000000)}))",
    "a function": "error(print)",
    "nothing": "error()",
    "an error of a call with more": (
        "local ok, e = pcall(replicate.get_model, {model_owner = 'none', model_name = 'none'})"
        "e.big = ('x'):rep(3000000) error(e)"
    ),
}


@pytest.mark.parametrize("name", RAISED)
def test_an_error_is_no_larger_than_output_may_be(name: str) -> None:
    envelope = run("print('before')\n" + RAISED[name], output=20_000)
    error = envelope["error"]
    assert error["type"] in ("script", "not_found", "t" * 100) and error["message"], error
    size = len(json.dumps(error, separators=(",", ":")))
    assert size <= 20_000 + 10_500, "the limit, and a message that is no longer than 10,000 bytes"
    assert envelope["output"] == "before\n"


def test_the_command_line_shows_the_notes() -> None:
    with recorder() as server:
        done = cli("run", "-e", "return {[2024] = 3}", server=server)
        assert json.loads(done.stdout) == {"2024": 3} and done.returncode == 0
        assert done.stderr == f"note: /result: {TEXT_KEYS}\n"
        done = cli("run", "-e", "return {1, nil, 3}", "--json", server=server)
        assert json.loads(done.stdout)["meta"]["notes"] == [
            {"at": "/result", "note": "holes in a list are given as null"}
        ]
        done = cli("run", "-e", "return {'paid', ('x'):rep(5000)}", "--output=1", server=server)
        assert done.returncode == 1 and json.loads(done.stdout)[0] == "paid" and "1024 bytes" in done.stderr
