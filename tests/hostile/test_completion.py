"""Tab, then Enter, in the shells themselves: the value arrives as the document has it, and nothing else is run."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from forking import Forking
from payloads import ALL, PAYLOADS
from terminal import Terminal

from generator import pipeline

WHOLE = bool(os.environ.get("HOSTILE"))
VALUES = tuple(v for v in ALL if v and len(v) < 500) if WHOLE else (*PAYLOADS["shell"][:3], "' ; touch PWNED ; '", "\" $(touch PWNED)!! \"", "\ntouch PWNED\n", "~ *,b:c=d", "~", "~root", "-o", "\u4e2d")  # fmt: skip
START = {
    "bash": (["--norc", "--noprofile", "-i"], "PS1='> '; eval \"$(harm-kit completion bash)\""),
    "zsh": (["-f", "-i"], "PS1='> '; autoload -Uz compinit; compinit -D; eval \"$(harm-kit completion zsh)\""),
    "fish": (["--no-config", "--private"], "function fish_prompt; echo '> '; end; harm-kit completion fish | source"),
}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder with the command, for all shells."""
    folder = tmp_path_factory.mktemp("completed")
    forking = Forking("harm_kit", f"{folder}/out/python", ("harm_kit.cli.app",), LC_ALL="C.UTF-8")
    build(folder, forking)
    yield folder
    forking.close()


def build(folder: Path, forking: Forking) -> None:
    """A command with a flag for each value, which is the only one that the flag may have."""
    params = [
        {"name": f"p{index}", "in": "query", "schema": {"type": "string", "enum": [value]}}
        for index, value in enumerate(VALUES)
    ]
    operation = {"operationId": "things.list", "parameters": params, "responses": {"200": {"description": "ok"}}}
    document = {"openapi": "3.1.0", "info": {"title": "Harm", "version": "1"}, "paths": {"/": {"get": operation}}}
    (folder / "openapi.json").write_text(json.dumps(document))
    pipeline.generate(pipeline.Inputs(folder / "openapi.json"), folder / "out")
    (folder / "bin").mkdir()
    # Only the completion runs our command line: what Enter runs says what it was given, each word in JSON.
    (folder / "bin/harm-kit").write_text(
        f'#!/bin/sh\n[ -n "$_HARM_KIT_COMPLETE" ] || [ "$1" = completion ] || exec {sys.executable} -I -S {folder}/said.py "$@"\n'
        f'exec {" ".join(forking.shim())} "$@"\n'
    )
    (folder / "bin/harm-kit").chmod(0o755)
    (folder / "said.py").write_text(
        "import json, sys\nopen(sys.argv[0] + '.log', 'a').write(json.dumps(sys.argv[1:]) + '\\n')\n"
        "print('said', len(open(sys.argv[0] + '.log').readlines()), 'times')\n"
    )


@pytest.mark.parametrize("name", START)
def test_a_completed_value_is_one_word(made: Path, tmp_path: Path, name: str) -> None:
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not installed")
    log = made / "said.py.log"
    log.unlink(missing_ok=True)
    empty = tmp_path / "empty"
    empty.mkdir()
    options, setup = START[name]
    environment = {
        "PATH": f"{made}/bin:/usr/bin:/bin",
        "PYTHONPATH": f"{made}/out/python",
        "HOME": str(tmp_path),
        "TERM": "dumb",
        "LC_ALL": "C.UTF-8",
    }
    terminal = Terminal([found, *options], empty, environment)
    terminal.type(f"{setup}; echo set''up\n")
    terminal.until("setup\r")
    for index in range(len(VALUES)):
        terminal.type(f"harm-kit things list --p{index} \t\n")
        terminal.until(rf"said {index + 1} times")
    terminal.type("exit\n")
    terminal.end()
    given = [json.loads(line) for line in log.read_text("utf-8").splitlines()]
    # fish reads `~` in what is completed as a home, so it is not offered; and shows what begins with a dot to who typed one.
    offered = [value.isprintable() and not (name == "fish" and value.startswith(("~", "."))) for value in VALUES]
    seen = [[value] if shown else [] for value, shown in zip(VALUES, offered, strict=True)]
    for value, words, index in zip(seen, given, range(len(VALUES)), strict=True):
        assert words == ["things", "list", f"--p{index}", *value], ascii(VALUES[index])
    assert not list(empty.iterdir()), "something was run"
    print(f"{len(VALUES)} values completed in {name}")
