"""A document that means harm, and a real terminal: what the generator says of it steers nothing."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest
from terminal import Terminal
from test_cli_hostile import EVIL, clean

ROOT = Path(__file__).parents[1]
OPERATION = {"responses": {"200": {"description": EVIL}}}


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ({"openapi": EVIL, "info": {"title": EVIL, "version": EVIL}, "paths": {}}, ()),
        ({"openapi": "3.1.0", "info": {"title": "x", "version": "1"}, "paths": {"/x": {"get": {"$ref": f"#/{EVIL}"}}}}, ()),
        ({"openapi": "3.1.0", "info": {"title": EVIL, "version": "1"}, EVIL: 1, "paths": {f"/{EVIL}": {"get": OPERATION}}}, ()),
        ({"openapi": "3.1.0", "info": {"title": EVIL, "version": "1"}, "paths": {f"/{EVIL}": {"get": OPERATION}}}, ("lint",)),
        ({"openapi": "3.1.0", "info": {"title": EVIL, "version": "1"}, "paths": {f"/{EVIL}": {"get": OPERATION}}}, ("ir",)),
    ],
)  # fmt: skip
def test_what_is_said_of_a_document_is_clean(tmp_path: Path, document: object, words: tuple[str, ...]) -> None:
    (tmp_path / "api.json").write_text(json.dumps(document))
    command = [sys.executable, "-m", "generator", *(words or ("generate", "--out", str(tmp_path / "out")))]
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}
    terminal = Terminal([*command, "--openapi", str(tmp_path / "api.json")], tmp_path, environment)
    _, shown = terminal.end()
    assert "evil" in shown or "x" in shown
    clean(terminal.content)
