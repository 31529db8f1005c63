"""The host: all members behind one way in. It finds, judges, counts and asks; each member makes its own calls.

    mcp    cli    lua
       \\    |    /
          Host ──── rules, budgets
       /    |    \\
    package package upstream        a process each
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import Any, Self

from ..functions.wording import nearest
from ..functions.words import IDLE, of_question, words
from .budgets import Budget, Budgets
from .contract import Call, Record, plain
from .faults import MemberError, UnaskedError, envelope
from .members import LOOK, SPARE, START, Asked, Member
from .process import Tell
from .ranking import Ranking
from .rules import Decision, Rules

SECONDS = 300.0
"""Default seconds of a call."""
_OWN_SEARCH = 2.0
"""Seconds that all members' own searches may take together."""
_MOST_NEAR = 3
_LONGEST_COST = 200


@dataclass(frozen=True, slots=True)
class Caller:
    """The caller: a session, with tokens of its own for some APIs, or with the configured accounts."""

    session: str = ""
    tokens: Mapping[str, str] | None = None
    """API -> token. Where it is given, no account of the gateway's own is used."""


NOBODY = Caller()
"""A caller without a token: the person who runs the gateway."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A function that matched, and its member."""

    member: Member
    record: Record

    @property
    def name(self) -> str:
        """Its name among all members."""
        return f"{self.member.name}.{self.record.short or self.record.name}"

    @property
    def line(self) -> str:
        """The function on one line: its name, its classes other than read, its summary."""
        # What destroys writes.
        idle = ("read", "write") if "destructive" in self.record.classes else ("read",)
        classes = ", ".join(kind for kind in self.record.classes if kind not in idle)
        summary = " ".join((self.record.summary or self.record.title).split())[:200]
        return f"{self.name}{f' [{classes}]' if classes else ''}: {summary}"


@dataclass(frozen=True, slots=True)
class Wanted:
    """A call that a person is to say yes to."""

    hit: Hit
    classes: tuple[str, ...]
    """The classes to ask about."""
    arguments: Any

    @property
    def text(self) -> str:
        """The question in words."""
        shown = json.dumps(self.arguments, ensure_ascii=False, default=str)[:500]
        return f"{self.hit.name} is {' and '.join(self.classes)}. It would be called with {shown}. Go on?"


Ask = Callable[[Wanted], bool]
"""Whether a person says yes."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a call: its envelope, and the cursor of the next page."""

    envelope: dict[str, Any]
    next: str | None = None
    cost: str = ""
    """Of a dry run: what the call would cost, where its member knows."""
    content: tuple[Mapping[str, Any], ...] = ()
    """Of a tool of somebody else's: the blocks of its result that are no text."""


class Pending:
    """A pending call."""

    def __init__(
        self, host: Host, hit: Hit, asked: Asked, caller: Caller, seconds: float, *, counts: bool = True
    ) -> None:
        """counts: whether what comes of it is of the session's budget."""
        self.hit = hit
        self._host = host
        self._request = asked
        self._caller = caller
        self._seconds = seconds
        self._counts = counts

    def result(self) -> Outcome:
        """What came of it. Never raises for what a member does."""
        hit = self.hit
        try:
            outcome = self._request.result(self._seconds + SPARE)
            reported = outcome.get("envelope") if isinstance(outcome, dict) else None
            if not isinstance(reported, dict) or not isinstance(reported.get("success"), bool):
                raise MemberError("member", f"{hit.member.name} returned an invalid envelope")
        except MemberError as error:
            return Outcome(envelope(hit.name, error.error, hit.member.name))
        if self._counts:
            self._host.budgets.note(self._caller.session, len(json.dumps(reported)), outcome.get("job"))
        meta = reported.get("meta")
        made = {
            "function": hit.name,
            "success": reported["success"],
            "data": reported.get("data"),
            "error": reported.get("error") if not reported["success"] else None,
            "meta": {**(meta if isinstance(meta, dict) else {}), "api": hit.member.name},
            "duration_ms": reported.get("duration_ms", 0),
        }
        if not made["success"] and not isinstance(made["error"], dict):
            made["error"] = {"type": "member", "message": f"{hit.member.name} gave no reason", "retryable": False}
        following, cost, blocks = outcome.get("next"), outcome.get("cost"), outcome.get("content")
        return Outcome(
            made,
            following if isinstance(following, str) and following else None,
            cost[:_LONGEST_COST] if isinstance(cost, str) else "",
            tuple(each for each in blocks if isinstance(each, dict)) if isinstance(blocks, list) else (),
        )

    def cancel(self) -> None:
        """Takes it back."""
        self._request.cancel()


class Host:
    """All members."""

    def __init__(
        self,
        members: Iterable[Member],
        rules: Rules | None = None,
        budget: Budget | None = None,
        *,
        functions: Sequence[str] = (),
        exclude: Sequence[str] = (),
    ) -> None:
        """functions, exclude: patterns of names, each with its API's before it."""
        self.members = {member.name: member for member in members}
        self.rules = rules or Rules()
        self.budgets = Budgets(budget or Budget())
        self._functions = tuple(functions)
        self._exclude = tuple(exclude)
        self._ranking: tuple[frozenset[tuple[str, int]], Ranking] | None = None

    def start(self) -> Host:
        """Begins to load all of them, at once."""
        for member in self.members.values():
            member.begin()
        return self

    def settle(self, seconds: float = START + 1) -> Host:
        """Waits for all of them to be loaded, or for the time to be up: those that are late are there later."""
        end = time.monotonic() + seconds
        for member in self.members.values():
            member.wait(max(0.0, end - time.monotonic()))
        return self

    def close(self) -> None:
        """Ends all of them."""
        for member in self.members.values():
            with suppress(OSError):
                member.close()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # ── Finding ───────────────────────────────────────────────────────────────────────────────────────────

    @property
    def ready(self) -> list[Member]:
        """The members that are there."""
        return [member for member in self.members.values() if member.ready]

    def state(self) -> frozenset[tuple[str, int]]:
        """A value that changes whenever members or their functions change."""
        return frozenset((member.name, member.changes) for member in self.ready)

    def troubles(self) -> list[str]:
        """Problems of members, a sentence each."""
        return [f"{member.name}: {state}" for member in self.members.values() if (state := member.state)]

    def absent(self) -> list[str]:
        """Problems of members that have no functions now, a sentence each."""
        return [f"{member.name}: {member.state}" for member in self.members.values() if not member.ready]

    def functions(self, api: str = "") -> list[Hit]:
        """All functions, those of one API where it is named."""
        hits = (Hit(m, record) for m in self.ready if api in ("", m.name) for record in m.records.values())
        return [hit for hit in hits if self._selects(hit)]

    def _selects(self, hit: Hit) -> bool:
        if not (self._functions or self._exclude):
            return True
        api = hit.member.name
        names = {hit.name, *(f"{api}.{name}" for name in (hit.record.name, *hit.record.aliases))}
        if any(fnmatchcase(name, glob) for glob in self._exclude for name in names):
            return False
        return not self._functions or any(fnmatchcase(name, glob) for glob in self._functions for name in names)

    def find(self, name: str) -> Hit:
        """The function of a name: its API's, a point, and any of its own. MemberError for none, with the nearest.

        Without its API a name is found where one API alone has it.
        """
        member, own = self.member_of(name)
        if member is not None and own:
            if not member.ready:
                raise MemberError("unavailable", f"{member.name}: {member.state}", "use other APIs", retryable=True)
            if (record := member.find(own)) is not None and self._selects(hit := Hit(member, record)):
                return hit
        hits = [Hit(each, record) for each in self.ready if (record := each.find(name)) is not None]
        hits = [hit for hit in hits if self._selects(hit)]
        if len(hits) == 1:
            return hits[0]
        if hits:
            near = sorted(hit.name for hit in hits)
            raise MemberError("ambiguous", f"several APIs have {name[:80]!r}", f"use {' or '.join(near)}", nearest=near)
        api = member.name if member is not None else ""
        if api and not own:
            raise MemberError("not_found", f"{api} is an API", f"search with its name lists its functions: {api}.NAME")
        close = nearest(name, [hit.name for hit in self.functions(api)], _MOST_NEAR)
        hint = f"nearest: {', '.join(close)}" if close else f"search finds functions; the APIs are {self.names()}"
        raise MemberError("unknown_function", f"no function is named {name[:80]!r}", hint, nearest=list(close))

    def member_of(self, name: str) -> tuple[Member | None, str]:
        """The API that a name begins with, and the rest of the name."""
        parts = name.split(".")
        for count in (2, 1):
            member = self.members.get(".".join(parts[:count]))
            if member is not None:
                return member, ".".join(parts[count:])
        return None, name

    def names(self, most: int = 20) -> str:
        """The names of the APIs, as many as are worth telling."""
        names = list(self.members)
        if not names:
            return "none: name one with --with, --openapi or --trust, or in gateway.yaml"
        return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")

    def search(self, text: str, api: str = "") -> list[Hit]:
        """The functions that a text speaks of, the best first; all for a text that says nothing."""
        if not self.seeks(text):
            return self.functions(api)
        pending: dict[str, Asked] = {}
        for member in self.ready:
            if api in ("", member.name):
                with suppress(MemberError):
                    pending[member.name] = member.ask("search", {"text": text})
        first: dict[str, list[str]] = {}
        end = time.monotonic() + _OWN_SEARCH
        for name, question in pending.items():
            with suppress(MemberError):
                answer = question.result(max(0.0, end - time.monotonic()))
                names = answer.get("functions") if isinstance(answer, dict) else None
                first[name] = [each for each in names or () if isinstance(each, str)][:50]
        ranked = self._counted().found(text, first)
        hits = (Hit(self.members[key[0]], self.members[key[0]].records[key[1]]) for key in ranked)
        return [hit for hit in hits if api in ("", hit.member.name) and self._selects(hit)]

    def seeks(self, text: str) -> bool:
        """Whether a text says anything of what is looked for; `how do I` and `help` do not, unless a function does."""
        if not of_question(text):
            return False
        return not IDLE.issuperset(words(text)) or bool(self._counted().found(text, {}))

    def _counted(self) -> Ranking:
        there = self.state()
        if self._ranking is None or self._ranking[0] != there:
            rows = [(member.name, member.hello.title, member.records.values()) for member in self.ready]
            self._ranking = there, Ranking.of(rows)
        return self._ranking[1]

    def describe(self, name: str, part: str = "brief") -> Any:
        """What is known of a function: in `brief`, as a `page`, its `schema`, or `all`. MemberError where there is none."""
        hit = self.find(name)
        document = hit.member.look("describe", name=hit.record.name, part=part).get("document")
        if isinstance(document, dict) and part == "brief":
            document = {**document, "function": hit.name}
        return document

    # ── Calling ───────────────────────────────────────────────────────────────────────────────────────────

    def admit(self, hit: Hit, account: str, caller: Caller, ask: Ask | None, arguments: Any = None) -> Call:
        """What a call is made with. MemberError where it may not be made, UnaskedError where only a question would do."""
        call, decision = self._judged(hit, account, caller)
        if not decision.asked:
            return call
        if ask is None:
            text = f"{hit.name} is {decision.class_}, which needs confirmation, and there is nobody to ask"
            raise UnaskedError("policy", text, decision.remedy)
        if not ask(Wanted(hit, decision.asked, arguments)):
            raise MemberError("policy", f"{hit.name} was not confirmed", "do something else, or ask the user")
        return call

    def asks(self, hit: Hit, account: str = "", caller: Caller = NOBODY) -> tuple[str, ...]:
        """The classes that somebody must say yes to before a call. MemberError where it may not be made at all."""
        return self._judged(hit, account, caller)[1].asked

    def _judged(self, hit: Hit, account: str, caller: Caller) -> tuple[Call, Decision]:
        """The options of a call, and the decision about it. Raises MemberError if it may not be made."""
        api = hit.member.name
        tokens = caller.tokens
        chosen = account or hit.member.account
        if tokens is not None:
            if account:
                raise MemberError(
                    "account", "accounts belong to the gateway: a caller sends its own token for each API"
                )
            chosen = ""
            if api not in tokens and hit.member.needs_token:
                header = f"X-{hit.member.name.replace('_', '-').title()}-Authorization"
                raise MemberError("authentication", f"no token was sent for {api}", f"send {header}: Bearer TOKEN")
        elif account and account not in ("default", *hit.member.hello.accounts):
            near = ", ".join(hit.member.hello.accounts) or "none"
            raise MemberError("account", f"{api} has no account {account[:64]!r}", f"its accounts are {near}")
        decision = self.rules.decide(api, chosen, hit.record)
        if decision.answer == "deny":
            raise MemberError("policy", f"{hit.name} is {decision.class_}, which is not allowed here", decision.remedy)
        # By the name that the gateway has for it: what a member says of itself gets it nobody's token.
        token = tokens.get(api, "") if tokens is not None else ""
        named = "" if chosen == "default" else chosen
        return Call(name=hit.record.name, account=named, token=token, allowed=decision.allowed), decision

    def begin(
        self,
        hit: Hit,
        arguments: Mapping[str, Any],
        *,
        caller: Caller = NOBODY,
        account: str = "",
        dry_run: bool = False,
        cursor: str = "",
        lua: bool = False,
        wait: float = 0.0,
        seconds: float = SECONDS,
        ask: Ask | None = None,
        tell: Tell | None = None,
        trial: bool = False,
    ) -> Pending:
        """A call on its way. MemberError where it may not be made.

        wait: seconds that a job which the call gets is waited for.
        trial: a dry run before a question: it is refused where the call would be, and is not counted.
        """
        dry_run = dry_run or trial
        if wait and not (hit.record.type == "read" and hit.record.job):
            raise MemberError("invalid_arguments", f"wait: {hit.name} does not return a job")
        call = self.admit(hit, account, caller, (lambda _: True) if dry_run else ask, arguments)
        billed = "billed" in hit.record.classes and (trial or not dry_run)
        self.budgets.admit(caller.session, billed, counts=not trial)
        call = replace(call, arguments=arguments, dry_run=dry_run, cursor=cursor, lua=lua, seconds=seconds, wait=wait)
        params = {**plain(call), "progress": tell is not None}
        return Pending(self, hit, hit.member.ask("call", params, tell), caller, seconds, counts=not trial)

    def follow(
        self,
        member: Member,
        params: Mapping[str, Any],
        *,
        caller: Caller = NOBODY,
        account: str = "",
        seconds: float = SECONDS,
        tell: Tell | None = None,
    ) -> Pending:
        """A job that is waited for. MemberError where it may not be. params: `job`, `of` and `cancel` of the contract."""
        cancels = params.get("cancel") is True
        classes = ("read", "write") if cancels else ("read",)
        hit = Hit(member, Record(name="wait", short="wait", type="write" if cancels else "read", classes=classes))
        call = replace(self.admit(hit, account, caller, None), seconds=seconds)
        self.budgets.admit(caller.session, False)
        return Pending(self, hit, member.ask("wait", {**plain(call), **params}, tell), caller, seconds)

    def run(
        self,
        member: Member,
        reference: str,
        given: Any,
        *,
        caller: Caller = NOBODY,
        account: str = "",
        seconds: float = SECONDS,
    ) -> Pending:
        """The output of a reference. The member decides which call it becomes, so all of them must be allowed."""
        starting = [record for record in member.records.values() if record.job and "billed" in record.classes]
        if not starting or "run" not in member.hello.methods:
            raise MemberError("unknown_function", f"{member.name} has no command that runs a reference")
        calls = [self.admit(Hit(member, record), account, caller, None) for record in starting]
        self.budgets.admit(caller.session, True)
        call = replace(
            calls[0], name="run", allowed=tuple({c for each in calls for c in each.allowed}), seconds=seconds
        )
        hit = Hit(member, Record(name="run", short="run"))
        params = {**plain(call), "reference": reference, "input": given}
        return Pending(self, hit, member.ask("run", params), caller, seconds)

    def call(self, name: str, arguments: Mapping[str, Any], **options: Any) -> Outcome:
        """What comes of a call; options as of `begin`. Never raises for what a name, a policy or a member does."""
        try:
            return self.begin(self.find(name), arguments, **options).result()
        except MemberError as error:
            return Outcome(envelope(name[:200], error.error))

    def health(self) -> list[dict[str, Any]]:
        """How each member is."""
        rows = []
        for member in self.members.values():
            row = {"api": member.name, "kind": member.kind, "ok": member.ready, "functions": len(member.records)}
            row |= {"title": member.hello.title, "version": member.hello.version, "found": member.state}
            if member.ready:
                try:
                    reported = member.ask("health", {}).result(LOOK)
                    known = reported if isinstance(reported, dict) else {}
                    row |= {"ok": known.get("ok") is True, "found": str(known.get("found", ""))[:500]}
                except MemberError as error:
                    unknown = error.error["type"] == "unknown_method"
                    row |= {"ok": unknown, "found": "does not say how it is" if unknown else str(error)}
            rows.append(row)
        return rows
