"""Markdown: the HTML that Python-Markdown makes of it with the site's extensions, as both site builders do.

What a page may hold at all is listed: no script, no handler, nothing loaded from elsewhere, no link but to http, https
and within the site. Code in fences is read by its own language.
"""

from __future__ import annotations

import ast
import json
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from html.parser import HTMLParser
from textwrap import dedent
from typing import Any
from urllib.parse import urlsplit

import markdown
import yaml

_FRONT = re.compile(r"---\n(.*?\n)---\n", re.DOTALL)
_FENCE = re.compile(r"^( *)(`{3,})(\w*)\n(.*?)^\1\2$", re.MULTILINE | re.DOTALL)
_VOID = frozenset(["br", "hr", "img", "input", "meta", "link"])
_ALLOWED = frozenset(
    ["a", "b", "br", "code", "details", "div", "em", "h1", "h2", "h3", "h4", "hr", "img", "input", "label", "li", "ol"]
    + ["p", "pre", "span", "strong", "summary", "table", "tbody", "td", "th", "thead", "tr", "ul"]
)
_ATTRIBUTES = frozenset(["alt", "checked", "class", "data-tabs", "for", "href", "id", "name", "src", "title", "type"])
_OUTSIDE = (
    *(f"https://example.com/{page}" for page in ("tokens", "docs", "tag", "list")),
    "https://peps.python.org",
    "https://semver.org",
)


@cache
def _converter() -> markdown.Markdown:
    return markdown.Markdown(
        extensions=[
            *("admonition", "attr_list", "tables", "toc", "pymdownx.details", "pymdownx.highlight"),
            *("pymdownx.superfences", "pymdownx.tabbed"),
        ],
        extension_configs={
            "pymdownx.tabbed": {"alternate_style": True},
            "pymdownx.highlight": {"use_pygments": False},
            "toc": {"permalink": True, "toc_depth": 3},
        },
    )


def html(text: str) -> str:
    """The page without its front matter."""
    return _converter().reset().convert(_FRONT.sub("", text, count=1) if text.startswith("---\n") else text)


def fences(text: str, language: str) -> list[str]:
    """The code blocks of a language, without their indentation."""
    return [dedent(match[4]) for match in _FENCE.finditer(text) if match[3] == language]


def read(text: str) -> Counter[str]:
    """The elements of the page, and its front matter."""
    found: Counter[str] = Counter()
    if match := _FRONT.match(text):
        meta = yaml.load(match[1], yaml.CSafeLoader)
        found.update(f"front {key} {type(value).__name__}" for key, value in meta.items())
    reader = _Reader()
    reader.feed(html(text))
    reader.close()
    found.update(reader.found)
    found.update(_code(text))
    return found


def _code(text: str) -> Iterator[str]:
    for code in fences(text, "python"):
        yield f"python {len(ast.parse(code).body)}"
    for code in fences(text, "json"):
        yield f"json {type(json.loads(code)).__name__}"


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []
        self._open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in _ALLOWED, f"<{tag}>"
        given: dict[str, Any] = dict(attrs)
        assert set(given) <= _ATTRIBUTES, f"<{tag} {' '.join(given)}>"
        for key in ("href", "src"):
            if key in given:
                _local(given[key])
        self.found.append(f"{'/'.join(self._open)}/{tag} {sorted(given)} {given.get('class', '')}")
        if tag not in _VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in _VOID:
            assert self._open and self._open.pop() == tag, f"</{tag}> closes nothing"

    def handle_comment(self, data: str) -> None:
        assert "Made by surfacegen" in data, f"<!--{data}-->"
        self.found.append("comment")

    def handle_decl(self, decl: str) -> None:
        raise AssertionError(f"<!{decl}>")

    def handle_pi(self, data: str) -> None:
        raise AssertionError(f"<?{data}>")


def _local(target: str | None) -> None:
    parts = urlsplit(target or "")
    inside = not parts.scheme and not parts.netloc
    assert inside or (target or "").startswith(_OUTSIDE), f"a link to {target}"
