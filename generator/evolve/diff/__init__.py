"""What changed between two APIs, as it appears on every surface, and to clients that were deployed before.

    match        which function, argument and field of the old API is which of the new one; renames are recognised
    shapes       how one type differs from another: wider, narrower, or something else
    constraints  the same of allowed values, limits, formats and rules
    within       whether all values of one type are values of another
    ways         other ways to make one call: by place, by another name, with one argument in place of several
    credentials  schemes, and what functions require of them
    media        media types as both sides take them
    bodies       the body of a request as a whole
    answers      statuses, media types and headers
    events       webhooks and callbacks
    models       named types side by side
    compare      the two APIs walked side by side: facts, in words of no language
    effects      what a fact does to the old call on each surface and to the old request, and whether that breaks it
    version      the semantic version that follows
    phrases      what is seen, in a sentence; its words are in `wording`
    report       text, Markdown, JSON
    locations    where a change stands, for hosts that show files
    github       workflow commands of GitHub Actions
    sarif        SARIF 2.1.0
    page         one page of HTML

A pure function of two Apis: it reads no file and knows no clock.
"""

from __future__ import annotations

from ...ir import Api
from .change import AUDIENCES, SURFACES, Audience, Change, Diff, Effect
from .compare import compare
from .effects import judge, requests


def diff(old: Api, new: Api) -> Diff:
    """Every change from one API to the other, sorted by subject, judged for every surface."""
    answered = requests(new)
    changes = (judge(fact, old, new, answered) for fact in compare(old, new))
    return Diff(tuple(sorted(changes, key=lambda change: (change.subject, change.kind, change.name))))


__all__ = ["AUDIENCES", "SURFACES", "Audience", "Change", "Diff", "Effect", "diff"]
