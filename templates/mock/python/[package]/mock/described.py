"""What a thing says of itself: the OpenAPI document inside its record, by which the jobs that run it are checked and made.

Such a document may say under `x-mock` how the mock is to play the thing:

    output     what a job of it gives; `{name}` in a text stands for the input of that name, `{id}` for the job's id
    count      the input that says how often the list that it gives has what `output` lists; `{number}` counts from 0
    status     the state that its jobs end in, such as failed; `error` is what they say then
    logs       what its jobs log; as of `output`
    seconds    how long its jobs take
    versioned  true: it runs by its version, and not by its name
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .media import extension
from .problems import Problem
from .schema import Schemas

_SCHEMAS = Schemas({})
_SAMPLE = "https://example.com/"
"""What a sample of a URL is."""
_MOST = 1_000
"""Times that what an output lists comes again."""
_URL = ("https://", "http://", "data:")


@dataclass(frozen=True)
class Description:
    """A thing that jobs run."""

    document: Mapping[str, Any]
    version: str
    """The id of the object that contains the document; empty if it has none."""
    name: str
    """Its name if it has more than an id, such as `a/b`; else empty."""
    newest: bool
    """Whether the document was reached through something that has versions, which was named without one."""

    def plays(self, key: str) -> Any:
        """What `x-mock` says."""
        plan = self.document.get("x-mock")
        return plan.get(key) if isinstance(plan, Mapping) else None

    def schema(self, *names: str) -> dict[str, Any]:
        """The first of these schemas that the document has, without references; empty where it has none."""
        schemas = self.document["components"]["schemas"]
        name = next((name for name in names if name in schemas), "")
        return _plain({"$ref": f"#/components/schemas/{name}"}, schemas) if name else {}

    def defaults(self) -> dict[str, Any]:
        """The default values of the inputs."""
        known = self.schema("Input").get("properties") or {}
        return {name: each["default"] for name, each in known.items() if "default" in each}

    def check(self, inputs: Any, schema: Mapping[str, Any], where: str) -> None:
        """Problem 422 where the inputs are not as the thing says."""
        wrong = [*_SCHEMAS.errors(inputs, schema, where), *_files(inputs, schema, where)]
        if wrong:
            fields = [{"type": "invalid", "field": field, "description": text} for field, text in wrong]
            lines = "".join(f"- {field}: {text}\n" for field, text in wrong)
            raise Problem(422, lines, fields=fields, title="Input validation failed")

    def output(self, schema: Mapping[str, Any], words: Mapping[str, str]) -> Any:
        """What a job gives: what the thing plays, else the plainest value of its schema."""
        played = self.plays("output")
        if played is not None:
            count = words.get(str(self.plays("count")), "1")
            if not isinstance(played, list) or not count.isdecimal():
                return filled(played, words)
            numbers = range(min(int(count[:9]), _MOST))
            return [item for number in numbers for item in filled(played, {**words, "number": str(number)})]
        name = extension({key: words.get(key, "") for key in self.schema("Input").get("properties") or {}}, self.name)
        return _named(_SCHEMAS.sample(schema), f"{_SAMPLE}output.{name}")


def _named(value: Any, url: str) -> Any:
    """The value with the URL of a file in place of each that names none."""
    if isinstance(value, list):
        return [_named(item, url) for item in value]
    if isinstance(value, dict):
        return {key: _named(item, url) for key, item in value.items()}
    return url if value == _SAMPLE else value


def _plain(schema: Any, known: Mapping[str, Any], depth: int = 12) -> dict[str, Any]:
    """A schema as OpenAPI 3.0 and Cog write them in the words of `Schemas`: without references, `allOf`, `nullable`.

    The client has a reader of its own: what is tested against the mock must not be what the mock is made of.
    """
    if not isinstance(schema, Mapping) or depth < 0:
        return {}
    made = {name: item for name, item in schema.items() if name not in ("$ref", "allOf", "nullable")}
    for part in schema.get("allOf") or ():
        made = {**_plain(part, known, depth - 1), **made}
    if "$ref" in schema:
        made = {**_plain(known.get(str(schema["$ref"]).rpartition("/")[2]), known, depth - 1), **made}
    if isinstance(made.get("properties"), Mapping):
        made["properties"] = {name: _plain(each, known, depth - 1) for name, each in made["properties"].items()}
    for name in ("items", "additionalProperties"):
        if isinstance(made.get(name), Mapping):
            made[name] = _plain(made[name], known, depth - 1)
    if isinstance(made.get("anyOf"), list):
        made["anyOf"] = [_plain(each, known, depth - 1) for each in made["anyOf"]]
    return {"anyOf": [made, {"type": "null"}]} if schema.get("nullable") is True else made


def is_document(value: Mapping[str, Any]) -> bool:
    """Whether this is an OpenAPI document rather than a record."""
    components = value.get("components")
    return isinstance(components, Mapping) and isinstance(components.get("schemas"), Mapping)


def document_in(data: Any, depth: int = 2) -> tuple[Mapping[str, Any], Mapping[str, Any]] | None:
    """The OpenAPI document in a record's data, and the object that holds it."""
    if not isinstance(data, Mapping):
        return None
    for value in data.values():
        if isinstance(value, Mapping) and is_document(value):
            return value, data
    inner = (document_in(value, depth - 1) for value in data.values()) if depth else ()
    return next((document for document in inner if document), None)


def filled(value: Any, words: Mapping[str, str]) -> Any:
    """The value with each `{name}` in its texts replaced."""
    if isinstance(value, str):
        for name, text in words.items():
            value = value.replace(f"{{{name}}}", text)
        return value
    if isinstance(value, list):
        return [filled(item, words) for item in value]
    return {key: filled(item, words) for key, item in value.items()} if isinstance(value, dict) else value


def _files(value: Any, schema: Mapping[str, Any], where: str) -> list[tuple[str, str]]:
    """The values that should be URLs of files and are not."""
    problems: list[tuple[str, str]] = []
    if isinstance(value, str):
        forms = [schema, *schema.get("anyOf", ())]
        if any(form.get("format") == "uri" for form in forms) and not value.startswith(_URL):
            problems.append((where, "Does not match format 'uri'"))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            problems += _files(item, schema.get("items") or {}, f"{where}.{index}")
    elif isinstance(value, Mapping):
        for name, item in value.items():
            problems += _files(item, (schema.get("properties") or {}).get(name) or {}, f"{where}.{name}")
    return problems
