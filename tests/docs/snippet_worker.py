"""Runs snippets one after another in one process: a JSON line with language and code comes in, one with what went
wrong goes out. Each snippet has a namespace, an event loop and a client of its own."""

from __future__ import annotations

import contextlib
import io
import json
import sys
import traceback
from typing import Any


def python(code: str) -> str:
    """What went wrong, or nothing."""
    shown = io.StringIO()
    names: dict[str, Any] = {"__name__": "__main__"}
    try:
        with contextlib.redirect_stdout(shown):
            exec(compile(code, "snippet", "exec"), names)  # noqa: S102
    except Exception:  # noqa: BLE001 - whatever it is, it is the snippet's
        return traceback.format_exc()
    finally:
        if "client" in names:
            names["client"].close()  # as the end of its process would
    return "" if shown.getvalue().strip() or "print" not in code else "it prints nothing"


def lua(code: str) -> str:
    """What went wrong, or nothing."""
    import replikit
    from replikit import functions, lua

    with replikit.Replicate() as client:
        envelope: dict[str, Any] = lua.run(code, client=client, policy=functions.Policy.everything())
    return "" if envelope["success"] else json.dumps(envelope["error"])


def main() -> None:
    """Serves until standard input ends."""
    for line in sys.stdin:
        asked = json.loads(line)
        failed = {"python": python, "lua": lua}[asked["language"]](asked["code"])
        print(json.dumps(failed), flush=True)


if __name__ == "__main__":
    main()
