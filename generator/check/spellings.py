"""Names that a surface cannot spell as they are, and names that read badly on one."""

from __future__ import annotations

from collections.abc import Iterator

from .. import names
from ..ir import Api, Function, Param
from .advised import Advice, warn
from .prose import argument

LONGEST_ARGUMENT = 30
"""Characters; what is longer is hard to type as a flag and costs every host that lists it."""
_GENERIC = frozenset({"data", "value", "item", "object", "params", "arg", "obj", "val", "tmp"})
"""Names that say nothing of what is meant."""


def spellings(api: Api) -> Iterator[Advice]:
    """Names that a surface cannot spell as they are, and names that read badly on one."""
    for function in api.functions:
        hint = f"name it in functions.{function.name} of the catalog"
        repeated = [one for one, other in zip(function.words, function.words[1:]) if one == other]
        if repeated:
            yield warn("name", function.place, f"{function.name} repeats {repeated[0]!r}", hint)
        if _coded(function.words):
            yield warn("name", function.place, f"{function.name} contains letters that have no ASCII spelling", hint)
        for param in function.params:
            yield from _argument_spelling(function, param)


def _argument_spelling(function: Function, param: Param) -> Iterator[Advice]:
    hint = f"name it in functions.{function.name}.parameters.{param.wire_name} of the catalog"
    text = f"{argument(param)} of {function.name}"
    python = str(names.PYTHON.spell(param.words))
    if python != argument(param):
        yield warn("name", param.place, f"{text} is spelled `{python}` in Python", hint)
    if len(argument(param)) > LONGEST_ARGUMENT:
        yield warn("name", param.place, f"{text} has {len(argument(param))} characters", hint)
    if _coded(param.words):
        yield warn("name", param.place, f"{text} contains letters that have no ASCII spelling", hint)
    if len(param.words) == 1 and (len(param.words[0]) == 1 or param.words[0] in _GENERIC):
        yield warn("name", param.place, f"{text} is not meaningful", hint)


def _coded(parts: names.Words) -> bool:
    return any(part[:1] == "u" and len(part) > 4 and all(c in "0123456789abcdef" for c in part[1:]) for part in parts)
