"""The reference, made from what it is about: argparse, the catalog's JSON Schema, dataclasses, the ledger's reasons.

Nothing in it is written twice, so that nothing can go stale: a key that is added stands there after the next build.
"""

from __future__ import annotations

import argparse
import inspect
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from .. import names, pipeline, text
from ..check.catalogue import RULES, Rule
from ..cli import _parser
from ..inputs import Inputs
from ..ir import Api
from ..read import bounds
from ..read import enums as read_enums
from ..read import vendor_extensions as read_extensions
from ..read.project import Project
from ..surfaces.shared import prose
from ..text import Code
from .catalog_format import SectionView, sections
from .losses import Reason, reasons
from .source import Attribute, DataClass, dataclasses

PACKAGE = Path(__file__).parents[1]
_WORD = re.compile(r"[A-Za-z_]\w*")
_KINDS = {
    "kept": "Nothing is lost, but the interpretation should be checked.",
    "degraded": "It is present, but expresses or checks less than the document.",
    "dropped": "It is missing from the surface.",
}


@dataclass(frozen=True)
class Entry:
    """One thing of a list: what it is called, what it takes or is, what it does."""

    name: Code
    anchor: Code
    line: Code
    text: Code


@dataclass(frozen=True)
class Section:
    """A heading with what stands below it."""

    title: Code
    anchor: Code
    text: Code
    usage: Code
    """A fenced block; may be empty."""
    entries: tuple[Entry, ...]


@dataclass(frozen=True)
class ReferencePage:
    """A page of sections."""

    sections: tuple[Section, ...]


@dataclass(frozen=True)
class FormatPage:
    """The format of a file."""

    objects: tuple[SectionView, ...]


def command_line() -> ReferencePage:
    """Every command with its arguments, as argparse has them."""
    parser = _parser()
    parser.prog = "surfacegen"
    [commands] = (each for each in parser._actions if isinstance(each, argparse._SubParsersAction))
    helps = {each.dest: each.help or "" for each in commands._choices_actions}
    return ReferencePage(tuple(_command(name, each, helps[name]) for name, each in commands.choices.items()))


def _command(name: str, parser: argparse.ArgumentParser, help_: str) -> Section:
    parser.prog = f"surfacegen {name}"
    usage = parser.format_usage().removeprefix("usage: ").strip()
    nested = [each for each in parser._actions if isinstance(each, argparse._SubParsersAction)]
    entries = tuple(_option(name, each) for each in parser._actions if each.dest != "help" and each not in nested)
    for each in nested:
        helps = {choice.dest: choice.help or "" for choice in each._choices_actions}
        for inner, below in each.choices.items():
            below.prog = f"surfacegen {name} {inner}"
            line = prose.inline_code(" ".join(below.format_usage().removeprefix("usage: ").split()))
            entry = Entry(prose.inline_code(inner), Code(f"{name}-{inner}"), line, _sentence(helps.get(inner, "")))
            entries = (*entries, entry)
    return Section(
        prose.inline_code(f"surfacegen {name}"),
        Code(name),
        Code("\n\n".join(_sentence(each) for each in (help_, parser.description or "") if each)),
        text.markdown_fence(usage, "text"),
        entries,
    )


def _option(command: str, action: argparse.Action) -> Entry:
    called = ", ".join(action.option_strings) or str(action.metavar or action.dest)
    takes = "" if action.nargs == 0 or not action.option_strings else str(action.metavar or "")
    choices = " or ".join(prose.inline_code(str(each)) for each in action.choices or ())
    values = [f"takes {prose.inline_code(takes)}"] if takes else []
    values += [f"one of {choices}"] if choices else []
    anchor = f"{command}-{names.anchor(called.strip('-'))}"
    return Entry(prose.inline_code(called), Code(anchor), Code(" · ".join(values)), _sentence(action.help or ""))


def _sentence(written: str) -> Code:
    plain = str(prose.plain(written))
    return Code(plain[:1].upper() + plain[1:] + ("" if plain.endswith((".", ")")) or not plain else "."))


def catalog() -> FormatPage:
    """Every key of a catalog, from its JSON Schema."""
    return FormatPage(sections("read/catalog.schema.json", "catalog"))


def settings() -> FormatPage:
    """Every key of a settings file, from its JSON Schema."""
    return FormatPage(sections("settings.schema.json", "settings"))


def lint_rules() -> ReferencePage:
    """Every rule of `lint`, by how grave it is."""
    grave = ("error", "warning", "info")
    return ReferencePage(tuple(_rules(each, [rule for rule in RULES if rule.severity == each]) for each in grave))


def _rules(severity: str, results: Iterable[Rule]) -> Section:
    meanings = {
        "error": "Findings that mislead or break.",
        "warning": "Findings about missing or improvable parts.",
        "info": "Findings for published documents.",
    }
    entries = tuple(
        Entry(prose.inline_code(each.id), names.anchor(each.id), Code(_known_as(each)), _sentence(each.what))
        for each in results
    )
    return Section(Code(severity), Code(severity), Code(meanings[severity]), Code(""), entries)


def _known_as(rule: Rule) -> str:
    others = f"; Redocly: {prose.inline_code(rule.alias)}" if rule.alias else ""
    return f"{rule.origin}{others}" + (" · fixed by `--fix`" if rule.fixed else "")


@dataclass(frozen=True)
class TextPage:
    """A page with the docstring of a module."""

    text: Code


def vendor_extensions() -> TextPage:
    """The extensions of other generators that are read."""
    head, _, table = inspect.cleandoc(read_extensions.__doc__ or "").partition("\n")
    values, _, listed = inspect.cleandoc(read_enums.__doc__ or "").partition("\n")
    return TextPage(Code(f"{head}\n{table}\n\n## Values of an `enum`\n\n{values}\n{listed}"))


def ir() -> ReferencePage:
    """Every dataclass of the IR."""
    result = {
        name: each
        for module in ("ir", "places", "losses")
        for name, each in dataclasses(PACKAGE / f"{module}.py").items()
    }
    return ReferencePage(tuple(_of_class(each, result) for each in result.values()))


def _of_class(data_class: DataClass, linked: Iterable[str]) -> Section:
    entries = tuple(_attribute(data_class.name, each, linked) for each in data_class.attributes)
    return Section(
        prose.inline_code(data_class.name), Code(data_class.name.lower()), _written(data_class.text), Code(""), entries
    )


def _attribute(owner: str, attribute: Attribute, linked: Iterable[str]) -> Entry:
    default = f" = {attribute.default}" if attribute.default else ""
    known = [word for word in dict.fromkeys(_WORD.findall(attribute.type)) if word in linked and word != owner]
    see = f" · {', '.join(f'[{word}](#{word.lower()})' for word in known)}" if known else ""
    line = f"{prose.inline_code(f'{attribute.type}{default}')}{see}"
    return Entry(
        prose.inline_code(attribute.name),
        Code(f"{owner}-{attribute.name}".lower()),
        Code(line),
        _written(attribute.text),
    )


def _written(docstring: str) -> Code:
    """A docstring of ours: Markdown already, but for what HTML would take."""
    paragraphs = (" ".join(each.split()) for each in docstring.split("\n\n"))
    return Code("\n\n".join(paragraphs).replace("<", "&lt;"))


def ledger() -> ReferencePage:
    """Every reason of the ledger, by kind."""
    result = reasons(PACKAGE)
    return ReferencePage(tuple(_kind(kind, [each for each in result if each.kind == kind]) for kind in _KINDS))


def _kind(kind: str, results: Iterable[Reason]) -> Section:
    texts = sorted({(each.text, each.module) for each in results}, key=lambda pair: (pair[0].strip("…` "), pair[1]))
    entries = tuple(
        Entry(prose.plain(sentence), Code(f"{kind}-{number}"), prose.inline_code(module), Code(""))
        for number, (sentence, module) in enumerate(texts, 1)
    )
    return Section(Code(kind), Code(kind), Code(_KINDS[kind]), Code(""), entries)


def limits() -> ReferencePage:
    """Every bound of what is read, with the variable that sets it."""
    docstrings = _said_below(PACKAGE / "read/bounds.py")
    entries = tuple(
        Entry(
            prose.inline_code(each.variable), Code(name.lower()), Code(f"{each.default:,}"), _written(docstrings[name])
        )
        for name, each in vars(bounds).items()
        if isinstance(each, bounds.Bound)
    )
    return ReferencePage((Section(Code("Variables"), Code("variables"), Code(""), Code(""), entries),))


def _said_below(path: Path) -> dict[str, str]:
    """The string that stands under each constant of a module."""
    results = re.findall(r'^([A-Z]+) = [^\n]*\n"""(.*?)"""', path.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    return dict(results)


def templates(surface: str, spec: Path) -> ReferencePage:
    """Every template of a surface with its view, then the views and what they hold. spec: an API that has everything."""
    known = _views(surface)
    used = {template: view for template, view in _rendered(surface, spec).items() if view in known}
    reached = dict.fromkeys(used.values())
    for view in list(reached):
        reached.update(dict.fromkeys(_reached(view, known)))
    entries = tuple(
        Entry(prose.inline_code(template), Code(names.anchor(template)), Code(f"[{view}](#{view.lower()})"), Code(""))
        for template, view in used.items()
    )
    listed = Section(Code("Templates"), Code("templates"), Code(""), Code(""), entries)
    return ReferencePage((listed, *(_of_class(known[view], known) for view in reached)))


def _views(surface: str) -> Mapping[str, DataClass]:
    """Dataclasses of the surfaces by name; those of the surface itself go before others that are called the same."""
    rooms = sorted(path for path in (PACKAGE / "surfaces").rglob("*.py") if path.parent.name != surface)
    rooms += sorted((PACKAGE / "surfaces" / surface).glob("*.py"))
    return {name: result for path in rooms for name, result in dataclasses(path).items()}


def _reached(view: str, known: Mapping[str, DataClass], seen: frozenset[str] = frozenset()) -> Iterator[str]:
    """The views inside a view, each after the one that holds it."""
    for attribute in known[view].attributes:
        for word in _WORD.findall(attribute.type):
            if word in known and word not in seen and word != view:
                yield word
                yield from _reached(word, known, seen | {view, word})


@cache
def _apis(spec: Path) -> tuple[Api, ...]:
    """Which together have all that a template is for."""
    whole = Inputs(spec / "openapi.yaml", spec / "catalog.yaml", spec / "extensions")
    folder = Path(__file__).with_name("beside")
    project = Project(license="MIT", author="Somebody")
    beside = Inputs(folder / "openapi.yaml", folder / "catalog.yaml", project=project)
    return pipeline.load(whole), pipeline.load(beside)


def _rendered(surface: str, spec: Path) -> dict[str, str]:
    """Template -> the class of the view that a real run gives it."""
    pages = (page for api in _apis(spec) for page in pipeline.surface(surface).render(api).pages)
    return dict(sorted({page.template: type(page.whole().view).__name__ for page in pages}.items()))
