"""Many runs of the generator in one process, of which none is written with a manifest: what they share is read once."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from generator import pipeline
from generator.read import files

TEMPLATES = Path(__file__).parents[2] / "templates"
_read, _kept = files.content, cache(files.content)


def content(path: Path, shown: str = "", most: int | None = None) -> bytes:
    """As the reader's; no test changes a template of ours."""
    return _kept(path, shown, most) if path.is_relative_to(TEMPLATES) else _read(path, shown, most)


def made_in_memory(inputs: pipeline.Inputs) -> pipeline.MadeInMemory:
    """What a run makes, without the digests of all templates before it and after it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pipeline, "digest", lambda *_: {})
        patch.setattr(files, "content", content)
        return pipeline.make(inputs)
