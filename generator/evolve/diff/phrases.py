"""What a user of a surface sees, in a sentence."""

from __future__ import annotations

from dataclasses import dataclass

from ...ir import Function
from .change import SURFACES, Outcome
from .facts import Fact
from .spelling import Spelling, argument

_WHY = {
    "required parameter added": "{new} must be given",
    "parameter became required": "{new} must be given now",
    "parameter removed": "{arg} is no longer taken",
    "parameter renamed": "{arg} is {new} now",
    "wire name changed": "it is sent as `{after}` now, not `{before}`",
    "parameter moved": "{arg} travels as a {after} parameter now, not as a {before} parameter",
    "positional order changed": "by their place, the arguments are {after} now, not {before}",
    "positional argument removed": "{arg} is given by its name alone now",
    "alternative removed": "`{name}` is no longer taken in place of other arguments",
    "alternative changed": "with `{name}` it calls `{after}` now, not `{before}`",
    "command alias changed": "`{name}` means `{after}` now, not `{before}`",
    "method changed": "the method is {after} now, not {before}",
    "path changed": "the path is {after} now, not {before}",
    "body media type changed": "the body must be {after} now, not {before}",
    "serialization changed": "{arg} is written another way now ({after}, not {before})",
    "required field added": "`{name}` must be given in it",
    "field became required": "`{name}` must be given in it now",
    "field removed": "`{name}` is gone",
    "field renamed": "`{before}` is `{after}` now",
    "field became optional": "`{name}` may be absent",
    "field became read-only": "`{name}` is no longer taken",
    "field became write-only": "`{name}` is no longer given",
    "attribute renamed": "`{before}` is `{after}` now",
    "other fields allowed": "it may hold other fields, which it was said not to have",
    "other fields refused": "fields that it does not name are refused",
    "other body fields refused": "fields that its body does not name are refused",
    "request media type removed": "the body may no longer be {before}",
    "body became required": "there must be a body now",
    "field no longer read-only": "`{name}` must be given in it now",
    "field added": "`{name}` is new in `{subject}`, which was said to have no other fields",
    "success status removed": "the status is {after} now, not {before}",
    "response media type removed": "it is never {before} now",
    "response header removed": "the header {name} is gone",
    "other server removed": "other servers: {after}, not {before}",
    "event removed": "`{name}` is no longer sent",
    "parameter default": "without {arg} the server takes {after}, not {before}",
    "field default": "without `{name}` the server takes {after}, not {before}",
    "result kind changed": "the result is {after} now, not {before}",
    "result may be empty": "there may be no result at all",
    "pages added": "the result is a page that is walked, not the object that held it",
    "pages removed": "the result is the object itself, and iterating it walks no pages",
    "job removed": "the result is no longer a job to wait for",
    "constant headers changed": "every call sends the headers {after} now, not {before}",
    "default timeout changed": "a call that sets no timeout waits for {after} seconds now, not for {before}",
    "default retries changed": "a client that says nothing of retries makes {after} now, not {before}",
    "server changed": "the address is {after} now, not {before}",
    "credential changed": "it takes {after} now, not {before}",
    "token address changed": "tokens come from {after} now, not from {before}",
    "security changed": "the token travels as {after} now, not as {before}",
    "other servers changed": "other servers: {after}",
    "documented errors changed": "documented errors: {after}",
    "type replaced": "is `types.{after}` there now, not `types.{before}`",
    "arguments became a body": "its fields are given as one `body` now",
    "body became arguments": "the fields of `body` are arguments of their own now",
    "type renamed": "`types.{before}` is `types.{after}` now",
    "base changed": "it calls `{after}` now, not `{before}`",
    "waiting changed": "the call {after} now; before, it {before}",
    "arguments closed": "it takes no argument that its schema does not name",
    "output joined": "the output is one text now, not a list of its pieces",
    "output in pieces": "the output is a list of texts now, not one text",
}

_ADDED = {
    "function added": "`{call}` is new",
    "optional parameter added": "takes {new} too",
    "parameter became optional": "{new} may be left out",
    "positional argument added": "takes {new} by its place too",
    "alternative added": "takes `{name}` in place of other arguments too",
    "alias added": "answers to the name `{name}` too",
    "command alias added": "`{name}` is another name for the command `{after}`",
    "field added": "`{name}` is new in `{subject}`",
    "required field added": "`{name}` is always there in `{subject}`",
    "field became required": "`{name}` is always there in `{subject}`",
    "parameter deprecated": "{arg} still works and is deprecated{after}",
    "function deprecated": "still works and is deprecated{after}",
    "field deprecated": "`{name}` of `{subject}` still works and is deprecated",
    "function no longer deprecated": "is no longer deprecated",
    "parameter no longer deprecated": "{arg} is no longer deprecated",
    "parameter default": "without {arg} the server takes {after}, not {before}",
    "field default": "without `{name}` the server takes {after}, not {before}",
    "retries changed": "a call that failed {after}",
    "requirement eased": "requires {after} now, not {before}",
    "security removed": "needs no token any more",
    "write lost": "only reads now",
    "billed lost": "is no longer billed",
    "secret lost": "gives no secret any more",
    "destructive lost": "destroys nothing any more",
    "other fields allowed": "`{subject}` may hold other fields too",
    "other body fields allowed": "its body may hold other fields too",
    "request media type added": "the body may be {after} too",
    "body became optional": "there may be no body",
    "preferred media type changed": "the body is sent as {after} now, not as {before}, which is still taken",
    "success status added": "a call that went well may have the status {after}, not only {before}",
    "response media type added": "the answer may be {after} too",
    "response header added": "there is the header {name} too",
    "event added": "`{name}` is sent too",
    "parameter discriminator": "{arg}: its forms are told apart by {after} now, not by {before}",
    "field discriminator": "`{subject}`: its forms are told apart by {after} now, not by {before}",
    "result discriminator": "the forms of the result are told apart by {after} now, not by {before}",
    "error discriminator": "the forms of the error are told apart by {after} now, not by {before}",
    "function removed": "another function answers it",
    "path changed": "another function answers at the path that it had",
    "method changed": "another function answers the method that it had",
    "result kind changed": "gives {after} now, not {before}",
    "job added": "the result is a job that can be waited for",
    "result is never empty": "the result is always there",
    "base URL variable renamed": "{after} is read now, not {before}",
}

_OF_THE_WIRE = ("path changed", "method changed", "function removed")
"""What is told as harmless only where it is something to know."""

_ONLY = {
    "positional argument added": ("python", "cli"),
    "alternative added": ("python",),
    "alias added": ("cli", "mcp", "lua"),
    "command alias added": ("cli",),
}
"""What is told on these surfaces alone; what is not named here, on all."""


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
        why = self._filled(_WHY.get(self.fact.kind, ""), surface) or self._facet(surface)
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
                return f"the address changed: {why or self._filled(_ADDED[self.fact.kind], surface)}"
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
        if fact.action == "prose" or (outcome == "ok" and fact.kind in _OF_THE_WIRE):
            return ""
        if surface not in _ONLY.get(fact.kind, SURFACES):
            return ""
        template = _ADDED.get(fact.kind, "")
        if not template and outcome == "notice":
            template = _WHY.get(fact.kind, "")
        if template:
            said = self._filled(template, surface)
        elif fact.facet is not None:
            said = self._facet(surface)
        else:
            return ""
        own = fact.old or fact.new
        return said if own is None or "{call}" in template else f"{self._call(surface)}: {said}"

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
            return self._filled(_WHY[self.fact.kind], "")
        if self.fact.kind == "requirement changed":
            return f"it requires {self.fact.after} now, not {self.fact.before}"
        return f"{self.fact.after} is read, not {self.fact.before}" if self.fact.before else "it needed none"


def _singular(call: str, one: str, several: str) -> str:
    return one if call.count("`") == 2 or call.startswith("every") else several


def _with(call: str, dots: str) -> str:
    return f"{call[:-1]}{dots}`" if dots and call.count("`") == 2 else call
