"""The licence texts that outputs bear are those that others publish: compared with the copies of installed distributions."""

from __future__ import annotations

import importlib.metadata
import re
from dataclasses import replace
from pathlib import Path

import pytest

from generator import pipeline
from generator.ir import Api
from generator.surfaces.project import readme
from generator.surfaces.shared.licences import licence

PUBLISHED = {
    "Apache-2.0": ("packaging", "LICENSE.APACHE"),
    "BSD-2-Clause": ("packaging", "LICENSE.BSD"),
    "BSD-3-Clause": ("jinja2", "LICENSE.txt"),
    "MIT": ("pluggy", "LICENSE"),
}
BEGINNINGS = {
    "0BSD": "Permission to use, copy, modify, and/or distribute this software for any purpose with or without fee is hereby granted.",
    "ISC": "provided that the above copyright notice and this permission notice appear in all copies.",
    "MPL-2.0": "Mozilla Public License Version 2.0",
    "Unlicense": "This is free and unencumbered software released into the public domain.",
}
NAMED = ("0BSD", "BSD-2-Clause", "BSD-3-Clause", "ISC", "MIT")


@pytest.fixture(scope="module")
def api() -> Api:
    return pipeline.load(pipeline.Inputs(Path(__file__).parents[2] / "spec/openapi.yaml"))


def text(api: Api, name: str, author: str = "Ada Example <ada@zoo.example>") -> str:
    found = licence(replace(api, license=name, license_text="", author=author))
    return str(found.text) if found is not None else ""


def words(written: str) -> list[str]:
    """Its words and signs from the first condition on; how lists are marked and lines are broken says nothing."""
    plain = re.sub(r"[\"'`*]", "", written.lower())
    start = plain.find("redistribution and use")
    start = start if start >= 0 else plain.find("permission is hereby granted")
    return re.findall(r"[a-z]+|[(),;.]", re.sub(r"\n\s*[0-9]\.", "\n", plain[max(start, 0) :]))


@pytest.mark.parametrize("name", PUBLISHED)
def test_the_text_is_the_published_one(api: Api, name: str) -> None:
    distribution, file = PUBLISHED[name]
    copies = importlib.metadata.distribution(distribution).files or []
    [place] = [
        each for each in copies if each.name == file and "licenses" in str(each) or str(each).endswith(f"info/{file}")
    ]
    theirs, ours = words(place.read_text("utf-8")), words(text(api, name))
    assert len(theirs) > 120 and ours[: len(theirs)] == theirs
    assert len(ours) == len(theirs) or name == "Apache-2.0"  # whose appendix not everybody keeps


@pytest.mark.parametrize("name", BEGINNINGS)
def test_the_text_is_of_its_licence(api: Api, name: str) -> None:
    assert " ".join(BEGINNINGS[name].split()) in " ".join(text(api, name).split())


def test_holders_are_named_where_a_text_names_one(api: Api) -> None:
    for name in NAMED:
        assert "Copyright (c) Ada Example\n" in text(api, name) and "{holder}" not in text(api, name)
        assert text(api, name, author="") == ""
        shown = readme(replace(api, license=name, license_text="", author=""), ("python",)).view
        assert "as `author` in the settings" in str(vars(shown)["terms"])
    for name in ("Apache-2.0", "MPL-2.0", "Unlicense"):
        assert "Ada Example" not in text(api, name) and text(api, name, author="") == text(api, name)
    assert text(api, "GPL-3.0-only") == "" and text(api, "MIT OR Apache-2.0") == ""
