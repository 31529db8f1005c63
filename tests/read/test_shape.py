"""A field of another kind than OpenAPI gives it is one message with a place, or an entry of the ledger; never a crash."""

from __future__ import annotations

import copy
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from generator import pipeline
from generator.errors import SpecError
from generator.ir import Api
from generator.pipeline import Inputs
from generator.read.source import load as load_source

ROOT = Path(__file__).parents[2]
WHOLE: Any = json.loads(Path(__file__).with_name("whole.json").read_text("utf-8"))
"""A document with every object that OpenAPI 3.2 knows."""


def with_value(document: Any, path: tuple[str | int, ...], value: Any) -> Any:
    if not path:
        return value
    changed = copy.deepcopy(document)
    inside = changed
    for step in path[:-1]:
        inside = inside[step]
    inside[path[-1]] = value
    return changed


def load(folder: Path, document: Any) -> Api:
    (folder / "openapi.json").write_text(json.dumps(document, indent=1))
    return pipeline.load(Inputs(folder / "openapi.json"))


def line_of(document: Any, path: tuple[str | int, ...]) -> int:
    """The line on which a value stands in what `load` writes: found by putting a mark there."""
    text = json.dumps(with_value(document, path, "\0here"), indent=1)
    return text[: text.index("\\u0000here")].count("\n") + 1


GET = ("paths", "/animals", "get")
POST = ("paths", "/animals", "post")
MISTAKES: list[tuple[tuple[str | int, ...], Any, str]] = [
    (("paths",), [], "`paths` is a list, not an object"),
    (("paths", "/animals"), "x", "`/animals` is the text 'x', not a path item object"),
    (("info",), 3, "`info` is the number 3, not an info object"),
    (("servers",), {}, "`servers` is an object, not a list"),
    (("servers", 0), "http://x", "`0` is the text 'http://x', not a server object"),
    (("servers", 0, "variables"), [], "`variables` is a list, not an object"),
    (("servers", 0, "variables", "host"), "x", "`host` is the text 'x', not a server variable object"),
    (("security",), "x", "`security` is the text 'x', not a list"),
    (("security", 0), "token", "`0` is the text 'token', not an object"),
    (("components",), [], "`components` is a list, not a components object"),
    (("components", "schemas"), [], "`schemas` is a list, not an object"),
    (("components", "securitySchemes", "token"), "bearer", "`token` is the text 'bearer', not a security scheme object"),
    ((*GET,), "list", "`get` is the text 'list', not an operation object"),
    ((*GET,), None, "`get` is null, not an operation object"),
    ((*GET, "parameters"), {}, "`parameters` is an object, not a list"),
    ((*GET, "parameters", 0), "limit", "`0` is the text 'limit', not a parameter object"),
    ((*GET, "parameters", 2, "content"), [], "`content` is a list, not an object"),
    ((*GET, "responses"), [], "`responses` is a list, not an object"),
    ((*GET, "responses", "200"), "ok", "`200` is the text 'ok', not a response object"),
    ((*GET, "responses", "200", "headers"), [], "`headers` is a list, not an object"),
    ((*GET, "responses", "200", "content", "application/json"), True, "`application/json` is true, not a media type object"),
    ((*POST, "requestBody"), [], "`requestBody` is a list, not a request body object"),
    ((*POST, "requestBody", "content"), 3.5, "`content` is the number 3.5, not an object"),
    ((*POST, "callbacks"), [], "`callbacks` is a list, not an object"),
    (("webhooks",), [], "`webhooks` is a list, not an object"),
]  # fmt: skip


@pytest.mark.parametrize(("path", "value", "message"), MISTAKES, ids=lambda each: str(each)[:60])
def test_a_mistake_has_a_place(path: tuple[str | int, ...], value: Any, message: str, tmp_path: Path) -> None:
    with pytest.raises(SpecError) as caught:
        load(tmp_path, with_value(WHOLE, path, value))
    assert [(str(f.where).rsplit(":", 1)[0], f.what) for f in caught.value.findings] == [
        (f"openapi.json:{line_of(WHOLE, path)}", message)
    ]
    assert all(finding.hint for finding in caught.value.findings)


def test_all_mistakes_of_a_document_at_once(tmp_path: Path) -> None:
    document = WHOLE
    apart = [MISTAKES[n] for n in (2, 3, 11, 14, 21)]
    for path, value, _ in apart:
        document = with_value(document, path, value)
    with pytest.raises(SpecError) as caught:
        load(tmp_path, document)
    assert sorted(f.what for f in caught.value.findings) == sorted(message for _, _, message in apart)


NAME = ("components", "schemas", "Animal", "properties", "name")
LEFT_OUT: list[tuple[tuple[str | int, ...], Any, str]] = [
    (("components",), None, "`components` is null, and is ignored"),
    (("info", "version"), 1.5, "`version` is the number 1.5, not a string, and is ignored"),
    (("info", "license"), "MIT", "`license` is the text 'MIT', not a license object, and is ignored"),
    ((*GET, "operationId"), 7, "`operationId` is the number 7, not a string, and is ignored"),
    ((*GET, "tags"), [3], "`tags` holds the number 3, which is not a string, and is ignored"),
    ((*GET, "tags"), "animals", "`tags` is the text 'animals', not a list of strings, and is ignored"),
    ((*GET, "deprecated"), "true", "`deprecated` is the text 'true', not a boolean, and is ignored"),
    ((*GET, "responses", "200"), None, "`200` is null, not a response object, and is read as empty"),
    ((*NAME, "type"), 3, "`type` is the number 3, not a string or a list of strings, and is ignored"),
    ((*NAME, "maxLength"), "9", "`maxLength` is the text '9', not a non-negative integer, and is ignored"),
    ((*NAME, "maxLength"), -1, "`maxLength` is the number -1, not a non-negative integer, and is ignored"),
    ((*NAME, "maxLength"), 1.5, "`maxLength` is the number 1.5, not a non-negative integer, and is ignored"),
    ((*NAME, "enum"), "Tom", "`enum` is the text 'Tom', not a list, and is ignored"),
    ((*NAME, "required"), True, "`required` is true, not a list of strings, and is ignored"),
    ((*NAME,), [], "`name` is a list, not a schema, and is read as empty"),
    ((*NAME, "properties"), [], "`properties` is a list, not an object, and is ignored"),
    ((*NAME, "items"), "string", "`items` is the text 'string', not a schema, and is ignored"),
    ((*NAME, "discriminator"), "kind", "`discriminator` is the text 'kind', not a discriminator object, and is ignored"),
]  # fmt: skip


@pytest.mark.parametrize(("path", "value", "reason"), LEFT_OUT, ids=lambda each: str(each)[:60])
def test_what_loses_no_operation_is_an_entry_of_the_ledger(
    path: tuple[str | int, ...], value: Any, reason: str, tmp_path: Path
) -> None:
    document: Any = copy.deepcopy(WHOLE)
    if path == ("components",):
        document = {"openapi": "3.1.0", "info": {"title": "Zoo", "version": "1"}, "paths": {}}
    pointer = "".join("/" + str(step).replace("/", "~1") for step in path)
    assert (pointer, "degraded", reason) in [
        (loss.pointer, loss.kind, loss.reason) for loss in load(tmp_path, with_value(document, path, value)).losses
    ]


def test_kinds_behind_references(tmp_path: Path) -> None:
    (tmp_path / "parts.yaml").write_text("ok: {description: 3}\nno: []\nround: {$ref: '#/round'}\n")
    document = with_value(WHOLE, (*GET, "responses", "200"), {"$ref": "parts.yaml#/ok"})
    assert "parts.yaml#/ok/description" in {loss.pointer for loss in load(tmp_path, document).losses}
    with pytest.raises(
        SpecError, match=r"openapi.json:\d+:\d+: \$ref 'parts.yaml#/no' refers to a list, not to a response"
    ):
        load(tmp_path, with_value(document, (*GET, "responses", "200", "$ref"), "parts.yaml#/no"))
    with pytest.raises(SpecError, match="refers to itself"):
        load(tmp_path, with_value(document, (*GET, "responses", "200", "$ref"), "parts.yaml#/round"))


def test_a_reference_into_what_was_left_out(tmp_path: Path) -> None:
    """As documents have it that were put together by tools: what is left out is still what others refer to."""
    whole = {"allOf": {"3": {"properties": {"age": {"type": "integer"}, "name": {"type": "string", "maxLength": "x"}}}}}
    document = with_value(WHOLE, ("components", "schemas", "Whole"), whole)
    inside = "#/components/schemas/Whole/allOf/3/properties"
    parts = {name: {"$ref": f"{inside}/{name}"} for name in ("age", "name")}
    document = with_value(document, ("components", "schemas", "Parts"), {"type": "object", "properties": parts})
    document = with_value(document, (*GET, "responses", "200"), {
        "description": "All.", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Parts"}}}
    })  # fmt: skip
    api = load(tmp_path, document)
    fields = {field.wire_name: field.type.kind for field in api.models["Parts"].fields}
    assert fields == {"age": "integer", "name": "string"}
    lost = {loss.pointer: loss.reason for loss in api.losses}
    assert lost["/components/schemas/Whole/allOf"] == "`allOf` is an object, not a list, and is ignored"
    assert "/components/schemas/Whole/allOf/3/properties/name/maxLength" in lost  # it is looked at as all others are


def test_data_is_of_any_kind(tmp_path: Path) -> None:
    """Examples, defaults, values and extensions are what they are."""
    kept = copy.deepcopy(WHOLE)
    for path in [(*NAME, "default"), (*NAME, "example"), (*NAME, "x-kind"), (*GET, "x-paths"), ("x-info",)]:
        kept = with_value(kept, path, {"type": 3, "paths": [], "$ref": 7, "required": True})
    before = {(loss.pointer, loss.reason) for loss in load(tmp_path, WHOLE).losses}
    assert {(loss.pointer, loss.reason) for loss in load(tmp_path, kept).losses} == before


# ── every wrong kind at every place ───────────────────────────────────────────────────────────────────────

WRONG: list[Any] = [None, True, 0, -1.5, "x", "", [], {}, [None], ["x"], {"x": None}, 10**4000, 10**300, 5e-324]
STRIDE = 1 if os.environ.get("SURFACEGEN_FUZZ") == "all" else 23
"""Of the cases every so manieth is run; all of them with SURFACEGEN_FUZZ=all."""


def places(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    yield path
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, each in inside:
        yield from places(each, (*path, step))


def told(run: Any, name: str) -> str:
    """What a run that is given a mistake says, other than that it went well; empty where that is up to date."""
    try:
        run()
    except SpecError as error:
        lost = [str(finding) for finding in error.findings if not str(finding.where).startswith(f"{name}:")]
        return "\n".join(lost)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is what this test looks for
        return f"{type(error).__name__}: {error}"
    return ""


def test_every_wrong_kind_at_every_place_of_a_document(tmp_path: Path) -> None:
    cases = [(path, value) for path in places(WHOLE) for value in WRONG][::STRIDE]
    found = {}
    for path, value in cases:
        changed = with_value(WHOLE, path, value)
        if told_of := told(lambda changed=changed: load(tmp_path, changed), "openapi.json"):
            found[path, str(value)[:9]] = told_of
    assert not found and len(cases) * STRIDE > 6_000


def test_wrong_kinds_through_every_surface(tmp_path: Path) -> None:
    cases = [(path, value) for path in places(WHOLE) for value in WRONG][7 :: STRIDE * 29]
    for path, value in cases:
        (tmp_path / "openapi.json").write_text(json.dumps(with_value(WHOLE, path, value)))
        assert not told(lambda: pipeline.make(Inputs(tmp_path / "openapi.json")), "openapi.json"), (path, value)


def test_every_wrong_kind_at_every_place_of_a_catalog(tmp_path: Path) -> None:
    """Of our own catalog, which uses all that there is; of entries of one kind the first stands for them all."""
    catalog = load_source(ROOT / "spec" / "catalog.yaml").value
    named = {"functions", "jobs", "pages", "groups", "types", "headers", "prompts", "runners", "references"}
    chosen: dict[tuple[str | int, ...], tuple[str | int, ...]] = {}
    for path in places(catalog):
        above = [*path[:-1]]
        data = "result" in above or "arguments" in above[3:]
        plain = tuple("*" if isinstance(s, int) or (i == 1 and path[0] in named) else s for i, s in enumerate(path))
        if not data:
            chosen.setdefault(plain, path)
    cases = [(path, value) for path in chosen.values() for value in WRONG][:: STRIDE * 2]
    for path, value in cases:
        (tmp_path / "catalog.json").write_text(json.dumps(with_value(catalog, path, value)))
        inputs = Inputs(ROOT / "spec" / "openapi.yaml", tmp_path / "catalog.json")
        assert not told(lambda inputs=inputs: pipeline.load(inputs), "catalog.json"), (path, value)
    assert len(cases) > 20
