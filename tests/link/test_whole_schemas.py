"""Schemas by a table written from JSON Schema's and OpenAPI's own texts, and all that the IR says of each."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from plain_ir import plain

from generator import link
from generator.ir import Model
from generator.read import documents

TABLE = yaml.safe_load((Path(__file__).parent / "whole/schemas.yaml").read_text("utf-8"))
HOLDER = "/components/schemas/Holder/properties/"


@pytest.mark.parametrize("version", ["3.1.1", "3.0.4"])
def test_each_schema_means_what_its_row_says(version: str, tmp_path: Path) -> None:
    rows = TABLE[version]
    named = {key.partition(".")[0] for key in TABLE["models"]}

    def name_of(number: int, schema: Any) -> str:
        described = schema.get("description") if isinstance(schema, dict) else None
        return described if described in named else f"p{number}"

    properties = {name_of(number, row[0]): row[0] for number, row in enumerate(rows)}
    document: dict[str, Any] = {
        "openapi": version,
        "info": {"title": "Schemas", "version": "1"},
        "paths": {
            "/a": {
                "get": {
                    "operationId": "a",
                    "responses": {
                        "200": {
                            "description": ".",
                            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Holder"}}},
                        }
                    },
                }
            }
        },
        "components": {"schemas": {"Holder": {"type": "object", "properties": properties}, **TABLE["components"]}},
    }
    (tmp_path / "api.json").write_text(json.dumps(document), "utf-8")
    found = link.load(documents.read(tmp_path / "api.json"))
    fields = {field.wire_name: field for field in found.models["Holder"].fields}
    lost: dict[str, list[str]] = {}
    for loss in found.losses:
        lost.setdefault(loss.pointer.removeprefix(HOLDER).partition("/")[0], []).append(f"{loss.kind} {loss.reason}")
    wrong = []
    for name, row in zip(properties, rows, strict=True):
        schema, expected, *reasons = row
        type_ = plain(fields[name].type)
        if type_.get("name") == f"Holder.{name}":
            type_.pop("name")  # of an enumeration
        told = lost.pop(name, [])
        if type_ != expected or [type(v) for v in type_.values()] != [type(expected[k]) for k in type_]:
            wrong.append((schema, type_))
        if len(told) != len(reasons) or not all(a.startswith(b) for a, b in zip(told, reasons, strict=True)):
            wrong.append((schema, told))
        note = schema.get("description", "") if isinstance(schema, dict) else ""
        if fields[name].place.pointer != HOLDER + name or (note and fields[name].description != note):
            wrong.append((schema, fields[name]))
    assert not wrong, "\n".join(f"{schema}\n    {got}" for schema, got in wrong)
    assert not lost and (found.token_env, found.schemes, found.security) == ("", (), ())
    if version == "3.1.1":
        models = {
            key.removeprefix("Holder."): model for key, model in found.models.items() if key.startswith("Holder.")
        }
        assert {key: shown(model) for key, model in models.items()} == TABLE["models"]
        assert found.rules == TABLE["rules"]


def shown(model: Model) -> dict[str, Any]:
    """What the table says of a model: its key, words, place and description are those of its row."""
    flags = ("required", "deprecated", "read_only", "write_only")
    own = {
        key: each for key, each in plain(model).items() if key not in ("key", "words", "place", "description", "fields")
    }
    fields = [" ".join([f.wire_name, f.type.kind, *(flag for flag in flags if getattr(f, flag))]) for f in model.fields]
    return {"fields": sorted(fields), **own}
