"""Validates a document against the schema of its OpenAPI version, and the rules that `openapi-spec-validator` adds.

    misshapen    a document as it is written -> where it keeps not to the schema, each with its place
    invalid      the same, and where it keeps not to the rules
    by_kind      either, one entry for each kind of mistake

The schemas and the rules are those of openapi-spec-validator 0.9. Changed of it: nothing is fetched, whatever a `$ref`
names, and only files are read that the document was read from; the schemas are held by jsonschema-rs, which tells the
alternative that was meant; patterns go to the matcher that the clients use, which never backtracks; and what it has
seen is kept in sets, where lists took minutes for thousands of schemas. What it cannot go on from is one entry more.

To import the library (it brings pydantic and requests) takes as long as to render a small API. Its schemas are files, so
a run of the generator holds a document against those alone, and leaves the rules to `check` and `lint`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urldefrag, urlsplit

from ..errors import Finding
from ..ir import Place
from ..read import patterns
from ..read.source import Source, is_index, load, steps

SHOWN = 3
"""Places that are reported for one kind of mistake."""
_LONGEST = 160
"""Characters of a message: some quote all that is wrong."""
_NAMED = frozenset({"properties", "patternProperties", "responses", "variables"})
"""Whose keys are names, `default` among them."""
_HOPS = 50
"""References that are followed one after the other."""
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


def misshapen(source: Source) -> tuple[Invalid, ...]:
    """Where a document as it is written does not keep to the schema of its version, by place; nothing for a version that
    the validator does not know."""
    return _violations(source, lambda source, version: _structure(source, version))


def invalid(source: Source, files: Iterable[Path] = ()) -> tuple[Invalid, ...]:
    """The same, and where it does not keep to the rules.

    files: those that the document was read from.
    """
    paths = [*files]
    return _violations(source, lambda source, version: {*_structure(source, version), *_rules(source, version, paths)})


def _violations(source: Source, look: Callable[[Source, str], Iterable[Invalid]]) -> tuple[Invalid, ...]:
    version = _version(source.value)
    if version is None:
        return ()
    newer: set[Invalid] = set()
    if version == "3.1" and (pointer := _of_3_2(source.value)):
        what = f"`{pointer.rpartition('/')[2]}` is from OpenAPI 3.2 and is read as such, but the document declares 3.1"
        newer, version = {Invalid(NEWER, "newer", source.place(pointer), what)}, "3.2"
        reading = replace(source.reading, value={**source.value, "openapi": "3.2.0"})
        source = replace(source, reading=reading)
    try:
        names = {*look(source, version)}
    except ImportError as error:
        names = {_stopped(source, version, f"{error.name} is not installed")}
    return tuple(sorted(names | newer, key=lambda each: (_by_place(each.place), each.what)))


def by_kind(results: Iterable[Invalid]) -> Iterator[tuple[Invalid, Finding]]:
    """One finding for each kind of mistake, at the first of its places, with their number and those that follow."""
    kinds: dict[tuple[str, str], list[Invalid]] = {}
    for each in results:
        kinds.setdefault((each.rule, each.kind), []).append(each)
    for alike in kinds.values():
        first, *others = alike
        more = (
            f" ({len(alike):,} of this kind: {', '.join(str(each.place) for each in others[: SHOWN - 1])}"
            if others
            else ""
        )
        more += (", …)" if len(alike) > SHOWN else ")") if others else ""
        yield first, Finding(first.place, f"{first.what}{more}", "correct the document, or amend it with an overlay")


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
    return Invalid(_rule(version), "stopped", source.place(""), f"some rules could not be checked: {why}")


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
    """The schema of a version, from the library's folder."""
    result = find_spec(_LIBRARY)
    if result is None or not result.submodule_search_locations:
        raise ImportError(name=_LIBRARY)
    file = Path(result.submodule_search_locations[0]) / f"resources/schemas/v{version}/schema.json"
    return json.loads(file.read_text("utf-8"))


def _refused(uri: str) -> Any:
    raise ValueError(f"{uri} is not fetched")


def _meant(error: Any, depth: int) -> Iterator[tuple[list[Any], str, str]]:
    """The error itself; if no alternative fits, the errors of the one that was probably meant."""
    alternatives = getattr(error.kind, "context", None)
    if alternatives and depth < _HOPS:
        # Without `$ref` no reference was meant; of the other alternatives, take the one that fits furthest down.
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


def _rules(source: Source, version: str, files: list[Path]) -> Iterator[Invalid]:
    from jsonschema.exceptions import ValidationError  # type: ignore[import-untyped]
    from jsonschema_path.paths import SchemaPath

    texts = _Files(source, files)
    whole = SchemaPath.from_dict(
        _without_references(source.value),
        base_uri=texts.uri,
        handlers=_Handlers(texts.read),
        resolved_cache_maxsize=10_000,
    )
    reported: list[tuple[tuple[Any, ...], ValidationError]] = []
    try:
        for error in _validator(version, reported)(whole).root_validator(whole):
            reported.append(((), error))
    # An invalid document can make it raise anything: that is reported next to the errors of the schema.
    except Exception as error:  # noqa: BLE001
        why = type(error).__name__ if isinstance(error, RecursionError) else f"{type(error).__name__}: {error}"
        yield _stopped(source, version, _short(why))
    for parts, details in {id(report): (parts, report) for parts, report in reversed(reported)}.values():
        name, message = type(details).__name__, details.message
        place = texts.place((*parts, *details.path))
        yield Invalid(RULES.get(name, _rule(version)), f"{name} {_unquoted(message)}", place, _short(message))


def _without_references(value: Any) -> Any:
    """The value without what looks like a reference in a default, which is data, and which the library would follow."""
    todo, marked = [(value, "")], False
    while todo and not marked:
        each, key = todo.pop()
        if isinstance(each, dict):
            marked = key not in _NAMED and _looks(each)
            todo += [(inner, name) for name, inner in each.items()]
        elif isinstance(each, list):
            todo += [(inner, "") for inner in each]
    if not marked:
        return value
    copy = json.loads(json.dumps(value))
    todo = [(copy, "")]
    while todo:
        each, key = todo.pop()
        if isinstance(each, dict):
            if key not in _NAMED and _looks(each):
                del each["default"]
            todo += [(inner, name) for name, inner in each.items()]
        elif isinstance(each, list):
            todo += [(inner, "") for inner in each]
    return copy


def _looks(schema: dict[str, Any]) -> bool:
    default = schema.get("default")
    return isinstance(default, dict) and "$ref" in default


class _Handlers(dict[str, Any]):
    """A handler for every scheme there is: the library itself would fetch what has none."""

    def __init__(self, handler: Callable[[str], Any]) -> None:
        super().__init__()
        self._handler = handler

    def __contains__(self, scheme: object) -> bool:
        return True

    def __getitem__(self, scheme: str) -> Callable[[str], Any]:
        return self._handler

    def get(self, scheme: str, default: Any = None) -> Any:
        return self._handler


class _Files:
    """The files that a document was read from, as they are written."""

    def __init__(self, source: Source, files: list[Path]) -> None:
        self.uri = source.path.resolve().as_uri()
        self._source = source
        self._paths = {path.resolve().as_uri(): path for path in files}
        self._read: dict[str, Source] = {self.uri: source}

    def read(self, uri: str) -> Any:
        """The value of a file. ValueError for any that the document was not read from."""
        return self.source(urldefrag(uri).url).value

    def source(self, uri: str) -> Source:
        if uri not in self._read:
            if uri not in self._paths:
                raise ValueError(f"{urlsplit(uri).scheme or 'a file'} is not read: {uri[:80]}")
            self._read[uri] = load(self._paths[uri])
        return self._read[uri]

    def place(self, parts: Iterable[Any]) -> Place:
        """Where a part of the document stands, its references followed."""
        source, uri, pointer, value = self._source, self.uri, "", self._source.value
        for step in map(str, parts):
            hops = 0
            while isinstance(value, dict) and isinstance(value.get("$ref"), str) and step not in value and hops < _HOPS:
                hops += 1
                file, _, fragment = value["$ref"].partition("#")
                if file:
                    near = [
                        each for each in self._paths if unquote(each).endswith(f"/{unquote(file).removeprefix('./')}")
                    ]
                    if len(near) != 1:
                        return source.place(pointer)
                    uri = near[0]
                    source = self.source(uri)
                pointer, value = unquote(fragment), source.value
                for inner in steps(pointer):
                    value = _inside(value, inner)
            pointer, value = f"{pointer}{_pointer([step])}", _inside(value, step)
        return source.place(pointer)


def _inside(value: Any, step: str) -> Any:
    if isinstance(value, dict):
        return value.get(step)
    return value[int(step)] if isinstance(value, list) and is_index(step, len(value)) else None


def _validator(version: str, reported: list[tuple[tuple[Any, ...], Any]]) -> Any:
    """The validator of a version, whose errors are noted with the place of what was being looked at."""
    import openapi_spec_validator as library

    name = {"2.0": "OpenAPIV2", "3.0": "OpenAPIV30", "3.1": "OpenAPIV31", "3.2": "OpenAPIV32"}[version]
    base: Any = getattr(library, f"{name}SpecValidator")
    known: Mapping[str, type] = base.keyword_validators
    made = {
        key: _noting(_mended(key, each), reported, ("default",) if key == "default" else ())
        for key, each in known.items()
    }
    return type("_Validator", (base,), {"keyword_validators": made})


def _noting(base: Any, reported: list[tuple[tuple[Any, ...], Any]], below: tuple[str, ...]) -> Any:
    def call(self: Any, *args: Any, **kwargs: Any) -> Iterator[Any]:
        parts = next((tuple(each.parts) for each in reversed(args) if hasattr(each, "parts")), ())
        for error in base.__call__(self, *args, **kwargs):
            reported.append(((*parts, *below), error))
            yield error

    return type(base.__name__, (base,), {"__call__": call})


class _Seen(set[Any]):
    """A set where the library keeps a list."""

    append = set.add


def _mended(key: str, base: Any) -> Any:
    if key == "operation":
        return type(base.__name__, (base,), {"__init__": _with_sets(base, "operation_ids_registry")})
    if key == "default":
        from jsonschema.validators import extend  # type: ignore[import-untyped]

        return type(
            base.__name__, (base,), {"value_validator_cls": extend(base.value_validator_cls, {"pattern": _pattern})}
        )
    if key == "schema":
        seen = _with_sets(base, "visited_schema_ids", "meta_checked_schema_ids")
        # 2.0 and 3.0 have the keywords of schemas in the schema of the whole document.
        more = {"_validate_schema_meta": _no_error if base.__name__.startswith("OpenAPIV30") else _of_dialect(base)}
        return type(base.__name__, (base,), {"__init__": seen, "_collect_properties": _properties, **more})
    return base


def _with_sets(base: Any, *names: str) -> Callable[..., None]:
    def init(self: Any, registry: Any) -> None:
        base.__init__(self, registry)
        for name in names:
            setattr(self, name, _Seen())

    return init


def _no_error(self: Any, schema: Any, value: Any) -> None:
    return None


def _of_dialect(base: Any) -> Callable[[Any, Any, Any], Any]:
    """Holds a schema against JSON Schema 2020-12 in a tenth of the time; the library does it where a dialect is named."""

    def check(self: Any, schema: Any, value: Any) -> Any:
        import jsonschema_rs
        from openapi_spec_validator.validation.exceptions import OpenAPIValidationError

        named = isinstance(value, dict) and "$schema" in value
        if named or self._get_default_jsonschema_dialect_id(schema) != self.default_jsonschema_dialect_id:
            return base._validate_schema_meta(self, schema, value)
        try:
            jsonschema_rs.meta.validate(value)
        except jsonschema_rs.ValidationError as error:
            return OpenAPIValidationError(error.message, path=list(error.instance_path))
        except ValueError as error:
            return OpenAPIValidationError(str(error))
        return None

    return check


def _pattern(validator: Any, pattern: Any, instance: Any, schema: Any) -> Iterator[Any]:
    from jsonschema.exceptions import ValidationError

    if isinstance(instance, str) and isinstance(pattern, str) and patterns.matches(pattern, instance) is False:
        yield ValidationError(f"{instance!r} does not match {pattern!r}")


def _properties(self: Any, schema: Any) -> set[str]:
    """The names of all properties that a schema reaches, each schema asked once: they refer to each other freely."""
    names: set[str] = set()
    seen: set[int] = set()
    todo = [schema]
    while todo:
        each = todo.pop()
        here = id(each.read_value())
        if here in seen:
            continue
        seen.add(here)
        if "properties" in each:
            names.update((each / "properties").keys())
        for key in ("allOf", "anyOf", "oneOf"):
            todo += list(each / key) if key in each else []
        todo += [each / key for key in ("items", "not") if key in each]
    return names
