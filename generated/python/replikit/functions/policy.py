"""Who may call what: a set of classes is allowed, everything else is refused with the way to allow it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from .info import FunctionInfo

CLASSES = ("read", "write", "billed", "destructive", "secret")


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

    @classmethod
    def everything(cls) -> Policy:
        """The policy of a person who knows what they type."""
        return cls(frozenset(CLASSES))

    @classmethod
    def gateway(cls, write: bool = False, allow: Iterable[str] = ()) -> Policy:
        """The policy of `--write=allow` and `--allow billed,destructive,secret`. ValueError for another class."""
        named = {part.strip() for item in allow for part in item.split(",")} - {""}
        unknown = named - {"all", "billed", "destructive", "secret"}
        if unknown:
            raise ValueError(f"no policy class is called {min(unknown)!r}: billed, destructive, secret or all")
        extra = {"billed", "destructive", "secret"} if "all" in named else named
        return cls(frozenset({"read", *(["write"] if write else []), *extra}))

    def lists(self, info: FunctionInfo) -> bool:
        """Whether a gateway names the function at all: a matter of write alone, so that refusals can teach."""
        return info.type in self.allowed

    def check(self, info: FunctionInfo) -> None:
        """Raise PolicyError for the first class of the function that is not allowed."""
        for needed in info.classes:
            if needed not in self.allowed:
                flag = "--write=allow" if needed == "write" else f"--allow {needed}"
                raise PolicyError(info.name, needed, f"start it with {flag}")
