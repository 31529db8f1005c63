"""A value of Python as JSON text, as it is sent: views, times, files and dataclasses included."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from . import files
from .errors import ArgumentError
from .objects import as_mapping
from .views import View


def json_text(name: str, value: Any) -> bytes:
    """The value as JSON. ArgumentError, naming the argument, for what is none."""

    def default(item: Any) -> Any:
        if isinstance(item, View):
            return item.to_dict()
        if isinstance(item, date):
            return moment(item)
        if isinstance(item, files.Link):
            return item.url
        if isinstance(item, (set, frozenset, Mapping)):
            return dict(item) if isinstance(item, Mapping) else sorted(item)
        if files.is_file(item):
            return files.data_url(name, item)
        if (plain := files.plain(as_mapping(item))) is not item:
            return plain
        raise TypeError(f"a {type(item).__name__} is not JSON")

    try:
        return json.dumps(value, default=default, allow_nan=False, separators=(",", ":"), ensure_ascii=True).encode()
    except (TypeError, ValueError) as error:
        raise ArgumentError(name, str(error)) from error


def moment(value: date) -> str:
    """A date or a time as RFC 3339 writes it. One without a zone is local time, as everywhere in Python."""
    return (value.astimezone() if isinstance(value, datetime) and value.tzinfo is None else value).isoformat()
