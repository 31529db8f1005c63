"""Rules about the whole API cite every place."""

from __future__ import annotations

from pathlib import Path

import pytest

from generator import link
from generator.check.rules import lint
from generator.read import documents

HEAD = 'openapi: 3.1.0\ninfo: {title: Pets API, version: "1"}\n'


def findings(folder: Path, text: str, catalog: str = "") -> str:
    (folder / "api.yaml").write_text(HEAD + text, "utf-8")
    (folder / "catalog.yaml").write_text(catalog, "utf-8")
    return "\n".join(
        map(str, lint(link.load(documents.read(folder / "api.yaml", folder / "catalog.yaml" if catalog else None))))
    )


GET = "{get: {operationId: %s, parameters: [%s], responses: {'200': {description: ., content: {application/json: {schema: {$ref: '#/components/schemas/%s'}}}}}}}"
PATHS = (
    "paths:\n"
    f"  /a: {GET % ('pets.get_one', '{name: a_b, in: query}', 'One')}\n"
    f"  /b: {GET % ('pets.getOne', '{name: c, in: query}', 'Two')}\n"
    f"  /c: {GET % ('pets.toys', '', 'One')}\n"
    f"  /d: {GET % ('pets.toys.list', '', 'One')}\n"
    "components:\n  schemas:\n    One: {type: object, properties: {a: {}}}\n    Two: {type: object, properties: {b: {}}}\n"
)
API = "catalog: 1\napi: {name: pets, title: P, package: pets, client: P, version: 1.0.0}\n"


@pytest.mark.parametrize(
    ("functions", "more", "expected"),
    [
        # Two functions of a group, of none, and of a group within one.
        ("pets_a: {operation: pets.get_one, verb: one}, pets_b: {operation: pets.getOne, verb: one}", "",
         ["api.yaml:5:8: 'pets_b' is spelled 'one', as is 'pets_a' at api.yaml:4:8"]),
        ("pets_a: {operation: pets.get_one, group: '', verb: one}, pets_b: {operation: pets.getOne, group: '', verb: one}", "",
         ["api.yaml:5:8: 'pets_b' is spelled 'one', as is 'pets_a' at api.yaml:4:8"]),
        ("pets_a: {operation: pets.get_one, group: pets.in, verb: from}, pets_b: {operation: pets.getOne, group: pets.in, verb: from}", "",
         ["api.yaml:5:8: 'pets_b' is spelled 'from_', as is 'pets_a' at api.yaml:4:8"]),
        ("pets_a: {operation: pets.get_one, group: '', verb: one}, pets_b: {operation: pets.getOne, group: pets, verb: one}", "", []),
        # A function and a group beside it, at the top and below.
        ("pets_a: {operation: pets.toys, group: cats, verb: toys}, pets_b: {operation: pets.toys.list, group: cats.toys, verb: list}", "",
         ["api.yaml:7:8: 'the group cats.toys' is spelled 'toys', as is 'pets_a' at api.yaml:6:8"]),
        ("pets_a: {operation: pets.get_one, group: '', verb: pets}, pets_b: {operation: pets.getOne, group: pets, verb: b}", "",
         ["api.yaml:5:8: 'the group pets' is spelled 'pets', as is 'pets_a' at api.yaml:4:8"]),
    ],
)  # fmt: skip
def test_names_that_several_would_have(
    functions: str, more: str, expected: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    found = findings(tmp_path, PATHS, f"{API}{more}functions: {{{functions}}}\n")
    told = [line for line in found.splitlines() if not line.startswith("  fix: ")]
    assert told == expected


@pytest.mark.parametrize("length", [40, 41])
def test_long_tool_names(tmp_path: Path, length: int) -> None:
    name = "pets_".ljust(length, "x")
    catalog = (
        "catalog: 1\napi: {name: pets, title: P, package: pets, client: P, version: 1.0.0}\n"
        f"functions: {{{name}: {{operation: a, type: read, title: A, summary: A.}}}}"
    )
    found = findings(tmp_path, "paths: {/a: {get: {operationId: a, responses: {}}}}", catalog)
    assert ("at most 40" in found) == (length > 40)
