"""Files as inputs of what describes its own inputs: every command that takes one, by every way a file can be named.

What arrives is read by the server here, from `data:` URLs and uploads, and compared byte for byte.
"""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Iterator
from email.parser import BytesParser
from pathlib import Path
from typing import Any

import pytest
from cli_harness import Cli
from scripted import Asked, Reply, Scripted, of, scripted

SMALL = b"\x89PNG\r\n\x1a\n\x00small"
OTHER = b"\xff\xd8\xff\xe0other"
LARGE = bytes(range(256)) * 2000
FILE = {"type": "string", "format": "uri"}
INPUT = {
    "type": "object",
    "required": ["prompt"],
    "properties": {
        "prompt": {"type": "string", "x-order": 0},
        "image": {**FILE, "x-order": 1},
        "mask": {"anyOf": [FILE, {"type": "null"}], "x-order": 2},
        "images": {"type": "array", "items": FILE, "x-order": 3},
        "texts": {"anyOf": [{"type": "array", "items": {"type": "string"}}, {"type": "null"}]},
        "steps": {"type": "integer", "minimum": 1, "x-order": 4},
        "scale": {"type": "number"},
        "fast": {"type": "boolean"},
        "scheduler": {"allOf": [{"$ref": "#/components/schemas/Scheduler"}], "default": "K_EULER"},
    },
}
DOCUMENT = {
    "components": {
        "schemas": {
            "Input": INPUT,
            "TrainingInput": INPUT,
            "Output": {"type": "string"},
            "Scheduler": {"enum": ["K_EULER", "DDIM"], "type": "string"},
        }
    }
}
VERSION = {"id": "v1", "openapi_schema": DOCUMENT}


class Api:
    """The few answers of the API that running a model takes, and the files that have come."""

    def __init__(self, server: Scripted) -> None:
        self.server = server
        self.uploads: list[bytes] = []
        self.inputs: list[dict[str, Any]] = []
        made = {"id": "m", "owner": "o", "name": "m", "latest_version": VERSION}
        server.answers |= {
            "/v1/models/o/m": [of(made)],
            "/v1/models/o/m/versions/v1": [of(VERSION)],
            "/v1/predictions": self._run,
            "/v1/models/o/m/versions/v1/trainings": self._run,
            "/v1/files": self._upload,
        }

    def _run(self, asked: Asked) -> Reply:
        if asked.method == "GET":
            return of({"next": None, "previous": None, "results": []})
        self.inputs.append(self._with_bytes(asked.json["input"]))
        job = {"id": f"p{len(self.inputs)}", "status": "succeeded", "input": {}, "output": "done"}
        self.server.answers[f"/v1/predictions/{job['id']}"] = [of(job)]
        return of(job, 201)

    def _upload(self, asked: Asked) -> Reply:
        head = f"Content-Type: {asked.headers['content-type']}\r\n\r\n".encode()
        part = next(p for p in BytesParser().parsebytes(head + asked.body).get_payload() if p.get_filename())
        self.uploads.append(part.get_payload(decode=True))
        url = f"{self.server.base_url}/files/{len(self.uploads) - 1}"
        return of({"id": url[-1], "urls": {"get": url}}, 201)

    def _with_bytes(self, value: Any) -> Any:
        """The value with the bytes of a file in place of what stands for it."""
        if isinstance(value, list):
            return [self._with_bytes(item) for item in value]
        if isinstance(value, dict):
            return {name: self._with_bytes(item) for name, item in value.items()}
        if isinstance(value, str) and value.startswith("data:"):
            return b64decode(value.partition("base64,")[2])
        if isinstance(value, str) and value.startswith(self.server.base_url):
            return self.uploads[int(value.rpartition("/")[2])]
        return value


@pytest.fixture
def api() -> Iterator[Api]:
    with scripted() as server:
        yield Api(server)


@pytest.fixture
def cli(tmp_path: Path, api: Api) -> Cli:
    folder = tmp_path / "inputs"
    folder.mkdir()
    (folder / "a.png").write_bytes(SMALL)
    (folder / "b.jpg").write_bytes(OTHER)
    (folder / "large.bin").write_bytes(LARGE)
    return Cli(tmp_path, api.server.base_url)


URL = "https://example.com/a.png"
WAYS: list[tuple[list[str], bytes | None, dict[str, Any]]] = [
    (["image=@inputs/a.png"], None, {"image": SMALL}),
    (["image=@-"], OTHER, {"image": OTHER}),
    (["image=@inputs/large.bin"], None, {"image": LARGE}),
    (["image=@-"], LARGE, {"image": LARGE}),
    ([f"image={URL}"], None, {"image": URL}),
    (["mask=@inputs/a.png"], None, {"mask": SMALL}),
    (["mask:=null"], None, {"mask": None}),
    (["images=@inputs/a.png", "images=@inputs/b.jpg", f"images={URL}"], None, {"images": [SMALL, OTHER, URL]}),
    (["images[]=@inputs/a.png", "images[]=@inputs/b.jpg"], None, {"images": [SMALL, OTHER]}),
    (["--input", '{"image": "@inputs/a.png", "images": ["@inputs/b.jpg"]}'], None, {"image": SMALL, "images": [OTHER]}),
    (['images:=["@inputs/a.png", "@inputs/b.jpg"]', "image=@@x"], None, {"images": [SMALL, OTHER], "image": "@x"}),
    (["texts=1", "texts=b", "texts={}"], None, {"texts": ["1", "b", "{}"]}),
    (['images=["@inputs/a.png", "@inputs/b.jpg"]'], None, {"images": [SMALL, OTHER]}),
    (['image:="@inputs/large.bin"', 'prompt:="@inputs/a.png"'], None, {"image": LARGE, "prompt": "@inputs/a.png"}),
    (["--input", "-"], b'{"image": "@inputs/large.bin"}', {"image": LARGE}),
    (["prompt=@@home", "scheduler=DDIM", "steps=3"], None, {"prompt": "@home", "scheduler": "DDIM", "steps": 3}),
]


@pytest.mark.parametrize("words", [["run", "o/m"], ["stream", "o/m"], ["train", "o/m:v1", "--destination", "o/d"]])
@pytest.mark.parametrize(("given", "stdin", "wanted"), WAYS, ids=lambda value: str(value)[:40])
def test_a_file_arrives_whole(
    cli: Cli, api: Api, words: list[str], given: list[str], stdin: bytes | None, wanted: dict[str, Any]
) -> None:
    done = cli.run(*words, "prompt=x", *given, stdin=stdin)
    assert done.returncode == 0, done.stderr.decode()
    assert api.inputs == [{"prompt": "x", **wanted}]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["image=@nothing.png"], "image: there is no file nothing.png"),
        (["--input", '{"images": ["@nothing.png"]}'], "images: there is no file nothing.png"),
        (["image=inputs/a.png"], "image: inputs/a.png is a file here; its content is @inputs/a.png"),
        (["images=inputs/a.png", f"images={URL}"], "images: inputs/a.png is a file here"),
        (["image=-"], "image: - is one character; standard input is @-"),
        (['images:=["@nothing.png"]'], "images: there is no file nothing.png"),
        (["images=x", "steps=0"], "steps: 0 must be at least 1"),
        (["scheduler=NONE"], "is not one of"),
        (["images=@-", "images=@-"], "images: standard input was already read for images"),
        (["image:=5"], "image: expected a string, got integer 5"),
    ],
)
def test_what_is_no_input_is_refused_before_anything_is_sent(cli: Cli, api: Api, given: list[str], said: str) -> None:
    assert said in cli.error(2, "run", "o/m", "prompt=x", *given)["message"]
    assert not api.inputs and not api.uploads


ROWS = [{"prompt": "one", "image": SMALL}, {"prompt": "two, three", "image": LARGE, "steps": 4}]
LISTS = [{"prompt": "one\u2028two\x85", "images": [SMALL]}, {"prompt": "three", "images": [SMALL, OTHER]}]
LINES = {
    "in.jsonl": [1, 2],
    "semicolons.csv": [2, 3],
    "lists.jsonl": [1, 2],
    "lists.csv": [2, 3],
    "in.csv": [2, 3],
    "IN.CSV": [2, 4],
}
BATCHES = {
    "in.jsonl": '{"prompt": "one", "image": "@a.png"}\n{"prompt": "two, three", "image": "@large.bin", "steps": 4}\n',
    "lists.jsonl": "".join(
        f'{{"prompt": {p}, "images": {i}}}\r\n'
        for p, i in (('"one\u2028two\x85"', '["@a.png"]'), ('"three"', '["@a.png", "@b.jpg"]'))
    ),
    "semicolons.csv": 'prompt;image;steps\none;@a.png;\n"two, three";@large.bin;4\n',
    "lists.csv": 'prompt,images\r\none\u2028two\x85,@a.png\r\nthree,"[""@a.png"", ""@b.jpg""]"\r\n',
    "in.csv": '\ufeffprompt,image,steps\r\none,@a.png,\r\n"two, three",@large.bin,4\r\n',
    "IN.CSV": 'steps, image, prompt\n,@a.png,one\n\n4,@large.bin,"two, three"\n',
}


@pytest.mark.parametrize("name", BATCHES)
def test_a_batch_carries_files(cli: Cli, api: Api, name: str) -> None:
    """Its paths are relative to the folder that it lies in."""
    (cli.folder / "inputs" / name).write_text(BATCHES[name], "utf-8", newline="")
    assert cli.json("run", "o/m", "--batch", f"inputs/{name}", "--out", "out.jsonl")["succeeded"] == 2
    assert sorted(api.inputs, key=lambda row: str(row["prompt"])) == (LISTS if name.startswith("lists") else ROWS)
    results = [json.loads(line) for line in (cli.folder / "out.jsonl").read_bytes().split(b"\n")[:-1]]
    assert sorted(each["line"] for each in results) == LINES[name]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("in.jsonl", '{"prompt": "x", "image": "@no.png"}', "line 1 of in.jsonl: image: there is no file no.png"),
        ("in.jsonl", "\n@in.jsonl", "line 2 of in.jsonl: not valid JSON"),
        ("in.csv", "prompt,image\nx,@no.png\n", "line 2 of in.csv image: there is no file no.png"),
        ("in.csv", "prompt,prompt\nx,y\n", "line 1 of in.csv: a column has no name, or a duplicate one"),
        ("in.csv", "prompt,steps\nx,1,2\n", "line 2 of in.csv: 3 cells below 2 names"),
        ("in.csv", 'prompt\n"x\n', "of in.csv: unexpected end of data"),
        ("in.csv", "prompt,steps\nx,many\n", 'line 2 of in.csv: steps: expected an integer, got string "many"'),
        ("in.csv", "prompt,seps\nx,1\n", "did you mean steps?"),
        ("in.csv", "prompt\n\n", "has no lines"),
    ],
)
def test_a_batch_is_checked_whole(cli: Cli, api: Api, name: str, content: str, said: str) -> None:
    (cli.folder / name).write_text(content)
    assert said in cli.error(2, "run", "o/m", "--batch", name, "--out", "out.jsonl")["message"]
    assert not api.inputs


def test_the_dry_run_shows_the_inputs(cli: Cli, api: Api) -> None:
    shown = json.dumps(cli.json("run", "o/m", "prompt=x", "image=@inputs/a.png", "--dry-run"))
    assert "data:image/png;base64," in shown and not api.inputs
