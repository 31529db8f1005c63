"""A diff as one HTML page that stands alone: no script, nothing from elsewhere, and every text escaped."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ...text import xml
from .change import AUDIENCES, Audience, Change, Diff
from .report import TITLES, headline, summary

_WHOM: dict[Audience, str] = {"regenerated": "Generated again", "deployed": "Deployed clients"}
_HEAD = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>{title}</title>
<style>
:root { color-scheme: light dark; --page: #fff; --text: #1f2328; --line: #c9ced6; --soft: #57606a; --bad: #b3261e; --good: #1a6b36; }
@media (prefers-color-scheme: dark) {
  :root { --page: #101418; --text: #e6edf3; --line: #3d444d; --soft: #a3adb8; --bad: #ff9a92; --good: #7fdca0; }
}
body { background: var(--page); color: var(--text); font: 1rem/1.5 system-ui, sans-serif; max-width: 70rem; margin: 0 auto; padding: 1rem; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
th, td { border-bottom: 1px solid var(--line); padding: .4rem .6rem .4rem 0; text-align: left; vertical-align: top; }
ul { margin: 0; padding-left: 1.2rem; }
code { font-family: ui-monospace, monospace; overflow-wrap: anywhere; }
.where { color: var(--soft); font-size: .875rem; }
.bad { color: var(--bad); font-weight: 600; }
.good { color: var(--good); }
</style>
</head>
<body>
<main>
"""
_TAIL = "</main>\n</body>\n</html>"


def as_html(diff: Diff, version: str) -> str:
    """The page: the verdict, then what breaks, then the rest."""
    real = [change for change in diff.changes if change.action != "prose"]
    breaking = [change for change in real if change.breaking]
    title = "What changes"
    parts = [
        _HEAD.replace("{title}", title),
        f"<h1>{title}</h1>\n<p><strong>{xml(summary(diff, version))}</strong></p>\n",
    ]
    audiences = _looked_at(diff)
    for name, changes in (("Breaking", breaking), ("Not breaking", [each for each in real if not each.breaking])):
        if changes:
            parts += [f"<h2>{name}</h2>\n", *_table(name, changes, audiences)]
    if prose := sorted({change.subject for change in diff.changes if change.action == "prose"}):
        listed = ", ".join(xml(subject) for subject in prose)
        parts.append(f"<h2>Prose</h2>\n<p>{listed}</p>\n")
    return "".join([*parts, _TAIL])


def _looked_at(diff: Diff) -> tuple[Audience, ...]:
    """The audiences that the changes were judged for."""
    judged: dict[Audience, bool] = {
        "regenerated": any(change.effects for change in diff.changes),
        "deployed": any(change.deployed for change in diff.changes),
    }
    return tuple(audience for audience in AUDIENCES if judged[audience])


def _table(name: str, changes: Sequence[Change], audiences: Sequence[Audience]) -> Iterator[str]:
    heads = "".join(
        f'<th scope="col">{head}</th>' for head in ("Change", *(_WHOM[each] for each in audiences), "What is seen")
    )
    yield f'<div class="scroll" tabindex="0" role="region" aria-label="{name}">\n<table>\n<thead><tr>{heads}</tr></thead>\n'
    yield "<tbody>\n"
    for change in changes:
        where = f'<br><span class="where">{xml(change.where)}</span>' if change.where else ""
        verdicts = "".join(f"<td>{_verdict(change, audience)}</td>" for audience in audiences)
        subject = f"<strong>{xml(change.subject)}</strong> {xml(headline(change))}{where}"
        yield f"<tr><td>{subject}</td>{verdicts}<td>{_effects(change)}</td></tr>\n"
    yield "</tbody>\n</table>\n</div>\n"


def _verdict(change: Change, audience: Audience) -> str:
    return '<span class="bad">breaks</span>' if change.breaks_for(audience) else '<span class="good">goes on</span>'


def _effects(change: Change) -> str:
    """The breaking effects, or else the notes; effects with the same text on all surfaces appear once."""
    effects = [each for each in change.judged if each.breaking] or [each for each in change.judged if each.text]
    texts: dict[str, list[str]] = {}
    for effect in effects:
        if effect.text:
            texts.setdefault(effect.text, []).append(TITLES[effect.surface])
    lines = "".join(f"<li>{', '.join(names)}: {_spans(text)}</li>" for text, names in texts.items())
    return f"<ul>{lines}</ul>" if lines else ""


def _spans(text: str) -> str:
    """Text in which `…` is code."""
    parts = text.split("`")
    return "".join(f"<code>{xml(part)}</code>" if index % 2 else _plain(part) for index, part in enumerate(parts))


def _plain(text: str) -> str:
    """Escaped, with the spaces at both ends, which stand beside code."""
    inner = xml(text)
    return f"{' ' if text[:1] == ' ' else ''}{inner}{' ' if text[-1:] == ' ' and inner else ''}"
