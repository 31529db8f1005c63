"""The checks of oasdiff beside the verdicts of `diff`: each with a change that shows it, or why there is none.

The ids and levels are those of oasdiff's `checker/rules.go` at 081dd3843c4e. Of its levels, ERR and WARN are
what `oasdiff breaking` lists. They are judged for clients that are deployed, so our verdict on those is the one to compare.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

Json = Any
REGENERATED, DEPLOYED = ("regenerated",), ("deployed",)
BOTH = ("regenerated", "deployed")
NOBODY: tuple[str, ...] = ()


@dataclass(frozen=True)
class Check:
    """One check of oasdiff."""

    id: str
    level: str
    """ERR, WARN or INFO."""
    place: str = ""
    """Where in a small document the fragments stand; empty for a check that has no counterpart."""
    old: Json = None
    new: Json = None
    kind: str = ""
    """The change that `diff` reports."""
    breaks: tuple[str, ...] = ()
    why: str = ""
    """Why there is no counterpart, or why the verdict on deployed clients is another one."""

    @property
    def agrees(self) -> bool:
        """Whether both say the same of deployed clients."""
        return ("deployed" in self.breaks) == (self.level in ("ERR", "WARN"))


_S: Json = {"type": "string"}
_I: Json = {"type": "integer"}
_N: Json = {"type": "number"}


def _object(required: tuple[str, ...] = (), **fields: Json) -> Json:
    result: Json = {"type": "object", "properties": fields}
    return {**result, "required": list(required)} if required else result


def _list(**limits: Json) -> Json:
    return {"type": "array", "items": _S, **limits}


def _operation(**more: Json) -> Json:
    return {"operationId": "listPets", "tags": ["pets"], "responses": {"204": {"description": "ok"}}, **more}


def _content(*media: str, schema: Json = None) -> Json:
    return {each: {"schema": schema or _object(a=_S)} for each in media}


def _param(name: str = "q", **more: Json) -> Json:
    return {"name": name, "in": "query", "schema": _S, **more}


def checks() -> tuple[Check, ...]:
    """All of them, by their ids."""
    result = (
        *_operations(), *_security(), *_parameters(), *_bodies(), *_sent(), *_properties(), *_answers(), *_fields(),
        *_unions(), *_discriminators(), *_absent(),
    )  # fmt: skip
    return tuple(sorted(result, key=lambda check: check.id))


# ── operations ────────────────────────────────────────────────────────────────────────────────────────────

_ANNOUNCED = "announced or not, existing callers are refused"
_NAMED = "function names are derived from it, which affects only regenerated clients"


def _operations() -> Iterator[Check]:
    one, two = {"get": _operation()}, {"get": _operation(), "delete": _operation(operationId="sellPets")}
    other = {"/pets": one, "/toys": {"get": _operation(operationId="listToys", tags=["toys"])}}
    going = {"deprecated": True, "x-sunset": "2027-01-31"}
    yield Check(
        "sunset-deleted",
        "ERR",
        "operation",
        going,
        {"deprecated": True},
        "function deprecated",
        NOBODY,
        "no call fails because of it",
    )
    yield Check("endpoint-added", "INFO", "operations", one, two, "function added")
    for id_, level, why in (
        ("api-removed-without-deprecation", "ERR", ""),
        ("api-removed-before-sunset", "ERR", ""),
        ("api-removed-with-deprecation", "INFO", _ANNOUNCED),
    ):
        yield Check(id_, level, "operations", two, one, "function removed", BOTH, why)
    for id_, level, why in (
        ("api-path-removed-without-deprecation", "ERR", ""),
        ("api-path-removed-before-sunset", "ERR", ""),
        ("api-path-removed-with-deprecation", "INFO", _ANNOUNCED),
    ):
        yield Check(id_, level, "paths", other, {"/pets": one}, "function removed", BOTH, why)
    yield Check("endpoint-deprecated", "INFO", "operation", {}, {"deprecated": True}, "function deprecated")
    yield Check("endpoint-reactivated", "INFO", "operation", {"deprecated": True}, {}, "function no longer deprecated")
    nameless = {"get": {key: value for key, value in _operation().items() if key != "operationId"}}
    named = {"get": _operation(operationId="findAnimals")}
    yield Check("api-operation-id-removed", "INFO", "operations", named, nameless, "function renamed", REGENERATED)
    yield Check("api-operation-id-added", "INFO", "operations", nameless, named, "function renamed", REGENERATED)
    untagged = {"get": {key: value for key, value in _operation().items() if key != "tags"}}
    tagged = {"get": _operation(tags=["cages"])}
    yield Check("api-tag-removed", "INFO", "operations", tagged, untagged, "function renamed", REGENERATED)
    yield Check("api-tag-added", "INFO", "operations", untagged, tagged, "function renamed", REGENERATED)


# ── security ──────────────────────────────────────────────────────────────────────────────────────────────

_KEY = {"type": "apiKey", "in": "header", "name": "X-Key"}
_CREDENTIAL = "a call without this credential is refused"
_SCOPE = "a token without the scope is refused"


def _oauth(token: str = "t", authorize: str = "a", **scopes: str) -> Json:
    flow = {"tokenUrl": f"https://zoo.example/{token}", "authorizationUrl": f"https://zoo.example/{authorize}"}
    return {"type": "oauth2", "flows": {"authorizationCode": {**flow, "scopes": scopes or {"read": "r", "all": "a"}}}}


def _secured(scheme: Json, *scopes: str, **more: Json) -> Json:
    return {"components": {"securitySchemes": {"s": scheme, **more}}, "security": [{"s": list(scopes)}]}


def _security() -> Iterator[Check]:
    schemes = {"components": {"securitySchemes": {"s": _KEY}}}
    needed: Json = [{"s": []}]
    for id_, place, free, bound in (
        ("api-security", "secured operation", {}, {"security": needed}),
        ("api-global-security", "document", schemes, {**schemes, "security": needed}),
    ):
        yield Check(f"{id_}-added", "INFO", place, free, bound, "security added", BOTH, _CREDENTIAL)
        yield Check(f"{id_}-removed", "INFO", place, bound, free, "security removed")
    one, two = _secured(_oauth(), "read"), _secured(_oauth(), "read", "all")
    yield Check("api-global-security-scope-added", "INFO", "document", one, two, "requirement changed", BOTH, _SCOPE)
    yield Check("api-global-security-scope-removed", "INFO", "document", two, one, "requirement eased")
    less, more = {"security": [{"o": ["read"]}]}, {"security": [{"o": ["read", "all"]}]}
    place = "secured operation"
    yield Check("api-security-scope-added", "INFO", place, less, more, "requirement changed", BOTH, _SCOPE)
    yield Check("api-security-scope-removed", "INFO", place, more, less, "requirement eased")
    bearer = _secured({"type": "http", "scheme": "bearer"})
    yield Check(
        "api-security-component-type-changed", "INFO", "document", _secured(_KEY), bearer, "security changed", DEPLOYED,
        "an old client sends its credential in a place that the server ignores",
    )  # fmt: skip
    moved = "an old client requests its token from a URL that no longer belongs to the API"
    for id_, new in (("oauth-url", _oauth(authorize="b")), ("oauth-token-url", _oauth(token="u"))):
        yield Check(
            f"api-security-component-{id_}-changed", "INFO", "document", _secured(_oauth(), "read"),
            _secured(new, "read"), "token address changed", DEPLOYED, moved,
        )  # fmt: skip


# ── parameters ────────────────────────────────────────────────────────────────────────────────────────────


def _parameters() -> Iterator[Check]:
    none: list[Json] = []
    place, optional, required = "parameters", [_param()], [_param(required=True)]
    yield Check("new-required-request-parameter", "ERR", place, none, required, "required parameter added", BOTH)
    yield Check("new-optional-request-parameter", "INFO", place, none, optional, "optional parameter added")
    for id_, level, new, kind, breaks in (
        ("required", "ERR", required, "required parameter added", BOTH),
        ("optional", "INFO", optional, "optional parameter added", NOBODY),
    ):
        id_ = f"new-{id_}-request-default-parameter-to-existing-path"
        shared = {"get": _operation(), "parameters": new}
        yield Check(id_, level, "operations", {"get": _operation()}, shared, kind, breaks)
    segment = {"name": "id", "in": "path", "required": True, "schema": _S}
    deeper = {"/pets/{id}": {"get": _operation(parameters=[segment])}}
    yield Check(
        "new-request-path-parameter", "ERR", "paths", {"/pets": {"get": _operation()}}, deeper, "path changed", BOTH
    )
    kind = "parameter removed"
    yield Check("request-parameter-removed", "WARN", place, optional, none, kind, BOTH)
    yield Check("request-parameter-removed-before-sunset", "ERR", place, optional, none, kind, BOTH)
    why = "announced or not, the server no longer does what it asked for"
    yield Check("request-parameter-removed-with-deprecation", "INFO", place, optional, none, kind, BOTH, why)
    yield Check(
        "request-parameter-became-required", "ERR", place, optional, required, "parameter became required", BOTH
    )
    kind = "parameter became optional"
    yield Check("request-parameter-became-optional", "INFO", place, required, optional, kind, REGENERATED)
    old = [_param(deprecated=True)]
    yield Check("request-parameter-deprecated", "INFO", place, optional, old, "parameter deprecated")
    yield Check("request-parameter-reactivated", "INFO", place, old, optional, "parameter no longer deprecated")
    kind, place = "parameter default", "query"
    ten, twenty = {**_I, "default": 10}, {**_I, "default": 20}
    yield Check("request-parameter-default-value-changed", "ERR", place, ten, twenty, kind, DEPLOYED)
    why = "the old document does not define what happens without it"
    yield Check("request-parameter-default-value-added", "ERR", place, _I, ten, kind, why=why)
    why = "the new document does not define what happens without it; it may be the same"
    yield Check("request-parameter-default-value-removed", "ERR", place, ten, _I, kind, why=why)
    for id_, level, old_, new_, kind, breaks in (
        ("type-changed", "WARN", _S, _I, "field retyped", BOTH),
        ("type-generalized", "INFO", _I, _N, "field widened", NOBODY),
        ("type-specialized", "ERR", _N, _I, "field narrowed", BOTH),
    ):
        place = "property of a query parameter"
        yield Check(f"request-parameter-property-{id_}", level, place, old_, new_, kind, breaks)
    place, listed = "property of a header", {**_S, "enum": ["a"]}
    yield Check("request-header-property-became-enum", "ERR", place, _S, listed, "field narrowed", BOTH)
    open_, bound = _object(a=_S, b=_S), _object(("b",), a=_S, b=_S)
    yield Check("request-header-property-became-required", "ERR", "header", open_, bound, "field became required", BOTH)
    kind = "required field added"
    yield Check(
        "new-required-request-header-property",
        "ERR",
        "header",
        _object(a=_S, c=_S),
        _object(("b",), a=_S, b=_S, c=_S),
        kind,
        BOTH,
    )


# ── what is sent ──────────────────────────────────────────────────────────────────────────────────────────

_LIMITS: tuple[tuple[str, Json, str, int], ...] = (
    ("max", _I, "maximum", 1), ("min", _I, "minimum", -1), ("max-length", _S, "maxLength", 1),
    ("min-length", _S, "minLength", -1), ("max-items", _list(), "maxItems", 1), ("min-items", _list(), "minItems", -1),
)  # fmt: skip
_ON: tuple[tuple[str, str], ...] = (("parameter", "query"), ("body", "body"), ("property", "property"))
_KNOWN = {
    "parameter": {"max": "dis", "min": "dis", "max-length": "dis", "min-length": "di", "max-items": "di", "min-items": "dis"},
    "body": {"max": "dis", "min": "dis", "max-length": "dis", "min-length": "di", "min-items": "is"},
    "property": {"max": "dis", "min": "dis", "max-length": "dis", "min-length": "di", "min-items": "is"},
}  # fmt: skip
"""Of each place the checks that there are: decreased, increased, set."""


def _sent() -> Iterator[Check]:
    for part, place in _ON:
        for name, base, keyword, gives in _LIMITS:
            low, high = {**base, keyword: 3}, {**base, keyword: 5}
            for letter in _KNOWN[part].get(name, ""):
                verb = {"d": "decreased", "i": "increased", "s": "set"}[letter]
                old, new = {"d": (high, low), "i": (low, high), "s": (base, low)}[letter]
                tighter = letter == "s" or (letter == "d") == (gives > 0)
                level = "WARN" if letter == "s" else "ERR" if tighter else "INFO"
                kind = "parameter narrowed" if tighter else "parameter widened"
                yield Check(f"request-{part}-{name}-{verb}", level, place, old, new, kind, BOTH if tighter else NOBODY)
        one, two = {**_S, "enum": ["a"]}, {**_S, "enum": ["a", "b"]}
        yield Check(f"request-{part}-became-enum", "ERR", place, _S, one, "parameter narrowed", BOTH)
        level, why = ("INFO", "the server now refuses the value") if part == "body" else ("ERR", "")
        yield Check(f"request-{part}-enum-value-removed", level, place, two, one, "parameter narrowed", BOTH, why)
        if part != "body":
            yield Check(f"request-{part}-enum-value-added", "INFO", place, one, two, "parameter widened")
            first, second = {**_S, "pattern": "^a"}, {**_S, "pattern": "^b"}
            for verb, level, old, new, kind, breaks in (
                ("added", "WARN", _S, first, "parameter narrowed", BOTH),
                ("changed", "WARN", first, second, "parameter changed", BOTH),
                ("removed", "INFO", first, _S, "parameter widened", NOBODY),
                ("generalized", "INFO", first, {**_S, "pattern": ".*"}, "parameter widened", NOBODY),
            ):
                yield Check(f"request-{part}-pattern-{verb}", level, place, old, new, kind, breaks)
        yield Check(f"request-{part}-type-changed", "ERR", place, _S, _I, "parameter retyped", BOTH)
        yield Check(f"request-{part}-type-generalized", "INFO", place, _I, _N, "parameter widened")
        if part != "parameter":
            null = {"type": ["string", "null"]}
            yield Check(f"request-{part}-became-not-nullable", "ERR", place, null, _S, "parameter narrowed", BOTH)
            yield Check(f"request-{part}-became-nullable", "INFO", place, _S, null, "parameter widened")
            a, b, kind = {**_S, "default": "a"}, {**_S, "default": "b"}, "parameter default"
            yield Check(f"request-{part}-default-value-added", "INFO", place, _S, a, kind)
            yield Check(f"request-{part}-default-value-removed", "INFO", place, a, _S, kind)
            why = "a client that omits it now gets a different result"
            yield Check(f"request-{part}-default-value-changed", "INFO", place, a, b, kind, DEPLOYED, why)


def _bodies() -> Iterator[Check]:
    place = "request"
    optional, required = {"content": _content("application/json")}, {
        "required": True,
        "content": _content("application/json"),
    }
    needed = {"required": True, "content": _content("application/json", schema=_object(("a",), a=_S))}
    yield Check("request-body-added-required", "ERR", place, None, needed, "required parameter added", BOTH)
    yield Check("request-body-added-optional", "INFO", place, None, optional, "optional parameter added")
    yield Check("request-body-became-required", "ERR", place, optional, required, "body became required", DEPLOYED)
    yield Check("request-body-became-optional", "INFO", place, required, optional, "body became optional")
    form = "application/x-www-form-urlencoded"
    more = {"content": _content("application/json", form)}
    yield Check("request-body-media-type-added", "INFO", place, optional, more, "request media type added")
    yield Check("request-body-media-type-removed", "ERR", place, more, optional, "request media type removed", DEPLOYED)


# ── properties of bodies ──────────────────────────────────────────────────────────────────────────────────


def _properties() -> Iterator[Check]:
    one, two, bound = _object(a=_S), _object(a=_S, b=_S), _object(("b",), a=_S, b=_S)
    why = "a default is what a server may assume; a request without it is still invalid"
    defaulted = _object(("b",), a=_S, b={**_S, "default": "x"})
    yield Check("new-required-request-property", "ERR", "body", one, bound, "required parameter added", BOTH)
    yield Check("new-optional-request-property", "INFO", "body", one, two, "optional parameter added")
    yield Check(
        "new-required-request-property-with-default",
        "INFO",
        "body",
        one,
        defaulted,
        "required parameter added",
        BOTH,
        why,
    )
    yield Check("request-property-removed", "WARN", "body", two, one, "parameter removed", BOTH)
    yield Check("request-property-became-required", "ERR", "body", two, bound, "parameter became required", BOTH)
    yield Check(
        "request-property-became-optional", "INFO", "body", bound, two, "parameter became optional", REGENERATED
    )
    old = _object(a=_S, b={**_S, "default": "x"})
    kind = "parameter became required"
    yield Check("request-property-became-required-with-default", "INFO", "body", old, defaulted, kind, BOTH, why)
    for name, base, keyword, gives in _LIMITS[:3]:
        low, high = {**base, keyword: 3, "readOnly": True}, {**base, keyword: 5, "readOnly": True}
        verb, old, new = ("decreased", high, low) if gives > 0 else ("increased", low, high)
        yield Check(f"request-read-only-property-{name}-{verb}", "INFO", "nested property", old, new, "field narrowed")
    one, two = ({**_S, "readOnly": True, "enum": values} for values in (["a"], ["a", "b"]))
    id_ = "request-read-only-property-enum-value-removed"
    yield Check(id_, "INFO", "nested property", two, one, "field narrowed")
    for need, place in (("optional", "nested property"), ("required", "required nested property")):
        value, taken = {**_S, "readOnly": True}, {**_S, "writeOnly": True}
        id_ = f"request-{need}-property-became"
        yield Check(f"{id_}-write-only", "INFO", place, _S, taken, "field became write-only")
        yield Check(f"{id_}-not-write-only", "INFO", place, taken, _S, "field no longer write-only")
        why = "the server no longer accepts it"
        yield Check(f"{id_}-read-only", "INFO", place, _S, value, "field became read-only", BOTH, why)
        must = need == "required"
        why = "requests that omitted it must now include it" if must else ""
        kind = "field no longer read-only"
        yield Check(f"{id_}-not-read-only", "INFO", place, value, _S, kind, BOTH if must else NOBODY, why)


# ── what is answered ──────────────────────────────────────────────────────────────────────────────────────


def _answers() -> Iterator[Check]:
    place, total = "response headers", {"X-Total": {"schema": _I}}
    kind = "response header removed"
    must = {"X-Total": {"required": True, "schema": _I}}
    yield Check("required-response-header-removed", "ERR", place, must, {}, kind, BOTH)
    yield Check("optional-response-header-removed", "WARN", place, total, {}, kind, BOTH)
    yield Check(
        "response-header-became-optional", "ERR", place, must, total, "response header became optional", DEPLOYED
    )
    one = {"200": {"description": "ok", "content": _content("application/json")}}
    two = {"200": {"description": "ok", "content": _content("application/json", "application/xml")}}
    place = "responses"
    yield Check("response-media-type-added", "INFO", place, one, two, "response media type added")
    yield Check("response-media-type-removed", "ERR", place, two, one, "response media type removed", DEPLOYED)
    ok, more, fails = (
        {status: {"description": "ok"} for status in each} for each in (["200"], ["200", "202"], ["200", "404"])
    )
    yield Check("response-success-status-removed", "ERR", place, more, ok, "success status removed", DEPLOYED)
    yield Check("response-success-status-added", "INFO", place, ok, more, "success status added")
    yield Check("response-non-success-status-removed", "INFO", place, fails, ok, "documented errors changed")
    yield Check("response-non-success-status-added", "INFO", place, ok, fails, "documented errors changed")


def _fields() -> Iterator[Check]:
    for part, place, word in (("body", "result", "result"), ("property", "field", "field")):
        for name, base, keyword, verbs in (
            ("max", _I, "maximum", ("increased",)),
            ("min", _I, "minimum", ("decreased",)),
            ("max-length", _S, "maxLength", ("increased", "unset")),
            ("min-length", _S, "minLength", ("decreased",)),
            ("min-items", _list(), "minItems", ("decreased", "unset")),
        ):
            low, high = {**base, keyword: 3}, {**base, keyword: 5}
            for verb in verbs:
                old, new = {"increased": (low, high), "decreased": (high, low), "unset": (low, base)}[verb]
                yield Check(f"response-{part}-{name}-{verb}", "ERR", place, old, new, f"{word} widened", DEPLOYED)
        yield Check(f"response-{part}-type-changed", "ERR", place, _S, _I, f"{word} retyped", BOTH)
        null = {"type": ["string", "null"]}
        yield Check(f"response-{part}-became-nullable", "ERR", place, _S, null, f"{word} widened", BOTH)
    place = "field"
    first, second = {**_S, "pattern": "^a"}, {**_S, "pattern": "^b"}
    why = "responses may contain strings that the old pattern did not allow"
    yield Check("response-property-pattern-added", "INFO", place, _S, first, "field narrowed")
    yield Check("response-property-pattern-changed", "INFO", place, first, second, "field changed", DEPLOYED, why)
    yield Check("response-property-pattern-removed", "INFO", place, first, _S, "field widened", DEPLOYED, why)
    one, two = {**_S, "enum": ["a"]}, {**_S, "enum": ["a", "b"]}
    yield Check("response-property-enum-value-added", "WARN", place, one, two, "field widened", DEPLOYED)
    yield Check("response-property-enum-value-removed", "INFO", place, two, one, "field narrowed")
    yield Check("response-mediatype-enum-value-removed", "INFO", "result", two, one, "result narrowed")
    hidden_one, hidden_two = ({**each, "writeOnly": True} for each in (one, two))
    yield Check("response-write-only-property-enum-value-added", "INFO", place, hidden_one, hidden_two, "field widened")
    a, b = {**_S, "default": "a"}, {**_S, "default": "b"}
    for verb, old, new in (("added", _S, a), ("removed", a, _S), ("changed", a, b)):
        yield Check(f"response-property-default-value-{verb}", "INFO", place, old, new, "field default")
    secret = {**_S, "writeOnly": True}
    for need, level in (("optional", "WARN"), ("required", "ERR")):
        must = ("b",) if need == "required" else ()
        less, more, hidden = _object(a=_S), _object(must, a=_S, b=_S), _object(must, a=_S, b=secret)
        came = "required field added" if must else "field added"
        yield Check(f"response-{need}-property-removed", level, "result", more, less, "field removed", BOTH)
        yield Check(f"response-{need}-property-added", "INFO", "result", less, more, came)
        yield Check(f"response-{need}-write-only-property-removed", "INFO", "result", hidden, less, "field removed")
        yield Check(f"response-{need}-write-only-property-added", "INFO", "result", less, hidden, came)
        id_ = f"response-{need}-property-became"
        why = "responses no longer contain it"
        yield Check(f"{id_}-write-only", "INFO", "result", more, hidden, "field became write-only", BOTH, why)
        level = "WARN" if must else "INFO"
        why = "it is additional, and clients that do not use it are not affected" if must else ""
        yield Check(f"{id_}-not-write-only", level, "result", hidden, more, "field no longer write-only", why=why)
        value = _object(must, a=_S, b={**_S, "readOnly": True})
        yield Check(f"{id_}-read-only", "INFO", "result", more, value, "field became read-only")
        yield Check(f"{id_}-not-read-only", "INFO", "result", value, more, "field no longer read-only")
    for part, schema, level, breaks in (("", _S, "ERR", BOTH), ("write-only-", secret, "INFO", NOBODY)):
        free, must_ = _object(a=_S, b=schema), _object(("b",), a=_S, b=schema)
        yield Check(
            f"response-{part}property-became-optional", level, "result", must_, free, "field became optional", breaks
        )
        yield Check(f"response-{part}property-became-required", "INFO", "result", free, must_, "field became required")


# ── allOf, anyOf, oneOf ───────────────────────────────────────────────────────────────────────────────────


def _unions() -> Iterator[Check]:
    first, second = _object(a=_S), _object(("b",), b=_S)
    apart = "responses may have a form that the old document does not declare"
    whole = "responses lack the fields of that part: allOf is compared after merging"
    for side, part, place in (
        ("request", "body", "body"), ("request", "property", "property"), ("response", "body", "result"),
        ("response", "property", "field"),
    ):  # fmt: skip
        one, both = {"allOf": [first]}, {"allOf": [first, second]}
        sent = side == "request"
        word = "parameter" if (sent and part == "body") else "field"
        came, gone = f"required {word} added", f"{word} removed"
        id_ = f"{side}-{part}-all-of"
        yield Check(f"{id_}-added", "ERR" if sent else "INFO", place, one, both, came, BOTH if sent else NOBODY)
        yield Check(f"{id_}-removed", "WARN" if sent else "INFO", place, both, one, gone, BOTH, "" if sent else whole)
        for key in ("any", "one"):
            less, more = ({f"{key}Of": [_S, _I, *rest]} for rest in ([], [{"type": "boolean"}]))
            kind = "parameter" if sent else "result" if part == "body" else "field"
            id_ = f"{side}-{part}-{key}-of"
            level = "INFO" if sent or key == "any" else "ERR"
            why = "" if sent or level == "ERR" else apart
            yield Check(f"{id_}-added", level, place, less, more, f"{kind} widened", NOBODY if sent else BOTH, why)
            level = "ERR" if sent else "INFO"
            yield Check(f"{id_}-removed", level, place, more, less, f"{kind} narrowed", BOTH if sent else NOBODY)


def _pets(side: str, part: str, discriminator: Json) -> Json:
    """A document in which a cat or a dog is sent or answered."""
    kinds = {name: _object(("kind", "sort"), kind=_S, sort=_S, **{name.lower(): _S}) for name in ("Cat", "Dog", "Cub")}
    pet: Json = {"oneOf": [{"$ref": f"#/components/schemas/{name}"} for name in kinds]}
    if discriminator is not None:
        name, mapping = discriminator
        result = {value: f"#/components/schemas/{key}" for value, key in mapping.items()}
        pet["discriminator"] = {"propertyName": name, **({"mapping": result} if result else {})}
    whole = {"$ref": "#/components/schemas/Pet"}
    schema = whole if part == "body" else _object(pet=whole, z=_S)
    content = {"content": {"application/json": {"schema": schema}}}
    operation = _operation(responses={"200": {"description": "ok", **content}})
    if side == "request":
        operation = _operation(requestBody={"required": True, **content})
    method = "post" if side == "request" else "get"
    return {"components": {"schemas": {**kinds, "Pet": pet}}, "paths": {"/pets": {method: operation}}}


def _discriminators() -> Iterator[Check]:
    usual = {"cat": "Cat", "dog": "Dog", "cub": "Cub"}
    for side in ("request", "response"):
        sent = side == "request"
        other = (
            "the property now selects another kind, or none"
            if sent
            else "code that reads the property gets another kind, or none"
        )
        unknown = "responses may have a value that the old document does not declare"
        for verb, old, new, kind, breaks, why in (
            ("added", None, ("kind", usual), "discriminator", NOBODY, ""),
            ("removed", ("kind", usual), None, "discriminator", NOBODY, ""),
            ("property-name-changed", ("kind", usual), ("sort", usual), "changed", BOTH, other),
            ("mapping-added", ("kind", usual), ("kind", {**usual, "kitten": "Cat"}), "widened",
             NOBODY if sent else BOTH, "" if sent else unknown),
            ("mapping-deleted", ("kind", {**usual, "kitten": "Cat"}), ("kind", usual), "narrowed",
             BOTH if sent else NOBODY, "the value no longer selects a kind" if sent else ""),
            ("mapping-changed", ("kind", usual), ("kind", {**usual, "cub": "Dog", "dog": "Cub"}), "changed", BOTH,
             "the value selects another kind"),
        ):  # fmt: skip
            for part in ("body", "property"):
                id_ = f"{side}-{part}-discriminator-{verb}"
                word = "parameter" if sent else "result" if part == "body" else "field"
                yield Check(
                    id_,
                    "INFO",
                    "document",
                    _pets(side, part, old),
                    _pets(side, part, new),
                    f"{word} {kind}",
                    breaks,
                    why,
                )


# ── what has no counterpart ───────────────────────────────────────────────────────────────────────────────


def _absent() -> Iterator[Check]:
    sunset = "`x-sunset` is reported as the removal date; `diff` does not use the clock, so no date is too early"
    stability = "`x-stability-level` is not part of OpenAPI, and is not read"
    extensible = "`x-extensible-enum` is not part of OpenAPI, and is not read"
    unused = "unused elements are on no surface; a change to a used element is reported for the function"
    default = "a default in a response has no effect, and one of a whole response is not reported"
    for why, level, ids in (
        (sunset, "ERR", (
            "api-deprecated-sunset-parse", "api-deprecated-sunset-missing", "api-sunset-date-too-small",
            "api-path-sunset-parse", "api-sunset-date-changed-too-small",
            "request-parameter-deprecated-sunset-missing", "request-parameter-sunset-date-too-small",
            "request-parameter-sunset-parse",
        )),
        (stability, "ERR", ("api-stability-decreased", "api-invalid-stability-level")),
        (extensible, "ERR", (
            "request-parameter-x-extensible-enum-value-removed", "request-property-x-extensible-enum-value-removed",
        )),
        (unused, "INFO", (
            "api-schema-removed", "api-security-component-added", "api-security-component-removed",
            "api-security-component-oauth-scope-added", "api-security-component-oauth-scope-removed",
            "api-security-component-oauth-scope-changed",
        )),
        (default, "INFO", (
            "response-body-default-value-added", "response-body-default-value-removed",
            "response-body-default-value-changed",
        )),
    ):  # fmt: skip
        yield from (Check(id_, level, why=why) for id_ in ids)
