"""How lists go on: what a catalog may say, what it may not, and what a document alone leaves no doubt of."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from plain_ir import plain

from generator import link
from generator.errors import SpecError
from generator.ir import Api, Page
from generator.read import documents

Json = dict[str, Any]
TEXT, COUNT, FLAG = {"type": "string"}, {"type": "integer"}, {"type": "boolean"}
LIST = {"type": "array", "items": {"type": "object", "properties": {"id": TEXT}}}
CATALOG: Json = {
    "catalog": 1,
    "api": {"name": "zoo", "package": "zookit", "client": "Zoo", "title": "Zoo", "version": "1.0.0"},
    "functions": {
        "zoo_list": {"operation": "list", "type": "read", "title": "List", "summary": "Lists.", "page": "way"}
    },
}


def api(
    folder: Path,
    answer: Json,
    query: Json,
    *,
    way: Json | None = None,
    method: str = "get",
    headers: Json | None = None,
) -> Api:
    schema = (
        answer if "type" in answer and isinstance(answer["type"], str) else {"type": "object", "properties": answer}
    )
    response = {"description": ".", "content": {"application/json": {"schema": schema}}, "headers": headers or {}}
    parameters = [{"name": name, "in": "query", "schema": kind} for name, kind in query.items()]
    operation = {"operationId": "list", "parameters": parameters, "responses": {"200": response}}
    document = {"openapi": "3.1.0", "info": {"title": "Zoo", "version": "1"}, "paths": {"/zoo": {method: operation}}}
    (folder / "api.json").write_text(json.dumps(document), "utf-8")
    catalog = None
    if way is not None:
        catalog = folder / "catalog.json"
        catalog.write_text(json.dumps({**CATALOG, "pages": {"way": way}}), "utf-8")
    return link.load(documents.read(folder / "api.json", catalog))


def page(folder: Path, *arguments: Any, **more: Any) -> Page | None:
    return api(folder, *arguments, **more).functions[0].page


NESTED = {"type": "object", "properties": {"items": LIST, "token": TEXT, "count": COUNT}}


@pytest.mark.parametrize(
    ("way", "told"),
    [
        ({"items": "data", "next": "link"}, {"by": "url", "next": "link"}),
        ({"items": "page.items", "by": "cursor", "next": "page.token", "argument": "at"}, {"by": "cursor"}),
        ({"items": "data", "by": "link"}, {"by": "link"}),
        ({"items": "data", "by": "last", "next": "id", "argument": "at"}, {"by": "last", "next": "id"}),
        (
            {"items": "data", "by": "offset", "argument": "n", "total": "page.count"},
            {"first": 0, "total": "page.count"},
        ),
        ({"items": "data", "by": "page", "argument": "n"}, {"first": 1}),
        (
            {"items": "data", "by": "page", "argument": "n", "first": 0, "size": "at", "end": "over"},
            {"first": 0, "end": "over"},
        ),
    ],
)
def test_a_catalog_says_how(way: Json, told: Json, tmp_path: Path) -> None:
    found = page(tmp_path, {"data": LIST, "link": TEXT, "page": NESTED}, {"at": TEXT, "n": COUNT}, way=way)
    assert found is not None and found.item.kind == "model"
    assert {key: getattr(found, key) for key in told} == told


@pytest.mark.parametrize(
    ("way", "told"),
    [
        ({"items": "none", "next": "link"}, "the result has no list 'none'"),
        ({"items": "", "by": "link"}, "the result is not a list"),
        ({"items": "data"}, "pages by url need `next`"),
        ({"items": "data", "by": "cursor", "argument": "at"}, "pages by cursor need `next`"),
        ({"items": "data", "by": "page"}, "pages by page need `argument`"),
        ({"items": "data", "by": "page", "argument": "sate"}, "there is no parameter of the query 'sate'"),
        ({"items": "data", "by": "guess"}, "'guess'"),
    ],
)
def test_what_a_catalog_may_not_say(way: Json, told: str, tmp_path: Path) -> None:
    with pytest.raises(SpecError) as caught:
        api(tmp_path, {"data": LIST, "link": TEXT}, {"at": TEXT, "state": TEXT}, way=way)
    assert told in str(caught.value) and "catalog.json:1:" in str(caught.value)


def test_what_changes_something_is_no_list_of_pages(tmp_path: Path) -> None:
    with pytest.raises(SpecError, match="pages by page need GET, QUERY or POST, and this is PUT"):
        api(tmp_path, {"data": LIST}, {"n": COUNT}, way={"items": "data", "by": "page", "argument": "n"}, method="put")


def held(path: str, kind: Json) -> Json:
    """A field at a dotted path, beside a list."""
    if path.startswith(("@", "odata")):
        return {path: kind}
    *outer, last = path.split(".")
    field: Json = {last: kind}
    for step in reversed(outer):
        field = {step: {"type": "object", "properties": field}}
    return field


def test_the_words_of_published_apis_are_known(tmp_path: Path) -> None:
    """URLs of OData, JSON:API, HAL, Django, DigitalOcean, Facebook and Twilio; tokens of Google, AWS, Slack, Square, Notion,
    Kubernetes, Azure, Relay and HubSpot; what Atlassian, SAP, HubSpot, Zendesk, GitLab and Django call ends and counts.
    """
    urls = "next next_url next_page_url next_page_uri next_link nextLink @odata.nextLink odata.nextLink links.next "
    urls += "links.next.href links.pages.next _links.next _links.next.href paging.next pagination.next "
    urls += "pagination.next_url pagination.next_link next_page.uri"
    rows: list[tuple[Json, Json, Json]] = [(held(url, TEXT), {}, {"by": "url", "next": url}) for url in urls.split()]
    tokens = (
        "nextPageToken/pageToken NextToken/NextToken next_cursor/cursor next_cursor/start_cursor nextCursor/nextCursor "
    )
    tokens += (
        "next_page_cursor/cursor next_page_cursor/page_cursor NextMarker/Marker next/next metadata.continue/continue "
    )
    tokens += "continuationToken/continuationToken pageInfo.endCursor/after paging.next.after/after"
    for token, _, argument in (each.partition("/") for each in tokens.split()):
        rows.append((held(token, TEXT), {argument: TEXT}, {"by": "cursor", "next": token, "argument": argument}))
    for word in ["has_more", "hasMore", "has_next", "has_next_page"]:
        rows.append((held(word, FLAG), {"page": COUNT}, {"by": "page", "more": word}))
    for word in ["isLast", "is_last_page", "lastPageReached"]:
        rows.append((held(word, FLAG), {"page_number": COUNT}, {"by": "page", "end": word}))
    for word in ["total", "totalCount", "total_items", "total_results", "total_elements"]:
        rows.append(
            (held(word, COUNT), {"offset": COUNT, "limit": COUNT}, {"by": "offset", "total": word, "size": "limit"})
        )
    for word in ["totalPages", "page_count", "num_pages", "last_page", "pages"]:
        for current in ["page", "currentPage", "page_number"]:
            answer = {**held(word, COUNT), **held(current, COUNT)}
            rows.append((answer, {"page": COUNT}, {"by": "page", "total": word, "current": current}))
    sizes = {"offset": "limit count", "startAt": "maxResults", "skip": "limit take top"}
    for argument, size in ((argument, size) for argument, words in sizes.items() for size in words.split()):
        rows.append((held("total", COUNT), {argument: COUNT, size: COUNT}, {"argument": argument, "size": size}))
    for size in ["per_page", "page_size", "limit", "max_results"]:
        rows.append((held("next_cursor", TEXT), {"cursor": TEXT, size: COUNT}, {"by": "cursor", "size": size}))
    for argument in ["page", "cursor", "after", "since", "per_page"]:
        rows.append(({}, {argument: TEXT}, {"by": "link"}))
    for number, (answer, query, expected) in enumerate(rows):
        names = ["data", "items", "results", "values", "records", "entries"]
        listed = {names[number % len(names)]: LIST, "others": LIST}  # of two, the one whose name says so
        headers = {"Link": {"schema": TEXT}} if expected.get("by") == "link" else {}
        found = page(tmp_path, {**listed, **answer}, query, headers=headers)
        assert found is not None, (answer, query)
        assert {**{key: getattr(found, key) for key in expected}, "items": found.items} == {
            **expected,
            "items": next(iter(listed)),
        }


@pytest.mark.parametrize(
    ("answer", "query", "headers"),
    [
        (LIST, {"page": COUNT, "per_page": COUNT}, {}),  # nothing says when it ends
        (LIST, {"q": TEXT}, {"Link": {"schema": TEXT}}),  # a link to what?
        ({"a": LIST, "b": LIST, "nextPageToken": TEXT}, {"pageToken": TEXT}, {}),  # of which list?
        ({"items": LIST, "nextPageToken": TEXT}, {}, {}),  # nothing takes it
        ({"items": LIST, "nextPageToken": TEXT, "next_cursor": TEXT}, {"pageToken": TEXT, "cursor": TEXT}, {}),
        ({"data": LIST, "has_more": FLAG}, {"limit": COUNT}, {}),
        ({"data": LIST, "last_id": TEXT}, {"after": TEXT}, {}),  # also there on the last page
        ({"items": LIST, "total": COUNT}, {"page": COUNT}, {}),  # of items or of pages?
        ({"items": LIST}, {"offset": COUNT, "limit": COUNT}, {}),
        ({"data": LIST, "next": COUNT}, {}, {}),
        ({"data": TEXT, "next": TEXT}, {"next": TEXT}, {}),
    ],
)
def test_what_leaves_a_doubt_is_no_page(answer: Json, query: Json, headers: Json, tmp_path: Path) -> None:
    assert page(tmp_path, answer, query, headers=headers) is None


@pytest.mark.parametrize(
    ("answer", "query", "told"),
    [
        # OpenAI's and Anthropic's lists: `after` takes the last id, and `has_more` says whether there is more.
        ({"data": LIST, "first_id": TEXT, "last_id": TEXT, "has_more": FLAG}, {"after": TEXT, "limit": COUNT}, {"by": "cursor", "next": "last_id", "argument": "after", "more": "has_more", "size": "limit"}),
        ({"data": LIST, "last_id": TEXT, "has_more": FLAG}, {"after_id": TEXT}, {"by": "cursor", "next": "last_id", "argument": "after_id", "more": "has_more"}),
        # Zoom's: the argument is called as the token is.
        ({"users": LIST, "next_page_token": TEXT, "page_size": COUNT, "total_records": COUNT}, {"next_page_token": TEXT, "page_size": COUNT}, {"by": "cursor", "next": "next_page_token", "argument": "next_page_token", "size": "page_size"}),
        # Spring Data's Page, whose number begins with 0 (org.springframework.data.domain.Slice, getNumber).
        ({"content": LIST, "number": COUNT, "totalPages": COUNT, "totalElements": COUNT, "last": FLAG}, {"page": COUNT, "size": COUNT}, {"by": "page", "argument": "page", "first": 0, "current": "number", "total": "totalPages", "end": "last"}),
        ({"content": LIST, "number": COUNT, "totalPages": COUNT, "totalElements": COUNT}, {"page": {**COUNT, "minimum": 1}}, {"by": "page", "first": 1, "current": "number"}),
        # HAL (draft-kelly-json-hal, 4.1): the resources in `_embedded`, the page after in `_links`.
        ({"_embedded": {"type": "object", "properties": {"orders": LIST}}, "_links": {"type": "object", "properties": {"next": {"type": "object", "properties": {"href": TEXT}}}}}, {}, {"items": "_embedded.orders", "by": "url", "next": "_links.next.href"}),
    ],
)  # fmt: skip
def test_what_leaves_no_doubt_is_a_page(answer: Json, query: Json, told: Json, tmp_path: Path) -> None:
    found = page(tmp_path, answer, query)
    assert found is not None and {key: getattr(found, key) for key in told} == told


def test_a_token_that_is_called_next_is_no_url(tmp_path: Path) -> None:
    found = page(tmp_path, {"data": LIST, "next": TEXT}, {"next": TEXT})
    assert found is not None and (found.by, found.next, found.argument) == ("cursor", "next", "next")


def test_what_is_recognised_stands_in_the_ledger(tmp_path: Path) -> None:
    found = api(tmp_path, {"items": LIST, "nextPageToken": TEXT}, {"pageToken": TEXT})
    assert [(loss.kind, loss.pointer) for loss in found.losses] == [("kept", "/paths/~1zoo/get")]
    assert found.losses[0].reason.startswith("read as a list of pages: the items are in `items`, `pageToken` takes")


# Looks of pages: what is asked for (in the query, or in a body where it is POST or QUERY), what comes, and how it goes on.
# `name:kind` is a text where no kind stands there; a dot is an object within; `[]` the list.
LOOKS: list[tuple[str, str, str, str, Json | None]] = [
    # a URL in the answer
    *(
        ("GET", "", f"results:[] {name}", "", {"items": "results", "next": name})
        for name in ("next_url", "next_page_url", "next_page_uri", "next_link", "nextLink", "links.next", "paging.next")
    ),
    *(
        ("GET", "", f"value:[] {name}", "", {"items": "value", "next": name})
        for name in ("links.next.href", "_links.next", "_links.next.href", "links.pages.next", "pagination.next")
    ),
    *(
        ("GET", "", f"records:[] {name}", "", {"items": "records", "next": name})
        for name in ("pagination.next_url", "pagination.next_link", "next_page.uri")
    ),
    ("GET", "", "results:[] next previous", "", {"items": "results", "next": "next", "previous": "previous"}),
    ("GET", "", "results:[] next:integer", "", None),
    ("QUERY", "", "results:[] next", "", {"items": "results", "next": "next"}),
    ("DELETE", "", "results:[] next", "", None),
    ("GET", "", "a:[] b:[] next", "", None),  # which is the list?
    ("GET", "", "a:[] data:[] next", "", {"items": "data", "next": "next"}),
    ("GET", "", "items:[] data:[] next", "", None),
    ("GET", "", "meta.rows:[] next", "", None),
    ("GET", "", "_embedded.rows:[] next", "", {"items": "_embedded.rows", "next": "next"}),
    # a token in the answer, which an argument takes
    *(
        ("GET", f"{argument} limit:integer", f"items:[] {token}", "",
         {"items": "items", "next": token, "by": "cursor", "argument": argument, "size": "limit"})
        for argument, token in (
            ("page_token", "next_page_token"), ("nextPageToken", "nextPageToken"), ("NextToken", "NextToken"),
            ("cursor", "next_cursor"), ("start_cursor", "next_cursor"), ("cursor", "next_page_cursor"),
            ("page_cursor", "next_page_cursor"), ("Marker", "NextMarker"), ("next", "next"),
            ("continue", "metadata.continue"), ("continuationToken", "continuationToken"),
            ("after", "page_info.end_cursor"), ("after", "paging.next.after"),
        )
    ),
    ("GET", "cursor", "items:[] next_cursor:boolean", "", None),
    ("GET", "cursor:boolean", "items:[] next_cursor", "", None),
    ("GET", "cursor page_token", "items:[] next_cursor next_page_token", "", None),  # which of the two?
    ("GET", "cursor:integer", "items:[] next_cursor:integer has_more:boolean", "",
     {"items": "items", "next": "next_cursor", "by": "cursor", "argument": "cursor", "more": "has_more"}),
    ("GET", "after_id per_page:integer", "data:[] last_id has_more:boolean", "",
     {"items": "data", "next": "last_id", "by": "cursor", "argument": "after_id", "size": "per_page", "more": "has_more"}),
    ("GET", "after_id", "data:[] last_id", "", None),
    ("POST", "cursor page_size:integer", "items:[] next_cursor", "",
     {"items": "items", "next": "next_cursor", "by": "cursor", "argument": "cursor", "size": "page_size", "location": "body"}),
    ("QUERY", "cursor page_size:integer", "items:[] next_cursor", "",
     {"items": "items", "next": "next_cursor", "by": "cursor", "argument": "cursor", "size": "page_size", "location": "body"}),
    ("POST", "cursor:integer", "items:[] next_cursor:integer", "",
     {"items": "items", "next": "next_cursor", "by": "cursor", "argument": "cursor", "location": "body", "number": True}),
    # the id of the last item
    ("GET", "starting_after limit:integer", "data:[] has_more:boolean", "",
     {"items": "data", "next": "id", "by": "last", "argument": "starting_after", "more": "has_more", "size": "limit"}),
    ("GET", "starting_after", "data:[]", "", None),
    # a header
    ("GET", "page:integer per_page:integer", "[]", "Link", {"items": "", "by": "link", "size": "per_page"}),
    ("GET", "since", "[]", "link", {"items": "", "by": "link"}),
    ("GET", "", "[]", "Link", None),
    ("GET", "page:integer", "[]", "", None),
    # numbers of items
    ("GET", "offset:integer limit:integer", "items:[] total:integer", "",
     {"items": "items", "by": "offset", "argument": "offset", "size": "limit", "total": "total"}),
    ("GET", "startAt:integer maxResults:integer", "values:[] isLast:boolean", "",
     {"items": "values", "by": "offset", "argument": "startAt", "size": "maxResults", "end": "isLast"}),
    *(
        ("GET", f"skip:integer {size}:integer", "items:[] page.total_count:integer", "",
         {"items": "items", "by": "offset", "argument": "skip", "size": size, "total": "page.total_count"})
        for size in ("limit", "take", "top")
    ),
    ("GET", "offset:integer", "items:[] total:integer", "", None),
    ("GET", "offset limit:integer", "items:[] total:integer", "", None),
    ("GET", "offset:integer limit:integer", "items:[] total_items:integer total:integer", "", None),
    # numbers of pages
    *(
        ("GET", "page:integer", f"items:[] {total}:integer", "",
         {"items": "items", "by": "page", "argument": "page", "total": total, "first": 1})
        for total in ("total_pages", "page_count", "num_pages", "last_page", "pages")
    ),
    ("GET", "page_number:integer page_size:integer", "items:[] meta.current_page:integer meta.has_next:boolean", "",
     {"items": "items", "by": "page", "argument": "page_number", "size": "page_size", "first": 1,
      "current": "meta.current_page", "more": "meta.has_next"}),
    ("GET", "page:integer=0", "items:[] total_pages:integer", "",
     {"items": "items", "by": "page", "argument": "page", "total": "total_pages"}),
    ("GET", "page:integer>0", "items:[] total_pages:integer", "",
     {"items": "items", "by": "page", "argument": "page", "total": "total_pages"}),
    ("GET", "page:integer", "content:[] number:integer totalPages:integer totalElements:integer last:boolean", "",
     {"items": "content", "by": "page", "argument": "page", "total": "totalPages", "current": "number", "end": "last"}),
    ("GET", "page:integer>1", "content:[] number:integer totalPages:integer totalElements:integer", "",
     {"items": "content", "by": "page", "argument": "page", "total": "totalPages", "current": "number", "first": 1}),
    ("GET", "page:integer", "items:[]", "", None),
    ("GET", "page:integer", "items:[] last:boolean", "", None),
]  # fmt: skip


def test_every_look_of_a_page(tmp_path: Path) -> None:
    """As the published APIs that page so have it: Stripe, GitHub, HubSpot, Jira, Spring Data, OData, Kubernetes, AWS."""

    def schema(text: str) -> Json:
        if text == "[]":
            return LIST
        whole: Json = {"type": "object", "properties": {}}
        for each in text.split():
            path, _, kind = each.partition(":")
            inner = whole
            *around, last = path.split(".") if not path.startswith("@") else [path]
            for step in around:
                inner = inner["properties"].setdefault(step, {"type": "object", "properties": {}})
            default, least = kind.partition("=")[2], kind.partition(">")[2]
            plain = kind.partition("=")[0].partition(">")[0]
            inner["properties"][last] = LIST if kind == "[]" else {
                "type": plain or "string",
                **({"default": int(default)} if default else {}),
                **({"minimum": int(least)} if least else {}),
            }  # fmt: skip
        return whole

    paths: Json = {}
    for number, (method, asked, answer, header, _) in enumerate(LOOKS):
        content = {"application/json": {"schema": schema(answer)}}
        headers = {header: {"schema": TEXT}} if header else {}
        taken = schema(asked)
        operation: Json = {
            "operationId": f"look_{number}",
            "responses": {"200": {"description": ".", "content": content, "headers": headers}},
        }
        if method in ("POST", "QUERY"):
            operation["requestBody"] = {"content": {"application/json": {"schema": taken}}}
        else:
            operation["parameters"] = [{"name": n, "in": "query", "schema": s} for n, s in taken["properties"].items()]
        paths[f"/look/{number}"] = {method.lower(): operation}
    document = {"openapi": "3.2.0", "info": {"title": "Zoo", "version": "1"}, "paths": paths}
    (tmp_path / "api.json").write_text(json.dumps(document), "utf-8")
    found = link.load(documents.read(tmp_path / "api.json"))
    pages = {each.operation_id: each.page for each in found.functions}
    wrong = []
    for number, (method, asked, answer, _, expected) in enumerate(LOOKS):
        shown = plain(pages[f"look_{number}"])
        if shown is not None:
            assert shown.pop("item")["kind"] == "model"
            shown.setdefault("items", "")
        if shown != expected:
            wrong.append(f"{method} {asked} -> {answer}: {shown}")
    assert not wrong, "\n".join(wrong)
    guessed = {loss.pointer for loss in found.losses if "read as a list of pages" in loss.reason}
    expected_guesses = {f"/paths/~1look~1{n}/{look[0].lower()}" for n, look in enumerate(LOOKS) if look[4] is not None}
    assert guessed == expected_guesses
