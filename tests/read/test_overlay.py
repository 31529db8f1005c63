"""Overlay files: what comes out by the Overlay Specification, where each part stands, and what is refused.

Documents and results are worked out by hand from the sections named: those of the Overlay Specification 1.1.0 (and 1.0.0
where it differs) and of RFC 9535. Two peers were run over the same table: oas-patch 0.6.0 (PyPI) and openapi-overlays-js
0.2.0 (npm); `peers` names those that come to something else.
"""

from __future__ import annotations

import copy
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from generator import cli, pipeline
from generator.errors import SpecError
from generator.inputs import digest
from generator.read.amending import amended
from generator.read.jsonpath import NotRead, Selector
from generator.read.source import load, parse

TRAITS = {
    "openapi": "3.1.0",
    "paths": {
        "/items": {"get": {"x-oai-traits": ["paged"], "responses": {}}},
        "/items/{id}": {"get": {"x-oai-traits": ["paged"], "parameters": [{"name": "id"}]}},
        "/other": {"get": {"responses": {}}},
    },
}
TOP, SKIP = {"name": "top", "in": "query"}, {"name": "skip", "in": "query"}
FOO = {"paths": {"/foo": {"get": {"description": "old"}}, "/bar": {"get": {"description": "old"}}}}


@dataclass(frozen=True)
class Case:
    document: dict[str, Any]
    actions: list[dict[str, Any]]
    expected: dict[str, Any]
    version: str = "1.1.0"
    peers: str = ""


CASES = {
    "Structured Overlay Example": Case(
        {"info": {"title": "T"}, "paths": {"/": {"get": {"summary": "Old", "tags": ["a"]}}}},
        [
            {
                "target": "$",
                "update": {
                    "info": {"x-overlay-applied": "structured-overlay"},
                    "paths": {
                        "/": {"summary": "The root resource", "get": {"summary": "Retrieve", "x-rate-limit": 100}},
                        "/pets": {"get": {"summary": "Retrieve a list of pets"}},
                    },
                },
            }
        ],
        {
            "info": {"title": "T", "x-overlay-applied": "structured-overlay"},
            "paths": {
                "/": {
                    "get": {"summary": "Retrieve", "tags": ["a"], "x-rate-limit": 100},
                    "summary": "The root resource",
                },
                "/pets": {"get": {"summary": "Retrieve a list of pets"}},
            },
        },
        "1.0.0",
    ),
    "Targeted Overlay Example": Case(
        FOO,
        [
            {"target": "$.paths['/foo'].get.description", "update": "This is the new description"},
            {"target": "$.paths['/bar'].get.description", "update": "This is the updated description"},
            {"target": "$.paths['/bar']", "update": {"post": {"description": "A child", "x-safe": False}}},
        ],
        {
            "paths": {
                "/foo": {"get": {"description": "This is the new description"}},
                "/bar": {
                    "get": {"description": "This is the updated description"},
                    "post": {"description": "A child", "x-safe": False},
                },
            }
        },
        peers="openapi-overlays-js",
    ),
    "Wildcard Overlay Example": Case(
        {"paths": {"/a": {"get": {"parameters": [{"name": "filter", "in": "query"}, {"name": "b", "in": "query"}]}}}},
        [
            {"target": "$.paths.*.get", "update": {"x-safe": True}},
            {
                "target": "$.paths.*.get.parameters[?@.name=='filter' && @.in=='query']",
                "update": {"schema": {"$ref": "#/components/schemas/filterSchema"}},
            },
        ],
        {
            "paths": {
                "/a": {
                    "get": {
                        "parameters": [
                            {
                                "name": "filter",
                                "in": "query",
                                "schema": {"$ref": "#/components/schemas/filterSchema"},
                            },
                            {"name": "b", "in": "query"},
                        ],
                        "x-safe": True,
                    }
                }
            }
        },
        "1.0.0",
        peers="oas-patch, openapi-overlays-js",
    ),
    "Array Modification Examples, added": Case(
        {"paths": {"/a": {"get": {"parameters": [{"name": "x"}]}}, "/b": {"get": {"parameters": []}}}},
        [{"target": "$.paths.*.get.parameters", "update": {"name": "newParam", "in": "query"}}],
        {
            "paths": {
                "/a": {"get": {"parameters": [{"name": "x"}, {"name": "newParam", "in": "query"}]}},
                "/b": {"get": {"parameters": [{"name": "newParam", "in": "query"}]}},
            }
        },
        "1.0.0",
        peers="openapi-overlays-js",
    ),
    "Array Modification Examples, removed": Case(
        {"paths": {"/a": {"get": {"parameters": [{"name": "dummy"}, {"name": "x"}, {"name": "dummy"}]}}}},
        [{"target": "$.paths.*.get.parameters[?@.name == 'dummy']", "remove": True}],
        {"paths": {"/a": {"get": {"parameters": [{"name": "x"}]}}}},
        "1.0.0",
        peers="openapi-overlays-js",
    ),
    "Array Modification Examples, a primitive removed": Case(
        {"paths": {"/a": {"get": {"tags": ["dummy", "b", "dummy"]}}}},
        [{"target": "$.paths.*.get.tags[?@ == 'dummy']", "remove": True}],
        {"paths": {"/a": {"get": {"tags": ["b"]}}}},
        peers="openapi-overlays-js",
    ),
    "Traits Example": Case(
        TRAITS,
        [
            {
                "target": "$.paths[?(@.get['x-oai-traits'][?(@ == 'paged')])].get",
                "update": {"parameters": [TOP, SKIP]},
            }
        ],
        {
            "openapi": "3.1.0",
            "paths": {
                "/items": {"get": {"x-oai-traits": ["paged"], "responses": {}, "parameters": [TOP, SKIP]}},
                "/items/{id}": {"get": {"x-oai-traits": ["paged"], "parameters": [{"name": "id"}, TOP, SKIP]}},
                "/other": {"get": {"responses": {}}},
            },
        },
        "1.0.0",
        peers="openapi-overlays-js",
    ),
    "the compliant set many-operations: of 1.0, a text removed, arrays inside concatenated": Case(
        {"paths": {"/pets": {"get": {"summary": "All", "tags": ["pets"]}}, "/pets/{id}": {"get": {"tags": ["pets"]}}}},
        [
            {"target": "$.paths['/pets'].get.summary", "remove": True},
            {"target": "$.paths.*.get", "update": {"tags": ["wildcard-done"]}},
            {"target": "$.paths['/pets'].get", "update": {"x-info": {"x-a": "b"}, "tags": ["overlayed"]}},
            {"target": "$.paths.*", "update": {"post": {"foo": {"bar": "hello"}}}},
        ],
        {
            "paths": {
                "/pets": {
                    "get": {"tags": ["pets", "wildcard-done", "overlayed"], "x-info": {"x-a": "b"}},
                    "post": {"foo": {"bar": "hello"}},
                },
                "/pets/{id}": {"get": {"tags": ["pets", "wildcard-done"]}, "post": {"foo": {"bar": "hello"}}},
            }
        },
        "1.0.0",
    ),
    "the compliant set remove-property: what a filter selects below any depth": Case(
        {"a": {"items": {"properties": {"id": {"type": "integer"}, "name": {"type": "string"}}}}, "b": 1},
        [{"target": "$.a..properties[?(@.type == 'string')]", "remove": True}],
        {"a": {"items": {"properties": {"id": {"type": "integer"}}}}, "b": 1},
        "1.0.0",
    ),
    "Action Object, copy merges one node into each target": Case(
        {"a": {"k": 1, "l": [1]}, "b": {"k": 2, "m": 3, "l": [2]}, "c": {}},
        [{"target": "$['b','c']", "copy": "$.a"}],
        {"a": {"k": 1, "l": [1]}, "b": {"k": 1, "m": 3, "l": [2, 1]}, "c": {"k": 1, "l": [1]}},
        peers="oas-patch, openapi-overlays-js",
    ),
    "Overlay Object, an action sees what the one before it did": Case(
        {"a": {"x": {"y": 1}}},
        [
            {"target": "$.a.x", "remove": True},
            {"target": "$.a", "update": {"x": [1]}},
            {"target": "$.a.x", "update": [2, [3]]},
        ],
        {"a": {"x": [1, 2, [3]]}},
        peers="openapi-overlays-js",
    ),
    "1.0.0, Action Object: an array takes the update as one entry": Case(
        {"a": [1]},
        [{"target": "$.a", "update": [2, 3]}],
        {"a": [1, [2, 3]]},
        "1.0.3",
        peers="oas-patch, openapi-overlays-js",
    ),
    "Action Object, a target that selects nothing changes nothing": Case(
        {"a": 1}, [{"target": "$.b", "update": {"c": 1}}], {"a": 1}
    ),
    "Action Object, remove goes before update": Case(
        {"a": {"b": 1}, "c": 1}, [{"target": "$.a", "remove": True, "update": {"b": 2}}], {"c": 1}
    ),
    "Action Object, `remove: false` beside an update": Case(
        {"a": {"b": 1}},
        [{"target": "$.a", "remove": False, "update": {"b": 2}}],
        {"a": {"b": 2}},
        peers="oas-patch, openapi-overlays-js",
    ),
    "a node that is selected twice is changed once": Case(
        {"a": [1]}, [{"target": "$['a','a']", "update": 2}], {"a": [1, 2]}, peers="oas-patch, openapi-overlays-js"
    ),
    "a list and what is in it are removed together": Case(
        {"a": [{"b": [1, 2, 1]}, {"b": [1]}, {"c": [2, 1]}]},
        [{"target": "$..[?@.b || @ == 1]", "remove": True}],
        {"a": [{"c": [2]}]},
        peers="openapi-overlays-js",
    ),
}


def overlay(folder: Path, actions: list[dict[str, Any]], version: str = "1.1.0", **more: Any) -> Path:
    path = folder / "o.json"
    whole = {"overlay": version, "info": {"title": "T", "version": "1"}, **more, "actions": actions}
    path.write_text(json.dumps(whole), "utf-8")
    return path


@pytest.mark.parametrize("name", CASES)
def test_by_the_specification(name: str, tmp_path: Path) -> None:
    case = CASES[name]
    (tmp_path / "d.json").write_text(json.dumps(case.document), "utf-8")
    found = amended(load(tmp_path / "d.json"), [overlay(tmp_path, case.actions, case.version)])
    assert found.source.value == case.expected
    assert json.dumps(found.source.value) == json.dumps(case.expected)  # the order of what was there stays


DOCUMENT = """\
openapi: 3.1.0
info: {title: Zoo, version: "1"}
x-shared: &shared {get: {responses: {"200": {description: OK}}}}
paths:
  /a: *shared
  /b: *shared
"""
OVERLAY = """\
overlay: 1.1.0
info: {title: For the zoo, version: "1"}
actions:
  - target: $.paths['/a'].get
    update:
      parameters:
        - {name: size, in: query, schema: {type: integer}}
  - target: $.nowhere
    update: {}
  - target: $.paths['/b'].get.responses['200'].description
    update: All
  - target: $.paths['/b'].get
    copy: $.paths['/a'].get
"""


SECOND = """\
overlay: 1.1.0
info: {title: Another, version: "1"}
actions:
- target: $.info
  update: {license: {name: MIT}}
- {target: $, update: {x-listed: [1]}}
- target: $.x-listed
  update: [ {a: 1} ]
- {target: "$.x-listed", copy: "$.x-listed[1]"}
- {target: "$.info['version','title']", remove: true}
- {target: $.info, update: {title: Zoo, version: "2"}}
"""


def test_places_are_those_of_the_file_that_holds_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("api.yaml").write_text(DOCUMENT)
    Path("o.yaml").write_text(OVERLAY)
    Path("p.yaml").write_text(SECOND)
    document = load(Path("api.yaml"))
    before = copy.deepcopy(document.reading.places)
    found = amended(document, [Path("o.yaml"), Path("p.yaml")])
    assert document.reading.places == before
    places = {
        "": "api.yaml:1:1",
        "/info/license/name": "p.yaml:5:22",
        "/x-listed/1/a": "p.yaml:8:14",
        "/x-listed/2/a": "p.yaml:8:14",
        "/x-listed/2": "p.yaml:8:13",
        "/paths/~1a": "api.yaml:5:3",
        "/paths/~1a/get/responses": "api.yaml:3:26",
        "/paths/~1a/get/parameters/0": "o.yaml:7:11",
        "/paths/~1a/get/parameters/0/schema/type": "o.yaml:7:44",
        "/paths/~1b/get/responses/200/description": "api.yaml:3:46",  # the copy has replaced what the overlay wrote
        "/paths/~1b/get/parameters/0/name": "o.yaml:7:12",
        "/x-shared/get/responses/200/description": "api.yaml:3:46",
    }
    assert {pointer: str(found.source.place(pointer)) for pointer in places} == places
    assert found.source.value["x-listed"] == [1, {"a": 1}, {"a": 1}]
    assert found.source.value["info"] == {"license": {"name": "MIT"}, "title": "Zoo", "version": "2"}
    assert "parameters" not in found.source.value["x-shared"]["get"]  # an alias is a copy
    assert [(str(node.place), why) for node, why in found.idle] == [
        ("o.yaml:8:5", "the target '$.nowhere' selects nothing")
    ]


def test_a_swagger_document_is_amended_as_it_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("api.yaml").write_text(
        'swagger: "2.0"\ninfo: {title: Zoo, version: "1"}\nhost: a.example\n'
        "paths: {/a: {get: {operationId: getA, responses: {200: {description: OK}}}}}\n"
    )
    actions = [
        {"target": "$.host", "update": "b.example"},
        {"target": "$.paths['/a'].get", "update": {"parameters": [{"name": "n", "in": "query", "type": "string"}]}},
    ]
    api = pipeline.load(pipeline.Inputs(Path("api.yaml"), overlays=(overlay(Path(), actions),)))
    assert api.servers[0].url == "https://b.example"
    [function] = api.functions
    assert [(p.wire_name, p.place.file) for p in function.params] == [("n", "o.json")]


@pytest.mark.parametrize(
    ("actions", "version", "what", "place"),
    [
        ([{"target": "$.a", "update": [1]}], "1.1.0", "another kind", "/actions/0/update"),
        ([{"target": "$", "update": {"a": 1}}], "1.1.0", "where the document has objects", "/actions/0/update/a"),
        ([{"target": "$", "update": {"a": {"b": {}}}}], "1.1.0", "where the document has arrays", "/actions/0/update/a/b"),
        ([{"target": "$", "update": {"a": {"c": None}}}], "1.0.0", "where the document has objects", "/actions/0/update/a/c"),
        ([{"target": "$.a.*", "update": {}}], "1.1.0", "arrays and objects at once", "/actions/0/target"),
        ([{"target": "$.t", "update": "x"}], "1.0.0", "which Overlay 1.0 does not update", "/actions/0/target"),
        ([{"target": "$.a", "copy": "$.none"}], "1.1.0", "selects no node", "/actions/0/copy"),
        ([{"target": "$.a", "copy": "$.*"}], "1.1.0", "selects 2 nodes", "/actions/0/copy"),
        ([{"target": "$.a", "copy": "b.c"}], "1.1.0", "`copy` is not a JSONPath", "/actions/0/copy"),
        ([{"target": "$", "remove": True}], "1.1.0", "root of the document", "/actions/0/target"),
        ([{"target": "a.b", "remove": True}], "1.1.0", "not a JSONPath", "/actions/0/target"),
        ([{"target": "$.a~", "remove": True}], "1.1.0", "not a JSONPath", "/actions/0/target"),
        ([{"target": "$" + ".a" * 2000, "remove": True}], "1.1.0", "characters", "/actions/0/target"),
        ([{"target": "$.a", "copy": "$"}], "1.0.0", "of Overlay 1.1", "/actions/0"),
        ([{"target": "$.a", "copy": "$", "update": {}}], "1.1.0", "both `update` and `copy`", "/actions/0"),
        ([{"target": "$.a"}], "1.1.0", "does nothing", "/actions/0"),
        ([{"update": {}}], "1.1.0", "needs a `target`", "/actions/0"),
        ([{"target": "$", "update": {}, "where": 1}], "1.1.0", "not a field", "/actions/0/where"),
        ([{"target": "$.a", "remove": "yes"}], "1.1.0", "`remove` is not true or false", "/actions/0/remove"),
        ([], "1.1.0", "at least one", "/actions"),
        ([{"target": "$", "update": {}}], "2.0.0", "is not supported", "/overlay"),
        ([{"target": "$", "update": {}}], "1.2.0", "is not supported", "/overlay"),
    ],
)  # fmt: skip
def test_what_is_refused(actions: list[dict[str, Any]], version: str, what: str, place: str, tmp_path: Path) -> None:
    """Each with the place in the overlay, and a remedy."""
    document = parse(json.dumps({"t": "x", "a": {"b": [], "c": {}}}), "d.json", tmp_path / "d.json")
    path = overlay(tmp_path, actions, version)
    with pytest.raises(SpecError) as caught:
        amended(document, [path])
    [finding] = caught.value.findings
    assert what in finding.what and finding.hint
    expected = load(path).place(place)
    assert str(finding.where) == str(expected)


FIELDS = "is not a field of an overlay's action object"
MISTAKES = """\
overlay: 1.0.0
what: 1
x-a: {}
info: {title: 1, other: x, x-a: b, description: D}
extends: [a]
actions:
- 5
- {target: 3, remove: 1, copy: 2, description: 3}
- {target: $, update: {}, copy: $}
- {target: $, copy: $, update: {}, remove: true, x-b: 1}
- {remove: true, update: {}, because: 1}
- {target: $, description: A, x-b: 1}
"""


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("overlay: 1.1.0\n", ["1:1: an overlay needs an `info` object", "1:1: an overlay needs a list of `actions`"]),
        ("overlay: 1.1.0\ninfo: []\nactions: {}\n", ["2:1: an overlay needs an `info`", "3:1: an overlay needs a list of"]),
        ("- 1\n", ["1:1: is not an Overlay document"]),
        ("info: {}\n", ["1:1: is not an Overlay document"]),
        ("overlay: 1.1\n", ["1:1: Overlay '1.1' is not supported"]),
        (f"overlay: '1.2{'x' * 50}'\n", [f"1:1: Overlay '1.2{'x' * 37}' is not supported"]),
        ("overlay: '1.0'\ninfo: {}\nactions: []\n",
         ["2:1: `info.title` is not a string", "2:1: `info.version` is not a string", "3:1: an overlay needs a list of `actions`"]),
        (MISTAKES, [
            "2:1: 'what' is not a field of an overlay's overlay object",
            "4:8: `info.title` is not a string",
            "4:1: `info.version` is not a string",
            "4:18: 'other' is not a field of an overlay's info object",
            "5:1: `extends` is not a string",
            "7:3: an action must be an object",
            "8:4: an action needs a `target`, a string",
            "8:15: `remove` is not true or false",
            "8:26: `copy` is not a JSONPath",
            "8:35: `description` is not a string",
            "8:3: `copy` is part of Overlay 1.1",
            "9:3: `copy` is part of Overlay 1.1",
            "9:3: an action cannot have both `update` and `copy`",
            "10:3: `copy` is part of Overlay 1.1",
            "11:3: an action needs a `target`, a string",
            f"11:30: 'because' {FIELDS}",
            "12:3: the action does nothing",
        ]),
        ("{", ["1:2: is not valid YAML"]),
        ("", ["1:1: is empty"]),
    ],
)  # fmt: skip
def test_what_is_no_overlay(text: str, told: list[str], tmp_path: Path) -> None:
    (tmp_path / "o.yaml").write_text(text)
    with pytest.raises(SpecError) as caught:
        amended(parse("{}", "d.json", tmp_path / "d.json"), [tmp_path / "o.yaml"])
    found = sorted(f"{str(each.where).partition('o.yaml:')[2]}: {each.what}" for each in caught.value.findings)
    assert all(each.hint for each in caught.value.findings)
    assert [a[: len(b)] for a, b in zip(found, sorted(told), strict=True)] == sorted(told)


def test_extends_is_checked(tmp_path: Path) -> None:
    document = parse('{"a": 1}', "d.json", tmp_path / "d.json")
    for extends, fetched, told in (
        ("./d.json", "", False),
        ("d.json", "", False),
        ((tmp_path / "d.json").as_uri(), "", False),
        ("other.json", "", True),
        ("https://api.example/d.json", "", False),  # it may be a copy of it
        ("https://api.example/d.json", "https://api.example/d.json", False),
        ("https://api.example/d.json", "https://other.example/d.json", True),
        ("http://api.example/d.json", "https://api.example/d.json", True),
        ("d.json", "https://api.example/d.json", False),  # relative to wherever it was published
        ((tmp_path / "d.json").as_uri(), "https://api.example/d.json", True),
        ("urn:zoo", "", True),
        ("http://[x", "", True),
        ("d%2Ejson", "", False),
        ("d%00.json", "", True),
    ):
        path = overlay(tmp_path, [{"target": "$", "update": {"b": 1}}], extends=extends)
        idle = [(node.pointer, what) for node, what in amended(document, [path], fetched).idle]
        assert idle == ([("/extends", f"it is for {extends!r}, not for d.json")] if told else []), extends


@pytest.mark.parametrize(
    ("variable", "bound", "actions"),
    [
        ("SURFACEGEN_MAX_VALUES", "500", [{"target": "$.l", "copy": "$.l"}] * 12),
        ("SURFACEGEN_MAX_DEPTH", "30", [{"target": "$.a.b", "copy": "$.a"}] * 40),
        ("SURFACEGEN_MAX_SELECTED", "5000", [{"target": "$..*..*..*..*..*..*..*..*..*..*..*..*", "remove": True}]),
        ("SURFACEGEN_MAX_SELECTED", "5000", [{"target": "$..[?@..[?@..[?@..[?@..z]]]]", "remove": True}]),
        ("SURFACEGEN_MAX_SELECTED", "5000", [{"target": "$[?count(@" + "[*,*]" * 12 + ")>1]", "remove": True}]),
    ],
)
def test_bounds(variable: str, bound: str, actions: list[dict[str, Any]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    """What grows with each action, and what looks at the same values over and over."""
    deep: dict[str, Any] = {}
    for _ in range(14):
        deep = {"c": [deep, deep]} if len(json.dumps(deep)) < 900 else {"c": [deep]}
    value = {"a": {"b": {}}, "l": [1, 2], "deep": deep}
    path = overlay(tmp_path, actions)
    document = parse(json.dumps(value), "d.json", tmp_path / "d.json")
    monkeypatch.setenv(variable, bound)
    with pytest.raises(SpecError) as caught:
        amended(document, [path])
    assert variable in caught.value.findings[0].hint


def test_how_many_overlays_and_how_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "d.json").write_text('{"a": 1}')
    paths = [tmp_path / "o.yaml", tmp_path / "p.yaml"]
    for path in paths:
        path.write_text("overlay: 1.1.0\ninfo: {title: T, version: '1'}\nactions: [{target: $, update: {a: 2}}]\n")
    size = sum(path.stat().st_size for path in tmp_path.iterdir())
    for variable, least, where, told in (
        ("SURFACEGEN_MAX_FILES", 2, "--overlay", "is passed more than 1 times"),
        ("SURFACEGEN_MAX_BYTES", size, "p.yaml", f"with it the document is larger than {size - 1} bytes"),
    ):
        monkeypatch.setenv(variable, str(least))
        assert amended(load(tmp_path / "d.json"), paths).source.value == {"a": 2}
        monkeypatch.setenv(variable, str(least - 1))
        with pytest.raises(SpecError) as caught:
            amended(load(tmp_path / "d.json"), paths)
        [found] = caught.value.findings
        assert (str(found.where), found.what) == (where, told) and variable in found.hint
        monkeypatch.delenv(variable)


def test_how_long_a_query_may_be() -> None:
    exact = f"$['{'a' * 1_995}']"
    assert Selector().find(exact, {"a" * 1_995: 1}) == [("a" * 1_995,)]
    with pytest.raises(NotRead) as caught:
        Selector().find(exact[:-2] + "a']", {})
    assert (caught.value.what, caught.value.hint) == ("has 2,001 characters", "use one of at most 2,000")
    assert Selector().find("$" + "[0]" * 60, []) == []
    for query in ("$" + "[0]" * 61, "$[?" + "(" * 60 + "@" + ")" * 60 + "]"):
        with pytest.raises(NotRead) as caught:
            Selector().find(query, [])
        assert (caught.value.what, caught.value.hint) == (
            "has more than 60 brackets",
            "split it into several actions",
        )


def test_a_pattern_in_a_filter_never_backtracks() -> None:
    value = ["a" * 40 + "!", "b", "abc"]
    assert Selector().find("$[?match(@, '(a+)+b')]", value) == []
    assert Selector().find("$[?match(@, 'a.c')]", value) == [(2,)]
    assert Selector().find("$[?match(@, 'a')]", value) == []
    assert Selector().find("$[?search(@, 'b')]", value) == [(1,), (2,)]
    with pytest.raises(NotRead):
        Selector().find("$[?nothing(@)]", value)


@pytest.mark.parametrize(
    ("query", "values", "expected"),
    [
        # RFC 9535, 2.4.6: the whole of a text; 2.4.7: a part of it
        ("match(@, 'a.*')", ["ab", "bab"], [0]), ("search(@, 'a.*')", ["ab", "bab", "b"], [0, 1]),
        # RFC 9485, 4: a dot is anything but \\n and \\r, of any plane
        ("match(@, '.')", ["\u2028", "\u2029", "\r", "\n", "\U00010101"], [0, 1, 4]),
        ("search(@, '.')", ["\r\u2028\n", "\r", "\n"], [0]),
        ("match(@, 'a[.b]c')", ["abc", "a.c", "axc"], [0, 1]), ("match(@, 'a\\\\.c')", ["abc", "a.c"], [1]),
        ("match(@, 'a\\\\\\\\.c')", ["abc", "a.c", "a\\\u2028c"], [2]),
        ("match(@, 'a[\\\\].]c')", ["abc", "a.c", "a\u2028c", "a]c"], [1, 3]),
        # 5.2: categories of Unicode
        ("match(@, '\\\\p{Lu}')", ["\u0436", "\u0416", "1"], [1]), ("match(@, '\\\\P{Lu}')", ["\u0436", "\u0416", "1"], [0, 2]),
        ("$[0] == @", ["a", "b", "a"], [0, 2]),
        ("!match(@, 'a')", ["a", "b"], [1]), ("match(@, 7)", ["7"], []), ("match(1, '1')", ["1"], []),
    ],
)  # fmt: skip
def test_patterns_in_filters(query: str, values: list[str], expected: list[int]) -> None:
    assert Selector().find(f"$[?{query}]", values) == [(index,) for index in expected]


def test_an_idle_action_is_told_and_fails_when_strict(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("api.yaml").write_text(DOCUMENT)
    Path("o.yaml").write_text(OVERLAY)
    command = ["generate", "--openapi", "api.yaml", "--overlay", "o.yaml", "--surface", "lua", "--out", "out"]
    told = "o.yaml#/actions/1: line 8, column 5: the target '$.nowhere' selects nothing"
    assert cli.main([*command, "--strict"]) == 1
    assert "dropped by every surface: line 8, column 5" in capsys.readouterr().err and not Path("out").exists()
    assert cli.main(command) == 0
    assert told in capsys.readouterr().err
    assert cli.main(command) == 0
    shown = capsys.readouterr()
    assert "nothing to do" in shown.out and told in shown.err
    assert cli.main(["check", *command[1:]]) == 0
    Path("o.yaml").write_text(OVERLAY.replace("name: size", "name: colour"))
    capsys.readouterr()
    assert cli.main(["check", *command[1:]]) == 1
    assert "the overlays changed since it was generated" in capsys.readouterr().out


def test_overlays_decide_the_digest_in_their_order(tmp_path: Path) -> None:
    (tmp_path / "api.yaml").write_text(DOCUMENT)
    one, two = tmp_path / "one.yaml", tmp_path / "two.yaml"
    one.write_text(OVERLAY)
    two.write_text(OVERLAY.replace("size", "weight"))
    found = [
        digest(pipeline.Inputs(tmp_path / "api.yaml", overlays=each)) for each in ((), (one,), (one, two), (two, one))
    ]
    assert "overlays" not in found[0]
    assert len({each.get("overlays") for each in found}) == 4
