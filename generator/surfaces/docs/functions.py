"""A function's page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import zip_longest

from ... import names, text
from ...ir import Content, Example, Function, Header, Response
from ...ir import Link as Onward
from ...text import Code
from ..shared import calls, prose
from ..shared.deprecations import notice
from ..shared.subschemas import size
from . import console, credentials, statuses, uses
from .fields import FieldView, arguments, each, indented, results
from .site import Link, Site, front, json_fence, type_name

RELATED = 20
"""Functions that a page leads on to; its group's page has all of the group."""
LINES = 300
"""Of a schema that a page shows."""
BYTES = 16_000
"""Of a schema that is worth laying out, to count its lines."""


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
class SampleView:
    """A body, and what the document calls it."""

    title: Code
    block: Code


@dataclass(frozen=True)
class ResponseView:
    """What a status means, and a body that comes with it."""

    status: Code
    anchor: Code
    description: Code
    error: Code
    remedy: Code
    examples: tuple[SampleView, ...]
    headers: tuple[Code, ...]


@dataclass(frozen=True)
class FunctionPage:
    """One function."""

    header: Code
    meta_title: Code
    meta_description: Code
    title: Code
    endpoint: Code
    badges: Code
    group: Code
    """A link to its group's page, where the navigation does not show the function."""
    summary: Code
    description: Code
    external: Code
    deprecated: bool
    deprecation: Code
    names: tuple[tuple[Code, Code], ...]
    console: Code
    """The data of its console; empty where a browser cannot make the call."""
    examples: tuple[ExampleView, ...]
    body: Code
    """The description of a body whose fields become arguments."""
    arguments: tuple[FieldView, ...]
    more_arguments: Code
    result: Code
    results: tuple[FieldView, ...]
    more_results: Code
    answers: tuple[ResponseView, ...]
    failures: tuple[ResponseView, ...]
    others: tuple[statuses.Failure, ...]
    notes: tuple[Code, ...]
    tool: Code
    output_schema: Code
    too_long: Code
    """Where to read of the result, in place of its schema."""
    related: tuple[Link, ...]


def page(site: Site, function: Function) -> FunctionPage:
    """All that is known of a function."""
    value, more_arguments = arguments(site, function)
    outcome, more_results = results(site, function)
    declared = [response.status for response in function.responses]
    return FunctionPage(
        header=site.header,
        meta_title=front(function.title or function.name),
        meta_description=front(function.summary),
        title=prose.plain(function.title or function.name),
        endpoint=prose.inline_code(f"{function.method} {function.path}"),
        badges=site.badges(function, "../"),
        group=_group(site, function) if site.large else Code(""),
        summary=site.line(function.summary, "../"),
        description=_more(site, function),
        external=site.external(function.external_docs),
        deprecated=function.deprecated,
        deprecation=prose.plain(notice(function)),
        names=tuple(_names(site, function)),
        console=Code(f"{site.slugs[function.name]}.json") if console.offered(site.api, function) else Code(""),
        examples=tuple(_examples(site, function)),
        body=(
            site.paragraphs(function.body.description, "../") if function.body and function.body.flattened else Code("")
        ),
        arguments=value,
        more_arguments=more_arguments,
        result=_result(site, function),
        results=outcome,
        more_results=more_results,
        answers=tuple(_response(site, function, r) for r in function.responses if not _failed(r)),
        failures=tuple(_response(site, function, r) for r in function.responses if _failed(r)),
        others=statuses.others(declared),
        notes=tuple(_notes(site, function)),
        tool=Code("") if site.large else indented(json_fence(site.tools[function.name])),
        output_schema=_schema(site, function),
        too_long=_too_long(site, function),
        related=tuple(site.function_link(other, "../") for other in related(site, function)),
    )


def _schema(site: Site, function: Function) -> Code:
    """The schema of a result; none where nobody would read it here."""
    if site.large or _elsewhere(site, function):
        return Code("")
    schema = site.metadata.closed(site.entries[function.name]["output_schema"])
    if size(schema) > BYTES or text.json_literal(schema).count("\n") >= LINES:
        return Code("")
    return indented(json_fence(schema))


def _too_long(site: Site, function: Function) -> Code:
    type_ = function.result.type
    keys = [type_.name, *(model.key for model, _ in uses.objects(site.api, type_))] if type_ else []
    pages = {site.types[key]: site.api.named[key] for key in keys if key in site.types}
    links = [f"[{prose.plain(type_name(named))}](../types/{page}.md)" for page, named in pages.items()]
    where = "The schema of the result stands in `catalog.json`, described [for agents](../guides/agents.md)"
    return Code(f"{where}; its fields under {', '.join(links)}." if links else f"{where}.")


def tabs(site: Site, function: Function, arguments: Mapping[str, object]) -> tuple[Tab, ...]:
    """The same call in every surface."""
    return tuple(
        Tab(call.surface, indented(text.markdown_fence(call.code, call.language)))
        for call in calls.calls(site.api, function, arguments)
    )


def _more(site: Site, function: Function) -> Code:
    """The description, if it is more than the summary."""
    same = text.prose(function.description) == text.prose(function.summary)
    return Code("") if same else site.paragraphs(function.description, "../")


def _names(site: Site, function: Function) -> Iterator[tuple[Code, Code]]:
    """What the function is called, surface by surface."""
    api = site.api
    code = prose.inline_code
    yield Code("Function and MCP tool"), code(function.name)
    yield Code("Operation"), code(function.operation_id)
    yield Code("Python"), code(f"client.{calls.python_method(api, function)}")
    yield Code("Command"), code(calls.command(api, function))
    yield Code("Lua"), code(calls.lua_path(api, function))
    if aliases := site.aliases(function):
        yield Code("Also answers to"), Code(", ".join(code(alias) for alias in aliases))
    if group := _group(site, function):
        yield Code("Group"), group


def _group(site: Site, function: Function) -> Code:
    """A link to the page of its group; empty where it has none."""
    if (group := site.groups.get(function.group)) is None:
        return Code("")
    link = site.group_link(group, "../")
    return Code(f"[{link.label}]({link.href})")


def _examples(site: Site, function: Function) -> Iterator[ExampleView]:
    # A function without an example still shows how it is called.
    for example in function.examples or (Example(title="", arguments={}),):
        shown = json_fence(example.result) if example.has_result else Code("")
        # The body is not shown again below, where its title would stand.
        if site.large and (title := _title(function, example)):
            shown = Code(f"**{prose.plain(title)}**\n\n{shown}")
        yield ExampleView(prose.plain(example.title), tabs(site, function, example.arguments), indented(shown))


def _title(function: Function, example: Example) -> str:
    """The document's name for the body of an example; empty if the example has that name, or there is none."""
    shown = (
        title
        for response in function.responses
        for content in response.contents
        for title, sample in zip(content.example_titles, content.examples, strict=False)
        if example.has_result and not _failed(response) and sample == example.result
    )
    return next((title for title in shown if title != example.title), "")


def _result(site: Site, function: Function) -> Code:
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
            named = site.type("../").name(type_) if type_ else Code("any JSON value")
            sentence = named[:1].upper() + named[1:] + "."
            if elsewhere := _elsewhere(site, function):
                sentence += f" Its fields stand on {'that page' if len(elsewhere) == 1 else 'those pages'}."
            if function.result.stream:
                sentence += f" Where `{function.result.stream}` is true, a stream of events."
            return Code(sentence + (" It may be empty." if function.result.may_be_empty else ""))


def _elsewhere(site: Site, function: Function) -> list[str]:
    """The objects of the result that their own pages describe, as many functions give them."""
    type_ = function.result.type
    matches = uses.objects(site.api, each(type_)) if function.result.kind == "json" and type_ else ()
    return [model.key for model, _ in matches if model.key in site.returned]


def _failed(response: Response) -> bool:
    return response.status[:1] not in "123"


def _response(site: Site, function: Function, response: Response) -> ResponseView:
    error, remedy = statuses.of(response.status) if _failed(response) else ("", "")
    return ResponseView(
        status=prose.inline_code(response.status),
        anchor=Code(f"status-{names.anchor('s ' + response.status)}"),
        description=site.paragraphs(response.description, "../"),
        error=prose.inline_code(error),
        remedy=Code(remedy),
        examples=tuple(
            SampleView(prose.plain(title), _sample(content, sample))
            for content in response.contents
            for title, sample in zip_longest(content.example_titles, content.examples, fillvalue="")
            if not (site.large and _provided(function, sample))
        ),
        headers=tuple(_header(site, header) for header in response.headers),
    )


def _provided(function: Function, sample: object) -> bool:
    """Whether the page has it already, as what an example gives."""
    return any(example.has_result and example.result == sample for example in function.examples)


def _header(site: Site, header: Header) -> Code:
    """A header of a response: its name, type and description."""
    description = f": {site.line(header.type.description, '../')}" if header.type.description else ""
    return Code(f"{prose.inline_code(header.name)} ({site.type('../').name(header.type)}){description}")


def _sample(content: Content, sample: object) -> Code:
    if isinstance(sample, str) and content.kind != "json":
        return text.markdown_fence(text.visible(sample), "text")
    return json_fence(sample)


def _notes(site: Site, function: Function) -> Iterator[Code]:
    """Waiting, paging, files, retries and permissions, in a sentence or two each."""
    api = site.api
    if required := credentials.needed(api, function):
        guide = "[Authentication](../guides/authentication.md)"
        yield Code(f"**Credentials.** {required[:1].upper()}{required[1:]} See {guide}.")
    if function.page:
        yield Code(
            f"**Pages.** {prose.pages(function.page)}. Iterating the result in Python walks all of them: see "
            "[Pagination](../guides/pagination.md)."
        )
    for link in function.links:
        yield _onward(site, link)
    if job := api.jobs.get(function.job):
        sentence = (
            f"**Waiting.** The job continues after the call. It has ended when {prose.inline_code(job.status)}"
            " is " + " or ".join(prose.value(state) for state in job.terminal) + f"; until then poll it every "
            f"{job.interval:g} s with {site.linked(api.function(job.poll), '../')}"
        )
        if job.cancel:
            sentence += f", or stop it with {site.linked(api.function(job.cancel), '../')}"
        yield Code(sentence + ". See [Waiting](../guides/waiting.md).")
        if job.stream:
            yield Code(
                f"**Streaming.** Where {prose.inline_code(job.stream)} is given, output can be read while it is made: "
                "see [Streaming](../guides/streaming.md)."
            )
    if function.files_in:
        text_value = ", ".join(prose.inline_code(name) for name in function.files_in)
        yield Code(f"**Files.** {text_value} may hold files: see [Files](../guides/files.md).")
    if function.files_out:
        paths = ", ".join(prose.inline_code(path) for path in function.files_out)
        yield Code(f"**Files.** The result may hold URLs of files in {paths}: see [Files](../guides/files.md).")
    if function.access == "read":
        yield Code("**Retries.** A broken connection, 408, 429 and 5xx are tried again by themselves.")
    else:
        yield Code(
            "**Retries.** Only what cannot have reached the server is sent again by itself, and 429, which refuses it; "
            "after any other failure look at what is there before calling again."
        )
    flags = ["--write=allow"] if function.access == "write" else []
    if further := [name for name in function.classes if name not in ("read", "write")]:
        flags.append("--allow " + ",".join(further))
    if flags:
        yield Code(
            f"**Permission.** MCP and Lua refuse it until they are started with "
            f"{prose.inline_code(' '.join(flags))}: see [Permissions](../guides/permissions.md)."
        )


def _onward(site: Site, link: Onward) -> Code:
    """A link of a response."""
    values = [f"{prose.inline_code(name)} from {prose.inline_code(value)}" for name, value in link.parameters]
    values += [f"the body from {prose.inline_code(link.body)}"] if link.body else []
    takes = f", with {' and '.join(values)}" if values else ""
    description = f" {prose.plain(link.description)}" if link.description else ""
    target = site.linked(site.api.function(link.function), "../")
    return Code(
        f"**Link {prose.inline_code(link.name)}.** An answer {prose.plain(link.status)} leads to {target}{takes}.{description}"
    )


def related(site: Site, function: Function) -> list[Function]:
    """What a reader of this page looks at next: the job's functions, those its description names, its group."""
    api = site.api
    matches: list[str] = []
    if job := api.jobs.get(function.job):
        matches += [job.poll, job.cancel]
    if named := set(prose.linked(function.description, site.links)):
        matches += [other.name for other in api.functions if site.slugs[other.name] in named]
    matches += [other.name for other in site.members(function.group)] if function.group else []
    return [api.function(name) for name in dict.fromkeys(matches) if name and name != function.name][:RELATED]
