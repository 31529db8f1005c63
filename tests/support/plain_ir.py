"""The IR as plain data, to be held against what was written down by hand: all of it that is not as it is by default."""

from __future__ import annotations

from dataclasses import MISSING, fields, is_dataclass
from typing import Any

from generator.ir import Place


def plain(value: Any) -> Any:
    """Dataclasses as mappings of what differs from their defaults, a place as its JSON pointer."""
    if isinstance(value, Place):
        return value.pointer
    if is_dataclass(value):
        shown = {each.name: getattr(value, each.name) for each in fields(value) if not _default(value, each)}
        return {key: plain(each) for key, each in shown.items()}
    if isinstance(value, tuple | list):
        return [plain(each) for each in value]
    if isinstance(value, dict):
        return {key: plain(each) for key, each in value.items()}
    return value


def _default(owner: Any, field: Any) -> bool:
    value = getattr(owner, field.name)
    usual = ("", ()) if field.default is MISSING else (field.default,)
    if field.default_factory is not MISSING:
        usual = (field.default_factory(),)
    return any(type(value) is type(each) and value == each for each in usual)
