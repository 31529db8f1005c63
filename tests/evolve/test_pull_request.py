"""The workflow of a pull request: its own commands, run on a repository with two commits."""

from __future__ import annotations

import os
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


def test_the_comment_is_posted_once_and_edited(repository: Path) -> None:
    tools = repository.parent / "tools"
    tools.mkdir()
    (tools / "gh").write_text('#!/bin/sh\necho "$@" > "$SEEN"\n')
    (tools / "gh").chmod(0o755)
    seen = repository.parent / "seen"
    path = f"{tools}{os.pathsep}{os.environ['PATH']}"
    assert run("comment", repository, PATH=path, SEEN=str(seen), PULL_REQUEST="7").returncode == 0
    assert seen.read_text().split() == [
        "pr",
        "comment",
        "7",
        "--edit-last",
        "--create-if-none",
        "--body-file",
        "comment.md",
    ]


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
