"""Packages of two APIs, made once for all tests of the gateway."""

from __future__ import annotations

from pathlib import Path

import gateway_packages
import pytest


@pytest.fixture(scope="session")
def packages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The folder of each package."""
    return gateway_packages.render(tmp_path_factory.mktemp("packages"))
