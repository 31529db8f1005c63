"""Guides: pages about what many functions share. Which of them an API has depends on what it can do."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from ... import names, text
from ...ir import Api, Class, Function, Page
from ...names import job_commands
from ...text import Code, first_sentence
from ..shared import calls, policy, prose
from . import credentials, pictures, unions
from .functions import Tab, tabs
from .pictures import Picture
from .site import Link, Site


@dataclass(frozen=True)
class Sample:
    """A function with one call of it."""

    link: Link
    name: Code
    """As inline code."""
    name_plain: Code
    words: Code
    """The words of its command: `replikit predictions create`."""
    lua_name: Code
    method: Code
    """In Python: `predictions.create`."""
    call: Code
    """In Python: `client.predictions.create(…)`."""
    lua_call: Code
    command: Code
    arguments: Code
    """As JSON."""
    tabs: tuple[Tab, ...]


@dataclass(frozen=True)
class JobView:
    """A job: how it starts, what it passes through, how it ends."""

    key: Code
    anchor: Code
    picture: Picture
    start: Sample
    starts: tuple[Link, ...]
    poll: Link
    poll_words: Code
    """The words of its command."""
    list_words: Code
    """Those of the command that lists such jobs; empty where none does."""
    id_path: Code
    status_path: Code
    cancel: Link | None
    status: Code
    status_attribute: Code
    stream_attribute: Code
    call: Code
    """In Python, inside a tab."""
    call_deeper: Code
    working: tuple[Code, ...]
    successful: tuple[Code, ...]
    unsuccessful: tuple[Code, ...]
    interval: Code
    stream: Code
    logs: Code
    output: Code


@dataclass(frozen=True)
class ClassView:
    """A policy class and the functions it covers."""

    name: Code
    meaning: Code
    opens: Code
    """What its flag opens: `Those that …`; empty for `read` and `write`."""
    count: int
    functions: tuple[Link, ...]
    """None for the two that every function has one of."""


@dataclass(frozen=True)
class GuideView:
    """The view of every guide; all names are spelled, and samples ready to print."""

    header: Code
    api: Code
    api_json: Code
    """Its title inside a JSON string."""
    package: Code
    command: Code
    client: Code
    lua: Code
    """The namespace in code mode: `app.integrations.replicate`."""
    lua_short: Code
    token_env: Code
    base_url_env: Code
    bounds_env: Code
    """What the variables of the environment that set bounds begin with: `REPLIKIT_`."""
    config_env: Code
    account_env: Code
    token_url: Code
    base_url: Code
    schemes: tuple[credentials.SchemeView, ...]
    several: bool
    """Credentials are more than one token."""
    oauth: bool
    logins: bool
    """Tokens are got at endpoints that the document names, which the mock serves as well."""
    openid: bool
    """An OpenID provider, with the endpoints of its discovery document."""
    count: int
    document: Code
    digest: Code
    document_file: Code
    first: Sample | None
    first_inside: Code
    """Its call in Python, inside a block; then inside two."""
    first_deep: Code
    hook: Code
    """The argument that asks for a webhook; empty where the API makes no such requests."""
    listing: Sample | None
    page_how: Code
    servers: tuple[Code, ...]
    events: tuple[EventView, ...]
    jobs: tuple[JobView, ...]
    streamed: JobView | None
    streams: tuple[Sample, ...]
    """Functions that answer with a stream of items, or do when they are asked to."""
    files_in: tuple[Sample, ...]
    files_out: tuple[Sample, ...]
    binary: Sample | None
    classes: tuple[ClassView, ...]
    incoming: bool
    """The API makes requests; then: a function may cost money."""
    billed: bool
    extra: tuple[ClassView, ...]
    """Those beyond `read` and `write`; then as a flag takes them, as a table lists them, and what they do."""
    extra_flag: Code
    extra_listed: Code
    extra_does: Code
    class_asked: Code
    """The class that an example asks about."""
    guides: tuple[Link, ...]
    choices: tuple[unions.UnionView, ...]
    """What results may be one of; then how many more there are, the class of a member, and a call that gives one."""
    more_unions: int
    first_member: Code
    union: unions.UnionCall | None
    union_argument: unions.UnionArgument | None
    priced: bool
    """Its jobs tell how long they took, which may have a price; the next two: they can be watched, and listened to."""
    watched: bool
    listened: bool


@dataclass(frozen=True)
class EventView:
    """A request that the API makes, and the function that reads it."""

    name: Code
    line: Code
    signed: bool


@dataclass(frozen=True)
class HandWritten:
    """A page of the spec's own extensions."""

    content: Code


_LINK = re.compile(r"\[([^\[\]]+)\]\([^()]*\)")

_MEANINGS: Mapping[Class, str] = {
    "read": "It changes nothing.",
    "write": "It changes something.",
    "billed": "It may cost money: it starts work that is billed, or keeps something running that is.",
    "destructive": "It removes something that no call can restore.",
    "secret": "It discloses a secret.",
}

_OPENS: Mapping[Class, str] = {
    "billed": "Those that may cost money",
    "destructive": "Those that take something away for good",
    "secret": "Those that disclose a secret",
}

_GUIDES = (
    ("python", "Python", "Install it, make a call against the mock, handle an error."),
    ("cli", "Command line", "Every function as a command, for people and scripts."),
    ("mcp", "MCP", "Plug the functions into an agent's host."),
    ("lua", "Lua code mode", "One script in place of many calls, in a sandbox with limits."),
    ("gateway", "Many APIs at once", "One server, one search and one script over several packages, under one policy."),
    ("mock", "The mock", "Develop and test without {paying}."),
    ("authentication", "Authentication and accounts", "Where the token comes from, and how to keep several."),
    ("permissions", "Permissions", "What {does}, and how to allow it."),
    ("pagination", "Pagination", "Lists that come a page at a time."),
    ("waiting", "Waiting", "Results that go on working after the call."),
    ("streaming", "Streaming", "Output while it is made."),
    ("files", "Files", "Giving files and getting them."),
    (
        "unions",
        "Unions",
        "Results and arguments that may be one of several objects: which, and how they are told apart.",
    ),
    ("incoming", "Incoming requests", "Webhooks and callbacks, read as typed views."),
    ("bounds", "Bounds", "How much is taken of a server, a caller, a script or a file, and what sets it."),
    ("agents", "For agents", "What there is to read without HTML: llms.txt, Markdown, catalog.json, tools.json."),
)


def pages(site: Site) -> Iterator[tuple[str, Code, Code]]:
    """(name, title, summary) of every guide that this API has, in reading order."""
    api = site.api
    absent = {
        "authentication": not api.schemes,
        "pagination": not any(function.page for function in api.functions),
        "incoming": not api.events,
        "unions": not site.unions and unions.argument(site) is None,
        "waiting": not api.jobs,
        "streaming": not any(job.stream for job in api.jobs.values()) and not any(map(_streams, api.functions)),
        "files": not any(function.files_in or function.files_out for function in api.functions),
    }
    does = policy.does(("read", "write", *policy.extra(api)))
    paying = "a token and without paying" if "billed" in policy.extra(api) else "calling the API"
    for name, title, summary in _GUIDES:
        if not absent.get(name, False):
            yield name, Code(title), Code(summary.format(does=does, paying=paying))


def _streams(function: Function) -> bool:
    return function.result.kind == "events" or bool(function.result.stream)


def view(site: Site) -> GuideView:
    """What every guide is rendered from."""
    api = site.api
    functions = api.functions
    prefix = api.package.upper()
    first = site.first_call()
    # A plain read where there is one; there are searches by POST, and lists of secrets.
    listing = min((f for f in functions if f.page), key=lambda f: f.classes != ("read",), default=None)
    jobs = tuple(_jobs(site))
    own = job_commands(api)
    classes = tuple(_classes(site))
    extra = policy.extra(api)
    return GuideView(
        header=site.header,
        api=prose.plain(api.title),
        api_json=Code(text.json_literal(text.prose(api.title))[1:-1]),
        package=Code(api.package),
        bounds_env=Code(f"{prefix}_"),
        command=Code(api.command),
        client=Code(api.client),
        lua=Code(f"app.integrations.{names.package(api).script}"),
        lua_short=names.package(api).script,
        token_env=Code(api.token_env),
        base_url_env=Code(api.base_url_env),
        config_env=Code(f"{prefix}_CONFIG"),
        account_env=Code(f"{prefix}_ACCOUNT"),
        token_url=text.markdown_url(api.token_url),
        base_url=prose.inline_code(api.servers[0].url if api.servers else ""),
        schemes=tuple(credentials.schemes(api)),
        several=len(api.schemes) > 1 or any(len(each.parts) > 1 for each in api.schemes),
        oauth=any(each.openid_url or any(f.kind != "implicit" for f in each.flows) for each in api.schemes),
        logins=any(each.openid_url or any(flow.token_url for flow in each.flows) for each in api.schemes),
        openid=any(each.openid_url for each in api.schemes),
        count=len(functions),
        document=prose.plain(f"{api.document_title} {api.document_version}"),
        digest=prose.inline_code(api.digest),
        document_file=text.markdown_url(api.documents[0] if api.documents else ""),
        first=_sample(site, first) if first else None,
        first_inside=_deeper(_sample(site, first).call, 1) if first else Code(""),
        first_deep=_deeper(_sample(site, first).call, 2) if first else Code(""),
        hook=prose.inline_code(api.webhooks.argument) if api.webhooks else Code(""),
        listing=_sample(site, listing) if listing else None,
        servers=tuple(_servers(api)),
        events=tuple(_events(site)),
        page_how=_how(listing.page) if listing and listing.page else Code(""),
        jobs=jobs,
        streamed=next((job for job in jobs if job.stream), None),
        streams=tuple(_sample(site, f) for f in functions if _streams(f)),
        files_in=tuple(_sample(site, f) for f in functions if f.files_in),
        files_out=tuple(_sample(site, f) for f in functions if f.files_out and f.access == "read"),
        binary=next((_sample(site, f) for f in functions if f.result.kind == "binary"), None),
        classes=classes,
        incoming=bool(api.events) or api.webhooks is not None,
        billed="billed" in extra,
        extra=tuple(each for each in classes if each.opens),
        extra_flag=Code(",".join(extra)),
        extra_listed=Code(", ".join(f"`{each}`" for each in extra)),
        extra_does=Code(policy.does(extra)),
        class_asked=Code((*extra, "write")[0]),
        guides=links(site),
        choices=tuple(unions.views(site)),
        more_unions=max(0, len(site.unions) - unions.SHOWN),
        first_member=unions.first(site),
        union=unions.call(site),
        union_argument=unions.argument(site),
        priced="costs" in own,
        watched="watch" in own,
        listened="listen" in own,
    )


def _events(site: Site) -> Iterator[EventView]:
    """The requests that the API makes, in the order of the document."""
    for event in site.api.events:
        requested = f", asked for by {site.linked(site.api.function(event.function), '../')}" if event.function else ""
        summary = prose.plain(event.summary or first_sentence(event.description))
        signed = "; it is signed" if event.signed else ""
        line = f"{event.method} {prose.inline_code(event.key)}{requested}{signed}." + (f" {summary}" if summary else "")
        yield EventView(names.PYTHON.spell(event.words), Code(line), event.signed)


def _servers(api: Api) -> Iterator[Code]:
    """Each server with what it is chosen by, where there is a choice."""
    if len(api.servers) == 1 and not api.servers[0].variables:
        return
    for number, server in enumerate(api.servers, 1):
        chosen = prose.inline_code(server.name or str(number))
        address = prose.inline_code(server.template or server.url)
        description = f": {prose.plain(server.description)}" if server.description else ""
        values = [
            (
                f"{prose.inline_code(name)} is {' or '.join(prose.inline_code(each) for each in allowed)}"
                if allowed
                else f"{prose.inline_code(name)} may be anything"
            )
            for name, _, allowed in server.variables
        ]
        yield Code(f"{chosen} is {address}{description}" + "".join(f"; {each}" for each in values))


def _how(page: Page) -> Code:
    if page.by == "url" and page.items:
        items, onward = prose.inline_code(page.items), prose.inline_code(page.next)
        return Code(
            f"A list comes a page at a time: its items are in {items}, and {onward} holds the URL of the page after\n"
            "it, or null."
        )
    return Code(f"A list comes a page at a time. {prose.pages(page)}.")


def links(site: Site) -> tuple[Link, ...]:
    """All guides as a list from the root of the site, those of this API alone at the end."""
    common = ((name, title, summary) for name, title, summary in pages(site))
    own = ((name, title, summary) for name, title, summary, _ in hand_written(site))
    return tuple(Link(title, Code(f"guides/{name}.md"), summary, Code("")) for name, title, summary in (*common, *own))


def hand_written(site: Site) -> Iterator[tuple[str, Code, Code, HandWritten]]:
    """(name, title, summary, view) of the guides that are this API's own."""
    for guide in site.api.guides:
        name = str(names.anchor(guide.name))
        summary = text.first_sentence(_LINK.sub(r"\1", guide.text.partition("\n")[2]))
        written = HandWritten(prose.guide(guide.text, site.links, "../functions/"))
        yield name, prose.plain(guide.title), prose.plain(summary), written


def _sample(site: Site, function: Function) -> Sample:
    api = site.api
    arguments = function.examples[0].arguments if function.examples else {}
    shown = {calls.argument(param): value for param, value in calls.assigned(function, arguments)}
    return Sample(
        link=site.function_link(function, "../"),
        name=prose.inline_code(function.name),
        name_plain=Code(function.name),
        words=Code(calls.command(api, function)),
        lua_name=names.called(api)[function.name].short,
        method=Code(calls.python_method(api, function)),
        call=Code(calls.python_call(api, function, arguments)),
        lua_call=Code(calls.lua_call(api, function, arguments)),
        command=Code(calls.cli(api, function, arguments)),
        arguments=text.json_literal(shown),
        tabs=tabs(site, function, arguments),
    )


def _jobs(site: Site) -> Iterator[JobView]:
    api = site.api
    for job in api.jobs.values():
        starts = pictures.starts(api, job)
        if not starts:
            continue
        # The one beside its poll, and with the fewest arguments, is the plainest.
        near = api.function(job.poll).group
        start = min(starts, key=lambda f: (f.group != near, sum(p.required for p in f.params), f.name))
        started = _sample(site, start)
        yield JobView(
            key=prose.plain(job.key[:1].upper() + job.key[1:]),
            anchor=names.anchor(job.key),
            picture=pictures.job(site, job),
            start=started,
            starts=tuple(site.function_link(f, "../") for f in starts),
            poll=site.function_link(api.function(job.poll), "../"),
            poll_words=Code(calls.command(api, api.function(job.poll))),
            list_words=Code(calls.command(api, api.function(job.list)) if job.list else ""),
            id_path=_filter(job.id),
            status_path=_filter(job.status),
            cancel=site.function_link(api.function(job.cancel), "../") if job.cancel else None,
            status=prose.inline_code(job.status),
            status_attribute=_attribute(job.status),
            stream_attribute=_attribute(job.stream),
            call=_deeper(started.call, 1),
            call_deeper=_deeper(started.call, 3),
            working=_codes(pictures.working(api, job)),
            successful=_codes(job.successful),
            unsuccessful=_codes(state for state in job.terminal if state not in job.successful),
            interval=Code(f"{job.interval:g}"),
            stream=prose.inline_code(job.stream),
            logs=prose.inline_code(job.logs),
            output=prose.inline_code(job.output),
        )


def _deeper(call: str, levels: int) -> Code:
    """A call whose further lines stand as deep as where it is put."""
    return Code(call.replace("\n", "\n" + "    " * levels))


def _attribute(path: str) -> Code:
    """A path into a result as Python reads it."""
    return Code(names.field_path(path))


def _filter(path: str) -> Code:
    """A path into a result as jq reads it, between the single quotes of a shell."""
    steps = [
        step if re.fullmatch(r"[A-Za-z_]\w*", step, re.ASCII) else text.json_literal(step) for step in path.split(".")
    ]
    return Code("".join(f".{step}" for step in steps).replace("'", "'\\''"))


def _codes(values: Iterable[str]) -> tuple[Code, ...]:
    return tuple(prose.value(each) for each in values)


def _classes(site: Site) -> Iterator[ClassView]:
    for name, meaning in _MEANINGS.items():
        covered = [function for function in site.api.functions if name in function.classes]
        if not covered and name in _OPENS:
            continue
        shown = () if name == "read" else tuple(site.function_link(function, "../") for function in covered)
        yield ClassView(Code(name), Code(meaning), Code(_OPENS.get(name, "")), len(covered), shown)
