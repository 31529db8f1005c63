"""`python -P -m PACKAGE.gateway`: the package as a member of a host, over stdin and stdout."""

from __future__ import annotations

from .member import main

if __name__ == "__main__":
    main()
