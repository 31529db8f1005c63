"""Runs of a model while the API is in trouble: our client beside the API's official ones, in one table.

    python tests/peers/chaos.py [SEED]

In real time, some minutes: each scenario with all clients at once, each of them with a server of its own. A column says
`lost/twice/wrong`: inputs without an output, inputs that were run (and billed) more than once, and errors that keep quiet
about a job that was started. `back` are the seconds from the end of the fault until jobs are started as fast as before.
"""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.request import urlopen

ROOT = Path(__file__).parents[2]
CLIENTS = {"map": "ours, map", "run": "ours, run", "1": "replicate 1.0.7", "2": "replicate 2.0.0b4"}
PEERS = {"1": ROOT / ".venv-bench-replicate1/bin/python", "2": ROOT / ".venv-bench-replicate2/bin/python"}


@dataclass(frozen=True)
class Scenario:
    """What goes wrong, from when on and for how long, while so many inputs are run, several at a time."""

    name: str
    fault: str = "none"
    seconds: float = 0.0
    after: float = 3.0
    count: int = 120
    concurrency: int = 4
    job: float = 0.3
    rate: int = 0
    stopped: float = 0.0
    """Seconds that the server is stopped for."""
    killed: int = 0
    """How often the client is killed and started again, with its journal where it has one."""


@dataclass(frozen=True)
class Outcome:
    """What came of it with one client."""

    lost: int
    twice: int
    wrong: int
    back: float | None
    took: float
    refusals: int
    errors: Counter[str]

    def __str__(self) -> str:
        back = "" if self.back is None else f", back {self.back:.1f} s"
        return f"{self.lost}/{self.twice}/{self.wrong}{back}"


SCENARIOS = [
    *(Scenario(f"outage of {seconds} s", "outage", seconds) for seconds in (1, 3, 6, 12, 60)),
    Scenario("answers cut", "cut", 1000, after=0.0),
    Scenario("429 storm of 15 s, Retry-After", "storm", 15),
    Scenario("429 storm of 15 s, untold", "storm-untold", 15),
    Scenario("60 at once, 300 a minute", count=60, concurrency=60, rate=300),
    Scenario("server stopped for 30 s", stopped=30),
    Scenario("client killed 5 times", killed=5),
]


@contextmanager
def serving(scenario: Scenario, seed: str) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    words = [scenario.job, scenario.rate, scenario.fault, scenario.after, scenario.seconds, seed]
    command = [sys.executable, str(ROOT / "tests/peers/chaos_api.py"), *map(str, words)]
    with subprocess.Popen(command, stdin=-1, stdout=-1, text=True) as server:
        assert server.stdin is not None and server.stdout is not None
        try:
            yield f"http://127.0.0.1:{server.stdout.readline().strip()}", server
        finally:
            server.stdin.close()
            server.kill()


def asked(origin: str) -> Any:
    """What the server tells, as soon as it can be asked."""
    deadline = time.monotonic() + 600
    while True:
        try:
            with urlopen(origin + "/chaos", timeout=600) as answer:
                return json.load(answer)
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


def started(origin: str, count: int, caller: subprocess.Popen[bytes]) -> bool:
    """Waits until so many jobs were started; whether they were before the caller ended."""
    while caller.poll() is None:
        if len(asked(origin)["started"]) >= count:
            return True
        time.sleep(0.02)
    return False


def run(scenario: Scenario, client: str, seed: str = "1") -> Outcome:
    """One client through one scenario."""
    with serving(scenario, seed) as (origin, server), tempfile.TemporaryDirectory() as folder:
        lines = Path(folder) / "lines"
        words = [client, origin, scenario.count, scenario.concurrency, Path(folder) / "journal"]
        command = [PEERS.get(client, sys.executable), ROOT / "tests/peers/chaos_caller.py", *words]
        begun, ended = time.monotonic(), 0.0
        kills = [scenario.count * (number + 1) // (scenario.killed + 1) for number in range(scenario.killed)]
        while True:
            with lines.open("ab") as out:
                caller = subprocess.Popen(list(map(str, command)), stdout=out, stderr=subprocess.DEVNULL)
            if kills and started(origin, kills.pop(0), caller):
                caller.kill()
                caller.wait()
                continue
            if scenario.stopped and started(origin, scenario.count // 3, caller):
                server.send_signal(signal.SIGSTOP)
                time.sleep(scenario.stopped)
                server.send_signal(signal.SIGCONT)
                ended = time.monotonic()
            caller.wait()
            break
        found, told = asked(origin), lines.read_text()
    if not ended and scenario.fault in ("outage", "storm", "storm-untold"):
        ended = found["first"] + scenario.after + scenario.seconds
    results: dict[int, Any] = {}
    for line in told.splitlines():
        each = json.loads(line)
        results[each["n"]] = each if not results.get(each["n"], {}).get("ok") else results[each["n"]]
    return outcome(scenario, found, results, ended, time.monotonic() - begun)


def outcome(scenario: Scenario, found: Any, results: dict[int, Any], ended: float, took: float) -> Outcome:
    jobs = Counter(text for text, _, _ in found["started"])
    failed = [each for each in results.values() if not each["ok"]]
    return Outcome(
        lost=scenario.count - sum(each["ok"] for each in results.values()),
        twice=sum(times > 1 for times in jobs.values()),
        wrong=sum(jobs[f"n{each['n']}"] > 0 and not each["told"] for each in failed),
        back=back([when for _, _, when in found["started"]], found["first"], scenario, ended) if ended else None,
        took=took,
        refusals=found["refusals"],
        errors=Counter(each["error"].split(" (")[0][:90] for each in failed),
    )


def back(times: list[float], first: float, scenario: Scenario, ended: float) -> float | None:
    """Seconds from the end of a fault until a second with as many starts as there were before; None for never."""
    before = [when for when in times if when < first + scenario.after]
    each = max(1.0, 0.8 * len(before) / scenario.after)
    for begin in (ended + step / 10 for step in range(600)):
        if sum(begin <= when < begin + 1 for when in times) >= each:
            return begin - ended
    return None


def main(seed: str) -> int:
    rows, bad = [], 0
    for scenario in SCENARIOS:
        with ThreadPoolExecutor(len(CLIENTS)) as pool:
            running = {client: pool.submit(run, scenario, client, seed) for client in CLIENTS}
            found = {client: each.result() for client, each in running.items()}
        ours = found["map"]
        bad += ours.lost + ours.twice + ours.wrong + found["run"].wrong
        bad += 0 if scenario.killed else found["run"].twice  # what has no journal begins anew
        bad += sum(each.back is not None and each.back > 10 for each in (ours, found["run"]))
        rows.append([scenario.name, *(str(found[client]) for client in CLIENTS)])
        print(f"{scenario.name}", flush=True)
        for client, each in found.items():
            more = f"{each.took:.0f} s, {each.refusals} refused, {dict(each.errors)}"
            print(f"  {CLIENTS[client]}: {each}, {more}", flush=True)
    head = ["lost/billed twice/wrong errors", *CLIENTS.values()]
    widths = [max(len(row[at]) for row in [head, *rows]) for at in range(len(head))]
    print()
    for row in [head, *rows]:
        print("  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip())
    return bad > 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1] if len(sys.argv) > 1 else "1"))
