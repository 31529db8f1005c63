"""What the command line holds in memory of files and of stdin is bounded; what is uploaded is not."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from cli_harness import MODEL, VERSION, Cli, mock

ARGUMENTS = json.dumps({"model_owner": "replicate", "model_name": "hello-world"}).encode()


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with mock("--seconds", "0") as url:
        yield url


@pytest.fixture
def cli(tmp_path: Path, url: str) -> Cli:
    (tmp_path / "large").write_bytes(b'{"text": "%s"}\n' % (b"a" * 1000))
    (tmp_path / "arguments").write_bytes(ARGUMENTS)
    return Cli(tmp_path, url)


@pytest.mark.parametrize(
    ("words", "name"),
    [
        (("call", "get_model", "@large"), "large"),
        (("call", "get_model", "-"), "stdin"),
        (("call", "get_model", "--arg", "model_owner:=@large"), "large"),
        (("predictions", "create", "--body", "@large"), "large"),
        (("predictions", "create", "--version", "@/dev/zero"), "/dev/zero"),
        (("predictions", "create", "--version", "@-"), "stdin"),
        (("run", MODEL, "--input", "@large"), "large"),
        (("run", MODEL, "text=@large"), "large"),
        (("run", MODEL, "--batch", "large", "--out", "out"), "large"),
        (("run", MODEL, "--batch", "-", "--out", "out"), "stdin"),
        (("api", "POST", "/predictions", "@large"), "large"),
        (("auth", "login", "--token-file", "large"), "large"),
    ],
)
def test_what_is_held_in_memory_is_bounded(cli: Cli, words: tuple[str, ...], name: str) -> None:
    error = cli.error(2, *words, "--max-input-bytes", "500", stdin=b" " * 501)
    assert f"{name} has more than 500 bytes, the bound of --max-input-bytes" in error["message"]
    assert "REPLIKIT_MAX_INPUT_BYTES" in error["message"] and error["hint"]


def test_the_bound_is_set_by_option_and_environment(cli: Cli) -> None:
    words = ("call", "get_model", "@arguments", "--jq", ".name")
    most = len(ARGUMENTS)
    assert cli.run(*words, "--max-input-bytes", str(most)).stdout == b"hello-world\n"
    assert cli.run(*words, REPLIKIT_MAX_INPUT_BYTES=str(most)).stdout == b"hello-world\n"
    assert f"more than {most - 1:,} bytes" in cli.error(2, *words, REPLIKIT_MAX_INPUT_BYTES=str(most - 1))["message"]
    assert cli.run("--max-input-bytes", str(most), *words, REPLIKIT_MAX_INPUT_BYTES="1").stdout == b"hello-world\n"
    for wrong in ("-1", "0", "many", "9" * 30):
        assert "must be a whole number above 0" in cli.error(4, *words, REPLIKIT_MAX_INPUT_BYTES=wrong)["message"]


def test_what_is_uploaded_is_not(cli: Cli) -> None:
    content = bytes(range(256)) * 4
    (cli.folder / "file.bin").write_bytes(content)
    bound = ("--max-input-bytes", "100")
    made = cli.json("files", "create", "@file.bin", *bound)
    assert made["size"] == len(content)
    created = cli.json("predictions", "create", "--version", VERSION, "--input", "text=@file.bin", *bound)
    assert created["input"]["text"].startswith("data:application/octet-stream;base64,AAEC")


@pytest.mark.parametrize("media_type", ["text/plain\r\nX-Injected: 1", "text/plain\n", "text/é"])
def test_a_media_type_cannot_add_a_header(cli: Cli, media_type: str) -> None:
    arguments = json.dumps({"content": f"data:{media_type};base64,eA=="})
    error = cli.error(2, "call", "create_file", arguments)
    assert error["parameter"] == "content" and "holds a character that no media type has" in error["message"]
