"""Logins against the mock: its OAuth 2 endpoints by the RFCs' own words, by authlib's client, and by the package's."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from authlib.integrations.httpx_client import OAuth2Client
from authlib.oidc.core import CodeIDToken
from forking import Forked, Forking
from hanging import HANGS
from joserfc import jwt
from joserfc.jwk import KeySet

from generator import pipeline

ANSWER = {"200": {"description": "OK", "content": {"application/json": {"schema": {"type": "object"}}}}}
SCOPES = {"read": "Reads.", "write": "Writes."}
# Relative, on the API's own origin, below its path, and elsewhere.
SCHEMES: dict[str, Any] = {
    "person": {
        "type": "oauth2",
        "flows": {
            "authorizationCode": {
                "authorizationUrl": "https://vault.invalid/oauth/authorize",
                "tokenUrl": "https://vault.invalid/v1/oauth/token",
                "refreshUrl": "/oauth/refresh",
                "scopes": SCOPES,
            },
            "deviceAuthorization": {
                "deviceAuthorizationUrl": "oauth/device",
                "tokenUrl": "https://vault.invalid/v1/oauth/token",
                "scopes": SCOPES,
            },
        },
    },
    "service": {
        "type": "oauth2",
        "flows": {
            "clientCredentials": {"tokenUrl": "https://login.invalid/token", "scopes": SCOPES},
            "password": {"tokenUrl": "https://login.invalid/token", "scopes": {}},
        },
    },
    "id": {"type": "openIdConnect", "openIdConnectUrl": "https://id.invalid/tenant/.well-known/openid-configuration"},
    "own": {"type": "openIdConnect", "openIdConnectUrl": "openid.json"},
}
NEEDS: dict[str, Any] = {
    "read": {"person": ["read"]},
    "write": {"person": ["write"]},
    "serve": {"service": ["read"]},
    "know": {"id": ["all"]},
    "show": {"own": []},
}
DOCUMENT = {
    "openapi": "3.2.0",
    "info": {"title": "Vault", "version": "1"},
    "servers": [{"url": "https://vault.invalid/v1"}],
    "paths": {
        f"/{key}": {"get": {"operationId": f"do.{key}", "security": [needs], "responses": ANSWER}}
        for key, needs in NEEDS.items()
    },
    "components": {"securitySchemes": SCHEMES},
}
APP = "an-app"
# RFC 7636, appendix B.
VERIFIER, CHALLENGE = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
DEVICE = "urn:ietf:params:oauth:grant-type:device_code"
BACK = "http://127.0.0.1:5/callback"


class Clock:
    """The mock's."""

    now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    made = tmp_path_factory.mktemp("logins")
    (made / "openapi.json").write_text(json.dumps(DOCUMENT), "utf-8")
    pipeline.generate(pipeline.Inputs(made / "openapi.json"), made / "out")
    forgotten()
    sys.path.insert(0, str(made / "out/python"))
    yield made
    sys.path.remove(str(made / "out/python"))
    forgotten()


def forgotten() -> None:
    """Imports nothing of another package of this name, nor leaves its own to others."""
    for name in [name for name in sys.modules if name.partition(".")[0] == "vault_kit"]:
        del sys.modules[name]


@pytest.fixture(scope="module")
def forking(folder: Path) -> Iterator[Forking]:
    made = Forking("vault_kit", str(folder / "out/python"))
    yield made
    made.close()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def mock(folder: Path, tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    from vault_kit.mock.server import serve

    monkeypatch.setenv("VAULT_KIT_CONFIG", str(tmp_path / "config.json"))
    with serve(now=clock) as running:
        monkeypatch.setenv("VAULT_KIT_AUTH_URL", running.environment()["VAULT_KIT_AUTH_URL"])
        yield running


def origin(mock: Any) -> str:
    return str(mock.base_url).removesuffix("/v1")


def posted(
    url: str, form: dict[str, str] | str, media: str = "application/x-www-form-urlencoded", **headers: str
) -> Any:
    """The status, the JSON and the headers of an answer."""
    content = (form if isinstance(form, str) else urlencode(form)).encode()
    request = urllib.request.Request(url, content, {"Content-Type": media, **headers})
    try:
        with urllib.request.urlopen(request, timeout=HANGS) as answer:
            return answer.status, json.load(answer), answer.headers
    except HTTPError as error:
        return error.code, json.load(error), error.headers


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        return None


def authorized(mock: Any, **more: str) -> tuple[int, dict[str, str], str]:
    """The status of the authorization endpoint, the query that it leads to, and where."""
    asks = {"response_type": "code", "client_id": APP, "redirect_uri": BACK, "state": "s&1"}
    asks |= {"code_challenge": CHALLENGE, "code_challenge_method": "S256"} | more
    query = urlencode({name: value for name, value in asks.items() if value})
    try:
        urllib.request.build_opener(_Stay).open(f"{origin(mock)}/oauth/authorize?{query}", timeout=HANGS)
    except HTTPError as error:
        where = error.headers.get("Location", "")
        return error.code, dict(parse_qsl(urlsplit(where).query)), where.partition("?")[0]
    raise AssertionError("it neither refuses nor leads on")


def called(mock: Any, path: str, token: str) -> tuple[int, str]:
    request = urllib.request.Request(f"{mock.base_url}/{path}", headers={"Authorization": f"Bearer {token}"})
    try:
        with urllib.request.urlopen(request, timeout=HANGS) as answer:
            return answer.status, ""
    except HTTPError as error:
        return error.code, error.headers.get("WWW-Authenticate", "")


def exchange(mock: Any, given: str, **more: str) -> Any:
    form = {"grant_type": "authorization_code", "code": given, "redirect_uri": BACK, "client_id": APP}
    return posted(f"{mock.base_url}/oauth/token", form | {"code_verifier": VERIFIER} | more)


def test_a_code_is_exchanged_once(mock: Any, clock: Clock) -> None:
    """RFC 6749, 4.1 and 5.1; RFC 7636, 4.6 with the example of appendix B."""
    status, query, where = authorized(mock, scope="read")
    assert (status, where, query["state"]) == (302, BACK, "s&1")
    status, token, headers = exchange(mock, query["code"])
    assert status == 200 and token["token_type"] == "Bearer" and token["scope"] == "read"
    assert headers["Cache-Control"] == "no-store" and headers["Pragma"] == "no-cache"
    assert called(mock, "read", token["access_token"])[0] == 200
    # RFC 6750, 3.1; and what is for one scheme is for no other.
    assert called(mock, "write", token["access_token"]) == (403, 'Bearer error="insufficient_scope", scope="write"')
    assert called(mock, "serve", token["access_token"])[0] == 401
    # 4.1.2: a code that comes twice ends what came of it.
    assert exchange(mock, query["code"])[1]["error"] == "invalid_grant"
    assert called(mock, "read", token["access_token"])[0] == 401


def test_a_token_ends(mock: Any, clock: Clock) -> None:
    token = exchange(mock, authorized(mock)[1]["code"])[1]
    clock.now += token["expires_in"] - 1
    assert called(mock, "write", token["access_token"])[0] == 200
    clock.now += 1
    assert called(mock, "write", token["access_token"])[0] == 401
    code = authorized(mock)[1]["code"]
    clock.now += 600  # 4.1.2: ten minutes are the most
    assert exchange(mock, code)[1]["error"] == "invalid_grant"


@pytest.mark.parametrize(
    "wrong",
    [
        {"code_verifier": ""},
        {"code_verifier": "x" * 43},
        {"code_verifier": CHALLENGE},  # as `plain` would have it
        {"redirect_uri": "http://127.0.0.1:6/callback"},
        {"client_id": "another"},
        {"code": "guessed"},
    ],
)
def test_a_code_of_another_is_no_grant(mock: Any, wrong: dict[str, str]) -> None:
    status, answer, _ = exchange(mock, authorized(mock)[1]["code"], **wrong)
    assert (status, answer["error"]) == (400, "invalid_grant")


def test_a_code_without_a_challenge_is_for_confidential_clients(mock: Any) -> None:
    bare = {"code_challenge": "", "code_challenge_method": ""}
    assert exchange(mock, authorized(mock, **bare)[1]["code"], code_verifier="")[1]["error"] == "invalid_grant"
    secret = {"client_secret": mock.token, "code_verifier": ""}
    assert exchange(mock, authorized(mock, **bare)[1]["code"], **secret)[0] == 200


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": ""}, "invalid_request"),
        ({"scope": "admin"}, "invalid_scope"),
        ({"scope": 'a"b'}, "invalid_scope"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge_method": ""}, "invalid_request"),
        ({"code_challenge": "short"}, "invalid_request"),
    ],
)
def test_what_is_refused_is_led_back(mock: Any, wrong: dict[str, str], error: str) -> None:
    """RFC 6749, 4.1.2.1; RFC 7636, 4.4.1."""
    status, query, where = authorized(mock, **wrong)
    assert (status, where, query["error"], query["state"]) == (302, BACK, error, "s&1") and "code" not in query


@pytest.mark.parametrize(
    "back",
    [
        "",
        "https://elsewhere.invalid/",
        "http://elsewhere.invalid/",
        "http://127.0.0.1@elsewhere.invalid/",
        "http://127.0.0.1.elsewhere.invalid/",
        "http://elsewhere.invalid\\@127.0.0.1/",
        "http://127.0.0.1:5/#here",
        "http://127.0.0.1:5/\r\nSet-Cookie: a=b",
        "http://127.0.0.1:99999/",
        "javascript://127.0.0.1/%0aalert(1)",
        "//127.0.0.1/",
    ],
)
def test_nobody_is_led_to_another_machine(mock: Any, back: str) -> None:
    """RFC 6749, 4.1.2.1: where the redirect URI is wrong, nobody is sent anywhere."""
    status, query, where = authorized(mock, redirect_uri=back)
    assert (status, query, where) == (400, {}, "")


def test_a_refresh_token_serves_once(mock: Any) -> None:
    """RFC 6749, 6, at the `refreshUrl`; RFC 9700, 4.14.2: one that comes twice ends the grant."""
    first = exchange(mock, authorized(mock)[1]["code"])[1]
    url = f"{origin(mock)}/oauth/refresh"
    form = {"grant_type": "refresh_token", "client_id": APP, "refresh_token": first["refresh_token"]}
    assert posted(url, form | {"scope": "admin"})[1]["error"] == "invalid_scope"
    assert posted(url, form | {"client_id": "another"})[1]["error"] == "invalid_grant"
    status, second, _ = posted(url, form | {"scope": "read"})
    assert status == 200 and second["refresh_token"] != first["refresh_token"] and second["scope"] == "read"
    assert called(mock, "write", second["access_token"])[0] == 403
    assert posted(url, form)[1]["error"] == "invalid_grant"
    assert posted(url, form | {"refresh_token": second["refresh_token"]})[1]["error"] == "invalid_grant"
    assert called(mock, "read", second["access_token"])[0] == 401


@pytest.mark.parametrize(
    ("form", "headers", "status", "error"),
    [
        ({"grant_type": "client_credentials", "client_id": APP}, {}, 401, "invalid_client"),
        ({"grant_type": "client_credentials", "client_id": APP, "client_secret": "x"}, {}, 401, "invalid_client"),
        ({"grant_type": "client_credentials"}, {"Authorization": "Basic YTpi"}, 401, "invalid_client"),
        ({"grant_type": "client_credentials"}, {"Authorization": "Basic !"}, 401, "invalid_client"),
        ({"grant_type": "password", "client_id": APP, "username": "a", "password": "x"}, {}, 400, "invalid_grant"),
        ({"grant_type": "authorization_code", "client_id": APP}, {}, 400, "unsupported_grant_type"),
        ({"client_id": APP}, {}, 400, "invalid_request"),
        ("grant_type=password&grant_type=password&client_id=a", {}, 400, "invalid_request"),
        ("&".join(f"{n}=1" for n in range(100)), {}, 400, "invalid_request"),
        ({"grant_type": "password", "client_id": "a" * 100_000}, {}, 400, "invalid_request"),
    ],
)
def test_each_refusal_has_its_error(mock: Any, form: Any, headers: dict[str, str], status: int, error: str) -> None:
    """RFC 6749, 5.2: where the client used the header, the challenge is told."""
    found, answer, told = posted(f"{origin(mock)}/token", form, **headers)
    assert (found, answer["error"]) == (status, error) and answer["error_description"].isascii()
    assert ("WWW-Authenticate" in told) == bool(headers) and told["Cache-Control"] == "no-store"


def test_what_is_no_form_is_refused(mock: Any) -> None:
    status, answer, _ = posted(f"{origin(mock)}/token", '{"grant_type": "password"}', "application/json")
    assert (status, answer["error"]) == (400, "invalid_request")


def test_another_client_gets_its_tokens(mock: Any) -> None:
    """authlib's: client credentials by header, and a password."""
    with OAuth2Client(APP, mock.token, token_endpoint=f"{origin(mock)}/token", scope="read") as client:
        token = client.fetch_token(grant_type="client_credentials")
        assert "refresh_token" not in token, "RFC 6749, 4.4.3"
        assert client.get(f"{mock.base_url}/serve").status_code == 200
        token = client.fetch_token(username="ada", password=mock.token)
        assert client.get(f"{mock.base_url}/serve").status_code == 200
        again = client.refresh_token(f"{origin(mock)}/token", token["refresh_token"])
        assert again["access_token"] != token["access_token"]
        assert client.get(f"{mock.base_url}/serve").status_code == 200


def begun(mock: Any) -> Any:
    return posted(f"{mock.base_url}/oauth/device", {"client_id": APP, "scope": "read"})[1]


def polled(mock: Any, code: str) -> Any:
    form = {"grant_type": DEVICE, "client_id": APP, "device_code": code}
    return posted(f"{mock.base_url}/oauth/token", form)[1]


def typed(url: str, **form: str) -> int:
    try:
        with urllib.request.urlopen(url, urlencode(form).encode(), timeout=HANGS) as answer:
            return int(answer.status)
    except HTTPError as error:
        return error.code


def test_a_device_waits_for_a_person(mock: Any, clock: Clock) -> None:
    """RFC 8628, 3.2 to 3.5."""
    found = begun(mock)
    code = found["device_code"]
    assert found["user_code"] in found["verification_uri_complete"] and found["expires_in"] > found["interval"] > 0
    with urllib.request.urlopen(found["verification_uri_complete"], timeout=HANGS) as page:
        assert found["user_code"] in page.read().decode()
    assert polled(mock, code)["error"] == "authorization_pending", "to look at the page is not to agree"
    assert polled(mock, code)["error"] == "slow_down"
    clock.now += found["interval"] + 5
    assert polled(mock, code)["error"] == "authorization_pending"
    assert typed(found["verification_uri"], user_code="BBBB-BBBB") == 400
    assert typed(found["verification_uri"], user_code=found["user_code"].lower().replace("-", " ")) == 200
    token = polled(mock, code)
    assert called(mock, "read", token["access_token"])[0] == 200 and token["refresh_token"]
    assert polled(mock, code)["error"] == "invalid_grant"
    other = begun(mock)
    assert typed(other["verification_uri"], user_code=other["user_code"], answer="deny") == 200
    assert polled(mock, other["device_code"])["error"] == "access_denied"
    late = begun(mock)
    clock.now += late["expires_in"]
    assert typed(late["verification_uri"], user_code=late["user_code"]) == 400
    assert polled(mock, late["device_code"])["error"] == "expired_token"


def test_what_is_kept_is_bounded(mock: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from vault_kit.mock import grants

    monkeypatch.setattr(grants, "MOST", 3)
    form = {"grant_type": "client_credentials", "client_id": APP, "client_secret": mock.token}
    found = [posted(f"{origin(mock)}/token", form)[1]["access_token"] for _ in range(4)]
    assert [called(mock, "serve", each)[0] for each in found] == [401, 200, 200, 200]
    mock.reset()
    assert called(mock, "serve", found[-1])[0] == 401


# The package's own client


def client(mock: Any, **given: Any) -> Any:
    import vault_kit

    return vault_kit.Vault(base_url=mock.base_url, **given)


def operation(key: str) -> Any:
    from vault_kit.operations import OPERATIONS

    return OPERATIONS[f"vault_do_{key}"]


def test_the_client_fetches_its_tokens(mock: Any) -> None:
    """At an endpoint of another host, which the variable that the mock tells of leads to the mock."""
    with client(mock, service={"client_id": APP, "client_secret": mock.token}) as made:
        assert made.call(operation("serve"), {}) == {}


def test_a_device_of_the_client_is_approved(mock: Any, clock: Clock) -> None:
    from vault_kit import credentials
    from vault_kit.runtime import login

    slept: list[float] = []

    def sleep(seconds: float) -> None:
        clock.sleep(seconds)
        slept.append(seconds)
        if len(slept) == 2:
            assert typed(shown[0][0], user_code=shown[0][1]) == 200

    shown: list[tuple[str, str]] = []
    with client(mock) as made:
        person = next(each for each in credentials.SCHEMES if each.key == "person")
        found = login.device(made, person, {"client_id": APP}, "read", lambda *each: shown.append(each), sleep)
    assert called(mock, "read", found.access)[0] == 200 and slept == [1.0, 1.0]


def test_an_endpoint_of_the_api_is_where_the_api_is_called(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from vault_kit.runtime.oauth import moved

    monkeypatch.delenv("VAULT_KIT_AUTH_URL", raising=False)
    for url, base, wanted in (
        (
            "https://vault.invalid/v1/oauth/token",
            "http://127.0.0.1:9/gate/v1",
            "http://127.0.0.1:9/gate/v1/oauth/token",
        ),
        (
            "https://vault.invalid/oauth/authorize?a=b",
            "http://127.0.0.1:9/v1",
            "http://127.0.0.1:9/oauth/authorize?a=b",
        ),
        ("https://vault.invalid/oauth/token", "https://vault.invalid/v1", "https://vault.invalid/oauth/token"),
        ("https://vault.invalid.example/token", "http://127.0.0.1:9/v1", "https://vault.invalid.example/token"),
        ("https://login.invalid/token", "http://127.0.0.1:9/v1", "https://login.invalid/token"),
        ("/oauth/token", "http://127.0.0.1:9/v1", "/oauth/token"),
    ):
        assert moved(url, base) == wanted


def fetched(url: str) -> Any:
    with urllib.request.urlopen(url, timeout=HANGS) as answer:
        assert answer.headers["Content-Type"] == "application/json"
        return json.load(answer)


@pytest.mark.parametrize(
    ("issuer", "discovery"), [("/tenant", "/tenant/.well-known/openid-configuration"), ("/v1", "/v1/openid.json")]
)
def test_an_openid_provider_describes_itself(mock: Any, issuer: str, discovery: str) -> None:
    """OpenID Connect Discovery 1.0, 3: what must be there; 4.3: the issuer is that of the address. RFC 8414, 2; RFC 8628, 4."""
    found = fetched(origin(mock) + discovery)
    required = {"issuer", "authorization_endpoint", "token_endpoint", "jwks_uri", "response_types_supported"}
    required |= {"subject_types_supported", "id_token_signing_alg_values_supported"}
    assert required <= {*found} and found["issuer"] == origin(mock) + issuer
    assert "RS256" in found["id_token_signing_alg_values_supported"] and "openid" in found["scopes_supported"]
    assert "authorization_code" in found["grant_types_supported"] and DEVICE in found["grant_types_supported"]
    keys = fetched(found["jwks_uri"])
    assert [key["kty"] for key in keys["keys"]] == ["RSA"] and "d" not in keys["keys"][
        0
    ], "RFC 7518, 6.3.2: no private part"
    with OAuth2Client(APP, token_endpoint=found["token_endpoint"], code_challenge_method="S256") as other:
        url, state = other.create_authorization_url(
            found["authorization_endpoint"], code_verifier=VERIFIER, redirect_uri=BACK, nonce="n-0S6"
        )
        with pytest.raises(HTTPError) as led:
            urllib.request.build_opener(_Stay).open(url, timeout=HANGS)
        back = led.value.headers["Location"]
        led.value.close()
        token = other.fetch_token(authorization_response=back, state=state, code_verifier=VERIFIER, redirect_uri=BACK)
        # OpenID Connect Core 1.0, 3.1.3.7: joserfc verifies the signature, authlib the claims.
        signed = jwt.decode(token["id_token"], KeySet.import_key_set(keys), algorithms=["RS256"])
        wanted = {"iss": {"value": found["issuer"]}, "aud": {"value": APP}}
        own = {"client_id": APP, "nonce": "n-0S6", "access_token": token["access_token"]}
        claims = CodeIDToken(signed.claims, signed.header, wanted, own)
        claims.validate()
        path = "know" if issuer == "/tenant" else "show"
        assert other.get(f"{mock.base_url}/{path}").status_code == 200
        assert other.get(f"{mock.base_url}/read").status_code == 401


@pytest.mark.parametrize(("scheme", "path"), [("id", "know"), ("own", "show")])
def test_a_device_of_a_provider_is_approved(mock: Any, clock: Clock, scheme: str, path: str) -> None:
    """Whose endpoints the client knows of its discovery document alone."""
    from vault_kit import credentials
    from vault_kit.runtime import login

    with client(mock) as made:
        wanted = next(each for each in credentials.SCHEMES if each.key == scheme)
        found = login.device(
            made, wanted, {"client_id": APP}, "", lambda page, code: typed(page, user_code=code), clock.sleep
        )
    assert called(mock, path, found.access)[0] == 200


@pytest.mark.parametrize(
    ("way", "scheme", "path"),
    [("--browser", "person", "write"), ("--device", "person", "write"), ("--browser", "id", "know")],
)
def test_the_command_logs_in(way: str, scheme: str, path: str, forking: Forking, folder: Path, mock: Any) -> None:
    """As against authlib's server: what is stored is refreshed by the next command, once it has expired."""
    browser = f'{sys.executable} -c "import sys, urllib.request as u; u.urlopen(sys.argv[1], timeout=600)" %s &'
    env = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(folder / "out/python"),
        "HOME": str(folder),
        "BROWSER": browser,
        "VAULT_KIT_CONFIG": os.environ["VAULT_KIT_CONFIG"],
        "VAULT_BASE_URL": mock.base_url,
        "VAULT_KIT_AUTH_URL": os.environ["VAULT_KIT_AUTH_URL"],
    }

    def ran(*words: str) -> Any:
        return Forked(forking, list(words), env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    with ran("auth", "login", way, "--client-id", APP, "--scheme", scheme) as process:
        if way == "--device":
            line = process.stderr.readline().decode().split()
            assert typed(line[1], user_code=line[-1]) == 200
        out, told = process.communicate(timeout=HANGS)
    assert process.returncode == 0, told
    assert json.loads(out)["scheme"] == scheme
    config = Path(os.environ["VAULT_KIT_CONFIG"])
    settings = json.loads(config.read_text())
    parts = settings["accounts"]["default"]["credentials"][scheme]
    parts["expires_at"] = "1"
    config.write_text(json.dumps(settings))
    with ran("call", f"do.{path}", "{}") as process:
        out, told = process.communicate(timeout=HANGS)
    assert process.returncode == 0 and json.loads(out) == {}, told
    kept = json.loads(config.read_text())["accounts"]["default"]["credentials"][scheme]
    assert kept["refresh_token"] != parts["refresh_token"]
