"""The Python client: constants for the operations, typed views, and one thin method a function, sync and async."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable
from dataclasses import dataclass, fields

from ..ir import Api, Field, Function, Group, Job, Loss, Model, Param, Type, Uploads
from ..names import PYTHON, PYTHON_CLASS, PYTHON_MODULE, Convention, Words, words
from ..text import Code, first_sentence, prose, python_docstring, python_literal, toml_literal, visible
from . import metadata
from .base import Page, Rendition, Surface

_FOLDER = "python/[package]/"
_SCALARS = {"boolean": "bool", "integer": "int", "number": "float", "string": "str", "binary": "str", "null": "None"}
_TYPES_USED = (
    "Any AsyncJob AsyncPage AsyncResource FileInput Headers Items Job Literal Mapping Options Page Required Resource"
    " Sequence Timeout TypedDict View"
)

# Names that annotations in the same class need for themselves, and those that the base classes have.
_MEMBER = Convention(
    PYTHON.case, PYTHON.reserved | {"str", "int", "float", "bool", "bytes", "date", "datetime", "to_dict"}
)
_ON_JOB = Convention(PYTHON.case, _MEMBER.reserved | {"cancel", "progress", "reload", "stream", "wait"})
_VARIANTS: dict[str, tuple[Words, Words]] = {
    "view": ((), ()),
    "input": ((), ("input",)),
    "data": ((), ("data",)),
    "sync": ((), ()),
    "async": (("async",), ()),
}
_READ = {
    ("string", "date-time"): Code("datetime"),
    ("string", "date"): Code("date"),
    ("integer", ""): Code("int"),
    ("number", ""): Code("float"),
}
"""What the text or number of a field is read as, when it is looked at."""
_ON_CLIENT = Convention(
    PYTHON.case,
    _MEMBER.reserved
    | {
        "base_url",
        "call",
        "close",
        "download",
        "events",
        "follow",
        "follow_events",
        "functions",
        "prepare",
        "request",
        "run",
        "runtime",
        "stream",
        "with_options",
        "with_raw_response",
        "with_streaming_response",
    },
)
_CLASS = Convention(PYTHON_CLASS.case, PYTHON_CLASS.reserved | frozenset(_TYPES_USED.split()), prefix="N")
_CONSTANT = Convention(lambda parts: "_".join(parts).upper(), frozenset({"JOBS", "OPERATIONS", "P"}), prefix="N")
_SHOWN_VALUES = 12
_NAME = re.compile(r"(?<![.\w])[A-Za-z_]\w*")
_STRING = re.compile(r"""'[^']*'|"(?:[^"\\]|\\.)*\"""")
_LINK = re.compile(r"\[([^\[\]]+)\]\(#[^()\s]+\)")


@dataclass(frozen=True)
class Attribute:
    """One field of a view or a TypedDict."""

    name: Code
    type: Code
    doc: Code


@dataclass(frozen=True)
class Class:
    """One class of `types`."""

    name: Code
    bases: Code
    doc: Code
    job: Code
    wire: Code
    views: Code
    attributes: tuple[Attribute, ...]


@dataclass(frozen=True)
class Argument:
    """One argument of a method: how it is declared and where it goes."""

    declaration: Code
    key: Code
    name: Code


@dataclass(frozen=True)
class Method:
    """One function as a method."""

    name: Code
    operation: Code
    arguments: tuple[Argument, ...]
    first: Code
    lines: tuple[Code, ...]
    options: tuple[Argument, ...]
    empty: bool
    returns: Code
    async_returns: Code


@dataclass(frozen=True)
class Child:
    """A resource that hangs on the client or on another one."""

    name: Code
    module: Code
    cls: Code
    doc: Code


@dataclass(frozen=True)
class Constant:
    """One value of `about` or one operation."""

    name: Code
    value: Code
    key: Code
    type: Code


@dataclass(frozen=True)
class ResourceView:
    """A module of one resource."""

    cls: Code
    doc: Code
    sync_base: Code
    async_base: Code
    children: tuple[Child, ...]
    methods: tuple[Method, ...]
    imports: tuple[Code, ...]


@dataclass(frozen=True)
class ClientView:
    """The module of the two clients."""

    cls: Code
    doc: Code
    children: tuple[Child, ...]
    functions: bool
    extensions: bool


@dataclass(frozen=True)
class TypesView:
    """The module of the types."""

    classes: tuple[Class, ...]
    imports: tuple[Code, ...]


@dataclass(frozen=True)
class OperationsView:
    """The module of the operations."""

    shared: tuple[Constant, ...]
    upload: Code
    operations: tuple[Constant, ...]
    jobs: tuple[Constant, ...]
    imports: tuple[Code, ...]
    typing_imports: tuple[Code, ...]


@dataclass(frozen=True)
class AboutView:
    """The module of the API's facts."""

    constants: tuple[Constant, ...]


@dataclass(frozen=True)
class PackageView:
    """The package as a whole: its distribution, README and first module."""

    package: Code
    distribution: Code
    command: Code
    version: Code
    summary: Code
    homepage: Code
    title: Code
    client: Code
    doc: Code
    token_env: Code
    sample: Code
    exports: tuple[Code, ...]


def render(api: Api) -> Rendition:
    """The Python client."""
    types = _Types(api)
    children: dict[str, list[Group]] = {}
    for group in api.groups:
        children.setdefault(group.key.rpartition(".")[0], []).append(group)
    members: dict[str, list[Function]] = {}
    for function in api.functions:
        members.setdefault(function.group, []).append(function)
    pages = [
        Page(f"{_FOLDER}operations.py.jinja", _operations(api, types)),
        Page(f"{_FOLDER}about.py.jinja", _about(api)),
    ]
    for group in api.groups:
        resource = _resource(group, members.get(group.key, []), children.get(group.key, []), types)
        pages.append(Page(f"{_FOLDER}resources/[group].py.jinja", resource, {"group": _module(group)}))
    if members.get(""):
        top = _resource(None, members[""], [], types)
        pages.append(Page(f"{_FOLDER}resources/[group].py.jinja", top, {"group": "client_"}))
    client = ClientView(
        cls=_client_class(api),
        doc=python_docstring(prose(api.summary)),
        children=_children(children.get("", []), _ON_CLIENT),
        functions=bool(members.get("")),
        extensions=bool(api.extensions),
    )
    pages += [
        Page(f"{_FOLDER}client.py.jinja", client),
        Page(f"{_FOLDER}types.py.jinja", _types_view(types)),
        Page(f"{_FOLDER}__init__.py.jinja", _package(api)),
        Page("python/pyproject.toml.jinja", _package(api)),
        Page("python/README.md.jinja", _package(api)),
    ]
    pages.append(metadata.page(api))
    losses = (*types.losses, *metadata.metadata(api).losses)
    return Rendition(tuple(pages), losses, package=package_name(api))


def package_name(api: Api) -> str:
    """The import name of the package."""
    return str(PYTHON_MODULE.spell(words(api.package)))


def _client_class(api: Api) -> Code:
    return _CLASS.spell(words(api.client)) if not api.client.isidentifier() else Code(api.client)


def _module(group: Group) -> str:
    return str(PYTHON_MODULE.spell(tuple(word for step in group.path for word in step)))


# ── types ──────────────────────────────────────────────────────────────────────────────────────────────


class _Types:
    """The classes of `types`, made when something first mentions them."""

    def __init__(self, api: Api) -> None:
        self.api = api
        self.losses: list[Loss] = []
        self._names: dict[tuple[str, str], Code] = {}
        self._taken: set[str] = set()
        self._made: dict[Code, Class] = {}
        self._jobs: dict[str, str] = {}
        for function in api.functions:
            if function.job and function.result.type and function.result.type.kind == "model":
                self._jobs.setdefault(function.result.type.model, function.job)

    def classes(self) -> tuple[Class, ...]:
        """Sorted by name; those that extend another one come last."""
        return tuple(self._made[name] for name in sorted(self._made, key=lambda n: (bool(self._made[n].job), n)))

    def view(self, key: str, side: str = "data") -> Code | None:
        """The view of a model; None where it has no known field.

        side: a job is followed with the client that gave it, so it has a class for each: "sync" and "async". Inside
        another object it stays "data".
        """
        if not self.api.models[key].fields:
            return None
        return self._class(key, side if key in self._jobs else "view")

    def typed_dict(self, key: str) -> Code | None:
        """The TypedDict of a model; None where it has no known field or one that Python cannot spell."""
        model = self.api.models[key]
        if not model.fields or any(str(_key(f)) != f.wire_name for f in model.fields):
            return None
        return self._class(key, "input")

    def _class(self, key: str, variant: str) -> Code:
        if (key, variant) in self._names:
            return self._names[key, variant]
        model = self.api.models[key]
        before, after = _VARIANTS[variant]
        name = _CLASS.spell((*before, *model.words, *after))
        spelled = Code(name)
        while spelled in self._taken:
            spelled = Code(spelled + "_")
        if spelled != name:
            reason = f"its class is called {spelled}, since another one is called {name}"
            self.losses.append(Loss(pointer=model.place.pointer, surface="python", kind="degraded", reason=reason))
        self._taken.add(spelled)
        self._names[key, variant] = spelled
        if variant == "input":
            self._made[spelled] = self._typed_dict(spelled, model)
        elif variant in ("sync", "async"):
            self._made[spelled] = self._job(spelled, key, Code("Job" if variant == "sync" else "AsyncJob"))
        else:
            self._made[spelled] = self._view(spelled, model, _ON_JOB if variant == "data" else _MEMBER)
        return spelled

    def _job(self, name: Code, key: str, base: Code) -> Class:
        data, model, none = self._class(key, "data"), self.api.models[key], Code("{}")
        doc = _sentence(model.description) or python_docstring(f"{name}.")
        job = python_literal(self._jobs[key])
        return Class(name, Code(f"{base}, {data}"), doc, job, none, none, ())

    def _view(self, name: Code, model: Model, member: Convention) -> Class:
        attributes: list[Attribute] = []
        wire: dict[str, str] = {}
        views: dict[str, str] = {}
        for field in model.fields:
            spelled = member.spell(field.words)
            if any(a.name == spelled for a in attributes):
                reason = f"the attribute {spelled} stands for another field; read this one as view[name]"
                self.losses.append(Loss(pointer=field.place.pointer, surface="python", kind="degraded", reason=reason))
                continue
            expression, spec = self.result(field.type)
            if not spec and (
                read := _READ.get((field.type.kind, field.type.format)) or _READ.get((field.type.kind, ""))
            ):
                spec = str(read)
                if field.type.kind == "string":
                    expression = _optional(read, field.type.nullable)
            if not field.required and not expression.endswith("None") and expression != "Any":
                expression = Code(expression + " | None")
            if spelled != field.wire_name:
                wire[str(spelled)] = field.wire_name
            if spec:
                views[str(spelled)] = spec
            attributes.append(Attribute(spelled, expression, _sentence(field.description)))
        doc = _sentence(model.description) or python_docstring(f"{name}.")
        wired, viewed = python_literal(wire), python_literal(views)
        return Class(name, Code("View"), doc, Code(""), wired, viewed, tuple(attributes))

    def _typed_dict(self, name: Code, model: Model) -> Class:
        attributes = []
        for field in model.fields:
            expression = self.argument(field.type)
            expression = Code(f"Required[{expression}]") if field.required else expression
            attributes.append(Attribute(_key(field), expression, _sentence(field.description)))
        doc = _sentence(model.description) or python_docstring(f"{name}.")
        none = Code("{}")
        return Class(name, Code("TypedDict, total=False"), doc, Code(""), none, none, tuple(attributes))

    def result(self, type_: Type, side: str = "data") -> tuple[Code, str]:
        """The annotation of a result, and which view its value becomes."""
        expression, spec = self._result(type_, side)
        return _optional(expression, type_.nullable), spec

    def _result(self, type_: Type, side: str) -> tuple[Code, str]:
        if type_.kind == "model":
            view = self.view(type_.model, side)
            return (view, str(view)) if view else (Code("Mapping[str, Any]"), "")
        if type_.kind == "array" and type_.items:
            expression, spec = self.result(type_.items, side)
            if spec and not spec.startswith(("[", "{")):
                return Code(f"Items[{expression}]"), f"[{spec}]"
            return Code(f"Sequence[{'Any' if spec else expression}]"), ""
        if type_.kind == "map" and type_.items:
            expression, spec = self.result(type_.items, side)
            if spec and not spec.startswith(("[", "{")):
                return Code(f"Mapping[str, {expression}]"), f"{{{spec}}}"
            return Code(f"Mapping[str, {'Any' if spec else expression}]"), ""
        if type_.kind == "union":
            if sum(member.kind not in _SCALARS for member in type_.members) > 1:
                return Code("Any"), ""
            found = [self.result(member, side) for member in type_.members]
            return _union(expression for expression, _ in found), next((spec for _, spec in found if spec), "")
        return _scalar(type_, open_=True), ""

    def argument(self, type_: Type) -> Code:
        """The annotation of an argument."""
        if type_.kind == "model":
            expression = self.typed_dict(type_.model) or Code("Mapping[str, Any]")
        elif type_.kind == "array":
            expression = Code(f"Sequence[{self.argument(type_.items) if type_.items else 'Any'}]")
        elif type_.kind == "map":
            expression = Code(f"Mapping[str, {self.argument(type_.items) if type_.items else 'Any'}]")
        elif type_.kind == "union":
            expression = _union(self.argument(member) for member in type_.members)
        elif type_.kind == "binary":
            expression = Code("FileInput")
        elif type_.kind == "string" and (read := _READ.get(("string", type_.format))) and not type_.values:
            expression = Code(f"{read} | str")
        else:
            expression = _scalar(type_, open_=False)
        return _optional(expression, type_.nullable)


def _scalar(type_: Type, *, open_: bool) -> Code:
    plain = _SCALARS.get(type_.kind, "Any")
    values = [value for value in type_.values if type(value) in (str, int, bool)]
    if not values or len(values) != len(type_.values) or len(values) > _SHOWN_VALUES:
        return Code(plain)
    literal = f"Literal[{', '.join(python_literal(value) for value in values)}]"
    # What a server answers is never closed: tomorrow's value must not be a type error.
    return Code(f"{literal} | {plain}" if open_ and plain != "Any" else "Any" if open_ else literal)


def _union(expressions: Iterable[Code]) -> Code:
    parts = dict.fromkeys(part for expression in expressions for part in _split(expression))
    if "Any" in parts:
        return Code("Any")
    ordered = [part for part in parts if part != "None"] + [part for part in parts if part == "None"]
    return Code(" | ".join(ordered))


def _split(expression: Code) -> Iterable[str]:
    # Only a union at the top is taken apart: brackets and strings keep theirs.
    return re.findall(r"""(?:[^|\["' ]+|\[.*\])+""", expression) if expression.count("[") < 2 else [expression]


def _optional(expression: Code, nullable: bool) -> Code:
    if not nullable or expression in ("Any", "None") or expression.endswith("| None"):
        return expression
    return Code(f"{expression} | None")


def _key(field: Field) -> Code:
    spelled = field.wire_name
    usable = spelled.isidentifier() and spelled.isascii() and not spelled.startswith("__")
    return Code(spelled) if usable and spelled not in PYTHON.reserved - {"self", "cls"} else Code("")


def _sentence(description: str) -> Code:
    return python_docstring(_unlinked(first_sentence(description)))


def _unlinked(description: str) -> str:
    """Links to functions lead nowhere in a docstring: their label says it."""
    return _LINK.sub(r"`\1`", description)


_COMMON = (
    ("collections.abc", ("Mapping", "Sequence")),
    ("datetime", ("date", "datetime")),
    ("functools", ("cached_property",)),
    ("typing", ("TYPE_CHECKING", "Any", "ClassVar", "Literal", "Required", "TypedDict")),
)
_TYPES_MODULES = (
    *_COMMON,
    (".runtime.files", ("FileInput",)),
    (".runtime.jobviews", ("AsyncJob", "Job")),
    (".runtime.views", ("Items", "View")),
)
_RESULT_MODULES = (
    ("collections.abc", ("Mapping", "Sequence")),
    ("datetime", ("date", "datetime")),
    ("typing", ("Any", "Literal")),
    (".", ("types",)),
    (".runtime.pages", ("AsyncPage", "Page")),
    (".runtime.views", ("Items",)),
)
_OPERATION_MODULES = (
    (".runtime.operation", ("JobInfo", "Operation", "PageInfo", "UploadInfo")),
    (".runtime.operation", ("P",)),
)
_RESOURCE_MODULES = (
    *_COMMON,
    ("..", ("_operations",)),
    ("..", ("_types",)),
    ("..runtime.calls", ("AsyncCalls", "AsyncResource", "Calls", "Headers", "Options", "Resource")),
    ("..runtime.files", ("FileInput",)),
    ("..runtime.pages", ("AsyncPage", "Page")),
    ("..runtime.requests", ("OMIT", "Omit")),
    ("..runtime.transport", ("Timeout",)),
    ("..runtime.views", ("Items",)),
)
_IMPORTED_AS = {"P": "Param as P", "_operations": "operations as _operations", "_types": "types as _types"}


def _imports(expressions: Iterable[str], modules: tuple[tuple[str, tuple[str, ...]], ...]) -> tuple[Code, ...]:
    """The import lines of the names that stand in these expressions; one blank line before our own modules."""
    used = {name for expression in expressions for name in _NAME.findall(_STRING.sub("", expression))}
    lines: list[Code] = []
    for module, names in modules:
        if found := [_IMPORTED_AS.get(name, name) for name in names if name in used]:
            if module.startswith(".") and lines and not lines[-1].startswith("from ."):
                lines.append(Code(""))
            lines.append(Code(f"from {module} import {', '.join(found)}"))
    return tuple(lines)


def _types_view(types: _Types) -> TypesView:
    classes = types.classes()
    mentioned = [str(a.type) for c in classes for a in c.attributes]
    mentioned += [f"{c.bases} {'ClassVar' if c.job else ''}" for c in classes]
    mentioned += ["ClassVar Mapping" for c in classes if (c.wire, c.views) != ("{}", "{}")]
    return TypesView(classes, _imports(mentioned, _TYPES_MODULES))


# ── operations and facts ───────────────────────────────────────────────────────────────────────────────


def _operations(api: Api, types: _Types) -> OperationsView:
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
        shape = _shape(function, types)
        more += [("result", function.result.kind), ("view", str(shape.view)), ("async_view", str(shape.async_view))]
        more += [("array", shape.array)]
        if function.page:
            page = function.page
            arguments = ", ".join(python_literal(text) for text in (page.items, page.next, page.previous))
            more.append(("page", share(f"PageInfo({arguments})", "PAGE")))
        if function.job:
            more.append(("job", jobs[function.job]))
        more.append(("files", function.files_in if function.body and function.body.kind == "json" else ()))
        more += [("authenticated", function.authenticated), ("server", function.server), ("access", function.access)]
        defaults = {"result": "json", "authenticated": True, "access": "read"}
        given = [
            f"{name}={value if isinstance(value, Code) else python_literal(value)}"
            for name, value in more
            if value not in (defaults.get(name, False if isinstance(value, bool) else ""), ())
        ]
        head = [python_literal(text) for text in (function.name, function.operation_id, function.method, function.path)]
        params = "".join(f"{_param(param)}, " for param in function.params)
        value = Code(f"Operation({', '.join([*head, f'({params})', *given])})")
        type_ = Code(f"Operation[{shape.returns}, {shape.async_returns}]".replace("_types.", "types."))
        operations.append(Constant(_constant(function), value, python_literal(function.name), type_))
    constants = tuple(Constant(name, value, Code(""), Code("")) for value, name in shared.items())
    upload = _call("UploadInfo", api.uploads) if api.uploads else Code("None")
    used = [Code(f"{value} ") for value in (*shared, *(constant.value for constant in operations))]
    by_key = tuple(Constant(name, Code(""), python_literal(key), Code("")) for key, name in jobs.items())
    imports = _imports([*used, Code("Operation JobInfo UploadInfo")], _OPERATION_MODULES)
    types_used = _imports([constant.type for constant in operations], _RESULT_MODULES)
    return OperationsView(constants, upload, tuple(operations), by_key, imports, types_used)


def _call(cls: str, behaviour: Job | Uploads) -> Code:
    """A behaviour as the call that makes its counterpart in the runtime."""
    given = ", ".join(f"{f.name}={python_literal(getattr(behaviour, f.name))}" for f in fields(behaviour))
    return Code(f"{cls}({given})")


def _constant(function: Function) -> Code:
    return _CONSTANT.spell(function.words)


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
    if param.encoding:
        more += [("minimum", param.type.minimum), ("maximum", param.type.maximum)]
    given = [f"{name}={python_literal(value)}" for name, value in more if value not in ("", False, None, "any")]
    head = [python_literal(text) for text in ("_".join(param.words), param.wire_name, param.location)]
    return f"P({', '.join([*head, *given])})"


def _about(api: Api) -> AboutView:
    auth = api.auth
    values = {
        "NAME": api.name,
        "TITLE": api.title,
        "PACKAGE": package_name(api),
        "COMMAND": api.command,
        "CLIENT": str(_client_class(api)),
        "VERSION": api.version,
        "SUMMARY": prose(api.summary),
        "HOMEPAGE": api.homepage,
        "BASE_URL": api.servers[0].url if api.servers else "",
        "TOKEN_ENV": api.token_env,
        "BASE_URL_ENV": api.base_url_env,
        "TOKEN_URL": api.token_url,
        "AUTH_KIND": auth.kind if auth else "",
        "AUTH_NAME": auth.name if auth else "",
        "WHOAMI": api.whoami,
    }
    return AboutView(
        tuple(Constant(Code(name), python_literal(value), Code(""), Code("")) for name, value in values.items())
    )


# ── resources ──────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class _Shape:
    view: Code
    async_view: Code
    array: bool
    returns: Code
    async_returns: Code


def _shape(function: Function, types: _Types) -> _Shape:
    """Which view the result becomes, and what the method says that it returns, for each of the two clients."""
    sync, view, array = _returned(function, types, "sync")
    asynchronous, async_view, _ = _returned(function, types, "async")
    return _Shape(view, async_view if async_view != view else Code(""), array, sync, asynchronous)


def _returned(function: Function, types: _Types, side: str) -> tuple[Code, Code, bool]:
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
        shown = _optional(expression, result.may_be_empty)
        return Code(shown.replace(spec, f"_types.{spec}", 1)), Code(spec), False
    if spec.startswith("["):
        view = Code(spec[1:-1])
        return Code(f"Items[_types.{view}]"), view, True
    return (expression if expression == "Mapping[str, Any]" else Code("Any")), none, False


def _method(function: Function, types: _Types, convention: Convention) -> Method:
    shape = _shape(function, types)
    arguments = tuple(_argument(param, types) for param in function.params)
    options = _options(function, {argument.name for argument in arguments})
    lines: list[str] = []
    described = "" if visible(function.description).strip() == function.summary else visible(function.description)
    lines += _wrapped(described)
    notes = [
        f"{PYTHON.spell(p.words)}: {first_sentence(p.description)}" for p in function.params if prose(p.description)
    ]
    if notes:
        lines.append("")
        for note in notes:
            lines += textwrap.wrap(_unlinked(note), 100, subsequent_indent="  ")
    first = prose(function.summary) or prose(function.title) or function.name
    return Method(
        name=convention.spell(function.verb),
        operation=_constant(function),
        arguments=arguments,
        first=python_docstring(first),
        lines=tuple(python_docstring(line) for line in lines),
        options=options,
        empty=shape.returns == "None",
        returns=shape.returns,
        async_returns=shape.async_returns,
    )


def _options(function: Function, taken: set[Code]) -> tuple[Argument, ...]:
    """What a call may set for itself; where the function has an argument of that name, the option gives way."""
    found = [("timeout", "Timeout"), ("headers", "Headers")]
    if function.page:
        found.append(("cursor", "str"))
    options = []
    for name, type_ in found:
        spelled = Code(name)
        while spelled in taken:
            spelled = Code(f"{spelled}_")
        options.append(Argument(Code(f"{spelled}: {type_} | None = None"), Code(""), spelled))
    return tuple(options)


def _wrapped(description: str) -> list[str]:
    """The paragraphs of a description, an empty line before each; fenced code keeps its lines."""
    lines: list[str] = []
    for index, block in enumerate(re.split(r"^[ \t]*```.*$", description, flags=re.MULTILINE)):
        if index % 2:
            lines += ["", *(f"    {line.rstrip()}" if line.strip() else "" for line in block.strip("\n").split("\n"))]
            continue
        for paragraph in re.split(r"\n[ \t]*\n", block):
            lines += ["", *textwrap.wrap(_unlinked(prose(paragraph)), 100)] if paragraph.strip() else []
    return lines


def _argument(param: Param, types: _Types) -> Argument:
    name = PYTHON.spell(param.words)
    expression = _in_resources(types, param.type)
    if param.encoding == "duration":
        expression = Code("int | str")
    elif param.encoding == "wait":
        expression = Code("int")
    if not param.required:
        if param.type.nullable:
            expression = Code(f"{expression} | Omit = OMIT")
        else:
            expression = Code(f"{_optional(expression, True)} = None" if expression != "Any" else "Any = None")
    return Argument(Code(f"{name}: {expression}"), python_literal("_".join(param.words)), name)


def _in_resources(types: _Types, type_: Type) -> Code:
    """The annotation of an argument, where classes of `types` are reached through their module."""
    if type_.kind == "model":
        found = types.typed_dict(type_.model)
        expression = Code(f"_types.{found}") if found else Code("Mapping[str, Any]")
    elif type_.kind in ("array", "map") and type_.items:
        head = "Sequence[" if type_.kind == "array" else "Mapping[str, "
        expression = Code(f"{head}{_in_resources(types, type_.items)}]")
    elif type_.kind == "union":
        expression = _union(_in_resources(types, member) for member in type_.members)
    else:
        return types.argument(type_)
    return _optional(expression, type_.nullable)


def _resource(group: Group | None, functions: list[Function], nested: list[Group], types: _Types) -> ResourceView:
    methods = tuple(_method(f, types, _MEMBER if group else _ON_CLIENT) for f in functions)
    base = "Resource" if group else "Calls"
    return ResourceView(
        cls=_resource_class(group) if group else Code("ClientFunctions"),
        doc=python_docstring((prose(group.summary) or prose(group.title)) if group else "Functions without a group."),
        sync_base=Code(base),
        async_base=Code(f"Async{base}"),
        children=_children(nested, _MEMBER),
        methods=methods,
        imports=_imports(_mentioned(methods, bool(nested), base), _RESOURCE_MODULES),
    )


def _mentioned(methods: tuple[Method, ...], nested: bool, base: str) -> Iterable[str]:
    yield f"{base} Async{base}" + (" cached_property TYPE_CHECKING" if nested else "")
    for method in methods:
        yield f"{method.returns} {method.async_returns} _operations Options Timeout Headers"
        yield from (argument.declaration for argument in method.arguments)


def _resource_class(group: Group) -> Code:
    return _CLASS.spell(tuple(word for step in group.path for word in step))


def _children(groups: list[Group], convention: Convention) -> tuple[Child, ...]:
    return tuple(
        Child(
            name=convention.spell(group.path[-1]),
            module=Code(_module(group)),
            cls=_resource_class(group),
            doc=python_docstring(prose(group.summary) or prose(group.title) or group.key),
        )
        for group in groups
    )


def _package(api: Api) -> PackageView:
    read = [f for f in api.functions if f.access == "read" and f.group and not any(p.required for p in f.params)]
    sample = "client"
    if read:
        group = next(g for g in api.groups if g.key == read[0].group)
        steps: list[Words] = [*group.path, read[0].verb]
        sample = ".".join(["client", *(str(_MEMBER.spell(step)) for step in steps)]) + "()"
    return PackageView(
        package=Code(package_name(api)),
        distribution=toml_literal("-".join(words(api.package))),
        command=Code("-".join(words(api.command))),
        version=toml_literal(api.version),
        summary=toml_literal(prose(api.summary) or api.title),
        homepage=toml_literal(api.homepage),
        title=_text(api.title),
        client=_client_class(api),
        doc=python_docstring(prose(api.summary) or api.title),
        token_env=Code("_".join(words(api.token_env)).upper()) if api.token_env else Code(""),
        sample=Code(sample),
        exports=_exports(str(_client_class(api))),
    )


_EXPORTS = [
    "OMIT",
    "ApiConnectionError",
    "ApiError",
    "ApiTimeoutError",
    "ArgumentError",
    "AsyncPage",
    "AuthenticationError",
    "BadRequestError",
    "ConfigError",
    "ConflictError",
    "Error",
    "NotFoundError",
    "Page",
    "PermissionDeniedError",
    "RateLimitError",
    "ResponseError",
    "ServerError",
    "UnprocessableEntityError",
    "__version__",
    "types",
]


def _exports(client: str) -> tuple[Code, ...]:
    """What the package offers, sorted as linters want it: constants, classes, the rest."""
    found = sorted({*_EXPORTS, client, f"Async{client}"}, key=lambda name: (not name.isupper(), name))
    classes = [name for name in found if name[:1].isupper()]
    return tuple(python_literal(name) for name in [*classes, *(name for name in found if name not in classes)])


def _text(written: str) -> Code:
    from ..text import markdown

    return markdown(prose(written))


SURFACE = Surface("python", render)
