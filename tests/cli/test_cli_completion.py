"""Completion in the shells themselves: the script is evaluated as a user would, and the words come from the shell."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from cli_harness import FORKING, Cli
from hanging import HANGS
from terminal import Terminal

CASES = [
    ("pred", ["predictions"]),
    ("predictions cre", ["create"]),
    ("schema replicate_get_acc", ["replicate_get_account"]),
    ("models list --sort-by model_", ["model_created_at"]),
    ("predictions create --webh", ["--webhook", "--webhook-events-filter"]),
    ("--format t", ["table"]),
    ("run --ba", ["--batch"]),
    ("account --output rep", ["report.txt"]),
]


@pytest.fixture
def cli(tmp_path: Path) -> Cli:
    """`replikit` on the path, as an installation puts it there."""
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "replikit").write_text(f'#!/bin/sh\nexec {" ".join(FORKING.shim())} "$@"\n')
    (folder / "replikit").chmod(0o755)
    (tmp_path / "report.txt").touch()
    return Cli(tmp_path, more={"PATH": f"{folder}{os.pathsep}{os.environ['PATH']}", "HOME": str(tmp_path)})


def shell(name: str) -> str:
    """Where a shell is; skips where it is missing, which CI does not allow."""
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not installed")
    return found


def printed(cli: Cli, *command: str) -> list[str]:
    """The lines that a shell prints, without the descriptions after them."""
    done = subprocess.run(
        command, cwd=cli.folder, env=cli.environment, capture_output=True, text=True, check=False, timeout=HANGS
    )
    assert done.returncode == 0 and done.stderr == "", done.stderr
    return [line.split("\t")[0] for line in done.stdout.splitlines()]


@pytest.mark.parametrize(("line", "expected"), CASES)
def test_fish_completes(cli: Cli, line: str, expected: list[str]) -> None:
    script = 'replikit completion fish | source; complete -C "replikit $argv[1]"'
    assert printed(cli, shell("fish"), "--no-config", "-c", script, "--", line) == expected


START = {
    "bash": (
        ["--norc", "--noprofile", "-i"],
        "PS1='> '; bind 'set show-all-if-ambiguous on'; eval \"$(replikit completion bash)\"",
    ),
    "zsh": (
        ["-f", "-i"],
        "PS1='> '; setopt no_list_ambiguous; autoload -Uz compinit; compinit -D; eval \"$(replikit completion zsh)\"",
    ),
}


@pytest.mark.parametrize("name", START)
def test_a_tab_completes_what_was_typed(cli: Cli, name: str) -> None:
    options, setup = START[name]
    cli.more["TERM"] = "dumb"
    terminal = Terminal([shell(name), *options], cli.folder, cli.environment)
    terminal.type(f"{setup}; echo set''up\n")
    terminal.until("setup\r\n")
    for line, expected in CASES:
        terminal.raw = ""
        # What the tab makes of the line is echoed, and what is left to choose from is listed.
        terminal.type(f"replikit {line}\t")
        for word in expected:
            terminal.until(rf"(^|[\s/]){word}[\s/]")
        terminal.type("\x15")
    terminal.type("exit\n")
    assert terminal.end()[0] == 0
