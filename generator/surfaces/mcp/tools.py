"""A function as MCP describes a tool, and what a host would refuse, cut or pay too much for.

Every host pays for the list in every conversation. So it holds the rules of the arguments and little prose; the whole
of it stands in the function's own schema, which `describe` and the resources give.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from ...errors import Finding
from ...ir import Place
from ...text import visible
from ..shared.jsonschema import Schema, hosted
from ..shared.subschemas import bare, mapped, referred, size, standalone, subschemas

Tool = dict[str, Any]

MAX_NAME = 40
"""Hosts put their own prefix before a name and allow 64 characters in all."""
MAX_DESCRIPTION = 1_000
"""Hosts cut longer ones in silence."""
MAX_TOOL_BYTES = 1_500
ROOM = 4_000
"""Bytes of a tool with everything that a large schema holds; what has no room is cut."""
DEEPEST = 5
"""Levels of an argument that are listed where a tool has no room for all of them."""
AROUND = 800
"""Bytes of a tool around its schema, and of the server's own arguments."""
MAX_LIST_BYTES = 20_000
MAX_READ_ONLY_BYTES = 9_500

_NAME = re.compile(rf"[a-zA-Z0-9_-]{{1,{MAX_NAME}}}")
_WORD = re.compile(r"[^\W_]+")
_ARTICLE = re.compile(r" (?:an?|the) ")
_READING = re.compile(r"(?:Get|List|Read|Search|Show) (?:(?:an?|the) (?:\w+'s )?)?(?=\S)")
"""How sentences about what only reads begin, as far as the tool's name says it already."""
_RANGE = re.compile(r", \d+ to \d+$")
"""The schema's `minimum` and `maximum` in words."""
_PLAIN = frozenset({"a", "an", "the", "of", "or", "it", "its", "this", "id", "name"})
"""Words that add nothing to a name: `model_name` is the name of the model."""
_OWNER = frozenset({"user", "organization", "owning"})
"""Words that `owner` already implies."""
_BODY = "body"
"""A body that is one value is called so, whatever it means: this name says nothing."""
_LEFT_OUT = ("description", "default", "examples")
_NOTHING = "#:;,. "
"""Marks that begin no sentence; texts of others begin with them where something was left out."""
_FIELDS = {"type": "string"}
_PROSE = ("description", "summary", "brief")
_MENTION = re.compile(r"`[\w.]+`")
"""A name in a text, as Markdown marks code."""
_UNIONS = ("oneOf", "anyOf", "allOf")


Definitions = Mapping[str, Schema]
"""What the schemas of functions refer to."""


def note(name: str) -> str:
    """The description of a part for which a tool has no room: where the rest of it is."""
    return f"Cut: docs/schemas/{name} has its schema"


def alone(function: Mapping[str, Any], definitions: Definitions) -> tuple[dict[str, Any], tuple[str, ...]]:
    """A function whose input schema holds what it referred to, as far as there is room; and what there was none for."""
    result = standalone(hosted(function["input_schema"]), definitions, ROOM - AROUND, note(function["name"]))
    return {**function, "input_schema": result.schema}, result.cut


def renamed(value: Any, names: Mapping[str, str]) -> Any:
    """A copy in which descriptions call functions by the names of their tools: a model can call no other."""
    if isinstance(value, Mapping):
        return {key: _renamed(part, names) if key in _PROSE else renamed(part, names) for key, part in value.items()}
    return [renamed(part, names) for part in value] if isinstance(value, (list, tuple)) else value


def _renamed(text: Any, names: Mapping[str, str]) -> Any:
    if not isinstance(text, str):
        return renamed(text, names)  # an argument that is called so
    return _MENTION.sub(lambda result: names.get(result[0], result[0]), text)


def listed(functions: Sequence[Mapping[str, Any]], definitions: Definitions = MappingProxyType({})) -> list[Tool]:
    """The tools of these functions. What picks `fields` goes to where results get longest, as far as there is room."""
    result = {function["name"]: fitted(tool(function, definitions)) for function in functions}
    reading = [each for each in result.values() if each["annotations"]["readOnlyHint"]]
    room = min(MAX_LIST_BYTES - size({"tools": list(result.values())}), MAX_READ_ONLY_BYTES - size({"tools": reading}))
    for function in sorted(filter(_has_parts, functions), key=_shortness) if room > 0 else ():
        plain = result[function["name"]]
        schema = plain["inputSchema"]
        picking = {**plain, "inputSchema": {**schema, "properties": {**schema["properties"], "fields": _FIELDS}}}
        cost = size(picking) - size(plain)
        if cost <= room and size(picking) <= MAX_TOOL_BYTES:
            result[function["name"]] = picking
            room -= cost
    return list(result.values())


def _has_parts(function: Mapping[str, Any]) -> bool:
    """Whether there is something to pick from what the function reads."""
    taken = "fields" in function["input_schema"].get("properties", {})
    return function["type"] == "read" and function["result_kind"] == "json" and not taken and _open(function) > 0


def _shortness(function: Mapping[str, Any]) -> tuple[bool, int, int, str]:
    """Sorts those first whose results get longest; after them what takes a `limit`, which lists do."""
    return (
        "limit" in {**function["input_schema"].get("properties", {}), **_own(function)},
        -_open(function),
        -size(function["output_schema"]),
        function["name"],
    )


def _open(function: Mapping[str, Any]) -> int:
    """The parts of a result that may be of any length: lists, and what the schema says nothing of."""
    parts = [part for _, part in subschemas(function["output_schema"])]
    return sum(part.get("type") == "array" or not {"type", "enum"} & {*part} or _is_free(part) for part in parts)


def _is_free(part: Mapping[str, Any]) -> bool:
    return part.get("type") == "object" and not part.get("properties")


def fitted(tool: Tool) -> Tool:
    """The tool within its room: the innermost parts of its largest arguments are cut first."""
    left = size(tool) - ROOM
    if left <= 0:
        return tool
    schema = tool["inputSchema"]
    properties = dict(schema["properties"])
    for name in sorted(properties, key=lambda name: -size(properties[name])):
        whole = properties[name]
        for levels in range(DEEPEST, -1, -1):
            properties[name] = _pruned(whole, levels, note(tool["name"]))
            if size(whole) - size(properties[name]) >= left:
                return {**tool, "inputSchema": {**schema, "properties": properties}}
        left -= size(whole) - size(properties[name])
    return {**tool, "inputSchema": {**schema, "properties": properties}}


def _pruned(part: Any, levels: int, note: str) -> Any:
    """So many levels of a schema; what has parts below them is cut to its kind."""
    if (
        not isinstance(part, Mapping)
        or not {"properties", "items", "additionalProperties", "enum", *_UNIONS} & part.keys()
    ):
        return part
    if levels == 0:
        return {**bare(part), "description": note}
    return mapped(part, lambda inner: _pruned(inner, levels - 1, note))


def shortened(fitted: Tool, function: Mapping[str, Any], definitions: Definitions) -> list[str]:
    """The arguments of a function of which its tool has not all, for want of room."""
    listed = fitted["inputSchema"]["properties"]
    whole = tool(function, definitions)["inputSchema"]["properties"]
    return [name for name, part in whole.items() if listed[name] != part]


def tool(function: Mapping[str, Any], definitions: Definitions = MappingProxyType({})) -> Tool:
    """A function of functions.json as MCP describes a tool."""
    read_only = function["type"] == "read"
    return {
        "name": function["name"],
        "description": _described(function),
        "inputSchema": _listed(function, definitions),
        "annotations": {
            "title": _ARTICLE.sub(" ", _brief(function["title"], read_only)),
            "readOnlyHint": read_only,
            "destructiveHint": "destructive" in function["classes"],
            "idempotentHint": read_only or function["idempotent"],
            "openWorldHint": True,
        },
    }


def _described(function: Mapping[str, Any]) -> str:
    texts = (function.get(key, "").lstrip(_NOTHING) for key in ("brief", "summary", "description", "title"))
    text = _brief(next(filter(None, texts), ""), function["type"] == "read").removesuffix(".")
    return f"{text}. {function['deprecation']}" if function["deprecation"] else text


def _brief(text: str, read_only: bool) -> str:
    """The text; of what only reads without the verb."""
    result = _READING.sub("", text, count=1) if read_only and _READING.match(text) else text
    return result[:1].upper() + result[1:]


def _listed(function: Mapping[str, Any], definitions: Definitions) -> dict[str, Any]:
    """The input schema as it is listed: the same rules, and descriptions only where they say more than the names do."""
    schema = function["input_schema"]
    read_only = function["type"] == "read"
    properties = {}
    for argument, described in schema.get("properties", {}).items():
        part = {key: value for key, value in described.items() if key not in _LEFT_OUT}
        if part.get("format") == "date-time":
            del part["format"]  # an argument that needs it is called like a time, and the server checks it
        if read_only and part.get("minimum") == 1:
            del part["minimum"]  # what counts things
        text = _RANGE.sub("", described.get("description", "").removesuffix("."))
        if part.get("format") == "binary":
            # Bytes are sent as text, and no host knows the format.
            del part["format"]
            text = f"{text}: a `data:` URL, or text" if text else "A `data:` URL, or text"
        if (
            (argument == _BODY and text)
            or (part.get("deprecated") and text)
            or (not read_only and _says_more(text, function["name"], argument))
        ):
            part["description"] = text
        properties[argument] = part
    for argument, part in _own(function, definitions).items():
        properties.setdefault(argument, part)
    return {key: properties if key == "properties" else value for key, value in schema.items()}


def _says_more(text: str, name: str, argument: str) -> bool:
    names = {*name.split("_"), *argument.split("_")}
    return bool(set(_WORD.findall(text.lower())) - names - _PLAIN - (_OWNER if "owner" in names else frozenset()))


def _own(function: Mapping[str, Any], definitions: Definitions = MappingProxyType({})) -> dict[str, Any]:
    """The server's own arguments: to try a write, to see what came out of a run and wait for it, to walk a list."""
    own: dict[str, Any] = {}
    if function["type"] == "write":
        own["dry_run"] = {"type": "boolean"}
    if "destructive" not in function["classes"] and _may_be_pictures(function, definitions):
        own["images"] = {"type": "boolean"}
    if function["type"] == "read" and function["page"]:
        own |= {"limit": {"type": "integer"}, "cursor": {"type": "string"}}
    if function["type"] == "read" and function["job"]:
        own["wait"] = {"type": "integer"}
    return own


def _may_be_pictures(function: Mapping[str, Any], definitions: Definitions) -> bool:
    """Whether a result may be files of any kind. A file that the schema describes, such as weights, is of its own."""
    for path in function["files_out"]:
        part: Any = function["output_schema"]
        for step in path.split("."):
            part = definitions.get(referred(part), part).get("properties", {}).get(step, {})
        if "type" not in part:
            return True
    return False


def lint(listed: Sequence[Tool], places: Mapping[str, Place]) -> list[Finding]:
    """The findings for a list of tools; `places` says where each one's function stands."""
    results = [
        Finding(places.get(each["name"], each["name"]), f"tool {each['name']}: {what}", hint)
        for each in listed
        for what, hint in _problems(each)
    ]
    reading = [each for each in listed if each["annotations"]["readOnlyHint"]]
    results += _weighed("the list of tools", listed, MAX_LIST_BYTES, places)
    results += _weighed("the list of tools that read", reading, MAX_READ_ONLY_BYTES, places)
    return results


def _weighed(what: str, listed: Sequence[Tool], allowed: int, places: Mapping[str, Place]) -> Iterator[Finding]:
    total = size({"tools": list(listed)})
    if total > allowed and listed:
        largest = max(listed, key=size)
        yield Finding(
            places.get(largest["name"], largest["name"]),
            f"{what} takes {total} bytes, {allowed} are allowed",
            f"shorten summaries and parameter descriptions; {largest['name']} is the largest with {size(largest)}",
        )


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
    for pointer, part in subschemas(schema):
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
