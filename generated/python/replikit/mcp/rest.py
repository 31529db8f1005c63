"""How a caller gets what a result left out: by arguments that may be given, else from where the rest can be read."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from .. import about
from ..functions import FunctionInfo
from .addresses import api_uri
from .options import Options


@dataclass(frozen=True, slots=True)
class Rest:
    """The ways to get the rest of a result."""

    names: Collection[str] = ()
    """The arguments that the next call may have."""
    elsewhere: str = ""

    def __str__(self) -> str:
        ways = {"fields": "ask for some `fields` of it", "limit": "ask for fewer items with `limit`"}
        first = next((way_text for name, way_text in ways.items() if name in self.names), "")
        return ", or ".join(filter(None, (first, self.elsewhere)))


def rest(info: FunctionInfo, arguments: Mapping[str, Any], names: Collection[str], options: Options) -> Rest:
    """The rest of what a call with these arguments gives. Nothing is done a second time only to see more of it."""
    uri = api_uri(info, arguments)
    if info.type == "write":
        alike = (name for name, other in options.listed.items() if other.result == info.result)
        reader = next((name for name in alike if options.listed[name].type == "read"), "")
        elsewhere = f"get it with {reader}" if reader else ""
    elif uri:
        part = f"{'&' if '?' in uri else '?'}fields=PATHS" if info.result_kind == "json" else ""
        elsewhere = f"read the resource {uri}{part}"
    else:
        elsewhere = f"let `{about.COMMAND} call {info.name}` write it to a file"
    return Rest(names if info.result_kind == "json" else (), elsewhere)
