"""What a function promises: how its arguments are bounded, how it fails, what becomes of it, and what a tool may be."""

from __future__ import annotations

from collections.abc import Iterator

from ..ir import Api, Function, Param, Type
from ..surfaces import mcp
from .advised import Advice, warn
from .prose import argument


def arrays(api: Api) -> Iterator[Advice]:
    """Lists that a caller sends: without a limit no surface can refuse what the server will."""
    for function in api.functions:
        for param in function.params:
            if any(type_.kind == "array" and type_.max_items is None for type_ in _within(param.type)):
                what = f"{argument(param)} of {function.name} is a list without a limit"
                yield warn("unbounded", param.place, what, "add `maxItems` if the server has a limit")


def _within(type_: Type) -> Iterator[Type]:
    yield type_
    for inner in (*type_.members, *([type_.items] if type_.items else [])):
        yield from _within(inner)


def errors(api: Api) -> Iterator[Advice]:
    for function in api.functions:
        if not any(response.status[:1] in "45d" for response in function.responses):
            what = f"{function.name} documents no error"
            yield warn("errors", function.place, what, "add its 4XX or `default` response to the document")


def deprecations(api: Api) -> Iterator[Advice]:
    for function in api.functions:
        things: list[tuple[Function | Param, str]] = [(function, function.name)]
        things += [(param, f"{argument(param)} of {function.name}") for param in function.params]
        for thing, what in things:
            if thing.deprecated and not (thing.deprecation and thing.deprecation.removed and thing.deprecation.use):
                hint = "set `use` and `removed` in the catalog"
                yield warn("deprecation", thing.place, f"{what} is deprecated without a replacement", hint)


def tools(api: Api) -> Iterator[Advice]:
    for finding in mcp.lint(api):
        yield Advice(finding, "warning", "tool")
