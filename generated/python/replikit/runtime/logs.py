"""Logging of methods, paths, statuses and times, by the standard `logging`. Never a secret.

The logger has the package's name. The environment's `<PACKAGE>_LOG` (debug, info, warning) shows it on stderr.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Iterable
from datetime import UTC, datetime

from .. import about
from .errors import ConfigError
from .secrets import hidden
from .visible import line, lines

LOG_ENV = f"{about.PACKAGE.upper()}_LOG"
logger = logging.getLogger(about.PACKAGE)

_LEVELS = ("debug", "info", "warning", "error")
# A list of what is shown, not of what is hidden: a header that nobody thought of may hold a key.
_SHOWN = frozenset(
    ("accept", "accept-encoding", "content-length", "content-type", "date", "host", "prefer", "retry-after", "server")
    + ("user-agent", "x-request-id")
)


def configure() -> None:
    """Shows the log on stderr where the environment asks for it; does nothing the second time."""
    level = os.environ.get(LOG_ENV, "").strip().lower()
    if not level:
        return
    if level not in _LEVELS:
        raise ConfigError(f"{LOG_ENV} must be one of {', '.join(_LEVELS)}, not {level!r}")
    logger.setLevel(level.upper())
    if not any(isinstance(handler, _Stderr) for handler in logger.handlers):
        handler = _Stderr()
        handler.setFormatter(Redacted("%(asctime)s %(name)s %(levelname)s %(message)s"))
        logger.addHandler(handler)


def show(structured: bool = False) -> None:
    """Shows warnings of all libraries on stderr, for a server that is its process's own program.

    structured: a JSON object a line, and what the server does among them.
    """
    if structured:
        logger.setLevel(os.environ.get(LOG_ENV, "").strip().upper() or "INFO")
    else:
        configure()
        logger.propagate = not logger.handlers
    handler = _Stderr()
    handler.setFormatter(Structured() if structured else Redacted("%(levelname)s %(name)s: %(message)s"))
    logging.getLogger().addHandler(handler)


def hear(level: int) -> None:
    """Has records of this level made, for a handler that wants them; on stderr stand those that did before."""
    usual = logger.getEffectiveLevel()
    if level < usual:
        for handler in (*logger.handlers, *logging.getLogger().handlers):
            if isinstance(handler, _Stderr):
                handler.setLevel(max(handler.level, usual))
        logger.setLevel(level)


class Redacted(logging.Formatter):
    """One line a record, whatever a server sent, and without any secret that the process knows; what follows of a
    traceback is cleaned, too."""

    def formatMessage(self, record: logging.LogRecord) -> str:
        return line(super().formatMessage(record))

    def format(self, record: logging.LogRecord) -> str:
        return hidden(lines(super().format(record)))


class Structured(Redacted):
    """A JSON object a record, on one line: `time`, `level`, `logger`, `message` and the fields that the record has."""

    def format(self, record: logging.LogRecord) -> str:
        fields = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": line(record.getMessage()),
            **getattr(record, "fields", {}),
        }
        if record.exc_info:
            fields["traceback"] = lines(self.formatException(record.exc_info))
        return hidden(json.dumps(fields, ensure_ascii=True))


class _Stderr(logging.StreamHandler):  # type: ignore[type-arg]
    """The handler of ours, told apart from those that a program sets."""


def redacted(headers: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Headers as they may be logged."""
    return {name: value if name.lower() in _SHOWN else "…" for name, value in headers}


def place(url: str) -> str:
    """A URL as it may be logged and shown: what follows the `?` may be a signature or a key."""
    return url.partition("?")[0].partition("#")[0]
