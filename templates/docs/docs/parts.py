"""Runs the tool that makes HTML. It keeps all pages in memory at once, so a site of many pages is built a part at a time.

A part has pages of its own. Of every other page that these or the navigation lead to it has the title and the headings
that are led to, so that the tool checks links and anchors as it does in one run.
"""

from __future__ import annotations

import posixpath
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import indexing

MOST = 250
"""Pages of a part."""
_LINK = re.compile(r"\]\(([^)\s#]+\.md)(?:#([^)\s]+))?")
_ANCHOR = re.compile(r"\{ *#([^ }]+)")
_LISTED = re.compile(r'^ +- (?:.*: )?"?([^"\n]+\.md)"?$', re.MULTILINE)
_FOLDERS = re.compile(r"^(docs|site)_dir: (\w+)$", re.MULTILINE)
_ADDRESSES = re.compile(r"[ \t]*<url>.*?</url>\n?", re.DOTALL)


def build(command: list[str], here: Path, config: str) -> int:
    """Builds `here/site` of `here/pages`: 0, or the exit code of the tool where it fails.

    command: the tool, without the configuration file that it takes last; config: what that file says.
    """
    pages = {path.relative_to(here / "pages").as_posix(): path for path in sorted((here / "pages").rglob("*.md"))}
    if len(pages) <= MOST:
        return _run(command, here, config)
    listed = ["index.md", *_LISTED.findall(config)]
    linked = {name: _linked(name, path.read_text("utf-8")) for name, path in pages.items()}
    names = list(dict.fromkeys(_near([name for name in listed if name in pages], linked)))
    work = here / ".parts"
    addresses: dict[str, None] = {}
    try:
        for start in range(0, len(names), MOST):
            own = names[start : start + MOST]
            shutil.rmtree(work, ignore_errors=True)
            shutil.copytree(here / "pages", work / "pages", ignore=shutil.ignore_patterns("*.md"))
            wanted: dict[str, set[str]] = {name: set() for name in listed}
            for page in own:
                for name, anchors in linked[page].items():
                    wanted.setdefault(name, set()).update(anchors)
            for name in {*own, *wanted} & pages.keys():
                text = pages[name].read_text("utf-8")
                (work / "pages" / name).write_text(text if name in own else _headings(text, wanted[name]), "utf-8")
            if code := _run(command, here, _FOLDERS.sub(r"\1_dir: .parts/\2", config)):
                return code
            made = work / "site"
            addresses |= dict.fromkeys(_ADDRESSES.findall((made / "sitemap.xml").read_text("utf-8")))
            if start == 0:
                shutil.rmtree(here / "site", ignore_errors=True)
                shutil.copytree(made, here / "site")
            for name in own:
                file = name if posixpath.basename(name) == "index.md" else f"{name[:-3]}/index.md"
                (here / "site" / file).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(made / f"{file[:-3]}.html", here / "site" / f"{file[:-3]}.html")
        sitemap = here / "site/sitemap.xml"
        head, _, rest = _ADDRESSES.sub("", sitemap.read_text("utf-8")).partition("</urlset>")
        sitemap.write_text(f"{head}{''.join(addresses)}</urlset>{rest}", "utf-8")
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return 0


def _run(command: list[str], here: Path, config: str) -> int:
    file = here / ".mkdocs.yml"
    file.write_text(config, "utf-8")
    try:
        return subprocess.run([*command, str(file)], cwd=here, check=False).returncode
    finally:
        file.unlink()


def _linked(name: str, markdown: str) -> dict[str, set[str]]:
    """The pages that a page links to, each with the anchors."""
    folder = posixpath.dirname(name)
    links: dict[str, set[str]] = {}
    for target, anchor in _LINK.findall(markdown):
        page = posixpath.normpath(posixpath.join(folder, unquote(target)))
        links.setdefault(page, set()).update([anchor] if anchor else [])
    return links


def _near(listed: list[str], linked: dict[str, dict[str, set[str]]]) -> Iterator[str]:
    """All pages, each of the navigation before those it links to, so that few link to another part."""
    for name in listed:
        yield name
        if name not in ("index.md", "types.md"):
            yield from sorted(each for each in linked[name] if each in linked and each not in listed)
    yield from linked


def _headings(markdown: str, wanted: set[str]) -> str:
    """A page with its title and the headings of some anchors; with all of them where an anchor is made of its text."""
    matter = re.match(r"---\n.*?\n---\n", markdown, re.DOTALL)
    front = matter[0] if matter else ""
    headings: list[str] = []
    fence = ""
    for line in markdown[len(front) :].splitlines():
        mark = indexing.FENCE.match(line)
        if mark and not fence:
            fence = mark[1]
        elif mark and line.strip().startswith(fence):
            fence = ""
        elif not fence and line.lstrip().startswith("#"):
            headings.append(line.strip())
    named = {anchor[1]: line for line in headings if (anchor := _ANCHOR.search(line))}
    kept = [named[each] for each in sorted(wanted)] if wanted <= named.keys() else headings[1:]
    return front + "\n\n".join([*headings[:1], *kept]) + "\n"
