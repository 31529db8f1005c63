"""One call, step by step: send, follow a redirect, understand the answer, wait, send again.

The steps are a generator that knows no network and no clock but its own: it yields a request to send, and is given the
response, whose body is read unless it is to be streamed, with the reason where not all of it was; or it is thrown the
exception. Or it yields a float, the seconds to sleep. So the synchronous and the asynchronous
client run the very same steps.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Mapping
from typing import Any
from urllib.parse import urljoin

from .deadlines import Deadline
from .errors import ApiConnectionError, ApiTimeoutError, Error, ResponseError, api_error
from .logs import logger, place, redacted
from .operation import Operation
from .retries import RetryPolicy
from .secrets import hidden
from .surroundings import untrusted

Steps = Generator[Any, Any, Any]
Heard = Callable[[int, Mapping[str, str]], object]
"""Told the status and the headers of each answer."""
_REDIRECTS = (301, 302, 303, 307, 308)
_MOST_REDIRECTS = 5
_INFO, _DEBUG = 20, 10


def steps(
    operation: Operation,
    method: str,
    url: str,
    request: Callable[[], Any],
    redirected: Callable[[str], Any],
    policy: RetryPolicy,
    deadline: Deadline,
    secret: str = "",
    heard: Heard | None = None,
) -> Steps:
    """The steps of one call, to the response of a success; raises what the last try came to.

    request: makes the request, anew for each try. redirected: makes one for an URL that a download is sent on to.
    deadline: no try begins when it is over.
    secret: blotted out of what a server says of a failure.
    """
    begun = time.monotonic()
    attempt = 0
    while True:
        cause: Exception | None = None
        tried = time.monotonic()
        try:
            sent = request()
            if logger.isEnabledFor(_DEBUG):
                logger.debug("%s %s %s", method, place(url), redacted(sent.headers.items()))
            response, cut = yield sent
            for _ in range(_MOST_REDIRECTS):
                onward = redirect(operation, response)
                if onward is None:
                    break
                response, cut = yield redirected(onward)
            else:
                raise ResponseError(f"{method} {place(url)} is redirected again and again")
        except Error:
            raise
        except Exception as error:  # noqa: BLE001 - what is not httpx's own is raised again
            failure: Error = translated(error, method, url, deadline)
            cause = error
        else:
            status = response.status_code
            if logger.isEnabledFor(_INFO):
                took = (time.monotonic() - tried) * 1000
                named = response.headers.get("x-request-id", "")
                logger.info("%s %s %d in %.0f ms %s", method, place(url), status, took, named)
            if heard is not None:
                heard(status, response.headers)
            if 200 <= status < 300:
                return response
            failure = api_error(status, response.headers, response.content, method, url, secret, cut)
        wait = policy.delay(operation, failure, attempt, time.monotonic() - begun)
        if wait is None or wait >= deadline.left():
            raise failure from cause
        attempt += 1
        logger.info("%s; again in %.2f s (%d of %d)", failure, wait, attempt, policy.max_retries)
        yield float(wait)


def redirect(operation: Operation, response: Any) -> str | None:
    """Where a download goes on. Nothing but a download is redirected, and none from https to http."""
    if response.status_code not in _REDIRECTS:
        return None
    location = response.headers.get("location")
    if not location or operation.method != "GET" or operation.result != "binary":
        return None
    origin = str(response.url)
    try:
        url = urljoin(origin, str(location))
    except ValueError as error:
        raise ResponseError(f"redirected to what is no URL: {error}"[:500]) from error
    if not url.startswith("https://") and not (url.startswith("http://") and origin.startswith("http://")):
        raise ResponseError(f"redirected to {place(url)[:500]}, which is not safe to follow")
    return url


def translated(error: Exception, method: str, url: str, deadline: Deadline | None = None) -> Error:
    """Our error for one of httpx's or of httpx2's, told apart by name; raises again what comes from neither."""
    if isinstance(error, Error):
        return error
    kinds = {kind.__name__ for kind in type(error).__mro__}
    if "TimeoutError" in kinds:  # of a deadline, between two steps on the network
        kinds.add("TimeoutException")
    if kinds.isdisjoint({"HTTPError", "InvalidURL", "StreamError", "TimeoutException"}):
        raise error
    sent = kinds.isdisjoint({"ConnectError", "ConnectTimeout", "PoolTimeout", "ProxyError"})
    passing = not kinds.isdisjoint({"TimeoutException", "NetworkError", "RemoteProtocolError", "ProxyError"})
    what = type(error).__name__
    if "TimeoutException" in kinds:
        late = deadline is not None and deadline.left() <= 0
        reason = deadline.reason() if deadline is not None and late else f"no answer in time: {what}"
        return ApiTimeoutError(reason, method=method, url=place(url), sent=sent, passing=passing)
    # h11 quotes a header that it refuses.
    message = hidden(f"{what}: {error}{untrusted(str(error))}") if str(error) else what
    return ApiConnectionError(message, method=method, url=place(url), sent=sent, passing=passing)
