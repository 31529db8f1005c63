"""`gateway` of the generator's own command line: a document without a package, called as a package's functions are."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from gateway_packages import DOCUMENTS, ROOT
from recorder import recorder

from generator import caching, gateway
from generator.errors import SpecError

pytestmark = pytest.mark.usefixtures("patient_gateway")

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Runs the command in a folder with a configuration of one document."""
    folder = tmp_path_factory.mktemp("project")
    (folder / "api.json").write_text(json.dumps(DOCUMENTS["library"]))
    apis = {"shelves": {"openapi": "api.json", "base_url": "http://127.0.0.1:1/v9"}}
    (folder / "gateway.yaml").write_text(json.dumps({"apis": apis, "policy": {"shelves": {"write": "ask"}}}))
    cache = tmp_path_factory.mktemp("cache")
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    environment = {
        **kept,
        "XDG_CACHE_HOME": str(cache),
        "LIBRARY_CONFIG": os.devnull + ".none",
        "PYTHONPATH": str(ROOT),
    }

    def start(*words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "generator", "gateway", *words]
        return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)

    return start


def test_a_document_is_called_as_a_package_is(run: Run) -> None:
    done = run("call", "shelves.books.list", "--arg", "limit=3", "--dry-run")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["url"] == "http://127.0.0.1:1/v9/books?limit=3"


def test_a_document_at_an_address_is_one_too(run: Run) -> None:
    with recorder() as site:
        site.content = json.dumps(DOCUMENTS["helpdesk"]).encode()
        words = ("--openapi", f"{site.base_url}/openapi.json", "--name", "desk")
        done = run(*words, "call", "desk.list_tickets", "--dry-run")
        assert (done.returncode, site.one().path) == (0, "/v1/openapi.json"), done.stderr
        assert json.loads(done.stdout)["url"] == "http://127.0.0.1:1/v1/tickets"


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        # The hint names what the user calls.
        (["serve", "--metrics"], 2, 'add --http HOST:PORT", "hint": "python -m generator gateway serve --help"'),
        (["call", "shelves.add_book", "{}"], 4, "needs confirmation, and there is nobody to ask"),
        (["--config", "none.yaml", "search", "books"], 2, "none.yaml: No such file or directory"),
    ],
)
def test_it_ends_with_the_packages_exit_codes(run: Run, words: list[str], code: int, told: str) -> None:
    done = run(*words)
    assert (done.returncode, told in done.stderr) == (code, True), done.stderr
    assert "Traceback" not in done.stderr


def test_a_hosts_configuration_starts_it_from_anywhere(run: Run) -> None:
    done = run("--write=ask", "--ask=billed", "config", "claude-code", "--mode=code")
    entry = json.loads(done.stdout)["mcpServers"]["gateway"]
    flag, config, *rest = entry["args"][-6:]
    assert (flag, Path(config).is_absolute(), Path(config).name) == ("--config", True, "gateway.yaml")
    assert rest == ["--write=ask", "--ask=billed", "serve", "--mode=code"]


def test_what_others_may_write_is_not_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    folder = caching.folder("gateway")
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    folder.chmod(0o770)
    with pytest.raises(SpecError, match="others can write to it"):
        caching.folder("gateway")


def test_what_was_not_used_for_longest_is_forgotten(tmp_path: Path) -> None:
    for number in range(gateway._KEPT + 3):
        (tmp_path / str(number)).mkdir()
        os.utime(tmp_path / str(number), (number, number))
    gateway._forget(tmp_path)
    assert sorted(int(each.name) for each in tmp_path.iterdir()) == list(range(3, gateway._KEPT + 3))
