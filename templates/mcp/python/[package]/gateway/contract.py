"""What a host and a member say to each other: JSON, a line each, over the member's stdin and stdout.

    host    {"id": 7, "method": "call", "params": {…}}
    member  {"id": 7, "result": {…}}  or  {"id": 7, "error": {"type": …, "message": …}}
            {"method": "progress", "params": {"id": 7, "text": "processing", "fraction": 0.5}}
            {"method": "changed"}    what it lists is another now; to a host with `changes` in its hello

A host and its members may be of different years. So this is data with a version: keys that are not known are passed
over on both sides, those that are missing have a default, and a method that is not known is answered with an error of
the type `unknown_method`. A key never changes its meaning; what cannot be said with new keys is a new version.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any, TypeVar

CONTRACT = 1
LONGEST_LINE = 24 << 20
"""Bytes of a message: what a script may be answered with, and its envelope."""
PAGE = 500
"""Functions of a `list`, and tools of a `tools`, in one answer."""
GROUP = "surfacegen.packages"
"""The group of entry points by which packages announce themselves: the API's name, and the module `about`."""
METHODS = ("hello", "list", "tools", "search", "describe", "call", "wait", "run", "cancel", "health")

Said = TypeVar("Said")


class LineError(ValueError):
    """A line that is no message."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hello:
    """What a member says of itself."""

    contract: int = 0
    api: str = ""
    """What its API is called in names of functions."""
    title: str = ""
    package: str = ""
    version: str = ""
    summary: str = ""
    classes: tuple[str, ...] = ()
    """Classes of functions that it has beside read and write."""
    accounts: tuple[str, ...] = ()
    """Names of its accounts."""
    methods: tuple[str, ...] = METHODS[:6]
    """The questions it answers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One function as a host lists, finds and judges it."""

    name: str = ""
    short: str = ""
    """Its name without that of the API; its name in Lua, too."""
    aliases: tuple[str, ...] = ()
    title: str = ""
    summary: str = ""
    type: str = "write"
    classes: tuple[str, ...] = ("write",)
    group: str = ""
    keywords: tuple[str, ...] = ()
    arguments: tuple[str, ...] = ()
    result_kind: str = "json"
    files_out: tuple[str, ...] = ()
    page: Mapping[str, Any] | None = None
    """Where the items and the next page of a list are."""
    job: Mapping[str, Any] | None = None
    """Of what starts or gets a job: its `key`, and where its `id` and `status` are."""
    stream: bool = False
    """Whether it gives its result item by item."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """What a call is made with."""

    name: str = ""
    arguments: Mapping[str, Any] = field(default_factory=dict)
    account: str = ""
    token: str = field(default="", repr=False)
    """The caller's own, which goes before any account; to be sent to this API and kept nowhere."""
    allowed: tuple[str, ...] = ("read",)
    """The classes that the host lets pass."""
    dry_run: bool = False
    cursor: str = ""
    lua: bool = False
    """Whether empty objects may mean lists."""
    seconds: float = 300.0
    """How long a job that the call starts may be waited for."""
    wait: float = 0.0
    """How long a job that the call gets is waited for; a package that was made before this gives it as it is."""
    items: int = 100
    """Items of a stream that are taken."""


def read(kind: type[Said], entry: Any) -> Said:
    """The known keys of an object as this dataclass; a value of the wrong kind is ignored, as an unknown key is."""
    values: dict[str, Any] = {}
    for each in fields(kind):  # type: ignore[arg-type]
        value = entry.get(each.name) if isinstance(entry, Mapping) else None
        written = str(each.type)
        if written.startswith("tuple"):
            if isinstance(value, list) and all(isinstance(item, str) for item in value):
                values[each.name] = tuple(value)
        elif written.startswith("Mapping"):
            if isinstance(value, dict):
                values[each.name] = value
        elif written == "float":
            if isinstance(value, (int, float)) and not isinstance(value, bool):
                values[each.name] = float(value)
        elif type(value).__name__ == written:
            values[each.name] = value
    return kind(**values)


def plain(data: Any) -> dict[str, Any]:
    """A dataclass of the contract as JSON has it."""
    return {key: list(value) if isinstance(value, tuple) else value for key, value in asdict(data).items()}


def line(message: Mapping[str, Any]) -> bytes:
    """A message as it is sent."""
    return json.dumps(message, ensure_ascii=True, separators=(",", ":")).encode() + b"\n"


def message(text: bytes) -> dict[str, Any]:
    """Parse the message of a line. Raises LineError if it is not one."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        raise LineError("it is not JSON") from None
    if not isinstance(value, dict):
        raise LineError("it is not a JSON object")
    return value
