"""The words of texts about APIs: what means the same is one word, so that a question and a function meet in it.

Words alone are put in one form here; their endings are the index's matter.
"""

from __future__ import annotations

import re
from functools import cache

_SAME = {
    "administrator": "admin admins administrators",
    "application": "app applications apps",
    "approve": "accept accepted accepts approved approves",
    "authentication": "auth authenticate",
    "available": "availability vacant",
    "cancel": "abort cancelled canceled halt stop terminate",
    "complete": "completed done finish finished",
    "configuration": "config configs configure configurations",
    "copy": "clone duplicate",
    "participant": "attend attended attendee attendees guest guests participants",
    "price": "cost costs fee fees prices pricing",
    "restore": "recover reinstate revert rollback undelete undo",
    "create": "add adds adding creates creating insert make makes making register write",
    "delete": "deletes deleting destroy destroys discard drop erase expel kick remove removes removing unlink",
    "directory": "directories folder folders",
    "disable": "deactivate",
    "download": "export",
    "document": "doc docs documents",
    "enable": "activate",
    "environment": "env environments envs",
    "favorite": "favorites favourite favourites liked saved starred",
    "image": "images photo photos picture pictures",
    "issue": "bug bugs issues ticket tickets",
    "me": "authenticated current i logged mine my myself",
    "organization": "org organisation organisations organizations orgs",
    "pay": "paid paying payment payments pays",
    "play": "listen listening playback player playing plays",
    "related": "similar",
    "retry": "redo rerun retries",
    "search": "find lookup query searches",
    "repository": "repo repos repositories",
    "run": "begin boot dispatch execute launch start starts trigger",
    "statistic": "metric metrics stat statistics stats",
    "track": "music song songs tracks",
    "update": "change changes changing edit edits modify updates updating",
    "upload": "import uploading uploads",
    "user": "people person users",
    "variable": "var variables vars",
}
_ONE = {other: word for word, others in _SAME.items() for other in others.split()}

_NEAR = (
    "access permission role scope allowed",
    "account user profile member",
    "activity event history audit log",
    "address email mail",
    "alert notification inbox",
    "amount quantity count number total",
    "appointment booking reservation slot availability",
    "approve review authorize merge",
    "archive zip tarball zipball",
    "asset attachment file",
    "assign assignee",
    "attach create upload link",
    "attachment file upload",
    "authentication login session credential token",
    "author contributor committer",
    "autoscale autoscaler horizontal",
    "balance fund money revenue",
    "ban block suspend",
    "bill invoice",
    "billing portal invoice",
    "boost reblog retweet",
    "branch ref",
    "build job run pipeline workflow",
    "cancel pause suspend end",
    "card source method",
    "channel conversation room",
    "charge pay intent",
    "chargeback dispute contest",
    "checkout session",
    "close status state complete resolve",
    "code source content",
    "collect pay",
    "comment note reply remark",
    "commit revision change history",
    "condition status health",
    "coupon discount promotion promo",
    "customer client buyer",
    "debug log",
    "difference diff compare change",
    "directory tree content",
    "download content raw",
    "employee staff worker shift",
    "enlarge resize scale grow bigger larger",
    "error failure failed",
    "evict eviction drain",
    "expose service ingress",
    "favorite like star heart",
    "feed timeline stream",
    "follow subscribe watch subscription",
    "group team organization",
    "health alive ready healthz livez readyz ping status",
    "hook webhook callback",
    "host server domain site",
    "image snapshot backup",
    "info information detail",
    "invite invitation member",
    "key token secret credential",
    "label tag",
    "latest newest recent last",
    "left remaining limit quota rate",
    "location region datacenter zone",
    "log output trace",
    "machine server node instance",
    "manifest configuration",
    "mark status state",
    "member user participant collaborator",
    "message chat conversation",
    "outstanding overdue unpaid due open",
    "owed owe receivable debt",
    "package module",
    "password credential secret",
    "pause suspend",
    "payout withdraw transfer",
    "phone telephone mobile",
    "plan type tier size price",
    "policy rule protection",
    "popular trending top",
    "post status message article",
    "product item good",
    "profile avatar user",
    "push access",
    "reaction emoji",
    "rename update name",
    "replace update put",
    "reply comment answer respond response",
    "restart reboot reset",
    "review reviewer",
    "rotate regenerate reset renew refresh",
    "run exec",
    "runner machine agent",
    "scan scanning analysis",
    "schedule cron later",
    "send deliver publish dispatch",
    "set update put",
    "setting configuration preference option",
    "share grant collaborator permission",
    "shell exec command",
    "statistic usage analytics report",
    "status state transition check",
    "stock inventory",
    "storage volume disk",
    "submit create",
    "supplier vendor contact",
    "suspend pause disable",
    "ticket issue",
    "traffic view visit clone",
    "undo revert reset",
    "unread notification",
    "usage memory cpu disk space storage size statistic",
    "verify confirm validate check",
    "version release tag",
    "visibility public private",
    "vulnerability advisory security alert",
    "website site domain page",
)
"""Words of which one may stand for another; the one that is asked for counts more."""
NEARLY = 0.5
"""What such another word counts."""
_MEANT = {
    "many": "count total number statistic",
    "me": "user account profile identity",
    "much": "statistic usage amount balance price",
    "who": "user member account",
}
"""Words that others answer to, and not the other way round."""

READING = frozenset(
    {
        *("all", "browse", "display", "fetch", "find", "get", "gets", "how", "list", "look", "lookup"),
        *("query", "read", "reads", "retrieve", "retrieves", "return", "returns", "search", "see", "show", "shows"),
        *("tell", "view", "what", "when", "where", "which", "who"),
    }
)
"""Words that ask; functions that read have them in their names, or do not, as it happens."""
LOOKING = frozenset({"search", "find", "lookup", "query"})
"""Those of them that say more than that something is to be seen."""
EMPTY = frozenset(
    {
        *("a", "am", "an", "and", "any", "are", "as", "at", "be", "been", "by", "can", "could", "do", "does", "for"),
        *("from", "had", "has", "have", "here", "if", "in", "into", "is", "it", "its", "many", "much", "need", "new"),
        *("now", "of", "on", "one", "or", "our", "out", "over", "please", "some", "somebody", "someone", "than"),
        *("that", "the", "their", "them", "then", "there", "these", "they", "this", "those", "to", "up", "us"),
        *("want", "was", "we", "were", "will", "with", "would", "you", "your"),
    }
)
_ASKING = frozenset({"how", "i", "what", "when", "where", "which", "who"})
IDLE = EMPTY | READING | _ASKING | {"anything", "everything", "help", "me", "something", "start"}
"""Words that say nothing of what is looked for, where a question has no others."""
_PHRASES = (
    (re.compile(r"\b(?:turn|switch)(?:e?s|ed)? on\b"), "enable"),
    (re.compile(r"\b(?:turn|switch)(?:e?s|ed)? off\b"), "disable"),
    (re.compile(r"\bwho ?am ?i\b"), "who is me"),
    (re.compile(r"\b(?:right now|at the moment)\b"), "currently"),
    (re.compile(r"\bgive me\b"), "show"),
    (re.compile(r"\b(?:help|let|remind|send|show|tell) me\b"), lambda found: found[0].split()[0]),
    (re.compile(r"\b(?:set|setting) up\b|^(?:start|open|begin|publish|make) (?:an?|another) new\b"), "create"),
    (re.compile(r"\b(?:call|calls|called|calling) off\b"), "cancel"),
    (re.compile(r"\b(?:throw|take)(?:s|ing)? (?:away|out)\b|\bget(?:s|ting)? rid of\b|\bclear\b"), "delete"),
    (re.compile(r"\b(?:go(?:es|ing)?|roll(?:s|ed|ing)?) back\b"), "restore"),
    (re.compile(r"\b(?:is|are) (?:the |this |that |a )?(\w+) (?:still )?free\b"), r"\1 available"),
    (re.compile(r"\bwhat (?:is |are |s )?(?:in|inside)\b"), "list items content of"),
    (re.compile(r"\bprs?\b"), "pull request"),
    (re.compile(r"\bmrs?\b"), "merge request"),
    (re.compile(r"\bpvcs?\b"), "persistent volume claim"),
    (re.compile(r"\bcrds?\b"), "custom resource definition"),
    (re.compile(r"\bhpas?\b"), "horizontal pod autoscaler"),
    (re.compile(r"\bcredit (?=cards?)"), ""),
    (re.compile(r"\bby hand\b"), "manually"),
    (re.compile(r"\bhow much money\b"), "balance"),
    (re.compile(r"\b(?:money|payment) back\b"), "refund"),
    (re.compile(r"\b(?:stop|quit) (follow|watch)ing\b"), r"un\1"),
    (re.compile(r"\b(log|sign)(?:s|ged|ging|ing)? (\w+ \w+ )?out\b"), r"\1out \2"),
    (re.compile(r"\b(?:log|sign)(?:s|ged|ging|ing)? in\b"), "login"),
    (re.compile(r"^(?:open (?=an? )|new )"), "create "),
    (re.compile(r"^(?:raise|report) (?=an? )"), r"create \g<0>"),
)
_HUMPS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_WORD = re.compile(r"[^\W_]+")


def canonical(word: str) -> str:
    """The one of the words that mean the same."""
    return _ONE.get(word, word)


def near(word: str) -> dict[str, float]:
    """What else may be meant by a word that is indexed, and how much it counts."""
    return dict.fromkeys(_nearest().get(stem(word), ()), NEARLY)


@cache
def _nearest() -> dict[str, list[str]]:
    nearest: dict[str, list[str]] = {}
    for line in _NEAR:
        group = list(dict.fromkeys(map(canonical, line.split())))
        for word in group:
            nearest.setdefault(stem(word), []).extend(other for other in group if other != word)
    for word, others in _MEANT.items():
        nearest[stem(word)] = [canonical(other) for other in others.split()]
    return nearest


def words(text: str) -> list[str]:
    """The words of a text or a name, in lower case, as they are written."""
    return _WORD.findall(_HUMPS.sub(" ", text).lower())


def of_name(text: str) -> list[str]:
    """The words that a text is found by, as it may be written in a name."""
    return of_prose(_HUMPS.sub(" ", text))


def of_prose(text: str) -> list[str]:
    """The words that prose is found by."""
    text = text.lower()
    every: list[str] = _WORD.findall(phrased(text) if "turn" in text or "switch" in text else text)
    return [_ONE.get(word, word) for word in every if word not in EMPTY]


def of_question(text: str) -> list[str]:
    """The words that a question looks for: what it says beside asking; all of its words where that is nothing, and
    none of a mere `how do I`."""
    every: list[str] = _WORD.findall(phrased(text.lower()))
    if EMPTY.union(_ASKING).issuperset(every):
        return []
    meant = [word for word in every if word not in EMPTY]
    first = next((place for place, word in enumerate(meant) if word not in READING), len(meant))
    looking = [word for word in meant[:first] if word in LOOKING]
    meant_words = [_ONE.get(word, word) for word in (*looking, *meant[first:])]
    return meant_words or meant or every


def phrased(text: str) -> str:
    for pattern, other in _PHRASES:
        text = pattern.sub(other, text)
    return text


def stem(word: str) -> str:
    """A word without its ending, as far as that tells `models` from `model` or `tuning` from `tune`."""
    for ending in ("ings", "ing", "ies", "es", "ed", "s", "e", "y"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            word = word.removesuffix(ending)
            return word[:-1] if word[-1] == word[-2] and ending in ("ing", "ings", "ed") else word
    return word
