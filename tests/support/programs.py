"""Programs of the system that a test runs."""

from __future__ import annotations

import shutil

import pytest


def needs(*names: str) -> None:
    """Skips the test that calls this where one of them is missing."""
    for name in names:
        if shutil.which(name) is None:
            pytest.skip(f"{name} is not installed")
