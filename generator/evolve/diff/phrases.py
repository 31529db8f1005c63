"""What a user of a surface sees, in a sentence."""

from __future__ import annotations

from dataclasses import dataclass

from ...ir import Function
from .change import SURFACES, Outcome
from .facts import Fact
from .spelling import Spelling, argument
from .wording import ADDED, OF_THE_WIRE, ONLY, WHY

_NAMED = 3


@dataclass(frozen=True)
class Phrases:
    """The sentences of one fact."""

    fact: Fact
    old: Spelling
    new: Spelling

    def text(self, surface: str, outcome: Outcome) -> str:
        """The sentence for a surface; empty where its users see nothing."""
        call, now = self._call(surface), self._now(surface)
        why = self._filled(WHY.get(self.fact.kind, ""), surface) or self._facet(surface)
        dots = {"python": "(…)", "lua": "{…}"}.get(surface, "")
        if surface == "deployed" and outcome not in ("ok", "notice"):
            return self._deployed(outcome, call, why)
        match outcome:
            case "ok" | "notice":
                return self._harmless(surface, outcome)
            case "gone":
                return self._gone(surface, call, now)
            case "page gone":
                return f"the page {call} is gone{now}"
            case "TypeError":
                return f"{_with(call, dots)} raises TypeError: {why}"
            case "exit 2":
                return f"{call} exits 2: {why}"
            case "invalid_arguments":
                return f"{_with(call, dots)} is refused before it is sent: {why}"
            case "refused":
                return f"the server refuses {_with(call, dots)}: {why}"
            case "ignored":
                return f"{call} is taken, but not as it was meant: {why}"
            case "value":
                return f"{call} {_singular(call, 'gives', 'give')} what a reader may not expect: {why}"
            case "policy":
                needed = self.fact.kind.split()[0]
                flag = "--write=allow" if needed == "write" else f"--allow {needed}"
                return f"{call} is refused unless the server runs with {flag}: it is {needed} now"
            case "confirmation":
                return f"{call} asks first, and off a terminal exits 4 without --yes: it destroys something now"
            case "no_token":
                return f"{call} fails without a token: {self._token()}"
            case "elsewhere":
                return f"the address changed: {why or self._filled(ADDED[self.fact.kind], surface)}"
            case "annotation":
                return why
        return ""

    def _deployed(self, outcome: Outcome, call: str, why: str) -> str:
        match outcome:
            case "elsewhere":
                return f"clients call an address that is no longer the API's: {why}"
            case "value":
                return f"{call} {_singular(call, 'answers', 'answer')} what a client may not expect: {why}"
            case "ignored":
                return f"{call} {_singular(call, 'is', 'are')} taken as sent, but not as it was meant: {why}"
            case _ if self.fact.kind == "function removed":
                return f"{call} is refused: there is no such function"
            case _ if self.fact.kind.startswith(("security", "requirement", "credential")):
                return f"{call} {_singular(call, 'is', 'are')} refused as sent: {why or self._token()}"
            case _:
                return f"{call} {_singular(call, 'is', 'are')} refused as sent: {why}"

    def _harmless(self, surface: str, outcome: Outcome) -> str:
        fact = self.fact
        if fact.action == "prose" or (outcome == "ok" and fact.kind in OF_THE_WIRE):
            return ""
        if surface not in ONLY.get(fact.kind, SURFACES):
            return ""
        template = ADDED.get(fact.kind, "")
        if not template and outcome == "notice":
            template = WHY.get(fact.kind, "")
        if template:
            sentence = self._filled(template, surface)
        elif fact.facet is not None:
            sentence = self._facet(surface)
        else:
            return ""
        own = fact.old or fact.new
        return sentence if own is None or "{call}" in template else f"{self._call(surface)}: {sentence}"

    def _gone(self, surface: str, call: str, now: str) -> str:
        fact = self.fact
        if fact.kind == "command alias removed":
            return f"`{self.old.api.command} {fact.name}` exits 2: no such command; it meant `{fact.before}`"
        if fact.kind == "alias removed" and fact.new is not None:
            return f"the name `{fact.name}` is unknown where functions are called by name; it is `{fact.new.name}` now"
        if fact.old is None:
            what = {"package renamed": "importing", "command renamed": "running", "client class renamed": "importing"}
            return f"{what.get(fact.kind, 'naming')} `{fact.before}` fails; it is `{fact.after}` now"
        match surface:
            case "python":
                return f"{call} raises AttributeError{now}"
            case "cli":
                return f"{call} exits 2: no such command{now}"
            case "mcp":
                return f"the tool {call} is unknown{now}"
            case _:
                return f"{call} fails: there is no such function{now}"

    def _call(self, surface: str) -> str:
        fact = self.fact
        if fact.old is not None:
            return f"`{self.old.call(fact.old, surface)}`"
        if fact.new is not None:
            return f"`{self.new.call(fact.new, surface)}`"
        users = {function.name: function for function in (*fact.sent_by, *fact.given_by, *fact.failed_by)}
        if fact.events and not users:
            named = [f"the event `{name}`" for name in fact.events[:_NAMED]]
            more = len(fact.events) - _NAMED
            return ", ".join(named) + (f" and {more} more" if more > 0 else "")
        return self.old.calls(users.values(), surface) if users else "every call"

    def _now(self, surface: str) -> str:
        fact = self.fact
        return f"; it is `{self.new.call(fact.new, surface)}` now" if fact.new is not None else ""

    def _filled(self, template: str, surface: str) -> str:
        fact = self.fact
        one, other = fact.old_param or fact.new_param, fact.new_param or fact.old_param
        function: Function | None = fact.new or fact.old
        sent = surface == "deployed"
        return template.format(
            arg=f"`{one.wire_name if sent else argument(fact.old or fact.new, one.words, surface)}`" if one else "",
            new=f"`{other.wire_name if sent else argument(function, other.words, surface)}`" if other else "",
            call=self.new.call(function, surface) if function else "",
            name=fact.name,
            subject=fact.subject,
            before=fact.before,
            after=fact.after,
        )

    def _facet(self, surface: str) -> str:
        fact = self.fact
        if fact.facet is None:
            return ""
        part = self._part(surface)
        before = f", not {fact.before}" if fact.before else ""
        return f"{part}: {fact.facet.what}: {fact.after}{before}"

    def _part(self, surface: str) -> str:
        """What a facet is of."""
        fact = self.fact
        if fact.old_param is not None:
            sent = surface == "deployed" and fact.old_param.location != "body"
            return f"`{fact.old_param.wire_name if sent else argument(fact.old, fact.old_param.words, surface)}`"
        if fact.of_type:
            return f"`{fact.subject}.{fact.name}`" if fact.name else f"`{fact.subject}`"
        if fact.kind.startswith("response header"):
            return f"the header {fact.name}"
        return "the body" if fact.kind.startswith(("body", "request body")) else f"the {fact.kind.partition(' ')[0]}"

    def _token(self) -> str:
        if self.fact.kind == "credential changed":
            return self._filled(WHY[self.fact.kind], "")
        if self.fact.kind == "requirement changed":
            return f"it requires {self.fact.after} now, not {self.fact.before}"
        return f"{self.fact.after} is read, not {self.fact.before}" if self.fact.before else "it needed none"


def _singular(call: str, one: str, several: str) -> str:
    return one if call.count("`") == 2 or call.startswith("every") else several


def _with(call: str, dots: str) -> str:
    return f"{call[:-1]}{dots}`" if dots and call.count("`") == 2 else call
