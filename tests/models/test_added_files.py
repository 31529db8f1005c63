"""A file that is given on the command line to a model that was added: what the API is told of holds the file's bytes."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest
from cli_harness import Cli
from test_models_command import record, serve

from tests.support.derivations import OWNER

SMALL = bytes(range(256)) * 4
LARGE = hashlib.shake_256(b"large").digest(700_000)
"""More than goes into a `data:` URL."""


@pytest.fixture(scope="module")
def cli(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cli]:
    folder = tmp_path_factory.mktemp("files")
    (folder / "photo.png").write_bytes(SMALL)
    (folder / "large.png").write_bytes(LARGE)
    models = {name: record(name, official=False) for name in ("upscaling", "lists-of-files")}
    with serve(seeds=[{f"/models/{OWNER}/{name}": found for name, found in models.items()}]) as mock:
        told = mock.environment()
        cli = Cli(folder, told["REPLICATE_BASE_URL"], told["REPLICATE_API_TOKEN"])
        for name in models:
            cli.json("models", "add", f"{OWNER}/{name}")
        yield cli


def asked(cli: Cli, path: str) -> Any:
    found = httpx2.get(path, headers={"Authorization": f"Bearer {cli.token}"})
    assert found.status_code == 200, found.text
    return found.json()


def digest(cli: Cli, url: str) -> str:
    """Of the bytes behind what was sent for a file, as the mock has them."""
    if url.startswith("data:image/png;base64,"):
        return hashlib.sha256(base64.b64decode(url.partition(",")[2], validate=True)).hexdigest()
    kept = asked(cli, url)
    assert kept["content_type"] == "image/png"
    return str(kept["checksums"]["sha256"])


@pytest.mark.parametrize(
    ("words", "argument", "contents"),
    [
        (["upscaling", "image=@photo.png"], "image", [SMALL]),
        (["upscaling", "--image", "@photo.png"], "image", [SMALL]),
        (["upscaling", "--image=@large.png"], "image", [LARGE]),
        (["upscaling", "image=@large.png"], "image", [LARGE]),
        (
            ["lists-of-files", "--prompt=x", "--image-input=@photo.png", "--image-input", "@large.png"],
            "image_input",
            [SMALL, LARGE],
        ),
        (["lists-of-files", "prompt=x", 'image_input:=["@large.png"]'], "image_input", [LARGE]),
    ],
)
def test_the_bytes_arrive(cli: Cli, words: list[str], argument: str, contents: list[bytes]) -> None:
    cli.json(*words)
    sent = asked(cli, f"{cli.url}/predictions")["results"][0]["input"][argument]
    urls = sent if argument == "image_input" else [sent]
    assert [digest(cli, url) for url in urls] == [hashlib.sha256(each).hexdigest() for each in contents]
    assert [url.startswith("data:") for url in urls] == [each is SMALL for each in contents]


def test_a_file_that_is_not_there_is_an_error_before_anything_is_sent(cli: Cli) -> None:
    before = len(asked(cli, f"{cli.url}/predictions")["results"])
    assert "none.png" in cli.error(2, "upscaling", "--image=@none.png")["message"]
    assert len(asked(cli, f"{cli.url}/predictions")["results"]) == before


@pytest.mark.parametrize("command", [["upscaling"], ["run", f"{OWNER}/upscaling"]], ids=" ".join)
def test_a_file_that_is_put_out_is_saved_as_it_is(cli: Cli, command: list[str]) -> None:
    done = cli.run(*command, "image=@photo.png", "-o", "enlarged.png")
    assert (done.returncode, done.stdout) == (0, b""), done.stderr.decode()
    url = asked(cli, f"{cli.url}/predictions")["results"][0]["output"]
    assert (cli.folder / "enlarged.png").read_bytes() == httpx2.get(url).content
