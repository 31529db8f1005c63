"""The command line. `main` is its entry."""

from .app import main

__all__ = ["main"]
