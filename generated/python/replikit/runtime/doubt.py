"""Calls of a batch that may or may not have arrived: looked up among the account's newest jobs.

A job with the same input, begun since the batch was and known for no other line, is that line's; two lines with one
input may have one another's, which is the same to both. What is not there was never started, if the API shows a job
within `SETTLED` seconds of taking the call that starts it. Where inputs are no longer shown, or jobs cannot be listed,
it stays unknown, and nothing is started a second time.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from . import files
from .journal import Memory
from .objects import as_mapping
from .operation import JobInfo
from .views import at

SETTLED = 5.0
"""Seconds after which a call in flight has become a listed job, or never will."""


def settle(job: JobInfo, memory: Memory, since: list[Any], inputs: Mapping[int, Any]) -> dict[int, str]:
    """Note for each of these lines the job that it became, or that it became none.

    since: the jobs that were begun since the batch was. inputs: the input of each line in doubt. Returns the lines
    that stay unknown, with the reason.
    """
    if memory.head.get("newest") is None:
        return dict.fromkeys(inputs, f"the API does not list its {job.key}s")
    taken = set(memory.jobs.values())
    known_inputs = {str(at(data, job.id)): at(data, job.input) for data in since}
    unclaimed = {name: shown for name, shown in known_inputs.items() if name not in taken}
    missing = []
    for line, wanted in inputs.items():
        match = next((name for name, shown in unclaimed.items() if same(wanted, shown)), None)
        if match is None:
            missing.append(line)
        else:
            del unclaimed[match]
            memory.started(line, match)
    unread = sum(shown is None for shown in unclaimed.values())
    if unread:
        return dict.fromkeys(missing, f"the API no longer shows the input of {unread} {job.key}s begun since")
    for line in missing:
        memory.forget(line)
    return {}


def same(wanted: Any, shown: Any) -> bool:
    """Whether the input that a job shows is the one of the call. A file is shown as the URL that was sent for it."""
    if files.is_file(wanted):
        return isinstance(shown, str)
    wanted = as_mapping(wanted)
    if isinstance(wanted, Mapping):
        alike = isinstance(shown, Mapping) and wanted.keys() == shown.keys()
        return alike and all(same(item, shown[key]) for key, item in wanted.items())
    if isinstance(wanted, (list, tuple)):
        alike = isinstance(shown, list) and len(shown) == len(wanted)
        return alike and all(map(same, wanted, shown))
    return bool(wanted == shown)
