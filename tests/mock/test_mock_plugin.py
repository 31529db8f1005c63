"""The fixture that pytest finds in the package: in a run of pytest of its own, as whoever has installed it has it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

from hanging import HANGS

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "generated/python"
GUIDE = ROOT / "generated/docs/pages/guides/mock.md"

TESTS = """
import os
import pytest
import replikit


def test_a_call_is_received(replikit_mock):
    with replikit.Replicate() as client:
        made = client.predictions.create(version="a", input={"n": 1})
    call = replikit_mock.called_once("create_prediction")
    assert (call.status, call.body["input"]) == (201, {"n": 1})
    assert client.base_url == replikit_mock.base_url and made.status == "succeeded"
    os.environ["SEEN_ID"] = made.id


def test_nothing_is_left_of_another_test(replikit_mock):
    assert len(replikit_mock.calls) == 0 and not replikit_mock.called("create_prediction")
    with replikit.Replicate() as client:
        assert os.environ["SEEN_ID"] not in [each.id for each in client.predictions.list()]
        assert client.predictions.create(version="a", input={"n": 1}).id == os.environ.pop("SEEN_ID"), "the same seed"


def test_failures_are_rehearsed(replikit_mock):
    replikit_mock.answer("create_prediction", {"code": 422}, {})
    with replikit.Replicate() as client:
        with pytest.raises(replikit.UnprocessableEntityError):
            client.predictions.create(version="a", input={})
        client.predictions.create(version="a", input={})
    with pytest.raises(AssertionError, match="was called 2 times"):
        replikit_mock.called_once("create_prediction")
    with pytest.raises(ValueError, match="Did you mean create_prediction"):
        replikit_mock.called("create_predicton")


@pytest.mark.replikit_mock(seconds=3600, token="own")
def test_options_are_this_test_s_own(replikit_mock):
    with replikit.Replicate() as client:
        assert client.predictions.create(version="a", input={}).status == "starting"
    assert os.environ["REPLICATE_API_TOKEN"] == "own"


def test_without_it_nothing_is_set():
    assert "REPLICATE_BASE_URL" not in os.environ
"""


def run(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    (point,) = tomllib.loads((PACKAGE / "pyproject.toml").read_text())["project"]["entry-points"]["pytest11"].values()
    # As an installation would offer it.
    found = folder / "replikit-1.dist-info"
    found.mkdir(exist_ok=True)
    (found / "METADATA").write_text("Metadata-Version: 2.1\nName: replikit\nVersion: 1\n")
    (found / "entry_points.txt").write_text(f"[pytest11]\nreplikit_mock = {point}\n")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("REPL", "PYTEST"))}
    environment["PYTHONPATH"] = os.pathsep.join([str(folder), str(PACKAGE)])
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:randomly", *options]
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=HANGS, check=False
    )


def test_each_test_has_a_mock_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "test_mine.py").write_text(TESTS, "utf-8")
    # The guide's own test, as it is printed there.
    blocks = re.findall(r"^```python\n(.*?)^```$", GUIDE.read_text("utf-8"), re.DOTALL | re.MULTILINE)
    (shown,) = (block for block in blocks if "def test_" in block)
    (tmp_path / "test_guide.py").write_text(shown, "utf-8")
    done = run(tmp_path, "--strict-markers", "-W", "error")
    count = TESTS.count("\ndef test_") + shown.count("def test_")
    assert done.returncode == 0 and f"{count} passed" in done.stdout, done.stdout + done.stderr


def test_it_costs_nothing_where_it_is_not_asked_for_and_stops_no_run_without_a_mock(tmp_path: Path) -> None:
    (tmp_path / "test_other.py").write_text(
        "import sys\n\ndef test_other():\n"
        "    assert 'replikit.pytest_plugin' in sys.modules\n"
        "    heavy = {'httpx', 'httpx2', 'replikit.client', 'replikit.runtime.client', 'replikit.mock'}\n"
        "    assert not heavy & sys.modules.keys()\n"
        "    assert not [name for name in sys.modules if name.startswith('replikit.mock')]\n"
    )
    (tmp_path / "bare").mkdir()
    (tmp_path / "bare/__init__.py").touch()
    (tmp_path / "bare/pytest_plugin.py").write_text((PACKAGE / "replikit/pytest_plugin.py").read_text("utf-8"), "utf-8")
    (tmp_path / "test_bare.py").write_text("def test_a():\n    pass\n\ndef test_b(bare_mock):\n    pass\n")
    done = run(tmp_path, "-p", "bare.pytest_plugin")
    assert "2 passed, 1 error" in done.stdout and "bare was made without its mock" in done.stdout, done.stdout
