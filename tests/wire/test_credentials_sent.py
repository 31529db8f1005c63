"""Every row of the table x every caller: each secret stands where its scheme says, to the byte, and nowhere else."""

from __future__ import annotations

import asyncio
import importlib
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from anyio.from_thread import start_blocking_portal
from credential_rows import ALL, ROWS, SECRETS, Row, document
from forking import Forked, Forking
from hanging import HANGS
from luas import LUAS
from mcp.client.client import Client
from mcp.client.stdio import StdioServerParameters
from programs import needs
from recorder import Recorder, recorder

from generator import pipeline
from generator.surfaces.shared import calls

pytestmark = pytest.mark.long

IDS = [row.name for row in ROWS]
SPELLED = {"headerKey": "header_key", "queryKey": "query_key", "cookieKey": "cookie_key"}
"""The arguments of clients; the others are called as their schemes are."""
VARIABLES: dict[str, Any] = {
    "headerKey": "VAULT_API_TOKEN",
    "queryKey": "VAULT_QUERY_KEY",
    "cookieKey": "VAULT_COOKIE_KEY",
    "basic": {"username": "VAULT_BASIC_USERNAME", "password": "VAULT_BASIC_PASSWORD"},
    "bearer": "VAULT_BEARER",
    "custom": "VAULT_CUSTOM",
    "oauth": "VAULT_OAUTH",
    "openid": "VAULT_OPENID",
}


@dataclass(frozen=True)
class Made:
    """The package of the table, imported, its folder, and the server that its calls go to."""

    folder: Path
    server: Recorder
    api: Any
    forking: Forking

    def environment(self, given: tuple[str, ...]) -> dict[str, str]:
        kept = {name: os.environ[name] for name in ("PATH",) if name in os.environ}
        found = {**kept, "VAULT_BASE_URL": self.server.base_url, "PYTHONPATH": str(self.folder / "python")}
        for key in given:
            secret, variable = SECRETS[key], VARIABLES[key]
            found |= (
                {variable: secret} if isinstance(secret, str) else {variable[part]: secret[part] for part in secret}
            )
        return {**found, "HOME": str(self.folder), "VAULT_KIT_CONFIG": str(self.folder / "none.json")}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Made]:
    folder = tmp_path_factory.mktemp("credentials")
    described = folder / "openapi.json"
    described.write_text(json.dumps(document()), "utf-8")
    inputs = pipeline.Inputs(described)
    report = pipeline.generate(inputs, folder / "out")
    assert not [loss for loss in report.losses if loss.surface == "*"], report.losses
    sys.path.insert(0, str(folder / "out/python"))
    forking = Forking("vault_kit", str(folder / "out/python"))
    with recorder() as server:
        yield Made(folder / "out", server, pipeline.load(inputs), forking)
    forking.close()
    sys.path.remove(str(folder / "out/python"))


@pytest.fixture(autouse=True)
def nothing_of_the_users(made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VAULT_KIT_CONFIG", str(made.folder / "none.json"))


def check(row: Row, server: Recorder, call: Callable[[str], str]) -> None:
    """call: makes the call, and gives what it says of a refusal; empty for none."""
    server.seen = []
    told = call(f"vault_rows_{row.name}")
    if row.sent is None:
        assert told and not server.seen
        for key in ALL:
            secret = SECRETS[key]
            assert not any(text in told for text in ([secret] if isinstance(secret, str) else secret.values()))
        return
    assert not told, told
    seen = server.one()
    found = {name: seen.headers[name] for name in ("authorization", "x-key", "cookie") if name in seen.headers}
    # RFC 3986, 2.1: the digits of an escape are equal in either case, and curl writes small ones.
    query = re.sub("%..", lambda escape: escape[0].upper(), seen.target.partition("?")[2])
    assert {**found, **({"?": query} if query else {})} == row.wire()
    assert not any(text in str(seen.body) for text in ("h-1", "c-1"))


def arguments(row: Row) -> dict[str, Any]:
    return {SPELLED.get(key, key): SECRETS[key] for key in row.given}


@pytest.mark.parametrize("row", ROWS, ids=IDS)
@pytest.mark.parametrize("kind", ["sync", "async"])
def test_python(made: Made, kind: str, row: Row) -> None:
    import vault_kit as vault

    def call(name: str) -> str:
        method = row.name
        try:
            if kind == "sync":
                with vault.Vault(base_url=made.server.base_url, **arguments(row)) as client:
                    getattr(client.rows, method)()
            else:
                asyncio.run(awaited(method))
        except vault.ConfigError as error:
            return str(error)
        return ""

    async def awaited(method: str) -> None:
        async with vault.AsyncVault(base_url=made.server.base_url, **arguments(row)) as client:
            await getattr(client.rows, method)()

    check(row, made.server, call)


@pytest.mark.parametrize("row", ROWS, ids=IDS)
def test_command_line(made: Made, row: Row) -> None:
    def call(name: str) -> str:
        env = made.environment(row.given)
        done = Forked(made.forking, ["call", name, "{}"], env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        _, told = done.communicate(timeout=HANGS)
        assert done.returncode in (0, 4), told
        return told.decode() if done.returncode else ""

    check(row, made.server, call)


@pytest.fixture(scope="module")
def tools(made: Made) -> Iterator[Callable[[tuple[str, ...], str], Any]]:
    """Calls a tool of the server that has these credentials; one server for each set of them."""
    with ExitStack() as stack:
        portal = stack.enter_context(start_blocking_portal())
        running: dict[tuple[str, ...], Any] = {}

        def call(given: tuple[str, ...], name: str) -> Any:
            if given not in running:
                words = ["-m", "vault_kit", "mcp", "serve", "--allow=all"]
                command = StdioServerParameters(command=sys.executable, args=words, env=made.environment(given))
                client = stack.enter_context(portal.wrap_async_context_manager(Client(command)))
                running[given] = partial(portal.call, client.call_tool)
            return running[given](name, {})

        yield call


OF_TOOLS = [row for row in ROWS if row.given in (ALL, ())]


@pytest.mark.parametrize("row", OF_TOOLS, ids=[row.name for row in OF_TOOLS])
def test_tool(made: Made, tools: Callable[..., Any], row: Row) -> None:
    def call(name: str) -> str:
        answer = tools(row.given, name)
        return str(answer.content[0].text) if answer.is_error else ""

    check(row, made.server, call)


@pytest.mark.parametrize("row", OF_TOOLS, ids=[row.name for row in OF_TOOLS])
def test_script(made: Made, row: Row) -> None:
    """Code mode: a script in the sandbox, in which there is no credential."""
    import vault_kit as vault
    from vault_kit import functions, lua

    def call(name: str) -> str:
        with vault.Vault(base_url=made.server.base_url, **arguments(row)) as client:
            script = f"return app.integrations.vault.rows_{row.name}{{}}"
            done = lua.run(script, client=client, policy=functions.Policy(frozenset({"read"})))
        return "" if done["success"] else json.dumps(done["error"])

    check(row, made.server, call)


@pytest.mark.parametrize("version", LUAS)
def test_plain_lua(made: Made, version: str) -> None:
    """The plain module, in each Lua that lupa brings; what it hands to its transport is sent as it is."""
    lua = importlib.import_module(f"lupa.{version}").LuaRuntime(encoding="latin-1")
    lua.globals().package.path = f"{made.folder}/lua/?.lua"
    lua.execute("api = require('vault_kit')")
    start = lua.eval("""function(given, base_url, seen)
          return api.new({ credentials = given, base_url = base_url, http = function(request)
            for name, value in pairs(request.headers) do seen[name:lower()] = value end
            seen["?"] = request.url:match("%?(.*)")
            return { status = 200, headers = {}, body = "{}" }
          end })
        end""")
    for row in ROWS:
        seen = lua.table()
        given = {
            name: lua.table_from(each) if isinstance(each, dict) else each for name, each in arguments(row).items()
        }
        answer = start(lua.table_from(given), made.server.base_url, seen).call(
            start(lua.table_from(given), made.server.base_url, seen), f"vault_rows_{row.name}", lua.table()
        )
        found = {name: seen[name] for name in ("authorization", "x-key", "cookie", "?") if seen[name] is not None}
        if row.sent is None:
            assert answer[0] is None and answer[1].type == "configuration" and not list(seen), row.name
        else:
            assert found == row.wire(), row.name


SHOWN = [row for row in ROWS if row.given_to_curl]


@pytest.mark.parametrize("row", SHOWN, ids=[row.name for row in SHOWN])
@pytest.mark.parametrize("source", ["docs", "command"])
def test_curl(made: Made, source: str, row: Row) -> None:
    """The line of the docs, and that of `--curl`, in a shell that has the variables."""
    needs("curl")
    env = made.environment(ALL)

    def call(name: str) -> str:
        if source == "docs":
            line = calls.curl(made.api, made.api.function(name), {}).replace(
                made.api.servers[0].url, made.server.base_url
            )
        else:
            words = ["call", name, "{}", "--curl"]
            done = Forked(made.forking, words, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            written, problem = done.communicate(timeout=HANGS)
            assert done.returncode == 0, problem
            line = written.decode()
        assert not any(text in line for text in ("h-1", "c-1", "open sesame", "mF_9"))
        sent = subprocess.run(["bash", "-c", line], env=env, capture_output=True, timeout=HANGS, check=False)
        assert sent.returncode == 0, (line, sent.stderr)
        return ""

    check(row, made.server, call)


def test_variables_and_arguments_are_told_where_one_is_missing(made: Made) -> None:
    import vault_kit as vault

    with vault.Vault(base_url=made.server.base_url, bearer="x") as client, pytest.raises(vault.ConfigError) as caught:
        client.rows.or_of_ands()
    told = str(caught.value)
    assert "VAULT_QUERY_KEY" in told and "query_key=" in told, "of the first alternative, what is not there"
    assert "VAULT_BEARER" not in told, "what is there is not asked for"
    assert "VAULT_BASIC_USERNAME" in told and "VAULT_API_TOKEN" in told and "pass token=" in told


@pytest.mark.parametrize(
    ("given", "header"),
    [
        ({"basic": ("test", "123\u00a3")}, "Basic dGVzdDoxMjPCow=="),  # RFC 7617, 2.1
        ({"basic": "sk_test"}, "Basic c2tfdGVzdDo="),  # a user without a password: "sk_test:"
        ({"basic": "a:b:c"}, "Basic YTpiOmM="),  # RFC 7617, 2: the first colon ends the user
        ({"basic": {"username": "u"}}, "Basic dTo="),
    ],
)
def test_a_user_and_a_password(made: Made, given: Mapping[str, Any], header: str) -> None:
    import vault_kit as vault

    made.server.seen = []
    with vault.Vault(base_url=made.server.base_url, **given) as client:
        client.rows.single_basic()
    assert made.server.one().headers["authorization"] == header


@pytest.mark.parametrize(
    "given",
    [
        {"basic": ("a:b", "c")},  # RFC 7617, 2: a user has no colon
        {"bearer": "a\r\nX-More: b"},
        {"cookie_key": "a; b=c"},
        {"basic": 3},
        {"oauth": {"client": "x"}},
        {"query_key": {"token": 1}},
    ],
    ids=str,
)
def test_what_cannot_be_a_credential_is_refused_and_not_shown(given: Mapping[str, Any]) -> None:
    import vault_kit as vault

    with pytest.raises(vault.ConfigError) as caught:
        vault.Vault(**given)
    assert "X-More" not in str(caught.value) and "b=c" not in str(caught.value)


def test_an_unknown_scheme_is_no_argument(made: Made) -> None:
    import vault_kit as vault

    with pytest.raises(TypeError, match="did you mean bearer"):
        vault.Vault(bearr="x")


def test_no_secret_is_shown(made: Made) -> None:
    import vault_kit as vault

    with vault.Vault(base_url=made.server.base_url, **arguments(Row("", None, ALL, None))) as client:
        shown = f"{client!r} {client._config!r} {client._config.credentials!r} {client._config.credentials.of}"
        hidden = client.hide("h-1 open sesame q&/=1")
    assert not any(text in shown for text in ("open sesame", "q&/=1", "mF_9"))
    assert "open sesame" not in hidden and "q&/=1" not in hidden


def test_a_header_of_the_caller_stands_in_for_a_scheme(made: Made) -> None:
    import vault_kit as vault

    made.server.seen = []
    with vault.Vault(base_url=made.server.base_url, headers={"Authorization": "Mine x"}) as client:
        client.rows.single_bearer()
    assert made.server.one().headers["authorization"] == "Mine x"


@pytest.mark.parametrize("row", [row for row in ROWS if row.given == ALL], ids=lambda row: row.name)
def test_the_mock_lets_in_what_is_required_and_nothing_less(made: Made, row: Row) -> None:
    """Each secret of the mock is its token; one that lacks any of the first alternative is not let in."""
    import vault_kit as vault
    from vault_kit import mock

    with mock.serve(token="mock") as running:
        given = {SPELLED.get(key, key): "mock" for key in row.given}
        with vault.Vault(base_url=running.base_url, **given) as client:
            assert (
                client.call(importlib.import_module("vault_kit.operations").OPERATIONS[f"vault_rows_{row.name}"], {})
                == {}
            )
        anonymous = not row.security if row.security is not None else False
        if not anonymous and {} not in (row.security or []):
            for missing in row.sent or ():
                given[SPELLED.get(missing, missing)] = "another"
            with vault.Vault(base_url=running.base_url, **given) as client, pytest.raises(vault.AuthenticationError):
                client.call(importlib.import_module("vault_kit.operations").OPERATIONS[f"vault_rows_{row.name}"], {})


def test_an_account_holds_a_secret_of_each_scheme(made: Made, tmp_path: Path) -> None:
    config = tmp_path / "config.json"

    def run(*words: str, given: bytes = b"") -> Any:
        env = {**made.environment(()), "VAULT_KIT_CONFIG": str(config)}
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        done = Forked(made.forking, list(words), env=env, **pipes)
        out, told = done.communicate(given, timeout=HANGS)
        assert done.returncode == 0, told
        return json.loads(out)

    login = ("auth", "login", "--token-file", "-")
    assert run(*login, given=b"h-1\n")["scheme"] == "headerKey"
    run(*login, "--scheme", "basic", given=b"Aladdin:open sesame\n")
    run(*login, "--scheme", "bearer", given=b"mF_9.B5f-4.1JqM\n")
    assert config.stat().st_mode & 0o777 == 0o600
    for name in ("or_of_ands", "only_basic", "inherited", "only_bearer"):
        made.server.seen = []
        run("call", f"vault_rows_{name}", "{}")
        row = next(row for row in ROWS if row.name == name)
        seen = made.server.one().headers
        assert {key: seen[key] for key in row.wire()} == row.wire()
    [shown] = run("auth", "status")
    assert shown["credentials"] == ["basic", "bearer"]
    assert not any(text in json.dumps(shown) for text in ("h-1", "open sesame", "mF_9"))


def test_the_keyring_holds_several(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from vault_kit.runtime import accounts, config

    kept: dict[tuple[str, str], str] = {}
    ring = SimpleNamespace(
        get_password=lambda service, name: kept.get((service, name)),
        set_password=lambda service, name, token: kept.update({(service, name): token}),
        delete_password=lambda service, name: kept.pop((service, name)),
    )
    monkeypatch.setitem(sys.modules, "keyring", ring)
    monkeypatch.setenv("VAULT_KIT_CONFIG", str(tmp_path / "config.json"))
    secrets = {"basic": {"username": "Aladdin", "password": "open sesame"}}
    account = accounts.Account("safe", "h-1", keyring=True, credentials=secrets)
    accounts.save(accounts.Settings("safe", {"safe": account}))
    written = (tmp_path / "config.json").read_text()
    assert "h-1" not in written and "open sesame" not in written and len(kept) == 2
    found = config.load()
    assert found.token == "h-1" and found.parts["basic"] == secrets["basic"]
    accounts.forget(accounts.read().accounts["safe"])
    assert kept == {}
