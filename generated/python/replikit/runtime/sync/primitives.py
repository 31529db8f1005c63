"""What is not one text for both: `aio` has a module with the same names."""

from __future__ import annotations

import time
from collections.abc import Callable

from ..operation import Answer, WebhookInfo

Pause = Callable[[float], object]
"""Lets so many seconds pass."""


def sleep(seconds: float) -> None:
    """Sleeps in this thread."""
    time.sleep(seconds)


def called(function: Callable[..., object], *arguments: object) -> None:
    """Calls what a user has passed in."""
    function(*arguments)


def view_name(info: Answer | WebhookInfo) -> str:
    """The class in `types` of what is answered."""
    return info.view
