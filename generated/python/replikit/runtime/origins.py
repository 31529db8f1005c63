"""The servers that have answered in this process, and when each of them last took a call.

One that has answered before and refuses a connection now is being restarted, and no wrong address; and what was learnt
while it did not answer is out of date as soon as any call of it succeeds.
"""

from __future__ import annotations

import math
import time
from collections import OrderedDict
from threading import Lock

_MOST = 256
"""Origins that are remembered; those that were first heard of are forgotten first."""
_origins: OrderedDict[str, float] = OrderedDict()
_lock = Lock()


def answered(url: str, *, success: bool) -> None:
    """Its server has answered. success: and is in no trouble."""
    origin = _origin(url)
    if not success and origin in _origins:
        return
    with _lock:
        _origins[origin] = time.monotonic() if success else -math.inf
        if len(_origins) > _MOST:
            _origins.popitem(last=False)


def known(url: str) -> bool:
    """Whether its server has ever answered."""
    return _origin(url) in _origins


def recovered(url: str, since: float) -> bool:
    """Whether a call of its server has succeeded since that time of `time.monotonic`."""
    return _origins.get(_origin(url), -math.inf) > since


def _origin(url: str) -> str:
    end = url.find("/", 8)  # behind https://
    return url if end < 0 else url[:end]
