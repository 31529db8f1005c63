"""An operation that is added renames no other, and the order in which sets are walked decides no name."""

from __future__ import annotations

import copy
import hashlib
import json
import os
import random
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hanging import HANGS
from named_documents import COMPONENTS, INVENTED, METHODS, NAMES, load, read

from generator import names
from generator.ir import Api

ROOT = Path(__file__).parents[2]
HASHED = """
import sys
from pathlib import Path
sys.path[:0] = sys.argv[2:]
from test_stable_names import digest
from generator import pipeline
print(digest(pipeline.load(pipeline.Inputs(Path(sys.argv[1])))))
"""


def names_of(api: Api) -> dict[str, Any]:
    """What every operation and every type is called on every surface, by where it stands in the document."""
    called, nouns, classes = names.called(api), names.nouns(api), names.classes(api)
    found: dict[str, Any] = {}
    for function in api.functions:
        flags = names.flags(function)
        arguments = sorted((p.location, p.wire_name, flags[names.argument(p.words)]) for p in function.params)
        noun = nouns.get(function.group)
        group = noun and (noun.python, noun.resource, noun.lua, noun.annotation, noun.page)
        found[function.place.pointer] = repr((called[function.name], group, arguments))
    for key, named in api.named.items():
        found[named.place.pointer] = repr(
            [classes.get((key, variant)) for variant in ("view", "input", "data", "async")]
        )
    return found


def digest(api: Api) -> str:
    return hashlib.sha256(json.dumps(names_of(api), sort_keys=True).encode()).hexdigest()


def told_apart(api: Api) -> Callable[[str], bool]:
    """Whether what stands at a pointer belongs to an operation that is not called as it is written: its operationId is
    spelled like another's, or it is too long for a tool and had to lose words. The ledger has each of them. So it has the
    groups that are spelled like another one without their dots.
    """
    nouns = names.nouns(api)
    flat = [f.place.pointer for f in api.functions if f.group and nouns[f.group].why]
    entered = [
        loss.pointer
        for loss in api.losses
        if "has the same name as another operation" in loss.reason or "too long for" in loss.reason
    ]
    entered += flat
    return lambda pointer: any(pointer == each or pointer.startswith(f"{each}/") for each in entered)


@pytest.mark.parametrize("name", NAMES, ids=lambda each: getattr(each, "stem", each))
def test_an_operation_that_is_added_renames_no_other(name: str | Path, tmp_path: Path) -> None:
    """Held from the other side: without operations drawn at random, all that is left is called as it was; but for the few
    that only the ledger's entry holds apart from one that is gone.
    """
    document = read(name)
    api = load(document, tmp_path)
    whole, free = names_of(api), told_apart(api)
    every = [(p, m) for p, item in document["paths"].items() for m in item if m in METHODS]
    moved: list[str] = []
    compared = 0
    for count in (each for each in (1, 3, 10) if each <= max(len(every) // 2, 1)):
        less = copy.deepcopy(document)
        for path, method in random.Random(count).sample(every, count):
            del less["paths"][path][method]
        left = names_of(load(less, tmp_path))
        compared += len(left)
        moved += [key for key, spelled in left.items() if whole.get(key) != spelled]
    print(f"{len(moved)} of {compared} names moved")
    assert [key for key in moved if not free(key)] == []
    assert len(moved) <= max(compared // 150, 4 if name == "groups" else 0), moved


def test_the_order_of_sets_decides_no_name(tmp_path: Path) -> None:
    paths = {f"/{name}{path}": item for name, paths in INVENTED.items() for path, item in paths.items()}
    document = {"openapi": "3.1.0", "info": {"title": "A", "version": "1"}, "paths": paths, "components": COMPONENTS}
    digests = {digest(load(document, tmp_path))}
    for seed in ("1", "2"):
        folders = [str(ROOT / "tests/support"), str(Path(__file__).parent), str(ROOT)]
        command = [sys.executable, "-c", HASHED, str(tmp_path / "api.json"), *folders]
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True, timeout=HANGS)
        digests.add(done.stdout.strip())
    assert len(digests) == 1


def test_types_are_told_apart_by_words(tmp_path: Path) -> None:
    """A component that is written as its class is spelled keeps it; no name of a type has a number that nobody wrote."""
    api = load(read("types"), tmp_path)
    called = {key: str(names.type_name(named)) for key, named in api.named.items()}
    expected = {
        "Pet": "Pet", "pet": "PetLower", "PET": "CapitalPet", "Pet_": "PetUnderscore",
        "PetA": "PetA", "pet-a": "PetDashA", "Pet.a": "PetAField",
        "Pet.bC": "PetBCapitalC", "Pet.b_c": "PetBUnderscoreC",
        "responses.Pet": "PetResponse", "responses.pet": "PetLowerResponse",
        "PetResult": "PetResult", "set_pet.result": "SetPetResult", "set_pet.result_202": "SetPetResult202",
    }  # fmt: skip
    assert {key: called[key] for key in expected} == expected
    fields = names.fields(api.models["Pet"], job=False)
    assert fields.of["+1"] == "plus_1" and [field.wire_name for field, _ in fields.hidden] == ["bC"]
    assert {loss.pointer for loss in api.losses} >= {
        f"/components/schemas/{key}" for key in ("pet", "PET", "Pet_", "pet-a")
    }
