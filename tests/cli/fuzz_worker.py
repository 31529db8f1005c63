"""Runs commands one after another in this process, by the entry that the installed command calls.

Reads a JSON array of {words, stdin, environment}, writes one of {code, out, err, raised}.
"""

from __future__ import annotations

import io
import json
import os
import sys
import traceback
from typing import Any


def one(case: dict[str, Any]) -> dict[str, Any]:
    """One command, as if it were a process."""
    from replikit.cli import failure, main

    failure.shape(None)
    before = dict(os.environ)
    os.environ.update(case["environment"])
    streams = sys.stdin, sys.stdout, sys.stderr
    out, err = io.BytesIO(), io.BytesIO()
    sys.stdin = io.TextIOWrapper(io.BytesIO(case["stdin"].encode("latin-1")))
    writers = io.TextIOWrapper(out), io.TextIOWrapper(err)
    sys.stdout, sys.stderr = writers
    code, raised = None, ""
    try:
        main(case["words"])
    except SystemExit as ended:
        code = ended.code
    except BaseException:  # noqa: BLE001 - whatever it is, it is what the test looks for
        raised = traceback.format_exc()
    finally:
        for writer in writers:
            writer.flush()
        sys.stdin, sys.stdout, sys.stderr = streams
        os.environ.clear()
        os.environ.update(before)
    return {
        "code": code,
        "out": out.getvalue().decode("latin-1"),
        "err": err.getvalue().decode("latin-1"),
        "raised": raised,
    }


if __name__ == "__main__":
    cases = json.load(sys.stdin)
    results = [one(case) for case in cases]
    json.dump(results, sys.stdout)
