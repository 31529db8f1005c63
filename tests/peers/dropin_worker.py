"""The official client, in a virtual environment of its own: makes the calls that come in as lines of JSON."""

from __future__ import annotations

import base64
import json
import os
import sys
from typing import Any


def decoded(value: Any) -> Any:
    """A value of the line; what was a file is (name, content, type) again."""
    if isinstance(value, dict):
        if "$file" in value:
            name, content, kind = value["$file"]
            return (name, base64.b64decode(content), kind)
        return {key: decoded(item) for key, item in value.items()}
    return [decoded(item) for item in value] if isinstance(value, list) else value


def main(token: str, base_url: str) -> None:
    """Reads a call a line, makes it, and says how it ended."""
    os.environ |= {"REPLICATE_API_TOKEN": token, "REPLICATE_BASE_URL": base_url}
    import replicate  # type: ignore[import-not-found,unused-ignore]

    client = replicate.Replicate(bearer_token=token, base_url=base_url, max_retries=0)
    for line in sys.stdin:
        path, arguments, names = json.loads(line)
        try:
            # Its client's own `use` raises TypeError; the module's works.
            found: Any = replicate if path == "use" else client
            for step in path.split("."):
                found = getattr(found, step)
            found = found(*names, **decoded(arguments))
            if path == "use":
                found = found(text="Ada")
            said = type(found).__name__
        except Exception as error:  # noqa: BLE001 - whatever it is, the test shows it
            said = f"{type(error).__name__}: {error}"[:300]
        print(said, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
