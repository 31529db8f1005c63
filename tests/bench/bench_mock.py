"""What the mock costs: its start beside what it is made of, and requests of 200 callers at once beside uvicorn and Prism.

    python tests/bench/bench_mock.py [ROUNDS] [PRISM]      PRISM: tests/npm/node_modules/.bin/prism

Rounds are interleaved and medians shown, so that a machine that grows slower does so for all. A start is counted until the
server answers its first request. uvicorn serves an application that does nothing but answer the same bytes.
"""

from __future__ import annotations

import asyncio
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PACKAGE = Path(__file__).parents[2] / "generated" / "python"
START_MS, START_TIMES = 150, 2.0
CALLERS, EACH = 200, 10
PATH = "/v1/account"
ANSWER = {"type": "organization", "username": "acme", "name": "Acme", "github_url": "https://github.com/acme"}
BARE = """
import http.server, sys, click
class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_GET(self):
        self.send_response(200); self.send_header("Content-Length", "2"); self.end_headers(); self.wfile.write(b"{}")
    def log_message(self, *_): pass
http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
"""
UVICORN = """
import json, sys, uvicorn
BODY = json.dumps(%r).encode()
async def app(scope, receive, send):
    await receive()
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"application/json"), (b"content-length", str(len(BODY)).encode())]})
    await send({"type": "http.response.body", "body": BODY})
uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_level="critical", lifespan="off")
"""  # fmt: skip
MOCK = "from replikit.cli import main; main()"
REQUEST = (
    f"GET {PATH} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer mock-token\r\nAccept: application/json\r\n\r\n"
)


def document(folder: Path) -> Path:
    """The one call that Prism is asked for."""
    content = {"application/json": {"schema": {"type": "object"}, "example": ANSWER}}
    answers = {"200": {"description": "OK", "content": content}}
    found = {
        "openapi": "3.0.3",
        "info": {"title": "Bench", "version": "1"},
        "paths": {PATH: {"get": {"responses": answers}}},
    }
    file = folder / "api.json"
    file.write_text(json.dumps(found), "utf-8")
    return file


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


def answered(port: int) -> bool:
    """Whether one request is answered."""
    try:
        with socket.create_connection(("127.0.0.1", port), 30) as line:
            line.sendall(REQUEST.encode())
            return line.recv(15).startswith(b"HTTP/1.1 200")
    except OSError:
        return False


def worked(process: subprocess.Popen[bytes]) -> float:
    """Milliseconds of the processor that a program took so far: proc_pid_stat(5). Nan where the system does not tell."""
    try:
        fields = Path(f"/proc/{process.pid}/stat").read_text("utf-8").rpartition(") ")[2].split()
    except OSError:
        return float("nan")
    return (int(fields[11]) + int(fields[12])) * 1000 / os.sysconf("SC_CLK_TCK")


@contextmanager
def started(command: list[str], environment: dict[str, str]) -> Iterator[tuple[int, float, float]]:
    """A server, its port, and the milliseconds until its first answer by the clock and of the processor.

    `PORT` stands for the port in the command.
    """
    port = free_port()
    begun = time.perf_counter()
    process = subprocess.Popen(
        [each.replace("PORT", str(port)) for each in command],
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        while not answered(port):
            if process.poll() is not None or time.perf_counter() - begun > 120:
                sys.exit(f"{command[:3]} does not answer")
            time.sleep(0.002)
        yield port, (time.perf_counter() - begun) * 1000, worked(process)
    finally:
        process.kill()
        process.wait()


async def caller(port: int) -> list[float]:
    """Seconds of each of so many requests on one connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    took = []
    for _ in range(EACH):
        begun = time.perf_counter()
        writer.write(REQUEST.encode())
        head = await reader.readuntil(b"\r\n\r\n")
        fields = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:] if b": " in line)
        await reader.readexactly(int(fields[b"content-length"]))
        if not head.startswith(b"HTTP/1.1 200"):
            sys.exit(f"refused: {head[:100]!r}")
        took.append(time.perf_counter() - begun)
    writer.close()
    return took


async def crowd(port: int) -> tuple[float, float]:
    """Requests a second of all callers at once, and the milliseconds that one in a hundred is above."""
    begun = time.perf_counter()
    took = sorted(each for one in await asyncio.gather(*(caller(port) for _ in range(CALLERS))) for each in one)
    return len(took) / (time.perf_counter() - begun), took[len(took) * 99 // 100] * 1000


def main() -> int:
    """Prints the table; 1 when a goal was missed."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 7
    environment = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/"), "PYTHONPATH": str(PACKAGE)}
    python = [sys.executable, "-c"]
    with tempfile.TemporaryDirectory() as folder:
        commands = {
            "http.server and click": [*python, BARE, "PORT"],
            "uvicorn, a bare application": [*python, UVICORN % (ANSWER,), "PORT"],
            "replikit mock": [*python, MOCK, "mock", "--port", "PORT"],
        }
        if len(sys.argv) > 2:
            commands["Prism"] = [sys.argv[2], "mock", "--port", "PORT", "-v", "silent", str(document(Path(folder)))]
        starts: dict[str, list[tuple[float, float]]] = {name: [] for name in commands}
        rates: dict[str, list[tuple[float, float]]] = {name: [] for name in commands}
        for turn in range(rounds + 1):
            for name, command in commands.items():
                if name == "Prism" and turn > 2:
                    continue
                with started(command, environment) as (port, took, work):
                    if turn:
                        starts[name].append((took, work))
                        if name != "http.server and click":
                            rates[name].append(asyncio.run(crowd(port)))
    print(
        f"{'the mock':<30}{'start ms':>10}{'of CPU':>8}{'requests/s':>12}{'99 % below ms':>15}   ({CALLERS} callers at once)"
    )
    found = {name: statistics.median(took for took, _ in each) for name, each in starts.items()}
    work = {name: statistics.median(work for _, work in each) for name, each in starts.items()}
    rate = {name: statistics.median(r for r, _ in each) for name, each in rates.items() if each}
    for name in commands:
        late = f"{statistics.median(m for _, m in rates[name]):>15.0f}" if rates[name] else ""
        shown = f"{rate[name]:>12.0f}" if name in rate else ""
        print(f"{name:<30}{found[name]:>10.0f}{work[name]:>8.0f}{shown}{late}")
    goals = {
        # By the processor's time: on a machine that does other things meanwhile the clock tells of those.
        f"starts in {START_MS} ms of CPU, or {START_TIMES:g} times what http.server and click take": not work[
            "replikit mock"
        ]
        > max(START_MS, START_TIMES * work["http.server and click"]),
    }
    if "Prism" in rate:
        goals["answers more requests a second than Prism"] = rate["replikit mock"] > rate["Prism"]
    for goal, met in goals.items():
        print(f"{'ok    ' if met else 'MISSED'} {goal}")
    return 0 if all(goals.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
