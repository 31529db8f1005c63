"""The faults that users met in the API's official clients, each against a server that provokes it.

On the generated client as it is installed, synchronous and asynchronous, on httpx and on httpx2. Their numbers are those
of the list they come from.
"""

from __future__ import annotations

import asyncio
import base64
import hmac
import logging
import socket
import stat
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email.utils import formatdate
from pathlib import Path
from typing import Any

import pytest
from conftest import Server
from waiting import unslept

PREDICTION = {"id": "p1", "status": "starting", "urls": {"get": "", "cancel": ""}, "created_at": "2026-01-02T03:04:05Z"}
SHORT = {"connect": 60.0, "read": 0.2, "write": 60.0, "pool": 60.0}
"""Seconds to wait for an answer that never comes; what comes before it may take as long as the machine likes."""


@pytest.fixture(scope="module")
def replikit() -> Any:
    sys.path.insert(0, str(Path(__file__).parents[2] / "generated/python"))
    import replikit

    return replikit


@dataclass(frozen=True)
class Clients:
    """Either client of the package."""

    package: Any
    asynchronous: bool
    server: Server

    def run(self, work: Callable[[Any], Any], **options: Any) -> Any:
        """What `work(client)` gives, awaited where the client has it so."""
        options = {"base_url": self.server.base_url, **options}
        if not self.asynchronous:
            with self.package.Replicate("r8_secret", **options) as client:
                return work(client)

        async def go() -> Any:
            async with self.package.AsyncReplicate("r8_secret", **options) as client:
                found = work(client)
                return await found if hasattr(found, "__await__") else found

        return asyncio.run(go())


@pytest.fixture(params=["sync-httpx", "sync-httpx2", "async-httpx", "async-httpx2"])
def clients(request: pytest.FixtureRequest, replikit: Any, server: Server, monkeypatch: pytest.MonkeyPatch) -> Clients:
    kind, _, library = request.param.partition("-")
    monkeypatch.setenv("REPLIKIT_HTTP", library)
    return Clients(replikit, kind == "async", server)


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch, replikit: Any) -> list[float]:
    """The seconds between tries, which are not slept."""
    from replikit.runtime import pace
    from replikit.runtime.aio import core as aio
    from replikit.runtime.sync import core as sync

    found: list[float] = []
    monkeypatch.setattr(pace, "shared", lambda _: pace.Pace(lambda: time.monotonic() + sum(found)))
    unslept(monkeypatch, found, sync, aio)
    return found


def create(client: Any, **more: Any) -> Any:
    return client.predictions.create(version="v", input={}, **more)


@pytest.fixture
def stalled() -> Iterator[tuple[str, list[bytes]]]:
    """A server that takes each request and never answers."""
    taken: list[bytes] = []
    kept: list[socket.socket] = []
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            while True:
                connection, _ = listening.accept()
                kept.append(connection)
                content = connection.recv(65536)
                if content == b"stop":
                    return
                taken.append(content)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/v1", taken
        with socket.create_connection(listening.getsockname()) as last:
            last.sendall(b"stop")
            thread.join()
        for connection in kept:
            connection.close()


@pytest.mark.parametrize("status", [408, 409, 500, 502, 503, 504])
def test_fault_02_what_may_have_been_paid_for_is_sent_once(clients: Clients, waits: list[float], status: int) -> None:
    clients.server.queue({"detail": "?"}, status)
    with pytest.raises(clients.package.ApiError):
        clients.run(create)
    assert len(clients.server.requests) == 1 and not waits


def test_fault_02_nor_is_it_sent_again_when_the_time_to_read_is_up(
    clients: Clients, waits: list[float], stalled: tuple[str, list[bytes]]
) -> None:
    base_url, taken = stalled
    with pytest.raises(clients.package.ApiTimeoutError) as caught:
        clients.run(lambda client: create(client, timeout=SHORT), base_url=base_url)
    assert len(taken) <= 2 and sum(b"POST /v1/predictions" in content for content in taken) == 1
    assert caught.value.sent and not waits


def test_fault_02_it_is_sent_again_when_it_was_refused(clients: Clients, waits: list[float]) -> None:
    clients.server.queue({"detail": "slow down", "retry_after": 2}, 429)
    clients.server.queue(PREDICTION, 201)
    assert clients.run(create).id == "p1" and sum(waits) == pytest.approx(2.0, abs=0.1)


def test_fault_02_the_time_to_read_is_longer_than_the_wait(clients: Clients) -> None:
    from replikit.runtime.connections import library

    seen: list[Any] = []

    def answer(request: Any) -> Any:
        seen.append(request)
        return library().Response(201, json=PREDICTION)

    clients.run(lambda client: create(client, wait=60), transport=library().MockTransport(answer))
    assert seen[0].headers["prefer"] == "wait=60" and seen[0].extensions["timeout"]["read"] > 60


def test_fault_03_every_call_ends_and_wait_is_sent_for_every_kind_of_model(
    clients: Clients, stalled: tuple[str, list[bytes]]
) -> None:
    base_url, _ = stalled
    with pytest.raises(clients.package.ApiTimeoutError):
        clients.run(create, base_url=base_url, timeout=SHORT)
    for call in (
        lambda client: client.models.predictions.create(model_owner="o", model_name="m", input={}, wait=5),
        lambda client: client.deployments.predictions.create(
            deployment_owner="o", deployment_name="d", input={}, wait=5
        ),
    ):
        clients.server.queue(PREDICTION, 201)
        clients.run(call)
        assert clients.server.requests[-1].headers["prefer"] == "wait=5"


@pytest.mark.parametrize(
    ("header", "low", "high"), [("11", 11, 11), ("date", 20, 50), ("86400", None, None), ("soon", 1, 1)]
)
def test_fault_05_the_server_says_how_long_to_wait(
    clients: Clients, waits: list[float], header: str, low: float | None, high: float | None
) -> None:
    sent = formatdate(time.time() + 50, usegmt=True) if header == "date" else header
    clients.server.queue({}, 429, retry_after=sent)
    clients.server.queue(PREDICTION)
    if low is None or high is None:  # nobody waits for a day: the caller is told
        with pytest.raises(clients.package.RateLimitError) as caught:
            clients.run(create)
        assert caught.value.retry_after == 86400 and not waits
    else:
        clients.run(create)
        assert low - 0.1 <= sum(waits) <= high


@pytest.mark.parametrize("where", ["a file elsewhere", "a redirect", "a stream"])
def test_fault_07_the_token_stays_with_the_api(clients: Clients, where: str, tmp_path: Path) -> None:
    other = Server()
    try:
        other.queue(b"data", content_type="text/event-stream")
        url = f"{other.origin}/out.bin?signature=1"
        if where == "a file elsewhere":
            clients.run(lambda client: client.download(url, tmp_path / "out.bin"))
        elif where == "a redirect":
            clients.server.queue(None, 302, location=url)
            clients.run(
                lambda client: client.files.download(file_id="f", owner="o", expiry=1, signature="s"),
                headers={"X-Key": "r8_secret"},
            )
            assert clients.server.requests[0].headers["authorization"] == "Bearer r8_secret"
        else:

            async def drain(client: Any) -> None:
                async for _ in client.events(url):
                    pass

            clients.run(lambda client: drain(client) if clients.asynchronous else list(client.events(url)))
        assert len(other.requests) == 1 and "r8_secret" not in str(other.requests[0].headers.items())
    finally:
        other.close()


def test_fault_08_pages_stay_with_the_api_and_end(clients: Clients) -> None:
    def work(client: Any) -> Any:
        async def collect() -> list[str]:
            return [found.id async for found in await client.predictions.list()]

        return collect() if clients.asynchronous else [found.id for found in client.predictions.list()]

    own = clients.server.base_url + "/predictions?cursor=a"
    clients.server.queue({"results": [PREDICTION], "next": own, "previous": None})
    clients.server.queue({"results": [PREDICTION], "next": own, "previous": None})
    assert clients.run(work) == ["p1", "p1"]
    other = Server()
    try:
        elsewhere = other.base_url + "/predictions?cursor=a"
        clients.server.queue({"results": [PREDICTION], "next": elsewhere, "previous": None})
        with pytest.raises(clients.package.ResponseError, match="another server"):
            clients.run(work)
        assert not other.requests
    finally:
        other.close()


@pytest.mark.parametrize("value", ["../account", "..", "a/../../account", "%2e%2e", "x?y#z", "."])
def test_fault_09_an_id_stays_an_id(clients: Clients, value: str) -> None:
    clients.server.queue(PREDICTION)
    try:
        clients.run(lambda client: client.predictions.get(prediction_id=value))
    except clients.package.ArgumentError as error:
        assert value in (".", "..") and str(error).startswith("prediction_id: ")
    for request in clients.server.requests:
        assert request.path.startswith("/v1/predictions/") and request.path.count("/") == 3 and "?" not in request.path
    assert bool(clients.server.requests) == (value not in (".", ".."))


@pytest.mark.parametrize("wait", [0, 61, 600, -1, 1.5])
def test_fault_11_a_wait_that_cannot_be_is_not_sent(clients: Clients, wait: float) -> None:
    with pytest.raises(clients.package.ArgumentError, match="^wait: "):
        clients.run(lambda client: create(client, wait=wait))
    assert not clients.server.requests


def test_fault_12_secrets_are_neither_logged_nor_readable_by_others(
    clients: Clients, caplog: pytest.LogCaptureFixture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from replikit.runtime import accounts

    caplog.set_level(logging.DEBUG, "replikit")
    clients.server.queue(PREDICTION, 201, set_cookie="session=r8_secret")
    clients.run(lambda client: create(client, headers={"X-Api-Key": "r8_secret", "Cookie": "r8_secret"}))
    told = [record.getMessage() for record in caplog.records]
    assert any("/v1/predictions 201" in line for line in told) and "r8_secret" not in "".join(told)
    monkeypatch.setenv("REPLIKIT_CONFIG", str(tmp_path / "new" / "config.json"))
    accounts.save(accounts.Settings("a", {"a": accounts.Account("a", "r8_secret")}))
    assert stat.S_IMODE((tmp_path / "new" / "config.json").stat().st_mode) == 0o600


def test_fault_14_what_the_server_adds_is_kept(clients: Clients) -> None:
    data = {**PREDICTION, "status": "hibernating", "mood": "calm", "metrics": {"lines": 3}, "created_at": "tomorrow"}
    clients.server.queue(data)
    found = clients.run(lambda client: client.predictions.get(prediction_id="p1"))
    assert (found.status, found["mood"], found.metrics["lines"], found.created_at) == (
        "hibernating",
        "calm",
        3,
        "tomorrow",
    )
    assert found.to_dict() == data


def drained(client: Any, stream: Callable[[Any], Any]) -> Any:
    """All that a stream gives, as either client has it."""

    async def go() -> list[Any]:
        return [event async for event in stream(client)]

    return go() if hasattr(client, "__aenter__") else list(stream(client))


def ended(status: str, **more: Any) -> dict[str, Any]:
    return {**PREDICTION, "status": status, **more}


@pytest.mark.parametrize("how", ["run", "wait"])
def test_fault_01_aborted_is_an_end(clients: Clients, how: str) -> None:
    clients.server.queue(PREDICTION, 201)
    clients.server.queue(ended("aborted"))
    if how == "run":
        with pytest.raises(clients.package.JobError, match="p1 aborted"):
            clients.run(lambda client: client.run("o/m", {}))
    else:
        prediction = clients.run(create)
        found = clients.run(lambda client: client.follow(_job(clients), prediction.to_dict()))
        assert found["status"] == "aborted"
    assert len(clients.server.requests) == 2


def _job(clients: Clients) -> Any:
    from replikit.operations import JOBS

    return JOBS["prediction"]


def test_fault_04_a_stream_is_opened_and_loses_nothing(clients: Clients) -> None:
    """With a stream its events come from there; without one, what stood in the first answer comes first."""
    content = b"event: output\nid: 1\ndata: Hel\n\nevent: output\nid: 2\ndata: lo\n\nevent: done\nid: 3\ndata: {}\n\n"
    clients.server.queue(ended("starting", urls={"stream": clients.server.origin + "/stream"}), 201)
    clients.server.queue(content, content_type="text/event-stream")
    found = clients.run(lambda client: drained(client, lambda c: c.stream("o/m", input={})))
    assert "".join(map(str, found)) == "Hello" and clients.server.requests[1].path == "/stream"
    clients.server.queue(ended("processing", output=["Hel"]), 201)
    clients.server.queue(ended("succeeded", output=["Hel", "lo"]))
    found = clients.run(lambda client: drained(client, lambda c: c.stream("o/m", input={})))
    assert [event.data for event in found if event.kind == "output"] == ["Hel", "lo"]


def test_fault_06_a_file_as_input_is_the_file_alone(clients: Clients, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"hi")
    for file in (tmp_path / "a.txt", b"hi"):
        clients.server.queue(ended("succeeded"), 201)
        clients.run(lambda client: client.run("o/m", {"deep": [file]}))  # noqa: B023
        body = clients.server.requests[-1].body
        assert b"base64,aGk=" in body and b"r8_secret" not in body
    with pytest.raises(clients.package.ArgumentError, match="is not JSON"):
        clients.run(lambda client: client.run("o/m", {"client": client}))
    assert len(clients.server.requests) == 2


@pytest.mark.parametrize("status", ["starting", "processing", "queued", "booting"])
def test_fault_10_a_run_goes_on_until_a_final_state(clients: Clients, status: str) -> None:
    """Whatever a state is called that is not known to be final, its output is not the output."""
    clients.server.queue(ended(status, output=["half"]), 201)
    clients.server.queue(ended(status, output=["half"]))
    clients.server.queue(ended("succeeded", output=["half", "whole"]))
    assert clients.run(lambda client: client.run("o/m", {})) == ["half", "whole"]


def test_fault_13_a_search_sends_the_bare_text(clients: Clients) -> None:
    clients.server.queue({"results": [], "next": None})
    clients.run(lambda client: client.models.search(body='a "b" \u00e9'))
    sent = clients.server.requests[0]
    assert (sent.method, sent.headers["content-type"], sent.body) == ("QUERY", "text/plain", 'a "b" \u00e9'.encode())


def test_fault_15_webhooks_are_verified(clients: Clients) -> None:
    """By signature and by age, with a comparison that takes the same time; test_webhooks.py holds the rest."""
    stamp, body, key = str(int(time.time())), b'{"id": "p1", "status": "succeeded"}', b"0123456789"
    secret = "whsec_" + base64.b64encode(key).decode()

    def unwrap(at: str, sent: bytes) -> Any:
        digest = hmac.digest(key, f"m.{at}.".encode() + body, "sha256")
        signature = "v1," + base64.b64encode(digest).decode()
        headers = {"webhook-id": "m", "webhook-timestamp": at, "webhook-signature": signature}
        return clients.run(lambda client: client.webhooks.unwrap(sent, headers, secret=secret))

    assert unwrap(stamp, body).status == "succeeded"
    for at, sent in ((stamp, body + b" "), (str(int(stamp) - 3600), body), (str(int(stamp) + 3600), body)):
        with pytest.raises(clients.package.WebhookError):
            unwrap(at, sent)
