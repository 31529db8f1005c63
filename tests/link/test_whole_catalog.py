"""A whole catalog, and all that the IR says of it: each key of each entry, written down by hand."""

from __future__ import annotations

import shutil
from functools import cache
from pathlib import Path
from typing import Any

from plain_ir import plain

from generator import link
from generator.errors import SpecError
from generator.ir import Api
from generator.read import documents

WHOLE = Path(__file__).parent / "whole"
Json = Any


@cache
def api() -> Api:
    return link.load(documents.read(WHOLE / "lab.yaml", WHOLE / "lab.catalog.yaml"))


def test_what_is_said_of_the_api() -> None:
    found = plain(api())
    own = (
        "name",
        "title",
        "package",
        "client",
        "version",
        "command",
        "summary",
        "description",
        "homepage",
        "token_url",
    )
    assert [found[key] for key in own] == [
        "lab", "The Lab", "labkit", "LabClient", "2.1.0", "labs", "Runs things.", "All of it.",
        "https://lab.example/home", "https://lab.example/token",
    ]  # fmt: skip
    assert (found["whoami"], found["token_env"], found["base_url_env"]) == ("lab_get_model", "LAB_KEY", "LAB_URL")
    assert found["schemes"] == [
        {"key": "key", "words": ["key"], "kind": "bearer", "prefix": "Bearer", "description": "Its key", "parts": [["token", "LAB_KEY"]]}
    ]  # fmt: skip
    assert found["security"] == [[{"scheme": "key"}]]
    assert {group["key"]: group for group in found["groups"]}["runs"] == {
        "key": "runs",
        "path": [["runs"]],
        "title": "The runs",
        "summary": "What runs.",
        "description": "What runs. And when.",
    }
    assert found["jobs"] == {
        "run": {
            "key": "run", "id": "id", "status": "status", "terminal": ["done", "failed"], "successful": ["done"],
            "poll": "lab_get_run", "cancel": "lab_cancel_run", "argument": "id", "interval": 0.5, "output": "output",
            "error": "e", "logs": "l", "stream": "s", "events": [["output", "out"], ["done", "end"]], "input": "i",
            "list": "lab_list_runs", "model": "m", "hardware": "h", "seconds": "t", "created": "c", "started": "b",
        }
    }  # fmt: skip
    assert found["uploads"] == {
        "function": "lab_upload",
        "argument": "content",
        "url": "url",
        "inline": 10,
        "largest": 20,
    }
    assert found["webhooks"] == {
        "group": "runs", "secret": "lab_secret", "key": "key", "job": "run", "argument": "hook", "filter": "hook",
        "events": ["done"],
    }  # fmt: skip
    assert found["runners"] == [
        {"key": "go", "function": "lab_run", "summary": "Goes.", "description": "Goes.", "shown": "OWNER/NAME",
         "named": ["owner", "name"], "stream": True, "adds": "model"}
    ]  # fmt: skip
    assert found["aliases"] == [{"words": ["ls"], "command": ["runs", "list", "--json"]}]
    what = {"name": "what", "description": "What.", "required": True, "values": "lab_list_runs", "form": "{id}"}
    assert found["prompts"] == [
        {"name": "try", "title": "Try", "summary": "Tries.", "text": "Run {what} now.", "arguments": [what]}
    ]


def test_what_is_said_of_a_function() -> None:
    found = plain(api().function("lab_run"))
    at = "/paths/~1runs~1{owner}~1{name}"
    body = f"{at}/post/requestBody/content/application~1json/schema/properties"
    text, field = {"kind": "string"}, {"location": "field", "explode": True}
    path = {"location": "path", "type": text, "required": True, "style": "simple"}
    run = {"kind": "model", "model": "Run"}
    body_type = {"kind": "model", "model": found["body"]["type"]["model"]}
    assert found == {
        "name": "lab_run", "words": ["run"], "group": "runs", "verb": ["start"], "operation_id": "runs.create",
        "method": "POST", "path": "/runs/{owner}/{name}", "access": "write", "destructive": True, "secret": True,
        "billed": True, "idempotent": True, "title": "Start a run", "summary": "Starts a run.",
        "description": "It starts a run.", "brief": "Starts it.", "keywords": ["go", "begin"],
        "params": [
            {"words": ["owner"], "wire_name": "owner", **path, "place": f"{at}/parameters/0"},
            {"words": ["name"], "wire_name": "name", **path, "place": f"{at}/parameters/1"},
            {"words": ["input"], "wire_name": "input", **field, "required": True,
             "type": {"kind": "map", "items": {"kind": "any"}}, "place": f"{body}/input"},
            {"words": ["hook"], "wire_name": "hook", **field, "type": text, "place": f"{body}/hook"},
            {"words": ["new", "name"], "wire_name": "Old-Name", **field, "type": text, "description": "Its name.",
             "deprecated": True, "deprecation": {"since": "2.0", "removed": "3.0", "use": "hook"},
             "place": f"{body}/Old-Name"},
            {"words": ["wait"], "wire_name": "Prefer", "location": "header", "style": "simple", "encoding": "wait",
             "type": {"kind": "integer", "minimum": 1, "maximum": 9}, "description": "How long.",
             "place": f"{at}/post/parameters/0"},
        ],
        "body": {"media_type": "application/json", "kind": "json", "type": body_type, "required": True, "flattened": True},
        "responses": [
            {"status": "201", "description": "made", "place": f"{at}/post/responses/201",
             "contents": [{"media_type": "application/json", "kind": "json", "type": run}]}
        ],
        "result": {"kind": "json", "type": run, "media_type": "application/json", "stream": "hook", "contents": [
            ["201", {"media_type": "application/json", "kind": "json", "type": run}],
            ["201", {"media_type": "text/event-stream", "kind": "events", "type": {"kind": "map", "items": {"kind": "any"}},
                     "item": {"kind": "map", "items": {"kind": "any"}}}],
        ]},
        "reference": {"key": "whole", "shown": "OWNER/NAME", "parts": [["owner", "/"], ["name", ""]]},
        "job": "run", "files_in": ["input"], "files_out": ["output"], "web": "page",
        "security": [[{"scheme": "key"}]], "timeout": 7, "retries": 0, "headers": [["x-fixed", "yes"]],
        "flags": [["hook", "call-back"]],
        "examples": [
            {"title": "Mine", "arguments": {"owner": "ann", "name": "paint", "input": {"a": 1}}, "has_result": True,
             "result": {"id": "r1"}}
        ],
        "deprecated": True, "deprecation": {"since": "2.1", "use": "lab_other"}, "place": f"{at}/post",
    }  # fmt: skip
    listed = plain(api().function("lab_list_runs"))
    assert listed["page"] == {"items": "runs", "next": "more", "item": run, "by": "cursor", "argument": "from"}
    assert listed["examples"] == [{"title": "All", "arguments": {}, "has_result": True, "result": {"runs": []}}]
    got, cancelled = api().function("lab_get_run"), api().function("lab_cancel_run")
    assert (got.hidden, got.verb, got.group, got.access) == (("cli", "docs"), ("get",), "runs", "read")
    assert (cancelled.security, cancelled.access, cancelled.destructive) == ((), "write", True)
    assert api().function("lab_secret").classes == ("read", "secret")
    assert not any(function.name == "lab_gone" for function in api().functions)


def test_a_function_made_of_another() -> None:
    (function,) = api().derived
    found, base = plain(function), plain(api().function("lab_run"))
    kept = "models/ann/paint.json#/components/schemas"
    inputs = "/components/schemas/In/properties"

    def argument(name: str, type_: Json, *called: str, **more: Json) -> Json:
        own = {"words": list(called or (name,)), "wire_name": name, "location": "field", "type": type_}
        return {**own, **more, "place": f"{inputs}/{name}"}

    size = {"kind": "string", "values": ["s", "l"], "name": "lab_paint.Size", "description": "How large."}
    secret = {"kind": "string", "format": "password"}
    more = {"kind": "model", "model": "lab_paint.more"}
    assert found.pop("params") == [
        argument("prompt", {"kind": "string", "description": "What to paint"}, required=True, description="What to paint"),
        argument("size", {**size, "has_default": True, "default": "l"}, description="How large."),
        argument("seed", {"kind": "integer", "has_default": True, "default": 2}),
        argument("Seed", {"kind": "number", "description": "Other."}, "seed", "2", description="Other."),
        argument("key", {"kind": "string"}, deprecated=True),
        argument("pass", {"kind": "array", "items": secret}),
        argument("image", {"kind": "string", "format": "uri"}),
        argument("odd", {"kind": "any"}),
        argument("more", more),
        {"words": ["ghost"], "wire_name": "ghost", "location": "field", "type": {"kind": "any"}, "required": True,
         "place": "/components/schemas/In"},
    ]  # fmt: skip
    derived = found.pop("derived")
    answer = derived.pop("answer")
    assert answer["text"] == "Paints pictures. Quickly." and answer["official"] is True
    assert answer["latest"]["id"] == "v9" and answer["latest"]["schema"].keys() == {
        "openapi",
        "info",
        "paths",
        "components",
    }
    assert derived == {
        "base": "lab_run",
        "fixed": {"owner": "ann", "name": "paint", "hook": "https://x.example/v9"},
        "argument": "input",
        "follow": True,
        "open": True,
        "source": "ann/paint",
        "version": "v9",
        "schema": "models/ann/paint.json",
        "joined": True,
        "secrets": ["key", "pass"],
        "notes": {"x-join": True, "x-type": "iterator"},
        "answered_at": "/models/ann/paint",
    }
    assert found.pop("examples") == [
        {"title": "With values made from the types", "arguments": {"prompt": "prompt", "ghost": "ghost"}}
    ]
    place = found.pop("place")
    own = {
        "name": "lab_paint", "words": ["paint"], "group": "models.ann", "verb": ["paint"], "title": "ann/paint",
        "summary": "Paints pictures.", "description": "Paints pictures. Quickly.", "brief": "Paints.",
        "keywords": ["art", "ann/paint"], "files_in": ["image"], "files_out": [""],
        "result": {"kind": "json", "type": {"kind": "array", "items": {"kind": "string", "format": "uri"}}},
    }  # fmt: skip
    same = ("operation_id", "method", "path", "access", "destructive", "secret", "billed", "idempotent", "job")
    same += ("security", "timeout", "retries", "headers", "deprecated", "deprecation")
    assert found == {**own, **{key: base[key] for key in same}} and place == "/derived/lab_paint"
    assert api().types["lab_paint.Size"].place.pointer == f"{kept}/Size"
    assert plain(api().models["lab_paint.more"])["words"] == ["paint", "more"]
    lost = {(loss.pointer.partition("In")[2], loss.kind): loss.reason for loss in api().losses if kept in loss.pointer}
    expected = {
        ("/properties/seed", "degraded"): "'seed' is at least 9 and at most 1: neither is checked",
        ("/properties/Seed", "degraded"): "'Seed' is spelled as another one is: in Python it is 'seed_2'",
        ("/properties/Seed", "kept"): "the default of 'Seed' is no value of it; it is not shown",
        ("/properties/key", "kept"): "'key' is a secret: its default is not shown",
        ("/properties/pass", "degraded"): "'pass' has a length below zero",
        ("/properties/!", "dropped"): "the property '!' has no name that an argument can have",
        ("/properties/odd", "degraded"): "the property 'odd' has no schema: it takes any JSON value",
        ("", "degraded"): "'ghost' is required and has no schema: it takes any JSON value",
    }
    assert lost.keys() == expected.keys(), lost
    assert all(reason in lost[key] and lost[key].startswith("lab_paint: ") for key, reason in expected.items())


MISTAKES: list[tuple[str, str, str, tuple[str, ...]]] = [
    # what stands in the catalog, what is written in its place, where that is told, and what is said of it
    ("https://lab.example/home", "lab.example", "homepage", ("homepage", "http")),
    ("https://lab.example/token", "javascript:x", "token_url", ("token_url", "http")),
    ("package: labkit", "package: json", "package", ("the package 'json' is taken", "json_api")),
    ("client: LabClient", "client: Client", "client", ("the client 'Client' is taken", "ClientApi")),
    ("whoami: lab_get_model", "whoami: lab_get_modle", "whoami", ("no function 'lab_get_modle'", "lab_get_model")),
    ("poll: lab_get_run", "poll: lab_get_rum", "poll", ("no function 'lab_get_rum'", "lab_get_run")),
    ("function: lab_upload", "function: lab_uplod", "function: lab_uplod", ("no function 'lab_uplod'", "lab_upload")),
    ("argument: content", "argument: contend", "argument: contend", ("no argument 'contend'", "content")),
    ("group: runs, secret", "group: rums, secret", "group: rums", ("no group 'rums'", "runs")),
    ("secret: lab_secret", "secret: lab_secert", "secret: lab_secert", ("no function 'lab_secert'", "lab_secret")),
    ("key: key, job: run", "key: key, job: rum", "job: rum", ("no job behaviour 'rum'", "run")),
    ("go: {function: lab_run", "go: {function: lab_rum", "function: lab_rum", ("no function 'lab_rum'", "lab_run")),
    ("ls: runs list", "ls: runs lits", "ls: runs", ("no command 'runs lits'", "runs list")),
    ("Run {what} now", "Run {wath} now", "text: ", ("no argument 'wath'", "what")),
    ("Run {what} now", "Run now", "try: {title", ("no place for 'what'", "{what}")),
    ("values: {function: lab_list_runs", "values: {function: lab_run", "function: lab_run, form", ("no reading function",)),
    ("job: run\n", "job: rum\n", "job: rum", ("no job behaviour 'rum'", "run")),
    ("stream: hook", "stream: hok", "stream: hok", ("no argument 'hok'", "hook")),
    ("web: page", "web: pgae", "web: pgae", ("no text 'pgae'",)),
    ("input: [input], output", "input: [inptu], output", "inptu", ("no argument 'inptu'", "input")),
    ("Old-Name: {name", "Odl-Name: {name", "Odl-Name", ("no parameter 'Odl-Name'", "Old-Name")),
    ("flags: {hook: call-back}", "flags: {hok: call-back}", "hok: call", ("no argument 'hok'", "hook")),
    ("flags: {hook: call-back}", "flags: {hook: help}", "hook: help", ("--help", "help-value")),
    ("flags: {hook: call-back}", "flags: {hook: input}", "flags: {hook: input", ("--input", "'input'")),
    ("x-fixed: \"yes\"", "content-length: \"1\"", "content-length", ("'content-length'", "the request itself")),
    ("x-fixed: \"yes\"", "authorization: \"x\"", "authorization", ("'authorization'", "credential")),
    ("x-fixed: \"yes\"", "x fixed: \"yes\"", "x fixed", ("'x fixed'", "no header's name")),
    ("x-fixed: \"yes\"", "connection: \"close\"", "connection", ("'connection'", "one connection")),
    ("x-fixed: \"yes\"", "x-a: \"é\"", "x-a", ("'x-a'", "cannot be sent")),
    ("page: way", "page: wya", "page: wya", ("no page behaviour 'wya'", "way")),
    ("items: runs", "items: rums", "page: way", ("no list 'rums'",)),
    ("argument: from", "argument: form", "page: way", ("no parameter of the query 'form'", "from")),
    ("by: cursor, argument: from, ", "by: cursor, ", "way: {items", ("pages by cursor need `argument`",)),
    ("arguments: {owner: ann, name: paint", "arguments: {owner: ann", "arguments: {owner: ann", ("'name'", "required argument")),
    ("auth: []", "auth: [{kye: []}]", "kye", ("no security scheme 'kye'", "key")),
    ("source: ann/paint", "source: ann/paint, base: lab_rnu", "base: lab_rnu", ("no function 'lab_rnu'", "lab_run")),
    ("source: ann/paint", "source: ann/paint, argument: hook", "argument: hook", ("'hook'", "no object")),
    ("fixed: {hook:", "fixed: {hok:", "fixed: {hok", ("no argument of lab_run 'hok'", "hook")),
    ("x.example/{version}", "x.example/{verison}", "fixed: {hook", ("{verison}", "nothing fills it in")),
    ("named: {function: lab_run,", "named: {function: lab_rum,", "function: lab_rum, fixed", ("no function 'lab_rum'", "lab_run")),
    ("lab_paint: {source", "lab_run: {source", "lab_run: {source", ("lab_run is a function of the document, at lab.yaml:7:5", "another name")),
    ("brief: Paints., fixed", "brief: Paints., group: runs, verb: start, fixed", "lab_paint: {", ("lab_paint would be called 'runs.start', as is lab_run at lab.yaml:7:5", "another `verb` or `group`")),
    ("brief: Paints., fixed", "brief: Paints., group: '', verb: runs, fixed", "lab_paint: {", ("would be called 'runs', as is the group runs at lab.yaml:", "another `verb` or `group`")),
    ("source: ann/paint, keywords", "source: ann/paint, derivation: modle, keywords", "derivation: modle", ("no derivation 'modle'", "'model'")),
    ("derivations:\n", "derivations:\n  other: {form: '{a}/{b}', argument: input}\n", "lab_paint: {", ("does not say which of 2 derivations it is of", "write `derivation:` with one of other, model")),
    ('    named: {function: lab_run, fixed: {owner: "{owner}", name: "{name}"}}\n', "", "lab_paint: {", ("lacks a version, which its derivation needs", "write `version:`, or fetch its schema again")),
    ('fixed: {hook: "https', 'fixed: {input: {}, hook: "https', "fixed: {input", ("'input' takes the object and cannot be fixed", "leave it out of `fixed`")),
    ('fixed: {hook: "https://x.example/{version}"}', "fixed: {hook: 5}", "fixed: {hook: 5", ("5 is no value of 'hook' of lab_run", "give one that it takes")),
    ('fixed: {owner: "{owner}", name: "{name}"}}', 'fixed: {owner: "{owner}"}}', "lab_paint: {", ("lab_run needs 'name'", "write it under `fixed`, as in `fixed: {name: …}`")),
    ("input: {a: 1}}, result", "input: {a: 1}, inptu: 2}, result", "inptu: 2", ("no argument 'inptu'", "input")),
    ("cancel: lab_cancel_run, argument", "cancel: lab_cancel_rum, argument", "cancel: lab_cancel_rum", ("no function 'lab_cancel_rum'", "lab_cancel_run")),
    ("list: lab_list_runs, model", "list: lab_list_rums, model", "list: lab_list_rums", ("no function 'lab_list_rums'", "lab_list_runs")),
    ("functions:\n", "operations: {'tag:nix': {billed: true}}\nfunctions:\n", "'tag:nix'", ("'tag:nix' means no operation",)),
    ("functions:\n", "operations: {GET /rums: {billed: true}}\nfunctions:\n", "GET /rums", ("'GET /rums' means no operation", "GET /runs")),
    ("functions:\n", "operations: {runs.lits: {billed: true}}\nfunctions:\n", "runs.lits", ("'runs.lits' means no operation", "runs.list")),
    ("functions:\n", "operations: {runs.*: {verb: x}}\nfunctions:\n", "verb: x", ("'verb' names one function, and 'runs.*' may mean many", "write it below `functions`")),
    ("lab_gone: {operation: gone", "lab_gone: {operation: gnoe", "operation: gnoe", ("no operation 'gnoe'", "gone")),
    ("lab_gone: {operation: gone, hidden", "lab_get_gnoe: {hidden", "lab_get_gnoe: {", ("there is no function 'lab_get_gnoe', and it names no `operation`", "'lab_get_gone'")),
    ("lab_gone: {operation: gone", "lab_gone: {operation: runs.list", "lab_gone: {", ("'runs.list' is the function 'lab_list_runs' already", "remove one")),
    ('headers: {x-fixed: "yes"}', 'headers: {x-fixed: "yes", X-Fixed: "no"}', 'X-Fixed: "no"', ("the header 'X-Fixed' is written twice, and case makes no difference", "remove one")),
    ("Old-Name: {name: new_name", "Old-Name: {array_format: brackets, name: new_name", "array_format: brackets", ("'Old-Name' is not written in the style deepObject", "give the parameter that style in the document")),
    ("runs: {title: The runs", "rnus: {title: The runs", "rnus: {", ("no function in the group 'rnus'", "runs")),
]  # fmt: skip


def test_each_mistake_is_told_where_it_stands(tmp_path: Path) -> None:
    """With what is meant, where it is a slip of the pen."""
    text = (WHOLE / "lab.catalog.yaml").read_text("utf-8")
    shutil.copytree(WHOLE / "models", tmp_path / "models")
    shutil.copy(WHOLE / "lab.yaml", tmp_path)
    wrong = []
    for before, after, at, words in MISTAKES:
        assert text.count(before) == 1, before
        start = text.index(before)
        changed = text.replace(before, after)
        (tmp_path / "catalog.yaml").write_text(changed, "utf-8")
        lines = changed[: changed.index(at, max(0, start - len(at) - 200))].split("\n")
        place = f"catalog.yaml:{len(lines)}:{len(lines[-1]) + 1}"
        try:
            link.load(documents.read(tmp_path / "lab.yaml", tmp_path / "catalog.yaml"))
            told = "nothing"
        except SpecError as error:
            told = str(error)
        if f"{place}: " not in told or not all(word in told for word in words):
            wrong.append(f"{after!r} at {place} ({', '.join(words)})\n{told}\n")
    assert not wrong, "\n".join(wrong)
