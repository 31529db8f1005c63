"""The verdicts as tables: kind of change -> what becomes of the old call in Python, CLI, MCP, Lua and docs when they
are generated again, and of the request of a deployed client.

Changes whose verdict depends on more than their kind stand in `effects`.
"""

from __future__ import annotations

from .change import SURFACES, Outcome
from .constraints import SIZES, Facet

Outcomes = tuple[Outcome, ...]
"""One a surface, in the order of SURFACES; then that of deployed clients."""

OK: Outcomes = ("ok",) * 6
NOTICE: Outcomes = ("notice",) * 6
VALUE: Outcomes = ("value", "value", "value", "value", "ok", "value")
IGNORED: Outcomes = ("ignored", "ignored", "ignored", "ignored", "ok", "ignored")
REFUSED: Outcomes = ("refused", "refused", "refused", "refused", "ok", "refused")
NEEDED: Outcomes = ("TypeError", "exit 2", "invalid_arguments", "invalid_arguments", "ok", "refused")
"""A call that leaves something out which must be given now."""
INVALID: Outcomes = ("refused", "exit 2", "invalid_arguments", "invalid_arguments", "ok", "refused")
"""A value that is no longer taken."""
POLICY: Outcomes = ("ok", "ok", "policy", "policy", "ok", "ok")
NO_TOKEN: Outcomes = ("no_token", "no_token", "no_token", "no_token", "ok", "refused")


def wire(deployed: Outcome, regenerated: Outcome = "ok") -> Outcomes:
    """What is seen on the wire alone: generated again, the same call sends and reads it the new way."""
    return (*(regenerated,) * 5, deployed)


def call(python: Outcome, cli: Outcome, mcp: Outcome, lua: Outcome, docs: Outcome = "ok") -> Outcomes:
    """What is seen on surfaces alone: the request is the same."""
    return python, cli, mcp, lua, docs, "ok"


FUNCTIONS: dict[str, Outcomes] = {
    "function added": OK,
    "function removed": ("gone", "gone", "gone", "gone", "page gone", "refused"),
    "method changed": wire("refused"),
    "path changed": wire("refused"),
    "server changed": ("notice", "notice", "notice", "notice", "ok", "elsewhere"),
    "other servers changed": wire("notice"),
    "other server removed": wire("elsewhere", "notice"),
    "server name removed": call("gone", "gone", "gone", "gone"),
    "server variable removed": call("gone", "gone", "gone", "gone"),
    "security added": NO_TOKEN,
    "security removed": OK,
    "requirement changed": NO_TOKEN,
    "credential changed": NO_TOKEN,
    "requirement eased": OK,
    "token address changed": wire("elsewhere", "notice"),
    "token flow removed": NO_TOKEN,
    "implicit flow removed": wire("refused", "notice"),
    "security changed": ("notice", "notice", "notice", "notice", "ok", "refused"),
    "write gained": POLICY,
    "billed gained": POLICY,
    "secret gained": POLICY,
    "destructive gained": call("ok", "confirmation", "policy", "policy"),
    "write lost": OK,
    "billed lost": OK,
    "secret lost": OK,
    "destructive lost": OK,
    "retries changed": call("notice", "notice", "notice", "notice"),
    "default timeout changed": call("notice", "notice", "notice", "notice"),
    "default retries changed": call("notice", "notice", "notice", "notice"),
    "constant headers changed": ("notice", "notice", "notice", "notice", "ok", "notice"),
    "hidden from python": call("gone", "ok", "ok", "ok"),
    "hidden from cli": call("ok", "gone", "ok", "ok"),
    "hidden from mcp": call("ok", "ok", "gone", "ok"),
    "hidden from lua": call("ok", "ok", "ok", "gone"),
    "hidden from docs": ("ok", "ok", "ok", "ok", "page gone", "ok"),
    **{f"shown in {surface}": OK for surface in SURFACES},
    "function deprecated": NOTICE,
    "function no longer deprecated": OK,
    "body media type changed": wire("refused"),
    "preferred media type changed": OK,
    "request media type added": OK,
    "request media type removed": wire("refused"),
    "body became required": wire("refused"),
    "body became optional": OK,
    "other body fields refused": wire("refused"),
    "other body fields allowed": OK,
    "arguments became a body": call(*NEEDED[:4]),
    "body became arguments": call("TypeError", "ok", "invalid_arguments", "invalid_arguments"),
    "result may be empty": VALUE,
    "result is never empty": OK,
    "pages added": call("value", "ok", "ok", "ok"),
    "pages removed": call("value", "ok", "ok", "ok"),
    "job added": call("notice", "notice", "ok", "ok"),
    "job removed": call("value", "ok", "ok", "ok"),
    "documented errors changed": wire("notice"),
    "success status added": wire("notice"),
    "success status removed": wire("value", "notice"),
    "response media type added": OK,
    "response media type removed": wire("value"),
    "response header added": OK,
    "response header removed": ("value", "ok", "ok", "ok", "ok", "value"),
    "error media type added": OK,
    "error media type removed": wire("value"),
    "response header became required": OK,
    "response header became optional": wire("value"),
    "link added": OK,
    "link removed": NOTICE,
    "link changed": NOTICE,
    "event address changed": wire("value", "notice"),
    "event answer changed": wire("value", "notice"),
    "event header added": OK,
    "event header removed": wire("value", "notice"),
    "event added": OK,
    "event removed": wire("value", "notice"),
    "positional order changed": call("ignored", "ignored", "ok", "ok"),
    "base changed": OK,
    "schema version changed": OK,
    "waiting changed": call(*VALUE[:4]),
    "arguments opened": OK,
    "arguments closed": INVALID,
    "output joined": call(*VALUE[:4]),
    "output in pieces": call(*VALUE[:4]),
    "alternative added": OK,
    "alternative removed": call("TypeError", "ok", "ok", "ok"),
    "alternative changed": call("ignored", "ok", "ok", "ok"),
    "alias added": OK,
    "alias removed": call("ok", "gone", "gone", "gone"),
    "command alias added": OK,
    "command alias removed": call("ok", "gone", "ok", "ok"),
    "command alias changed": call("ok", "ignored", "ok", "ok"),
    "package renamed": call("gone", "ok", "ok", "gone"),
    "command renamed": call("ok", "gone", "gone", "gone"),
    "client class renamed": call("gone", "ok", "ok", "ok"),
    "namespace renamed": call("ok", "ok", "ok", "gone"),
    "token variable renamed": call("no_token", "no_token", "no_token", "no_token"),
    "base URL variable renamed": call("elsewhere", "elsewhere", "elsewhere", "elsewhere"),
}

PARAMS: dict[str, Outcomes] = {
    "required parameter added": NEEDED,
    "optional parameter added": OK,
    "parameter became required": NEEDED,
    "parameter became optional": OK,
    "parameter widened": OK,
    "serialization changed": wire("ignored"),
    "positional argument added": OK,
    "positional argument removed": call("TypeError", "exit 2", "ok", "ok"),
    "parameter deprecated": NOTICE,
    "parameter no longer deprecated": OK,
}

SENT: dict[str, Outcomes] = {
    "field added": OK,
    "required field added": INVALID,
    "field became required": INVALID,
    "other fields refused": INVALID,
    "field became read-only": IGNORED,
    "field no longer read-only": OK,
    "field deprecated": NOTICE,
    "type renamed": call("annotation", "ok", "ok", "ok"),
    "type replaced": call("notice", "ok", "ok", "ok"),
}
"""Of a type that is an argument or part of one; what is not named is ok."""

GIVEN: dict[str, Outcomes] = {
    "field removed": VALUE,
    "field renamed": VALUE,
    "attribute renamed": call("value", "ok", "ok", "ok"),
    "field became optional": VALUE,
    "field became write-only": VALUE,
    "other fields allowed": wire("value"),
    "field deprecated": NOTICE,
    "type renamed": call("annotation", "ok", "ok", "ok"),
    "type replaced": call("notice", "ok", "ok", "ok"),
}
"""Of a type that is a result or part of one; what is not named is ok."""

_RANK: tuple[Outcome, ...] = ("ok", "notice", "annotation", "ignored", "value", "elsewhere")
_UNREAD = {"minimum", "maximum", "exclusive_minimum", "exclusive_maximum", "min_length", "max_length", "min_items"} | {
    "max_items", "min_properties", "max_properties", "pattern", "multiple_of", "unique_items", "rules",
    "fitting forms",
}  # fmt: skip
"""What the clients that are generated do not check in a result; one of another make may."""
_READ = {"date", "date-time"}
"""The formats of texts that Python reads as something else."""
_ASIDE = {"ok", "notice"}


def result(facet: Facet) -> Outcomes:
    """Of a facet of what is answered: whatever the old document did not allow is what a reader may not expect."""
    if facet.relation == "default":
        return OK
    if facet.relation == "discriminator":
        return NOTICE
    within = facet.relation == "narrowed"
    what = facet.what.rpartition(": ")[2]
    deployed: Outcome = "ok" if within else "value"
    if what == "format":
        return (*_format(facet, within), deployed)
    if within or what in _UNREAD:
        return wire(deployed)
    if what == "values" and facet.relation == "widened":
        return wire(deployed, "notice")  # an unknown value is kept as it came
    return (*VALUE[:5], deployed)


def _format(facet: Facet, within: bool) -> tuple[Outcome, ...]:
    if facet.before != facet.after and {facet.before, facet.after} & _READ:
        return ("value", *OK[1:5]) if within else VALUE[:5]
    return OK[:5] if within or {facet.before, facet.after} <= SIZES | {"none"} else VALUE[:5]


def sent(facet: Facet) -> Outcomes:
    """Of a facet of what is sent, where it is no argument of its own."""
    if facet.relation == "widened":
        return OK
    return INVALID if facet.checked else REFUSED


def default(facet: Facet) -> Outcomes:
    """Of what the server takes where nothing is sent: a client that runs already does something else from then on."""
    replaced = "none" not in (facet.before, facet.after)
    return (*NOTICE[:5], "ignored" if replaced else "notice")


def failed(outcomes: Outcomes) -> Outcomes:
    """The same, of an answer that tells of an error: no result of a call that went well."""
    kept = outcomes[-1]
    shown: Outcome = "ok" if all(outcome in _ASIDE for outcome in outcomes) else "notice"
    return (*(shown,) * 5, kept)


def worst(one: Outcomes, other: Outcomes) -> Outcomes:
    """Surface by surface, the outcome that weighs more."""
    return tuple(a if _weight(a) >= _weight(b) else b for a, b in zip(one, other))


def _weight(outcome: Outcome) -> int:
    return _RANK.index(outcome) if outcome in _RANK else len(_RANK)
