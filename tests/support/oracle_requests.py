"""What a call has to look like on the wire, worked out from the specifications alone.

OAS 3.0.4 and 3.1.1: Parameter Object ("Style Values", "Style Examples"), Encoding Object; RFC 6570, 3.2; RFC 3986, 6.2.2;
RFC 7578. Nothing of the generator nor of what it makes is imported. Where the specifications leave open what is sent,
the place is not compared (`OPEN`), and no such value is drawn where that can be helped.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from email.parser import BytesParser
from email.policy import HTTP
from typing import Any
from urllib.parse import quote, unquote

from oracle_documents import pointed
from oracle_schemas import NoValue, Schemas
from oracle_xml import document_of

OPEN = object()
_SPACES = {"spaceDelimited": "%20", "pipeDelimited": "%7C"}
_SKIPPED = {"accept", "content-type", "authorization", "content-length", "transfer-encoding"}
"""OAS, Parameter Object: header parameters of the first three are ignored. RFC 9112, 6: the others are of the message."""
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
Pairs = list[tuple[str, Any]]


class NotSendable(Exception):
    """The operation asks for what HTTP cannot carry."""


@dataclass
class Call:
    """Values for an operation, and the request that they make."""

    path: str
    method: str
    operation: dict[str, Any]
    given: dict[tuple[str, str], Any] = field(default_factory=dict)
    """By location and name."""
    body: Any = OPEN
    media: str = ""
    target: str = ""
    query: Pairs = field(default_factory=list)
    headers: dict[str, Any] = field(default_factory=dict)
    cookies: Pairs = field(default_factory=list)
    unsure: set[tuple[str, str]] = field(default_factory=set)
    """Parameters whose form the specifications leave open."""
    nulls: bool = False
    """Whether null was looked for."""

    @property
    def has_null(self) -> bool:
        """Whether an argument is null, or holds one."""
        return any(_has_null(each) for each in (*self.given.values(), self.body))


@dataclass(frozen=True)
class Json:
    """A text that is JSON of this value, however it is spaced."""

    value: Any


def _has_null(value: Any) -> bool:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return value is None or any(map(_has_null, inner))


def text_of(value: Any) -> str:
    """A primitive as text; the specifications leave other types to the implementation, which all write JSON's."""
    return value if isinstance(value, str) else json.dumps(value)


def escaped(value: Any) -> str:
    """RFC 6570, 3.2.2: everything but unreserved characters is percent-encoded."""
    return quote(text_of(value), safe="")


def normal(text: str) -> str:
    """RFC 3986, 6.2.2: upper-case triplets, unreserved characters as they are, all others encoded but those reserved."""
    pieces = re.split("(%[0-9A-Fa-f]{2})", text)
    return "".join(
        (
            (unquote(each) if re.fullmatch(r"[A-Za-z0-9._~-]", unquote(each)) else each.upper())
            if re.fullmatch("%[0-9A-Fa-f]{2}", each)
            else quote(each, safe=":/?#[]@!$&'()*+,;=")
        )
        for each in pieces
    )


def call(
    document: dict[str, Any],
    schemas: Schemas,
    path: str,
    method: str,
    operation: dict[str, Any],
    chance: random.Random,
    nulls: bool = False,
) -> Call:
    """A call with random arguments. NoValue where none are found. nulls: with null where it may be."""
    drawn = Call(path, method, operation, nulls=nulls)
    params: dict[tuple[str, str], dict[str, Any]] = {}
    for each in operation["parameters"]:
        each = pointed(document, each["$ref"]) if "$ref" in each else each
        if isinstance(each.get("name"), str) and each.get("in") in ("path", "query", "header", "cookie"):
            params[each["in"], each["name"]] = each
    target = path
    for (where, name), param in params.items():
        if where == "header" and name.lower() in _SKIPPED:
            continue
        if where in ("header", "cookie") and not _TOKEN.fullmatch(name):
            if param.get("required"):
                raise NotSendable(f"a {where} of such a name")
            continue
        required = where == "path" or param.get("required") is True
        if where == "path" and "{" + name + "}" not in path:
            continue
        if not required and chance.random() < 0.4:
            continue
        schema = schemas.read(param.get("schema"))
        if nulls and not required and "schema" in param and schemas.may_be_null(schema) and chance.random() < 0.7:
            drawn.given[where, name] = None  # RFC 6570, 2.3: undefined, so nothing is sent
            continue
        value = _drawn(schemas, param, where, chance, required, nulls and where != "path")
        if value is OPEN:
            continue
        drawn.given[where, name] = value
        target = _laid(drawn, param, where, name, value, target)
    if gap := re.search(r"\{[^{}]*\}", target):
        raise NotSendable(f"the path's {gap[0]} is no parameter")
    drawn.target = normal(target.partition("?")[0].partition("#")[0])
    drawn.query += [
        tuple(map(normal, piece.partition("=")[::2])) for piece in target.partition("?")[2].split("&") if piece
    ]
    _with_body(document, schemas, drawn, chance)
    return drawn


def _drawn(
    schemas: Schemas, param: dict[str, Any], where: str, chance: random.Random, required: bool, nulls: bool
) -> Any:
    content = param.get("content")
    if isinstance(content, dict) and content:
        inside = next(iter(content.values()))
        schema = schemas.read((inside or {}).get("schema"))
        return schemas.draw(schema, chance)
    schema = schemas.read(param.get("schema"))
    for _ in range(6):
        try:
            value = schemas.draw(schema, chance, flat=True, nulls=nulls)
        except NoValue:
            break
        if _fits(where, value):
            return value
    if required:
        raise NoValue
    return OPEN


def _fits(where: str, value: Any) -> bool:
    """Whether the place can hold the value: RFC 9110, 5.5, RFC 6265, 4.1.1; a dot segment is none (RFC 3986, 5.2.4)."""
    texts = [
        text_of(each)
        for each in (value.values() if isinstance(value, dict) else value if isinstance(value, list) else [value])
    ]
    texts += [*value] if isinstance(value, dict) else []
    if where == "header":
        return all(re.fullmatch(r"[!-~]([ -~]*[!-~])?", text) for text in texts)
    if where == "path":
        return not any(text in (".", "..") for text in texts)
    return all(text.isprintable() for text in texts)


def _laid(request: Call, param: dict[str, Any], where: str, name: str, value: Any, target: str) -> str:
    style = param.get("style") or {"path": "simple", "header": "simple"}.get(where, "form")
    explode = param["explode"] if isinstance(param.get("explode"), bool) else style in ("form", "cookie")
    if param.get("content"):
        media = next(iter(param["content"])).partition(";")[0].strip().lower()
        content: Any = Json(value) if media.endswith(("/json", "+json")) or not isinstance(value, str) else value
        if where == "path":
            request.unsure.add((where, name))
        elif where == "header":
            request.headers[name.lower()] = content
        else:
            (request.cookies if where == "cookie" else request.query).append((escaped(name), content))
        return target
    value = _defined(value)
    if where == "path":
        return target.replace("{" + name + "}", path_text(name, value, style, explode))
    if where == "header":
        request.headers[name.lower()] = header_text(value, explode)
        return target
    if where == "cookie":
        request.cookies += query_pairs(name, value, style, explode, False)
        return target
    pairs = query_pairs(name, value, style, explode, param.get("allowReserved") is True)
    if pairs is None:
        request.unsure.add((where, name))
    else:
        request.query += pairs
    return target


def _defined(value: Any) -> Any:
    """RFC 6570, 3.2.1: each defined member of a list, and each pair with a defined value."""
    if isinstance(value, dict):
        return {name: item for name, item in value.items() if item is not None}
    return [item for item in value if item is not None] if isinstance(value, list) else value


def path_text(name: str, value: Any, style: str, explode: bool) -> str:
    """RFC 6570, 3.2.2, 3.2.5 and 3.2.7."""
    first, joint = {"label": (".", "."), "matrix": (";", ";")}.get(style, ("", ","))
    named = style == "matrix"
    if isinstance(value, dict):
        if explode:
            return first + joint.join(f"{escaped(key)}={escaped(item)}" for key, item in value.items())
        text = ",".join(f"{escaped(key)},{escaped(item)}" for key, item in value.items())
        return first + (f"{escaped(name)}={text}" if named else text)
    if isinstance(value, list):
        items = [escaped(item) for item in value]
        if explode:
            return first + joint.join(f"{escaped(name)}={item}" if named else item for item in items)
        return first + (f"{escaped(name)}=" if named else "") + ",".join(items)
    return first + (f"{escaped(name)}=" if named else "") + escaped(value)


def header_text(value: Any, explode: bool) -> str:
    """Style `simple`; in headers nothing is percent-encoded (OAS 3.1.1, Appendix D)."""
    if isinstance(value, dict):
        return ",".join(f"{key}{'=' if explode else ','}{text_of(item)}" for key, item in value.items())
    return ",".join(map(text_of, value)) if isinstance(value, list) else text_of(value)


def query_pairs(name: str, value: Any, style: str, explode: bool, reserved: bool) -> Any:
    """Names and values, normalized; None where the specifications leave it open."""
    if style == "deepObject":
        if not isinstance(value, dict):
            return None if isinstance(value, list) else [(escaped(name), escaped(value))]
        return [(f"{escaped(name)}%5B{escaped(key)}%5D", escaped(item)) for key, item in value.items()]
    if isinstance(value, dict):
        if style in _SPACES and explode:
            return None
        if explode:
            return [(escaped(key), escaped(item)) for key, item in value.items()]
        members = [escaped(each) for pair in value.items() for each in pair]
        return [(escaped(name), _SPACES.get(style, ",").join(members))]
    if isinstance(value, list):
        items = [escaped(item) for item in value]
        if explode:
            return [(escaped(name), item) for item in items]
        return [(escaped(name), _SPACES.get(style, ",").join(items))]
    return [(escaped(name), escaped(value))]


def _with_body(document: dict[str, Any], schemas: Schemas, request: Call, chance: random.Random) -> None:
    body = request.operation.get("requestBody") or {}
    body = pointed(document, body["$ref"]) if "$ref" in body else body
    content = body.get("content") or {}
    if not content:
        return

    def rank(media: str) -> tuple[int, bool]:
        # Which of them is chosen is the client's to say: of one kind, a type before a range.
        return ("json", "multipart", "form", "text", "binary").index(kind_of(media)), "*" in media

    media = min(content, key=rank)
    request.media = media
    kind = kind_of(media)
    if kind == "binary":
        request.body = bytes(chance.getrandbits(8) for _ in range(20))
        return
    schema = schemas.read((content[media] or {}).get("schema"))
    if kind == "text":
        request.body = f"<a>{chance.randint(1, 9)} é</a>"
        drawn = schemas.draw(schema, chance) if media.partition(";")[0].strip().lower().endswith("xml") else None
        if isinstance(drawn, (dict, list)):
            request.body = document_of(document, (content[media] or {}).get("schema"), drawn)
            if request.body is None:
                raise NotSendable("a text that no XML holds")
        return
    # What null is in a form, the specifications leave open.
    request.body = schemas.draw(schema, chance, nulls=request.nulls and kind == "json")
    if kind in ("form", "multipart") and not (isinstance(request.body, dict) and request.body):
        try:
            request.body = next(
                value for value in (schemas.draw(schema, chance) for _ in range(8)) if value and isinstance(value, dict)
            )
        except StopIteration:
            if not isinstance(request.body, dict):
                raise NotSendable("a form that is not an object") from None


def kind_of(media: str) -> str:
    """What kind of body a media type makes."""
    plain = media.partition(";")[0].strip().lower()
    if plain.endswith(("/json", "+json")) or plain == "*/*":
        return "json"
    if plain == "application/x-www-form-urlencoded":
        return "form"
    if plain.startswith("multipart/"):
        return "multipart"
    return "text" if plain.startswith("text/") or plain.endswith(("xml", "yaml")) else "binary"


# ── comparison ──────────────────────────────────────────────────────────────────────────────────────────


def differences(
    call: Call, seen: dict[str, Any], base: str, document: dict[str, Any], schemas: Schemas
) -> Iterable[str]:
    """How a request that was seen differs from the one that the call makes. seen: method, target, headers, body."""
    if seen["method"] != call.method.upper():
        yield f"method: {seen['method']}"
    path, _, query = seen["target"].partition("?")
    if normal(path) != base + call.target and not any(where == "path" for where, _ in call.unsure):
        yield f"path: {path[:200]} instead of {(base + call.target)[:200]}"
    pairs = [tuple(piece.partition("=")[::2]) for piece in query.split("&") if piece]
    yield from _pairs_differ(
        "query", call.query, [(normal(n), normal(v)) for n, v in pairs], _free(document, call, "query")
    )
    headers = {name.lower(): value for name, value in seen["headers"]}
    for name, value in call.headers.items():
        if not _same(value, headers.get(name)):
            yield f"header: {name}: {headers.get(name)!r:.150} instead of {value!r:.150}"
    cookies = [tuple(each.strip().partition("=")[::2]) for each in headers.get("cookie", "").split(";") if each.strip()]
    yield from _pairs_differ(
        "cookie", call.cookies, [(normal(n), normal(v)) for n, v in cookies], _free(document, call, "cookie")
    )
    yield from _body_differs(call, seen["body"], headers.get("content-type", ""), document, schemas)


def _free(document: dict[str, Any], call: Call, where: str) -> set[str]:
    """Names that may stand in a query or cookie all the same: of credentials, and of what is left open."""
    schemes = ((document.get("components") or {}).get("securitySchemes") or {}).values()
    reserved = {str(each.get("name")) for each in schemes if isinstance(each, dict) and each.get("in") == where}
    return reserved | {name for place, name in call.unsure if place == where}


def _pairs_differ(what: str, expected: Pairs, seen: list[tuple[str, str]], free: set[str]) -> Iterable[str]:
    roots = tuple(escaped(name) for name in free)
    inside = tuple(f"{root}{mark}" for root in roots for mark in ("%5B", "["))
    one, other = (
        sorted(
            (pair for pair in pairs if pair[0] not in roots and not pair[0].startswith(inside)),
            key=lambda pair: pair[0],
        )
        for pairs in (expected, seen)
    )
    if [name for name, _ in one] != [name for name, _ in other] or not all(
        _same(a, b, True) for (_, a), (_, b) in zip(one, other)
    ):
        yield f"{what}: {other!r:.220} instead of {one!r:.220}"


def _same(expected: Any, seen: str | None, encoded: bool = False) -> bool:
    if seen is None:
        return False
    if isinstance(expected, Json):
        try:
            return equal(json.loads(unquote(seen) if encoded else seen), expected.value)
        except ValueError:
            return False
    return (normal(expected) if encoded else expected) == seen or (
        encoded and unquote(expected) == unquote(seen) and not re.search(r"[&=+# ]", seen)
    )


def equal(one: Any, other: Any) -> bool:
    """Equal as JSON values: 1 is 1.0, and true is not 1."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(equal(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(equal, one, other))
    return bool(one == other) and (isinstance(one, str) is isinstance(other, str))


def _body_differs(call: Call, body: bytes, media: str, document: dict[str, Any], schemas: Schemas) -> Iterable[str]:
    if call.body is OPEN:
        if body:
            yield f"body: {body[:80]!r} where there is none"
        return
    request = call.operation["requestBody"]
    request = pointed(document, request["$ref"]) if "$ref" in request else request
    if call.body == {} and not body and request.get("required") is not True:
        return  # of a body that may be left out, nothing is as good as an empty object
    if (
        media.partition(";")[0].strip().lower() != call.media.partition(";")[0].strip().lower()
        and "*" not in call.media
    ):
        yield f"body: the media type is {media!r} instead of {call.media!r}"
        return
    kind = kind_of(call.media)
    if kind in ("text", "binary"):
        wanted = call.body if isinstance(call.body, bytes) else call.body.encode()
        if body != wanted:
            yield f"body: {body[:100]!r} instead of {wanted[:100]!r}"
    elif kind == "json":
        try:
            content = json.loads(body)
        except ValueError:
            yield f"body: {body[:100]!r} is no JSON"
            return
        if not equal(content, call.body):
            yield f"body: {body.decode()[:300]} instead of {json.dumps(call.body)[:300]}"
    else:
        described = request["content"][call.media]
        yield from (_form_differs if kind == "form" else _parts_differ)(call.body, body, media, described, schemas)


def _property(schemas: Schemas, schema: Any, name: str) -> Any:
    """The schema of a property, wherever it stands; empty where none is known."""
    schema = schemas.follow(schema)
    for each in (schema, *(schemas.follow(s) for key in ("allOf", "anyOf", "oneOf") for s in schema.get(key, ()))):
        if isinstance(each, dict) and name in each.get("properties", {}):
            return schemas.follow(each["properties"][name])
    return {}


def _form_differs(
    value: dict[str, Any], body: bytes, media: str, described: dict[str, Any], schemas: Schemas
) -> Iterable[str]:
    encoding = described.get("encoding") or {}
    expected: Pairs = []
    free = set()
    for name, item in value.items():
        declared = encoding.get(name) or {}
        nested = isinstance(item, dict) or (
            isinstance(item, list) and any(isinstance(each, (dict, list)) for each in item)
        )
        style = declared.get("style", "form")
        explode = declared["explode"] if isinstance(declared.get("explode"), bool) else style == "form"
        deep = style == "deepObject" and isinstance(item, dict)
        if (
            item is None
            or item in ([], {})
            or (nested and not deep)
            or (deep and not all(isinstance(each, (str, int, float)) for each in item.values()))
        ):
            free |= {name, *(item if isinstance(item, dict) else ())}
            for each in item if isinstance(item, list) else ():
                free |= {*each} if isinstance(each, dict) else set()
            continue
        pairs = query_pairs(name, item, style, explode, declared.get("allowReserved") is True)
        if pairs is None:
            free.add(name)
        else:
            expected += pairs
    seen = [
        tuple(piece.partition("=")[::2]) for piece in body.decode("latin-1").replace("+", "%20").split("&") if piece
    ]
    yield from _pairs_differ("form", expected, [(normal(n), normal(v)) for n, v in seen], free)


def _parts_differ(
    value: dict[str, Any], body: bytes, media: str, described: dict[str, Any], schemas: Schemas
) -> Iterable[str]:
    encoding, schema = described.get("encoding") or {}, schemas.read(described.get("schema"))
    expected = []
    for name, item in value.items():
        inner = _property(schemas, schema, name)
        many = isinstance(item, list)
        for each in item if many else [item]:
            kind = schemas.follow(inner.get("items", {})) if many else inner
            expected.append((name, each, kind, (encoding.get(name) or {}).get("contentType", "")))
    message = BytesParser(policy=HTTP).parsebytes(b"Content-Type: " + media.encode() + b"\r\n\r\n" + body)
    parts = list(message.iter_parts()) if message.is_multipart() else []
    one = sorted(expected, key=lambda each: each[0])
    other = sorted(parts, key=lambda part: str(part.get_param("name", header="content-disposition")))
    names = [str(part.get_param("name", header="content-disposition")) for part in other]
    if names != [name for name, *_ in one]:
        yield f"multipart: parts {names} instead of {[name for name, *_ in one]}"
        return
    for (name, item, kind, declared), part in zip(one, other):
        content = part.get_payload(decode=True) or b""
        sort = part.get_content_type() if part["content-type"] else ""
        if (
            declared
            and "*" not in declared
            and sort not in [each.partition(";")[0].strip().lower() for each in declared.split(",")]
        ):
            yield f"multipart: {name}: {sort!r} instead of {declared!r}"
        if isinstance(item, (dict, list)):
            good = sort.endswith("json") and equal(json.loads(content or b"0"), item) if not declared else True
        elif sort.endswith("json") and declared:
            good = equal(json.loads(content or b"0"), item)
        else:
            good = content.decode("utf-8", "replace") == ("" if item is None else text_of(item)) or item is None
        if not good:
            yield f"multipart: {name}: {content[:80]!r} ({sort}) instead of {item!r:.100}"
        if kind.get("format") == "binary" and part.get_filename() is None:
            yield f"multipart: {name}: a file without a filename"
