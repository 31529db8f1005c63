"""What a fact does to the old call, surface by surface."""

from __future__ import annotations

from collections.abc import Iterable

from ... import names
from ...ir import Api, Function, Param
from . import servers, verdicts
from .change import SURFACES, Change, Effect, Outcome
from .constraints import Facet
from .facts import Fact
from .match import on_wire, shape
from .phrases import Phrases
from .spelling import Spelling
from .verdicts import IGNORED, INVALID, NEEDED, NOTICE, OK, REFUSED, VALUE, Outcomes
from .ways import placed

_SCALARS = ("integer", "number", "boolean", "string")


Requests = frozenset[tuple[str, str]]


def requests(api: Api) -> Requests:
    """The requests that an API answers: method, and path without the names of its parameters, alone and as a URL."""
    results: set[tuple[str, str]] = set()
    everywhere = servers.addresses(api)
    for function in api.functions:
        results.add((function.method, shape(function.path)))
        for server in [function.server] if function.server else everywhere:
            results.add(_request(server, function))
    return frozenset(results)


def _request(server: str, function: Function) -> tuple[str, str]:
    return function.method, server.rstrip("/") + shape(function.path)


def _answered(old: Api, functions: Iterable[Function], answered: Requests) -> bool:
    """Whether what a client of the old API sends for these functions is answered at the same URLs."""
    return all(_request(function.server or old.servers[0].url, function) in answered for function in functions)


def judge(fact: Fact, old: Api, new: Api, answered: Requests) -> Change:
    """The change that a fact is, with its effect on every surface and on deployed clients.

    answered: the requests of the new API.
    """
    outcomes = _outcomes(fact, old, new, answered)
    phrases = Phrases(fact, Spelling(old), Spelling(new))
    *effects, deployed = (
        Effect(surface=surface, outcome=outcome, text=phrases.text(surface, outcome))
        for surface, outcome in zip((*SURFACES, "deployed"), outcomes)
    )
    used = {function.name for function in (*fact.sent_by, *fact.given_by, *fact.failed_by)} | {*fact.events}
    return Change(
        kind=fact.kind, action=fact.action, subject=fact.subject, name=fact.name,
        facet=fact.facet.what if fact.facet else "", before=fact.before, after=fact.after, place=fact.place, gone=_gone(fact),
        used_by=tuple(sorted(used)), effects=tuple(effects), deployed=deployed,
    )  # fmt: skip


def _gone(fact: Fact) -> bool:
    """Whether its place is one of the old input."""
    if fact.old_field or fact.new_field:
        return fact.new_field is None
    if fact.old_param or fact.new_param:
        return fact.new_param is None
    return fact.old is not None and fact.new is None


def _outcomes(fact: Fact, old: Api, new: Api, answered: Requests) -> Outcomes:
    if fact.action == "prose":
        return OK
    if fact.kind == "function renamed":
        return _renamed(fact, Spelling(old), Spelling(new))
    if fact.of_type:
        return _of_type(fact)
    if fact.old_param or fact.new_param:
        return _of_param(fact, new)
    if fact.facet is not None:
        return _of_facet(fact, fact.facet)
    if fact.kind == "result kind changed":
        return OK if fact.before == "empty" else VALUE
    result = verdicts.FUNCTIONS[fact.kind]
    if fact.kind in ("path changed", "server changed") and _answered(
        old, [fact.old] if fact.old else old.functions, answered
    ):
        return (*result[:-1], "ok")  # what the path lost, the server gained
    if fact.kind in _GONE and fact.old is not None and (fact.old.method, shape(fact.old.path)) in answered:
        return (*result[:-1], "notice")  # another function has taken its place
    if fact.kind == "server changed" and fact.before in servers.addresses(new):
        return (*result[:-1], "ok")
    return result


_GONE = ("function removed", "method changed", "path changed")


def _of_facet(fact: Fact, facet: Facet) -> Outcomes:
    """Of what is sent or answered as a whole, and is no type with a name."""
    if fact.kind.startswith("request body"):
        return verdicts.wire(_facet_sent(facet)[-1])
    if fact.kind.startswith("body"):
        return _facet_sent(facet)
    if fact.kind.startswith("response header"):
        outcome = verdicts.result(facet)
        return (outcome[0], *OK[1:5], outcome[-1])
    outcome = verdicts.result(facet)
    return verdicts.failed(outcome) if fact.kind.startswith("error") else outcome


def _renamed(fact: Fact, old: Spelling, new: Spelling) -> Outcomes:
    """Broken where the surface spells it otherwise than before."""
    assert fact.old is not None and fact.new is not None
    results: list[Outcome] = []
    for surface in SURFACES:  # the request is the same, or another change says so
        same = (
            old.call(fact.old, surface).partition(" ")[2 if surface == "cli" else 0]
            == new.call(fact.new, surface).partition(" ")[2 if surface == "cli" else 0]
        )
        results.append("ok" if same else "page gone" if surface == "docs" else "gone")
    return (*results, "ok")


# ── types ─────────────────────────────────────────────────────────────────────────────────────────────────


def _of_type(fact: Fact) -> Outcomes:
    sent = _sent(fact) if fact.sent_by else OK
    value = _returned(fact) if fact.given_by or fact.events else OK
    failed = verdicts.failed(_returned(fact)) if fact.failed_by else OK
    return verdicts.worst(sent, verdicts.worst(value, failed))


def _sent(fact: Fact) -> Outcomes:
    field = fact.old_field or fact.new_field
    if field is not None and field.read_only:
        must = fact.kind == "field no longer read-only" and fact.new_field is not None and fact.new_field.required
        return INVALID if must else OK
    if fact.facet is not None:
        return _facet_sent(fact.facet)
    lost = fact.kind == "field removed" or fact.kind == "field renamed"
    if lost and fact.model is not None:
        must = fact.new_field is not None and fact.new_field.required
        return INVALID if fact.model.closed or must else IGNORED
    return verdicts.SENT.get(fact.kind, OK)


def _facet_sent(facet: Facet) -> Outcomes:
    if facet.relation == "default":
        return verdicts.default(facet)
    return NOTICE if facet.relation == "discriminator" else verdicts.sent(facet)


def _returned(fact: Fact) -> Outcomes:
    field = fact.old_field or fact.new_field
    if field is not None and field.write_only:
        return OK
    if fact.facet is not None:
        return verdicts.result(fact.facet)
    if fact.old_field is None and fact.new_field is not None and fact.closed:
        return verdicts.wire("value")  # the old document excluded other fields
    return verdicts.GIVEN.get(fact.kind, OK)


# ── arguments ─────────────────────────────────────────────────────────────────────────────────────────────


def _of_param(fact: Fact, new: Api) -> Outcomes:
    one, other = fact.old_param, fact.new_param
    if one is None or other is None:
        if one is None:
            result = verdicts.PARAMS[fact.kind]
            in_path = fact.new_param is not None and fact.new_param.location == "path"
            return (*result[:-1], "ok") if in_path else result  # its path is another one, and that change says so
        by_hand: Outcome = "ok" if one.location == "path" else "refused" if _closed(fact, one, new) else "ignored"
        return (*NEEDED[:-1], by_hand)
    if fact.kind == "parameter renamed":
        command: Outcome = "ok" if _in_place(fact) else "exit 2"
        return "TypeError", command, *NEEDED[2:5], _by_hand(fact, one, other, new)
    if fact.kind == "wire name changed":
        return verdicts.wire(_by_hand(fact, one, other, new))
    if fact.kind == "parameter moved":
        lost: Outcome = "ok" if "path" in (one.location, other.location) else _missing(other)
        return "ok", "exit 2" if one.location == "path" else "ok", *OK[2:5], lost
    if fact.facet is None:
        return verdicts.PARAMS[fact.kind]
    if fact.facet.relation in ("narrowed", "changed", "retyped"):
        return _narrowed(fact, one, other)
    return _facet_sent(fact.facet)


def _in_place(fact: Fact) -> bool:
    """Whether the command line takes the argument by its place before and after, so that its name does not matter."""
    if fact.old is None or fact.new is None or fact.old_param is None or fact.new_param is None:
        return False
    sides = ((fact.old, fact.old_param), (fact.new, fact.new_param))
    before, after = ([placed(function).get(names.argument(param.words))] for function, param in sides)
    return before == after != [None]


def _missing(param: Param) -> Outcome:
    return "refused" if param.required else "ignored"


def _by_hand(fact: Fact, one: Param, other: Param, new: Api) -> Outcome:
    """What a request does that still uses the old name on the wire."""
    if one.location == other.location == "path" or on_wire(one) == on_wire(other):
        return "ok"
    return "refused" if _closed(fact, one, new) else _missing(other)


def _closed(fact: Fact, param: Param, new: Api) -> bool:
    body = fact.new.body if fact.new else None
    model = new.models.get(body.type.model) if body else None
    return param.location == "field" and model is not None and model.closed


def _narrowed(fact: Fact, one: Param, other: Param) -> Outcomes:
    """A value that was taken and is not any more; some surfaces write it down as the same text all the same."""
    facet = fact.facet
    assert facet is not None
    if not facet.checked:
        return REFUSED
    python, command, mcp, lua, docs, by_hand = INVALID
    if (one.encoding and other.encoding) or (fact.new is not None and fact.new.derived is not None):
        python = "invalid_arguments"  # checked by the client itself before it is sent
    if facet.what == "null":
        # None is then no value, but: not given. The command line takes "null" for a text.
        python = "invalid_arguments" if other.required else "ignored"
        command = "ignored" if other.type.kind == "string" else command
    elif facet.what == "type" and facet.bare:
        written = other.location not in ("field", "body") or (fact.new is not None and _form(fact))
        if one.type.kind in ("integer", "number") and other.type.kind == "string":
            command = "ok"
            python, by_hand = ("ok", "ok") if written else (python, by_hand)
        elif one.type.kind == "boolean" and other.type.kind == "string":
            by_hand = "ok" if written else by_hand
        elif one.type.kind not in _SCALARS and other.type.kind == "string":
            command = "ignored"  # what was JSON is taken for a text
        if one.type.kind in _SCALARS and other.type.kind == "array":
            command = "ok" if one.type.kind != "boolean" and one.location != "path" else command
            python, by_hand = ("ok", "ok") if written else (python, by_hand)
    return python, command, mcp, lua, docs, by_hand


def _form(fact: Fact) -> bool:
    return fact.new is not None and fact.new.body is not None and fact.new.body.kind == "form"
