"""Commands typed wrongly in every way that comes to mind, and some that come to none: an error that helps, each time."""

from __future__ import annotations

import json
import random
import string
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cli_harness import MODEL, ROOT, VERSION, Cli, mock
from hanging import HANGS

SEED = 20_260_301
MANY = 200
CREATE = ["predictions", "create", "--version", VERSION, "--input", "text=a"]
VALID = [
    CREATE,
    ["models", "get", MODEL],
    ["models", "versions", "list", MODEL],
    ["predictions", "list", "--limit", "2"],
    ["call", "replicate_get_model", '{"model_owner": "replicate", "model_name": "hello-world"}'],
    ["call", "create_prediction", "--arg", "version=a/b", "--arg", "input:={}"],
    ["run", MODEL, "text=Ada", "--wait=5"],
    ["files", "create", "@text", "--type", "text/plain"],
    ["config", "set", "permissions.billed", "ask"],
    ["api", "GET", "/account"],
    ["schema", "create_prediction"],
]
VALUES = [
    "", " ", "{", "[", "[]", "null", "NaN", "Infinity", '{"a":', '{"a": NaN}', "{'a': 1}", '"', "\\", "@", "@-", "@nowhere",
    "@folder", "@binary", "@" + "x" * 5000, "@/proc/1/mem", "-", "--", "=", "a=", "=a", ":=", "a:=", "a:={", "a[b", "a[]=1",
    "1e999", "-1", "0", "99999999999999999999", "1" * 5000, "0x10", "٣", "true", "nan", "inf", "\udcff\udcfe", "é\udc80",
    "\u202e", "\x1b[31m", "\x00", "x" * 200_000, "[" * 50_000, '{"a":' * 5000, "../..", "..", "/", "a/b/c:d:e", "%00", "%2e%2e",
    "\n", "a\nb", "😀" * 100, "' OR 1=1 --", "$(id)", "`id`", "{{7*7}}", "%s%n", "http://127.0.0.1:1/", "file:///etc/passwd",
]  # fmt: skip
FLAGS = [
    "--limit", "--timeout", "--format", "--fields", "--jq", "--output", "--account", "--base-url", "--body", "--batch", "--out",
    "--concurrency", "--save", "--wait", "--input", "--version", "--webhook-events-filter", "--cancel-after", "--nope",
    "--verison", "--no-such-thing=1", "-x", "---", "--=", "--input=", "--arg", "--json=1", "--yes=maybe",
]  # fmt: skip
WORDS = [
    "predictoins", "model", "runn", "calls", "replicate_create_predicton", "get_modle", "functions.get", "../x", "", "auth login",
    "completion", "switch", "doctors",
]  # fmt: skip


def malformed(random: random.Random) -> list[str]:
    """A valid command, made wrong in one to three places."""
    words = list(random.choice(VALID))
    for _ in range(random.randint(1, 3)):
        spot = random.randrange(len(words) + 1)
        match random.randrange(7):
            case 0:
                words[spot:spot] = [random.choice(FLAGS), random.choice(VALUES)]
            case 1 if spot < len(words):
                words[spot] = random.choice(VALUES)
            case 2 if spot < len(words):
                words[spot] = random.choice(WORDS)
            case 3 if spot < len(words):
                del words[spot]
            case 4 if spot < len(words) and words[spot]:
                cut = random.randrange(len(words[spot]))
                words[spot] = words[spot][:cut] + random.choice(string.printable) + words[spot][cut + 1 :]
            case 5:
                words.append(random.choice(VALUES))
            case _:
                words.append(random.choice(FLAGS))
    return words


@pytest.fixture(scope="module")
def cli(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cli]:
    folder = tmp_path_factory.mktemp("malformed")
    (folder / "folder").mkdir()
    (folder / "binary").write_bytes(bytes(range(256)))
    (folder / "text").write_text("text")
    with mock("--seconds", "0.05") as url:
        yield Cli(folder, url)


def held(case: list[str], code: Any, out: str, err: str) -> bool:
    """Whether the command failed, which it must do with an error that helps. Nothing else may come out of it."""
    assert "Traceback" not in out + err and "internal" not in err[:30], (case, err)
    if code == 0:
        return False
    assert code in (1, 2, 3, 4, 5, 6, 7, 8), (case, code, err)
    if code == 2 and err.startswith("Usage:"):
        return True  # a noun without a verb: its help
    error = json.loads(err)["error"]
    assert out == "" and error["message"] and error.get("hint"), (case, out[:200], err)
    assert len(err) < 20_000, case
    return True


def test_two_hundred_malformed_commands(cli: Cli) -> None:
    chosen = random.Random(SEED)
    cases: list[list[str]] = []
    while len(cases) < MANY + 100:
        words = malformed(chosen)
        if "--help" not in words and "mock" not in words and not any(word == "--version" for word in words[:1]):
            cases.append(words)
    environments: list[dict[str, str]] = [{}] * len(cases)
    given = [
        {"words": words, "stdin": chosen.choice(["", "{", "[]", "\xff\xfe", "x" * 1000]), "environment": environment}
        for words, environment in zip(cases, environments, strict=True)
    ]
    done = subprocess.run(
        [sys.executable, str(ROOT / "tests/cli/fuzz_worker.py")],
        input=json.dumps(given).encode(),
        cwd=cli.folder,
        env=cli.environment,
        capture_output=True,
        timeout=HANGS,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()[-2000:]
    results = json.loads(done.stdout)
    assert not [(c["words"], r["raised"]) for c, r in zip(given, results, strict=True) if r["raised"]]
    failed = sum(held(c, r["code"], r["out"], r["err"]) for c, r in zip(cases, results, strict=True))
    assert failed >= MANY, f"only {failed} of {len(cases)} failed"


@pytest.mark.parametrize(
    ("words", "stdin"),
    [
        (["call", "create_prediction", "-"], b"\xff\xfe\x00"),
        (["call", "create_prediction", "@binary"], None),
        (["predictions", "create", "--input", b"\xff".decode("utf-8", "surrogateescape")], None),
        (["models", "get", "a/b", "--timeout", "nan"], None),
        (["api", "BREW", "/coffee"], None),
        (["api", "GET", "http://127.0.0.1:9/x"], None),
        (["api", "GET", "/../../etc"], None),
        (["completion", "tcsh"], None),
        (["run", MODEL, "text=@folder"], None),
        (["predictions", "get", ""], None),
        (["predictions", "get", "../account"], None),
        (["files", "create", "text"], None),
        (["--base-url", "nonsense", "account"], None),
    ],
)
def test_malformed_commands_as_processes(cli: Cli, words: list[str], stdin: bytes | None) -> None:
    done = cli.run(*words, stdin=stdin)
    assert held(words, done.returncode, done.stdout.decode("latin-1"), done.stderr.decode("latin-1"))


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b"\xff\xfe", b'{"account": 5}', b'{"accounts": {"a": {"tokn": "x"}}}']
)
def test_a_broken_configuration_is_told_with_its_place(tmp_path: Path, content: bytes) -> None:
    cli = Cli(tmp_path, token="")
    path = Path(cli.environment["REPLIKIT_CONFIG"])
    path.parent.mkdir()
    path.touch(0o600)
    path.write_bytes(content)
    done = cli.run("status")
    error = json.loads(done.stderr)["error"]
    assert done.returncode == 4 and str(path) in error["message"] and error["hint"]


@pytest.mark.parametrize("token", ["new\nline", "é", "\x01"])
def test_a_token_that_is_none_is_not_shown(tmp_path: Path, token: str) -> None:
    error = Cli(tmp_path, token=token).error(4, "account")
    assert error["hint"] and token not in json.dumps(error)
