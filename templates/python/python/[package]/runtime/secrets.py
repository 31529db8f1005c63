"""The secrets that this process knows: none is shown by a `repr`, and `hidden` takes all of them out of a text.

A token becomes a Secret where it comes in, and stays known for as long as something refers to it. So
logs and errors are rid of every token in the process, not only of the one that a call was made with.
"""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import Self
from urllib.parse import quote
from weakref import WeakValueDictionary

SHORTEST = 4
"""Characters: what is shorter would be found in every text."""
SHOWN = "***"
"""What stands in the place of a secret."""


class Secret(str):
    """A text to send and never to show. It equals its text; its `repr` hides it."""

    def __new__(cls, text: str = "") -> Self:
        made = super().__new__(cls, text)
        if len(text) >= SHORTEST:
            _known[id(made)] = made
        return made

    def __repr__(self) -> str:
        return repr(SHOWN) if self else "''"

    @cached_property
    def forms(self) -> frozenset[str]:
        """Its forms in a text: as it is, escaped in a URL or in JSON, and as in basic authentication."""
        text = str(self)
        return frozenset((text, quote(text, safe=""), json.dumps(text)[1:-1], b64encode(text.encode()).decode()))


# By identity: two equal ones come and go on their own.
_known: WeakValueDictionary[int, Secret] = WeakValueDictionary()


def _forms() -> Iterator[str]:
    for reference in _known.valuerefs():  # a list: other threads may add to the dictionary meanwhile
        secret = reference()
        if secret is not None:
            yield from secret.forms


def without(text: str, secrets: Iterable[str]) -> str:
    """The text without these secrets."""
    for secret in secrets:
        text = text.replace(secret, SHOWN) if len(secret) >= SHORTEST else text
    return text


def hidden(text: str) -> str:
    """The text without any secret that is known."""
    # The longest first: one may be part of another.
    for form in sorted(set(_forms()), key=len, reverse=True):
        text = text.replace(form, SHOWN)
    return text
