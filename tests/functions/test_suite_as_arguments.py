"""The JSON Schema Test Suite, each of its schemas an argument of a document: what is read of it is checked as it says."""

from __future__ import annotations

import importlib
import json
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from generator import link
from generator.read import documents
from generator.surfaces.shared.metadata import metadata

Json = dict[str, Any]
HERE = Path(__file__).parent
SUITE: dict[str, list[Json]] = json.loads((HERE / "json_schema_suite.json").read_text("utf-8"))["files"]
LEFT_OUT = {
    "optional/float-overflow": "a number that no double holds is refused where the document is read",
    "optional/bignum": "the same",
    "optional/ecmascript-regex": "which patterns are checked is the affair of test_patterns",
    "optional/non-bmp-regex": "the same",
}
IMPLIED = {"object": ("properties", "additionalProperties"), "array": ("items", "prefixItems")}
"""A schema with these keywords and no `type` is read as one of objects, or of arrays: so those who leave it out mean it."""


def place(schema: Any, key: str, components: Json) -> Any:
    """The schema, with its `$defs` among the components."""
    if not isinstance(schema, dict):
        return schema
    text = json.dumps({name: part for name, part in schema.items() if name != "$defs"})
    moved = lambda text: json.loads(text.replace('"#/$defs/', f'"#/components/schemas/{key}_'))
    for name, part in schema.get("$defs", {}).items():
        components[f"{key}_{name}"] = moved(json.dumps(part))
    return moved(text)


@pytest.fixture(scope="module")
def schemas(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Json]:
    """The input schema of the function that takes each of the suite's, by file and description."""
    components: Json = {}
    paths: Json = {}
    keys: dict[str, str] = {}
    for name, groups in SUITE.items():
        for number, group in enumerate(groups if name not in LEFT_OUT else ()):
            key = f"{name.replace('-', '_')}_{number}"
            keys[key] = f"{name}: {group['description']}"
            body = {"type": "object", "properties": {"v": place(group["schema"], key, components)}, "required": ["v"]}
            content = {"application/json": {"schema": body}}
            paths[f"/{key}"] = {
                "post": {
                    "operationId": key,
                    "requestBody": {"required": True, "content": content},
                    "responses": {"204": {"description": ""}},
                }
            }
    file = tmp_path_factory.mktemp("suite") / "suite.json"
    info = {"title": "Suite", "version": "1"}
    document = {"openapi": "3.1.0", "info": info, "paths": paths, "components": {"schemas": components}}
    file.write_text(json.dumps(document), "utf-8")
    made = metadata(link.load(documents.read(file)))
    return {keys[entry["operation_id"]]: made.closed(entry["input_schema"]) for entry in made.entries}


def test_the_suite_by_way_of_a_document(schemas: dict[str, Json]) -> None:
    sys.path.insert(0, str(HERE.parents[1] / "generated/python"))
    check = importlib.import_module("replikit.functions").check
    counted: Counter[str] = Counter()
    wrong = []
    for name, groups in SUITE.items():
        for group in groups if name not in LEFT_OUT else ():
            for case in group["tests"]:
                allowed = check({"v": case["data"]}, schemas[f"{name}: {group['description']}"]) is None
                kind = "object" if isinstance(case["data"], dict) else "array" if isinstance(case["data"], list) else ""
                if allowed == case["valid"]:
                    counted[name] += 1
                elif case["valid"] and kind not in _implied(group["schema"]):
                    counted["of a kind that the schema implies"] += 1
                else:
                    wrong.append((name, group["description"], case["description"], allowed))
    print(dict(counted), f"{len(wrong)} wrong")
    assert wrong == [], "\n".join(map(str, wrong))


def _implied(schema: Any) -> set[str]:
    """The kinds that the schema, or what it is made of, is read as without saying so; any, where it implies none."""
    found: set[str] = set()
    todo = [schema]
    while todo:
        part = todo.pop()
        if isinstance(part, dict):
            if "type" not in part:
                found |= {kind for kind, keywords in IMPLIED.items() if {*keywords} & part.keys()}
            todo += part.values()
        elif isinstance(part, list):
            todo += part
    return found or {"object", "array", ""}
