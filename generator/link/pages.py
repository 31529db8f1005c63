"""How lists go on: as the catalog says, or as a document without one leaves no doubt of. What is recognised is a guess,
and stands in the ledger as one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from ..errors import Finding
from ..ir import Body, Page, Param, Response, Result, Type, Words
from ..names import words
from ..read.catalog_model import FunctionEntry, PageEntry
from ..read.openapi import Operation
from ..read.vendor_extensions import Wish
from .context import Context

_FIRST = {"page": 1}
"""The number that is first, where it is not 0."""
_NEEDS = {
    "url": ("next",),
    "link": (),
    "cursor": ("next", "argument"),
    "last": ("next", "argument"),
    "offset": ("argument",),
    "page": ("argument",),
}
"""What a behaviour must say."""
_URLS = (
    "next", "next_url", "next_page_url", "next_page_uri", "next_link", "nextLink", "@odata.nextLink", "odata.nextLink",
    "links.next", "links.next.href", "links.pages.next", "_links.next", "_links.next.href", "paging.next",
    "pagination.next", "pagination.next_url", "pagination.next_link", "next_page.uri",
)  # fmt: skip
_TOKENS: dict[Words, tuple[str, ...]] = {
    ("next", "page", "token"): ("page_token", "next_page_token"),
    ("next", "token"): ("next_token",),
    ("next", "cursor"): ("cursor", "start_cursor", "next_cursor"),
    ("next", "page", "cursor"): ("cursor", "page_cursor", "next_page_cursor"),
    ("next", "marker"): ("marker", "next_marker"),
    ("next",): ("next",),
    ("continue",): ("continue",),
    ("continuation", "token"): ("continuation_token",),
    ("end", "cursor"): ("after",),
}
"""The words of a token in a result, and of the parameters that take it."""
_LAST: dict[Words, tuple[str, ...]] = {("last", "id"): ("after", "after_id")}
"""The same of what is there on the last page too, so that something else has to say which that is."""
_NESTED: dict[tuple[Words, Words], tuple[str, ...]] = {(("next",), ("after",)): ("after",)}
"""The same of a token in an object of its own, such as HubSpot's `paging.next.after`."""
_MORE = ("has_more", "has_next", "has_next_page")
_END = ("is_last", "is_last_page", "last_page_reached")
_TOTAL = ("total", "total_count", "total_items", "total_results", "total_elements")
_PAGES = ("total_pages", "page_count", "num_pages", "last_page", "pages")
_COUNTED_FROM_0 = ({"number", "totalPages", "totalElements"}, "number", "last")
"""Fields of Spring Data's Page, the one that is the page's number, and the one that is true of the last."""
_EMBEDDED = "_embedded."
"""Where HAL has what is in a list."""
_CURRENT = ("page", "current_page", "page_number")
_OFFSETS = {"offset": ("limit", "count"), "start_at": ("max_results",), "skip": ("limit", "take", "top")}
"""Parameters that count items, each with those for the items of a page that may stand beside it."""
_SIZES = ("per_page", "page_size", "limit", "max_results")
_LISTS = ("data", "items", "results", "values", "records", "entries")
"""What the list is called where a result has several."""
_ASKING = ("POST", "QUERY")
"""Methods with a body that asks for something."""
_DEEPEST = 3
"""Objects inside each other that are looked into for a token."""


@dataclass(frozen=True)
class _Look:
    """What there is to recognise a page by."""

    fields: dict[str, Type]
    """The fields of the result by their dotted paths, those of objects in it included."""
    items: str
    item: Type
    queries: dict[str, Param]
    """The parameters of the query, or the fields of the body of a search, by the words of their names."""
    linked: bool
    """Whether a `Link` header is promised."""

    def field(self, names: tuple[str, ...], kinds: tuple[str, ...]) -> str:
        """The path of the field with one of these names; empty where there is none, or more than one."""
        results = [path for name in names for path, each in self._by_name.get(name, ()) if each.kind in kinds]
        return results[0] if len(results) == 1 else ""

    @cached_property
    def _by_name(self) -> dict[str, list[tuple[str, Type]]]:
        """The fields by the last part of their paths: each is asked for under dozens of names."""
        result: dict[str, list[tuple[str, Type]]] = {}
        for path, each in self.fields.items():
            result.setdefault(_last(path), []).append((path, each))
        return result

    def query(self, names: tuple[str, ...], kinds: tuple[str, ...]) -> str:
        """The argument with one of these names, as it is written on the wire."""
        results = (self.queries[name] for name in names if name in self.queries)
        return next((param.wire_name for param in results if param.type.kind in kinds), "")


def page(
    context: Context,
    function_entry: FunctionEntry | None,
    operation: Operation,
    result: Result,
    params: tuple[Param, ...],
    responses: tuple[Response, ...],
    body: Body | None = None,
    reads: bool = True,
) -> Page | None:
    """How a function's list goes on, as the catalog says or, where it does not, as the document looks.

    reads: it changes nothing, as a POST that searches.
    """
    if function_entry is not None and function_entry.page is not None:
        if not function_entry.page:
            return None
        before = len(context.findings)
        outcome = _declared(context, function_entry, operation, result, params, body)
        if not isinstance(function_entry.node("page"), Wish):
            return outcome
        # An x- extension of the document is a wish: what of it cannot be is a loss, and no mistake of the user's.
        wrong = context.findings[before:]
        del context.findings[before:]
        for each in wrong:
            context.lose(function_entry.node("page"), "degraded", f"the extension is ignored: {each.what}")
        if outcome is not None:
            return outcome
    if result.kind != "json":
        return None
    queries = {"_".join(words(p.wire_name)): p for p in params if p.location == "query"}
    outcome = None
    if operation.method in ("GET", "QUERY"):
        outcome = _recognised(_look(context, result, queries, responses), operation.method)
    if outcome is None and operation.method in _ASKING:
        fields = {"_".join(words(p.wire_name)): p for p in _fields_sent(params, body)}
        outcome = _searching(_look(context, result, fields, responses), reads)
    if outcome is not None:
        context.lose(
            operation.at, "kept", f"read as a list of pages: {described(outcome)}; a catalog can override this"
        )
    return outcome


def _fields_sent(params: tuple[Param, ...], body: Body | None) -> list[Param]:
    """The fields of a body in which the place of a page can be written."""
    if body is None or body.kind not in ("json", "form"):
        return []
    return [param for param in params if param.location == "field" and not param.rest]


def described(page: Page) -> str:
    """Where the items are and how the next page is found, in a few words."""
    items = f"the items are in `{page.items}`" if page.items else "the result is the items"
    how = {
        "url": f"the next page's URL is in `{page.next}`",
        "link": "the next page's URL is in the header Link",
        "cursor": f"`{page.argument}` takes `{page.next}`",
        "last": f"`{page.argument}` takes `{page.next}` of the last item",
        "offset": f"`{page.argument}` takes the number of items so far",
        "page": f"`{page.argument}` takes the number of the page",
    }
    return f"{items}, {how[page.by]}"


def _declared(
    context: Context,
    function_entry: FunctionEntry,
    operation: Operation,
    result: Result,
    params: tuple[Param, ...],
    body: Body | None,
) -> Page | None:
    behaviour, how = function_entry.node("page"), function_entry.page
    if isinstance(how, str):
        known = context.catalog.pages if context.catalog else {}
        if how not in known:
            context.unknown(behaviour, "page behaviour", how, known)
            return None
        how = known[how]
    assert how is not None, "it is there"
    whole = result.type if result.type else None
    if how.items:
        model = context.schemas.models.get(whole.model) if whole else None
        field = _step(context, model.key if model else "", how.items)
    else:
        field = whole
    listed = context.schemas.opened(field) if field else None
    if listed is None or listed.items is None:
        what = f"the result has no list {how.items!r}" if how.items else "the result is not a list"
        context.findings.append(Finding(behaviour.place, what, "remove `page`, or correct the behaviour"))
        return None
    taken: Param | None = None
    if how.argument and how.by not in ("url", "link"):
        fields = {p.wire_name: p for p in _fields_sent(params, body)}
        queries = {p.wire_name: p for p in params if p.location == "query"}
        taken = queries.get(how.argument) or fields.get(how.argument)
        if taken is None:
            kind = "parameter of the query" + " or field of the body" * bool(fields)
            context.unknown(behaviour, kind, how.argument, {**fields, **queries})
            return None
        if operation.method != "GET" and operation.method not in _ASKING:
            what = f"pages by {how.by} need GET, QUERY or POST, and this is {operation.method}"
            context.findings.append(Finding(behaviour.place, what, "remove `page`"))
            return None
    missing = [key for key in _NEEDS[how.by] if not getattr(how, key)]
    if missing:
        hint = f"add `{missing[0]}` to " + (
            f"the behaviour {function_entry.page!r}" if isinstance(function_entry.page, str) else "`page`"
        )
        context.findings.append(Finding(how.at.place, f"pages by {how.by} need `{missing[0]}`", hint))
        return None
    return _made(how, listed.items, taken)


def _made(how: PageEntry, item: Type, taken: Param | None) -> Page:
    plain = {key: getattr(how, key) for key in ("items", "next", "previous", "argument", "size", "more", "end")}
    first = _FIRST.get(how.by, 0) if how.first is None else how.first
    more = {"by": how.by, "total": how.total, "current": how.current, "first": first, **_place(taken)}
    return Page(**plain, item=item, **more)  # type: ignore[arg-type]


def _place(taken: Param | None) -> dict[str, object]:
    """Where the argument of a page is."""
    if taken is None or taken.location != "field":
        return {}
    return {"location": "body", "number": taken.type.kind in ("integer", "number")}


def _step(context: Context, model: str, path: str) -> Type | None:
    """The type of what stands at a dotted path below a model."""
    result = None
    for step in path.split("."):
        fields = context.schemas.models[model].fields if model in context.schemas.models else ()
        result = next((f.type for f in fields if f.wire_name == step), None)
        model = context.schemas.opened(result).model if result else ""
    return result


def _look(context: Context, result: Result, queries: dict[str, Param], responses: tuple[Response, ...]) -> _Look | None:
    """What a function gives and takes; None where it gives no list, or several that could be the one."""
    whole = context.schemas.opened(result.type) if result.type else None
    if whole is None:
        return None
    linked = any(header.name.lower() == "link" for r in responses if r.status.startswith("2") for header in r.headers)
    if whole.kind == "array" and whole.items is not None:
        return _Look({}, "", whole.items, queries, linked)
    model = context.schemas.models.get(whole.model)
    if model is None:
        return None
    fields = dict(_fields(context, model.key, "", ()))
    every = {name: each for name, each in fields.items() if each.kind == "array" and each.items}
    lists = {name: each for name, each in every.items() if "." not in name} or {
        name: each for name, each in every.items() if "." not in name.removeprefix(_EMBEDDED)
    }
    named = [name for name in _LISTS if name in lists]
    chosen = next(iter(lists), "") if len(lists) == 1 else named[0] if len(named) == 1 else ""
    if not chosen or lists[chosen].items is None:
        return None
    return _Look(fields, chosen, lists[chosen].items, queries, linked)  # type: ignore[arg-type]


def _fields(context: Context, model: str, before: str, around: tuple[str, ...]) -> Iterator[tuple[str, Type]]:
    """The fields of a model, and those of the objects in it, by their paths."""
    if model in around or len(around) >= _DEEPEST or model not in context.schemas.models:
        return
    for field in context.schemas.models[model].fields:
        result = context.schemas.opened(field.type)
        if "." in field.wire_name and before:
            continue
        yield before + field.wire_name, result
        if result.kind == "model":
            yield from _fields(context, result.model, f"{before}{field.wire_name}.", (*around, model))


def _recognised(look: _Look | None, method: str) -> Page | None:
    if look is None:
        return None
    wanted = _by_url(look)
    if wanted is None and method == "GET":
        wanted = _by_cursor(look) or _by_last(look) or _by_link(look) or _by_number(look)
    if wanted is None:
        return None
    return Page(items=look.items, item=look.item, **wanted)  # type: ignore[arg-type]


def _searching(look: _Look | None, reads: bool) -> Page | None:
    """A search that is asked with a body: the token goes back into it, or the number of the page or of an item.

    Of what may change something only a token is taken for a page: a `page` may be many a thing to it.
    """
    wanted = _by_cursor(look) or (_by_last(look) or _by_number(look) if reads else None) if look else None
    if look is None or wanted is None:
        return None
    taken = look.queries["_".join(words(str(wanted["argument"])))]
    return Page(items=look.items, item=look.item, **wanted, **_place(taken))  # type: ignore[arg-type]


Wanted = Mapping[str, object] | None


def _by_url(look: _Look) -> Wanted:
    """A text `next` beside the list, which no argument takes: the usual look of a page."""
    result = next((name for name in _URLS if name in look.fields and look.fields[name].kind == "string"), "")
    if not result or (result == "next" and "next" in look.queries):
        return None
    before = "previous" if result == "next" and "previous" in look.fields else ""
    return {"next": result, "previous": before}


def _by_cursor(look: _Look) -> Wanted:
    """A token in the result, and an argument with the same name."""
    results = []
    for path, each in look.fields.items():
        if each.kind not in ("string", "integer"):
            continue
        steps = path.split(".")
        names = _TOKENS.get(words(steps[-1]), ())
        if len(steps) > 1:
            names = names or _NESTED.get((words(steps[-2]), words(steps[-1])), ())
        elif _ended(look):
            names = names or _LAST.get(words(steps[-1]), ())
        if argument := look.query(names, ("string", "integer", "any")):
            results.append({"by": "cursor", "next": path, "argument": argument, "size": _size(look), **_ended(look)})
    return results[0] if len(results) == 1 else None


def _by_last(look: _Look) -> Wanted:
    """Stripe's: `has_more`, and `starting_after` takes the id of the last item."""
    argument, more = look.query(("starting_after",), ("string",)), look.field(("has_more",), ("boolean",))
    if not argument or not more:
        return None
    return {"by": "last", "next": "id", "argument": argument, "more": more, "size": _size(look)}


def _by_link(look: _Look) -> Wanted:
    """GitHub's: a header Link is promised, and a page can be asked for."""
    requested = look.query(("page", "cursor", "after", "since", "per_page"), ("integer", "string", "any"))
    wanted: Wanted = {"by": "link", "size": _size(look)}
    return wanted if look.linked and requested else None


def _by_number(look: _Look) -> Wanted:
    """Items or pages are counted, and a field of the result marks the last page."""
    for name, sizes in _OFFSETS.items():
        argument, size = look.query((name,), ("integer",)), look.query(sizes, ("integer",))
        total, ended = look.field(_TOTAL, ("integer",)), _ended(look)
        if argument and size and (total or ended):
            return {"by": "offset", "argument": argument, "size": size, "total": total, **ended}
    argument = look.query(("page", "page_number"), ("integer",))
    pages, ended = look.field(_PAGES, ("integer",)), _ended(look)
    if not argument or not (pages or ended):
        return None
    requested = look.queries["_".join(words(argument))].type
    shape, number, last = _COUNTED_FROM_0
    springs = shape <= look.fields.keys()
    usual = 0 if springs and not requested.minimum else 1
    first = 0 if requested.default == 0 or (requested.minimum == 0 and requested.default is None) else usual
    current = look.field(_CURRENT, ("integer",)) or (number if springs else "")
    if springs and not ended and last in look.fields:
        ended = {"end": last}
    result = {"by": "page", "argument": argument, "size": _size(look), "total": pages, "first": first}
    return {**result, "current": current, **ended}


def _ended(look: _Look) -> dict[str, str]:
    """The fields that mark the last page."""
    more, end = look.field(_MORE, ("boolean",)), look.field(_END, ("boolean",))
    return {"more": more} if more else {"end": end} if end else {}


def _size(look: _Look) -> str:
    return look.query(_SIZES, ("integer",))


def _last(path: str) -> str:
    return "_".join(words(path.rpartition(".")[2]))
