"""Documents of Swagger 2.0 that others wrote mean to us what the conversion of swagger2openapi means: the same IR."""

from __future__ import annotations

import dataclasses
import gzip
import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hanging import HANGS

from generator import link
from generator.ir import Place
from generator.read import documents

NPM = Path(__file__).parents[1] / "npm/node_modules"
CONVERTER = NPM / "swagger2openapi/swagger2openapi.js"
EXAMPLES = NPM / "@readme/oas-examples/2.0/json"
KUBERNETES = NPM / "kubernetes-client/lib/specs/swagger-1.13.json.gz"
NAMES = ("petstore", "petstore-expanded", "petstore-simple", "petstore-with-external-docs", "schema-circular")
_OURS = {"place", "digest", "documents", "losses"}
"""What tells of the file and not of the API."""


def needed(*paths: Path) -> None:
    missing = [path for path in paths if not path.exists()]
    if missing:
        pytest.skip(f"{missing[0].name} is not installed: npm ci --prefix tests/npm")


def plain(value: Any) -> Any:
    if isinstance(value, Place):
        return None
    if dataclasses.is_dataclass(value):
        return {f.name: plain(getattr(value, f.name)) for f in dataclasses.fields(value) if f.name not in _OURS}
    if isinstance(value, dict):
        return {key: plain(each) for key, each in value.items()}
    return [plain(each) for each in value] if isinstance(value, (list, tuple)) else value


def differences(ours: Any, theirs: Any, path: str = "") -> Iterator[str]:
    if isinstance(ours, dict) and isinstance(theirs, dict):
        for key in sorted(ours.keys() | theirs.keys()):
            yield from differences(ours.get(key), theirs.get(key), f"{path}/{key}")
    elif isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
        for index, (one, other) in enumerate(zip(ours, theirs, strict=True)):
            yield from differences(one, other, f"{path}/{index}")
    elif ours != theirs:
        yield f"{path}: {ours!r} is not {theirs!r}"


def compared(document: Path, folder: Path) -> tuple[Any, list[str]]:
    converted = folder / "converted.json"
    command = ["node", str(CONVERTER), str(document), "--refSiblings", "preserve", "-o", str(converted)]
    subprocess.run(command, check=True, capture_output=True, timeout=HANGS)
    ours, theirs = (plain(link.load(documents.read(each))) for each in (document, converted))
    return ours, [*differences(ours, theirs)]


@pytest.mark.parametrize("name", NAMES)
def test_examples(name: str, tmp_path: Path) -> None:
    needed(CONVERTER, EXAMPLES)
    ours, found = compared(EXAMPLES / f"{name}.json", tmp_path)
    assert not found and ours["functions"]


def test_two_groups_of_kubernetes(tmp_path: Path) -> None:
    needed(CONVERTER, KUBERNETES)
    whole = json.loads(gzip.decompress(KUBERNETES.read_bytes()))
    paths = re.compile(r"/(api/v1/namespaces/\{namespace\}/pods|apis/batch/v1/)")
    whole["paths"] = {path: item for path, item in whole["paths"].items() if paths.match(path)}
    todo, reached = [whole["paths"]], dict[str, Any]()
    while todo:
        for name in re.findall(r'"#/definitions/([^"]+)"', json.dumps(todo.pop())):
            if name not in reached:
                reached[name] = whole["definitions"][name]
                todo.append(reached[name])
    document = tmp_path / "kubernetes.json"
    document.write_text(json.dumps(whole | {"definitions": reached}), "utf-8")
    ours, found = compared(document, tmp_path)
    assert not found
    assert len(ours["functions"]) > 40 and len(ours["models"]) > 60
