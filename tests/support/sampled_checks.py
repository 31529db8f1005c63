"""Checks of what was generated that share nothing with what made it: other parsers, and counts of their own."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import tomllib
from collections import Counter
from collections.abc import Iterator
from functools import cache
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urldefrag, urlsplit

import jsonschema
import yaml
from markdown.extensions.toc import slugify

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace", "query")
FENCE = re.compile(r"^( *)(`{3,}|~{3,}).*?^\1\2`*~* *$", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"(?<![`\\])(`+)(?!`).*?(?<!`)\1(?!`)", re.DOTALL)
LINK = re.compile(r"(?<!\\)\]\(\s*(<[^>\n]*>|[^)\s]*)")
REFERENCE = re.compile(r"<[a-zA-Z][^<>]*\b(?:href|src)=[\"']([^\"']*)")
HEADING = re.compile(r"^ *#{1,6} +(.*?)(?:\s*\{([^{}]*)\})? *$", re.MULTILINE)
FRONT = re.compile(r"\A---\n(.*?)^---$", re.MULTILINE | re.DOTALL)
PUBLISHED = {"llms-full.txt", "catalog.json", "tools.json", "SKILL.md", "AGENTS.md"}
"""What the site's build lays beside the pages."""
NAMED = re.compile(r"\bid=[\"']([^\"']*)|\{:? *#([\w.:-]+)")


# ── operations ──────────────────────────────────────────────────────────────────────────────────────────


def operations(document: Any) -> set[tuple[str, str]]:
    """(METHOD, path) of each operation of a document; a path that only refers to another counts that one's."""
    pairs = set()
    for path, item in (document.get("paths") or {}).items():
        if path.startswith("x-") or not isinstance(item, dict):
            continue
        path_item = {**_target(document, item.get("$ref")), **item}
        pairs |= {(method.upper(), path) for method in METHODS if isinstance(path_item.get(method), dict)}
        pairs |= {(method.upper(), path) for method in path_item.get("additionalOperations") or {}}
    return pairs


def _target(document: Any, reference: str | None) -> dict[str, Any]:
    node = document if reference and reference.startswith("#/") else {}
    for part in (reference or "").removeprefix("#/").split("/") if node else ():
        node = node.get(unquote(part).replace("~1", "/").replace("~0", "~"), {})
    return node


def uncounted(document: Path, out: Path) -> tuple[int, list[str]]:
    """The number of a document's operations, and those that are neither a function nor an entry of the ledger."""
    text = document.read_text("utf-8-sig")
    written = operations(json.loads(text) if document.suffix == ".json" else yaml.safe_load(text))
    functions = json.loads((out / "catalog.json").read_text("utf-8"))["functions"]
    called = Counter((function["method"], function["path"]) for function in functions)
    entered = set()
    for loss in json.loads((out / "ledger.json").read_text("utf-8"))["losses"]:
        parts = [part.replace("~1", "/").replace("~0", "~") for part in loss["pointer"].split("/")]
        if loss["kind"] == "dropped" and parts[:2] == ["", "paths"] and len(parts) == 4:
            entered.add((parts[3].upper(), parts[2]))
    needed, known = (Counter((method, sent(path)) for method, path in each) for each in (written - entered, written))
    failures = [f"operations: {' '.join(one)}: no function, no entry" for one in sorted((needed - called).elements())]
    failures += [f"operations: {' '.join(one)}: the document has none" for one in sorted((called - known).elements())]
    return len(written), failures


def sent(path: str) -> str:
    """A path without its fragment, which is for the client alone (RFC 3986, 3.5); `#` within braces begins none."""
    match = re.match(r"(?:\{[^{}]*\}|[^#])*", path)
    return match[0] if match else path


# ── files ───────────────────────────────────────────────────────────────────────────────────────────────


class _Loader(yaml.SafeLoader):
    """YAML in which a key twice is a mistake."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        mapping = super().construct_mapping(node, deep)
        if len(mapping) != len(node.value):
            raise yaml.YAMLError(f"a key twice, {node.start_mark}")
        return mapping


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    mapping = dict(pairs)
    if len(mapping) != len(pairs):
        raise ValueError(f"a key twice, of {list(mapping)[:5]}")
    return mapping


def _no_json(constant: str) -> None:
    raise ValueError(f"{constant} is no JSON")


def broken_files(out: Path) -> Iterator[str]:
    """Files of data that their own parser refuses; the document itself is laid as it is, and not ours."""
    for path in sorted(path for path in out.rglob("*") if path.is_file()):
        try:
            if path.suffix == ".json" and path.parent.name != "pages":
                json.loads(path.read_text("utf-8"), object_pairs_hook=_once, parse_constant=_no_json)
            elif path.suffix in (".yml", ".yaml") and path.parent.name != "pages":
                yaml.load(path.read_text("utf-8"), _Loader)
            elif path.suffix == ".toml":
                tomllib.loads(path.read_text("utf-8"))
            elif path.suffix == ".md" and (head := FRONT.match(path.read_text("utf-8"))):
                yaml.load(head[1], _Loader)
        except (ValueError, yaml.YAMLError) as error:
            yield f"files: {path.relative_to(out)}: {' '.join(str(error).split())[:300]}"


def broken_lua(out: Path) -> Iterator[str]:
    """Lua files that do not compile: the module on the oldest and the newest Lua, the host's own on the one it embeds."""
    for version, folder in (("5.1", out / "lua"), ("5.4", out)):
        for path in sorted(path for path in folder.rglob("*") if path.suffix in (".lua", ".rockspec")):
            if message := _compiled(version, path.read_bytes()):
                yield f"lua {version}: {path.relative_to(out)}: {message}"


@cache
def _compiled(version: str, source: bytes) -> str:
    """What Lua's compiler has against a text. Most files are the same for every document."""
    compiler = shutil.which(f"luac{version}") or f"luac{version}"
    return subprocess.run([compiler, "-p", "-"], input=source, capture_output=True, check=False).stderr.decode()[:300]


def broken_tools(path: Path) -> Iterator[str]:
    """Schemas of tools that the metaschema refuses, or that refer to what they do not hold."""
    for tool in json.loads(path.read_text("utf-8"))["tools"]:
        for key in ("inputSchema", "outputSchema"):
            if (schema := tool.get(key)) is None:
                continue
            try:
                jsonschema.Draft202012Validator.check_schema(schema)
            except jsonschema.SchemaError as error:
                yield f"mcp: {tool['name']}: {key}: {error.json_path}: {error.message[:200]}"
            for reference in re.findall(r'"\$ref": "#/\$defs/([^"/]+)"', json.dumps(schema, ensure_ascii=False)):
                if reference.replace("~1", "/").replace("~0", "~") not in schema.get("$defs", {}):
                    yield f"mcp: {tool['name']}: {key}: no $defs/{reference}"
        if tool["inputSchema"].get("type") != "object":
            yield f"mcp: {tool['name']}: what it takes is not an object"


# ── links ───────────────────────────────────────────────────────────────────────────────────────────────


def broken_links(out: Path) -> Iterator[str]:
    """Links of Markdown pages to files or headings that are not there."""
    pages = {path: _prose(path.read_text("utf-8")) for path in sorted(out.rglob("*.md"))}
    pages |= {path: _prose(path.read_text("utf-8")) for path in sorted(out.rglob("llms.txt"))}
    known = {path: _anchors(text) for path, text in pages.items()}
    for page, text in pages.items():
        for link in [link.strip("<>") for link in LINK.findall(text)] + REFERENCE.findall(text):
            parts = urlsplit(unescape(link))
            if parts.scheme or parts.netloc:
                continue
            path, fragment = map(unquote, urldefrag(unescape(link)))
            target = (page.parent / path).resolve() if path else page.resolve()
            if page.name == "llms.txt" and path in PUBLISHED:
                continue
            if target not in known and not target.is_file():
                yield f"links: {page.relative_to(out)}: {link}: no such file"
            elif fragment and target in known and fragment not in known[target]:
                yield f"links: {page.relative_to(out)}: {link}: no such heading"


def _prose(text: str) -> str:
    """A page's Markdown: neither its front matter nor its code."""
    return CODE.sub("`code`", FENCE.sub("", FRONT.sub("", text, count=1)))


def _anchors(text: str) -> set[str]:
    anchors = {first or second for first, second in NAMED.findall(text)}
    anchors |= {slugify(title, "-") for title, _ in HEADING.findall(text)}
    return anchors
