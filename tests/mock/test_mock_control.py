"""The mock itself over HTTP: what it received and holds, how it starts again, who may ask, and what pages may read."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlsplit

import pytest
from test_mock import Reply, ask, package, send  # noqa: F401 - a fixture among them


@pytest.fixture(scope="module")
def running(package: Any) -> Any:  # noqa: F811
    with package.serve(seconds=0, control_hosts=["mock.test"]) as mock:
        yield mock


@pytest.fixture
def mock(running: Any) -> Any:
    running.reset()
    return running


def control(mock: Any, target: str, method: str = "GET", **headers: str) -> Reply:
    url = urlsplit(mock.base_url)
    return ask(mock, method, f"http://{url.netloc}/__mock/{target}", Authorization="", **headers)


def test_what_was_called_is_told_without_secrets(mock: Any) -> None:
    ask(mock, "GET", "/account")
    body = {"version": "a", "input": {"n": 1}}
    send(mock, "POST", "/predictions", body, X_Api_Key="hush", Prefer="wait=1")
    ask(mock, "GET", "/nowhere?a=b")
    told = control(mock, "calls")
    assert (told.status, told.headers["Cache-Control"]) == (200, "no-store")
    assert "hush" not in told.content.decode() and mock.token not in told.content.decode()
    calls = told.json["calls"]
    assert [(c["number"], c["function"], c["method"], c["path"], c["status"]) for c in calls] == [
        (1, "replicate_get_account", "GET", "/account", 200),
        (2, "replicate_create_prediction", "POST", "/predictions", 201),
        (3, "", "GET", "/nowhere", 404),
    ]
    assert calls[1]["body"] == body and calls[2]["query"] == {"a": "b"}
    assert calls[1]["headers"]["authorization"] == calls[1]["headers"]["x-api-key"] == "…"
    assert calls[1]["headers"]["prefer"] == "wait=1"
    assert [c["number"] for c in control(mock, "calls?after=1&limit=1").json["calls"]] == [2]
    assert [c["number"] for c in control(mock, "calls?function=replicate_get_account").json["calls"]] == [1]
    assert [each.document() for each in mock.calls] == calls


def test_calls_are_bounded(mock: Any) -> None:
    from mock_under_test.mock import calls  # type: ignore[import-not-found]

    for _ in range(3):
        ask(mock, "POST", "/predictions", b"x" * (calls.LARGEST + 1), Content_Type="application/json")
    assert [call.body for call in mock.calls] == [f"({calls.LARGEST + 1} bytes)"] * 3
    first = next(iter(mock.calls))
    for _ in range(calls.MOST):
        mock.calls._kept.append(first)
    assert len(mock.calls) == calls.MOST


def test_state_and_reset(mock: Any) -> None:
    before = control(mock, "state").json
    made = send(mock, "POST", "/predictions", {"version": "a", "input": {}}).json
    found = control(mock, f"state?path=/predictions/{made['id']}").json
    assert found["complete"] and found["records"][0]["path"] == f"/predictions/{made['id']}"
    assert found["records"][0]["data"] == ask(mock, "GET", f"/predictions/{made['id']}").json
    assert control(mock, "state?limit=1").json["complete"] is False
    assert control(mock, "reset", "POST").status == 204
    assert control(mock, "state").json == before
    assert control(mock, "calls").json == {"received": 0, "calls": []}
    assert ask(mock, "GET", f"/predictions/{made['id']}").status == 404


def test_health(mock: Any) -> None:
    assert control(mock, "health").json == {"status": "ok", "title": "Replicate", "functions": 37}
    assert control(mock, "health", "HEAD").content == b""


@pytest.mark.parametrize(
    ("target", "method", "status", "said"),
    [
        ("reset", "GET", 405, "GET"),
        ("health", "POST", 405, "POST"),
        ("nothing", "GET", 404, "health, state, calls, reset"),
        ("calls?limit=many", "GET", 400, "from 0 to 1000"),
        ("calls?limit=100000000000", "GET", 400, "from 0 to 1000"),
        ("calls?form=x", "GET", 400, "function, after, limit"),
    ],
)
def test_what_is_asked_wrongly_is_refused(mock: Any, target: str, method: str, status: int, said: str) -> None:
    reply = control(mock, target, method)
    assert reply.status == status and said in reply.json["detail"]


@pytest.mark.parametrize("host", ["127.0.0.1:1", "localhost", "LOCALHOST:80", "[::1]:8", "a.localhost", "mock.test:4"])
def test_callers_of_this_machine_are_let_in(mock: Any, host: str) -> None:
    assert control(mock, "health", Host=host).status == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "rebound.test"},  # what a page calls by a name of its own that leads to 127.0.0.1
        {"Host": "127.0.0.1.rebound.test"},
        {"Host": "10.0.0.1"},
        {"Host": "[::1"},
        {"Origin": "http://evil.test"},
        {"Origin": "null"},
        {"Sec_Fetch_Site": "cross-site"},
    ],
)
def test_pages_of_others_are_not(mock: Any, headers: dict[str, str]) -> None:
    made = send(mock, "POST", "/predictions", {"version": "a", "input": {}}).json
    for target, method in (("calls", "GET"), ("reset", "POST"), ("reset", "OPTIONS")):
        reply = control(mock, target, method, **headers)
        assert reply.status in (403, 405)
        assert not [name for name in reply.headers if name.lower().startswith("access-control")]
    assert ask(mock, "GET", f"/predictions/{made['id']}").status == 200, "nothing was reset"


def test_the_address_that_it_listens_on_is_no_name_of_this_machine(package: Any) -> None:  # noqa: F811
    with package.serve(host="0.0.0.0") as mock:
        assert control(mock, "health", Host="0.0.0.0").status == 403
        assert control(mock, "health", Host="192.0.2.7").status == 403
        assert control(mock, "health").status == 200


def test_it_can_be_left_out(package: Any) -> None:  # noqa: F811
    with package.serve(control=False) as mock:
        assert control(mock, "health").status == 404
        assert control(mock, "reset", "POST").status == 404


def test_head_and_options(mock: Any) -> None:
    # RFC 9110, 9.3.2 (HEAD: the fields of GET without its content) and 9.3.7 (OPTIONS: Allow says what can be done).
    whole, head = ask(mock, "GET", "/account"), ask(mock, "HEAD", "/account")
    assert (head.status, head.content) == (200, b"")
    assert head.headers["Content-Length"] == str(len(whole.content))
    options = ask(mock, "OPTIONS", "/account", Authorization="")
    assert (options.status, options.headers["Allow"]) == (204, "GET, HEAD, OPTIONS")
    assert ask(mock, "OPTIONS", "/models/a/b").headers["Allow"] == "DELETE, GET, HEAD, OPTIONS, PATCH"
    assert ask(mock, "OPTIONS", "/nowhere").status == 404
    assert ask(mock, "HEAD", "/predictions/none/cancel").status == 405


ASKED = {"Origin": "https://app.test", "Access_Control_Request_Method": "POST"}


def test_pages_may_call_and_read(mock: Any) -> None:
    # The Fetch standard, 3.2: of requests without credentials `*` holds, but for the header Authorization, which is named.
    asked = {**ASKED, "Access_Control_Request_Headers": "authorization,content-type"}
    found = ask(mock, "OPTIONS", "/predictions", Authorization="", **asked)
    assert (found.status, found.headers["Access-Control-Allow-Origin"]) == (204, "*")
    assert "POST" in found.headers["Access-Control-Allow-Methods"]
    assert found.headers["Access-Control-Allow-Headers"] == "authorization, content-type"
    assert "Access-Control-Allow-Credentials" not in found.headers
    for status, target, token in (
        (200, "/account", f"Bearer {mock.token}"),
        (401, "/account", ""),
        (404, "/nowhere", ""),
    ):
        reply = ask(mock, "GET", target, Authorization=token, Origin="https://app.test")
        assert (reply.status, reply.headers["Access-Control-Allow-Origin"]) == (status, "*")
    assert "Access-Control-Allow-Origin" not in ask(mock, "GET", "/account").headers


def test_pages_of_the_named_origins_alone(package: Any) -> None:  # noqa: F811
    with package.serve(origins=["https://app.test"]) as mock:
        reply = ask(mock, "GET", "/account", Origin="https://app.test")
        assert (reply.headers["Access-Control-Allow-Origin"], reply.headers["Vary"]) == ("https://app.test", "Origin")
        for asked in ({"Origin": "https://app.test.evil"}, {"Origin": "null"}):
            assert "Access-Control-Allow-Origin" not in ask(mock, "GET", "/account", **asked).headers
        refused = ask(mock, "OPTIONS", "/predictions", **{**ASKED, "Origin": "https://evil.test"})
        assert not [name for name in refused.headers if name.lower().startswith("access-control")]


def test_two_runs_of_one_seed_give_the_same(package: Any) -> None:  # noqa: F811
    def run(seed: int | None) -> list[Any]:
        with package.serve(seconds=0, seed=seed) as mock:
            made = [send(mock, "POST", "/predictions", {"version": "a", "input": {"n": n}}).json for n in range(3)]
            model = {"owner": "acme", "name": "pen", "visibility": "private", "hardware": "cpu"}
            made += [send(mock, "POST", "/models", model).json, ask(mock, "GET", "/predictions").json]
            made += [ask(mock, "GET", "/account", Prefer="dynamic=true").json for _ in range(3)]
            return json.loads(json.dumps(made).replace(mock.base_url, ""))

    first, other = run(7), run(8)
    assert first == run(7)
    assert {each["id"] for each in first[:3]}.isdisjoint(each["id"] for each in other[:3])
    assert first[5:] != other[5:]
    assert run(None)[0]["created_at"] > first[0]["created_at"], "without a seed the time is the clock's"


def test_a_seed_says_when_a_job_was_canceled_and_which_codes_are_given_out(package: Any) -> None:  # noqa: F811
    def run(seed: int | None) -> tuple[Any, list[str]]:
        with package.serve(seconds=600, seed=seed) as mock:
            job = send(mock, "POST", "/predictions", {"version": "a", "input": {}}).json
            canceled = ask(mock, "POST", f"/predictions/{job['id']}/cancel").json
            assert canceled["status"] == "aborted" or canceled["status"] == "canceled"
            drawn = []
            for _ in range(2):
                mock.reset()
                grant = package.grants.Grant("me", (), frozenset())
                drawn.append([mock.grants.code(grant, "", ""), mock.grants.access(grant, ())])
                drawn[-1] += [mock.grants.device(grant)[1].typed]
            assert len({*drawn[0]}) == 3
            assert (drawn[0] == drawn[1]) == (seed is not None)
            return canceled["completed_at"], drawn[0]

    assert run(7) == run(7)
    assert run(7)[1] != run(8)[1]
    assert run(None) != run(None)
