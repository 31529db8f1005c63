"""The site's search in headless Chromium: what it finds first, by keyboard, with what a screen reader is told."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hanging import HANGS
from static_site import served

ROOT = Path(__file__).parents[2]
NPM = ROOT / "tests/npm"
DOCS = ROOT / "generated/docs"
PAGE = """<!doctype html><html lang="en"><title>x</title><body><header class="md-header__inner"></header>
<script src="assets/search.js"></script></body></html>"""
"""A page with as much of the theme as the search needs."""

# What a reader who types it looks for, written down from the pages.
FIRST = {
    "create_prediction": "functions/create_prediction/",
    "predictions.create": "functions/create_prediction/",
    "POST /predictions": "functions/create_prediction/",
    "verify webhook": "guides/webhooks/#verify",
    "429": "errors/#status",
    "migrate": "guides/moving/",
    "replicate_list_models": "functions/list_models/",
    "GET /account": "functions/get_account/",
    "rate limit": "errors/#",
    "app.integrations.replicate.get_model": "functions/get_model/",
    "stream output": "guides/streaming/",
    "exit codes": "errors/#exit-codes",
    "mcp host": "guides/mcp/#hosts",
    "upload file": "functions/create_file/",
    "cancel prediction": "functions/cancel_prediction/",
    "webhook_events_filter": "#argument-webhook_events_filter",
    "models get": "functions/get_model/",
    "predictions list": "functions/list_predictions/",
    "DELETE /models/{model_owner}/{model_name}": "functions/delete_model/",
    "RateLimitError": "errors/#",
    "pagination": "guides/pagination/",
    "hardware": "hardware/",
    "dry run": "guides/cli/#dry-run",
    "several accounts": "guides/authentication/#accounts",
    "train a model": "functions/create_training/",
    "webhook secret": "functions/get_default_webhook_secret/",
    "sandbox limits": "guides/lua/#limits",
    "deployments.predictions.create": "functions/create_deployment_prediction/",
    "how do I run a model": "guides/running/",
    "client.trainings.create": "functions/create_training/",
    "replikit files download": "functions/download_file/",
    "app.integrations.replicate.list_collections": "functions/list_collections/",
    "/webhooks/default/secret": "functions/get_default_webhook_secret/",
    "QUERY /models": "functions/search_models/",
    "who am i": "functions/get_account/",
    "available gpus": "functions/list_hardware/",
    "402": "errors/#status",
    "NotFoundError": "errors/#status",
    "poll until done": "guides/waiting/",
    "environment variables": "guides/authentication/",
    "deny writes": "guides/permissions/",
    "record and replay": "guides/mock/",
    "Prediction": "prediction",
}
HARM = '<img src=x onerror="document.title=1">'


def browser(site: Path, queries: list[str]) -> Any:
    """What the browser saw of a folder that has an index."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if not (chromium and shutil.which("node") and (NPM / "node_modules/playwright-core").is_dir()):
        pytest.skip("chromium, node or the packages of tests/npm (npm ci --prefix tests/npm) is not installed")
    (site / "assets").mkdir()
    shutil.copyfile(DOCS / "pages/assets/search.js", site / "assets/search.js")
    (site / "index.html").write_text(PAGE, "utf-8")
    with served(site) as base:
        command = ["node", str(NPM / "search.mjs"), base, chromium]
        done = subprocess.run(
            [*command, json.dumps(queries)], capture_output=True, text=True, timeout=HANGS, check=False
        )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The index of the checked-in docs, made as their build makes it."""
    docs = tmp_path_factory.mktemp("search") / "docs"
    shutil.copytree(DOCS, docs, ignore=shutil.ignore_patterns("site", ".cache"))
    subprocess.run([sys.executable, "-c", "import build; build.searched()"], cwd=docs, check=True)
    return browser(docs / "site", list(FIRST))


def test_what_is_looked_for_comes_first(seen: Any) -> None:
    missed = {
        query: seen["found"][query][:3] for query, page in FIRST.items() if page not in seen["found"][query][:1][0]
    }
    assert len(missed) <= len(FIRST) // 10, missed
    wanted = list(FIRST)[:6]
    assert [query for query in wanted if query in missed] == []


def test_it_is_used_by_keyboard_and_a_screen_reader_is_told(seen: Any) -> None:
    """The pattern of a combobox with a list: ARIA 1.2, `combobox`; the field keeps the focus."""
    assert seen["typed"] == {"role": "listbox", "expanded": "true", "at": 0, "selected": 1, "focused": True}
    assert seen["down"] == seen["typed"] | {"at": 1}
    assert seen["around"]["at"] == seen["around"]["count"] - 1
    assert seen["escaped"] == 0
    assert seen["entered"] == seen["found"][list(FIRST)[-1]][0]


def test_nothing_is_asked_of_another_host_and_few_files_are_loaded(seen: Any) -> None:
    assert seen["outside"] == [] and seen["errors"] == []
    assert seen["bytes"] < 300_000


def test_text_of_a_document_stays_text_and_names_are_found_whole(tmp_path: Path) -> None:
    """Accents, camel case, a name that is that of something every object has, markup, and 2,000 others beside."""
    entry = {"kind": "function", "href": "a/", "context": HARM, "names": ["__proto__", "getÉtat"], "text": HARM}
    entries = [{**entry, "title": HARM}]
    for number in range(2_000):
        more = {"title": f"Item {number}", "href": f"i/{number}/", "names": [f"item_{number}"], "text": "one of many"}
        entries.append({**entry, "context": "", **more})
    (tmp_path / "entries.json").write_text(json.dumps(entries), "utf-8")
    script = (
        "import indexing, json, pathlib; p = pathlib.Path; indexing.write(json.loads(p('{}').read_text()), p('{}'))"
    )
    made = tmp_path / "site/search"
    subprocess.run([sys.executable, "-c", script.format(tmp_path / "entries.json", made)], cwd=DOCS, check=True)
    assert max(file.stat().st_size for file in made.iterdir()) < 60_000
    seen = browser(tmp_path / "site", ["__proto__", "GETETAT", "get état", "item_1234", "constructor", "onerror"])
    found = seen["found"]
    assert seen["errors"] == []
    assert [found[query][:1] for query in ("__proto__", "GETETAT", "get état", "onerror")] == [["a/"]] * 4
    assert found["item_1234"][:1] == ["i/1234/"]
    assert found["constructor"] == []
