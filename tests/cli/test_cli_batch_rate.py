"""A batch at the API's rate limit: its pace is learned, and killed twice and resumed it runs no input twice."""

from __future__ import annotations

import json
import signal
from collections import Counter
from pathlib import Path
from typing import Any

from cli_harness import MODEL, Cli, mock, until

MANY, RATE = 150, 3000
"""Inputs, and how many jobs may be started in a minute."""
WORDS = ("run", MODEL, "--batch", "in.jsonl", "--out", "out.jsonl", "--concurrency", "24")


def lines(path: Path) -> list[Any]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def killed(cli: Cli, results: int) -> None:
    """Run the batch until it has so many results, then kill it, wherever it is."""
    out = cli.folder / "out.jsonl"
    process = cli.start(*WORDS)
    until(lambda: out.exists() and out.read_bytes().count(b"\n") >= results)
    process.send_signal(signal.SIGKILL)
    process.communicate()


def test_killed_twice_and_resumed_it_has_run_each_input_once(tmp_path: Path) -> None:
    inputs = [{"text": f"n{n}"} for n in range(MANY)]
    (tmp_path / "in.jsonl").write_text("".join(json.dumps(row) + "\n" for row in inputs))
    with mock("--seconds", "0.05", "--rate", str(RATE), "--verbose", log=tmp_path / "log") as url:
        cli = Cli(tmp_path, url)
        before = {job["id"] for job in cli.json("predictions", "list", "--all")}
        killed(cli, 30)
        killed(cli, 80)
        # What a kill in the middle of a write leaves behind:
        for name, half in (("out.jsonl.journal", '{"intent": '), ("out.jsonl", '{"index": 9')):
            with (tmp_path / name).open("a") as file:
                file.write(half)
        summary = cli.json(*WORDS)
        assert summary["succeeded"] == MANY and summary["resumed"] >= 80
        started = [job for job in cli.json("predictions", "list", "--all") if job["id"] not in before]
        assert cli.json(*WORDS)["resumed"] == MANY
    assert len(started) == MANY
    assert Counter(job["input"]["text"] for job in started) == Counter({f"n{n}": 1 for n in range(MANY)})
    results = {result["index"]: result for result in lines(tmp_path / "out.jsonl")}
    assert len(lines(tmp_path / "out.jsonl")) == len(results) == MANY
    assert all(results[n]["output"] == f"hello n{n}" for n in range(MANY))
    assert {results[n]["id"] for n in range(MANY)} == {job["id"] for job in started}
    posts = Counter(line.split()[-2] for line in (tmp_path / "log").read_text().splitlines() if '"POST ' in line)
    assert posts["201"] == MANY, "what the mock was asked says the same"
