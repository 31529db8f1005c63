"""The formats of a diff that hosts read: GitHub's workflow commands, SARIF 2.1.0, and a page of HTML."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from generator import cli
from generator.evolve.diff import Change, Diff, Effect
from generator.evolve.diff.github import as_github
from generator.evolve.diff.page import as_html
from generator.evolve.diff.report import text as as_text
from generator.evolve.diff.sarif import as_sarif
from generator.places import Place

OLD = """
openapi: 3.1.0
info: {title: Zoo, version: "1"}
servers: [{url: 'https://zoo.example'}]
paths:
  /pets:
    get:
      operationId: listPets
      tags: [pets]
      parameters:
        - {name: limit, in: query, schema: {type: integer}}
        - {name: gone, in: query, schema: {type: integer}}
      responses: {"204": {description: ok}}
"""
NEW = OLD.replace("        - {name: gone, in: query, schema: {type: integer}}\n", "").replace(
    "name: limit, in: query, schema: {type: integer}", "name: limit, in: query, schema: {type: integer, maximum: 5}"
)
HOSTILE = '<script>alert(1)</script>\n::error file=x::50%, a: b\r\n"><img src=x onerror=y>&lt;`](https://evil.example)'


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two documents below the working directory, the new one in a folder whose name a URI has to escape."""
    (tmp_path / "old").mkdir()
    (tmp_path / "a spec").mkdir()
    (tmp_path / "old/openapi.yaml").write_text(OLD)
    (tmp_path / "a spec/openapi.yaml").write_text(NEW)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(form: str, capsys: pytest.CaptureFixture[str]) -> str:
    assert cli.main(["diff", "old", "a spec", "--format", form]) == 1
    return capsys.readouterr().out


def hostile() -> Diff:
    """A change every text of which is written by somebody who means harm."""
    effects = (Effect(surface="python", outcome="gone", text=HOSTILE),)
    deployed = Effect(surface="deployed", outcome="refused", text=HOSTILE)
    place = Place("a,b:c%\n.yaml", 3, 1, "")
    change = Change(
        kind="parameter removed", action="removed", subject=HOSTILE, name=HOSTILE, before=HOSTILE, after=HOSTILE,
        place=place, effects=effects, deployed=deployed,
    )  # fmt: skip
    return Diff((change, Change(kind="prose", action="prose", subject=HOSTILE)))


def test_github_sees_annotations_on_the_lines_of_the_new_document(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = run("github", capsys).splitlines()
    line = next(n for n, text in enumerate(NEW.splitlines(), 1) if "name: limit" in text)
    narrowed = next(each for each in lines if "narrowed" in each)
    assert narrowed.startswith(
        f"::error file=a spec/openapi.yaml,line={line},col=11,title=pets.list%3A parameter narrowed%3A"
    )
    removed = next(each for each in lines if "removed" in each)
    assert removed.startswith(
        "::error title=pets.list%3A parameter removed%3A gone (integer)::"
    )  # on no line that is left
    assert "python: `client.pets.list(…)` raises TypeError: `gone` is no longer taken%0Acli: " in removed
    assert lines[-1].startswith("::notice title=diff::2 changes, 2 breaking")


def test_no_text_ends_a_command_of_github() -> None:
    """`escapeData` and `escapeProperty` of actions/toolkit, undone by the rules of the runner's command parser."""
    written = as_github(hostile(), "1.0.0")
    command, summary = written.split("\n")
    assert re.fullmatch(r"::notice title=diff::1 change, 1 breaking \(.*\), 1 of prose alone; version: .*", summary)
    head, message = command.removeprefix("::error ").split("::", 1)
    properties = dict(each.split("=", 1) for each in head.split(","))
    assert set(properties) == {"file", "line", "col", "title"}

    def undone(text: str) -> str:
        for escaped, plain in (("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%")):
            text = text.replace(escaped, plain)
        return text

    assert undone(properties["title"]).startswith(HOSTILE.split("\r")[0])
    assert properties["file"].startswith("a%2Cb%3Ac%25")
    assert undone(message).startswith("<script>alert(1)</script>\n::error file=x::50%, a: b")


def test_no_text_begins_a_line_of_its_own_in_a_log() -> None:
    """Runners read commands from lines that begin with `::`, and terminals act on control characters."""
    lines = as_text(hostile(), "1.0.0").split("\n")
    assert all(line.isprintable() for line in lines)
    assert not [line for line in lines if line.lstrip().startswith("::")]


def test_sarif_is_a_log_of_its_schema(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Read by classes that were generated from the OASIS schema."""
    model = pytest.importorskip("pydantic_sarif.model", reason="pydantic-sarif is not installed")
    for text in (run("sarif", capsys), as_sarif(hostile(), "1.0.0"), as_sarif(Diff(), "1.0.0")):
        model.StaticAnalysisResultsFormatSarifVersion210JsonSchema.model_validate_json(text)
        (run_,) = json.loads(text)["runs"]
        for result in run_["results"]:  # SARIF 2.1.0, 3.27.6: the index is of the rule that the id names
            assert run_["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"]


def test_sarif_names_line_level_and_rule(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    log: dict[str, Any] = json.loads(run("sarif", capsys))
    assert (log["version"], log["$schema"]) == ("2.1.0", "https://json.schemastore.org/sarif-2.1.0.json")
    (found,) = log["runs"]
    assert found["tool"]["driver"]["name"] == "surfacegen diff"
    results = {each["ruleId"]: each for each in found["results"]}
    assert set(results) == {"parameter-narrowed", "parameter-removed"}
    (where,) = results["parameter-narrowed"]["locations"]
    line = next(n for n, text in enumerate(NEW.splitlines(), 1) if "name: limit" in text)
    assert where["physicalLocation"] == {
        "artifactLocation": {"uri": "a%20spec/openapi.yaml"}, "region": {"startLine": line, "startColumn": 11},
    }  # fmt: skip
    assert "locations" not in results["parameter-removed"]
    assert {each["level"] for each in results.values()} == {"error"}
    assert results["parameter-removed"]["properties"]["breaks"] == ["regenerated", "deployed"]


def test_a_finding_is_the_same_after_its_line_moved(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = [each["partialFingerprints"] for each in json.loads(run("sarif", capsys))["runs"][0]["results"]]
    (project / "a spec/openapi.yaml").write_text("# a line more\n" + NEW)
    after = [each["partialFingerprints"] for each in json.loads(run("sarif", capsys))["runs"][0]["results"]]
    assert before == after and len({each["change/v1"] for each in before}) == 2


class Elements(HTMLParser):
    """The elements of a page, with what they refer to."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.texts: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def test_html_is_one_page_that_fetches_and_runs_nothing(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for text in (run("html", capsys), as_html(hostile(), "1.0.0"), as_html(Diff(), "1.0.0")):
        found = Elements(text)
        assert found.open == [] and text.startswith("<!doctype html>")
        used = {tag for tag, _ in found.tags}
        assert not used & {"script", "link", "img", "iframe", "object", "a", "base", "form"}
        for _, attributes in found.tags:
            assert not {"src", "href", "style"} & attributes.keys() and not any(n.startswith("on") for n in attributes)
        assert "url(" not in text and "@import" not in text
        policy = next(
            each["content"] for tag, each in found.tags if each.get("http-equiv") == "Content-Security-Policy"
        )
        assert policy == "default-src 'none'; style-src 'unsafe-inline'"
        assert ("html", {"lang": "en"}) in found.tags and "main" in used
        assert "prefers-color-scheme: dark" in text and "color-scheme: light dark" in text


def test_html_is_read_in_both_themes() -> None:
    """WCAG 2.2, 1.4.3: 4.5 to 1 between a text and what it stands on, by its definition of relative luminance."""

    def luminance(color: str) -> float:
        digits = color if len(color) == 6 else "".join(2 * digit for digit in color)
        parts = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    themes = re.findall(r":root \{(.*?)\}", as_html(Diff(), "1.0.0"))
    assert len(themes) == 2
    for theme in themes:
        colors = {name: luminance(color) for name, color in re.findall(r"--(\w+): #(\w+);", theme)}
        for name in ("text", "soft", "bad", "good"):
            low, high = sorted((colors[name], colors["page"]))
            assert (high + 0.05) / (low + 0.05) >= 4.5, (theme, name)


def test_html_tells_both_verdicts(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = Elements(run("html", capsys))
    assert [each for each in found.texts if each in ("Generated again", "Deployed clients")] == [
        "Generated again", "Deployed clients",
    ]  # fmt: skip
    assert found.texts.count("breaks") == 4
    assert cli.main(["diff", "old", "a spec", "--format", "html", "--for", "deployed"]) == 1
    assert "Generated again" not in capsys.readouterr().out
    written = "".join(Elements(as_html(hostile(), "1.0.0")).texts)
    assert "<script>alert(1)</script>" in written and "::error file=x::50%, a: b" in written
