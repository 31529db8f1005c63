"""The bounds that have no option, each reached: what is just within it is taken, what is beyond is told."""

from __future__ import annotations

import gzip
import socket
from pathlib import Path
from typing import Any

import pytest
from cli_harness import Cli
from conftest import Face, op
from mcp_harness import SECONDS
from misbehaving import head, misbehaving, whole
from replikit.functions import searching, validate
from replikit.functions.info import all_functions
from replikit.lua import messages
from replikit.mcp import hosts, prompts
from replikit.mcp.options import Options
from replikit.mock import seeds
from replikit.mock.server import serve
from replikit.runtime import private, webhooks
from replikit.runtime.errors import ConfigError, WebhookError


def answered(face: Face, answer: Any, **more: Any) -> Any:
    """The result of one call that is answered so."""
    with misbehaving() as bad:
        bad.answers["/things"] = lambda _: answer
        operation = op(face.demo, **more)
        return face.run(lambda client: client.call(operation, {}), max_retries=0, base_url=bad.base_url)


def test_head_of_an_answer(face: Face) -> None:
    interim = head("103 Early Hints", link="</a>; rel=preload", x="y" * 90_000)
    assert answered(face, [interim] * 11 + whole(b"{}")) == {}
    with pytest.raises(face.demo.errors.ResponseError, match="head of the answer has more than 1,048,576 bytes"):
        answered(face, [interim] * 12 + whole(b"{}"))


def test_codings_of_an_answer(face: Face) -> None:
    body = b"{}"
    for count in range(1, 7):
        body = gzip.compress(body)
        if count == 5:
            assert answered(face, whole(body, Content_Encoding=", ".join(["gzip"] * 5))) == {}
    with pytest.raises(face.demo.errors.ResponseError, match="is encoded 6 times over, and 5 is the most"):
        answered(face, whole(body, Content_Encoding=", ".join(["gzip"] * 6)))


def test_body_and_signatures_of_a_webhook() -> None:
    secret = "whsec_" + "c2VjcmV0IG9mIGEgdGVzdA=="
    headers = {"webhook-id": "a", "webhook-timestamp": "1700000000"}
    body, late = b"{}", 1e12
    good = webhooks.signature(b"secret of a test", "a", "1700000000", body)
    known = f"v1,{good.partition(',')[2] or good}"
    for others, taken in ((31, True), (32, False)):
        given = {**headers, "webhook-signature": " ".join(["v1,AAAA"] * others + [known])}
        if taken:
            assert webhooks.verify(body, given, secret=secret, tolerance=late).id == "a"
        else:
            with pytest.raises(WebhookError, match="not signed with this secret"):
                webhooks.verify(body, given, secret=secret, tolerance=late)
    with pytest.raises(WebhookError, match="more than 67,108,864 bytes"):
        webhooks.verify(b" " * (webhooks.LARGEST + 1), given, secret=secret)


def nested(levels: int) -> Any:
    value: Any = 1
    for _ in range(levels):
        value = [value]
    return value


def test_depth_of_arguments_and_messages() -> None:
    assert validate.check(nested(200), {}) is None
    problem = validate.check(nested(201), {})
    assert problem is not None and problem.message == "is nested more than 200 levels deep"
    for levels, good in ((messages.DEEPEST - 1, True), (messages.DEEPEST + 1, False)):
        line = b'{"op":"call","id":1,"payload":{"a":' + b"[" * levels + b"]" * levels + b"}}\n"
        message = messages.Message("call", 1, None, line[len(b'{"op":"call","id":1,"payload":') : -2])
        if good:
            assert message.payload()
        else:
            with pytest.raises(messages.ProtocolError):
                message.payload()


def test_what_functions_are_searched_for() -> None:
    known = all_functions().values()
    assert searching.search("list " * 200, known)
    with pytest.raises(searching.QueryError, match="1,001 characters; it may have 1,000"):
        searching.search("a" * 1001, known)


def test_search_on_the_command_line(tmp_path: Path) -> None:
    assert "1,001 characters" in Cli(tmp_path).error(2, "search", "a" * 1001)["message"]


def test_file_of_accounts(tmp_path: Path) -> None:
    path = tmp_path / "config.json"
    path.write_bytes(b" " * private.LARGEST)
    path.chmod(0o600)
    assert private.read(path) == path.read_bytes()
    path.write_bytes(b" " * (private.LARGEST + 1))
    with pytest.raises(ConfigError, match="more than 1,048,576 bytes"):
        private.read(path)


def test_file_of_a_host(tmp_path: Path) -> None:
    path = tmp_path / ".mcp.json"
    content = b'{"a": "' + b"b" * (16 << 20) + b'"}'
    path.write_bytes(content)
    with pytest.raises(hosts.HostError, match="more than 16,777,216 bytes"):
        hosts.merge(hosts.HOSTS["claude-code"], path, "replicate", ())
    assert path.read_bytes() == content


def test_files_of_seeds(tmp_path: Path) -> None:
    path = tmp_path / "seeds.json"
    with path.open("wb") as file:
        file.truncate(seeds.LARGEST + 1)
    with pytest.raises(seeds.SeedError, match="more than 67,108,864 bytes"):
        seeds.read(str(path))


def test_body_that_the_mock_takes() -> None:
    """Told by its length, and in pieces."""
    with serve(max_body=1000) as mock:
        host, port = mock.base_url.split("/")[2].split(":")
        start = f"POST /v1/predictions HTTP/1.1\r\nhost: {host}\r\n"
        for more in (
            "content-length: 1001\r\n\r\n",
            "transfer-encoding: chunked\r\n\r\n3e8\r\n" + " " * 1000 + "\r\n1\r\n",
        ):
            with socket.create_connection((host, int(port)), SECONDS) as line:
                line.sendall((start + more).encode())
                answer = line.makefile("rb").read()
            assert answer.startswith(b"HTTP/1.1 413 ")
            assert b"at most 1000 bytes: --max-body" in answer


def test_argument_of_a_prompt() -> None:
    name, prompt = next((name, each) for name, each in prompts.known().items() if each["arguments"])
    names = [argument["name"] for argument in prompt["arguments"]]
    assert prompts.filled(name, dict.fromkeys(names, "x" * prompts.LONGEST), Options())
    with pytest.raises(Exception, match="4001 characters, 4000 are allowed"):
        prompts.filled(name, dict.fromkeys(names, "x" * (prompts.LONGEST + 1)), Options())
