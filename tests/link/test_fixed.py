"""Headers that a catalog has sent with every call: which it may not say, by RFC 9110 and because a catalog holds no secret."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from generator import link
from generator.errors import SpecError
from generator.ir import Api
from generator.read import documents

NAME = "is not a valid header name", "use letters, digits and !#$%&'*+.^_`|~-"
HOP = "applies to one connection, and cannot be set for a function", "remove it"
OURS = "is set by the request itself", "remove it"
SECRET = (
    "carries a credential, which does not belong in a catalog",
    "declare it as a security scheme, in `auth.schemes`",
)
VALUE = (
    "has a value that cannot be sent",
    "use at most 1000 printable ASCII characters, without leading or trailing blanks",
)
WRONG: list[tuple[str, tuple[str, str]]] = [
    *((name, NAME) for name in ("x y", "é")),
    *((name, HOP) for name in (
        "connection", "http2-settings", "keep-alive", "TE", "trailer", "transfer-encoding", "upgrade", "proxy-own", "Proxy-Authorization")),
    *((name, OURS) for name in (
        "accept-encoding", "content-encoding", "content-length", "Content-Type", "date", "expect", "host", "user-agent")),
    *((name, SECRET) for name in (
        "authorization", "Cookie", "cookie2", "set-cookie", "X-MINE", "x-auth", "x_bearer", "jwt", "x-key", "keys-x", "x-pass",
        "x-pwd", "x-session", "x-signature", "x-myapikey", "x-credentials", "x-password", "x-secretly", "x-tokens")),
]  # fmt: skip
VALUES = [
    *((text, SECRET) for text in ("Basic x", "bearer x", "DIGEST x", "token x")),
    *((text, VALUE) for text in ("é", "a\tb", " a", "a ", "x" * 1001)),
]
FINE = {"x-good": "v" * 1000, "x-q": "basics", "x-authority": "tokens", "x-keyed": "", "x-passing-by": "a b"}


def made(folder: Path, headers: dict[str, str]) -> Api:
    declared = [{"name": name, "in": "header", "schema": {"type": "string"}} for name in ("X-Good", "X-Other")]
    schemes = {
        "mine": {"type": "apiKey", "in": "header", "name": "X-Mine"},
        "q": {"type": "apiKey", "in": "query", "name": "x-q"},
    }
    operation = {"operationId": "get", "parameters": declared, "responses": {}, "security": [{"mine": []}, {"q": []}]}
    document = {"openapi": "3.1.1", "info": {"title": "T", "version": "1"}, "paths": {"/a": {"get": operation}}}
    (folder / "api.json").write_text(json.dumps({**document, "components": {"securitySchemes": schemes}}), "utf-8")
    catalog = {"catalog": 1, "functions": {"t_get": {"operation": "get", "headers": headers}}}
    (folder / "catalog.json").write_text(json.dumps(catalog, indent=1), "utf-8")
    return link.load(documents.read(folder / "api.json", folder / "catalog.json"))


def test_headers_that_are_always_sent(tmp_path: Path) -> None:
    headers = (
        {name: "v" for name, _ in WRONG}
        | {f"x-v{n}": text for n, (text, _) in enumerate(VALUES)}
        | {"X-Twice": "a", "x-twice": "b"}
    )
    reasons = dict(WRONG) | {f"x-v{n}": reason for n, (_, reason) in enumerate(VALUES)}
    reasons["x-twice"] = "is set twice (names are case-insensitive)", "remove one"
    with pytest.raises(SpecError) as caught:
        made(tmp_path, {**headers, **FINE})
    lines = (tmp_path / "catalog.json").read_text("utf-8").splitlines()
    line = {
        name: next(n for n, text in enumerate(lines, 1) if text.startswith(f"    {json.dumps(name)}: "))
        for name in reasons
    }
    expected = [
        f"catalog.json:{line[name]}:5: the header {name!r} {what}\n  fix: {hint}"
        for name, (what, hint) in reasons.items()
    ]
    assert sorted(str(caught.value).replace("\n  fix", "\1").split("\n")) == sorted(
        each.replace("\n  fix", "\1") for each in expected
    )
    with pytest.raises(SpecError, match=f"the header '{'x' * 80}' "):
        made(tmp_path, {"x" * 90: "é"})
    api = made(tmp_path, FINE)
    [function] = api.functions
    assert dict(function.headers) == FINE and [each.wire_name for each in function.params] == ["X-Other"]
    [entry] = api.losses
    reason = "the header 'X-Good' is always sent with the same value, and is not an argument"
    assert (entry.pointer, entry.kind, entry.reason) == ("/paths/~1a/get", "kept", reason)
