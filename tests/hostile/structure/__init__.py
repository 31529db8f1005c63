"""What is left of a file when its texts are taken out: two files of one structure differ in nothing but text.

A structure is a Counter: what stands in a file and how often. Files are sorted by names, and names are text.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from . import data, lua, page, python, shell

Structure = Counter[str]

_READERS: tuple[tuple[str, Callable[[str], Structure]], ...] = (
    (".py", python.read),
    ("tools.json", data.tools),
    (".json", data.json_),
    (".toml", data.toml),
    (".yml", data.yaml_),
    (".svg", data.xml),
    (".lua", lua.read),
    (".rockspec", lua.read),
    (".luacheckrc", lua.read),
    (".md", page.read),
    (".js", data.script),
    (".txt", data.lines),
)


def of(path: str, text: str) -> Structure:
    """The structure of a file. Raises what its parser raises."""
    return next(read for ending, read in _READERS if path.endswith(ending))(text)


__all__ = ["Structure", "of", "page", "shell"]
