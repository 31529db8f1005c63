"""Answers made by their schemas: whole ones, and those that an example or a record falls short of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..runtime.jsonvalues import key
from .checking import Checking
from .definitions import Definitions, Schema
from .scalars import LONGEST, number, others, text

_SHOWN = 3
"""Levels down to which what may be left out is shown."""
_EMPTY = 8
"""Levels below which null is taken where it may be."""
_OPTIONS = 12
"""Members of a union that are looked at."""
_DEEPEST = 24
"""Nesting levels of a schema that requires itself."""
_MOST = 2_000
"""Values of one answer that are made; then only what must be there is."""
_MOST_MENDED = 50_000
"""Values of one answer that are looked at: unions within unions would double at each level."""


class Sampling:
    """One answer."""

    def __init__(self, schemas: Definitions) -> None:
        self._schemas = schemas
        self._left = _MOST
        self._mended = _MOST_MENDED

    def _valid(self, value: Any, schema: Schema) -> bool:
        # A check remembers values by their identity, and those that are made here come and go.
        return next(Checking(self._schemas, answers=True).errors(value, schema, ()), None) is None

    # Made

    def value(self, schema: Schema, depth: int, whole: bool = False) -> Any:
        """A value that is valid: what the schema suggests, else the plainest of its type. whole: with all its fields."""
        self._left -= 1
        schema = self._schemas.resolve(schema)
        if "default" in schema and self._valid(schema["default"], schema):
            return schema["default"]
        if schema.get("enum"):
            return self.chosen(schema)
        if "anyOf" in schema:
            return self._member(schema, depth)
        kind = schema.get("type")
        if kind == "object":
            return self._object(schema, depth, whole)
        if kind == "array":
            return self._array(schema, depth)
        # Of `binary` a request may hold anything, and JSON a text.
        if kind == "string" or schema.get("format") == "binary":
            return self.text(schema)
        if kind in ("integer", "number"):
            return self.number(schema)
        return self.boolean() if kind == "boolean" else None

    # What is drawn where a schema leaves it open: the plainest there is

    def text(self, schema: Schema) -> str:
        """A text."""
        return text(schema)

    def number(self, schema: Schema) -> float:
        """A number."""
        return number(schema)

    def boolean(self) -> bool:
        """Whether something is so."""
        return False

    def chosen(self, schema: Schema) -> Any:
        """One of the values of an `enum`."""
        return next((each for each in schema["enum"] if self._valid(each, schema)), schema["enum"][0])

    def another(self, first: Any, items: Schema, depth: int) -> Any:
        """A further item of a list."""
        return first

    def count(self, least: int, most: int) -> int:
        """The items of a list that is shown."""
        return min(max(least, 1), most)

    def _member(self, schema: Schema, depth: int) -> Any:
        members = schema["anyOf"]
        empty = any(member.get("type") == "null" for member in members)
        if empty and (depth > _EMPTY or self._left < 0):
            return None
        best: list[Any] = []
        for member in members[:_OPTIONS] if depth < _DEEPEST and self._left > 0 else members[:1]:
            value = self._tagged(self.value(member, depth + 1, whole=True), member, schema)
            for each in (value, self._apart_from(value, member, members)):
                if self._valid(each, schema) and self._fitting(each, members) == 1:
                    return each
            best += [value] if not best or not self._fitting(best[0], members) else []
        return best[-1]

    def _fitting(self, value: Any, members: Sequence[Schema]) -> int:
        return sum(self._valid(value, each) for each in members[:_OPTIONS])

    def _apart_from(self, value: Any, member: Schema, members: Sequence[Schema]) -> Any:
        """The value as one that fits no other member of its union, where it can be so.

        An open object has every property that it is not told of: null says that one of another form is not there.
        """
        if isinstance(value, dict):
            own = self._schemas.properties(member)
            for other in members[:_OPTIONS]:
                names = (name for name in self._schemas.properties(other) if name not in own and name not in value)
                if other is not member and self._valid(value, other):
                    changed = ({**value, name: None} for name in names)
                    value = next((each for each in changed if not self._valid(each, other)), value)
        elif isinstance(value, (int, float)) and not isinstance(value, bool):
            return value + 0.5
        return value

    def _tagged(self, value: Any, member: Schema, union: Schema) -> Any:
        """The value with the property that says which member of a union it is."""
        name, *mapping = union.get("told", ("",))
        tag = next((value_ for value_, known in mapping if f"#/$defs/{known}" == member.get("$ref")), None)
        if not name or tag is None or not isinstance(value, dict):
            return value
        tagged = {**value, name: tag}
        # A document may say of the property itself that it is something else.
        return tagged if self._valid(tagged, member) or not self._valid(value, member) else value

    def _object(self, schema: Schema, depth: int, whole: bool = False) -> dict[str, Any]:
        required = {*schema.get("required", ()), *schema.get("answered", ())}
        shown = (depth < _SHOWN or whole) and self._left > 0
        made = {}
        for name, inner in schema.get("properties", {}).items():
            if inner.get("writeOnly") or (name in required and depth > _DEEPEST):
                continue
            if name not in required and self._is_impossible(inner):
                continue
            if inner.get("not") != {} and (name in required or (shown and self._may_end(inner, depth, whole))):
                value = self.value(inner, depth + 1)
                if name in required or not self._schemas.resolve(inner).get("exclusive") or self._valid(value, inner):
                    made[name] = value  # what fits several of the forms of which it must fit one is better not there
        more = schema.get("additionalProperties", True)
        for index in range(len(made), schema.get("minProperties", 0) if more is not False else 0):
            made[f"key{index}"] = self.value(more if isinstance(more, Mapping) else {"type": "string"}, depth + 1)
        most = schema.get("maxProperties", len(made))
        for name in [name for name in made if name not in required][: max(0, len(made) - most)]:
            del made[name]
        return self._ruled(made, schema, depth)

    def _ruled(self, made: dict[str, Any], schema: Schema, depth: int) -> dict[str, Any]:
        """The object with what its rules ask for, and without what they refuse and is not required."""
        properties, required = schema.get("properties", {}), {*schema.get("required", ()), *schema.get("answered", ())}
        fitted_ = made
        for _ in range(len(made) + _OPTIONS if schema.get("rules") else 0):
            problem = Checking(self._schemas, answers=True).ruled(fitted_, schema)
            if problem is None:
                return fitted_
            where = problem.parameter
            optional = [name for name in fitted_ if name not in required]
            name = next((name for name in fitted_ if where == name or where.startswith((f"{name}.", f"{name}["))), "")
            if not where and optional:  # it is the object as a whole: then what it has last is left out
                name = optional[-1]
            if name in optional:
                fitted_ = {other: item for other, item in fitted_.items() if other != name}
            elif where and not name and schema.get("additionalProperties", True) is not False:
                fitted_ = {**fitted_, where: self.value(properties.get(where, {"type": "string"}), depth + 1)}
            else:
                break
        return made

    def _is_impossible(self, schema: Schema) -> bool:
        """Whether a schema lists only values that it rejects itself, such as numbers for the type string."""
        schema = self._schemas.resolve(schema)
        return bool(schema.get("enum")) and not any(self._valid(each, schema) for each in schema["enum"])

    def _may_end(self, schema: Schema, depth: int, whole: bool) -> bool:
        """Whether a property may be shown: at great depth, only scalars are."""
        if depth < _SHOWN - 1:
            return True
        resolved = self._schemas.resolve(schema)
        if whole and "anyOf" not in resolved:
            return True
        forms = [self._schemas.resolve(member) for member in resolved.get("anyOf", ())] or [resolved]
        return all(form.get("type") not in ("object", "array") and "anyOf" not in form for form in forms)

    def _array(self, schema: Schema, depth: int) -> list[Any]:
        least, most = schema.get("minItems", 0), schema.get("maxItems", LONGEST)
        items = schema.get("items", {})
        count = min(self.count(least, most) if depth < _SHOWN and self._left > 0 else least, most, LONGEST)
        if count == 0 or depth > _DEEPEST or self._schemas.resolve(items).get("not") == {}:
            return []
        first = self.value(items, depth + 1)
        if count > 1 and schema.get("uniqueItems"):
            return self._apart(first, items, count)
        return [first, *(self.another(first, items, depth + 1) for _ in range(count - 1))]

    def _apart(self, first: Any, items: Schema, count: int) -> list[Any]:
        """So many values that differ, as far as they are found."""
        values: dict[Any, Any] = {key(first): first}
        for value in others(first, self._schemas.resolve(items), count):
            if len(values) == count:
                break
            if self._valid(value, items):
                values.setdefault(key(value), value)
        return list(values.values())

    # Mended

    def fitted(self, value: Any, schema: Schema, depth: int) -> Any:
        """The value where the schema takes it; else as much of it as can be kept."""
        resolved = self._schemas.resolve(schema)
        if self._valid(value, resolved):
            return value
        self._mended -= 1
        if depth > _DEEPEST or self._mended < 0:
            return self.value(resolved, depth)
        if "anyOf" in resolved:
            return self._fitted_member(value, resolved, depth)
        if isinstance(value, dict) and resolved.get("type") == "object":
            return self._fitted_object(value, resolved, depth)
        if isinstance(value, list) and resolved.get("type") == "array":
            return self._fitted_array(value, resolved, depth)
        return self._respelled(value, resolved, depth)

    def _respelled(self, value: Any, schema: Schema, depth: int) -> Any:
        kind = schema.get("type")
        if kind == "string" and isinstance(value, (int, float)) and not isinstance(value, bool):
            value = str(value)
        elif kind == "integer" and isinstance(value, str) and value.isascii() and value.lstrip("-").isdecimal():
            value = int(value[:18])
        return value if self._valid(value, schema) else self.value(schema, depth)

    def _fitted_member(self, value: Any, schema: Schema, depth: int) -> Any:
        for member in schema["anyOf"]:
            resolved = self._schemas.resolve(member)
            kinds = {"object": dict, "array": list}
            if isinstance(value, kinds.get(resolved.get("type", ""), ())):
                member_value = self._tagged(self.fitted(value, member, depth + 1), member, schema)
                for each in (member_value, self._apart_from(member_value, member, schema["anyOf"])):
                    if self._valid(each, schema):
                        return each
        made = self.value(schema, depth)
        return made if self._valid(made, schema) or not self._fitting(value, schema["anyOf"]) else value

    def _fitted_object(self, value: dict[str, Any], schema: Schema, depth: int) -> dict[str, Any]:
        properties = schema.get("properties", {})
        more = schema.get("additionalProperties", True)
        required = {*schema.get("required", ()), *schema.get("answered", ())}
        made = {}
        for name, item in value.items():
            inner = properties.get(name, more if isinstance(more, Mapping) else {})
            if (name not in properties and more is False) or inner.get("writeOnly") or inner.get("not") == {}:
                continue
            absent = item is None and not self._valid(item, inner)  # what is not there is left out
            if name not in required and (absent or self._is_impossible(inner)):
                continue
            made[name] = self.fitted(item, inner, depth + 1)
        for name in required:
            if name not in made and name in properties and not properties[name].get("writeOnly"):
                made[name] = self.value(properties[name], depth + 1)
        made = self._ruled(made, schema, depth)
        if not self._valid(made, schema):
            made = {**{name: item for name, item in self._object(schema, depth).items() if name not in made}, **made}
        if self._valid(made, schema):
            return made
        other = self._object(schema, depth)
        lost = (properties.get(name, {}) for name in made if name not in other)
        kept = any(self._schemas.resolve(each).get("exclusive") for each in lost)
        # Of a schema, or of a property, that nothing fits, what was there.
        return other if not kept and self._valid(other, schema) else made

    def _fitted_array(self, value: list[Any], schema: Schema, depth: int) -> list[Any]:
        made = [self.fitted(item, schema.get("items", {}), depth + 1) for item in value[:LONGEST]]
        if schema.get("uniqueItems"):
            made = list({key(item): item for item in made}.values())
        made = made[: schema.get("maxItems", len(made))]
        return made if self._valid(made, schema) else self._array(schema, depth)
