"""Credentials as they are shown in place of what is sent: the variable of the environment that each comes from."""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import quote

from ..credentials import SCHEMES
from .schemes import Requirement, Scheme, Security


class Shown(NamedTuple):
    """What a request is shown with."""

    headers: dict[str, str]
    cookies: tuple[str, ...]
    query: tuple[str, ...]
    certificate: tuple[str, ...]
    """The variables of a client certificate and of its key."""


def shown(security: Security, chosen: Requirement | None = None) -> Shown:
    """The placeholders of an alternative: of the one that was chosen, else of the first that needs a credential."""
    requirement = chosen if chosen is not None else next((each for each in security if each), ())
    by_key = {scheme.key: scheme for scheme in SCHEMES}
    headers: dict[str, str] = {}
    cookies, query = [], []
    certificate: tuple[str, ...] = ()
    for scheme in (by_key[key] for key, _ in requirement):
        if scheme.kind == "mutualTLS":
            certificate = tuple(f"${variable}" for part, variable in scheme.parts if part in ("certificate", "key"))
        elif scheme.location == "query":
            query.append(f"{quote(scheme.name, safe='')}={placeholder(scheme)}")
        elif scheme.location == "cookie":
            cookies.append(f"{scheme.name}={placeholder(scheme)}")
        else:
            headers[scheme.name] = f"{scheme.prefix} {placeholder(scheme)}".strip()
    return Shown(headers, tuple(cookies), tuple(query), certificate)


def placeholder(scheme: Scheme) -> str:
    """The variables of a scheme's secret."""
    variables = dict(scheme.parts)
    if scheme.kind in ("basic", "digest"):
        return f"${variables['username']}:${variables['password']}"
    return f"${variables['token']}"


def variables() -> tuple[str, ...]:
    """All that supply something, the longest first: one may begin as another does."""
    names = (variable for scheme in SCHEMES for _, variable in scheme.parts if variable)
    return tuple(sorted(names, key=lambda name: (-len(name), name)))
