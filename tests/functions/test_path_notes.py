"""A path where a file's content is due is sent as the text that it is, and whoever gave it is told."""

from __future__ import annotations

import json
from typing import Any

import pytest
from lua_stub import run as script
from mcp_harness import EVERYTHING, held, mocked, stdio
from replikit.functions import find
from replikit.functions.paths import MOST, looks_like_path, notes, notes_of_input
from replikit.mcp import results

PATHS = [
    "photo.png", "@photo.png", "PHOTO.JPG", "my-photo.v2.webp", "images/photo.png", "./photo.png", "../a/b.wav", "~/x.wav",
    "/home/u/x.jpg", "@/home/u/x.jpg", "/tmp/model.weights", "C:\\Users\\u\\x.mp4", "C:/Users/u/x.mp4", "\\\\host\\x.pdf",
    "/home/u/My Pictures/cat.png", "caf\u00e9.png", "data.jsonl",
]  # fmt: skip
NO_PATHS = [
    "", "a cat", "a cat.", "a photo of cat.png", "https://example.com/cat.png", "http://example.com/cat.png",
    "data:image/png;base64,AAAA", "//cdn.example.com/cat.png", "/imagine a cat", "/imagine", "@ada", "ada@example.com",
    "3.14", "v1.2", "example.com", "Mr.Smith", ".png", "photo.", "and/or", "1/2", "~", "..", "e.g.", "png",
    "first line\nphoto.png", "x" * 2000 + ".png", "node.js",
]  # fmt: skip


@pytest.mark.parametrize("text", PATHS)
def test_a_path(text: str) -> None:
    assert looks_like_path(text)


@pytest.mark.parametrize("text", NO_PATHS)
def test_no_path(text: str) -> None:
    assert not looks_like_path(text)


def test_the_place_is_told_where_files_may_be_given_and_nowhere_else() -> None:
    create = find("replicate_create_prediction")
    given = {"version": "photo.png", "input": {"prompt": "a cat", "a/b": ["x", {"c~d": "~/x.wav"}]}}
    (note,) = notes(create, given)
    assert note["at"] == "/input/a~1b/1/c~0d" and "'~/x.wav' was sent as this text" in note["note"]
    assert "a URL or a data: URL" in note["note"]
    assert notes(find("replicate_get_prediction"), {"prediction_id": "photo.png"}) == []
    assert notes_of_input({"image": "photo.png"})[0]["at"] == "/input/image"


def test_what_is_noted_is_bounded_and_cleaned() -> None:
    many = {f"i{n}": "photo.png" for n in range(100)}
    assert len(notes_of_input(many)) == MOST
    deep: Any = "photo.png"
    for _ in range(5000):
        deep = [deep]
    assert notes_of_input({"a": deep, "b": list(range(100_000))}) == []
    (note,) = notes_of_input({"\x1b[2J\n" * 100: "a" * 900 + ".png"})
    assert len(note["at"]) <= 200 and len(note["note"]) < 200 and note["at"].isprintable()


def test_a_host_is_told_beside_the_result() -> None:
    arguments = {"version": "replicate/hello-world", "input": {"text": "@photo.png"}}
    with mocked() as env, held(stdio(env, *EVERYTHING)) as client:
        noted = client.call_tool("replicate_create_prediction", arguments)
        plain = client.call_tool("replicate_create_prediction", {**arguments, "input": {"text": "photo"}})
    assert noted.structured_content["input"] == {"text": "@photo.png"}, "it is sent as it is"
    said = [each.text for each in noted.content if each.type == "text" and each.text.startswith("note: ")]
    assert said == [
        "note: /input/text: '@photo.png' was sent as this text and not as a file: give a URL or a data: URL"
    ]
    assert len(plain.content) == len(noted.content) - 1 and json.loads(plain.content[0].text)["id"]
    assert results.MARK == plain.content[-1].text == noted.content[-1].text


@pytest.mark.parametrize("code", [
    "app.integrations.replicate.create_prediction{version = 'a/b', input = {image = 'photo.png'}}",
    "replicate.run('a/b', {image = 'photo.png'})",
])  # fmt: skip
def test_a_script_is_told_in_its_notes(code: str) -> None:
    (note,) = script(f"replicate.get_account{{}} {code}")["meta"]["notes"]
    assert note["at"] == "/integration_calls/1" and note["note"].startswith(
        "/input/image of its arguments: 'photo.png'"
    )
