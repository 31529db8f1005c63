"""What one session may use: calls, bytes of their answers, money where it is known what something cost."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from .faults import MemberError

MOST_SESSIONS = 10_000
"""Sessions that are counted; of more, those that were not heard of for longest begin anew."""
_LARGEST = 10**12
"""Amounts from here on are taken for mistakes."""
_MOST_JOBS = 10_000
"""Jobs of a session that are known to be counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """What a session may use; None is no bound."""

    calls: int | None = None
    bytes: int | None = None
    money: Decimal | None = None


@dataclass(slots=True)
class _Used:
    calls: int = 0
    bytes: int = 0
    money: Decimal = Decimal()
    jobs: set[str] | None = None


class Budgets:
    """What each session has used."""

    def __init__(self, budget: Budget) -> None:
        self.budget = budget
        self._used: OrderedDict[str, _Used] = OrderedDict()
        self._lock = threading.Lock()

    def admit(self, session: str, billed: bool, *, counts: bool = True) -> None:
        """Counts a call, if it counts. MemberError where the session may make none, or none that costs."""
        most = self.budget
        with self._lock:
            used = self._of(session)
            if most.calls is not None and used.calls >= most.calls:
                raise _reached("calls", f"{used.calls} of {most.calls} calls are made")
            if most.bytes is not None and used.bytes >= most.bytes:
                raise _reached("bytes", f"{used.bytes:,} of {most.bytes:,} bytes were returned")
            if most.money is not None and billed and used.money >= most.money:
                raise _reached("money", f"{used.money} of {most.money} is spent")
            used.calls += counts

    def note(self, session: str, size: int, job: Any) -> None:
        """Counts an answer. job: the `id` and the `cost` of a job that has ended, which counts once."""
        known = job if isinstance(job, dict) else {}
        with self._lock:
            used = self._of(session)
            used.bytes += size
            name, cost = known.get("id"), _amount(known.get("cost"))
            seen = used.jobs = used.jobs if used.jobs is not None else set()
            if isinstance(name, str) and cost is not None and name not in seen and len(seen) < _MOST_JOBS:
                seen.add(name)
                used.money += cost

    def _of(self, session: str) -> _Used:
        usage = self._used.pop(session, None) or _Used()
        self._used[session] = usage
        while len(self._used) > MOST_SESSIONS:
            self._used.popitem(last=False)
        return usage


def _reached(what: str, text: str) -> MemberError:
    remedy = f"start a new session, or raise `budgets: {{{what}: …}}` in the gateway's configuration"
    return MemberError("budget", f"the session's budget is used up: {text}", remedy, budget=what)


def _amount(value: Any) -> Decimal | None:
    try:
        amount = Decimal(value) if isinstance(value, str) and len(value) <= 40 else None
    except InvalidOperation:
        return None
    return amount if amount is not None and amount.is_finite() and 0 <= amount < _LARGEST else None
