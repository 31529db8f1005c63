"""What the settings of a project say of the packages that are made, before what the catalog and the document say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields

from ..places import Place

GENERATE = "surfacegen generate"
"""The command that makes an output again where no settings name another."""


@dataclass(frozen=True, kw_only=True)
class Project:
    """The names and the publisher of the packages. Settings that are not set are empty."""

    name: str = ""
    """What the name of each function begins with."""
    package: str = ""
    command: str = ""
    client: str = ""
    version: str = ""
    author: str = ""
    """`Name`, or `Name <address>`."""
    license: str = ""
    """An SPDX expression; empty if the licence is a file, or not set."""
    license_text: str = ""
    """The text of the licence file."""
    homepage: str = ""
    site_url: str = ""
    servers: tuple[str, ...] = ()
    regenerate: str = ""
    """The command that makes the output again, where it is not surfacegen's own."""
    places: Mapping[str, Place] = field(default_factory=dict, compare=False, repr=False)
    """The place of each setting."""

    @property
    def again(self) -> str:
        """The command that makes the output again."""
        return self.regenerate or GENERATE

    @property
    def declared(self) -> dict[str, str]:
        """All settings as text: the output depends on them."""
        named = {each.name: getattr(self, each.name) for each in fields(self) if each.name != "places"}
        return {name: "\n".join(value) if isinstance(value, tuple) else value for name, value in named.items() if value}

    def where(self, key: str) -> Place | str:
        """The place of a key, as an error cites it."""
        return self.places.get(key) or f"settings: {key}"


UNSAID = Project()
"""Of a run without settings."""
