"""What can be read instead of called: the docs of every function, and what the API shows under a path of its own.

SCHEME://docs/index              a line for each function; also docs/llms.txt
SCHEME://docs/functions/NAME     its page; docs/schemas/NAME what it takes and gives
SCHEME://api/PATH                what the function that reads this path gives
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import mcp_types as types
from mcp.shared.exceptions import MCPError

from .. import about
from ..functions import FunctionInfo, document, schema_for
from ..functions.schemas import standalone
from .addresses import API, SCHEME, matched, query, readable, wishes
from .excerpt import RESULT, structured
from .options import Options
from .shape import LIMIT
from .text import MARK, encode, unmarked

if TYPE_CHECKING:
    from .calls import Calls
    from .clients import Caller

DOCS = f"{SCHEME}://docs/"
LONGEST = 10 * LIMIT
"""Characters of a document: here is where the rest of a long result is read."""


def listed(options: Options) -> list[types.Resource]:
    """The docs, and the API's resources that need no arguments."""
    resources = [
        _resource("docs/index", "index", "Every function, one per line", "text/plain"),
        _resource("docs/llms.txt", "llms.txt", "Every function by group", "text/plain"),
    ]
    for name, info in options.listed.items():
        resources.append(_resource(f"docs/functions/{name}", name, info.title, "text/markdown"))
        resources.append(_resource(f"docs/schemas/{name}", f"{name} (schema)", info.title, "application/json"))
    for info in readable(options):
        if not info.required:
            resources.append(_resource(f"api{info.path}", info.name, info.title, _media_type(info)))
    return resources


def templates(options: Options) -> list[types.ResourceTemplate]:
    """Templates of the API's resources that are named by arguments, and of filtered lists."""
    return [
        types.ResourceTemplate(
            uri_template=f"{API}{info.path}{query(info)}",
            name=info.name,
            title=info.title,
            description=info.summary,
            mime_type=_media_type(info),
        )
        for info in readable(options)
        if info.required or query(info)
    ]


async def read(uri: str, calls: Calls, caller: Caller) -> types.ReadResourceResult:
    """The contents of a resource. MCPError where there is no such resource, or the API does not give it."""
    if uri.startswith(DOCS):
        media_type, text = _doc(uri, calls.options)
        return _text(uri, media_type, text)
    match = matched(uri, calls.options) if uri.startswith(f"{API}/") else None
    if match is None:
        raise _missing(uri)
    info, arguments = match
    names = wishes(info)
    own = {name: arguments.pop(name) for name in names if name in arguments}
    if info.result_kind == "binary":
        envelope = await calls.envelope(info, arguments, caller)
        if not envelope["success"]:
            raise _refused(envelope)
        data = envelope["data"]
        if envelope["meta"].get("kind", "binary") != "binary" or data is None:
            return _text(uri, "text/plain" if isinstance(data, str) else "application/json", _as_text(data), MARK)
        blob = types.BlobResourceContents(uri=uri, mime_type=data["content_type"], blob=data["data"])
        return types.ReadResourceResult(contents=[blob])
    answer = await calls.wished(info, own, arguments, names, caller, most=LONGEST)
    document = answer.structured_content or {}
    if answer.is_error:
        raise _refused(document)
    if info.result_kind == "text" and isinstance(document.get(RESULT), str):
        return _text(uri, _media_type(info), unmarked(document[RESULT]), MARK)
    return _text(uri, "application/json", encode(document), MARK)


def _as_text(data: Any) -> str:
    return unmarked(data) if isinstance(data, str) else encode(structured(data))


def _resource(path: str, name: str, title: str, media_type: str) -> types.Resource:
    return types.Resource(uri=f"{SCHEME}://{path}", name=name, title=title, mime_type=media_type)


def _media_type(info: FunctionInfo) -> str:
    return info.result_media_type or "application/json"


def _doc(uri: str, options: Options) -> tuple[str, str]:
    """The media type and the text of one of our own pages."""
    path = uri.removeprefix(DOCS)
    if path == "index":
        return "text/plain", document.index(options.listed.values())
    if path == "llms.txt":
        return "text/plain", document.overview(options.listed.values())
    kind, _, name = path.partition("/")
    info = options.listed.get(name)
    if info is not None and kind == "functions":
        return "text/markdown", document.page(info)
    if info is not None and kind == "schemas":
        return "application/json", _schema(info)
    raise _missing(uri)


def _schema(info: FunctionInfo) -> str:
    """The schemas of a function's arguments and result; of a long schema, the outermost types."""
    schema = schema_for(info)
    text = json.dumps(schema, ensure_ascii=False)
    if len(text) <= LONGEST:
        return text
    note = f"Cut: `{about.COMMAND} schema {info.name}` prints it"
    parts = {part: standalone(schema[part], LONGEST // 2, note) for part in ("input_schema", "output_schema")}
    return json.dumps({**schema, **parts}, ensure_ascii=False)


def _missing(uri: str) -> MCPError:
    return MCPError(types.INVALID_PARAMS, f"There is no resource {uri[:200]}", {"uri": uri[:200]})


def _refused(envelope: Mapping[str, Any]) -> MCPError:
    message = f"{encode(envelope['error']['message'])} {MARK}"
    return MCPError(types.INTERNAL_ERROR, message, {"error": envelope["error"]})


def _text(uri: str, media_type: str, *texts: str) -> types.ReadResourceResult:
    return types.ReadResourceResult(
        contents=[types.TextResourceContents(uri=uri, mime_type=media_type, text=text) for text in texts]
    )
