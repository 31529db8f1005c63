"""The operations of an API and its facts, as the constants that generated methods and the runtime work from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, fields
from itertools import chain

from ... import names
from ...ir import Api, Function, Job, Page, Param, Type, Uploads, holds_files, takes_form
from ...text import Code, prose, python_literal
from ..shared import answers, policy
from ..shared.deprecations import notice
from ..shared.security import secret, variables_of
from .credentials import security
from .spelling import imports
from .types import Shape, Types, optional, union

_RESULT_MODULES = (
    ("collections.abc", ("Mapping", "Sequence")),
    ("datetime", ("date", "datetime")),
    ("typing", ("Any", "Literal")),
    (".", ("types",)),
    (".runtime.aio.items", ("AsyncStream",)),
    (".runtime.aio.pages", ("AsyncPage",)),
    (".runtime.sse", ("Event",)),
    (".runtime.sync.items", ("Stream",)),
    (".runtime.sync.pages", ("Page",)),
    (".runtime.views", ("Items", "View")),
)
_OPERATION_MODULES = (
    (".runtime.operation", ("Answer", "JobInfo", "Operation", "PageInfo", "UploadInfo", "WebhookInfo")),
    (".runtime.operation", ("P",)),
)


SHARED = 12
"""Operations from which on what they take or answer in the same words is written once, under a name."""


@dataclass(frozen=True)
class Constant:
    """One value of `about` or one operation."""

    name: Code
    value: Code
    key: Code
    type: Code


@dataclass(frozen=True)
class OperationsView:
    """The module of the operations."""

    shared: tuple[Constant, ...]
    upload: Code
    webhooks: Code
    operations: tuple[Constant, ...]
    jobs: tuple[Constant, ...]
    imports: tuple[Code, ...]
    typing_imports: tuple[Code, ...]


@dataclass(frozen=True)
class AboutView:
    """The module of the API's facts."""

    constants: tuple[Constant, ...]


def operations(api: Api, types: Types) -> OperationsView:
    shared: dict[Code, Code] = {}
    numbers: Counter[str] = Counter()
    operations = []

    def share(value: str, prefix: str) -> Code:
        code = Code(value)
        if code not in shared:
            numbers[prefix] += 1
            shared[code] = Code(f"_{prefix}_{numbers[prefix]}")
        return shared[code]

    def each_shared(values: list[str], prefix: str, counts: Counter[str]) -> Code:
        return Code(_tuple([share(each, prefix) if counts[each] >= SHARED else each for each in values]))

    params = {function.name: [_param(param) for param in function.params] for function in api.functions}
    answered = {function.name: _answers(function, types) for function in api.functions}
    param_counts, answer_counts = (Counter(chain(*each.values())) for each in (params, answered))
    jobs = {key: share(_call("JobInfo", job), "JOB") for key, job in api.jobs.items()}
    for function in api.functions:
        more: list[tuple[str, object]] = []
        if function.body:
            body = function.body
            more += [("body_kind", body.kind), ("media_type", body.media_type), ("flattened", body.flattened)]
            more += [("body_required", body.required)]
            more += [("positions", Code(_tuple([_param(each) for each in body.positions])) if body.positions else ())]
            more += [("multipart", takes_form(body))]
        result = shape(function, types)
        more += [("result", function.result.kind), ("view", str(result.view)), ("async_view", str(result.async_view))]
        more += [("array", result.array)]
        if not answers.plain(function):
            outcome = each_shared(answered[function.name], "ANSWER", answer_counts)
            more += [("answers", outcome), ("accept", answers.accept(function))]
        if function.result.stream:
            more += [("stream", function.result.stream), ("accept_events", answers.accept_events(function))]
        more += [("follows", function.result.follows)]
        if function.page:
            page = function.page
            more.append(("page", share(_page(page), "PAGE")))
        if function.job:
            more.append(("job", jobs[function.job]))
        if function.instead:
            more += [("instead", function.instead), ("replaced", replaced(api, function))]
        if function.reference:
            more.append(("reference", share(python_literal(function.reference.parts), "REFERENCE")))
        more.append(("files", function.files_in if function.body and function.body.kind == "json" else ()))
        more += [
            ("deprecated", notice(function)),
            ("server", function.server),
            ("headers", function.headers),
            ("timeout", _number(function.timeout)),
            ("retries", _number(function.retries)),
            ("access", function.access),
            ("billed", function.billed),
        ]
        defaults = {"result": "json", "access": "read"}
        inputs = [
            f"{name}={value if isinstance(value, Code) else python_literal(value)}"
            for name, value in more
            if value not in (defaults.get(name, False if isinstance(value, bool) else ""), ())
        ]
        if function.security != api.security:
            required = python_literal(security(function.security))
            inputs.append(f"security={share(required, 'SECURITY') if function.security else required}")
        head = [python_literal(text) for text in (function.name, function.operation_id, function.method, function.path)]
        taken = each_shared(params[function.name], "PARAM", param_counts)
        value = Code(f"Operation({', '.join([*head, taken, *inputs])})")
        type_ = Code(f"Operation[{result.returns}, {result.async_returns}]".replace("_types.", "types."))
        operations.append(
            Constant(names.called(api)[function.name].constant, value, python_literal(function.name), type_)
        )
    constants = tuple(Constant(name, value, Code(""), Code("")) for value, name in shared.items())
    upload = _call("UploadInfo", api.uploads) if api.uploads else Code("None")
    used = [Code(f"{value} ") for value in (*shared, *(constant.value for constant in operations))]
    by_key = tuple(Constant(name, Code(""), python_literal(key), Code("")) for key, name in jobs.items())
    runtime_used = imports([*used, Code("Operation JobInfo UploadInfo WebhookInfo")], _OPERATION_MODULES)
    types_used = imports([constant.type for constant in operations], _RESULT_MODULES)
    hooks = _webhooks(api, types)
    return OperationsView(constants, upload, hooks, tuple(operations), by_key, runtime_used, types_used)


def _number(number: float | None) -> Code | tuple[()]:
    """A number that may be 0; empty for None."""
    return () if number is None else Code(repr(number))


def replaced(api: Api, function: Function) -> tuple[str, ...]:
    """The arguments that those stand in place of which make it call another function."""
    others = [api.function(target).params for _, target in function.instead]
    taken = [{param.words for param in params} for params in others]
    return tuple(names.argument(p.words) for p in function.params if not all(p.words in words for words in taken))


def _webhooks(api: Api, types: Types) -> Code:
    if api.webhooks is None:
        return Code("None")
    view, async_view = payload_views(api, types)
    values = (api.webhooks.secret, api.webhooks.key, str(view), str(async_view), api.webhooks.events)
    return Code(f"WebhookInfo({', '.join(python_literal(value) for value in values)})")


def payload_views(api: Api, types: Types) -> tuple[Code, Code]:
    """The views of what the requests of the API hold, for the two clients; empty where the catalog does not say."""
    if api.webhooks is None or not api.webhooks.job:
        return Code(""), Code("")
    result = shape(api.function(api.jobs[api.webhooks.job].poll), types)
    return result.view, result.async_view or result.view


def _call(cls: str, behaviour: Job | Uploads) -> Code:
    """A behaviour as the call that makes its counterpart in the runtime."""
    value = ", ".join(f"{f.name}={python_literal(getattr(behaviour, f.name))}" for f in fields(behaviour))
    return Code(f"{cls}({value})")


def _tuple(values: list[str]) -> str:
    return f"({', '.join(values)}{',' * (len(values) == 1)})"


def _param(param: Param) -> str:
    kind: str = param.type.kind
    if kind in ("array", "union") and holds_files(param.type):
        kind = "binary"
    more: list[tuple[str, object]] = [
        ("required", param.required),
        ("style", param.style),
        ("explode", param.explode),
        ("media", param.media_type),
        ("encoding", param.encoding),
        ("allow_reserved", param.allow_reserved),
        ("array_format", param.array_format),
        ("kind", kind if kind in ("binary", "string") else "any"),
        ("nullable", param.type.nullable),
    ]
    if param.deprecated:
        more.append(("deprecated", notice(param)))
    if param.rest:
        more.append(("rest", True))
    if param.file_texts:
        more.append(("file_texts", param.file_texts))
    if param.multipart:
        more.append(("multipart", True))
    if param.headers:
        more.append(("headers", param.headers))
    if param.encoding:
        more += [("minimum", param.type.minimum), ("maximum", param.type.maximum)]
    values = [f"{name}={python_literal(value)}" for name, value in more if value not in ("", False, None, "any")]
    head = [python_literal(text) for text in (names.argument(param.words), param.wire_name, param.location)]
    return f"P({', '.join([*head, *values])})"


def _page(page: Page) -> str:
    arguments: list[str] = [python_literal(text) for text in (page.items, page.next, page.previous)]
    rest = {
        key: getattr(page, key)
        for key in ("by", "argument", "location", "number", "more", "end", "total", "current", "first")
    }
    arguments += [
        f"{key}={python_literal(value)}" for key, value in rest.items() if value not in ("", 0, "url", "query")
    ]
    return f"PageInfo({', '.join(arguments)})"


def about(api: Api) -> AboutView:
    values: dict[str, object] = {
        "NAME": api.name,
        "TITLE": api.title,
        "PACKAGE": str(names.package(api).module),
        "COMMAND": api.command,
        "CLIENT": str(names.package(api).client),
        "VERSION": api.version,
        "SUMMARY": prose(api.summary),
        "HOMEPAGE": api.homepage,
        "CREDENTIAL": secret(api.schemes),
        "BASE_URL": api.servers[0].url if api.servers else "",
        "TOKEN_ENV": api.token_env,
        "CREDENTIAL_ENV": variables_of(api),
        "BASE_URL_ENV": api.base_url_env,
        "TOKEN_URL": api.token_url,
        "WHOAMI": api.whoami,
        "CLASSES": policy.extra(api),
        "JOBS": bool(api.jobs),
    }
    if len(api.servers) > 1 or any(server.variables for server in api.servers):
        values["SERVERS"] = tuple(
            (server.name, server.template or server.url, server.variables) for server in api.servers
        )
    added = next((runner.adds for runner in api.runners if runner.adds), "")
    if added:
        values["ADDED"] = added
    return AboutView(
        tuple(Constant(Code(name), python_literal(value), Code(""), Code("")) for name, value in values.items())
    )


def _answers(function: Function, types: Types) -> list[str]:
    """What may be answered, where its kind does not say it all."""
    shape(function, types)  # requests the types of the responses, under the function's name
    if answers.plain(function):
        return []
    results = []
    for each in answers.answers(types.api, function):
        _, view, array = _meant(each, types, "sync")
        _, async_view, _ = _meant(each, types, "async")
        named = [("view", str(view)), ("async_view", str(async_view if async_view != view else ""))]
        more: list[tuple[str, object]] = [*named, ("array", array), ("form", answers.form(each))]
        values = [f"{name}={python_literal(value)}" for name, value in more if value]
        head = [python_literal(text) for text in (each.status, each.media_type, answers.kind(each))]
        results.append(f"Answer({', '.join([*head, *values])})")
    return results


def shape(function: Function, types: Types) -> Shape:
    """Which view the result becomes, and what the method says that it returns, for each of the two clients."""
    known = types.shapes.get(function.name)
    if known is None or known[0] is not function:
        known = types.shapes[function.name] = function, _shape(function, types)
    return known[1]


def _shape(function: Function, types: Types) -> Shape:
    sync, view, array = _returned(function, types, "sync")
    asynchronous, async_view, _ = _returned(function, types, "async")
    return Shape(view, async_view if async_view != view else Code(""), array, sync, asynchronous)


def stream_results(function: Function, types: Types, *, events: bool) -> tuple[Code, Code]:
    """What the method returns for the two clients where its argument asks for events, and where it does not."""
    results = [each for each in answers.answers(types.api, function) if (each.kind == "events") is events]
    return tuple(_united(function, results, types, side) for side in ("sync", "async"))  # type: ignore[return-value]


def _returned(function: Function, types: Types, side: str) -> tuple[Code, Code, bool]:
    none, result = Code(""), function.result
    types.asking = function.name
    if function.page:
        expression, spec = types.result(function.page.item, side)
        item = types.qualified(expression)
        return Code(f"Page[{item}]" if side == "sync" else f"AsyncPage[{item}]"), Code(spec), False
    if result.kind == "empty":
        return Code("None"), none, False
    if result.type is None and not result.contents:
        return {"text": Code("str"), "binary": Code("bytes")}.get(result.kind, Code("Any")), none, False
    outcome = answers.answers(types.api, function)
    if not outcome:
        return _json(result.type, result.may_be_empty, types, side) if result.type else (Code("Any"), none, False)
    first = next(each for each in outcome if each.kind == result.kind)
    _, view, array = _meant(first, types, side)
    return _united(function, outcome, types, side), view, array


def _united(function: Function, results: Sequence[answers.Answered], types: Types, side: str) -> Code:
    """The annotation of what may be any of these answers."""
    read = [each.type for each in results if each.kind == "json"]
    results = sorted(results, key=lambda each: each.kind == "events")
    parts = [
        _meant(each, types, side)[0]
        for each in results
        # Some frameworks name the same object as JSON and as text, and answer with JSON.
        if not (each.kind == "text" and each.type in read and each.type.kind not in ("string", "any"))
    ]
    expression = union(dict.fromkeys(parts))
    return expression if expression.startswith("Items[") else optional(expression, function.result.may_be_empty)


def _meant(each: answers.Answered, types: Types, side: str) -> tuple[Code, Code, bool]:
    """The annotation of one answer, the view that it becomes, and whether it is a list of such."""
    none = Code("")
    match answers.kind(each):
        case "any":
            return Code("Any"), none, False
        case "text":
            return Code("str"), none, False
        case "binary":
            return Code("bytes"), none, False
        case "json":
            return _json(each.type, False, types, side)
    stream = "Stream" if side == "sync" else "AsyncStream"
    if not answers.form(each) and each.media_type.partition(";")[0].strip().lower() == "text/event-stream":
        return Code(f"{stream}[Event]"), none, False
    expression, view, array = _json(each.type, False, types, side)
    return Code(f"{stream}[{expression}]"), Code(f"[{view}]") if array else view, False


def _json(type_: Type, may_be_empty: bool, types: Types, side: str) -> tuple[Code, Code, bool]:
    expression, spec = types.result(type_, side)
    if type_.kind == "array" and spec.startswith("[") and not type_.nullable:
        return types.qualified(expression), Code(spec[1:-1]), True
    return types.qualified(optional(expression, may_be_empty)), Code(spec), False
