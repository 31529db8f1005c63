"""Security schemes and requirements: which schemes a surface can use, and what of them each function requires.

A requirement is an OR of ANDs (OAS 3.2.1, Security Requirement Object). What cannot be sent is taken out of it and
entered in the ledger; the alternatives that are left are in the document's order.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice, product
from typing import Any
from urllib.parse import urlsplit

from .. import names
from ..errors import Finding, SpecError
from ..ir import Flow, Function, Need, Requirement, Scheme, Security, Words
from ..names import words
from ..read import catalog as catalogs
from ..read import urls
from ..read.catalog_model import FunctionEntry
from ..read.openapi import Operation
from ..read.source import Node
from ..text import seen
from .context import Context

VARIABLES = ("CONFIG", "ACCOUNT", "HTTP", "LOG", "WEBHOOK_SECRET", "MCP_SECRET")
"""The ends of the environment variables that every package reads."""
OPTION = "option"
"""The key of the scheme that an option of the generator describes."""
_PLACES = ("header", "query", "cookie")
_CHALLENGED = frozenset(("hoba", "mutual", "negotiate", "scram-sha-1", "scram-sha-256", "privatetoken", "dpop"))
"""HTTP schemes whose credentials answer a challenge of the server or sign the request."""
_FLOWS = ("authorizationCode", "deviceAuthorization", "clientCredentials", "password", "implicit")
_LOOPBACK = frozenset(("localhost", "127.0.0.1", "::1"))
_MOST_ALTERNATIVES = 16
"""That are made of one."""
_RESERVED = frozenset(
    (
        "account",
        "api_token",
        "base_url",
        "bearer_token",
        "deadline",
        "headers",
        "http_client",
        "max_depth",
        "max_empty_pages",
        "max_pages",
        "max_response_bytes",
        "max_retries",
        "proxy",
        "retries",
        "self",
        "timeout",
        "token",
        "transport",
    )
)
"""Arguments of every client."""


def schemes(context: Context) -> dict[str, Scheme]:
    """The schemes that can be used: the document's, the catalog's, and the one of the generator's option."""
    components = context.document.root.get("components")
    declared = components.get("securitySchemes") if components else None
    result = {key: context.document.follow(node) for key, node in declared.items()} if declared else {}
    text = context.catalog.auth if context.catalog else None
    own = text.at.get("schemes") if text else None
    result |= dict(own.items()) if own else {}
    made = {key: scheme for key, node in result.items() if (scheme := _scheme(context, key, node)) is not None}
    if context.auth and context.auth not in made:
        made[OPTION] = _from_option(context.auth, made)
    return made


def _from_option(text: str, known: dict[str, Scheme]) -> Scheme:
    """The scheme that an option describes: bearer, basic, or a place and a name. SpecError."""
    place, _, name = text.partition(":")
    if text in ("bearer", "basic"):
        return _http(OPTION, text, "")
    if place in _PLACES and name and (place == "query" or urls.is_token(name)):
        return Scheme(key=OPTION, words=words(name), kind="apiKey", location=place, name=name)  # type: ignore[arg-type]
    schemes = f", or one of the document's schemes: {', '.join(known)}" if known else ""
    raise SpecError.of(
        [Finding("--auth", f"{text!r} is not an authentication method", f"use bearer, basic, header:NAME, query:NAME or cookie:NAME{schemes}")]
    )  # fmt: skip


def _scheme(context: Context, key: str, node: Node) -> Scheme | None:
    """A scheme of the document; None, with an entry in the ledger, where no surface can use it."""
    kind, text = node.text("type"), seen(node.text("description") or node.text("bearerFormat"))
    shown = f"the security scheme {key[:80]!r}"
    if kind == "http" and urls.is_token(node.text("scheme")):
        scheme = node.text("scheme")
        if scheme.lower() in _CHALLENGED:
            reason = f"{shown} is a challenge-response scheme: the caller's value is sent after {scheme!r} unchanged"
            context.lose(node, "degraded", reason)
        return _http(key, scheme, text)
    if kind == "apiKey" and node.text("in") in _PLACES and node.text("name"):
        place, name = node.text("in"), node.text("name")
        if place != "query" and not urls.is_token(name):
            context.lose(node, "dropped", f"{shown} is not used: {name[:80]!r} is not a valid {place} name")
            return None
        return Scheme(key=key, words=words(key), kind="apiKey", location=place, name=name, description=text)  # type: ignore[arg-type]
    if kind == "oauth2":
        flows = tuple(_flows(context, node, shown))
        return Scheme(key=key, words=words(key), kind="oauth2", prefix="Bearer", description=text, flows=flows)
    if kind == "openIdConnect":
        url = node.text("openIdConnectUrl")
        if problem := _endpoint_problem(url):
            context.lose(
                node, "degraded", f"{shown}: its openIdConnectUrl {problem}; a token is accepted, but not fetched"
            )
            url = ""
        return Scheme(
            key=key, words=words(key), kind="openIdConnect", prefix="Bearer", description=text, openid_url=url
        )
    if kind == "mutualTLS":
        return Scheme(key=key, words=words(key), kind="mutualTLS", location="", name="", description=text)
    what = f"{kind} {node.text('scheme') or node.text('in')}".strip()
    context.lose(node, "dropped", f"{shown} ({what}) is not supported")
    return None


def _http(key: str, scheme: str, text: str) -> Scheme:
    lower = scheme.lower()
    kind: Any = lower if lower in ("basic", "bearer", "digest") else "http"
    prefix = lower.capitalize() if kind == lower else scheme
    return Scheme(key=key, words=words(scheme if key == OPTION else key), kind=kind, prefix=prefix, description=text)


def _flows(context: Context, node: Node, shown: str) -> Iterator[Flow]:
    """The ways to a token, those that a client can go first."""
    offered = node.get("flows")
    for kind in _FLOWS:
        flow = offered.get(kind) if offered else None
        if flow is None:
            continue
        values = {
            "authorization_url": flow.text("authorizationUrl"),
            "device_url": flow.text("deviceAuthorizationUrl"),
            "token_url": flow.text("tokenUrl"),
            "refresh_url": flow.text("refreshUrl"),
        }
        wrong = {name: problem for name, url in values.items() if url and (problem := _endpoint_problem(url))}
        for name, problem in wrong.items():
            context.lose(flow, "dropped", f"{shown}: its {name.replace('_', ' ')} {problem}")
        if kind == "implicit":
            where = f" at {flow.text('authorizationUrl')[:200]}" if "authorization_url" not in wrong else ""
            reason = f"{shown}: a token of its implicit flow is obtained in a browser{where} and pasted"
            context.lose(flow, "kept", reason)
        scopes = flow.get("scopes")
        messages = tuple((scope, seen(str(text.value))) for scope, text in scopes.items()) if scopes else ()
        yield Flow(kind=kind, scopes=messages, **{k: v for k, v in values.items() if k not in wrong})  # type: ignore[arg-type]


def _endpoint_problem(url: str) -> str:
    """Why nothing is sent to an endpoint that receives secrets; empty where it is https, of the loopback, or relative."""
    if problem := urls.server_problem(url.partition("?")[0]):
        return f"{problem[0]}: {problem[1]}"
    parts = urlsplit(url)
    if parts.scheme == "http" and parts.hostname not in _LOOPBACK:
        return "is not https, so no secret is sent to it"
    return ""


def security(context: Context, operation: Operation, function_entry: FunctionEntry | None) -> Security:
    """What an operation requires: by the catalog's word of it, its own, the catalog's, and the document's."""
    catalog = context.catalog.auth if context.catalog else None
    if function_entry is not None and function_entry.auth is not None:
        node: Node | None = function_entry.node("auth")
    elif operation.security is not None:
        node = operation.security
    elif catalog is not None and catalog.security is not None:
        node = catalog.node("security")
    else:
        node = context.document.root.get("security")
    if node is None and context.auth:
        return ((Need(scheme=context.auth if context.auth in context.schemes else OPTION),),)
    return _security(context, node) if node is not None else ()


def _security(context: Context, node: Node) -> Security:
    result: dict[Requirement, None] = {}
    listed = list(node.elements())
    for each in listed:
        requirement = _requirement(context, each)
        if requirement is not None:
            result.update(dict.fromkeys(_apart_by_place(context, each, requirement)))
    if listed and not result:
        context.lose(node, "degraded", "no alternative is supported: calls are sent without a credential")
    return tuple(result)


def _requirement(context: Context, node: Node) -> Requirement | None:
    """One alternative; None, with an entry in the ledger, where one of its schemes cannot be used."""
    needs = []
    for key, scopes in node.items():
        if key not in context.schemes:
            if node.source is not context.document.root.source and context.catalog is not None:
                hint = catalogs.nearest(key, context.schemes)
                context.findings.append(Finding(scopes.place, f"there is no security scheme {key!r}", hint))
            else:
                context.lose(node, "dropped", f"this alternative needs the scheme {key[:80]!r}, which cannot be used")
            return None
        needs.append(Need(scheme=key, scopes=tuple(str(scope.value) for scope in scopes.elements())))
    return tuple(needs)


def _apart_by_place(context: Context, node: Node, requirement: Requirement) -> list[Requirement]:
    """The requirement; where several of its schemes travel in one place, an alternative with each of those."""
    places: dict[tuple[str, str], list[Need]] = {}
    for need in requirement:
        scheme = context.schemes[need.scheme]
        places.setdefault((scheme.location, scheme.name.lower() or need.scheme), []).append(need)
    shared = [context.schemes[needs[0].scheme].name for needs in places.values() if len(needs) > 1]
    if not shared:
        return [requirement]
    where = " and ".join(shared)[:80]
    context.lose(node, "degraded", f"two schemes that are required together both use {where}: only one of them is sent")
    return [tuple(each) for each in islice(product(*places.values()), _MOST_ALTERNATIVES)]


def common(context: Context, functions: Sequence[Function]) -> Security:
    """What requests that no description has require: what most functions do, the document's word going first."""
    counted = Counter(function.security for function in functions)
    return max(counted, key=lambda each: (counted[each], bool(each)), default=())


def used(
    context: Context, functions: Sequence[Function], prefix: str, token_env: str, taken: Sequence[str]
) -> tuple[Scheme, ...]:
    """The schemes that some function requires, those that the document requires of all calls first, with the variables that supply each.

    prefix: what the variables begin with. token_env: the variable of the first one's token. taken: those of others.
    """
    counted: dict[str, float] = {}
    for function in functions:
        for number, each in enumerate(function.security):
            for need in each:
                counted[need.scheme] = counted.get(need.scheme, 0) + 1 / (number + 1)
    components = context.document.root.get("components")
    declared = components.get("securitySchemes") if components else None
    for key, node in declared.items() if declared else ():
        if key in context.schemes and key not in counted:
            reason = f"no operation requires the security scheme {key[:80]!r}: it is never sent; `auth` of the catalog"
            context.lose(node, "dropped", f"{reason} or --auth can require it")
    root = context.document.root.get("security")
    first = [key for each in (root.elements() if root else ()) for key, _ in each.items()]
    order = [*first, *context.schemes]

    def rank(key: str) -> tuple[bool, bool, float, int]:
        """What takes a token goes first, then what the document requires of all calls, then what most calls require."""
        common = key in first
        return context.schemes[key].kind == "mutualTLS", not common, 0 if common else -counted[key], order.index(key)

    keys = sorted(counted, key=rank)
    spoken, names_taken = set(taken), set(_RESERVED)
    results: list[Scheme] = []
    for key in keys:
        scheme = context.schemes[key]
        for own in _apart(scheme):
            own_scheme = not results and scheme.kind != "mutualTLS"
            parts = _parts(
                scheme,
                prefix if own_scheme else f"{prefix}_{names.CONSTANT.spell(own)}",
                token_env if own_scheme else "",
            )
            argument = str(names.PYTHON.spell(own))
            if argument not in names_taken and not spoken & {variable for _, variable in parts}:
                break
        spoken |= {variable for _, variable in parts}
        names_taken.add(argument)
        results.append(replace(scheme, words=own, parts=parts))
    return tuple(results)


def _apart(scheme: Scheme) -> Iterator[Words]:
    """Names for a scheme until one is free: its own, with its place or kind, with its key's number among equals."""
    yield scheme.words
    more = (*words(scheme.location), "key") if scheme.kind == "apiKey" else words(scheme.kind)
    longer = scheme.words if scheme.words[-len(more) :] == more else (*scheme.words, *more)
    yield longer
    number = 2
    while True:
        yield (*longer, str(number))
        number += 1


def _parts(scheme: Scheme, stem: str, token: str) -> tuple[tuple[str, str], ...]:
    """What a caller gives of a scheme, and the variable of each."""
    if scheme.kind == "mutualTLS":
        key = f"{stem}_CERTIFICATE_KEY"
        return ("certificate", f"{stem}_CERTIFICATE"), ("key", key), ("key_password", f"{key}_PASSWORD")
    listed: tuple[str, ...] = ()
    if scheme.kind in ("basic", "digest"):
        listed = ("username", "password")
    elif scheme.kind in ("oauth2", "openIdConnect"):
        password = ("username", "password") if any(flow.kind == "password" for flow in scheme.flows) else ()
        fetched = scheme.openid_url or any(flow.token_url for flow in scheme.flows)
        listed = ("client_id", "client_secret", "refresh_token", *password) if fetched else ()
    return (("token", token or stem), *((part, f"{stem}_{part.upper()}") for part in listed))
