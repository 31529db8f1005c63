"""Requests over httpx: the one place that names it. Credentials, retries and redirects are decided here."""

from __future__ import annotations

import json
import random
import ssl
from collections.abc import Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import urljoin

import httpx

from .. import about
from .config import Config, origin
from .errors import ApiConnectionError, ApiError, ApiTimeoutError, Error, ResponseError, api_error
from .operation import Operation
from .requests import Prepared

TIMEOUT = httpx.Timeout(60.0, connect=10.0, read=90.0)
"""Longer to read than the longest answer that a server holds back on request (60 seconds)."""
LONGEST_DELAY = 60.0
_REDIRECTS = (301, 302, 303, 307, 308)
MOST_REDIRECTS = 5
_PASSING = (408, 500, 502, 503, 504)


@lru_cache(maxsize=1)
def tls() -> ssl.SSLContext:
    """The TLS context that all clients share: building one costs more than a request."""
    return httpx.create_ssl_context()


def options(config: Config, timeout: Any, transport: Any) -> dict[str, Any]:
    """The arguments of an httpx client for this configuration."""
    found: dict[str, Any] = {"timeout": TIMEOUT if timeout is None else timeout, "follow_redirects": False}
    if transport is not None:
        found["transport"] = transport
    found["verify"] = tls() if config.base_url.startswith("https:") else False
    return found


def sync_client(config: Config, timeout: Any, transport: Any) -> httpx.Client:
    """An httpx client for this configuration."""
    return httpx.Client(**options(config, timeout, transport))


def async_client(config: Config, timeout: Any, transport: Any) -> httpx.AsyncClient:
    """An asynchronous httpx client for this configuration."""
    return httpx.AsyncClient(**options(config, timeout, transport))


def request_arguments(
    prepared: Prepared, operation: Operation, config: Config, headers: Mapping[str, str], base_url: str
) -> dict[str, Any]:
    """The arguments of `build_request`. The token is added here, and only for the origin it belongs to."""
    url = prepared.url
    sent = [("User-Agent", f"{about.PACKAGE}/{about.VERSION}"), *prepared.headers, *headers.items()]
    if operation.authenticated and about.AUTH_KIND and origin(url) == origin(base_url):
        place, name, value = config.credentials()
        if place == "query":
            url += ("&" if "?" in url else "?") + f"{name}={value}"
        elif place == "cookie":
            earlier = [text for key, text in sent if key.lower() == "cookie"]
            sent = [pair for pair in sent if pair[0].lower() != "cookie"]
            sent.append(("Cookie", "; ".join([*earlier, f"{name}={value}"])))
        elif name.lower() not in (key.lower() for key in headers):
            sent.append((name, value))
    found: dict[str, Any] = {"method": prepared.method, "url": url, "headers": sent}
    if prepared.parts is not None:
        found["files"] = [(p.name, (p.filename, p.content, p.content_type)) for p in prepared.parts]
    elif prepared.content is not None:
        found["content"] = prepared.content
    return found


def translated(error: Exception) -> Error | None:
    """Our error for one of httpx's or of its successor's, told apart by name: a client object may come from either."""
    names = {kind.__name__ for kind in type(error).__mro__}
    if "TimeoutException" in names:
        return ApiTimeoutError(f"no answer in time ({type(error).__name__})")
    if "HTTPError" in names or "InvalidURL" in names:
        return ApiConnectionError(f"{type(error).__name__}: {error}")
    return None


def delay(operation: Operation, failure: Exception, attempt: int) -> float | None:
    """Seconds to wait before trying again; None where it must not be tried again.

    What may have reached the server is sent again only when it reads: a prediction created twice is paid twice.
    """
    backoff = min(0.5 * 2.0**attempt, 8.0) * random.uniform(0.75, 1.0)
    if isinstance(failure, ApiError):
        if failure.status == 429 or (failure.status in _PASSING and operation.access == "read"):
            wished = failure.retry_after
            if wished is not None and wished > LONGEST_DELAY:
                return None
            return backoff if wished is None else wished
        return None
    names = {kind.__name__ for kind in type(failure).__mro__}
    unsent = not names.isdisjoint({"ConnectError", "ConnectTimeout", "PoolTimeout"})
    lost = not names.isdisjoint({"TimeoutException", "NetworkError", "RemoteProtocolError"})
    return backoff if unsent or (lost and operation.access == "read") else None


def redirect(operation: Operation, response: Any) -> str | None:
    """Where a download goes on. The token does not go with it; nothing but a download is redirected."""
    location = response.headers.get("location")
    if response.status_code not in _REDIRECTS or not location:
        return None
    if operation.method != "GET" or operation.result != "binary":
        return None
    url = urljoin(str(response.url), str(location))
    if not url.startswith("https://") and not (url.startswith("http://") and str(response.url).startswith("http://")):
        raise ResponseError(f"redirected to {url.partition('?')[0]}, which is not safe to follow")
    return url


def failure(operation: Operation, response: Any) -> ApiError | None:
    """The error that an answer stands for."""
    if 200 <= response.status_code < 300:
        return None
    return api_error(
        response.status_code, response.headers, response.content, operation.method, str(response.request.url)
    )


def decoded(operation: Operation, response: Any) -> Any:
    """The result: decoded JSON, str, bytes or None."""
    content: bytes = response.content
    if operation.result == "binary":
        return content
    if operation.result in ("text", "events"):
        return str(response.text)
    if operation.result == "empty" or not content:
        return None
    try:
        return json.loads(content)
    except ValueError as error:
        kind = response.headers.get("content-type", "nothing")
        raise ResponseError(f"{operation.method} {operation.path} answered {kind} that is not JSON: {error}") from error
