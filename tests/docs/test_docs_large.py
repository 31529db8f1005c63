"""The docs of a large API: 300 operations whose objects hold one another. The site is built of a fifth of them."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hanging import HANGS

from generator import pipeline
from generator.surfaces.docs import site

NOUNS = [f"{first}{second}" for first in ("red", "green", "blue", "grey", "pink", "gold") for second in (
    "house", "ship", "tower", "garden", "bridge", "index", "river", "forest", "island", "street",
)]  # fmt: skip


def reference(noun: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{noun.title()}"}


def document(nouns: list[str]) -> dict[str, Any]:
    """Five operations for each noun; its object holds the next noun's, the last one the first's."""
    paths: dict[str, Any] = {}
    schemas: dict[str, Any] = {}
    for index, noun in enumerate(nouns):
        properties: dict[str, Any] = {
            f"field_{n}": {"type": "string", "description": f"Part {n} of a {noun}; see [it](#{noun}.get)."}
            for n in range(6)
        }
        properties["next"] = reference(nouns[(index + 1) % len(nouns)])
        schemas[noun.title()] = {"type": "object", "description": f"A {noun}.", "properties": properties}
        one = {"content": {"application/json": {"schema": reference(noun)}}, "description": f"The {noun}."}
        many = {"application/json": {"schema": {"type": "array", "items": reference(noun)}}}
        key = {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}
        body = {"requestBody": {"required": True, "content": one["content"]}}
        paths[f"/{noun}"] = {
            "get": operation(noun, "list", {"200": {"content": many, "description": "All."}}),
            "post": operation(noun, "create", {"201": one}, **body),
        }
        paths[f"/{noun}/{{id}}"] = {
            "parameters": [key],
            "get": operation(noun, "get", {"200": one}),
            "put": operation(noun, "replace", {"200": one}, **body),
            "delete": operation(noun, "delete", {"204": {"description": "It is gone."}}),
        }
    return {
        "openapi": "3.1.0",
        "info": {"title": "Town", "version": "1"},
        "servers": [{"url": "https://town.example/v1"}],
        "paths": paths,
        "components": {"schemas": schemas},
    }


def operation(noun: str, verb: str, responses: dict[str, Any], **more: Any) -> dict[str, Any]:
    said = f"{verb.title()} a {noun}"
    return {"operationId": f"{noun}.{verb}", "summary": said, "description": f"{said}.", "responses": responses, **more}


def generated(folder: Path, nouns: list[str]) -> Path:
    """The docs of the operations of these nouns."""
    spec = folder / "town.json"
    spec.write_text(json.dumps(document(nouns)), "utf-8")
    pipeline.generate(pipeline.Inputs(spec), folder / "out", ("docs",))
    return folder / "out/docs"


def test_objects_that_hold_one_another_are_cut(tmp_path: Path) -> None:
    docs = generated(tmp_path, NOUNS)
    assert len(list((docs / "pages/functions").glob("*.md"))) == 300
    # What holds one another without end is cut, and stands on the pages of the types.
    page = (docs / "pages/functions/get_redhouse.md").read_text("utf-8")
    assert 6 < len(re.findall(r"\{ #result-", page)) < 200
    assert "(../types/redship.md)" in page


def test_an_object_is_not_written_out_wherever_it_stands(tmp_path: Path) -> None:
    """Each holds three others, so that four levels are 120 of them: beyond 200 fields its own page has it alone."""
    nouns = NOUNS[::6]
    made = document(nouns)
    for index, noun in enumerate(nouns):
        properties = made["components"]["schemas"][noun.title()]["properties"]
        properties[f"is_{noun}"] = {"type": "boolean"}
        for step, side in enumerate(("left", "right"), 2):
            properties[side] = reference(nouns[(index + step) % len(nouns)])
    (tmp_path / "town.json").write_text(json.dumps(made), "utf-8")
    pipeline.generate(pipeline.Inputs(tmp_path / "town.json"), tmp_path / "out", ("docs",))
    pages = "\n".join(page.read_text("utf-8") for page in (tmp_path / "out/docs/pages").rglob("*.md"))
    fields = len(made["components"]["schemas"][nouns[0].title()]["properties"])
    for noun in nouns:
        within = re.findall(rf"^ +#### `[^`]*\.is_{noun}`", pages, re.MULTILINE)
        assert len(within) * fields <= 200, noun
        assert re.search(rf"^### `is_{noun}` \{{ #field-", pages, re.MULTILINE), noun  # what its page is for


def test_what_many_functions_give_stands_on_its_own_page(tmp_path: Path) -> None:
    """160 fields that four functions give are 640, more than 600: each names the type, and its page has the fields."""
    made = document(NOUNS[:2])
    for noun, size in zip(NOUNS, (160, 140), strict=False):
        fields = {f"part_{number}": {"type": "boolean"} for number in range(size)}
        made["components"]["schemas"][noun.title()]["properties"] = fields
    (tmp_path / "town.json").write_text(json.dumps(made), "utf-8")
    pipeline.generate(pipeline.Inputs(tmp_path / "town.json"), tmp_path / "out", ("docs",))
    pages = tmp_path / "out/docs/pages"
    red, ship = ((pages / f"functions/get_{noun}.md").read_text("utf-8") for noun in NOUNS[:2])
    assert not re.search(r"\{ #result-", red)
    assert "[Redhouse](../types/redhouse.md). Its fields stand on that page." in red
    assert "the result stands in `catalog.json`" in red
    assert (pages / "types/redhouse.md").read_text("utf-8").count("{ #field-part_") == 160
    # Four times 140 are 560.
    assert len(re.findall(r"\{ #result-part_", ship)) == 140
    assert "stand on that page" not in ship


def build(docs: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "build.py"]
    return subprocess.run(command, cwd=docs, capture_output=True, text=True, timeout=HANGS, check=False)


def test_the_site_of_a_large_api_builds_and_its_pages_stay_light(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The navigation, which stands in every page, stops at groups; what other files hold whole is not repeated."""
    monkeypatch.setattr(site, "LARGE", 50)
    docs = generated(tmp_path, NOUNS[::5])
    navigation = (docs / "mkdocs.yml").read_text("utf-8").partition("\nnav:\n")[2]
    assert '"groups/redhouse.md"' in navigation
    assert "functions/" not in navigation and "types/" not in navigation
    assert "functions/" not in (docs / "pages/index.md").read_text("utf-8").partition("## All functions")[2]
    written = (docs / "pages/functions/get_redhouse.md").read_text("utf-8")
    assert "inputSchema" not in written
    assert (
        "(../groups/redhouse.md)" in written.partition("## Call")[0]
    ), "the navigation does not lead back to the group"
    # In parts of 60 pages; a link to another part is checked as any is.
    written = (docs / "parts.py").read_text("utf-8")
    assert written.count("\nMOST = 250\n") == 1
    (docs / "parts.py").write_text(written.replace("\nMOST = 250\n", "\nMOST = 60\n"), "utf-8")
    config = (docs / "mkdocs.yml").read_text("utf-8")
    (docs / "mkdocs.yml").write_text(
        config.replace("\ndocs_dir:", '\nsite_url: "https://t.example/"\ndocs_dir:'), "utf-8"
    )
    home = (docs / "pages/index.md").read_text("utf-8")
    (docs / "pages/index.md").write_text(f"{home}\n[x](types/goldindex.md#field-nothing)\n", "utf-8")
    refused = build(docs)
    assert refused.returncode != 0 and "anchor does not exist" in refused.stderr
    (docs / "pages/index.md").write_text(f"{home}\n[x](types/goldindex.md#field-next)\n", "utf-8")
    done = build(docs)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("Build finished in") > 1
    names = {path.relative_to(docs / "pages").as_posix()[:-3] for path in (docs / "pages").rglob("*.md")}
    assert all((docs / "site" / name / "index.html").is_file() for name in names - {"index"})
    listed = re.findall(r"<loc>https://t.example/(.*?)/?</loc>", (docs / "site/sitemap.xml").read_text("utf-8"))
    assert sorted(listed) == sorted(names - {"index"} | {""})
    for name, text in (("groups/redhouse", "functions/delete_redhouse/"), ("types/redhouse", "Part 5 of a redhouse")):
        page = (docs / "site" / name / "index.html").read_text("utf-8")
        article = page.partition("<article")[2].partition("</article>")[0]
        assert text in article and not re.search(r'href="(?!\.\./redhouse\.md)[^":]*\.md["#]', article), name
    assert not list(docs.glob(".*.yml")) and not (docs / ".parts").exists()
    page = (docs / "site/functions/get_redhouse/index.html").read_text("utf-8")
    assert len(page) <= 150_000 and page.count("/groups/") < 40
    listed = (docs / "site/groups/redhouse/index.html").read_text("utf-8")
    assert "functions/get_redhouse/" in listed, "a function that the navigation does not name is listed by its group"
    index = json.loads((docs / "site/search/index.json").read_text("utf-8"))
    assert index["count"] > 60
    assert all(file.stat().st_size < 60_000 for file in (docs / "site/search").iterdir())
    parts = sorted((docs / "site").glob("llms-full*.txt"))
    assert max(part.stat().st_size for part in parts) <= 400_000
    assert sum(part.read_text("utf-8").count("<!-- functions/") for part in parts) == 60


def test_a_long_example_is_cut_and_says_so(tmp_path: Path) -> None:
    """Its object has 700 lines and two for the braces: 500 are shown, without colours, which weigh more than the text."""
    made = document(NOUNS[:1])
    example = {f"part_{number}": number for number in range(700)}
    answer = made["paths"][f"/{NOUNS[0]}/{{id}}"]["get"]["responses"]["200"]
    answer["content"]["application/json"] = {"schema": {"type": "object"}, "example": example}
    (tmp_path / "town.json").write_text(json.dumps(made), "utf-8")
    pipeline.generate(pipeline.Inputs(tmp_path / "town.json"), tmp_path / "out", ("docs",))
    page = (tmp_path / "out/docs/pages/functions/get_redhouse.md").read_text("utf-8")
    assert '"part_498": 498,\n' in page and '"part_499"' not in page
    assert "… 202 further lines\n" in page
