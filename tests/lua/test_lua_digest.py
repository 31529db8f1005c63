"""HTTP Digest in plain Lua: its hashes by their specifications' own tables, its answers by RFC 7616, in each Lua."""

from __future__ import annotations

import hashlib
import importlib
import json
import re
from pathlib import Path
from random import Random
from typing import Any

import pytest
from luas import LUAS

from generator import pipeline

# RFC 1321, A.5.
MD5 = {
    "": "d41d8cd98f00b204e9800998ecf8427e",
    "a": "0cc175b9c0f1b6a831c399e269772661",
    "abc": "900150983cd24fb0d6963f7d28e17f72",
    "message digest": "f96b697d7cb7938d525a2f31aaf161d0",
    "abcdefghijklmnopqrstuvwxyz": "c3fcd3d76192e4007dfb496cca67e13b",
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789": "d174ab98d277d9f5a5611c2c9f419d9f",
    "1234567890" * 8: "57edf4a22be3c955ac49da2e2107b67a",
}
# RFC 6234, 8.5: TEST1, TEST2_1 and TEST4 with their results for SHA-256.
SHA256 = {
    "abc": "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
    "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq": (
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
    ),
    "01234567" * 80: "594847328451bdfa85056225462cc1d867d877fb388df0ce35f25ab5562bfbb5",
}
USER, PASSWORD, REALM = "Mufasa", "Circle of Life", "http-auth@example.org"
NONCE, CNONCE = "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"
OPAQUE = "FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"
HASHES = {"MD5": hashlib.md5, "SHA-256": hashlib.sha256}
TABLE = {"type": "object"}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("digest")
    answer = {"200": {"description": ".", "content": {"application/json": {"schema": TABLE}}}}
    document = {
        "openapi": "3.1.0",
        "info": {"title": "Lions", "version": "1"},
        "servers": [{"url": "https://lions.invalid/v1"}],
        "security": [{"login": []}],
        "paths": {
            "/me": {
                "get": {
                    "operationId": "getMe",
                    "parameters": [{"name": "q", "in": "query", "schema": {"type": "string"}}],
                    "responses": answer,
                }
            }
        },
        "components": {"securitySchemes": {"login": {"type": "http", "scheme": "digest"}}},
    }
    (folder / "api.json").write_text(json.dumps(document), "utf-8")
    pipeline.generate(pipeline.Inputs(folder / "api.json"), folder / "out", ("lua",))
    return folder / "out"


def started(version: str, made: Path) -> Any:
    lua = importlib.import_module(f"lupa.{version}").LuaRuntime(encoding="latin-1", unpack_returned_tuples=True)
    lua.globals().package.path = f"{made}/lua/?.lua"
    return lua


@pytest.mark.parametrize("version", LUAS)
def test_hashes_are_those_of_their_specifications(version: str, made: Path) -> None:
    hashes = started(version, made).eval("(require('lions_kit.hashes'))")
    assert {text: hashes.md5(text) for text in MD5} == MD5
    assert {text: hashes.sha256(text) for text in SHA256} == SHA256
    chance = Random(3)
    for length in (1, 55, 56, 57, 63, 64, 65, 119, 120):  # around the ends of a block, and every byte
        text = bytes(chance.randrange(256) for _ in range(length))
        assert hashes.md5(text.decode("latin-1")) == hashlib.md5(text).hexdigest()
        assert hashes.sha256(text.decode("latin-1")) == hashlib.sha256(text).hexdigest()


def challenge(algorithm: str, qop: str = "auth, auth-int", more: str = f', opaque="{OPAQUE}"') -> str:
    return f'Digest realm="{REALM}", qop="{qop}", algorithm={algorithm}, nonce="{NONCE}"{more}'


def fields_of(header: str) -> dict[str, str]:
    assert header.startswith("Digest ")
    return {name: text or token for name, text, token in re.findall(r'([\w*]+)=(?:"([^"]*)"|([^\s,]+))', header)}


@pytest.mark.parametrize("version", LUAS)
def test_the_example_of_the_specification(version: str, made: Path) -> None:
    """RFC 7616, 3.9.1: the first challenge that is known is answered, of headers that were joined as of those that were not."""
    lua = started(version, made)
    digest = lua.eval("(require('lions_kit.digest'))")
    secret = lua.table_from({"username": USER, "password": PASSWORD})
    both = [challenge("SHA-256"), challenge("MD5")]
    expected = {
        "username": USER, "realm": REALM, "uri": "/dir/index.html", "nonce": NONCE, "nc": "00000001", "cnonce": CNONCE,
        "qop": "auth", "opaque": OPAQUE,
    }  # fmt: skip
    results = {
        "SHA-256": "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1",
        "MD5": "8ca523f5e9506fed4657c9700eebdbec",
    }
    for given, algorithm in (
        (", ".join(both), "SHA-256"),
        (", ".join(both[::-1]), "MD5"),
        (lua.table_from(both), "SHA-256"),
        (f'Basic realm="a, b", Negotiate YWJj==, {challenge("SHA-512-256")}, {both[1]}', "MD5"),
    ):
        found = digest.challenge(lua.table_from({"WWW-Authenticate": given}))
        header = digest.answer(found, secret, "GET", "/dir/index.html", CNONCE)
        assert fields_of(header) == {**expected, "algorithm": algorithm, "response": results[algorithm]}
        assert all(f"{name}={expected[name]}" in header for name in ("nc", "qop")), "RFC 7616, 3.4: never quoted"
        again = fields_of(digest.answer(found, secret, "GET", "/dir/index.html"))
        assert again["nc"] == "00000002" and again["cnonce"] != CNONCE


def test_what_else_a_challenge_may_ask_for(made: Path) -> None:
    """RFC 7616, 3.4.2 (a session), 3.4.4 (a hashed user), 3.4 (username*, RFC 8187); RFC 2617, 3.2.2.1 (without qop)."""
    lua = started("lua54", made)
    digest = lua.eval("(require('lions_kit.digest'))")

    def answered(header: str, user: str = USER) -> dict[str, str]:
        found = digest.challenge(lua.table_from({"www-authenticate": header}))
        secret = lua.table_from({"username": user.encode().decode("latin-1"), "password": PASSWORD})
        return fields_of(digest.answer(found, secret, "GET", "/a?b=c", "mine"))

    def h(text: str) -> str:
        return hashlib.sha256(text.encode()).hexdigest()

    second, first = h("GET:/a?b=c"), h(f"{USER}:{REALM}:{PASSWORD}")
    found = answered(challenge("SHA-256-sess"))
    assert found["response"] == h(f"{h(f'{first}:{NONCE}:mine')}:{NONCE}:00000001:mine:auth:{second}")
    found = answered(challenge("SHA-256", more=", userhash=true"))
    assert (found["username"], found["userhash"]) == (h(f"{USER}:{REALM}"), "true")
    assert found["response"] == h(f"{first}:{NONCE}:00000001:mine:auth:{second}") and "opaque" not in found
    found = answered(challenge("SHA-256", more=", charset=UTF-8"), "Jäsøn Doe")
    assert found["username*"] == "UTF-8''J%C3%A4s%C3%B8n%20Doe" and "username" not in found
    found = answered(f'Digest realm="{REALM}", nonce="{NONCE}"')
    md5 = {name: hashlib.md5(text.encode()).hexdigest() for name, text in (("a", f"{USER}:{REALM}:{PASSWORD}"), ("b", "GET:/a?b=c"))}  # fmt: skip
    assert found["response"] == hashlib.md5(f"{md5['a']}:{NONCE}:{md5['b']}".encode()).hexdigest()
    assert not {"qop", "nc", "cnonce", "algorithm"} & {*found}


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Digest",
        'Basic realm="x"',
        challenge("SHA-1"),
        challenge("MD5", qop="auth-int"),
        'Digest realm="x"',
        'Digest realm="x, nonce="n"',
        'Digest realm="x", realm="y", nonce="n"',
        'Digest realm="a\r\nX-Evil: b", nonce="n"',
        'Digest realm="x", nonce=' + '"n' * 5_000,
        "=" * 7_000,
        "a " * 3_900,
    ],
)
def test_what_is_no_challenge_is_not_answered(made: Path, header: str) -> None:
    lua = started("lua51", made)
    assert lua.eval("(require('lions_kit.digest'))").challenge(lua.table_from({"www-authenticate": header})) is None


class Server:
    """Challenges whoever does not answer its nonce; what it was sent, and whether it let it in."""

    def __init__(self, algorithm: str) -> None:
        self.algorithm, self.nonce = algorithm, "first"
        self.asked: list[tuple[str, bool]] = []

    def __call__(self, lua: Any, request: Any) -> Any:
        target = re.sub("^https?://[^/]*", "", request.url)
        fields = fields_of(request.headers["Authorization"]) if request.headers["Authorization"] else {}
        good = (
            bool(fields) and fields["uri"] == target and fields["nonce"] == self.nonce and self._right(fields, target)
        )
        self.asked.append((fields.get("nc", ""), good))
        if good:
            return lua.table_from({"status": 200, "headers": lua.table(), "body": '{"ok":true}'})
        stale = ", stale=true" * bool(fields and fields["nonce"] != self.nonce)
        told = f'Digest realm="{REALM}", qop="auth", algorithm={self.algorithm}, nonce="{self.nonce}"{stale}'
        return lua.table_from({"status": 401, "headers": lua.table_from({"WWW-Authenticate": told}), "body": "{}"})

    def _right(self, fields: dict[str, str], target: str) -> bool:
        def h(text: str) -> str:
            return HASHES[self.algorithm](text.encode()).hexdigest()

        first, second = h(f"{USER}:{REALM}:{PASSWORD}"), h(f"GET:{target}")
        middle = ":".join((fields["nonce"], fields["nc"], fields["cnonce"], fields["qop"]))
        return fields["response"] == h(f"{first}:{middle}:{second}")


def client(lua: Any, server: Server, **given: Any) -> Any:
    options = {name: lua.table_from(each) if isinstance(each, dict) else each for name, each in given.items()}
    function = lua.eval("function(http) return function(request) return http(request) end end")
    options["http"] = function(lambda request: server(lua, request))
    return lua.eval("require('lions_kit').new")(lua.table_from(options))


@pytest.mark.parametrize("version", LUAS)
@pytest.mark.parametrize("algorithm", HASHES)
def test_a_call_answers_a_challenge(version: str, algorithm: str, made: Path) -> None:
    """RFC 7616, 3.6: the next request answers at once, and counts; 3.3: of a nonce that is stale, the next one."""
    lua, server = started(version, made), Server(algorithm)
    login = lua.table_from({"login": lua.table_from({"username": USER, "password": PASSWORD})})
    made_client = client(lua, server, credentials=login)
    for _ in range(2):
        assert made_client.call(made_client, "get_me", lua.table_from({"q": "a b&c"}))[0].ok is True
    assert server.asked == [("", False), ("00000001", True), ("00000002", True)]
    server.nonce = "second"
    assert made_client.call(made_client, "get_me", lua.table())[0].ok is True
    assert server.asked[3:] == [("00000003", False), ("00000001", True)]


def test_a_wrong_password_is_tried_once(made: Path) -> None:
    lua, server = started("lua54", made), Server("MD5")
    made_client = client(lua, server, token=f"{USER}:wrong:one")
    for expected in ([("", False), ("00000001", False)], [("00000002", False)]):
        found, problem, response = made_client.call(made_client, "get_me", lua.table())
        assert found is None and problem.status == 401 and response.status == 401
        assert server.asked == expected and "wrong" not in problem.message
        server.asked.clear()
    with pytest.raises(Exception, match="cannot be what it was given"):
        client(lua, server, credentials=lua.table_from({"login": lua.table_from({"username": "a:b"})}))
