"""Where people and programs log in: the endpoints of each OAuth 2 flow and OpenID provider, as paths of the mock."""

from __future__ import annotations

from urllib.parse import urljoin, urlsplit

from ...ir import Api, Flow, Json, Scheme

_DISCOVERY = "/.well-known/openid-configuration"
"""Below the issuer: OpenID Connect Discovery 1.0, 4."""
_OPENID_SCOPES = ("openid", "profile", "email", "offline_access")
"""Of OpenID Connect Core 1.0, 5.4 and 11, without those of an address and a telephone."""


def logins(api: Api, server: str) -> list[Json]:
    """The OAuth 2 flows, each with the paths of its endpoints; functions may require scopes that a flow does not name."""
    results = []
    for scheme in api.schemes:
        needs = [need for function in api.functions for each in function.security for need in each]
        required = [scope for need in needs if need.scheme == scheme.key for scope in need.scopes]
        for flow in scheme.flows:
            results.append({
                "scheme": scheme.key,
                "kind": flow.kind,
                "ask": _endpoints(server, flow.authorization_url),
                "device": _endpoints(server, flow.device_url),
                "token": _endpoints(server, flow.token_url, flow.refresh_url),
                "discovery": [],
                "elsewhere": any(_is_elsewhere(server, url) for url in _urls(flow)),
                "scopes": list(dict.fromkeys([name for name, _ in flow.scopes] + required)),
            })  # fmt: skip
        if scheme.openid_url:
            results += _provider(server, scheme, required)
    return results


def _provider(server: str, scheme: Scheme, required: list[str]) -> list[Json]:
    """The flows of an OpenID provider: the description tells where it describes itself, so its endpoints stand beside that."""
    (discovery,) = _endpoints(server, scheme.openid_url)
    issuer = discovery.removesuffix(_DISCOVERY) if discovery.endswith(_DISCOVERY) else discovery.rpartition("/")[0]
    return [
        {
            "scheme": scheme.key,
            "kind": kind,
            "ask": [f"{issuer}/oauth2/authorize"] if kind == "authorizationCode" else [],
            "device": [f"{issuer}/oauth2/device"] if kind == "deviceAuthorization" else [],
            "token": [f"{issuer}/oauth2/token"],
            "discovery": [discovery],
            "keys": f"{issuer}/oauth2/keys",
            "issuer": issuer,
            "elsewhere": _is_elsewhere(server, scheme.openid_url),
            "scopes": list(dict.fromkeys([*_OPENID_SCOPES, *required])),
        }
        for kind in ("authorizationCode", "deviceAuthorization", "clientCredentials", "password")
    ]


def _urls(flow: Flow) -> list[str]:
    return [url for url in (flow.authorization_url, flow.device_url, flow.token_url, flow.refresh_url) if url]


def _is_elsewhere(server: str, url: str) -> bool:
    """Whether an endpoint is on another origin than the API: a client with another base URL still calls it there."""
    own, parts = urlsplit(server), urlsplit(url)
    return bool(parts.scheme) and (parts.scheme, parts.netloc.lower()) != (own.scheme, own.netloc.lower())


def _endpoints(server: str, *urls: str) -> list[Json]:
    """The paths at which the mock serves these endpoints: their own, whatever host they are on."""
    return [urlsplit(urljoin(server.rstrip("/") + "/", url)).path or "/" for url in dict.fromkeys(urls) if url]
