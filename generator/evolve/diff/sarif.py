"""A diff as a log of SARIF 2.1.0 (OASIS), which code scanning and editors read: a rule for each kind of change."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from typing import Any

from ...text import visible
from .change import Change, Diff
from .locations import details, location
from .report import headline, summary
from .version import following, level

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def as_sarif(diff: Diff, version: str) -> str:
    """A log with one run. What breaks has the level `error`, all else `note`; descriptions are left out."""
    real = [change for change in diff.changes if change.action != "prose"]
    kinds = sorted({change.kind for change in real})
    driver = {"name": "surfacegen diff", "rules": [_rule(kind) for kind in kinds]}
    result = level(diff)
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_result(change, kinds) for change in real],
        "properties": {
            "summary": summary(diff, version), "level": result, "from": version, "to": following(version, result),
        },
    }  # fmt: skip
    log = {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(log, indent=1, ensure_ascii=False)


def _rule(kind: str) -> dict[str, Any]:
    return {"id": _id(kind), "name": kind.title().replace(" ", ""), "shortDescription": {"text": kind}}


def _id(kind: str) -> str:
    return kind.lower().replace(" ", "-")


def _result(change: Change, kinds: Sequence[str]) -> dict[str, Any]:
    message = "\n".join(
        visible(line) for line in f"{change.subject}: {headline(change)}\n{details(change)}".split("\n")
    )
    result: dict[str, Any] = {
        "ruleId": _id(change.kind),
        "ruleIndex": kinds.index(change.kind),
        "level": "error" if change.breaking else "note",
        "message": {"text": message.strip()},
        "partialFingerprints": {"change/v1": _fingerprint(change)},
        "properties": {"subject": change.subject, "name": change.name, "breaks": list(change.breaks)},
    }
    where = location(change)
    if where is not None:
        region = {"startLine": where.line, "startColumn": where.column}
        result["locations"] = [{"physicalLocation": {"artifactLocation": {"uri": where.uri}, "region": region}}]
    return result


def _fingerprint(change: Change) -> str:
    """The same for one change wherever it stands, so that a line that moves makes no new finding."""
    parts = (change.kind, change.subject, change.name, change.facet, change.before, change.after)
    return hashlib.sha256(json.dumps(parts).encode("utf-8", "surrogatepass")).hexdigest()
