"""Answers that hold items one after the other, by the text of their specifications, over every surface.

WHATWG HTML, 9.2.6 (interpreting an event stream; its own examples), 9.2.4 (Last-Event-ID), 9.2.3 (204 ends the reading);
RFC 7464, 2.1 to 2.4 (JSON text sequences); RFC 8259 for what a line of JSON is.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import random
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import answering
import anyio
import pytest
from lua_programs import interpreter
from mcp.client.client import Client
from mcp.client.stdio import StdioServerParameters
from misbehaving import Misbehaving, chunked, head, misbehaving, of_json, whole

PLAIN = Path(__file__).parents[1] / "lua/plain.lua"
SSE = "text/event-stream"
LONG = 60.0
"""Seconds that an event is waited for which comes at once."""

# The examples of WHATWG HTML, 9.2.6 and 9.2.2, and each of its rules: bytes, and (type, data, id) of the events.
EVENTS: list[tuple[bytes, list[tuple[str, str, str]]]] = [
    (b"data: This is the first message.\n\ndata: This is the second message, it\ndata: has two lines.\n\ndata: This is the third message.\n\n",
     [("message", "This is the first message.", ""), ("message", "This is the second message, it\nhas two lines.", ""), ("message", "This is the third message.", "")]),
    (b"event: add\ndata: 73857293\n\nevent: remove\ndata: 2153\n\nevent: add\ndata: 113411\n\n",
     [("add", "73857293", ""), ("remove", "2153", ""), ("add", "113411", "")]),
    (b"data: YHOO\ndata: +2\ndata: 10\n\n", [("message", "YHOO\n+2\n10", "")]),
    # "The first block has just a comment, and will fire nothing. … The fourth: a space at its beginning is dropped once."
    (b": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event\n\n",
     [("message", "first event", "1"), ("message", "second event", ""), ("message", " third event", "")]),
    # "Fires two events: both with the empty string, then one newline. The last block is discarded."
    (b"data\n\ndata\ndata\n\ndata:", [("message", "", ""), ("message", "\n", "")]),
    # "Fires two identical events."
    (b"data:test\n\ndata: test\n\n", [("message", "test", ""), ("message", "test", "")]),
    # One leading byte order mark is stripped; lines end with CR LF, LF or CR.
    (b"\xef\xbb\xbfdata: a\r\rdata: b\r\n\r\ndata: c\n\n", [("message", "a", ""), ("message", "b", ""), ("message", "c", "")]),
    # Bytes that are not UTF-8 become U+FFFD.
    (b"data: \xff\xc3\xa9\n\n", [("message", "\ufffdé", "")]),
    # An id with a NULL is ignored; fields of other names, in another case, or with a space before are none.
    (b"id: 1\ndata: a\n\nid: 2\0\ndata: b\n\nDATA: c\n data: d\nretry: soon\ndata: e\n\n",
     [("message", "a", "1"), ("message", "b", "1"), ("message", "e", "1")]),
    # A type without data fires nothing, and is not kept for the next one.
    (b"event: lone\n\ndata: x\n\n", [("message", "x", "")]),
    (b"data: whole\n\ndata: cut off\n", [("message", "whole", "")]),
]  # fmt: skip
RS = b"\x1e"
SEQUENCES: list[tuple[bytes, list[Any]]] = [
    (RS + b'{"n": 1}\n' + RS + b'{"n":\n 2}\n', [{"n": 1}, {"n": 2}]),
    # 2.1: separators in a row have nothing between them.
    (RS + RS + b'{"n": 1}\n' + RS, [{"n": 1}]),
    # 2.3: what is cut off or no JSON is passed over, and the next one is read.
    (RS + b'{"n": 1' + RS + b"no\n" + RS + b'{"n": 2}\n', [{"n": 2}]),
    # 2.4: a number at the end may be the beginning of another; an object cannot.
    (RS + b"12\n" + RS + b"34", [12]),
    (RS + b'{"n": 3}', [{"n": 3}]),
    (b"", []),
]
LINES: list[tuple[bytes, list[Any]]] = [
    (b'{"n": 1}\n{"n": 2}\n', [{"n": 1}, {"n": 2}]),
    (b'{"n": 1}\r\n\r\n  \n{"n": 2}', [{"n": 1}, {"n": 2}]),
    ('{"n": "\u2028é"}\n[1]\n'.encode(), [{"n": "\u2028é"}, [1]]),  # which ends a line elsewhere
    (b"", []),
]


def chunkings(body: bytes, number: int) -> Iterator[list[bytes]]:
    """The body whole, byte by byte, and cut at places that are the same on every run."""
    yield [body] if body else []
    yield [bytes([byte]) for byte in body]
    chance = random.Random(number)
    for _ in range(6):
        cuts = sorted(chance.sample(range(len(body) + 1), min(len(body), 4)))
        yield [piece for a, b in zip([0, *cuts], [*cuts, len(body)], strict=True) if (piece := body[a:b])]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with answering.made(tmp_path_factory.mktemp("told"), "python", "cli", "mcp", "lua") as out:
        yield out


@pytest.fixture
def server(made: Path) -> Iterator[Misbehaving]:
    with misbehaving() as running:
        yield running


def sync(server: Misbehaving, work: Callable[[Any], Any], **options: Any) -> Any:
    import told

    with told.Told("t", **{"base_url": server.base_url, "max_retries": 0, **options}) as client:
        return work(client)


def both(server: Misbehaving, name: str, **given: Any) -> tuple[list[Any], list[Any]]:
    """All items of a stream, by either client."""
    import told

    async def collected() -> list[Any]:
        async with told.AsyncTold("t", base_url=server.base_url, max_retries=0) as client:
            return [item async for item in await getattr(client.things, name)(**given)]

    return sync(server, lambda client: list(getattr(client.things, name)(**given))), asyncio.run(collected())


# ── what the bytes mean ────────────────────────────────────────────────────────────────────────────────


def test_events_of_the_standard_however_they_are_cut(made: Path) -> None:
    from told.runtime.sse import Decoder

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
    from told.operations import GET_ROWS
    from told.runtime.items import items

    wrong = []
    for number, (body, wanted) in enumerate(table):
        for pieces in chunkings(body, number):
            reads = items(GET_ROWS, GET_ROWS.answers[0], media, 1000, None)
            found = [item for piece in pieces for item in reads.feed(piece)] + list(reads.end())
            if found != wanted:
                wrong.append((pieces, found))
    assert not wrong


def test_a_text_is_given_when_its_line_feed_is_there(made: Path) -> None:
    from told.operations import GET_SEQUENCE
    from told.runtime.items import items

    reads = items(GET_SEQUENCE, GET_SEQUENCE.answers[0], "application/json-seq", 1000, None)
    assert [list(reads.feed(piece)) for piece in (RS + b"[1", b"]\n", RS + b"[2]", b"\n")] == [[], [[1]], [], [[2]]]


def test_no_item_is_larger_than_allowed(server: Misbehaving) -> None:
    import told

    for path, media, piece in (
        ("/rows", "application/x-ndjson", b" "),
        ("/sequence", "application/json-seq", RS + b'"' + b"x" * 500),
        ("/events", SSE, b"data: " + b"x" * 500),
    ):
        server.answers[path] = lambda _, media=media, piece=piece: chunked(
            [piece] + [b"y" * 400] * 9, Content_Type=media
        )
        with pytest.raises(told.ResponseError, match="max_response_bytes"):
            sync(server, lambda c, path=path: list(getattr(c.things, f"get_{path[1:]}")()), max_response_bytes=999)


def test_what_is_no_json_is_told_with_its_place(server: Misbehaving) -> None:
    import told

    server.answers["/rows"] = lambda _: chunked([b'{"n": 1}\n\nno\n'], Content_Type="application/jsonl")
    stream: Any = None

    def work(client: Any) -> None:
        nonlocal stream
        stream = client.things.get_rows()
        assert next(stream).n == 1
        with pytest.raises(told.ResponseError, match="line 3 of the stream cannot be read as JSON"):
            next(stream)

    sync(server, work)
    assert stream.http.is_closed


# ── what a caller is given ─────────────────────────────────────────────────────────────────────────────

CHUNKS = b'data: {"id": "1", "delta": {"content": "a"}}\n\n: still there\n\ndata: {"id": "2", "delta": {"content": null}}\n\ndata: [DONE]\n\ndata: {"id": "3"}\n\n'


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
    for name, wanted in (("get_rows", [1, 2]), ("get_sequence", [2])):
        for found in both(server, name):
            assert [(type(row).__name__, row.n) for row in found] == [("Row", n) for n in wanted]
    for found in both(server, "get_events"):
        assert [(event.event, event.data) for event in found] == [each[:2] for each in EVENTS[1][1]]


def test_type_checkers_know_which(made: Path, tmp_path: Path) -> None:
    """What `stream` says decides, and a bool leaves it open."""
    (tmp_path / "use.py").write_text(
        "from told import AsyncTold, Told\n"
        "def use(client: Told, flag: bool) -> None:\n"
        "    reveal_type(client.things.create_chat(prompt='x', stream=True))\n"
        "    reveal_type(client.things.create_chat(prompt='x'))\n"
        "    reveal_type(client.things.create_chat(prompt='x', stream=flag))\n"
        "    reveal_type(client.things.get_report())\n"
        "    reveal_type(client.things.create_completion(prompt='x', stream=True))\n"
        "    reveal_type(client.things.create_pipe(prompt='x', stream=True))\n"
        "    for event in client.things.get_events():\n"
        "        reveal_type(event)\n"
        "async def also(client: AsyncTold) -> None:\n"
        "    async for chunk in await client.things.create_chat(prompt='x', stream=True):\n"
        "        reveal_type(chunk.delta)\n"
    )
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--no-error-summary", "--cache-dir", str(tmp_path / "cache"), "use.py"],
        cwd=tmp_path, env={**os.environ, "MYPYPATH": str(made / "python")}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    found = [
        line.partition("Revealed type is ")[2].strip('"') for line in done.stdout.splitlines() if "Revealed" in line
    ]
    plain = [
        text.replace("told.runtime.sync.items.", "")
        .replace("told.types.", "")
        .replace("told.runtime.sse.", "")
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
    import told

    server.answers["/rows"] = lambda _: chunked([b'{"n": 1}\n'], Content_Type="application/x-ndjson")

    def work(client: Any) -> None:
        answer = client.things.with_raw_response.get_rows()
        assert answer.status == 200
        with pytest.raises(told.Error, match=r"parse\(\) gives its items"):
            _ = answer.content
        with answer.parse() as rows:
            assert [row.n for row in rows] == [1]
        with client.things.with_streaming_response.get_rows() as answer:
            assert [row.n for row in answer.parse()] == [1]
        with client.things.with_streaming_response.get_rows() as answer:
            assert list(answer.iter_lines()) == ['{"n": 1}']
        # What no document tells of.
        with client.open("GET", "/rows") as answer:
            assert list(answer.parse()) == [{"n": 1}]
        assert client.request("GET", "/rows").text == '{"n": 1}\n'

    sync(server, work)


# ── connections ────────────────────────────────────────────────────────────────────────────────────────


class Held:
    """An endless answer: each piece is sent when the test says so, and what hangs up is noticed."""

    def __init__(self, *pieces: bytes, media: str = SSE) -> None:
        self.pieces = pieces
        self.media = media
        self.go = threading.Semaphore(0)
        self.left = threading.Event()
        """The client has hung up."""

    def __call__(self, _: str) -> Iterable[bytes]:
        try:
            yield head(Content_Type=self.media, Transfer_Encoding="chunked")
            for piece in self.pieces:
                assert self.go.acquire(timeout=LONG)
                yield b"%x\r\n%s\r\n" % (len(piece), piece)
            until = time.monotonic() + LONG
            while time.monotonic() < until:  # what is sent to nobody fails as soon as that is known
                yield b"1\r\n\n\r\n"
                time.sleep(0.005)
        finally:
            self.left.set()


def test_items_come_as_they_are_sent_and_closing_hangs_up(server: Misbehaving) -> None:
    held = server.answers["/rows"] = Held(b'{"n": 1}\n', b'{"n": 2}\n', media="application/jsonl")

    def work(client: Any) -> None:
        stream = client.things.get_rows()
        for number in (1, 2):
            held.go.release()
            assert next(stream).n == number
        stream.close()
        assert held.left.wait(LONG)
        assert list(stream) == [] and stream.http.is_closed

    sync(server, work)


def test_leaving_the_block_or_the_loop_hangs_up(server: Misbehaving) -> None:
    import told

    async def leave() -> None:
        held = server.answers["/events"] = Held(b"data: 1\n\n")
        async with told.AsyncTold("t", base_url=server.base_url) as client:
            held.go.release()
            async with await client.things.get_events() as stream:
                async for event in stream:
                    assert event.data == "1"
                    break
            assert await asyncio.to_thread(held.left.wait, LONG)
            # Canceled while it waits for an item.
            held = server.answers["/events"] = Held(b"data: 1\n\n")
            stream = await client.things.get_events()
            waiting = asyncio.ensure_future(anext(stream))
            held.go.release()
            assert (await waiting).data == "1"
            waiting = asyncio.ensure_future(anext(stream))
            await asyncio.sleep(0)
            waiting.cancel()
            with pytest.raises(asyncio.CancelledError):
                await waiting
            assert await asyncio.to_thread(held.left.wait, LONG)

    asyncio.run(leave())


def test_closing_from_another_thread_ends_a_stream_that_says_nothing(server: Misbehaving) -> None:
    import told

    silent = threading.Event()

    def answer(_: str) -> Iterator[bytes]:
        yield head(Content_Type=SSE, Transfer_Encoding="chunked")
        silent.wait(LONG)

    server.answers["/events"] = answer

    def work(client: Any) -> None:
        stream, ended = client.things.get_events(), threading.Event()

        def read() -> None:
            with contextlib.suppress(told.Error):  # that it ends is what is looked at
                list(stream)
            ended.set()

        threading.Thread(target=read, daemon=True).start()
        while not stream._items.gi_running:
            time.sleep(0.001)
        stream.close()
        assert ended.wait(LONG / 3)

    try:
        sync(server, work)
    finally:
        silent.set()


def cut(*pieces: bytes) -> Iterator[bytes]:
    """A stream whose connection breaks in the middle."""
    yield head(Content_Type=SSE, Transfer_Encoding="chunked")
    for piece in pieces:
        yield b"%x\r\n%s\r\n" % (len(piece), piece)
    raise ConnectionError


def test_a_stream_with_ids_goes_on_where_it_broke_off(server: Misbehaving) -> None:
    """9.2.4: the id of the last whole event is sent back; 9.2.6: `retry` says when; 9.2.3: 204 ends it."""
    turns = iter((
        cut(b"retry: 1\nid: 1\ndata: a\n\nid: 2\ndata: cut"),
        chunked([b"id: 1\ndata: a\n\nid: 2\ndata: b\n\n"], Content_Type=SSE),
        whole(b"", "204 No Content"),
    ))  # fmt: skip
    server.answers["/events"] = lambda _: next(turns)
    found = sync(server, lambda client: list(client.things.get_events(headers={"X-Mine": "1"})))
    assert [(event.id, event.data) for event in found] == [("1", "a"), ("2", "b")]
    assert [each.get("last-event-id") for each in server.headers] == [None, "1", "2"]
    assert {each["x-mine"] + each["authorization"] + each["accept"] for each in server.headers} == {f"1Bearer t{SSE}"}


def test_a_stream_without_ids_cannot_be_gone_on_with(server: Misbehaving) -> None:
    import told

    server.answers["/events"] = lambda _: cut(b"data: a\n\n")
    with pytest.raises(told.ApiConnectionError):
        sync(server, lambda client: list(client.things.get_events()))
    assert len(server.asked) == 1


def test_what_may_be_billed_is_never_sent_again(server: Misbehaving) -> None:
    import told

    for answer in (
        lambda _: cut(b'retry: 1\nid: 1\ndata: {"id": "1"}\n\n'),
        lambda _: chunked([b'id: 1\ndata: {"id": "1"}\n\n'], Content_Type=SSE),
    ):
        server.answers["/chat"], server.asked[:] = answer, []
        found = []

        def work(client: Any, found: list[Any] = found) -> None:
            for item in client.things.create_chat(prompt="x", stream=True):
                found.append(item.id)

        try:
            sync(server, work, max_retries=5)
        except told.ApiConnectionError as error:
            assert "POST" in str(error)
        assert (found, server.asked) == (["1"], ["POST /chat"])


# ── surfaces ───────────────────────────────────────────────────────────────────────────────────────────


def environment(made: Path, server: Misbehaving) -> dict[str, str]:
    shown = {"PATH": os.environ["PATH"], "PYTHONPATH": str(made / "python"), "TOLD_CONFIG": os.devnull + ".none"}
    return {**shown, "TOLD_API_TOKEN": "t", "TOLD_BASE_URL": server.base_url}


def test_a_command_prints_each_item_when_it_comes(made: Path, server: Misbehaving) -> None:
    held = server.answers["/chat"] = Held(b'data: {"id": "1"}\n\n', b'data: {"id": "2"}\n\n')
    words = ["call", "told_create_chat", '{"prompt": "x", "stream": true}']
    with subprocess.Popen(
        [sys.executable, "-m", "told", *words], env=environment(made, server), stdout=subprocess.PIPE, stdin=subprocess.DEVNULL
    ) as process:  # fmt: skip
        assert process.stdout is not None
        for number in ("1", "2"):
            held.go.release()
            assert json.loads(process.stdout.readline()) == {"id": number}
        process.terminate()
    assert held.left.wait(LONG)


def test_a_command_filters_items_and_refuses_an_envelope(made: Path, server: Misbehaving) -> None:
    server.answers["/events"] = lambda _: whole(EVENTS[1][0], Content_Type=SSE)
    run = lambda *words: subprocess.run(
        [sys.executable, "-m", "told", "things", "get-events", *words],
        env=environment(made, server), capture_output=True, stdin=subprocess.DEVNULL, timeout=120, check=False,
    )  # fmt: skip
    assert run("--fields", "data").stdout == b'{"data":"73857293"}\n{"data":"2153"}\n{"data":"113411"}\n'
    assert run("--json").returncode == 2


def test_mcp_gives_a_part_and_says_that_there_is_more(made: Path, server: Misbehaving) -> None:
    """Bounded by count, bytes and seconds, each reached through its option; progress is told meanwhile."""
    told: list[Any] = []
    flags = ("--max-items=3", "--max-item-bytes=1000", "--stream-timeout=0.5")
    start = StdioServerParameters(
        command=sys.executable, args=["-m", "told", "mcp", "serve", *flags], env=environment(made, server)
    )

    async def progress(done: float, total: float | None, message: str | None) -> None:
        told.append(message)

    async def check() -> None:
        async with Client(start) as client:

            async def rows(answer: Any) -> Any:
                server.answers["/rows"] = answer
                found = await client.call_tool("told_get_rows", {}, progress_callback=progress)
                assert not found.is_error, found
                return found.structured_content

            media = {"Content_Type": "application/x-ndjson"}
            numbers = lambda _: chunked((b'{"n": %d}\n' % n for n in range(10**9)), **media)
            assert await rows(numbers) == {"items": [{"n": 0}, {"n": 1}, {"n": 2}], "more": True}
            assert "3 items" in told
            large = {"n": 0, "text": "x" * 700}
            lines = lambda _: chunked((json.dumps(large).encode() + b"\n" for _ in range(10**9)), **media)
            assert await rows(lines) == {"items": [large] * 2, "more": True}
            held = Held(b'{"n": 1}\n', media="application/x-ndjson")
            held.go.release()
            assert await rows(held) == {"items": [{"n": 1}], "more": True}
            assert held.left.wait(LONG)
            assert await rows(lambda _: whole(b'{"n": 1}\n', **media)) == {"items": [{"n": 1}], "more": False}

    anyio.run(check)


def test_a_script_iterates_and_may_stop(server: Misbehaving) -> None:
    from told import functions, lua

    held = server.answers["/rows"] = Held(*(b'{"n": %d}\n' % n for n in range(3)), media="application/x-ndjson")
    for _ in range(3):
        held.go.release()
    code = """
    local sum = 0
    for row in app.integrations.told.items("get_rows", {}) do
      sum = sum + row.n
      if row.n == 2 then break end
    end
    return sum"""

    def work(client: Any) -> Any:
        return lua.run(code, client=client, policy=functions.Policy.everything())

    assert sync(server, work)["result"] == 3
    assert held.left.wait(LONG)
    server.answers["/chat"] = lambda _: chunked([CHUNKS], Content_Type=SSE)
    code = """
    local ids = {}
    for chunk in app.integrations.told.items("create_chat", {prompt = "x"}) do ids[#ids + 1] = chunk.id end
    return ids"""
    assert sync(server, work)["result"] == ["1", "2"]


@pytest.mark.parametrize("lua", ["lua5.1", "lua5.4", "luajit"])
def test_plain_lua(made: Path, server: Misbehaving, lua: str) -> None:
    if not shutil.which(lua):
        assert not os.environ.get("CI"), f"{lua} is not installed"
        pytest.skip(f"{lua} is not installed")
    wrong = []
    with interpreter(lua, str(PLAIN), str(made / "lua"), server.base_url, "t", "told") as ask:

        def check(path: str, media: str, body: bytes, wanted: Any, **given: Any) -> None:
            server.answers[path] = lambda _: whole(body, Content_Type=media)
            name = "told_create_chat" if path == "/chat" else f"told_get_{path[1:]}"
            found = json.loads(ask(json.dumps([name, given]) + "\n")).get("value")
            if (found or []) != wanted:
                wrong.append((body, found))

        for body, events in EVENTS:
            if b"\xff" in body:
                continue  # a text is the bytes that came
            wanted = [{"event": e, "data": d, **({"id": i} if i else {})} for e, d, i in events]
            check("/events", SSE, body, wanted)
        for body, values in SEQUENCES:
            check("/sequence", "application/json-seq", body, values)
        for body, values in LINES:
            check("/rows", "application/x-ndjson", body, values)
        chunks = [{"id": "1", "delta": {"content": "a"}}, {"id": "2", "delta": {"content": None}}]
        check("/chat", SSE, CHUNKS, chunks, prompt="x", stream=True)
    assert not wrong


ITERATING = """
local folder, base_url = ...
package.path = folder .. "/?.lua;" .. package.path
local api = require("told")
local client = api.new({ base_url = base_url, token = "t", http = require("told.luasocket").new({ timeout = 30 }) })
for item, problem in client:items("told_get_rows") do
  print(item and item.n or tostring(problem))
  io.stdout:flush()
  if item.n == 2 then break end
end
print(client:stream("told_get_rows", {}, function(item) return item.n < 1 end))
for item, problem in client:items("told_get_events") do print(item, problem.status) end
"""


@pytest.mark.parametrize("lua", ["lua5.1", "lua5.4", "luajit"])
def test_plain_lua_iterates_over_what_never_ends(made: Path, server: Misbehaving, lua: str, tmp_path: Path) -> None:
    if not shutil.which(lua):
        assert not os.environ.get("CI"), f"{lua} is not installed"
        pytest.skip(f"{lua} is not installed")
    (tmp_path / "iterating.lua").write_text(ITERATING)
    held = server.answers["/rows"] = Held(b'{"n": 1}\n', b'{"n": 2}\n', media="application/jsonl")
    server.answers["/events"] = lambda _: of_json({"detail": "no"}, "500 No")
    command = [lua, str(tmp_path / "iterating.lua"), str(made / "lua"), server.base_url]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True) as process:
        assert process.stdout is not None
        for number in ("1", "2"):
            held.go.release()
            assert process.stdout.readline().strip() == number
        held.go.release()
        assert process.stdout.readline().startswith("true")
        assert process.stdout.readline().split() == ["false", "500"]
        assert process.wait(LONG) == 0
    assert held.left.wait(LONG)
