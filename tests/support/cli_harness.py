"""The generated command line as real processes, and the mock they talk to as another."""

from __future__ import annotations

import atexit
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from forking import Forked, Forking
from hanging import HANGS

T = TypeVar("T")
ROOT = Path(__file__).parents[2]
GENERATED = ROOT / "generated" / "python"
COMMAND = [sys.executable, "-m", "replikit"]
MODEL = "replicate/hello-world"
# The module that asks how wide the terminal is, and those of programs of their own.
FORKING = Forking(
    "replikit", str(GENERATED), ("replikit.cli.app", "replikit.lua", "replikit.mcp", "replikit.mock"), shared=True
)
SERVING = Forking("replikit", str(GENERATED), ("replikit.cli.app",), shared=True)
for each in (FORKING, SERVING):
    atexit.register(each.close)
VERSION = f"{MODEL}:9dcd6d78e7c6560c340d916fe32e9f24aabfa331e5cce95fe31f77fb03121426"


@dataclass
class Cli:
    """Where commands run and what they know of the world."""

    folder: Path
    url: str = "http://127.0.0.1:9"
    token: str = "mock-token"
    more: dict[str, str] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        """The environment of a command: nothing of the user's own configuration is in it."""
        variables = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(GENERATED),
            "REPLIKIT_CONFIG": str(self.folder / "config" / "config.json"),
            "REPLICATE_BASE_URL": self.url,
            **({"REPLICATE_API_TOKEN": self.token} if self.token else {}),
            **self.more,
        }
        return {name: value for name, value in variables.items() if value}

    def run(self, *words: str, stdin: bytes | None = None, **more: str) -> subprocess.CompletedProcess[bytes]:
        """One command, to its end. Without stdin there is none."""
        options: Any = {"stdin": subprocess.DEVNULL} if stdin is None else {"input": stdin}
        return run(*words, cwd=self.folder, env={**self.environment, **more}, **options)

    def json(self, *words: str, **more: Any) -> Any:
        """What a command that goes well writes, as JSON."""
        done = self.run(*words, **more)
        assert done.returncode == 0, done.stderr.decode()
        return json.loads(done.stdout)

    def error(self, code: int, *words: str, **more: Any) -> Any:
        """The error object of a command that ends with this code and writes nothing else."""
        done = self.run(*words, **more)
        assert done.returncode == code, (done.returncode, done.stdout, done.stderr)
        assert done.stdout == b"" and b"Traceback" not in done.stderr
        return json.loads(done.stderr)["error"]

    def start(self, *words: str, **more: Any) -> subprocess.Popen[bytes]:
        """One command, at work."""
        more = {
            "cwd": self.folder,
            "env": self.environment,
            "stdin": subprocess.DEVNULL,
            "stdout": subprocess.PIPE,
            "stderr": subprocess.PIPE,
            **more,
        }
        return popen(words, **more)


def popen(words: Sequence[str], **options: Any) -> subprocess.Popen[Any]:
    """`python -m replikit words…`, from a fork where that is the same."""
    server = forks(words, options["env"])
    if server and not options.keys() & {"preexec_fn", "pass_fds"}:
        return Forked(server, list(words), **options)
    return subprocess.Popen([*COMMAND, *words], **options)


def forks(words: Sequence[str], environment: Mapping[str, str]) -> Forking | None:
    """What forks the process of this command, where that is the same as the start of an interpreter."""
    server = SERVING if {"lua", "mcp", "mock"} & set(words) else FORKING
    return server if server.possible(environment) else None


def program(words: Sequence[str], environment: Mapping[str, str]) -> list[str]:
    """The words of `python -m replikit words…`, for a shell."""
    server = forks(words, environment)
    return [*(server.shim() if server else COMMAND), *words]


def run(
    *words: str, input: bytes | None = None, timeout: float = HANGS, **options: Any
) -> subprocess.CompletedProcess[bytes]:
    """As `subprocess.run` of a command with its output captured."""
    pipes = {name: subprocess.PIPE for name in ("stdout", "stderr", *(["stdin"] if input is not None else []))}
    with popen(words, **pipes, **options) as process:
        try:
            stdout, stderr = process.communicate(input, timeout)
        except BaseException:
            process.kill()
            raise
    return subprocess.CompletedProcess([*COMMAND, *words], process.returncode, stdout, stderr)


def until(holds: Callable[[], T], seconds: float = HANGS) -> T:
    """What `holds` gives as soon as that is anything, asked again and again."""
    deadline = time.monotonic() + seconds
    while not (outcome := holds()):
        assert time.monotonic() < deadline, "it never came to that"
        time.sleep(0.02)
    return outcome


@contextmanager
def mock(*words: str, log: Path | None = None) -> Iterator[str]:
    """The base URL of a mock on a free port. With --verbose it tells what it is asked, into the log."""
    output = log.open("wb") if log else None
    process = popen(
        ["mock", "--port", "0", *words],
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(GENERATED)},
        stdout=subprocess.PIPE,
        stderr=output or subprocess.DEVNULL,
    )
    if output:
        output.close()
    assert process.stdout is not None
    try:
        yield process.stdout.readline().decode().strip()
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
