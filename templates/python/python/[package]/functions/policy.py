"""Permissions: some classes of functions are allowed; anything else is refused, and the error says how to allow it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from .. import about
from .info import FunctionInfo

EXTRA = ("billed", "destructive", "secret")
CLASSES = ("read", "write", *EXTRA)
PERSON: Mapping[str, str] = {
    "read": "allow",
    "write": "allow",
    "billed": "allow",
    "destructive": "ask",
    "secret": "allow",
}
"""The default for a person: everything is allowed, but destructive calls ask first."""

AS_A_TOOL = "call it as a tool, and not from a script: then its user is asked"
"""How to call what a script may not call without a question."""


class PolicyError(Exception):
    """A function needs a class that is not allowed; `remedy` tells how to allow it."""

    def __init__(self, function: str, policy_class: str, remedy: str) -> None:
        self.function = function
        self.policy_class = policy_class
        self.remedy = remedy
        super().__init__(f"{function} is {policy_class}, which is not allowed here")


@dataclass(frozen=True)
class Policy:
    """The classes that may be called."""

    allowed: frozenset[str] = frozenset({"read"})
    asked: frozenset[str] = frozenset()
    """Classes that need a confirmation; until then they are refused."""
    account: str | None = None
    """The account whose permissions these are; None for a gateway's."""

    @classmethod
    def person(cls, permissions: Mapping[str, str], account: str = "") -> Policy:
        """The policy of a person at a command line: class -> allow, ask or deny; PERSON by default."""
        answers = {**PERSON, **permissions}

        def classes(answer: str) -> frozenset[str]:
            return frozenset(name for name in CLASSES if answers[name] == answer)

        return cls(classes("allow"), classes("ask"), account)

    @classmethod
    def everything(cls) -> Policy:
        """The policy of a person who knows what they type."""
        return cls(frozenset(CLASSES))

    @classmethod
    def gateway(cls, write: bool = False, allow: Iterable[str] = (), ask: Iterable[str] = ()) -> Policy:
        """The policy of `--write=allow`, `--allow billed,destructive,secret` and `--ask` the same.

        Raises ValueError for an unknown class, and for one in both options. `all` in one of them leaves out what the
        other names.
        """
        allowed, asked = _named(allow), _named(ask)
        if both := allowed & asked:
            raise ValueError(f"{min(both)} is either allowed or asked for")
        if "all" in allowed:
            allowed |= {*EXTRA} - asked
        if "all" in asked:
            asked |= {*EXTRA} - allowed
        granted = {"read", *(["write"] if write else []), *allowed} - {"all"}
        return cls(frozenset(granted), frozenset(asked - {"all"}))

    def asks(self, info: FunctionInfo) -> tuple[str, ...]:
        """The classes of the function that need a confirmation."""
        return tuple(name for name in info.classes if name in self.asked and name not in self.allowed)

    def granting(self, classes: Iterable[str]) -> Policy:
        """This policy with these classes confirmed."""
        return replace(self, allowed=self.allowed | set(classes))

    def lists(self, info: FunctionInfo) -> bool:
        """Whether a gateway names the function at all: a matter of write alone, so that refusals can teach."""
        return info.type in self.allowed | self.asked

    def check(self, info: FunctionInfo) -> None:
        """Raise PolicyError for the first class of the function that is not allowed, with what allows them all."""
        refused = [needed for needed in info.classes if needed not in self.allowed]
        if refused:
            raise PolicyError(info.name, refused[0], self._remedy(refused))

    def _remedy(self, refused: Sequence[str]) -> str:
        if self.account is None and self.asked.issuperset(refused):
            return AS_A_TOOL
        if self.account is None:
            flags = ["--write=allow"] if "write" in refused else []
            extra = ",".join(needed for needed in refused if needed in EXTRA)
            return "start it with " + " ".join([*flags, *([f"--allow {extra}"] if extra else [])])
        denied = [needed for needed in refused if needed not in self.asked]
        if not denied:
            return "repeat the command with --yes"
        account = f" --account {self.account}" if self.account else ""
        sets = "; ".join(f"{about.COMMAND} config set permissions.{needed} allow{account}" for needed in denied)
        return f"{sets}, or --force for this call alone"


def _named(items: Iterable[str]) -> set[str]:
    """The classes of `--allow a,b --allow c`. Raises ValueError for an unknown class."""
    named = {part.strip() for item in items for part in item.split(",")} - {""}
    unknown = named - {"all", *EXTRA}
    if unknown:
        raise ValueError(f"no policy class is called {min(unknown)!r}: billed, destructive, secret or all")
    return named
