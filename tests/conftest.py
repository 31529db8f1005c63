"""The runtime as ordinary code: in a package made for the tests, against real servers on the loopback interface."""

from __future__ import annotations

import _imp
import asyncio
import gc
import hashlib
import importlib
import json
import marshal
import os
import shutil
import signal
import sys
import threading
import time
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import CodeType, SimpleNamespace
from typing import Any

import pytest
from misbehaving import Misbehaving, misbehaving
from waiting import unslept

# A shell that starts the tests in the background has Ctrl-C ignored by them and by every program that they start.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# Tests start hundreds of interpreters: what one has compiled, the others need not compile again.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False


_compiled: dict[bytes, bytes] = {}


def _source_to_code(loader: SourceFileLoader, data: bytes, path: str, **_: Any) -> CodeType:
    """As the loader's own. But for a few modules every package that is made is the same: each text is compiled once."""
    key = hashlib.sha256(data).digest()
    if (kept := _compiled.get(key)) is None:
        code = compile(data, path, "exec", dont_inherit=True)
        _compiled[key] = marshal.dumps(code)
        return code
    code = marshal.loads(kept)
    _imp._fix_co_filename(code, path)  # as importlib does where a folder was moved together with its __pycache__
    return code


SourceFileLoader.source_to_code = _source_to_code  # type: ignore[assignment,method-assign]


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Two for each processor: a test waits for other processes, servers and clocks for half of its time, and each
    worker collects all tests and starts what it shares among them anew."""
    return 2 * (os.cpu_count() or 1)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Where something is not installed a test is skipped; under CI, where all of it is, that is a failure."""
    report = yield
    if report.skipped and os.environ.get("CI") == "true" and isinstance(report.longrepr, tuple):
        reason = report.longrepr[2]
        if "installed" in reason:
            report.outcome, report.longrepr = "failed", f"under CI nothing may be missing: {reason}"
    return report


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection() -> Generator[None, object, object]:
    """What is collected stays to the end: to look through a million objects for garbage takes a third of the time."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Long files first."""
    items.sort(key=lambda item: item.get_closest_marker("long") is None)


RUNTIME = Path(__file__).parents[1] / "generated/python/replikit/runtime"
ABOUT = """
NAME = PACKAGE = COMMAND = "demo"
TITLE = "Demo"
CLIENT = "Demo"
VERSION = "1.2.3"
SUMMARY = HOMEPAGE = ""
BASE_URL = "https://demo.invalid/v1"
TOKEN_ENV = "DEMO_TOKEN"
BASE_URL_ENV = "DEMO_BASE_URL"
TOKEN_URL = "https://demo.invalid/tokens"
"""
CREDENTIALS = """
from .runtime.schemes import Scheme

SCHEMES = (Scheme("main", "main", "bearer", prefix="Bearer", parts=(("token", "DEMO_TOKEN"),)),)
SECURITY = ((("main", ()),),)
"""
TYPES = """
from __future__ import annotations
from .runtime.views import View


class Owner(View):
    __slots__ = ()
    _views = {"made": "datetime"}
    name: str
    made: datetime | None


class Thing(View):
    __slots__ = ()
    _wire = {"class_": "class"}
    _views = {
        "owner": "Owner", "owners": "[Owner]", "by": "{Owner}",
        "made": "datetime", "day": "date", "count": "int", "share": "float",
    }
    id: str
    class_: str | None
    owner: Owner
    owners: Items[Owner]
    by: Mapping[str, Owner]
    note: str | None
    made: datetime
    day: date
    count: int
    share: float
"""


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """The runtime's modules, in a package that the test made."""
    folder = tmp_path_factory.mktemp("packages")
    package = folder / "demo_runtime"
    shutil.copytree(RUNTIME, package / "runtime")  # and what it is compiled to, where another test has used it
    (package / "__init__.py").write_text("")
    (package / "about.py").write_text(ABOUT)
    (package / "credentials.py").write_text(CREDENTIALS)
    (package / "types.py").write_text(TYPES)
    sys.path.insert(0, str(folder))
    names = sorted(path.stem for path in RUNTIME.glob("*.py") if path.stem != "__init__")
    modules: dict[str, Any] = {name: importlib.import_module(f"demo_runtime.runtime.{name}") for name in names}
    for half in ("aio", "sync"):
        names = sorted(path.stem for path in (RUNTIME / "aio").glob("*.py") if path.stem != "__init__")
        found = {name: importlib.import_module(f"demo_runtime.runtime.{half}.{name}") for name in names}
        modules[half] = SimpleNamespace(**found)
    modules["types"] = importlib.import_module("demo_runtime.types")
    yield SimpleNamespace(**modules)
    sys.path.remove(str(folder))
    for name in [name for name in sys.modules if name.startswith("demo_runtime")]:
        del sys.modules[name]


class Server:
    """Answers what the test queued, and keeps what it was asked."""

    def __init__(self) -> None:
        self.requests: list[SimpleNamespace] = []
        self.answers: list[tuple[int, dict[str, str], bytes]] = []
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def __getattr__(self, name: str) -> Any:
                if name.startswith("do_"):
                    return self.answer
                raise AttributeError(name)

            def answer(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length", 0)))
                server.requests.append(
                    SimpleNamespace(method=self.command, path=self.path, headers=self.headers, body=body)
                )
                status, headers, content = server.answers.pop(0) if server.answers else (200, {}, b"{}")
                self.send_response(status)
                for key, value in headers.items():
                    self.send_header(key, value)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_: Any) -> None:
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.http.daemon_threads = True
        self.origin = f"http://127.0.0.1:{self.http.server_address[1]}"
        self.base_url = self.origin + "/v1"
        threading.Thread(target=self.http.serve_forever, args=(0.01,), daemon=True).start()

    def queue(self, body: Any = None, status: int = 200, **headers: str) -> None:
        content = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        self.answers.append((status, {key.replace("_", "-"): value for key, value in headers.items()}, content))

    def close(self) -> None:
        self.http.shutdown()
        self.http.server_close()


@pytest.fixture
def server() -> Iterator[Server]:
    running = Server()
    yield running
    running.close()


@pytest.fixture
def bad() -> Iterator[Misbehaving]:
    """A server that sends whatever bytes a test writes down."""
    with misbehaving() as running:
        yield running


@pytest.fixture
def no_waiting(demo: Any, monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds that would have been slept."""
    waits: list[float] = []
    monkeypatch.setattr(demo.pace, "shared", lambda _: demo.pace.Pace(lambda: time.monotonic() + sum(waits)))
    unslept(monkeypatch, waits, demo.sync.core, demo.aio.core)
    return waits


@pytest.fixture(params=["httpx", "httpx2"])
def library(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The library that makes the connections."""
    monkeypatch.setenv("DEMO_HTTP", request.param)
    return importlib.import_module(request.param)


@dataclass(frozen=True)
class Face:
    """Either client, made and closed around one piece of work."""

    asynchronous: bool
    demo: Any

    def run(self, work: Callable[[Any], Any], *token: str, **options: Any) -> Any:
        """What `work(client)` gives, awaited where the client has it so."""
        if not self.asynchronous:
            with self.demo.sync.client.SyncClient(*(token or ("secret",)), **options) as client:
                return work(client)

        async def go() -> Any:
            async with self.demo.aio.client.AsyncClient(*(token or ("secret",)), **options) as client:
                found = work(client)
                return await found if hasattr(found, "__await__") else found

        return asyncio.run(go())


@pytest.fixture(params=[False, True], ids=["sync", "async"])
def face(request: pytest.FixtureRequest, demo: Any, library: Any) -> Face:
    return Face(request.param, demo)


def op(demo: Any, method: str = "GET", path: str = "/things", *params: Any, **more: Any) -> Any:
    access = "read" if method in ("GET", "QUERY") else "write"
    return demo.operation.Operation("do", "do", method, path, tuple(params), **{"access": access, **more})


@pytest.fixture(scope="session")
def patient_gateway() -> Iterator[None]:
    """No member of a gateway is given up for being slow: how fast the machine is decides no test."""
    import gateway_packages  # noqa: F401 (it makes what is generated importable)
    from hanging import HANGS
    from replikit.gateway import host, members

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(members, "START", HANGS)
        patch.setattr(members, "LOOK", HANGS)
        patch.setattr(host, "LOOK", HANGS)
        patch.setattr(host, "_OWN_SEARCH", HANGS)
        yield


@pytest.fixture(scope="session")
def packages(tmp_path_factory: pytest.TempPathFactory, patient_gateway: None) -> dict[str, Path]:
    """The folder of each package that the gateway's tests have beside Replicate's."""
    import gateway_packages
    from shared import shared

    folder = shared(tmp_path_factory, "gateway-packages", gateway_packages.render)
    return {name: folder / name for name in gateway_packages.DOCUMENTS}
