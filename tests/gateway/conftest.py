"""Packages of two APIs, made once for all tests of the gateway."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import gateway_packages
import pytest
from hanging import HANGS
from replikit.gateway import host, members


@pytest.fixture(scope="session")
def packages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The folder of each package."""
    return gateway_packages.render(tmp_path_factory.mktemp("packages"))


@pytest.fixture(scope="session", autouse=True)
def _patient() -> Iterator[None]:
    """No member is given up for being slow: how fast the machine is decides no test."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(members, "START", HANGS)
        patch.setattr(members, "LOOK", HANGS)
        patch.setattr(host, "LOOK", HANGS)
        patch.setattr(host, "_OWN_SEARCH", HANGS)
        yield
