"""What may be given as a JSON object: a mapping, or a dataclass, which stands for the mapping of its fields."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any, ClassVar, Protocol


class DataclassInstance(Protocol):
    """An object of any dataclass."""

    __dataclass_fields__: ClassVar[dict[str, Any]]


ObjectInput = Mapping[str, Any] | DataclassInstance
"""A dictionary, a TypedDict or any other mapping, or an object of a dataclass; inside it as well."""


def as_mapping(value: Any) -> Any:
    """A dataclass as the mapping of its fields, nothing of which is copied; whatever else, itself."""
    if is_dataclass(value) and not isinstance(value, type):
        return {each.name: getattr(value, each.name) for each in fields(value)}
    return value
