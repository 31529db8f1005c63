"""Makes the index that the site's search reads: `search/` beside the pages.

    index.json          where each file of terms begins, how many documents a file holds
    terms-N.json        {term: [document, weight, document, weight, ...]}, sorted, so that a beginning is found as well
    documents-N.json    [[title, address, kind, context], ...]

A browser loads the few files that a query needs. A term that begins with `=` is a whole name, such as `=get /pets`;
any other is a word, or a word without its ending. Weights are BM25's, made here once.
"""

from __future__ import annotations

import json
import math
import re
import unicodedata
from bisect import insort
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

TERMS, DOCUMENTS = 24_000, 60
"""Characters of a file of terms, and documents in a file."""
MOST = 1_500
"""Most documents of a term; if more contain it, those with the highest weight are kept."""
TITLE, NAME, SAID = 5.0, 4.0, 1.0
"""What a word weighs in a title, in a name or an address, and in prose."""
KINDS = {"function": 1.0, "error": 1.0, "guide": 1.0, "section": 0.9, "group": 0.5, "type": 0.6, "argument": 0.4}
WORD = re.compile(r"[a-z0-9]+")
SKIPPED = frozenset(
    [
        "a",
        "an",
        "and",
        "are",
        "as",
        "at",
        "be",
        "by",
        "do",
        "does",
        "for",
        "from",
        "how",
        "i",
        "if",
        "in",
        "is",
        "it",
        "its",
        "of",
        "on",
        "or",
        "that",
        "the",
        "this",
        "to",
        "what",
        "with",
    ]
)
_HEADING = re.compile(r"^(#{1,3}) +(.*?)(?: *\{ *#([^ }]+)[^}]*\})? *$")
_KEYWORDS = re.compile(r"<!-- keywords: (.*) -->")
FENCE = re.compile(r"^ *(`{3,}|~{3,})")


def folded(text: str) -> str:
    """Lower case, without accents, one space between words: how names are looked up."""
    return " ".join(_plain(text).lower().split())


def words(text: str) -> list[str]:
    """The words of a text; of a name in camel case too."""
    parted = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", _plain(text))
    return [word for word in WORD.findall(parted.lower()) if word not in SKIPPED]


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()


def stem(word: str) -> str:
    """A word without the ending that its other forms have instead. The script of the search has the same rules."""
    for ending, least in (("ing", 4), ("ion", 5), ("ies", 3), ("es", 4), ("ed", 4), ("s", 3), ("e", 4), ("y", 4)):
        if word.endswith(ending) and len(word) - len(ending) >= least and not word.endswith("ss"):
            return word[: -len(ending)]
    return word


def sections(name: str, markdown: str) -> Iterator[dict[str, Any]]:
    """The parts of a page under its headings, each with the words of its code and its prose; that of the page itself with
    those of a comment, `<!-- keywords: what, readers look for -->`."""
    address = "" if name == "index.md" else re.sub(r"(^|/)index\.md$|\.md$", r"\1", name)
    address += "/" if address and not address.endswith("/") else ""
    title = heading = anchor = ""
    lines: list[str] = []
    keywords: list[str] = []
    taken: set[str] = set()
    fence = ""
    elsewhere = False

    def entry() -> dict[str, Any]:
        shown = f"{title}: {heading}" if heading else title
        return {
            "kind": "section" if heading else "guide",
            "title": shown,
            "href": f"{address}#{anchor}" if anchor else address,
            "context": "Guide" if name.startswith("guides/") else "",
            "names": [heading or title, *([anchor] if anchor else [name.rpartition("/")[2][:-3], *keywords])],
            "text": " ".join(lines),
        }

    body = re.sub(r"\A---\n.*?\n---\n", "", markdown, flags=re.DOTALL)
    for line in body.splitlines():
        if mark := FENCE.match(line):
            if not fence:
                fence = mark[1]
            elif line.strip().startswith(fence):
                fence = ""
            continue
        match = None if fence else _HEADING.match(line)
        if match is None:
            if listed := _KEYWORDS.fullmatch(line):
                keywords = listed[1].split(", ")
            elif not line.startswith("<!--"):
                lines.append(re.sub(r"\]\([^)]*\)", "]", line))
            continue
        if title and not elsewhere:
            yield entry()
        lines = []
        elsewhere = match[2].startswith("[") and match[2].endswith(")")  # a page of its own, summed up here
        text = re.sub(r"\[([^]]*)\]\([^)]*\)|[`*\\]", r"\1", match[2])
        if len(match[1]) == 1:
            title, heading, anchor = text, "", ""
            continue
        heading = text
        slug = re.sub(r"[-\s]+", "-", re.sub(r"[^\w\s-]", "", folded(text)).strip())
        anchor, number = match[3] or slug, 0
        while not match[3] and anchor in taken:
            number += 1
            anchor = f"{slug}_{number}"
        taken.add(anchor)
    if title and not elsewhere:
        yield entry()


def write(entries: Iterable[dict[str, Any]], out: Path) -> None:
    """Write the index of all entries, in files of their own. Of equally good matches the earlier entry wins."""
    known = list(entries)
    lengths: list[float] = []
    counts: list[Counter[str]] = []
    keys: dict[str, dict[int, float]] = defaultdict(dict)
    for number, entry in enumerate(known):
        counted: Counter[str] = Counter()
        for text, weight in ((entry["title"], TITLE), (" ".join(entry["names"]), NAME), (entry["text"], SAID)):
            # A name that is spelled in many ways is one name.
            for word, times in Counter(words(text)).items():
                counted[word] += min(times, 3 if weight == SAID else 1) * weight
        counts.append(counted)
        lengths.append(sum(counted.values()))
        for name in (entry["title"], *entry["names"], *entry.get("spelled", ())):
            for key in {folded(name), " ".join(words(name)), "".join(words(name))}:
                if key:
                    keys[f"={key[:100]}"][number] = KINDS[entry["kind"]]
    usual = sum(lengths) / len(lengths) if lengths else 1.0
    terms: dict[str, dict[int, float]] = defaultdict(dict)
    for number, counted in enumerate(counts):
        norm = 0.7 + 0.3 * lengths[number] / usual
        stems: Counter[str] = Counter()
        for word, times in counted.items():
            terms[word[:40]][number] = times / (times + 1.5 * norm)
            stems[stem(word)] += times
        for word, times in stems.items():
            weight = 0.9 * times / (times + 1.5 * norm)
            terms[word[:40]][number] = max(weight, terms[word[:40]].get(number, 0.0))
    postings: list[tuple[str, list[int]]] = []
    for term, places in terms.items():
        rarity = math.log(1 + len(known) / len(places))
        weighed = {n: round(100 * w * rarity * KINDS[known[n]["kind"]]) for n, w in places.items()}
        insort(postings, (term, _posting(weighed)))
    for term, places in keys.items():
        insort(postings, (term, _posting({n: round(100 * w) for n, w in places.items()})))
    _files(postings, known, out)


def _posting(weights: dict[int, int]) -> list[int]:
    best = sorted(weights.items(), key=lambda pair: (-pair[1], pair[0]))[:MOST]
    return [part for pair in sorted(best) for part in pair]


def _files(postings: list[tuple[str, list[int]]], entries: list[dict[str, Any]], out: Path) -> None:
    out.mkdir(parents=True, exist_ok=True)
    for old in out.glob("*.json"):
        old.unlink()
    firsts: list[str] = []
    lines: list[str] = []
    size = 0
    for term, posting in [*postings, ("", [])]:
        if lines and (not term or size >= TERMS):
            (out / f"terms-{len(firsts) - 1}.json").write_text("{" + ",\n".join(lines) + "}\n", "utf-8")
            lines, size = [], 0
        if term:
            if not lines:
                firsts.append(term)
            lines.append(f"{json.dumps(term)}:{json.dumps(posting, separators=(',', ':'))}")
            size += len(lines[-1])
    for start in range(0, len(entries), DOCUMENTS):
        rows = [[e["title"], e["href"], e["kind"], e["context"]] for e in entries[start : start + DOCUMENTS]]
        (out / f"documents-{start // DOCUMENTS}.json").write_text(json.dumps(rows, ensure_ascii=False) + "\n", "utf-8")
    index = {"terms": firsts, "documents": DOCUMENTS, "count": len(entries)}
    (out / "index.json").write_text(json.dumps(index) + "\n", "utf-8")
