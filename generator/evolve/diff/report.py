"""A diff as text for a terminal, Markdown for a pull request, JSON for machines."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from ...errors import on_one_line
from ...text import markdown, markdown_spans
from .change import AUDIENCES, Audience, Change, Diff, Effect
from .version import following, level

TITLES = {
    "python": "Python", "cli": "CLI", "mcp": "MCP", "lua": "Lua", "docs": "Docs", "deployed": "Deployed clients",
}  # fmt: skip
_MARKS = {(): "  ", ("regenerated",): "R ", ("deployed",): " D", ("regenerated", "deployed"): "RD"}
"""Whom a change breaks, at the beginning of its line."""
_SIGNS = {"added": "+", "removed": "-", "renamed": ">", "changed": "~", "prose": " "}


def headline(change: Change) -> str:
    """A change in one line, in words of no surface."""
    what = f"{change.kind}: {change.name}" if change.name and change.action != "prose" else change.kind
    if change.action == "prose":
        return f"{what} of {change.name}" if change.name else what
    shown = " -> ".join(part for part in (change.before, change.after) if part)
    facet = f"{change.facet}: " if change.facet not in ("", "type", "default", change.name) else ""
    return f"{what} ({facet}{shown})" if shown else what


def summary(diff: Diff, version: str) -> str:
    """The verdict in one line."""
    real = [change for change in diff.changes if change.action != "prose"]
    breaking = sum(change.breaking for change in real)
    whom = ", ".join(f"{number} {_WHOM[audience]}" for audience, number in _counted(real))
    prose = len(diff.changes) - len(real)
    if not diff.changes:
        return "nothing changed"
    result = level(diff)
    parts = [f"{_number(real)}, {breaking} breaking" + (f" ({whom})" if whom else "")] if real else []
    parts = parts or ["no difference but prose"]
    if real and prose:
        parts.append(f"{prose} of prose alone")
    return f"{', '.join(parts)}; version: {result} ({version} -> {following(version, result)})"


_WHOM = {"regenerated": "when generated again", "deployed": "for deployed clients"}


def _counted(changes: Sequence[Change]) -> list[tuple[Audience, int]]:
    """How many of them break each audience that is broken at all."""
    results = ((audience, sum(change.breaks_for(audience) for change in changes)) for audience in AUDIENCES)
    return [(audience, number) for audience, number in results if number]


def _number(changes: Sequence[Change]) -> str:
    return "1 change" if len(changes) == 1 else f"{len(changes)} changes"


def text(diff: Diff, version: str) -> str:
    """For a terminal: by subject, each effect on a line of its own. No text of a document begins another line, which a
    continuous integration may read as a command."""
    lines = []
    for subject, changes in _by_subject(diff):
        if shown := [change for change in changes if change.action != "prose"]:
            lines.append(subject)
        for change in shown:
            mark = _MARKS[change.breaks]
            lines.append(
                f"  {mark} {_SIGNS[change.action]} {headline(change)}" + (f"  {change.where}" if change.where else "")
            )
            lines += [f"       {effect.surface:8} {effect.text}" for effect in change.judged if effect.breaking]
            lines += [f"       {line}" for line in _shared(change)]
    if any(change.breaking for change in diff.changes):
        lines.append("R: breaks when generated again   D: breaks deployed clients of the old document")
    return "\n".join(map(on_one_line, [*lines, summary(diff, version)]))


def _shared(change: Change) -> Iterator[str]:
    """Harmless effects; those with the same text on all surfaces appear once."""
    harmless = [effect for effect in change.judged if effect.text and not effect.breaking]
    if change.breaks_for("regenerated"):  # that a page shows it as well is nothing beside that
        harmless = [effect for effect in harmless if (effect.surface, effect.outcome) != ("docs", "ok")]
    if len(harmless) > 1 and len({effect.text for effect in harmless}) == 1:
        yield f"{'all' if len(harmless) == len(change.judged) else 'other':8} {harmless[0].text}"
    elif len({effect.text for effect in harmless if effect.surface != "deployed"}) == 1 and len(harmless) > 2:
        yield f"{'other':8} {harmless[0].text}"
        yield from (f"{each.surface:8} {each.text}" for each in harmless if each.surface == "deployed")
    else:
        yield from (f"{effect.surface:8} {effect.text}" for effect in harmless)


def as_markdown(diff: Diff, version: str, most: int | None = None) -> str:
    """For a pull request: what breaks first, as a table; the rest folded.

    most: characters that it may have at most; changes that do not fit are counted in its place.
    """
    breaking = [change for change in diff.changes if change.breaking]
    rest = [change for change in diff.changes if not change.breaking and change.action != "prose"]
    prose = sorted({markdown(change.subject) for change in diff.changes if change.action == "prose"})
    head = ["## What changes on the surfaces", "", f"**{markdown(summary(diff, version))}**"]
    table = _table(diff, breaking) if breaking else []
    items = [f"- **{markdown(change.subject)}** {markdown(headline(change))}" for change in rest]
    more = f" and {len(prose) - 20} more" if len(prose) > 20 else ""
    tail = ["", f"Prose: {', '.join(prose[:20])}{more}"] if prose else []
    whole = _markdown(head, table, items, tail)
    if most is None or len(whole) <= most:
        return whole
    left = most - len(_markdown(head, table[:5], [""], [_cut(len(breaking), len(rest), most)]))
    shown, left = _fitting(table[5:], left)
    listed, left = _fitting(items, left if len(shown) == len(breaking) else 0)
    note = _cut(len(breaking) - len(shown), len(rest) - len(listed), most)
    return _markdown(head, table[:5] + shown if shown else [], listed, ["", note])


def _table(diff: Diff, breaking: Sequence[Change]) -> list[str]:
    """Five lines of its head, then a line a change."""
    surfaces = _shown(diff)
    lines = ["", "### Breaking", "", "| | " + " | ".join(TITLES[each] for each in surfaces) + " |"]
    lines.append("|---" * (len(surfaces) + 1) + "|")
    for change in breaking:
        cells = [_cell(effect.text) if effect.breaking else "-" for effect in change.judged]
        lines.append(f"| **{_cell(change.subject)}** {_cell(headline(change))} | " + " | ".join(cells) + " |")
    return lines


def _markdown(head: Sequence[str], table: Sequence[str], items: Sequence[str], tail: Sequence[str]) -> str:
    folded = ["", "<details><summary>Not breaking</summary>", "", *items, "", "</details>"] if items else []
    return "\n".join([*head, *table, *folded, *tail])


def _fitting(lines: Sequence[str], left: int) -> tuple[list[str], int]:
    """The first of the lines that fit, and the characters that are left then."""
    results = []
    for line in lines:
        if len(line) + 1 > left:
            break
        results.append(line)
        left -= len(line) + 1
    return results, left


def _cut(breaking: int, rest: int, most: int) -> str:
    return (
        f"**Not shown: {breaking} changes that break and {rest} that do not. "
        f"This report was cut at {most} characters; `surfacegen diff` tells all of them.**"
    )


def _cell(written: str) -> str:
    """Text for a table: code stays code, and no bar ends the cell."""
    return markdown_spans(written).replace("|", "\\|")


def _shown(diff: Diff) -> tuple[str, ...]:
    return tuple(effect.surface for effect in diff.changes[0].judged)


def as_json(diff: Diff, version: str) -> str:
    """For machines."""
    result = level(diff)
    document = {
        "breaking": diff.breaking,
        "breaks": [audience for audience, _ in _counted(diff.changes)],
        "level": result,
        "version": {"from": version, "to": following(version, result)},
        "changes": [_plain(change) for change in diff.changes],
    }
    return json.dumps(document, indent=1, ensure_ascii=False)


def _plain(change: Change) -> dict[str, Any]:
    return {
        "kind": change.kind, "action": change.action, "subject": change.subject, "name": change.name, "facet": change.facet,
        "before": change.before, "after": change.after, "where": change.where, "used_by": list(change.used_by),
        "breaking": change.breaking, "breaks": list(change.breaks),
        "surfaces": {effect.surface: _effect(effect) for effect in change.effects},
        "deployed": _effect(change.deployed) if change.deployed else None,
    }  # fmt: skip


def _effect(effect: Effect) -> dict[str, Any]:
    return {"breaking": effect.breaking, "outcome": effect.outcome, "text": effect.text}


def _by_subject(diff: Diff) -> Iterator[tuple[str, list[Change]]]:
    result: dict[str, list[Change]] = {}
    for change in diff.changes:
        result.setdefault(change.subject, []).append(change)
    yield from result.items()
