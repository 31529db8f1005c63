"""Servers whose URLs have variables: filled in once, by the example of OpenAPI 3.1.1, 4.8.5.1."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from generator import link
from generator.ir import Api
from generator.read import documents

EXAMPLE = {
    "url": "https://{username}.gigantic-server.com:{port}/{basePath}",
    "variables": {
        "username": {"default": "demo"},
        "port": {"enum": ["8443", "443"], "default": "8443"},
        "basePath": {"default": "v2"},
    },
}


def api(folder: Path, *servers: Any, title: str = "Pets") -> Api:
    document = {"openapi": "3.1.0", "info": {"title": title, "version": "1"}, "paths": {}, "servers": servers}
    (folder / "api.json").write_text(json.dumps(document), "utf-8")
    return link.load(documents.read(folder / "api.json"))


def test_variables_have_their_defaults(tmp_path: Path) -> None:
    assert [server.url for server in api(tmp_path, EXAMPLE).servers] == ["https://demo.gigantic-server.com:8443/v2"]


@pytest.mark.parametrize("named", ["username", 'a?b#c "d"'])
def test_the_host_says_what_the_api_is_called_whatever_its_variables_are(named: str, tmp_path: Path) -> None:
    server = {"url": f"https://{{{named}}}.gigantic.example", "variables": {named: {"default": "eu"}}}
    assert api(tmp_path, server, title="The really very Gigantic store").name == "gigantic"


def test_what_a_default_says_is_no_variable_again(tmp_path: Path) -> None:
    doubling = {f"v{n}": {"default": f"{{v{n + 1}}}" * 2} for n in range(60)}
    found = api(tmp_path, {"url": "https://{v0}.example.com", "variables": doubling}, EXAMPLE)
    assert len(found.servers) == 1
    assert [loss.reason for loss in found.losses if loss.kind == "dropped"] == [
        "the server's URL contains '{', which is not allowed in a URL: give the variable a default"
    ]


def test_long_defaults_of_many_variables_make_no_longer_text(tmp_path: Path) -> None:
    long = {"url": "https://h/" + "{v}" * 600, "variables": {"v": {"default": "a" * 1_000_000}}}
    found = api(tmp_path, long, EXAMPLE)
    assert [server.url for server in found.servers] == ["https://demo.gigantic-server.com:8443/v2"]
    assert any("limit is 2000" in loss.reason for loss in found.losses)
