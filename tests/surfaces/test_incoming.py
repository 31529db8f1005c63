"""Webhooks and callbacks on the receiving side: typed, and checked where the document says how they are signed.

Standard Webhooks' own example (its specification, "Signature scheme", and the vectors of its libraries) is the oracle.
"""

from __future__ import annotations

import importlib
import json
import sys
import time
from base64 import b64decode, b64encode
from collections.abc import Iterator
from hmac import digest
from pathlib import Path
from typing import Any

import pytest

from generator import pipeline

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


def request(schema: Any, **more: Any) -> dict[str, Any]:
    return {"requestBody": {"content": {"application/json": {"schema": schema}}}, "responses": {}, **more}


def header(name: str) -> dict[str, Any]:
    return {"name": name, "in": "header", "schema": {"type": "string"}}


PET = {"type": "object", "properties": {"name": {"type": "string"}, "born": {"type": "string", "format": "date-time"}}}
SIGNED = [header(name) for name in ("Webhook-Id", "Webhook-Timestamp", "Webhook-Signature")]
DOCUMENT: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "Zoo", "version": "1"},
    "paths": {
        "/subscribe": {
            "post": {
                "operationId": "subscribe",
                "responses": {},
                # OpenAPI 3.1.1, 4.8.18.2: a callback by an expression of the request
                "callbacks": {
                    "petSold": {"{$request.body#/url}": {"post": request({"$ref": "#/components/schemas/Pet"})}}
                },
            }
        }
    },
    "webhooks": {
        "newPet": {"post": request({"$ref": "#/components/schemas/Pet"}, summary="A pet came.", parameters=SIGNED)},
        "petSold": {"post": request({"$ref": "#/components/schemas/Pet"})},
        "class": {"post": request({"type": "array", "items": {"type": "integer"}})},
        "ping": {"post": {"responses": {}}},
    },
    "components": {"schemas": {"Pet": PET}},
}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("incoming")
    (folder / "api.json").write_text(json.dumps(DOCUMENT), "utf-8")
    report = pipeline.generate(pipeline.Inputs(folder / "api.json"), folder / "out", ("python", "docs"))
    assert [(loss.kind, loss.pointer) for loss in report.losses] == [("dropped", "/webhooks/ping/post")]
    sys.path.insert(0, str(folder / "out/python"))
    yield folder / "out"
    sys.path.remove(str(folder / "out/python"))


@pytest.fixture
def incoming(made: Path) -> Any:
    return importlib.import_module("zoo_kit.incoming")


def errors() -> Any:
    return importlib.import_module("zoo_kit.runtime.errors")


def signed(body: bytes, when: int) -> dict[str, str]:
    """The headers of a request, made by the scheme's own words: HMAC-SHA256 over `id.timestamp.body`."""
    content = b".".join((b"msg_1", str(when).encode(), body))
    made = b64encode(digest(b64decode(SECRET.removeprefix("whsec_")), content, "sha256")).decode()
    return {"webhook-id": "msg_1", "webhook-timestamp": str(when), "webhook-signature": f"v1,{made}"}


def test_every_request_has_a_function_of_its_own(incoming: Any) -> None:
    assert sorted(incoming.__all__) == ["class_", "new_pet", "pet_sold", "subscribe_pet_sold"]


def test_a_body_is_a_typed_view(incoming: Any) -> None:
    pet = incoming.pet_sold(b'{"name": "Rex", "born": "2026-01-02T03:04:05Z", "more": 1}')
    assert (type(pet).__name__, pet.name, pet.born.year) == ("Pet", "Rex", 2026)
    assert pet.to_dict()["more"] == 1
    assert incoming.class_("[1, 2]") == [1, 2]


def test_a_signature_is_checked(incoming: Any) -> None:
    body, now = b'{"name": "Rex"}', int(time.time())
    assert incoming.new_pet(body, signed(body, now), secret=SECRET).name == "Rex"
    for wrong, headers in ((b'{"name": "Max"}', signed(body, now)), (body, signed(body, now - 3600)), (body, {})):
        with pytest.raises(errors().WebhookError):
            incoming.new_pet(wrong, headers, secret=SECRET)
    with pytest.raises(TypeError):
        incoming.new_pet(body)


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"1", "nul", b"\xff", b"[" * 100_000])
def test_what_is_no_body(body: bytes | str, incoming: Any) -> None:
    with pytest.raises(errors().WebhookError):
        incoming.pet_sold(body)


def test_the_docs_show_a_handler_that_runs(made: Path, incoming: Any) -> None:
    page = (made / "docs/pages/guides/incoming.md").read_text("utf-8")
    assert "- `zoo_kit.incoming.new_pet`: POST `newPet`; it is signed. A pet came." in page
    assert "asked for by [Subscribe](../functions/subscribe.md)" in page
    handler: dict[str, Any] = {}
    exec(page.split("```python\n")[1].split("```")[0], handler)  # noqa: S102 - what a reader pastes
    body = b'{"name": "Rex"}'
    handler["handle"](body, signed(body, int(time.time())), SECRET)
