"""One call, step by step: wait for a turn, send, follow a redirect, understand the answer, wait, send again.

The steps are a generator that knows no network and no clock but its own: it yields a request to send, and is given the
response, whose body is read unless it is to be streamed, with the reason where not all of it was; or it is thrown the
exception. Or it yields a float, the seconds to sleep. So the synchronous and the asynchronous
client run the very same steps.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterable, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

from . import origins
from .deadlines import Deadline
from .errors import (
    ApiConnectionError,
    ApiError,
    ApiTimeoutError,
    Error,
    RateLimitError,
    ResponseError,
    api_error,
)
from .logs import logger, place, redacted
from .operation import Operation
from .retries import RetryPolicy, refused
from .secrets import hidden
from .surroundings import untrusted

if TYPE_CHECKING:
    from .pace import Pace, Turn

Steps = Generator[Any, Any, Any]
Heard = Callable[[int, Mapping[str, str]], object]
"""Told the status and the headers of each answer."""
_REDIRECTS = (301, 302, 303, 307, 308)
_MOST_REDIRECTS = 5
_INFO, _DEBUG = 20, 10
_ANOTHER = RetryPolicy(methods=frozenset(("GET", "HEAD", "PUT", "DELETE")))
"""Mends what a caller may do again by itself: what RFC 9110 calls idempotent is safe, but takes a reason of its own."""
_SPARE = 1.0
"""Seconds of a deadline at most that are left when a call no longer waits for its turn."""


def steps(
    operation: Operation,
    method: str,
    url: str,
    request: Callable[[], Any],
    redirected: Callable[[str, str], Any],
    policy: RetryPolicy,
    deadline: Deadline,
    secrets: Iterable[str] = (),
    heard: Heard | None = None,
    pace: Pace | None = None,
    patience: float | None = None,
    ready: Callable[[bool], Steps] | None = None,
) -> Steps:
    """The steps of one call, to the response of a success; raises what the last try came to.

    request: makes the request, anew for each try. redirected: makes one for the method and the URL that a redirect leads
      to.
    deadline: no try begins when it is over.
    secrets: blotted out of what a server says of a failure.
    pace: gives this call its turns; None for what is sent at once. patience: seconds until the last of its turns, and of
      its tries to reconnect.
    ready: the steps that fetch what the request is authorized with, where it must be fetched; true: anew, for it was
      refused. They tell whether there is another now.
    """
    renewed = False
    begun = time.monotonic()
    attempt = 0
    reconnecting = _Reconnecting(policy, begun, patience)
    failure: Error | None = None
    turn: Turn | None = None
    ticket = 0
    if pace is not None:
        ticket = pace.ticket()
        patience = _patience(deadline, policy, patience)
    while True:
        cause: Exception | None = None
        if pace is not None:
            turn = yield from _turn(pace, ticket, policy, begun, patience or 0.0, failure, method, url)
        tried, where = time.monotonic(), url
        if ready is not None:
            yield from _ready(ready, False, pace, turn)
        try:
            sent = request()
            if logger.isEnabledFor(_DEBUG):
                logger.debug("%s %s %s", method, place(url), redacted(sent.headers.items()))
            response, cut = yield sent
            for _ in range(_MOST_REDIRECTS):
                onward = redirect(operation, response)
                if onward is None:
                    break
                where = onward[1]
                response, cut = yield redirected(*onward)
            else:
                raise ResponseError(f"{method} {place(url)} is redirected again and again")
        except Error as error:
            if turn is not None and pace is not None:
                pace.lost(turn)
            judge(operation, error)
            raise
        except Exception as error:  # noqa: BLE001 - what is not httpx's own is raised again
            failure = translated(error, method, url, deadline)
            cause = error
        else:
            status = response.status_code
            origins.answered(where, success=status < 500)
            reconnecting.done()
            if logger.isEnabledFor(_INFO):
                took = (time.monotonic() - tried) * 1000
                named = response.headers.get("x-request-id", "")
                logger.info("%s %s %d in %.0f ms %s", method, place(url), status, took, named)
            if heard is not None:
                heard(status, response.headers)
            if 200 <= status < 300 or status == 304 or (status < 400 and _is_all(operation)):
                if turn is not None and pace is not None:
                    pace.accepted(turn)
                return response
            if status == 401 and ready is not None and not renewed:
                renewed = True
                if (yield from _ready(ready, True, pace, turn)):
                    if turn is not None and pace is not None:
                        pace.lost(turn)
                    continue
            failure = api_error(status, response.headers, response.content, method, url, secrets, cut)
        again = refused(operation, failure)
        if turn is not None and pace is not None:
            if again:
                pace.refused(turn, failure.retry_after if isinstance(failure, ApiError) else None)
            else:
                pace.lost(turn)
        tell = "%s; again in %.2f s"
        wait = reconnecting.pause(failure) if origins.known(where) and policy.most(operation) > 0 else None
        if wait is None:
            wait = policy.delay(operation, failure, attempt + reconnecting.tries, time.monotonic() - begun)
            attempt += not (again and pace is not None)
            tell = f"{tell} ({attempt} of {policy.most(operation)})"
        if wait is None or wait >= deadline.left():
            judge(operation, failure)
            raise failure from cause
        if again and pace is not None:
            logger.info("%s; again in its turn", failure)
            continue
        logger.info(tell, failure, wait)
        with policy.pausing(float(wait)) as pause:
            yield pause


def _ready(ready: Callable[[bool], Steps], anew: bool, pace: Pace | None, turn: Turn | None) -> Steps:
    """Fetches what the request is authorized with. Where that fails, nothing of the call was sent."""
    try:
        return (yield from ready(anew))
    except Error:
        if turn is not None and pace is not None:
            pace.lost(turn)
        raise


class _Reconnecting:
    """The tries of one call to connect to a server that refuses it: since when, and how many.

    Pauses count as long as they were to last, so that the tries end on a clock that stands still, too.
    """

    __slots__ = ("_begun", "_patience", "_paused", "_policy", "_since", "tries")

    def __init__(self, policy: RetryPolicy, begun: float, patience: float | None) -> None:
        """begun: when the call began. patience: seconds from then on; None for no limit of the call's own."""
        limits = [limit for limit in (patience, policy.deadline) if limit is not None]
        self._policy, self._begun = policy, begun
        self._patience = min(limits, default=None)
        self.done()

    def done(self) -> None:
        """The server has answered."""
        self.tries, self._paused, self._since = 0, 0.0, 0.0

    def pause(self, failure: Error) -> float | None:
        """Seconds until the next try; None where there is to be none, or the failure is another."""
        now = time.monotonic()
        if not self.tries:
            self._since = now
        wait = self._policy.reconnects(failure, self.tries, max(now - self._since, self._paused))
        if wait is None or (self._patience is not None and now + wait - self._begun >= self._patience):
            return None
        self.tries += 1
        self._paused += wait
        return wait


def _patience(deadline: Deadline, policy: RetryPolicy, patience: float | None) -> float:
    """Seconds in which the last turn of a call must come. Its answer takes time as well: whoever has set the deadline is
    told that the call was refused, before he gives it up himself."""
    limits = [
        left - min(_SPARE, left / 20) for left in (deadline.left(), patience, policy.deadline) if left is not None
    ]
    return min(limits)


def _turn(
    pace: Pace, ticket: int, policy: RetryPolicy, begun: float, patience: float, failure: Error | None,
    method: str, url: str,
) -> Generator[float, None, Turn]:  # fmt: skip
    """Waits for a turn. RateLimitError where there is none in time."""
    waits = pace.turn(ticket)
    try:
        while True:
            wait = next(waits)
            left = begun + patience - time.monotonic()
            if left <= 0 or left <= pace.remaining():
                if failure is None or not isinstance(failure, RateLimitError):
                    late = max(wait, pace.remaining(), 0.1)
                    failure = RateLimitError(
                        f"429 not sent, for calls before it were too many: its turn is in {late:.1f} s and it may wait "
                        f"no longer ({method} {place(url)})",
                        status=429, method=method, url=place(url), retry_after=late,
                    )  # fmt: skip
                raise failure
            with policy.pausing(min(wait, left)) as pause:
                yield pause
    except StopIteration as found:
        turn: Turn = found.value
        return turn
    finally:
        waits.close()


def judge(operation: Operation, failure: Error) -> None:
    """Notes on a failure whether another try makes sense, and that something may have been started where
    the answer was lost."""
    failure.retryable = _ANOTHER.mends(operation, failure)
    if isinstance(failure, ApiConnectionError):
        lost = failure.sent
    elif isinstance(failure, ApiError):
        lost = failure.status >= 500 or failure.status == 408
    else:
        lost = isinstance(failure, ResponseError)
    if lost and operation.starts and operation.job is not None:
        failure.doubt(operation.job.key, operation.job.list)


def unanswered(operation: Operation, stopped: BaseException) -> None:
    """Notes on what ended a call from outside, such as Ctrl-C, that something may have been started."""
    if operation.starts and operation.job is not None:
        job = operation.job
        stopped.add_note(f"a {job.key} may have been started: {job.list or job.poll} shows it")


def _is_all(operation: Operation) -> bool:
    """Whether a redirect that is not followed is all that the operation answers when all went well."""
    return operation.follows and operation.result == "empty"


def redirect(operation: Operation, response: Any) -> tuple[str, str] | None:
    """The method and the URL that a call goes on with, where its answer leads elsewhere.

    That is followed where it was declared and for what gives files, if it is safe to ask again: by GET and HEAD, and
    after another method only where 303 says that the answer is to be read elsewhere (RFC 9110, 15.4.4). Nothing is
    followed from https to http.
    """
    status, method = response.status_code, response.request.method
    if status not in _REDIRECTS or not (operation.follows or operation.result == "binary"):
        return None
    location = response.headers.get("location")
    if not location or not (method in ("GET", "HEAD") or (status == 303 and operation.follows)):
        return None
    origin = str(response.url)
    try:
        url = urljoin(origin, str(location))
    except ValueError as error:
        raise ResponseError(f"redirected to what is not a URL: {error}"[:500]) from error
    if not url.startswith("https://") and not (url.startswith("http://") and origin.startswith("http://")):
        raise ResponseError(f"redirected to {place(url)[:500]}, which is not safe to follow")
    return ("HEAD" if method == "HEAD" else "GET"), url


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
    passing = passing and not untrusted(str(error))
    what = type(error).__name__
    if "TimeoutException" in kinds:
        late = deadline is not None and deadline.left() <= 0
        reason = deadline.reason() if deadline is not None and late else f"no answer in time: {what}"
        return ApiTimeoutError(reason, method=method, url=place(url), sent=sent, passing=passing)
    # h11 quotes a header that it refuses.
    message = hidden(f"{what}: {error}{untrusted(str(error))}") if str(error) else what
    return ApiConnectionError(message, method=method, url=place(url), sent=sent, passing=passing)
