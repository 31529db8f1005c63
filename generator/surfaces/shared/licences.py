"""The author and the licence of the packages, for their metadata and their LICENSE: only from the settings."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from ...ir import Api
from ...text import Code

_TEXTS = Path(__file__).with_name("licence_texts")
"""The standard texts, as they are published, each by its identifier of SPDX."""
_HOLDER = "{holder}"


@dataclass(frozen=True)
class Owner:
    """Who publishes the packages."""

    name: str
    address: str


@dataclass(frozen=True)
class LicenceView:
    """A LICENSE file."""

    text: Code


def owner(api: Api) -> Owner | None:
    """Who publishes the packages, where somebody is named."""
    name, _, address = api.author.partition(" <")
    return Owner(name, address.removesuffix(">")) if name else None


def licence(api: Api) -> LicenceView | None:
    """The LICENSE of the packages: the file that the settings name, or the standard text; None where there is none, or
    where it names a holder and nobody is named.
    """
    holder = owner(api)
    if api.license_text:
        return LicenceView(Code(api.license_text.rstrip("\n") + "\n"))
    standard = _standard(api.license)
    if not standard or (holder is None and _HOLDER in standard):
        return None
    return LicenceView(Code(standard.replace(_HOLDER, holder.name if holder is not None else "", 1)))


def needs_holder(api: Api) -> bool:
    """Whether there is a text of the licence that only lacks whom it names."""
    return owner(api) is None and _HOLDER in _standard(api.license)


@cache
def _standard(identifier: str) -> str:
    known = {path.stem: path for path in _TEXTS.glob("*.txt")}
    return known[identifier].read_text("utf-8") if identifier in known else ""
