"""How a value of a parameter stands on the wire: taken by hand from the specifications, never from our code.

OAS: the tables and examples of the Parameter Object (3.0.4, 3.1.1, 3.2.1). RFC 6570: the examples of its section 3.2 and
what 2.3 and 3.2.1 say of values that are undefined. RFC 3986: what a path segment and a query may hold.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

TEXT = {"type": "string"}
INTEGER = {"type": "integer"}
COLORS = ["blue", "black", "brown"]
RGB = {"R": 100, "G": 200, "B": 150}
KEYS = {"semi": ";", "dot": ".", "comma": ","}


@dataclass(frozen=True)
class Row:
    """One parameter, a value for it, and what is on the wire: the end of the path, the query, or a header's value."""

    location: str
    style: str
    explode: bool | None
    value: Any
    wire: str | None
    """None: nothing is sent; in a path, the call is refused."""
    source: str
    name: str = "color"
    reserved: bool = False
    content: str = ""
    """A media type, for a parameter that is described by `content`."""
    sorted: str | None = None
    """The same with the members in the order of their keys, where swapping first and last does not give it."""
    beside: tuple[dict[str, Any], ...] = ()
    """Schemas that stand before that of the value in a `oneOf`."""

    def by_key(self) -> str | None:
        """What is on the wire where an object's members have no order but that of their keys, as in Lua."""
        if not isinstance(self.value, dict) or self.wire is None or self.sorted:
            return self.sorted or self.wire
        members = {key: item for key, item in self.value.items() if item is not None}
        if list(members) == sorted(members):
            return self.wire
        (one, first), *_, (other, last) = ((key, _token(item)) for key, item in members.items())
        return _swapped(_swapped(self.wire, one, other), first, last)

    def parameter(self) -> dict[str, Any]:
        """The Parameter Object."""
        schema = _schema(self.value)
        if self.beside:
            schema = {"oneOf": [*self.beside, schema]}
        found: dict[str, Any] = {"name": self.name, "in": self.location, "required": self.location == "path"}
        if self.content:
            return {**found, "content": {self.content: {"schema": schema}}}
        if self.style:
            found["style"] = self.style
        if self.explode is not None:
            found["explode"] = self.explode
        return {**found, "schema": schema, **({"allowReserved": True} if self.reserved else {})}


def _token(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, separators=(",", ":"))
    return {"a + b": "a+%2B+b", "Hello%2C%20world!": text}.get(text, quote(text, safe=""))


def _swapped(text: str, one: str, other: str) -> str:
    return other.join(part.replace(other, one) for part in text.split(one))


def _schema(value: Any) -> dict[str, Any]:
    if isinstance(value, dict):
        members = {key: _schema(item) for key, item in value.items() if item is not None}
        if len(members) == len(value) and all(member == INTEGER for member in members.values()):
            return {"type": "object", "additionalProperties": INTEGER}  # as OAS's free-form parameter is
        return {"type": "object", "properties": members}
    if isinstance(value, list):
        items = [item for item in value if item is not None]
        kinds = [_schema(item) for item in items] or [TEXT]
        inner = kinds[0] if all(kind == kinds[0] for kind in kinds) else {}
        return {"type": "array", "items": {"anyOf": [inner, {"type": "null"}]} if None in value else inner}
    kinds = {bool: "boolean", int: "integer", float: "number", str: "string"}
    return {"type": kinds[type(value)]}


def _styles(location: str, style: str, explode: bool, text: str, items: str, pairs: str) -> list[Row]:
    source = "OAS 3.2.1, 4.12.6 Style Examples"
    given = zip(("blue", COLORS, RGB), (text, items, pairs), strict=True)
    return [Row(location, style, explode, value, wire, source) for value, wire in given if wire]


STYLE_EXAMPLES = [
    *_styles("path", "matrix", False, ";color=blue", ";color=blue,black,brown", ";color=R,100,G,200,B,150"),
    *_styles("path", "matrix", True, ";color=blue", ";color=blue;color=black;color=brown", ";R=100;G=200;B=150"),
    *_styles("path", "label", False, ".blue", ".blue,black,brown", ".R,100,G,200,B,150"),
    *_styles("path", "label", True, ".blue", ".blue.black.brown", ".R=100.G=200.B=150"),
    *_styles("path", "simple", False, "blue", "blue,black,brown", "R,100,G,200,B,150"),
    *_styles("path", "simple", True, "blue", "blue,black,brown", "R=100,G=200,B=150"),
    *_styles("header", "simple", False, "blue", "blue,black,brown", "R,100,G,200,B,150"),
    *_styles("header", "simple", True, "blue", "blue,black,brown", "R=100,G=200,B=150"),
    *_styles("query", "form", False, "color=blue", "color=blue,black,brown", "color=R,100,G,200,B,150"),
    *_styles("query", "form", True, "color=blue", "color=blue&color=black&color=brown", "R=100&G=200&B=150"),
    *_styles("query", "spaceDelimited", False, "", "color=blue%20black%20brown", "color=R%20100%20G%20200%20B%20150"),
    *_styles("query", "pipeDelimited", False, "", "color=blue%7Cblack%7Cbrown", "color=R%7C100%7CG%7C200%7CB%7C150"),
    Row("query", "deepObject", True, RGB, "color%5BR%5D=100&color%5BG%5D=200&color%5BB%5D=150", "OAS 3.2.1, 4.12.6 Style Examples", sorted="color%5BB%5D=150&color%5BG%5D=200&color%5BR%5D=100"),
    *_styles("cookie", "cookie", True, "color=blue", "color=blue; color=black; color=brown", "R=100; G=200; B=150"),
    Row("query", "form", True, "", "color=", "OAS 3.1.1, 4.8.12.6, column empty"),
    Row("path", "matrix", False, "", ";color", "OAS 3.1.1, 4.8.12.6, column empty; RFC 6570, 3.2.7 {;empty}"),
]  # fmt: skip

OAS_EXAMPLES = [
    Row("header", "simple", None, [12345678, 90099], "12345678,90099", "OAS 3.2.1, header of 64-bit integers", "X-Token"),
    Row("cookie", "cookie", None, {"greeting": "Hello%2C%20world!", "code": 42}, "greeting=Hello%2C%20world!; code=42", "OAS 3.2.1, exploded object", "cookie"),
    Row("cookie", "", None, "Hello, world!", "greeting=Hello%2C%20world%21", "OAS 3.2.1, a cookie of style form", "greeting"),
    Row("path", "", None, "edijkstra", "edijkstra", "OAS 3.2.1, username", "username"),
    Row("path", "", None, "diṅnāga", "di%E1%B9%85n%C4%81ga", "OAS 3.2.1, username", "username"),
    Row("path", "", None, "الخوارزميّ", "%D8%A7%D9%84%D8%AE%D9%88%D8%A7%D8%B1%D8%B2%D9%85%D9%8A%D9%91", "OAS 3.2.1, username", "username"),
    Row("query", "form", True, ["one thing", "another thing"], "thing=one%20thing&thing=another%20thing", "OAS 3.2.1, thing", "thing"),
    Row("query", "form", None, {"page": 4, "pageSize": 50}, "page=4&pageSize=50", "OAS 3.2.1, free-form", "freeForm"),
    Row("query", "", None, {"lat": 40.6, "long": -73.9}, "coordinates=%7B%22lat%22%3A40.6%2C%22long%22%3A-73.9%7D", "OAS 3.2.1, coordinates", "coordinates", content="application/json"),
    Row("querystring", "", None, {"foo": "a + b", "bar": True}, "foo=a+%2B+b&bar=true", "OAS 3.2.1, metadata", "metadata", content="application/x-www-form-urlencoded"),
    Row("querystring", "", None, {"numbers": [1, 2], "flag": None}, "%7B%22numbers%22%3A%5B1%2C2%5D%2C%22flag%22%3Anull%7D", "OAS 3.2.1, json", "json", content="application/json", sorted="%7B%22flag%22%3Anull%2C%22numbers%22%3A%5B1%2C2%5D%7D"),
    Row("querystring", "", None, "$.a.b[1:1]", "%24.a.b%5B1%3A1%5D", "OAS 3.2.1, selector", "selector", content="application/jsonpath"),
]  # fmt: skip

RFC_6570 = [
    Row("path", "simple", False, "Hello World!", "Hello%20World%21", "RFC 6570, 3.2.2 {hello}"),
    Row("path", "simple", False, "50%", "50%25", "RFC 6570, 3.2.2 {half}"),
    Row("path", "simple", False, "http://example.com/home/", "http%3A%2F%2Fexample.com%2Fhome%2F", "RFC 6570, 3.2.3 {base}"),
    Row("path", "simple", False, KEYS, "semi,%3B,dot,.,comma,%2C", "RFC 6570, 3.2.2 {keys}"),
    Row("path", "simple", True, KEYS, "semi=%3B,dot=.,comma=%2C", "RFC 6570, 3.2.2 {keys*}"),
    Row("path", "label", False, KEYS, ".semi,%3B,dot,.,comma,%2C", "RFC 6570, 3.2.5 {.keys}"),
    Row("path", "label", True, KEYS, ".semi=%3B.dot=..comma=%2C", "RFC 6570, 3.2.5 {.keys*}"),
    Row("path", "matrix", False, "Hello World!", ";color=Hello%20World%21", "RFC 6570, 3.2.7 {;hello}"),
    Row("path", "matrix", False, KEYS, ";color=semi,%3B,dot,.,comma,%2C", "RFC 6570, 3.2.7 {;keys}"),
    Row("path", "matrix", True, KEYS, ";semi=%3B;dot=.;comma=%2C", "RFC 6570, 3.2.7 {;keys*}"),
    Row("query", "form", False, KEYS, "color=semi,%3B,dot,.,comma,%2C", "RFC 6570, 3.2.8 {?keys}"),
    Row("query", "form", True, KEYS, "semi=%3B&dot=.&comma=%2C", "RFC 6570, 3.2.8 {?keys*}"),
    Row("query", "form", True, 1024, "color=1024", "RFC 6570, 3.2.8 {?x}"),
    Row("query", "form", True, [], None, "RFC 6570, 2.3: a list without members is undefined"),
    Row("query", "form", False, [], None, "RFC 6570, 2.3: a list without members is undefined"),
    Row("query", "form", False, {}, None, "RFC 6570, 2.3: an object without members is undefined"),
    Row("path", "matrix", True, [], None, "RFC 6570, 2.3; OAS 3.1.1, 4.8.12.2: a path parameter is required"),
    Row("query", "form", False, ["a", None, "b"], "color=a,b", "RFC 6570, 3.2.1: each defined member"),
    Row("query", "form", True, ["a", None, "b"], "color=a&color=b", "RFC 6570, 3.2.1: each defined member"),
    Row("query", "form", False, {"a": "1", "b": None}, "color=a,1", "RFC 6570, 3.2.1: each pair with a defined value"),
    Row("path", "label", True, {"a": "1", "b": None}, ".a=1", "RFC 6570, 3.2.1: each pair with a defined value"),
    Row("header", "simple", False, ["a", None, "b"], "a,b", "RFC 6570, 3.2.1: each defined member"),
    Row("path", "matrix", True, ["a", ""], ";color=a;color", "RFC 6570, 3.2.1 and 3.2.7: of an empty one, the name alone"),
    Row("query", "form", True, ["a", ""], "color=a&color=", "RFC 6570, 3.2.1 and 3.2.8: of an empty one, the name and ="),
    Row("query", "form", True, ["a,b", "c&d=e"], "color=a%2Cb&color=c%26d%3De", "RFC 6570, 3.2.1: what is not unreserved is escaped"),
    Row("query", "form", False, ["a,b", "c"], "color=a%2Cb,c", "RFC 6570, 3.2.1: what is not unreserved is escaped"),
    Row("query", "form", True, "x", "user%20%5Bid%5D=x", "RFC 6570, 3.2.1, and 2.3: a name is escaped", "user [id]"),
]  # fmt: skip

RESERVED = [
    Row("query", "form", True, "/foo/bar", "color=/foo/bar", "RFC 6570, 3.2.3 {+path}", reserved=True),
    Row("query", "form", True, "Hello World!", "color=Hello%20World!", "RFC 6570, 3.2.3 {+hello}", reserved=True),
    Row("query", "form", True, "50%", "color=50%25", "RFC 6570, 3.2.3 {+half}", reserved=True),
    Row("query", "form", True, "http://example.com/home/", "color=http://example.com/home/", "RFC 6570, 3.2.3 {+base}", reserved=True),
    Row("query", "form", False, KEYS, "color=semi,;,dot,.,comma,,", "RFC 6570, 3.2.3 {+keys}", reserved=True, sorted="color=comma,,,dot,.,semi,;"),
    Row("query", "form", True, "a%20b%zz", "color=a%20b%25zz", "OAS 3.1.1: percent-encoded triples pass, other % do not", reserved=True),
    Row("query", "form", True, ":/?@!$'()*+,;=", "color=:/?@!$'()*+,;=", "OAS 3.1.1 allowReserved; RFC 3986, 3.4 query", reserved=True),
    Row("query", "form", True, "#[]&", "color=%23%5B%5D%26", "OAS 3.1.1: what a query may not hold, or would be another parameter", reserved=True),
    Row("path", "simple", False, ":@!$&'()*+,;=", ":@!$&'()*+,;=", "OAS 3.2.1 allowReserved; RFC 3986, 3.3 pchar", reserved=True),
    Row("path", "simple", False, "a/b?c#d[e]", "a%2Fb%3Fc%23d%5Be%5D", "OAS 3.2.1, 4.8.2 path templating: no /, ?, # unescaped", reserved=True),
    Row("path", "matrix", True, ["a:b", "c@d"], ";color=a:b;color=c@d", "OAS 3.2.1 allowReserved; RFC 3986, 3.3", reserved=True),
]  # fmt: skip

EVERY = "A z-._~:/?#[]@!$&'()*+,;=%\u00e9"
"""Each kind of character: RFC 3986 leaves letters, digits and -._~ as they are, and reserves :/?#[]@!$&'()*+,;=."""
ESCAPED = "A%20z-._~%3A%2F%3F%23%5B%5D%40%21%24%26%27%28%29%2A%2B%2C%3B%3D%25%C3%A9"

KINDS = [
    Row("path", "", None, EVERY, ESCAPED, "RFC 3986, 2.2 and 2.3"),
    Row("query", "", None, EVERY, f"color={ESCAPED}", "RFC 3986, 2.2 and 2.3"),
    Row("path", "", None, ["a,b", "c"], "a%2Cb,c", "RFC 6570, 3.2.1; OAS 3.1.1, 4.8.12.2: simple is the default"),
    Row("path", "label", None, COLORS, ".blue,black,brown", "OAS 3.1.1, 4.8.12.2: explode is false by default"),
    Row("query", "", None, COLORS, "color=blue&color=black&color=brown", "OAS 3.1.1, 4.8.12.2: form, exploded, is the default"),
    Row("query", "spaceDelimited", None, COLORS, "color=blue%20black%20brown", "OAS 3.1.1, 4.8.12.2: explode is false by default"),
    Row("query", "pipeDelimited", None, COLORS, "color=blue%7Cblack%7Cbrown", "OAS 3.1.1, 4.8.12.2: explode is false by default"),
    Row("query", "form", True, True, "color=true", "OAS 3.1.1, appendix B; JSON, RFC 8259"),
    Row("query", "form", True, 1.5, "color=1.5", "OAS 3.1.1, appendix B; JSON, RFC 8259"),
    Row("query", "form", True, [True, False], "color=true&color=false", "OAS 3.1.1, appendix B; JSON, RFC 8259"),
    Row("query", "pipeDelimited", False, [1, 2], "color=1%7C2", "OAS 3.1.1, Style Examples"),
    Row("path", "simple", False, True, "true", "OAS 3.1.1, appendix B; JSON, RFC 8259"),
    Row("path", "simple", False, "a b+c", "a%20b%2Bc", "RFC 3986, 2.1"),
    Row("header", "simple", False, True, "true", "OAS 3.1.1, appendix B; JSON, RFC 8259"),
    Row("header", "simple", False, "a b;c=%20", "a b;c=%20", "OAS 3.2.1: in a header nothing is percent-encoded"),
    Row("header", "", None, {"a": [1, "b"]}, '{"a":[1,"b"]}', "OAS 3.1.1, 4.8.12.2: content", content="application/json"),
    Row("header", "", None, "plain", "plain", "OAS 3.1.1, 4.8.12.2: content of text", content="text/plain"),
    Row("query", "", None, "a b", "color=a%20b", "OAS 3.1.1, 4.8.12.2: content of text", content="text/plain"),
    Row("query", "", None, [1, {"a": "&"}], "color=%5B1%2C%7B%22a%22%3A%22%26%22%7D%5D", "OAS 3.1.1, 4.8.12.2: content", content="application/vnd.x+json"),
    Row("cookie", "form", True, "a b;c", "color=a%20b%3Bc", "OAS 3.1.1, Style Examples: form; RFC 6265, 4.1.1"),
    Row("query", "deepObject", True, {"a b": "c&d"}, "color%5Ba%20b%5D=c%26d", "OAS 3.1.1, Style Examples: deepObject"),
    Row("query", "deepObject", True, {"a": None, "b": "1"}, "color%5Bb%5D=1", "OAS 3.1.1, Style Examples; RFC 6570, 3.2.1"),
]  # fmt: skip

UNDEFINED = [
    Row("query", "deepObject", True, {"a": {"b": "1"}}, "color%5Ba%5D%5Bb%5D=1", "no specification: as deeper brackets, by custom"),
    Row("query", "deepObject", True, {"a": ["1", "2"]}, "color%5Ba%5D=1&color%5Ba%5D=2", "no specification: repeated"),
    Row("query", "form", True, [{"a": 1}], "color=%7B%22a%22%3A1%7D", "no specification (OAS 3.1.1, appendix B): as JSON"),
]  # fmt: skip

# A value is written by what it is, whichever member of a union that may be.
PAGE = {"type": "object", "properties": {"number": INTEGER}, "additionalProperties": False}
UNIONS = [
    Row(location, style, explode, value, wire, "OAS 3.2.1, 4.12.6 Style Examples", beside=beside)
    for location, style, explode, value, wire, beside in (
        ("query", "form", True, 2, "color=2", (PAGE, {"type": "boolean"})),
        ("query", "form", True, True, "color=true", (INTEGER,)),
        ("query", "form", True, {"number": 3, "size": 4}, "number=3&size=4", (INTEGER,)),
        ("query", "form", False, {"number": 3, "size": 4}, "color=number,3,size,4", (INTEGER,)),
        ("query", "form", True, ["a", "b"], "color=a&color=b", (TEXT,)),
        ("query", "form", False, [1, 2], "color=1,2", (INTEGER, PAGE)),
        ("query", "deepObject", True, {"number": 3}, "color%5Bnumber%5D=3", (INTEGER,)),
        ("path", "simple", False, [1, 2], "1,2", (INTEGER,)),
        ("path", "matrix", True, {"number": 3}, ";number=3", ({"type": "boolean"},)),
        ("header", "simple", False, 1.5, "1.5", ({"type": "boolean"}, PAGE)),
        ("cookie", "form", True, ["a", "b"], "color=a; color=b", (INTEGER,)),
    )
]  # fmt: skip

ROWS = [*STYLE_EXAMPLES, *OAS_EXAMPLES, *RFC_6570, *RESERVED, *KINDS, *UNDEFINED, *UNIONS]


def document() -> dict[str, Any]:
    """An OpenAPI document with an operation for each row."""
    paths = {}
    for number, row in enumerate(ROWS):
        path = f"/row{number}" + ("/{" + row.name + "}" if row.location == "path" else "")
        answer = {"200": {"description": "ok", "content": {"application/json": {"schema": {"type": "object"}}}}}
        operation = {"operationId": f"row{number}", "tags": ["rows"], "parameters": [row.parameter()]}
        paths[path] = {"get": {**operation, "responses": answer}}
    return {"openapi": "3.2.0", "info": {"title": "Wire", "version": "1"}, "paths": paths}
