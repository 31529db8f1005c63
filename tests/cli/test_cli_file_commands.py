"""Every command of the catalog that takes a file, by every way of naming one: what arrives is compared byte for byte.

The commands are found in the package, so that one that is added is tested or fails here.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from cli_harness import Cli
from replikit_package import imported
from scripted import of, scripted
from test_cli_files import LARGE, OTHER, SMALL, Api

with imported() as package:
    _TABLE = import_module("replikit.cli.commands")
    _COMMANDS = {row.function: _TABLE.command(row) for row in _TABLE.COMMANDS}
    _RUNNERS = {row.word for row in _TABLE.RUNNERS}
    _INFOS = {info.name: info for info in import_module("replikit.functions").all_functions().values() if info.files_in}
    _GIVEN = {
        name: info.examples[0]["arguments"] for name, info in _INFOS.items()
    }  # read from the package when asked for
STARTS = [name for name in _INFOS if _COMMANDS[name].starts]
UPLOADS = [name for name in _INFOS if not _COMMANDS[name].starts]


class AnyCommand(Api):
    """As there, and any command that starts a job is answered at its own path."""

    def taking(self, cli: Cli, words: list[str]) -> None:
        """Answer the request that these words make, whatever its path is."""
        url = str(cli.json(*words, "--dry-run")["url"])
        self.server.answers["/v1" + url.removeprefix(self.server.base_url).partition("?")[0]] = self._run


@pytest.fixture
def api() -> Iterator[AnyCommand]:
    with scripted() as server:
        yield AnyCommand(server)


@pytest.fixture
def cli(tmp_path: Path, api: AnyCommand) -> Cli:
    for name, content in (("a.png", SMALL), ("b.jpg", OTHER), ("large.bin", LARGE), ("text.txt", b"only text\n")):
        (tmp_path / name).write_bytes(content)
    return Cli(tmp_path, api.server.base_url)


def words_of(name: str, *, call: bool) -> list[str]:
    """The command with what its first example gives beside the file."""
    command, info = _COMMANDS[name], _INFOS[name]
    given = {key: value for key, value in _GIVEN[name].items() if key not in info.files_in}
    given.pop("wait", None)
    flags = {flag.name: flag.flag for flag in command.flags}
    found = ["call", name, json.dumps(given)] if call else [*command.words]
    for key, value in given.items() if not call else ():
        found += [f"--{flags[key]}", value if isinstance(value, str) else json.dumps(value)]
    return found


def test_there_is_no_way_in_for_a_file_that_is_not_tested() -> None:
    assert _RUNNERS == {"run", "stream", "train"}, "those of test_cli_files"
    assert len(STARTS) >= 4 and UPLOADS, "the catalog has them"
    assert all(_INFOS[name].files_in == ("input",) for name in STARTS)
    assert all(
        flag.kind != "binary" or command.function in UPLOADS for command in _COMMANDS.values() for flag in command.flags
    )


WAYS: list[tuple[tuple[str, ...], bytes | None, dict[str, Any]]] = [
    (
        ("image=@a.png", "images[]=@b.jpg", "images[]=@large.bin", "deep[in][]=@a.png", "text=@text.txt", "at=@@home"),
        None,
        {"image": SMALL, "images": [OTHER, LARGE], "deep": {"in": [SMALL]}, "text": "only text\n", "at": "@home"},
    ),
    (("image=@-",), OTHER, {"image": OTHER}),
    (("image=@-",), LARGE, {"image": LARGE}),
]


@pytest.mark.parametrize("call", [False, True], ids=["command", "call"])
@pytest.mark.parametrize("name", STARTS)
def test_files_inside_an_input_arrive_whole(cli: Cli, api: AnyCommand, name: str, call: bool) -> None:
    words = words_of(name, call=call)
    api.taking(cli, [*words, *(("--arg", "input[a]=b") if call else ("--input", "a=b"))])
    for pairs, stdin, wanted in WAYS if name == STARTS[0] else WAYS[:1]:
        more: list[str] = []
        for pair in pairs:
            key, _, value = pair.partition("=")
            head, bracket, rest = key.partition("[")
            more += ["--arg", f"input[{head}]{bracket}{rest}={value}"] if call else ["--input", pair]
        done = cli.run(*words, *more, stdin=stdin)
        assert done.returncode == 0, done.stderr.decode()
        assert api.inputs.pop() == wanted and not api.inputs


@pytest.mark.parametrize("name", STARTS)
def test_a_batch_carries_files_for_every_command(cli: Cli, api: AnyCommand, name: str) -> None:
    words = words_of(name, call=False)
    api.taking(cli, [*words, "--input", "a=b"])
    api.server.answers["/v1/trainings"] = [of({"next": None, "previous": None, "results": []})]
    rows = [{"input": {"image": "@a.png"}}, {"input": {"images": ["@b.jpg", "@large.bin"]}}]
    (cli.folder / "in.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    assert cli.json(*words, "--batch", "in.jsonl", "--out", "out.jsonl")["succeeded"] == 2
    assert sorted(api.inputs, key=lambda row: "images" in row) == [{"image": SMALL}, {"images": [OTHER, LARGE]}]


@pytest.mark.parametrize("name", UPLOADS)
def test_an_upload_arrives_whole(cli: Cli, api: AnyCommand, name: str) -> None:
    (argument,) = _INFOS[name].files_in
    flag = next(flag.flag for flag in _COMMANDS[name].flags if flag.name == argument)
    words, call = words_of(name, call=False), words_of(name, call=True)
    ways = [
        ([*words, "@a.png"], None, SMALL),
        ([*words, f"--{flag}", "@large.bin"], None, LARGE),
        ([*words, "@-"], LARGE, LARGE),
        ([*call, "--arg", f"{argument}=@large.bin"], None, LARGE),
        ([*call, "--arg", f"{argument}=@-"], SMALL, SMALL),
        ([*call, "--arg", f"{argument}=@text.txt"], None, b"only text\n"),
    ]
    for given, stdin, wanted in ways:
        done = cli.run(*given, stdin=stdin)
        assert done.returncode == 0, done.stderr.decode()
        assert api.uploads.pop() == wanted and not api.uploads, given
