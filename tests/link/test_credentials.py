"""Security schemes and requirements as they are read: OAS 3.0.4 to 3.2.1, Security Scheme and Requirement Objects."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from generator import pipeline
from generator.errors import SpecError
from generator.ir import Api, Need
from generator.surfaces.shared.security import told

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


@pytest.mark.parametrize(
    ("scheme", "kind", "location", "name", "prefix"),
    [
        ({"type": "apiKey", "in": "header", "name": "X-Key"}, "apiKey", "header", "X-Key", ""),
        ({"type": "apiKey", "in": "query", "name": "api key"}, "apiKey", "query", "api key", ""),
        ({"type": "apiKey", "in": "cookie", "name": "sid"}, "apiKey", "cookie", "sid", ""),
        ({"type": "http", "scheme": "Basic"}, "basic", "header", "Authorization", "Basic"),  # RFC 9110, 11.1: any case
        ({"type": "http", "scheme": "BEARER"}, "bearer", "header", "Authorization", "Bearer"),
        ({"type": "http", "scheme": "GNAP"}, "http", "header", "Authorization", "GNAP"),
        ({"type": "oauth2", "flows": {}}, "oauth2", "header", "Authorization", "Bearer"),
        ({"type": "openIdConnect", "openIdConnectUrl": "https://x.test/.well-known/openid-configuration"}, "openIdConnect", "header", "Authorization", "Bearer"),
        ({"type": "mutualTLS"}, "mutualTLS", "", "", ""),
    ],
    ids=str,
)  # fmt: skip
@pytest.mark.parametrize("version", ["3.0.4", "3.1.1", "3.2.0"])
def test_schemes(tmp_path: Path, version: str, scheme: Json, kind: str, location: str, name: str, prefix: str) -> None:
    [found] = api(tmp_path, {"it": scheme}, [{"it": []}], version=version).schemes
    assert (found.kind, found.location, found.name, found.prefix) == (kind, location, name, prefix)


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
    assert told(made.schemes[0]) == "an OAuth 2 token, which is got in a browser at https://as.test/auth and pasted"
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
