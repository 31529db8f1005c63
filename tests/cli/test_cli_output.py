"""What is written: the formats, fields and filters; lists as their pages arrive; and nothing but data on stdout."""

from __future__ import annotations

import importlib
import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from cli_harness import COMMAND, MODEL, VERSION, Cli, mock
from hanging import HANGS


@pytest.fixture(scope="module")
def cli(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cli]:
    with mock("--seconds", "0.1", "--page-size", "3") as url:
        found = Cli(tmp_path_factory.mktemp("output"), url)
        for n in range(8):
            found.json("predictions", "create", "--version", VERSION, "--input", f"text=n{n}")
        yield found


def test_json_is_one_line_where_it_is_piped(cli: Cli) -> None:
    assert cli.run("models", "get", MODEL).stdout.count(b"\n") == 1


def test_yaml_is_the_same_value(cli: Cli) -> None:
    for words in (("models", "get", MODEL), ("predictions", "list"), ("schema", "create_prediction")):
        assert yaml.safe_load(cli.run(*words, "--format", "yaml").stdout) == cli.json(*words)


ODD = ["yes", "null", "1e3", "0x1f", "- a", "a: b", "a #b", "", " a", "a\nb", "\x7f\x85\u2028", "é", "😀", "1_000", "~", "=", "2026-01-02", ".5", "@a", "%a", "!a", "&a", "*a", "|", ">", "-", "?", ":", "a:", "'", '"', "\\", "No", "0o7", "1:30"]  # fmt: skip


@pytest.fixture(scope="module")
def paint() -> Iterator[Any]:
    from replikit_package import imported

    with imported():
        yield importlib.import_module("replikit.cli.paint")


@pytest.mark.parametrize("value", [*ODD, 1, -1.5, 1e30, 1e-7, True, None, [], {}, [[]], [{}], [[1, [2]], {"a": [{"b": 1, "c": []}]}], {"": 1, "yes": {"no": []}}, ODD, {text: text for text in ODD}], ids=repr)  # fmt: skip
def test_yaml_means_what_json_means(paint: Any, value: Any) -> None:
    assert yaml.safe_load(paint.yaml(value)) == value


def test_lines_tables_and_raw_are_of_the_items(cli: Cli) -> None:
    rows = [json.loads(row) for row in cli.run("predictions", "list", "--format", "jsonl").stdout.splitlines()]
    assert len(rows) == 3 and all("id" in row for row in rows)
    table = cli.run("predictions", "list", "--format", "table", "--fields", "id,status").stdout.decode().splitlines()
    assert table[0].split() == ["ID", "STATUS"] and len(table) == 4
    raw = cli.run("models", "readme", "get", MODEL, "--format", "raw").stdout
    assert raw == cli.run("models", "readme", MODEL).stdout


def test_fields_are_dotted_paths_into_the_items(cli: Cli) -> None:
    found = cli.json("predictions", "list", "--fields", "id,input.text,nothing")
    assert all(set(row) == {"id", "input.text", "nothing"} and row["nothing"] is None for row in found)
    assert cli.json("models", "get", MODEL, "--fields", "owner, name") == {"owner": "replicate", "name": "hello-world"}


def test_jq_is_jq(cli: Cli) -> None:
    shown = cli.run("predictions", "list", "--jq", 'map(.input.text) | join("+")').stdout
    assert shown.count(b"n") == 3 and shown.endswith(b"\n") and b'"' not in shown
    assert cli.json("models", "get", MODEL, "--jq", "{owner, n: (.name | length)}") == {"owner": "replicate", "n": 11}
    assert cli.run("models", "get", MODEL, "--jq", ".owner", "--format", "json").stdout == b'"replicate"\n'
    before = len(cli.json("predictions", "list", "--all"))
    create = ("predictions", "create", "--version", VERSION, "--input", "text=x")
    assert "--jq" in cli.error(2, *create, "--jq", ".[")["message"]
    assert len(cli.json("predictions", "list", "--all")) == before, "a filter that is none is told before the call"
    error = cli.error(2, *create, "--jq", ".id.x")
    assert "data" not in error and "at column 1: .id.x" in error["message"]
    newest = cli.json("predictions", "list", "--limit", "1")[0]["id"]
    assert error["hint"] == f"replikit call replicate_get_prediction --arg prediction_id={newest}", "it was made"


def test_an_interrupt_while_it_is_written_names_the_job(paint: Any) -> None:
    perform, failure = (importlib.import_module(f"replikit.cli.{name}") for name in ("perform", "failure"))
    functions = importlib.import_module("replikit.functions")
    for name, hint in (
        ("create_prediction", "replikit call replicate_get_prediction --arg prediction_id=p1"),
        ("get_account", None),
    ):
        named = perform._named(functions.find(name), {"data": {"id": "p1"}, "meta": {"dry_run": False}})
        with pytest.raises(failure.Failure) as failed, named:
            raise KeyboardInterrupt
        assert (failed.value.error["type"], failed.value.error.get("hint")) == ("interrupted", hint)


@pytest.mark.parametrize("more", [(), ("--limit", "2"), ("--all",)])
@pytest.mark.parametrize("words", [("predictions", "list"), ("call", "list_predictions")])
def test_a_list_is_the_same_to_filters_however_long_it_is(
    cli: Cli, words: tuple[str, ...], more: tuple[str, ...]
) -> None:
    every = [row["id"] for row in cli.json("predictions", "list", "--all")]
    wanted = every[: {"--limit": 2, "--all": None}[more[0]] if more else 3]
    assert cli.json(*words, *more, "--jq", "map(.id)", "--format", "json") == wanted
    assert cli.json(*words, *more, "--fields", "id") == [{"id": id_} for id_ in wanted]
    assert cli.json(*words, *more, "--fields", "id", "--jq", ".") == [{"id": id_} for id_ in wanted]
    assert cli.json(*words, *more, "--json", "--jq", ".data.results | map(.id)") == wanted


@pytest.mark.parametrize(
    ("program", "said"),
    [
        (".[] | .id.x", "at column 7: .id.x"),
        ("map(.id) | .[0] | test(1)", "at column 19: test(1)"),
        ('"a|b" as $x | .[0] | .id + 1', "at column 22: .id + 1"),
        ("if length > 0 | not then . else .a end", "at column 1: if length"),
        ('.[0] | "\\(.id | "|") |" | .a', "at column 27: .a"),
        (".results[]", "at column 1: .results[]"),
        (".[] |= .id | .[] | .x", "at column 20: .x"),
        ("map(.id) # a | b\n| .[0] | .x", "at column 27: .x"),
        ('repeat(.) | error("no")', "no, at column 13: error"),
    ],
)
def test_a_filter_says_where_it_fails_and_shows_no_data(paint: Any, program: str, said: str) -> None:
    filters = importlib.import_module("replikit.cli.filters")
    with pytest.raises(filters.FilterFailure) as failed:
        filters.compiled(program)([{"id": "abc", "secret": "s" * 1000}])
    assert said in failed.value.error["message"] and "sss" not in str(failed.value.error)


@pytest.mark.parametrize(
    ("program", "said"), [(".[", "line 1, column 2"), (".a | foo", "foo/0 is not defined"), ("", "")]
)
def test_a_filter_that_is_none_says_where(paint: Any, program: str, said: str) -> None:
    filters, failure = (importlib.import_module(f"replikit.cli.{name}") for name in ("filters", "failure"))
    with pytest.raises(failure.Failure) as failed:
        filters.compiled(program)
    assert said in failed.value.error["message"] and failure.exit_code(failed.value.error) == 2


def test_without_jq_it_says_what_to_install(cli: Cli) -> None:
    code = "import sys\nsys.modules['jq'] = None\nfrom replikit.cli import main\nmain(sys.argv[1:])"
    done = subprocess.run(
        [COMMAND[0], "-c", code, "account", "--jq", "."], env=cli.environment, capture_output=True, check=False
    )
    assert done.returncode == 2 and json.loads(done.stderr)["error"]["hint"] == "pip install 'replikit[jq]'"


def test_lists_go_over_as_many_pages_as_are_asked_for(cli: Cli) -> None:
    assert len(cli.json("predictions", "list")["results"]) == 3
    assert len(cli.json("predictions", "list", "--limit", "5")) == 5
    every = cli.json("predictions", "list", "--all")
    assert len(every) >= 8 and len({p["id"] for p in every}) == len(every)
    lines = cli.run("predictions", "list", "--all", "--format", "jsonl").stdout.splitlines()
    assert [json.loads(line)["id"] for line in lines] == [p["id"] for p in every]
    assert yaml.safe_load(cli.run("predictions", "list", "--all", "--format", "yaml").stdout) == every
    assert cli.json("call", "list_predictions", "--limit", "1", "--fields", "id") == [{"id": every[0]["id"]}]
    assert cli.run("predictions", "list", "--all", "--jq", "length").stdout == f"{len(every)}\n".encode()


def test_a_reader_that_has_seen_enough_is_no_error(cli: Cli) -> None:
    command = f"{' '.join(COMMAND)} predictions list --all --format jsonl | head -n 1; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", command], env=cli.environment, capture_output=True, check=False, timeout=HANGS)
    assert done.stdout.endswith(b"\n0\n") and done.stderr == b""


def test_a_file_is_replaced_when_all_is_there(cli: Cli) -> None:
    path = cli.folder / "out.json"
    path.write_text("before")
    assert cli.run("models", "get", MODEL, "--output", "out.json").stdout == b""
    assert json.loads(path.read_text())["name"] == "hello-world"
    cli.error(5, "models", "get", "no/body", "--output", "out.json")
    assert json.loads(path.read_text())["name"] == "hello-world"
    assert "--output" in cli.error(2, "account", "--output", "no/where/file")["message"]
    assert sorted(os.listdir(cli.folder)) == ["out.json"]


def test_errors_are_json_where_the_output_is(cli: Cli) -> None:
    done = cli.run("models", "get", "no/body", "--format", "json")
    assert done.returncode == 5 and json.loads(done.stderr)["error"]["status"] == 404
    envelope = cli.run("call", "get_model", "--json", '{"model_owner": "no", "model_name": "body"}')
    assert envelope.returncode == 5 and envelope.stdout == b""
    found = json.loads(envelope.stderr)
    assert list(found) == ["function", "success", "data", "error", "meta", "duration_ms"]
    assert found["success"] is False and found["error"]["type"] == "not_found"


@pytest.mark.parametrize(
    ("code", "type_", "words"),
    [
        (2, "usage", ("call", "get_model", "{", "--json")),
        (2, "invalid_arguments", ("models", "get", "--json")),
        (2, "invalid_arguments", ("call", "get_model", "{}", "--json")),
        (2, "invalid_arguments", ("call", "get_model", "{}", "--json", "--dry-run")),
        (2, "invalid_arguments", ("run", MODEL, "--json")),
        (4, "confirmation_needed", ("predictions", "cancel", "x", "--json")),
        (4, "config", ("models", "get", MODEL, "--json", "--account", "nobody")),
        (5, "not_found", ("run", "no/body", "--json")),
        (5, "not_found", ("models", "versions", "list", "no/body", "--all", "--json")),
        (7, "connection", ("account", "--json", "--base-url", "http://127.0.0.1:9")),
    ],
)
def test_a_failed_envelope_goes_to_stderr(cli: Cli, code: int, type_: str, words: tuple[str, ...]) -> None:
    done = cli.run(*words)
    assert done.returncode == code and done.stdout == b"", done
    envelope = json.loads(done.stderr)
    assert envelope["success"] is False and envelope["error"]["type"] == type_ and envelope["error"]["hint"]
    assert envelope["function"].startswith("replicate_") and "data" not in envelope["error"]


def test_a_list_of_many_pages_has_an_envelope_too(cli: Cli) -> None:
    envelope = cli.json("predictions", "list", "--limit", "5", "--json")
    assert envelope["success"] is True and len(envelope["data"]["results"]) == 5


def test_the_commands_of_every_api(cli: Cli) -> None:
    assert len(cli.json("functions")) == 37
    assert "replicate_create_prediction" in [row["name"] for row in cli.json("search", "run", "model")]
    assert cli.error(5, "search", "zzzz")["hint"]
    assert "## Arguments" in cli.run("docs", "create_prediction").stdout.decode()
    assert "Exit codes" in cli.run("docs").stdout.decode()
    assert cli.json("schema", "predictions.create")["input_schema"]["required"] == ["version", "input"]
    assert cli.json("examples", "get_account")[0]["arguments"] == {}
    assert cli.json("hardware") == cli.json("hardware", "list")
    assert cli.json("call", "get_model", "--arg", "model_owner=replicate", "--model-name", "hello-world")["name"]
    flags = ("call", "get_model", '{"model_owner": "replicate", "model_name": "x"}', "--arg", "model_name=hello-world")
    assert cli.json(*flags)["name"] == "hello-world"
    assert cli.json("api", "GET", "/models/replicate/hello-world")["name"] == "hello-world"
    body = ("api", "POST", "/predictions", "--arg", f"version={VERSION}", "--arg", "input[text]=Ada")
    assert cli.json(*body)["input"] == {"text": "Ada"}
    assert cli.error(5, "api", "GET", "/nothing")["status"] == 404
    assert cli.error(1, "api", "GET", "/predictions", "--arg", "cursor=none of ours&x")["status"] == 400
    assert cli.run("api", "HEAD", "/account").stdout == b""
    nested = cli.json(
        "predictions", "create", "--version", VERSION, "--input", "text=a", "--input", "o[k][]:=1", "--dry-run"
    )
    assert nested["body"]["input"] == {"text": "a", "o": {"k": [1]}}
    assert cli.json("predictions", "create", "--body", '{"version": "v", "input": {}}', "--version", "w", "--dry-run")[
        "body"
    ] == {"version": "w", "input": {}}


@pytest.mark.skipif(not shutil.which("man"), reason="man is not installed")
def test_the_manual_page_is_one(cli: Cli) -> None:
    page = cli.run("man").stdout.decode()
    assert page.startswith(".TH REPLIKIT 1") and ".SH EXIT STATUS" in page
    assert all(f"\n.B {word}" in page for word in ("run OWNER/NAME", "auth", "api", "models get OWNER/NAME"))
    (cli.folder / "out.json").unlink(missing_ok=True)
    file = Path(cli.folder, "replikit.1")
    file.write_text(page)
    done = subprocess.run(
        ["man", "--warnings", "-l", str(file)], capture_output=True, check=False, env={**os.environ, "MANPAGER": "cat"}
    )
    file.unlink()
    assert done.returncode == 0 and b"warning" not in done.stderr, done.stderr
    assert b"EXIT STATUS" in done.stdout


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("pred",), "did you mean predictions?"),
        (("--limit", "5", "account"), "account get --help"),
        (("--wait=5", "models", "list"), "models list --help"),
        (("--body", "{}", "auth", "status"), "auth status --help"),
        (("models", "get", "a/b/c"), "models get --help"),
        (("models", "versions", "get", "a/b:c/d"), "versions get --help"),
        (("predictions", "create"), "predictions create --help"),
    ],
)
def test_what_is_not_meant_for_a_command_is_refused(cli: Cli, words: tuple[str, ...], said: str) -> None:
    assert said in cli.error(2, *words)["hint"]


def test_options_stand_before_the_words_as_well(cli: Cli) -> None:
    assert len(cli.json("--limit", "5", "predictions", "list")) == 5
    assert len(cli.json("--limit", "5", "call", "list_predictions")) == 5
    assert cli.json("--json", "account")["success"] is True
    assert cli.run("--output", "-", "--format", "yaml", "account").stdout.startswith(b"type: ")
