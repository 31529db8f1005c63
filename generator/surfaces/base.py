"""What a surface is: a pure function from the IR to pages, and where those pages go."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from ..ir import Api, Loss


@dataclass(frozen=True)
class Page:
    """One file to render. Its path is its template's, with the brackets filled in and `.jinja` taken off."""

    template: str
    """Relative to the surface's folder: `python/[package]/resources/[group].py.jinja`."""
    view: Any
    """A frozen dataclass in which everything is already spelled; its fields are the template's variables."""
    fill: Mapping[str, str] = field(default_factory=dict)
    """What stands in the brackets of this page's path, beside `[package]`."""


Input = Literal["documents", "extensions"]
"""Files that may be laid as they are: the document and what it refers to; the hand-written modules of the API."""


@dataclass(frozen=True)
class Derivation:
    """Python modules that are made from others: each module of a folder gives one of the same name in another folder.

    What is laid there anyway stays: so a module for which the rule does not hold is written by hand, twice.
    """

    source: str
    """A folder of the output, as a template's path is written."""
    target: str
    make: Callable[[str, str], str]
    """The text of a module and where it stands -> the text of the other, which is still to be laid out."""


@dataclass(frozen=True)
class Rendition:
    """All that a surface makes."""

    pages: Iterable[Page]
    """Gone through once: a surface of many pages makes each when its turn comes, and no two stay in memory."""
    losses: tuple[Loss, ...] = ()
    package: str = ""
    """What `[package]` stands for, in pages and in the files that are copied as they are."""
    lays: Mapping[str, Input] = field(default_factory=dict)
    """folder of the output, as a template's path is written -> the files of the input that are laid there."""
    derives: tuple[Derivation, ...] = ()


@dataclass(frozen=True)
class Surface:
    """One surface: its name is also its template folder."""

    name: str
    render: Callable[[Api], Rendition]
