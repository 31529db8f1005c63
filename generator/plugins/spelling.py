"""The names that are passed to a surface program: everything in the IR, in the cases that languages use.

What two things would share in a case, both have with `_` between their words, where no two are alike. Words that a
language keeps for itself are left to the program, which knows its language.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from .. import names
from ..ir import Api, Words
from ..names.spelling import kebab, pascal, snake

Spelled = dict[str, str]


def camel(parts: Words) -> str:
    """`("get", "user")` -> `getUser`."""
    whole = pascal(parts)
    return whole[:1].lower() + whole[1:]


_CASES: Mapping[str, Callable[[Words], str]] = {"camel": camel, "kebab": kebab, "pascal": pascal, "snake": snake}


def spelled(api: Api) -> dict[str, Any]:
    """functions, groups and types by their keys; of each function also how our surfaces call it, and its arguments."""
    called = names.called(api)
    functions = _cases({function.name: function.words for function in api.functions})
    return {
        "functions": {
            function.name: {
                **functions[function.name],
                "python": called[function.name].python,
                "command": " ".join(called[function.name].command),
                "tool": called[function.name].tool,
                "lua": str(called[function.name].lua),
                "arguments": _cases({names.argument(param.words): param.words for param in function.params}),
            }
            for function in api.functions
        },
        "groups": _cases({group.key: tuple(word for step in group.path for word in step) for group in api.groups}),
        "types": _cases({key: item.words for key, item in api.named.items()}),
    }


def _cases(named: Mapping[str, Words]) -> dict[str, Spelled]:
    result: dict[str, Spelled] = {key: {} for key in named}
    for case, spell in _CASES.items():
        written = {key: spell(words) for key, words in named.items()}
        many = Counter(name.lower() for name in written.values())
        for key, name in written.items():
            result[key][case] = name if many[name.lower()] == 1 else snake(named[key])
    return result
