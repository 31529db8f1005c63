"""Cross-origin requests (the CORS protocol of the Fetch standard, 3.2), so that pages in a browser can call the mock.

What the mock holds is made up, and no cookie of a browser lets anyone in: by default any origin may read its answers,
without credentials.
"""

from __future__ import annotations

from collections.abc import Sequence
from email.message import Message

ANY = "*"
_SECONDS = "600"
_LONGEST = 2_000
"""Characters of a list of headers that a page may ask for."""

Headers = tuple[tuple[str, str], ...]


def allowed(origins: Sequence[str], headers: Message) -> Headers:
    """What lets the page that asks read the answer; nothing where it may not, or where no page asks."""
    origin = headers.get("Origin", "")
    if not origin or not (ANY in origins or origin in origins):
        return ()
    named = ANY if ANY in origins else origin
    headers_: Headers = (("Access-Control-Allow-Origin", named), ("Access-Control-Expose-Headers", ANY))
    return headers_ if named == ANY else (*headers_, ("Vary", "Origin"))


def is_preflight(method: str, headers: Message) -> bool:
    """Whether a request asks whether another one may be sent."""
    return method == "OPTIONS" and "Origin" in headers and "Access-Control-Request-Method" in headers


def preflight(origins: Sequence[str], headers: Message, methods: Sequence[str]) -> Headers:
    """What may be sent."""
    headers_ = allowed(origins, headers)
    if not headers_:
        return ()
    # `*` would leave out Authorization, so that what is asked for is named.
    requested = [name.strip() for name in headers.get("Access-Control-Request-Headers", "")[:_LONGEST].split(",")]
    named = ", ".join(name for name in requested if name.isascii() and name.replace("-", "").replace("_", "").isalnum())
    return (
        *(pair for pair in headers_ if pair[0] != "Access-Control-Expose-Headers"),
        ("Access-Control-Allow-Methods", ", ".join(methods)),
        *((("Access-Control-Allow-Headers", named),) if named else ()),
        ("Access-Control-Max-Age", _SECONDS),
    )
