"""Builds the site into `site/`: HTML by Zensical or MkDocs, and beside it what agents read.

    python build.py [--with mkdocs] [--serve [PORT]] [--version VERSION [--into FOLDER]]

Beside each page lies its Markdown (`errors/` has `errors.md`); `llms-full.txt` is all of it, or says which files are, and
`search/` is the index of the site's search. A broken link or anchor fails the build.

With `--version`, the site goes into a folder of that name beside those of other versions, `dist/` unless `--into`
names another. That folder is what is published: it has `versions.json`, and its first page leads to the newest version.
"""

from __future__ import annotations

import argparse
import functools
import html
import http.server
import json
import re
import shutil
import sys
from pathlib import Path

import indexing
import parts

HERE = Path(__file__).resolve().parent
PAGES, SITE = HERE / "pages", HERE / "site"
TOOLS = {"zensical": ["zensical", "build", "--strict"], "mkdocs": ["mkdocs", "build", "--strict"]}
BESIDE = (HERE.parent / "catalog.json", HERE.parent / "mcp/tools.json", HERE / "SKILL.md")
"""Files that are kept elsewhere and published at the site's root."""
PART = 400_000
"""Bytes of a file with all pages, which somebody gives a model whole."""
VERSION = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,63}")


def main() -> int:
    """Build the site, and serve it until interrupted if requested."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--with", dest="tool", choices=sorted(TOOLS), default="zensical", help="(default: zensical)")
    parser.add_argument("--serve", type=int, nargs="?", const=8000, metavar="PORT", help="serve it (default: 8000)")
    parser.add_argument("--version", help="build this version, next to the others in the folder of --into")
    parser.add_argument("--into", type=Path, default=HERE / "dist", metavar="FOLDER", help="(default: dist)")
    options = parser.parse_args()
    if options.version is not None and not VERSION.fullmatch(options.version):
        parser.error(f"--version {options.version!r}: letters, digits, dots, dashes and plus signs, such as 1.2.0")
    root = options.into if options.version else SITE
    server = None
    if options.serve is not None:
        try:
            server = listening(options.serve, root)
        except (OSError, OverflowError) as error:
            parser.error(f"cannot listen on 127.0.0.1:{options.serve}: {error}; --serve 0 picks a free port")
    if code := built(options.tool, options.version):
        return code
    publish()
    if options.version:
        versioned(options.version, options.into)
    print(f"built {root / options.version if options.version else root}")
    if server is not None:
        serve(server)
    return 0


def built(tool: str, version: str | None) -> int:
    """The exit code of the tool that makes HTML."""
    config = (HERE / "mkdocs.yml").read_text("utf-8")
    if version:  # addresses of the version's own folder
        config = re.sub(r'^(site_url: ".*/)(")$', rf"\g<1>{version}/\2", config, flags=re.MULTILINE)
    return parts.build([sys.executable, "-m", *TOOLS[tool], "--config-file"], HERE, config)


def publish() -> None:
    """Lays the files for agents into the built site."""
    match = re.search(r'^copyright: "(.*)"$', (HERE / "mkdocs.yml").read_text("utf-8"), re.MULTILINE)
    footer = html.unescape(match[1]) if match else ""
    twins = []
    for page in [PAGES / "index.md", *sorted(PAGES.rglob("*.md"))]:
        name = page.relative_to(PAGES)
        twin = f"{plain(page.read_text('utf-8')).rstrip()}\n\n---\n\n{footer}\n"
        (SITE / name).parent.mkdir(parents=True, exist_ok=True)
        (SITE / name).write_text(twin, "utf-8")
        if page != PAGES / "index.md" or not twins:
            twins.append((name.as_posix(), f"<!-- {name.as_posix()} -->\n{twin}"))
    everything(twins)
    searched()
    packaged = sorted(HERE.parent.glob("python/*/AGENTS.md"))
    for file in (*BESIDE, *packaged):
        if file.is_file():
            shutil.copyfile(file, SITE / file.name)


_CODE = re.compile(r"<code>([^<\n]*)</code>")
_ENTITY = re.compile(r"&#(\d{2,4});")


def plain(page: str) -> str:
    """A page's Markdown without the entities that a theme needs, for those who read it as plain text."""
    matter, _, body = page.removeprefix("---\n").partition("\n---\n") if page.startswith("---\n") else ("", "", page)
    lines = []
    for line in matter.splitlines():
        key, separator, value = line.partition(": ")
        try:
            written = html.unescape(json.loads(value))
            lines.append(f"{key}{separator}{json.dumps(written, ensure_ascii=False)}")
        except ValueError:
            lines.append(line)
    front = "\n".join(["---", *lines, "---", ""]) if matter else ""
    shown = []
    fence = ""
    for line in body.split("\n"):
        mark = re.match(r" *(`{3,}|~{3,})", line)
        if mark and not fence:
            fence = mark[1]
        elif mark and line.strip().startswith(fence):
            fence = ""
        elif not fence:
            line = _ENTITY.sub(_character, _CODE.sub(_span, line))
        shown.append(line)
    return front + "\n".join(shown)


def _span(match: re.Match[str]) -> str:
    text = html.unescape(match[1])
    if "|" in text or not text.isprintable() or text != text.strip():
        return match[0]  # it would end the cell of a table, or be lost
    ticks = "`" * (max((len(run) for run in re.findall("`+", text)), default=0) + 1)
    return f"{ticks} {text} {ticks}" if "`" in text else f"{ticks}{text}{ticks}"


def _character(match: re.Match[str]) -> str:
    char = chr(int(match[1]))
    return f"\\{char}" if char in "\\`*_{}[]()#+-.!<>~" else match[0]


def everything(twins: list[tuple[str, str]]) -> None:
    """All pages as one text: in llms-full.txt where that fits, else in parts, of which it says what each has."""
    for old in SITE.glob("llms-full*.txt"):
        old.unlink()
    parts: list[list[tuple[str, str]]] = [[]]
    size = 0
    for name, twin in twins:
        for piece in pieces(twin):
            if parts[-1] and size + len(piece.encode()) + 1 > PART:
                parts.append([])
                size = 0
            parts[-1].append((name, piece))
            size += len(piece.encode()) + 1
    if len(parts) == 1:
        (SITE / "llms-full.txt").write_text("\n".join(twin for _, twin in parts[0]), "utf-8")
        return
    lines = [f"All pages are in {len(parts)} files of at most {PART // 1000} KB each, in this order:", ""]
    for number, part in enumerate(parts, 1):
        file = f"llms-full-{number}.txt"
        (SITE / file).write_text("\n".join(twin for _, twin in part), "utf-8")
        lines.append(f"- [{file}]({file}): {part[0][0]} to {part[-1][0]}")
    (SITE / "llms-full.txt").write_text("\n".join(lines) + "\n", "utf-8")


def pieces(twin: str) -> list[str]:
    """A page, in pieces of whole lines where it is larger than a file may be."""
    pieces_: list[list[str]] = [[]]
    size = 0
    for line in twin.splitlines(keepends=True):
        weight = len(line.encode())
        if pieces_[-1] and size + weight >= PART:
            pieces_.append([])
            size = 0
        pieces_[-1].append(line)
        size += weight
    return ["".join(piece) for piece in pieces_]


def versioned(version: str, into: Path) -> None:
    """Moves the built site beside those of other versions, and lists them all, the newest first."""
    (SITE / "assets/version.js").write_text(f"window.siteVersion = {json.dumps(version)};\n", "utf-8")
    into.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(into / version, ignore_errors=True)
    shutil.move(SITE, into / version)
    names = [
        each.name for each in into.iterdir() if VERSION.fullmatch(each.name) and (each / "assets/version.js").is_file()
    ]
    names.sort(key=newness, reverse=True)
    (into / "versions.json").write_text(json.dumps(names, indent=2) + "\n", "utf-8")
    first = html.escape(names[0])
    (into / "index.html").write_text(
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{first}</title>'
        f'<meta http-equiv="refresh" content="0; url={first}/"><a href="{first}/">{first}</a></html>\n',
        "utf-8",
    )


def newness(version: str) -> list[tuple[int, int, str]]:
    """Numbers by their value; a release after what led to it, as Semantic Versioning orders them (section 11)."""
    released, _, before = version.removeprefix("v").partition("+")[0].partition("-")
    parts = [(1, int(part), "") if part.isdigit() else (0, 0, part) for part in released.split(".")]
    led = [(1, int(part), "") if part.isdigit() else (2, 0, part) for part in before.split(".")] if before else []
    return [*parts, (0, 0, ""), *led] if before else [*parts, (1, 0, "")]


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


def listening(port: int, root: Path) -> http.server.ThreadingHTTPServer:
    """A static server on the loopback interface. OSError where the port is taken."""
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=str(root))
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
