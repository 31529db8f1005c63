"""What a call gave, in the protocol's words: structured content and its text twin, links to files, small images."""

from __future__ import annotations

import mimetypes
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from string import punctuation
from typing import Any
from urllib.parse import quote, unquote, urlsplit

import mcp_types as types

from .. import about
from ..functions import FunctionInfo
from ..functions.cursors import Cursor
from ..runtime.secrets import hidden
from .addresses import SCHEME
from .arguments import Own
from .excerpt import excerpt, items_at, pick, structured
from .rest import Rest
from .shape import LIMIT, fit
from .text import MARK, clean, encode, unmarked, visible

LINKED_SINCE, HEARD_SINCE = "2025-06-18", "2025-03-26"
MOST_LINKS, MOST_IMAGES = 20, 4
LONGEST_CURSOR = 4_000
"""Characters: a model has to write it again."""
LARGEST_IMAGE = 1_000_000
"""Bytes: hosts put an image into the conversation whole."""

_PICTURES = {"iVBORw0KGgo": "image/png", "/9j/": "image/jpeg", "R0lGOD": "image/gif", "UklGR": "image/webp"}
"""How pictures begin, in base64: servers and names say what they like."""
_END = types.TextContent(type="text", text=MARK, annotations=types.Annotations(audience=["assistant"]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """A picture to show."""

    data: str
    """Base64."""
    media_type: str


def failed(envelope: Mapping[str, Any]) -> types.CallToolResult:
    """The answer to a failed call: the whole envelope, so that a model can correct its arguments."""
    return _result(fit(clean(dict(envelope), hidden)), is_error=True)


def plain(document: dict[str, Any], rest: str, *, is_error: bool = False) -> types.CallToolResult:
    """The answer with this document; `rest` says how to get the parts left out of it."""
    return _result(fit(document, rest), is_error=is_error)


def _result(
    document: dict[str, Any], extra: tuple[types.ContentBlock, ...] = (), *, is_error: bool = False
) -> types.CallToolResult:
    text = types.TextContent(type="text", text=encode(document))
    return types.CallToolResult(content=[text, *extra, _END], structured_content=document, is_error=is_error)


def succeeded(
    info: FunctionInfo,
    data: Any,
    own: Own,
    hide: Callable[[str], str],
    rest: Rest,
    *,
    link: str = "",
    most: int = LIMIT,
    images: tuple[Image, ...] = (),
    kind: str = "",
    notes: Sequence[Mapping[str, str]] = (),
    following: str = "",
    ended: bool = False,
) -> types.CallToolResult:
    """The answer to a call that went well; `link` is where a file's bytes can be read, `most` the characters of it.

    kind: that of the result, where it is not the function's. notes: what is to be said of its arguments, which stands
       beside the result. following: the cursor of the next page, where the result does not hold it.
    ended: the page is the last one, whatever it names as the next: itself, say. That is not shown.
    """
    kind = kind or info.result_kind
    if kind == "binary" and data is not None and not own.dry_run:
        return _file(data, link)
    document = structured(data)
    if ended and info.page:
        document = _without(document, info.page["next"])
    document = clean(document, hide)
    shown = tuple(types.ImageContent(type="image", data=each.data, mime_type=each.media_type) for each in images)
    links = () if own.dry_run else tuple(_links(info, document))
    blocks = tuple(types.TextContent(type="text", text=f"note: {each['at']}: {each['note']}") for each in notes)
    short = shortened(info, document, own, rest, most)
    if following:
        short = {**short, "next_page" if "next" in short else "next": clean(_onward(info, following, rest), hide)}
    return _result(short, (*blocks, *links, *shown))


def _without(document: dict[str, Any], path: str) -> dict[str, Any]:
    """The document without the value at a dotted path."""
    name, _, inside = (path, "", "") if path in document else path.partition(".")
    if not inside:
        return {key: item for key, item in document.items() if key != name}
    inner = document.get(name)
    return {**document, name: _without(inner, inside)} if isinstance(inner, dict) else document


def _onward(info: FunctionInfo, url: str, rest: Rest) -> Any:
    """How to request the next page: by the cursor, or by the API's own argument if that has the name."""
    page = info.page or {}
    if "cursor" in rest.names or not page.get("name"):
        return url if len(url) <= LONGEST_CURSOR else None
    from ..runtime.following import argument

    value = argument(url, page["argument"], page.get("location", "query"))
    number = page.get("number") or page["by"] in ("offset", "page")
    return {page["name"]: int(value) if number and value.isdigit() else value}


def shortened(info: FunctionInfo, document: dict[str, Any], own: Own, rest: Rest, most: int = LIMIT) -> dict[str, Any]:
    """The requested part of a result, as much of it as fits, and the position to continue at."""
    listed = items_at(info.page, document)
    cursor = Cursor.read(own.cursor)
    total = len(document[listed]) if listed else 0
    part = pick(excerpt(document, listed, cursor.item, own.limit), own.fields, listed)
    short = fit(part, str(rest), most)
    end = cursor.item + len(short.get(listed) or ()) if listed else 0
    if end < total:
        note = short.get("truncated") or {"reason": "`limit` items were asked for", "rest": str(rest)}
        if "cursor" in rest.names:
            further = str(Cursor(cursor.url, end))
            note = {**note, "rest": f"continue with the argument cursor={further}", "cursor": further}
        short = {**short, "truncated": note}
    return short


def spelled(answer: types.CallToolResult, revision: str) -> types.CallToolResult:
    """The answer as hosts of a revision of the protocol read it: before links were content, they are lines of text, and
    before sound was, it is a file."""
    if revision >= LINKED_SINCE:
        return answer
    return answer.model_copy(update={"content": [_older(each, revision) for each in answer.content]})


def _older(block: types.ContentBlock, revision: str) -> types.ContentBlock:
    if block.type == "resource_link":
        return types.TextContent(type="text", text=f"{block.name}: {block.uri}")
    if block.type == "audio" and revision < HEARD_SINCE:
        blob = types.BlobResourceContents(uri=f"{SCHEME}://result", mime_type=block.mime_type, blob=block.data)
        return types.EmbeddedResource(type="resource", resource=blob)
    return block


def _file(data: dict[str, Any], link: str) -> types.CallToolResult:
    """Bytes are given whole or not at all, as what hosts show them as: half of them is a broken file."""
    kind, size = data["content_type"], data["size"]
    linked = types.ResourceLink(type="resource_link", uri=link, name="content", mime_type=kind, size=size)
    extra: tuple[types.ContentBlock, ...] = (linked,) if link else ()
    if size > LARGEST_IMAGE:
        note = {
            "reason": "the file is too long for a result",
            "left_out": [{"at": "/data", "unit": "bytes", "kept": 0, "of": size}],
            "rest": f"read the linked resource; the command `{about.COMMAND}` writes it to a file",
        }
        return _result({**data, "data": None, "truncated": note}, extra)
    if picture := picture_type(data["data"]):
        image = types.ImageContent(type="image", data=data["data"], mime_type=picture)
        return _result({**data, "data": None}, (image,))
    if kind.startswith("audio/"):
        audio = types.AudioContent(type="audio", data=data["data"], mime_type=kind)
        return _result({**data, "data": None}, (audio,))
    blob = types.BlobResourceContents(uri=link or f"{SCHEME}://result", mime_type=kind, blob=data["data"])
    embedded = types.EmbeddedResource(type="resource", resource=blob)
    # In the text as well where it is short: not every host shows its model what is embedded.
    return _result(data if len(encode(data)) <= LIMIT else {**data, "data": None}, (*extra, embedded))


def _links(info: FunctionInfo, document: dict[str, Any]) -> Iterator[types.ResourceLink]:
    for number, url in enumerate(output_files(info, document)):
        if number == MOST_LINKS:
            return
        name = unmarked(" ".join(visible(unquote(urlsplit(url).path.rpartition("/")[2])).split())) or "output"
        uri = quote(url, safe=punctuation)  # as it is, but for what belongs into no URL
        yield types.ResourceLink(type="resource_link", uri=uri, name=name[:100], mime_type=media_type(url))


def output_files(info: FunctionInfo, document: Any) -> list[str]:
    """The URLs of files that a result holds where its function says they are, each once."""
    urls: dict[str, None] = {}
    for path in info.files_out:
        value = document
        for step in path.split(".") if path else ():
            value = value.get(step) if isinstance(value, dict) else None
        urls.update(dict.fromkeys(_urls(value)))
    return list(urls)


def _urls(value: Any) -> Iterator[str]:
    if isinstance(value, str) and value.startswith(("https://", "http://")) and " " not in value:
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from _urls(item)
    elif isinstance(value, list):
        for item in value:
            yield from _urls(item)


def picture_type(data: str) -> str:
    """The media type of a picture in base64, by its first bytes; empty if hosts cannot show it."""
    return next((kind for start, kind in _PICTURES.items() if data.startswith(start)), "")


def media_type(url: str) -> str | None:
    """The media type of the extension of a URL's path."""
    return mimetypes.guess_type(urlsplit(url).path)[0]
