"""Runs a model on many inputs with one client, several at a time, and tells what came of each.

    python tests/peers/chaos_caller.py CLIENT ORIGIN COUNT CONCURRENCY [JOURNAL]

CLIENT: `map` and `run` are ours, `1` and `2` the API's official ones, each in an environment that has it. Prints a JSON
line for each input: its number, whether there is an output, else the error and whether that tells of the job.
"""

from __future__ import annotations

import json
import queue
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

MODEL = "replicate/hello-world:9dcd6d78e7c6560c340d916fe32e9f24aabfa331e5cce95fe31f77fb03121426"
lock = threading.Lock()


def tell(number: int, error: BaseException | None = None) -> None:
    job = getattr(error, "prediction", None) or getattr(error, "job", None) or getattr(error, "look_with", "")
    line = {"n": number, "ok": error is None, "error": error and f"{type(error).__name__}: {error}", "told": bool(job)}
    with lock:
        print(json.dumps(line), flush=True)


def ours() -> Any:
    sys.path.insert(0, str(Path(__file__).parents[2] / "generated/python"))
    import replikit

    return replikit


def one(client: str, origin: str) -> Callable[[str], Any]:
    """What runs the model on one text."""
    if client == "run":
        made = ours().Replicate("token", base_url=origin + "/v1")
        return lambda text: made.run(MODEL, {"text": text})
    import replicate

    if client == "1":
        first = replicate.Client(api_token="token", base_url=origin)
        return lambda text: first.run(MODEL, input={"text": text})
    second = replicate.Replicate(bearer_token="token", base_url=origin + "/v1")
    return lambda text: second.run(MODEL, input={"text": text})


def mapped(origin: str, count: int, concurrency: int, journal: str | None) -> None:
    client = ours().Replicate("token", base_url=origin + "/v1")
    inputs = [{"text": f"n{n}"} for n in range(count)]
    for result in client.map(MODEL, inputs, concurrency=concurrency, ordered=False, journal=journal):
        tell(result.index, None if result.ok else result.exception or RuntimeError(str(result.error)))


def main(client: str, origin: str, count: int, concurrency: int, journal: str | None = None) -> None:
    if client == "map":
        mapped(origin, count, concurrency, journal)
        return
    run, waiting = one(client, origin), queue.SimpleQueue[int]()
    for number in range(count):
        waiting.put(number)

    def work() -> None:
        while True:
            try:
                number = waiting.get_nowait()
            except queue.Empty:
                return
            try:
                run(f"n{number}")
            except Exception as error:  # noqa: BLE001 - that is what is looked at
                tell(number, error)
            else:
                tell(number)

    threads = [threading.Thread(target=work) for _ in range(concurrency)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]), *sys.argv[5:6])
