"""The configuration of hosts: what starts the server, in each one's own words, merged into what stands in its file.

No token is written: a host passes the environment's on, asks for it, or leaves it to the configured account.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
import tomllib
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .. import about


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
    """How the host is told to pass the token on: `{env}` is the variable's name. Empty where it cannot."""
    typed: bool = False
    """Entries say that they are of type stdio."""
    asks: bool = False
    """It asks for the token itself, and keeps it."""
    toml: bool = False


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
    found: dict[str, Any] = {"type": "stdio"} if host.typed else {}
    program = shutil.which(about.COMMAND)
    if program and not host.file.startswith("~"):
        program = about.COMMAND  # a project's file is for everyone who works on it
    start = [program] if program else [sys.executable, "-m", about.PACKAGE]
    found |= {"command": start[0], "args": [*start[1:], "mcp", "serve", *flags]}
    if host.toml:
        found["env_vars"] = [name for name in (about.TOKEN_ENV, about.BASE_URL_ENV) if name]
    elif host.token and about.TOKEN_ENV:
        found["env"] = {about.TOKEN_ENV: host.token.format(env=about.TOKEN_ENV)}
    return found


def fragment(host: Host, name: str, flags: Sequence[str]) -> str:
    """The configuration as it would stand in an empty file."""
    if host.toml:
        return _toml(host, name, entry(host, flags))
    return json.dumps(_merged(host, {}, name, flags), indent=2, ensure_ascii=False) + "\n"


def place(host: Host, path: str | None = None) -> Path:
    """The host's file, or the one that was named; where it is a link, what it leads to."""
    if path:
        found = Path(path)
    elif host.name == "claude-desktop":
        found = _desktop() / host.file.removeprefix("~")
    elif host.file.startswith("~"):
        found = Path.home() / host.file.removeprefix("~")
    else:
        found = Path(host.file)
    return found.expanduser().resolve()


def _desktop() -> Path:
    if sys.platform == "darwin":
        return Path.home() / "Library/Application Support/Claude"
    if os.name == "nt":
        return Path(os.environ.get("APPDATA") or Path.home() / "AppData/Roaming") / "Claude"
    return Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "Claude"


def merge(host: Host, path: Path, name: str, flags: Sequence[str]) -> str:
    """Puts the entry into the file and says what was done. HostError where the file cannot be understood."""
    try:
        before = path.read_text("utf-8-sig") if path.exists() else ""
        after = (_merged_toml if host.toml else _merged_json)(host, path, before, name, flags)
        if after == before:
            return "is as it should be"
        _write(path, after)
    except UnicodeDecodeError:
        raise HostError(f"{path} is not UTF-8 text") from None
    except OSError as error:
        raise HostError(f"{path}: {error.strerror or error}") from None
    return f"has the server {name!r} now" if before else "was made"


def _merged_json(host: Host, path: Path, before: str, name: str, flags: Sequence[str]) -> str:
    try:
        document = json.loads(before) if before.strip() else {}
    except ValueError as error:
        # Comments are allowed in some of these files: writing JSON would lose them.
        text = fragment(host, name, flags)
        raise HostError(f"{path} is not plain JSON ({error}); put this into it yourself:\n{text}") from None
    if not isinstance(document, dict) or not isinstance(document.get(host.section, {}), dict):
        raise HostError(f"{path} has no object {host.section!r}; it is left as it is")
    merged = _merged(host, document, name, flags)
    if merged == document:
        return before
    line = next((line for line in before.splitlines() if line[:1] in (" ", "\t")), "  ")
    indent = line[: len(line) - len(line.lstrip())]
    return json.dumps(merged, indent=indent, ensure_ascii=False) + "\n"


def _merged(host: Host, document: Mapping[str, Any], name: str, flags: Sequence[str]) -> dict[str, Any]:
    servers = {**document.get(host.section, {}), name: entry(host, flags)}
    merged = {**document, host.section: servers}
    if host.asks and about.TOKEN_ENV:
        others = [each for each in document.get("inputs", []) if each.get("id") != about.TOKEN_ENV]
        question = {
            "type": "promptString",
            "id": about.TOKEN_ENV,
            "description": f"API token of {about.TITLE}",
            "password": True,
        }
        merged["inputs"] = [*others, question]
    return merged


def _merged_toml(host: Host, path: Path, before: str, name: str, flags: Sequence[str]) -> str:
    try:
        document = tomllib.loads(before)
    except tomllib.TOMLDecodeError as error:
        raise HostError(f"{path} is not TOML: {error}") from None
    if document.get(host.section, {}).get(name) == entry(host, flags):
        return before
    kept, ours = [], False
    for line in before.splitlines(keepends=True):
        if line.lstrip().startswith("["):
            head = line.strip().lstrip("[").partition("]")[0].strip()
            ours = head == f"{host.section}.{name}" or head.startswith(f"{host.section}.{name}.")
        if not ours:
            kept.append(line)
    rest = "".join(kept).rstrip()
    after = (rest + "\n\n" if rest else "") + _toml(host, name, entry(host, flags))
    _check_kept(host, path, document, after, name)
    return after


def _check_kept(host: Host, path: Path, before: Mapping[str, Any], after: str, name: str) -> None:
    """Lines were moved as text, so that comments stay: what they mean must not have changed."""

    def others(document: Mapping[str, Any]) -> dict[str, Any]:
        servers = {key: value for key, value in document.get(host.section, {}).items() if key != name}
        return {**document, host.section: servers}

    with suppress(tomllib.TOMLDecodeError):
        if others(tomllib.loads(after)) == others(before):
            return
    raise HostError(f"{path}: {host.section}.{name} is not a table of its own there; change it yourself")


def _toml(host: Host, name: str, table: Mapping[str, Any]) -> str:
    # A JSON string or list of strings is written in TOML as it is.
    lines = [f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in table.items()]
    return f"[{host.section}.{name}]\n" + "\n".join(lines) + "\n"


def _write(path: Path, text: str) -> None:
    """Writes the file in one step; its mode stays."""
    path.parent.mkdir(parents=True, exist_ok=True)
    mode = path.stat().st_mode & 0o777 if path.exists() else 0o644
    descriptor, scratch = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(scratch, mode)
        os.replace(scratch, path)
    except BaseException:
        with suppress(OSError):
            os.unlink(scratch)
        raise
