"""Results as a model gets them: short enough, whole as JSON, free of what hides, with files as links or pictures."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest
from mcp_harness import API, held, stdio
from recorder import TOKEN, Recorder, recorder
from replikit.functions import find
from replikit.mcp import results, shape
from replikit.mcp.arguments import Own
from replikit.mcp.rest import Rest
from replikit.mcp.text import as_it_is, clean, encode, visible


def nested(depth: int) -> Any:
    value: Any = "end"
    for _ in range(depth):
        value = {"in": [value]}
    return value


@pytest.mark.parametrize(
    "document",
    [
        {"text": "word " * 50_000},
        {"rows": [[i] * 100 for i in range(1000)]},
        {f"field {i}": "x" * 100 for i in range(5000)},
        {"x" * 30_000: 1},
        {"deep": nested(60), "text": "x" * 30_000},
        {"deep": nested(90)},
        {"deep": nested(5000)},
        {"results": [{"output": ["y" * 900] * 50, "logs": "z" * 9000}] * 30},
        {"text": "\u2028\U0001f600" * 20_000},
    ],
    ids=["string", "rows", "fields", "key", "nested", "deep", "too deep", "results", "unicode"],
)
def test_whatever_comes_fits_and_says_so(document: dict[str, Any]) -> None:
    short = shape.fit(document)
    text = encode(short)
    assert len(text) <= shape.LIMIT
    assert json.loads(text) == short
    assert short["truncated"]["reason"]


@pytest.mark.parametrize("document", [{}, {"a": None}, {"a": ["x" * 18_900]}])
def test_what_fits_is_left_alone(document: dict[str, Any]) -> None:
    assert shape.fit(document) == document


def test_a_link_is_never_cut() -> None:
    url = "https://files.example/" + "a" * 300
    short = shape.fit({"logs": ["x" * 5000] * 20, "url": url})
    assert short["url"] == url


def test_long_list_goes_on_where_it_was_cut() -> None:
    info = find("replicate_list_predictions")
    items = [{"id": str(i), "logs": "x" * 3000} for i in range(100)]
    document = {"next": "https://api/next", "previous": None, "results": items}
    seen: list[str] = []
    cursor = ""
    for _ in range(100):
        short = results.shortened(info, document, Own(cursor=cursor), Rest(("cursor",)))
        assert len(encode(short)) <= shape.LIMIT + 400
        seen += [item["id"] for item in short["results"]]
        cursor = short.get("truncated", {}).get("cursor", "")
        if not cursor:
            break
    assert seen == [str(i) for i in range(100)]


def test_list_that_an_api_walks_by_a_cursor_of_its_own_says_that_it_was_cut() -> None:
    """A function's own argument goes before the server's: then `cursor` is none of ours to give."""
    document = {"next": None, "previous": None, "results": [{"id": str(i)} for i in range(9)]}
    short = results.shortened(
        find("replicate_list_models"), document, Own(limit=2), Rest(("limit",), "read it elsewhere")
    )
    assert len(short["results"]) == 2
    assert "elsewhere" in short["truncated"]["rest"] and "cursor" not in short["truncated"]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\u202eb\u2066c", "abc"),
        ("a\u200bb\ufeffc\u00ad", "abc"),
        ("\U000e0049\U000e0067nore", "nore"),
        ("tab\tline\nend\r", "tab\tline\nend\r"),
        ("\x1b[31mred\x00", "[31mred"),
        ("half \ud800", "half ?"),
        ("é 日本 🎨", "é 日本 🎨"),
    ],
)
def test_what_nobody_sees_is_taken_out(text: str, shown: str) -> None:
    assert visible(text) == shown


def test_numbers_that_json_lacks_and_tokens_are_taken_out() -> None:
    dirty = {"n": float("nan"), "deep": [{"k": "my r8_secret here"}], "r8_secret": 1}
    assert clean(dirty, lambda text: text.replace("r8_secret", "***")) == {
        "n": None,
        "deep": [{"k": "my *** here"}],
        "***": 1,
    }


def test_output_files_are_linked() -> None:
    data = {"id": "p", "status": "succeeded", "output": ["https://replicate.delivery/x/out-0.png", "no link", 3]}
    answer = results.succeeded(find("replicate_get_prediction"), data, Own(), as_it_is, Rest())
    (link,) = [block for block in answer.content if block.type == "resource_link"]
    assert (link.uri, link.name, link.mime_type) == (data["output"][0], "out-0.png", "image/png")


def test_of_many_output_files_some_are_linked() -> None:
    data = {"id": "p", "status": "succeeded", "output": [f"https://replicate.delivery/x/{n}.png" for n in range(21)]}
    answer = results.succeeded(find("replicate_get_prediction"), data, Own(), as_it_is, Rest())
    assert [block.type for block in answer.content].count("resource_link") == 20
    assert answer.structured_content is not None and len(answer.structured_content["output"]) == 21


def test_large_image_is_linked_whatever_was_asked_for() -> None:
    for size, kind in ((1_000_000, "image"), (1_000_001, "resource_link")):
        data = {"content_type": "image/png", "size": size, "data": base64.b64encode(PIXEL.ljust(size, b"\0")).decode()}
        own, link = Own(images=True), "replicate://api/files/x"
        answer = results.succeeded(find("replicate_download_file"), data, own, as_it_is, Rest(), link=link)
        assert [block.type for block in answer.content] == ["text", kind, "text"]


def test_sound_is_a_file_to_a_host_that_knows_no_other() -> None:
    """`AudioContent` came with the revision 2025-03-26 of the protocol."""
    data = {"content_type": "audio/wav", "size": 3, "data": "AAAA"}
    answer = results.succeeded(find("replicate_download_file"), data, Own(), as_it_is, Rest())
    for revision, kind in (("2024-11-05", "resource"), ("2025-03-26", "audio"), ("2025-11-25", "audio")):
        assert [block.type for block in results.spelled(answer, revision).content] == ["text", kind, "text"]


def test_large_file_is_linked_and_not_shown_in_part() -> None:
    data = {"content_type": "video/mp4", "size": 90_000, "data": "A" * 120_000}
    answer = results.succeeded(
        find("replicate_download_file"), data, Own(), as_it_is, Rest(), link="replicate://api/files/x"
    )
    assert answer.structured_content is not None
    assert answer.structured_content["data"] is None
    assert answer.content[1].uri == "replicate://api/files/x"  # type: ignore[union-attr]


def told(content: bytes, content_type: str = "application/json", status: int = 200) -> Callable[[Recorder], None]:
    def set_up(server: Recorder) -> None:
        server.content, server.content_type, server.status = content, content_type, status

    return set_up


PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


def test_small_image_is_shown_on_request() -> None:
    with recorder() as server, recorder() as files:
        env = {API.base_url_env: server.base_url, API.token_env: TOKEN}
        with held(stdio(env, "--mode=meta")) as client:

            def kinds(name: str, **wishes: Any) -> list[str]:
                arguments = dict(API.function(name).examples[0].arguments)
                answer = client.call_tool("call_read", {"function": name, "arguments": arguments, **wishes})
                return [block.type for block in answer.content]

            told(PIXEL)(server)
            assert kinds("replicate_download_file", images=True) == ["text", "image", "text"]
            assert kinds("replicate_download_file") == ["text", "image", "text"]
            told(b"\0\xff")(server)
            assert kinds("replicate_download_file") == ["text", "resource_link", "resource", "text"]
            output = {"id": "p", "status": "succeeded", "output": files.base_url + "/out.png"}
            told(json.dumps(output).encode())(server)
            told(PIXEL)(files)
            assert kinds("replicate_get_prediction", images=True) == ["text", "resource_link", "image", "text"]
            assert kinds("replicate_get_prediction") == ["text", "resource_link", "text"]
            assert "authorization" not in files.one().headers
            many = {**output, "output": [f"{files.base_url}/{n}.png" for n in range(5)]}
            told(json.dumps(many).encode())(server)
            assert kinds("replicate_get_prediction", images=True).count("image") == 4
            told(json.dumps(output).encode())(server)
            told(b"<html>no picture</html>")(files)
            assert kinds("replicate_get_prediction", images=True) == ["text", "resource_link", "text"]


HOSTILE = [
    b'{"detail": "token r8_parity is bad", "title": "r8_parity"}',
    b'{"a": "\\u202eignore\\u202c all", "b": "\\ud800", "c": NaN, "d": 1e999}',
    b"\xff\xfe not json",
    b"[" * 50_000 + b"]" * 50_000,
    b'{"a": "line\\u2028end\\nnext\\r\\n{\\"jsonrpc\\": \\"2.0\\"}"}',
    b"null",
    b"",
    b'"just text r8_parity"',
]


@pytest.mark.parametrize("status", [200, 401, 500])
def test_whatever_the_api_answers_the_frame_holds_and_the_token_stays(status: int) -> None:
    with recorder() as server:
        env = {API.base_url_env: server.base_url, API.token_env: TOKEN}
        with held(stdio(env)) as client:
            # A failing server is asked again before it is believed, which takes its time.
            for content in HOSTILE if status < 500 else HOSTILE[:1]:
                told(content, status=status)(server)
                for name in ("replicate_get_account", "replicate_list_models"):
                    answer = client.call_tool(name, {})
                    text = answer.content[0].text
                    assert json.loads(text) == answer.structured_content
                    assert TOKEN not in text
                    assert "\u202e" not in text
            told(b'{"type": "user", "username": "ada"}')(server)
            assert client.call_tool("replicate_get_account", {}).structured_content["username"] == "ada"
