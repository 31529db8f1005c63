"""The words of texts about APIs: what means the same is one word, so that a question and a function meet in it.

Words alone are put in one form here; their endings are the index's matter.
"""

from __future__ import annotations

import re

_SAME = {
    "administrator": "admin admins administrators",
    "application": "app applications apps",
    "approve": "accept accepted accepts approved approves",
    "authentication": "auth authenticate",
    "available": "availability vacant",
    "cancel": "abort cancelled canceled halt stop terminate pause suspend",
    "complete": "completed done finish finished",
    "configuration": "config configs configure configurations",
    "copy": "clone duplicate",
    "participant": "attend attended attendee attendees guest guests participants",
    "price": "cost costs fee fees prices pricing",
    "restore": "recover reinstate revert rollback undelete undo",
    "create": "add adds adding creates creating insert make makes making register write",
    "delete": "deletes deleting destroy destroys discard drop erase expel kick remove removes removing unlink",
    "disable": "deactivate",
    "download": "export",
    "document": "doc docs documents",
    "enable": "activate",
    "environment": "env environments envs",
    "favorite": "favorites favourite favourites liked saved starred",
    "image": "images photo photos picture pictures",
    "issue": "bug bugs issues",
    "me": "authenticated current i logged mine my myself",
    "organization": "org organisation organisations organizations orgs",
    "pay": "paid paying payment payments pays",
    "play": "listen listening playback player playing plays",
    "related": "similar",
    "retry": "redo rerun retries",
    "search": "find lookup query searches",
    "repository": "repo repos repositories",
    "run": "begin boot dispatch execute launch resume start starts trigger",
    "track": "music song songs tracks",
    "update": "change changes changing edit edits modify patch rename replace set sets updates updating",
    "upload": "import uploading uploads",
    "user": "people person users",
    "variable": "var variables vars",
}
_ONE = {other: word for word, others in _SAME.items() for other in others.split()}

READING = frozenset(
    {
        *("all", "browse", "display", "fetch", "find", "get", "gets", "give", "how", "list", "look", "lookup"),
        *("query", "read", "reads", "retrieve", "retrieves", "return", "returns", "search", "see", "show", "shows"),
        *("tell", "view", "what", "when", "where", "which", "who"),
    }
)
"""Words that ask; functions that read have them in their names, or do not, as it happens."""
LOOKING = frozenset({"search", "find", "lookup", "query"})
"""Those of them that say more than that something is to be seen."""
_EMPTY = frozenset(
    {
        *("a", "am", "an", "and", "any", "are", "as", "at", "be", "been", "by", "can", "could", "do", "does", "for"),
        *("from", "had", "has", "have", "here", "if", "in", "into", "is", "it", "its", "many", "much", "need", "new"),
        *("now", "of", "on", "one", "or", "our", "out", "over", "please", "some", "somebody", "someone", "than"),
        *("that", "the", "their", "them", "then", "there", "these", "they", "this", "those", "to", "up", "us"),
        *("want", "was", "we", "were", "will", "with", "would", "you", "your"),
    }
)
_ASKING = frozenset({"how", "i", "what", "when", "where", "which", "who"})
IDLE = _EMPTY | READING | _ASKING | {"anything", "everything", "help", "me", "something", "start"}
"""Words that say nothing of what is looked for, where a question has no others."""
_PHRASES = (
    (re.compile(r"\b(?:turn|switch)(?:e?s|ed)? on\b"), "enable"),
    (re.compile(r"\b(?:turn|switch)(?:e?s|ed)? off\b"), "disable"),
    (re.compile(r"\bwho ?am ?i\b"), "who is me user account profile"),
    (re.compile(r"\b(?:right now|at the moment)\b"), "currently"),
    (re.compile(r"\b(?:give|help|let|remind|send|show|tell) me\b"), lambda found: found[0].split()[0]),
    (re.compile(r"\b(?:call|calls|called|calling) off\b"), "cancel"),
    (re.compile(r"\b(?:throw|take)(?:s|ing)? (?:away|out)\b|\bget(?:s|ting)? rid of\b|\bclear\b"), "delete"),
    (re.compile(r"\b(?:go(?:es|ing)?|roll(?:s|ed|ing)?) back\b"), "restore"),
    (re.compile(r"\b(?:is|are) (?:the |this |that |a )?(\w+) (?:still )?free\b"), r"\1 available"),
    (re.compile(r"\bby hand\b"), "manually"),
    (re.compile(r"\bhow much money\b"), "balance"),
    (re.compile(r"^(?:open (?=an? )|new )"), "create "),
    (re.compile(r"^(?:raise|report) (?=an? )"), r"create \g<0>"),
)
_HUMPS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_WORD = re.compile(r"[^\W_]+")


def words(text: str) -> list[str]:
    """The words of a text or a name, in lower case, as they are written."""
    return _WORD.findall(_HUMPS.sub(" ", text).lower())


def indexed(text: str) -> list[str]:
    """The words that a text is found by, as it may be written in a name."""
    return told(_HUMPS.sub(" ", text))


def told(text: str) -> list[str]:
    """The words that prose is found by."""
    text = text.lower()
    every: list[str] = _WORD.findall(_phrased(text) if "turn" in text or "switch" in text else text)
    return [_ONE.get(word, word) for word in every if word not in _EMPTY]


def asked(text: str) -> list[str]:
    """The words that a question looks for: what it says beside asking; all of its words where that is nothing, and
    none of a mere `how do I`."""
    every: list[str] = _WORD.findall(_phrased(text.lower()))
    if _EMPTY.union(_ASKING).issuperset(every):
        return []
    meant = [word for word in every if word not in _EMPTY]
    first = next((place for place, word in enumerate(meant) if word not in READING), len(meant))
    looking = [word for word in meant[:first] if word in LOOKING]
    found = [_ONE.get(word, word) for word in (*looking, *meant[first:])]
    return found or meant or every


def _phrased(text: str) -> str:
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
