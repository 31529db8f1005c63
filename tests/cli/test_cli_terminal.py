"""A session at a terminal: prompts, colours, tables, progress, the pager, and Ctrl-C."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from cli_harness import COMMAND, MODEL, VERSION, Cli, mock
from terminal import Terminal


@pytest.fixture(scope="module")
def quick() -> Iterator[str]:
    with mock("--seconds", "1.5") as url:
        yield url


@pytest.fixture(scope="module")
def slow() -> Iterator[str]:
    with mock("--seconds", "3600") as url:
        yield url


@pytest.fixture
def cli(tmp_path: Path, quick: str) -> Cli:
    return Cli(tmp_path, quick)


def at(cli: Cli, *words: str, **more: str) -> Terminal:
    return Terminal([*COMMAND, *words], cli.folder, {**cli.environment, **more})


def test_a_login_asks_without_showing_and_the_account_works(cli: Cli) -> None:
    cli.token = ""
    terminal = at(cli, "auth", "login")
    shown = terminal.until("not shown")
    assert "api-tokens" in shown, "it says where a token is to be had"
    terminal.type("mock-token\n")
    code, shown = terminal.end()
    assert code == 0 and "mock-token" not in shown and "acme" in shown
    assert cli.json("account")["username"] == "acme"


def test_results_are_laid_out_in_colour_and_lists_are_tables(cli: Cli) -> None:
    code, shown = at(cli, "account").end()
    assert code == 0 and '\x1b[36m"username"\x1b[0m: \x1b[32m"acme"\x1b[0m' in shown
    code, shown = at(cli, "account", NO_COLOR="1").end()
    assert code == 0 and "\x1b" not in shown and '  "username": "acme"' in shown
    code, shown = at(cli, "predictions", "list").end()
    head, *rows = shown.splitlines()
    assert code == 0 and head.startswith("\x1b[1mID\x1b[0m") and rows
    assert all(len(row) <= 100 for row in rows)


def test_errors_are_words(cli: Cli) -> None:
    code, shown = at(cli, "models", "get", "no/body").end()
    assert code == 5 and shown.startswith("error: There is no") and "  hint: " in shown
    code, shown = at(cli, "modles").end()
    assert code == 2 and "hint: did you mean models?" in shown


def test_what_destroys_is_asked_about(cli: Cli) -> None:
    job = cli.json("predictions", "create", "--version", VERSION, "--input", "text=a")
    for answer, expected in (("n", 4), ("y", 0)):
        terminal = at(cli, "predictions", "cancel", job["id"])
        terminal.until(rf"destroys {job['id']}. Go on\?")
        terminal.type(answer + "\n")
        assert terminal.end()[0] == expected


def test_a_run_shows_its_progress_then_its_time_and_cost_and_then_the_output(cli: Cli) -> None:
    terminal = at(cli, "run", MODEL, "text=Ada")
    terminal.until("prediction [a-z0-9]+ (starting|processing)")
    code, shown = terminal.end()
    last = rf"\r\x1b\[K\d+\.\d\d s, no price is known for {MODEL}\r\nhello Ada\r\n$"
    assert code == 0 and re.search(last, shown)
    cli.json("prices", "set", MODEL, "10")
    code, shown = at(cli, "run", MODEL, "text=Ada").end()
    assert code == 0 and re.search(r"\x1b\[K\d+\.\d\d s, cost 0\.\d{1,6}\r\nhello Ada\r\n$", shown)


def test_costs_are_a_table_and_what_they_lack_is_told(cli: Cli) -> None:
    cli.json("prices", "set", MODEL, "10")
    code, shown = at(cli, "costs", NO_COLOR="1").end()
    assert code == 0 and re.search(rf"MODEL +JOBS +SECONDS +COST.*\r\n{MODEL} +\d+ +\d", shown, re.DOTALL)
    assert re.search(r"\d+ jobs, \d+\.\d s, cost \d", shown)
    assert re.search(r"\d+ of them have no price, \d+\.\d s: replikit prices set", shown)


def test_progress_comes_from_the_logs(tmp_path: Path) -> None:
    from scripted_job import job_server

    with job_server(["", "  40%|████      | 4/10 [00:01]", " 100%|██████████| 10/10"]) as url:
        code, shown = at(Cli(tmp_path, url), "predictions", "get", "p1", "--wait").end()
    assert code == 0 and " 40% " in shown and "━" in shown


def test_a_long_text_goes_through_the_pager_and_a_short_one_does_not(cli: Cli) -> None:
    code, shown = at(cli, "docs", PAGER="sed s/^/PAGED:/").end()
    assert code == 0 and "PAGED:" in shown
    code, shown = at(cli, "account", PAGER="sed s/^/PAGED:/").end()
    assert code == 0 and "PAGED:" not in shown


@pytest.mark.parametrize(("answer", "status", "said"), [("y\n", ("canceled", "aborted"), "was canceled"), ("n\n", ("starting", "processing"), "goes on")])  # fmt: skip
def test_ctrl_c_asks_whether_the_job_is_to_end(
    tmp_path: Path, slow: str, answer: str, status: tuple[str, ...], said: str
) -> None:
    cli = Cli(tmp_path, slow)
    terminal = at(cli, "run", MODEL, "text=Ada")
    shown = terminal.until(r"prediction [a-z0-9]+ (starting|processing)")
    terminal.type("\x03")
    terminal.until(r"Cancel it\?")
    terminal.type(answer)
    code, shown = terminal.end()
    assert code == 130 and said in shown
    found = re.search(r"prediction ([a-z0-9]+) ", shown)
    assert found and cli.json("predictions", "get", found[1])["status"] in status


def test_ctrl_c_at_a_question_does_nothing(cli: Cli) -> None:
    terminal = at(cli, "predictions", "cancel", "x")
    terminal.until("Go on")
    terminal.interrupt()
    code, shown = terminal.end()
    assert code == 130 and "Traceback" not in shown


def test_downloads_show_how_far_they_are(tmp_path: Path) -> None:
    from scripted_job import job_server

    with job_server(["done"], file=b"x" * 3_000_000, pause=0.5) as url:
        code, shown = at(Cli(tmp_path, url), "predictions", "get", "p1", "--save", "out").end()
    assert code == 0, shown
    assert re.search(r"\d+\.\d MB of 3\.0 MB", shown)
    assert (tmp_path / "out" / "picture.png").stat().st_size == 3_000_000


def test_uploads_show_how_far_they_are(cli: Cli) -> None:
    (cli.folder / "big.bin").write_bytes(b"x" * 20_000_000)
    code, shown = at(cli, "files", "create", "@big.bin", "--jq", ".size").end()
    assert code == 0 and shown.endswith("20000000\r\n")
    assert "uploading big.bin" in shown and re.search(r"\d+\.\d MB of 20\.0 MB", shown)


CALL = ("call", "create_prediction", json.dumps({"version": VERSION, "input": {"text": "a"}}))


@pytest.mark.parametrize("words", [(*CALL, "--arg", "input[images][]=@big.bin"), ("predictions", "create", "--version", VERSION, "--input", "text=a", "--input", "images[]=@big.bin")])  # fmt: skip
def test_files_inside_an_input_show_how_far_they_are(cli: Cli, words: tuple[str, ...]) -> None:
    (cli.folder / "big.bin").write_bytes(b"\xff" * 20_000_000)
    code, shown = at(cli, *words, "--jq", ".input.images[0]").end()
    assert "uploading big.bin" in shown and re.search(r"\d+\.\d MB of 20\.0 MB", shown), shown
    assert code == 0 and re.search(r"http://[^ ]+/files/\S+\r\n$", shown), shown


def test_text_from_afar_steers_no_terminal(cli: Cli) -> None:
    from scripted import Reply, events, of, scripted

    evil = "\x1b]0;evil\x07\x9b2J"
    job = {"id": "p1", "status": "succeeded", "output": [evil, "text"], "logs": evil, "error": None, "input": {}}
    version = {"id": "v", "openapi_schema": {"components": {"schemas": {"Input": {"properties": {"x": {"description": evil}}}}}}}  # fmt: skip
    with scripted() as server:
        server.answers["/v1/models/a/b/readme"] = lambda _: Reply(
            [evil.encode()], headers={"content-type": "text/plain"}
        )
        server.answers["/v1/models/a/b"] = lambda _: of({"owner": "a", "name": "b", "latest_version": version})
        server.answers["/v1/predictions/p1"] = lambda _: of({**job, "urls": {"stream": f"{server.origin}/stream"}})
        server.answers["/v1/predictions"] = lambda _: of({"results": [job], "next": None})
        server.answers["/v1/models/no/body"] = lambda _: of({"detail": evil}, 404)
        server.answers["/stream"] = lambda _: events(f"event: output\ndata: {evil}\n\nevent: done\ndata: {{}}\n\n")
        cli.url = server.base_url
        for words in (
            ("models", "readme", "a/b"),
            ("models", "get", "no/body"),
            ("models", "get", "a/b"),
            ("run", "a/b", "--help"),
            ("predictions", "get", "p1"),
            ("predictions", "get", "p1", "--stream"),
            ("predictions", "list", "--all"),
            ("predictions", "list", "--format", "yaml"),
            ("predictions", "list", "--fields", "logs", "--format", "raw"),
            ("predictions", "get", "p1", "--jq", ".logs"),
        ):
            _, shown = at(cli, *words, NO_COLOR="1", PAGER="cat").end()
            assert "evil" in shown, (words, shown)
            assert not set("\x07\x9b") & set(shown) and "\x1b]" not in shown, (words, shown)


def test_a_table_that_is_too_wide_loses_its_ends_and_not_its_sense(cli: Cli) -> None:
    cli.json("run", MODEL, "text=Ada")
    code, shown = at(cli, "predictions", "list", "--limit", "3", NO_COLOR="1").end()
    head, first, *_ = shown.splitlines()
    assert code == 0 and head.split()[0] == "ID" and "STATUS" in head
    assert len(first.split()[0]) == 26 and "…" in first and "succeeded" in first and len(first) <= 100


def test_a_class_that_an_account_asks_about_is_asked_about(cli: Cli) -> None:
    cli.token = ""
    cli.json("auth", "login", "--token-file", "-", stdin=b"mock-token")
    cli.run("config", "set", "permissions.billed", "ask")
    for answer, expected in (("n", 4), ("y", 0)):
        terminal = at(cli, "run", MODEL, "text=Ada")
        assert "is billed: " in terminal.until(r"Go on\? \[y/N\]")
        terminal.type(answer + "\n")
        code, shown = terminal.end()
        assert code == expected and ("hello Ada" in shown) is (answer == "y")
    code, shown = at(cli, "run", MODEL, "text=Ada", "--yes").end()
    assert code == 0 and "Go on" not in shown
