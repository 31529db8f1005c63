"""A document held against the schema of its OpenAPI version, and against the rules that `openapi-spec-validator` adds.

    invalid      a document as it is written -> what is wrong with it, each with its place
    by_kind      the same, one entry for each kind of mistake

The schemas are those of openapi-spec-validator 0.9; they are held by jsonschema-rs, which tells the alternative that was
meant. Its rules are written anew in `openapi_rules`: to import the library (pydantic, requests) took as long as to
render a small API, and to run it a minute for a large one. Nothing is fetched, whatever a `$ref` names, only files are
read that the document was read from, and no pattern backtracks. What cannot be gone on from is one entry more.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from ..errors import Finding
from ..ir import Place
from ..read.source import Source

SHOWN = 3
"""Places that are told of one kind of mistake."""
_LONGEST = 160
"""Characters of a message: some quote all that is wrong."""
_HOPS = 50
"""Alternatives that are looked for inside each other."""
_LIBRARY = "openapi_spec_validator"
NEWER = "openapi-version"
"""The rule for what a newer version has and the document's own has not."""
RULES = {
    "UnresolvableParameterError": "path-params",
    "DuplicateOperationIDError": "operation-operationId-unique",
    "ParameterDuplicateError": "operation-parameters",
}
"""What others call the rules of it that are not of the schema."""


@dataclass(frozen=True, order=True)
class Invalid:
    """One mistake: by which rule, where, and what it is."""

    rule: str
    kind: str
    """What mistakes of one kind have in common."""
    place: Place
    what: str


def invalid(source: Source, files: Iterable[Path] = ()) -> tuple[Invalid, ...]:
    """What is wrong with a document as it is written, by place; nothing for a version that the validator does not know.

    files: those that the document was read from.
    """
    version = _version(source.value)
    if version is None:
        return ()
    newer: set[Invalid] = set()
    if version == "3.1" and (pointer := _of_3_2(source.value)):
        what = (
            f"`{pointer.rpartition('/')[2]}` is of OpenAPI 3.2, and read as there; the document says that it is of 3.1"
        )
        newer, version = {Invalid(NEWER, "newer", source.place(pointer), what)}, "3.2"
        reading = replace(source.reading, value={**source.value, "openapi": "3.2.0"})
        source = replace(source, reading=reading)
    try:
        found = {*_structure(source, version)}
        found |= {*_rules(source, version, files)}
    except ImportError as error:
        found = {_stopped(source, version, f"{error.name} is not installed")}
    return tuple(sorted(found | newer, key=lambda each: (_by_place(each.place), each.what)))


def by_kind(found: Iterable[Invalid]) -> Iterator[tuple[Invalid, Finding]]:
    """One finding for each kind of mistake, at the first of its places, with their number and those that follow."""
    kinds: dict[tuple[str, str], list[Invalid]] = {}
    for each in found:
        kinds.setdefault((each.rule, each.kind), []).append(each)
    for alike in kinds.values():
        first, *others = alike
        more = (
            f" ({len(alike):,} of this kind: {', '.join(str(each.place) for each in others[: SHOWN - 1])}"
            if others
            else ""
        )
        more += (", …)" if len(alike) > SHOWN else ")") if others else ""
        yield first, Finding(first.place, f"{first.what}{more}", "mend the document, or amend it with an overlay")


def _version(value: Any) -> str | None:
    written = value.get("openapi", value.get("swagger")) if isinstance(value, dict) else None
    known = {"2.0": "2.0", "3.0": "3.0", "3.1": "3.1", "3.2": "3.2"}
    return known.get(written[:3]) if isinstance(written, str) else None


def _of_3_2(value: dict[str, Any]) -> str:
    """The pointer of the first operation that only 3.2 has a place for; empty where there is none."""
    paths = value.get("paths")
    for path, item in paths.items() if isinstance(paths, dict) else ():
        for key in ("query", "additionalOperations"):
            if isinstance(item, dict) and key in item:
                return _pointer(["paths", path, key])
    return ""


def _rule(version: str) -> str:
    return "oas2-schema" if version == "2.0" else "oas3-schema"


def _stopped(source: Source, version: str, why: str) -> Invalid:
    return Invalid(_rule(version), "stopped", source.place(""), f"the rules could not all be checked: {why}")


def _by_place(place: Place) -> tuple[str, int, int]:
    return place.file, place.line, place.column


# ── the schema of the version ─────────────────────────────────────────────────────────────────────────────


def _structure(source: Source, version: str) -> Iterator[Invalid]:
    import jsonschema_rs

    validator = jsonschema_rs.validator_for(_schema(version), retriever=_refused)
    for error in validator.iter_errors(source.value):
        for path, what, kind in _meant(error, 0):
            yield Invalid(_rule(version), kind, source.place(_pointer(path)), what)


def _schema(version: str) -> Any:
    """The schema of a version: read from the library's folder, since to import the library is slow."""
    found = find_spec(_LIBRARY)
    if found is None or not found.submodule_search_locations:
        raise ImportError(name=_LIBRARY)
    file = Path(found.submodule_search_locations[0]) / f"resources/schemas/v{version}/schema.json"
    return json.loads(file.read_text("utf-8"))


def _refused(uri: str) -> Any:
    raise ValueError(f"{uri} is not fetched")


def _meant(error: Any, depth: int) -> Iterator[tuple[list[Any], str, str]]:
    """An error; of one that says that no alternative fits, those of the alternative that was meant."""
    alternatives = getattr(error.kind, "context", None)
    if alternatives and depth < _HOPS:
        # What is no reference was not meant to be one; the other alternatives: the one that fits furthest down.
        real = [each for each in alternatives if not any('"$ref" is a required' in one.message for one in each)]
        best = max(real or alternatives, key=lambda each: max((len(one.instance_path) for one in each), default=0))
        for one in best[:SHOWN]:
            yield from _meant(one, depth + 1)
        return
    message = error.message
    # Which property is missing tells one kind from another; elsewhere it is the field of the schema that does.
    alike = message if error.kind.name == "required" else [*map(str, error.schema_path)][-3:]
    yield list(error.instance_path), _short(message), f"{error.kind.name} {alike}"


def _short(message: str) -> str:
    line = " ".join(message.split())
    return line if len(line) <= _LONGEST else f"{line[:_LONGEST // 2]} … {line[-_LONGEST // 2:]}"


def _unquoted(message: str) -> str:
    """A message without what it quotes, which differs between mistakes of one kind."""
    return "".join(part for index, part in enumerate(message[:1000].replace("'", '"').split('"')) if index % 2 == 0)


def _pointer(path: Iterable[Any]) -> str:
    return "".join(f"/{str(step).replace('~', '~0').replace('/', '~1')}" for step in path)


# ── the rules beside it ───────────────────────────────────────────────────────────────────────────────────


def _rules(source: Source, version: str, paths: Iterable[Path]) -> Iterator[Invalid]:
    from .openapi_rules import STOPPED, broken
    from .referred import Files

    for each in broken(Files(source, paths), version):
        if each.kind == STOPPED:
            yield _stopped(source, version, _short(each.what))
        else:
            rule = RULES.get(each.kind, _rule(version))
            yield Invalid(rule, f"{each.kind} {_unquoted(each.what)}", each.place, _short(each.what))
