"""The mock as a program: what it prints, how it ends, and what it refuses before it listens."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import urllib.request
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any
from urllib.parse import urlsplit

import pytest
from click.testing import CliRunner
from hanging import HANGS
from test_mock import API, PACKAGE, ask, package, send  # noqa: F401 - a fixture among them

ROOT = Path(__file__).parents[2]
DOCKERFILE = ROOT / "generated/python/Dockerfile"
PROGRAM = f"from {PACKAGE}.mock.command import command; command(prog_name='mock')"


def environment(package: Any) -> dict[str, str]:  # noqa: F811
    return os.environ | {"PYTHONPATH": str(Path(package.__file__).parents[2])}


def line_of(stream: IO[str] | None) -> str:
    assert stream is not None
    return stream.readline().strip()


@contextmanager
def started(package: Any, *options: str, before: tuple[str, ...] = ()) -> Any:  # noqa: F811
    command = [*before, sys.executable, "-c", PROGRAM, *options]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment(package)
    ) as process:
        try:
            yield process
        finally:
            process.kill()


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_both_signals_end_it_alike(package: Any, sent: signal.Signals) -> None:  # noqa: F811
    with started(package, "--port", "0") as process:
        port = urlsplit(line_of(process.stdout)).port
        assert port, "a free port is told"
        process.send_signal(sent)
        assert (process.wait(HANGS), process.stderr.read()) == (0, "stopped\n")


def test_process_1_ends_too(package: Any) -> None:  # noqa: F811
    unshare = shutil.which("unshare")
    if unshare is None:
        pytest.skip("unshare is not installed")
    own = (unshare, "--user", "--map-root-user", "--pid", "--fork", "--kill-child")
    if subprocess.run([*own, "true"], capture_output=True, check=False).returncode:
        own = (unshare, "--pid", "--fork", "--kill-child")
    if subprocess.run([*own, "true"], capture_output=True, check=False).returncode:
        pytest.skip("a PID namespace of one's own is not installed")
    # Linux delivers no signal to process 1 of a namespace that it has no handler for: pid_namespaces(7).
    with started(package, before=own) as process:
        assert line_of(process.stdout).startswith("http://127.0.0.1:")
        (child,) = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        os.kill(int(child), signal.SIGTERM)
        assert (process.wait(HANGS), process.stderr.read()) == (0, "stopped\n")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--outcome", "fialed"), "Invalid value for --outcome: jobs end as succeeded, failed, canceled, aborted, not as "
         + "'fialed'. Did you mean failed?"),
        (("--scenario", "none.json"), "Invalid value for --scenario: cannot read none.json"),
        (("--data", "none.json"), "Invalid value for --data: cannot read none.json"),
        (("--seed", "sevn"), "Invalid value for --seed: 'sevn' is not a number of up to 18 digits"),
        (("--seconds", "nan"), "Invalid value for '--seconds': nan is not a number of seconds"),
        (("--seed", "1" * 19), "Invalid value for --seed: a number has at most 18 digits"),
        (("--rate", "-1"), "Invalid value for '--rate'"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_at_the_start(
    package: Any, options: tuple[str, ...], said: str  # noqa: F811
) -> None:
    from mock_under_test.mock.command import command  # type: ignore[import-not-found]

    found = CliRunner().invoke(command, options)
    assert found.exit_code == 2 and said in re.sub(r"\s+", " ", found.output.replace("│", " "))


def test_an_end_that_no_job_has_is_refused_in_records_too(package: Any) -> None:  # noqa: F811
    document = {"components": {"schemas": {}}, "x-mock": {"status": "fialed"}}
    with pytest.raises(ValueError, match=r"x-mock.status must be one of .* Did you mean failed\?"), \
         package.serve(seeds=[{"/models/a/b": document}]):  # fmt: skip
        pass


@pytest.mark.parametrize("rate", [1, 30, 59, 60, 61])
def test_a_low_rate_lets_the_first_through(package: Any, rate: int) -> None:  # noqa: F811
    with package.serve(seconds=0, rate=rate) as mock:
        for _ in range(2):
            first, second = (send(mock, "POST", "/predictions", {"version": "a", "input": {}}) for _ in range(2))
            assert first.status == 201
            if rate < 60:
                assert second.status == 429 and 0 < int(second.headers["Retry-After"]) <= -(-60 // rate)
            mock.reset()


def test_a_bucket_fills_as_time_passes(package: Any, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    from mock_under_test.mock import limits, problems

    clock = 1_000.0
    monkeypatch.setattr(limits.time, "monotonic", lambda: clock)
    limit = limits.Limit(30)  # one in two seconds
    limit.take()
    for moment, waits in ((1_000.0, 2), (1_001.0, 1), (1_002.0, 0), (1_003.9, 1), (1_100.0, 0), (1_100.0, 2)):
        clock = moment
        if waits:
            with pytest.raises(problems.Problem) as refused:
                limit.take()
            assert refused.value.headers == (("Retry-After", str(waits)),)
        else:
            limit.take()


def test_the_image_runs_it_as_nobody_special(package: Any) -> None:  # noqa: F811
    steps = [line.split(None, 1) for line in DOCKERFILE.read_text("utf-8").splitlines() if line and line[0].isupper()]
    given = {name: value for name, value in steps}
    assert int(given["USER"]) > 0
    assert not re.search(r"token|secret|password|key", DOCKERFILE.read_text("utf-8"), re.IGNORECASE)
    # In the form of a list, or a shell would be process 1 and hand no signal on.
    command = [*json.loads(given["ENTRYPOINT"]), *json.loads(given["CMD"])]
    assert command[:2] == ["replikit", "mock"]
    options = command[2:]
    assert options[options.index("--port") + 1] == given["EXPOSE"]
    options[options.index("--port") + 1] = "0"
    check = json.loads(given["HEALTHCHECK"].partition(" CMD ")[2])
    assert f":{given['EXPOSE']}/__mock/health" in check[-1]
    with started(package, *options) as process:
        port = urlsplit(line_of(process.stdout)).port
        check = [sys.executable, *(each.replace(given["EXPOSE"], str(port)) for each in check[1:])]
        assert subprocess.run(check, check=False, timeout=HANGS).returncode == 0
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/__mock/health", timeout=HANGS) as reply:
            assert json.load(reply)["functions"] == len(API.functions)
        process.send_signal(signal.SIGTERM)
        assert process.wait(HANGS) == 0
