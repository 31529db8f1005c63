"""The servers that the API's description names: one is chosen by its name or its number in place of a base URL.

eu        the server of that name           2             the second one
eu?port=8443&stage=beta                     with values for the variables of its URL
?stage=beta                                 the first server, with a value for one of its variables
"""

from __future__ import annotations

from urllib.parse import parse_qsl

from .. import about
from .errors import ConfigError

_Variable = tuple[str, str, tuple[str, ...]]
"""Its name, its default, and what it may be; empty where it may be anything."""
_Server = tuple[str, str, tuple[_Variable, ...]]
"""Its name, its URL with the variables in braces, and these."""
_MOST = 200
"""Characters of what was given that an error shows."""


def chosen(text: str, source: str) -> str:
    """The URL of the server that a text names; empty where the text is a URL itself. ConfigError where it is neither."""
    known: tuple[_Server, ...] = getattr(about, "SERVERS", ())
    if not known or "://" in text:
        return ""
    name, _, query = text.strip().partition("?")
    server = next((each for each in known if name and each[0] == name), None)
    if server is None and name.isascii() and name.isdigit() and len(name) < 4 and 0 < int(name) <= len(known):
        server = known[int(name) - 1]
    if server is None and not name:
        server = known[0]
    if server is None:
        names = ", ".join(each[0] or str(number) for number, each in enumerate(known, 1))
        raise ConfigError(f"the base URL from {source} is no URL, and no server is called {name[:_MOST]!r}: {names}")
    _, url, variables = server
    values = dict(parse_qsl(query, keep_blank_values=True))
    for key in values:
        if key not in [variable[0] for variable in variables]:
            takes = ", ".join(variable[0] for variable in variables) or "none"
            raise ConfigError(f"the server from {source} has no variable {key[:_MOST]!r}; it takes {takes}")
    return _filled(url, variables, values, source)


def _filled(url: str, variables: tuple[_Variable, ...], values: dict[str, str], source: str) -> str:
    # Piece by piece: what a value says is no variable again.
    pieces = url.split("{")
    made = [pieces[0]]
    for piece in pieces[1:]:
        name, _, rest = piece.partition("}")
        default, allowed = next(((each[1], each[2]) for each in variables if each[0] == name), ("", ()))
        value = values.get(name, default)
        if allowed and value not in allowed:
            shown = ", ".join(allowed)[:_MOST]
            raise ConfigError(
                f"the variable {name} of the server from {source} is {value[:_MOST]!r}, not one of {shown}"
            )
        made += [value, rest]
    return "".join(made)
