"""The time that a call may take, whatever the server does with it."""

from __future__ import annotations

import asyncio
import itertools
import socket
import sys
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from answered import EVENTS, SLOW, collected, quiet, streamed
from conftest import Face, op
from misbehaving import Misbehaving, chunked, deaf, endless, head, of_json, slowly
from waiting import long_enough

pytestmark = pytest.mark.long


@pytest.mark.parametrize(
    ("name", "passed"), [*((name, False) for name in SLOW), ("a head", True), ("a body", True), ("silence", True)]
)
def test_a_call_ends_with_its_deadline(face: Face, bad: Misbehaving, library: Any, name: str, passed: bool) -> None:
    bad.answers["/things"] = lambda _: SLOW[name]()
    write = op(face.demo, "POST")

    def work(client: Any) -> Any:
        return client.call(write, {})

    def attempt(seconds: float) -> bool:
        options = {"base_url": bad.base_url, "deadline": seconds}
        with pytest.raises(face.demo.errors.ApiTimeoutError) as caught:
            if not passed:
                face.run(work, **options)
            elif face.asynchronous:

                async def go() -> Any:
                    async with library.AsyncClient(verify=False) as http:
                        return await work(face.demo.aio.client.AsyncClient("secret", http_client=http, **options))

                asyncio.run(go())
            else:
                with library.Client(verify=False) as http:
                    work(face.demo.sync.client.SyncClient("secret", http_client=http, **options))
        bound = f"no whole answer within {seconds} s, the bound of deadline (in the environment DEMO_DEADLINE)"
        assert bound in str(caught.value)
        assert not bad.outlasted
        # What may have been carried out, and paid for, is not sent again, and is not said to be undone.
        assert caught.value.sent is bool(bad.asked) and bad.asked in ([], ["POST /things"])
        return bool(bad.asked)

    long_enough(attempt)


def test_a_deadline_holds_for_all_tries_of_a_call(face: Face, bad: Misbehaving) -> None:
    bad.answers["/things"] = lambda _: of_json({}, "503 Busy", Retry_After="50")
    with pytest.raises(face.demo.errors.ServerError):
        face.run(lambda client: client.call(op(face.demo), {}), base_url=bad.base_url, deadline=40)
    assert len(bad.asked) == 1  # the pause that is asked for would outlast it
    with pytest.raises(face.demo.errors.ServerError):
        face.run(
            lambda client: client.with_options(deadline=1e6).call(op(face.demo), {}, deadline=40),
            base_url=bad.base_url,
        )
    assert len(bad.asked) == 2


def test_a_deadline_holds_while_connecting(face: Face) -> None:
    with deaf() as origin, pytest.raises(face.demo.errors.ApiTimeoutError) as caught:
        face.run(
            lambda client: client.call(op(face.demo, "POST"), {}),
            base_url=origin,
            deadline=0.5,
            max_retries=0,
            timeout=60,
        )
    assert not caught.value.sent and "deadline" in str(caught.value)


_connecting: list[Any] = []
sys.addaudithook(lambda event, arguments: _connecting.append(arguments[1]) if event == "socket.connect" else None)


def test_a_deadline_holds_for_all_addresses_of_a_host(demo: Any, library: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The standard library gives each of them all of the time. (An asynchronous client bounds them together.)"""
    with deaf() as origin:
        port = int(origin.rpartition(":")[2])
        resolve = socket.getaddrinfo

        def many(host: str, *given: Any, **named: Any) -> Any:
            hosts = [f"127.0.0.{number}" for number in range(1, 11)] if host == "many.test" else [host]
            return [found for each in hosts for found in resolve(each, *given, **named)]

        monkeypatch.setattr(socket, "getaddrinfo", many)
        _connecting.clear()
        client = demo.sync.client.SyncClient(
            "t", base_url=f"http://many.test:{port}", deadline=2, max_retries=0, timeout=60
        )
        with client, pytest.raises(demo.errors.ApiTimeoutError, match="deadline"):
            client.call(op(demo), {})
        assert [address for address in _connecting if address[1] == port] == [("127.0.0.1", port)]


def test_a_deadline_holds_while_a_name_is_looked_up(demo: Any, library: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    resolve, silent = socket.getaddrinfo, threading.Event()

    def mute(host: str, *given: Any, **named: Any) -> Any:
        if host == "mute.test" and not named.get("flags"):
            silent.wait()
        return resolve(host, *given, **named)

    monkeypatch.setattr(socket, "getaddrinfo", mute)
    options = {"base_url": "http://mute.test", "deadline": 0.5, "max_retries": 0, "timeout": 60}
    with demo.sync.client.SyncClient("t", **options) as client, pytest.raises(demo.errors.ApiTimeoutError) as caught:
        client.call(op(demo, "POST"), {})
    silent.set()
    assert not caught.value.sent and "deadline" in str(caught.value)


def test_a_deadline_holds_while_sending(face: Face, bad: Misbehaving) -> None:
    bad.answers["/never-read"] = lambda _: quiet()
    body = face.demo.operation.Param("body", "body", "body", True)
    upload = op(face.demo, "POST", "/never-read", body, body_kind="binary", media_type="application/octet-stream")
    with pytest.raises(face.demo.errors.ApiTimeoutError, match="deadline"):
        face.run(lambda client: client.call(upload, {"body": bytes(50_000_000)}), base_url=bad.base_url, deadline=0.5)
    assert not bad.outlasted


def test_a_stream_may_take_longer_than_a_call(face: Face, bad: Misbehaving, tmp_path: Any) -> None:
    """The deadline is over before the body is; what is read later is read all the same."""

    def attempt(seconds: float) -> bool:
        def slow() -> Iterator[bytes]:
            for piece in (b"a", b"b", b"c"):
                time.sleep(0.4 * seconds)
                yield piece

        try:
            found = collected(face, bad, streamed("iter_bytes"), chunked(slow()), deadline=seconds)
            bad.answers["/things"] = lambda _: chunked(slow())
            url = bad.base_url + "/things"
            path = face.run(
                lambda client: client.download(url, tmp_path / "f.bin"), base_url=bad.base_url, deadline=seconds
            )
        except face.demo.errors.ApiTimeoutError:
            return False  # of the head, which has to be there in time
        assert b"".join(found) == path.read_bytes() == b"abc"
        return True

    long_enough(attempt)
    # Its head is part of the call, and so is a stream that is read as a whole.
    with pytest.raises(face.demo.errors.ApiTimeoutError, match="deadline"):
        collected(face, bad, streamed("iter_bytes"), SLOW["a head"](), deadline=0.5, max_retries=0)
    bad.answers["/things"] = lambda _: SLOW["a body"]()

    async def aread(client: Any) -> Any:
        async with client.open("GET", "/things") as answer:
            return await answer.read()

    def read(client: Any) -> Any:
        with client.open("GET", "/things") as answer:
            return answer.read()

    with pytest.raises(face.demo.errors.ApiTimeoutError):
        face.run(aread if face.asynchronous else read, base_url=bad.base_url, deadline=0.5)
    assert not bad.outlasted


def test_a_job_is_followed_no_longer_than_it_was_to_be(
    face: Face, bad: Misbehaving, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = face.demo.operation.JobInfo(
        "job", "id", "status", ("done",), ("done",), "look", "", "id", 0.01, stream="stream"
    )
    look = op(face.demo, "GET", "/things", face.demo.operation.Param("id", "id", "query"))
    for module in (face.demo.jobs, face.demo.jobstreams):
        monkeypatch.setattr(module, "operation_of", lambda _: look, raising=False)
    for answer in (SLOW["a head"], SLOW["a body"]):
        bad.answers["/things"] = lambda _, answer=answer: answer()
        with pytest.raises(face.demo.errors.JobTimeoutError):
            face.run(
                lambda client: client.follow(job, {"id": "j", "status": "busy"}, timeout=0.5), base_url=bad.base_url
            )
    bad.answers["/things"] = lambda _: itertools.chain([head(**EVENTS)], slowly(endless(b": x\n\n")))
    data = {"id": "j", "status": "busy", "stream": bad.base_url + "/things"}
    with pytest.raises(face.demo.errors.JobTimeoutError):
        collected(
            face,
            bad,
            lambda client: client.follow_events(job, data, timeout=0.5),
            itertools.chain([head(**EVENTS)], slowly(endless(b": x\n\n"))),
        )
    assert not bad.outlasted
