"""A server that means harm, and a real terminal: nothing of what it sends steers the terminal or hides in it.

Every kind of command and every form of output, with payloads in values, keys, headers, errors, streams, names of files
and arguments. What reaches the terminal is read as bytes; of controls only our own may be among them.
"""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cli_harness import COMMAND, Cli
from scripted import Reply, Scripted, events, of, scripted
from terminal import Terminal

PAYLOADS = {
    "title": "\x1b]0;evil\x07", "clipboard": "\x1b]52;c;ZXZpbA==\x1b\\", "csi": "\x1b[2J\x1b[5m", "c1": "\x9b5m\x9d0;evil\x9c",
    "bell": "\x07", "over": "\rover", "back": "ab\x08\x08cd", "delete": "\x7f", "zero": "a\u200bb", "joiner": "a\u200db",
    "override": "\u202egpj\u202c", "isolate": "\u2066x\u2069", "mark": "\u061c\u200e", "tags": "\U000e0041\U000e0042\U000e007f",
    "bom": "\ufeff", "soft": "a\xadb", "ends": "a\u2028b\u2029c\x85d", "nul": "\x00", "filler": "\u3164\u115f\uffa0",
    "selector": "a\ufe0eb\U000e0101", "device": "\x1bP$q\x1b\\", "charset": "\x0e\x1b(0", "annotation": "\ufff9a\ufffb",
    "half": "\ud83d",
}  # fmt: skip
EVIL = "evil" + "".join(PAYLOADS.values())
WHOLE = EVIL.replace("\ud83d", "")
"""As UTF-8 and jq can have it."""

OURS = re.compile(
    r"\r\n"  # the terminal's own line end
    r"|\x1b\[(?:0|1|2|3[12356])m"  # paint
    r"|\r(?=[^\r\n]*\x1b\[K)|\x1b\[K"  # a line of progress, written anew
)
FORBIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u115f\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0"
    "\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e0fff]"
)


def clean(content: bytes) -> str:
    """What was shown, without controls of ours; no other may be left."""
    text = OURS.sub("\n", content.decode("utf-8"))
    found = FORBIDDEN.search(text)
    assert found is None, (found, text[max(0, found.start() - 60) : found.end() + 60])
    return text


JOB = {
    "id": "p1", "status": "succeeded", "output": [EVIL, "text"], "logs": EVIL, "error": None, EVIL: EVIL,
    "input": {EVIL: [EVIL, {EVIL: 1}]}, "model": EVIL,
}  # fmt: skip
JOB_READ = json.loads(json.dumps(JOB, ensure_ascii=False).replace("\ud83d", "\ufffd"))
"""As the client reads it: half of a surrogate pair is no character."""


@pytest.fixture(scope="module")
def server() -> Iterator[Scripted]:
    with scripted() as server:
        version = {"id": "v", "openapi_schema": {"components": {"schemas": {"Input": {"properties": {
            "x": {"description": EVIL, "title": EVIL, "default": EVIL, "enum": [EVIL]}, EVIL: {"type": "string"}}}}}}}  # fmt: skip
        headers = {"x_request_id": "evil\x9b5m\x9d0;x\x9c", "x_evil": "\x85\x9b"}
        text = {"content-type": "text/plain", "x-request-id": "evil\x9b5m"}

        def job(**more: Any) -> Any:
            return lambda _: of({**JOB, "urls": {"stream": f"{server.origin}/stream"}, **more}, **headers)

        answers: dict[str, Any] = {
            "/models/a/b/readme": lambda _: Reply([EVIL.encode("utf-8", "replace")], headers=text),
            "/models/a/b": lambda _: of({"owner": "a", "name": EVIL, "latest_version": version}, **headers),
            "/predictions/p1": job(),
            "/predictions/p2": lambda _: of({"id": "p2", "logs": WHOLE, WHOLE: WHOLE}, **headers),
            "/predictions/failed": job(status="failed", error=EVIL),
            "/predictions/odd": job(status=EVIL, logs=EVIL),
            "/predictions/files": job(output=[f"{server.origin}/a%1B%5D0;x%07%E2%80%8B%C2%9B.png", f"{server.origin}/"]),
            "/predictions": lambda _: of({"results": [JOB, {**JOB, "id": "\x1b[5m2"}], "next": None}, **headers),
            "/models/no/body": lambda _: of({"detail": EVIL, "title": EVIL, EVIL: EVIL}, 404, **headers),
            "/models/no/json": lambda _: Reply([EVIL.encode("utf-8", "replace")], 418, headers=text),
            "/account": lambda _: of({"type": "user", "username": EVIL, EVIL: EVIL}, **headers),
        }  # fmt: skip
        server.answers.update({f"/v1{path}": answer for path, answer in answers.items()})
        flat = EVIL.replace("\r", "").replace("\x85", "").replace("\u2028", "").replace("\u2029", "").encode("utf-8", "replace").decode()  # fmt: skip
        server.answers["/stream"] = lambda _: events(
            f"event: output\nid: {flat}\ndata: {flat}\n\nevent: {flat}\ndata: x\n\nevent: done\ndata: {{}}\n\n"
        )
        for path in ("/a%1B%5D0;x%07%E2%80%8B%C2%9B.png", "/"):
            server.answers[path] = lambda _: Reply([b"content"])
        yield server


FORMATS = [(), ("--format", "json"), ("--format", "jsonl"), ("--format", "yaml"), ("--format", "table"), ("--format", "raw")]  # fmt: skip
CALLS: dict[str, tuple[tuple[str, ...], ...]] = {
    "get": tuple(("predictions", "get", "p1", *form) for form in FORMATS),
    "list": tuple(("predictions", "list", *form) for form in FORMATS),
    "all": tuple(("predictions", "list", "--all", *form) for form in FORMATS),
    "text": tuple(("models", "readme", "a/b", *form) for form in FORMATS),
    "fields": tuple(("predictions", "list", "--fields", f"id,logs,{EVIL.replace(chr(0), '').replace(chr(0xD83D), '').replace(',', '')}", *form) for form in FORMATS),
    "jq": (("predictions", "get", "p2", "--jq", ".logs"), ("predictions", "get", "p2", "--jq", "."), ("predictions", "get", "p2", "--jq", ".logs|error")),
    "stream": (("predictions", "get", "p1", "--stream"), ("predictions", "get", "p1", "--stream", "--format", "jsonl")),
    "errors": (("models", "get", "no/body"), ("models", "get", "no/json"), ("predictions", "get", "failed", "--wait"), ("api", "GET", "/models/no/body")),
    "wait": (("predictions", "get", "odd", "--wait=0.3"),),
    "save": (("predictions", "get", "files", "--save", "out"),),
    "whole": (("predictions", "get", "p1", "--json"), ("models", "get", "no/body", "--json"), ("api", "GET", "/account")),
    "help": (("run", "a/b", "--help"),),
    "debug": (("predictions", "get", "p1", "--debug"), ("models", "get", "no/body", "--debug")),
    "typed": (("models", "get", "x\x1b]0;evil\x07"), ("modle\x1b[5m",), ("search", "\x1b[5m"), ("call", "\x9b5m"), ("--evil\x07",), ("docs", "\u202e"),
              ("predictions", "list", "--format", "\x1b[5m"), ("predictions", "list", "--jq", "\x1b[5m"), ("config", "get", "\x07"), ("config", "set", "account", "\x1b[5m")),
    "shown": (("predictions", "create", "--version", "\x1b[5m\u200b", "--input", "text=\x1b]0;x\x07", "--dry-run"),
              ("predictions", "create", "--version", "\x1b[5m\u200b", "--input", "text=\x1b]0;x\x07", "--curl")),
    "own": (("status",), ("doctor",), ("auth", "status"), ("config", "show"), ("mcp", "tools"), ("mcp", "tools", "--json"), ("functions",)),
    "lua": (("lua", "run", "-e", "local p = replicate.get_prediction{prediction_id='p1'} print(p.logs) log(p.logs) return p"),
            ("lua", "run", "--json", "-e", "local p = replicate.get_prediction{prediction_id='p1'} print(p.logs) return p"),
            ("lua", "run", "-e", "local p = replicate.get_prediction{prediction_id='p1'} error(p.logs)"),
            ("lua", "run", "-e", "replicate.get_model{model_owner='no', model_name='body'}"),
            ("lua", "run", "--dry-run", "-e", "replicate.get_prediction{prediction_id='\x1b[5m\\7'}")),
}  # fmt: skip


@pytest.mark.parametrize(("kind", "colour"), [*((kind, True) for kind in CALLS), ("get", False), ("list", False), ("wait", False)])  # fmt: skip
def test_nothing_from_elsewhere_steers_a_terminal(tmp_path: Path, server: Scripted, kind: str, colour: bool) -> None:
    cli = Cli(tmp_path, server.base_url, more={"PAGER": "cat", **({} if colour else {"NO_COLOR": "1"})})
    if kind == "own":
        account = {"token": "r8_x", "base_url": "http://x/\u200b\x1b]0;evil\x07", "permissions": {"\x1b[5m": "ask"}}
        config = tmp_path / "config" / "config.json"
        config.parent.mkdir(0o700)
        config.touch(0o600)
        config.write_text(json.dumps({"account": "a\x1b[5m\u200b", "accounts": {"a\x1b[5m\u200b": account}}))
        cli.token = ""
    for words in CALLS[kind]:
        for log in ("", "debug") if kind in ("get", "errors") and len(words) < 4 else ("",):
            terminal = Terminal([*COMMAND, *words], tmp_path, {**cli.environment, "REPLIKIT_LOG": log})
            _, shown = terminal.end()
            assert shown.strip() and "Traceback" not in shown, (words, shown)
            clean(terminal.content)
            if not colour:
                assert b"\x1b" not in terminal.content.replace(b"\x1b[K", b"")


def test_json_on_a_terminal_is_exact(tmp_path: Path, server: Scripted) -> None:
    for words in (("predictions", "get", "p1", "--format", "jsonl"), ("predictions", "get", "p1")):
        environment = {**Cli(tmp_path, server.base_url).environment, "NO_COLOR": "1", "PAGER": "cat"}
        terminal = Terminal([*COMMAND, *words], tmp_path, environment)
        found = json.loads(terminal.end()[1])
        assert {key: found[key] for key in JOB_READ} == JOB_READ, "the data survive"


def test_in_a_pipe_text_and_files_are_exact_and_json_is_json(tmp_path: Path, server: Scripted) -> None:
    cli = Cli(tmp_path, server.base_url)
    assert {key: value for key, value in cli.json("predictions", "get", "p1").items() if key != "urls"} == JOB_READ
    exact = EVIL.encode("utf-8", "replace")
    assert cli.run("models", "readme", "a/b").stdout == exact
    assert cli.run("models", "readme", "a/b", "--output", "r.md").returncode == 0
    assert (tmp_path / "r.md").read_bytes() == exact
    piped = cli.run("predictions", "list").stdout.decode()
    assert FORBIDDEN.search(piped) is None, "JSON spells as escapes what is not seen"


def test_what_destroys_is_asked_about_in_one_line(tmp_path: Path, server: Scripted) -> None:
    words = ("predictions", "cancel", "p1\x1b]0;evil\x07\u202e\ny\r\u200bfine")
    terminal = Terminal([*COMMAND, *words], tmp_path, Cli(tmp_path, server.base_url).environment)
    terminal.until(r"Go on\?")
    terminal.type("n\n")
    code, shown = terminal.end()
    clean(terminal.content)
    assert code == 4 and r"p1\x1b]0;evil\x07\u202e\ny\x0d\u200bfine. Go on?" in shown


def test_a_batch_and_its_progress(tmp_path: Path, server: Scripted) -> None:
    server.answers["/v1/predictions"] = lambda _: of({**JOB, "status": "failed", "error": EVIL}, 201)
    (tmp_path / "in.jsonl").write_text(json.dumps({"version": "v", "input": {"text": EVIL}}) + "\n")
    words = ("predictions", "create", "--batch", "in.jsonl", "--out", "out.jsonl")
    terminal = Terminal([*COMMAND, *words], tmp_path, Cli(tmp_path, server.base_url).environment)
    code, shown = terminal.end()
    clean(terminal.content)
    assert code == 3 and "ended without success" in shown


def test_the_log_of_the_mock(tmp_path: Path) -> None:
    words = ("mock", "--port", "0", "--verbose")
    terminal = Terminal([*COMMAND, *words], tmp_path, Cli(tmp_path).environment)
    found = re.search(r"http://127\.0\.0\.1:(\d+)", terminal.until(r"export REPLICATE_BASE_URL=\S+\r\n"))
    assert found
    with socket.create_connection(("127.0.0.1", int(found[1])), 30) as caller:
        caller.sendall(b"GET /\x1b]0;evil\x07\x9b5m\xc2\x9b HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        while caller.recv(65536):
            pass
    terminal.until("evil")
    terminal.type("\x03")
    terminal.end()
    clean(terminal.content.replace(b"^C", b""))


def test_a_long_text_goes_clean_through_the_pager(tmp_path: Path, server: Scripted) -> None:
    server.answers["/v1/models/long/one/readme"] = lambda _: Reply(
        [(EVIL.encode("utf-8", "replace") + b"\n") * 60], headers={"content-type": "text/plain"}
    )
    environment = {**Cli(tmp_path, server.base_url).environment, "PAGER": "cat >paged; echo paged"}
    terminal = Terminal([*COMMAND, "models", "readme", "long/one"], tmp_path, environment)
    assert "paged" in terminal.end()[1]
    clean((tmp_path / "paged").read_bytes())


def test_the_payloads_are_found_where_nothing_is_cleaned() -> None:
    """The proof can fail: a terminal that is given these as they are is refused by it."""
    for name, payload in PAYLOADS.items():
        with pytest.raises((AssertionError, UnicodeDecodeError)):
            clean(payload.encode("utf-8", "surrogatepass"))
            raise RuntimeError(name)
