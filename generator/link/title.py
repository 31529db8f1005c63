"""The name of an API whose catalog gives none: words of its title."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from ..names import Words, words

_FILLER = frozenset(
    ["a", "and", "api", "documentation", "extension", "for", "http", "of", "official", "openapi", "public", "rest", "s"]
    + ["service", "spec", "specification", "swagger", "the", "v1", "v2", "v3", "web"]
)
"""Words of a title that name no API."""
_ANY_HOST = frozenset(["app", "apis", "beta", "cloud", "com", "data", "dev", "docs", "local", "prod", "staging", "www"])
"""Labels of a host that name no API either."""
_SHORT = 16
"""Characters of two words; every function's name begins with them."""
_LONG = re.compile(rf"[A-Za-z]{{{_SHORT + 1},}}")
"""Words that are several: `ContainerInstanceManagementClient`, but not `GitHub`."""
_VERSION = re.compile(r"(?i)(?<![a-z0-9])(?:v|ver|version)[ .]?[0-9]+(?:\.[0-9]+)*(?![a-z0-9])")


def api_words(title: str, server: str) -> Words:
    """The word of the title that its host is called by too, else the first that says something, or two short ones.

    `GitHub's official OpenAPI spec + Octokit extension` at api.github.com is github, `The PetShop's REST API` petshop.
    server: the URL of the first, its variables filled in.
    """
    lines = tuple(word for word in title_words(_VERSION.sub(" ", title)) if word not in _FILLER)
    runs = {"".join(lines[i : i + n]) for n in (1, 2, 3) for i in range(len(lines) - n + 1)}
    for label in _labels(server):
        if label in runs:
            return (label,)
    return lines[: 2 if len("_".join(lines[:2])) <= _SHORT else 1] or ("api",)


def title_words(title: str) -> Words:
    """The words of a title, in which one of many letters may be several."""
    return words(_LONG.sub(lambda word: " ".join(words(word[0])), title).lower())


def _labels(server: str) -> list[str]:
    """The labels of a server's host, the domain's own name before those of hosts in it."""
    try:
        host = urlsplit(server).hostname or ""
    except ValueError:  # not a URL, which is reported where servers are read
        return []
    labels = ["".join(words(label)) for label in host.split(".")[:-1] if re.fullmatch("[a-z][a-z0-9-]+", label)]
    return [label for label in reversed(labels) if len(label) > 2 and label not in _ANY_HOST]
