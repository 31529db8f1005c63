"""`listen` and `watch`: jobs that others start, seen from here, and told to a receiver or to a person."""

from __future__ import annotations

import base64
import hmac
import json
import queue
import re
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from cli_harness import COMMAND, MODEL, VERSION, Cli, mock
from hanging import HANGS
from replikit_package import imported
from scripted import Asked, Reply, of, scripted
from terminal import Terminal

CREATE = ("predictions", "create", "--version", VERSION, "--input")
OWN = "whsec_" + base64.b64encode(b"a key for tests alone").decode()


class Received(queue.Queue[tuple[dict[str, str], bytes]]):
    """The requests that came to a receiver; `answers` are the statuses of the first ones, 204 those of the others."""

    def __init__(self, answers: list[int]) -> None:
        super().__init__()
        self.answers = answers
        self.url = ""

    def next(self) -> tuple[dict[str, str], Any]:
        headers, body = self.get(timeout=HANGS)
        return headers, json.loads(body)


@contextmanager
def receiver(*answers: int) -> Iterator[Received]:
    found = Received(list(answers))

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            found.put(({**{name.lower(): text for name, text in self.headers.items()}, ":path": self.path}, body))
            self.send_response(found.answers.pop(0) if found.answers else 204)
            self.send_header("Location", "/elsewhere")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        found.url = f"http://127.0.0.1:{server.server_port}"
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield found
        server.shutdown()


def verified(secret: str, headers: dict[str, str], body: bytes) -> bool:
    """Whether a request is signed, as the text of Standard Webhooks says that it is checked."""
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    key = base64.b64decode(secret.removeprefix("whsec_"))
    wanted = "v1," + base64.b64encode(hmac.new(key, signed, "sha256").digest()).decode()
    recent = abs(time.time() - int(headers["webhook-timestamp"])) < 300
    return recent and wanted in headers["webhook-signature"].split(" ")


@contextmanager
def listening(cli: Cli, url: str, *words: str) -> Iterator[subprocess.Popen[bytes]]:
    process = cli.start("listen", "--forward", url, *words)
    assert process.stderr is not None
    try:
        first = process.stderr.readline().decode()
        assert first.startswith("listening; "), first
        yield process
    finally:
        process.kill()
        process.communicate()


def ended(process: subprocess.Popen[bytes], deliveries: int, sent: signal.Signals = signal.SIGINT) -> list[list[str]]:
    """The words of what was told of so many deliveries; then it is interrupted, tells no more, and ends well."""
    assert process.stderr is not None and process.stdout is not None
    told = [process.stderr.readline().decode().split() for _ in range(deliveries)]
    process.send_signal(sent)
    rest = process.stderr.read()
    assert process.wait(HANGS) == 0 and rest == b"stopped\n" and process.stdout.read() == b"", (told, rest)
    return told


@pytest.fixture
def cli(tmp_path: Path) -> Iterator[Cli]:
    with mock("--seconds", "0.3") as url:
        yield Cli(tmp_path, url)


def test_what_jobs_do_comes_signed_with_the_account_s_own_secret(cli: Cli) -> None:
    secret = cli.json("webhooks", "default", "secret", "get")["key"]
    with receiver() as got, listening(cli, got.url + "/hook?a=b") as process:
        job = cli.json(*CREATE, "text=Ada")
        events = []
        while not events or events[-1][1]["status"] != "succeeded":
            headers, body = got.get(timeout=HANGS)
            assert verified(secret, headers, body) and headers[":path"] == "/hook?a=b"
            assert "authorization" not in headers and not any("mock-token" in text for text in headers.values())
            events.append((headers["webhook-id"], json.loads(body)))
        events += [(headers["webhook-id"], data) for headers, data in [got.next() for _ in range(2 - len(events))]]
        assert events[-1][1] == cli.json("predictions", "get", job["id"]), "the body is the job as it is got"
        told = ended(process, 2)
    assert [line[:3] for line in told] == [[job["id"], "output", "204"], [job["id"], "completed", "204"]]
    assert [line[3] for line in told] == [id_ for id_, _ in events]


def test_what_is_not_taken_comes_again_with_the_same_id(cli: Cli) -> None:
    (cli.folder / "secret").write_text(OWN + "\n")
    words = ("--events", "completed", "--secret-file", "secret")
    with receiver(500, 302) as got, listening(cli, got.url, *words) as process:
        cli.json("trainings", "create", "acme/brush:35c68cb62f8118cc588c2339e5e01e62147f6dacf2d8188707f400478f65c5ee",
                 "--destination", "acme/lisbon", "--input", "steps:=8")  # fmt: skip
        three = [got.get(timeout=HANGS) for _ in range(3)]
        (told,) = ended(process, 1, signal.SIGTERM)
    assert len({headers["webhook-id"] for headers, _ in three}) == 1 and len({body for _, body in three}) == 1
    assert all(verified(OWN, *request) and request[0][":path"] == "/" for request in three)
    assert told[1:3] == ["completed", "204"]


def test_those_since_a_time_are_told_too_and_the_others_are_not(cli: Cli) -> None:
    cli.more["REPLIKIT_WEBHOOK_SECRET"] = OWN
    old = cli.json("run", MODEL, "text=old", "--json")["data"]
    with receiver() as got, listening(cli, got.url, "--events", "start,completed", "--since", "1h"):
        first = [got.get(timeout=HANGS) for _ in range(2)]
    assert [json.loads(body)["id"] for _, body in first] == [old["id"]] * 2, "not those of the seeds, which are older"
    with receiver() as got, listening(cli, got.url, "--events", "completed") as process:
        new = cli.json(*CREATE, "text=new")["id"]
        assert got.next()[1]["id"] == new
        assert ended(process, 1)[0][0] == new
    with receiver() as got, listening(cli, got.url, "--events", "start,completed", "--since", "1h"):
        again = [got.get(timeout=HANGS)[0]["webhook-id"] for _ in range(4)]
    assert {headers["webhook-id"] for headers, _ in first} < set(again), "the same event has the same id, later on, too"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--forward", "ftp://localhost/x"], "must begin with http:// or https://"),
        (["--forward", "localhost:3000"], "must begin with"),
        (["--forward", "http://a:b@localhost/"], "no user name"),
        (["--forward", "http://localhost:99999/"], "is not a URL"),
        (["--forward", "http://localhost/\r\nx: y"], "no blank"),
        (["--forward", "http://localhost/", "--events", "complete"], "did you mean completed?"),
        (["--forward", "http://localhost/", "--events", ","], "names none"),
        (["--forward", "http://localhost/", "--since", "later"], "is not a time"),
        (["--forward", "http://localhost/", "--secret-file", "bad"], "the webhook secret: expected whsec_"),
        ([], "--forward"),
    ],
)
def test_what_cannot_be_listened_to(tmp_path: Path, words: list[str], said: str) -> None:
    (tmp_path / "bad").write_text("not a secret!")
    error = Cli(tmp_path).error(2, "listen", *words)
    assert said in error["message"] + error["hint"] and "not a secret" not in error["message"]


def test_an_account_that_keeps_its_secret_is_not_asked_for_it(cli: Cli) -> None:
    cli.token = ""
    cli.json("auth", "login", "--token-file", "-", stdin=b"mock-token")
    cli.run("config", "set", "permissions.secret", "deny")
    assert cli.error(4, "listen", "--forward", "http://127.0.0.1:9/")["type"] == "policy"
    cli.token = "wrong"
    assert cli.error(4, "listen", "--forward", "http://127.0.0.1:9/")["type"] == "authentication"


# ── which events a change is told as ────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def package() -> Iterator[Any]:
    with imported() as found:
        yield found


def state(status: str, **more: Any) -> dict[str, Any]:
    began = None if status in ("starting", "aborted") else "2026-03-02T09:00:00Z"
    return {"id": "p1", "status": status, "started_at": began, "output": None, "logs": "", **more}


@pytest.mark.parametrize(("before", "after", "events"), [
    (None, state("starting"), []),
    (state("starting"), state("processing"), ["start"]),
    (None, state("processing", logs="1%"), ["start", "logs"]),
    (state("processing"), state("processing", logs="1%"), ["logs"]),
    (state("processing", output=["a"]), state("processing", output=["a", "b"]), ["output"]),
    (state("processing", output=["a"], logs="x"), state("succeeded", output=["a"], logs="x"), ["completed"]),
    (None, state("succeeded", output="a", logs="x"), ["start", "output", "logs", "completed"]),
    (state("starting"), state("aborted"), ["completed"]),
    (state("processing"), state("failed", error="no"), ["completed"]),
])  # fmt: skip
def test_what_a_change_is_told_as(package: Any, before: Any, after: Any, events: list[str]) -> None:
    deliveries, activity = import_module("replikit.runtime.deliveries"), import_module("replikit.runtime.activity")
    job = import_module("replikit.operations").JOBS["prediction"]
    change = activity.Change(job, before, after)
    assert list(deliveries.events(change)) == events
    assert [hook.event for hook in deliveries.webhooks(change, ("completed",))] == events[-1:] * ("completed" in events)


def test_a_receiver_that_is_away_is_given_up(package: Any) -> None:
    deliveries = import_module("replikit.runtime.deliveries")
    with receiver() as gone:
        pass
    pauses: list[float] = []
    said = deliveries.Receiver(gone.url, OWN).deliver(deliveries.Webhook("start", "p1", "msg_1", b"{}"), pauses.append)
    assert "refused" in said and said.endswith("given up after 5 tries") and pauses == [0.5, 1, 2, 4]


# ── watch ───────────────────────────────────────────────────────────────────────────────────────────────


class Lists:
    """An API whose one list of predictions a test changes, and breaks."""

    def __init__(self, server: Any) -> None:
        self.jobs: dict[str, dict[str, Any]] = {}
        self.broken = threading.Event()
        server.answers["/v1/trainings"] = lambda _: self.answer({"results": [], "next": None})
        server.answers["/v1/predictions"] = lambda _: self.answer(
            {"results": list(reversed(self.jobs.values())), "next": None}
        )
        self.server = server

    def put(self, id_: str, status: str, **more: Any) -> None:
        self.jobs[id_] = {**state(status), "model": "acme/brush", **more, "id": id_}
        self.server.answers[f"/v1/predictions/{id_}"] = lambda _: self.answer(self.jobs[id_])

    def answer(self, value: Any) -> Reply:
        return of({"detail": "away"}, 503) if self.broken.is_set() else of(value)


@pytest.fixture
def lists() -> Iterator[Lists]:
    with scripted() as server:
        yield Lists(server)


def test_in_a_pipe_each_change_is_a_line(tmp_path: Path, lists: Lists) -> None:
    cli = Cli(tmp_path, lists.server.base_url)
    cli.json("prices", "set", "acme/brush", "0.5")
    lists.put("old", "succeeded")
    lists.put("p1", "starting")
    assert [job["id"] for job in cli.json("watch", "--once")] == ["p1"]
    process = cli.start("watch", "--json")
    assert process.stdout is not None
    line: Callable[[], Any] = lambda: json.loads(process.stdout.readline())  # type: ignore[union-attr]
    try:
        assert line() == {"id": "p1", "kind": "prediction", "model": "acme/brush", "status": "starting", "seconds": None, "cost": None}  # fmt: skip
        lists.broken.set()
        assert process.stderr is not None and b"away" in process.stderr.readline()
        lists.put("p1", "succeeded", metrics={"predict_time": 3})
        lists.put("p2", "processing")
        lists.broken.clear()
        found = {job["id"]: job for job in (line(), line())}
        assert (found["p1"]["status"], found["p1"]["seconds"], found["p1"]["cost"]) == ("succeeded", 3, "1.5")
        assert found["p2"]["status"] == "processing" and found["p2"]["seconds"] > 0 and found["p2"]["cost"]
        process.send_signal(signal.SIGINT)
        assert process.stdout.read() == b"" and process.wait(HANGS) == 0
        assert process.stderr.read() == b"stopped\n"
    finally:
        process.kill()
        process.communicate()


def test_on_a_terminal_what_runs_is_drawn_in_place(tmp_path: Path, lists: Lists) -> None:
    cli = Cli(tmp_path, lists.server.base_url)
    lists.put("p1", "processing", model="\x1b]0;evil\x07acme/brush")
    terminal = Terminal([*COMMAND, "watch"], tmp_path, cli.environment)
    shown = terminal.until(r"p1  \\x1b\]0;evil\\x07acme/brush  processing  \d+\.\d s\r\n1 running")
    assert "\x1b]0" not in shown and "\x07" not in shown
    lists.put("p2", "starting")
    terminal.until(r"\x1b\[2A\r\x1b\[Jp1 .*\r\np2  acme/brush  starting\r\n2 running")
    lists.put("p1", "succeeded", metrics={"predict_time": 3})
    terminal.until(r"\x1b\[3A\r\x1b\[Jp1  acme/brush  succeeded  3\.0 s\r\np2  acme/brush  starting\r\n1 running")
    lists.broken.set()
    terminal.until("no response: .*away")
    terminal.interrupt()
    code, shown = terminal.end()
    assert code == 0 and "Traceback" not in shown and re.search(r"stopped\r\n$", shown)


def test_a_token_that_is_refused_ends_it(cli: Cli) -> None:
    cli.token = "wrong"
    assert cli.error(4, "watch", "--json")["type"] == "authentication"


def test_lists_are_read_as_far_as_they_are_new(package: Any, lists: Lists) -> None:
    """Looks end at what was seen, follow what fell out of the list, and lose nothing that fails in the middle."""
    activity = import_module("replikit.runtime.activity")
    jobs = [import_module("replikit.operations").JOBS["prediction"]]
    pages: list[Asked] = []

    def listed(asked: Asked) -> Reply:
        pages.append(asked)
        begin = int(asked.path.partition("cursor=")[2] or 0)
        every = list(reversed(lists.jobs.values()))
        more = f"{lists.server.base_url}/predictions?cursor={begin + 100}" if begin + 100 < len(every) else None
        return lists.answer({"results": every[begin : begin + 100], "next": more})

    lists.server.answers["/v1/predictions"] = listed
    for number in range(350):
        lists.put(f"o{number}", "succeeded")
    lists.put("p1", "processing")
    client = package.Replicate("t", base_url=lists.server.base_url, max_retries=0)
    found = activity.Activity(client, jobs, lambda job, data, first: data["status"] == "processing")
    assert [change.data["id"] for change in found.look()] == ["p1"] and len(pages) == 2, "the newest 200 of 351"
    for number in range(250):
        lists.put(f"n{number}", "succeeded")
    lists.put("p2", "processing")
    lists.server.answers["/v1/predictions/p1"] = lambda _: of({"detail": "away"}, 503)
    with pytest.raises(package.ApiError):
        found.look()
    lists.put("p1", "failed")
    changes = {change.data["id"]: change.before is None for change in found.look()}
    assert changes == {"p1": False, "p2": True}
    before = len(pages)
    assert found.look() == [] and len(pages) == before + 1
    del lists.server.answers["/v1/predictions/p2"]
    assert found.look() == [] and found.running == [], "what is there no more is followed no more"
