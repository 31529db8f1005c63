"""Security schemes and requirements as data that several surfaces carry, and as they are shown to people."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ...ir import Api, Function, Json, Scheme, Security

PUBLIC = frozenset(("certificate", "key", "client_id", "username"))
"""Parts of credentials that are no secrets."""
_SECRETS = {"apiKey": "API key", "basic": "password"}


def scheme(each: Scheme) -> dict[str, Json]:
    """A scheme as whoever sends or checks its credential reads it."""
    return {
        "key": each.key,
        "kind": each.kind,
        "location": each.location,
        "name": each.name,
        "prefix": each.prefix,
    }


def requirement(security: Security) -> list[Json]:
    """The alternatives as OpenAPI writes them."""
    return [{need.scheme: list(need.scopes) for need in each} for each in security]


def shown(api: Api, function: Function) -> tuple[Scheme, ...]:
    """The schemes of the first alternative that needs one: what an example is sent with."""
    first = next((each for each in function.security if each), ())
    return tuple(api.scheme(need.scheme) for need in first)


def variables(api: Api) -> Iterator[tuple[Scheme, str, str]]:
    """Every environment variable that supplies a part of a credential: (scheme, part, variable)."""
    for each in api.schemes:
        for part, variable in each.parts:
            if variable:
                yield each, part, variable


def variables_of(api: Api) -> tuple[str, ...]:
    """The environment variables that a caller sets for the API's own scheme; none where it takes no text."""
    parts = dict(api.schemes[0].parts) if api.token_env else {}
    names = (
        ("username", "password") if "password" in parts and api.schemes[0].kind in ("basic", "digest") else ("token",)
    )
    return tuple(parts[name] for name in names if name in parts)


def source(api: Api) -> str:
    """The source of a client's credential, for a comment; empty if it takes none."""
    result = variables_of(api)
    what = "the user name and the password come" if len(result) > 1 else f"the {secret(api.schemes[:1])} comes"
    return f"{what} from {' and '.join(result)}" if result else ""


def secret(schemes: Sequence[Scheme]) -> str:
    """What people call that which a caller gives: a word that is right for each of the schemes."""
    words = {_SECRETS.get(each.kind, "token") for each in schemes}
    return words.pop() if len(words) == 1 else "credential" if words else "token"


def kind_of(each: Scheme) -> str:
    """A scheme in a few words."""
    match each.kind:
        case "apiKey":
            place = {"header": "header", "query": "query parameter", "cookie": "cookie"}[each.location]
            return f"an API key in the {place} {each.name}"
        case "basic":
            return "a user name and a password (HTTP Basic)"
        case "digest":
            return "a user name and a password (HTTP Digest)"
        case "bearer":
            return "a bearer token"
        case "oauth2":
            pasted = [flow.authorization_url for flow in each.flows if flow.kind == "implicit"]
            alone = len(pasted) == len(each.flows) and pasted and pasted[0]
            return "an OAuth 2 token" + (f", which is obtained in a browser at {pasted[0]} and pasted" if alone else "")
        case "openIdConnect":
            return "an OpenID Connect token"
        case "mutualTLS":
            return "a client certificate (mutual TLS)"
        case _:
            return f"HTTP {each.prefix} credentials"


def part_told(each: Scheme, part: str) -> str:
    """One part of a credential in a few words."""
    if part != "token":
        words = {"certificate": "PEM file of the client certificate", "key": "PEM file of the certificate's key"}
        return words.get(part, part.replace("_", " ").replace(" id", " ID").capitalize())
    match each.kind:
        case "basic":
            return "User name and password with a colon between them, or a key"
        case "digest":
            return "User name and password with a colon between them"
        case "oauth2" | "openIdConnect":
            return "Access token"
        case "apiKey":
            return "API key"
        case _:
            return "API token"
