"""HTTP Digest as a server has it: RFC 7616, with SHA-256 and `qop=auth`."""

from __future__ import annotations

import hmac
import re
import secrets
from hashlib import sha256

_NONCE = secrets.token_urlsafe(24)
REALM = "mock"
CHALLENGE = f'Digest realm="{REALM}", qop="auth", algorithm=SHA-256, nonce="{_NONCE}"'
_FIELD = re.compile(r'(\w+)=(?:"([^"]*)"|([^\s,]+))')


def answered(credentials: str, method: str, target: str, password: str) -> bool:
    """Whether the answer to our challenge was made with this password, whoever the user is (RFC 7616, 3.4.1)."""
    fields = {name.lower(): quoted or plain for name, quoted, plain in _FIELD.findall(credentials[:8_000])}
    if fields.get("nonce") != _NONCE or fields.get("uri") != target or fields.get("qop") != "auth":
        return False
    user, count, own = (fields.get(name, "") for name in ("username", "nc", "cnonce"))
    known = (_hash(f"{user}:{REALM}:{password}"), _NONCE, count, own, "auth", _hash(f"{method}:{target}"))
    return hmac.compare_digest(_hash(":".join(known)).encode(), fields.get("response", "").encode())


def _hash(text: str) -> str:
    return sha256(text.encode("utf-8", "surrogateescape")).hexdigest()
