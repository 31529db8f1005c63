"""A surface that is a program, as it is declared: its command, and a digest of what decides what it makes."""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import SpecError
from ..places import Place
from ..read import files
from . import options as plugin_options
from . import registry

if TYPE_CHECKING:
    from ..ir import Json


@dataclass(frozen=True)
class Program:
    """One surface that is made by a program."""

    name: str
    command: tuple[str, ...]
    """The program and its arguments; a relative path is one in `folder`."""
    options: Json = field(default_factory=dict)
    """Passed to the program unchanged."""
    folder: Path = Path()

    @property
    def shown(self) -> str:
        """It as messages name it."""
        return f"surface {self.name} (the program {self.command[0]})"


def declared(content: Any, where: Place | str, folder: Path = Path()) -> Program:
    """A program as settings declare it: `{name, command, options}`. SpecError, at `where`, for anything else."""
    hint = 'write {"name": "ts", "command": ["node", "ts.js"], "options": {}}'
    if not isinstance(content, Mapping) or not content.keys() <= {"name", "command", "options"}:
        raise SpecError(where, "is not a surface program", hint)
    name, command, options = content.get("name"), content.get("command"), content.get("options", {})
    if not isinstance(name, str) or not registry.valid(name):
        raise SpecError(where, f"{str(name)[:80]!r} is not a valid surface name: a-z, then a-z, 0-9, _ and -", hint)
    if name in registry.OURS:
        raise SpecError(where, f"{name!r} is a built-in surface", "use another name")
    if not isinstance(command, (list, tuple)) or not command or not all(isinstance(each, str) for each in command):
        raise SpecError(where, f"the command of {name} is not a list of words", hint)
    if not command[0] or any("\0" in each for each in command):
        raise SpecError(where, f"the command of {name} does not name a program", hint)
    if not isinstance(options, Mapping):
        raise SpecError(where, f"the options of {name} are not a mapping", hint)
    plugin_options.written(options, where, name)
    return Program(name, tuple(command), options, folder)


def digest(program: Program) -> str:
    """Of what it is called with, and of each file that its command names."""
    options = json.loads(plugin_options.written(program.options, program.shown))
    total = hashlib.sha256(json.dumps([program.name, program.command, options], sort_keys=True).encode())
    for argument in program.command:
        place = program.folder / argument
        try:
            total.update(hashlib.sha256(files.read(place, sys.maxsize)).digest())
        except OSError:  # a flag, a word, or a program on the PATH
            total.update(b"-")
    return total.hexdigest()
