"""What is written when the end is a failure: what is one document not at all, what comes in lines as far as it came."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from cli_harness import Cli
from hanging import HANGS
from scripted import Asked, Reply, Scripted, events, of, scripted

ONE, TWO = ({"owner": "acme", "name": name, "description": "é"} for name in ("one", "two"))
LINE = json.dumps(ONE, separators=(",", ":"), ensure_ascii=False).encode() + b"\n"


@pytest.fixture
def server() -> Iterator[Scripted]:
    with scripted() as server:
        yield server


@pytest.fixture
def cli(tmp_path: Path, server: Scripted) -> Cli:
    return Cli(tmp_path, server.base_url)


def listed(server: Scripted, second: Reply) -> None:
    """A list of two pages, of which the second is answered with this."""

    def answer(asked: Asked) -> Reply:
        following = f"{server.base_url}/models?cursor=2"
        return second if "cursor" in asked.path else of({"results": [ONE], "next": following, "previous": None})

    server.answers["/v1/models"] = answer


LIST = ("models", "list", "--all")
BROKEN = of({"detail": "no more"}, 400)


@pytest.mark.parametrize("words", [("--format", "json"), ("--format", "yaml"), ("--jq", "length"), ("--json",), ()])
def test_one_document_is_written_whole_or_not_at_all(server: Scripted, cli: Cli, words: tuple[str, ...]) -> None:
    listed(server, BROKEN)
    done = cli.run(*LIST, *words)
    assert done.returncode == 1 and done.stdout == b""
    assert json.loads(done.stderr)["error"]["message"] == "no more"
    assert len(server.to("/v1/models")) == 2
    listed(server, of({"results": [TWO], "next": None, "previous": None}))
    done = cli.run(*LIST, *words)
    assert done.returncode == 0 and done.stderr == b""
    found = yaml.safe_load(done.stdout)
    assert found == 2 if "--jq" in words else (found["data"]["results"] if "--json" in words else found) == [ONE, TWO]


@pytest.mark.parametrize(
    ("format", "written"),
    [("jsonl", LINE), ("raw", LINE), ("table", "OWNER  NAME  DESCRIPTION\nacme   one   é\n".encode())],
)
def test_lines_come_with_their_pages_and_stay(server: Scripted, cli: Cli, format: str, written: bytes) -> None:
    listed(server, BROKEN)
    done = cli.run(*LIST, "--format", format)
    assert (done.returncode, done.stdout) == (1, written)
    assert json.loads(done.stderr)["error"]["message"] == "no more"


def test_the_lines_of_a_page_are_there_before_the_next_page_is(server: Scripted, cli: Cli) -> None:
    read = threading.Event()

    def second() -> Iterator[bytes]:
        assert read.wait(HANGS)
        yield json.dumps({"results": [TWO], "next": None}).encode()

    listed(server, Reply(second(), headers={"content-type": "application/json"}))
    process = cli.start(*LIST, "--format", "jsonl")
    assert process.stdout and process.stdout.readline() == LINE
    read.set()
    out, err = process.communicate(timeout=HANGS)
    assert process.returncode == 0, err
    assert json.loads(out) == TWO


@pytest.mark.parametrize("format", ["json", "jsonl", "yaml", "table", "raw"])
def test_a_file_stays_as_it_was_when_a_page_fails(server: Scripted, cli: Cli, format: str) -> None:
    listed(server, BROKEN)
    (cli.folder / "old").write_text("precious")
    for name in ("old", "new"):
        done = cli.run(*LIST, "--format", format, "--output", name)
        assert done.returncode == 1 and done.stdout == b"" and json.loads(done.stderr)["error"]
    assert sorted(os.listdir(cli.folder)) == ["old"]
    assert (cli.folder / "old").read_text() == "precious"


# ── Streams of jobs ───────────────────────────────────────────────────────────────────────────────────

STREAM = ("predictions", "get", "p1", "--stream")


def job(server: Scripted, end: str, *pieces: str) -> None:
    """One prediction that streams these pieces and then ends so."""
    stream = f"{server.origin}/stream"
    whole: dict[str, Any] = {"id": "p1", "input": {}, "logs": "", "error": None, "output": None}
    states = [{**whole, "status": "processing", "urls": {"stream": stream}}]
    states.append({**whole, "status": end, "error": "out of ink" if end == "failed" else None, "urls": {}})
    sent = [f"event: output\nid: {n}\ndata: {piece}\n\n" for n, piece in enumerate(pieces)]
    server.answers["/v1/predictions/p1"] = [of(state) for state in states]
    server.answers["/stream"] = lambda _: events(*sent, "event: done\ndata: {}\n\n")


def test_a_stream_that_ends_badly_has_written_what_there_was(server: Scripted, cli: Cli) -> None:
    for end, code in (("succeeded", 0), ("failed", 3)):
        job(server, end, "Hel", "lo")
        done = cli.run(*STREAM)
        assert (done.returncode, done.stdout) == (code, b"Hello")
    assert json.loads(done.stderr)["error"]["message"] == "the job ended failed: out of ink"
    job(server, "failed", "Hel")
    done = cli.run(*STREAM, "--format", "jsonl")
    assert done.returncode == 3 and json.loads(done.stdout.splitlines()[0])["data"] == "Hel"


@pytest.mark.parametrize("words", [("--format", "json"), ("--jq", "length")])
def test_the_events_as_one_document_are_written_at_the_end(server: Scripted, cli: Cli, words: tuple[str, ...]) -> None:
    job(server, "failed", "Hel", "lo")
    done = cli.run(*STREAM, *words)
    assert done.returncode == 3 and done.stdout == b""
    job(server, "succeeded", "Hel", "lo")
    found = cli.json(*STREAM, *words)
    assert found == 3 if "--jq" in words else [event["data"] for event in found] == ["Hel", "lo", "{}"]


@pytest.mark.parametrize("format", [(), ("--format", "jsonl"), ("--format", "json")])
def test_a_stream_into_a_file_is_there_once_it_went_well(server: Scripted, cli: Cli, format: tuple[str, ...]) -> None:
    (cli.folder / "old").write_text("precious")
    for name in ("old", "new"):
        job(server, "failed", "Hel", "lo")
        assert cli.run(*STREAM, *format, "--output", name).returncode == 3
    assert sorted(os.listdir(cli.folder)) == ["old"] and (cli.folder / "old").read_text() == "precious"
    job(server, "succeeded", "Hel", "lo")
    done = cli.run(*STREAM, *format, "--output", "old")
    assert done.returncode == 0 and done.stdout == b""
    assert (cli.folder / "old").read_text().count("Hel") == 1


@pytest.mark.parametrize("end", ["failed", "canceled", "aborted"])
@pytest.mark.parametrize("words", [("--wait",), ("--stream",), ("--wait", "--json"), ("--save", "out")])
def test_a_job_that_ends_badly_is_code_3(server: Scripted, cli: Cli, end: str, words: tuple[str, ...]) -> None:
    job(server, end)
    error = cli.error(3, "predictions", "get", "p1", *words)
    assert error["type"] == "job_failed" and f"ended {end}" in error["message"]


def test_a_stream_has_no_envelope(cli: Cli) -> None:
    assert "jsonl" in cli.error(2, *STREAM, "--json")["hint"]
