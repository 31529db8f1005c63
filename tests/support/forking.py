"""Commands of a Python package without the start of an interpreter.

A server of this module has imported what a command imports. For each command it forks a process of its own, with the
file descriptors, the environment and the folder that were asked for, and that process goes on as `python -m package`
does: the same entry, the same end, a status of its own. What a test sees of it, it sees of a real process; only the
imports are not made again, and nothing is taken apart at the end.
"""

from __future__ import annotations

import atexit
import fcntl
import hashlib
import importlib
import io
import marshal
import os
import pkgutil
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import termios
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from hanging import HANGS

CLIENT = Path(__file__).with_name("fork_client.py")
# What a command imports once it runs: httpx, httpcore and anyio import theirs with the first request.
_LATE = (
    "anyio",
    "certifi",
    "concurrent.futures.thread",
    "encodings.idna",
    "httpcore",
    "httpx",
    "importlib.readers",
    "runpy",
    "webbrowser",
    "zipfile",
)
# What the interpreter reads while it starts, so that a process that has another needs a start of its own.
_READ_AT_START = ("PYTHON", "LC_", "LANG", "LD_", "MALLOC_", "GLIBC_")


class Forking:
    """The server of one package, from its first command to the end of the tests.

    One that is `shared` is that of all processes that run the tests: whoever needs it first starts it, and it ends with
    the last of them. All of them hold the writing end of a pipe whose reading end is the server's stdin.
    """

    def __init__(
        self, package: str, path: str, leaving: tuple[str, ...] = (), *, shared: bool = False, **start: str
    ) -> None:
        self.package, self.leaving, self.shared = package, leaving, shared
        self.start = {"PYTHONPATH": path, **start}
        self._lock = threading.Lock()
        self._server: subprocess.Popen[bytes] | None = None
        self._alive = -1
        self._folder = ""

    def possible(self, environment: Mapping[str, str]) -> bool:
        """Whether a command in this environment can come from this server."""
        read = {
            name: value
            for name, value in environment.items()
            if name.startswith(_READ_AT_START) and name != "PYTHON_KEYRING_BACKEND"  # which only keyring reads
        }
        return sys.platform == "linux" and read == self.start

    @property
    def address(self) -> str:
        """Where it listens."""
        with self._lock:
            if self._alive < 0:
                self._begin()
            return f"{self._folder}/socket"

    def ask(self, request: dict[str, Any], descriptors: list[int]) -> tuple[int, socket.socket]:
        """The id of a new process, and where its status will be read."""
        connection = socket.socket(socket.AF_UNIX)
        connection.connect(self.address)
        text = marshal.dumps(request)
        socket.send_fds(connection, [len(text).to_bytes(8, "big")], descriptors)
        connection.sendall(text)
        return int.from_bytes(_exactly(connection, 8), "big"), connection

    def shim(self) -> list[str]:
        """A program that does as `python -m package`, for those that start programs by name."""
        if sys.platform != "linux":
            return [sys.executable, "-m", self.package]
        return [sys.executable, "-I", "-S", str(CLIENT), self.address]

    def _begin(self) -> None:
        run = os.environ.get("PYTEST_XDIST_TESTRUNUID", "")
        if not (self.shared and run):
            self._folder = tempfile.mkdtemp()
            self._start()
            return
        words = repr((self.package, self.leaving, sorted(self.start.items())))
        name = hashlib.sha256(words.encode()).hexdigest()[:16]
        self._folder = f"{tempfile.gettempdir()}/forking-{run}-{name}"
        with _locked(self._folder):
            try:
                self._alive = os.open(f"{self._folder}/alive", os.O_WRONLY | os.O_NONBLOCK)
            except OSError:  # nobody has begun, or all who had are gone
                os.makedirs(self._folder, 0o700, exist_ok=True)
                self._start()

    def _start(self) -> None:
        code = f"import sys; sys.path.insert(1, {str(Path(__file__).parent)!r}); import forking; forking.serve()"
        for name in ("alive", "socket"):
            Path(self._folder, name).unlink(missing_ok=True)
        os.mkfifo(f"{self._folder}/alive", 0o600)
        read = os.open(f"{self._folder}/alive", os.O_RDONLY | os.O_NONBLOCK)
        self._alive = os.open(f"{self._folder}/alive", os.O_WRONLY)
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(f"{self._folder}/socket")
            listener.listen(128)
            self._server = subprocess.Popen(
                [sys.executable, "-c", code, str(listener.fileno()), self._folder, self.package, *self.leaving],
                env={"PATH": os.environ["PATH"], **self.start},
                stdin=read,
                pass_fds=[listener.fileno()],
            )
        os.close(read)

    def close(self) -> None:
        if self._alive < 0:
            return
        os.close(self._alive)
        self._alive = -1
        if self._server is not None and not (self.shared and "PYTEST_XDIST_TESTRUNUID" in os.environ):
            self._server.wait(HANGS)
        self._server = None


@contextmanager
def _locked(folder: str) -> Iterator[None]:
    """Neither a start nor an end of a server goes on beside it, of whichever run of this user's."""
    with open(f"{os.path.dirname(folder)}/forking-{os.getuid()}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


class Forked(subprocess.Popen[bytes]):
    """As `subprocess.Popen` of `python -m package words…`, by a fork of the package's server.

    With `terminal` its stdin becomes the terminal of its session, which has to be a new one.
    """

    def __init__(self, forking: Forking, words: list[str], terminal: bool = False, **options: Any) -> None:
        self._forking, self._terminal = forking, terminal
        self._status: socket.socket | None = None
        self._reading = threading.Lock()
        super().__init__(words, **options)

    def _execute_child(self, words: Any, *arguments: Any) -> None:  # type: ignore[override]
        # The order of the arguments is Popen's own since Python 3.2: what follows `errwrite` is the end of the list.
        (cwd, env), ends, new_session = arguments[4:6], arguments[9:15], arguments[20]
        mask = os.umask(0o077)
        os.umask(mask)
        request = {
            "words": list(words),
            "cwd": os.fspath(cwd or os.getcwd()),
            "env": dict(os.environ if env is None else env),
            "session": bool(new_session),
            "terminal": self._terminal,
            "tied": False,
            "umask": mask,
            "places": [0, 1, 2],
        }
        descriptors = [number if end < 0 else end for number, end in enumerate((ends[0], ends[3], ends[5]))]
        try:
            self.pid, self._status = self._forking.ask(request, descriptors)
        finally:
            self._close_pipe_fds(*ends)  # type: ignore[attr-defined]
        self._child_created = True

    def _internal_poll(self, *_: Any, **__: Any) -> int | None:
        return self._ended(0)

    def _wait(self, timeout: float | None) -> int:
        deadline = float("inf") if timeout is None else time.monotonic() + timeout
        while (code := self._ended(max(0.0, min(1.0, deadline - time.monotonic())))) is None:
            if timeout is not None and time.monotonic() >= deadline:
                raise subprocess.TimeoutExpired(self.args, timeout)
        return code

    def _ended(self, seconds: float) -> int | None:
        try:
            ready = self.returncode is None and select.select([self._status], [], [], seconds)[0]
        except (OSError, ValueError):  # another thread has read it since
            ready = []
        with self._reading:
            if ready and self.returncode is None and self._status:
                status = int.from_bytes(_exactly(self._status, 8), "big")
                self._status.close()
                self.returncode = os.waitstatus_to_exitcode(status)
        return self.returncode


def _exactly(channel: socket.socket, count: int) -> bytes:
    data = b""
    while len(data) < count:
        if not (more := channel.recv(count - len(data))):
            raise ConnectionError("the server that forks has ended")
        data += more
    return data


def serve() -> None:
    """Answer until the tests end; in each process that was asked for, run the package."""
    number, folder, package, *leaving = sys.argv[1:]
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _imports(package, leaving)
    request = _forks(socket.socket(fileno=int(number)), folder)
    if request is None:
        return
    _becomes(request)
    # What `python -m` calls.
    import runpy

    sys.argv = ["-m", *request["words"]]
    try:
        runpy._run_module_as_main(package)  # type: ignore[attr-defined]
    except SystemExit as end:
        _ends(end.code)
        raise


def _ends(status: object) -> None:
    """What the end of an interpreter does that others see. It then gives back its memory, object by object: where that
    is shared with other forks each page is copied first, which takes four times as long as most commands do.

    Returns where the end is more than a number, or does not go well: the interpreter itself has to say so.
    """
    if not isinstance(status, int | None):
        return
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    try:
        for stream in (sys.stdout, sys.stderr):
            if stream is not None:
                stream.flush()
    except (OSError, ValueError):
        return
    os._exit((status or 0) & 0xFF)


def _imports(package: str, leaving: list[str]) -> None:
    """The modules of the package and of what it uses, but for those that read the environment or start a program."""
    root = importlib.import_module(package)
    for module in pkgutil.walk_packages(root.__path__, f"{package}."):
        if module.name.rpartition(".")[2] != "__main__" and not any(
            module.name == name or module.name.startswith(f"{name}.") for name in leaving
        ):
            importlib.import_module(module.name)
    for name in _LATE:
        importlib.import_module(name)
    import gc

    gc.collect()
    gc.freeze()


def _forks(listener: socket.socket, folder: str) -> dict[str, Any] | None:
    """None at the end of the tests, when nobody holds the other end of stdin; in a new process what it was asked to be."""
    children: dict[int, socket.socket] = {}
    tied: dict[socket.socket, int] = {}
    wakes, woken = socket.socketpair()
    for end in (wakes, woken):
        end.setblocking(False)
    signal.set_wakeup_fd(woken.fileno(), warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    while True:
        ready, _, _ = select.select([0, listener, wakes, *tied], [], [])
        if wakes in ready:
            wakes.recv(4096)
            _reports(children, tied)
        for connection in [each for each in ready if each in tied]:
            os.kill(tied.pop(connection), signal.SIGKILL)  # it was killed, and so is what it stands for
        if 0 in ready and _is_over(folder):
            return None
        if listener not in ready:
            continue
        connection, _ = listener.accept()
        length, descriptors, _, _ = socket.recv_fds(connection, 8, 3)
        request: dict[str, Any] = marshal.loads(_exactly(connection, int.from_bytes(length, "big")))
        if child := os.fork():
            children[child] = connection
            if request["tied"]:
                tied[connection] = child
            for descriptor in descriptors:
                os.close(descriptor)
            connection.sendall(child.to_bytes(8, "big"))
            continue
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        for end in (listener, wakes, woken, connection, *children.values()):
            end.close()
        for place in (0, 1, 2):
            if place in request["places"]:
                os.dup2(descriptors[request["places"].index(place)], place)
            else:
                os.close(place)
        for descriptor in descriptors:
            os.close(descriptor)
        return request


def _is_over(folder: str) -> bool:
    """Whether nobody needs this server, nor finds it any more; its folder is gone then."""
    with _locked(folder):
        if not select.select([0], [], [], 0)[0]:
            return False  # another has come since
        shutil.rmtree(folder)
        return True


def _reports(children: dict[int, socket.socket], tied: dict[socket.socket, int]) -> None:
    while children:
        child, status = os.waitpid(-1, os.WNOHANG)
        if not child:
            return
        with children.pop(child) as connection:
            tied.pop(connection, None)
            try:
                connection.sendall(status.to_bytes(8, "big"))
            except OSError:  # nobody waits for it any more
                pass


def _becomes(request: dict[str, Any]) -> None:
    """Whatever the start of an interpreter would have set."""
    if request["session"]:
        os.setsid()
        if request["terminal"]:
            fcntl.ioctl(0, termios.TIOCSCTTY, 0)
    elif request["tied"]:
        try:
            os.setpgid(0, request["group"])
        except OSError:  # of another session
            os.setsid()
    os.umask(request["umask"])
    os.chdir(request["cwd"])
    sys.path[0] = os.getcwd()
    del sys.path[1]  # where this module is
    coerced = os.environ.get("LC_CTYPE")  # which an interpreter in the C locale sets for its own children
    os.environ.clear()
    os.environ.update(request["env"], **({"LC_CTYPE": coerced} if coerced else {}))
    time.tzset()
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for place, (name, mode) in enumerate((("stdin", "r"), ("stdout", "w"), ("stderr", "w"))):
        if place not in request["places"]:
            setattr(sys, name, None)
            setattr(sys, f"__{name}__", None)
            continue
        before = getattr(sys, name)
        raw = os.fdopen(place, f"{mode}b", closefd=False)
        raw.raw.name = f"<{name}>"  # type: ignore[union-attr]
        lines = place == 2 or raw.isatty()
        stream = io.TextIOWrapper(raw, before.encoding, before.errors, newline="\n", line_buffering=lines)
        stream.mode = mode
        setattr(sys, name, stream)
        setattr(sys, f"__{name}__", stream)
