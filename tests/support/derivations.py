"""Replicate's own description with the models of `tests/models/schemas` as functions of their own."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from generator.inputs import Inputs

ROOT = Path(__file__).resolve().parents[2]
MODELS = ROOT / "tests" / "models"
OWNER = "octo-labs"
NAMES = tuple(sorted(path.stem for path in (MODELS / "schemas").glob("*.json")))
NAMED = ("image", "text", "speech", "forty-inputs")
"""Those that run by their name; the others need a version."""


def version(name: str) -> str:
    """The id of a model's version: 64 hexadecimal digits."""
    return f"{NAMES.index(name) + 10:02x}" * 32


def pinned(name: str) -> str:
    """A model's version as a prediction is asked for it: with the model that it is of."""
    return f"{OWNER}/{name}:{version(name)}"


def function(name: str) -> str:
    """The name of the function that a model becomes."""
    return f"replicate_{name.replace('-', '_')}"


def snapshot(name: str) -> dict[str, object]:
    """The schema of a model as it is kept beside a catalog."""
    note = {
        "source": f"{OWNER}/{name}",
        "version": version(name),
        "description": f"Shows what {name} takes. It is nobody's.",
        "named": name in NAMED,
    }
    return {"x-snapshot": note, **json.loads((MODELS / "schemas" / f"{name}.json").read_text("utf-8"))}


def project(folder: Path, names: tuple[str, ...] = NAMES) -> Inputs:
    """The inputs of a run with these models, laid into a folder."""
    text = (ROOT / "spec" / "catalog.yaml").read_text("utf-8")
    text += "derived:\n"
    for name in names:
        text += f"  {function(name)}: {{derivation: model, source: {OWNER}/{name}}}\n"
        if name == "trainer":
            text += f"  replicate_train_{name}:\n    derivation: training\n    source: {OWNER}/{name}\n"
            text += f"    fixed: {{destination: {OWNER}/trained}}\n"
    kept = folder / "models" / OWNER
    kept.mkdir(parents=True, exist_ok=True)
    for name in names:
        (kept / f"{name}.json").write_text(json.dumps(snapshot(name), indent=1), "utf-8")
    (folder / "catalog.yaml").write_text(text, "utf-8")
    shutil.copy(ROOT / "spec" / "openapi.yaml", folder / "openapi.yaml")
    left = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "spec" / "extensions", folder / "extensions", ignore=left, dirs_exist_ok=True)
    return Inputs(folder / "openapi.yaml", folder / "catalog.yaml", folder / "extensions")
