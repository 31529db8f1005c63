"""The Python client beside raw httpx and the API's official clients: time, memory, size.

    python tests/bench/bench_python.py [ROUNDS]

Each client lies in a venv of its own, `.venv-bench-NAME`, made by `make bench`. A round runs every client once, each in
a fresh process against the same server on the loopback interface, so that a machine that grows slower does so for all;
the medians over the rounds are shown, and beside them their ratio to raw httpx.
"""

from __future__ import annotations

import asyncio
import json
import os
import resource
import socket
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
CLIENTS = {
    "httpx": "raw httpx",
    "replicate1": "replicate 1.0.7",
    "replicate2": "replicate 2.0.0b4",
    "replikit": "replikit",
    "replikit-httpx2": "replikit on httpx2",
}
OURS = ("replikit", "replikit-httpx2")
# What is measured, its unit, and the most that ours may be, as a multiple of raw httpx's.
MEASURES: dict[str, tuple[str, float | None]] = {
    "import": ("ms", 1.3),
    "modules": ("", None),
    "construct": ("ms", None),
    "first call": ("ms", None),
    "get": ("µs", 1.10),
    "create": ("µs", 1.10),
    "list of 100": ("µs", 1.15),
    "async get": ("µs", 1.10),
    "memory": ("MB", None),
    "packages": ("", None),
    "installed": ("MB", None),
}
CALLS = 300
SCHEMAS = json.loads((ROOT / "generated/python/replikit/functions/schemas.json").read_text("utf-8"))
PREDICTION = SCHEMAS["replicate_get_prediction"]["examples"][0]["result"]
PAGE = {
    "results": [{**PREDICTION, "id": f"prediction{number}"} for number in range(100)],
    "next": None,
    "previous": None,
}


def serve() -> None:
    """Answers on a free port, as fast as can be, until stdin ends."""
    listening = socket.create_server(("127.0.0.1", 0), backlog=64)
    print(listening.getsockname()[1], flush=True)

    def answer(value: Any, status: str) -> bytes:
        body = json.dumps(value).encode()
        head = f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        return head.encode() + body

    answers = {b"GET /v1/predictions/": answer(PREDICTION, "200 OK"), b"POST": answer(PREDICTION, "201 Created")}
    page = answer(PAGE, "200 OK")

    def speak(connection: socket.socket) -> None:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with connection:
            while request := connection.recv(65536):
                head, _, body = request.partition(b"\r\n\r\n")
                length = next((int(v) for k, _, v in _fields(head) if k == b"content-length"), 0)
                while len(body) < length:
                    body += connection.recv(65536)
                found = (content for start, content in answers.items() if request.startswith(start))
                connection.sendall(next(found, page))

    def accept() -> None:
        while True:
            threading.Thread(target=speak, args=(listening.accept()[0],), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    sys.stdin.read()


def _fields(head: bytes) -> list[tuple[bytes, bytes, bytes]]:
    return [line.lower().partition(b":") for line in head.split(b"\r\n")[1:]]


def timed(call: Callable[[], Any]) -> float:
    """The median of many calls, in µs."""
    for _ in range(30):
        call()
    taken = []
    for _ in range(CALLS):
        begun = time.perf_counter()
        call()
        taken.append(time.perf_counter() - begun)
    return statistics.median(taken) * 1e6


async def timed_async(call: Callable[[], Any]) -> float:
    """The same, awaited."""
    for _ in range(30):
        await call()
    taken = []
    for _ in range(CALLS):
        begun = time.perf_counter()
        await call()
        taken.append(time.perf_counter() - begun)
    return statistics.median(taken) * 1e6


def raw(name: str, origin: str) -> tuple[Any, ...]:
    """What one writes without any client library."""
    import httpx

    headers = {"Authorization": "Bearer t"}
    body = {"version": "v", "input": {"prompt": "x"}}

    def make() -> Any:
        return httpx.Client(base_url=origin + "/v1", headers=headers)

    async def get() -> Any:
        async with httpx.AsyncClient(base_url=origin + "/v1", headers=headers) as client:
            return await timed_async(lambda: _awaited(client.get("/predictions/p")))

    return (
        make,
        lambda client: client.get("/predictions/p").raise_for_status().json()["status"],
        lambda client: client.post("/predictions", json=body).raise_for_status().json()["status"],
        lambda client: [
            (item["id"], item["status"]) for item in client.get("/predictions").raise_for_status().json()["results"]
        ],
        get,
    )


async def _awaited(answer: Any) -> Any:
    return (await answer).raise_for_status().json()["status"]


def official1(name: str, origin: str) -> tuple[Any, ...]:
    """The first official client."""
    import replicate

    def make() -> Any:
        return replicate.Client(api_token="t", base_url=origin)

    async def get() -> Any:
        client = make()

        async def one() -> Any:
            return (await client.predictions.async_get("p")).status

        return await timed_async(one)

    return (
        make,
        lambda client: client.predictions.get("p").status,
        lambda client: client.predictions.create(version="v", input={"prompt": "x"}).status,
        lambda client: [(item.id, item.status) for item in client.predictions.list().results],
        get,
    )


def official2(name: str, origin: str) -> tuple[Any, ...]:
    """The second one, and ours: their calls are spelled alike."""
    if name in OURS:
        import replikit

        def make(asynchronous: bool = False) -> Any:
            return (replikit.AsyncReplicate if asynchronous else replikit.Replicate)("t", base_url=origin + "/v1")

    else:
        import replicate

        def make(asynchronous: bool = False) -> Any:
            kind = replicate.AsyncReplicate if asynchronous else replicate.Replicate
            return kind(bearer_token="t", base_url=origin + "/v1")

    async def get() -> Any:
        client = make(True)

        async def one() -> Any:
            return (await client.predictions.get(prediction_id="p")).status

        taken = await timed_async(one)
        await client.close()
        return taken

    return (
        make,
        lambda client: client.predictions.get(prediction_id="p").status,
        lambda client: client.predictions.create(version="v", input={"prompt": "x"}).status,
        lambda client: [(item.id, item.status) for item in client.predictions.list().results],
        get,
    )


ADAPTERS: dict[str, tuple[str, tuple[str, ...], Callable[[str, str], tuple[Any, ...]]]] = {
    "httpx": ("httpx", ("Client", "AsyncClient"), raw),
    "replicate1": ("replicate", ("Client",), official1),
    "replicate2": ("replicate", ("Replicate", "AsyncReplicate"), official2),
    "replikit": ("replikit", ("Replicate", "AsyncReplicate"), official2),
    "replikit-httpx2": ("replikit", ("Replicate", "AsyncReplicate"), official2),
}
"""What is imported, what of it is used, and how it is called."""


def work(name: str, origin: str) -> dict[str, float]:
    """All that is measured inside a process of its own."""
    imported, needed, adapter = ADAPTERS[name]
    before = len(sys.modules)
    begun = time.perf_counter()
    module = import_module(imported)
    for attribute in needed:
        getattr(module, attribute)
    found = {"import": (time.perf_counter() - begun) * 1e3, "modules": float(len(sys.modules) - before)}
    make, get, create, many, async_get = adapter(name, origin)
    begun = time.perf_counter()
    client = make()
    made = time.perf_counter()
    get(client)
    found["construct"] = (made - begun) * 1e3
    found["first call"] = (time.perf_counter() - begun) * 1e3
    found["get"] = timed(lambda: get(client))
    found["create"] = timed(lambda: create(client))
    found["list of 100"] = timed(lambda: many(client))
    found["async get"] = asyncio.run(async_get())
    found["memory"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return found


def installed(python: Path) -> dict[str, float]:
    """Distributions beside pip's own, and their size without compiled caches."""
    site = next((python.parents[1] / "lib").glob("python*/site-packages"))
    ignored = ("pip", "setuptools", "wheel", "_distutils_hack", "distutils-precedence.pth", "__pycache__")
    size, packages = 0, 0
    for entry in site.iterdir():
        if entry.name.split("-")[0] in ignored:
            continue
        packages += entry.name.endswith(".dist-info")
        for path in [entry] if entry.is_file() else entry.rglob("*"):
            if path.is_file() and "__pycache__" not in path.parts:
                size += path.stat().st_size
    return {"packages": float(packages), "installed": size / 1e6}


def main() -> int:
    """Prints the table; 1 where a goal was missed."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 7
    pythons = {name: ROOT / f".venv-bench-{name}/bin/python" for name in CLIENTS}
    if missing := [name for name, python in pythons.items() if not python.exists()]:
        print(f"no venv for {', '.join(missing)}: run make bench", file=sys.stderr)
        return 2
    server = subprocess.Popen([sys.executable, __file__, "serve"], stdin=-1, stdout=-1, text=True)
    assert server.stdin is not None and server.stdout is not None
    taken: dict[str, list[dict[str, float]]] = {name: [] for name in CLIENTS}
    try:
        origin = f"http://127.0.0.1:{server.stdout.readline().strip()}"
        for number in range(rounds + 1):
            for name, python in pythons.items():
                environment = {**os.environ, "REPLIKIT_HTTP": "httpx2" if name.endswith("httpx2") else "httpx"}
                command = [str(python), __file__, "work", name, origin]
                done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, cwd="/")
                if done.returncode:
                    sys.exit(f"{name} failed:\n{done.stderr}")
                if number:  # the first round fills the caches of Python and of the disk
                    taken[name].append(json.loads(done.stdout))
    finally:
        server.stdin.close()
        server.wait()
    middle = {
        name: {**{key: statistics.median(found[key] for found in runs) for key in runs[0]}, **installed(pythons[name])}
        for name, runs in taken.items()
    }
    print(f"Python {sys.version.split()[0]}, medians of {rounds} interleaved rounds; × is the ratio to raw httpx\n")
    print(f"{'':13}" + "".join(f"{shown:>21}" for shown in CLIENTS.values()))
    missed = []
    for measure, (unit, most) in MEASURES.items():
        base = middle["httpx"][measure]
        cells = []
        for name, shown in CLIENTS.items():
            value = middle[name][measure]
            cells.append(f"{value:,.{1 if unit in ('ms', 'MB') else 0}f} {unit:2} {value / base:5.2f} ×")
            if name in OURS and most is not None and value / base > most:
                missed.append(f"{measure} of {shown}: {value / base:.2f} ×, at most {most:.2f}")
        print(f"{measure:13}" + "".join(f"{cell:>21}" for cell in cells))
    if middle["replikit"]["packages"] >= min(middle[name]["packages"] for name in ("replicate1", "replicate2")):
        missed.append("as many packages as an official client")
    print("\n" + ("missed: " + "; ".join(missed) if missed else "all goals met"))
    return 1 if missed else 0


if __name__ == "__main__":
    if sys.argv[1:2] == ["serve"]:
        serve()
    elif sys.argv[1:2] == ["work"]:
        print(json.dumps(work(sys.argv[2], sys.argv[3])))
    else:
        sys.exit(main())
