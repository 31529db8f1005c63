"""Errors by status: the Python exception, its cause, and what to do about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ...text import Code
from ..shared import policy, prose
from .site import Site


@dataclass(frozen=True)
class Failure:
    """One row: what a status means for a caller."""

    status: Code
    error: Code
    type: Code
    """The type of the error in the envelope of CLI, MCP and Lua."""
    cause: Code
    remedy: Code


@dataclass(frozen=True)
class ErrorsPage:
    """The errors of all functions."""

    header: Code
    package: Code
    client: Code
    log_env: Code
    rows: tuple[Failure, ...]
    billed: bool
    """A function may cost money; then: jobs are started, and requests of the API are signed."""
    jobs: bool
    signed: bool


KNOWN = (
    ("400", "BadRequestError", "bad_request", "The request is malformed", "Read `detail` and correct the arguments."),
    ("401", "AuthenticationError", "authentication", "The token is missing or not valid", "Set the token anew."),
    ("402", "PaymentRequiredError", "api_error", "The account cannot pay for this", "Look at its billing settings."),
    (
        "403",
        "PermissionDeniedError",
        "permission_denied",
        "The token may not do this",
        "Use a token of the account that owns it.",
    ),
    (
        "404",
        "NotFoundError",
        "not_found",
        "There is no such thing, or the token may not see it",
        "Check the names and ids.",
    ),
    (
        "409",
        "ConflictError",
        "conflict",
        "Its present state does not allow this",
        "Get the current state and try again.",
    ),
    ("410", "GoneError", "api_error", "It was there once and is gone for good", "Do not ask for it again."),
    (
        "413",
        "ContentTooLargeError",
        "too_large",
        "The request is too large",
        "Send less, or a URL in place of the content.",
    ),
    (
        "422",
        "UnprocessableEntityError",
        "unprocessable",
        "An argument has a value that is not allowed",
        "Read `invalid_fields`.",
    ),
    ("429", "RateLimitError", "rate_limited", "Too many requests", "Wait for `retry_after` seconds."),
    ("5XX", "ServerError", "server_error", "The server failed", "Try again later; reads are repeated for you."),
)
_ANYWHERE = ("401", "403", "authentication", "404", "422", "429", "5XX")
"""The errors that any call may meet, declared in the document or not."""


def of(status: str) -> tuple[str, str]:
    """The Python exception for a status, and what to do about it."""
    for known, error, _, _, remedy in KNOWN:
        if status == known or (known == "5XX" and status.startswith("5")):
            return error, remedy
    return "ApiError", "Read `detail`."


def others(declared: Sequence[str]) -> tuple[Failure, ...]:
    """The errors that a call may meet beside those that the document declares for it."""
    return tuple(_row(row) for row in KNOWN if row[0] in _ANYWHERE and row[0] not in declared)


def page(site: Site) -> ErrorsPage:
    """All of them."""
    package = site.api.package
    return ErrorsPage(
        header=site.header,
        package=Code(package),
        client=Code(site.api.client),
        log_env=Code(f"{package.upper()}_LOG"),
        rows=tuple(_row(row) for row in KNOWN),
        billed="billed" in policy.extra(site.api),
        jobs=bool(site.api.jobs),
        signed=site.api.webhooks is not None or any(event.signed for event in site.api.events),
    )


def _row(row: tuple[str, str, str, str, str]) -> Failure:
    status, error, type_, cause, remedy = row
    code = prose.inline_code
    return Failure(code(status), code(error), code(type_), Code(cause), Code(remedy))
