"""Several servers, one of them chosen by name or number, with values for its variables (OpenAPI 3.2.0, 4.5 and 4.6)."""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hanging import HANGS

from generator import pipeline

SERVERS = [
    {"url": "https://{region}.api.example/{base}", "name": "production", "variables": {
        "region": {"default": "eu", "enum": ["eu", "us"]}, "base": {"default": "v1"}}},
    {"url": "https://staging.api.example/v1", "name": "staging"},
    {"url": "http://127.0.0.1:{port}", "variables": {"port": {"default": "8080"}}},
]  # fmt: skip


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("servers")
    upload = {"post": {"operationId": "upload", "servers": [{"url": "https://upload.api.example"}], "responses": {}}}
    document = {
        "openapi": "3.2.0",
        "info": {"title": "Regions", "version": "1"},
        "servers": SERVERS,
        "paths": {"/a": {"get": {"operationId": "one", "responses": {}}}, "/b": upload},
    }
    (folder / "api.json").write_text(json.dumps(document), "utf-8")
    report = pipeline.generate(pipeline.Inputs(folder / "api.json"), folder / "out", ("python", "cli"))
    assert not report.losses
    sys.path.insert(0, str(folder / "out/python"))
    yield folder / "out/python"
    sys.path.remove(str(folder / "out/python"))


def urls(base_url: str | None) -> tuple[str, str]:
    """Where a call goes, and one whose operation has a server of its own."""
    module: Any = importlib.import_module("regions_kit")
    operations: Any = importlib.import_module("regions_kit.operations").OPERATIONS
    client = module.Regions("t", base_url=base_url)
    return tuple(client.prepare(operations[f"regions_{name}"], {}).url for name in ("one", "upload_b"))  # type: ignore[return-value]


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        (None, "https://eu.api.example/v1"),
        ("production", "https://eu.api.example/v1"),
        ("staging", "https://staging.api.example/v1"),
        ("2", "https://staging.api.example/v1"),
        ("3", "http://127.0.0.1:8080"),
        ("3?port=99", "http://127.0.0.1:99"),
        ("?region=us", "https://us.api.example/v1"),
        ("production?region=us&base=v2%2Fbeta", "https://us.api.example/v2/beta"),
    ],
)
def test_a_server_is_chosen(given: str | None, wanted: str, made: Path) -> None:
    assert urls(given) == (f"{wanted}/a", "https://upload.api.example/b")


def test_a_url_is_a_place_of_its_own(made: Path) -> None:
    assert urls("https://mock.example/x") == ("https://mock.example/x/a", "https://mock.example/x/b")


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ("stagin", "no server is called 'stagin': production, staging, 3"),
        ("0", "no server is called '0'"),
        ("4", "no server is called '4'"),
        ("?region=mars", "is 'mars', not one of eu, us"),
        ("staging?region=us", "has no variable 'region'; it takes none"),
        ("production?base=x@evil.example", "user name or password"),
        ("production?base={region}", "https://eu.api.example/{region}"),
    ],
)
def test_what_is_no_server(given: str, told: str, made: Path) -> None:
    errors: Any = importlib.import_module("regions_kit.runtime.errors")
    if told.startswith("https://"):
        assert urls(given)[0].startswith(told)  # what a value says is no variable again
        return
    with pytest.raises(errors.ConfigError) as caught:
        urls(given)
    assert told in str(caught.value)


def test_the_environment_and_the_command_line_choose_too(made: Path, tmp_path: Path) -> None:
    env = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "PYTHONPATH": str(made), "REGIONS_BASE_URL": "staging"}
    for flags, wanted in (
        ((), "https://staging.api.example/v1/a"),
        (("--base-url", "?region=us"), "https://us.api.example/v1/a"),
    ):
        command = [sys.executable, "-m", "regions_kit", "call", "regions_one", "{}", "--dry-run", *flags]
        done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=HANGS, check=False)
        assert wanted in done.stdout, done.stdout + done.stderr
