"""The console of a function's page in headless Chromium: what it spells, what it sends, and what it makes of an answer."""

from __future__ import annotations

import hashlib
import importlib
import json
import shutil
import subprocess
import threading
from collections.abc import Iterator
from email.message import Message
from email.parser import BytesParser
from email.policy import HTTP
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import markdown
import pytest
from hanging import HANGS
from replikit_package import imported
from static_site import served

from generator import pipeline

ROOT = Path(__file__).parents[2]
NPM = ROOT / "tests/npm"
PAGES = ROOT / "generated/docs/pages"
EXTENSIONS = ["attr_list", "tables", "admonition", "pymdownx.details", "pymdownx.superfences", "pymdownx.tabbed"]
HARM = "<img src=x onerror=PWNED()><script>PWNED()</script>"
SECRET = "s3cret-Token"
PICTURE = bytes(range(256)) * 3
WORDS = {"type": "array", "items": {"type": "string"}}
PAIR = {"type": "object", "properties": {"x": {"type": "integer"}, "y": {"type": "integer"}}}
FORMS: dict[str, Any] = {
    "openapi": "3.2.0",
    "info": {"title": "Forms", "version": "1"},
    "servers": [
        {"url": "https://forms.example"},
        {"url": "http://{host}:{port}/{v}", "description": "Ours.", "variables": {
            "host": {"default": "127.0.0.1"}, "port": {"default": "1"}, "v": {"default": "v1", "enum": ["v1", "v2"]},
        }},
    ],
    "paths": {
        "/forms": {"post": {
            "operationId": "sendForm",
            "requestBody": {"required": True, "content": {"multipart/form-data": {
                "schema": {"type": "object", "properties": {
                    "first": {"type": "string", "format": "binary"},
                    "more": {"type": "array", "items": {"type": "string", "format": "binary"}},
                    "about": {"type": "object", "properties": {"n": {"type": "integer"}}},
                    "words": {"type": "array", "items": {"type": "string"}},
                    "count": {"type": "integer"}, "a=b": {"type": "string"},
                }},
                "encoding": {"first": {"contentType": "image/png"}, "count": {"contentType": "application/json"}},
            }}},
            "responses": {"204": {"description": "ok"}},
        }},
        "/raw": {"put": {
            "operationId": "sendRaw",
            "requestBody": {"required": True, "content": {"application/pdf": {"schema": {"type": "string", "format": "binary"}}}},
            "responses": {"204": {"description": "ok"}},
        }},
        "/any": {"query": {
            "operationId": "findAny",
            "requestBody": {"required": True, "content": {"image/*": {"schema": {"type": "string", "format": "binary"}}}},
            "responses": {"204": {"description": "ok"}},
        }},
        "/styles{labels}/x{matrix}/{simple}": {"get": {
            "operationId": "getStyles", "security": [{"session": []}],
            "parameters": [
                {"name": "labels", "in": "path", "required": True, "style": "label", "explode": True, "schema": WORDS, "example": ["a b", "c"]},
                {"name": "matrix", "in": "path", "required": True, "style": "matrix", "schema": PAIR, "example": {"x": 1, "y": 2}},
                {"name": "simple", "in": "path", "required": True, "schema": WORDS, "example": ["d/e", "f"]},
                {"name": "deep", "in": "query", "style": "deepObject", "explode": True, "schema": {"type": "object"}, "example": {"a": {"b": ["x", "y"]}}},
                {"name": "to", "in": "query", "allowReserved": True, "schema": {"type": "string"}, "example": "/p?q=1&r"},
                {"name": "about", "in": "query", "content": {"application/json": {"schema": PAIR}}, "example": {"x": 3}},
                {"name": "X-About", "in": "header", "content": {"application/json": {"schema": PAIR}}, "example": {"y": 4}},
                {"name": "seen", "in": "cookie", "schema": {"type": "string"}, "example": "yes"},
            ],
            "responses": {"204": {"description": "ok"}},
        }},
        "/walk": {"get": {
            "operationId": "walk",
            "parameters": [
                {"name": "labels", "in": "query", "style": "pipeDelimited", "explode": False, "schema": WORDS},
                {"name": "deep", "in": "query", "style": "deepObject", "explode": True, "schema": {"type": "object"}},
                {"name": "to", "in": "query", "allowReserved": True, "schema": {"type": "string"}},
                {"name": "about", "in": "query", "content": {"application/json": {"schema": PAIR}}},
                {"name": "seen", "in": "cookie", "schema": {"type": "string"}},
                {"name": "Referer", "in": "header", "schema": {"type": "string"}},
            ],
            "responses": {"204": {"description": "ok"}},
        }},
        "/log": {"post": {
            "operationId": "sendLog",
            "requestBody": {"required": True, "content": {"application/json-seq": {"itemSchema": PAIR}}},
            "responses": {"204": {"description": "ok"}},
        }},
        "/rows": {"post": {
            "operationId": "sendRows",
            "requestBody": {"required": True, "content": {"application/x-ndjson": {"itemSchema": PAIR}}},
            "responses": {"204": {"description": "ok"}},
        }},
        "/mixed": {"post": {
            "operationId": "sendMixed",
            "requestBody": {"required": True, "content": {"multipart/mixed": {
                "schema": {"type": "array", "prefixItems": [PAIR, {"type": "string"}]},
                "prefixEncoding": [{"contentType": "application/json"}, {"contentType": "text/csv"}],
            }}},
            "responses": {"204": {"description": "ok"}},
        }},
        "/styled": {"post": {
            "operationId": "sendStyled",
            "requestBody": {"required": True, "content": {"multipart/form-data": {
                "schema": {"type": "object", "properties": {"words": WORDS, "pair": PAIR}},
                "encoding": {"words": {"style": "pipeDelimited", "explode": False}, "pair": {"style": "deepObject", "explode": True}},
            }}},
            "responses": {"204": {"description": "ok"}},
        }},
        "/searched": {"get": {
            "operationId": "searchWithBody",
            "requestBody": {"required": True, "content": {"application/json": {"schema": PAIR}}},
            "responses": {"204": {"description": "ok"}},
        }},
        "/orders": {"post": {
            "operationId": "order",
            "requestBody": {"required": True, "content": {"application/json": {"schema": {
                "type": "object", "required": ["lines"], "properties": {
                    "lines": {"type": "array", "items": {"type": "object", "properties": {
                        "sku": {"type": "string"}, "count": {"type": "integer"}, "gift": {"type": "boolean"},
                    }}},
                    "labels": {"type": "object", "additionalProperties": {"type": "string"}},
                },
            }, "example": {"lines": [{"sku": "a", "other": 1}]}}}},
            "responses": {"204": {"description": "ok"}},
        }},
    },
    "components": {"securitySchemes": {"session": {"type": "apiKey", "in": "cookie", "name": "sid"}}},
}  # fmt: skip
"""What Replikit's API has none of: several files, parts of every kind, every style, sequences, cookies, nested objects."""


ORDER = [
    ("open", "Items of lines"), ("fill", "lines[0].count", "2"), ("fill", "lines[0].gift", "true"),
    ("press", "Add an item to lines"), ("fill", "lines[1].sku", "b"), ("press", "Add an item to lines"),
    ("fill", "lines[2].sku", "c"), ("press", "Remove lines[2]"),
    ("open", "Fields of labels"), ("press", "Add an entry to labels"), ("fill", "Name in labels", "__proto__"), ("fill", "labels.*", HARM),
]  # fmt: skip


class _Api(BaseHTTPRequestHandler):
    """Keeps what it is sent, and lets any page call it, by the protocol of the Fetch Standard (CORS)."""

    received: list[dict[str, Any]]

    def _headers(self, status: int, **more: str) -> None:
        self.send_response(status)
        for name, value in {
            "Access-Control-Allow-Origin": "*",
            "Access-Control-Allow-Methods": "*",
            "Access-Control-Allow-Headers": "*, Authorization, Content-Type, Prefer, Cancel-After",
            **{name.replace("_", "-"): value for name, value in more.items()},
        }.items():
            self.send_header(name, value)
        self.end_headers()

    def do_OPTIONS(self) -> None:
        self._headers(204, Content_Length="0")

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.received.append(
            {
                "line": f"{self.command} {self.path}",
                "headers": {k.lower(): v for k, v in self.headers.items()},
                "body": body.decode("utf-8", "surrogateescape"),
            }
        )
        if self.path.startswith("/away/"):
            self._headers(307, Location="/v1/stolen", Content_Length="0")
            return
        sent = json.dumps({"harm": HARM}) if self.path.startswith("/v1/") else HARM
        if self.path.startswith("/long/"):
            sent = "x" * 300_000
        self._headers(200, Content_Type="text/html", Content_Length=str(len(sent)))
        try:
            self.wfile.write(sent.encode())
        except OSError:
            pass  # the console has read enough of it

    do_GET = do_POST = do_PUT = do_QUERY = _answer

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """What the browser saw of all consoles, and what a server on another port received."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if not (chromium and shutil.which("node") and (NPM / "node_modules/playwright-core").is_dir()):
        pytest.skip("chromium, node or the packages of tests/npm (npm ci --prefix tests/npm) is not installed")
    site = tmp_path_factory.mktemp("console")
    shutil.copytree(PAGES / "assets", site / "assets")
    (site / "functions").mkdir()
    used = ("create_prediction", "list_predictions", "get_model", "get_account", "create_file", "search_models")
    offered = sorted(
        {*sorted(PAGES.glob("functions/*.json"))[::4], *(PAGES / f"functions/{name}.json" for name in used)}
    )
    (site / "api.json").write_text(json.dumps(FORMS), "utf-8")
    pipeline.generate(pipeline.Inputs(site / "api.json"), site / "made", ("docs",))
    offered += sorted((site / "made/docs/pages/functions").glob("*.json"))
    (site / "picture.png").write_bytes(PICTURE)
    for data in offered:
        shutil.copyfile(data, site / "functions" / data.name)
        written = data.with_suffix(".md").read_text("utf-8").rpartition("\n---\n")[2]
        settings = {"pymdownx.tabbed": {"alternate_style": True}}
        body = markdown.markdown(written, extensions=EXTENSIONS, extension_configs=settings)
        page = f"<!doctype html><meta charset='utf-8'><article>{body}</article><script src='../assets/console.js'></script>"
        (site / "functions" / f"{data.stem}.html").write_text(page, "utf-8")
    received: list[dict[str, Any]] = []
    api = type("Api", (_Api,), {"received": received})
    with (
        imported(),
        importlib.import_module("replikit.mock").serve(token=SECRET) as mock,
        served(site) as base,
        ThreadingHTTPServer(("127.0.0.1", 0), api) as server,
    ):
        threading.Thread(target=server.serve_forever, daemon=True).start()
        at = f"http://127.0.0.1:{server.server_port}/"
        calls = [
            {
                "page": "functions/create_prediction.html", "base": at + "v1", "token": SECRET,
                "set": {"version": "o/m", "input": '{"é": [1, "it\'s"]}', "wait": "5", "stream": "true"},
            },
            {"page": "functions/list_predictions.html", "base": at + "v1/", "set": {"created_after": "a&b=c d+e"}},
            {
                "page": "functions/get_model.html", "base": at + "v1", "token": SECRET,
                "set": {"model_owner": "a/b c", "model_name": "é?#"},
            },
            {"page": "functions/get_account.html", "base": at + "raw", "token": SECRET, "set": {}},
            {"page": "functions/get_account.html", "base": at + "away", "token": SECRET, "set": {}},
            {"page": "functions/get_account.html", "base": at + "long", "token": SECRET, "set": {}},
            {"page": "functions/get_account.html", "base": "javascript:PWNED()", "set": {}},
            {"page": "functions/create_prediction.html", "base": at + "v1", "set": {"input": "{no json"}},
            {"page": "functions/create_prediction.html", "base": at + "v1", "set": {"version": ""}},
            {
                "page": "functions/send_form.html", "base": at + "v1",
                "files": {"first": [str(site / "picture.png")], "more": [str(site / "picture.png"), str(site / "api.json")]},
                "set": {"about": '{"n": 1}', "words": '["x", "é"]', "count": "7", "a_b": "c"},
            },
            {"page": "functions/send_raw.html", "base": at + "v1", "files": {"body": [str(site / "picture.png")]}, "set": {}},
            {"page": "functions/find_any.html", "base": at + "v1", "set": {"body": "data:image/gif,a%20b%FF"}},
            {"page": "functions/create_order.html", "base": at + "v1", "set": {}, "steps": ORDER},
            {"page": "functions/create_order.html", "base": at + "v1", "set": {}, "steps": [*ORDER[:1], ("fill", "lines[0].count", "many")]},
            {"page": "functions/get_styles.html", "set": {"seen": "no"}},
            {"page": "functions/search_with_body.html", "set": {}},
            {"page": "functions/get_walk.html", "server": {"host": "127.0.0.1", "port": str(server.server_port), "v": "v2"}, "set": {
                "labels": '["a", "b|c"]', "deep": '{"a": {"b": ["x", "y"]}, "c": null}', "to": "/p?q=1&r#%20", "about": '{"x": 3}',
            }},
            {"page": "functions/get_walk.html", "base": at + "v1", "set": {"seen": "yes"}},
            {"page": "functions/get_walk.html", "base": at + "v1", "set": {"referer": "https://x.example"}},
            {"page": "functions/send_log.html", "base": at + "v1", "set": {"body": '[{"x": 1}, {"y": 2}]'}},
            {"page": "functions/send_rows.html", "base": at + "v1", "set": {"body": '[{"x": 1}, {"y": 2}]'}},
            {"page": "functions/send_mixed.html", "base": at + "v1", "set": {"body": '[{"x": 1}, "a,b", "c"]'}},
            {"page": "functions/send_styled.html", "base": at + "v1", "set": {"words": '["a", "b"]', "pair": '{"x": 1, "y": 2}'}},
            {"page": "functions/create_file.html", "base": mock.base_url, "token": SECRET, "files": {"content": [str(site / "picture.png")]}, "set": {}},
            {"page": "functions/search_models.html", "base": mock.base_url, "token": SECRET, "set": {}},
            {"page": "functions/get_account.html", "base": mock.base_url, "token": "wrong", "set": {}},
        ]  # fmt: skip
        paths = [f"functions/{data.stem}.html" for data in offered]
        command = ["node", str(NPM / "console.mjs"), base, chromium, json.dumps(paths), json.dumps(calls)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=HANGS, check=False)
        server.shutdown()
    assert done.returncode == 0, done.stderr
    yield {**json.loads(done.stdout), "received": received, "origins": (base, at, mock.base_url)}


def test_each_console_spells_its_example_as_the_page_does(seen: Any) -> None:
    """The tabs as they were generated, which other tests run, are the oracle of the script's own spelling."""
    assert len(seen["tabs"]) > 8
    for page, tabs in seen["tabs"].items():
        assert tabs["status"] == "", page
        assert tabs["after"] == tabs["before"], page


def test_what_is_typed_is_sent_and_spelled_in_every_tab(seen: Any) -> None:
    sent, call = seen["received"][0], seen["calls"][0]
    assert sent["line"] == "POST /v1/predictions"
    body = json.loads(sent["body"])
    assert body["version"] == "o/m" and body["input"] == {"é": [1, "it's"]} and body["stream"] is True
    assert sent["headers"]["authorization"] == f"Bearer {SECRET}"
    assert sent["headers"]["content-type"] == "application/json"
    assert sent["headers"]["prefer"] == "wait=5"
    assert (
        json.loads(call["tabs"]["MCP"])["arguments"] | {"version": "o/m", "wait": 5}
        == json.loads(call["tabs"]["MCP"])["arguments"]
    )
    assert 'version="o/m"' in call["tabs"]["Python"] and "wait=5" in call["tabs"]["Python async"]
    assert "--wait 5" in call["tabs"]["CLI"] and "wait = 5" in call["tabs"]["Lua"]
    assert "--header 'Prefer: wait=5'" in call["tabs"]["curl"]
    assert f"{seen['origins'][1]}v1/predictions" in call["tabs"]["curl"]


def test_values_are_escaped_where_they_stand(seen: Any) -> None:
    """RFC 3986, section 2.2: reserved characters of a value are percent-encoded, in UTF-8 (2.5)."""
    assert seen["received"][1]["line"].startswith("GET /v1/predictions?")
    assert "created_after=a%26b%3Dc%20d%2Be" in seen["received"][1]["line"]
    assert seen["received"][2]["line"] == "GET /v1/models/a%2Fb%20c/%C3%A9%3F%23"


def test_text_of_a_server_is_text_and_a_redirect_is_not_followed(seen: Any) -> None:
    answered, raw, away, long = seen["calls"][0], *seen["calls"][3:6]
    assert json.loads(answered["answer"]) == {"harm": HARM} and raw["answer"] == HARM
    assert [call["elements"] for call in seen["calls"]] == [0] * len(seen["calls"])
    assert seen["run"] == [] and seen["errors"] == []
    assert "another address" in away["status"]
    assert not any("stolen" in each["line"] for each in seen["received"])
    assert "cut after 200,000 characters" in long["status"] and len(long["answer"]) == 200_000


def test_the_token_stays_in_its_field_and_nobody_else_is_asked(seen: Any) -> None:
    assert all(SECRET not in call["kept"] + json.dumps(call["tabs"]) for call in seen["calls"])
    assert not any(SECRET in each["line"] for each in seen["received"])
    assert [url for url in seen["asked"] if not url.startswith(seen["origins"])] == []


def test_what_cannot_be_sent_is_told_and_not_sent(seen: Any) -> None:
    told = [call["status"] for call in seen["calls"][6:9]]
    assert told[0].startswith("The base URL is an http or https address")
    assert told[1:] == ["input: JSON is needed", "version: it is required"]
    lines = [each["line"].partition("?")[0] for each in seen["received"][6:]]
    assert lines[:3] == ["POST /v1/forms", "PUT /v1/raw", "QUERY /v1/any"]
    assert lines[3:] == [
        "POST /v1/orders",
        "GET /v2/walk",
        *(f"POST /v1/{name}" for name in ("log", "rows", "mixed", "styled")),
    ]


def test_files_are_sent_as_they_are_and_each_field_is_a_part(seen: Any) -> None:
    """RFC 7578, read by the standard library's parser of MIME; a part without a type is text/plain (4.4)."""
    form, raw, found = seen["received"][6:9]
    sent = [
        (
            p.get_param("name", header="content-disposition"),
            p.get_filename(),
            p["Content-Type"],
            p.get_payload(decode=True),
        )
        for p in parts(form)
    ]
    assert sent == [
        ("first", "first", "image/png", PICTURE),
        ("more", "more", "image/png", PICTURE),
        ("more", "more", "application/json", json.dumps(FORMS).encode()),
        ("about", None, "application/json", b'{"n": 1}'),
        ("words", None, "text/plain", b"x"),
        ("words", None, "text/plain", "é".encode()),
        ("count", None, "application/json", b"7"),
        ("a=b", None, "text/plain", b"c"),
    ]
    assert raw["body"].encode("utf-8", "surrogateescape") == PICTURE
    assert raw["headers"]["content-type"] == "application/pdf"
    assert found["body"].encode("utf-8", "surrogateescape") == b"a b\xff"
    assert found["headers"]["content-type"] == "image/gif"


def test_members_are_edited_one_by_one(seen: Any) -> None:
    """What the fields do not know stays, a name that every object has is a name, and half of a value is not sent."""
    order, refused = seen["calls"][12:14]
    lines = [{"sku": "a", "count": 2, "gift": True, "other": 1}, {"sku": "b"}]
    assert json.loads(seen["received"][9]["body"]) == {"lines": lines, "labels": {"__proto__": HARM}}
    assert json.loads(order["tabs"]["MCP"])["arguments"]["lines"] == lines
    assert refused["status"] == "lines[0].count: a number is needed"


def test_what_no_page_may_send_is_offered_as_curl(seen: Any) -> None:
    """Cookies and headers that the Fetch Standard (2.2.2) keeps from a page, and bodies of GET (5.4)."""
    styles, searched = seen["calls"][14:16]
    assert "a cookie for another server, which it needs: sid" in styles["notes"]
    assert "No page may send a body with GET" in searched["notes"]
    for call in (styles, searched):
        assert call["status"] == "Copied." and call["copied"] == call["tabs"]["curl"]
    assert "--cookie sid=" in styles["copied"] and "--cookie seen=no" in styles["copied"]
    cookie, referer = seen["calls"][17:19]
    assert cookie["status"].startswith("seen: a browser lets no page set the cookie `seen`")
    assert referer["status"].startswith("referer: a browser lets no page set the header `Referer`")


def test_every_style_stands_as_it_is_specified(seen: Any) -> None:
    """OpenAPI 3.2's Style Values with RFC 6570's encoding; RFC 7464; RFC 2046, 5.1."""
    curl = seen["calls"][14]["tabs"]["curl"]
    assert "/styles.a%20b.c/x;matrix=x,1,y,2/d%2Fe,f?" in curl
    walk, log, rows, mixed, styled = seen["received"][10:15]
    assert walk["line"] == (
        "GET /v2/walk?labels=a%7Cb%7Cc&deep%5Ba%5D%5Bb%5D=x&deep%5Ba%5D%5Bb%5D=y&to=/p?q=1%26r%23%20&about=%7B%22x%22%3A3%7D"
    )
    assert seen["calls"][16]["base"] == f"{seen['origins'][1]}v2"
    assert log["headers"]["content-type"] == "application/json-seq"
    assert log["body"] == '\x1e{"x": 1}\n\x1e{"y": 2}\n'
    assert rows["headers"]["content-type"] == "application/x-ndjson" and rows["body"] == '{"x": 1}\n{"y": 2}\n'
    assert mixed["headers"]["content-type"].startswith("multipart/mixed; boundary=")
    # The third has no Encoding Object: text/plain, as MIME has it where nothing is written.
    assert [part["Content-Type"] for part in parts(mixed)] == ["application/json", "text/csv", None]
    named = [(part.get_param("name", header="content-disposition"), part.get_payload()) for part in parts(styled)]
    assert named == [("words", "a|b"), ("pair[x]", "1"), ("pair[y]", "2")]


def parts(sent: dict[str, Any]) -> list[Any]:
    """The parts of a body, read by the standard library's parser of MIME."""
    head = f"Content-Type: {sent['headers']['content-type']}\r\n\r\n".encode()
    read: Any = BytesParser(Message, policy=HTTP).parsebytes(head + sent["body"].encode("utf-8", "surrogateescape"))
    return list(read.get_payload())


def test_the_mock_lets_the_page_call_it(seen: Any) -> None:
    made, models, refused = seen["calls"][-3:]
    assert made["status"] == "201 Created"
    answered = json.loads(made["answer"])
    assert answered["size"] == len(PICTURE) and answered["content_type"] == "image/png"
    assert answered["checksums"]["sha256"] == hashlib.sha256(PICTURE).hexdigest()
    assert models["status"] == "200 OK" and json.loads(models["answer"])["results"]
    assert refused["status"] == "401 Unauthorized"
