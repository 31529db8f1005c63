"""Reports failures of a third-party surface as its own: its name, what it raised and where, and what to do."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, redirect_stdout
from pathlib import Path
from typing import TypeVar

from ..errors import GeneratorBug, SpecError

T = TypeVar("T")
TRACEBACK = "SURFACEGEN_TRACEBACK"


class PluginError(Exception):
    """A surface of others failed, and the environment asks for the traceback."""


@contextmanager
def answered(who: str) -> Iterator[None]:
    """Whatever is raised within, as a SpecError about `who`; one that is raised as such stays. What is printed within
    is a note for people: standard output is ours, and may be read by machines.
    """
    try:
        with redirect_stdout(sys.stderr):
            yield
    except (SpecError, KeyboardInterrupt, GeneratorExit, MemoryError, PluginError):
        raise
    except BaseException as error:  # SystemExit as well: it must not end our run
        if os.environ.get(TRACEBACK):
            raise PluginError(who) from error
        hint = f"report it to its author, or omit it with --surface; {TRACEBACK}=1 shows the traceback"
        raise SpecError(who, _described(error), hint) from None


def each(who: str, items: Iterable[T]) -> Iterator[T]:
    """The same items; an exception while they are made becomes a SpecError about `who`."""
    with answered(who):
        iterator = iter(items)
    while True:
        with answered(who):
            try:
                item = next(iterator)
            except StopIteration:
                return
        yield item


def _described(error: BaseException) -> str:
    if isinstance(error, GeneratorBug):
        return str(error)
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    where = f" ({Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno})" if trace else ""
    return f"raised {type(error).__name__}: {error}{where}"
