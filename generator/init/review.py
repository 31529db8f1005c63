"""The text of a GitHub workflow that reviews a pull request: what it changes on every surface, as one comment.

The comment is found again by a marker that nobody sees and by its author, so that it is edited and others are left alone.
It is written only where the diff itself went well, and no longer than GitHub takes (65,536 characters).
"""

from __future__ import annotations

import os
from pathlib import Path

from ..errors import SpecError
from ..settings import project_folder
from . import workflow
from .scalars import scalar

PLACE = Path(".github/workflows/surfacegen-review.yml")
MARKER = "<!-- surfacegen diff -->"

_TEXT = """\
# What a pull request changes on every surface, and what that breaks, as a comment of its own.
name: surfaces
on:
  pull_request:
permissions:
  contents: read
  pull-requests: write
concurrency:
  group: surfaces-${{ github.event.pull_request.number }}
  cancel-in-progress: true
jobs:
  review:
    runs-on: ubuntu-latest
    timeout-minutes: 15
    defaults:
      run:
        working-directory: {folder}
    steps:
      - uses: {checkout}
        with:
          fetch-depth: 0
          persist-credentials: false
      - uses: {python}
        with:
          python-version: '3.11'
      - name: install
        run: python -m pip install surfacegen
      - name: check
        run: surfacegen check
      - name: lint
        if: ${{ !cancelled() }}
        run: surfacegen lint
      - name: diff
        id: diff
        if: ${{ !cancelled() }}
        env:
          BASE: ${{ github.event.pull_request.base.sha }}
          DOCUMENT: {document}
          CATALOG: {catalog}
        run: |
          git worktree add --quiet --detach "$RUNNER_TEMP/base" "$BASE"
          old="$RUNNER_TEMP/base/$DOCUMENT"
          if [ ! -f "$old" ]; then
            echo "the document is new: there is nothing to compare with"
            exit 0
          fi
          set -- "$old"
          if [ -f "$RUNNER_TEMP/base/$CATALOG" ]; then set -- "$@" --catalog "$RUNNER_TEMP/base/$CATALOG"; fi
          code=0
          surfacegen diff "$@" --format markdown --limit 60000 > report.md || code=$?
          # 1 says that something breaks: a thing to know, not a failure.
          if [ "$code" -gt 1 ]; then exit "$code"; fi
          { echo '{marker}'; cat report.md; } > comment.md
          cat comment.md >> "$GITHUB_STEP_SUMMARY"
          echo "report=written" >> "$GITHUB_OUTPUT"
      - name: comment
        # The token of a fork may not write; its report stands in the summary of the run.
        if: ${{ !cancelled() && steps.diff.outputs.report == 'written' && github.event.pull_request.head.repo.full_name == github.repository }}
        env:
          GH_TOKEN: ${{ github.token }}
          COMMENTS: repos/${{ github.repository }}/issues
          PULL_REQUEST: ${{ github.event.pull_request.number }}
        run: |
{comment}
"""
COMMENT = """\
own='.[] | select(.user.login == "github-actions[bot]" and (.body | startswith("{marker}"))) | .id'
id=$(gh api --paginate "$COMMENTS/$PULL_REQUEST/comments" --jq "$own" | sed -n 1p)
if [ -n "$id" ]; then
  gh api --silent --method PATCH "$COMMENTS/comments/$id" --field body=@comment.md
else
  gh api --silent --method POST "$COMMENTS/$PULL_REQUEST/comments" --field body=@comment.md
fi
"""


def text(folder: Path, document: Path, catalog: Path) -> str:
    """The workflow of a project whose settings stand in a folder and name a document and a catalog that are files of it."""
    project = project_folder(folder)
    below, named, inside = (
        Path(os.path.relpath(each.resolve(), project)).as_posix() for each in (document, catalog, folder)
    )
    for route in (below, named, inside):
        if not workflow.PATH.fullmatch(route):
            raise SpecError(
                "--workflow",
                f"{route!r} cannot be used in a workflow",
                "use only letters, digits, spaces and . _ - /",
            )
    comment = "".join(f"{' ' * 10}{line}\n" for line in COMMENT.splitlines()).rstrip("\n")
    result = _TEXT.replace("{comment}", comment)
    for name, value in (
        ("checkout", workflow.CHECKOUT), ("python", workflow.PYTHON), ("folder", scalar(inside)),
        ("document", scalar(below)), ("catalog", scalar(named)), ("marker", MARKER),
    ):  # fmt: skip
        result = result.replace(f"{{{name}}}", value)
    return result
