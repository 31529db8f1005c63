"""An example that is wrong in many places: the first three of them are told, by their places."""

from __future__ import annotations

import json
from pathlib import Path

from generator import link
from generator.check.advice import advise
from generator.read import documents


def test_the_first_three_by_place(tmp_path: Path) -> None:
    count = {"type": "integer", "minimum": 1, "description": "How many."}
    params = [
        {"name": name, "in": "query", "schema": count, "example": f"no {name}"} for name in ("dd", "bb", "aa", "cc")
    ]
    content = {
        "application/json": {"schema": {"type": "array", "maxItems": 3, "items": count}, "example": [1, "y", "x"]}
    }
    responses = {"200": {"description": "OK", "content": content}, "default": {"description": "Error"}}
    operation = {"operationId": "list", "summary": "Lists", "description": "All.", "parameters": params, "responses": responses}  # fmt: skip
    document = {"openapi": "3.1.1", "info": {"title": "Zoo", "version": "1"}, "paths": {"/a": {"get": operation}}}
    (tmp_path / "api.json").write_text(json.dumps(document), "utf-8")
    found = advise(link.load(documents.read(tmp_path / "api.json")))
    told = [each.finding.what for each in found if each.rule == "example"]
    shown = " invalid at"
    for part, places in (("arguments", ["aa", "bb", "cc"]), ("result", ["1", "2"])):
        mine = [what for what in told if f"the {part} of" in what]
        assert [what.split(shown)[1].split(":")[0].strip() for what in mine] == places
        values = [f'"no {place}"' for place in places] if part == "arguments" else ['"y"', '"x"']
        assert [what.split(": ", 1)[1].split(" is ")[0] for what in mine] == values
    assert all(each.severity == "error" for each in found if each.rule == "example")
