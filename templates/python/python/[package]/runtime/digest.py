"""HTTP Digest (RFC 7616): answers the challenge of a server with httpx's own code, over requests that are sent here.

The body of the answer that challenges is not read, whatever its length. The last challenge is kept, so that the next
request answers it at once, as RFC 7616 (3.6) has it.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

from .errors import ResponseError

Flow = Generator[Any, Any, None]


def answering(library: Any, user: str, password: str) -> Any:
    """The httpx authentication for a user."""
    return library.DigestAuth(user, password)


def begun(auth: Any, request: Any) -> Flow | None:
    """Begins the handshake of a request, which answers a challenge that is known already; None without
    authentication."""
    if auth is None:
        return None
    flow: Flow = auth.auth_flow(request)
    next(flow)
    return flow


def again(flow: Flow | None, answer: Any) -> Any:
    """The request that answers the challenge in this answer; None where there is none. ResponseError where it cannot
    be answered."""
    if flow is None or answer.status_code != 401:
        return None
    try:
        return flow.send(answer)
    except StopIteration:
        return None
    except Exception as error:  # noqa: BLE001 - of a challenge that its code does not know, or cannot read
        why = "its challenge asks for what is not supported, or cannot be read"
        raise ResponseError(f"the API asks for HTTP Digest, and {why}: {str(error)[:200]}") from None
