"""Tokens that are fetched, against an authorization server of another make: RFC 6749, 7636, 8252, 8628, OIDC Discovery."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import parse_qs, urlsplit

import pytest
from authorization_server import CONFIDENTIAL, PUBLIC, SECRET, World, serving
from forking import Forked, Forking
from hanging import HANGS

from generator import pipeline

ANSWER = {"200": {"description": "OK", "content": {"application/json": {"schema": {"type": "object"}}}}}
SCOPES = {"read": "Reads.", "write": "Writes."}
SCHEMES: dict[str, Any] = {
    "person": {
        "type": "oauth2",
        "flows": {
            "authorizationCode": {"authorizationUrl": "/oauth/authorize", "tokenUrl": "/oauth/token", "scopes": SCOPES},
            "deviceAuthorization": {
                "deviceAuthorizationUrl": "/oauth/device",
                "tokenUrl": "/oauth/token",
                "scopes": SCOPES,
            },
        },
    },
    "service": {"type": "oauth2", "flows": {"clientCredentials": {"tokenUrl": "/oauth/token", "scopes": SCOPES}}},
    "oidc": {"type": "openIdConnect", "openIdConnectUrl": "/.well-known/openid-configuration"},
}
REQUIRED = {"person": ["read", "write"], "service": ["read"], "oidc": []}
DOCUMENT = {
    "openapi": "3.2.0",
    "info": {"title": "Bank", "version": "1"},
    "servers": [{"url": "https://bank.invalid/v1"}],
    "security": [{"person": ["read", "write"]}],
    "paths": {
        f"/{key}": {"get": {"operationId": f"as.{key}", "security": [{key: scopes}], "responses": ANSWER}}
        for key, scopes in REQUIRED.items()
    },
    "components": {"securitySchemes": SCHEMES},
}
SERVICE = {"client_id": CONFIDENTIAL, "client_secret": SECRET}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    made = tmp_path_factory.mktemp("oauth")
    (made / "openapi.json").write_text(json.dumps(DOCUMENT), "utf-8")
    pipeline.generate(pipeline.Inputs(made / "openapi.json"), made / "out")
    sys.path.insert(0, str(made / "out/python"))
    yield made
    sys.path.remove(str(made / "out/python"))


@pytest.fixture(scope="module")
def forking(folder: Path) -> Iterator[Forking]:
    made = Forking("bank_kit", str(folder / "out/python"))
    yield made
    made.close()


@pytest.fixture
def world(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    monkeypatch.setenv("BANK_KIT_CONFIG", str(tmp_path / "config.json"))
    with serving() as running:
        yield running


def client(world: World, **given: Any) -> Any:
    import bank_kit as bank

    return bank.Bank(base_url=f"{world.origin}/v1", **given)


def operation(key: str) -> Any:
    from bank_kit.operations import OPERATIONS

    return OPERATIONS[f"bank_as_{key}"]


def test_client_credentials_are_fetched_once(world: World) -> None:
    with client(world, service=SERVICE) as made:
        assert [made.call(operation("service"), {}) for _ in range(3)] == [{"ok": True}] * 3
    assert [(each["grant_type"], each["scope"]) for each in world.asked] == [("client_credentials", "read")]
    # RFC 6749, 2.3.1 and appendix B: "service" and "s3cret/of+service%", form-urlencoded, then in base64.
    assert world.asked[0]["authorization"] == "Basic c2VydmljZTpzM2NyZXQlMkZvZiUyQnNlcnZpY2UlMjU="
    assert "client_secret" not in world.asked[0] and len(set(world.called)) == 1


def test_an_asynchronous_client_fetches_once_for_many_calls(world: World) -> None:
    import bank_kit as bank

    async def calls() -> list[Any]:
        async with bank.AsyncBank(base_url=f"{world.origin}/v1", service=SERVICE) as made:
            return list(await asyncio.gather(*(made.call(operation("service"), {}) for _ in range(8))))

    assert asyncio.run(calls()) == [{"ok": True}] * 8
    assert len(world.asked) == 1


def test_threads_share_one_token(world: World) -> None:
    with client(world, service=SERVICE) as made, ThreadPoolExecutor(8) as pool:
        assert list(pool.map(lambda _: made.call(operation("service"), {}), range(16))) == [{"ok": True}] * 16
    assert len(world.asked) == 1


def test_a_stream_is_authorized_as_well(world: World) -> None:
    with client(world, service=SERVICE) as made, made.answer_stream(operation("service"), {}) as answer:
        assert json.loads(b"".join(answer.iter_bytes())) == {"ok": True}


def test_one_that_expires_is_fetched_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    real = time.time
    with client(world, service=SERVICE) as made:
        made.call(operation("service"), {})
        monkeypatch.setattr(time, "time", lambda: real() + 3590)
        made.call(operation("service"), {})
    assert len(world.asked) == 2, "it is not used in its last seconds"


def test_one_that_is_refused_is_fetched_anew_once(world: World) -> None:
    import bank_kit as bank

    with client(world, service=SERVICE) as made:
        made.call(operation("service"), {})
        world.revoke()
        assert made.call(operation("service"), {}) == {"ok": True}
        assert len(world.asked) == 2 and len(world.called) == 3
        world.rejecting = True
        with pytest.raises(bank.AuthenticationError):
            made.call(operation("service"), {})
        assert len(world.asked) == 3 and len(world.called) == 5


def test_a_wrong_secret_is_told_and_not_shown(world: World) -> None:
    import bank_kit as bank

    with (
        client(world, service={**SERVICE, "client_secret": "another-secret"}) as made,
        pytest.raises(bank.AuthenticationError, match="invalid_client") as caught,
    ):
        made.call(operation("service"), {})
    assert "another-secret" not in str(caught.value) and not world.called


def test_what_was_given_for_one_scheme_is_not_used_for_another(world: World) -> None:
    import bank_kit as bank

    with client(world, service=SERVICE) as made, pytest.raises(bank.ConfigError, match="BANK_API_TOKEN"):
        made.call(operation("person"), {})
    assert not world.asked and not world.called


def test_a_provider_is_discovered(world: World) -> None:
    with client(world, oidc=SERVICE) as made:
        assert made.call(operation("oidc"), {}) == {"ok": True}


@pytest.mark.parametrize("issuer", ["https://another.example", "http://127.0.0.1", ""])
def test_a_provider_that_speaks_for_another_is_refused(world: World, issuer: str) -> None:
    """OpenID Connect Discovery 1.0, 4.3: the issuer must be that of the address."""
    import bank_kit as bank

    world.issuer = issuer
    with client(world, oidc=SERVICE) as made:
        if issuer:
            with pytest.raises(bank.ResponseError, match="another issuer"):
                made.call(operation("oidc"), {})
            assert not world.asked
        else:
            made.call(operation("oidc"), {})


def visited(url: str) -> None:
    """A browser, whose person agrees: it follows the redirect to the loopback interface."""
    threading.Thread(target=lambda: urllib.request.urlopen(url, timeout=HANGS).read()).start()


def test_a_person_logs_in_with_a_browser(world: World) -> None:
    from bank_kit import credentials
    from bank_kit.runtime import login

    with client(world) as made:
        found = login.browser(made, credentials.SCHEMES[0], {"client_id": PUBLIC}, "read", visited)
    [asked] = world.authorized
    assert asked["code_challenge_method"] == "S256" and asked["response_type"] == "code" and asked["scope"] == "read"
    assert urlsplit(asked["redirect_uri"]).hostname == "127.0.0.1"
    [exchanged] = world.asked
    assert 43 <= len(exchanged["code_verifier"]) <= 128, "RFC 7636, 4.1"
    assert exchanged["client_id"] == PUBLIC and not exchanged["authorization"]
    assert world.valid(found.access) and found.refresh and found.access not in repr(found)


def test_who_does_not_know_the_state_is_not_heard(world: World) -> None:
    """RFC 6749, 10.12."""
    from bank_kit import credentials
    from bank_kit.runtime import login

    def forged(url: str) -> None:
        back = parse_qs(urlsplit(url).query)["redirect_uri"][0]

        def attack() -> None:
            for query in ("code=stolen&state=guess", "code=stolen", "error=access_denied&state="):
                with pytest.raises(HTTPError):
                    urllib.request.urlopen(f"{back}?{query}", timeout=HANGS)
            visited(url)

        threading.Thread(target=attack).start()

    with client(world) as made:
        found = login.browser(made, credentials.SCHEMES[0], {"client_id": PUBLIC}, "", forged)
    assert world.valid(found.access) and all(each["code"] != "stolen" for each in world.asked)


def test_a_person_who_refuses_is_told(world: World) -> None:
    import bank_kit as bank
    from bank_kit import credentials
    from bank_kit.runtime import login

    def refused(url: str) -> None:
        query = parse_qs(urlsplit(url).query)
        back, state = query["redirect_uri"][0], query["state"][0]
        visited(f"{back}?error=access_denied&error_description=No%21&state={state}")

    with client(world) as made, pytest.raises(bank.AuthenticationError, match="access_denied: No!"):
        login.browser(made, credentials.SCHEMES[0], {"client_id": PUBLIC}, "", refused)
    assert not world.asked


@pytest.mark.parametrize("approved", [True, False])
def test_a_person_logs_in_with_another_device(world: World, approved: bool) -> None:
    import bank_kit as bank
    from bank_kit import credentials
    from bank_kit.runtime import login

    world.polls_until_approved, world.approved, world.interval = 2, approved, 5
    slept: list[float] = []
    shown: list[tuple[str, str]] = []
    with client(world) as made:
        ways = (
            made,
            credentials.SCHEMES[0],
            {"client_id": PUBLIC},
            "read",
            lambda *told: shown.append(told),
            slept.append,
        )
        if approved:
            assert world.valid(login.device(*ways).access)
        else:
            with pytest.raises(bank.AuthenticationError, match="access_denied"):
                login.device(*ways)
    assert slept and len(world.asked) == 3 and shown[0][0] == f"{world.origin}/device"
    assert {each["grant_type"] for each in world.asked} == {"urn:ietf:params:oauth:grant-type:device_code"}


def ran(forking: Forking, folder: Path, world: World, *words: str, **more: str) -> tuple[int, bytes, bytes]:
    """The status of a command, and what it writes."""
    env = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(folder / "out/python"),
        "HOME": str(folder),
        "BANK_BASE_URL": f"{world.origin}/v1",
        "BANK_KIT_CONFIG": os.environ["BANK_KIT_CONFIG"],
        **more,
    }
    done = Forked(forking, list(words), env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    out, told = done.communicate(timeout=HANGS)
    return done.returncode, out, told


def run(forking: Forking, folder: Path, world: World, *words: str, **more: str) -> Any:
    status, out, told = ran(forking, folder, world, *words, **more)
    assert status == 0, told
    return json.loads(out)


def test_the_command_logs_in_and_each_refresh_token_serves_once(forking: Forking, folder: Path, world: World) -> None:
    """Rotation: authlib refuses a refresh token that was used before, so each command must have kept the new one."""
    browser = f'{sys.executable} -c "import sys, urllib.request as u; u.urlopen(sys.argv[1], timeout=600)" %s &'
    stored = run(forking, folder, world, "auth", "login", "--browser", "--client-id", PUBLIC, BROWSER=browser)
    assert stored["scheme"] == "person"
    assert world.authorized[0]["scope"] == "read write", "what functions require, where nothing is said"
    config = Path(os.environ["BANK_KIT_CONFIG"])
    assert config.stat().st_mode & 0o777 == 0o600
    kept = []
    for _ in range(3):
        assert run(forking, folder, world, "call", "bank_as_person", "{}") == {"ok": True}
        account = json.loads(config.read_text())["accounts"]["default"]
        kept.append(account["credentials"]["person"]["refresh_token"])
        world.revoke()
    assert len(set(kept)) == 3
    assert [each["grant_type"] for each in world.asked] == ["authorization_code", "refresh_token", "refresh_token"]
    [shown] = run(forking, folder, world, "auth", "status")
    assert shown["credentials"] == ["person"] and not any(text in json.dumps(shown) for text in kept)
    for each in world.tokens:
        each.revoked = True
    status, _, told = ran(forking, folder, world, "call", "bank_as_person", "{}")
    assert status == 4 and b"auth login" in told and kept[-1].encode() not in told


def test_an_endpoint_that_is_not_safe_is_in_the_ledger(tmp_path: Path) -> None:
    """RFC 6749, 3.2: TLS is required where secrets are sent."""
    document = json.loads(json.dumps(DOCUMENT))
    flow = document["components"]["securitySchemes"]["service"]["flows"]["clientCredentials"]
    flow["tokenUrl"] = "http://bank.example/token"
    (tmp_path / "openapi.json").write_text(json.dumps(document), "utf-8")
    api = pipeline.load(pipeline.Inputs(tmp_path / "openapi.json"))
    [loss] = [each for each in api.losses if each.pointer.endswith("/service/flows/clientCredentials")]
    assert loss.kind == "dropped" and "https" in loss.reason
    assert [part for part, _ in api.scheme("service").parts] == ["token"], "no client secret is asked for"


def test_half_a_credential_in_the_environment_stands_in_for_no_account(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What an account forbids holds for as long as its credentials are used."""
    from bank_kit.mcp.clients import Caller, owner
    from bank_kit.runtime import accounts, config

    account = accounts.Account("mine", "t-mine", permissions={"write": "deny"})
    accounts.save(accounts.Settings("mine", {"mine": account}))
    monkeypatch.setenv("BANK_SERVICE_CLIENT_ID", "half")
    assert config.load().token == "t-mine" and owner(Caller()) is not None
    monkeypatch.setenv("BANK_SERVICE_CLIENT_SECRET", "whole")
    assert config.load().token == "" and owner(Caller()) is None


def test_what_was_not_sent_is_not_told_as_begun(world: World) -> None:
    """An authorization server that fails has started nothing of the API."""
    import bank_kit as bank

    world.failing = True
    with client(world, service=SERVICE) as made, pytest.raises(bank.ResponseError, match="503 from .*/oauth/token"):
        made.call(operation("service"), {})
    assert not world.called
