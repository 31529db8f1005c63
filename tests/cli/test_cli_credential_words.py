"""What people are asked for is called what the API's scheme has: a key (OpenAPI 3.1, 4.8.27: `apiKey`), a password (RFC 7617)."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hanging import HANGS

from generator import pipeline

SCHEMES: dict[str, Any] = {
    "key": {"type": "apiKey", "in": "header", "name": "X-Key"},
    "basic": {"type": "http", "scheme": "basic"},
}
WORDS = {"key": "API key", "basic": "password"}
SURFACES = ("python", "cli", "mcp", "docs")


@pytest.fixture(scope="module", params=SCHEMES)
def made(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    folder = tmp_path_factory.mktemp(request.param)
    document = {
        "openapi": "3.1.0",
        "info": {"title": "Zoo", "version": "1"},
        "servers": [{"url": "https://zoo.example"}],
        "security": [{request.param: []}],
        "components": {"securitySchemes": {request.param: SCHEMES[request.param]}},
        "paths": {"/pets": {"get": {"operationId": "listPets", "responses": {"200": {"description": "ok"}}}}},
    }
    (folder / "zoo.json").write_text(json.dumps(document), "utf-8")
    pipeline.generate(pipeline.Inputs(folder / "zoo.json"), folder / "out", SURFACES)
    return request.param, folder


def said(folder: Path, *words: str) -> str:
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(folder / "out/python"), "HOME": str(folder)}
    done = subprocess.run(
        [sys.executable, "-m", "zoo_kit", *words], env=environment, capture_output=True, text=True, check=False,
        stdin=subprocess.DEVNULL, timeout=HANGS,
    )  # fmt: skip
    return " ".join((done.stdout + done.stderr).split())


def test_login_asks_for_what_the_scheme_has(made: tuple[str, Path]) -> None:
    scheme, folder = made
    word = WORDS[scheme]
    a = "an API key" if scheme == "key" else f"a {word}"
    helped = said(folder, "auth", "login", "--help")
    assert f"Store {a}," in helped and f"Store the {word} without" in helped
    assert f"{a} cannot be passed in a command" in said(folder, "auth", "login", "secret")
    assert "token" not in helped.replace("--token-file", "")
    assert f"{word}s." in said(folder, "auth", "status", "--help")


def test_a_host_asks_for_it_by_its_name(made: tuple[str, Path]) -> None:
    scheme, folder = made
    shown = said(folder, "mcp", "config", "vscode")
    assert ("API key of Zoo" in shown) is (scheme == "key") and "oken of" not in shown


def test_the_docs_say_what_is_read_from_the_environment(made: tuple[str, Path]) -> None:
    scheme, folder = made
    home = (folder / "out/docs/pages/index.md").read_text("utf-8")
    sentence = {
        "key": "The API key is read from the environment variable `ZOO_API_TOKEN`.",
        "basic": "The user name and the password are read from the environment variables `ZOO_USERNAME` and `ZOO_PASSWORD`.",
    }
    assert sentence[scheme] in home
