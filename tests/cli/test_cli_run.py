"""Models run by name, and work that takes its time: waited for, streamed, saved, canceled."""

from __future__ import annotations

import json
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from cli_harness import MODEL, VERSION, Cli, mock, until
from hanging import HANGS


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with mock("--seconds", "0.2") as url:
        yield url


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the slow mock was asked."""
    return tmp_path_factory.mktemp("slow") / "log"


@pytest.fixture(scope="module")
def slow(log: Path) -> Iterator[str]:
    with mock("--seconds", "3600", "--verbose", log=log) as url:
        yield url


@pytest.fixture
def cli(tmp_path: Path, url: str) -> Cli:
    return Cli(tmp_path, url)


@pytest.mark.parametrize("reference", [MODEL, VERSION, VERSION.partition(":")[2], "meta/meta-llama-3-8b-instruct"])
def test_a_run_gives_the_output(cli: Cli, reference: str) -> None:
    assert cli.json("run", reference, "text=Ada") == "hello Ada"


def test_inputs_come_as_pairs_as_json_and_from_files(cli: Cli) -> None:
    (cli.folder / "name.txt").write_text("Grace")
    assert cli.json("run", MODEL, "--input", '{"text": "Ada"}') == "hello Ada"
    assert cli.json("run", MODEL, "--input", '{"text": "Ada"}', "text=Eve") == "hello Eve"
    assert cli.json("run", MODEL, "text=@name.txt") == "hello Grace"
    assert cli.json("run", MODEL, "--input", "-", stdin=b'{"text": "stdin"}') == "hello stdin"
    assert cli.json("run", MODEL, 'text:="5"') == "hello 5"


def test_a_file_that_is_no_text_is_sent_itself(cli: Cli) -> None:
    (cli.folder / "b.bin").write_bytes(b"\x00\xff")
    words = ("predictions", "create", "--version", VERSION, "--input", "text=@b.bin")
    assert cli.json(*words)["input"]["text"] == "data:application/octet-stream;base64,AP8="


def test_help_shows_the_model_s_own_inputs(cli: Cli) -> None:
    shown = cli.run("run", MODEL, "--help").stdout.decode()
    assert f"Inputs of {MODEL}:\n  text=string  Whom to greet  [required]" in shown
    assert "Inputs of" not in cli.run("run", "--help").stdout.decode()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["run", MODEL], "text: is required"),
        (["run", MODEL, "txt=Ada"], "did you mean text?"),
        (["run", MODEL, "text:=5"], "expected a string, got integer 5"),
        (["run", MODEL, "Ada"], "is not an input"),
        (["run", "hello-world", "text=Ada"], "expected OWNER/NAME"),
        (["run", "hello-world", "text=Ada"], "replikit run --help"),
        (["run"], "OWNER/NAME[:VERSION] is missing"),
        (["runn", MODEL], "no command 'runn'"),
        (["run", MODEL, "text=a", "--batch", "x"], "cannot read x"),
    ],
)
def test_what_cannot_be_run_is_not_sent(cli: Cli, words: list[str], said: str) -> None:
    before = len(cli.json("predictions", "list", "--all"))
    error = cli.error(2, *words)
    assert said in error["message"] + error.get("hint", "") or words[-1] == "x"
    assert error["hint"]
    assert len(cli.json("predictions", "list", "--all")) == before


def test_a_model_that_is_not_there_is_code_5(cli: Cli) -> None:
    assert cli.error(5, "run", "acme/nothing", "a=b")["type"] == "not_found"


def test_a_stream_comes_as_text_or_as_lines_of_json(cli: Cli) -> None:
    assert cli.run("stream", MODEL, "text=Ada").stdout == b"hello Ada"
    lines = cli.run("stream", MODEL, "text=Ada", "--format", "jsonl").stdout.splitlines()
    events = [json.loads(line) for line in lines]
    assert "".join(event["data"] for event in events if event["event"] == "output") == "hello Ada"
    assert events[-1]["event"] == "done"


def test_what_is_saved_is_never_overwritten(cli: Cli) -> None:
    made = [cli.json("run", MODEL, "text=Ada", "--save", "out")[0] for _ in range(2)]
    assert len(set(made)) == 2
    assert [(cli.folder / path).read_text() for path in made] == ["hello Ada"] * 2


def test_detached_it_shows_the_job_and_another_command_waits(cli: Cli) -> None:
    job = cli.json("run", MODEL, "text=Ada", "--detach")
    assert job["status"] in ("starting", "processing", "succeeded")
    assert cli.json("predictions", "get", job["id"], "--wait")["output"] == "hello Ada"


def test_the_envelope_has_the_whole_job(cli: Cli) -> None:
    envelope = cli.json("run", MODEL, "text=Ada", "--json")
    assert envelope["success"] and envelope["data"]["logs"] and envelope["data"]["output"] == "hello Ada"


def test_a_training_is_waited_for(cli: Cli) -> None:
    words = ("acme/brush:35c68cb62f8118cc588c2339e5e01e62147f6dacf2d8188707f400478f65c5ee", "steps:=8")
    assert cli.json("train", *words, "--destination", "acme/lisbon")
    assert "destination" in cli.error(2, "train", *words)["message"]


def test_a_job_that_fails_is_code_3(tmp_path: Path) -> None:
    with mock("--seconds", "0.1", "--outcome", "failed") as url:
        cli = Cli(tmp_path, url)
        error = cli.error(3, "run", MODEL, "text=Ada")
        assert error["type"] == "job_failed" and error["data"]["status"] == "failed"
        assert f"prediction_id={error['data']['id']}" in error["hint"]
        done = cli.run("run", MODEL, "text=Ada", "--json")
        envelope = json.loads(done.stderr)
        assert done.returncode == 3 and done.stdout == b"" and envelope["success"] is False
        assert envelope["data"]["status"] == "failed" and envelope["error"]["type"] == "job_failed"
        assert cli.json("predictions", "get", error["data"]["id"])["status"] == "failed"
        assert cli.error(3, "predictions", "get", error["data"]["id"], "--wait")["type"] == "job_failed"


def test_waiting_too_long_is_code_8_and_the_job_goes_on(tmp_path: Path, slow: str) -> None:
    cli = Cli(tmp_path, slow)
    error = cli.error(8, "run", MODEL, "text=Ada", "--wait=0.2")
    assert error["type"] == "job_timeout"
    assert cli.json("predictions", "get", error["data"]["id"])["status"] in ("starting", "processing")


def looked_at(log: Path, id_: str, times: int = 1) -> bool:
    """Whether the mock was asked for a prediction or its stream: whoever asks knows that it was started."""
    return sum(f"/{id_} " in line for line in log.read_text().splitlines() if '"GET ' in line) >= times


SCRIPT = ("lua", "run", "--allow", "all", "--write", "allow", "-e")
RUNS = f"return replicate.run('{MODEL}', {{text = 'Ada'}})"
STARTS = f"return replicate.wait(replicate.create_prediction{{version = '{VERSION}', input = {{text = 'Ada'}}}})"


@pytest.mark.parametrize(
    ("words", "sent"),
    [
        (("run", MODEL, "text=Ada"), signal.SIGINT),
        (("stream", MODEL, "text=Ada"), signal.SIGTERM),
        ((*SCRIPT, STARTS), signal.SIGTERM),
    ],
)
def test_an_interrupt_cancels_what_was_started(
    tmp_path: Path, slow: str, log: Path, words: tuple[str, ...], sent: signal.Signals
) -> None:
    cli = Cli(tmp_path, slow)
    before = {p["id"] for p in cli.json("predictions", "list", "--all")}
    process = cli.start(*words)
    new = until(lambda: {p["id"] for p in cli.json("predictions", "list", "--all")} - before)
    until(lambda: looked_at(log, *new))
    process.send_signal(sent)
    out, err = process.communicate(timeout=HANGS)
    assert process.returncode == 130 and out == b""
    assert "was canceled" in json.loads(err)["error"]["message"]
    assert cli.json("predictions", "get", *new)["status"] in ("canceled", "aborted")


@pytest.mark.parametrize(
    "words",
    [("predictions", "create", "--version", VERSION, "--input", "text=Ada", "--wait", "60"), (*SCRIPT, RUNS)],
)
def test_an_interrupt_before_the_answer_says_that_a_job_may_run(
    tmp_path: Path, slow: str, words: tuple[str, ...]
) -> None:
    """The API holds its answer back: the job is there, and the command does not know its name."""
    cli = Cli(tmp_path, slow)
    before = {p["id"] for p in cli.json("predictions", "list", "--all")}
    process = cli.start(*words)
    until(lambda: {p["id"] for p in cli.json("predictions", "list", "--all")} - before)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=HANGS)
    error = json.loads(err)["error"]
    assert process.returncode == 130 and error["message"] == "interrupted; a prediction may have been started"
    _, *look = error["hint"].split()
    assert {p["id"] for p in cli.json(*look)} - before


def test_what_others_started_is_left_alone(tmp_path: Path, slow: str, log: Path) -> None:
    cli = Cli(tmp_path, slow)
    job = cli.json("run", MODEL, "text=Ada", "--detach")
    process = cli.start("predictions", "get", job["id"], "--wait")
    until(lambda: looked_at(log, job["id"], 2))  # it follows
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=HANGS)
    assert process.returncode == 130 and "goes on" in json.loads(err)["error"]["message"]
    assert cli.json("predictions", "get", job["id"])["status"] in ("starting", "processing")


def test_the_curl_command_sends_the_same_request(cli: Cli) -> None:
    words = ("predictions", "create", "--version", VERSION, "--input", "text=it's")
    shown = cli.run(*words, "--curl").stdout.decode()
    assert "mock-token" not in shown
    done = subprocess.run(["bash", "-c", shown], capture_output=True, env=cli.environment, timeout=HANGS, check=False)
    assert json.loads(done.stdout)["input"] == {"text": "it's"}
    (cli.folder / "b.bin").write_bytes(b"\x00\xff")
    shown = cli.run("files", "create", "@b.bin", "--type", "x/y", "--curl").stdout.decode()
    done = subprocess.run(["bash", "-c", shown], capture_output=True, env=cli.environment, timeout=HANGS, check=False)
    assert json.loads(done.stdout)["size"] == 2


def test_a_deployment_runs_by_its_name_with_the_inputs_of_its_release(cli: Cli) -> None:
    name = "deployments/acme/image-maker"
    assert cli.json("run", name, "prompt=Ada")[0].endswith("/out-0.webp")
    assert b"/out-0.webp" in cli.run("stream", name, "prompt=Ada").stdout
    shown = cli.run("run", name, "--help").stdout.decode()
    assert f"Inputs of {name}:" in shown and "prompt=string" in shown
    envelope = cli.json("run", name, "prompt=Ada", "--json")
    assert envelope["function"] == "replicate_create_deployment_prediction"
    assert "did you mean prompt?" in cli.error(2, "run", name, "promt=Ada")["message"]
    assert cli.error(5, "run", "deployments/acme/nothing", "text=Ada")["type"] == "not_found"
    assert "only models are trained" in cli.error(2, "train", name, "--destination", "a/b")["message"]


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_download_leaves_nothing_half_written(tmp_path: Path, sent: signal.Signals) -> None:
    from scripted_job import job_server

    with job_server(["done"], file=b"x" * 5_000_000, pause=600) as url:
        cli = Cli(tmp_path, url)
        process = cli.start("predictions", "get", "p1", "--save", "out")
        until(lambda: any(f.stat().st_size for f in (tmp_path / "out").glob("*")))
        process.send_signal(sent)
        out, err = process.communicate(timeout=HANGS)
    error = json.loads(err)["error"]
    assert process.returncode == 130 and out == b"" and list((tmp_path / "out").iterdir()) == []
    assert error["data"]["id"] == "p1" and error["hint"].endswith("prediction_id=p1 --save out")
