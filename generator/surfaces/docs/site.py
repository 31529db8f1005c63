"""The state that all pages share: the API, the pages of its functions, groups and types, and links to them."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from functools import cache

from ... import names, text
from ...ir import Api, ExternalDocs, Function, Group, Loss, Named, NamedType
from ...text import Code
from .. import mcp
from ..shared import calls, prose
from ..shared.header import header
from ..shared.metadata import metadata
from . import uses

DEPTH = 4
"""Objects within objects that get headings of their own; deeper ones are described by their type alone."""
_COMPONENT = re.compile(r"#?/components/schemas/[^/]+\Z")


@dataclass(frozen=True)
class Link:
    """A line of an index."""

    label: Code
    href: Code
    summary: Code
    badges: Code


def type_name(model: Named) -> str:
    """What a type is called in Python, and so in the docs."""
    return str(names.type_name(model))


LARGE = 200
"""Functions and types of a site whose navigation names each of them. In a larger one it stops at groups, as all of it stands
in every page; a group's page and the search lead on, and what other files hold whole is not repeated on pages."""
COLOURED = 120
"""Lines of a block that is highlighted: the colours of a line of JSON weigh five times what it says."""
LINES = 500
"""Of a block; nobody reads more of an example, and `catalog.json` has it whole."""
SHOWN = 160
"""Characters of a title in the navigation, where a key of YAML takes 1,024; its page has all of it."""


def front(title: str) -> Code:
    """A text in mkdocs.yml or a page's front matter, which themes print as HTML and into attributes."""
    return text.yaml_literal(html.escape(text.prose(title)))


def json_fence(value: object) -> Code:
    """A value as a block of JSON."""
    lines = text.json_literal(value).split("\n")
    if len(lines) > LINES:
        lines = [*lines[:LINES], f"… {len(lines) - LINES:,} further lines"]
    return text.markdown_fence("\n".join(lines), "json" if len(lines) <= COLOURED else "text")


def entry(title: str) -> Code:
    """A title in the navigation."""
    shown = text.prose(title)
    return front(shown if len(shown) <= SHOWN else shown[: SHOWN - 1].rstrip() + "…")


class Site:
    """The pages of an API by what they are about. `up` leads from a page to the root: "" or "../"."""

    def __init__(self, api: Api) -> None:
        self.api = api
        self.header = Code(f"<!-- {header(api)} -->")
        self.losses: list[Loss] = []
        self.slugs = self._files("function", {name: str(each.page) for name, each in names.called(api).items()})
        self.group_slugs = self._files("group", {key: noun.page for key, noun in names.nouns(api).items()})
        self.job_slugs = self._files("job", {key: str(names.anchor(key)) for key in api.jobs})
        self.links = prose.targets(api.functions, self.slugs)
        self.groups = {group.key: group for group in api.groups}
        self._links: dict[tuple[str, str], tuple[Function, Link]] = {}
        self._members: dict[str, list[Function]] = {}
        for function in api.functions:
            self._members.setdefault(function.group, []).append(function)
        self.metadata = metadata(api)
        self.entries = {entry["name"]: entry for entry in self.metadata.entries}
        self.tools = {tool["name"]: tool for tool in mcp.listed(api)}
        self.types = self._files(
            "type",
            {
                key: names.page_of(item)
                for key, item in api.named.items()
                if _COMPONENT.match(item.place.pointer) and (isinstance(item, NamedType) or item.fields)
            },
        )

        self.large = len(api.functions) + len(self.types) > LARGE
        self.unions = uses.alternatives(api)
        self.givers = uses.givers(api)
        self.shared = uses.shared(api, self.types, DEPTH)
        self.returned = uses.returned(api, self.types, self.shared, DEPTH)

    def _files(self, kind: str, spelled: dict[str, str]) -> dict[str, str]:
        """The names of pages; builders take a page called index for its folder's own."""
        result = names.file_names(spelled, ("index", "readme"))
        for key, why in result.changed.items():
            reason = f"the page of the {kind} {key[:80]!r}: {why}"
            self.losses.append(Loss(pointer="", surface="docs", kind="degraded", reason=reason))
        return {key: str(name) for key, name in result.of.items()}

    def members(self, key: str) -> list[Function]:
        """The functions of a group."""
        return self._members.get(key, [])

    def filled(self) -> list[Group]:
        """The groups that have a function of their own."""
        return [group for group in self.api.groups if self.members(group.key)]

    @cache  # noqa: B019 - a site lives as long as its run
    def type(self, up: str) -> prose.Types:
        """How types are named on a page, with links to the pages of those that have one."""
        return prose.Types(self.api, {key: f"{up}types/{name}.md" for key, name in self.types.items()})

    @cache  # noqa: B019
    def line(self, written: str, up: str) -> Code:
        """A description on one line."""
        return prose.line(written, self.links, f"{up}functions/")

    @cache  # noqa: B019 - a shared object is described wherever it is opened
    def paragraphs(self, written: str, up: str) -> Code:
        """A description as paragraphs."""
        return prose.paragraphs(written, self.links, f"{up}functions/")

    def external(self, docs: ExternalDocs | None) -> Code:
        """A link to the page of others that says more; nothing where there is none."""
        if docs is None:
            return Code("")
        label = prose.plain(text.first_sentence(docs.description).removesuffix(".") or docs.url)
        return Code(f"More: [{label}]({text.markdown_url(docs.url)})")

    def function_link(self, function: Function, up: str) -> Link:
        """A function in a list."""
        if (known := self._links.get((function.name, up))) is not None and known[0] is function:
            return known[1]
        link = Link(
            label=prose.plain(function.title or function.name),
            href=Code(f"{up}functions/{self.slugs[function.name]}.md"),
            summary=self.line(function.summary, up),
            badges=self.badges(function, up),
        )
        self._links[function.name, up] = function, link
        return link

    def linked(self, function: Function, up: str) -> str:
        """A function inside a sentence."""
        link = self.function_link(function, up)
        return f"[{link.label}]({link.href})"

    def group_link(self, group: Group, up: str) -> Link:
        """A group in a list."""
        href = Code(f"{up}groups/{self.group_slugs[group.key]}.md")
        return Link(prose.plain(group.title), href, self.line(group.summary, up), Code(""))

    def badges(self, function: Function, up: str) -> Code:
        """The policy classes of a function, each a link to what it means."""
        badges = [f"[{name}]({up}guides/permissions.md#{name})" for name in function.classes]
        return Code(" ".join([*badges, "**deprecated**"] if function.deprecated else badges))

    def aliases(self, function: Function) -> tuple[str, ...]:
        """All other names that a function answers to."""
        return tuple(self.entries[function.name]["aliases"])

    def first_call(self) -> Function | None:
        """The function that a reader tries first, where it needs no argument."""
        result = calls.first(self.api)
        return result[0] if result is not None and not any(param.required for param in result[0].params) else None
