"""Where people would rather look: the states of a job, the map of the functions, the way of a call."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ...ir import Api, Function, Job
from ...names import called
from ...text import Code
from ..shared import policy, prose
from .site import Site
from .svg import WIDTH, Drawing, width

MOST_ROWS = 120
"""Functions that the map names; of a larger API it shows the groups."""


@dataclass(frozen=True)
class Picture:
    """An image file and its alternative text."""

    name: Code
    svg: Code
    alt: Code


def _picture(name: str, drawing: Drawing) -> Picture:
    return Picture(Code(name), drawing.svg(), prose.plain(drawing.description))


def working(api: Api, job: Job) -> tuple[str, ...]:
    """The states before the last one: those that the status may have and that are not terminal."""
    type_ = api.function(job.poll).result.type
    for step in job.status.split("."):
        fields = api.models[type_.model].fields if type_ and type_.kind == "model" else ()
        type_ = next((field.type for field in fields if field.wire_name == step), None)
    return tuple(str(value) for value in type_.values if value not in job.terminal) if type_ else ()


def starts(api: Api, job: Job) -> list[Function]:
    """The functions that begin one."""
    return [f for f in api.functions if f.job == job.key and f.access == "write" and f.name != job.cancel]


def job(site: Site, of: Job) -> Picture:
    """The states of a job: how it starts, what it passes through, how it ends."""
    api = site.api
    states = working(api, of) or ("working",)
    good = list(of.successful)
    bad = [state for state in of.terminal if state not in good]
    begun_by = starts(api, of)
    drawing = Drawing(
        title=f"States of a {of.key}",
        description=f"A {of.key} is {', then '.join(states)}; it ends {_or([*good, *bad])}."
        + (f" {_title(api.function(of.cancel))} ends it early." if of.cancel else ""),
    )
    left, wide, y = 20.0, 150.0, 20.0
    middle = left + wide / 2
    for function in begun_by:
        drawing.words(left, y + 6, _title(function), "small")
        y += 17
    drawing.line([(middle, y), (middle, y + 24)])
    y += 24
    first = y
    for index, state in enumerate(states):
        if index:
            drawing.line([(middle, y - 26), (middle, y)])
        drawing.box(left, y, wide, 34, state)
        y += 60
    last = y - 26
    # Each look gives the same state again, or the next one.
    drawing.line([(middle, last), (middle, last + 22)], head=False, dashed=True)
    drawing.words(left, last + 38, f"look every {of.interval:g} s:", "small")
    drawing.words(left, last + 54, _title(api.function(of.poll)), "small")
    ends = [(state, "good") for state in good] + [(state, "bad") for state in bad]
    right, step = 290.0, 46.0
    spine = 240.0
    centre = (first + last) / 2
    top = max(first, centre - (len(ends) * step - 12) / 2)
    tops = [top + index * step + 17 for index in range(len(ends))]
    leaves = [first + 17 + index * 60 for index in range(len(states))]
    for leave in leaves:
        drawing.line([(left + wide, leave), (spine, leave)], head=False)
    drawing.line([(spine, min(tops[0], leaves[0])), (spine, max(tops[-1], leaves[-1]))], head=False)
    for (state, kind), at in zip(ends, tops):
        drawing.line([(spine, at), (right, at)])
        drawing.box(right, at - 17, wide, 34, state, kind)
    if of.cancel:
        drawing.words(spine + 12, tops[-1] + 38, _title(api.function(of.cancel)), "small")
        drawing.line([(spine, tops[-1] + 50), (spine, tops[-1] + 4)], dashed=True)
    return _picture(f"job_{site.job_slugs[of.key]}", drawing)


def functions(site: Site) -> Picture:
    """All functions by group, with what each may do."""
    api = site.api
    every = len(api.functions) <= MOST_ROWS
    groups = site.filled()
    drawing = Drawing(
        title=f"The functions of {api.title}",
        description=f"{len(api.functions)} functions in {len(groups)} group{'s' if len(groups) > 1 else ''}: "
        + ", ".join(f"{group.title} ({len(site.members(group.key))})" for group in groups)
        + ".",
    )
    y = 26.0
    for x, kind, label in ((20, "read", "reads"), (90, "write", "writes"), (166, "destructive", "destroys")):
        drawing.dot(x, y - 4, kind)
        drawing.words(x + 10, y, label, "small")
    if "billed" in policy.extra(api):
        drawing.words(250, y, "$ may cost money", "small")
    y += 12
    sections = [(f"{group.title}", site.members(group.key)) for group in groups]
    if loose := site.members(""):
        sections.insert(0, ("Client", loose))
    for title, members in sections:
        y += 24
        drawing.words(20, y, title if every else f"{title} ({len(members)})", "strong")
        start = y + 6
        for function in members if every else ():
            y += 20
            drawing.line([(26, y - 4), (36, y - 4)], head=False)
            drawing.dot(44, y - 4, "destructive" if function.destructive else function.access)
            label = f"{_title(function)}{' $' if function.billed else ''}"
            drawing.words(56, y, label)
            name = called(site.api)[function.name].python
            if 56 + width(label) + width(name, 11.5) < WIDTH - 30:
                drawing.words(WIDTH - 20, y, name, "small", anchor="end")
        if every and members:
            drawing.line([(26, start), (26, y - 4)], head=False)
    return _picture("functions", drawing)


def call(site: Site) -> Picture:
    """The way of a call through the package."""
    api = site.api
    drawing = Drawing(
        title=f"The way of a call through {api.package}",
        description="The command line, MCP and Lua hand a call to functions, which finds it, validates it, checks "
        "permission and shapes the result; functions and your Python code alike use the client's methods, and those the "
        f"runtime, which retries, pages, streams and keeps the token; it sends the request to {api.title}.",
    )
    y, third = 20.0, 132.0
    for index, (words, below) in enumerate(
        (("Command line", api.command), ("MCP", "agents' hosts"), ("Lua", "code mode"))
    ):
        x = 20 + index * (third + 12)
        drawing.box(x, y, third, 46, words, "quiet", below)
        drawing.line([(x + third / 2, y + 46), (x + third / 2, y + 74)])
    y += 74
    steps = (
        ("functions", "find · validate · permit · call · shape the result", "box"),
        ("resources", f"client.{_method(api)}(…) · Python code starts here", "box"),
        ("runtime", "token · retries · pages · streams · files · errors", "box"),
        (api.title, "over HTTPS, or the mock on your machine", "good"),
    )
    for index, (words, below, kind) in enumerate(steps):
        if index:
            drawing.line([(WIDTH / 2, y - 26), (WIDTH / 2, y)])
        drawing.box(20, y, WIDTH - 40, 50, words, kind, below)
        y += 76
    return _picture("call", drawing)


def every(site: Site) -> Iterator[Picture]:
    """All pictures of an API."""
    yield functions(site)
    yield call(site)
    for each in site.api.jobs.values():
        yield job(site, each)


def _title(function: Function) -> str:
    return function.title or function.name


def _method(api: Api) -> str:
    function = api.functions[0] if api.functions else None
    return called(api)[function.name].python if function else ""


def _or(values: list[str]) -> str:
    return " or ".join([", ".join(values[:-1]), values[-1]]) if len(values) > 1 else "".join(values)
