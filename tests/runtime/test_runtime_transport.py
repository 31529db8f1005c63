"""How the two clients send, on httpx and on httpx2: connections, limits, headers, errors, logs."""

from __future__ import annotations

import asyncio
import gc
import io
import logging
import pickle
import socket
import threading
from typing import Any

import pytest
from conftest import Face, Server, op

pytestmark = pytest.mark.usefixtures("no_waiting")


def limits(face: Face, library: Any, call: dict[str, Any], **options: Any) -> dict[str, float]:
    """The limits that a request was sent with."""
    seen: list[dict[str, float]] = []

    def answer(request: Any) -> Any:
        seen.append(request.extensions["timeout"])
        return library.Response(200, json={})

    prefer = face.demo.operation.Param("wait", "Prefer", "header", encoding="wait", minimum=1, maximum=60)
    arguments = {"wait": call.pop("wait")} if "wait" in call else {}
    operation = op(face.demo, "POST", "/things", prefer)
    transport = library.MockTransport(answer)
    face.run(lambda client: client.call(operation, arguments, **call), transport=transport, **options)
    return seen[0]


def test_reading_takes_as_long_as_the_server_was_asked_to_wait(face: Face, library: Any) -> None:
    assert limits(face, library, {}) == {"connect": 10.0, "read": 60.0, "write": 60.0, "pool": None}
    assert limits(face, library, {"wait": 60})["read"] == 75.0
    assert limits(face, library, {"wait": True})["read"] == 75.0
    assert limits(face, library, {"wait": 30}, timeout=5) == {"connect": 5.0, "read": 45.0, "write": 5.0, "pool": 5.0}
    assert limits(face, library, {"wait": 30, "timeout": 3})["read"] == 3.0
    # Where a step has no limit of its own, that of the whole call is left.
    endless = library.Timeout(9, read=None)
    assert limits(face, library, {"wait": 30}, timeout=endless)["read"] == 600.0
    assert 5.0 < limits(face, library, {}, timeout=endless, deadline=20)["read"] <= 20.0
    assert 31.0 < limits(face, library, {"wait": 30}, timeout=endless, deadline=20)["read"] <= 45.0
    for wrong in (0, -1, "5", {"raed": 1}):
        with pytest.raises(face.demo.errors.ConfigError, match="a timeout"):
            limits(face, library, {}, timeout=wrong)


def test_a_client_that_was_passed_in_keeps_its_limits(demo: Any, server: Server, library: Any) -> None:
    with library.Client(timeout=7, headers={"X-Own": "1"}) as given:
        seen: list[Any] = []
        given.event_hooks = {"request": [seen.append]}
        demo.sync.client.SyncClient("secret", base_url=server.base_url, http_client=given).call(op(demo), {})
    assert seen[0].extensions["timeout"]["read"] == 7.0
    sent = server.requests[0].headers
    assert (sent["x-own"], sent["user-agent"], sent["authorization"]) == ("1", "demo/1.2.3", "Bearer secret")


def test_headers(face: Face, server: Server) -> None:
    def call(client: Any) -> Any:
        return client.call(op(face.demo), {}, headers={"X-B": "call", "accept": "text/x"})

    face.run(call, base_url=server.base_url, headers={"X-A": "client", "X-B": "client", "user-agent": "mine"})
    sent = server.requests[0].headers
    assert [sent.get_all(name) for name in ("x-a", "x-b", "accept", "user-agent", "authorization")] == [
        ["client"], ["call"], ["text/x"], ["mine"], ["Bearer secret"],
    ]  # fmt: skip
    face.run(lambda client: client.call(op(face.demo), {}, headers={"Authorization": "own"}), base_url=server.base_url)
    assert server.requests[1].headers.get_all("authorization") == ["own"]


@pytest.mark.parametrize("bad", [{"X\r\nY": "1"}, {"X": "1\r\nY: 2"}, {"X": "1\n"}, {"X": "\0"}, {"X": "ü"}, {"": "1"}])
def test_no_header_breaks_out_of_its_line(face: Face, server: Server, bad: dict[str, str]) -> None:
    with pytest.raises(face.demo.errors.ArgumentError, match="^headers: "):
        face.run(lambda client: client.call(op(face.demo), {}, headers=bad), base_url=server.base_url)
    with pytest.raises(face.demo.errors.ArgumentError, match="^headers: "):
        face.run(lambda client: None, headers=bad)
    assert not server.requests


@pytest.mark.parametrize("value", ["../account", "..", ".", "%2e%2e", "a/../../b", "a?x=1#y", "a\\..\\b"])
def test_a_path_parameter_stays_in_its_place(face: Face, server: Server, value: str) -> None:
    param = face.demo.operation.Param("id", "id", "path", required=True, style="simple")
    operation = op(face.demo, "GET", "/things/{id}", param)
    try:
        face.run(lambda client: client.call(operation, {"id": value}), base_url=server.base_url)
    except face.demo.errors.ArgumentError:
        assert value in (".", "..")
    assert [r.path.count("/") for r in server.requests] == ([] if value in (".", "..") else [3])
    assert all(r.path.startswith("/v1/things/") and "?" not in r.path for r in server.requests)


def test_proxies(face: Face, server: Server) -> None:
    """A proxy is asked for whole URLs."""
    face.run(lambda client: client.call(op(face.demo), {}), base_url="http://demo.invalid/v1", proxy=server.origin)
    assert server.requests[0].path == "http://demo.invalid/v1/things"


@pytest.mark.parametrize(
    "options",
    [
        {"http_client": object(), "transport": object()},
        {"http_client": object(), "proxy": "http://p"},
        {"transport": object(), "proxy": "http://p"},
        {"max_retries": 1, "retries": object()},
        {"base_url": "http://user:word@host"},
    ],
)
def test_options_that_contradict(face: Face, options: dict[str, Any]) -> None:
    with pytest.raises(face.demo.errors.ConfigError) as caught:
        face.run(lambda client: None, **options)
    assert "word" not in str(caught.value).replace("password", "")


def test_the_environment_names_the_library(demo: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    import httpx
    import httpx2

    monkeypatch.delenv("DEMO_HTTP", raising=False)
    assert demo.connections.library() is httpx
    assert demo.connections.library(httpx2.MockTransport(print)) is httpx2
    monkeypatch.setenv("DEMO_HTTP", "httpx2")
    assert demo.connections.library(None) is httpx2
    assert demo.connections.library(httpx.Client) is httpx2 and demo.connections.library(httpx.HTTPTransport()) is httpx
    monkeypatch.setenv("DEMO_HTTP", "requests")
    with pytest.raises(demo.errors.ConfigError, match="DEMO_HTTP must be one of httpx, httpx2"):
        demo.connections.library()


def test_one_tls_context_made_when_it_is_needed(demo: Any, library: Any, server: Server) -> None:
    demo.connections.tls.cache_clear()
    with demo.sync.client.SyncClient("t", base_url=server.base_url) as plain:
        plain.call(op(demo), {})
    first, second = demo.sync.client.SyncClient("t"), demo.aio.client.AsyncClient("t")
    assert demo.connections.tls.cache_info().currsize == 0
    with first:
        first._connections.client("https://demo.invalid")
        asyncio.run(_open(second))
    assert demo.connections.tls.cache_info()[:2] == (1, 1)


async def _open(client: Any) -> None:
    async with client:
        client._connections.client("https://demo.invalid")


def test_a_client_for_http_trusts_no_https(demo: Any, library: Any, server: Server) -> None:
    """What would be the worst: that a client made for a mock verified nothing when it is led to https."""
    import ssl

    with demo.sync.client.SyncClient("t", base_url=server.base_url) as client:
        plain = client._connections.client("http:")
        assert client._connections.client("https:") is not plain
        assert client._connections.client("https:")._transport._pool._ssl_context.verify_mode is ssl.CERT_REQUIRED


def test_connections_are_closed_and_opened_again(demo: Any, library: Any, server: Server) -> None:
    client = demo.sync.client.SyncClient("t", base_url=server.base_url)
    with client:
        client.call(op(demo), {})
        inside = client._connections.client(server.origin)
    assert inside.is_closed
    client.call(op(demo), {})
    again = client._connections.client(server.origin)
    del client
    gc.collect()  # a ResourceWarning would fail the test
    assert again.is_closed and len(server.requests) == 2


def test_an_asynchronous_client_outlives_its_event_loop(demo: Any, library: Any, server: Server) -> None:
    client = demo.aio.client.AsyncClient("t", base_url=server.base_url)

    async def twice() -> None:
        async with client:
            await asyncio.gather(client.call(op(demo), {}), client.call(op(demo), {}))

    asyncio.run(twice())
    asyncio.run(twice())
    assert len(server.requests) == 4


def test_threads_that_begin_at_once_share_the_connections(demo: Any, library: Any, server: Server) -> None:
    with demo.sync.client.SyncClient("t", base_url=server.base_url) as client:
        barrier = threading.Barrier(8)
        made: set[int] = set()

        def work() -> None:
            barrier.wait()
            client.call(op(demo), {})
            made.add(id(client._connections.client(server.origin)))

        threads = [threading.Thread(target=work) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(made) == 1 and len(server.requests) == 8


def test_request(face: Face, server: Server) -> None:
    server.queue({"a": 1}, 201, x_request_id="r7")
    query = {"q": "a b&c", "n": [1, 2]}
    answer = face.run(
        lambda client: client.request("post", "beta/x", query=query, json={"k": None}), base_url=server.base_url
    )
    sent = server.requests[0]
    assert (sent.method, sent.path, sent.body) == ("POST", "/v1/beta/x?q=a%20b%26c&n=1&n=2", b'{"k":null}')
    assert (answer.status, answer.json(), answer.request_id, answer.headers["X-Request-Id"]) == (
        201,
        {"a": 1},
        "r7",
        "r7",
    )
    assert (
        answer.parse() == {"a": 1}
        and answer.content == b'{"a": 1}'
        and repr(answer).startswith("<RawResponse 201 POST")
    )
    other = Server()
    try:
        face.run(
            lambda client: client.request("GET", other.base_url + "/x?sig=1", headers={"X-C": "1"}),
            base_url=server.base_url,
            headers={"X-Key": "hidden"},
        )
        sent = other.requests[0].headers
        assert (sent["authorization"], sent["x-key"], sent["x-c"]) == (None, None, "1")
    finally:
        other.close()
    for arguments in (("GET", "../x"), ("GET", "a/%2E%2e/b"), ("GET", "a b"), ("G T", "x"), ("GET", "ü")):
        with pytest.raises(face.demo.errors.ArgumentError):
            face.run(lambda client, a=arguments: client.request(*a), base_url=server.base_url)
    server.queue({"detail": "no"}, 451)
    with pytest.raises(face.demo.errors.ApiError, match="451 no"):
        face.run(lambda client: client.request("GET", "x"), base_url=server.base_url)


def test_streams(demo: Any, library: Any, server: Server) -> None:
    server.queue(b"one\ntwo\nthree")
    server.queue({"detail": "none"}, 404)
    server.queue(None, 302, location="/v1/moved")
    server.queue(b"four")
    with demo.sync.client.SyncClient("secret", base_url=server.base_url) as client:
        with client.open("GET", "lines") as response:
            assert list(response.iter_lines()) == ["one", "two", "three"]
        with pytest.raises(demo.errors.NotFoundError, match="none"), client.open("GET", "x"):
            pass
        with client.open("GET", "away") as response:
            assert b"".join(response.iter_bytes(2)) == b"four" and response.url.endswith("/v1/moved")


def test_asynchronous_streams(demo: Any, library: Any, server: Server) -> None:
    async def work() -> None:
        async with demo.aio.client.AsyncClient("secret", base_url=server.base_url) as client:
            async with client.open("GET", "lines") as response:
                assert [line async for line in response.iter_lines()] == ["one", "two"]
            with pytest.raises(demo.errors.NotFoundError, match="none"):
                async with client.open("GET", "x"):
                    pass
            async with client.open("GET", "lines") as response:
                assert await response.read() == b"four" and await response.parse() == b"four"

    server.queue(b"one\ntwo")
    server.queue({"detail": "none"}, 404)
    server.queue(b"four")
    asyncio.run(work())


def test_a_stream_that_breaks_off(demo: Any, library: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            connection, _ = listening.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")

        thread = threading.Thread(target=serve)
        thread.start()
        base = f"http://127.0.0.1:{listening.getsockname()[1]}"
        told = pytest.raises(demo.errors.ApiConnectionError, match=f"RemoteProtocolError.*GET {base}/x")
        with demo.sync.client.SyncClient("t", base_url=base) as client, client.open("GET", "x") as response, told:
            list(response.iter_bytes())
        thread.join()


def test_options_of_a_copy(face: Face, server: Server) -> None:
    def work(client: Any) -> Any:
        once = client.with_options(headers={"X-A": "1"}, retries=face.demo.retries.RetryPolicy(max_retries=0))
        assert once._connections is client._connections
        return once.call(op(face.demo), {})

    server.queue({}, 503)
    with pytest.raises(face.demo.errors.ServerError):
        face.run(work, base_url=server.base_url)
    assert [r.headers["x-a"] for r in server.requests] == ["1"]


def test_a_copy_tells_of_each_answer(face: Face, server: Server) -> None:
    heard: list[tuple[int, str]] = []

    def work(client: Any) -> Any:
        told = client.with_options(on_answer=lambda status, headers: heard.append((status, headers["X-Left"])))
        return told.with_options(headers={"X-A": "1"}).call(op(face.demo), {})

    server.queue({}, 503, x_left="9")
    server.queue({}, 200, x_left="8")
    face.run(work, base_url=server.base_url)
    assert heard == [(503, "9"), (200, "8")]


STATUSES = {
    400: "BadRequestError", 401: "AuthenticationError", 402: "PaymentRequiredError", 403: "PermissionDeniedError",
    404: "NotFoundError", 409: "ConflictError", 410: "GoneError", 413: "ContentTooLargeError", 418: "ApiError",
    422: "UnprocessableEntityError", 429: "RateLimitError", 500: "ServerError", 599: "ServerError", 302: "ApiError",
}  # fmt: skip


@pytest.mark.parametrize(("status", "kind"), STATUSES.items())
def test_an_error_says_all_but_secrets(face: Face, server: Server, status: int, kind: str) -> None:
    problem = {"title": "No", "detail": "token tok-hidden is bad", "status": status, "invalid_fields": [{"field": "x"}]}
    server.queue(problem, status, x_request_id="r1", content_type="application/problem+json", retry_after="99")
    param = face.demo.operation.Param("key", "key", "query")
    with pytest.raises(face.demo.errors.ApiError) as caught:
        face.run(lambda client: client.call(op(face.demo, "POST", "/things", param), {"key": "signature"}),
                 "tok-hidden", base_url=server.base_url)  # fmt: skip
    for error in (caught.value, pickle.loads(pickle.dumps(caught.value))):
        assert type(error).__name__ == kind and (error.status, error.title, error.request_id) == (status, "No", "r1")
        assert (error.method, error.url) == ("POST", server.base_url + "/things")
        assert error.invalid_fields == [{"field": "x"}] and error.retry_after == 99 and error.body["title"] == "No"
        told = f"{error} {error!r} {error.detail} {error.body} {error.url}"
        assert "tok-hidden" not in told and "signature" not in told


@pytest.mark.parametrize("body", [b"", b"<html>" * 10_000, b"\xff\xfe", b"[1]", b"[" * 100_000, b'{"title": {"a": 1}}'])
def test_an_error_of_any_shape(face: Face, server: Server, body: bytes) -> None:
    server.answers.append((500, {}, body))
    with pytest.raises(face.demo.errors.ServerError) as caught:
        face.run(lambda client: client.call(op(face.demo, "POST"), {}), base_url=server.base_url)
    assert len(str(caught.value)) < 1200


def test_other_errors_are_pickled_whole(demo: Any) -> None:
    for error in (
        demo.errors.ArgumentError("a", "b"),
        demo.errors.ApiTimeoutError("late", method="GET", url="http://h/x", sent=False),
        demo.errors.JobTimeoutError("late", {"id": 1}),
    ):
        again = pickle.loads(pickle.dumps(error))
        assert (type(again), str(again), again.__dict__) == (type(error), str(error), error.__dict__)


def test_the_log_holds_no_secret(face: Face, server: Server, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "demo")
    server.queue({}, 503, x_request_id="r9", set_cookie="s=hidden")
    param = face.demo.operation.Param("sig", "sig", "query")
    headers = {"X-Api-Key": "hidden", "Cookie": "hidden"}
    face.run(
        lambda client: client.call(op(face.demo, "GET", "/things", param), {"sig": "hidden"}, headers=headers),
        "hidden", base_url=server.base_url,
    )  # fmt: skip
    told = [record.getMessage() for record in caplog.records if record.name == "demo"]
    assert len(told) == 5 and f"GET {server.base_url}/things 503" in told[1] and "r9" in told[1]
    assert "again in" in told[2] and "'accept': 'application/json'" in told[0].lower()
    assert "hidden" not in "".join(told)


def test_the_environment_shows_the_log(demo: Any, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    shown = io.StringIO()
    monkeypatch.setattr("sys.stderr", shown)
    monkeypatch.setenv("DEMO_LOG", "Info")
    logger = logging.getLogger("demo")
    before, level = logger.handlers[:], logger.level
    try:
        for _ in range(2):
            with demo.sync.client.SyncClient("t", base_url=server.base_url) as client:
                client.call(op(demo), {})
        assert shown.getvalue().count(" demo INFO GET http") == 2
        monkeypatch.setenv("DEMO_LOG", "loud")
        with pytest.raises(demo.errors.ConfigError, match="DEMO_LOG must be one of debug, info"):
            demo.sync.client.SyncClient("t")
    finally:
        logger.handlers[:] = before
        logger.setLevel(level)


def test_what_is_not_httpx_own_is_raised_as_it_is(demo: Any, library: Any) -> None:
    def broken(_: Any) -> Any:
        raise ZeroDivisionError("a mistake in a transport")

    client = demo.sync.client.SyncClient("t", transport=library.MockTransport(broken))
    with client, pytest.raises(ZeroDivisionError):
        client.call(op(demo), {})


def test_raw_and_streamed_stand_ins(demo: Any, library: Any, server: Server) -> None:
    class Things(demo.sync.resources.Resource):  # type: ignore[name-defined,misc]
        def get(self, *, id: str) -> Any:
            """One thing."""
            return self._result(op(demo, view="Owner"), {}, demo.calls.Options(headers={"X-Id": id}))

    server.queue({"name": "Ann"}, x_request_id="r1")
    server.queue({"name": "Bob"})
    with demo.sync.client.SyncClient("t", base_url=server.base_url) as client:
        things = Things(client)
        whole = demo.raw.raw(things.get)(id="1")
        assert (whole.request_id, whole.json(), whole.parse().name) == ("r1", {"name": "Ann"}, "Ann")
        with demo.raw.streamed(things.get)(id="2") as response:
            assert response.status == 200 and response.parse().name == "Bob"
    assert [r.headers["x-id"] for r in server.requests] == ["1", "2"]
