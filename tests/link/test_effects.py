"""What operations do that no catalog tells: against 150 of ten real documents, labelled by hand before any code was asked."""

from __future__ import annotations

import csv
import json
from collections import Counter
from pathlib import Path

from generator import link
from generator.ir import Function
from generator.read import documents

LABELLED = Path(__file__).parent / "derived/effects.tsv"
"""Drawn by a seed, eleven that are no GET and four that are from each document where it has as many; the label is read
off the vendor's documentation. `destructive` is a write that takes away for good.
"""


def made(folder: Path, operations: list[tuple[str, str, str, str]]) -> dict[tuple[str, str], Function]:
    paths: dict[str, dict[str, object]] = {}
    for method, path, key, summary in operations:
        said = {name: text for name, text in (("operationId", key), ("summary", summary)) if text}
        paths.setdefault(path, {})[method.lower()] = {**said, "responses": {"200": {"description": "ok"}}}
    document = {"openapi": "3.1.0", "info": {"title": "Zoo", "version": "1"}, "paths": paths}
    (folder / "api.json").write_text(json.dumps(document), "utf-8")
    functions = link.load(documents.read(folder / "api.json")).functions
    at = {f.place.pointer: f for f in functions}
    escaped = lambda path: path.replace("~", "~0").replace("/", "~1")
    return {(m, p): at[f"/paths/{escaped(p)}/{m.lower()}"] for m, p, *_ in operations}


def effect(function: Function) -> str:
    return "destructive" if function.destructive else function.access


def test_labelled_operations(tmp_path: Path) -> None:
    with LABELLED.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    assert len(rows) == 150 and len({row["api"] for row in rows}) == 10
    confusion: Counter[tuple[str, str]] = Counter()
    by_method = 0
    for api in {row["api"]: None for row in rows}:
        mine = [row for row in rows if row["api"] == api]
        found = made(tmp_path, [(r["method"], r["path"], r["operationId"] or "", r["summary"] or "") for r in mine])
        for row in mine:
            function = found[row["method"], row["path"]]
            said = {"GET": "read", "HEAD": "read", "OPTIONS": "read", "DELETE": "destructive"}.get(
                row["method"], "write"
            )
            by_method += said == row["effect"]
            confusion[row["effect"], effect(function)] += 1
            if effect(function) != row["effect"]:
                print(f"{row['method']} {row['path']} is {row['effect']}, taken for {effect(function)}")
            assert (effect(function) != said) <= bool(function.guesses), "what departs from the method is a guess"
            assert not function.billed
    kinds = ("read", "write", "destructive")
    print("label \\ taken for", *kinds)
    for label in kinds:
        print(f"{label:17}", *(confusion[label, each] for each in kinds))
    right = sum(confusion[each, each] for each in kinds)
    print(f"{right} of 150; by method alone {by_method}")
    assert right >= 147
    assert confusion["write", "read"] <= 1, "a host lets agents read"
    assert confusion["destructive", "destructive"] == 18


CORRECTED: list[tuple[str, str, str, str, str, list[str]]] = [
    ("POST", "/pets/search", "", "", "read", ["type"]),
    ("POST", "/pets", "searchPets", "", "read", ["type"]),
    ("POST", "/v1/databases/{id}/query", "", "", "read", ["type"]),
    ("POST", "/pets/_count", "", "", "read", ["type"]),
    ("POST", "/orders/preview", "previewOrder", "", "read", ["type"]),
    ("POST", "/forms:validate", "", "", "read", ["type"]),
    ("POST", "/counts/batch-retrieve", "BatchRetrieveCounts", "", "read", ["type"]),
    ("POST", "/pets", "getOrCreatePet", "", "write", []),
    ("POST", "/pets/search", "searchAndReplace", "", "write", []),
    ("POST", "/pets/search", "saveSearch", "", "write", []),
    ("POST", "/pets/search", "", "Creates a saved search", "write", []),
    ("POST", "/tokens", "getToken", "", "write", []),
    ("POST", "/items/{id}/list", "", "", "write", []),
    ("POST", "/search-indexes", "createSearchIndex", "", "write", []),
    ("PUT", "/pets/search", "searchPets", "", "write", []),
    ("PATCH", "/pets/{id}", "getPet", "", "write", []),
    ("GET", "/pets/{id}/delete", "", "", "destructive", ["type", "idempotent", "destructive"]),
    ("GET", "/token/revoke", "revokeToken", "", "write", ["type", "idempotent"]),
    ("GET", "/logout", "", "", "write", ["type", "idempotent"]),
    ("GET", "/jobs/{id}/cancel", "jobs_cancel", "", "write", ["type", "idempotent"]),
    ("GET", "/sms/send", "", "", "write", ["type", "idempotent"]),
    ("GET", "/chat.delete", "", "", "destructive", ["type", "idempotent", "destructive"]),
    ("GET", "/contacts/{id}/addToGroup/{group}", "", "", "write", ["type", "idempotent"]),  # ZoomConnect
    ("GET", "/groups/{id}/removeContact/{contact}", "", "Get what is left", "read", []),
    ("GET", "/cancel/{id}", "", "", "read", []),
    ("GET", "/cancel-reasons/{id}", "", "", "read", []),
    ("GET", "/release-notes/{id}", "", "", "read", []),
    ("POST", "/lists/{id}/deleteItem/{item}", "", "", "destructive", ["destructive"]),
    ("GET", "/deleted", "getDeletedPets", "", "read", []),
    ("GET", "/jobs/cancel", "getCancelledJobs", "", "read", []),
    ("GET", "/settings", "settingsUpdate", "Get the settings", "read", []),
    ("DELETE", "/pets/{id}", "getPet", "", "destructive", []),
    ("POST", "/pets/{id}/delete", "", "", "destructive", ["destructive"]),
    ("POST", "/pets/batch-delete", "", "", "destructive", ["destructive"]),
    ("POST", "/caches/purge", "purgeCaches", "", "destructive", ["destructive"]),
    ("POST", "/instances:terminate", "", "", "destructive", ["destructive"]),
    ("PUT", "/pets/{id}/destroy", "", "", "destructive", ["destructive"]),
    ("POST", "/pets/{id}/undelete", "undeletePet", "", "write", []),
    ("POST", "/pets/{id}/x", "undoSoftDelete", "", "write", []),
]  # fmt: skip
"""Method, path, operationId, summary; what it does, and what of that is a guess."""


def test_words_correct_the_method(tmp_path: Path) -> None:
    wrong = []
    waiting = CORRECTED
    while waiting:  # a document takes one of each method and path
        now = {(method, path): row for row in reversed(waiting) for method, path, *_ in [row]}
        waiting = [row for row in waiting if row not in now.values()]
        found = made(tmp_path, [row[:4] for row in now.values()])
        for (method, path), row in now.items():
            function, (*_, expected, keys) = found[method, path], row
            again = (method == "GET" and expected == "read") or method in ("PUT", "DELETE")
            if (effect(function), [guess for guess, _ in function.guesses], function.idempotent) != (
                expected,
                keys,
                again,
            ):
                wrong.append((row, effect(function), function.guesses))
    assert not wrong


def test_a_guess_says_what_it_was_made_from(tmp_path: Path) -> None:
    (function,) = made(tmp_path, [("POST", "/pets", "searchPets", "")]).values()
    assert function.guesses == (("type", "a POST whose operationId begins with `search`"),)


def test_all_that_is_known_of_an_effect(tmp_path: Path) -> None:
    """Each way to say what is done, whole: (access, destructive, idempotent) and every guess with its reason."""
    read, write, wipe, again = "read", "write", "destructive", "idempotent"

    def type_(method: str, saying: str) -> tuple[str, str]:
        return "type", f"a {method} whose {saying}"

    def writes(method: str, saying: str, *more: str) -> list[tuple[str, str]]:
        also = [(each, f"a {method} whose {saying}") for each in more]
        return [type_(method, saying), ("idempotent", f"a {method} that is assumed to write"), *also]

    delete, find = "path ends with `delete`", "path ends with `find`"
    rows: list[tuple[str, str, str, str, str, list[tuple[str, str]]]] = [
        ("HEAD", "/a/{id}/delete", "", "", f"{write} {wipe}", writes("HEAD", delete, wipe)),
        ("OPTIONS", "/a/{id}/delete", "", "", f"{read} {again}", []),
        ("GET", "/b", "removeThing", "", write, writes("GET", "operationId begins with `remove`")),
        ("GET", "/c", "", "<b>Deletes</b> the c", write, writes("GET", "summary begins with `delete`")),
        ("GET", "/c/{id}/cancel", "", "Returns the c", f"{read} {again}", []),
        ("GET", "/c/{id}/revoke", "", "Checks the c", f"{read} {again}", []),
        ("GET", "/c/{id}/send", "", "Sends the c", write, writes("GET", "path ends with `send`")),
        ("GET", "/c/x.y.delete", "", "", f"{write} {wipe}", writes("GET", delete, wipe)),
        ("GET", "/c/{id}/delete", "findC", "", f"{read} {again}", []),
        ("GET", "/c/{delete}", "", "", f"{read} {again}", []),
        ("GET", "/c/…", "", "", f"{read} {again}", []),
        ("GET", "/c/{id}/addToC/{c}", "", "", write, writes("GET", "path says `add`")),
        ("GET", "/c/{id}/addTo{c}/{d}", "", "", f"{read} {again}", []),
        ("GET", "/c/{id}/addThings/{c}/", "", "", f"{read} {again}", []),
        ("GET", "/c/{id}/orderC/{c}", "", "", f"{read} {again}", []),
        ("GET", "/c/{id}/add/{c}", "", "", f"{read} {again}", []),
        ("GET", "/d", "getDeleteThings", "", f"{read} {again}", []),
        ("POST", "/d", "d_find_it", "", read, [type_("POST", "operationId says `find`")]),
        ("POST", "/e", "thingsLookup", "", read, [type_("POST", "operationId ends with `lookup`")]),
        ("POST", "/f/bulk-find", "", "", read, [type_("POST", find)]),
        ("POST", "/f/mass", "", "", write, []),
        ("POST", "/g", "bulkSearchThings", "", read, [type_("POST", "operationId begins with `search`")]),
        *(("POST", f"/g/w{word}", f"{word}Search", "", read, [type_("POST", "operationId begins with `search`")])
          for word in ("batch", "bulk", "force", "mass", "multi", "multiple", "soft", "hard")),
        ("POST", "/g/dots", "find.createThing", "", write, []),
        ("POST", "/g/slashes", "find/thing", "", write, []),
        ("POST", "/g/find", "batch", "", write, []),
        ("POST", "/g/delete-undo", "", "", write, []),
        ("POST", "/h", "postSearchThings", "", read, [type_("POST", "operationId begins with `search`")]),
        ("POST", "/i", "post", "", write, []),
        ("POST", "/j", "a/b.searchThings", "", read, [type_("POST", "operationId begins with `search`")]),
        ("POST", "/k/find?mode=x#y", "", "", read, [type_("POST", find)]),
        ("POST", "/l/find/", "", "", read, [type_("POST", find)]),
        ("POST", "/l/things:find", "", "", read, [type_("POST", find)]),
        ("POST", "/m/{id}/list", "", "", write, []),
        ("POST", "/m/list", "", "", read, [type_("POST", "path ends with `list`")]),
        ("POST", "/n", "findNonce", "", write, []),
        ("POST", "/n/find", "createThing", "", write, []),
        ("POST", "/n/search", "", "Create it", write, []),
        ("POST", "/o", "deleteCancel", "", write, []),
        ("POST", "/p", "deleteUndo", "", write, []),
        ("POST", "/q", "wipeThing", "", f"{write} {wipe}", [("destructive", "a POST whose operationId begins with `wipe`")]),
        ("PUT", "/q/{id}", "", "", f"{write} {again}", []),
        ("DELETE", "/q/{id}", "wipe", "", f"{write} {wipe} {again}", []),
    ]  # fmt: skip
    found = made(tmp_path, [row[:4] for row in rows])
    assert len(found) == len(rows)
    for method, path, _, _, expected, guesses in rows:
        function = found[method, path]
        said = [function.access, *[wipe] * function.destructive, *[again] * function.idempotent]
        assert (" ".join(said), [*function.guesses]) == (expected, guesses), (method, path)
