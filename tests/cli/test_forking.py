"""A command from a fork is the command that an interpreter was started for: what it writes, how it ends, what it sees."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from cli_harness import COMMAND, FORKING, Cli, mock, popen, until
from forking import Forked, Forking
from hanging import HANGS

# What a command may end with: a page of words, data in each form, each kind of mistake, and what it was given on stdin.
COMMANDS = (
    "",
    "predictions --help",
    "predictions lst",
    "predictions list --limit 2 --format jsonl",
    "predictions get none",
    "schema create_prediction",
    "call get_prediction -",
    "completion bash",
    "man",
)


@pytest.fixture(scope="module")
def cli(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cli]:
    with mock() as url:
        yield Cli(tmp_path_factory.mktemp("forking"), url)


@pytest.mark.parametrize("command", COMMANDS)
def test_both_ways_are_the_same(cli: Cli, command: str) -> None:
    """The mock's answers hold times of their own in nothing that these commands show."""
    given = b'{"prediction_id": "none"}' if command.endswith("-") else b""
    forked = cli.run(*command.split(), stdin=given)
    started = subprocess.run(
        [*COMMAND, *command.split()],
        cwd=cli.folder,
        env=cli.environment,
        input=given,
        capture_output=True,
        timeout=HANGS,
        check=False,
    )
    assert (forked.returncode, forked.stdout, forked.stderr) == (started.returncode, started.stdout, started.stderr)


SHOW = """
import locale, os, resource, signal, sys
streams = [
    (s.name, s.mode, s.encoding, s.errors, s.line_buffering, s.write_through, s.fileno(), s.isatty(), s.newlines)
    for s in (sys.stdin, sys.stdout, sys.stderr, sys.__stdin__, sys.__stdout__, sys.__stderr__)
]
dispositions = [(number, str(signal.getsignal(number))) for number in (2, 13, 15, 17)]
print(sys.argv, sys.path, streams, sorted(os.environ.items()), os.getcwd(), dispositions)
print(signal.pthread_sigmask(signal.SIG_BLOCK, []), os.umask(0), sorted(os.listdir("/proc/self/fd")), __name__)
print(os.getpgrp(), os.getsid(0), locale.getpreferredencoding(), [sys.stdin.read(), os.isatty(0)])
sys.stdout.flush()
os.kill(os.getpid(), int(sys.argv[1])) if sys.argv[1:] else None
sys.exit("at the end")
"""


@pytest.mark.parametrize("words", [[], ["15"], ["2"], ["9"], ["\udcff"]])
def test_a_process_finds_the_same_about_it(tmp_path: Path, words: list[str]) -> None:
    """A package of its own, so that the process can tell what it was given; Ctrl-C ends it as it ends a program."""
    package = tmp_path / "packages" / "shown"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("")
    (package / "__main__.py").write_text(SHOW)
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(package.parent), "A": "b\udcff", "TZ": "Asia/Tokyo"}
    forking = Forking("shown", str(package.parent))
    try:
        ends = []
        for start in (
            lambda **more: Forked(forking, words, **more),
            lambda **more: subprocess.Popen([sys.executable, "-m", "shown", *words], **more),
        ):
            pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
            with start(cwd=tmp_path, env=environment, **pipes) as process:
                ends.append((*process.communicate(b"given\r\n", HANGS), process.returncode))
    finally:
        forking.close()
    *forked, (stdout, stderr, code) = ends
    for out, errors, ended in forked:
        assert out == stdout and ended == code
        # A traceback has the line of `-c` more, by which the server was started.
        assert errors.splitlines()[-1:] == stderr.splitlines()[-1:]


ENDING = """
import atexit, sys, threading, time
atexit.register(print, "at the exit")
threading.Thread(target=lambda: (threading.main_thread().join(), print("after the main thread"))).start()
print("unflushed", end="")
sys.stderr.write("half a line")
sys.exit(eval(sys.argv[1]))
"""


@pytest.mark.parametrize(
    ("status", "out"),
    [
        *((status, "a pipe") for status in ("None", "3", "-1", "256", "True", "'a text'", "(1, 2)")),
        *((status, "/dev/full") for status in ("0", "'a text'")),
    ],
)
def test_it_ends_the_same(ending: tuple[Forking, Path], tmp_path: Path, status: str, out: str) -> None:
    """The threads and handlers that an interpreter waits for, what it still writes, and its complaint where it cannot."""
    forking, packages = ending
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(packages)}
    ends = []
    for start in (
        lambda **more: Forked(forking, [status], **more),
        lambda **more: subprocess.Popen([sys.executable, "-m", "ending", status], **more),
    ):
        with open(out if out != "a pipe" else os.devnull, "wb") as full:
            to = subprocess.PIPE if out == "a pipe" else full
            with start(cwd=tmp_path, env=environment, stdout=to, stderr=subprocess.PIPE) as process:
                ends.append((*process.communicate(timeout=HANGS), process.returncode))
    assert ends[0] == ends[1]


@pytest.fixture(scope="module")
def ending(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Forking, Path]]:
    packages = tmp_path_factory.mktemp("packages")
    (packages / "ending").mkdir()
    (packages / "ending/__init__.py").write_text("")
    (packages / "ending/__main__.py").write_text(ENDING)
    forking = Forking("ending", str(packages))
    yield forking, packages
    forking.close()


STREAMS = """
import os, sys
held = [os.path.lexists(f"/proc/self/fd/{number}") and os.readlink(f"/proc/self/fd/{number}") for number in range(3)]
streams = [stream and (stream.name, stream.fileno()) for stream in (sys.stdin, sys.stdout, sys.stderr, sys.__stdout__)]
with open(sys.argv[1], "w") as file:
    file.write(repr((held, streams, file.fileno())))
"""


@pytest.mark.parametrize("redirection", ["", "<&-", ">&-", "2>&-", "<&- 2>&-", ">&- 2>&-", "<&- >&- 2>&-"])
def test_what_a_shell_closed_is_closed(tmp_path: Path, redirection: str) -> None:
    """By the program that stands for a process: no stream, and a number that the next file takes."""
    package = tmp_path / "packages" / "shown"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("")
    (package / "__main__.py").write_text(STREAMS)
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(package.parent)}
    forking = Forking("shown", str(package.parent))
    told = []
    try:
        for program in (forking.shim(), [sys.executable, "-m", "shown"]):
            line = f"{shlex.join(program)} found </dev/null >/dev/null 2>/dev/null {redirection}"
            subprocess.run(["bash", "-c", line], cwd=tmp_path, env=environment, check=True, timeout=HANGS)
            told.append((tmp_path / "found").read_text())
    finally:
        forking.close()
    assert told[0] == told[1]


def test_a_command_at_work_takes_signals_and_is_waited_for(cli: Cli) -> None:
    process = popen(
        ["mock", "--port", "0"],
        cwd=cli.folder,
        env=cli.environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    with process:
        assert isinstance(process, Forked) and process.stdout and process.stdout.readline().startswith(b"http")
        assert process.poll() is None and os.getsid(process.pid) == process.pid
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(0.01)
        process.send_signal(signal.SIGKILL)
        assert process.wait(HANGS) == -signal.SIGKILL == until(process.poll)


def test_what_an_interpreter_reads_while_it_starts_has_a_start(cli: Cli) -> None:
    assert FORKING.possible(cli.environment)
    for name in ("PYTHONUTF8", "PYTHONUNBUFFERED", "LC_ALL", "LANG", "LD_PRELOAD", "PYTHONPATH"):
        assert not FORKING.possible({**cli.environment, name: "1"})
