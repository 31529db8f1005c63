"""ID tokens of the mock's OpenID provider: OpenID Connect Core 1.0, 2 and 3.1.3. They are signed by PyJWT, which comes with
the extra `mcp`; without it there are none, and the provider says so."""

from __future__ import annotations

import base64
import json
import time
from functools import cache
from hashlib import sha256
from typing import Any

_KEY = "mock"
_SUBJECT = "mock-user"
_SECONDS = 3600
_BITS = 2048


@cache
def _key() -> Any:
    """A signing key of this process, made at its first use; None if no package for signing is installed."""
    try:
        from cryptography.hazmat.primitives.asymmetric import rsa
        from jwt import algorithms
    except ImportError:
        return None
    return rsa.generate_private_key(public_exponent=65537, key_size=_BITS) if algorithms.has_crypto else None


def available() -> bool:
    """Whether ID tokens can be signed."""
    return _key() is not None


def keys() -> list[dict[str, Any]]:
    """The public key by which they are verified, as a JSON Web Key (RFC 7517)."""
    key = _key()
    if key is None:
        return []
    from jwt.algorithms import RSAAlgorithm

    made: dict[str, Any] = json.loads(RSAAlgorithm.to_jwk(key.public_key()))
    return [{**made, "use": "sig", "alg": "RS256", "kid": _KEY}]


def signed(issuer: str, client: str, nonce: str, access_token: str) -> str:
    """An ID token for a client; empty where it cannot be signed."""
    key = _key()
    if key is None:
        return ""
    import jwt

    now = int(time.time())
    half = sha256(access_token.encode()).digest()[:16]  # 3.1.3.6
    claims = {
        "iss": issuer,
        "sub": _SUBJECT,
        "aud": client,
        "iat": now,
        "exp": now + _SECONDS,
        "at_hash": base64.urlsafe_b64encode(half).decode().rstrip("="),
        **({"nonce": nonce} if nonce else {}),
    }
    return jwt.encode(claims, key, algorithm="RS256", headers={"kid": _KEY})
