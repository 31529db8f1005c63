"""A person who has an OpenAPI document and has installed surfacegen's wheel, in a folder outside the checkout."""

from __future__ import annotations

import os
import re
import select
import shlex
import subprocess
import sys
import sysconfig
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hanging import HANGS

ROOT = Path(__file__).parents[2]
_PIP = """#!/bin/sh
# No network, and nothing but what is named: what that requires is there.
[ "$1" = install ] && shift && set -- install --quiet --no-deps --no-index --no-build-isolation --no-compile "$@"
exec {python} -m pip --disable-pip-version-check --python {env} "$@"
"""
_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


class Person:
    """An environment in which surfacegen is installed, and a shell in a folder of theirs."""

    def __init__(self, home: Path) -> None:
        self.home = home
        venv.create(home / "env")
        self.bin = home / "env/bin"
        packages = next((home / "env/lib").glob("python*/site-packages"))
        (packages / "there.pth").write_text(sysconfig.get_path("purelib") + "\n")
        (self.bin / "pip").write_text(
            _PIP.format(python=shlex.quote(sys.executable), env=shlex.quote(f"{self.bin}/python"))
        )
        (self.bin / "pip").chmod(0o755)
        self.environment = {
            "PATH": f"{self.bin}{os.pathsep}{os.environ['PATH']}",
            "HOME": str(home),
            "LANG": "C.UTF-8",
            "GIT_CEILING_DIRECTORIES": str(home),
        }
        copy = home / "source"
        copy.mkdir()
        for name in ("pyproject.toml", "README.md", "LICENSE", "generator", "templates"):
            (copy / name).symlink_to(ROOT / name)
        self.run(f"{shlex.quote(sys.executable)} -m hatchling build -t wheel -d {home}/dist", copy)
        self.run(f"pip install {home}/dist/*.whl", home)

    def run(self, command: str, folder: Path, **more: str) -> subprocess.CompletedProcess[str]:
        """A command as a shell runs it. AssertionError, with what was printed, where it fails."""
        done = self.tried(command, folder, **more)
        assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
        return done

    def tried(self, command: str, folder: Path, **more: str) -> subprocess.CompletedProcess[str]:
        """The same, whether it fails or not."""
        return subprocess.run(
            ["bash", "-c", command], cwd=folder, env={**self.environment, **more}, capture_output=True, text=True,
            timeout=HANGS, check=False,
        )  # fmt: skip

    @contextmanager
    def mock(self, command: str, folder: Path, lines: int | None = None) -> Iterator[dict[str, str]]:
        """The environment of whoever runs the lines that a mock prints.

        lines: how many there are; where that is not known, those that come until none does for a second.
        """
        environment = {**self.environment, "PYTHONUNBUFFERED": "1"}
        words = [*shlex.split(command, comments=True), "--port", "0"]
        with subprocess.Popen(words, cwd=folder, env=environment, stdout=subprocess.PIPE, bufsize=0) as process:
            try:
                assert process.stdout is not None
                output = b""
                while lines is None or output.count(b"export ") < lines or not output.endswith(b"\n"):
                    if lines is None and b"export " in output and not select.select([process.stdout], [], [], 1)[0]:
                        break
                    part = process.stdout.read(4096)
                    assert part, f"the mock ended: {output!r}"
                    output += part
                exported = [
                    line[7:].partition("=") for line in output.decode().splitlines() if line.startswith("export ")
                ]
                yield {name: "".join(shlex.split(value)) for name, _, value in exported}
            finally:
                process.terminate()


def steps(shown: str) -> list[str]:
    """The commands that `generate` names at its end."""
    _, _, steps_shown = shown.partition("next:\n")
    return [line.strip() for line in steps_shown.splitlines()]


def blocks(readme: str, heading: str) -> list[tuple[str, str]]:
    """(language, code) of a section of a README."""
    section = readme.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    return _BLOCK.findall(section)
