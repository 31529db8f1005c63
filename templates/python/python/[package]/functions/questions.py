"""What a question asks for: something to be done or to be seen, one thing or several, and the words to find it by.

A question is read as an order: what stands before its verb (`how do I`, `I want to`) says nothing, its first word tells
what is to be done, and what follows, to what. All of this is likelihood: it moves functions up and down, and hides none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from .words import EMPTY, READING, canonical, near, of_question, phrased, stem, words

_POSSESSIVE = re.compile(r"(?<=\w)['\u2019]s\b")
_BEFORE = re.compile(
    r"^(?:(?:please|hey|hi|hello|ok|so|and|just|now|well)\b[ ,]*"
    r"|how (?:do|can|could|would|should|does|to)\b(?: (?:i|we|you|one|someone|somebody)\b)?"
    r"|(?:what|which) is the (?:best |right )?(?:way|call|function|endpoint|command|tool) (?:to|for|that)\b"
    r"|is there (?:a|any) (?:way|call|function|endpoint) (?:to|for|that)\b"
    r"|(?:i|we) (?:want|need|wish|have|would like|d like|am trying|m trying|must|should)(?: to)?\b"
    r"|(?:can|could|would|may|will|should) (?:i|we|you)\b|help (?:me|us)(?: to)?\b|let (?:me|us)\b|(?:lets|to)\b"
    r")\s*"
)
_DOING: Mapping[str, frozenset[str]] = {
    kind: frozenset(verbs.split())
    for kind, verbs in {
        "create": "add append apply assign attach book build buy clone compose copy create define draft duplicate file "
        "fork found generate give grant import insert invite issue launch leave log make new open order place post "
        "provision publish put raise record register report request save schedule send set setup share sign "
        "spawn spin start store submit subscribe take upload write",
        "update": "activate adjust alter amend archive assign change close complete configure correct deactivate "
        "disable downgrade edit enable extend finish fix lock lower mark modify move pause pin publish put raise "
        "reassign refresh release rename reopen reorder replace resize resolve rotate scale set switch toggle turn "
        "unarchive unlock unpin unpublish update upgrade",
        "delete": "cancel clean clear close delete destroy detach discard dismiss drop erase expel kick leave purge "
        "remove revoke stop unassign unblock undo unfollow unlike unlink unlock unmute unpin unshare unstar "
        "unsubscribe unwatch withdraw wipe",
        "act": "abort accept ack acknowledge allow approve authorize ban begin bind block boost calculate cancel capture "
        "charge check cherry claim collect comment commit compare confirm connect convert decline deny deploy "
        "disconnect dispatch dispute drain email evict exchange execute export favorite favourite fetch finalize flag "
        "follow force freeze halt hide ignore impersonate increment join kill like link listen lock login logout merge "
        "mute notify pay ping play poll process promote pull push queue quit rate react reactivate reboot rebuild redeem "
        "refund reject remind reply rerun resend reset restart restore resume retry revert review rollback run sell "
        "shut shutdown simulate skip snooze split star stop subscribe suspend sync tag terminate test track transfer "
        "translate trigger type unsuspend untag validate verify void vote wait watch work",
    }.items()
}
"""What a verb may want done: some want one thing or another."""
_VERBS = frozenset().union(*_DOING.values())
_NOUNS = frozenset(
    words(
        "block book build change charge check claim close comment commit copy deploy dispute draft email exchange "
        "export file flag force fork import invite issue label like link lock log merge message move note open "
        "order pin place post process publish push queue rate record release reply report request review schedule "
        "set share sign star start store tag test track transfer trigger type upload vote watch work play"
    )
)
"""Those that may as well be a thing, such as in `release notes`."""
_AFTER_VERBS = frozenset(
    [
        "a",
        "all",
        "an",
        "another",
        "any",
        "every",
        "everyone",
        "everybody",
        "her",
        "him",
        "his",
        "it",
        "its",
        "me",
        "my",
        "new",
        "our",
        "people",
        "some",
        "somebody",
        "someone",
        "something",
        "that",
        "the",
        "their",
        "them",
        "these",
        "this",
        "those",
        "two",
        "three",
        "your",
    ]
)
"""A word before one of these is a verb where a question begins with it: `star a repository`."""
_AFTER_OTHERS = frozenset(["as", "back", "between", "for", "from", "into", "off", "on", "out", "to", "up", "with"])
"""The same where it is no plural: `reply to a comment`, and not `replies to a comment`."""
_SEEING = READING | frozenset(
    ["am", "are", "can", "compare", "did", "do", "does", "had", "has", "have", "is", "was", "were", "whose", "why"]
)
_SOMEBODY = frozenset(["anybody", "anyone", "everybody", "everyone", "people", "somebody", "someone"])
_ABOUT = frozenset(
    [
        "about",
        "after",
        "among",
        "as",
        "at",
        "before",
        "between",
        "by",
        "during",
        "for",
        "from",
        "in",
        "inside",
        "into",
        "of",
        "on",
        "onto",
        "over",
        "per",
        "since",
        "that",
        "to",
        "under",
        "until",
        "via",
        "which",
        "who",
        "with",
        "within",
        "without",
    ]
)
"""What is asked for ends before one of these words; what it is asked of comes after."""
_COUNTS = {"me": 0.3, "verb": 0.5, "context": 0.8, "somebody": 0.5}
"""How much a word counts that is no name of a thing: it says whose something is, what to do, of what, or that somebody is
meant."""
_APART = 3
"""How far apart two words may stand that an API may write as one."""
JOINED = 0.9
"""How much two words count that are written as one."""
_MOST = 40
"""Words of a question that are looked for."""


@dataclass(frozen=True, slots=True)
class Term:
    """A word that is looked for."""

    word: str
    weight: float
    alternatives: Mapping[str, float]
    """The word itself and what may stand for it, each with how much it counts."""
    of: bool = False
    """Whether it tells what the thing that is asked for belongs to, as `group` in `add a user to a group`."""


class Question:
    """A text, read as a question."""

    def __init__(self, text: str) -> None:
        rest = phrased(_POSSESSIVE.sub("", text.lower()))
        while (match := _BEFORE.match(rest)) and rest[match.end() :].strip():
            rest = rest[match.end() :]
        self._plain = words(rest)
        self.meant = list(dict.fromkeys(of_question(rest)))[:_MOST]
        """The words that are looked for, as they are indexed."""

    @cached_property
    def doing(self) -> frozenset[str]:
        """What is likely to be done: `create`, `update`, `delete`, `act` or `read`. Empty where nothing tells."""
        if not self._plain:
            return frozenset()
        first, *others = self._plain
        if first in _SEEING:
            return frozenset({"read"})
        if not others or others[0] == "of":
            return frozenset()
        if "new" in others[:2] and first not in _DOING["update"] | _DOING["delete"]:
            return frozenset({"create"})
        order = others[0] in _AFTER_VERBS or (others[0] in _AFTER_OTHERS and first[-1] != "s")
        if first in _VERBS and (
            order or first not in _NOUNS or len(others) == 1 or not _AFTER_OTHERS.isdisjoint(others)
        ):
            return frozenset(kind for kind, verbs in _DOING.items() if first in verbs)
        if not order or len(others) == 1 or first in EMPTY:
            return frozenset()
        return frozenset({"act", "delete"} if first.startswith("un") else {"act"})

    @cached_property
    def _thing(self) -> list[str]:
        """The words of what is asked for, without what it is asked of."""
        begin = 1 if self.doing and "read" not in self.doing else 0
        while begin < len(self._plain) and self._plain[begin] in READING:
            begin += 1
        end = next((place for place in range(begin + 1, len(self._plain)) if self._plain[place] in _ABOUT), None)
        return self._plain[begin:end]

    @cached_property
    def several(self) -> bool | None:
        """Whether more than one thing is asked for; None where nothing tells."""
        if self._plain[:1] == ["who"]:
            return None
        nouns = [word for word in self._thing if len(word) > 3 and not word.endswith("ss")]
        return not {"all", "every", "list"}.isdisjoint(self._plain) or any(word.endswith("s") for word in nouns)

    @cached_property
    def things(self) -> frozenset[str]:
        """The stems of what is asked for."""
        return frozenset(stem(canonical(word)) for word in self._thing if word not in EMPTY | READING | {"me", "my"})

    @cached_property
    def pairs(self) -> frozenset[tuple[str, str]]:
        """The stems of words that stand side by side, such as `pull request`."""
        meant = [stem(canonical(word)) if word not in EMPTY else "" for word in self._plain]
        return frozenset(pair for pair in pairwise(meant) if all(pair))

    def terms(self) -> Iterator[Term]:
        """The words to find it by."""
        verb = canonical(self._plain[0]) if self.doing - {"read"} else ""
        thing = {canonical(word) for word in self._thing}
        for word in self.meant:
            kind = "me" if word == "me" else "" if word in thing else "context"
            if word == verb:
                kind = "verb" if word in ("create", "delete", "update") else ""
            elif word == "user" and {"user", "users"}.isdisjoint(self._plain):
                kind = "somebody"
            others = near(word)
            if word.startswith("un") and len(word) > 6:
                others = {**near(canonical(word[2:])), word[2:]: 0.7, **others}
            if word.endswith(("ay", "oy")):
                # Porter's stem of `deploy` is another than that of `deployment`.
                others[f"{word}ment"] = 1.0
            yield Term(word, _COUNTS.get(kind, 1.0), {word: 1.0, **others}, kind == "context")
        for word in self._plain[:2]:
            if word in ("many", "much") or (word == "who" and "me" not in self.meant):
                yield Term(word, _COUNTS["somebody"], near(word))
        if not _SOMEBODY.isdisjoint(self._plain):
            yield Term("who", _COUNTS["somebody"], near("who"))

    def joined(self) -> Iterator[tuple[str, str]]:
        """A word, and how it may be written as one with another: `config map`, or `log work` as worklog."""
        for place, one in enumerate(self.meant):
            for other in self.meant[place + 1 : place + 1 + _APART]:
                for whole in (one + other, other + one):
                    yield one, whole
                    yield other, whole
