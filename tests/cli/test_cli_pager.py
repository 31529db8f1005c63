"""The pager is a real `less`: Ctrl-C is its own, the terminal is as it was afterwards, and nothing is lost without one."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest
from cli_harness import COMMAND, Cli
from terminal import Terminal

LESS = shutil.which("less")
needs_less = pytest.mark.skipif(LESS is None, reason="less is not installed")
# As a shell starts a command: told what it ended with, and what state the terminal is in afterwards.
SHELL = "import subprocess, sys, termios\nbefore = termios.tcgetattr(0)\nimport signal\nsignal.signal(signal.SIGINT, lambda *_: None)\ncode = subprocess.call(sys.argv[1:])\nprint('ENDED', code, termios.tcgetattr(0) == before)\n"


def start(folder: Path, *words: str, **more: str) -> Terminal:
    environment = {**Cli(folder).environment, "LESSHISTFILE": "-", **more}
    return Terminal([sys.executable, "-c", SHELL, *COMMAND, *words], folder, environment)


@needs_less
@pytest.mark.parametrize("pager", ["", "less", "sed s/^/x/ | less -R"])
def test_ctrl_c_is_the_pagers_and_it_goes_on(tmp_path: Path, pager: str) -> None:
    terminal = start(tmp_path, "docs", **({"PAGER": pager} if pager else {}))
    terminal.until("Output:")
    terminal.until(r"(?s)Output:.*\n.*:(\x1b\[K)?\Z|\(END\)|:\x1b\[K")
    for _ in range(2):
        seen = len(terminal.raw)
        terminal.type("\x03")
        terminal.press("G", r"\(END\)", 60)  # less still reads keys, and nobody else does
        assert "ENDED" not in terminal.raw
        terminal.press("g", "Output:", 60)
        assert len(terminal.raw) > seen
    terminal.press("q", "ENDED")
    code, shown = terminal.end()
    assert code == 0 and "ENDED 0 True" in shown and "Traceback" not in shown


@needs_less
def test_a_pager_that_is_left_early_is_no_error(tmp_path: Path) -> None:
    # More than a pipe holds, so that the rest is still to be written.
    _, shown = start(tmp_path, "schema", "create_prediction", PAGER="head -c 1 >/dev/null; echo left").end()
    assert "left" in shown and "ENDED 0 True" in shown


@pytest.mark.parametrize("how", ["kill -9 $$", "stty -echo raw; kill -9 $$"])
def test_a_pager_that_is_killed_leaves_the_terminal_as_it_was(tmp_path: Path, how: str) -> None:
    _, shown = start(tmp_path, "docs", PAGER=f"sh -c '{how}'").end()
    assert "ENDED 0 True" in shown


@pytest.mark.parametrize("more", [{"PAGER": "no-such-pager"}, {"PAGER": "cat"}, {"TERM": "dumb"}])
def test_without_a_pager_the_text_is_written(tmp_path: Path, more: dict[str, str]) -> None:
    _, shown = start(tmp_path, "docs", **more).end()
    assert "Exit codes:" in shown and "ENDED 0 True" in shown


def test_what_the_environment_says_of_the_terminal_is_not_trusted(tmp_path: Path) -> None:
    for more in (
        {"COLUMNS": "abc"},
        {"COLUMNS": "-5"},
        {"COLUMNS": "0"},
        {"COLUMNS": "1"},
        {"LINES": "x"},
        {"TERM": ""},
    ):
        for words in (("functions",), ("--help",), ("status",)):
            _, shown = start(tmp_path, *words, PAGER="cat", **more).end()
            assert "ENDED 0 True" in shown and "error" not in shown.splitlines()[0], (more, shown)
