"""The error message where a server cannot listen."""

from __future__ import annotations

import errno

_WHY = {
    errno.EADDRINUSE: "another program listens there: give another port, or 0 for a free one",
    errno.EACCES: "this user may not: give a port above 1023, or 0 for a free one",
    errno.EADDRNOTAVAIL: "that is no address of this machine: give one that is, such as 127.0.0.1",
}


def refused(host: str, port: int, error: OSError) -> str:
    """The address, the reason, and what to do about it."""
    return f"cannot listen on {host}:{port}: {_WHY.get(error.errno or 0) or error.strerror or error}"
