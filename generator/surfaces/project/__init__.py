"""The files above all surfaces: the README of an output, and the next steps after the first run.

It is no surface of its own: which of them it speaks of depends on those that are in the folder.
"""

from __future__ import annotations

import shlex
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from ... import names
from ...ir import Api
from ...text import Code, markdown_code, markdown_fence
from ..base import Page
from ..shared import calls
from ..shared.header import header
from ..shared.licences import licence, needs_holder
from ..shared.prose import inline_code, plain

_EXTRAS = ("cli", "mcp", "lua")
_LONGEST = 400
"""Characters of a first call that is shown."""


@dataclass(frozen=True)
class Folder:
    """A row of the table of folders."""

    path: Code
    what: Code


@dataclass(frozen=True)
class Step:
    """Something to do: what it is, and its code in a fence."""

    what: Code
    code: Code


@dataclass(frozen=True)
class ReadmeView:
    """The README at the top of an output."""

    header: Code
    title: Code
    summary: Code
    document: Code
    package: Code
    version: Code
    regenerate: Code
    folders: tuple[Folder, ...]
    install: tuple[Step, ...]
    calls: tuple[Step, ...]
    publish: tuple[Step, ...]
    terms: Code


def readme(api: Api, present: Collection[str]) -> Page:
    """The README of an output that holds these surfaces."""
    own = names.package(api)
    return Page(
        "README.md.jinja",
        ReadmeView(
            header=Code(f"<!-- {header(api)} -->"),
            title=plain(api.title),
            summary=plain(api.summary),
            document=inline_code(api.documents[0]) if api.documents else Code("its description"),
            package=markdown_code(own.distribution),
            version=inline_code(api.version),
            regenerate=inline_code(api.regenerate),
            folders=tuple(_folders(api, present)),
            install=tuple(_install(api, present)),
            calls=tuple(_calls(api, present)),
            publish=tuple(_publish(api, present)),
            terms=_terms(api),
        ),
    )


def first_steps(api: Api, present: Collection[str], out: str) -> tuple[str, ...]:
    """The commands from an output to its first answer, in the order that works. out: the folder, as it was named."""
    if "python" not in present:
        return (f"read {out}/README.md",)
    results = [f"pip install {_distribution(api, present, out)}"]
    if "cli" in present and "mock" in present:
        results.append(
            f"{names.package(api).command} mock    # leave it running; in another shell, run the lines it prints"
        )
    first = calls.first(api)
    if "cli" in present:
        call = calls.cli(api, *first) if first is not None else ""
        results.append(call if call and _fits(call) else f"{api.command} functions")
    return (*results, f"read {out}/README.md for the other surfaces")


def _distribution(api: Api, present: Collection[str], folder: str) -> str:
    extras = [each for each in _EXTRAS if each in present]
    place = "python" if folder == "." else f"{folder}/python"
    place = place if place.startswith(("/", "../")) else f"./{place}"
    return shlex.quote(place + (f"[{','.join(extras)}]" if extras else ""))


def _folders(api: Api, present: Collection[str]) -> Iterator[Folder]:
    own = names.package(api)
    if "python" in present:
        more = {"cli": f"the command `{own.command}`", "mcp": "an MCP server", "lua": "Lua scripts in a sandbox"}
        parts = [what for name, what in more.items() if name in present]
        parts += ["a mock of the API"] if "mock" in present else []
        with_ = f", with {', '.join(parts)}" if parts else ""
        yield Folder(Code("`python/`"), Code(f"the distribution `{own.distribution}`: a client, sync and async{with_}"))
    if "mcp" in present:
        yield Folder(Code("`mcp/`"), Code("the tools of the MCP server, and its entry for a registry"))
    if "lua" in present:
        yield Folder(Code("`lua/`"), Code("the module for plain Lua, its rockspec and its annotations for editors"))
    if "docs" in present:
        yield Folder(Code("`docs/`"), Code("the pages of the reference, and `build.py`, which makes a site of them"))
        yield Folder(Code("`.github/`"), Code("a workflow that publishes that site by GitHub Pages"))
        yield Folder(Code("`catalog.json`"), Code("all functions, for programs"))
    yield Folder(Code("`ledger.json`"), Code("what of the description could not be carried over, and why"))
    yield Folder(Code("`manifest.json`"), Code("which files were made, and from what"))


def _install(api: Api, present: Collection[str]) -> Iterator[Step]:
    own = names.package(api)
    if "python" not in present:
        return
    lines = ["python3 -m venv .venv", ". .venv/bin/activate", f"pip install {_distribution(api, present, '.')}"]
    yield Step(Code("Into an environment of its own:"), markdown_fence("\n".join(lines), "sh"))
    if "cli" in present and "mock" in present:
        text = f"{own.command} mock"
        what = (
            "Nothing here needs the API or an account: a mock answers. It goes on until Ctrl-C, and prints its address"
        )
        yield Step(
            Code(f"{what} and lines that begin with `export`, to be run in the shell of the calls below:"),
            markdown_fence(text, "sh"),
        )


def _calls(api: Api, present: Collection[str]) -> Iterator[Step]:
    own, first = names.package(api), calls.first(api)
    if "cli" in present:
        lines = [f"{own.command} functions", *([_short(calls.cli(api, *first))] if first else [])]
        yield Step(Code("From a shell:"), markdown_fence("\n".join(line for line in lines if line), "sh"))
    if first is None:
        return
    if "python" in present and (code := _short(calls.python_first(api, *first))):
        what = f"From Python, and the same with `Async{own.client}` and `await`:"
        yield Step(Code(what), markdown_fence(code, "python"))
    if "lua" in present and "python" in present and (code := _short(calls.lua_first(api, *first))):
        yield Step(
            Code("From Lua, in a sandbox that reaches the API and nothing else:"),
            markdown_fence(f"{own.command} lua run -e {shlex.quote(code)}", "sh"),
        )
    if "mcp" in present and "python" in present:
        yield Step(
            Code(
                "From an agent: give its host this command. It lists the tools that read; `--write=allow` adds the others."
            ),
            markdown_fence(f"{own.command} mcp serve", "sh"),
        )


def _publish(api: Api, present: Collection[str]) -> Iterator[Step]:
    if "python" in present:
        lines = "pip wheel --no-deps --wheel-dir dist ./python\ntwine upload dist/*.whl"
        yield Step(Code("The wheel:"), markdown_fence(lines, "sh"))
    if "lua" in present:
        lines = "cd lua\nluarocks make --pack-binary-rock ./*.rockspec\nluarocks upload ./*.rockspec"
        yield Step(Code("The rock:"), markdown_fence(lines, "sh"))
    if "docs" in present:
        lines = "pip install -r docs/requirements.txt\npython docs/build.py    # into docs/site"
        yield Step(Code("The site:"), markdown_fence(lines, "sh"))


def _terms(api: Api) -> Code:
    if licence(api):
        return Code("The text is in `LICENSE`, beside each package.")
    if needs_holder(api):
        return Code(f"{markdown_code(api.license)}. Its text names a holder: say who, as `author` in the settings.")
    if api.license:
        return Code(f"{markdown_code(api.license)}. Its text is not here: name its file as `license` in the settings.")
    return Code("None is named: nobody else may use what is here until `license` in the settings names one.")


def _fits(code: str) -> bool:
    return len(code) <= _LONGEST and "\n" not in code


def _short(code: str) -> str:
    return code if len(code) <= _LONGEST else ""
