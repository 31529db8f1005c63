"""Where a surface of others may lay a file: below the output folder, in nothing that belongs to someone else."""

from __future__ import annotations

_RESERVED = ("manifest.json", "ledger.json")
"""At the top of the folder: ours."""
_REFUSED = frozenset('<>:"|?*\\')
"""What some file system cannot hold, or reads as something else."""
_LONGEST = 1_000
_STEP = 255


def problem(path: str) -> str:
    """Why no file may be laid there; empty where one may."""
    if not path or path.startswith("/"):
        return "is not relative to the output folder"
    if len(path) > _LONGEST:
        return f"is longer than {_LONGEST:,} characters"
    if not path.isprintable() or not _REFUSED.isdisjoint(path):
        return "contains a character that is not allowed in file names"
    if path.lower() in _RESERVED:
        return "is a file that surfacegen itself writes"
    for step in path.split("/"):
        if not step or step != step.strip() or step.endswith("."):  # `.` and `..` among them
            return f"has {step!r} as a segment, which is not a valid name"
        if len(step.encode("utf-8", "replace")) > _STEP:
            return f"has a segment of more than {_STEP} bytes"
        if step.lower() == ".git" or step.startswith(".surfacegen-"):
            return f"leads into {step}"
    return ""
