"""A batch killed at a chosen instant of a call, and resumed: what was started is found again, what was not is sent."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cli_harness import Cli
from hanging import HANGS
from scripted import Asked, Reply, of, scripted

MANY, KILLED = 12, 5
"""Inputs, and the call at which the batch is killed."""
LATE = 3.0
"""Seconds after the kill that a call may take to become a job that is listed."""
WORDS = ("call", "create_prediction", "--version", "v", "--batch", "in.jsonl", "--out", "out.jsonl")


class Api:
    """An API that keeps what was started, and kills its caller once, at the given instant."""

    def __init__(self, instant: str, journal: Path) -> None:
        self.instant = instant
        self.journal = journal
        self.unannounced: list[Any] = []
        """What was sent before the journal said so."""
        self.started: list[dict[str, Any]] = []
        self.uploads = 0
        self.process: subprocess.Popen[bytes] | None = None
        self._calls = 0
        self._lock = threading.Lock()
        self.kept = threading.Event()

    def answer(self, asked: Asked) -> Reply:
        path = asked.path.removeprefix("/v1")
        if path.startswith("/files"):
            self.uploads += 1
            return of({"id": "f", "urls": {"get": f"https://files.example/{self.uploads}"}}, 201)
        if path == "/predictions" and asked.method == "POST":
            return self._start(asked.json)
        if path == "/predictions":
            self._kill_at("listed")
            with self._lock:
                return of({"results": self.started[::-1], "next": None, "previous": None})
        self._kill_at("looked at", path.endswith("/3"))
        return of(self.started[int(path.rpartition("/")[2])] | {"status": "succeeded", "output": "done"})

    def _start(self, sent: Any) -> Reply:
        intents = [json.loads(line).get("intent") for line in self.journal.read_text().splitlines()]
        if sent["input"].get("n", 0) not in intents:
            self.unannounced.append(sent)
        with self._lock:
            self._calls += 1
            this = self._calls == KILLED
        if self._kill_at("lost on the way", this):
            return of({}, 502)
        if self._kill_at("shown late", this):
            time.sleep(LATE)
        with self._lock:
            job = {"id": str(len(self.started)), "status": "starting", "input": sent["input"]}
            self.started.append(job)
        if this:
            self.kept.set()
        self._kill_at("started", this)
        if this and self.instant == "answered":
            threading.Timer(0.002, self._kill_at, ("answered",)).start()
        return of(job, 201)

    def _kill_at(self, instant: str, here: bool = True) -> bool:
        if not here or instant != self.instant or self.process is None:
            return False
        self.process.send_signal(signal.SIGKILL)
        self.process = None
        return True

    def runs(self) -> Counter[str]:
        """The inputs that were run, each with how often."""
        return Counter(json.dumps(job["input"]) for job in self.started)


@pytest.fixture
def api(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Api, Cli]]:
    made = Api(request.param, tmp_path / "out.jsonl.journal")
    with scripted() as server:
        server.answers = _Every(made)  # type: ignore[assignment]
        yield made, Cli(tmp_path, server.base_url)


class _Every(dict[str, Any]):
    """One answer for all paths."""

    def __init__(self, api: Api) -> None:
        super().__init__()
        self.api = api

    def get(self, key: str, default: Any = None) -> Any:
        return self.api.answer


def killed(api: Api, cli: Cli, *words: str) -> None:
    """Start the batch and see it killed."""
    process = cli.start(*WORDS, "--concurrency", "3", *words)
    api.process = process
    process.communicate(timeout=HANGS)
    assert process.returncode == -signal.SIGKILL
    api.process = None


def results(cli: Cli) -> list[Any]:
    return [json.loads(line) for line in (cli.folder / "out.jsonl").read_text().splitlines()]


@pytest.mark.parametrize(
    "api", ["listed", "lost on the way", "shown late", "started", "answered", "looked at"], indirect=True
)
def test_a_kill_at_any_instant_runs_nothing_twice(api: tuple[Api, Cli]) -> None:
    server, cli = api
    rows = [{"input": {"n": n}} for n in range(MANY)]
    (cli.folder / "in.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    killed(server, cli)
    assert len(server.started) < MANY
    summary = cli.json(*WORDS, "--concurrency", "3")
    assert summary["succeeded"] == MANY
    assert server.instant == "lost on the way" or server.kept.wait(HANGS)
    assert server.unannounced == []
    assert sorted(result["index"] for result in results(cli)) == list(range(MANY))
    assert server.runs() == Counter({json.dumps(row["input"]): 1 for row in rows})
    by_id = {job["id"]: job["input"]["n"] for job in server.started}
    assert all(by_id[result["id"]] == result["index"] for result in results(cli))


@pytest.mark.parametrize("api", ["started"], indirect=True)
def test_a_file_for_all_lines_is_uploaded_once_and_its_jobs_are_found_again(api: tuple[Api, Cli]) -> None:
    server, cli = api
    (cli.folder / "picture").write_bytes(os.urandom(300_000))
    (cli.folder / "in.jsonl").write_text("".join(f'{{"cancel_after": "{n}m"}}\n' for n in range(1, MANY + 1)))
    picture = ("--input", "image=@picture")
    killed(server, cli, *picture)
    assert server.uploads == 1
    assert cli.json(*WORDS, *picture)["succeeded"] == MANY
    assert server.uploads == 2 and len(server.started) == MANY
    assert {job["input"]["image"] for job in server.started} == {f"https://files.example/{n}" for n in (1, 2)}
