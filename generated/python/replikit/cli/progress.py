"""What a person at a terminal sees while something takes its time: one line on stderr, and nothing in a pipe."""

from __future__ import annotations

import os
import shutil
import sys
import threading
import time
from typing import Self

from ..runtime.visible import line
from .output import colourful
from .paint import FAINT, GOOD, styled
from .streams import Shown, shown

_CELLS = 24
_TICK = 0.2


class Line:
    """A line that is written over and over: a text, a bar where there is a share, and the time that passed."""

    def __init__(self, text: str) -> None:
        self.shown = sys.stderr.isatty() and os.environ.get("TERM") != "dumb"  # which cannot write a line anew
        self._colour = colourful(sys.stderr)
        self._text = text
        self._share: float | None = None
        self._note = ""
        self._begun = time.monotonic()
        self._over = threading.Event()
        self._thread: threading.Thread | None = None

    def __enter__(self) -> Self:
        if self.shown:
            self._thread = threading.Thread(target=self._tick, daemon=True)
            self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        if self._thread is not None:
            self._thread.join()
            sys.stderr.write(Shown("\r\x1b[K"))
            sys.stderr.flush()

    def set(self, text: str, share: float | None = None, note: str = "") -> None:
        """What there is to tell now. share: from 0 to 1, None where it is not known."""
        self._text, self._share, self._note = text, share, note

    def transfer(self, done: int, whole: int | None) -> None:
        """How many bytes of how many there are."""
        self._share = done / whole if whole else None
        self._note = size(done) + (f" of {size(whole)}" if whole else "")

    def _tick(self) -> None:
        over = False
        while not over:
            self._draw()
            over = self._over.wait(_TICK)
        self._draw()  # what was quick is seen to have been done, too

    def _draw(self) -> None:
        sys.stderr.write(shown([Shown("\r"), *self._drawn(), Shown("\x1b[K")]))
        sys.stderr.flush()

    def _drawn(self) -> list[str]:
        bar: list[str] = []
        if self._share is not None:
            full = round(min(max(self._share, 0.0), 1.0) * _CELLS)
            bar = [styled("━" * full, GOOD, self._colour), styled("─" * (_CELLS - full), FAINT, self._colour)]
            bar.append(f" {self._share:4.0%} ")
        room = shutil.get_terminal_size().columns - (_CELLS + 6 if bar else 0) - 2
        words = line(f"{self._text}  {self._note}  " if self._note else f"{self._text}  ")
        seconds = f"{time.monotonic() - self._begun:.0f} s"
        return [words[: max(8, room - len(seconds))], *bar, styled(seconds, FAINT, self._colour)]


def size(count: int) -> str:
    """A number of bytes for people."""
    amount, unit = float(count), "B"
    for larger in ("kB", "MB", "GB"):
        if amount < 1000:
            break
        amount, unit = amount / 1000, larger
    return f"{amount:.0f} {unit}" if unit == "B" else f"{amount:.1f} {unit}"


def notify(text: str) -> None:
    """A line for people on stderr, where there is a terminal to read it on."""
    if sys.stderr.isatty():
        sys.stderr.write(f"{text}\n")
        sys.stderr.flush()
