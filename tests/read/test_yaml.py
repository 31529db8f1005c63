"""YAML with the values of JSON: what the specification of YAML 1.2.2 says of each construct, as JSON."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from generator.errors import SpecError
from generator.read.source import Source, parse


def read(text: str) -> Source:
    return parse(text, "x.yaml", Path("x.yaml"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # Examples of chapter 2, by their numbers.
        ("- Mark McGwire\n- Sammy Sosa\n", '["Mark McGwire", "Sammy Sosa"]'),  # 2.1
        ("hr:  65    # Home runs\navg: 0.278\nrbi: 147\n", '{"hr": 65, "avg": 0.278, "rbi": 147}'),  # 2.2
        ("-\n  name: Mark\n  hr: 65\n-\n  name: Sammy\n", '[{"name": "Mark", "hr": 65}, {"name": "Sammy"}]'),  # 2.4
        ("Mark McGwire: {hr: 65, avg: 0.278}\n", '{"Mark McGwire": {"hr": 65, "avg": 0.278}}'),  # 2.6
        ("---\nhr:\n  - &SS Sammy Sosa\nrbi:\n  - *SS\n", '{"hr": ["Sammy Sosa"], "rbi": ["Sammy Sosa"]}'),  # 2.10
        ('--- |\n  \\//||\\/||\n  // ||  ||__\n', '"\\\\//||\\\\/||\\n// ||  ||__\\n"'),  # 2.13
        ("--- >\n  Mark McGwire's\n  year was crippled\n", '"Mark McGwire\'s year was crippled\\n"'),  # 2.14
        ('unicode: "Sosa did fine.\\u263A"\ncontrol: "\\b1998\\t"\nhex: "\\x0d\\x0a is \\r\\n"\n',
         '{"unicode": "Sosa did fine.\\u263a", "control": "\\b1998\\t", "hex": "\\r\\n is \\r\\n"}'),  # 2.17
        ("plain:\n  This unquoted scalar\n  spans many lines.\n", '{"plain": "This unquoted scalar spans many lines."}'),  # 2.18
        # 10.2.2, the JSON schema: what a plain scalar is; what the core schema adds to it stays a text but for case.
        ("[null, true, false, 0, -0, -12, 3.5, 12e03, -2E+05]", "[null, true, false, 0, 0, -12, 3.5, 12000.0, -200000.0]"),
        ("[Null, NULL, ~, True, FALSE]", "[null, null, null, true, false]"),
        ("[yes, on, NO, y, 2024-01-01, 12:30, 0x1F, 0o14, .inf, -.INF, .nan, 1_000, '1']",
         '["yes", "on", "NO", "y", "2024-01-01", "12:30", "0x1F", "0o14", ".inf", "-.INF", ".nan", "1_000", "1"]'),
        ("- 12e03\n- -2E+05\n- +7\n- 1.\n", "[12000.0, -200000.0, 7, 1.0]"),
        ("- null\n- true\n- false\n- True\n- TRUE\n- False\n- ~\n-\n", "[null, true, false, true, true, false, null, null]"),
        ("a:\nb: \nc: ''\n", '{"a": null, "b": null, "c": ""}'),
        # 3.2.1.1: a key is what it is written as: JSON knows no other.
        ("200: ok\ntrue: a\nnull: b\n~: c\n1.50: d\n", '{"200": "ok", "true": "a", "null": "b", "~": "c", "1.50": "d"}'),
        ("!!str 200: !!str 5\n!!int 3: !!float 5\n", '{"200": "5", "3": 5.0}'),
        ("- !!int -3\n- !!float .5\n- !!null ~\n- !!bool FALSE\n- ! {! a: ! [1]}\n- 1e999: a\n", '[-3, 0.5, null, false, {"a": [1]}, {"1e999": "a"}]'),
        ("%YAML 1.2\n---\na: !!map {b: !!seq [!!null '', !!bool true, ! 12]}\n...\n", '{"a": {"b": [null, true, "12"]}}'),
        # 7.1: an alias has all of what it names.
        ("a: &x {b: [1, &y 2]}\nc: *x\nd: [*y, *x]\n", '{"a": {"b": [1, 2]}, "c": {"b": [1, 2]}, "d": [2, {"b": [1, 2]}]}'),
        ("a: &x 1\nb: &x 2\nc: *x\n", '{"a": 1, "b": 2, "c": 2}'),
        # The merge key of YAML 1.1 (yaml.org/type/merge.html, its own example).
        ("- &C {x: 1, y: 2}\n- &B {r: 10}\n- &S {r: 1}\n- {<<: *C, r: 10}\n", '[{"x": 1, "y": 2}, {"r": 10}, {"r": 1}, {"x": 1, "y": 2, "r": 10}]'),
        ("a: [&B {r: 10}, &S {r: 1}]\nb: {<<: [*B, *S], x: 1}\n", '{"a": [{"r": 10}, {"r": 1}], "b": {"x": 1, "r": 10}}'),
        ("- &k key\n- &B {r: 10}\n- {<<: *B, *k : 1}\n", '["key", {"r": 10}, {"key": 1, "r": 10}]'),
        ("- &k key\n- {*k : 1}\n- ! <<\n", '["key", {"key": 1}, "<<"]'),
        ("- &B {r: 10, y: 2}\n- {x: 1, <<: [*B], y: 3}\n- {'<<': 1}\n- <<\n", '[{"r": 10, "y": 2}, {"x": 1, "y": 3, "r": 10}, {"<<": 1}, "<<"]'),
        ("{a: 1, b: [x, y]}", '{"a": 1, "b": ["x", "y"]}'),
    ],
)  # fmt: skip
def test_values(text: str, expected: str) -> None:
    got = read(text).value
    wanted = json.loads(expected)
    assert got == wanted
    assert json.dumps(got, sort_keys=True) == json.dumps(wanted, sort_keys=True)  # 1 is not true, and 1.0 not 1


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("a: [1,\n", "2:1: is not valid YAML: "),
        ("a:\tb: c\n", "1:5: is not valid YAML: mapping values are not allowed"),
        ("a: 1\na: 2\n", "2:1: the key 'a' is here more than once"),
        ("? [a]\n: 1\n", "1:3: a key must be a scalar"),
        ("a: &x 1\n*x : 2\n", "2:1: a key must be a scalar"),
        ("!!int x: 1\n", "1:1: 'x' does not match its tag"),
        ("a: !!seq {}\n", "1:4: the tag 'tag:yaml.org,2002:seq' is not supported"),
        ("a: !!map []\n", "1:4: the tag 'tag:yaml.org,2002:map' is not supported"),
        ("a: !!null true\n", "1:4: 'true' does not match its tag"),
        ("a: !!bool 1\n", "1:4: '1' does not match its tag"),
        ("a: !!int 1.0\n", "1:4: '1.0' does not match its tag"),
        ("a: !!int 1e999\n", "1:4: the number 1e999 is too large"),
        ("a: !!float 1e999\n", "1:4: the number 1e999 is too large"),
        (f"a: !!null {'x' * 41}\n", f"1:4: '{'x' * 40}' does not match its tag"),
        ("a: &x [*x]\n", "1:8: &x contains itself"),
        ("a: *x\n", "1:4: the alias *x refers to no anchor above it"),
        ("a: !include b.yaml\n", "1:4: the tag '!include' is not supported"),
        (
            "a: !!python/object:os.system {}\n",
            "1:4: the tag 'tag:yaml.org,2002:python/object:os.system' is not supported",
        ),
        ("a: !!binary aGk=\n", "1:4: the tag 'tag:yaml.org,2002:binary' is not supported"),
        ("%TAG ! x\n---\na: 1\n", "1:1: the directive %TAG is not supported"),
        ("a: !!int x\n", "1:4: 'x' does not match its tag"),
        ("a: !!float inf\n", "1:4: 'inf' does not match its tag"),
        ("a: 1e999\n", "1:4: the number 1e999 is too large for a double"),
        ("a: " + "9" * 5000, "1:4: the number 99999999999999999999… (5,000 characters) is too"),
        ("a: 1\n---\nb: 2\n", "2:1: contains more than one document"),
        ("a: b\x80\n", "1:5: is not valid YAML: it contains the character U+0080"),
        ("a: \x00\n", "1:4: is not valid YAML: it contains the character U+0000"),
        ('a: "\\ud800"\n', "1:7: is not valid YAML: found invalid Unicode"),
        ("a: {<<: 3}\n", "1:9: `<<` merges mappings"),
        ("# nothing\n", "1:1: is empty"),
        ("  \n", "1:1: is empty"),
    ],
)
def test_mistakes_have_a_place(text: str, where: str) -> None:
    with pytest.raises(SpecError) as caught:
        read(text)
    assert str(caught.value).startswith(f"x.yaml:{where}")


def test_places() -> None:
    got = read("a: &x\n  b: [1, 2]\nc: *x\nd:\n- e: 1\n- {<<: *x, f: ''}\n")
    expected = {
        "/a": (1, 1), "/a/b": (2, 3), "/a/b/0": (2, 7), "/a/b/1": (2, 10),
        "/c": (3, 1), "/c/b": (2, 3), "/c/b/0": (2, 7), "/c/b/1": (2, 10),
        "/d": (4, 1), "/d/0": (5, 3), "/d/0/e": (5, 3), "/d/1": (6, 3), "/d/1/f": (6, 12),
        "/d/1/b": (2, 3), "/d/1/b/0": (2, 7), "/d/1/b/1": (2, 10),
        "": (1, 1),
    }  # fmt: skip
    places = {pointer: got.place(pointer) for pointer in expected}
    assert {pointer: (place.line, place.column) for pointer, place in places.items()} == expected


@pytest.mark.parametrize(
    ("text", "start", "places"),
    [
        ("# a\n--- b\n", 8, None),
        ("---\n  c: [d]\n", 6, {"c": (6, [(10, None)])}),
        (" - &x {a: 1}\n - {<<: *x}\n", 1, [(3, {"a": (7, None)}), (16, {"a": (7, None)})]),
    ],
)
def test_offsets(text: str, start: int, places: object) -> None:
    got = read(text).reading
    assert (got.start, got.places) == (start, places)


def test_what_an_alias_stands_for_is_a_copy() -> None:
    value = read("a: &x {b: [1]}\nc: *x\n").value
    value["a"]["b"].append(2)
    assert value["c"] == {"b": [1]}
