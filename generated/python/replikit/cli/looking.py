"""Commands that poll the API until they are stopped: they survive outages, and end by Ctrl-C or on their own."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from .session import Session, translated

if TYPE_CHECKING:
    from ..runtime.activity import Activity, Change
    from ..runtime.operation import JobInfo


def activity(session: Session, wanted: Callable[[JobInfo, Any, bool], bool]) -> Activity:
    """The jobs of every kind that can be listed. Raises Failure where the account may not see them."""
    from ..functions import find
    from ..operations import JOBS
    from ..runtime.activity import Activity

    jobs = [job for job in JOBS.values() if job.list]
    for job in jobs:
        for name in (job.list, job.poll):
            session.permit(find(name), {})
    return Activity(session.client, jobs, wanted)


def looks(session: Session, seen: Activity, interval: float, silent: Callable[[str], object]) -> Iterator[list[Change]]:
    """The changes of each look, a look every so many seconds and less often while the API does not answer.

    silent: told why not, once for each outage. Raises Failure where another look would not fare better, or after a long
    outage.
    """
    from ..functions import find
    from ..operations import JOBS, OPERATIONS
    from ..runtime.errors import ApiConnectionError, ApiError
    from ..runtime.jobs import Outage

    outage, quiet = Outage(interval), False
    listing = next(OPERATIONS[job.list] for job in JOBS.values() if job.list)
    while True:
        with translated(find(listing.name)):
            try:
                changes = seen.look()
            except (ApiConnectionError, ApiError) as error:
                outage.failed(error, session.client.retries.mends(listing, error))
                if not quiet:
                    silent(str(error))
                quiet = True
            else:
                outage.answered()
                quiet = False
                yield changes
        for pause in outage.pauses():
            time.sleep(pause)
