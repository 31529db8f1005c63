"""A cache of what is computed once for each API: every surface needs the same names."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeVar

from ..ir import Api

T = TypeVar("T")


@dataclass(frozen=True)
class _Same:
    """An Api holds mappings and cannot be hashed; one that is the same object is the same key."""

    api: Api

    def __hash__(self) -> int:
        return id(self.api)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.api is self.api


def once(make: Callable[[Api], T]) -> Callable[[Api], T]:
    """The function, with its result cached for the last two APIs: a comparison has two."""

    @lru_cache(maxsize=2)
    def kept(same: _Same) -> T:
        return make(same.api)

    return lambda api: kept(_Same(api))
