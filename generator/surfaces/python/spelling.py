"""What docstrings say, and which imports annotations need."""

from __future__ import annotations

import re
from collections.abc import Iterable

from ...text import Code, first_sentence, python_docstring

_NAME = re.compile(r"(?<![.\w])[A-Za-z_]\w*")
_STRING = re.compile(r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*\"""")
_LINK = re.compile(r"\[([^\[\]]+)\]\(#[^()\s]+\)")
_RUNS = re.compile(r"[0-9]+|[^0-9]")


def sentence(description: str, more: str = "") -> Code:
    """The first sentence of a description, for a docstring, and more after it."""
    return python_docstring(" ".join(part for part in (unlinked(first_sentence(description)), more) if part))


def unlinked(description: str) -> str:
    """Links to functions do not work in a docstring: only their label is kept."""
    return _LINK.sub(r"`\1`", description)


FOLDER = "python/[package]/"
"""Of the package, among what is laid."""
COMMON = (
    ("collections.abc", ("Mapping", "Sequence")),
    ("datetime", ("date", "datetime")),
    ("functools", ("cached_property",)),
    ("typing", ("TYPE_CHECKING", "Any", "ClassVar", "Literal", "Required", "TypeAlias", "TypedDict", "overload")),
)
_IMPORTED_AS = {
    "_Choice": "Choice as _Choice",
    "P": "Param as P",
    "_routed": "routed as _routed",
    "_operations": "operations as _operations",
    "_types": "types as _types",
    "_incoming": "incoming as _incoming",
}


def imports(expressions: Iterable[str], modules: tuple[tuple[str, tuple[str, ...]], ...]) -> tuple[Code, ...]:
    """The import lines of the names that stand in these expressions; one blank line before our own modules."""
    used = {name for expression in expressions for name in _NAME.findall(_STRING.sub("", expression))}
    lines: list[Code] = []
    for module, names in sorted(modules, key=lambda each: _module_order(each[0])):
        if results := [_IMPORTED_AS.get(name, name) for name in names if name in used]:
            if module.startswith(".") and lines and not lines[-1].startswith("from ."):
                lines.append(Code(""))
            lines.append(Code(f"from {module} import {', '.join(results)}"))
    return tuple(lines)


def _module_order(module: str) -> tuple[int, str]:
    """The library's modules, then our own, those of outer packages first."""
    dots = len(module) - len(module.lstrip("."))
    return (-dots if dots else -100, module.lstrip("."))


def import_order(name: str) -> tuple[int, tuple[tuple[int, ...], ...], tuple[tuple[int, ...], ...]]:
    """The place of an imported name or module among others, as isort and ruff have it.

    Constants stand before classes, and these before the rest; whatever their case, and numbers by their value.
    """
    kind = 0 if name.isupper() and len(name) > 1 else 1 if name[:1].isupper() else 2
    return kind, _natural(name.lower()), _natural(name)


def _natural(text: str) -> tuple[tuple[int, ...], ...]:
    """Every character in turn, but a run of digits as one number; one that begins with 0 is a text, before the others."""
    return tuple(
        (0, 0, *map(ord, run)) if run[0] == "0" else (0, len(run), *map(ord, run)) if run.isdigit() else (1, ord(run))
        for run in _RUNS.findall(text)
    )
