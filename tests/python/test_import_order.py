"""The modules of a client's resources stand in the order that ruff's own defaults ask for, whatever the groups are called."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from hanging import HANGS

from generator import pipeline

GROUPS = ("1-clicks", "Actions", "Zones", "functions", "2FA", "SSH keys")


def test_resources_are_imported_in_order(tmp_path: Path) -> None:
    paths = {
        f"/p{n}": {"get": {"operationId": f"get{n}", "tags": [group], "responses": {"204": {"description": "OK"}}}}
        for n, group in enumerate(GROUPS)
    }
    document = {"openapi": "3.1.1", "info": {"title": "Ordered", "version": "1"}, "paths": paths}
    (tmp_path / "api.json").write_text(json.dumps(document), "utf-8")
    pipeline.generate(pipeline.Inputs(tmp_path / "api.json"), tmp_path / "out", ("python",))
    client = tmp_path / "out/python/ordered_kit/client.py"
    assert client.read_text("utf-8").count("    from .resources import") >= len(GROUPS)
    command = [sys.executable, "-m", "ruff", "check", "--isolated", "--no-cache", "--select", "I", str(client)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=HANGS)
    assert done.returncode == 0, done.stdout
