"""Calls of a batch of which nobody knows whether they arrived: looked for among the account's newest jobs.

A job with the same input, begun since the batch was and known for no other line, is that line's; two lines with one
input may have one another's, which is the same to both. What is not there was never started, if the API shows a job
within `SETTLED` seconds of taking the call that starts it. Where inputs are no longer shown, or jobs cannot be listed,
nobody can know, and nothing is started a second time.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from .journal import Journal
from .paint import at
from .session import translated

if TYPE_CHECKING:
    from ..functions import FunctionInfo
    from ..runtime.operation import JobInfo

SETTLED = 5.0
"""Seconds after which a call that was under way has become a job that is listed, or never will."""


class Doubt:
    """The jobs of the account, as far as they tell what became of a batch."""

    def __init__(self, client: Any, info: FunctionInfo, job: JobInfo, journal: Journal) -> None:
        self._client = client
        self._info = info
        self._job = job
        self._journal = journal

    def newest(self) -> str | None:
        """The newest job there is; "" where there is none, None where jobs cannot be listed."""
        if not self._job.list or not self._job.input:
            return None
        return next((str(at(data, self._job.id)) for data in self._listed()), "")

    def settle(self, inputs: Mapping[int, Any]) -> dict[int, str]:
        """Note for each of these lines the job that it became, or that it became none.

        Gives the lines of which nobody can know, with the reason.
        """
        job = self._job
        if self._journal.head.get("newest") is None:
            return dict.fromkeys(inputs, f"the API does not list its {job.key}s")
        taken = set(self._journal.jobs.values())
        found = {str(at(data, job.id)): at(data, job.input) for data in self._since()}
        open_ = {name: shown for name, shown in found.items() if name not in taken}
        missing = []
        for line, wanted in inputs.items():
            match = next((name for name, shown in open_.items() if same(wanted, shown)), None)
            if match is None:
                missing.append(line)
            else:
                del open_[match]
                self._journal.started(line, match)
        unread = sum(shown is None for shown in open_.values())
        if unread:
            reason = f"the API no longer shows the input of {unread} {job.key}s begun since"
            return dict.fromkeys(missing, reason)
        for line in missing:
            self._journal.forget(line)
        return {}

    def _since(self) -> Iterator[Any]:
        for data in self._listed():
            if str(at(data, self._job.id)) == self._journal.head["newest"]:
                return
            yield data

    def _listed(self) -> Iterator[Any]:
        from ..operations import OPERATIONS

        with translated(self._info):
            for page in self._client.call(OPERATIONS[self._job.list], {}, raw=False).pages():
                yield from page.results.to_list()


def same(wanted: Any, shown: Any) -> bool:
    """Whether an input that is shown is the one that was given. A file is shown as the URL that was sent for it."""
    from ..runtime import files

    if files.is_file(wanted):
        return isinstance(shown, str)
    if isinstance(wanted, Mapping):
        alike = isinstance(shown, Mapping) and wanted.keys() == shown.keys()
        return alike and all(same(item, shown[key]) for key, item in wanted.items())
    if isinstance(wanted, (list, tuple)):
        alike = isinstance(shown, list) and len(shown) == len(wanted)
        return alike and all(map(same, wanted, shown))
    return bool(wanted == shown)
