"""Licence expressions of SPDX 2.3, annex D, as packaging metadata takes them (PEP 639)."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

_WORD = re.compile(r"[()]|[A-Za-z0-9.+-]+")
_OWN = re.compile(r"LicenseRef-[A-Za-z0-9.-]+")


@cache
def _listed() -> tuple[dict[str, str], dict[str, str]]:
    """The licences and the exceptions of the list: lower case -> as it is spelled."""
    lines = Path(__file__).with_suffix(".txt").read_text("utf-8").partition("\n")[2]
    licences, _, exceptions = lines.partition("\n\n")
    return {name.lower(): name for name in licences.split()}, {name.lower(): name for name in exceptions.split()}


def expression(written: str) -> tuple[str, str]:
    """The expression with each identifier as the list spells it, or what is wrong with it."""
    licences, exceptions = _listed()
    words = _WORD.findall(written)
    if "".join(words) != written.replace(" ", ""):
        return "", "it contains characters that are not allowed"
    results: list[str] = []
    depth, wanted = 0, "licence"
    for word in words:
        operator = word.upper()
        if wanted == "licence" and word == "(":
            depth += 1
        elif wanted == "operator" and word == ")" and depth:
            depth -= 1
        elif wanted == "operator" and operator in ("AND", "OR", "WITH"):
            wanted = "exception" if operator == "WITH" else "licence"
            word = operator
        elif wanted in ("licence", "exception"):
            listed = licences if wanted == "licence" else exceptions
            plain = word.removesuffix("+") if wanted == "licence" else word
            if plain.lower() in listed:
                word = listed[plain.lower()] + word[len(plain) :]
            elif word.lower() in listed:
                word = listed[word.lower()]
            elif wanted == "exception" or not _OWN.fullmatch(word):
                return "", f"{word!r} is not an SPDX {wanted}; {_near(word, listed)}"
            wanted = "operator"
        else:
            return "", f"{word!r} is not allowed there"
        results.append(word)
    if wanted != "operator" or depth:
        return "", "it is incomplete"
    return " ".join(results).replace("( ", "(").replace(" )", ")"), ""


def _near(word: str, listed: dict[str, str]) -> str:
    from .catalog import nearest

    return nearest(word, listed.values())
