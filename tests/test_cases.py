"""Each construct of OpenAPI on its own: the smallest document that shows it, and what it becomes."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion

from generator import pipeline

CASES = sorted(p for p in (Path(__file__).parent / "cases").iterdir() if p.is_dir())


def sparse(value: Any) -> Any:
    """The IR without what is empty: only what the case is about stays to be read."""
    if isinstance(value, dict):
        shown = {k: sparse(v) for k, v in value.items() if k not in ("place", "digest")}
        return {k: v for k, v in shown.items() if v is not None and v is not False and v not in ("", (), [], {})}
    if isinstance(value, (list, tuple)):
        return [sparse(v) for v in value]
    return value


@pytest.mark.parametrize("case", CASES, ids=lambda p: p.name)
def test_case(case: Path, snapshot: SnapshotAssertion) -> None:
    api = pipeline.load(pipeline.Inputs(case / "openapi.yaml"))
    shown = sparse({k: v for k, v in asdict(api).items() if k in ("functions", "models", "auth", "servers", "losses")})
    assert json.dumps(shown, indent=1, ensure_ascii=False) == snapshot
