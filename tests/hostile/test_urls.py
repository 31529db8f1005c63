"""Which URLs are taken: by RFC 3986 and what may be done with them."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from generator import link
from generator.errors import SpecError
from generator.read import documents, urls

SERVERS = ["https://api.example.com/v1", "http://127.0.0.1:8080", "http://[::1]:80/x", "HTTPS://H", "/v1", "v1", "../v1", "https://x/'(a)'"]  # fmt: skip
PAGES = ["https://example.com/a?b=1&c=2#d", "http://example.com", "https://example.com/%20"]
NEITHER = [
    "-o/tmp/x", "--config=x", "file:///etc/passwd", "javascript:alert(1)", "data:text/html,x", "vbscript:x", "ftp://h",
    "https://u:p@h/", "https://u@h/", "https://h\n/", "https://h\t", "https://h /", "https://h:99999/", "https://h:x/",
    "http://[", "//h/v1", "", "https://", "https:h", "https:///x", "https://{t}.x/", "https://h/%zz", "https://h\0",
    "https://h/\u202e", "https://b\u00fccher.example", "https://h\\@evil", "https://x/\"onclick=", "https://x/<a>", "mailto:a@b",
    "https://x/`id`", "https://-h/", "https://h/\ud83d\ude00", "https://h|id", "@h", "$(id)", "https://" + "a" * 2000,
]  # fmt: skip


@pytest.mark.parametrize("url", SERVERS)
def test_a_server_that_can_be_used(url: str) -> None:
    assert urls.server_problem(url) is None


@pytest.mark.parametrize("url", PAGES)
def test_a_page_that_can_be_opened(url: str) -> None:
    assert urls.page_problem(url) is None


@pytest.mark.parametrize("url", NEITHER, ids=ascii)
def test_what_is_no_url_or_more_than_one(url: str) -> None:
    for problem in (urls.server_problem(url), urls.page_problem(url)):
        assert problem is not None and all(problem), ascii(url)


@pytest.mark.parametrize("url", ["https://x/#a", "https://x/a?b#c", "v1#x"])
def test_a_server_has_no_fragment(url: str) -> None:
    assert urls.server_problem(url) is not None


@pytest.mark.parametrize(
    "name", ["@/etc/passwd", "a\r\nB: c", "a b", "", "a:b", "\u4e2d", "a\0", "(", "a" * 201], ids=ascii
)
def test_a_name_that_no_header_has_is_not_sent(name: str, tmp_path: Path) -> None:
    """Neither as a parameter nor with the token; the ledger says so, and what else there is stays."""
    schemes = {"key": {"type": "apiKey", "in": "header", "name": name or "("}}
    listed = [
        {"name": n, "in": place, "schema": {"type": "string"}}
        for n in (name or "(", "X-Fine")
        for place in ("header", "cookie")
    ]
    operation = {"operationId": "list", "parameters": listed, "responses": {"200": {"description": "ok"}}}
    document = {
        "openapi": "3.1.0",
        "info": {"title": "Harm", "version": "1"},
        "paths": {"/": {"get": operation}},
        "components": {"securitySchemes": schemes},
    }
    (tmp_path / "openapi.yaml").write_text(yaml.dump(document, default_style='"'))
    api = link.load(documents.read(tmp_path / "openapi.yaml"))
    assert [param.wire_name for param in api.functions[0].params] == ["X-Fine", "X-Fine"] and api.schemes == ()
    assert len([loss for loss in api.losses if loss.kind == "dropped"]) == 3


@pytest.mark.parametrize("url", NEITHER, ids=ascii)
def test_a_server_that_cannot_be_used_is_in_the_ledger_and_nowhere_else(url: str, tmp_path: Path) -> None:
    operation = {"operationId": "list", "servers": [{"url": url}], "responses": {"200": {"description": "ok"}}}
    document = {
        "openapi": "3.1.0",
        "info": {"title": "Harm", "version": "1"},
        "paths": {"/": {"get": operation}},
        "servers": [{"url": url}, {"url": "https://fine.example"}],
    }
    (tmp_path / "openapi.yaml").write_text(yaml.dump(document, default_style='"'))
    try:
        api = link.load(documents.read(tmp_path / "openapi.yaml"))
    except SpecError as error:
        assert "\\ud83d" in ascii(url), error  # half a character is refused before
        return
    assert [server.url for server in api.servers] == ["https://fine.example"] and api.functions[0].server == ""
    assert sum("server's URL" in loss.reason for loss in api.losses) == (2 if url else 0)
