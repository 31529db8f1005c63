"""The plainest text and number that a schema takes, and values beside one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import ceil, floor
from typing import Any

Schema = Mapping[str, Any]

_FORMATS = {
    "date-time": "2026-01-01T00:00:00Z",
    "date": "2026-01-01",
    "time": "00:00:00Z",
    "duration": "PT1H",
    "uri": "https://example.com/",
    "url": "https://example.com/",
    "email": "someone@example.com",
    "uuid": "00000000-0000-4000-8000-000000000000",
    "hostname": "example.com",
    "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1",
    "byte": "dGV4dA==",
}
LONGEST = 10_000
"""Characters and items."""


def others(value: Any, schema: Schema, count: int) -> Iterator[Any]:
    """Values beside one, which may or may not be valid."""
    yield from schema.get("enum", ())
    yield from schema.get("examples", ())
    for turn in range(1, count * 2):
        if isinstance(value, bool) or value is None:
            yield not value
        elif isinstance(value, (int, float)):
            yield value + turn * schema.get("multipleOf", 1)
            yield value - turn * schema.get("multipleOf", 1)
        elif isinstance(value, str):
            digits = str(turn)
            yield value[: -len(digits)] + digits
            yield value + digits
        elif isinstance(value, dict):
            for name, item in value.items():
                for other in others(item, {}, turn):
                    yield {**value, name: other}
                    break
        elif value:
            for other in others(value[0], {}, turn):
                yield [other, *value[1:]]
                break


def text(schema: Schema) -> str:
    """A text that its schema shows, else one of its format and length."""
    if schema.get("examples"):
        return str(schema["examples"][0])
    kind = schema.get("format", "")
    made: str = _FORMATS.get(kind, "text")
    made = _lengthened(made, kind, min(schema.get("minLength", 0), LONGEST) - len(made))
    most = schema.get("maxLength")
    return made if most is None else made[:most]


def _lengthened(made: str, kind: str, more: int) -> str:
    """A text with so many characters more, at a place where its format takes them."""
    if more <= 0:
        return made
    match kind:
        case "date-time":  # RFC 3339, 5.6: any number of digits of a second
            return f"{made[:-1]}.{'0' * max(more - 1, 1)}{made[-1:]}"
        case "duration":
            return made.replace("PT", "PT" + "0" * more)
        case "byte":
            return made[:4] * -(-more // 4) + made
        case "email" | "hostname":
            return "x" * more + made
    return made + "x" * more


_LIMITS = frozenset(("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"))


def number(schema: Schema) -> float:
    """The plainest number within the limits: zero, else the nearest to it."""
    if not _LIMITS.intersection(schema):
        return 0
    from fractions import Fraction  # which the start of a mock is not to wait for

    step = Fraction(str(schema.get("multipleOf") or 1))
    low, high = (schema.get(name) for name in ("minimum", "maximum"))
    above, below = schema.get("exclusiveMinimum"), schema.get("exclusiveMaximum")
    least = [ceil(Fraction(str(low)) / step)] if low is not None else []
    least += [floor(Fraction(str(above)) / step) + 1] if above is not None else []
    most = [floor(Fraction(str(high)) / step)] if high is not None else []
    most += [ceil(Fraction(str(below)) / step) - 1] if below is not None else []
    turn = max(0, *least) if least else 0
    turn = min(turn, *most) if most else turn
    if least and turn < max(least) and schema.get("type") == "number":
        ends = [Fraction(str(each)) for each in (low, above, high, below) if each is not None]
        return float(sum(ends) / len(ends))
    value = step * turn
    return int(value) if value.denominator == 1 else float(value)
