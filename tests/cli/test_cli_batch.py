"""Batches: a line for each result, resumed where they were, nothing run twice; and what is refused before anything is sent."""

from __future__ import annotations

import json
import signal
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cli_harness import MODEL, Cli, mock, until
from hanging import HANGS


@pytest.fixture
def cli(tmp_path: Path) -> Iterator[Cli]:
    with mock("--seconds", "0.05", "--rate", "6000") as url:
        yield Cli(tmp_path, url)


def write(cli: Cli, rows: list[Any]) -> tuple[str, ...]:
    (cli.folder / "in.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return ("run", MODEL, "--batch", "in.jsonl", "--out", "out.jsonl")


def lines(path: Path) -> list[Any]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def started(cli: Cli) -> Counter[str]:
    """The inputs that were run since the mock began, each with how often."""
    every = cli.json("predictions", "list", "--all")
    return Counter(job["input"]["text"] for job in every if job["input"].get("text", "").startswith("n"))


def test_a_call_in_doubt_is_found_again(cli: Cli) -> None:
    words = write(cli, [{"text": f"n{n}"} for n in range(4)])
    cli.json(*words)
    journal, out = cli.folder / "out.jsonl.journal", cli.folder / "out.jsonl"
    records = lines(journal)
    # As if the kill had come between the calls of lines 1 and 2 and the notes of their jobs.
    kept = [r for r in records if r.get("line") not in (1, 2)]
    journal.write_text("".join(json.dumps(r) + "\n" for r in kept))
    two = next(r["job"] for r in records if r.get("line") == 2)
    out.write_text("".join(json.dumps(r) + "\n" for r in lines(out) if r["index"] not in (1, 2)))
    assert cli.json(*words)["succeeded"] == 4
    assert started(cli) == Counter({f"n{n}": 1 for n in range(4)})
    assert next(r["id"] for r in lines(out) if r["index"] == 2) == two


def test_what_never_arrived_is_sent(cli: Cli) -> None:
    words = write(cli, [{"text": f"n{n}"} for n in range(3)])
    cli.json(*words)
    journal, out = cli.folder / "out.jsonl.journal", cli.folder / "out.jsonl"
    head = lines(journal)[0]
    # A batch that was killed with its first intents on disk and nothing sent: no job since the newest of now.
    newest = cli.json("predictions", "list", "--limit", "1")[0]["id"]
    journal.write_text(
        "".join(json.dumps(r) + "\n" for r in ({**head, "newest": newest}, {"intent": 0}, {"intent": 2}))
    )
    out.write_text("")
    assert cli.json(*words)["succeeded"] == 3
    assert started(cli) == Counter({f"n{n}": 2 for n in range(3)})


def test_failures_are_told_and_the_others_go_on(tmp_path: Path) -> None:
    with mock("--seconds", "0.05", "--outcome", "failed") as url:
        cli = Cli(tmp_path, url)
        error = cli.error(3, *write(cli, [{"text": "n1"}, {"text": "n2"}]))
        assert error["data"]["failed"] == 2 and "out.jsonl" in error["hint"]
        assert {r["status"] for r in lines(tmp_path / "out.jsonl")} == {"failed"}


def test_a_token_that_is_refused_ends_it_all(cli: Cli) -> None:
    cli.token = "wrong"
    words = ("call", "create_prediction", "--batch", "in.jsonl", "--out", "out.jsonl")
    (cli.folder / "in.jsonl").write_text('{"version": "a/b", "input": {}}\n')
    assert cli.error(4, *words)["type"] == "authentication"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "has no lines"),
        (b'{"text": "a"}\n{"text": 5}\n', "line 2 of in.jsonl: text: expected a string"),
        (b'{"text": "a"}\n{"tex": "b"}\n', "line 2 of in.jsonl: tex: unknown argument"),
        (b'{"text": "a"}\n[]\n', "line 2 of in.jsonl: expected a JSON object"),
        (b'{"text": "a"}\n{\n', "line 2 of in.jsonl: not valid JSON"),
        (b"\xff\n", "not UTF-8"),
    ],
)
def test_nothing_is_sent_before_every_line_was_checked(cli: Cli, content: bytes, said: str) -> None:
    words = write(cli, [])
    (cli.folder / "in.jsonl").write_bytes(content)
    error = cli.error(2, *words)
    assert said in error["message"] and error["hint"]
    assert not started(cli)


def test_results_of_something_else_are_not_touched(cli: Cli) -> None:
    words = write(cli, [{"text": "n1"}])
    (cli.folder / "out.jsonl").write_text("precious\n")
    assert "was not made by a batch" in cli.error(2, *words)["message"]
    assert (cli.folder / "out.jsonl").read_text() == "precious\n"
    (cli.folder / "out.jsonl").unlink()
    (cli.folder / "out.jsonl.journal").unlink()
    cli.json(*words)
    write(cli, [{"text": "n2"}])
    assert "another batch" in cli.error(2, *words)["message"]
    assert "--out is missing" in cli.error(2, *words[:4])["message"]


def test_an_interrupt_tells_how_to_go_on(tmp_path: Path) -> None:
    with mock("--seconds", "0.05", "--rate", "60") as url:
        cli = Cli(tmp_path, url)
        words = (*write(cli, [{"text": f"n{n}"} for n in range(600)]), "--concurrency", "2")
        process = cli.start(*words)
        until(lambda: (tmp_path / "out.jsonl").exists() and lines(tmp_path / "out.jsonl"))
        assert "at work" in cli.error(2, *words)["message"]
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=HANGS)
    error = json.loads(err)["error"]
    assert process.returncode == 130 and "repeat the command" in error["hint"]


def test_the_output_of_each_line_is_saved_once(cli: Cli) -> None:
    words = (*write(cli, [{"text": f"n{n}"} for n in range(5)]), "--save", "files")
    assert cli.json(*words)["succeeded"] == 5
    assert cli.json(*words)["resumed"] == 5
    saved = {r["index"]: r["saved"] for r in lines(cli.folder / "out.jsonl")}
    assert [(cli.folder / saved[n][0]).read_text() for n in range(5)] == [f"hello n{n}" for n in range(5)]
    assert len(list((cli.folder / "files").iterdir())) == 5


@pytest.mark.parametrize("word", ["--stream", "--detach", "--dry-run", "--curl"])
def test_what_makes_no_sense_in_a_batch_is_refused(cli: Cli, word: str) -> None:
    assert "--batch" in cli.error(2, *write(cli, [{"text": "n1"}]), word)["message"]
    assert not (cli.folder / "out.jsonl").exists()
