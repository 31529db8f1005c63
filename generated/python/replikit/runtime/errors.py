"""The errors that this package raises.

Error
 ├── ConfigError            an invalid setting
 │    └── NoTokenError      no token
 ├── ArgumentError          an argument that cannot be sent
 ├── ApiConnectionError     no answer
 │    └── ApiTimeoutError   no answer in time
 ├── ResponseError          an answer that cannot be read or followed
 ├── WebhookError           a request that is not known to come from the API
 ├── JobError               a job that ended without success
 │    └── JobTimeoutError   a job that had not ended in time
 └── ApiError               an answer that is not a success
      ├── BadRequestError 400, AuthenticationError 401, PaymentRequiredError 402, PermissionDeniedError 403,
      │   NotFoundError 404, ConflictError 409, GoneError 410, ContentTooLargeError 413,
      │   UnprocessableEntityError 422, RateLimitError 429
      └── ServerError 5xx
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Mapping
from math import isfinite
from typing import Any

from .decoding import SHOWN_DEPTH, json_of
from .secrets import without


class Error(Exception):
    """The base class of this package's errors."""

    job: Any = None
    """The last known state of the job that was being followed, as the API answered it; else None."""
    _job_key = _job_id = ""
    _maybe = ""
    retryable = False
    """Whether repeating the call may succeed and does no harm."""
    look_with = ""
    """The function that shows whether a job was started, where the answer to its start was lost."""

    def doubt(self, key: str, shown_by: str) -> None:
        """Notes that a job may have been started, and which function shows it."""
        self._maybe, self.look_with = key, shown_by

    def carry(self, key: str, id: Any, data: Any) -> None:
        """Attaches the job that was being followed and is still running, and names it in the message.

        key: the API's name for such a job; the error has it as an attribute of this name too.
        """
        self._job_key, self._job_id, self.job, self.retryable = key, str(id), data, False

    def __getattr__(self, name: str) -> Any:
        if name == self._job_key and name:
            return self.job
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    def __str__(self) -> str:
        text = super().__str__()
        if self._maybe:
            look = f": look for it with {self.look_with} before you start another" if self.look_with else ""
            text = f"{text}; a {self._maybe} may have been started{look}"
        return f"{text}; the {self._job_key} {self._job_id} may still run" if self._job_id else text

    def __reduce__(self) -> Any:
        # Pickling would pass the message to __init__, whose arguments are others.
        return _restored, (type(self), self.args, self.__dict__)


def _restored(kind: type[Error], args: tuple[Any, ...], state: dict[str, Any]) -> Error:
    error = kind.__new__(kind, *args)
    error.args = args
    error.__dict__.update(state)
    return error


class ConfigError(Error):
    """A setting is missing or not valid. The message says how to correct it."""


class NoTokenError(ConfigError):
    """A token or another credential is missing or malformed."""


class ArgumentError(Error, ValueError):
    """An argument is missing, unknown or not valid."""

    def __init__(self, parameter: str, message: str) -> None:
        super().__init__(f"{parameter}: {message}")
        self.parameter = parameter
        self.message = message


class ApiConnectionError(Error):
    """The server could not be reached, or the connection broke."""

    def __init__(
        self, message: str, *, method: str = "", url: str = "", sent: bool = True, passing: bool = False
    ) -> None:
        super().__init__(f"{message} ({method} {url})" if method else message)
        self.method = method
        self.url = url
        """Without its query, which may hold a signature."""
        self.sent = sent
        """The server may have received the request."""
        self.passing = passing
        """A retry may succeed."""


class ApiTimeoutError(ApiConnectionError, TimeoutError):
    """The server did not answer in time."""


class ResponseError(Error):
    """An answer that is malformed, larger than allowed, or links where it must not be followed. The request may have
    been carried out all the same.
    """

    def __init__(self, message: str, *, status: int | None = None, request_id: str = "") -> None:
        super().__init__(message)
        self.status = status
        """The HTTP status, where the head of the answer was complete."""
        self.request_id = request_id
        self.passing = False
        """The answer is not from the API, but for example a proxy's error page: a retry may succeed."""


class WebhookError(Error):
    """A webhook whose signature, time or content is not valid."""


class JobError(Error):
    """A job ended without success; `data` is its last known state, as the API answered it."""

    def __init__(self, message: str, data: Any) -> None:
        super().__init__(message)
        self.data = data

    def carry(self, key: str, id: Any, data: Any) -> None:
        """As for every error; the message of this one names the job already."""
        self._job_key, self.job = key, data


class JobTimeoutError(JobError, TimeoutError):
    """A job had not ended when the time was up. It goes on, unless it was canceled."""

    def __init__(self, message: str, data: Any, failed: Error | None = None) -> None:
        super().__init__(message, data)
        self.failed = failed
        """Why it could not be canceled, if that was tried."""


class ApiError(Error):
    """The API answered with a failure."""

    def __init__(
        self,
        message: str,
        *,
        status: int,
        detail: str = "",
        title: str = "",
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        request_id: str = "",
        method: str = "",
        url: str = "",
        retry_after: float | None = None,
        invalid_fields: Any = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.detail = detail
        self.title = title
        self.body = body
        """Decoded where it is JSON, else text."""
        self.headers: Mapping[str, str] = headers or {}
        """Of the answer; names in lower case."""
        self.request_id = request_id
        self.method = method
        self.url = url
        """Without its query, which may hold a signature."""
        self.retry_after = retry_after
        """Seconds to wait before another try, where the server said so."""
        self.invalid_fields = invalid_fields
        """`invalid_fields` of an application/problem+json body, unchanged."""

    @property
    def status_code(self) -> int:
        """An alias of `status`."""
        return self.status


class BadRequestError(ApiError):
    """400: the request is wrong."""


class AuthenticationError(ApiError):
    """401: the token is missing or wrong."""


class PaymentRequiredError(ApiError):
    """402: the account must be paid up first."""


class PermissionDeniedError(ApiError):
    """403: the token may not do this."""


class NotFoundError(ApiError):
    """404: there is no such thing, or it is not yours to see."""


class ConflictError(ApiError):
    """409: the state of the thing does not allow it."""


class GoneError(ApiError):
    """410: there was such a thing, and there no longer is."""


class ContentTooLargeError(ApiError):
    """413: the request is larger than the server takes."""


class UnprocessableEntityError(ApiError):
    """422: the request is well-formed and its content is wrong."""


class RateLimitError(ApiError):
    """429: too many requests; `retry_after` tells how long to wait."""

    retryable = True


class ServerError(ApiError):
    """5xx: the server failed."""


# Aliases with the names that other generated clients use.
APIConnectionError, APITimeoutError = ApiConnectionError, ApiTimeoutError
APIStatusError, InternalServerError = ApiError, ServerError
APIError, APIResponseValidationError = Error, ResponseError

_BY_STATUS: dict[int, type[ApiError]] = {
    400: BadRequestError,
    401: AuthenticationError,
    402: PaymentRequiredError,
    403: PermissionDeniedError,
    404: NotFoundError,
    409: ConflictError,
    410: GoneError,
    413: ContentTooLargeError,
    422: UnprocessableEntityError,
    429: RateLimitError,
}
_LONGEST = 500


def api_error(
    status: int,
    headers: Mapping[str, str],
    content: bytes,
    method: str,
    url: str,
    secrets: Iterable[str] = (),
    cut: str = "",
) -> ApiError:
    """The error for an answer. `url` is shown without its query; `secrets` that the server echoes are redacted. cut:
    why the content is incomplete.
    """
    text = without(content.decode("utf-8", "replace"), secrets)
    try:
        body: Any = json_of(text, SHOWN_DEPTH)
    except ValueError:
        body = text
    members = body if isinstance(body, dict) else {}
    detail = next((_text(members[key]) for key in ("detail", "message", "error") if members.get(key)), "")
    if not members and isinstance(body, str):
        detail = body[: 2 * _LONGEST].strip()
    title = _text(members.get("title", ""))
    detail, title = detail[:_LONGEST], title[:_LONGEST]
    place = url.partition("?")[0]
    message = f"{status} {title or detail or 'without a reason'}"
    if title and detail and title != detail:
        message += f": {detail}"
    kind = _BY_STATUS.get(status, ServerError if status >= 500 else ApiError)
    return kind(
        f"{message} ({method} {place})" + (f"; {cut}" if cut else ""),
        status=status,
        detail=detail,
        title=title,
        body=body,
        headers={name.lower(): value for name, value in headers.items()},
        request_id=headers.get("x-request-id", ""),
        method=method,
        url=place,
        retry_after=retry_after(headers.get("retry-after", ""), members.get("retry_after")),
        invalid_fields=members.get("invalid_fields"),
    )


def retry_after(header: str, body: Any = None) -> float | None:
    """Seconds to wait: from the header (seconds or an HTTP date), else from the body."""
    for value in (header, body):
        if value in ("", None) or isinstance(value, bool):
            continue
        try:
            seconds = float(value)
        except (TypeError, ValueError, OverflowError):
            # It costs more to import than most calls ever need.
            from email.utils import parsedate_to_datetime

            try:
                seconds = parsedate_to_datetime(str(value)).timestamp() - time.time()
            except (TypeError, ValueError, OverflowError):
                continue
        if isfinite(seconds):
            return max(0.0, seconds)
    return None


def _text(value: Any) -> str:
    if isinstance(value, dict):
        return _text(value.get("message") or value.get("detail") or json.dumps(value))
    return value if isinstance(value, str) else json.dumps(value)
