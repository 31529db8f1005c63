"""A document that means harm, and a real terminal: what the generator says of it steers nothing."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest
from terminal import Terminal
from test_cli_hostile import WHOLE, clean

ROOT = Path(__file__).parents[2]
OPERATION = {"responses": {"200": {"description": WHOLE}}}


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ({"openapi": WHOLE, "info": {"title": WHOLE, "version": WHOLE}, "paths": {}}, ()),
        ({"openapi": "3.1.0", "info": {"title": WHOLE, "version": "1"}, "paths": {f"/{WHOLE}": {"get": OPERATION}}}, ("lint",)),
        ({"openapi": "3.1.0", "info": {"title": WHOLE, "version": "1"}, "paths": {f"/{WHOLE}": {"get": OPERATION}}}, ("ir",)),
    ],
)  # fmt: skip
def test_what_is_said_of_a_document_is_clean(tmp_path: Path, document: object, words: tuple[str, ...]) -> None:
    (tmp_path / "api.json").write_text(json.dumps(document))
    command = [sys.executable, "-m", "generator", *(words or ("generate", "--out", str(tmp_path / "out")))]
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}
    terminal = Terminal([*command, "--openapi", str(tmp_path / "api.json")], tmp_path, environment)
    _, shown = terminal.end()
    assert "evil" in shown
    clean(terminal.content)
