"""The workflow of a pull request: its own commands, run on a repository with two commits."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from programs import needs

ROOT = Path(__file__).parents[2]
WORKFLOW: dict[str, Any] = yaml.safe_load((ROOT / ".ci/pull-request.yml").read_text("utf-8"))
STEPS: dict[str, dict[str, Any]] = {s["name"]: s for s in WORKFLOW["jobs"]["review"]["steps"] if "name" in s}


def git(folder: Path, *arguments: str) -> str:
    identity = ("-c", "user.name=t", "-c", "user.email=t@example.invalid")
    done = subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout.strip()


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A checkout with our spec in its first commit, and the generator that is being tested."""
    needs("git")
    folder = tmp_path / "repository"
    shutil.copytree(ROOT / "spec", folder / "spec", ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "generator").symlink_to(ROOT / "generator")
    shutil.copy(ROOT / "pyproject.toml", folder)
    (folder / "templates").symlink_to(ROOT / "templates")
    (folder / ".venv/bin").mkdir(parents=True)
    (folder / ".venv/bin/python").symlink_to(sys.executable)
    git(folder, "init", "--quiet")
    git(folder, "add", "spec")
    git(folder, "commit", "--quiet", "-m", "one")
    return folder


def run(step: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """A step's own text, as GitHub runs it: by bash, ending at the first command that fails."""
    site = subprocess.run(
        [sys.executable, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    return subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", STEPS[step]["run"]],
        cwd=folder, check=False, capture_output=True, text=True,
        env={**os.environ, "PYTHONPATH": site.stdout.strip(), **environment},
    )  # fmt: skip


def review(folder: Path, base: str) -> subprocess.CompletedProcess[str]:
    place = folder.parent / "temp"
    place.mkdir()
    return run("diff", folder, BASE=base, RUNNER_TEMP=str(place), GITHUB_STEP_SUMMARY=str(place / "summary.md"))


def test_a_breaking_change_is_reported_and_no_failure(repository: Path) -> None:
    base = git(repository, "rev-parse", "HEAD")
    catalog = repository / "spec/catalog.yaml"
    catalog.write_text(catalog.read_text().replace("replicate_get_account", "replicate_show_account"))
    done = review(repository, base)
    assert done.returncode == 0, done.stderr
    report = (repository / "comment.md").read_text()
    assert "### Breaking" in report
    assert "the tool `replicate_get_account` is unknown; it is `replicate_show_account` now" in report
    assert (repository.parent / "temp/summary.md").read_text() == report


def test_no_change_is_said_too(repository: Path) -> None:
    done = review(repository, git(repository, "rev-parse", "HEAD"))
    assert done.returncode == 0, done.stderr
    assert "nothing changed" in (repository / "comment.md").read_text()


def test_a_spec_that_cannot_be_read_fails(repository: Path) -> None:
    (repository / "spec/openapi.yaml").write_text("openapi: [")
    done = review(repository, git(repository, "rev-parse", "HEAD"))
    assert done.returncode == 2
    assert "is not valid YAML" in done.stderr


MARKER = "<!-- surfacegen diff -->"
BOT, PERSON = {"login": "github-actions[bot]"}, {"login": "octocat"}
GH = """
import json, os, sys, jq
from pathlib import Path
words, place = sys.argv[1:], Path(os.environ["COMMENTS_FILE"])
comments = json.loads(place.read_text())
assert words.pop(0) == "api"
method = words[words.index("--method") + 1] if "--method" in words else "GET"
path = next(each for each in words if each.startswith("repos/"))
if method == "GET":
    assert path == "repos/octocat/zoo/issues/7/comments" and "--paginate" in words
    print("\\n".join(map(str, jq.compile(words[words.index("--jq") + 1]).input_value(comments).all())))
    sys.exit()
field, _, value = words[words.index("--field") + 1].partition("=@")
body = Path(value).read_text()
if method == "PATCH":
    number = int(path.removeprefix("repos/octocat/zoo/issues/comments/"))
    next(each for each in comments if each["id"] == number)[field] = body
else:
    assert path == "repos/octocat/zoo/issues/7/comments"
    comments.append({"id": 99, "user": {"login": "github-actions[bot]"}, field: body})
place.write_text(json.dumps(comments))
"""
"""What `gh api` does for the comments of one pull request: its filters are those of jq."""


@pytest.mark.parametrize(
    ("before", "edited"),
    [
        ([], 99),
        ([{"id": 1, "user": PERSON, "body": "Looks good."}, {"id": 2, "user": BOT, "body": "Coverage: 98 %"}], 99),
        ([{"id": 1, "user": BOT, "body": MARKER + " of the last push"}, {"id": 2, "user": BOT, "body": "Coverage"}], 1),
        ([{"id": 1, "user": PERSON, "body": MARKER + " is not mine"}], 99),
        ([{"id": 1, "user": PERSON, "body": "quotes " + MARKER}, {"id": 2, "user": BOT, "body": MARKER}], 2),
    ],
    ids=["none", "others", "its own", "a person's with the marker", "its own beside one that quotes it"],
)  # fmt: skip
def test_the_comment_is_its_own_and_others_stay(repository: Path, before: list[dict[str, Any]], edited: int) -> None:
    tools, place = repository.parent / "tools", repository.parent / "comments.json"
    tools.mkdir()
    (tools / "gh.py").write_text(GH)
    (tools / "gh").write_text(f'#!/bin/sh\nexec "{sys.executable}" "{tools}/gh.py" "$@"\n')
    (tools / "gh").chmod(0o755)
    place.write_text(json.dumps(before))
    (repository / "comment.md").write_text(f"{MARKER}\nthe report")
    path = f"{tools}{os.pathsep}{os.environ['PATH']}"
    names = {"COMMENTS": "repos/octocat/zoo/issues", "PULL_REQUEST": "7", "COMMENTS_FILE": str(place), "PATH": path}
    assert set(STEPS["comment"]["env"]) == {"GH_TOKEN", "COMMENTS", "PULL_REQUEST"}
    done = run("comment", repository, **names)
    assert done.returncode == 0, done.stderr
    after = json.loads(place.read_text())
    for comment in after:
        was = next((each for each in before if each["id"] == comment["id"]), None)
        assert comment["body"] == (f"{MARKER}\nthe report" if comment["id"] == edited else was and was["body"])
    assert edited in {comment["id"] for comment in after} and len(after) == len(before) + (edited == 99)


def test_there_is_no_comment_after_a_failure_of_its_own() -> None:
    """A step that failed has no outcome `success`; the other steps may fail, and the diff is told of all the same."""
    assert "steps.diff.outcome == 'success'" in STEPS["comment"]["if"]
    assert STEPS["diff"]["id"] == "diff" and "!cancelled()" in STEPS["diff"]["if"]


def test_what_a_comment_cannot_hold_is_cut_and_marked(repository: Path) -> None:
    base = git(repository, "rev-parse", "HEAD")
    place = repository / "spec/openapi.yaml"
    lines = place.read_text().splitlines(keepends=True)
    # Each path becomes another one, which breaks deployed clients of each function.
    place.write_text("".join(re.sub(r"^  /", "  /v9/", line) for line in lines))
    step = STEPS["diff"]["run"]
    STEPS["diff"]["run"] = step.replace("--limit 60000", "--limit 4000")
    try:
        done = review(repository, base)
    finally:
        STEPS["diff"]["run"] = step
    assert done.returncode == 0, done.stderr
    report = (repository / "comment.md").read_text()
    assert len(report) <= 4000 + len(MARKER) + 1 and report.startswith(MARKER)
    found = re.search(r"Not shown: (\d+) changes that break and (\d+) that do not.", report)
    assert found and int(found[1]) > 0
    rows = [line for line in report.splitlines() if line.startswith("| **")]
    assert rows and all(line.endswith(" |") for line in rows)
    total = re.search(r"(\d+) breaking", report)
    assert total and len(rows) + int(found[1]) == int(total[1])
    assert int(re.search(r"--limit (\d+)", step)[1]) + len(MARKER) + 1 <= 65_536  # type: ignore[index]


def test_the_other_steps_are_targets_that_there_are() -> None:
    for name in ("check", "lint"):
        target = STEPS[name]["run"].removeprefix("make ")
        done = subprocess.run(["make", "-n", target], cwd=ROOT, check=False, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        assert f"-m generator {target}" in done.stdout


def test_nothing_of_the_pull_request_is_pasted_into_a_script() -> None:
    """`${{ … }}` in a script would let a title or branch name run as code; the environment does not."""
    assert all("${{" not in step["run"] for step in STEPS.values())
    assert set(WORKFLOW["permissions"]) == {"contents", "pull-requests"}
