"""Regenerates when what is read has changed, and says what moved: files, and what the change means on the surfaces."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from .. import loading
from ..errors import SpecError
from ..inputs import Inputs, digest
from ..write import manifest
from ..write.manifest import DOCUMENT

if TYPE_CHECKING:
    from ..ir import Api

INTERVAL = 0.4
"""Seconds between two looks."""


def watch(
    read: Callable[[], Inputs],
    out: Path,
    arguments: Sequence[str],
    surfaces: Sequence[str],
    say: Callable[[str], None],
) -> None:
    """Runs `generate` with these arguments now and after every change, until interrupted.

    read: what is watched; asked at each look. Each run is a process of its own: what changed may be the generator itself.
    """
    api: Api | None = None
    for changed in _changes(read, out, surfaces):
        if changed:
            say(f"{', '.join(changed)} changed")
        former = manifest.read_manifest(out).files
        command = [sys.executable, "-m", __name__.partition(".")[0], "generate", *arguments]
        done = subprocess.run(command, check=False, capture_output=True, text=True)
        if done.returncode:
            say(done.stderr.strip())
            continue
        for line in _moved(former, manifest.read_manifest(out).files):
            say(line)
        api = _meaning(api, read(), say)
        say("watching: Ctrl-C ends it")


def _changes(read: Callable[[], Inputs], out: Path, surfaces: Sequence[str]) -> Iterator[list[str]]:
    """Nothing at first, then the parts that changed, whenever some did."""
    before: dict[str, str] | None = None
    while True:
        try:
            now = digest(read(), manifest.read_manifest(out).referred, surfaces)
        except (SpecError, OSError):
            now = before or {}  # an editor is about to put the file back
        if before is None:
            yield []
        # A file that the document refers to is first heard of when the run that read it has ended: that is no change.
        elif changed := [
            part
            for part in sorted({*before, *now})
            if before.get(part) != now.get(part) and (part in before or not part.startswith(DOCUMENT))
        ]:
            yield changed
        before = now
        time.sleep(INTERVAL)


def _moved(before: dict[str, str], after: dict[str, str]) -> Iterator[str]:
    for path in sorted({*before, *after}):
        if before.get(path) != after.get(path):
            yield f"  {'+' if path not in before else '-' if path not in after else '~'} {path}"


def _meaning(former: Api | None, inputs: Inputs, say: Callable[[str], None]) -> Api | None:
    """The API as it is now; prints how it differs from the last one."""
    from .diff import diff, report

    now = loading.load(inputs)
    if former is not None and (result := diff(former, now)).changes:
        say(report.text(result, former.version))
    return now
