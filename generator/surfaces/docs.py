"""Reference docs: a site of plain Markdown, and the metadata of all functions in one file.

index ─── groups/<group> ─── functions/<function>      pages link down and back up
  └────── errors
"""

from __future__ import annotations

import html
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from .. import names, text
from ..ir import Api, Content, Function, Group, Model, Param, Type
from ..text import Code
from . import calls, prose
from .base import Page, Rendition, Surface
from .metadata import metadata

DEPTH = 6
"""Objects within objects that get headings of their own; deeper ones are described by their type alone."""

_ERRORS = (
    ("400", "BadRequestError", "The request is malformed", "Read `detail` and correct the arguments."),
    ("401", "AuthenticationError", "The token is missing or not valid", "Set the token anew."),
    ("402", "ApiError", "The account cannot pay for this", "Look at its billing settings."),
    ("403", "PermissionDeniedError", "The token may not do this", "Use a token of the account that owns it."),
    ("404", "NotFoundError", "There is no such thing, or the token may not see it", "Check the names and ids."),
    ("409", "ConflictError", "Its present state does not allow this", "Get the current state and try again."),
    ("413", "ApiError", "The request is too large", "Send less, or a URL in place of the content."),
    ("422", "UnprocessableEntityError", "An argument has a value that is not allowed", "Read `invalid_fields`."),
    ("429", "RateLimitError", "Too many requests", "Wait for `retry_after` seconds."),
    ("5XX", "ServerError", "The server failed", "Try again later; reads are repeated for you."),
)


@dataclass(frozen=True)
class FieldView:
    """One parameter or property under its own heading."""

    level: Code
    """The heading's marks: ### or ####."""
    heading: Code
    anchor: Code
    type: Code
    required: bool
    deprecated: bool
    note: Code
    """Where it travels, for a parameter."""
    description: Code
    facts: tuple[Code, ...]


@dataclass(frozen=True)
class Tab:
    """A call in one surface, indented as the content of a tab."""

    label: Code
    block: Code


@dataclass(frozen=True)
class ExampleView:
    """One example: its title, the call in every surface, and what it gives."""

    title: Code
    tabs: tuple[Tab, ...]
    result: Code


@dataclass(frozen=True)
class ResponseView:
    """What a status means."""

    status: Code
    anchor: Code
    description: Code
    error: Code
    remedy: Code
    examples: tuple[Code, ...]


@dataclass(frozen=True)
class Link:
    """A line of an index."""

    label: Code
    href: Code
    summary: Code
    badges: Code


@dataclass(frozen=True)
class FunctionPage:
    """One function."""

    header: Code
    meta_title: Code
    meta_description: Code
    title: Code
    name: Code
    endpoint: Code
    operation_id: Code
    aliases: Code
    group: Link | None
    badges: Code
    summary: Code
    description: Code
    deprecated: bool
    examples: tuple[ExampleView, ...]
    params: tuple[FieldView, ...]
    result: Code
    fields: tuple[FieldView, ...]
    successes: tuple[ResponseView, ...]
    failures: tuple[ResponseView, ...]
    notes: tuple[Code, ...]


@dataclass(frozen=True)
class GroupView:
    """A group and its functions."""

    header: Code
    meta_title: Code
    meta_description: Code
    title: Code
    path: Code
    href: Code
    summary: Code
    functions: tuple[Link, ...]


@dataclass(frozen=True)
class IndexPage:
    """The home page."""

    header: Code
    meta_title: Code
    meta_description: Code
    title: Code
    summary: Code
    description: Code
    install: Code
    token: Code
    start: tuple[Tab, ...]
    count: int
    groups: tuple[GroupView, ...]
    document: Code


@dataclass(frozen=True)
class ErrorsPage:
    """The errors of all functions."""

    header: Code
    rows: tuple[ResponseView, ...]


@dataclass(frozen=True)
class NavSection:
    """A group in the navigation."""

    title: Code
    page: Code
    functions: tuple[tuple[Code, Code], ...]


@dataclass(frozen=True)
class ConfigPage:
    """mkdocs.yml."""

    title: Code
    description: Code
    sections: tuple[NavSection, ...]


@dataclass(frozen=True)
class CatalogPage:
    """catalog.json."""

    document: Code


HEADER = Code("<!-- Made by surfacegen from the API's description (`make generate`). Do not edit. -->")


def slug(function: Function) -> str:
    """The file name of a function's page."""
    return str(names.SLUG.spell(function.words))


def _group_slug(group: Group) -> str:
    return ".".join(names.SLUG.spell(step) for step in group.path)


class _Site:
    """What all pages share: the API, where its functions stand, what descriptions may link to."""

    def __init__(self, api: Api) -> None:
        self.api = api
        self.slugs = {function.name: slug(function) for function in api.functions}
        self.links = prose.targets(api.functions, self.slugs)
        self.groups = {group.key: group for group in api.groups}
        self.entries = {entry["name"]: entry for entry in metadata(api).entries}

    def function(self, function: Function) -> FunctionPage:
        group = self.groups.get(function.group)
        return FunctionPage(
            header=HEADER,
            meta_title=_nav(function.title or function.name),
            meta_description=_nav(function.summary),
            title=prose.plain(function.title or function.name),
            name=prose.inline_code(function.name),
            endpoint=prose.inline_code(f"{function.method} {function.path}"),
            operation_id=prose.inline_code(function.operation_id),
            aliases=Code(", ".join(prose.inline_code(alias) for alias in self.entries[function.name]["aliases"])),
            group=self.group_link(group, "../groups/") if group else None,
            badges=badges(function),
            summary=prose.line(function.summary, self.links, ""),
            description=self.more(function),
            deprecated=function.deprecated,
            examples=tuple(self.examples(function)),
            params=tuple(self.params(function)),
            result=self.result(function),
            fields=tuple(self.results(function)),
            successes=tuple(self.responses(function, failed=False)),
            failures=tuple(self.responses(function, failed=True)),
            notes=tuple(self.notes(function)),
        )

    def more(self, function: Function) -> Code:
        """The description, where it says more than the summary."""
        same = text.prose(function.description) == text.prose(function.summary)
        return Code("") if same else prose.paragraphs(function.description, self.links, "")

    def examples(self, function: Function) -> Iterator[ExampleView]:
        # A function without an example still shows how it is called.
        shown = [(example.title, example.arguments, example) for example in function.examples]
        for title, arguments, example in shown:
            result = text.markdown_fence(text.json_literal(example.result), "json") if example.has_result else Code("")
            yield ExampleView(prose.plain(title), self.tabs(function, arguments), result)
        if not shown:
            yield ExampleView(Code(""), self.tabs(function, {}), Code(""))

    def tabs(self, function: Function, arguments: Mapping[str, object]) -> tuple[Tab, ...]:
        return tuple(
            Tab(call.surface, indented(text.markdown_fence(call.code, call.language)))
            for call in calls.calls(self.api, function, arguments)
        )

    def params(self, function: Function) -> Iterator[FieldView]:
        for param in function.params:
            name = calls.argument(param)
            yield self.field(
                name,
                f"argument-{name}",
                param.type,
                param.required,
                param.deprecated,
                param.description,
                0,
                _via(param),
            )
            yield from self.inside(param.type, name, f"argument-{name}", 1, (), request=True, seen=set())

    def results(self, function: Function) -> Iterator[FieldView]:
        if function.result.kind == "json" and function.result.type is not None:
            type_ = function.result.type
            start = "[]" if type_.kind == "array" else ""
            yield from self.inside(type_, start, "result", 0, (), request=False, seen=set())

    def inside(
        self, type_: Type, path: str, anchor: str, depth: int, stack: tuple[str, ...], *, request: bool, seen: set[str]
    ) -> Iterator[FieldView]:
        """The properties within a type, depth first; an object within itself is not opened again."""
        for model, suffix in self.models(type_):
            if model.key in stack or depth >= DEPTH:
                continue
            inner = path + suffix if path else suffix
            for item in model.fields:
                if item.read_only if request else item.write_only:
                    continue
                name = f"{inner}.{item.wire_name}" if inner else item.wire_name
                key = f"{anchor}-{names.SLUG.spell(item.words)}"
                if key in seen:
                    continue  # members of a union that share a property: described once
                seen.add(key)
                description = item.description or item.type.description
                yield self.field(name, key, item.type, item.required, item.deprecated, description, depth, "")
                yield from self.inside(item.type, name, key, depth + 1, (*stack, model.key), request=request, seen=seen)

    def models(self, type_: Type, suffix: str = "") -> Iterator[tuple[Model, str]]:
        """The objects directly within a type, and how a path steps into each."""
        match type_.kind:
            case "model":
                yield self.api.models[type_.model], suffix
            case "array" if type_.items:
                yield from self.models(type_.items, suffix + "[]")
            case "map" if type_.items:
                yield from self.models(type_.items, suffix + ".*")
            case "union":
                for member in type_.members:
                    yield from self.models(member, suffix)

    def field(
        self,
        name: str,
        anchor: str,
        type_: Type,
        required: bool,
        deprecated: bool,
        description: str,
        depth: int,
        note: str,
    ) -> FieldView:
        return FieldView(
            level=Code("###" if depth == 0 else "####"),
            heading=prose.inline_code(name.removeprefix("[].")),
            anchor=Code(anchor),
            type=prose.plain(prose.type_name(type_, self.api)),
            required=required,
            deprecated=deprecated,
            note=Code(note),
            description=prose.paragraphs(description or type_.description, self.links, ""),
            facts=prose.facts(type_),
        )

    def result(self, function: Function) -> Code:
        """What comes back, in one sentence."""
        match function.result.kind:
            case "empty":
                return Code("Nothing.")
            case "text":
                return Code("Text.")
            case "binary":
                return Code("The bytes of a file.")
            case "events":
                return Code("A stream of events.")
            case _:
                type_ = function.result.type
                said = prose.plain(prose.type_name(type_, self.api)) if type_ else Code("any JSON value")
                sentence = said[:1].upper() + said[1:] + "."
                return Code(sentence + (" It may be empty." if function.result.may_be_empty else ""))

    def responses(self, function: Function, *, failed: bool) -> Iterator[ResponseView]:
        for response in function.responses:
            if (response.status[:1] not in "123") != failed:
                continue
            error, remedy = error_of(response.status) if failed else ("", "")
            yield ResponseView(
                status=prose.inline_code(response.status),
                anchor=Code(f"status-{names.SLUG.spell(names.words('s ' + response.status))}"),
                description=prose.paragraphs(response.description, self.links, ""),
                error=prose.inline_code(error),
                remedy=Code(remedy),
                examples=tuple(
                    _sample(content, sample) for content in response.contents for sample in content.examples
                ),
            )

    def notes(self, function: Function) -> Iterator[Code]:
        api = self.api
        if function.page:
            yield Code(
                f"A list comes a page at a time: the items are in {prose.inline_code(function.page.items)}, the next "
                f"page's URL in {prose.inline_code(function.page.next)}. The Python clients walk all pages when the "
                "result is iterated."
            )
        job = api.jobs.get(function.job)
        if job:
            poll = api.function(job.poll)
            said = (
                f"The result goes on working after the call. It has ended when {prose.inline_code(job.status)} is "
                + " or ".join(prose.inline_code(state) for state in job.terminal)
                + f"; until then look every {job.interval:g} s with [{prose.plain(poll.title)}]({slug(poll)}.md)"
            )
            if job.cancel:
                cancel = api.function(job.cancel)
                said += f", or stop it with [{prose.plain(cancel.title)}]({slug(cancel)}.md)"
            yield Code(said + ".")
        if function.files_in:
            files = ", ".join(prose.inline_code(name) for name in function.files_in)
            yield Code(f"Files may be given in {files}: in JSON as a `data:` URL or as text.")
        if function.files_out:
            paths = ", ".join(prose.inline_code(path) for path in function.files_out)
            yield Code(f"The result may hold URLs of files in {paths}.")
        flags = ["--write=allow"] if function.access == "write" else []
        if further := [name for name in function.classes if name not in ("read", "write")]:
            flags.append("--allow " + ",".join(further))
        if flags:
            yield Code(f"MCP and Lua refuse it until they are started with {prose.inline_code(' '.join(flags))}.")

    def function_link(self, function: Function, folder: str) -> Link:
        return Link(
            label=prose.plain(function.title or function.name),
            href=Code(f"{folder}{self.slugs[function.name]}.md"),
            summary=prose.line(function.summary, self.links, folder),
            badges=badges(function),
        )

    def group_link(self, group: Group, folder: str) -> Link:
        return Link(prose.plain(group.title), Code(f"{folder}{_group_slug(group)}.md"), Code(""), Code(""))

    def group(self, group: Group, folder: str, functions: str) -> GroupView:
        return GroupView(
            header=HEADER,
            meta_title=_nav(group.title),
            meta_description=_nav(group.summary),
            title=prose.plain(group.title),
            path=prose.inline_code("client." + ".".join(names.PYTHON.spell(step) for step in group.path)),
            href=Code(f"{folder}{_group_slug(group)}.md"),
            summary=prose.line(group.summary, self.links, functions),
            functions=tuple(self.function_link(f, functions) for f in self.members(group.key)),
        )

    def members(self, key: str) -> list[Function]:
        return [function for function in self.api.functions if function.group == key]

    def filled(self) -> list[Group]:
        """The groups that have a function of their own."""
        return [group for group in self.api.groups if self.members(group.key)]

    def index(self) -> IndexPage:
        api = self.api
        groups = [self.group(group, "groups/", "functions/") for group in self.filled()]
        if loose := self.members(""):
            links = tuple(self.function_link(function, "functions/") for function in loose)
            groups.insert(
                0,
                GroupView(
                    header=HEADER,
                    meta_title=Code(""),
                    meta_description=Code(""),
                    title=Code("Client"),
                    path=Code("`client`"),
                    href=Code(""),
                    summary=Code(""),
                    functions=links,
                ),
            )
        first = next((f for f in api.functions if f.access == "read" and not any(p.required for p in f.params)), None)
        return IndexPage(
            header=HEADER,
            meta_title=_nav(api.title),
            meta_description=_nav(api.summary),
            title=prose.plain(api.title),
            summary=prose.line(api.summary, self.links, "functions/"),
            description=prose.paragraphs(api.description, self.links, "functions/"),
            install=text.markdown_fence("pip install " + shlex.quote(f"{api.package}[cli,mcp,lua]"), "bash"),
            token=prose.inline_code(api.token_env),
            start=self.tabs(first, {}) if first else (),
            count=len(api.functions),
            groups=tuple(groups),
            document=prose.plain(f"{api.document_title} {api.document_version}"),
        )

    def config(self) -> ConfigPage:
        sections = [
            NavSection(
                _nav(group.title),
                text.yaml_literal(f"groups/{_group_slug(group)}.md"),
                tuple(self.nav_item(function) for function in self.members(group.key)),
            )
            for group in self.filled()
        ]
        if loose := self.members(""):
            sections.insert(0, NavSection(_nav("Client"), Code(""), tuple(self.nav_item(f) for f in loose)))
        return ConfigPage(_nav(self.api.title), _nav(self.api.summary), tuple(sections))

    def nav_item(self, function: Function) -> tuple[Code, Code]:
        return _nav(function.title or function.name), text.yaml_literal(f"functions/{self.slugs[function.name]}.md")


def _nav(title: str) -> Code:
    """A text in mkdocs.yml or a page's front matter, which themes print as HTML and into attributes."""
    return text.yaml_literal(html.escape(text.prose(title)))


def _via(param: Param) -> str:
    match param.location:
        case "body":
            return "the request's body"
        case "field":
            return f"body field {prose.inline_code(param.wire_name)}"
        case _:
            return f"{param.location} parameter {prose.inline_code(param.wire_name)}"


def _sample(content: Content, sample: object) -> Code:
    if isinstance(sample, str) and content.kind != "json":
        return text.markdown_fence(text.visible(sample), "text")
    return text.markdown_fence(text.json_literal(sample), "json")


def badges(function: Function) -> Code:
    """The policy classes of a function."""
    said = [f"**{name}**" for name in function.classes]
    return Code(" · ".join([*said, "**deprecated**"] if function.deprecated else said))


def error_of(status: str) -> tuple[str, str]:
    """The Python exception for a status, and what to do about it."""
    for known, error, _, remedy in _ERRORS:
        if status == known or (known == "5XX" and status.startswith("5")):
            return error, remedy
    return "ApiError", "Read `detail`."


def indented(block: Code) -> Code:
    """The content of a tab: four spaces before every line that holds something."""
    return Code("\n".join("    " + part if part else "" for part in block.split("\n")))


def _errors() -> ErrorsPage:
    rows = (
        ResponseView(prose.inline_code(status), Code(""), Code(cause), prose.inline_code(error), Code(remedy), ())
        for status, error, cause, remedy in _ERRORS
    )
    return ErrorsPage(HEADER, tuple(rows))


def _catalog(api: Api) -> CatalogPage:
    document = {
        "name": api.name,
        "title": text.prose(api.title),
        "summary": text.prose(api.summary),
        "package": api.package,
        "command": api.command,
        "client": api.client,
        "version": api.version,
        "document": {"title": text.prose(api.document_title), "version": api.document_version, "sha256": api.digest},
        "base_url": api.servers[0].url if api.servers else "",
        "token_env": api.token_env,
        "surfaces": ["python", "cli", "mcp", "lua", "docs", "mock"],
        "functions": list(metadata(api).entries),
    }
    return CatalogPage(text.json_literal(document))


def render(api: Api) -> Rendition:
    """The site's sources and catalog.json."""
    site = _Site(api)
    pages = [
        Page("catalog.json.jinja", _catalog(api)),
        Page("docs/mkdocs.yml.jinja", site.config()),
        Page("docs/pages/index.md.jinja", site.index()),
        Page("docs/pages/errors.md.jinja", _errors()),
    ]
    for group in site.filled():
        view = site.group(group, "", "../functions/")
        pages.append(Page("docs/pages/groups/[group].md.jinja", view, {"group": _group_slug(group)}))
    for function in api.functions:
        pages.append(
            Page("docs/pages/functions/[function].md.jinja", site.function(function), {"function": slug(function)})
        )
    return Rendition(pages=tuple(pages), package=api.package)


SURFACE = Surface("docs", render)
