"""The process that scripts run in: one Lua state, two pipes, and nothing else.

Started by `process` as `python -I -S child.py LIBRARY`, so it imports the standard library only, and lupa from the folder
that its argument names. What crosses to Lua is one function that takes and gives strings: no other Python object is ever
within reach of a script.

    stdin   one line of settings, then one line a script, and between them one line an answer
    stdout  {"op":"ready",…} once, then one line a message: {"op":"print"|"call"|"idle"|…}, and {"op":"done",…} at the
            end of every script
"""

from __future__ import annotations

import json
import os
import re
import signal
import sys
from pathlib import Path

TYPE_CHECKING = False
if TYPE_CHECKING:  # importing typing costs a fifth of what starting this process costs
    from collections.abc import Callable
    from typing import Any

resource: Any
try:
    import resource
except ImportError:  # no such limits on this platform; the parent says so
    resource = None

OUT_OF_MEMORY = 71
BROKEN = 70
NOBODY = 65534
PR_SET_PDEATHSIG = 1


def main() -> None:
    """Makes everything ready, then runs one script after the other."""
    sys.path.append(sys.argv[1])
    from lupa import lua54 as typed  # type: ignore[import-untyped, unused-ignore]

    lua54: Any = typed
    inside = Path(__file__).resolve().parent / "inside"
    sources = {path.stem.encode(): path.read_bytes() for path in inside.iterdir() if path.suffix == ".lua"}
    re.compile("(?P<a>.)[a-z]+?")  # loads all of it: no file can be opened later
    pipe = Pipe()
    runtime = lua54.LuaRuntime(
        encoding=None,
        register_eval=False,
        register_builtins=False,
        unpack_returned_tuples=False,
        attribute_filter=forbid,
        max_memory=1 << 40,
    )
    text = pipe.read()
    settings = json.loads(text)
    limits = settings["limits"]
    runtime.set_max_memory(limits["memory"])
    end_with_parent = death_signal()
    if end_with_parent is None:
        pipe.watch()
    enclosed = enclose(limits["memory"])
    if end_with_parent is not None:
        # Last, for the system forgets it with every change of the user.
        end_with_parent()
        if os.getppid() != settings["parent"]:
            os._exit(0)
    pipe.idles = settings["idle"]
    pipe.write(message("ready", {"enclosed": enclosed}))
    try:
        execute = runtime.execute(sources[b"main"], pipe.serve, text, runtime.table_from(sources))
        while True:
            code = json.loads(pipe.read())["code"].encode("utf-8", "surrogatepass")
            pipe.answers = 0
            allow(limits["cpu"])
            pipe.write(b'{"op":"done","payload":' + execute(code) + b"}")
    except MemoryError:
        pipe.write(b'{"op":"done","payload":{"stopped":"memory"}}')
    except lua54.LuaError as error:
        kind = {"stopped": "memory"} if "not enough memory" in str(error) else {"broken": str(error)[:500]}
        pipe.write(message("done", kind))


def message(op: str, payload: dict[str, Any]) -> bytes:
    """A message of this side's own, as the parent reads it."""
    return json.dumps({"op": op, "payload": payload}, separators=(",", ":")).encode()


def death_signal() -> Callable[[], object] | None:
    """What has the system kill this process with the thread that started it, whatever either is doing; None where the
    system has no such thing."""
    if sys.platform != "linux":
        return None
    try:
        import _ctypes  # importing ctypes costs half of what starting this process costs

        foreign: Any = _ctypes
        prctl = foreign.dlsym(foreign.dlopen(None, 0), "prctl")
    except (ImportError, AttributeError, OSError):
        return None

    def arm() -> int:
        return int(foreign.call_function(prctl, (PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)))

    return arm if arm() == 0 else None


def forbid(owner: object, name: object, setting: bool) -> object:
    """Refuses every attribute of every Python object."""
    raise AttributeError("not available to scripts")


def regex(payload: bytes) -> bytes:
    """Python's regular expressions; a pattern that never ends is ended by the limit of processor time."""
    request = json.loads(payload)
    try:
        pattern, subject = re.compile(request["pattern"]), request["subject"]
        matches: list[dict[str, Any]] = []
        end = 0
        for match in pattern.finditer(subject):
            if len(matches) == request.get("most"):
                break
            matches.append({"before": subject[end : match.start()], "all": match[0], "groups": match.groups()})
            end = match.end()
        answer: dict[str, Any] = {"matches": matches, "rest": subject[end:]}
    except (re.error, RecursionError, OverflowError) as error:
        answer = {"error": str(error)}
    return json.dumps(answer).encode()


def enclose(memory: int) -> list[str]:
    """Gives up what a script never needs: files, sockets, processes, memory. Names what the system then enforces."""
    os.closerange(3, 256)
    if resource is None:
        return []
    limits = {"RLIMIT_FSIZE": 0, "RLIMIT_CORE": 0, "RLIMIT_NPROC": 0, "RLIMIT_NOFILE": 0}
    try:
        with open("/proc/self/statm", encoding="ascii") as file:
            mapped = int(file.read().split()[0]) * resource.getpagesize()
        # Lua's own limit holds first; this one is for what Python does for a script.
        limits["RLIMIT_AS"] = mapped + 3 * memory + (64 << 20)
    except OSError:
        pass
    enclosed = ["RLIMIT_CPU"]
    for name, value in limits.items():
        try:
            resource.setrlimit(getattr(resource, name), (value, value))
            enclosed.append(name)
        except (AttributeError, ValueError, OSError):
            continue  # not on this platform: it is missing in what is enclosed
    if not unprivileged() and "RLIMIT_NPROC" in enclosed:
        enclosed.remove("RLIMIT_NPROC")  # the system lets root have as many processes as it wants
    return enclosed


def unprivileged() -> bool:
    """Whether this process is not root's: what root has started becomes nobody's, where the system lets it."""
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        return True
    try:
        os.setgroups([])
        os.setgid(NOBODY)
        os.setuid(NOBODY)
    except OSError:
        return False
    return True


def allow(cpu: float) -> None:
    """Has the system end this process when a script uses more processor time than the hook inside Lua lets it."""
    if resource is None:
        return
    used = resource.getrusage(resource.RUSAGE_SELF)
    spent = used.ru_utime + used.ru_stime
    hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
    resource.setrlimit(resource.RLIMIT_CPU, (int(spent + cpu) + 2, hard))
    # Whole seconds are coarse, so a timer comes first: a fifth of a second after the hook.
    signal.setitimer(signal.ITIMER_PROF, cpu + 0.2)


class Pipe:
    """Lines over the two descriptors that the process was started with."""

    def __init__(self) -> None:
        self.rest = b""
        self.answers = 0
        self.idles = False
        """Whether the parent wants to know when this process is idle."""
        self.more: Callable[[], bytes] = lambda: os.read(0, 65536)

    def watch(self) -> None:
        """Has a thread read from now on, which ends the process with the parent: Lua lets other threads go on."""
        import _queue
        import _thread

        blocks: Any = _queue.SimpleQueue()
        read, self.more = self.more, blocks.get

        def reading() -> None:
            while block := read():
                blocks.put(block)
            os._exit(0)

        _thread.start_new_thread(reading, ())

    def serve(self, op: bytes, payload: bytes) -> bytes:
        """What Lua may ask for. Nothing is raised: an exception would be a Python object in the hands of a script."""
        try:
            if op == b"send":
                self.write(payload)
                return b""
            return self.answer() if op == b"receive" else regex(payload)
        except MemoryError:
            os._exit(OUT_OF_MEMORY)
        except BaseException:  # noqa: BLE001
            os._exit(BROKEN)

    def answer(self) -> bytes:
        """The next answer. If none has arrived yet, the parent learns how many were taken before it."""
        if self.idles and b"\n" not in self.rest:
            self.write(b'{"op":"idle","payload":{"answers":%d}}' % self.answers)
        self.answers += 1
        return self.read()

    def read(self) -> bytes:
        """The next line. Ends the process when the parent has gone."""
        parts = [self.rest]
        while b"\n" not in parts[-1]:
            block = self.more()
            if not block:
                os._exit(0)
            parts.append(block)
        line, _, self.rest = b"".join(parts).partition(b"\n")
        return line

    def write(self, line: bytes) -> None:
        """Writes one line whole."""
        view = memoryview(line + b"\n")
        while view:
            view = view[os.write(1, view) :]


if __name__ == "__main__":
    main()
