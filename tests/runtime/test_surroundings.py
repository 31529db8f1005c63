"""What the environment says of certificates, proxies, addresses and tokens: wrong, it is told by its name, on every surface."""

from __future__ import annotations

import asyncio
import json
import os
import ssl
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from cli_harness import Cli
from hanging import HANGS
from mcp_harness import held, stdio

SECRET = "r8_not_to_be_shown"
WRONG: dict[str, tuple[dict[str, str], str]] = {
    "no file": ({"SSL_CERT_FILE": "/nonexistent"}, "SSL_CERT_FILE: cannot read /nonexistent: No such file"),
    "folder": ({"SSL_CERT_FILE": "/"}, "SSL_CERT_FILE: cannot read /: it is no plain file"),
    "no certificates": ({"SSL_CERT_FILE": "{folder}/empty.pem"}, "SSL_CERT_FILE: {folder}/empty.pem holds no certificates"),
    "FIFO": ({"SSL_CERT_FILE": "{folder}/fifo"}, "SSL_CERT_FILE: cannot read {folder}/fifo: it is no plain file"),
    "malformed": ({"SSL_CERT_FILE": "{folder}/wrong.pem"}, "SSL_CERT_FILE: {folder}/wrong.pem holds no certificates"),
    "no folder": ({"SSL_CERT_DIR": "/nonexistent"}, "SSL_CERT_DIR: there is no folder /nonexistent"),
    "key log": ({"SSLKEYLOGFILE": "/nonexistent/x"}, "SSLKEYLOGFILE"),
    "socks": ({"ALL_PROXY": "socks5://127.0.0.1:1"}, "ALL_PROXY names a SOCKS proxy, which needs a package: pip install socksio"),
    "socks here": ({"https_proxy": "socks5h://u:{secret}@127.0.0.1:1"}, "https_proxy names a SOCKS proxy"),
    "scheme": ({"HTTPS_PROXY": "ftp://u:{secret}@x"}, "HTTPS_PROXY is not the address of a proxy"),
    "blank": ({"HTTP_PROXY": "http://a b"}, "HTTP_PROXY is not the address of a proxy"),
    "control": ({"HTTP_PROXY": "http://a\x1b]0;x\x07"}, "HTTP_PROXY is not the address of a proxy"),
    "port": ({"all_proxy": "http://u:{secret}@x:99999"}, "all_proxy is not the address of a proxy"),
    "no host": ({"HTTP_PROXY": "http://"}, "HTTP_PROXY is not the address of a proxy"),
    "no proxy": ({"HTTP_PROXY": "http://x:1", "NO_PROXY": "[::1"}, "NO_PROXY: httpx cannot be set up with it"),
    "token": ({"REPLICATE_API_TOKEN": "{secret}\nx"}, "the token from REPLICATE_API_TOKEN holds characters that no token has (a line break)"),
    "token é": ({"REPLICATE_API_TOKEN": "{secret}é"}, "the token from REPLICATE_API_TOKEN holds characters that no token has"),
    "token bytes": ({"REPLICATE_API_TOKEN": "{secret}\udcff"}, "the token from REPLICATE_API_TOKEN"),
    "user": ({"REPLICATE_BASE_URL": "http://u:{secret}@127.0.0.1"}, "the base URL from REPLICATE_BASE_URL holds a user name"),
    "user alone": ({"REPLICATE_BASE_URL": "u:{secret}@127.0.0.1"}, "the base URL from REPLICATE_BASE_URL holds a user name"),
    "line": ({"REPLICATE_BASE_URL": "http://exa\nmple.com"}, "the base URL from REPLICATE_BASE_URL holds a blank"),
    "steering": ({"REPLICATE_BASE_URL": "http://x/\x1b]0;evil\x07"}, "the base URL from REPLICATE_BASE_URL holds"),
    "zero": ({"REPLICATE_BASE_URL": "http://x\u200b.com"}, "the base URL from REPLICATE_BASE_URL holds"),
    "file": ({"REPLICATE_BASE_URL": "file:///etc/passwd"}, "the base URL from REPLICATE_BASE_URL must begin with https://"),
    "query": ({"REPLICATE_BASE_URL": "http://x/v1?a=b"}, "the base URL from REPLICATE_BASE_URL must end with its path"),
    "bad port": ({"REPLICATE_BASE_URL": "http://x:99999"}, "the base URL from REPLICATE_BASE_URL cannot be one"),
    "bad host": ({"REPLICATE_BASE_URL": "http://[::1"}, "the base URL from REPLICATE_BASE_URL cannot be one"),
    "long host": ({"REPLICATE_BASE_URL": f"http://{'x' * 70}.com"}, "the base URL from REPLICATE_BASE_URL cannot be one"),
    "log": ({"REPLIKIT_LOG": "loud\x1b[5m"}, "REPLIKIT_LOG must be one of"),
    "library": ({"REPLIKIT_HTTP": "requests"}, "REPLIKIT_HTTP must be one of"),
    "account": ({"REPLICATE_API_TOKEN": "", "REPLIKIT_ACCOUNT": "\x1b[5m"}, "has no account"),
}  # fmt: skip

PYTHON = """
import asyncio, replikit, sys
async def main():
    async with replikit.AsyncReplicate() as client:
        await client.account.get()
try:
    asyncio.run(main()) if sys.argv[1] == "async" else replikit.Replicate().account.get()
except replikit.ConfigError as error:
    print(error)
"""


@pytest.fixture
def cli(tmp_path: Path) -> Cli:
    (tmp_path / "empty.pem").write_text("")
    (tmp_path / "wrong.pem").write_text("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
    os.mkfifo(tmp_path / "fifo")
    return Cli(tmp_path, "https://127.0.0.1:9")


def set_in(cli: Cli, kind: str) -> str:
    """What the message must hold, once the environment is so."""
    given, said = WRONG[kind]
    fill = {"folder": str(cli.folder), "secret": SECRET}
    cli.more |= {
        name: value.replace("{folder}", fill["folder"]).replace("{secret}", SECRET) for name, value in given.items()
    }
    if cli.more.get("REPLICATE_API_TOKEN") == "":
        cli.token = ""
    return said.replace("{folder}", fill["folder"])


@pytest.mark.parametrize("kind", WRONG)
def test_the_command_names_the_variable(cli: Cli, kind: str) -> None:
    said = set_in(cli, kind)
    done = cli.run("account")
    error = json.loads(done.stderr)["error"]
    assert done.returncode == 4 and said in error["message"], done
    assert error["type"] in ("config", "no_token") and error["hint"]
    assert SECRET.encode() not in done.stderr and b"Traceback" not in done.stderr and b"\x1b" not in done.stderr


@pytest.mark.parametrize("kind", ["no file", "malformed", "socks", "no proxy", "token", "user", "line"])
@pytest.mark.parametrize("how", ["sync", "async"])
def test_the_client_raises_it(cli: Cli, kind: str, how: str) -> None:
    said = set_in(cli, kind)
    done = subprocess.run(
        [sys.executable, "-c", PYTHON, how],
        env=cli.environment,
        capture_output=True,
        text=True,
        timeout=HANGS,
        check=False,
    )
    assert said in done.stdout and SECRET not in done.stdout + done.stderr and done.returncode == 0, done


@pytest.mark.parametrize("kind", ["no file", "socks", "line"])
def test_the_mcp_server_answers_with_it(cli: Cli, kind: str, capfd: pytest.CaptureFixture[str]) -> None:
    said = set_in(cli, kind)
    with held(stdio(cli.environment)) as client:
        answer = json.dumps(client.call_tool("replicate_get_account", {}).structured_content)
    logged = capfd.readouterr().err
    assert said in answer and '"config"' in answer
    assert SECRET not in answer + logged and "Traceback" not in logged


def test_a_script_is_told_it(cli: Cli) -> None:
    said = set_in(cli, "no file")
    done = cli.run("lua", "run", "-e", "return replicate.get_account{}")
    assert done.returncode == 4 and said.encode() in done.stderr and b"Traceback" not in done.stderr


def test_plain_http_needs_no_certificates(cli: Cli) -> None:
    cli.more["SSL_CERT_FILE"] = "/nonexistent"
    cli.url = "http://127.0.0.1:9"
    assert cli.error(7, "account")["type"] == "connection"


def test_who_is_not_trusted_is_told_where_trust_comes_from(cli: Cli) -> None:
    """A real TLS server whose certificate nobody signed."""
    key, cert = cli.folder / "key.pem", cli.folder / "cert.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost", "-addext",
         "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(cert)], check=True, capture_output=True,
    )  # fmt: skip

    async def run() -> tuple[Any, Any, Any]:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(cert, key)

        async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readuntil(b"\r\n\r\n")
            body = b'{"username": "acme"}'
            writer.write(
                b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length: %d\r\n\r\n%s"
                % (len(body), body)
            )
            await writer.drain()
            writer.close()

        server = await asyncio.start_server(answer, "127.0.0.1", 0, ssl=context)
        cli.url = f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        first = await asyncio.to_thread(cli.run, "account")
        second = await asyncio.to_thread(cli.run, "account", SSL_CERT_DIR=str(cli.folder))
        third = await asyncio.to_thread(cli.run, "account", SSL_CERT_FILE=str(cert))
        server.close()
        return first, second, third

    first, second, third = asyncio.run(run())
    assert first.returncode == 7 and b"SSL_CERT_FILE can name" in first.stderr
    assert second.returncode == 7 and b"SSL_CERT_DIR says whom to trust" in second.stderr
    assert third.returncode == 0 and b"acme" in third.stdout
