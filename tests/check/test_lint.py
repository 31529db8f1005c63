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


def catalog(first: str, second: str, verb: str) -> str:
    """Two functions whose verbs are given, and so are not told apart."""
    return (
        "catalog: 1\napi: {name: pets, title: P, package: pets, client: P, version: 1.0.0}\nfunctions:\n"
        f"  pets_a: {{operation: {first}, verb: {verb}}}\n"
        f"  pets_b: {{operation: {second}, verb: {verb}}}\n"
    )


def test_two_functions_of_one_name(tmp_path: Path) -> None:
    text = "paths:\n  /a: {get: {operationId: pets.get_one, responses: {}}}\n  /b: {get: {operationId: pets.getOne, responses: {}}}\n"
    found = findings(tmp_path, text, catalog("pets.get_one", "pets.getOne", "one"))
    assert "api.yaml:4:" in found and "api.yaml:5:" in found


def test_a_function_and_a_group_of_one_name(tmp_path: Path) -> None:
    text = "paths:\n  /a: {get: {operationId: cats.toys, responses: {}}}\n  /b: {get: {operationId: cats.toys.list, responses: {}}}\n"
    assert "the group cats.toys" in findings(tmp_path, text, catalog("cats.toys", "cats.toys.list", "toys"))


@pytest.mark.parametrize("length", [40, 41])
def test_long_tool_names(tmp_path: Path, length: int) -> None:
    name = "pets_".ljust(length, "x")
    catalog = (
        "catalog: 1\napi: {name: pets, title: P, package: pets, client: P, version: 1.0.0}\n"
        f"functions: {{{name}: {{operation: a, type: read, title: A, summary: A.}}}}"
    )
    found = findings(tmp_path, "paths: {/a: {get: {operationId: a, responses: {}}}}", catalog)
    assert ("at most 40" in found) == (length > 40)
