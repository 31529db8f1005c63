"""Operations of Swagger 2.0 as OpenAPI 3.0 writes them: what they consume and produce becomes content, media type by
media type, and the parameters of a body or a form become the body of the request.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from . import swagger_values as values
from .parts import Part
from .source import escape
from .swagger_values import Lose

METHODS = ("get", "put", "post", "delete", "options", "head", "patch")
"""Those of 2.0 (Path Item Object)."""
JSON = "application/json"
"""Of a body that no media type is named for; 2.0 has no default."""
_FORM, _MULTIPART = "application/x-www-form-urlencoded", "multipart/form-data"
_BODY = ("body", "formData")


@dataclass(frozen=True)
class Scope:
    """The defaults of an operation, and the parts of the document that it needs."""

    consumes: tuple[str, ...]
    produces: tuple[str, ...]
    servers: Callable[[Part], Part | None]
    """The servers for schemes of its own."""
    followed: Callable[[Part], tuple[Part, str]]
    """What a parameter or a response leads to, and the `$ref` to it where it stands in another file."""
    moved: dict[str, str]
    """Where parts are by now, by the pointer at which they are written."""
    lose: Lose


def path_item(part: Part, pointer: str, scope: Scope) -> Part:
    """A path item. pointer: where it stands in the result."""
    if not isinstance(part.value, dict):
        return part
    shared = [*part.get("parameters").elements()] if "parameters" in part.value else []  # type: ignore[union-attr]
    result: dict[str, Part] = {}
    for key, each in part.items():
        if key in METHODS:
            result[key] = _operation(each, f"{pointer}/{key}", shared, scope)
        elif key == "parameters" and isinstance(each.value, list):
            plain = [one for one in shared if scope.followed(one)[0].text("in") not in _BODY]
            result[key] = _parameters(each, plain, f"{pointer}/parameters", scope)
        else:
            result[key] = each
    return part.mapping(result)


def _operation(part: Part, pointer: str, shared: Sequence[Part], scope: Scope) -> Part:
    if not isinstance(part.value, dict):
        return part
    own = replace(
        scope,
        consumes=media_types(part.get("consumes"), scope.consumes),
        produces=media_types(part.get("produces"), scope.produces),
    )
    result = {key: each for key, each in part.items() if key not in ("consumes", "produces", "schemes")}
    listed = part.get("parameters")
    if listed is not None and not isinstance(listed.value, list):
        return part.mapping(result)
    inputs = [*listed.elements()] if listed is not None else []
    bodies: dict[str, tuple[Part, Part, str]] = {}
    plain = []
    for index, each in enumerate((*shared, *inputs)):
        target, elsewhere = scope.followed(each)
        where = target.text("in")
        if where in _BODY:
            bodies["" if where == "body" else target.text("name")] = each, target, elsewhere
        elif index >= len(shared):
            plain.append(each)
    if listed is not None:
        result["parameters"] = _parameters(listed, plain, f"{pointer}/parameters", scope)
    if bodies:
        result["requestBody"] = _body(bodies, f"{pointer}/requestBody", own)
    responses = part.get("responses")
    if responses is not None and isinstance(responses.value, dict):
        inside = {}
        for status, each in responses.items():
            differs = own.produces != scope.produces
            inside[status] = response(each, f"{pointer}/responses/{escape(status)}", own, inline=differs)
        result["responses"] = responses.mapping(inside)
    if (schemes := part.get("schemes")) is not None and (servers := scope.servers(schemes)) is not None:
        result["servers"] = servers
    return part.mapping(result)


def _parameters(listed: Part, plain: Sequence[Part], pointer: str, scope: Scope) -> Part:
    """The parameters that stay parameters."""
    for index, each in enumerate(plain):
        scope.moved[each.pointer] = f"{pointer}/{index}"
    return listed.sequence([values.parameter(each, scope.lose) for each in plain])


def media_types(part: Part | None, otherwise: tuple[str, ...]) -> tuple[str, ...]:
    """The media types of `consumes` or `produces`: an empty list means none, whatever the document's own are."""
    if part is None or part.value is None:
        return otherwise
    listed = [part.value] if isinstance(part.value, str) else part.value
    return tuple(dict.fromkeys(each for each in listed if isinstance(each, str))) if isinstance(listed, list) else ()


def _body(bodies: Mapping[str, tuple[Part, Part, str]], pointer: str, scope: Scope) -> Part:
    whole = bodies.get("")
    if whole is None:
        return _form(bodies, scope)
    for name, (each, _, _) in bodies.items():
        if name:
            scope.lose(each, f"the form's field {name[:80]!r} is combined with a body; only the body is sent")
    at, target, elsewhere = whole
    schema = target.get("schema") or target.mapping({})
    written = at.mapping({"$ref": at.same(f"{elsewhere}/schema")}) if elsewhere else values.schema(schema)
    media = scope.consumes or (JSON,)
    if not elsewhere:
        scope.moved.setdefault(schema.pointer, f"{pointer}/content/{escape(media[0])}/schema")
    content = {each: at.mapping({"schema": written}) for each in media}
    result = {key: each for key, each in _beside(at, target, elsewhere) if key not in ("in", "name", "schema")}
    return at.mapping({**result, "content": at.mapping(content)})


def _form(bodies: Mapping[str, tuple[Part, Part, str]], scope: Scope) -> Part:
    first = next(iter(bodies.values()))[0]
    properties: dict[str, Part] = {}
    encoding: dict[str, Part] = {}
    required: list[Part] = []
    file = False
    for name, (at, target, elsewhere) in bodies.items():
        file = file or target.text("type") == "file"
        properties[name] = at.mapping({"$ref": at.same(f"{elsewhere}/schema")}) if elsewhere else values.field(target)
        if target.value.get("required") is True:
            required.append(at.same(name))
        if declared := values.style(target, scope.lose):
            encoding[name] = at.mapping(
                declared if not elsewhere else {key: at.same(e.value) for key, e in declared.items()}
            )
    schema = {"type": first.same("object"), "properties": first.mapping(properties)}
    if required:
        schema["required"] = first.sequence(required)
    written = {"schema": first.mapping(schema)} | ({"encoding": first.mapping(encoding)} if encoding else {})
    offered = [each for each in scope.consumes if each.partition(";")[0].strip().lower() in (_FORM, _MULTIPART)]
    if file:
        offered = [each for each in offered if each.lower().startswith("multipart/")] or [_MULTIPART]
    content = {each: first.mapping(written) for each in offered or [_FORM]}
    result = {"content": first.mapping(content)}
    return first.mapping(result | ({"required": first.same(True)} if required else {}))


def _beside(at: Part, target: Part, elsewhere: str) -> list[tuple[str, Part]]:
    """The description of a parameter; of one in another file as if it stood at the reference to it."""
    return [(key, at.same(each.value) if elsewhere else each) for key, each in target.items()]


def response(part: Part, pointer: str, scope: Scope, *, inline: bool = False) -> Part:
    """A response. inline: what a `$ref` of it leads to has another media type here, and is written out."""
    if isinstance(part.value, dict) and isinstance(part.value.get("$ref"), str):
        target, elsewhere = scope.followed(part)
        if not inline or elsewhere or not {"schema", "examples"} & target.value.keys():
            return part
        part = target
    if not isinstance(part.value, dict):
        return part
    result = {key: each for key, each in part.items() if key not in ("schema", "examples", "headers")}
    headers = part.get("headers")
    if headers is not None:
        read = {name: values.header(each, scope.lose) for name, each in headers.items()}
        result["headers"] = headers.mapping(read) if isinstance(headers.value, dict) else headers
    schema, examples = part.get("schema"), part.get("examples")
    shown = dict(examples.items()) if examples is not None else {}
    media = scope.produces or tuple(key for key in shown if "/" in key)
    content: dict[str, dict[str, Part]] = {}
    if schema is not None and schema.value is not None:
        file = isinstance(schema.value, dict) and schema.value.get("type") == "file"
        written = values.schema(schema)
        content = {each: {"schema": written} for each in media or (("application/octet-stream",) if file else (JSON,))}
        scope.moved.setdefault(schema.pointer, f"{pointer}/content/{escape(next(iter(content)))}/schema")
    for key, each in shown.items():
        plain = key.partition(";")[0].strip().lower()
        fitting = [kind for kind in content if kind.partition(";")[0].strip().lower() == plain]
        if fitting:
            content[fitting[0]].setdefault("example", each)
        elif schema is None and "/" in key:
            content[key] = {"example": each}
        elif not key.startswith("x-"):
            scope.lose(
                each,
                f"the example has the media type {key[:80]!r}, which the operation does not produce: it is not shown",
            )
    if content:
        result["content"] = part.mapping({key: part.mapping(each) for key, each in content.items()})
    return part.mapping(result)
