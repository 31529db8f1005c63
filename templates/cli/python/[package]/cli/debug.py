"""`--debug`: what the libraries below log, on stderr, with the token taken out."""

from __future__ import annotations

import logging
import os
import re
import sys

from .. import about
from ..runtime.placeholders import variables
from ..runtime.secrets import hidden
from ..runtime.visible import line, lines
from .options import Settings

_LOGGERS = ("httpx", "httpx2", about.PACKAGE)
_SECRET = re.compile(r"(?i)(\b(?:authorization|x-api-key|cookie|set-cookie)\b['\"]?\s*[:=,]\s*b?['\"]?)[^'\",\r\n]+")


class Redacted(logging.Formatter):
    """Lines without the secrets that are known here, and without what headers of credentials hold."""

    def __init__(self, secrets: list[str]) -> None:
        super().__init__("%(relativeCreated)6.0f ms %(name)s: %(message)s")
        self.secrets = [secret for secret in secrets if secret]

    def format(self, record: logging.LogRecord) -> str:
        text = super().format(record)
        for secret in self.secrets:
            text = text.replace(secret, "***")
        return hidden(_SECRET.sub(r"\1…", lines(text)))

    def formatMessage(self, record: logging.LogRecord) -> str:
        """On one line: what a server sends is no line of the log."""
        return line(super().formatMessage(record))


def listen(settings: Settings) -> None:
    """Log requests and responses to stderr."""
    secrets = [os.environ.get(name, "") for name in variables()]
    try:
        from ..runtime import accounts

        account = accounts.read().find(settings.account or "")
        secrets.append(account.secret() if account else "")
        secrets += [text for parts in (account.kept() if account else {}).values() for text in parts.values()]
    except Exception as error:  # noqa: BLE001 - the command itself tells what is wrong with the configuration
        print(f"debug: no account: {type(error).__name__}", file=sys.stderr)
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Redacted(secrets))
    for name in _LOGGERS:
        logger = logging.getLogger(name)
        logger.setLevel(logging.DEBUG)
        logger.addHandler(handler)
        logger.propagate = False
