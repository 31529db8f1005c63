"""The text of a new settings file: what was found out is written, what is left to its owner is shown as a comment."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from .. import pipeline
from ..ir import Api
from ..settings import OUTPUT
from ..text import prose
from .scalars import scalar

_LICENCES = ("LICENSE", "LICENSE.txt", "LICENSE.md", "LICENCE", "LICENCE.txt", "LICENCE.md", "COPYING")
_SECONDS = 10
_LISTED = 10


@dataclass(frozen=True)
class Surroundings:
    """What the folder and its owner say."""

    author: str = ""
    license: str = ""


def surroundings(folder: Path) -> Surroundings:
    """What can be found out where the settings will stand."""
    name, address = _git("user.name", folder), _git("user.email", folder)
    plain = all(part.isprintable() and not set(part) & set("<>") for part in (name, address))
    author = f"{name} <{address}>" if name and "@" in address else name
    content = next((each for each in _LICENCES if (folder / each).is_file()), "")
    return Surroundings(author if plain and len(author) <= 200 else "", content)


def _git(key: str, folder: Path) -> str:
    program = shutil.which("git")
    if program is None:
        return ""
    command = [program, "config", "--get", key]
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=_SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired, UnicodeDecodeError):
        return ""
    return done.stdout.strip()


def text(api: Api, document: str, catalog: str, result: Surroundings) -> str:
    """A settings file for an API.

    document, catalog: as it names them.
    """
    lines = [
        "# Settings of surfacegen: what is made from what. A flag of the command line goes before its key; relative",
        "# paths are relative to this file. Every key is optional but the document.",
        f"document: {scalar(document)}",
        f"catalog: {scalar(catalog)}  # overrides of derived names and texts",
        f"output: {OUTPUT}",
        f"# surfaces: [{', '.join(pipeline.SURFACES)}]  # all unless set",
        "",
        "# What is made: what the functions' names begin with, the package, its command, the class of its client, and the",
        "# version that all of them bear.",
        f"name: {scalar(api.name)}",
        f"package: {scalar(api.package)}",
        f"command: {scalar(api.command)}",
        f"client: {scalar(api.client)}",
        f"version: {scalar(api.version)}",
        "",
        "# The author and the licence.",
        f"author: {scalar(result.author)}" if result.author else "# author: Name <address>",
        (
            f"license: {scalar(result.license)}"
            if result.license
            else "# license: MIT  # an SPDX expression such as MIT, or the path of a file with the text"
        ),
        "# homepage: https://…",
        "# site_url: https://…  # where the docs are published",
        "",
        *_servers(api),
        "",
        *_authentication(api),
    ]
    return "\n".join(lines) + "\n"


def _servers(api: Api) -> list[str]:
    urls = [server.url for server in api.servers]
    if all("://" not in url or url.startswith("http://localhost") for url in urls):
        output = "# The document declares no server: set one before making calls."
        return [output, "# servers: [https://api.example.com]"]
    listed = [f"#   - {scalar(url)}" for url in urls[:_LISTED]]
    return [
        "# The servers that the document declares; calls go to the first by default.",
        "# servers:",
        *listed,
    ]


def _authentication(api: Api) -> list[str]:
    if not api.schemes:
        ways = "bearer, basic, header:NAME, query:NAME or cookie:NAME"
        return [f"# The document does not declare how calls are authenticated. If they are: {ways}.", "# auth: bearer"]
    lines = ["# How calls are authenticated, according to the document:"]
    for scheme in api.schemes[:_LISTED]:
        variables = ", ".join(variable for _, variable in scheme.parts)
        lines.append(f"#   {prose(scheme.key)}" + (f": from {variables}" if variables else ""))
    return [*lines, "# auth: bearer  # for calls without a declaration"]
