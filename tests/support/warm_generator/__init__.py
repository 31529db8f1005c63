"""The generator after a first run: for `forking`, so that no command of a page compiles the templates again."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

from generator import cli, pipeline  # noqa: F401

DOCUMENT = {
    "openapi": "3.1.0",
    "info": {"title": "Warm", "version": "1"},
    "paths": {"/a": {"get": {"operationId": "a.get", "responses": {"200": {"description": "It."}}}}},
}

with tempfile.TemporaryDirectory() as folder:
    document = Path(folder, "openapi.json")
    document.write_text(json.dumps(DOCUMENT), "utf-8")
    pipeline.make(pipeline.Inputs(document))
