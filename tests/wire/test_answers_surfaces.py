"""The bounds of answers where people, hosts and scripts meet them: the command line, the MCP server, Lua.

Each is a process of its own before a server that misbehaves; what it takes of memory is what the system says it took.
"""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import anyio
import pytest
from cli_harness import COMMAND, Cli
from luas import LUAS, start
from mcp_harness import over_http, served, stdio
from misbehaving import Misbehaving, chunked, endless, head, misbehaving, of_json, slowly, whole

pytestmark = pytest.mark.long

MIB = 1 << 20
TOKEN = "r8_token_of_these_tests"


@pytest.fixture
def bad() -> Iterator[Misbehaving]:
    with misbehaving() as server:
        yield server


@pytest.fixture
def cli(tmp_path: Path, bad: Misbehaving) -> Cli:
    return Cli(tmp_path, bad.base_url)


def bomb() -> Iterator[bytes]:
    """Gzip of zeros without an end: a kilobyte for each megabyte."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    yield head(Content_Type="application/json", Content_Encoding="gzip", X_Request_Id="rid")
    yield packer.compress(bytes(MIB)) + packer.flush(zlib.Z_FULL_FLUSH)
    # What follows a full flush stands for itself, and can be repeated.
    yield from endless(packer.compress(bytes(MIB)) + packer.flush(zlib.Z_FULL_FLUSH))


def measured(cli: Cli, *words: str) -> tuple[int, int]:
    """The exit code of a command, and the most bytes of memory that it had."""
    with (cli.folder / "stderr").open("wb") as stderr:
        process = subprocess.Popen(
            [*COMMAND, *words],
            cwd=cli.folder,
            env=cli.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=stderr,
        )
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return process.returncode, used.ru_maxrss * 1024


def test_a_bomb_costs_a_command_no_more_than_its_bound(cli: Cli, bad: Misbehaving) -> None:
    bad.answers["/account"] = lambda _: of_json({"username": "alice", "type": "user"})
    code, usual = measured(cli, "account", "get")
    assert code == 0
    bad.answers["/account"] = lambda _: bomb()
    code, most = measured(cli, "account", "get", "--json")
    error = json.loads((cli.folder / "stderr").read_bytes())["error"]
    assert (
        "more than 67,108,864 bytes, the bound of max_response_bytes (in the environment REPLIKIT_MAX_RESPONSE_BYTES)"
        in error["message"]
    )
    assert (code, error["status"], error["request_id"]) == (1, 200, "rid")
    # The body as it grows, and a copy of it while it does.
    assert most - usual < 2 * 64 * MIB + 32 * MIB, (usual, most)
    code, small = measured(cli, "account", "get", "--max-response-bytes", "1000")
    assert code == 1 and small - usual < 32 * MIB, (usual, small)


def test_a_file_is_written_as_it_comes(cli: Cli, bad: Misbehaving) -> None:
    bad.answers["/account"] = lambda _: of_json({"username": "alice", "type": "user"})
    _, usual = measured(cli, "account", "get")
    words = ["files", "download", "--file-id", "f", "--owner", "o", "--expiry", "1", "--signature", "s"]
    bad.answers["/files/f/download"] = lambda _: itertools.chain(
        [head(Content_Type="application/octet-stream", Content_Length=256 * MIB)], [bytes(MIB)] * 256
    )
    code, most = measured(cli, *words, "--output", "file")
    assert code == 0 and (cli.folder / "file").stat().st_size == 256 * MIB
    assert most - usual < 64 * MIB, (usual, most)

    def cut(_: str) -> Iterable[bytes]:
        yield whole(b"short", Content_Length=1000)[0]
        raise ConnectionError

    bad.answers["/files/f/download"] = cut
    assert measured(cli, *words, "--output", "other")[0] == 7 and not (cli.folder / "other").exists()
    # In an envelope it is in memory, and bounded.
    bad.answers["/files/f/download"] = lambda _: chunked(endless(bytes(4096)))
    assert "max_response_bytes" in cli.error(1, *words, "--format", "json", "--max-response-bytes", "9999")["message"]
    assert (
        "max_response_bytes"
        in cli.error(1, "api", "GET", "/files/f/download", "--max-response-bytes", "9999")["message"]
    )


DEEP = b"[" * 100_000 + b"]" * 100_000
SLOW: dict[str, Any] = {
    "a head": lambda: slowly(itertools.chain([b"HTTP/1.1 200 OK\r\nA: "], endless(b"b"))),
    "a body": lambda: itertools.chain([head(Content_Length=900)], slowly(endless(b" "))),
    "a failure": lambda: itertools.chain([head("500 No", Content_Length=900)], slowly(endless(b" "))),
}


@pytest.mark.parametrize("name", SLOW)
def test_a_command_ends_with_its_timeout(cli: Cli, bad: Misbehaving, name: str) -> None:
    bad.answers["/account"] = lambda _: SLOW[name]()
    error = cli.error(8, "account", "get", "--timeout", "0.5")
    assert error["type"] == "timeout" and "within 0.5 s, the bound of deadline" in error["message"]
    assert not bad.outlasted


def test_a_command_that_may_have_been_paid_for_is_not_sent_again(cli: Cli, bad: Misbehaving) -> None:
    bad.answers["/predictions"] = lambda _: SLOW["a body"]()
    words = ["predictions", "create", "--version", "v", "--input", "a=1", "--yes"]
    error = cli.error(8, *words, "--timeout", "0.5")
    assert not error["retryable"] and "may have been carried out" in error["hint"]
    bad.answers["/predictions"] = lambda _: chunked(endless(b" "), "201 Created")
    error = cli.error(1, *words, REPLIKIT_MAX_RESPONSE_BYTES="1000")
    assert error["status"] == 201 and "may have been carried out" in error["hint"]
    assert bad.asked == ["POST /predictions"] * 2


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (DEEP, "nested"),
        (b"[" * 129 + b"]" * 129, "more than 128 levels deep, the bound of max_depth"),
        (b"9" * 5000, "digits"),
        (b'{"a": NaN}', "NaN is not JSON"),
        (b"[1e999]", "too large"),
        (b"\xff\xfe\xfd", "JSON"),
    ],
)
def test_a_command_says_what_cannot_be_read(cli: Cli, bad: Misbehaving, text: bytes, reason: str) -> None:
    bad.answers["/account"] = lambda _: whole(text, Content_Type="application/json")
    for words in (["account", "get"], ["account", "get", "--json"], ["account", "get", "--format", "yaml"]):
        assert reason in cli.error(1, *words)["message"]
    done = cli.run("api", "GET", "/account")  # which takes whatever comes
    assert done.returncode == 0 and b"Traceback" not in done.stderr


PAGE = b"<!DOCTYPE html>\n<title>Log in to the network</title>" + f"<!-- {TOKEN} -->".encode() + b"<p>" * 5000
CREATE = ("predictions", "create", "--version", "v", "--input", "a=1")


def portal(status: str = "200 OK") -> Iterable[bytes]:
    return whole(PAGE, status, Content_Type="text/html")


def test_the_page_of_a_portal_is_told_as_one(cli: Cli, bad: Misbehaving) -> None:
    """On every surface: the status, the kind, and no more than the beginning of what came instead of JSON."""
    bad.answers["/account"] = lambda _: portal()
    cli.token = TOKEN
    said = [cli.error(1, "account"), cli.error(1, "account", "--format", "table")]
    script = cli.run("lua", "run", "--json", "-e", "return app.integrations.replicate.get_account{}")
    said.append(json.loads(script.stderr or script.stdout)["error"])

    async def check() -> None:
        async with stdio(environment(bad)) as client:
            found = await client.call_tool("replicate_get_account", {})
            said.append(found.structured_content["error"])

    anyio.run(check)
    for error in said:
        assert error["status"] == 200 and "status 200" in error["message"] and "text/html" in error["message"]
        assert "begins with '<!DOCTYPE html> <title>Log in" in error["message"], error
        assert len(error["message"]) < 500 and TOKEN not in json.dumps(error)


@pytest.mark.parametrize("version", LUAS)
def test_plain_lua_tells_the_page_of_a_portal(version: str, made: Path) -> None:
    lua = start(version, made)
    lua.globals().page = PAGE.decode()
    lua.execute("""
        local client = api.new{token = "t", http = function()
            return {status = 200, headers = {["Content-Type"] = "text/html"}, body = page}
        end}
        _, problem = client.get_account{}
        local refusing = api.new{token = "t", http = function() return nil, "connection refused", true end}
        _, refused = refusing.create_prediction{version = "v", input = {}}
        local lost = api.new{token = "t", http = function() return nil, "closed" end}
        _, broken = lost.create_prediction{version = "v", input = {}}
    """)
    found = lua.globals()
    assert found.problem.type == "response" and found.problem.status == 200 and len(found.problem.message) < 500
    assert "text/html" in found.problem.message and "<!DOCTYPE html> <title>Log in" in found.problem.message
    assert found.refused.retryable is True and found.broken.retryable is False


def test_a_refused_connection_is_retryable_everywhere(tmp_path: Path) -> None:
    """Nothing was sent, and so nothing was done: also what costs money may be called again."""
    cli = Cli(tmp_path)
    given = {"REPLICATE_API_TOKEN": TOKEN, "REPLICATE_BASE_URL": cli.url}
    said = [cli.error(7, *CREATE), cli.error(7, "account")]
    code = "return app.integrations.replicate.create_prediction{version = 'v', input = {a = 1}}"
    script = cli.run("lua", "run", "--json", "--write=allow", "--allow=all", "-e", code)
    said.append(json.loads(script.stderr or script.stdout)["error"])

    async def check() -> None:
        async with stdio(given, "--write=allow", "--allow=all") as client:
            found = await client.call_tool("replicate_create_prediction", {"version": "v", "input": {}})
            said.append(found.structured_content["error"])

    anyio.run(check)
    assert [(error["type"], error["retryable"]) for error in said] == [("connection", True)] * 4, said
    assert not any("carried out" in error["hint"] for error in said)


@pytest.mark.parametrize("format", ["json", "jsonl", "yaml", "table", "raw"])
def test_a_command_shows_what_is_odd(cli: Cli, bad: Misbehaving, format: str) -> None:
    odd = (
        rb'{"username": "\ud800 \udfff x", "n": ['
        + b"1" * 4000
        + b', -0.0, 1e308], "deep": '
        + b"[" * 125
        + b"]" * 125
        + b"}"
    )
    bad.answers["/account"] = lambda _: whole(odd, Content_Type="application/json")
    done = cli.run("account", "get", "--format", format)
    assert (done.returncode, done.stderr) == (0, b"")
    assert "\ufffd \ufffd x" in done.stdout.decode()


def empty_pages(bad: Misbehaving) -> None:
    def answer(path: str) -> Iterable[bytes]:
        number = int(path.rpartition("=")[2]) if "=" in path else 0
        items = [{"owner": "o", "name": "n"}] if number == 0 else []
        return of_json({"results": items, "next": f"{bad.base_url}/models?cursor={number + 1}", "previous": None})

    bad.answers["/models"] = answer


@pytest.mark.parametrize("words", [["--all"], ["--limit", "5"], ["--all", "--json"], ["--all", "--format", "yaml"]])
def test_a_list_without_an_end_ends(cli: Cli, bad: Misbehaving, words: list[str]) -> None:
    empty_pages(bad)
    error = cli.error(1, "models", "list", *words, REPLIKIT_MAX_EMPTY_PAGES="3")
    assert "3 pages in a row without items" in error["message"] and "REPLIKIT_MAX_EMPTY_PAGES" in error["message"]
    assert len(bad.asked) == 4
    bad.asked.clear()
    cli.error(1, "models", "list", *words)
    assert len(bad.asked) == 101  # unless it is set
    assert "max_pages" in cli.error(1, "models", "list", *words, REPLIKIT_MAX_PAGES="2")["message"]
    done = cli.run("models", "list", "--all", "--format", "jsonl", REPLIKIT_MAX_EMPTY_PAGES="3")
    assert done.returncode == 1 and json.loads(done.stdout)["name"] == "n"


@pytest.mark.parametrize("name", ["DEADLINE", "MAX_RESPONSE_BYTES", "MAX_PAGES"])
def test_a_bound_that_is_none_is_named(cli: Cli, name: str) -> None:
    error = cli.error(4, "account", "get", **{f"REPLIKIT_{name}": "-1"})
    assert f"REPLIKIT_{name}=-1: must be" in error["message"]


# ── hosts ──────────────────────────────────────────────────────────────────────────────────────────────


def environment(bad: Misbehaving, **more: str) -> dict[str, str]:
    return {"REPLICATE_API_TOKEN": TOKEN, "REPLICATE_BASE_URL": bad.base_url, **more}


def test_the_bounds_of_a_server_are_its_flags(bad: Misbehaving) -> None:
    flags = ("--max-response-bytes=1000", "--write=allow", "--allow=all")
    cases: dict[str, tuple[Any, str]] = {
        "large": (lambda: chunked(endless(b"x")), "more than 1,000 bytes, the bound of max_response_bytes"),
        "bomb": (bomb, "more than 1,000 bytes, the bound of max_response_bytes"),
        "deep": (lambda: whole(b"[" * 300 + b"]" * 300), "levels deep, the bound of max_depth"),
        "deeper": (lambda: whole(b"[" * 499), "nested|JSON"),
        "number": (lambda: whole(b"[1e999]"), "too large"),
    }
    slow: dict[str, tuple[Any, str]] = {
        "slow": (SLOW["a head"], "s, the bound of deadline|given up"),
        "slow body": (SLOW["a body"], "s, the bound of deadline|given up"),
    }

    async def check() -> None:
        await of(cases)
        await of(slow, "--call-timeout=2")

    async def of(cases: dict[str, tuple[Any, str]], *more: str) -> None:
        async with stdio(environment(bad), *flags, *more) as client:
            for answer, reason in cases.values():
                bad.answers["/account"] = lambda _, answer=answer: answer()
                found = await client.call_tool("replicate_get_account", {})
                assert found.is_error
                message = found.structured_content["error"]["message"]
                assert any(part in message for part in reason.split("|")), message
            if not more:
                odd = rb'{"username": "\ud800", "n": ' + b"1" * 400 + b"}"
                bad.answers["/account"] = lambda _: whole(odd)
                found = await client.call_tool("replicate_get_account", {})
                assert not found.is_error and found.structured_content["username"] == "\ufffd"
                return
            bad.answers["/predictions"] = lambda _: SLOW["a body"]()
            found = await client.call_tool("replicate_create_prediction", {"version": "v", "input": {}})
            error = found.structured_content["error"]
            assert error["type"] == "timeout" and not error["retryable"]
            assert bad.asked.count("POST /predictions") == 1

    anyio.run(check)
    assert not bad.outlasted


def peak(pid: int) -> int:
    """The most bytes of memory that a process has had."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:"))


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the system does not tell")
def test_bombs_cost_a_server_no_more_than_their_bounds(bad: Misbehaving) -> None:
    """Eight callers are sent one at a time; a ninth is served meanwhile."""
    bad.answers["/account"] = lambda _: of_json({"username": "alice", "type": "user"})
    bad.answers["/hardware"] = lambda _: bomb()

    async def check(url: str, pid: int) -> None:
        async with over_http(url) as client:
            await client.call_tool("replicate_get_account", {})
            usual = peak(pid)

            async def one() -> None:
                found = await client.call_tool("replicate_list_hardware", {})
                assert "more than 16,777,216 bytes" in found.structured_content["error"]["message"]

            async with anyio.create_task_group() as group:
                for _ in range(8):
                    group.start_soon(one)
                found = await client.call_tool("replicate_get_account", {})
                assert found.structured_content["username"] == "alice"
            assert peak(pid) - usual < 8 * 2 * 16 * MIB + 64 * MIB

    with served(environment(bad)) as (url, process):
        anyio.run(check, url, process.pid)


# ── scripts ────────────────────────────────────────────────────────────────────────────────────────────


def test_scripts_have_the_bounds_of_their_host(cli: Cli, bad: Misbehaving) -> None:
    def run(code: str, **more: str) -> Any:
        done = cli.run("lua", "run", "--json", "--max-calls", "20", "-e", code, **more)
        assert b"Traceback" not in done.stderr
        return json.loads(done.stderr or done.stdout)

    account = "return app.integrations.replicate.get_account{}"
    bad.answers["/account"] = lambda _: bomb()
    assert "the bound of max_response_bytes" in run(account, REPLIKIT_MAX_RESPONSE_BYTES="1000")["error"]["message"]
    bad.answers["/account"] = lambda _: whole(b"[" * 129 + b"]" * 129)
    assert "the bound of max_depth" in run(account)["error"]["message"]
    bad.answers["/account"] = lambda _: SLOW["a head"]()
    assert "the bound of deadline" in run(account, REPLIKIT_DEADLINE="0.5")["error"]["message"]
    empty_pages(bad)
    bad.asked.clear()
    walk = "for _ in app.integrations.replicate.pages('list_models', {}) do end return 'the end'"
    error = run(walk)["error"]
    assert (error["type"], error["limit"]) == ("limit", "calls") and len(bad.asked) == 20


@pytest.fixture(scope="module")
def made() -> Path:
    return Path(__file__).parents[2] / "generated"


@pytest.mark.parametrize("version", LUAS)
def test_pages_without_items_end_in_plain_lua(version: str, made: Path) -> None:
    lua = start(version, made)
    found = lua.execute("""
        local asked = 0
        local function http(request)
          asked = asked + 1
          local items = asked == 2 and '[{"name": "n"}]' or "[]"
          local body = '{"results": ' .. items .. ', "next": "https://api.replicate.com/v1/models?cursor=' .. asked .. '"}'
          return { status = 200, headers = {}, body = body }
        end
        local client = api.new{ token = "t", http = http, max_empty_pages = 5 }
        local items, message = 0, nil
        for item, err in client:each("list_models") do
          if item then items = items + 1 else message = err.message end
        end
        return items .. " " .. asked .. " " .. tostring(message)
        """)
    assert (
        found
        == "1 7 replicate_list_models gave 5 pages in a row without items and names a next one, the bound of max_empty_pages"
    )
