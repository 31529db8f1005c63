"""An API whose lists go on in every way that APIs in use have: its document, and a server of it that shares no code with ours.

Each list holds the same seven items and gives three a page. The ways are those of the APIs they are named after, as
their references tell them.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

ITEMS = [{"id": f"i{n}", "name": f"Item {n} & more"} for n in range(7)]
SIZE = 3
TOKEN = "paged_token_of_these_tests"

Query = Mapping[str, Any]
"""The query of a GET, or that and the fields of the body of a POST: texts, and numbers of JSON."""
Answer = tuple[Any, dict[str, str]]


def _cut(start: int) -> tuple[list[Any], bool]:
    return ITEMS[start : start + SIZE], start + SIZE < len(ITEMS)


def _github(query: Query, here: str) -> Answer:
    page = int(query.get("page", "1"))
    items, more = _cut((page - 1) * SIZE)
    # GitHub names repositories by number in its links, whatever they were asked for by.
    links = [f'<{here}/repositories/17/issues?page=1>; rel="first"']
    links += (
        [f'<{here}/repositories/17/issues?page={page + 1}>; title="a, b; \\"c\\""; rel="last next"'] if more else []
    )
    return items, {"Link": ", ".join(links)}


def _stripe(query: Query, here: str) -> Answer:
    ids = [item["id"] for item in ITEMS]
    items, more = _cut(ids.index(query["starting_after"]) + 1 if "starting_after" in query else 0)
    return {"object": "list", "data": items, "has_more": more}, {}


def _token(query: Query, name: str) -> tuple[list[Any], str]:
    start = int(query[name].removeprefix("t/+")) if query.get(name) else 0
    items, more = _cut(start)
    return items, f"t/+{start + SIZE}" if more else ""


def _kubernetes(query: Query, here: str) -> Answer:
    items, token = _token(query, "continue")
    return {"kind": "List", "metadata": {"continue": token, "resourceVersion": "1"}, "items": items}, {}


def _google(query: Query, here: str) -> Answer:
    items, token = _token(query, "pageToken")
    return {"files": items} | ({"nextPageToken": token} if token else {}), {}


def _slack(query: Query, here: str) -> Answer:
    items, token = _token(query, "cursor")
    return {"ok": True, "channels": items, "response_metadata": {"next_cursor": token}}, {}


def _hubspot(query: Query, here: str) -> Answer:
    items, token = _token(query, "after")
    return {"results": items} | ({"paging": {"next": {"after": token}}} if token else {}), {}


def _twilio(query: Query, here: str) -> Answer:
    page = int(query.get("Page", "0"))
    items, more = _cut(page * SIZE)
    uri = f"{urlsplit(here).path}/twilio/messages?Page={page + 1}" if more else None
    return {"messages": items, "next_page_uri": uri, "page_size": SIZE}, {}


def _microsoft(query: Query, here: str) -> Answer:
    items, token = _token(query, "$skiptoken")
    link = f"{here}/microsoft/users?$skiptoken={quote(token)}"
    return {"value": items} | ({"@odata.nextLink": link} if token else {}), {}


def _digitalocean(query: Query, here: str) -> Answer:
    page = int(query.get("page", "1"))
    items, more = _cut((page - 1) * SIZE)
    links = {"pages": {"next": f"{here}/digitalocean/droplets?page={page + 1}"}} if more else {}
    return {"droplets": items, "links": links, "meta": {"total": len(ITEMS)}}, {}


def _atlassian(query: Query, here: str) -> Answer:
    start = int(query.get("startAt", "0"))
    return {"startAt": start, "maxResults": SIZE, "total": len(ITEMS), "issues": _cut(start)[0]}, {}


def _last(query: Query, here: str) -> Answer:
    start = int(query.get("startAt", "0"))
    items, more = _cut(start)
    return {"startAt": start, "isLast": not more, "values": items}, {}


def _numbered(query: Query, here: str) -> Answer:
    page = int(query.get("page", "1"))
    return {"users": _cut((page - 1) * SIZE)[0], "page": page, "total_pages": 3}, {}


def _spring(query: Query, here: str) -> Answer:
    page = int(query.get("page", "0"))
    items, more = _cut(page * SIZE)
    return {"content": items, "number": page, "totalPages": 3, "totalElements": len(ITEMS), "last": not more}, {}


def _hal(query: Query, here: str) -> Answer:
    page = int(query.get("page", "1"))
    items, more = _cut((page - 1) * SIZE)
    onward = {"next": {"href": f"/v1/hal/orders?page={page + 1}&filter=a%26b"}} if more else {}
    return {"_embedded": {"orders": items}, "_links": onward}, {}


def _has_more(query: Query, here: str) -> Answer:
    items, more = _cut((int(query.get("page", "1")) - 1) * SIZE)
    return {"items": items, "has_more": more}, {}


def _notion(query: Query, here: str) -> Answer:
    items, token = _token(query, "start_cursor")
    return {"object": "list", "results": items, "has_more": bool(token), "next_cursor": token or None}, {}


def _searched(query: Query, here: str) -> Answer:
    """HubSpot's search: the token of the result goes into the body."""
    items, token = _token(query, "after")
    return {"total": len(ITEMS), "results": items} | ({"paging": {"next": {"after": token}}} if token else {}), {}


def _whole(query: Query, name: str, first: int) -> int:
    """A number of a JSON body, which is no text."""
    number = query.get(name, first)
    assert type(number) is int, f"{name} is {number!r}"
    return number


def _numbered_body(query: Query, here: str) -> Answer:
    return {"users": _cut((_whole(query, "page", 1) - 1) * SIZE)[0], "total_pages": 3}, {}


def _counted_body(query: Query, here: str) -> Answer:
    start = _whole(query, "offset", 0)
    return {"logs": _cut(start)[0], "total": len(ITEMS)}, {}


def _integer_token(query: Query, here: str) -> Answer:
    start = _whole(query, "cursor", 0)
    items, more = _cut(start)
    return {"rows": items} | ({"next_cursor": start + SIZE} if more else {}), {}


def _form(query: Query, here: str) -> Answer:
    items, token = _token(query, "page_token")
    return {"rows": items, "next_page_token": token}, {}


POSTED: dict[str, Callable[[Query, str], Answer]] = {
    "/notion/search": _notion,
    "/hubspot/search": _searched,
    "/users/search": _numbered_body,
    "/logs/search": _counted_body,
    "/rows/search": _integer_token,
    "/form/search": _form,
}
"""Searches that are asked for with a body, which says which page it is."""

WAYS: dict[str, Callable[[Query, str], Answer]] = {
    "/github/issues": _github,
    "/stripe/charges": _stripe,
    "/kubernetes/pods": _kubernetes,
    "/google/files": _google,
    "/slack/channels": _slack,
    "/hubspot/contacts": _hubspot,
    "/twilio/messages": _twilio,
    "/microsoft/users": _microsoft,
    "/digitalocean/droplets": _digitalocean,
    "/atlassian/issues": _atlassian,
    "/confluence/pages": _last,
    "/rails/users": _numbered,
    "/spring/orders": _spring,
    "/gitea/hooks": _has_more,
    "/hal/orders": _hal,
    **POSTED,
}
LISTS = tuple(path[1:].replace("/", "_") for path in WAYS)
"""The operations, each a list."""


def _loop(query: Query, here: str) -> Answer:
    return {"items": ITEMS[:1], "nextPageToken": "same"}, {}


def _round(query: Query, here: str) -> Answer:
    """Tokens that lead round: the second leads back to the first."""
    return {"items": ITEMS[:1], "nextPageToken": "b" if query.get("pageToken") == "a" else "a"}, {}


def _itself(query: Query, here: str) -> Answer:
    """The last page names itself, by its path alone."""
    page = int(query.get("page", "1"))
    onward = f"/v1/bad/itself?page={min(page + 1, 2)}"
    return {"items": ITEMS[:4] if page == 1 else ITEMS[4:], "next": onward}, {}


def _beyond(query: Query, here: str) -> Answer:
    """What follows the last page is empty, and leads back to the first link."""
    page = int(query.get("page", "1"))
    return {
        "items": {1: ITEMS[:4], 2: ITEMS[4:]}.get(page, []),
        "next": f"{here}/bad/beyond?page={page + 1 if page < 3 else 2}",
    }, {}


def _elsewhere(query: Query, here: str) -> Answer:
    return ITEMS[:1], {"Link": '<https://elsewhere.invalid/x>; rel="next"'}


def _endless(query: Query, here: str) -> Answer:
    return {"items": [], "nextPageToken": str(int(query.get("pageToken", "0")) + 1)}, {}


def _circle(query: Query, here: str) -> Answer:
    """Links that lead round: page 2 is followed by page 1."""
    page = int(query.get("page", "1"))
    return [ITEMS[page - 1]], {"Link": f'<{here}/bad/circle?page={3 - page}>; rel="next"'}


BAD = {
    "/bad/loop": _loop,
    "/bad/round": _round,
    "/bad/itself": _itself,
    "/bad/beyond": _beyond,
    "/bad/elsewhere": _elsewhere,
    "/bad/endless": _endless,
    "/bad/circle": _circle,
}

_ITEM = {"$ref": "#/components/schemas/Item"}
_TEXT, _WHOLE, _FLAG = {"type": "string"}, {"type": "integer"}, {"type": "boolean"}


def _listed(name: str, **more: Any) -> dict[str, Any]:
    return {"type": "object", "properties": {name: {"type": "array", "items": _ITEM}, **more}}


def _object(**fields: Any) -> dict[str, Any]:
    return {"type": "object", "properties": fields}


_ARRAY = {"type": "array", "items": _ITEM}
_LINK = {"Link": {"schema": _TEXT}}
_SHAPES: dict[str, tuple[dict[str, Any], dict[str, Any], dict[str, Any]]] = {
    "/github/issues": (_ARRAY, {"page": _WHOLE, "per_page": _WHOLE}, _LINK),
    "/stripe/charges": (_listed("data", object=_TEXT, has_more=_FLAG), {"limit": _WHOLE, "starting_after": _TEXT, "ending_before": _TEXT}, {}),
    "/kubernetes/pods": (_listed("items", kind=_TEXT, metadata=_object(**{"continue": _TEXT, "resourceVersion": _TEXT})), {"continue": _TEXT, "limit": _WHOLE}, {}),
    "/google/files": (_listed("files", nextPageToken=_TEXT), {"pageToken": _TEXT, "pageSize": _WHOLE}, {}),
    "/slack/channels": (_listed("channels", ok=_FLAG, response_metadata=_object(next_cursor=_TEXT)), {"cursor": _TEXT, "limit": _WHOLE}, {}),
    "/hubspot/contacts": (_listed("results", paging=_object(next=_object(after=_TEXT, link=_TEXT))), {"after": _TEXT, "limit": _WHOLE}, {}),
    "/twilio/messages": (_listed("messages", next_page_uri={"type": ["string", "null"]}, page_size=_WHOLE), {"PageSize": _WHOLE, "Page": _WHOLE}, {}),
    "/microsoft/users": (_listed("value", **{"@odata.nextLink": _TEXT}), {"$top": _WHOLE}, {}),
    "/digitalocean/droplets": (_listed("droplets", links=_object(pages=_object(next=_TEXT)), meta=_object(total=_WHOLE)), {"page": _WHOLE}, {}),
    "/atlassian/issues": (_listed("issues", startAt=_WHOLE, maxResults=_WHOLE, total=_WHOLE), {"startAt": _WHOLE, "maxResults": _WHOLE}, {}),
    "/confluence/pages": (_listed("values", startAt=_WHOLE, isLast=_FLAG), {"startAt": _WHOLE, "maxResults": _WHOLE}, {}),
    "/rails/users": (_listed("users", page=_WHOLE, total_pages=_WHOLE), {"page": _WHOLE, "per_page": _WHOLE}, {}),
    "/spring/orders": (_listed("content", number=_WHOLE, totalPages=_WHOLE, totalElements=_WHOLE, last=_FLAG), {"page": _WHOLE, "size": _WHOLE}, {}),
    "/hal/orders": (_object(_embedded=_listed("orders"), _links=_object(next=_object(href=_TEXT))), {"page": _WHOLE}, {}),
    "/gitea/hooks": (_listed("items", has_more=_FLAG), {"page": _WHOLE, "limit": _WHOLE}, {}),
    "/bad/circle": (_ARRAY, {"page": _WHOLE}, _LINK),
    "/notion/search": (_listed("results", object=_TEXT, has_more=_FLAG, next_cursor={"type": ["string", "null"]}), {"start_cursor": _TEXT, "page_size": _WHOLE}, {}),
    "/hubspot/search": (_listed("results", total=_WHOLE, paging=_object(next=_object(after=_TEXT))), {"after": _TEXT, "limit": _WHOLE}, {}),
    "/users/search": (_listed("users", total_pages=_WHOLE), {"page": _WHOLE, "per_page": _WHOLE}, {}),
    "/logs/search": (_listed("logs", total=_WHOLE), {"offset": _WHOLE, "limit": _WHOLE}, {}),
    "/rows/search": (_listed("rows", next_cursor=_WHOLE), {"cursor": _WHOLE}, {}),
    "/form/search": (_listed("rows", next_page_token=_TEXT), {"page_token": _TEXT}, {}),
    "/bad/loop": (_listed("items", nextPageToken=_TEXT), {"pageToken": _TEXT}, {}),
    "/bad/round": (_listed("items", nextPageToken=_TEXT), {"pageToken": _TEXT}, {}),
    "/bad/itself": (_listed("items", next=_TEXT), {"page": _WHOLE}, {}),
    "/bad/beyond": (_listed("items", next=_TEXT), {"page": _WHOLE}, {}),
    "/bad/elsewhere": (_ARRAY, {"page": _WHOLE}, _LINK),
    "/bad/endless": (_listed("items", nextPageToken=_TEXT), {"pageToken": _TEXT}, {}),
}  # fmt: skip


def _full(answer: Any) -> Any:
    """An answer with all the items in its list."""
    if isinstance(answer, list):
        return ITEMS
    inner = {key: _full(value) for key, value in answer.items() if key == "_embedded"}
    return {key: ITEMS if isinstance(value, list) else value for key, value in answer.items()} | inner


def document() -> dict[str, Any]:
    """The API as OpenAPI. The credential stands in the query, where a next page's URL would give it away."""
    paths = {}
    for path, (schema, query, headers) in _SHAPES.items():
        listed = [] if path in POSTED else [{"name": n, "in": "query", "schema": kind} for n, kind in query.items()]
        listed.append({"name": "Api-Version", "in": "header", "schema": _TEXT})
        listed.append({"name": "filter", "in": "query", "schema": _TEXT})
        content: dict[str, Any] = {"schema": schema}
        if path in WAYS:
            content["example"] = _full(WAYS[path]({}, "https://paged.invalid/v1")[0])
        answer = {"description": "A page.", "headers": headers, "content": {"application/json": content}}
        operation = {
            "operationId": "list_" + path[1:].replace("/", "_"),
            "parameters": listed,
            "responses": {"200": answer},
        }
        if path in POSTED:
            media = "application/x-www-form-urlencoded" if path.startswith("/form") else "application/json"
            body = {"type": "object", "properties": {"text": _TEXT, **query}}
            operation["requestBody"] = {"content": {media: {"schema": body}}}
        paths[path] = {"post" if path in POSTED else "get": operation}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Paged", "version": "1"},
        "servers": [{"url": "https://paged.invalid/v1"}],
        "security": [{"key": []}],
        "paths": paths,
        "components": {
            "schemas": {"Item": _object(id=_TEXT, name=_TEXT)},
            "securitySchemes": {"key": {"type": "apiKey", "in": "query", "name": "key"}},
        },
    }


class Paged:
    """The server's side: what was asked for."""

    def __init__(self) -> None:
        self.base_url = ""
        self.asked: list[tuple[str, dict[str, Any], str]] = []
        """The path, the query without the credential, with the fields of a body, and the header Api-Version of each."""
        self.unauthorized = 0


@contextmanager
def paged() -> Iterator[Paged]:
    """The API on the loopback interface."""
    seen = Paged()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            form = self.headers.get("Content-Type", "") == "application/x-www-form-urlencoded"
            self.answer(dict(parse_qsl(body.decode())) if form else json.loads(body or b"{}"), POSTED)

        def do_GET(self) -> None:
            linked = {**BAD, "/repositories/17/issues": _github}
            self.answer({}, {**linked, **{path: handler for path, handler in WAYS.items() if path not in POSTED}})

        def answer(self, body: dict[str, Any], ways: Mapping[str, Callable[[Query, str], Answer]]) -> None:
            parts = urlsplit(self.path)
            query: dict[str, Any] = dict(parse_qsl(parts.query, keep_blank_values=True))
            seen.unauthorized += query.pop("key", "") != TOKEN
            query |= body
            path = parts.path.removeprefix("/v1")
            seen.asked.append((path, query, self.headers.get("Api-Version", "")))
            handler = ways.get(path)
            value, headers = handler(query, seen.base_url) if handler else ({"title": "nothing here"}, {})
            body = json.dumps(value).encode()
            self.send_response(200 if handler else 404)
            for name, text in {"Content-Type": "application/json", "Content-Length": str(len(body)), **headers}.items():
                self.send_header(name, text)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        seen.base_url = f"http://127.0.0.1:{server.server_port}/v1"
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield seen
        server.shutdown()
