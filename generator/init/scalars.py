"""Strings as a person would write them in YAML."""

from __future__ import annotations

import re

from ..text import yaml_literal

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_./-]*")
_RESERVED = frozenset(["y", "n", "yes", "no", "on", "off", "true", "false", "null", "none", "nan", "inf"])


def scalar(text: str) -> str:
    """A string as YAML reads it back: plain where it can be."""
    plain = _PLAIN.fullmatch(text) is not None and text.lower() not in _RESERVED
    return text if plain else str(yaml_literal(text))
