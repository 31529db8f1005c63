"""Errors as data: the `error` of an envelope, with a stable type and a hint."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from .. import about
from .finding import UnknownFunctionError
from .info import FunctionInfo
from .policy import PolicyError
from .schemas import resolved
from .validate import Problem
from .wording import fragment

_BY_STATUS = {
    400: "bad_request",
    401: "authentication",
    403: "permission_denied",
    404: "not_found",
    409: "conflict",
    413: "too_large",
    422: "unprocessable",
    429: "rate_limited",
}
_HINTS = {
    "api_error": "change what the message says, then call again",
    "config": "do what the message says; what is wrong is set where this runs, and no argument changes it",
    "conflict": "see what is there now, then call again",
    "bad_request": "change what the message says, then call again",
    "unprocessable": "change what the message says, then call again",
    "permission_denied": "the token may not do this: check the account it belongs to",
    "not_found": "check the names and ids in the arguments",
    "too_large": "send less, or send a URL instead of the bytes",
    "rate_limited": "wait, then call again",
    "server_error": "the server failed: call again in a moment",
    "connection": "check the network, the proxy and the base URL",
    "timeout": "call again with more time",
}

_LATER = 5
"""Seconds after which a busy server is worth another call."""
_DOUBT = "it may have been carried out: see what it did before another"


def caught() -> tuple[type[BaseException], ...]:
    """The errors that an envelope describes; everything else is a bug."""
    from ..runtime import errors

    return (errors.Error, PolicyError)


def unknown_function(unknown: UnknownFunctionError) -> dict[str, Any]:
    """The error for an unknown function."""
    near = ", ".join(unknown.nearest)
    hint = f"nearest: {near}" if near else "list the functions for their names"
    return _error("unknown_function", str(unknown), hint=hint, nearest=list(unknown.nearest))


def bad_arguments(info: FunctionInfo, problem: Problem) -> dict[str, Any]:
    """The error for invalid arguments, with what is expected."""
    example = {"example": info.examples[0]["arguments"]} if info.examples else {}
    return bad_tool_arguments(problem, **example)


def bad_tool_arguments(problem: Problem, **more: Any) -> dict[str, Any]:
    """The error for invalid arguments of a tool that is not a function of the API."""
    message = f"{problem.parameter}: {problem.message}" if problem.parameter else problem.message
    return _error(
        "invalid_arguments",
        message,
        parameter=problem.parameter or None,
        hint=_mended(problem, more.get("example") or {}),
        expected=problem.expected,
        nearest=list(problem.nearest),
        **more,
    )


def _mended(problem: Problem, example: Mapping[str, Any]) -> str:
    """One line on how to correct an argument."""
    if problem.nearest:
        return f"nearest: {', '.join(problem.nearest)}"
    argument = re.split(r"[.\[]", problem.parameter)[0]
    if argument in example:
        return f"for example {argument}: {_line(example[argument])}"
    known = problem.expected.get("properties") if isinstance(problem.expected, Mapping) else None
    if isinstance(known, list):
        return f"it takes {', '.join(known) or 'no arguments'}"
    return f"expected: {_line(problem.expected)}"


def _line(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 200 else text[:197] + "..."


def busy(waiting: int, bound: str) -> dict[str, Any]:
    """The error for a call behind too many waiting ones; `bound` is the option that sets how many may wait."""
    message = f"{waiting} calls are waiting for their turn, and {bound} allows no more"
    return _error("busy", message, retryable=True, hint=f"call again in {_LATER} seconds", retry_after=_LATER)


def too_long(info: FunctionInfo, seconds: float, bound: str) -> dict[str, Any]:
    """The error for a call that took too long; `bound` is the option that sets how long it may take."""
    retryable = info.idempotent or info.type == "read"
    message = f"no answer after {seconds:g} seconds, all that {bound} allows; the call was given up"
    job = info.job or {}
    look_with = job["list"] if job and info.type == "write" and info.name != job["cancel"] else ""
    more: dict[str, Any] = {"look_with": look_with} if look_with else {}
    return _error("timeout", message, retryable=retryable, hint=None if retryable else _doubt(look_with), **more)


def job_failed(info: FunctionInfo, error: Any) -> dict[str, Any]:
    """The error for a job that ended without success; what it cost is billed."""
    from ..runtime.views import at

    job = info.job or {}
    known = {"id": at(error.data, str(job.get("id"))), "status": at(error.data, str(job.get("status")))}
    hint = f"see its logs: call {job['poll']} with {job['argument']}={known['id']}" if job else None
    return _error("job_failed", str(error), hint=hint, job=known)


def plain(error: BaseException) -> dict[str, Any]:
    """An error that does not belong to a particular function."""
    return _error("error", str(error))


def unforeseen(error: BaseException, where: str) -> dict[str, Any]:
    """The error for a bug in the program. Its text may hold anything, even a secret of another caller, so it only goes
    to the log, redacted; the caller gets a reference to find it by.

    where: the operation that failed, such as the name of a function.
    """
    from secrets import token_hex
    from traceback import format_exception

    from ..runtime.logs import logger
    from ..runtime.secrets import hidden

    reference = token_hex(4)
    logger.error("%s in %s\n%s", reference, where, hidden("".join(format_exception(error)).rstrip()))
    message = f"{about.COMMAND} failed at something it did not foresee, and wrote it to its log under {reference}"
    hint = f"tell who runs {about.COMMAND} the reference; see what was done before you call again"
    return _error("internal", message, hint=hint, reference=reference)


def describe(error: BaseException, info: FunctionInfo) -> dict[str, Any]:
    """The error for a failed call. One that carries a job is never retryable: the job is billed."""
    failure = _described(error, info)
    data = getattr(error, "job", None)
    if data is None or not info.job:
        return failure
    from ..runtime.views import at

    job, id_ = info.job, at(data, info.job["id"])
    hint = f"it may still run: call {job['poll']} with {job['argument']}={id_} before starting another"
    return {**failure, "retryable": False, "hint": hint, "job": {"id": id_, "status": at(data, job["status"])}}


def _described(error: BaseException, info: FunctionInfo) -> dict[str, Any]:
    from ..runtime import errors

    if isinstance(error, PolicyError):
        return _error("policy", str(error), hint=error.remedy, policy_class=error.policy_class)
    if isinstance(error, errors.ArgumentError):
        parameter = getattr(error, "parameter", None)
        schema = info.input_schema["properties"].get(parameter)
        if schema is not None and "$ref" in schema:
            schema = fragment(resolved(schema, info.input_schema))
        return bad_arguments(info, Problem(parameter or "", error.message, schema))
    if isinstance(error, errors.NoTokenError):
        return _error("no_token", str(error), hint=_token_hint())
    if isinstance(error, errors.ConfigError):
        return _error("config", str(error), hint=_HINTS["config"])
    if isinstance(error, errors.ApiError):
        return _api(error, info)
    if isinstance(error, errors.ApiConnectionError):
        kind = "timeout" if isinstance(error, errors.ApiTimeoutError) else "connection"
        retryable = error.retryable or (info.idempotent and error.passing)
        safe = retryable or info.idempotent or info.type == "read" or not error.sent
        return _error(
            kind,
            str(error),
            retryable=retryable,
            hint=_HINTS[kind] if safe else _doubt(error.look_with),
            **_look(error),
        )
    if isinstance(error, errors.ResponseError):
        hint = None if info.type == "read" else _doubt(error.look_with)
        more = {"status": error.status, "request_id": error.request_id or None, **_look(error)}
        return _error("error", str(error), hint=hint, **more)
    return plain(error) if isinstance(error, caught()) else unforeseen(error, info.name)


def _doubt(look_with: str) -> str:
    return f"it may have been carried out: look for it with {look_with} before another" if look_with else _DOUBT


def _look(error: Any) -> dict[str, Any]:
    """The function that shows whether something was started, where the answer was lost."""
    return {"look_with": error.look_with} if error.look_with else {}


def _api(error: Any, info: FunctionInfo) -> dict[str, Any]:
    status = error.status
    kind = _BY_STATUS.get(status) or ("server_error" if status >= 500 else "api_error")
    if type(error).__name__ == "AuthenticationError":  # an authorization server refuses with 400 as well
        kind = "authentication"
    more: dict[str, Any] = {}
    if error.retry_after is not None:
        more["retry_after"] = error.retry_after
    if error.invalid_fields:
        more["invalid_fields"] = error.invalid_fields
    hint = _token_hint() if kind == "authentication" else _HINTS.get(kind)
    if error.look_with:
        hint, more = _doubt(error.look_with), {**more, **_look(error)}
    if kind == "rate_limited" and error.retry_after is not None:
        hint = f"wait {error.retry_after:g} seconds, then call again"
    return _error(
        kind,
        error.detail or error.title or str(error),
        status=status,
        request_id=error.request_id,
        retryable=error.retryable or (info.idempotent and info.type == "write" and status >= 500),
        hint=hint,
        **more,
    )


def _token_hint() -> str:
    where = f" (get one at {about.TOKEN_URL})" if about.TOKEN_URL else ""
    return f"set {about.TOKEN_ENV} to a valid token{where}" if about.TOKEN_ENV else f"pass valid credentials{where}"


def _error(
    type_: str,
    message: str,
    *,
    status: int | None = None,
    parameter: str | None = None,
    retryable: bool = False,
    hint: str | None = None,
    request_id: str | None = None,
    expected: Any = None,
    **more: Any,
) -> dict[str, Any]:
    return {
        "type": type_,
        "status": status,
        "message": message,
        "parameter": parameter,
        "retryable": retryable,
        "hint": hint,
        "request_id": request_id,
        "expected": expected,
        **more,
    }
