"""The value that is made of a type: worked out by hand from the limits of JSON Schema Validation 2020-12."""

from __future__ import annotations

from typing import Any

from generator.ir import Discriminator, Field, Model, NamedType, Place, Type
from generator.link.samples import sample

AT = Place("f", 1, 1, "")
WHOLE, NUMBER, TEXT, FLAG, ANY, NEVER = (
    Type(kind=kind) for kind in ("integer", "number", "string", "boolean", "any", "never")  # type: ignore[arg-type]
)


def field(name: str, type_: Type, **more: Any) -> Field:
    return Field(words=tuple(name.split("_")), wire_name=name, type=type_, place=AT, **more)


def model(key: str, *fields: Field, **more: Any) -> Model:
    return Model(key=key, words=(key.lower(),), fields=fields, place=AT, **more)


def of(key: str, **more: Any) -> Type:
    return Type(kind="model", model=key, **more)


def array(items: Type, **more: Any) -> Type:
    return Type(kind="array", items=items, **more)


def union(*members: Type, **more: Any) -> Type:
    return Type(kind="union", members=members, **more)


def deep(levels: int, inner: Any) -> Any:
    return [deep(levels - 1, inner)] if levels else inner


def lists(levels: int) -> Type:
    return array(lists(levels - 1)) if levels else FLAG


def inside(levels: int) -> Any:
    return {"r": inside(levels - 1)} if levels else {}


FIELDS = (
    field("a", WHOLE, required=True), field("b", TEXT), field("c", TEXT, required=True, read_only=True),
    field("d", NEVER, required=True), field("e_e", TEXT),
)  # fmt: skip
MODELS = {
    each.key: each
    for each in (
        model("M", *FIELDS, additional=WHOLE),
        model("Shut", *FIELDS, closed=True),
        model("Any", additional=ANY),
        model("Kept", *FIELDS, additional=WHOLE, rules=({"required": ["b"]},)),
        model("Ruled", *FIELDS, additional=FLAG),
        model("Kind", field("n", WHOLE, required=True), additional=ANY),
        model("Loop", field("r", of("Loop"), required=True), additional=ANY),
        model("Wide", *(field(name, array(FLAG, min_items=200), required=True) for name in "uvwxyz"), additional=ANY),
        model("Edge", *(field(name, array(FLAG, min_items=200), required=True) for name in "uv"),
              field("w", array(FLAG, min_items=94), required=True), field("n", WHOLE, required=True),
              field("o", array(WHOLE), required=True), field("x", of("Kind"), required=True),
              field("y", union(of("Nobody"), WHOLE), required=True), field("z", array(WHOLE), required=True),
              field("t", Type(kind="map", min_properties=1), required=True), additional=ANY),
        model("Short", *(field(name, array(FLAG, min_items=200), required=True) for name in "uv"),
              field("w", array(FLAG, min_items=93), required=True), field("m", array(WHOLE), required=True),
              field("x", of("Kind"), required=True), additional=ANY),
        model("Cat", field("k", TEXT), additional=ANY),
        model("Dog", field("k", TEXT, required=True), additional=ANY),
        model("Nobody", field("n", NEVER, required=True), additional=ANY),
        model("One", field("a", TEXT), additional=ANY),
        model("Two", field("b", TEXT), additional=ANY),
        model("Both", field("a", TEXT), field("b", WHOLE, read_only=True), field("n", NEVER), additional=ANY),
        model("ShutOne", field("a_a", TEXT), field("i", WHOLE), closed=True),
        model("Perhaps", field("b", Type(kind="string", nullable=True)), additional=ANY),
        model("Wob", field("n", Type(kind="string", nullable=True)), field("b", TEXT), additional=ANY),
        model("ShutTwo", field("b", TEXT), closed=True),
    )
}  # fmt: skip
TYPES = {
    "N": NamedType(key="N", words=("n",), type=array(WHOLE), place=AT),
    "U": NamedType(
        key="U", words=("u",), place=AT,
        type=union(array(Type(kind="named", name="U"), min_items=1), Type(kind="model", model="Nobody")),
    ),
    **{f"{key}s": NamedType(key=f"{key}s", words=("x",), type=of(key), place=AT) for key in ("One", "Two", "Cat")},
    **{f"{key}List": NamedType(key=f"{key}List", words=("x",), place=AT, type=array(Type(kind="named", name=f"{key}s")))
       for key in ("One", "Two")},
    "E": NamedType(key="E", words=("e",), type=Type(kind="string", values=("p", "q", "r")), place=AT),
}  # fmt: skip
KINDS = Discriminator(wire_name="k", mapping=(("dog", "Dog"), ("cat", "Cat")))


def unlike(*values: Any) -> tuple[Any, ...]:
    return ({"not": {"enum": [*values]}},)


ROWS: list[tuple[Type, Any]] = [
    (FLAG, True),
    (Type(kind="null"), None),
    (NEVER, None),
    (ANY, "it"),
    # numbers: 1 where it may be, else what is nearest to the limits
    (WHOLE, 1),
    (Type(kind="integer", minimum=5), 5),
    (Type(kind="integer", minimum=2.5), 3),
    (Type(kind="integer", exclusive_minimum=5), 6),
    (Type(kind="integer", exclusive_minimum=5, minimum=7), 7),
    (Type(kind="integer", minimum=5, exclusive_minimum=7), 8),
    (Type(kind="integer", maximum=0), 0),
    (Type(kind="integer", maximum=-3), -3),
    (Type(kind="integer", maximum=-3.5), -4),
    (Type(kind="integer", maximum=-3, exclusive_maximum=-5), -6),
    (Type(kind="integer", exclusive_maximum=-3), -4),
    (Type(kind="number", minimum=0.5), 0.5),
    (Type(kind="number", exclusive_minimum=0.5), 1),
    (Type(kind="number", exclusive_minimum=1, exclusive_maximum=2), 1.5),
    (Type(kind="number", exclusive_minimum=1, exclusive_maximum=1.5), 1.25),
    (Type(kind="number", maximum=0.5), 0),
    (Type(kind="number", maximum=-0.5), -1),
    (Type(kind="number", exclusive_maximum=0), -1),
    (Type(kind="number", minimum=float("-inf"), maximum=float("inf")), 1),
    (Type(kind="number", minimum=float("-inf"), exclusive_maximum=float("inf"), maximum=-2), -2),
    (Type(kind="integer", minimum=10, maximum=20, multiple_of=7), 14),
    (Type(kind="integer", multiple_of=5), 5),
    (Type(kind="integer", multiple_of=5, minimum=0), 5),
    (Type(kind="integer", multiple_of=5, minimum=-7, maximum=-1), -5),
    (Type(kind="integer", multiple_of=5, minimum=-7, maximum=0), -5),
    (Type(kind="integer", multiple_of=5, exclusive_minimum=10), 15),
    (Type(kind="integer", multiple_of=5, maximum=3), 0),
    (Type(kind="integer", multiple_of=5, maximum=-1), -5),
    (Type(kind="integer", multiple_of=5, exclusive_maximum=-5), -10),
    (Type(kind="number", multiple_of=0.1, exclusive_minimum=0.2, maximum=0.35), 0.3),
    (Type(kind="number", multiple_of=0.25, minimum=0.3), 0.5),
    (Type(kind="number", multiple_of=0.25, minimum=0.3, maximum=0.6), 0.5),
    (Type(kind="number", multiple_of=float("inf")), 1),
    (Type(kind="integer", minimum=3, maximum=2), 3),  # which nothing keeps
    (Type(kind="integer", exclusive_minimum=3, maximum=2), 3),
    (Type(kind="integer", maximum=2, multiple_of=0.3, exclusive_maximum=-1), 1),  # -3 is not looked for
    (Type(kind="number", minimum=2.0), 2),
    # texts
    (TEXT, "it"),
    (Type(kind="binary"), "it"),
    (Type(kind="string", min_length=4), "itxx"),
    (Type(kind="string", max_length=1), "i"),
    (Type(kind="string", max_length=2), "it"),
    (Type(kind="string", min_length=2_000), "it" + "x" * 998),
    (Type(kind="string", format="uri", max_length=8), "https://"),
    (Type(kind="string", format="other"), "it"),
    (Type(kind="string", pattern="^x{3}$"), "xxx"),
    (Type(kind="string", pattern="^i"), "it"),
    (Type(kind="string", pattern="^https:", format="url"), "https://example.com/"),
    (Type(kind="string", pattern="^[a-z]+$", min_length=4, max_length=4), "aaaa"),
    (Type(kind="string", pattern="["), "it"),  # of which no text is made
    (Type(kind="string", pattern="^(?=z)y$"), "y"),  # which is not checked
    (Type(kind="string", pattern="^a*$"), ""),
    (Type(kind="string", pattern="^.{10}$", format="date"), "2030-01-31"),
    (Type(kind="string", values=("b", "a")), "b"),
    (Type(kind="integer", values=(1, 5), minimum=2), 5),
    (Type(kind="integer", values=(1, 2), minimum=3), 1),
    (Type(kind="integer", has_default=True, default=7), 7),
    (Type(kind="integer", has_default=True, default="x"), 1),
    (Type(kind="integer", has_default=True, default=None), 1),
    # lists
    (array(WHOLE), [1]),
    (Type(kind="array"), []),
    (array(WHOLE, max_items=0), []),
    (array(WHOLE, min_items=0, max_items=1), [1]),
    (array(WHOLE, min_items=3), [1, 1, 1]),
    (array(WHOLE, unique_items=True), [1]),
    (array(WHOLE, min_items=3, unique_items=True), [1, 2, 3]),
    (array(WHOLE, min_items=2), [1, 1]),
    (array(Type(kind="integer", maximum=1), min_items=3, unique_items=True), [1, 0, -1]),
    (array(Type(kind="integer", multiple_of=5), min_items=2, unique_items=True), [5, 10]),
    (array(FLAG, min_items=2, unique_items=True), [True, False]),
    (array(FLAG, min_items=3, unique_items=True), [True, False]),
    (array(TEXT, min_items=3, unique_items=True), ["it", "it2", "it3"]),
    (array(Type(kind="string", max_length=2), min_items=3, unique_items=True), ["it", "i2", "i3"]),
    (array(Type(kind="string", pattern="^a+$"), min_items=2, unique_items=True), ["a", "aa"]),
    (array(Type(kind="string", pattern="t$"), min_items=2, unique_items=True), ["it", "t"]),
    (array(Type(kind="string", format="uri"), min_items=3, unique_items=True),
     ["https://example.com/", "https://example.com/2", "https://example.com/3"]),
    (array(Type(kind="string", format="uuid"), min_items=2, unique_items=True),
     ["00000000-0000-4000-8000-000000000000", "00000000-0000-4000-8000-000000000001"]),
    (array(Type(kind="named", name="E"), min_items=2, unique_items=True), ["p", "q"]),
    (array(of("Kind"), min_items=2, unique_items=True), [{"n": 1}, {"n": 2}]),
    (array(array(WHOLE), min_items=2, unique_items=True), [[1], [2]]),
    (array(array(WHOLE, max_items=0), min_items=2, unique_items=True), [[]]),
    (array(WHOLE, min_items=1_000), [1] * 499),
    (array(Type(kind="integer", minimum=1), min_items=300, unique_items=True), [*range(1, 201)]),
    (array(NEVER), []),
    (lists(9), deep(6, [])),
    (array(array(array(FLAG, min_items=1)), min_items=1), [[[True]]]),
    # objects
    (Type(kind="map", items=WHOLE), {}),
    (Type(kind="map", min_properties=1), {"key1": "it"}),
    (Type(kind="map", items=WHOLE, min_properties=2), {"key1": 1, "key2": 1}),
    (of("M"), {"a": 1}),
    (of("M", min_properties=1), {"a": 1}),
    (of("M", min_properties=2), {"a": 1, "b": "b"}),
    (of("M", min_properties=3), {"a": 1, "b": "b", "e_e": "e_e"}),
    (of("M", min_properties=5), {"a": 1, "b": "b", "e_e": "e_e", "key4": 1, "key5": 1}),
    (of("Any", min_properties=1), {"key1": "text"}),
    (of("Shut", min_properties=5), {"a": 1, "b": "b", "e_e": "e_e"}),
    (of("Kept"), {"a": 1, "b": "b"}),
    (of("Kept", rules=({"required": ["e_e"]},)), {"a": 1, "b": "b", "e_e": "e_e"}),
    (of("Ruled", rules=({"required": ["z"]},)), {"a": 1, "z": True}),
    (of("Shut", rules=({"required": ["z"]},)), {"a": 1}),
    (of("M", rules=({"required": ["c"]},)), {"a": 1}),
    (of("Loop"), inside(20)),
    (of("Wide"), {"u": [True] * 200, "v": [True] * 200, "w": [True] * 96, "x": [True], "y": [True], "z": [True]}),
    (of("Edge"), {"u": [True] * 200, "v": [True] * 200, "w": [True] * 94, "n": 1, "o": [], "x": {}, "y": "y", "z": [], "t": {}}),
    (of("Short"), {"u": [True] * 200, "v": [True] * 200, "w": [True] * 93, "m": [1], "x": {}}),
    # one of several
    (union(TEXT, WHOLE), "it"),
    (union(Type(kind="string", values=("a",), min_length=2), WHOLE), 1),
    (union(WHOLE, NUMBER, exclusive=True), 1.5),
    (union(of("Nobody"), of("Nobody")), {}),
    (union(of("Cat"), of("Dog")), {}),
    (union(of("Cat"), of("Dog"), discriminator=KINDS), {"k": "cat"}),
    (union(of("Nobody"), of("Dog"), discriminator=KINDS), {"k": "dog"}),
    (union(of("One"), of("One"), exclusive=True, discriminator=KINDS), {}),
    (union(of("One"), of("Two"), exclusive=True), {"b": None}),
    (union(of("Two"), of("Both"), exclusive=True), {"b": "b"}),
    (union(of("Both"), of("Two"), exclusive=True), {"b": "b"}),
    (union(of("ShutOne"), of("ShutTwo"), exclusive=True), {"a_a": "a_a"}),
    (union(of("One"), of("One"), exclusive=True), {}),
    (union(array(of("One")), array(of("Two")), exclusive=True), [{"b": None}]),
    (union(TEXT, TEXT, exclusive=True), "it"),
    (union(FLAG, FLAG, exclusive=True), True),
    (union(Type(kind="map"), Type(kind="map"), exclusive=True), {}),
    (union(of("One"), of("Two"), of("Dog"), exclusive=True), {"b": None}),
    (union(of("One"), union(of("Two"), of("ShutTwo")), exclusive=True), {"b": None}),
    (union(of("Perhaps"), of("Two"), exclusive=True), {"b": None}),
    (union(of("One"), of("Wob"), exclusive=True), {"b": None}),
    (union(*(array(of(key), max_items=0) for key in ("One", "Two")), exclusive=True), []),
    (union(*(array(of(key), min_items=2) for key in ("One", "Two")), exclusive=True), [{"b": None}] * 2),
    (union(*(Type(kind="named", name=name) for name in ("Cats", "N")), discriminator=KINDS), {"k": "cat"}),
    (union(*(Type(kind="named", name=name) for name in ("Ones", "Twos")), exclusive=True), {"b": None}),
    (union(*(Type(kind="named", name=name) for name in ("OneList", "TwoList")), exclusive=True), [{"b": None}]),
    (union(of("Cat"), discriminator=Discriminator(wire_name="k", mapping=(("x", "Dog"),))), {}),
    (Type(kind="named", name="N"), [1]),
    (Type(kind="named", name="U"), deep(10, "it")),
    # with rules of their own
    (Type(kind="integer", rules=unlike(1)), 2),
    (Type(kind="integer", maximum=1, rules=unlike(1)), 0),
    (Type(kind="integer", maximum=1, rules=unlike(1, 0)), -1),
    (Type(kind="integer", rules=unlike(2)), 1),
    (Type(kind="integer", minimum=1, rules=unlike(*range(1, 12))), 12),
    (Type(kind="integer", minimum=1, rules=unlike(*range(1, 13))), 1),
    (Type(kind="integer", maximum=1, minimum=1, rules=unlike(1)), 1),
    (Type(kind="string", values=("a", "b", "c"), rules=unlike("a")), "b"),
    (Type(kind="string", max_length=3, rules=unlike("it", "i2")), "i3"),
    (Type(kind="boolean", rules=unlike(True)), False),
    (Type(kind="integer", rules=({"$ref": "#/$defs/Small"},)), 0),
    (Type(kind="string", rules=unlike("it")), "it2"),
    (Type(kind="string", rules=unlike(*(f"it{n}" for n in range(2, 13)), "it")), "2it"),
    (Type(kind="number", minimum=0.5, multiple_of=0.5, rules=unlike(0.5)), 1.0),
    (Type(kind="map", items=ANY, min_properties=1, rules=unlike({"key1": "it"})), {"key1": "it2"}),
    (array(WHOLE, min_items=2, rules=unlike([1, 1], [1])), [2, 1]),
    (Type(kind="string", rules=unlike("it", *(f"it{n}" for n in range(2, 13)), *(f"{n}it" for n in range(2, 13)))), "it"),
    (array(WHOLE, max_items=0, rules=unlike([])), []),
    (Type(kind="map", items=WHOLE, min_properties=1, rules=unlike({"key1": 1})), {"key1": 2}),
    (array(WHOLE, rules=unlike([1])), [2]),
]  # fmt: skip
FORMATS = {
    "date": "2030-01-31", "date-time": "2030-01-31T12:00:00Z", "time": "12:00:00Z", "duration": "PT1H",
    "email": "someone@example.com", "hostname": "example.com", "ipv4": "192.0.2.1", "ipv6": "2001:db8::1",
    "uri": "https://example.com/", "url": "https://example.com/", "uuid": "00000000-0000-4000-8000-000000000000",
    "byte": "dGV4dA==",
}  # fmt: skip
"""RFC 3339, 5321, 1123, 5737, 3849, 2606, 9562 and 4648: what their examples, and what is kept for documentation, look like."""


def test_the_smallest_value_of_each_type() -> None:
    wrong = []
    for type_, expected in [*ROWS, *((Type(kind="string", format=name), text) for name, text in FORMATS.items())]:
        found = sample(type_, MODELS, TYPES, "it", {"Small": {"maximum": 0}})
        if (found, type(found)) != (expected, type(expected)):
            wrong.append((type_, expected, found))
    assert not wrong, wrong
