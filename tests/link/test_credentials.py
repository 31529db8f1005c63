"""Security schemes and requirements as they are read: OAS 3.0.4 to 3.2.1, Security Scheme and Requirement Objects."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from generator import pipeline
from generator.errors import SpecError
from generator.ir import Api, Flow, Loss, Need, Scheme
from generator.surfaces.shared.security import kind_of

Json = dict[str, Any]
KEY, BEARER = {"type": "apiKey", "in": "header", "name": "X-Key"}, {"type": "http", "scheme": "bearer"}
CATALOG: Json = {
    "catalog": 1,
    "api": {"name": "pets", "title": "Pets", "package": "pets", "client": "Pets", "version": "1.0.0"},
    "functions": {"pets_get_pet": {"operation": "getPet", "type": "read", "title": "Get", "summary": "Gets it."}},
}


def api(folder: Path, schemes: Json, security: Any = None, own: Any = None, **more: Any) -> Api:
    """The IR of a document of one operation. own: its `security`; more: what stands in the catalog, and `auth`."""
    operation: Json = {"operationId": "getPet", "responses": {"204": {"description": "OK"}}}
    operation |= {} if own is None else {"security": own}
    document: Json = {"openapi": more.pop("version", "3.2.0"), "info": {"title": "Pets", "version": "1"}}
    document |= {"paths": {"/pet": {"get": operation}}, "components": {"securitySchemes": schemes}}
    document |= {} if security is None else {"security": security}
    (folder / "openapi.json").write_text(json.dumps(document), "utf-8")
    option = more.pop("option", "")
    catalog = None
    if more:
        catalog = folder / "catalog.yaml"
        said = {**CATALOG["functions"]["pets_get_pet"], **more.pop("function", {})}
        catalog.write_text(yaml.safe_dump({**CATALOG, **more, "functions": {"pets_get_pet": said}}), "utf-8")
    return pipeline.load(pipeline.Inputs(folder / "openapi.json", catalog, auth=option))


def reasons(made: Api) -> str:
    """What the ledger says of security."""
    return "\n".join(f"{each.kind} {each.pointer}: {each.reason}" for each in made.losses)


def test_schemes(tmp_path: Path) -> None:
    rows: list[tuple[Json, str, str, str, str]] = [
        ({"type": "apiKey", "in": "header", "name": "X-Key"}, "apiKey", "header", "X-Key", ""),
        ({"type": "apiKey", "in": "query", "name": "api key"}, "apiKey", "query", "api key", ""),
        ({"type": "apiKey", "in": "cookie", "name": "sid"}, "apiKey", "cookie", "sid", ""),
        ({"type": "http", "scheme": "Basic"}, "basic", "header", "Authorization", "Basic"),  # RFC 9110, 11.1: any case
        ({"type": "http", "scheme": "BEARER"}, "bearer", "header", "Authorization", "Bearer"),
        ({"type": "http", "scheme": "GNAP"}, "http", "header", "Authorization", "GNAP"),
        ({"type": "oauth2", "flows": {}}, "oauth2", "header", "Authorization", "Bearer"),
        ({"type": "openIdConnect", "openIdConnectUrl": "https://x.test/.well-known/openid-configuration"}, "openIdConnect", "header", "Authorization", "Bearer"),
        ({"type": "mutualTLS"}, "mutualTLS", "", "", ""),
    ]  # fmt: skip
    schemes = {f"it{number}": scheme for number, (scheme, *_) in enumerate(rows)}
    for version in ("3.0.4", "3.1.1", "3.2.0"):
        found = {
            each.key: each for each in api(tmp_path, schemes, [{key: []} for key in schemes], version=version).schemes
        }
        for key, (_, *expected) in zip(schemes, rows, strict=True):
            each = found[key]
            assert [each.kind, each.location, each.name, each.prefix] == expected, (version, schemes[key])


def test_flows(tmp_path: Path) -> None:
    """OAS 3.2.1, OAuth Flows Object: five of them, the device's new in 3.2."""
    base, scopes = "https://as.test/", {"b": "B.", "a": "A."}
    flows = {
        "implicit": {"authorizationUrl": base + "auth", "scopes": scopes},
        "password": {"tokenUrl": base + "token", "refreshUrl": base + "refresh", "scopes": scopes},
        "clientCredentials": {"tokenUrl": base + "token", "scopes": scopes},
        "authorizationCode": {"authorizationUrl": base + "auth", "tokenUrl": base + "token", "scopes": scopes},
        "deviceAuthorization": {"deviceAuthorizationUrl": base + "dev", "tokenUrl": base + "token", "scopes": scopes},
    }
    made = api(tmp_path, {"it": {"type": "oauth2", "flows": flows}}, [{"it": ["a", "b"]}])
    found = {flow.kind: flow for flow in made.schemes[0].flows}
    assert found.keys() == flows.keys()
    assert found["deviceAuthorization"].device_url == base + "dev" and found["password"].refresh_url == base + "refresh"
    assert found["implicit"].authorization_url == base + "auth"
    assert all(dict(flow.scopes) == scopes for flow in found.values())
    assert made.functions[0].security == ((Need(scheme="it", scopes=("a", "b")),),)
    assert "a token of its implicit flow is obtained in a browser at https://as.test/auth and pasted" in reasons(made)


def test_a_token_of_the_implicit_flow_is_pasted(tmp_path: Path) -> None:
    """RFC 6749, 4.2: it comes in the fragment of a URL that a browser is sent to, which no program here reads."""
    flows = {"implicit": {"authorizationUrl": "https://as.test/auth", "scopes": {}}}
    made = api(tmp_path, {"it": {"type": "oauth2", "flows": flows}}, [{"it": []}])
    assert [part for part, _ in made.schemes[0].parts] == ["token"]
    assert (
        kind_of(made.schemes[0])
        == "an OAuth 2 token, which is obtained in a browser at https://as.test/auth and pasted"
    )
    assert [loss.kind for loss in made.losses if "implicit" in loss.reason] == ["kept"]


@pytest.mark.parametrize(
    ("root", "own", "required", "anonymous"),
    [
        ([{"key": []}, {"bearer": []}], None, [["key"], ["bearer"]], False),
        ([{"key": [], "bearer": []}], None, [["key", "bearer"]], False),
        ([{"key": []}], [{"bearer": []}], [["bearer"]], False),
        ([{"key": []}], [], [], True),
        ([{"key": []}], [{}], [[]], True),
        ([{"key": []}, {}], None, [["key"], []], True),
        (None, [{"key": []}], [["key"]], False),
        (None, None, [], True),
        ([], None, [], True),
    ],
)
def test_requirements(tmp_path: Path, root: Any, own: Any, required: list[list[str]], anonymous: bool) -> None:
    [function] = api(tmp_path, {"key": KEY, "bearer": BEARER}, root, own).functions
    assert [[need.scheme for need in each] for each in function.security] == required
    assert function.anonymous is anonymous
    assert function.authenticated is any(required)


@pytest.mark.parametrize(
    ("schemes", "security", "required", "told"),
    [
        ({"key": {"type": "apiKey", "in": "body", "name": "x"}}, [{"key": []}], [], "apiKey body) is not supported"),
        ({"key": {"type": "apiKey", "in": "header", "name": "a b"}}, [{"key": []}], [], "is not a valid header name"),
        ({"key": {"type": "saml"}, "other": KEY}, [{"key": []}, {"other": []}], [["other"]], "needs the scheme 'key'"),
        ({"key": {"type": "saml"}, "other": KEY}, [{"key": [], "other": []}], [], "no alternative is supported"),
        ({"key": KEY}, [{"missing": []}, {"key": []}], [["key"]], "needs the scheme 'missing'"),
        ({"key": KEY, "other": BEARER}, [{"key": []}], [["key"]], "no operation requires the security scheme 'other'"),
        ({"key": KEY}, None, [], "no operation requires the security scheme 'key'"),
        ({"key": {"type": "http", "scheme": "hoba"}}, [{"key": []}], [["key"]], "is a challenge-response scheme"),
        ({"a": BEARER, "b": {"type": "http", "scheme": "basic"}}, [{"a": [], "b": []}], [["a"], ["b"]], "both use Authorization"),
    ],
)  # fmt: skip
def test_what_cannot_be_sent_is_in_the_ledger(
    tmp_path: Path, schemes: Json, security: Any, required: list[list[str]], told: str
) -> None:
    made = api(tmp_path, schemes, security)
    assert [[need.scheme for need in each] for each in made.functions[0].security] == required
    assert told in reasons(made)


@pytest.mark.parametrize(
    "url", ["http://as.test/token", "ftp://as.test/token", "https://user:x@as.test/token", "//as.test/token"]
)
def test_secrets_go_to_no_endpoint_like_this(tmp_path: Path, url: str) -> None:
    flows = {"clientCredentials": {"tokenUrl": url, "scopes": {}}}
    made = api(tmp_path, {"it": {"type": "oauth2", "flows": flows}}, [{"it": []}])
    assert made.schemes[0].flows[0].token_url == "" and "its token url" in reasons(made)


def test_every_credential_has_variables_of_its_own(tmp_path: Path) -> None:
    """However alike the names of schemes are, and whatever stands in the environment already."""
    schemes = {"api_token": BEARER, "apiToken": KEY, "api-token": KEY, "base_url": KEY, "config": KEY, "token": KEY}
    schemes |= {"basic": {"type": "http", "scheme": "basic"}, "username": KEY, "timeout": KEY, "class": KEY}
    made = api(tmp_path, schemes, [{key: []} for key in schemes])
    variables = [variable for each in made.schemes for _, variable in each.parts]
    assert len(variables) == len(set(variables)) and len(made.schemes) == len(schemes)
    assert not {"PETS_BASE_URL", "PETS_KIT_CONFIG"} & set(variables)
    assert variables[0] == made.token_env == "PETS_API_TOKEN"
    words = [each.words for each in made.schemes]
    assert len(set(words)) == len(words)


def test_the_catalog_says_it_where_the_document_is_silent(tmp_path: Path) -> None:
    made = api(tmp_path, {}, auth={"schemes": {"mine": KEY}, "security": [{"mine": []}]})
    assert made.schemes[0].name == "X-Key" and made.functions[0].security == ((Need(scheme="mine"),),)


def test_the_catalog_says_it_of_one_function(tmp_path: Path) -> None:
    made = api(tmp_path, {"key": KEY, "bearer": BEARER}, [{"key": []}], function={"auth": [{"bearer": []}, {}]})
    assert made.functions[0].security == ((Need(scheme="bearer"),), ())


def test_a_scheme_that_the_catalog_does_not_have_is_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(SpecError, match="there is no security scheme 'keyy'.*\n.*did you mean 'key'"):
        api(tmp_path, {"key": KEY}, function={"auth": [{"keyy": []}]})


def test_an_api_without_schemes_takes_no_token(tmp_path: Path) -> None:
    made = api(tmp_path, {})
    assert made.schemes == () and made.token_env == "" and not made.functions[0].authenticated


def test_each_way_that_the_option_says(tmp_path: Path) -> None:
    """`--auth` is for a document that is silent: bearer, basic, or a place and a name."""
    rows = {
        "bearer": ("bearer", "header", "Authorization", "Bearer", ("token",), ("bearer",)),
        "basic": ("basic", "header", "Authorization", "Basic", ("token", "username", "password"), ("basic",)),
        "header:X-Key": ("apiKey", "header", "X-Key", "", ("token",), ("x", "key")),
        "query:a key": ("apiKey", "query", "a key", "", ("token",), ("a", "key")),
        "cookie:sid": ("apiKey", "cookie", "sid", "", ("token",), ("sid",)),
    }
    for option, expected in rows.items():
        made = api(tmp_path, {}, option=option)
        [scheme] = made.schemes
        parts = tuple(part for part, _ in scheme.parts)
        assert (scheme.kind, scheme.location, scheme.name, scheme.prefix, parts, scheme.words) == expected
        [declared] = api(tmp_path, {"key": KEY}, [{"key": []}], option=option).schemes
        assert declared.key == "key", "the document's own word goes first"
        assert scheme.key == "option" and made.functions[0].security == ((Need(scheme="option"),),)
    own = api(tmp_path, {"mine": {"type": "http", "scheme": "bearer"}}, option="mine")
    assert own.functions[0].security == ((Need(scheme="mine"),),) and [each.key for each in own.schemes] == ["mine"]
    silent = api(tmp_path, {"mine": {"type": "http", "scheme": "bearer"}}, own=[], option="mine")
    assert silent.functions[0].security == (), "what an operation says itself goes first"
    for option in ("digest", "header:", "header:a b", "cookie:a b", "query:", "body:x", "bearer:x", "token"):
        with pytest.raises(SpecError) as caught:
            api(tmp_path, {"mine": {"type": "http", "scheme": "bearer"}}, option=option)
        told = str(caught.value)
        assert (
            told.startswith("--auth: ")
            and "not an authentication method" in told
            and repr(option) in told
            and "or one of the document's schemes: mine" in told
        )


def test_each_scheme_and_each_loss_of_it(tmp_path: Path) -> None:
    """OAS 3.2.1, Security Scheme and Requirement Objects, whole: every field of each scheme that is used, in the order in
    which variables and arguments are given away, every alternative of a call, and every entry of the ledger.
    """
    long = "k" * 100
    wrong = {"authorizationUrl": "http://as.test/a", "tokenUrl": "//as.test/t", "scopes": {}}
    at_home = {"tokenUrl": "http://localhost:8080/t?x=#", "scopes": {"a": "A.", "b": "B."}}
    by_password = {"tokenUrl": "http://127.0.0.1/t", "refreshUrl": "http://[::1]/r", "scopes": {}}
    pasted = {"authorizationUrl": "https://as.test/" + "x" * 300, "scopes": {}}
    schemes: Json = {
        "TLS": {"type": "mutualTLS", "description": "A certificate."},
        "tls": {"type": "mutualTLS"},
        "head_er": {"type": "apiKey", "in": "header", "name": "X-Key", "description": "The key."},
        "again": {"type": "apiKey", "in": "header", "name": "x-key"},
        "query": {"type": "apiKey", "in": "query", "name": "api key"},
        "sid": {"type": "apiKey", "in": "cookie", "name": "sid"},
        "basic": {"type": "http", "scheme": "BASIC", "bearerFormat": "colons"},
        "digest": {"type": "http", "scheme": "Digest", "bearerFormat": "x", "description": "."},
        "Hoba": {"type": "http", "scheme": "HOBA"},
        "flows": {"type": "oauth2", "flows": {
            "clientCredentials": at_home, "password": by_password, "implicit": wrong, "other": {"tokenUrl": "/t"},
            "authorizationCode": {"authorizationUrl": "/a", "tokenUrl": "t"},
        }},
        "browser": {"type": "oauth2", "description": "Pasted.", "flows": {"implicit": pasted}},
        "oid": {"type": "openIdConnect", "openIdConnectUrl": "https://as.test/oid", "description": "Open."},
        "oid_wrong": {"type": "openIdConnect", "openIdConnectUrl": "http://as.test/oid"},
        long: {"type": "saml", "scheme": "x"},
        "body": {"type": "apiKey", "in": "body", "name": "x"},
        "nameless": {"type": "apiKey", "in": "header"},
        "blank": {"type": "apiKey", "in": "cookie", "name": "a b" * 40},
        "spaced": {"type": "http", "scheme": "a b"},
        "idle" + long: {"type": "http", "scheme": "bearer"},
    }  # fmt: skip
    refused = [long, "body", "nameless", "blank", "spaced"]
    needed: list[Json] = [
        *({key: ["s"]} for key in ("query", "sid", "digest", "Hoba", "flows", "browser", "oid", "oid_wrong")),
        *({key: []} for key in refused),
        {"basic": [], "flows": ["a"], "head_er": []}, {"again": [], "head_er": [], "digest": [], "basic": []},
        {"TLS": [], "tls": []},
    ]  # fmt: skip
    made = api(tmp_path, schemes, [{"basic": []}, {"TLS": []}], needed)
    key: Json = {"kind": "apiKey", "prefix": ""}
    bearer: Json = {"kind": "oauth2", "prefix": "Bearer"}
    fetched = ("client_id", "client_secret", "refresh_token")

    def scheme(key: str, stem: str, more: tuple[str, ...] = (), **fields: Any) -> Scheme:
        parts = (("token", f"PETS_{stem}"), *((each, f"PETS_{stem}_{each.upper()}") for each in more))
        return Scheme(**{"key": key, "words": (*key.lower().split("_"),), "parts": parts, **fields})

    def tls(key: str, words: tuple[str, ...], description: str) -> Scheme:
        stem = f"PETS_{'_'.join(words).upper()}_CERTIFICATE"
        parts = ("certificate", stem), ("key", f"{stem}_KEY"), ("key_password", f"{stem}_KEY_PASSWORD")
        return Scheme(
            key=key, words=words, kind="mutualTLS", location="", name="", description=description, parts=parts
        )

    variables = ("token", "PETS_API_TOKEN"), ("username", "PETS_USERNAME"), ("password", "PETS_PASSWORD")
    assert list(made.schemes) == [
        Scheme(key="basic", words=("basic",), kind="basic", prefix="Basic", description="colons", parts=variables),
        scheme("query", "QUERY", location="query", name="api key", **key),
        scheme("digest", "DIGEST", ("username", "password"), kind="digest", prefix="Digest"),
        scheme("sid", "SID", location="cookie", name="sid", **key),
        scheme("head_er", "HEAD_ER", name="X-Key", description="The key.", **key),
        scheme("flows", "FLOWS", (*fetched, "username", "password"), **bearer, flows=(
            Flow(kind="authorizationCode", authorization_url="/a", token_url="t"),
            Flow(kind="clientCredentials", token_url=at_home["tokenUrl"], scopes=(("a", "A."), ("b", "B."))),
            Flow(kind="password", token_url=by_password["tokenUrl"], refresh_url=by_password["refreshUrl"]),
            Flow(kind="implicit"),
        )),
        scheme("Hoba", "HOBA", kind="http", prefix="HOBA"),
        scheme("again", "AGAIN", name="x-key", **key),
        scheme("browser", "BROWSER", description="Pasted.", **bearer,
               flows=(Flow(kind="implicit", authorization_url=pasted["authorizationUrl"]),)),
        scheme("oid", "OID", fetched, kind="openIdConnect", prefix="Bearer", description="Open.",
               openid_url="https://as.test/oid"),
        scheme("oid_wrong", "OID_WRONG", kind="openIdConnect", prefix="Bearer"),
        tls("TLS", ("tls",), "A certificate."),
        tls("tls", ("tls", "mutual", "tls"), ""),
    ]  # fmt: skip
    either = [
        [(each, "s")] for each in ("query", "sid", "digest", "Hoba", "flows", "browser", "oid", "oid_wrong")
    ] + [
        [("basic", ""), ("head_er", "")], [("flows", "a"), ("head_er", "")],
        [("again", ""), ("digest", "")], [("again", ""), ("basic", "")],
        [("head_er", ""), ("digest", "")], [("head_er", ""), ("basic", "")], [("TLS", ""), ("tls", "")],
    ]  # fmt: skip
    assert list(made.functions[0].security) == [
        tuple(Need(scheme=name, scopes=(scope,) if scope else ()) for name, scope in each) for each in either
    ]
    own, given = "/components/securitySchemes", "/paths/~1pet/get/security"
    what = "the security scheme"
    implicit = "a token of its implicit flow is obtained in a browser"
    entries = [
        (f"{own}/Hoba", "degraded", f"{what} 'Hoba' is a challenge-response scheme: the caller's value is sent after 'HOBA' unchanged"),
        (f"{own}/blank", "dropped", f"{what} 'blank' is not used: {('a b' * 40)[:80]!r} is not a valid cookie name"),
        (f"{own}/body", "dropped", f"{what} 'body' (apiKey body) is not supported"),
        (f"{own}/browser/flows/implicit", "kept", f"{what} 'browser': {implicit} at {pasted['authorizationUrl'][:200]} and pasted"),
        (f"{own}/flows/flows/implicit", "dropped", f"{what} 'flows': its authorization url is not https, so no secret is sent to it"),
        (f"{own}/flows/flows/implicit", "dropped", f"{what} 'flows': its token url names a host without a scheme: begin it with https://"),
        (f"{own}/flows/flows/implicit", "kept", f"{what} 'flows': {implicit} and pasted"),
        (f"{own}/idle{long}", "dropped", f"no operation requires {what} 'idle{long[:76]}': it is never sent; `auth` of the catalog or --auth can require it"),
        (f"{own}/nameless", "dropped", f"{what} 'nameless' (apiKey header) is not supported"),
        (f"{own}/oid_wrong", "degraded", f"{what} 'oid_wrong': its openIdConnectUrl is not https, so no secret is sent to it; a token is accepted, but not fetched"),
        (f"{own}/{long}", "dropped", f"{what} {long[:80]!r} (saml x) is not supported"),
        (f"{own}/spaced", "dropped", f"{what} 'spaced' (http a b) is not supported"),
        *((f"{given}/{8 + n}", "dropped", f"this alternative needs the scheme {name[:80]!r}, which cannot be used") for n, name in enumerate(refused)),
        (f"{given}/13", "degraded", "two schemes that are required together both use Authorization: only one of them is sent"),
        (f"{given}/14", "degraded", "two schemes that are required together both use x-key and Authorization: only one of them is sent"),
    ]  # fmt: skip
    losses = [Loss(pointer=at, surface="*", kind=kind, reason=reason) for at, kind, reason in entries]  # type: ignore[arg-type]
    assert list(made.losses) == sorted(losses)


def test_the_names_and_the_order_of_schemes(tmp_path: Path) -> None:
    """A name that is taken, by the client or by another scheme, is followed by what the scheme is, then by a number."""
    cookie = {"type": "apiKey", "in": "cookie", "name": "c"}
    schemes = {"token": KEY, "header_key": KEY, "headerKey": KEY, "timeout": {"type": "http", "scheme": "basic"}}
    schemes |= {"header-key": cookie, "bearer": BEARER, "Bearer": BEARER, "proxy": {"type": "oauth2", "flows": {}}}
    made = api(tmp_path, schemes, [{key: []} for key in schemes])
    assert [("_".join(each.words), each.parts[0][1]) for each in made.schemes] == [
        ("token_header_key", "PETS_API_TOKEN"), ("header_key", "PETS_HEADER_KEY"), ("header_key_2", "PETS_HEADER_KEY_2"),
        ("timeout_basic", "PETS_TIMEOUT_BASIC"), ("header_key_cookie_key", "PETS_HEADER_KEY_COOKIE_KEY"),
        ("bearer", "PETS_BEARER"), ("bearer_2", "PETS_BEARER_2"), ("proxy_oauth2", "PETS_PROXY_OAUTH2"),
    ]  # fmt: skip
    [tls] = api(tmp_path, {"it": {"type": "mutualTLS"}}, [{"it": []}]).schemes
    assert tls.parts[0] == ("certificate", "PETS_IT_CERTIFICATE")
    many = {f"{place}{n}": {**KEY, "name": f"X-{place}"} for place in "abcde" for n in "12"}
    [function] = api(tmp_path, many, [{key: ["s"] for key in many}]).functions
    assert len(function.security) == 16, "of 32 ways to send one key in each of five headers"
    assert [need.scheme for need in function.security[-1]] == ["a1", "b2", "c2", "d2", "e2"]
