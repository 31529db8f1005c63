"""The real API, read once in a process for all tests that ask it what there is."""

from __future__ import annotations

from pathlib import Path

from generator import pipeline

SPEC = Path(__file__).parents[2] / "spec"
API = pipeline.load(pipeline.Inputs(SPEC / "openapi.yaml", SPEC / "catalog.yaml"))
