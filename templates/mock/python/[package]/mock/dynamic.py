"""Answers that are another one each time, made of their schema and of a seed."""

from __future__ import annotations

from random import Random
from typing import Any

from .definitions import Definitions, Schema
from .formats import made_uuid
from .samples import Sampling
from .scalars import number

_WORDS = (
    *("amber", "birch", "cedar", "delta", "ember", "fjord", "grove", "harbor", "island", "jasper", "kelp", "lagoon"),
    *(
        "meadow",
        "nimbus",
        "orchid",
        "pebble",
        "quartz",
        "river",
        "summit",
        "tundra",
        "umber",
        "valley",
        "willow",
        "zephyr",
    ),
)
_SPAN = 1_000
"""How far from its lowest value a number goes that has no highest."""
_MOST_ITEMS = 3


class Dynamic(Sampling):
    """One answer of a random source: the same source gives the same answer."""

    def __init__(self, schemas: Definitions, random: Random) -> None:
        super().__init__(schemas)
        self._random = random

    def answer(self, schema: Schema) -> Any:
        """A valid value: if the drawn one is invalid, as much of it as can be kept."""
        return self.fitted(self.value(schema, 0), schema, 0)

    def text(self, schema: Schema) -> str:
        """A text by its format, its examples or its length."""
        if schema.get("examples"):
            return str(self._random.choice(schema["examples"]))
        made = self._formed(schema.get("format", ""))
        while len(made) < min(schema.get("minLength", 0), 10_000):
            made += " " + self._random.choice(_WORDS)
        most = schema.get("maxLength")
        return made if most is None else made[:most]

    def _formed(self, form: str) -> str:
        draw = self._random
        day = f"2026-{draw.randint(1, 12):02}-{draw.randint(1, 28):02}"
        time = f"{draw.randint(0, 23):02}:{draw.randint(0, 59):02}:{draw.randint(0, 59):02}Z"
        word = draw.choice(_WORDS)
        made = {
            "date-time": f"{day}T{time}",
            "date": day,
            "time": time,
            "duration": f"PT{draw.randint(1, 59)}M",
            "uri": f"https://example.com/{word}",
            "url": f"https://example.com/{word}",
            "email": f"{word}@example.com",
            "uuid": made_uuid(str(draw.getrandbits(128))),
            "hostname": f"{word}.example.com",
            "ipv4": f"192.0.2.{draw.randint(1, 254)}",
            "ipv6": f"2001:db8::{draw.randint(1, 65_535):x}",
            "byte": "dGV4dA==",
        }
        return made.get(form) or " ".join([word, draw.choice(_WORDS)])

    def number(self, schema: Schema) -> float:
        """A number within the limits, so many steps from the plainest one."""
        low, high = number(schema), schema.get("maximum", schema.get("exclusiveMaximum"))
        step = schema.get("multipleOf") or (1 if schema.get("type") == "integer" else 0.5)
        span = _SPAN if high is None else max(0, min(_SPAN, int((high - low) / step)))
        made = low + step * self._random.randint(0, span)
        return made if self._valid(made, schema) else low

    def count(self, least: int, most: int) -> int:
        """Items of a list."""
        return self._random.randint(min(max(least, 1), most), max(least, min(most, _MOST_ITEMS)))

    def another(self, first: Any, items: Schema, depth: int) -> Any:
        """An item of its own."""
        return self.value(items, depth) if self._left > 0 else first

    def chosen(self, schema: Schema) -> Any:
        """One of the values of an `enum`."""
        made = self._random.choice(schema["enum"])
        return made if self._valid(made, schema) else super().chosen(schema)

    def boolean(self) -> bool:
        """Either."""
        return self._random.random() < 0.5
