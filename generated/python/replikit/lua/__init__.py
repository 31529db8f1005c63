"""Lua code mode: a script that calls the API's functions, in a child process that can do nothing else."""

from .envelope import Event
from .limits import Limits
from .process import MissingError
from .sandbox import Sandbox, run
from .session import Session
from .turns import BusyError, Turns

__all__ = ["BusyError", "Event", "Limits", "MissingError", "Sandbox", "Session", "Turns", "run"]
