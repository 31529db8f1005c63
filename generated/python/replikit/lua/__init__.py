"""Lua code mode: a script that calls the API's functions, in a child process that can do nothing else."""

from .host import Limits, run

__all__ = ["Limits", "run"]
