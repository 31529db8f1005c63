"""A diff as workflow commands of GitHub Actions, which shows them as annotations beside the lines of a pull request.

    ::error file=openapi.yaml,line=6,col=61,title=pets.list%3A parameter removed::…

A command is one line. In what follows `::` a percent sign, a carriage return and a line feed are escaped, in a property
a colon and a comma as well (`escapeData` and `escapeProperty` of actions/toolkit); so no text of a document ends one.
"""

from __future__ import annotations

from ...text import visible
from .change import Change, Diff
from .locations import details, location
from .report import headline, summary


def as_github(diff: Diff, version: str) -> str:
    """A command for each change, what breaks first; the verdict last. GitHub shows ten of each level for a step."""
    real = [change for change in diff.changes if change.action != "prose"]
    lines = [_command("error", change) for change in real if change.breaking]
    lines += [_command("notice", change) for change in real if not change.breaking]
    return "\n".join([*lines, f"::notice title=diff::{data(summary(diff, version))}"])


def _command(level: str, change: Change) -> str:
    where = location(change)
    properties = {} if where is None else {"file": where.path, "line": str(where.line), "col": str(where.column)}
    properties["title"] = f"{change.subject}: {headline(change)}"
    written = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    return f"::{level} {written}::{data(details(change) or headline(change))}"


def data(text: str) -> str:
    """The message of a command, escaped."""
    shown = "\n".join(visible(line) for line in text.split("\n"))
    return shown.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return data(text).replace(":", "%3A").replace(",", "%2C")
