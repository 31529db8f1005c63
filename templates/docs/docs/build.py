"""Builds the site into `site/`: HTML by Zensical or MkDocs, and beside it what agents read.

    python build.py [--with mkdocs] [--serve [PORT]]

Beside each page lies its Markdown (`errors/` has `errors.md`); `llms-full.txt` is all of it, and `search/` the index of
the site's search. A broken link or anchor fails the build.
"""

from __future__ import annotations

import argparse
import functools
import http.server
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import indexing

HERE = Path(__file__).resolve().parent
PAGES, SITE = HERE / "pages", HERE / "site"
TOOLS = {"zensical": ["zensical", "build", "--strict"], "mkdocs": ["mkdocs", "build", "--strict"]}
BESIDE = (HERE.parent / "catalog.json", HERE.parent / "mcp/tools.json", HERE / "SKILL.md")
"""Files that are kept elsewhere and published at the site's root."""


def main() -> int:
    """Builds, and serves what was built until interrupted where that is asked for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--with", dest="tool", choices=sorted(TOOLS), default="zensical", help="(default: zensical)")
    parser.add_argument("--serve", type=int, nargs="?", const=8000, metavar="PORT", help="serve it (default: 8000)")
    options = parser.parse_args()
    server = None
    if options.serve is not None:
        try:
            server = listening(options.serve)
        except (OSError, OverflowError) as error:
            parser.error(f"cannot listen on 127.0.0.1:{options.serve}: {error}; --serve 0 takes a free port")
    command = [sys.executable, "-m", *TOOLS[options.tool], "--config-file", str(HERE / "mkdocs.yml")]
    if code := subprocess.run(command, cwd=HERE, check=False).returncode:
        return code
    publish()
    print(f"built {SITE}")
    if server is not None:
        serve(server)
    return 0


def publish() -> None:
    """Lays the files for agents into the built site."""
    said = re.search(r'^copyright: "(.*)"$', (HERE / "mkdocs.yml").read_text("utf-8"), re.MULTILINE)
    footer = said[1] if said else ""
    twins = []
    for page in [PAGES / "index.md", *sorted(PAGES.rglob("*.md"))]:
        name = page.relative_to(PAGES)
        twin = f"{page.read_text('utf-8').rstrip()}\n\n---\n\n{footer}\n"
        (SITE / name).parent.mkdir(parents=True, exist_ok=True)
        (SITE / name).write_text(twin, "utf-8")
        if page != PAGES / "index.md" or not twins:
            twins.append(f"<!-- {name.as_posix()} -->\n{twin}")
    (SITE / "llms-full.txt").write_text("\n".join(twins), "utf-8")
    searched()
    packaged = sorted(HERE.parent.glob("python/*/AGENTS.md"))
    for file in (*BESIDE, *packaged):
        if file.is_file():
            shutil.copyfile(file, SITE / file.name)


def searched() -> None:
    """Makes the index of the search: of the API as it was generated, and of the sections of every page beside."""
    known = HERE / "search.json"
    entries = json.loads(known.read_text("utf-8")) if known.is_file() else []
    covered = {entry["href"].partition("#")[0] for entry in entries if entry["kind"] != "error"}
    for page in sorted(PAGES.rglob("*.md")):
        sections = list(indexing.sections(page.relative_to(PAGES).as_posix(), page.read_text("utf-8")))
        entries += [each for each in sections if each["href"].partition("#")[0] not in covered]
    indexing.write(entries, SITE / "search")
    (SITE / "search.json").unlink(missing_ok=True)  # the empty one of the tool


def listening(port: int) -> http.server.ThreadingHTTPServer:
    """A static server on the loopback interface. OSError where the port is taken."""
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=str(SITE))
    return http.server.ThreadingHTTPServer(("127.0.0.1", port), handler)


def serve(server: http.server.ThreadingHTTPServer) -> None:
    """Serves until interrupted."""
    with server:
        print(f"http://127.0.0.1:{server.server_port}/")
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            print("stopped")


if __name__ == "__main__":
    raise SystemExit(main())
