"""How values and schemas are shown in a message: short, whatever their size and depth."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import Any

_LONGEST = 100
"""Characters of a name that are shown, or compared with others."""
_MOST = 5_000
"""Names that another is compared with."""
_CLOSE = 50
"""Of those, the ones with most letters in common, which are compared letter by letter."""


def nearest(name: str, known: Iterable[str], count: int = 3) -> tuple[str, ...]:
    """The known names that look most like this one."""
    import difflib  # of no use to whoever spells every name right
    import heapq

    wanted = name[:_LONGEST].lower()
    names = {each.lower(): each for each in islice(known, _MOST) if len(each) <= _LONGEST}
    matcher = difflib.SequenceMatcher(b=wanted)

    def in_common(each: str) -> float:
        matcher.set_seq1(each)
        return matcher.quick_ratio()

    close = heapq.nlargest(_CLOSE, names, in_common)
    return tuple(names[match] for match in difflib.get_close_matches(wanted, close, count, 0.55))


def kind(value: Any) -> str:
    """The JSON type of a value, in words for people."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int):
        return "integer"
    if isinstance(value, float):
        return "integer" if value.is_integer() else "number"
    if isinstance(value, str):
        return "string"
    if isinstance(value, (list, tuple)):
        return "array"
    if isinstance(value, Mapping):
        return "object"
    return type(value).__name__


def shown(value: Any) -> str:
    """A value in sixty characters at most."""
    text = json.dumps(_pruned(value, 3), ensure_ascii=False, default=_plainly)
    return _printable(text if len(text) <= 60 else text[:57] + "...")


def _pruned(value: Any, levels: int) -> Any:
    """As much of a value as could be shown."""
    if isinstance(value, str):
        return value[:60]
    if isinstance(value, int) and value.bit_length() > 200:
        return f"an integer of {value.bit_length()} bits"  # Python writes no number of more than 4,300 digits
    if isinstance(value, Mapping):
        return (
            {str(key)[:60]: _pruned(item, levels - 1) for key, item in islice(value.items(), 20)} if levels else "..."
        )
    if isinstance(value, (list, tuple)):
        return [_pruned(item, levels - 1) for item in value[:20]] if levels else "..."
    return value


def _plainly(value: Any) -> str:
    return repr(value)[:60]


def listed(options: Sequence[Any]) -> str:
    """The values that are allowed, up to a dozen."""
    text = ", ".join(shown(option) for option in options[:12])
    return text + (f" and {len(options) - 12} more" if len(options) > 12 else "")


def path(steps: Iterable[str | int]) -> str:
    """Where something stands: `input.images[0].url`."""
    text = ""
    for step in steps:
        if isinstance(step, int):
            text += f"[{step}]"
        else:
            name = step if len(step) <= _LONGEST else step[: _LONGEST - 3] + "..."
            text += f".{name}" if text else name
    return _printable(text)


def fragment(schema: Any) -> Any:
    """The part of a schema that is worth showing in a message: two levels, without prose and private annotations."""
    return _short(schema, 2)


def _short(node: Any, levels: int) -> Any:
    if isinstance(node, Mapping):
        kept = {
            key: value
            for key, value in node.items()
            if not key.startswith("x-") and (key != "description" or not isinstance(value, str))
        }
        if levels < 0:
            return {key: value for key, value in kept.items() if key in ("type", "enum")}
        return {
            key: (
                {name: _short(inner, levels - 1) for name, inner in value.items()}
                if key == "properties" and isinstance(value, Mapping)
                else _short(value, levels)
            )
            for key, value in kept.items()
        }
    if isinstance(node, list):
        return [_short(item, levels - 1) for item in node[:20]]
    return node


def _printable(text: str) -> str:
    """Halves of surrogate pairs cannot leave the process: they are spelled out."""
    return text.encode("utf-8", "backslashreplace").decode()
