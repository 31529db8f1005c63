"""The generated package, for tests that run it in this process."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

GENERATED = Path(__file__).parents[2] / "generated/python"


@contextmanager
def imported() -> Iterator[Any]:
    """The package as it is checked in; whatever package of its name was imported before is put back afterwards."""
    before = {name: module for name, module in sys.modules.items() if name.split(".")[0] == "replikit"}
    for name in before:
        del sys.modules[name]
    sys.path.insert(0, str(GENERATED))
    try:
        yield importlib.import_module("replikit")
    finally:
        sys.path.remove(str(GENERATED))
        for name in [name for name in sys.modules if name.split(".")[0] == "replikit"]:
            del sys.modules[name]
        sys.modules.update(before)
