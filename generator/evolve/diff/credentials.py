"""What a call needs to be let in: schemes, how their credential is sent, and what each function requires."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property

from ...ir import Api, Function, Scheme
from .change import Action
from .facts import Fact, joined, of_function

_ADDRESSES = ("authorization_url", "device_url", "token_url", "refresh_url")


class Credentials:
    """Those of two APIs."""

    def __init__(self, old: Api, new: Api, together: bool) -> None:
        """together: all functions came to need a credential, or none needs one any more; it is reported once, for the API."""
        self.old, self.new, self.together = old, new, together

    @cached_property
    def renamed(self) -> Mapping[str, str]:
        """The key in the new API of each old scheme that is there still: its own, or that of the one that took its place."""
        mine, theirs = {each.key for each in self.old.schemes}, {each.key for each in self.new.schemes}
        result = {key: key for key in mine & theirs}
        for scheme in self.old.schemes:
            alike = [
                each.key for each in self.new.schemes if each.key not in mine and _travels(each) == _travels(scheme)
            ]
            if scheme.key not in theirs and len(alike) == 1 and alike[0] not in result.values():
                result[scheme.key] = alike[0]
        return result

    def of_api(self) -> Iterator[Fact]:
        """What changed about the schemes."""
        if self.together and bool(self.old.schemes) != bool(self.new.schemes):
            action: Action = "added" if self.new.schemes else "removed"
            before, after = (joined(map(_travels, api.schemes[:1])) or "none" for api in (self.old, self.new))
            yield Fact(kind=f"security {action}", action=action, subject=self.old.name, before=before, after=after)
        theirs = {scheme.key: scheme for scheme in self.new.schemes}
        for scheme in self.old.schemes:
            if (other := theirs.get(self.renamed.get(scheme.key, ""))) is None:
                continue
            before, after = _travels(scheme), _travels(other)
            if before != after:
                values = [[part for part, _ in each.parts] for each in (scheme, other)]
                kind = "security changed" if values[0] == values[1] else "credential changed"
                yield Fact(kind=kind, action="changed", subject=self.old.name, before=before, after=after)
            yield from self._addresses(scheme, other)

    def _addresses(self, scheme: Scheme, other: Scheme) -> Iterator[Fact]:
        """Where clients ask for tokens, and people sign in."""
        if scheme.openid_url and other.openid_url != scheme.openid_url:
            yield self._moved("openid_url", scheme.openid_url, other.openid_url)
        theirs = {flow.kind: flow for flow in other.flows}
        for flow in scheme.flows:
            if other.flows and flow.kind not in theirs:
                kind = "implicit flow removed" if flow.kind == "implicit" else "token flow removed"
                left = joined(sorted(theirs))
                yield Fact(kind=kind, action="removed", subject=self.old.name, before=flow.kind, after=left)
            for field in _ADDRESSES:
                before, after = getattr(flow, field), getattr(theirs.get(flow.kind, flow), field)
                if before and before != after:
                    yield self._moved(field, before, after)

    def _moved(self, field: str, before: str, after: str) -> Fact:
        kind = "token address changed"
        return Fact(
            kind=kind, action="changed", subject=self.old.name, name=field, before=before, after=after or "none"
        )

    def of_function(self, old: Function, new: Function) -> Iterator[Fact]:
        """What changed about what a function requires."""
        if old.anonymous != new.anonymous:
            if not self.together:
                action: Action = "removed" if new.anonymous else "added"
                yield of_function(f"security {action}", action, old, new, "", "")
        elif not old.anonymous and self._needs(old, True) != self._needs(new):
            kind = "requirement eased" if self._eased(old, new) else "requirement changed"
            yield of_function(kind, "changed", old, new, _required(old), _required(new))

    def _needs(self, function: Function, old: bool = False) -> list[set[tuple[str, str]]]:
        """Each alternative as its schemes, by their keys in the new API, with their scopes."""
        keys = self.renamed if old else {}
        return [
            {(keys.get(need.scheme, need.scheme), scope) for need in each for scope in ("", *need.scopes)}
            for each in function.security
        ]

    def _eased(self, old: Function, new: Function) -> bool:
        """Whether whoever has what an old alternative needs has all that some new one does."""
        after = self._needs(new)
        return all(any(now <= before for now in after) for before in self._needs(old, True))


def _travels(scheme: Scheme) -> str:
    """How the credential of a scheme is sent."""
    kind = scheme.location if scheme.kind == "apiKey" else scheme.kind if scheme.kind != "http" else scheme.prefix
    kind = "bearer" if kind in ("oauth2", "openIdConnect") else kind
    return f"{kind} {scheme.name}".strip()


def _required(function: Function) -> str:
    """What a call of it requires."""
    shown = [
        " and ".join(" ".join((need.scheme, *need.scopes)) for need in requirement) for requirement in function.security
    ]
    return " or ".join(shown)
