"""How a value stands in a path, a query, a header, a cookie or a form: OpenAPI's styles, by RFC 6570.

The generator and each client that it makes write by this file: it is laid into the package as it stands here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple, Protocol
from urllib.parse import quote, unquote

FIRST = {"label": ".", "matrix": ";"}
"""Before the pieces of a path and between them; of the style `simple` nothing before, commas between."""
BETWEEN = {"spaceDelimited": "%20", "pipeDelimited": "%7C", "tabDelimited": "%09"}
"""Between the members of one piece, where it is no comma. Tabs are Swagger 2.0's `tsv`."""
_NAMELESS = ("simple", "label", "querystring")
_QUERY = ":/?@!$'()*+,;="
_KEPT = {"path": ":@!$&'()*+,;=", "cookie": ":/?#[]@!$&'()*+="}
"""Reserved characters that stay with `allowReserved`: those that have a meaning of their own in the place do not."""
_TRIPLE = re.compile("(%[0-9A-Fa-f]{2})")
_URLENCODED = "x-www-form-urlencoded"
FORM = f"application/{_URLENCODED}"
_COOKIE = re.compile(r"[\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]*")
"""What RFC 6265 takes as the value of a cookie."""
_NO_COOKIE = (
    "a cookie takes printable ASCII characters other than blanks, quotes, commas, semicolons and backslashes: "
    "escape the others as the API asks for it"
)


class Texts(NamedTuple):
    """The texts of a value, before anything is escaped."""

    plain: Callable[[Any], str]
    """A text, a number or a boolean unchanged; anything else as JSON."""
    json: Callable[[Any], str]


class Spelled(Protocol):
    """The properties of a parameter that decide how its values are serialized."""

    @property
    def wire(self) -> str: ...
    @property
    def location(self) -> str: ...
    @property
    def style(self) -> str: ...
    @property
    def explode(self) -> bool: ...
    @property
    def allow_reserved(self) -> bool: ...
    @property
    def array_format(self) -> str: ...
    @property
    def media(self) -> str: ...


def pieces(param: Spelled, value: Any, texts: Texts) -> list[str]:
    """The pieces of a path, query, cookie or form parameter, escaped, for the place to join; none for what is not sent.

    Raises ValueError for a value that the place cannot hold.
    """
    named = bool(param.style or param.location != "path") and param.style not in _NAMELESS
    if param.media:
        text = _content(param, value, texts)
        return [_named(param, text) if named else text]
    if value is None and param.location in ("query", "cookie"):
        return []
    value = _opened(value)
    if isinstance(value, Mapping) and param.location == "field" and not param.style:
        return [_named(param, _escaped(param, value, texts))]  # a value of a form is JSON where no style is asked for
    if param.style == "deepObject" and isinstance(value, (list, tuple, Mapping)):
        return list(_deep(param, quote(param.wire, safe=""), value, texts))
    if isinstance(value, Mapping):
        pairs = [(_escaped(param, k, texts), _escaped(param, v, texts)) for k, v in value.items() if v is not None]
        if param.explode:
            return [f"{key}={text}" for key, text in pairs]
        items = [text for pair in pairs for text in pair]
    elif isinstance(value, (list, tuple)):
        items = [_escaped(param, item, texts) for item in value if item is not None]
        if param.explode:
            return [_named(param, item) for item in items] if named else items
    else:
        items = [_escaped(param, value, texts)]
    text = BETWEEN.get(param.style, ",").join(items)
    return [_named(param, text) if named else text] if items else []


def parts(param: Spelled, value: Any, texts: Texts) -> list[tuple[str, str]]:
    """Names and texts of the parts that a field with a style is in multipart/form-data, where nothing is escaped."""
    pairs = (piece.partition("=") for piece in pieces(param, value, texts))
    return [(unquote(name), unquote(text)) for name, _, text in pairs]


def part_media(offered: str, usual: str) -> str:
    """The media type of a part; of several, the one for its value: `usual`, or the nearest."""
    results = [each.strip() for each in offered.split(",") if each.strip()]
    if len(results) == 1 and "*" not in offered:
        return results[0]
    exact = [each for each in results if "*" not in each]
    ranges = {each.partition(";")[0].strip().lower() for each in results} - {each.lower() for each in exact}
    for each in exact:
        if each.partition(";")[0].strip().lower() == usual:
            return each
    if not exact or not ranges.isdisjoint(("*/*", usual.partition("/")[0] + "/*")):
        return usual
    return next((each for each in exact if is_json(each) == is_json(usual)), exact[0])


def is_form_data(media: str) -> bool:
    """Whether the parts of a multipart body have names; those of others are told apart by their order (RFC 2046, 5.1)."""
    return media.partition(";")[0].strip().lower() in (
        "",
        "multipart/form-data",
        "multipart/*",
        f"multipart/{_URLENCODED}",
    )


def path(param: Spelled, value: Any, texts: Texts) -> str:
    """What stands in the place of a parameter of the path; empty where there is nothing to send."""
    first = FIRST.get(param.style, "")
    text = (first or ",").join(pieces(param, value, texts))
    return text and first + text


def header(param: Spelled, value: Any, texts: Texts) -> str:
    """The value of a header, in which nothing is escaped."""
    value = _opened(value)
    if param.media:
        return content(param, value, texts)
    if isinstance(value, Mapping):
        joint = "=" if param.explode else ","
        return ",".join(f"{key}{joint}{texts.plain(item)}" for key, item in value.items() if item is not None)
    if isinstance(value, (list, tuple)):
        return ",".join(texts.plain(item) for item in value if item is not None)
    return texts.plain(value)


def content(param: Spelled, value: Any, texts: Texts) -> str:
    """The text of a value that a media type describes: JSON unless it is a text and the media type another."""
    media = part_media(param.media, "text/plain" if isinstance(value, str) else "application/json")
    if is_form(media) and isinstance(value, Mapping):
        return urlencoded(value, texts)
    return value if isinstance(value, str) and not is_json(media) else texts.json(value)


def is_form(media: str) -> bool:
    """Whether a media type is that of a form in a text."""
    return media.partition(";")[0].strip().lower() == FORM


def urlencoded(value: Mapping[str, Any], texts: Texts) -> str:
    """An object as a form in a text: a pair for each property, and for each item of a list."""
    results = []
    for key, argument in value.items():
        items = argument if isinstance(argument, (list, tuple)) else [argument]
        results += [f"{quote(key, safe='')}={quote(texts.plain(item), safe='')}" for item in items if item is not None]
    return "&".join(results).replace("%20", "+")


def is_json(media: str) -> bool:
    """Whether a media type is JSON's."""
    return media.partition(";")[0].strip().lower().endswith(("/json", "+json"))


def _content(param: Spelled, value: Any, texts: Texts) -> str:
    """A value that a media type describes, escaped as a whole, but for a query that is a form."""
    value = _opened(value)
    written = content(param, value, texts)
    whole = param.style == "querystring" and is_form(param.media) and isinstance(value, Mapping)
    return written if whole else quote(written, safe="")


def _opened(value: Any) -> Any:
    """A typed view as the object that it shows."""
    return value.to_dict() if hasattr(value, "to_dict") else value


def _escaped(param: Spelled, value: Any, texts: Texts) -> str:
    text = texts.plain(value)
    if param.style == "cookie":
        if not _COOKIE.fullmatch(text):
            raise ValueError(_NO_COOKIE)
        return text
    if not param.allow_reserved:
        return quote(text, safe="")
    kept = _KEPT.get(param.location, _QUERY)
    return "".join(each if _TRIPLE.fullmatch(each) else quote(each, safe=kept) for each in _TRIPLE.split(text))


def _named(param: Spelled, text: str) -> str:
    name = quote(param.wire, safe="")
    return name if not text and param.style == "matrix" else f"{name}={text}"


def _deep(param: Spelled, name: str, value: Any, texts: Texts) -> Iterator[str]:
    value = _opened(value)
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from _deep(param, f"{name}%5B{_escaped(param, key, texts)}%5D", item, texts)
    elif isinstance(value, (list, tuple)):
        for number, item in enumerate(item for item in value if item is not None):
            composite = isinstance(_opened(item), (list, tuple, Mapping))
            index = number if param.array_format == "indices" else ""
            yield from _deep(param, f"{name}%5B{index}%5D" if param.array_format or composite else name, item, texts)
    elif value is not None:
        yield f"{name}={_escaped(param, value, texts)}"
