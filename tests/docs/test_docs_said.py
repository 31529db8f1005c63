"""What a document says beside its operations stands on the pages: of tags, externalDocs, examples, headers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from generator import link, pipeline
from generator.read import documents
from generator.surfaces.docs import site

ANSWER: dict[str, Any] = {
    "description": "ok",
    "headers": {
        "X-Left": {"description": "Calls that are left.", "schema": {"type": "integer"}},
        "X-Size": {"schema": {"type": "string", "description": "Its size."}},
    },
    "content": {
        "application/json": {
            "schema": {"type": "object", "properties": {"id": {"type": "string"}}},
            "examples": {
                "a_cat": {"value": {"id": "tom"}},
                "dog": {"summary": "One that barks", "value": {"id": "rex"}},
            },
        }
    },
}
DOCUMENT: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {
        "title": "Zoo",
        "version": "1",
        "termsOfService": "https://zoo.example/terms",
        "contact": {"name": "The [keeper](x)", "email": "keeper@zoo.example", "url": "javascript:alert(2)"},
        "license": {"name": "Apache 2.0", "identifier": "Apache-2.0"},
    },
    "externalDocs": {"url": "https://zoo.example/docs", "description": "The whole story"},
    "tags": [
        {
            "name": "Big Pets",
            "description": "All that live here. They are <b>fed</b> daily.",
            "externalDocs": {"url": "https://zoo.example/pets"},
        },
        {"name": "Nobody", "description": "Of no operation."},
    ],
    "components": {
        "securitySchemes": {
            "login": {
                "type": "oauth2",
                "description": "By the *keeper*. In a browser.",
                "flows": {"implicit": {"authorizationUrl": "https://zoo.example/in", "scopes": {"all": "Do it all"}}},
            }
        }
    },
    "security": [{"login": ["all"]}],
    "paths": {
        "/pets": {
            "description": "Of every pet.",
            "get": {
                "operationId": "list",
                "tags": ["Big Pets"],
                "externalDocs": {"url": "javascript:alert(1)", "description": "Not a page"},
                "responses": {"200": ANSWER},
            },
            "post": {
                "operationId": "add",
                "tags": ["Big Pets"],
                "externalDocs": {"url": "https://zoo.example/add?a=1&b=(2)", "description": "How to [add](x)"},
                "requestBody": {
                    "description": "The pet as it comes.",
                    "content": {"application/json": {"schema": {"type": "object", "properties": {"name": {}}}}},
                },
                "responses": {"201": {"description": "made"}},
            },
        }
    },
}


def test_what_the_document_says_stands_on_the_pages(tmp_path: Path) -> None:
    (tmp_path / "api.json").write_text(json.dumps(DOCUMENT), "utf-8")
    pipeline.generate(pipeline.Inputs(tmp_path / "api.json"), tmp_path / "made", ("docs",))
    pages = tmp_path / "made/docs/pages"
    home, group, get, add = (
        (pages / name).read_text("utf-8")
        for name in ("index.md", "groups/big_pets.md", "functions/list_big_pets.md", "functions/add_big_pet.md")
    )
    assert "More: [The whole story](https://zoo.example/docs)" in home
    assert "All that live here." in group and "daily." in group and "<b>" not in group
    assert "(https://zoo.example/pets)" in group
    assert "**a\\_cat**" in get or "**a_cat**" in get
    assert "**One that barks**" in get and get.index("One that barks") < get.index('"rex"')
    assert "- `X-Left` (integer): Calls that are left." in get and "- `X-Size` (string): Its size." in get
    assert "Of every pet." in get and "Of every pet." in add and "The pet as it comes." in add
    assert "- Terms of service: [https://zoo.example/terms](https://zoo.example/terms)" in home
    assert "keeper@zoo.example" in home and "Licence: Apache 2.0, Apache-2.0" in home and "[keeper](x)" not in home
    authentication = (pages / "guides/authentication.md").read_text("utf-8")
    assert "keeper" in authentication and "Do it all" in authentication, "of the only scheme as well"
    assert "javascript" not in home
    assert "javascript" not in get and "Not a page" not in get
    assert "(https://zoo.example/add?a=1&amp;b=%282%29)" in add and "[add](x)" not in add


def test_a_body_keeps_its_title_where_a_large_site_shows_it_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(site, "LARGE", 0)
    (tmp_path / "api.json").write_text(json.dumps(DOCUMENT), "utf-8")
    pipeline.generate(pipeline.Inputs(tmp_path / "api.json"), tmp_path / "made", ("docs",))
    page = (tmp_path / "made/docs/pages/functions/list_big_pets.md").read_text("utf-8")
    assert page.count('"tom"') == 1 and page.count("**a_cat**") + page.count("**a\\_cat**") == 1
    assert page.count("**One that barks**") == 1


def test_what_has_no_page_is_in_the_ledger(tmp_path: Path) -> None:
    (tmp_path / "api.json").write_text(json.dumps(DOCUMENT), "utf-8")
    losses = link.load(documents.read(tmp_path / "api.json")).losses
    dropped = {loss.pointer: loss.reason for loss in losses if loss.kind == "dropped"}
    assert dropped["/tags/1"] == "the tag 'Nobody' is not a group: its text is not shown"
    assert "is neither http nor https" in dropped["/paths/~1pets/get/externalDocs"]
    assert any(loss.pointer == "/info/contact" and "neither http nor https" in loss.reason for loss in losses)
