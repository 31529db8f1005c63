"""The MCP servers of an `.mcp.json`: which there are, and how each is started. None is before it is trusted by name."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..runtime import disk

LARGEST = 1 << 20
"""Bytes of the file."""
MOST = 200
"""Servers of a file."""
_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]{0,99})(?::-([^}]{0,1000}))?\}")
_WORD = re.compile(r"[A-Za-z0-9_-]{1,64}")


class FileError(ValueError):
    """A file that cannot be read as one of servers; the message says where and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """One server of the file, as it is written there."""

    name: str
    given: Mapping[str, Any] = field(repr=False)

    @property
    def member(self) -> str:
        """Its name among all members; in Lua `app.mcp.NAME`."""
        return f"mcp.{self.name.replace('-', '_')}"

    def launch(self, environment: Mapping[str, str]) -> dict[str, Any]:
        """How it is started, with the variables of the environment in place. FileError where one is missing."""
        settings = self.given
        kind = str(settings.get("type") or ("http" if "url" in settings else "stdio"))
        if kind in ("http", "streamable-http", "streamableHttp"):
            url = self._filled(settings.get("url"), "url", environment)
            if not url.startswith(("https://", "http://")):
                raise FileError(f"{self.name}: its url is neither http nor https")
            return {"name": self.name, "url": url, "headers": self._texts("headers", environment)}
        if kind != "stdio":
            raise FileError(f"{self.name}: servers of the type {kind[:40]!r} are not supported; use stdio or http")
        arguments = settings.get("args", [])
        if not isinstance(arguments, list):
            raise FileError(f"{self.name}: args is not a list")
        return {
            "name": self.name,
            "command": self._filled(settings.get("command"), "command", environment),
            "args": [self._filled(each, "args", environment) for each in arguments],
            "env": self._texts("env", environment),
        }

    def _texts(self, key: str, environment: Mapping[str, str]) -> dict[str, str]:
        texts = self.given.get(key) or {}
        if not isinstance(texts, dict):
            raise FileError(f"{self.name}: {key} is not an object")
        return {name: self._filled(text, f"{key}.{name}", environment) for name, text in texts.items()}

    def _filled(self, text: Any, what: str, environment: Mapping[str, str]) -> str:
        if not isinstance(text, str) or not text:
            raise FileError(f"{self.name}: {what} must be a string")

        def value(match: re.Match[str]) -> str:
            setting = environment.get(match[1], match[2])
            if setting is None:
                raise FileError(f"{self.name}: {what} needs the variable {match[1]}, which is not set")
            return setting

        return _VARIABLE.sub(value, text)


def read(path: Path) -> list[Server]:
    """Read the servers of a file. Raises FileError if it is invalid."""
    try:
        text = disk.read(path, LARGEST)[0].decode("utf-8-sig")
        document = json.loads(text)
    except OSError as error:
        raise FileError(f"{path}: {error.strerror or error}") from None
    except json.JSONDecodeError as error:
        raise FileError(f"{path}:{error.lineno}:{error.colno}: not JSON: {error.msg}") from None
    except (ValueError, RecursionError) as error:
        raise FileError(f"{path}: not JSON: {error}") from None
    servers = document.get("mcpServers") if isinstance(document, dict) else None
    if not isinstance(servers, dict):
        raise FileError(f'{path}: it has no "mcpServers" object')
    servers_ = []
    for name, settings in list(servers.items())[:MOST]:
        if not _WORD.fullmatch(name):
            raise FileError(
                f"{path}: {name[:80]!r} is not a valid name of a server: letters, digits, - and _, 64 at most"
            )
        if not isinstance(settings, dict):
            raise FileError(f"{path}: the server {name} is no object")
        servers_.append(Server(name=name, given=settings))
    return servers_


def usual() -> Path:
    """Where the file lies that hosts read for the folder they work in."""
    return Path(os.curdir) / ".mcp.json"
