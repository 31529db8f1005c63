"""The order of imports in what is made, judged by ruff's isort rules with their defaults."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from pathlib import Path

from generator import pipeline
from generator.surfaces.python import operations, resources, types
from generator.surfaces.python.spelling import import_order, imports

NAMES = [
    *("DD", "AsyncDD", "AWSThing", "AsyncAWSThing", "ATv", "AsyncATv", "APIs", "AsyncAPIs", "D", "A1", "A10", "A2"),
    *("A02", "a1", "a10", "a2", "a_1", "a1b", "a01b", "a10b", "aB", "ab", "Ab", "AB"),
    *("Ab2", "_a", "_A", "_1a", "v2", "v10", "v2_1", "v2_10", "V2", "V10", "x", "y10"),
    *("y9", "y09", "zz", "z_z", "zZ", "ZZ9", "ZZ10", "Zz9", "Zz10"),
]


def judged(folder: Path) -> str:
    command = [sys.executable, "-m", "ruff", "check", "--isolated", "--no-cache", "--output-format", "concise"]
    options = ["--select", "I", "--line-length", "320", str(folder)]
    return subprocess.run([*command, *options], capture_output=True, text=True, check=False, timeout=120).stdout


def test_names_and_modules_stand_as_the_linter_has_them(tmp_path: Path) -> None:
    chance = random.Random(7)
    for number in range(60):
        ordered = sorted(chance.sample(NAMES, 9), key=import_order)
        modules = sorted({name.lower() for name in ordered}, key=import_order)
        lines = [f"from .client import {', '.join(ordered)}", "", "if ordered:"]
        lines += [f"    from .bound import {name} as _{name}" for name in modules]
        (tmp_path / f"case_{number}.py").write_text("\n".join(lines) + "\n", "utf-8")
    for module in (operations, resources, types):  # what any package may import there, all of it at once
        for name, modules_of in vars(module).items():
            if name.endswith("_MODULES"):
                every = imports([each for _, names in modules_of for each in names], modules_of)
                path = tmp_path / f"{module.__name__.rpartition('.')[2]}{name.lower()}.py"
                path.write_text("\n".join(every) + "\n", "utf-8")
    assert judged(tmp_path) == "All checks passed!\n"
    (tmp_path / "case_0.py").write_text("from .client import AsyncDD, DD\n", "utf-8")
    assert "case_0.py:1:1: I001" in judged(tmp_path)


def test_a_package_is_in_order(tmp_path: Path) -> None:
    paths = {
        f"/{group}": {
            "get": {"tags": [group], "operationId": f"{group}_list", "responses": {"200": {"description": "."}}}
        }
        for group in ("v10", "v2", "v2_b", "v02")
    }
    document = {"openapi": "3.1.0", "info": {"title": "D&D", "version": "1"}, "paths": paths}
    (tmp_path / "api.json").write_text(json.dumps(document), "utf-8")
    pipeline.generate(pipeline.Inputs(tmp_path / "api.json"), tmp_path / "out")
    assert judged(tmp_path / "out/python") == "All checks passed!\n"
