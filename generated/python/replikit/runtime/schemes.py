"""Security schemes as data, and the types of the credentials for them."""

from __future__ import annotations

import os
from typing import NamedTuple, TypedDict

Requirement = tuple[tuple[str, tuple[str, ...]], ...]
"""(scheme, scopes), all of them together; empty where no credential is needed."""
Security = tuple[Requirement, ...]
"""One of these; empty where no credential is taken."""


class Flow(NamedTuple):
    """One way to get an OAuth 2 token; URLs may be relative to the API's server."""

    kind: str
    """As OpenAPI calls it: clientCredentials, authorizationCode, deviceAuthorization, password or implicit."""
    authorization_url: str = ""
    device_url: str = ""
    token_url: str = ""
    refresh_url: str = ""
    scopes: tuple[str, ...] = ()


class Scheme(NamedTuple):
    """How one credential is sent, and where it is looked up."""

    key: str
    """As the API's description names it."""
    argument: str
    """Its name as an argument of clients."""
    kind: str
    """apiKey, basic, bearer, digest, http, oauth2, openIdConnect or mutualTLS."""
    location: str = "header"
    """header, query or cookie; empty for what travels below HTTP."""
    name: str = "Authorization"
    prefix: str = ""
    """What stands before the secret in the header."""
    parts: tuple[tuple[str, str], ...] = ()
    """(part, environment variable)"""
    flows: tuple[Flow, ...] = ()
    openid_url: str = ""

    @property
    def fetches(self) -> bool:
        """Whether tokens can be fetched from a server."""
        return any(part == "client_id" for part, _ in self.parts)

    @property
    def secret(self) -> str:
        """The common name of the credential: `token`, `API key` or `password`."""
        return {"apiKey": "API key", "basic": "password"}.get(self.kind, "token")


def article(word: str) -> str:
    """The word with `a` or `an` before it."""
    return f"an {word}" if word[0] in "aAeEiIoO" else f"a {word}"


class OAuth(TypedDict, total=False):
    """Credentials of an OAuth 2 or OpenID Connect scheme: a token, or what is needed to fetch one."""

    token: str
    client_id: str
    client_secret: str
    refresh_token: str
    username: str
    password: str


class Certificate(TypedDict, total=False):
    """A client certificate for mutual TLS: paths of PEM files; the certificate's may hold the key, too."""

    certificate: str | os.PathLike[str]
    key: str | os.PathLike[str]
    key_password: str
