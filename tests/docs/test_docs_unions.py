"""The guide to unions: the members and what tells them as the document has it, and its snippet run against the mock."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hanging import HANGS

from generator import pipeline


def _object(required: list[str], **fields: Any) -> dict[str, Any]:
    return {"type": "object", "required": required, "properties": fields}


TEXT, WHOLE = {"type": "string"}, {"type": "integer"}
SCHEMAS: dict[str, Any] = {
    "Card": _object(["type"], type=TEXT, digits=TEXT),
    "Account": _object(["type"], type=TEXT, iban=TEXT),
    "Means": {
        "oneOf": [{"$ref": "#/components/schemas/Card"}, {"$ref": "#/components/schemas/Account"}],
        "discriminator": {"propertyName": "type", "mapping": {"a|b": "#/components/schemas/Card"}},
    },
    "Paid": _object(["state"], state={"const": "paid"}, at=TEXT),
    "Failed": _object(["state"], state={"enum": ["refused", "lost"]}, why=TEXT),
    "Person": _object(["email"], email=TEXT),
    "Firm": _object(["number", "seat"], number=TEXT, seat=TEXT),
    "Charge": _object(
        ["id"],
        id=WHOLE,
        outcome={"oneOf": [{"$ref": "#/components/schemas/Paid"}, {"$ref": "#/components/schemas/Failed"}]},
        payer={"anyOf": [{"$ref": "#/components/schemas/Person"}, {"$ref": "#/components/schemas/Firm"}]},
    ),
}


def _document(means: dict[str, Any], charge: dict[str, Any]) -> dict[str, Any]:
    def get(name: str, schema: dict[str, Any]) -> dict[str, Any]:
        content = {"application/json": {"schema": schema}}
        return {"get": {"operationId": name, "responses": {"200": {"description": "OK", "content": content}}}}

    def post(name: str, schema: dict[str, Any]) -> dict[str, Any]:
        body = {"required": True, "content": {"application/json": {"schema": schema}}}
        return {"post": {"operationId": name, "requestBody": body, "responses": {"204": {"description": "OK"}}}}

    return {
        "openapi": "3.1.0",
        "info": {"title": "Purse", "version": "1"},
        "servers": [{"url": "https://purse.invalid/v1"}],
        "paths": {
            "/means": {**get("means.get", means), **post("means.add", means)},
            "/charge": get("charge.get", charge),
        },
        "components": {"schemas": SCHEMAS},
    }


def made(folder: Path, document: dict[str, Any]) -> Path:
    (folder / "openapi.json").write_text(json.dumps(document), "utf-8")
    pipeline.generate(pipeline.Inputs(folder / "openapi.json"), folder / "out")
    return folder / "out"


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    refer = {"$ref": "#/components/schemas/Means"}, {"$ref": "#/components/schemas/Charge"}
    return made(tmp_path_factory.mktemp("unions"), _document(*refer))


def test_members_and_what_tells_them(package: Path) -> None:
    """OAS 3.1, Discriminator Object: a name that the mapping leaves out is the schema's own."""
    page = (package / "docs/pages/guides/unions.md").read_text("utf-8")
    page, _, argument = page.partition("{ #give }")
    assert "`body` of `purse_add_means`, told by `type`:" in argument
    assert re.findall(r"^- `(.+?)` where", argument, re.MULTILINE) == ["Card", "Account"]
    rows = re.findall(r"^- `(.+?)` where (.+)$", page, re.MULTILINE)
    words = {name: re.findall("`(.*?)`", told) for name, told in rows}
    assert words["Account"] == ["type", "Account"] and words["Card"] == ["type", "a|b", "Card"]
    assert words["Paid"] == ["state", "paid"] and words["Failed"] == ["state", "refused", "lost"]
    assert words["Person"] == ["email"] and words["Firm"] == ["number", "seat"]
    assert "guides/unions.md" in (package / "docs/mkdocs.yml").read_text("utf-8")


def test_its_snippets_tell_what_the_mock_gives_and_give_what_it_takes(package: Path, tmp_path: Path) -> None:
    page = (package / "docs/pages/guides/unions.md").read_text("utf-8")
    told, given = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    assert 'client.means.add(body={"type": "a|b"})' in given
    program = f"""
import os
from purse_kit.mock.server import serve
with serve() as mock:
    os.environ.update(mock.environment())
    exec({told!r})
    exec({given!r})
"""
    env = {"PATH": os.environ["PATH"], "PYTHONPATH": str(package / "python"), "HOME": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", program], env=env, capture_output=True, text=True, check=False, timeout=HANGS
    )
    assert done.returncode == 0 and re.match("the (first|second) kind", done.stdout), done.stderr


def test_an_api_whose_arguments_alone_are_unions_has_the_page(tmp_path: Path) -> None:
    document = _document({"$ref": "#/components/schemas/Means"}, {})
    del document["paths"]["/charge"], document["paths"]["/means"]["get"]
    page = (made(tmp_path, document) / "docs/pages/guides/unions.md").read_text("utf-8")
    assert "client.means.add(" in page and "results" not in page and "## Which there are" not in page


def test_an_api_without_unions_has_no_such_page(tmp_path: Path) -> None:
    plain = {"$ref": "#/components/schemas/Person"}
    out = made(tmp_path, _document(plain, plain))
    assert not (out / "docs/pages/guides/unions.md").exists()
    assert "guides/unions.md" not in (out / "docs/mkdocs.yml").read_text("utf-8")
