"""The configuration of hosts: what starts the server, in each one's own words, merged into what stands in its file.

No token is written: a host passes the environment's on, asks for it, or leaves it to the configured account. What
somebody added to the entry stays, and so does every comment.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import tomllib
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from .. import about
from ..credentials import SCHEMES
from ..runtime import disk
from . import toml

_LARGEST = 16 << 20
"""Bytes of a host's file: some keep what they did in it, too."""
_Kind = TypeVar("_Kind", dict[str, Any], list[Any])


class HostError(Exception):
    """The file cannot be merged into; the message says what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Host:
    """One host: where its file lies, and how an entry is written there."""

    name: str
    section: str
    """The table of servers."""
    file: str
    """Relative to the project, or to the user's home where it begins with `~`."""
    token: str = ""
    """The syntax in which a host passes the token on: `{env}` is the variable's name. Empty if it cannot."""
    typed: bool = False
    """Entries say that they are of type stdio."""
    asks: bool = False
    """It asks for the token itself, and keeps it."""
    toml: bool = False
    start: tuple[str, ...] = ()
    """What starts the server, up to its flags; empty for this package's own command."""


HOSTS = {
    host.name: host
    for host in (
        Host(name="claude-code", section="mcpServers", file=".mcp.json", token="${{{env}}}", typed=True),
        Host(name="claude-desktop", section="mcpServers", file="~claude_desktop_config.json"),
        Host(name="cursor", section="mcpServers", file="~.cursor/mcp.json", token="${{env:{env}}}"),
        Host(
            name="vscode", section="servers", file=".vscode/mcp.json", token="${{input:{env}}}", typed=True, asks=True
        ),
        Host(name="codex", section="mcp_servers", file="~.codex/config.toml", toml=True),
        Host(name="generic", section="mcpServers", file="mcp.json"),
    )
}


def entry(host: Host, flags: Sequence[str]) -> dict[str, Any]:
    """What starts the server."""
    entry_: dict[str, Any] = {"type": "stdio"} if host.typed else {}
    program = shutil.which(about.COMMAND)
    if program and not host.file.startswith("~"):
        program = about.COMMAND  # a project's file is for everyone who works on it
    start = [*([program] if program else [sys.executable, "-m", about.PACKAGE]), "mcp", "serve"]
    start = list(host.start) or start
    entry_ |= {"command": start[0], "args": [*start[1:], *flags]}
    if host.toml:
        entry_["env_vars"] = [*_variables(), *([about.BASE_URL_ENV] if about.BASE_URL_ENV else [])]
    elif host.token and (names := _variables()):
        entry_["env"] = {name: host.token.format(env=name) for name in names}
    return entry_


def fragment(host: Host, name: str, flags: Sequence[str]) -> str:
    """The configuration as the only content of a file."""
    if host.toml:
        return toml.table(host.section, name, entry(host, flags))
    return json.dumps(_merged(host, {}, name, flags), indent=2, ensure_ascii=False) + "\n"


def place(host: Host, path: str | None = None) -> Path:
    """The host's file, or the named one; a link is resolved."""
    if path:
        path_ = Path(path)
    elif host.name == "claude-desktop":
        path_ = _desktop() / host.file.removeprefix("~")
    elif host.file.startswith("~"):
        path_ = Path.home() / host.file.removeprefix("~")
    else:
        path_ = Path(host.file)
    return path_.expanduser().resolve()


def _desktop() -> Path:
    if sys.platform == "darwin":
        return Path.home() / "Library/Application Support/Claude"
    if os.name == "nt":
        return Path(os.environ.get("APPDATA") or Path.home() / "AppData/Roaming") / "Claude"
    return Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "Claude"


def merge(host: Host, path: Path, name: str, flags: Sequence[str]) -> str:
    """Puts the entry into the file and reports the change. Raises HostError if the file cannot be parsed."""
    try:
        before = disk.read(path, _LARGEST)[0].decode("utf-8-sig") if path.exists() else ""
        after = (_merged_toml if host.toml else _merged_json)(host, before, name, flags)
        if after == before:
            return "is up to date"
        _write(path, after)
    except UnicodeDecodeError:
        raise HostError(f"{path} is not UTF-8 text") from None
    except HostError as error:
        raise HostError(f"{path}: {error}") from None
    except OSError as error:
        raise HostError(f"{path}: {error.strerror or error}") from None
    return f"has the server {name!r} now" if before else "was made"


def _merged_json(host: Host, before: str, name: str, flags: Sequence[str]) -> str:
    try:
        document = json.loads(before) if before.strip() else {}
    except (ValueError, RecursionError) as error:
        # Comments are allowed in some of these files: writing JSON would lose them.
        text = fragment(host, name, flags)
        raise HostError(f"not plain JSON ({error}); add this to it yourself:\n{text}") from None
    merged = _merged(host, document, name, flags)
    if merged == document:
        return before
    line = next((line for line in before.splitlines() if line[:1] in (" ", "\t")), "  ")
    indent = line[: len(line) - len(line.lstrip())]
    after = json.dumps(merged, indent=indent, ensure_ascii=False) + "\n"
    return after.replace("\n", "\r\n") if "\r\n" in before else after


def _merged(host: Host, document: Any, name: str, flags: Sequence[str]) -> dict[str, Any]:
    merged = _with_entry(host, document, name, entry(host, flags))
    if host.asks and (names := _variables()):
        there = _of(list, merged.get("inputs", []), "inputs")
        known = {each.get("id") for each in there if isinstance(each, dict)}
        own = about.CREDENTIAL.removeprefix("API ")
        what = {name: f"{name} of {about.TITLE}" for name in names} | {about.TOKEN_ENV: f"API {own} of {about.TITLE}"}
        questions = [
            {"type": "promptString", "id": name, "description": what[name], "password": True}
            for name in names
            if name not in known
        ]
        merged["inputs"] = [*there, *questions]
    return merged


def _variables() -> list[str]:
    """The variables of tokens and keys, and of their replacements where a scheme has none."""
    names = []
    for scheme in SCHEMES:
        variables = dict(scheme.parts)
        simplest = ("token",) if "token" in variables else ("certificate", "key")
        names += [variables[part] for part in simplest if variables.get(part)]
    return names


def _of(kind: type[_Kind], value: Any, what: str) -> _Kind:
    """The value. HostError where it is of another kind."""
    if not isinstance(value, kind):
        is_what = "object" if kind is dict else "list"
        raise HostError(f"the file is left unchanged: {what} is no {is_what} there")
    return value


def _with_entry(host: Host, document: Any, name: str, ours: Mapping[str, Any]) -> dict[str, Any]:
    """The document with our keys in the server's entry; the rest of it stays, and what its environment has is kept."""
    whole = _of(dict, document, "all of it")
    servers = _of(dict, whole.get(host.section, {}), host.section)
    there = _of(dict, servers.get(name, {}), f"{host.section}.{name}")
    own = _of(dict, there.get("env", {}), f"{host.section}.{name}.env")
    env = {"env": {**ours["env"], **own}} if "env" in ours else {}
    return {**whole, host.section: {**servers, name: {**there, **ours, **env}}}


def _merged_toml(host: Host, before: str, name: str, flags: Sequence[str]) -> str:
    try:
        document = tomllib.loads(before)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise HostError(f"not TOML: {error}") from None
    ours = entry(host, flags)
    wanted = _with_entry(host, document, name, ours)
    if wanted == document:
        return before
    # Lines are changed as text, so that comments stay; what they mean now is compared before anything is written.
    after = toml.edited(before, host.section, name, ours)
    with suppress(tomllib.TOMLDecodeError):
        if tomllib.loads(after) == wanted:
            return after
    raise HostError(f"{host.section}.{name} is not a table of its own there; change it yourself")


def _write(path: Path, text: str) -> None:
    """Writes the file in one step; its mode stays."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with disk.Part(path.parent) as part:
        part.file.write(text.encode())
        part.place(path, replace=True)
