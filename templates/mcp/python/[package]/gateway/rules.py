"""Who may call what, of all APIs: for each API and account a class is allowed, asked about or denied.

    a pattern of the API's functions that fits      the one with most letters first
    the account                                     of the API
    the API
    all APIs                                        reading is allowed, everything else denied

Of the classes of a function the strictest answer holds.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase

from ..functions.policy import CLASSES
from .contract import Record

ANSWERS = ("allow", "ask", "deny")
READING: Mapping[str, str] = {"read": "allow"}
ALL = "all"
"""Every class, in the description of a pattern."""


@dataclass(frozen=True, kw_only=True)
class ApiRules:
    """The description of one API."""

    classes: Mapping[str, str] = field(default_factory=dict)
    functions: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Pattern of names -> class, or `all`, -> answer."""
    accounts: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Decision:
    """What may be done with a function."""

    answer: str
    class_: str
    """The class that decided."""
    allowed: tuple[str, ...]
    """The classes that pass, with those to ask about."""
    remedy: str = ""
    """How to allow a refused call."""
    asked: tuple[str, ...] = ()
    """The classes to ask about, if the answer is `ask`."""


@dataclass(frozen=True)
class Rules:
    """The policy of a gateway."""

    default: Mapping[str, str] = field(default_factory=lambda: READING)
    apis: Mapping[str, ApiRules] = field(default_factory=dict)

    @classmethod
    def flags(cls, write: str = "deny", allow: Iterable[str] = (), ask: Iterable[str] = ()) -> Rules:
        """The policy of `--write=allow`, `--allow billed,destructive,secret` and `--ask` the same.

        ValueError for another class, and for one that is both allowed and asked for.
        """
        from ..functions.policy import Policy

        policy = Policy.gateway(write == "allow", allow, ask)
        asking = {*policy.asked, *(["write"] if write == "ask" else [])}
        return cls({**dict.fromkeys(sorted(policy.allowed), "allow"), **dict.fromkeys(sorted(asking), "ask")})

    def decide(self, api: str, account: str, record: Record) -> Decision:
        """What may be done with a function of an API by an account."""
        needed = record.classes or ("write",)
        if record.type not in needed:
            needed = (record.type, *needed)
        answers = {class_: self._answer(api, account, record, class_) for class_ in needed}
        class_ = max(needed, key=lambda each: ANSWERS.index(answers[each]))
        passing = tuple(each for each in (*CLASSES, *needed) if answers.get(each) in ("allow", "ask"))
        answer = answers[class_]
        remedy = "" if answer == "allow" else self._remedy(api, class_, record)
        asking = tuple(each for each in needed if answers[each] == "ask") if answer == "ask" else ()
        return Decision(answer, class_, tuple(dict.fromkeys(passing)), remedy, asking)

    def lists(self, api: str, account: str, record: Record) -> bool:
        """Whether a function is named at all: a matter of reading and writing alone, so that refusals can teach."""
        return self._answer(api, account, record, record.type) != "deny"

    def writes(self) -> bool:
        """Whether anything but reading may pass."""
        rules_ = [self.default, *(rules.classes for rules in self.apis.values())]
        rules_ += [
            each for rules in self.apis.values() for each in (*rules.accounts.values(), *rules.functions.values())
        ]
        return any(answer != "deny" for each in rules_ for class_, answer in each.items() if class_ != "read")

    def destroys(self) -> bool:
        """Whether what destroys may pass."""
        rules_ = [self.default, *(rules.classes for rules in self.apis.values())]
        rules_ += [
            each for rules in self.apis.values() for each in (*rules.accounts.values(), *rules.functions.values())
        ]
        return any(each.get("destructive", each.get(ALL, "deny")) != "deny" for each in rules_)

    def _answer(self, api: str, account: str, record: Record, class_: str) -> str:
        rules = self.apis.get(api, ApiRules())
        names = (record.name, record.short, *record.aliases)
        fitting = [glob for glob in rules.functions if any(fnmatchcase(name, glob) for name in names)]
        for glob in sorted(fitting, key=lambda each: (-_letters(each), each)):
            classes_ = rules.functions[glob]
            if (answer_ := classes_.get(class_, classes_.get(ALL))) is not None:
                return answer_
        for classes in (rules.accounts.get(account, {}), rules.classes, self.default):
            if (answer_ := classes.get(class_)) is not None:
                return answer_
        return "deny"

    @staticmethod
    def _remedy(api: str, class_: str, record: Record) -> str:
        flag = "--write=allow" if class_ == "write" else f"--allow {class_}"
        return f'start the gateway with {flag}, or set `policy: {{"{api}": {{{class_}: allow}}}}` in its configuration'


def _letters(glob: str) -> int:
    return sum(char not in "*?[]" for char in glob)


def said(rules: Rules, api: str, classes: Mapping[str, str]) -> Rules:
    """The rules with an API's classes answered so."""
    known = rules.apis.get(api, ApiRules())
    return replace(rules, apis={**rules.apis, api: replace(known, classes={**known.classes, **classes})})
