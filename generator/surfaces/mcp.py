"""What an MCP host is told: one tool a function, and the manifest by which a registry installs the server.

The list is made twice, here for `tools.json` and the lint, and by the server from functions.json; a test holds
the two equal. Schemas come from the one place that makes them, `metadata`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from ..errors import Finding
from ..ir import Api, Loss
from ..text import Code, json_literal, prose, visible
from .base import Page, Rendition, Surface
from .metadata import metadata

Tool = dict[str, Any]

MAX_NAME = 40
"""Hosts put their own prefix before a name and allow 64 characters in all."""
MAX_DESCRIPTION = 1_000
"""Hosts cut longer ones in silence."""
MAX_TOOL_BYTES = 1_500
MAX_LIST_BYTES = 20_000
MANIFEST_SCHEMA = "https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json"
MAX_MANIFEST_DESCRIPTION = 100

_NAME = re.compile(rf"[a-zA-Z0-9_-]{{1,{MAX_NAME}}}")
_WORD = re.compile(r"[^\W_]+")
_PLAIN = frozenset({"a", "an", "the", "of", "or", "it", "its", "this", "id", "name"})
"""Words that add nothing to a name: `model_name` is the name of the model."""
_OWNER = frozenset({"user", "organization", "owning"})
"""What `owner` says by itself."""
_UNIONS = ("oneOf", "anyOf", "allOf")


@dataclass(frozen=True)
class DocumentView:
    """A file that is one JSON document."""

    document: Code


def tool(function: Mapping[str, Any]) -> Tool:
    """A function of functions.json as MCP describes a tool."""
    read_only = function["type"] == "read"
    return {
        "name": function["name"],
        "description": function["summary"] or function["description"] or function["title"],
        "inputSchema": _listed(function["name"], function["input_schema"]),
        "annotations": {
            "title": function["title"],
            "readOnlyHint": read_only,
            "destructiveHint": "destructive" in function["classes"],
            "idempotentHint": read_only or function["idempotent"],
            "openWorldHint": True,
        },
    }


def _listed(name: str, schema: Mapping[str, Any]) -> dict[str, Any]:
    """The input schema as it is listed: the same rules, and descriptions only where they say more than the names do.

    Every host pays for the list in every conversation; what is left out here stands in the function's own schema.
    """
    known = set(name.split("_"))
    properties = {}
    for argument, described in schema.get("properties", {}).items():
        part = dict(described)
        text = part.pop("description", "").removesuffix(".")
        if part.get("format") == "binary":
            # Bytes travel as text, and no host knows the format.
            del part["format"]
            text = f"{text}: a `data:` URL, or text"
        names = known | set(argument.split("_"))
        if set(_WORD.findall(text.lower())) - names - _PLAIN - (_OWNER if "owner" in names else frozenset()):
            part["description"] = text
        properties[argument] = part
    return {key: properties if key == "properties" else value for key, value in schema.items()}


def tools(api: Api) -> list[Tool]:
    """Every tool of the API, in the order of its functions."""
    return [tool(entry) for entry in metadata(api).entries]


def size(value: Any) -> int:
    """The bytes of a JSON value on the wire."""
    return len(json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode("utf-8", "surrogatepass"))


def lint(api: Api) -> list[Finding]:
    """What a host would refuse, cut or pay too much for; each finding at the function it is about."""
    places = {function.name: str(function.place) for function in api.functions}
    return lint_tools(tools(api), places)


def lint_tools(listed: Sequence[Tool], places: Mapping[str, str]) -> list[Finding]:
    """The findings for a list of tools; `places` says where each one's function stands."""
    found = [
        Finding(places.get(each["name"], each["name"]), f"tool {each['name']}: {what}", hint)
        for each in listed
        for what, hint in _problems(each)
    ]
    total = size({"tools": list(listed)})
    if total > MAX_LIST_BYTES and listed:
        largest = max(listed, key=size)
        found.append(
            Finding(
                places.get(largest["name"], largest["name"]),
                f"the list of tools takes {total} bytes, {MAX_LIST_BYTES} are allowed",
                f"shorten summaries and parameter descriptions; {largest['name']} is the largest with {size(largest)}",
            )
        )
    return found


def _problems(each: Tool) -> Iterator[tuple[str, str]]:
    name, description, schema = each["name"], each["description"], each["inputSchema"]
    if not _NAME.fullmatch(name):
        yield f"its name must be 1 to {MAX_NAME} of the characters a-z A-Z 0-9 _ -", "rename it in the catalog"
    if not description:
        yield "it has no description", "give it a summary in the catalog"
    yield from _prose_problems("its description", description)
    yield from _prose_problems("its title", each["annotations"]["title"])
    if schema.get("type") != "object":
        yield "its input schema must be of type object", "take the arguments as properties"
    if schema.get("additionalProperties") is not False:
        yield "its input schema must have additionalProperties false", "unknown arguments would vanish"
    for union in _UNIONS:
        if union in schema:
            yield f"its input schema has {union} at the root", "hosts drop such a tool: merge the alternatives"
    for pointer, part in _schemas(schema, ""):
        at = pointer or "/"
        if "$ref" in part:
            yield f"its input schema has $ref at {at}", "put the schema in its place"
        if isinstance(part.get("type"), list):
            yield f"its input schema has a list of types at {at}", "use one type, or anyOf below the root"
        if part.get("type") == "array" and "items" not in part:
            yield f"its input schema has an array without items at {at}", "say what its elements are"
        yield from _prose_problems(f"the description at {at}", part.get("description", ""))
    if size(each) > MAX_TOOL_BYTES:
        yield f"it takes {size(each)} bytes, {MAX_TOOL_BYTES} are allowed", "shorten its parameters' descriptions"


def _prose_problems(what: str, text: str) -> Iterator[tuple[str, str]]:
    if len(text) > MAX_DESCRIPTION:
        yield f"{what} has {len(text)} characters, {MAX_DESCRIPTION} are allowed", "say the useful fact first and stop"
    if visible(text) != text:
        yield f"{what} holds control or invisible characters", "models read them: take them out"


def _schemas(schema: Any, pointer: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The schema and all schemas in it; never what only looks like one (defaults, enums, property names)."""
    if not isinstance(schema, Mapping):
        return
    yield pointer, schema
    for keyword in ("properties", "patternProperties", "$defs", "definitions"):
        for name, inner in schema.get(keyword, {}).items():
            yield from _schemas(inner, f"{pointer}/{keyword}/{name}")
    for keyword in (*_UNIONS, "prefixItems"):
        for index, inner in enumerate(schema.get(keyword, ())):
            yield from _schemas(inner, f"{pointer}/{keyword}/{index}")
    for keyword in ("items", "additionalProperties", "not", "if", "then", "else"):
        yield from _schemas(schema.get(keyword), f"{pointer}/{keyword}")


def manifest(api: Api) -> dict[str, Any]:
    """The registry's description of the server: how a host installs, starts and configures it."""
    variables = []
    if api.auth is not None and api.token_env:
        where = f" Get one at {api.token_url}" if api.token_url else ""
        variables.append(
            {
                "name": api.token_env,
                "description": f"API token.{where}",
                "isRequired": True,
                "isSecret": True,
                "format": "string",
            }
        )
    if api.base_url_env:
        variables.append(
            {
                "name": api.base_url_env,
                "description": "Base URL of the API, where it is not the usual one.",
                "isRequired": False,
                "isSecret": False,
                "format": "string",
            }
        )
    document: dict[str, Any] = {
        "$schema": MANIFEST_SCHEMA,
        "name": f"{_namespace(api.homepage)}/{api.package}",
        "title": prose(api.title)[:MAX_MANIFEST_DESCRIPTION],
        "description": _clipped(prose(api.summary) or prose(api.title), MAX_MANIFEST_DESCRIPTION),
        "version": api.version,
    }
    if urlsplit(api.homepage).scheme in ("http", "https"):
        document["websiteUrl"] = visible(api.homepage)
    document["packages"] = [
        {
            "registryType": "pypi",
            "identifier": api.package,
            "version": api.version,
            "runtimeHint": "uvx",
            "runtimeArguments": [{"type": "named", "name": "--with", "value": f"{api.package}[mcp]"}],
            "packageArguments": [
                {"type": "positional", "value": "mcp"},
                {"type": "positional", "value": "serve"},
                {
                    "type": "named",
                    "name": "--write",
                    "description": "Whether tools that change something are offered.",
                    "default": "deny",
                    "choices": ["deny", "allow"],
                    "isRequired": False,
                },
            ],
            "environmentVariables": variables,
            "transport": {"type": "stdio"},
        }
    ]
    return document


def _namespace(homepage: str) -> str:
    """The host of a URL read backwards, which is how the registry names publishers: com.example."""
    host = urlsplit(homepage).hostname or ""
    labels = [label for label in host.removeprefix("www.").split(".") if re.fullmatch(r"[a-z0-9-]+", label)]
    return ".".join(reversed(labels)) or "local"


def _clipped(text: str, limit: int) -> str:
    """The text, or as many whole words of it as fit."""
    return text if len(text) <= limit else text[: limit - 1].rsplit(" ", 1)[0].rstrip(",;: ") + "…"


def render(api: Api) -> Rendition:
    """tools.json and server.json; what the lint finds goes into the ledger too, so that no run is silent about it."""
    pointers = {str(function.place): function.place.pointer for function in api.functions}
    return Rendition(
        pages=(
            Page("mcp/tools.json.jinja", DocumentView(json_literal({"tools": tools(api)}))),
            Page("mcp/server.json.jinja", DocumentView(json_literal(manifest(api)))),
        ),
        losses=tuple(
            Loss(pointer=pointers.get(finding.where, ""), surface="mcp", kind="degraded", reason=finding.what)
            for finding in lint(api)
        ),
        package=api.package,
    )


SURFACE = Surface("mcp", render)
