"""Calls derived functions of a package of its own on every surface, in a process of its own: JSON in, JSON out.

In: {"package": FOLDER, "function": {NAME: what it is called}, "given": {NAME: [arguments, output]},
"wrong": [[NAME, arguments, parameter]], "cli": names that go through the command line as well}. Out: what each surface sent and gave, and what was refused.
"""

from __future__ import annotations

import asyncio
import dataclasses
import json
import os
import subprocess
import sys
from collections.abc import Callable
from typing import Any

from recorder import TOKEN, Recorder, recorder

Way = Callable[[str, dict[str, Any]], Any]


def answer(output: Any) -> bytes:
    urls = {name: f"https://api.example/{name}" for name in ("get", "cancel", "web")}
    state = {"id": "p1", "model": "a/b", "version": "v", "status": "succeeded", "data_removed": False, "input": {}}
    return json.dumps({**state, "output": output, "error": None, "urls": urls}).encode()


def plain(value: Any) -> Any:
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    return getattr(value, "url", value)


def main() -> None:
    task = json.load(sys.stdin)
    sys.path.insert(0, task["package"])
    import replikit
    from replikit import functions
    from replikit.functions import Policy

    policy = Policy.everything()

    def python_names(name: str, values: dict[str, Any]) -> dict[str, Any]:
        return {task["keywords"].get(key, key): value for key, value in values.items()}

    def typed(name: str, values: dict[str, Any]) -> Any:
        with replikit.Replicate() as client:
            return getattr(client.models.octo_labs, name.replace("-", "_"))(**python_names(name, values))

    def awaited(name: str, values: dict[str, Any]) -> Any:
        async def call() -> Any:
            async with replikit.AsyncReplicate() as client:
                return await getattr(client.models.octo_labs, name.replace("-", "_"))(**python_names(name, values))

        return asyncio.run(call())

    def many(name: str, values: dict[str, Any]) -> Any:
        with replikit.Replicate() as client:
            (result,) = getattr(client.models.octo_labs, name.replace("-", "_")).map([values])
            return result.output

    def called(name: str, values: dict[str, Any]) -> Any:
        with replikit.Replicate() as client:
            envelope = functions.call(client, task["function"][name], values, policy=policy)
        if not envelope["success"]:
            raise replikit.ArgumentError(envelope["error"]["parameter"], envelope["error"]["message"])
        return envelope["data"]

    def typed_in(name: str, values: dict[str, Any]) -> Any:
        words = [sys.executable, "-m", "replikit", "call", task["function"][name], json.dumps(values), "--yes"]
        done = subprocess.run(
            words, capture_output=True, check=False, env={**os.environ, "PYTHONPATH": task["package"]}
        )
        if done.returncode:
            assert done.returncode == 2, done.stderr
            error = json.loads(done.stderr)["error"]
            raise replikit.ArgumentError(error["parameter"], error["message"])
        try:
            return json.loads(done.stdout)
        except ValueError:  # a text is written as it is
            return done.stdout.decode()

    report: dict[str, Any] = {"sent": {}, "gave": {}, "refused": []}
    with recorder() as server:
        server.status = 201
        os.environ.update({"REPLICATE_API_TOKEN": TOKEN, "REPLICATE_BASE_URL": server.base_url})
        surfaces: dict[str, Way] = {"python": typed, "async": awaited, "map": many, "call": called}
        of_all = {**surfaces}
        for name, (values, output) in task["given"].items():
            server.content = answer(output)
            surfaces = {**of_all, "cli": typed_in} if name in task["cli"] else of_all
            for surface, caller in surfaces.items():
                gave = plain(caller(name, values))
                report["sent"][f"{name} {surface}"] = one(server)
                report["gave"][f"{name} {surface}"] = gave
            with replikit.Replicate() as client:
                base, arguments = task["plain"][name]
                functions.call(client, base, {**arguments, "input": values}, policy=policy)
            report["sent"][f"{name} plain"] = one(server)
        for name, values, parameter in task["wrong"]:
            surfaces = {**of_all, "cli": typed_in} if name in task["cli"] else of_all
            for surface, caller in surfaces.items():
                try:
                    caller(name, values)
                    seen = ["nothing", ""]
                except (replikit.ArgumentError, TypeError) as error:
                    seen = [getattr(error, "parameter", ""), str(error)]
                report["refused"].append([name, surface, parameter, *seen, len(server.seen)])
                server.seen.clear()
    json.dump(report, sys.stdout)


def one(server: Recorder) -> Any:
    """What was sent to start a job; a batch looks first for what an earlier one of it has started."""
    server.seen = [each for each in server.seen if each.method != "GET"]
    return {key: value for key, value in dataclasses.asdict(server.one()).items() if key != "raw"}


if __name__ == "__main__":
    main()
