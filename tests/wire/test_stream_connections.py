"""How long a stream holds its connection, and when it is asked for again: WHATWG HTML, 9.2.3, 9.2.4 and 9.2.6."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import answering
import pytest
from misbehaving import Misbehaving, chunked, head, misbehaving, whole
from streaming import LONG, SSE, Held, cut, sync


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with answering.made(tmp_path_factory) as out:
        yield out


@pytest.fixture
def server(made: Path) -> Iterator[Misbehaving]:
    with misbehaving() as running:
        yield running


def test_items_come_as_they_are_sent_and_closing_hangs_up(server: Misbehaving) -> None:
    held = server.answers["/rows"] = Held(b'{"n": 1}\n', b'{"n": 2}\n', media="application/jsonl")

    def work(client: Any) -> None:
        stream = client.things.list_rows()
        for number in (1, 2):
            held.go.release()
            assert next(stream).n == number
        stream.close()
        assert held.left.wait(LONG)
        assert list(stream) == [] and stream.http.is_closed

    sync(server, work)


def test_leaving_the_block_or_the_loop_hangs_up(server: Misbehaving) -> None:
    import told_kit as told

    async def leave() -> None:
        held = server.answers["/events"] = Held(b"data: 1\n\n")
        async with told.AsyncTold("t", base_url=server.base_url) as client:
            held.go.release()
            async with await client.things.list_events() as stream:
                async for event in stream:
                    assert event.data == "1"
                    break
            assert await asyncio.to_thread(held.left.wait, LONG)
            # Canceled while it waits for an item.
            held = server.answers["/events"] = Held(b"data: 1\n\n")
            stream = await client.things.list_events()
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
    import told_kit as told

    silent = threading.Event()

    def answer(_: str) -> Iterator[bytes]:
        yield head(Content_Type=SSE, Transfer_Encoding="chunked")
        silent.wait(LONG)

    server.answers["/events"] = answer

    def work(client: Any) -> None:
        stream, ended = client.things.list_events(), threading.Event()

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


def test_a_stream_with_ids_goes_on_where_it_broke_off(server: Misbehaving) -> None:
    """9.2.4: the id of the last whole event is sent back; 9.2.6: `retry` says when; 9.2.3: 204 ends it."""
    turns = iter((
        cut(b"retry: 1\nid: 1\ndata: a\n\nid: 2\ndata: cut"),
        chunked([b"id: 1\ndata: a\n\nid: 2\ndata: b\n\n"], Content_Type=SSE),
        whole(b"", "204 No Content"),
    ))  # fmt: skip
    server.answers["/events"] = lambda _: next(turns)
    found = sync(server, lambda client: list(client.things.list_events(headers={"X-Mine": "1"})))
    assert [(event.id, event.data) for event in found] == [("1", "a"), ("2", "b")]
    assert [each.get("last-event-id") for each in server.headers] == [None, "1", "2"]
    assert {each["x-mine"] + each["authorization"] + each["accept"] for each in server.headers} == {f"1Bearer t{SSE}"}


def test_a_stream_without_ids_cannot_be_gone_on_with(server: Misbehaving) -> None:
    import told_kit as told

    server.answers["/events"] = lambda _: cut(b"data: a\n\n")
    with pytest.raises(told.ApiConnectionError):
        sync(server, lambda client: list(client.things.list_events()))
    assert len(server.asked) == 1


def test_what_may_be_billed_is_never_sent_again(server: Misbehaving) -> None:
    import told_kit as told

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


def test_what_came_before_a_break_is_not_lost(server: Misbehaving) -> None:
    """It may have been paid for: an envelope has the items, and what the stream ended with."""
    import told_kit as told
    from told_kit import functions

    everything = functions.Policy.everything()
    given = {"prompt": "x", "stream": True}
    server.answers["/chat"] = lambda _: cut(b'data: {"id": "1"}\n\n')

    async def also() -> Any:
        async with told.AsyncTold("t", base_url=server.base_url, max_retries=0) as client:
            return await functions.acall(client, "told_create_chat", given, policy=everything)

    called = sync(server, lambda c: functions.call(c, "told_create_chat", given, policy=everything))
    for found in (called, asyncio.run(also())):
        assert found["success"] and found["data"]["items"] == [{"id": "1"}] and found["data"]["more"]
        assert "POST" in found["data"]["problem"] and found["meta"]["kind"] == "events"
    server.answers["/chat"] = lambda _: cut()
    for found in (
        sync(server, lambda c: functions.call(c, "told_create_chat", given, policy=everything)),
        asyncio.run(also()),
    ):
        assert not found["success"] and found["error"]["type"] == "connection" and not found["error"]["retryable"]
