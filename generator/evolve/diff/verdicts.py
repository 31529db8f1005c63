"""The verdicts as tables: kind of change -> what becomes of the old call in Python, CLI, MCP, Lua and docs.

Changes whose verdict depends on more than their kind stand in `effects`.
"""

from __future__ import annotations

from .change import SURFACES, Outcome

Outcomes = tuple[Outcome, ...]
"""One a surface, in the order of SURFACES."""

OK: Outcomes = ("ok",) * 5
NOTICE: Outcomes = ("notice",) * 5
VALUE: Outcomes = ("value",) * 5
IGNORED: Outcomes = ("ignored",) * 5
WIRE: Outcomes = ("ok", "ok", "ok", "ok", "refused")
"""Only who writes the request by hand notices."""
REFUSED: Outcomes = ("refused",) * 5
NEEDED: Outcomes = ("TypeError", "exit 2", "invalid_arguments", "invalid_arguments", "refused")
"""A call that leaves something out which must be given now."""
INVALID: Outcomes = ("refused", "exit 2", "invalid_arguments", "invalid_arguments", "refused")
"""A value that is no longer taken."""
POLICY: Outcomes = ("ok", "ok", "policy", "policy", "ok")
NO_TOKEN: Outcomes = ("no_token", "no_token", "no_token", "no_token", "refused")

FUNCTIONS: dict[str, Outcomes] = {
    "function added": OK,
    "function removed": ("gone", "gone", "gone", "gone", "page gone"),
    "method changed": WIRE,
    "path changed": WIRE,
    "server changed": ("notice", "notice", "notice", "notice", "elsewhere"),
    "other servers changed": ("ok", "ok", "ok", "ok", "notice"),
    "security added": NO_TOKEN,
    "security removed": OK,
    "requirement changed": NO_TOKEN,
    "security changed": ("notice", "notice", "notice", "notice", "refused"),
    "write gained": POLICY,
    "billed gained": POLICY,
    "secret gained": POLICY,
    "destructive gained": ("ok", "confirmation", "policy", "policy", "ok"),
    "write lost": OK,
    "billed lost": OK,
    "secret lost": OK,
    "destructive lost": OK,
    "retries changed": ("notice", "notice", "notice", "notice", "ok"),
    "default timeout changed": ("notice", "notice", "notice", "notice", "ok"),
    "default retries changed": ("notice", "notice", "notice", "notice", "ok"),
    "constant headers changed": ("notice", "notice", "notice", "notice", "notice"),
    "hidden from python": ("gone", "ok", "ok", "ok", "ok"),
    "hidden from cli": ("ok", "gone", "ok", "ok", "ok"),
    "hidden from mcp": ("ok", "ok", "gone", "ok", "ok"),
    "hidden from lua": ("ok", "ok", "ok", "gone", "ok"),
    "hidden from docs": ("ok", "ok", "ok", "ok", "page gone"),
    **{f"shown in {surface}": OK for surface in SURFACES},
    "function deprecated": NOTICE,
    "function no longer deprecated": OK,
    "body media type changed": WIRE,
    "body narrowed": INVALID,
    "body widened": OK,
    "arguments became a body": (*NEEDED[:4], "ok"),
    "body became arguments": ("TypeError", "ok", "invalid_arguments", "invalid_arguments", "ok"),
    "result may be empty": VALUE,
    "result is never empty": OK,
    "pages added": ("value", "ok", "ok", "ok", "ok"),
    "pages removed": ("value", "ok", "ok", "ok", "ok"),
    "job added": ("notice", "notice", "ok", "ok", "ok"),
    "job removed": ("value", "ok", "ok", "ok", "ok"),
    "documented errors changed": ("ok", "ok", "ok", "ok", "notice"),
    "positional order changed": ("ignored", "ignored", "ok", "ok", "ignored"),
    "base changed": WIRE,
    "schema version changed": OK,
    "waiting changed": VALUE,
    "arguments opened": OK,
    "arguments closed": INVALID,
    "output joined": VALUE,
    "output in pieces": VALUE,
    "alternative added": OK,
    "alternative removed": ("TypeError", "ok", "ok", "ok", "ok"),
    "alternative changed": ("ignored", "ok", "ok", "ok", "ok"),
    "alias added": OK,
    "alias removed": ("ok", "gone", "gone", "gone", "ok"),
    "command alias added": OK,
    "command alias removed": ("ok", "gone", "ok", "ok", "ok"),
    "command alias changed": ("ok", "ignored", "ok", "ok", "ok"),
    "package renamed": ("gone", "ok", "ok", "gone", "ok"),
    "command renamed": ("ok", "gone", "gone", "gone", "ok"),
    "client class renamed": ("gone", "ok", "ok", "ok", "ok"),
    "namespace renamed": ("ok", "ok", "ok", "gone", "ok"),
    "token variable renamed": ("no_token", "no_token", "no_token", "no_token", "ok"),
    "base URL variable renamed": ("elsewhere", "elsewhere", "elsewhere", "elsewhere", "ok"),
}

PARAMS: dict[str, Outcomes] = {
    "required parameter added": NEEDED,
    "optional parameter added": OK,
    "parameter became required": NEEDED,
    "parameter became optional": OK,
    "parameter widened": OK,
    "parameter default": NOTICE,
    "serialization changed": ("ok", "ok", "ok", "ok", "ignored"),
    "positional argument added": OK,
    "positional argument removed": ("TypeError", "exit 2", "ok", "ok", "ok"),
    "parameter deprecated": NOTICE,
    "parameter no longer deprecated": OK,
}

SENT: dict[str, Outcomes] = {
    "field added": OK,
    "required field added": INVALID,
    "field became required": INVALID,
    "other fields refused": INVALID,
    "field became read-only": IGNORED,
    "field default": NOTICE,
    "field deprecated": NOTICE,
    "type renamed": ("annotation", "ok", "ok", "ok", "ok"),
    "type replaced": ("notice", "ok", "ok", "ok", "ok"),
}
"""Of a type that is an argument or part of one; what is not named is ok."""

GIVEN: dict[str, Outcomes] = {
    "field removed": VALUE,
    "field renamed": VALUE,
    "attribute renamed": ("value", "ok", "ok", "ok", "ok"),
    "field became optional": VALUE,
    "field became write-only": VALUE,
    "field deprecated": NOTICE,
    "type renamed": ("annotation", "ok", "ok", "ok", "ok"),
    "type replaced": ("notice", "ok", "ok", "ok", "ok"),
}
"""Of a type that is a result or part of one; what is not named is ok."""

_RANK: tuple[Outcome, ...] = ("ok", "notice", "annotation", "ignored", "value", "elsewhere")
_UNREAD = {"minimum", "maximum", "exclusive_minimum", "exclusive_maximum", "min_length", "max_length", "min_items"} | {
    "max_items", "min_properties", "max_properties", "pattern", "multiple_of", "unique_items", "format", "default",
}  # fmt: skip
"""What nobody checks in a result."""


def result(what: str, relation: str) -> Outcomes:
    """Of a facet of a result: wider is what a reader may not expect."""
    facet = what.rpartition(": ")[2]
    if relation == "narrowed" or facet in _UNREAD:
        return OK
    return NOTICE if facet == "values" else VALUE


def worst(one: Outcomes, other: Outcomes) -> Outcomes:
    """Surface by surface, the outcome that weighs more."""
    return tuple(a if _weight(a) >= _weight(b) else b for a, b in zip(one, other))


def _weight(outcome: Outcome) -> int:
    return _RANK.index(outcome) if outcome in _RANK else len(_RANK)


def on(outcomes: Outcomes, surface: str) -> Outcome:
    """The outcome on one surface."""
    return outcomes[SURFACES.index(surface)]
