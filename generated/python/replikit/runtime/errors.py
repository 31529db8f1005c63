"""What can go wrong, as classes.

Error
 ├── ConfigError            no token
 ├── ArgumentError          an argument that cannot be sent
 ├── ApiConnectionError     no answer
 │    └── ApiTimeoutError   no answer in time
 ├── ResponseError          an answer that cannot be read or followed
 ├── JobError               a job that ended without success
 │    └── JobTimeoutError   a job that had not ended in time
 └── ApiError               an answer that is not a success
      ├── BadRequestError 400 … ConflictError 409, UnprocessableEntityError 422, RateLimitError 429
      └── ServerError 5xx
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from math import isfinite
from typing import Any


class Error(Exception):
    """Whatever this package raises on purpose."""


class ConfigError(Error):
    """The client lacks something it needs, such as a token."""


class ArgumentError(Error, ValueError):
    """An argument that is missing, unknown or cannot be sent as it is."""

    def __init__(self, parameter: str, message: str) -> None:
        super().__init__(f"{parameter}: {message}")
        self.parameter = parameter
        self.message = message


class ApiConnectionError(Error):
    """The server could not be reached, or the connection broke."""


class ApiTimeoutError(ApiConnectionError):
    """The server did not answer in time."""


class ResponseError(Error):
    """A successful answer that is not what it claims to be, or points where it must not be followed."""


class JobError(Error):
    """A job ended without success; `data` is its last known state, as the API answered it."""

    def __init__(self, message: str, data: Any) -> None:
        super().__init__(message)
        self.data = data

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (str(self), self.data)


class JobTimeoutError(JobError, TimeoutError):
    """A job had not ended when the time was up; it goes on, unless it was to be canceled then."""


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
        self.request_id = request_id
        self.method = method
        self.url = url
        self.retry_after = retry_after
        """Seconds to wait before another try, where the server said so."""
        self.invalid_fields = invalid_fields


class BadRequestError(ApiError):
    """400: the request is wrong."""


class AuthenticationError(ApiError):
    """401: the token is missing or wrong."""


class PermissionDeniedError(ApiError):
    """403: the token may not do this."""


class NotFoundError(ApiError):
    """404: there is no such thing, or it is not yours to see."""


class ConflictError(ApiError):
    """409: the state of the thing does not allow it."""


class UnprocessableEntityError(ApiError):
    """422: the request is well-formed and its content is wrong."""


class RateLimitError(ApiError):
    """429: too many requests; `retry_after` tells how long to wait."""


class ServerError(ApiError):
    """5xx: the server failed."""


_BY_STATUS: dict[int, type[ApiError]] = {
    400: BadRequestError,
    401: AuthenticationError,
    403: PermissionDeniedError,
    404: NotFoundError,
    409: ConflictError,
    422: UnprocessableEntityError,
    429: RateLimitError,
}


def api_error(status: int, headers: Mapping[str, str], content: bytes, method: str, url: str) -> ApiError:
    """The error for an answer; `url` is shown without its query, which may hold a signature."""
    try:
        body: Any = json.loads(content)
    except ValueError:
        body = content.decode("utf-8", "replace")
    found = body if isinstance(body, dict) else {}
    detail = next((_text(found[key]) for key in ("detail", "message", "error") if found.get(key)), "")
    if not found and isinstance(body, str):
        detail = body.strip()[:500]
    title = _text(found.get("title", ""))
    place = url.partition("?")[0]
    message = f"{status} {title or detail or 'without a reason'}"
    if title and detail and title != detail:
        message += f": {detail}"
    kind = _BY_STATUS.get(status, ServerError if status >= 500 else ApiError)
    return kind(
        f"{message} ({method} {place})",
        status=status,
        detail=detail,
        title=title,
        body=body,
        request_id=headers.get("x-request-id", ""),
        method=method,
        url=place,
        retry_after=retry_after(headers.get("retry-after", ""), found.get("retry_after")),
        invalid_fields=found.get("invalid_fields"),
    )


def retry_after(header: str, body: Any = None) -> float | None:
    """Seconds to wait: from the header (seconds or an HTTP date), else from the body."""
    for value in (header, body):
        if value in ("", None) or isinstance(value, bool):
            continue
        try:
            seconds = float(value)
        except (TypeError, ValueError):
            try:
                seconds = parsedate_to_datetime(str(value)).timestamp() - time.time()
            except (TypeError, ValueError):
                continue
        if isfinite(seconds):
            return max(0.0, seconds)
    return None


def _text(value: Any) -> str:
    if isinstance(value, dict):
        return _text(value.get("message") or value.get("detail") or json.dumps(value))
    return value if isinstance(value, str) else json.dumps(value)
