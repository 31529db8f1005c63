"""The reviewer's page: all that a user of the generated surfaces can see, so that one diff tells what they will notice."""

from __future__ import annotations

import inspect
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from real_api import API
from syrupy.assertion import SnapshotAssertion

ROOT = Path(__file__).parents[2]
GENERATED = ROOT / "generated"


@pytest.fixture(scope="module")
def package() -> Any:
    sys.path.insert(0, str(GENERATED / "python"))
    import replikit

    return replikit


def python(package: Any) -> Iterator[str]:
    """Every public method of the two clients and what hangs on them, and every type with its fields."""
    for name in ("Replicate", "AsyncReplicate"):
        yield f"{name}{inspect.signature(getattr(package, name).__init__)}"
        yield from methods(name, getattr(package, name)("token", base_url="http://127.0.0.1:9"))
    for name, cls in sorted(vars(package.types).items()):
        if inspect.isclass(cls) and cls.__module__ == package.types.__name__:
            fields = "".join(
                f"\n    {key}: {kind}" for key, kind in inspect.get_annotations(cls).items() if key[0] != "_"
            )
            yield f"types.{name}{fields}"


def methods(path: str, owner: Any) -> Iterator[str]:
    from replikit.runtime.aio.resources import AsyncResource
    from replikit.runtime.sync.resources import Resource

    for name in sorted(n for n in dir(type(owner)) if not n.startswith("_")):
        member = inspect.getattr_static(type(owner), name)
        if inspect.isfunction(member):
            prefix = "async " if inspect.iscoroutinefunction(member) else ""
            yield f"{prefix}{path}.{name}{inspect.signature(member)}"
        elif isinstance(getattr(owner, name), (Resource, AsyncResource)):
            yield from methods(f"{path}.{name}", getattr(owner, name))
        else:
            yield f"{path}.{name}"


def cli() -> Iterator[str]:
    """The help of every command."""
    from replikit.cli.app import root

    yield from helps(root, ())


def helps(command: Any, words: tuple[str, ...]) -> Iterator[str]:
    import click

    shown = CliRunner().invoke(command, ["--help"], prog_name=" ".join(("replikit", *words)), terminal_width=100)
    assert shown.exit_code == 0, (words, shown.output)
    yield shown.output.rstrip()
    if isinstance(command, click.Group):
        context = click.Context(command, info_name=" ".join(words))
        for word in command.list_commands(context):
            below = command.get_command(context, word)
            assert below is not None, (words, word)
            yield from helps(below, (*words, word))


def mcp() -> Iterator[str]:
    """Every tool: its annotations and its arguments."""
    for tool in json.loads((GENERATED / "mcp/tools.json").read_text("utf-8"))["tools"]:
        hints = " ".join(key for key, value in tool["annotations"].items() if value is True)
        schema = tool["inputSchema"]
        arguments = "".join(
            f"\n    {name}{'' if name in schema.get('required', ()) else '?'}: {json.dumps(part)}"
            for name, part in schema["properties"].items()
        )
        yield f"{tool['name']} [{hints}] {tool['description']}{arguments}"


def lua() -> Iterator[str]:
    """Every function of the module, as its annotations have it."""
    text = (GENERATED / f"lua/library/{API.package}.lua").read_text("utf-8")
    yield from re.findall(r"^(?:---@(?:class|field|param|return|overload).*|function .*)$", text, re.MULTILINE)


PAGES = {"python": python, "cli": cli, "mcp": mcp, "lua": lua}


@pytest.mark.parametrize("surface", PAGES)
def test_face(surface: str, package: Any, snapshot: SnapshotAssertion, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    page = PAGES[surface](package) if surface == "python" else PAGES[surface]()
    assert "\n".join(page) == snapshot
