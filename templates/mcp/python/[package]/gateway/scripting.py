"""Lua scripts over all members: what they reach, and who answers them.

app.integrations.API.FUNCTION{…}      a package's function
app.mcp.SERVER.TOOL{…}                an upstream server's tool
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

from ..functions import Policy
from ..lua.bridge import Answer, Bridge
from ..lua.envelope import Event
from ..lua.envelope import Record as ScriptRecord
from ..lua.limits import remedy
from .faults import MemberError, UnaskedError
from .host import NOBODY, Caller, Hit, Host, Outcome, Pending
from .members import Member

EAGER = 200
"""Functions of an API whose names a script has from the start; those of a larger one are looked up as it names them."""
SERVERS = "mcp."
"""What names of upstream servers begin with."""
_MOST_LISTED = 2_000
_LONGEST_NAME = 80
_READ = ("name", "title", "type", "classes", "summary", "description", "input_schema", "examples")


class Reaching:
    """What the scripts of one caller reach."""

    def __init__(self, host: Host, caller: Caller = NOBODY, account: str = "", elsewhere: str = "") -> None:
        """elsewhere: where calls can be made that somebody is to be asked about; a script cannot ask."""
        self.host = host
        self.elsewhere = elsewhere
        self.caller = caller
        self.account = account
        """What calls are made with that name none."""

    def settings(self) -> dict[str, Any]:
        """What the child needs to know."""
        return {"name": "gateway", "apis": [self._api(member) for member in self.host.members.values()]}

    def bridge(self, record: ScriptRecord, deadline: float, tell: Callable[[Event], None]) -> Bridge:
        """What answers a script's questions."""
        return HostBridge(self, record, deadline, tell)

    def _api(self, member: Member) -> dict[str, Any]:
        few = len(member.records) <= EAGER
        known = [{"name": each.short, "aliases": list(each.aliases)} for each in member.records.values()] if few else []
        accounts = [] if self.caller.tokens is not None else list(member.hello.accounts)
        return {
            "name": member.name.removeprefix(SERVERS),
            "prefix": f"{member.name}.",
            "server": member.name.startswith(SERVERS),
            "accounts": accounts,
            "functions": known,
            "added": "",
            "run": any(record.job and "billed" in record.classes for record in member.records.values()),
        }


class HostBridge(Bridge):
    """Answers one script's questions by asking the members."""

    def __init__(
        self, reaching: Reaching, record: ScriptRecord, deadline: float, tell: Callable[[Event], None]
    ) -> None:
        super().__init__(record, {}, Policy(), {}, deadline, tell)
        self._reaching = reaching
        self._host = reaching.host
        self._pending: set[Pending] = set()

    def end(self) -> None:
        """Cancels the pending calls of a script that has ended."""
        super().end()
        for pending in list(self._pending):
            pending.cancel()

    def _made(self, op: str, payload: Mapping[str, Any], account: str, entry: dict[str, Any]) -> Answer:
        try:
            if self._over.is_set():
                return {"stopped": "canceled"}
            match op:
                case "wait" | "run":
                    return self._followed(op, payload, account, entry)
                case _:
                    return self._called(op, payload, account, entry)
        except UnaskedError as error:
            hint = self._reaching.elsewhere or error.error["hint"]
            return {"error": {**error.error, "hint": hint, "function": entry["function"]}}
        except MemberError as error:
            return {"error": {**error.error, "function": entry["function"]}}

    def _called(self, op: str, payload: Mapping[str, Any], account: str, entry: dict[str, Any]) -> Answer:
        hit = self._host.find(str(payload.get("name")))
        entry["function"] = hit.name
        arguments, cursor = payload.get("arguments"), payload.get("cursor")
        if not isinstance(arguments, dict):
            raise MemberError("invalid_arguments", f"{hit.name} takes one table of arguments")
        if op == "pages" and hit.record.page is None and not hit.record.stream:
            raise MemberError("invalid_arguments", f"{hit.name} has no pages: call it")
        dry = self._record.dry_run
        pending = self._host.begin(
            hit,
            arguments,
            caller=self._reaching.caller,
            account=self._chosen(account),
            dry_run=dry,
            cursor=cursor if isinstance(cursor, str) else "",
            lua=True,
            seconds=max(self._deadline - time.monotonic(), 0.1),
            tell=self._telling if hit.record.job else None,
        )
        outcome = self._outcome(pending, entry)
        if "error" in outcome.envelope and outcome.envelope["error"] is not None:
            return {"error": {**outcome.envelope["error"], "function": hit.name}}
        self._record.remark(entry, _notes(outcome.envelope))
        if dry:
            self._record.would_send(entry, outcome.envelope["data"] or {})
            return self._example(hit, op)
        if op == "call":
            return {"data": outcome.envelope["data"]}
        return {"data": _page(hit, outcome)}

    def _followed(self, op: str, payload: Mapping[str, Any], account: str, entry: dict[str, Any]) -> Answer:
        member = self._host.members.get(str(payload.get("api")))
        if member is None:
            raise MemberError("unknown_function", f"{op} is an API's: app.integrations.API.{op}(…)")
        entry["function"] = f"{member.name}.{op}"
        timeout, left = payload.get("timeout"), max(self._deadline - time.monotonic(), 0.1)
        good = isinstance(timeout, (int, float)) and not isinstance(timeout, bool) and timeout >= 0
        common: dict[str, Any] = {
            "caller": self._reaching.caller,
            "account": self._chosen(account),
            "seconds": min(float(timeout), left) if good else left,  # type: ignore[arg-type]
        }
        if self._record.dry_run:
            return {"data": payload.get("job")}
        if op == "run":
            arguments = payload.get("input") or {}
            pending = self._host.run(member, str(payload.get("reference")), arguments, **common)
        else:
            of = payload.get("of")
            named = self._host.find(str(of)).record.name if of is not None else ""
            params = {"job": payload.get("job"), "of": named, "cancel": payload.get("cancel") is True}
            pending = self._host.follow(member, params, tell=self._telling, **common)
        envelope = self._outcome(pending, entry).envelope
        return (
            {"data": envelope["data"]}
            if envelope["success"]
            else {"error": {**envelope["error"], "function": entry["function"]}}
        )

    def _outcome(self, pending: Pending, entry: dict[str, Any]) -> Outcome:
        self._pending.add(pending)
        try:
            outcome = pending.result()
        finally:
            self._pending.discard(pending)
        status = (outcome.envelope["error"] or {}).get("status") or outcome.envelope["meta"].get("status")
        entry["status"] = status if isinstance(status, int) else None
        return outcome

    def _chosen(self, account: str) -> str:
        return self._reaching.account if account == "default" else account

    def _telling(self, text: str, fraction: float | None) -> None:
        self._tell(Event("progress", text, fraction))

    def _example(self, hit: Hit, op: str) -> Answer:
        """The example result of a call: the script of a dry run continues with it."""
        if op == "pages":
            return {"data": {"items": []}}
        known = hit.member.look("describe", name=hit.record.name, part="all").get("document")
        examples = known.get("examples") if isinstance(known, dict) else None
        return {"data": examples[0].get("result") if examples and isinstance(examples[0], dict) else None}

    def _looked(self, op: str, payload: Mapping[str, Any]) -> Answer:
        try:
            return {"data": self._documented(str(payload.get("do")) if op == "docs" else op, payload)}
        except MemberError as error:
            return {"error": error.error}

    def _documented(self, do: str, payload: Mapping[str, Any]) -> Any:
        name = str(payload.get("name"))
        match do:
            case "find":
                return self._host.find(name).record.name
            case "list":
                return [_line(hit) for hit in self._host.functions()[:_MOST_LISTED]]
            case "search":
                text, most = str(payload.get("text") or ""), self._record.limits.query
                if len(text) > most:
                    what = f"docs.search: the query has {len(text):,} characters; it may have {most:,}"
                    raise MemberError("invalid_arguments", what, remedy("query"))
                return [_line(hit) for hit in self._host.search(text)[:_MOST_LISTED]]
            case "schema":
                return self._host.describe(name, "schema")
            case "read":
                known = self._host.describe(name, "all")
                return {key: known.get(key) for key in _READ} if isinstance(known, dict) else known
        raise MemberError("protocol", f"there is no {do[:_LONGEST_NAME]}")


def _page(hit: Hit, outcome: Outcome) -> dict[str, Any]:
    """A page as scripts go through pages: its items, and the cursor of the page after it."""
    data = outcome.envelope["data"]
    path = "items" if hit.record.stream else str((hit.record.page or {}).get("items") or "")
    for step in path.split(".") if path else ():
        data = data.get(step) if isinstance(data, dict) else None
    page: dict[str, Any] = {"items": data if isinstance(data, list) else []}
    return {**page, "cursor": outcome.next} if outcome.next else page


def _notes(envelope: Mapping[str, Any]) -> list[dict[str, str]]:
    """What a member has to say of the arguments."""
    notes = envelope["meta"].get("notes")
    rows = notes if isinstance(notes, list) else []
    return [row for row in rows if isinstance(row, dict) and {"at", "note"} <= row.keys()]


def _line(hit: Hit) -> dict[str, str]:
    return {"name": hit.name, "type": hit.record.type, "summary": hit.record.summary}
