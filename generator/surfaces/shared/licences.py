"""Whose the packages are, and on what terms, as their metadata and their LICENSE say it: only what the settings say."""

from __future__ import annotations

from dataclasses import dataclass

from ...ir import Api
from ...text import Code

_MIT = """\
MIT License

Copyright (c) {holder}

Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated
documentation files (the "Software"), to deal in the Software without restriction, including without limitation the
rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit
persons to whom the Software is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the
Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE
WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR
COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR
OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.
"""
_ISC = """\
ISC License

Copyright (c) {holder}

Permission to use, copy, modify, and/or distribute this software for any purpose with or without fee is hereby granted,
provided that the above copyright notice and this permission notice appear in all copies.

THE SOFTWARE IS PROVIDED "AS IS" AND THE AUTHOR DISCLAIMS ALL WARRANTIES WITH REGARD TO THIS SOFTWARE INCLUDING ALL
IMPLIED WARRANTIES OF MERCHANTABILITY AND FITNESS. IN NO EVENT SHALL THE AUTHOR BE LIABLE FOR ANY SPECIAL, DIRECT,
INDIRECT, OR CONSEQUENTIAL DAMAGES OR ANY DAMAGES WHATSOEVER RESULTING FROM LOSS OF USE, DATA OR PROFITS, WHETHER IN AN
ACTION OF CONTRACT, NEGLIGENCE OR OTHER TORTIOUS ACTION, ARISING OUT OF OR IN CONNECTION WITH THE USE OR PERFORMANCE OF
THIS SOFTWARE.
"""
_TEXTS = {"MIT": _MIT, "ISC": _ISC}
"""Those that are short and name their holder. Any other text is named by its path."""


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
    """The LICENSE of the packages: the file that the settings name, or a text that names its holder; else none."""
    holder = owner(api)
    if api.license_text:
        return LicenceView(Code(api.license_text.rstrip("\n") + "\n"))
    if holder is not None and api.license in _TEXTS:
        return LicenceView(Code(_TEXTS[api.license].replace("{holder}", holder.name)))
    return None
