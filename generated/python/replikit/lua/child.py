"""The process a script runs in: one Lua state, two pipes, and nothing else.

Started by `host` as `python -I -S child.py`, so it imports the standard library only, and lupa from the
folder its first line names. What crosses to Lua is one function that takes and gives strings: no other
Python object is ever within reach of a script.

    stdin   one line of configuration, then one line an answer
    stdout  one line a message: {"op": "print" | "call" | "find" | …}, and at last {"op": "done", …}
"""

from __future__ import annotations

import json
import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:  # importing typing costs a fifth of what starting this process costs
    from typing import Any


def main() -> None:
    """Runs the script of the configuration and reports how it ended."""
    pipe = Pipe()
    config = json.loads(pipe.read())
    sys.path.append(config["library"])
    from lupa import lua54  # type: ignore[import-untyped, unused-ignore]

    with open(config["prelude"], encoding="utf-8") as file:
        prelude = file.read()
    runtime = lua54.LuaRuntime(
        encoding=None,
        register_eval=False,
        register_builtins=False,
        unpack_returned_tuples=False,
        attribute_filter=forbid,
        max_memory=config["memory"],
    )
    enclose(config)

    def host(op: bytes, payload: bytes) -> bytes:
        # An exception that crosses into Lua would be a Python object in the hands of the script.
        try:
            return ask(pipe, op.decode("ascii"), payload)
        except BaseException:  # noqa: BLE001
            os._exit(70)

    settings = json.dumps({key: config[key] for key in ("name", "cpu", "output", "functions", "accounts")})
    try:
        runtime.execute(prelude.encode(), host, settings.encode(), config["code"].encode("utf-8", "surrogateescape"))
    except MemoryError:
        pipe.write(b'{"op":"done","payload":{"stopped":"memory"}}')
    except lua54.LuaError as error:
        kind = "memory" if "not enough memory" in str(error) else "prelude"
        pipe.write(json.dumps({"op": "done", "payload": {"stopped": kind, "message": str(error)[:500]}}).encode())


def forbid(owner: object, name: object, setting: bool) -> object:
    """Refuses every attribute of every Python object."""
    raise AttributeError("not available to scripts")


def ask(pipe: Pipe, op: str, payload: bytes) -> bytes:
    """Hands one message to the parent; waits for the answer where the message has one."""
    if op == "regex":
        return regex(payload)
    pipe.write(b'{"op":"' + op.encode() + b'","payload":' + payload + b"}")
    return pipe.read() if op in ("call", "find", "docs") else b""


def regex(payload: bytes) -> bytes:
    """Python's regular expressions; a pattern that never ends is ended by the limit of processor time."""
    import re

    request = json.loads(payload)
    try:
        pattern = re.compile(request["pattern"])
        subject = request["subject"]
        if request["do"] == "gsub":
            text, count = pattern.subn(request["replacement"], subject, request.get("count", 0))
            answer: dict[str, Any] = {"text": text, "count": count}
        else:
            found = pattern.finditer(subject)
            answer = {"matches": []}
            for match in found:
                groups = [match.group()] if not pattern.groups else list(match.groups())
                answer["matches"].append(groups)
                if request["do"] == "match":
                    break
    except (re.error, IndexError, RecursionError, OverflowError) as error:
        answer = {"error": str(error)}
    return json.dumps(answer).encode()


def enclose(config: dict[str, Any]) -> None:
    """Gives up what a script never needs: files, sockets, processes, more time and more memory."""
    try:
        import resource
    except ImportError:
        return
    try:
        with open("/proc/self/statm", encoding="ascii") as file:
            mapped = int(file.read().split()[0]) * resource.getpagesize()
    except OSError:
        mapped = 0
    used = resource.getrusage(resource.RUSAGE_SELF)
    # One second beyond Lua's own hook, which stops most scripts sooner and can say where.
    seconds = int(used.ru_utime + used.ru_stime + config["cpu"]) + 1
    limits = [
        (resource.RLIMIT_CPU, seconds),  # the soft limit's signal tells the parent why
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NPROC, 0),
        (resource.RLIMIT_NOFILE, 0),
    ]
    if mapped:
        limits.append((resource.RLIMIT_AS, mapped + 3 * config["memory"] + (64 << 20)))
    os.closerange(3, 256)
    import re

    re.compile("(?P<a>.)[a-z]+?")  # loads all of it: no file can be opened from here on
    for name, value in limits:
        try:
            resource.setrlimit(name, (value, value + 1 if name == resource.RLIMIT_CPU else value))
        except (ValueError, OSError):
            pass


class Pipe:
    """Lines over the two descriptors that the process was started with."""

    def __init__(self) -> None:
        self.rest = b""

    def read(self) -> bytes:
        """The next line. Ends the process when the parent has gone."""
        parts = [self.rest]
        while b"\n" not in parts[-1]:
            block = os.read(0, 65536)
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
