"""What pytest finds of this package: a fixture that is the mock of the API, with nothing in it from another test.

pytest imports this module in every run of an environment that the package is installed in, so that it imports nothing
beyond pytest until a test asks for the fixture. It is called as the package is, with `_mock` behind.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

PACKAGE = __name__.rpartition(".")[0]
NAME = f"{PACKAGE}_mock"
_SERVER = f"_{NAME}_server"
_DEFAULTS = {"seconds": 0.0, "seed": 1}
"""Jobs end at once, and each run of a test gives the same ids and times."""


def pytest_configure(config: pytest.Config) -> None:
    """Makes the marker known."""
    config.addinivalue_line("markers", f"{NAME}(**options): what the mock of the test is served with, as of `serve`")


@pytest.fixture(scope="session", name=_SERVER)
def _server() -> Iterator[Any]:
    """One server for all tests that ask for no options of their own."""
    with _serve({}) as mock:
        yield mock


@pytest.fixture(name=NAME)
def _mock(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A mock of the API in the state that it starts in. The variables of the environment lead clients to it."""
    marker = request.node.get_closest_marker(NAME)
    if marker is None or not marker.kwargs:
        mock = request.getfixturevalue(_SERVER)
        mock.reset()
        yield _exported(mock, monkeypatch)
        return
    with _serve(marker.kwargs) as mock:
        yield _exported(mock, monkeypatch)


def _exported(mock: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    for name, value in mock.environment().items():
        monkeypatch.setenv(name, value)
    return mock


def _serve(options: dict[str, Any]) -> AbstractContextManager[Any]:
    if find_spec(f"{PACKAGE}.mock") is None:
        raise pytest.UsageError(f"{PACKAGE} was made without its mock: make the surface `mock` as well")
    server: AbstractContextManager[Any] = import_module(f"{PACKAGE}.mock.server").serve(**{**_DEFAULTS, **options})
    return server
