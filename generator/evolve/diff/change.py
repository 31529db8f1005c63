"""A change and what it does: plain data that reports, changelog and tests read."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from ...places import Place

Action = Literal["added", "removed", "renamed", "changed", "prose"]
Outcome = Literal[
    "ok", "notice", "gone", "TypeError", "exit 2", "invalid_arguments", "refused", "policy", "confirmation", "no_token",
    "value", "ignored", "elsewhere", "page gone", "annotation",
]  # fmt: skip
"""What becomes of the old call.

ok: the same as before · notice: the same, with something to know · gone: its name is no longer there ·
TypeError, exit 2, invalid_arguments: refused before anything is sent · refused: sent, and the server says no ·
policy, confirmation: needs a permission it did not need · no_token: needs a token it did not need ·
value: it gives something that the old reader does not expect · ignored: an argument is taken, but not as it was meant ·
elsewhere: the address it names is no longer the API's · page gone: the page's address is gone ·
annotation: only a type checker, or code that names the class, notices.
"""

SURFACES = ("python", "cli", "mcp", "lua", "docs")
"""What a change is judged for, for those who generate again and then make the old call."""

Audience = Literal["regenerated", "deployed"]
AUDIENCES: tuple[Audience, ...] = ("regenerated", "deployed")
"""Whom a change is judged for.

regenerated: clients generated again from the new document, which call the new server · deployed: a client of any make that was
written for the old document and calls the new server. The old document is what it keeps to: it sends what that allowed,
and reads no more than that promised.
"""

PACKAGE = ("python", "cli", "mcp", "lua")
"""The surfaces that one version number speaks for."""

_HARMLESS = ("ok", "notice")


@dataclass(frozen=True, kw_only=True)
class Effect:
    """What a change does on one surface."""

    surface: str
    """One of SURFACES, or `deployed`."""
    outcome: Outcome
    text: str = ""
    """What a user of this surface sees; empty where they see nothing."""

    @property
    def breaking(self) -> bool:
        """Whether a call that worked no longer does what it did."""
        return self.outcome not in _HARMLESS


@dataclass(frozen=True, kw_only=True)
class Change:
    """One thing that is not as it was."""

    kind: str
    """What it is, without names: `parameter added`, `field removed` …"""
    action: Action
    subject: str
    """What it belongs to: a function (`pets.list`), a type (`Pet`), or the API's name."""
    name: str = ""
    """The part of it that changed: an argument, a field."""
    facet: str = ""
    """Of a type that is wider, narrower or another: in which respect (`max_length`, `values` …)."""
    before: str = ""
    after: str = ""
    place: Place | None = None
    """The place in the new input, or in the old one if it was removed."""
    gone: bool = False
    """Only the old input has it."""
    used_by: tuple[str, ...] = ()
    """For a type: the functions that take or give it."""
    effects: tuple[Effect, ...] = ()
    """One a surface, in the order of SURFACES: what those see who generate again."""
    deployed: Effect | None = None
    """What clients of the old document see; nothing where they are not looked at."""

    @property
    def where(self) -> str:
        """The place as file:line:column; empty where there is none."""
        return str(self.place or "")

    @property
    def breaking(self) -> bool:
        """Whether it breaks anybody it was judged for."""
        return bool(self.breaks)

    @property
    def breaks(self) -> tuple[Audience, ...]:
        """Whom it breaks, in the order of AUDIENCES."""
        return tuple(audience for audience in AUDIENCES if self.breaks_for(audience))

    def breaks_for(self, audience: Audience) -> bool:
        """Whether it breaks an audience; no where it was not judged for it."""
        if audience == "deployed":
            return self.deployed is not None and self.deployed.breaking
        return any(effect.breaking for effect in self.effects)

    @property
    def judged(self) -> tuple[Effect, ...]:
        """Every effect, that on deployed clients last."""
        return self.effects if self.deployed is None else (*self.effects, self.deployed)

    def effect(self, surface: str) -> Effect:
        """What it does on a surface. KeyError where it was not judged for it."""
        for effect in self.effects:
            if effect.surface == surface:
                return effect
        raise KeyError(surface)


@dataclass(frozen=True)
class Diff:
    """All changes between two APIs."""

    changes: tuple[Change, ...] = ()

    @property
    def breaking(self) -> bool:
        """Whether anything breaks anybody who is looked at."""
        return any(change.breaking for change in self.changes)

    def on(self, surfaces: tuple[str, ...], audiences: tuple[Audience, ...] = ("regenerated",)) -> Diff:
        """The same changes, as these surfaces and audiences see them; a change that none of them sees is left out.

        surfaces: of those who generate again.
        """
        shown = surfaces if "regenerated" in audiences else ()
        everybody = set(shown) == set(SURFACES) and set(audiences) == set(AUDIENCES)
        kept = []
        for change in self.changes:
            effects = tuple(effect for effect in change.effects if effect.surface in shown)
            looked = replace(change, effects=effects, deployed=change.deployed if "deployed" in audiences else None)
            if everybody or change.action == "prose" or any(effect.text for effect in looked.judged):
                kept.append(looked)
        return Diff(tuple(kept))
