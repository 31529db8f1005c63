"""A YAML file made to hold another value: only the lines that must change do."""

from __future__ import annotations

import copy
import difflib
import json
import random
from pathlib import Path
from typing import Any

import pytest

from generator.evolve.rewrite import rewritten
from generator.read.source import load, parse

ROOT = Path(__file__).parents[2]
TEXT = """\
# What it is.
a: 1
b:
  # Why c.
  c: one
  d: >-
    A long text that
    is folded. # not a comment

# About the list.
list:
  - name: x
    # inside
    size: 1
  - name: y
    size: 2
flow: {p: 1, q: [1, 2]}
last: end
"""


def moved(before: str, after: str) -> list[str]:
    """The lines that went and came."""
    found = difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=0)
    return [line for line in found if not line.startswith(("---", "+++", "@@"))]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda v: v.update(a=2), ["-a: 1", "+a: 2"]),
        (lambda v: v["b"].update(c="two"), ["-  c: one", "+  c: two"]),
        (lambda v: v["b"].pop("c"), ["-  c: one"]),
        (lambda v: v["b"].pop("d"), ["-  d: >-", "-    A long text that", "-    is folded. # not a comment"]),
        (lambda v: v["b"].update(e=[1]), ["+  e:", "+    - 1"]),
        (lambda v: v["list"][1].update(size=3), ["-    size: 2", "+    size: 3"]),
        (lambda v: v["list"][0].update(size=None), ["-    size: 1", "+    size: null"]),
        (lambda v: v["list"][0].update(name="z"), ["-  - name: x", "-    # inside", "+  - name: z"]),
        (lambda v: v["list"].append({"name": "z"}), ["+  - name: z"]),
        (lambda v: v["list"].pop(0), ["-  - name: x", "-    # inside", "-    size: 1"]),
        (lambda v: v["list"].insert(1, {"name": "n"}), ["+  - name: n"]),
        (lambda v: v["flow"].update(p=2), ["-flow: {p: 1, q: [1, 2]}", "+flow: {p: 2, q: [1, 2]}"]),
        (lambda v: v.pop("last"), ["-last: end"]),
        (lambda v: v.update(more={"x": "no"}), ["+more:", "+  x: 'no'"]),
        (lambda v: None, []),
    ],
)
def test_only_what_must_change_does(change: Any, expected: list[str]) -> None:
    value = copy.deepcopy(parse(TEXT, "t", Path()).value)
    change(value)
    after = rewritten(TEXT, value)
    assert parse(after, "t", Path()).value == value
    assert moved(TEXT, after) == expected


@pytest.mark.parametrize("indent", [None, 1, 2, 4])
def test_json_stays_json(indent: int | None) -> None:
    text = json.dumps({"a": 1, "b": ["é", {"c": None}]}, indent=indent, ensure_ascii=False) + "\n"
    assert rewritten(text, json.loads(text)) == text
    assert json.loads(rewritten(text, {"a": 2})) == {"a": 2}


def nodes(value: Any) -> list[Any]:
    """Every mapping and list below a value."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    own = [value] if isinstance(value, (dict, list)) and value else []
    return own + [found for item in inner for found in nodes(item)]


@pytest.mark.parametrize("seed", range(12))
def test_any_change_of_the_real_documents_is_held(seed: int) -> None:
    chance = random.Random(seed)
    path = ROOT / "spec" / chance.choice(["openapi.yaml", "catalog.yaml"])
    value = copy.deepcopy(load(path).value)
    text = path.read_text("utf-8")
    for _ in range(3):
        found = chance.choice(nodes(value))
        if isinstance(found, dict):
            key = chance.choice(list(found))
            if chance.random() < 0.5:
                del found[key]
            else:
                found[key] = chance.choice(["no", "a: b", "x\ny", {"k": [1, {"z": None}]}, [], 1.5, "é # 1"])
        else:
            found[chance.randrange(len(found))] = chance.choice(["new", {"a": {"b": "c"}}, 7])
    after = rewritten(text, value)
    assert parse(after, "t", Path()).value == value
    # Not written anew: nearly all of it stands as it did.
    kept = len(set(text.splitlines()) & set(after.splitlines())) / len(set(text.splitlines()))
    assert kept > 0.3


COMMENTED = """\
catalog: 1

functions:
  ## GET /a
  get_a:
  #   operation: getA
    verb: take
  #   type: read
  #   title: "A"

  ## GET /b
  # get_b:
  #   operation: getB
"""


def test_what_is_commented_out_within_an_entry_stays_with_it() -> None:
    """Added, changed and removed: the comments of `get_a` stay below it, or go with it; those of `get_b` are its own."""
    added = rewritten(COMMENTED, {"catalog": 1, "functions": {"get_a": {"verb": "take"}, "get_c": {"verb": "c"}}})
    assert added == COMMENTED.replace('"A"\n', '"A"\n  get_c:\n    verb: c\n')
    changed = rewritten(COMMENTED, {"catalog": 1, "functions": {"get_a": {"verb": "have", "type": "read"}}})
    assert changed == COMMENTED.replace("verb: take\n", "verb: have\n    type: read\n")
    two = added.replace("get_c:\n    verb: c", "get_c:\n    verb: c\n  #   type: read")
    removed = rewritten(two, {"catalog": 1, "functions": {"get_a": {"verb": "take"}}})
    assert removed == COMMENTED
