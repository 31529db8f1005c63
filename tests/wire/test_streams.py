"""Answers that hold items one after the other, by the text of their specifications, over every surface.

WHATWG HTML, 9.2.6 (interpreting an event stream; its own examples), 9.2.4 (Last-Event-ID), 9.2.3 (204 ends the reading);
RFC 7464, 2.1 to 2.4 (JSON text sequences); RFC 8259 for what a line of JSON is.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import answering
import pytest
import type_checks
from misbehaving import Misbehaving, chunked, misbehaving, of_json, whole
from streaming import CHUNKS, EVENTS, LINES, RS, SEQUENCES, SSE, both, chunkings, sync


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with answering.made(tmp_path_factory) as out:
        yield out


@pytest.fixture
def server(made: Path) -> Iterator[Misbehaving]:
    with misbehaving() as running:
        yield running


def test_events_of_the_standard_however_they_are_cut(made: Path) -> None:
    from told_kit.runtime.sse import Decoder

    wrong = []
    for number, (body, wanted) in enumerate(EVENTS):
        for pieces in chunkings(body, number):
            decoder = Decoder()
            found = [(e.event, e.data, e.id) for piece in pieces for e in decoder.feed(piece)]
            if found != wanted:
                wrong.append((pieces, found))
    assert not wrong


@pytest.mark.parametrize(("media", "table"), [("application/json-seq", SEQUENCES), ("application/x-ndjson", LINES)])
def test_sequences_however_they_are_cut(made: Path, media: str, table: list[tuple[bytes, list[Any]]]) -> None:
    from told_kit.operations import LIST_ROWS
    from told_kit.runtime.items import items

    wrong = []
    for number, (body, wanted) in enumerate(table):
        for pieces in chunkings(body, number):
            reads = items(LIST_ROWS, LIST_ROWS.answers[0], media, 1000, None)
            found = [item for piece in pieces for item in reads.feed(piece)] + list(reads.end())
            if found != wanted:
                wrong.append((pieces, found))
    names = [
        "jsonl",
        "x-jsonl",
        "jsonlines",
        "x-jsonlines",
        "json-lines",
        "x-json-lines",
        "ndjson",
        "x-ndjson",
        "stream+json",
    ]
    for name in [*(f"application/{name}" for name in names), "text/jsonl"] if table is LINES else ():
        reads = items(LIST_ROWS, LIST_ROWS.answers[0], name, 1000, None)
        assert [*reads.feed(b"1\n[2]\n"), *reads.end()] == [1, [2]], name
    assert not wrong


def test_a_text_is_given_when_its_line_feed_is_there(made: Path) -> None:
    from told_kit.operations import GET_SEQUENCE
    from told_kit.runtime.items import items

    reads = items(GET_SEQUENCE, GET_SEQUENCE.answers[0], "application/json-seq", 1000, None)
    assert [list(reads.feed(piece)) for piece in (RS + b"[1", b"]\n", RS + b"[2]", b"\n")] == [[], [[1]], [], [[2]]]


def test_no_item_is_larger_than_allowed(server: Misbehaving) -> None:
    import told_kit as told

    for path, media, piece in (
        ("/rows", "application/x-ndjson", b" "),
        ("/sequence", "application/json-seq", RS + b'"' + b"x" * 500),
        ("/events", SSE, b"data: " + b"x" * 500),
    ):
        server.answers[path] = lambda _, media=media, piece=piece: chunked(
            [piece] + [b"y" * 400] * 9, Content_Type=media
        )
        with pytest.raises(told.ResponseError, match="max_response_bytes"):
            sync(
                server,
                lambda c, path=path: list(getattr(c.things, f"{'list' if path.endswith('s') else 'get'}_{path[1:]}")()),
                max_response_bytes=999,
            )


def test_what_is_no_json_is_told_with_its_place(server: Misbehaving) -> None:
    import told_kit as told

    server.answers["/rows"] = lambda _: chunked([b'{"n": 1}\n\nno\n'], Content_Type="application/jsonl")
    stream: Any = None

    def work(client: Any) -> None:
        nonlocal stream
        stream = client.things.list_rows()
        assert next(stream).n == 1
        with pytest.raises(told.ResponseError, match="line 3 of the stream cannot be read as JSON"):
            next(stream)

    sync(server, work)
    assert stream.http.is_closed


def test_stream_true_gives_an_iterator_and_otherwise_json(server: Misbehaving) -> None:
    server.answers["/chat"] = lambda _: chunked([CHUNKS], Content_Type=f"{SSE}; charset=utf-8")
    for found in both(server, "create_chat", prompt="x", stream=True):
        assert [(type(item).__name__, item.id) for item in found] == [("Chunk", "1"), ("Chunk", "2")]
        assert (found[0].delta.content, found[1].delta.content) == ("a", None)
    server.answers["/chat"] = lambda _: of_json({"id": "whole"})
    assert sync(server, lambda c: c.things.create_chat(prompt="x")).id == "whole"
    assert sync(server, lambda c: c.things.create_chat(prompt="x", stream=False)).id == "whole"


def test_events_that_only_the_argument_tells_of(server: Misbehaving) -> None:
    """Many documents declare JSON alone. What a server then sends decides, whatever was declared."""
    server.answers["/complete"] = lambda _: chunked([CHUNKS], Content_Type=SSE)
    for found in both(server, "create_completion", prompt="x", stream=True):
        assert found == [{"id": "1", "delta": {"content": "a"}}, {"id": "2", "delta": {"content": None}}]
    server.answers["/complete"] = lambda _: of_json({"id": "whole"})
    assert sync(server, lambda c: c.things.create_completion(prompt="x")).id == "whole"
    server.answers["/pipe"] = lambda _: chunked([EVENTS[1][0]], Content_Type=SSE)
    for found in both(server, "create_pipe", prompt="x"):
        assert [event.event for event in found] == ["add", "remove", "add"]


def test_json_that_is_watched(server: Misbehaving) -> None:
    """As Kubernetes has it: `application/json;stream=watch` is declared, and each line is an object of its own."""
    for media in ("application/json", "application/json;stream=watch"):
        server.answers["/pods"] = lambda _, media=media: chunked(
            [b'{"type": "ADDED"}\n{"ty', b'pe": "GONE"}\n'], Content_Type=media
        )
        for found in both(server, "list_pods", watch=True):
            assert found == [{"type": "ADDED"}, {"type": "GONE"}]
    assert {target.partition(" ")[2] for target in server.asked} == {"/pods?watch=true"}
    server.answers["/pods"] = lambda _: of_json({"id": "all"})
    assert sync(server, lambda c: c.things.list_pods()).id == "all"


def test_events_that_are_described_whole(server: Misbehaving) -> None:
    body = b'event: made\nid: 7\ndata: {"run": "r"}\n\n'
    server.answers["/runs"] = lambda _: chunked([body], Content_Type=SSE)
    for (found,) in both(server, "create_run", prompt="x", stream=True):
        assert (type(found).__name__, found.event, found.data.run, found["id"]) == ("RunEvent", "made", "r", "7")
    # Where the document says that the data is text it stays one.
    ended = iter(range(9))
    server.answers["/described"] = lambda _: chunked([body if next(ended) % 2 == 0 else b""], Content_Type=SSE)
    for (found,) in both(server, "get_described"):
        assert (type(found).__name__, found.data) == ("Plain", '{"run": "r"}')


def test_rows_and_events(server: Misbehaving) -> None:
    server.answers["/rows"] = lambda _: whole(LINES[1][0], Content_Type="application/x-ndjson")
    server.answers["/sequence"] = lambda _: whole(SEQUENCES[2][0], Content_Type="application/json-seq")
    server.answers["/events"] = lambda _: whole(EVENTS[1][0], Content_Type=SSE)
    for name, wanted in (("list_rows", [1, 2]), ("get_sequence", [2])):
        for found in both(server, name):
            assert [(type(row).__name__, row.n) for row in found] == [("Row", n) for n in wanted]
    for found in both(server, "list_events"):
        assert [(event.event, event.data) for event in found] == [each[:2] for each in EVENTS[1][1]]


def test_type_checkers_know_which(made: Path, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    """What `stream` says decides, and a bool leaves it open."""
    (tmp_path / "use.py").write_text(
        "from told_kit import AsyncTold, Told\n"
        "def use(client: Told, flag: bool) -> None:\n"
        "    reveal_type(client.things.create_chat(prompt='x', stream=True))\n"
        "    reveal_type(client.things.create_chat(prompt='x'))\n"
        "    reveal_type(client.things.create_chat(prompt='x', stream=flag))\n"
        "    reveal_type(client.things.get_report())\n"
        "    reveal_type(client.things.create_completion(prompt='x', stream=True))\n"
        "    reveal_type(client.things.create_pipe(prompt='x', stream=True))\n"
        "    for event in client.things.list_events():\n"
        "        reveal_type(event)\n"
        "async def also(client: AsyncTold) -> None:\n"
        "    async for chunk in await client.things.create_chat(prompt='x', stream=True):\n"
        "        reveal_type(chunk.delta)\n"
    )
    done = type_checks.mypy(tmp_path_factory, "use.py", cwd=tmp_path, path=made / "python")
    found = [
        line.partition("Revealed type is ")[2].strip('"') for line in done.stdout.splitlines() if "Revealed" in line
    ]
    plain = [
        text.replace("told_kit.runtime.sync.items.", "")
        .replace("told_kit.types.", "")
        .replace("told_kit.runtime.sse.", "")
        .replace("builtins.", "")
        for text in found
    ]
    assert done.returncode == 0, done.stdout
    assert plain == [
        "Stream[Chunk]",
        "Completion",
        "Completion | Stream[Chunk]",
        "Row | str | bytes | Later | Completion | None",
        "Stream[typing.Mapping[str, Any]]",
        "Completion",
        "Event",
        "Delta | None",
    ]


def test_whole_answers_and_answers_as_they_come(server: Misbehaving) -> None:
    import told_kit as told

    server.answers["/rows"] = lambda _: chunked([b'{"n": 1}\n'], Content_Type="application/x-ndjson")

    def work(client: Any) -> None:
        answer = client.things.with_raw_response.list_rows()
        assert answer.status == 200
        with pytest.raises(told.Error, match=r"parse\(\) gives its items"):
            _ = answer.content
        with answer.parse() as rows:
            assert [row.n for row in rows] == [1]
        with client.things.with_streaming_response.list_rows() as answer:
            assert [row.n for row in answer.parse()] == [1]
        with client.things.with_streaming_response.list_rows() as answer:
            assert list(answer.iter_lines()) == ['{"n": 1}']
        # What no document tells of.
        with client.open("GET", "/rows") as answer:
            assert list(answer.parse()) == [{"n": 1}]
        assert client.request("GET", "/rows").text == '{"n": 1}\n'

    sync(server, work)
