"""The public names of the official client's package, printed one a line; run in a virtual environment that holds it."""

from __future__ import annotations

import importlib
import types

import replicate  # type: ignore[import-not-found,unused-ignore]

_LEFT_OVER = {"annotations", "override"}
"""What its first module imports for itself."""


def main() -> None:
    """Those of the package, and its errors."""
    errors = importlib.import_module("replicate.exceptions")
    names = {name for name in dir(replicate) if not isinstance(getattr(replicate, name), types.ModuleType)}
    names |= {name for name in dir(errors) if name.startswith("Replicate") or name.endswith("Error")}
    print(*sorted(name for name in names - _LEFT_OVER if not name.startswith("_")), sep="\n")


if __name__ == "__main__":
    main()
