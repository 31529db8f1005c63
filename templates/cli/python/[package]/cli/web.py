"""`--web`: the page that the API names for a thing, in a browser where a person has one, else its address."""

from __future__ import annotations

import os
import sys
from typing import Any
from urllib.parse import urlsplit

from ..runtime.visible import line
from .failure import Failure
from .paint import at
from .progress import notify
from .session import Session

_LONGEST = 2000
"""Characters of an address that a browser is started with."""


def show(session: Session, data: Any, path: str) -> None:
    """Open the page at the URL under this path of a result. Raises Failure if there is none."""
    url = at(data, path)
    if not isinstance(url, str) or not _is_page(url):
        shown = line(repr(url)[:80])
        hint = "omit --web: the result is in this error, under data"
        raise Failure.of("error", f"--web: {path} of the result is not an http(s) URL: {shown}", hint, data=data)
    if session.printer.terminal and opened(url):
        notify(f"opened {line(url)} in the browser")
    else:
        session.printer.text(url)


def _is_page(url: str) -> bool:
    """Whether it is a web address on one line, without user information in it."""
    if len(url) > _LONGEST or not url.isascii() or not url.isprintable() or set(url) & set(" \"'<>\\^`{|}"):
        return False
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and "@" not in parts.netloc
    except ValueError:
        return False


def opened(url: str) -> bool:
    """Whether a browser was started. A browser that needs the terminal is not started where there is no screen."""
    screen = sys.platform in ("win32", "darwin") or os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    if not screen and not os.environ.get("BROWSER"):
        return False
    import webbrowser

    try:
        return webbrowser.open(url)
    except (webbrowser.Error, OSError):
        return False
