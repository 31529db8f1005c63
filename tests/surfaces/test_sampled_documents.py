"""Documents that others wrote, through every surface: two here, a hundred by `make sample`. Each check is shown a fault."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from sampled_documents import Importer, checked, generated, run, sample

EXAMPLES = Path(__file__).parents[1] / "npm/node_modules/@readme/oas-examples"
SMALL = 30_000
pytestmark = pytest.mark.skipif(not EXAMPLES.is_dir(), reason="the packages of tests/npm are not installed")
needs_lua = pytest.mark.skipif(
    not (shutil.which("luac5.1") and shutil.which("luac5.4")), reason="luac is not installed"
)


@needs_lua
def test_a_document_that_others_wrote() -> None:
    [(_, what, failures)] = run(sample(EXAMPLES / "3.1/json", 1, largest=SMALL))
    assert failures == [] and " 0 functions" not in what


def replaced(old: str, new: str) -> Callable[[str], str]:
    def change(text: str) -> str:
        assert old in text
        return text.replace(old, new, 1)

    return change


def without_a_function(text: str) -> str:
    document = json.loads(text)
    document["functions"].pop()
    return json.dumps(document)


FAULTS: list[tuple[str, Callable[[str], str], str]] = [
    ("python/*/types.py", lambda text: text + "\nclass\n", ".types: SyntaxError"),
    (
        "python/*/exceptions.py",
        lambda text: text + "\nfrom .nowhere import nothing\n",
        ".exceptions: ModuleNotFoundError",
    ),
    ("catalog.json", without_a_function, "operations: "),
    ("mcp/tools.json", replaced('"type": "object"', '"type": "thing"'), "mcp: "),
    ("mcp/tools.json", replaced('"name": "', '"name": "other_'), "cli: "),
    ("mcp/server.json", replaced('"name":', '"at": NaN, "name":'), "files: mcp/server.json: NaN is no JSON"),
    ("docs/mkdocs.yml", replaced("site_name:", "theme: {}\nsite_name:"), "files: docs/mkdocs.yml: a key twice"),
    ("python/pyproject.toml", lambda text: text + "\n[project\n", "files: python/pyproject.toml: "),
    (
        "docs/pages/index.md",
        lambda text: text + "\n[a](functions/nowhere.md)\n",
        "links: docs/pages/index.md: functions",
    ),
    ("docs/pages/index.md", lambda text: text + "\n[a](errors.md#nowhere)\n", "links: docs/pages/index.md: errors.md#"),
    ("lua/*.lua", lambda text: text + "\nlocal = 1\n", "lua 5.1: "),
]


@needs_lua
def test_faults_are_seen(tmp_path: Path) -> None:
    document, out = EXAMPLES / "3.0/json/petstore-simple.json", tmp_path / "out"
    assert not generated(document, out)
    with Importer() as importer:
        assert checked(document, out, importer)[1] == []
        for where, change, _ in FAULTS:
            [path] = out.glob(where)
            path.write_text(change(path.read_text("utf-8")), "utf-8")
        _, failures = checked(document, out, importer)
    assert [said for _, _, said in FAULTS if not any(said in failure for failure in failures)] == []
