"""What a call sends of the credentials that its caller has: taken by hand from the specifications, never from our code.

OAS 3.2.1: 4.27 (Security Scheme Object) and 4.30 (Security Requirement Object): a list is alternatives, of which one
has to be satisfied; the schemes of one are needed together; `{}` makes security optional; an operation's own list goes
before the document's, and an empty one removes it. RFC 7617, 2 and 2.1; RFC 6750, 2.1; RFC 6265, 4.2.1; RFC 3986, 2.1.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

SCHEMES: dict[str, Any] = {
    "headerKey": {"type": "apiKey", "in": "header", "name": "X-Key"},
    "queryKey": {"type": "apiKey", "in": "query", "name": "api key"},
    "cookieKey": {"type": "apiKey", "in": "cookie", "name": "sid"},
    "basic": {"type": "http", "scheme": "basic"},
    "bearer": {"type": "http", "scheme": "bearer"},
    "custom": {"type": "http", "scheme": "ApiKey"},
    "oauth": {
        "type": "oauth2",
        "flows": {"clientCredentials": {"tokenUrl": "/oauth/token", "scopes": {"read": "Reads."}}},
    },
    "openid": {"type": "openIdConnect", "openIdConnectUrl": "/.well-known/openid-configuration"},
}
SECRETS: dict[str, Any] = {
    "headerKey": "h-1",
    "queryKey": "q&/=1",
    "cookieKey": "c-1",
    "basic": {"username": "Aladdin", "password": "open sesame"},
    "bearer": "mF_9.B5f-4.1JqM",
    "custom": "v-1",
    "oauth": "o-1",
    "openid": "i-1",
}
WIRE = {
    "headerKey": ("x-key", "h-1"),
    "queryKey": ("?", "api%20key=q%26%2F%3D1"),
    "cookieKey": ("cookie", "sid=c-1"),
    "basic": ("authorization", "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="),  # RFC 7617, 2
    "bearer": ("authorization", "Bearer mF_9.B5f-4.1JqM"),  # RFC 6750, 2.1
    "custom": ("authorization", "ApiKey v-1"),
    "oauth": ("authorization", "Bearer o-1"),
    "openid": ("authorization", "Bearer i-1"),
}
"""Where the secret of each scheme stands (`?`: in the query), and how."""
ALL = tuple(SCHEMES)
ROOT = [{"headerKey": []}]


@dataclass(frozen=True)
class Row:
    """An operation's `security`, what the caller has, and which of it is sent; None: the call is refused."""

    name: str
    security: list[dict[str, list[str]]] | None
    given: tuple[str, ...]
    sent: tuple[str, ...] | None
    given_to_curl: bool = False
    """The line of the docs sends it: what is sent is the first alternative."""

    def wire(self) -> dict[str, str]:
        """What stands on the wire, by its place."""
        return dict(WIRE[key] for key in self.sent or ())


def _each(*keys: str) -> dict[str, list[str]]:
    return {key: [] for key in keys}


ROWS = [
    *(Row(f"single_{key.lower()}", [_each(key)], (key,), (key,), True) for key in SCHEMES),
    *(Row(f"only_{key.lower()}", [_each(key)], ALL, (key,), True) for key in SCHEMES),
    Row("inherited", None, ALL, ("headerKey",), True),
    Row("all_of", [_each("headerKey", "queryKey", "cookieKey", "bearer")], ALL, ("headerKey", "queryKey", "cookieKey", "bearer"), True),
    Row("all_of_half", [_each("headerKey", "queryKey")], ("headerKey",), None),
    Row("or_first", [_each("bearer"), _each("headerKey")], ALL, ("bearer",), True),
    Row("or_second", [_each("bearer"), _each("headerKey")], ("headerKey",), ("headerKey",)),
    Row("or_of_ands", [_each("bearer", "queryKey"), _each("basic", "headerKey")], ("bearer", "basic", "headerKey"), ("basic", "headerKey")),
    Row("or_neither", [_each("bearer"), _each("headerKey")], ("queryKey",), None),
    Row("missing", [_each("cookieKey")], (), None),
    Row("missing_inherited", None, (), None),
    Row("optional_without", [_each("bearer"), {}], (), ()),
    Row("optional_with", [_each("bearer"), {}], ("bearer",), ("bearer",), True),
    Row("optional_before", [{}, _each("bearer")], ALL, ("bearer",), True),
    Row("optional_before_without", [{}, _each("bearer")], ("headerKey",), ()),
    Row("optional_and_half", [_each("headerKey", "queryKey"), {}], ("queryKey",), ()),
    Row("only_optional", [{}], ALL, (), True),
    Row("removed", [], ALL, (), True),
    Row("removed_without", [], (), (), True),
]  # fmt: skip


def document() -> dict[str, Any]:
    """An OpenAPI document with an operation for each row."""
    answer = {"200": {"description": "OK", "content": {"application/json": {"schema": {"type": "object"}}}}}
    paths = {}
    for row in ROWS:
        own = {} if row.security is None else {"security": row.security}
        paths[f"/rows/{row.name}"] = {"get": {"operationId": f"rows.{row.name}", "responses": answer, **own}}
    return {
        "openapi": "3.2.0",
        "info": {"title": "Vault", "version": "1"},
        "servers": [{"url": "https://vault.invalid/v1"}],
        "security": ROOT,
        "paths": paths,
        "components": {"securitySchemes": SCHEMES},
    }
