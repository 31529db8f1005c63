"""The catalog.json of an output, given back as a catalog, gives the same functions: names, groups, classes, prose, examples."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from made_documents import document

from generator import link, pipeline
from generator.errors import SpecError
from generator.ir import Api
from generator.read import documents

ROOT = Path(__file__).parents[2]
SPEC = ROOT / "spec"


def told(api: Api) -> dict[str, Any]:
    """What an API says of its functions, by where each is, and of its groups."""
    functions = {
        (f.method, f.path): (
            (f.name, f.group, f.verb, f.access, f.classes, f.idempotent, f.hidden, f.timeout, f.retries, f.headers),
            (f.title, f.summary, f.description.replace("\r\n", "\n"), f.brief, f.keywords),
            [(e.title, e.arguments, e.has_result, e.result) for e in f.examples],
            [(p.words, p.wire_name, p.location, p.encoding) for p in f.params],
            (f.page, f.job, f.files_in, f.files_out),
        )
        for f in api.functions
    }
    groups = [(group.key, group.title, group.summary) for group in api.groups]
    about = (api.name, api.title, api.package, api.command, api.client, api.version, api.summary)
    return {"functions": functions, "groups": groups, "about": about, "jobs": dict(api.jobs)}


def test_replicates(tmp_path: Path) -> None:
    made = link.load(documents.read(SPEC / "openapi.yaml", SPEC / "catalog.yaml"))
    back = link.load(documents.read(SPEC / "openapi.yaml", ROOT / "generated/catalog.json"))
    assert len(back.functions) == 37 and told(back) == told(made)


@pytest.mark.parametrize("manner", ["github", "stripe", "kubernetes", "openai"])
def test_that_of_a_document_without_a_catalog(manner: str, tmp_path: Path) -> None:
    (tmp_path / "api.json").write_text(json.dumps(document(manner, 25)))
    pipeline.generate(pipeline.Inputs(tmp_path / "api.json"), tmp_path / "out", ("docs",))
    made = pipeline.load(pipeline.Inputs(tmp_path / "api.json"))
    back = pipeline.load(pipeline.Inputs(tmp_path / "api.json", tmp_path / "out/catalog.json"))
    assert made.functions and told(back) == told(made)


def test_that_of_one_with_overrides(tmp_path: Path) -> None:
    (tmp_path / "api.yaml").write_text("""
openapi: 3.1.0
info: {title: Zoo, version: "1"}
paths:
  /1st/{petId}:
    get: {operationId: a, tags: [1st class], description: "One.\\n\\nTwo.", parameters: [{name: petId, in: path, required: true, schema: {type: string}}], responses: {}}
  /b: {post: {responses: {}}}
  /admin/x: {get: {responses: {}}}
""")
    (tmp_path / "catalog.yaml").write_text("""
operations: {'*': {billed: true, timeout: 3}, GET /admin/*: {hidden: true}}
functions:
  pet: {operation: a, retries: 0, headers: {X-A: b}, hidden: [mcp], parameters: {petId: {name: which}},
    examples: [{title: One, arguments: {which: x}}, {title: Two, arguments: {which: y}, result: null}]}
""")
    inputs = pipeline.Inputs(tmp_path / "api.yaml", tmp_path / "catalog.yaml")
    pipeline.generate(inputs, tmp_path / "out", ("docs",))
    back = pipeline.load(pipeline.Inputs(tmp_path / "api.yaml", tmp_path / "out/catalog.json"))
    assert told(back) == told(pipeline.load(inputs))


@pytest.mark.parametrize(
    "text", ['{"functions": [1]}', '{"functions": [{}]}', '{"functions": [{"name": "a", "title": 3}]}']
)
def test_what_only_looks_like_one(text: str, tmp_path: Path) -> None:
    (tmp_path / "api.yaml").write_text(
        "openapi: 3.1.0\ninfo: {title: Zoo, version: '1'}\npaths: {/a: {get: {responses: {}}}}\n"
    )
    (tmp_path / "catalog.json").write_text(text)
    with pytest.raises(SpecError, match=r"catalog\.json:1:"):
        link.load(documents.read(tmp_path / "api.yaml", tmp_path / "catalog.json"))
