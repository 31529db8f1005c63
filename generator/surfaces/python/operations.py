"""The operations of an API and its facts, as the constants that generated methods and the runtime work from."""

from __future__ import annotations

from dataclasses import dataclass, fields

from ... import names
from ...ir import Api, Function, Job, Param, Uploads
from ...text import Code, prose, python_literal
from ..shared.deprecations import notice
from .credentials import security
from .spelling import imports
from .types import Types, optional

_RESULT_MODULES = (
    ("collections.abc", ("Mapping", "Sequence")),
    ("datetime", ("date", "datetime")),
    ("typing", ("Any", "Literal")),
    (".", ("types",)),
    (".runtime.aio.pages", ("AsyncPage",)),
    (".runtime.sync.pages", ("Page",)),
    (".runtime.views", ("Items",)),
)
_OPERATION_MODULES = (
    (".runtime.operation", ("JobInfo", "Operation", "PageInfo", "UploadInfo", "WebhookInfo")),
    (".runtime.operation", ("P",)),
)


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
    operations = []

    def share(value: str, prefix: str) -> Code:
        code = Code(value)
        if code not in shared:
            shared[code] = Code(f"_{prefix}_{sum(n.startswith('_' + prefix) for n in shared.values()) + 1}")
        return shared[code]

    jobs = {key: share(_call("JobInfo", job), "JOB") for key, job in api.jobs.items()}
    for function in api.functions:
        more: list[tuple[str, object]] = []
        if function.body:
            body = function.body
            more += [("body_kind", body.kind), ("media_type", body.media_type), ("flattened", body.flattened)]
            more += [("body_required", body.required)]
        result = shape(function, types)
        more += [("result", function.result.kind), ("view", str(result.view)), ("async_view", str(result.async_view))]
        more += [("array", result.array)]
        if function.page:
            page = function.page
            arguments = ", ".join(python_literal(text) for text in (page.items, page.next, page.previous))
            more.append(("page", share(f"PageInfo({arguments})", "PAGE")))
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
            ("access", function.access),
            ("billed", function.billed),
        ]
        defaults = {"result": "json", "access": "read"}
        given = [
            f"{name}={value if isinstance(value, Code) else python_literal(value)}"
            for name, value in more
            if value not in (defaults.get(name, False if isinstance(value, bool) else ""), ())
        ]
        if function.security != api.security:
            required = python_literal(security(function.security))
            given.append(f"security={share(required, 'SECURITY') if function.security else required}")
        head = [python_literal(text) for text in (function.name, function.operation_id, function.method, function.path)]
        params = _tuple([_param(param) for param in function.params])
        value = Code(f"Operation({', '.join([*head, params, *given])})")
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


def replaced(api: Api, function: Function) -> tuple[str, ...]:
    """The arguments that those stand in place of which make it call another function."""
    others = [api.function(target).params for _, target in function.instead]
    taken = [{param.words for param in params} for params in others]
    return tuple(names.argument(p.words) for p in function.params if not all(p.words in words for words in taken))


def _webhooks(api: Api, types: Types) -> Code:
    if api.webhooks is None:
        return Code("None")
    view, async_view = held(api, types)
    values = (api.webhooks.secret, api.webhooks.key, str(view), str(async_view), api.webhooks.events)
    return Code(f"WebhookInfo({', '.join(python_literal(value) for value in values)})")


def held(api: Api, types: Types) -> tuple[Code, Code]:
    """The views of what the requests of the API hold, for the two clients; empty where the catalog does not say."""
    if api.webhooks is None or not api.webhooks.job:
        return Code(""), Code("")
    found = shape(api.function(api.jobs[api.webhooks.job].poll), types)
    return found.view, found.async_view or found.view


def _call(cls: str, behaviour: Job | Uploads) -> Code:
    """A behaviour as the call that makes its counterpart in the runtime."""
    given = ", ".join(f"{f.name}={python_literal(getattr(behaviour, f.name))}" for f in fields(behaviour))
    return Code(f"{cls}({given})")


def _tuple(values: list[str]) -> str:
    return f"({', '.join(values)}{',' * (len(values) == 1)})"


def _param(param: Param) -> str:
    kind: str = param.type.kind
    if kind == "array" and param.type.items and param.type.items.kind == "binary":
        kind = "binary"
    more: list[tuple[str, object]] = [
        ("required", param.required),
        ("style", param.style),
        ("explode", param.explode),
        ("media", param.media_type),
        ("encoding", param.encoding),
        ("allow_reserved", param.allow_reserved),
        ("kind", kind if kind in ("binary", "string") else "any"),
        ("nullable", param.type.nullable),
    ]
    if param.deprecated:
        more.append(("deprecated", notice(param)))
    if param.encoding:
        more += [("minimum", param.type.minimum), ("maximum", param.type.maximum)]
    given = [f"{name}={python_literal(value)}" for name, value in more if value not in ("", False, None, "any")]
    head = [python_literal(text) for text in (names.argument(param.words), param.wire_name, param.location)]
    return f"P({', '.join([*head, *given])})"


def about(api: Api) -> AboutView:
    values = {
        "NAME": api.name,
        "TITLE": api.title,
        "PACKAGE": str(names.package(api).module),
        "COMMAND": api.command,
        "CLIENT": str(names.package(api).client),
        "VERSION": api.version,
        "SUMMARY": prose(api.summary),
        "HOMEPAGE": api.homepage,
        "BASE_URL": api.servers[0].url if api.servers else "",
        "TOKEN_ENV": api.token_env,
        "BASE_URL_ENV": api.base_url_env,
        "TOKEN_URL": api.token_url,
        "WHOAMI": api.whoami,
    }
    return AboutView(
        tuple(Constant(Code(name), python_literal(value), Code(""), Code("")) for name, value in values.items())
    )


@dataclass(frozen=True)
class Shape:
    view: Code
    async_view: Code
    array: bool
    returns: Code
    async_returns: Code


def shape(function: Function, types: Types) -> Shape:
    """Which view the result becomes, and what the method says that it returns, for each of the two clients."""
    sync, view, array = _returned(function, types, "sync")
    asynchronous, async_view, _ = _returned(function, types, "async")
    return Shape(view, async_view if async_view != view else Code(""), array, sync, asynchronous)


def _returned(function: Function, types: Types, side: str) -> tuple[Code, Code, bool]:
    none, result = Code(""), function.result
    if function.page:
        expression, spec = types.result(function.page.item, side)
        view = Code(spec) if spec and spec[0] not in "[{" else none
        item = Code(f"_types.{view}") if view else expression
        return Code(f"Page[{item}]" if side == "sync" else f"AsyncPage[{item}]"), view, False
    if result.kind in ("text", "events"):
        return Code("str"), none, False
    if result.kind == "binary":
        return Code("bytes"), none, False
    if result.kind == "empty":
        return Code("None"), none, False
    if result.type is None:
        return Code("Any"), none, False
    expression, spec = types.result(result.type, side)
    if spec and spec[0] not in "[{" and result.type.kind == "model":
        shown = optional(expression, result.may_be_empty)
        return Code(shown.replace(spec, f"_types.{spec}", 1)), Code(spec), False
    if spec.startswith("["):
        view = Code(spec[1:-1])
        return Code(f"Items[_types.{view}]"), view, True
    if decoded := types.decoded(result.type):
        return optional(Code(f"_types.{decoded}"), result.type.nullable or result.may_be_empty), none, False
    return (expression if expression == "Mapping[str, Any]" else Code("Any")), none, False
