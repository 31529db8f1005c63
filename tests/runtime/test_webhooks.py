"""Requests that claim to come from the API are believed only where they are signed, lately, and as they came."""

from __future__ import annotations

import base64
import hmac
import json
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from importlib import import_module
from typing import Any

import pytest
from replikit_package import imported
from scripted import KINDS, Kind, of, scripted

KEY, OTHER = b"a key for tests alone", b"another one for tests"
SECRET, ROTATED = ("whsec_" + base64.b64encode(key).decode() for key in (KEY, OTHER))
BODY = json.dumps({"id": "p1", "status": "succeeded", "output": "h\u00e9", "logs": "100%"}, ensure_ascii=False).encode()


@pytest.fixture(scope="module")
def package() -> Iterator[Any]:
    with imported() as found:
        yield found


@pytest.fixture
def webhooks(package: Any) -> Any:
    return package.webhooks


def signed(key: bytes = KEY, body: bytes = BODY, age: float = 0, id_: str = "msg_1", **changes: str) -> dict[str, str]:
    """The headers of a webhook, made here and not by what is tested."""
    stamp = str(int(time.time() - age))
    digest = hmac.new(key, f"{id_}.{stamp}.".encode() + body, "sha256").digest()
    headers = {
        "webhook-id": id_,
        "webhook-timestamp": stamp,
        "webhook-signature": "v1," + base64.b64encode(digest).decode(),
    }
    return {**headers, **{name.replace("_", "-"): text for name, text in changes.items()}}


def test_a_signed_webhook_becomes_a_view(package: Any, webhooks: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("REPLICATE_API_TOKEN", raising=False)
    found = webhooks.unwrap(BODY, signed(), secret=SECRET)
    assert type(found) is package.types.Prediction and (found.status, found.output, found.progress) == (
        "succeeded",
        "h\u00e9",
        1,
    )
    assert webhooks.unwrap(BODY.decode(), signed(), secret=SECRET) == found
    delivery = webhooks.verify(BODY, signed(age=10), secret=SECRET)
    assert delivery.id == "msg_1" and abs((datetime.now(UTC) - delivery.timestamp).total_seconds() - 10) < 30


def test_the_known_example_of_the_scheme(webhooks: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The values that the specification of Standard Webhooks gives."""
    monkeypatch.setattr(import_module("time"), "time", lambda: 1614265330)
    headers = {"webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek", "webhook-timestamp": "1614265330",
               "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="}  # fmt: skip
    found = webhooks.verify(b'{"test": 2432232314}', headers, secret="whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    assert found.id == "msg_p5jXN8AQM9LWM0D4loKWxJek"


@pytest.mark.parametrize("shape", [
    lambda h: {k.title(): v for k, v in h.items()},
    lambda h: [(k.encode(), v.encode()) for k, v in h.items()],
    lambda h: {**h, "Content-Type": "application/json"}.items(),
    lambda h: {k.upper(): [v] for k, v in h.items()},
    lambda h: {k.title(): (v.encode(),) for k, v in h.items()},
    lambda h: [(k.encode(), bytearray(v.encode())) for k, v in h.items()] + [("X-Other", None), (b"Cookie", 5)],
    lambda h: [*h.items(), ("webhook-signature", "v1,bm8="), ("Webhook-Id", h["webhook-id"])],
    lambda h: {**h, "webhook-signature": ["v1,bm8=", h["webhook-signature"]]},
    lambda h: {"accept": ["*/*"], **{k: [v] for k, v in h.items()}},
    lambda h: ((k, v) for k, v in h.items()),
    lambda h: {**h, "webhook-signature": "v1,bm8=," + h["webhook-signature"]},  # joined, as RFC 9110, 5.3 has it
    lambda h: {**h, "webhook-signature": h["webhook-signature"] + ", v1,bm8="},
    lambda h: {"REQUEST_METHOD": "POST", "wsgi.input": object()}
    | {"HTTP_" + k.upper().replace("-", "_"): v for k, v in h.items()},  # PEP 3333
    lambda h: import_module("httpx").Headers(h),
    lambda h: import_module("httpx").Headers([*h.items(), ("webhook-signature", "v1,bm8=")]),
])  # fmt: skip
def test_headers_come_in_many_shapes(webhooks: Any, shape: Callable[[Any], Any]) -> None:
    assert webhooks.unwrap(BODY, shape(signed()), secret=SECRET).id == "p1"


def test_keys_are_rotated(package: Any, webhooks: Any) -> None:
    """Several signatures on one side, several secrets on the other: one pair that fits is enough."""
    assert webhooks.unwrap(BODY, signed(OTHER), secret=[SECRET, ROTATED]).id == "p1"
    both = signed()["webhook-signature"] + " v1a,bm8= v2,eA== " + signed(OTHER)["webhook-signature"]
    for secret in (SECRET, ROTATED):
        assert webhooks.unwrap(BODY, signed(webhook_signature=both), secret=secret).id == "p1"
    with pytest.raises(package.WebhookError, match="not signed with this secret"):
        webhooks.unwrap(BODY, signed(OTHER), secret=SECRET)


@pytest.mark.parametrize(
    ("body", "headers", "message"),
    [
        (BODY + b" ", lambda: signed(), "not signed with this secret"),
        (json.dumps(json.loads(BODY)).encode(), lambda: signed(), "not the way it came"),
        (BODY, lambda: signed(webhook_id="msg_2"), "not signed"),
        (BODY, lambda: signed(webhook_signature="v1,"), "not signed"),
        (BODY, lambda: signed(webhook_signature="v1,\u00e9"), "not signed"),
        (BODY, lambda: signed(webhook_signature="v2," + signed()["webhook-signature"][3:]), "not signed"),
        (
            BODY,
            lambda: signed(webhook_signature=" ".join(["v1,eA=="] * 40) + " " + signed()["webhook-signature"]),
            "not signed",
        ),
        (BODY, lambda: signed(webhook_timestamp="soon"), "timestamp is not a number"),
        (BODY, lambda: signed(webhook_timestamp="-1"), "timestamp is not a number"),
        (BODY, lambda: signed(webhook_timestamp="9" * 400), "timestamp is not a number"),
        (BODY, lambda: signed(webhook_id=""), "header webhook-id is missing"),
        (BODY, dict, "header webhook-id is missing"),
        (b"[1]", lambda: signed(body=b"[1]"), "not a JSON object"),
        (b"{", lambda: signed(body=b"{"), "is not JSON"),
    ],
)
def test_what_is_not_believed(
    package: Any, webhooks: Any, body: bytes, headers: Callable[[], dict[str, str]], message: str
) -> None:
    with pytest.raises(package.WebhookError, match=message) as caught:
        webhooks.unwrap(body, headers(), secret=SECRET)
    assert SECRET[6:] not in str(caught.value)


@pytest.mark.parametrize(("age", "tolerance", "message"), [
    (400, 300, r"40\d s old, and at most 300 s"), (-400, 300, r"\d+ s ahead of this clock"), (20, 10, "s old"),
])  # fmt: skip
def test_a_webhook_must_be_of_now(package: Any, webhooks: Any, age: float, tolerance: float, message: str) -> None:
    with pytest.raises(package.WebhookError, match=message):
        webhooks.unwrap(BODY, signed(age=age), secret=SECRET, tolerance=tolerance)
    assert webhooks.unwrap(BODY, signed(age=age), secret=SECRET, tolerance=500).id == "p1"


@pytest.mark.parametrize(
    "secret", ["", "whsec_", "whsec_no base64!", [], [SECRET, ""], None, [SECRET, None], 5, SECRET.encode()]
)
def test_a_secret_must_be_one(package: Any, webhooks: Any, secret: Any) -> None:
    with pytest.raises(package.ArgumentError, match="^secret: "):
        webhooks.unwrap(BODY, signed(), secret=secret)
    with pytest.raises(package.WebhookError, match="^body: give the body as it came"):
        webhooks.unwrap(json.loads(BODY), signed(), secret=SECRET)


@pytest.mark.parametrize("headers", [
    None, 5, "webhook-id", b"webhook-id", object(), [None], [("webhook-id",)], [("a", "b", "c")], {5: "x"}, {"webhook-id": None},
    {"webhook-id": {"a": 1}.get}, {"webhook-id": []}, {"webhook-id": [[]]}, {"webhook-id": [None]}, {"webhook-id": object()},
    {"webhook-id": ["a", "b"]}, [("webhook-timestamp", "1"), ("Webhook-Timestamp", "2")], {"webhook-id": 1 / 3}, iter([1]),
    {"webhook-id": "\ud800"}, {b"\xff": b"\xff"}, range(10**9),
])  # fmt: skip
@pytest.mark.parametrize("body", [BODY, "\ud800", b"", None, 5, [], object()])
def test_whatever_is_given_it_is_no_webhook(package: Any, webhooks: Any, headers: Any, body: Any) -> None:
    with pytest.raises(package.WebhookError):
        webhooks.unwrap(body, headers, secret=SECRET)
    if not isinstance(body, (bytes, str)):
        with pytest.raises(package.WebhookError):
            webhooks.unwrap(body, signed(), secret=SECRET)


def test_a_time_of_no_year_is_no_webhook(package: Any, webhooks: Any) -> None:
    age = time.time() - 999999999999
    with pytest.raises(package.WebhookError, match="no year"):
        webhooks.unwrap(BODY, signed(age=age), secret=SECRET, tolerance=1e15)


def test_every_signature_is_compared_in_constant_time(webhooks: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[tuple[Any, Any]] = []
    real = hmac.compare_digest
    monkeypatch.setattr(hmac, "compare_digest", lambda a, b: compared.append((a, b)) or real(a, b))  # type: ignore[func-returns-value]
    several = signed()["webhook-signature"] + " v1,bm8= v1,bm8="
    webhooks.unwrap(BODY, signed(webhook_signature=several), secret=[SECRET, ROTATED])
    assert len(compared) == 6, "also those after the one that fits"


@pytest.mark.parametrize("kind", KINDS)
def test_a_client_asks_for_the_secret_itself(package: Any, kind: Kind) -> None:
    cls = package.AsyncReplicate if kind.asynchronous else package.Replicate
    with scripted() as api:
        api.answers["/v1/webhooks/default/secret"] = [of({"key": SECRET})]

        async def awaited(client: Any) -> Any:
            await client.webhooks.unwrap(BODY, signed())
            return await client.webhooks.unwrap(BODY, signed()), await client.webhooks.unwrap(
                BODY, signed(OTHER), secret=ROTATED
            )

        def sync(client: Any) -> Any:
            client.webhooks.unwrap(BODY, signed())
            return client.webhooks.unwrap(BODY, signed()), client.webhooks.unwrap(BODY, signed(OTHER), secret=ROTATED)

        found = kind.run(cls, awaited if kind.asynchronous else sync, token="t", base_url=api.base_url)
        assert {type(view).__name__ for view in found} == {"AsyncPrediction" if kind.asynchronous else "Prediction"}
        assert len(api.seen) == 1
