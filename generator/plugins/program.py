"""A surface that is a program, as it is declared: its command, and a digest of what decides what it makes."""

from __future__ import annotations

import hashlib
import json
import sys
from dataclasses import dataclass, field
from pathlib import Path

from ..errors import SpecError
from ..ir import Json
from ..read import files


@dataclass(frozen=True)
class Program:
    """One surface that is made by a program."""

    name: str
    command: tuple[str, ...]
    """The program and its arguments; a relative path is one in `folder`."""
    options: Json = field(default_factory=dict)
    """Given to it as they are."""
    folder: Path = Path()

    @property
    def shown(self) -> str:
        """It as messages name it."""
        return f"surface {self.name} (the program {self.command[0]})"


def digest(program: Program) -> str:
    """Of what it is called with, and of each file that its command names."""
    try:
        said = json.dumps([program.name, program.command, program.options], sort_keys=True, allow_nan=False)
    except (TypeError, ValueError, RecursionError) as error:
        raise SpecError(program.shown, f"its options are no JSON: {error}", "write JSON values") from None
    total = hashlib.sha256(said.encode())
    for argument in program.command:
        place = program.folder / argument
        try:
            total.update(hashlib.sha256(files.read(place, sys.maxsize)).digest())
        except OSError:  # a flag, a word, or a program that is found by the PATH
            total.update(b"-")
    return total.hexdigest()
