"""A document as written: its operations with every reference followed, and what is told of what cannot be read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from generator.errors import SpecError
from generator.read import openapi
from generator.read.openapi import Document, Joined, Listed, declared, key_of
from generator.read.source import Node

API = """\
openapi: 3.2.0
$self: https://a.example/v1/api.yaml
paths:
  x-note: {get: {operationId: none}}
  /a:
    $ref: "#/components/pathItems/A"
    summary: Of here
    description: " "
    parameters: [{name: p, in: header, description: here}, {$ref: "more.yaml#/q", description: Beside}]
    servers: [{url: /here}]
    get:
      operationId: getA
      parameters:
        - {name: p, in: query, description: first}
        - {name: "", in: query}
        - {name: p, in: query, description: second}
      requestBody: {$ref: "more.yaml#/body", description: Mine}
      responses: {"200": {description: OK}, x-more: {}, default: {$ref: "more.yaml#/gone", summary: Why, content: {}}}
      security: []
      servers: [{url: /own}]
  /b:
    GET: {}
    get: {$ref: "#/paths/~1a/get", operationId: again}
    additionalOperations: {PURGE: {operationId: purge}, x-a: {}, "a b": {}, TRACE: {}, get: {operationId: lower}}
    query: {operationId: asked}
    x-post: {responses: {}}
    x-put: {operationId: a}
    x-delete: {}
    trace: {$ref: "more.yaml#/item/delete"}
    other: 3
  /c: {$ref: "more.yaml#/item", summary: ""}
components:
  pathItems:
    A:
      summary: There
      description: Of there
      parameters: [{name: p, in: query, description: there}, {name: p, in: header, description: there}]
      servers: [{url: /there}]
      get: {operationId: other}
      post: {}
"""
MORE = """\
q: {name: q, in: cookie, description: Q}
body: {description: Theirs, content: {}}
gone: {description: Gone}
item: {delete: {operationId: away}, x-a: 1, summary: Far}
list: [{a: {b~/c: {d: 1}}}]
named: {$anchor: here, items: [{$anchor: below}, {$anchor: ""}]}
round: {$ref: "#/trip"}
trip: {$ref: "#/round"}
chain: {$ref: "#/q", x: 1}
"""


@pytest.fixture
def document(tmp_path: Path) -> Document:
    (tmp_path / "api.yaml").write_text(API)
    (tmp_path / "more.yaml").write_text(MORE)
    return openapi.read(tmp_path / "api.yaml", fetched="https://b.example/x/y.yaml")


def test_operations(document: Document) -> None:
    found = []
    for each in document.operations():
        nodes = (each.params, each.repeated, each.nameless)
        found.append(
            {
                "id": each.id, "sent": f"{each.method} {each.path}", "at": each.at.pointer, "node": each.node.pointer,
                "params": [[f"{n.text('in')} {n.text('name')} {n.text('description')}" for n in some] for some in nodes],
                "body": each.body and [document.pointer(each.body), each.body.text("description")],
                "responses": [f"{status} {document.pointer(node)} {node.text('summary')}{[*node.value]}" for status, node in each.responses],
                "security": each.security and each.security.value, "servers": each.servers and each.servers.value,
                "shared": each.shared,
            }
        )  # fmt: skip
    shared = ("Of here", "Of there")  # a description in which nothing can be seen says nothing
    common = {"body": None, "responses": [], "security": None, "servers": None, "shared": ("", "")}
    none: list[list[str]] = [[], [], []]
    get = {
        "params": [["query p second", "header p here", "cookie q Beside"], ["query p first"], ["query  "]],
        "body": ["more.yaml#/body", "Mine"], "responses": ["200 /paths/~1a/get/responses/200 ['description']", "default more.yaml#/gone Why['description', 'summary']"],
        "security": [], "servers": [{"url": "/own"}],
    }  # fmt: skip
    there = ["query p there", "header p here", "cookie q Beside"]
    assert found == [
        {**common, **get, "id": "getA", "sent": "GET /a", "at": "/paths/~1a/get", "node": "/paths/~1a/get", "shared": shared},
        {**common, "id": "", "sent": "POST /a", "at": "/components/pathItems/A/post", "node": "/components/pathItems/A/post",
         "params": [there, [], []], "servers": [{"url": "/here"}], "shared": shared},
        {**common, **get, "id": "again", "sent": "GET /b", "at": "/paths/~1b/get", "node": "/paths/~1a/get",
         "params": [["query p second"], ["query p first"], ["query  "]]},
        {**common, "id": "asked", "sent": "QUERY /b", "at": "/paths/~1b/query", "node": "/paths/~1b/query", "params": none},
        {**common, "id": "away", "sent": "TRACE /b", "at": "/paths/~1b/trace", "node": "/item/delete", "params": none},
        {**common, "id": "purge", "sent": "PURGE /b", "at": "/paths/~1b/additionalOperations/PURGE",
         "node": "/paths/~1b/additionalOperations/PURGE", "params": none},
        {**common, "id": "lower", "sent": "get /b", "at": "/paths/~1b/additionalOperations/get",
         "node": "/paths/~1b/additionalOperations/get", "params": none},
        {**common, "id": "away", "sent": "DELETE /c", "at": "/item/delete", "node": "/item/delete", "params": none,
         "shared": ("Far", "")},
    ]  # fmt: skip
    assert [*declared(document)] == [
        ("GET", "/a"), ("POST", "/a"), ("GET", "/b"), ("PURGE", "/b"), ("QUERY", "/b"), ("TRACE", "/b"), ("get", "/b"), ("DELETE", "/c")
    ]  # fmt: skip
    assert document.names == ("api.yaml", "more.yaml")
    assert (document.base, document.is_3_0) == ("https://a.example/v1/api.yaml", False)


def test_what_is_not_read(document: Document) -> None:
    told = [(document.pointer(node), reason) for node, reason in document.unread()]
    assert told == [
        ("/components/pathItems/A/get", "GET /a stands beside the `$ref` to it as well; that one is read"),
        ("/paths/~1b/GET", "'GET' of /b is no method that OpenAPI knows: methods are written 'get'; it is not read"),
        ("/paths/~1b/x-post", "the extension 'x-post' of /b looks like an operation and is not read"),
        ("/paths/~1b/x-put", "the extension 'x-put' of /b looks like an operation and is not read"),
        ("/paths/~1b/other", "'other' of /b is no method that OpenAPI knows; it is not read"),
        ("/paths/~1b/additionalOperations/a b", "'a b' of /b is no method that HTTP allows; it is not read"),
        ("/paths/~1b/additionalOperations/TRACE", "TRACE of /b stands under 'trace' as well; that one is read"),
    ]


@pytest.mark.parametrize(
    ("ref", "pointer", "value"),
    [
        ("#/paths/~1a/get/operationId", "/paths/~1a/get/operationId", "getA"),
        ("#/paths/~1a/get/parameters/0/name", "/paths/~1a/get/parameters/0/name", "p"),
        ("more.yaml#/list/0/a/b~0~1c/d", "more.yaml#/list/0/a/b~0~1c/d", 1),
        ("more.yaml#%2Flist%2F0%2Fa%2Fb~0~1c", "more.yaml#/list/0/a/b~0~1c", {"d": 1}),
        ("./more.yaml#here", "more.yaml#/named", ...),
        ("more.yaml#below", "more.yaml#/named/items/0", {"$anchor": "below"}),
        ("more.yaml", "more.yaml#", ...),
        ("", "", ...),
    ],
)
def test_what_a_reference_points_at(ref: str, pointer: str, value: Any, document: Document) -> None:
    found = document.target(Node(document.root.source, "/paths/~1a", {"$ref": ref}))
    assert document.pointer(found) == pointer and (value is ... or found.value == value)
    assert document.target(Node(document.root.source, "/paths/~1c", {"$ref": ref})).pointer == found.pointer


@pytest.mark.parametrize(
    ("ref", "what"),
    [
        ("#/paths/~1a/put", "points to nothing: there is no 'put' in /paths/~1a"),
        ("#/none/x", "points to nothing: there is no 'none' in the document"),
        ("#/paths/~1a/get/parameters/3", "points to nothing: there is no '3' in /paths/~1a/get/parameters"),
        ("#/paths/~1a/get/parameters/-1", "points to nothing: there is no '-1' in /paths/~1a/get/parameters"),
        ("#/openapi/3", "points to nothing: there is no '3' in /openapi"),
        ("more.yaml#none", "points to nothing: there is no `$anchor: none`"),
        ("none.yaml", "leads to none.yaml, which cannot be read: No such file or directory"),
        ("../none.yaml", "leaves the folder of the document"),
    ],
)
def test_references_that_lead_nowhere(ref: str, what: str, document: Document) -> None:
    with pytest.raises(SpecError) as caught:
        document.target(Node(document.root.source, "/paths/~1a", {"$ref": ref}))
    [found] = caught.value.findings
    assert found.what == f"$ref {ref!r} {what}" and found.hint
    assert str(found.where).endswith("api.yaml:6:5" if "points" in what else "api.yaml:5:3")


def test_chains(document: Document) -> None:
    more = document.target(Node(document.root.source, "", {"$ref": "more.yaml"}))
    chain, around, plain = more.get("chain"), more.get("round"), more.get("q")
    assert chain and around and plain
    assert [each.pointer for each in document.chain(chain)] == ["/chain", "/q"]
    assert [each.pointer for each in document.chain(plain)] == ["/q"]
    for _ in range(2):
        with pytest.raises(SpecError, match=r"more.yaml:7:1: \$ref '#/trip' leads back to itself"):
            document.follow(around)
        assert document.follow(chain).pointer == "/q"
    joined = document.joined(chain)
    assert joined.value == {"name": "q", "in": "cookie", "description": "Q", "x": 1} and joined.pointer == "/q"
    assert [(key, node.pointer) for key, node in joined.items()][-1] == ("x", "/chain/x")
    assert joined.get("x") is not None and joined.get("y") is None
    assert document.joined(chain, only=("y",)).value == plain.value
    assert document.joined(plain) is not None and not isinstance(document.joined(plain), Joined)
    inner = Joined.of(Joined.of(plain, {"a": chain}, "/one"), {"b": chain}, "/two")
    assert (inner.mark, inner.pointer, key_of(inner)[1]) == ("/one/two", "/q", "/q/one/two")
    assert key_of(joined)[1] == "/q"
    assert key_of(plain) == (more.source.path, "/q")
    listed = Listed.of(plain, [chain, around])
    assert listed.value == [chain.value, around.value] and [*listed.elements()] == [chain, around]


@pytest.mark.parametrize(
    ("text", "where", "what"),
    [
        ("[1]", "1:1", "is not an OpenAPI document: it has no `openapi: 3.…`"),
        ("{openapi: 3}", "1:1", "is not an OpenAPI document: it has no `openapi: 3.…`"),
        ("{info: {}}", "1:1", "is not an OpenAPI document: it has no `openapi: 3.…`"),
        ("{a: 1, swagger: '1.2'}", "1:8", "Swagger '1.2' is not read"),
        ("{swaggerVersion: 1.1}", "1:2", "Swagger '1.1' is not read"),
        ("{openapi: 4.0.0}", "1:2", "OpenAPI '4.0.0' is not read"),
        ("{swagger: '2.0'}", "1:1", "has no `paths`, which Swagger 2.0 requires"),
        ("{openapi: 3.1.0, paths: {a: {}}}", "1:26", "the path 'a' does not begin with '/'"),
        (
            "{openapi: 3.1.0, paths: {/a: {get: {parameters: [{name: a}]}}}}",
            "1:50",
            "a parameter needs `name` and `in`",
        ),
        (
            "{openapi: 3.1.0, paths: {/a: {get: {parameters: [{name: a, in: body}]}}}}",
            "1:50",
            "a parameter needs `name`",
        ),
        (
            "{openapi: 3.1.0, paths: {/a: {get: {parameters: [{name: '', in: path}]}}}}",
            "1:50",
            "a parameter needs `name`",
        ),
    ],
)
def test_what_is_no_document(text: str, where: str, what: str, tmp_path: Path) -> None:
    (tmp_path / "d.yaml").write_text(text)
    with pytest.raises(SpecError) as caught:
        [*openapi.read(tmp_path / "d.yaml").operations()]
    [found] = caught.value.findings
    assert found.what.startswith(what) and found.hint
    assert str(found.where).endswith(f"d.yaml:{where}")


def test_where_relative_addresses_begin(tmp_path: Path) -> None:
    for own, fetched, base in (
        ("", "https://b.example/x/y", "https://b.example/x/y"),
        ("../z", "https://b.example/x/y", "https://b.example/z"),
        ("https://[x", "https://b.example/x/y", "https://b.example/x/y"),
        ("https://a.example/", "", "https://a.example/"),
        ("", "", ""),
    ):
        (tmp_path / "d.yaml").write_text(f"openapi: 3.0.1\n$self: '{own}'\npaths: {{}}\n")
        found = openapi.read(tmp_path / "d.yaml", fetched=fetched)
        assert (found.base, found.is_3_0, [*found.operations()]) == (base, True, [])
    assert openapi.read(tmp_path / "d.yaml").base == ""


def test_every_method(tmp_path: Path) -> None:
    """RFC 9110, 9.3 and RFC 5789, with OpenAPI 3.2's `query`: as they are sent, in an order of their own."""
    methods = ["trace", "options", "head", "patch", "delete", "put", "post", "query", "get"]
    (tmp_path / "d.yaml").write_text(
        f"openapi: 3.2.0\npaths: {{/a: {{{', '.join(f'{each}: {{}}' for each in methods)}}}}}\n"
    )
    found = openapi.read(tmp_path / "d.yaml")
    assert [each.method for each in found.operations()] == [
        "GET", "QUERY", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE"
    ]  # fmt: skip
    assert [method for method, _ in declared(found)] == sorted(each.upper() for each in methods)
    assert not [*found.unread()]
