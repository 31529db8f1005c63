"""The two inputs: `openapi.yaml` says what Replicate's document says, in our words; `catalog.yaml` fits it."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

Json = Any

ROOT = Path(__file__).parents[2]
SHARED = ROOT.parent / "shared"
UPSTREAM = SHARED / "upstream/replicate-openapi.json"
FUNCTIONS = SHARED / "facts/functions.tsv"

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
DOCUMENT: Json = yaml.load((ROOT / "spec/openapi.yaml").read_text(encoding="utf-8"), LOADER)
CATALOG: Json = yaml.load((ROOT / "spec/catalog.yaml").read_text(encoding="utf-8"), LOADER)

METHODS = ("get", "query", "post", "put", "patch", "delete")
OPERATIONS: dict[str, tuple[str, str, Json]] = {
    operation["operationId"]: (method.upper(), path, operation)
    for path, item in DOCUMENT["paths"].items()
    for method, operation in item.items()
    if method in METHODS
}

needs_upstream = pytest.mark.skipif(not UPSTREAM.exists(), reason="Replicate's own document is not here")
needs_functions = pytest.mark.skipif(not FUNCTIONS.exists(), reason="the list of functions is not here")


# --- reading the document


def resolve(node: Json) -> Json:
    """The node itself, or what its `$ref` points to."""
    while "$ref" in node:
        target = DOCUMENT
        for step in node["$ref"].removeprefix("#/").split("/"):
            target = target[step.replace("~1", "/").replace("~0", "~")]
        node = target
    return node


def parameters(operation: Json) -> list[Json]:
    return [resolve(parameter) for parameter in operation.get("parameters", [])]


def bodies(operation: Json) -> Iterator[tuple[str, Json]]:
    """(media type, media type object) of the request body."""
    yield from operation.get("requestBody", {}).get("content", {}).items()


def responses(operation: Json) -> Iterator[tuple[str, str, Json]]:
    """(status, media type, media type object) of every response with a body."""
    for status, response in operation["responses"].items():
        for media_type, content in response.get("content", {}).items():
            yield status, media_type, content


def first_sentence(text: str) -> str:
    return re.split(r"(?<=[.!?])\s", text.strip(), maxsplit=1)[0]


# --- the structure is upstream's

PROSE = {"description", "summary", "title", "example", "examples", "bearerFormat"}
NAMED = {"properties", "patternProperties", "schemas", "parameters", "paths", "responses", "content", "securitySchemes"}
"""Keys whose value maps names of the API's own: what stands directly below them is never prose."""


def structure(node: Json, *, names: bool = False) -> Json:
    """The document without prose and examples. `names`: the keys of this object are names, not keywords."""
    if isinstance(node, Mapping):
        return {
            key: structure(value, names=key in NAMED and not names)
            for key, value in node.items()
            if names or key not in PROSE
        }
    if isinstance(node, list):
        return [structure(value) for value in node]
    return node


def differences(ours: Json, theirs: Json, pointer: str = "") -> Iterator[str]:
    """JSON pointers at which the two differ, with what stands there. Order counts in lists, not in `required`."""
    if isinstance(ours, Mapping) and isinstance(theirs, Mapping):
        for key in sorted({*ours, *theirs}, key=str):
            below = f"{pointer}/{str(key).replace('~', '~0').replace('/', '~1')}"
            if key not in ours:
                yield f"{below}: missing"
            elif key not in theirs:
                yield f"{below}: not upstream"
            elif key == "required" and isinstance(ours[key], list):
                yield from differences(sorted(ours[key]), sorted(theirs[key]), below)
            else:
                yield from differences(ours[key], theirs[key], below)
    elif isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
        for index, pair in enumerate(zip(ours, theirs, strict=True)):
            yield from differences(*pair, f"{pointer}/{index}")
    elif ours != theirs or type(ours) is not type(theirs):
        yield f"{pointer}: {ours!r}, upstream {theirs!r}"


@needs_upstream
def test_structure_equals_upstream() -> None:
    theirs = json.loads(UPSTREAM.read_text(encoding="utf-8"))
    found = list(differences(structure(DOCUMENT), structure(theirs)))
    found += differences(DOCUMENT["info"]["title"], theirs["info"]["title"], "/info/title")
    assert not found, "\n".join(found)


def test_properties_named_like_prose_are_kept() -> None:
    schema = {"properties": {"description": {"type": "string", "description": "prose", "example": {"type": 1}}}}
    assert structure(schema) == {"properties": {"description": {"type": "string"}}}
    nested = {"properties": {"properties": {"type": "object", "title": "prose"}}}
    assert structure(nested) == {"properties": {"properties": {"type": "object"}}}


# --- the words are ours

WORD = re.compile(r"[a-z0-9][a-z0-9_']*")
LONGEST_RUN = 8


def words(text: str) -> list[str]:
    """Words in lower case, without Markdown. Code and URLs are facts: each counts as the one word `§`."""
    text = re.sub(r"```.*?```", " § ", text, flags=re.DOTALL)
    text = re.sub(r"\]\([^)]*\)", "] ", text)
    text = re.sub(r"https?://\S+", " § ", text)
    text = re.sub(r"`[^`\n]*`", " § ", text)
    return re.findall(rf"§|{WORD.pattern}", text.lower())


def sentences(text: str) -> Iterator[list[str]]:
    """Its sentences, as words. A line of a list and a heading count as sentences."""
    text = re.sub(r"```.*?```", "\n\n", text, flags=re.DOTALL)
    for part in re.split(r"(?<=[.!?:])\s+|\n\s*\n|\n\s*[-*#]", text):
        yield words(part)


def prose(node: Json, *, names: bool = False, key: str = "") -> Iterator[str]:
    """Every string under a prose key: descriptions, titles, and the strings within examples."""
    if isinstance(node, Mapping):
        for name, value in node.items():
            if not names and name in PROSE:
                yield from strings(value)
            else:
                yield from prose(value, names=name in NAMED and not names, key=name)
    elif isinstance(node, list):
        for value in node:
            yield from prose(value)


def strings(node: Json) -> Iterator[str]:
    if isinstance(node, str):
        yield node
    elif isinstance(node, Mapping):
        for value in node.values():
            yield from strings(value)
    elif isinstance(node, list):
        for value in node:
            yield from strings(value)


def runs(tokens: list[str], length: int) -> set[tuple[str, ...]]:
    """All runs of so many words, those without a word of their own (code beside code) left out."""
    found = {tuple(tokens[start : start + length]) for start in range(len(tokens) - length + 1)}
    return {run for run in found if run.count("§") * 2 < length}


@needs_upstream
@pytest.mark.parametrize("document", [DOCUMENT, CATALOG], ids=["openapi", "catalog"])
def test_no_sentence_of_upstream(document: Json) -> None:
    ours = " | ".join(" ".join(words(text)) for text in strings(document))
    theirs = [
        sentence
        for text in prose(json.loads(UPSTREAM.read_text(encoding="utf-8")))
        for sentence in sentences(text)
        if len(sentence) >= 6
    ]
    assert len(theirs) > 200, "upstream's prose was not read"
    copied = sorted({" ".join(sentence) for sentence in theirs if f" {' '.join(sentence)} " in f" {ours} "})
    assert not copied, "\n".join(copied)


@needs_upstream
@pytest.mark.parametrize("document", [DOCUMENT, CATALOG], ids=["openapi", "catalog"])
def test_no_long_run_of_words_of_upstream(document: Json) -> None:
    theirs: set[tuple[str, ...]] = set()
    for text in prose(json.loads(UPSTREAM.read_text(encoding="utf-8"))):
        theirs |= runs(words(text), LONGEST_RUN + 1)
    assert len(theirs) > 1000, "upstream's prose was not read"
    shared = {run for text in strings(document) for run in runs(words(text), LONGEST_RUN + 1) & theirs}
    assert not shared, "\n".join(sorted(" ".join(run) for run in shared))


# --- everything is described

PARAMETER_LIMIT = 65
"""Bytes count where a description goes into a tool schema: the first sentence is all that an agent reads."""
OPERATION_LIMIT = 90


def undescribed(schema: Json, pointer: str) -> Iterator[str]:
    """Properties without a description, at any depth, short of `$ref`: components are visited on their own."""
    if "$ref" in schema:
        return
    for name, value in schema.get("properties", {}).items():
        below = f"{pointer}/properties/{name}"
        if not resolve(value).get("description"):
            yield below
        yield from undescribed(value, below)
    if "items" in schema:
        yield from undescribed(schema["items"], f"{pointer}/items")
    for key in ("oneOf", "anyOf", "allOf"):
        for index, member in enumerate(schema.get(key, [])):
            if not resolve(member).get("description"):
                yield f"{pointer}/{key}/{index}"
            yield from undescribed(member, f"{pointer}/{key}/{index}")


@pytest.mark.parametrize("name", sorted(DOCUMENT["components"]["schemas"]))
def test_schema_is_described(name: str) -> None:
    schema = DOCUMENT["components"]["schemas"][name]
    assert schema.get("description")
    assert not list(undescribed(schema, name))


@pytest.mark.parametrize("operation_id", sorted(OPERATIONS))
def test_operation_is_described(operation_id: str) -> None:
    operation = OPERATIONS[operation_id][2]
    assert 2 <= len(operation["summary"].split()) <= 5
    assert len(first_sentence(operation["description"])) <= OPERATION_LIMIT
    assert not re.search(r"\bcurl\b", operation["description"], re.IGNORECASE)
    assert "tags" not in operation
    for status, response in operation["responses"].items():
        assert response.get("description"), status
    for status, _, content in responses(operation):
        assert resolve(content["schema"]).get("description"), status
        assert not list(undescribed(content["schema"], status))


@pytest.mark.parametrize("operation_id", sorted(OPERATIONS))
def test_arguments_are_described_in_short(operation_id: str) -> None:
    operation = OPERATIONS[operation_id][2]
    described = {parameter["name"]: parameter.get("description", "") for parameter in parameters(operation)}
    for media_type, content in bodies(operation):
        schema = resolve(content["schema"])
        assert not list(undescribed(schema, media_type))
        fields = schema.get("properties", {"body": schema})
        described |= {name: resolve(field).get("description", "") for name, field in fields.items()}
    for name, description in described.items():
        assert description, name
        assert len(first_sentence(description)) <= PARAMETER_LIMIT, (name, first_sentence(description))
        assert len(re.findall(r"[.!?](?=\s|$)", description)) <= 3, name


# --- examples are true


def as_meant(schema: Json) -> Json:
    """The schema in JSON Schema 2020-12: `$ref`s resolved, `nullable` honoured, `oneOf` read as `anyOf`.

    `oneOf`, because upstream offers any string or the one string `hidden`, and `hidden` is both.
    """
    schema = resolve(schema)
    meant: dict[str, Json] = {}
    for key, value in schema.items():
        if key == "properties":
            meant[key] = {name: as_meant(field) for name, field in value.items()}
        elif key == "items":
            meant[key] = as_meant(value)
        elif key in ("oneOf", "anyOf"):
            meant["anyOf"] = [as_meant(member) for member in value]
        elif key not in ("nullable", "example", "description"):
            meant[key] = value
    return {"anyOf": [meant, {"type": "null"}]} if schema.get("nullable") else meant


FORMATS = jsonschema.FormatChecker(formats=())
RFC_3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")


@FORMATS.checks("date-time", raises=ValueError)
def is_date_time(value: object) -> bool:
    if not isinstance(value, str):
        return True
    return bool(RFC_3339.fullmatch(value)) and bool(datetime.fromisoformat(value))


@FORMATS.checks("uri")
def is_uri(value: object) -> bool:
    return not isinstance(value, str) or bool(re.fullmatch(r"[a-z][a-z0-9+.-]*:[!-~]+", value))


def mistakes(value: Json, schema: Json) -> list[str]:
    validator = jsonschema.Draft202012Validator(as_meant(schema), format_checker=FORMATS)
    return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(value)]


def unknown_keys(value: Json, schema: Json, path: str = "$") -> Iterator[str]:
    """Keys of an example that its schema does not name: misspelled ones would be valid otherwise."""
    schema = resolve(schema)
    if isinstance(value, Mapping) and "properties" in schema and not schema.get("additionalProperties"):
        for key, item in value.items():
            if key in schema["properties"]:
                yield from unknown_keys(item, schema["properties"][key], f"{path}.{key}")
            else:
                yield f"{path}.{key}"
    elif isinstance(value, list) and "items" in schema:
        for index, item in enumerate(value):
            yield from unknown_keys(item, schema["items"], f"{path}[{index}]")


def test_nullable_and_dates_are_checked() -> None:
    assert mistakes(None, {"type": "string"}) and not mistakes(None, {"type": "string", "nullable": True})
    date_time = {"type": "string", "format": "date-time"}
    assert not mistakes("2026-03-02T09:15:04.120334Z", date_time)
    assert mistakes("2026-03-02 09:15:04", date_time) and mistakes("2026-02-30T00:00:00Z", date_time)


@pytest.mark.parametrize("operation_id", sorted(OPERATIONS))
def test_examples_are_valid(operation_id: str) -> None:
    operation = OPERATIONS[operation_id][2]
    assert any(status.startswith("2") for status in operation["responses"])
    for status, media_type, content in responses(operation):
        assert "example" in content, f"{status} {media_type} has no example"
        assert not mistakes(content["example"], content["schema"]), status
        if media_type == "application/json" and status.startswith("2"):
            # Metrics and other measurements may be more than the schema names; nothing else may.
            extra = [key for key in unknown_keys(content["example"], content["schema"]) if ".metrics." not in key]
            assert not extra, status
    for media_type, content in bodies(operation):
        if "example" in content:
            assert not mistakes(content["example"], content["schema"]), media_type
            assert not list(unknown_keys(content["example"], content["schema"])), media_type
    for parameter in parameters(operation):
        assert not mistakes(parameter["example"], parameter["schema"]), parameter["name"]


# --- the catalog fits the document


def arguments(operation: Json) -> dict[str, tuple[bool, Json]]:
    """name -> (required, schema) of everything a function of this operation takes, as the catalog spells it."""
    found: dict[str, tuple[bool, Json]] = {}
    for parameter in parameters(operation):
        header = CATALOG["headers"].get(parameter["name"]) if parameter["in"] == "header" else None
        if header and header["encoding"] == "wait":
            schema = {"type": "integer", "minimum": header["minimum"], "maximum": header["maximum"]}
        elif header:
            schema = {"type": "string", "pattern": r"^(\d+|(\d+h)?(\d+m)?(\d+s)?)$", "minLength": 1}
        else:
            schema = parameter["schema"]
        found[header["name"] if header else parameter["name"]] = (parameter.get("required", False), schema)
    for _, content in bodies(operation):
        schema = resolve(content["schema"])
        if "properties" not in schema:
            found["body"] = (True, schema)
        for name, field in schema.get("properties", {}).items():
            assert name not in found, f"two arguments are named {name}"
            found[name] = (name in schema.get("required", []), field)
    return found


def success(operation: Json) -> Json:
    """The media type object of the first successful response; None where it has no body."""
    return next((content for status, _, content in responses(operation) if status.startswith("2")), None)


FUNCTION_NAMES = sorted(CATALOG["functions"])


@needs_functions
def test_functions_equal_the_list() -> None:
    with FUNCTIONS.open(encoding="utf-8", newline="") as lines:
        listed = {tuple(row.values()) for row in csv.DictReader(lines, delimiter="\t")}
    ours = {
        (name, function["type"], function["operation"], *OPERATIONS[function["operation"]][:2])
        for name, function in CATALOG["functions"].items()
    }
    assert ours == listed
    assert len(CATALOG["functions"]) == 37


def test_catalog_names_everything_once() -> None:
    functions = CATALOG["functions"]
    assert list(functions) == FUNCTION_NAMES
    assert sorted(function["operation"] for function in functions.values()) == sorted(OPERATIONS)
    assert set(CATALOG["types"]) == set(DOCUMENT["components"]["schemas"])
    assert len(set(CATALOG["types"].values())) == len(CATALOG["types"])
    groups = {name.rpartition(".")[0] for name in OPERATIONS if "." in name}
    assert groups <= set(CATALOG["groups"]) <= groups | {group.partition(".")[0] for group in groups}
    headers = {
        parameter["name"]
        for _, _, operation in OPERATIONS.values()
        for parameter in parameters(operation)
        if parameter["in"] == "header"
    }
    assert set(CATALOG["headers"]) == headers
    for job in CATALOG["jobs"].values():
        for role in ("poll", "cancel"):
            assert job["argument"] in arguments(OPERATIONS[functions[job[role]]["operation"]][2])


@pytest.mark.parametrize("name", FUNCTION_NAMES)
def test_function_is_described(name: str) -> None:
    function = CATALOG["functions"][name]
    assert 2 <= len(function["title"].split()) <= 6
    summary = function["summary"]
    assert len(summary) <= 90 and summary.endswith(".") and first_sentence(summary) == summary
    assert 1 <= len(re.findall(r"[.!?](?=\s|$)", function["description"])) <= 4


def test_links_lead_to_operations() -> None:
    texts = [*strings(DOCUMENT), *strings(CATALOG)]
    targets = {target for text in texts for target in re.findall(r"\]\(#([^)]*)\)", text)}
    assert targets and targets <= set(OPERATIONS)


@pytest.mark.parametrize("name", FUNCTION_NAMES)
def test_behaviours_fit_the_operation(name: str) -> None:
    function = CATALOG["functions"][name]
    method, _, operation = OPERATIONS[function["operation"]]
    content = success(operation)
    schema = resolve(content["schema"]) if content else {}
    assert function["type"] == ("read" if method in ("GET", "QUERY") else "write")
    assert bool(function.get("page")) == ({"next", "results"} <= set(schema.get("properties", {})))
    assert function.get("page", "cursor") in CATALOG["pages"]
    jobs = {"schemas_prediction_response": "prediction", "schemas_training_response": "training"}
    reference = content["schema"].get("$ref", "").rpartition("/")[2] if content else ""
    assert function.get("job") == jobs.get(reference)
    assert bool(function.get("destructive")) == (function["operation"].endswith((".delete", ".cancel")))
    assert bool(function.get("idempotent")) == (function["operation"].endswith((".delete", ".cancel", ".update")))
    starts = bool(function.get("job")) and function["operation"].endswith(".create")
    keeps_up = function["operation"] in ("deployments.create", "deployments.update")
    assert bool(function.get("billed")) == (starts or keeps_up)
    assert bool(function.get("secret")) == ("secret" in function["operation"])
    files = function.get("files", {})
    assert set(files.get("input", [])) <= set(arguments(operation))
    for path in files.get("output", []):
        below = schema
        for step in path.split("."):
            below = resolve(below)["properties"][step]


@pytest.mark.parametrize(
    ("name", "example"),
    [
        pytest.param(name, example, id=f"{name}-{index}")
        for name in FUNCTION_NAMES
        for index, example in enumerate(CATALOG["functions"][name]["examples"])
    ],
)
def test_example_can_be_called(name: str, example: Json) -> None:
    operation = OPERATIONS[CATALOG["functions"][name]["operation"]][2]
    taken = arguments(operation)
    given = example["arguments"]
    assert set(given) <= set(taken)
    assert {argument for argument, (required, _) in taken.items() if required} <= set(given)
    for argument, value in given.items():
        assert not mistakes(value, taken[argument][1]), argument
    content = success(operation)
    if "result" in example:
        assert not mistakes(example["result"], content["schema"])
        assert example["result"] != content["example"], "never repeat the document's example"


@pytest.mark.parametrize("name", FUNCTION_NAMES)
def test_first_example_agrees_with_the_document(name: str) -> None:
    """What is asked for in the path and the body is what the document's examples show."""
    function = CATALOG["functions"][name]
    assert function["examples"]
    operation = OPERATIONS[function["operation"]][2]
    given = function["examples"][0]["arguments"]
    for parameter in parameters(operation):
        if parameter["in"] == "path":
            assert given[parameter["name"]] == parameter["example"]
    for media_type, content in bodies(operation):
        if media_type == "application/json":
            assert {key: value for key, value in given.items() if key in content["example"]} == content["example"]
    content = success(operation)
    result = content["example"] if content else None
    if isinstance(result, Mapping):
        same = {"prediction_id": "id", "training_id": "id", "file_id": "id", "collection_slug": "slug"}
        for argument, field in same.items():
            if argument in given:
                assert result[field] == given[argument]
        if "input" in given:
            assert result["input"] == given["input"]
