"""The text of a GitHub workflow that builds what is published: the wheel, the rock and the site."""

from __future__ import annotations

import os
import re
from pathlib import Path

from .. import pipeline
from ..errors import SpecError
from ..settings import OUTPUT, Settings, project_folder
from .scalars import scalar

PLACE = Path(".github/workflows/surfacegen.yml")

# By commit: a tag can be moved to another.
CHECKOUT = "actions/checkout@11bd71901bbe5b1630ceea73d27597364c9af683  # v4.2.2"
PYTHON = "actions/setup-python@a26af69be951a213d495a4c3e4e4022e16d87065  # v5.6.0"
_UPLOAD = "actions/upload-artifact@ea165f8d65b6e75b540449e92b4886f43607fa02  # v4.6.2"
PATH = re.compile(r"[A-Za-z0-9._/ -]+")

_HEAD = """\
# Builds what surfacegen made, for each tag that begins with v, and keeps the files with the run. It publishes nothing:
# who may upload them is for their owner to say (the README of the output names the commands).
name: packages
on:
  push:
    tags: [v*]
  workflow_dispatch:
permissions:
  contents: read
jobs:
  build:
    runs-on: ubuntu-latest
    timeout-minutes: 15
    env:
      OUTPUT: {output}
    steps:
      - uses: {checkout}
        with:
          persist-credentials: false
      - uses: {python}
        with:
          python-version: '3.11'
"""
_STEPS = {
    "python": """\
      - name: wheel
        run: python -m pip wheel --no-deps --wheel-dir dist "$OUTPUT/python"
""",
    "lua": """\
      - name: rock
        run: |
          sudo apt-get install --yes --no-install-recommends luarocks
          mkdir -p dist
          rocks="$PWD/dist"
          cd "$OUTPUT/lua"
          luarocks --tree "$RUNNER_TEMP/rocks" make --pack-binary-rock ./*.rockspec
          mv ./*.rock "$rocks"
""",
    "docs": """\
      - name: site
        run: |
          python -m pip install -r "$OUTPUT/docs/requirements.txt"
          python "$OUTPUT/docs/build.py"
          mkdir -p dist
          tar -czf dist/docs.tar.gz -C "$OUTPUT/docs/site" .
""",
}
_TAIL = """\
      - uses: {upload}
        with:
          name: packages
          path: dist
          if-no-files-found: error
"""


def text(folder: Path, settings: Settings) -> str:
    """The workflow of a project whose settings stand in a folder."""
    output = settings.output or folder / OUTPUT
    route = Path(os.path.relpath(output.resolve(), project_folder(folder))).as_posix()
    if not PATH.fullmatch(route):
        what = f"the output folder {route!r} cannot be used in a workflow"
        raise SpecError("--workflow", what, "use only letters, digits, spaces and . _ - /")
    head = _HEAD.format(output=scalar(route), checkout=CHECKOUT, python=PYTHON)
    chosen = settings.surfaces or pipeline.SURFACES
    return head + "".join(step for name, step in _STEPS.items() if name in chosen) + _TAIL.format(upload=_UPLOAD)
