"""The words that people bring from other command lines: understood everywhere, and never instead of a command."""

from __future__ import annotations

import importlib
import io
import json
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

import pytest
from cli_harness import MODEL, VERSION, Cli, mock
from hanging import HANGS
from replikit_package import imported
from scripted import Scripted, of, scripted
from terminal import Terminal

from generator import pipeline

ROOT = Path(__file__).parents[2]

DOCUMENT = """
openapi: 3.1.0
info: {title: Depot, version: 1.0.0}
servers: [{url: 'https://depot.example'}]
paths:
  /version: {get: {operationId: version.get, responses: {'200': {description: ok}}}}
  /boxes: {get: {operationId: boxes.list, responses: {'200': {description: ok}}}}
  /box/{id}: {get: {operationId: box.get, parameters: [{name: id, in: path, required: true, schema: {type: string}}],
    responses: {'200': {description: ok}}}}
  /entries: {get: {operationId: entries.list, responses: {'200': {description: ok}}}}
  /entries/{id}/show: {post: {operationId: entries.show, responses: {'200': {description: ok}},
    parameters: [{name: id, in: path, required: true, schema: {type: string}}]}}
  /entries/{id}: {get: {operationId: entries.get, responses: {'200': {description: ok}},
    parameters: [{name: id, in: path, required: true, schema: {type: string}}]}}
  /status: {get: {operationId: statuses.list, responses: {'200': {description: ok}}}}
"""


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with mock("--seconds", "0") as url:
        yield url


@pytest.fixture
def cli(tmp_path: Path, url: str) -> Cli:
    return Cli(tmp_path, url)


@pytest.fixture
def api(tmp_path: Path) -> Iterator[tuple[Cli, Scripted]]:
    with scripted() as server:
        yield Cli(tmp_path, server.base_url), server


class Inside:
    """The command line in this process: most of what is asked here is answered before a client is made."""

    def __init__(self, package: Any) -> None:
        self._main = importlib.import_module(f"{package.__name__}.cli").main

    def run(self, *words: str) -> tuple[int, str, str]:
        """The exit code, and what stands on both streams."""
        streams = [io.TextIOWrapper(io.BytesIO(), "utf-8") for _ in range(2)]
        with redirect_stdout(streams[0]), redirect_stderr(streams[1]), pytest.raises(SystemExit) as end:
            self._main([*words])
        for stream in streams:
            stream.flush()
        out, err = (stream.buffer.getvalue().decode() for stream in streams)  # type: ignore[attr-defined]
        return int(end.value.code or 0), out, err

    def error(self, *words: str) -> Any:
        """The error object of a command that was typed wrongly."""
        code, out, err = self.run(*words)
        assert (code, out) == (2, ""), (words, out, err)
        return json.loads(err)["error"]


@pytest.fixture(scope="module")
def package() -> Iterator[Any]:
    with imported() as found:
        yield found


@pytest.fixture
def inside(package: Any, url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Inside]:
    for name, value in Cli(tmp_path, url).environment.items():
        monkeypatch.setenv(name, value)
    before = signal.getsignal(signal.SIGTERM)
    yield Inside(package)
    signal.signal(signal.SIGTERM, before)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("account current", "account get"),
        ("model get replicate/hello-world", "models get replicate/hello-world"),
        ("model show replicate/hello-world", "models get replicate/hello-world"),
        ("model version ls replicate/hello-world", "models versions list replicate/hello-world"),
        ("webhook default secret show", "webhooks default secret get"),
        ("--format json prediction list", "predictions list"),
        ("model run replicate/hello-world --input text=Ada", "run replicate/hello-world text=Ada"),
        ("prediction create replicate/hello-world text=Ada", "run replicate/hello-world text=Ada"),
        (
            "predictions new --webhook https://e.com replicate/hello-world text=x",
            "run --webhook https://e.com replicate/hello-world text=x",
        ),
        (
            "prediction create replicate/hello-world --save out --no-wait text=x",
            "run replicate/hello-world --save out --no-wait text=x",
        ),
        ("training create --destination acme/lisbon acme/brush a=b", "train --destination acme/lisbon acme/brush a=b"),
    ],
)
def test_words_mean_a_command(inside: Inside, typed: str, meant: str) -> None:
    shown = inside.run(*typed.split(), "--dry-run")
    assert shown[0] == 0 and shown == inside.run(*meant.split(), "--dry-run")


def test_a_call_that_names_its_arguments_is_no_run(inside: Inside) -> None:
    words = ("trainings", "create", "acme/brush:35c68", "--destination", "acme/lisbon", "--input", "a=b", "--dry-run")
    assert json.loads(inside.run(*words)[1])["url"].endswith("/models/acme/brush/versions/35c68/trainings")
    shown = inside.error("predictions", "create", "--version", MODEL, "--input", "text=a", MODEL, "text=Ada")
    assert "unexpected extra argument" in shown["message"] and shown["hint"] == "replikit predictions create --help"


def test_every_command_of_the_other_command_line_is_in_the_table(
    inside: Inside, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What stands beside it is run here as it stands there. The list is that of its README and of its `--help`."""
    page = (ROOT / "spec/extensions/docs/moving.md").read_text("utf-8").split("{ #command-line }")[1].split("\n## ")[0]
    cells = [line.strip("| ").split(" | ") for line in page.splitlines() if line.startswith("| `replicate ")]
    theirs = {found for first, *_ in cells for found in re.findall(r"`replicate ([a-z ]+?)(?: [^a-z`][^`]*)?`", first)}
    assert theirs == {
        "account current", "auth login", "deployments create", "deployments list", "deployments schema", "deployments show",
        "deployments update", "hardware list", "model create", "model list", "model schema", "model show",
        "prediction create", "prediction list", "prediction show", "run", "scaffold", "stream", "train", "training create",
        "training list", "training show",
    }  # fmt: skip
    monkeypatch.chdir(tmp_path)
    (tmp_path / "cat.png").write_bytes(b"x")
    ours = [command for _, second, *_ in cells for command in re.findall(r"`(replikit [^`]+)`", second)]
    assert len(ours) == len(theirs)
    for command in ours:
        words = command.split()[1:]
        code, out, err = inside.run(*words, *["--help"] * (words[0] == "auth"))
        assert code == 0 and out, (command, err)


def test_a_prediction_is_shown_by_the_other_words(cli: Cli) -> None:
    made = cli.json("run", MODEL, "text=Ada", "--no-wait")
    assert cli.json("prediction", "show", made["id"], "--wait")["output"] == "hello Ada"


def test_no_wait_is_the_opposite_of_wait(inside: Inside) -> None:
    code, out, _ = inside.run("prediction", "new", "--version", VERSION, "--input", "text=Ada", "--no-wait")
    assert code == 0 and json.loads(out)["status"] in ("starting", "processing", "succeeded")
    assert "says the opposite" in inside.error("run", MODEL, "text=Ada", "--wait", "--no-wait")["message"]


@pytest.mark.parametrize("typo", ["--nowait", "--no-wiat", "--no-waits"])
def test_a_typo_is_not_answered_with_its_opposite(inside: Inside, typo: str) -> None:
    for words in (("run", MODEL), ("models", "run"), ("predictions", "create"), ("training", "show")):
        assert inside.error(*words, typo)["hint"] == "did you mean --no-wait?"
    assert inside.error("predictions", "get", "x", "--wiat")["hint"] == "did you mean --wait?"
    assert inside.error("account", "get", "--no-dry-run")["hint"] == "replikit account get --help"


def test_the_schema_of_a_model(inside: Inside) -> None:
    code, out, _ = inside.run("model", "schema", MODEL)
    found = json.loads(out)
    assert code == 0 and found["input"]["required"] == ["text"] and found["output"]["type"] == "string"
    assert out == inside.run("run", MODEL, "--schema")[1]


def test_inputs_as_pairs_of_an_option(inside: Inside) -> None:
    words = ("run", MODEL, "--dry-run", "--input", '{"text": "JSON"}')

    def sent(*more: str) -> Any:
        return json.loads(inside.run(*words, *more)[1])["body"]["input"]["text"]

    assert [sent(), sent("--input", "text=option"), sent("--input", "text=a=b")] == ["JSON", "option", "a=b"]
    assert sent("text=alone", "--input", "text=option") == "alone"
    assert "expected a JSON object" in inside.error("run", MODEL, "--input", "[1]")["message"]


def test_help_and_version_are_words(inside: Inside) -> None:
    for words in (("predictions", "create"), ("models",), ("run",), ("auth", "login"), ()):
        shown = inside.run("help", *words)
        assert shown == inside.run(*words, "--help") and shown[0] == 0 and "Usage: " in shown[1]
    assert inside.run("help", "prediction", "show") == inside.run("predictions", "get", "--help")
    assert inside.run("version") == inside.run("--version")
    assert inside.error("help", "predictoins")["hint"] == "did you mean predictions?"
    assert inside.error("predictions", "shwo")["hint"] == "did you mean show?"


def test_help_lists_a_command_once(inside: Inside) -> None:
    text = inside.run("models", "--help")[1]
    listed = re.findall(r"^  (\w+)  ", text.partition("Other words:")[0], re.MULTILINE)
    assert len(listed) == len(set(listed)) and not {"show", "ls", "schema"} & set(listed)
    assert "show is get" in text and "schema is replikit run --schema" in " ".join(text.split())
    assert "  model  " not in inside.run("--help")[1]


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        ("replikit model sch", {"schema"}),
        ("replikit prediction sh", {"show"}),
        ("replikit model g", {"get"}),
        ("replikit help predictions cre", {"create"}),
        ("replikit help mod", {"models"}),
    ],
)
def test_completion_knows_them(cli: Cli, words: str, wanted: set[str]) -> None:
    *before, last = words.split()
    done = cli.run(_REPLIKIT_COMPLETE="bash_complete", COMP_WORDS=words, COMP_CWORD=str(len(before)), COMP_WORD=last)
    assert {line.partition(",")[2] for line in done.stdout.decode().splitlines()} == wanted


class TestPages:
    """`--web`: the page of a thing."""

    WEB = "https://replicate.com/p/p1"

    def test_off_a_terminal_its_address_is_written(self, api: tuple[Cli, Scripted]) -> None:
        cli, server = api
        server.answers["/v1/predictions/p1"] = [of({"id": "p1", "status": "succeeded", "urls": {"web": self.WEB}})]
        server.answers["/v1/models/o/m"] = [of({"owner": "o", "name": "m", "url": "https://replicate.com/o/m"})]
        marker = {"BROWSER": f"{sys.executable} -c open('opened','w')"}
        assert cli.run("prediction", "show", "p1", "--web", **marker).stdout.decode() == self.WEB + "\n"
        assert cli.run("model", "show", "o/m", "--web").stdout == b"https://replicate.com/o/m\n"
        assert cli.run("call", "get_model", '{"model_owner":"o","model_name":"m"}', "--web").stdout.endswith(b"/o/m\n")
        assert not (cli.folder / "opened").exists()

    def test_what_is_no_page_is_not_opened(self, api: tuple[Cli, Scripted], inside: Inside) -> None:
        _, server = api
        for web in (
            "file:///etc/passwd",
            "javascript:alert(1)",
            "https://",
            "https://a@b/",
            "https://a/ b",
            "-x",
            5,
            None,
        ):
            job = {"id": "p1", "status": "succeeded", "urls": {"web": web}}
            server.answers["/v1/predictions/p1"] = [of(job)]
            code, out, err = inside.run("--base-url", server.base_url, "predictions", "get", "p1", "--web")
            assert (code, out) == (1, "") and "is not an http(s) URL" in json.loads(err)["error"]["message"], web
            assert json.loads(err)["error"]["data"] == job

    def test_on_a_terminal_the_browser_is_started(self, api: tuple[Cli, Scripted]) -> None:
        cli, server = api
        server.answers["/v1/predictions/p1"] = [of({"id": "p1", "status": "succeeded", "urls": {"web": self.WEB}})]
        browser = cli.folder / "browser"
        browser.write_text('#!/bin/sh\nprintf %s "$*" > opened\n')
        browser.chmod(0o755)
        command = [sys.executable, "-m", "replikit", "predictions", "get", "p1", "--web"]
        code, shown = Terminal(command, cli.folder, {**cli.environment, "BROWSER": str(browser)}).end()
        assert code == 0 and f"opened {self.WEB}" in shown
        assert (cli.folder / "opened").read_text() == self.WEB
        code, shown = Terminal(command, cli.folder, {**cli.environment, "BROWSER": "false"}).end()
        assert code == 0 and self.WEB in shown and "opened" not in shown

    def test_a_run_is_shown_at_once(self, api: tuple[Cli, Scripted]) -> None:
        cli, server = api
        server.answers["/v1/models/o/m"] = [of({"owner": "o", "name": "m", "is_official": True})]
        job = {"id": "p1", "status": "starting", "urls": {"web": self.WEB}}
        server.answers["/v1/models/o/m/predictions"] = [of(job, 201)]
        assert cli.run("run", "o/m", "x=1", "--web").stdout.decode() == self.WEB + "\n"
        assert not server.to("/v1/predictions/p1")


def test_a_command_of_the_api_keeps_its_word(tmp_path: Path) -> None:
    """Of an API that has a noun in both numbers, a verb `show` and a noun `version`."""
    (tmp_path / "openapi.yaml").write_text(DOCUMENT)
    pipeline.generate(pipeline.Inputs(tmp_path / "openapi.yaml"), tmp_path / "out")

    def command(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "depot_kit", *words],
            cwd=tmp_path / "out/python",
            capture_output=True,
            text=True,
            check=False,
            timeout=HANGS,
        )

    def path(*words: str) -> str:
        done = command(*words, "--dry-run")
        assert done.returncode == 0, done.stderr
        return str(json.loads(done.stdout)["url"]).removeprefix("https://depot.example")

    assert path("version", "get") == "/version" and path("version") == "/version"
    assert (path("box", "get", "7"), path("boxes", "list")) == ("/box/7", "/boxes")
    assert path("entries", "show", "7") == "/entries/7/show"
    assert path("entry", "view", "7") == "/entries/7"
    assert path("statuses", "ls") == "/status" and "Show the configuration" in command("help", "status").stdout
