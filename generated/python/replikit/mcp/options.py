"""What a server offers: settled when it starts, the same for every caller, since a list may not change on the way."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import cached_property
from typing import TYPE_CHECKING, Any

from ..functions import (
    FunctionInfo,
    Policy,
    PolicyError,
    UnknownFunctionError,
    all_functions,
    everything,
    find,
)
from ..runtime.decoding import SHOWN_DEPTH
from ..runtime.errors import ConfigError
from .limits import PAGE, Limits

if TYPE_CHECKING:
    from ..gateway.plan import Plan

MODES = ("tools", "code", "meta")


class OptionError(ValueError):
    """An option that names nothing; `hint` says what there is."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.hint = hint


@dataclass(frozen=True)
class Selected(Policy):
    """A policy for some of the functions: for the rest it is as if they were not there."""

    names: frozenset[str] = frozenset()
    added: Callable[[FunctionInfo], bool] = bool
    """Whether a selected function was added by a user: those are not read before they are needed."""

    def lists(self, info: FunctionInfo) -> bool:
        """Whether the server names the function."""
        return self._selects(info) and super().lists(info)

    def _selects(self, info: FunctionInfo) -> bool:
        return self.added(info) if info.own_schemas is not None else info.name in self.names

    def check(self, info: FunctionInfo) -> None:
        """Raise PolicyError where the function was not selected, or a class of it is not allowed."""
        if not self._selects(info):
            raise PolicyError(info.name, "not selected", "start it without --functions, --groups and --exclude")
        super().check(info)


@dataclass(frozen=True, kw_only=True)
class Options:
    """How a server was started."""

    mode: str = "tools"
    allowed: Policy = field(default_factory=Policy)
    functions: tuple[str, ...] = ()
    """Patterns of names; without any, all functions."""
    groups: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    added: bool = False
    """Whether what a user added is listed, too."""
    output_schemas: bool = False
    structured: bool = False
    """Whether log lines are JSON objects, those of each call among them."""
    page: int = PAGE
    """Bytes of a page of a list."""
    instead: str = ""
    """Why there are few tools where nobody chose a mode; empty where somebody did."""
    account: str = ""
    """The account that calls are made with where their callers bring no token; empty for the default one."""
    accounts: tuple[str, ...] = ()
    """Names of the accounts to choose from; empty where there is no choice."""
    tasks: bool = True
    """Whether calls may become tasks: not where several processes answer one host."""
    piped: bool = True
    """Whether there is one host, at the other end of a pipe."""
    apart: bool = True
    """Whether callers are authenticated, so that each may list its own jobs."""
    key: bytes = field(default_factory=lambda: os.urandom(32), repr=False, compare=False)
    """Of the seals of questions, the same in every process of a server."""
    limits: Limits = field(default_factory=Limits)
    """What it bears of its callers."""
    scripts: int = 4
    """Scripts that compute at one time."""
    scripts_alive: int = 32
    """Scripts under way at one time, each a process: those that compute and those that wait for the API."""
    scripts_waiting: int = 100
    """Scripts that wait to be begun."""
    script_limits: tuple[str, ...] = ()
    """Limits of a script and of a search, each as `NAME=NUMBER`."""
    gateway: Plan | None = None
    """The other APIs that are served beside this one; None for this one alone."""

    @cached_property
    def policy(self) -> Policy:
        """What may be called. OptionError for a pattern that matches nothing."""
        offered = all_functions("mcp")
        if not (self.functions or self.groups or self.exclude) and len(offered) == len(all_functions()):
            return self.allowed
        # Patterns may mean what was added: then it is read now.
        known = [*(everything("mcp") if self.added and (self.functions or self.groups) else offered).values()]
        chosen = {info.name for info in known} if not (self.functions or self.groups) else set()
        for pattern in self.functions:
            chosen |= _matched(pattern, known)
        for group in self.groups:
            chosen |= _grouped(group, known)
        for pattern in self.exclude:
            chosen -= _matched(pattern, known)
        granted, asking = self.allowed.allowed, self.allowed.asked
        return Selected(allowed=granted, asked=asking, names=frozenset(chosen), added=self._selects)

    def _selects(self, info: FunctionInfo) -> bool:
        """Whether a function that was added is one of those that the patterns say."""
        names = (info.name, *info.aliases)
        if any(fnmatchcase(name, pattern) for pattern in self.exclude for name in names):
            return False
        by_group = any(f"{info.group}.".startswith(f"{group}.") for group in self.groups)
        by_name = any(fnmatchcase(name, pattern) for pattern in self.functions for name in names)
        return by_group or by_name or not (self.functions or self.groups)

    @cached_property
    def listed(self) -> dict[str, FunctionInfo]:
        """The functions that the server names, by name, in order."""
        known = everything("mcp") if self.added else all_functions("mcp")
        return {name: info for name, info in known.items() if self.policy.lists(info)}

    @property
    def searched(self) -> dict[str, FunctionInfo]:
        """The functions that can be found, those that were added in the mean time among them."""
        try:
            known = everything("mcp")
        except ConfigError:
            return self.listed
        return {**self.listed, **{name: info for name, info in known.items() if self.policy.lists(info)}}

    @cached_property
    def query(self) -> int:
        """Longest search text, in characters."""
        from ..lua.limits import Limits as ScriptLimits

        return ScriptLimits().changed(self.script_limits).bounded().query

    @property
    def bounds(self) -> dict[str, Any]:
        """What the clients of a server are made with beside their tokens."""
        return {
            "deadline": self.limits.call,
            "max_response_bytes": self.limits.response,
            "max_depth": SHOWN_DEPTH,
        }

    @property
    def writes(self) -> bool:
        """Whether anything may be changed."""
        return "write" in self.policy.allowed | self.policy.asked

    @cached_property
    def reachable(self) -> Policy:
        """The policy once a user has consented."""
        return self.policy.granting(self.policy.asked)


def _matched(pattern: str, known: Iterable[FunctionInfo]) -> set[str]:
    names = {info.name for info in known if any(fnmatchcase(name, pattern) for name in (info.name, *info.aliases))}
    if not names:
        try:
            find(pattern, "mcp")
        except UnknownFunctionError as unknown:
            near = ", ".join(unknown.nearest) or "the command `functions` lists them"
            raise OptionError(f"no function matches {pattern[:80]!r}", near) from None
    return names


def _grouped(group: str, known: Iterable[FunctionInfo]) -> set[str]:
    groups = {info.group for info in known}
    names = {info.name for info in known if f"{info.group}.".startswith(f"{group}.")}
    if not names:
        raise OptionError(f"no group is named {group[:80]!r}", "the groups are " + ", ".join(sorted(groups - {""})))
    return names
