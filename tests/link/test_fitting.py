"""Which values a type takes, by JSON Schema Validation 2020-12 and RFC 3339: each limit at its edge, and each kind."""

from __future__ import annotations

from typing import Any

from generator.ir import Discriminator, Field, Model, NamedType, Place, Type
from generator.link.fitting import fits, respelled

AT = Place("f", 1, 1, "")
TEXT, WHOLE = Type(kind="string"), Type(kind="integer")


def field(name: str, type_: Type, **more: Any) -> Field:
    return Field(words=(name,), wire_name=name, type=type_, place=AT, **more)


MODELS = {
    "Open": Model(key="Open", words=("open",), fields=(field("a", TEXT, required=True), field("b", WHOLE)),
                  additional=Type(kind="any"), place=AT),
    "Shut": Model(key="Shut", words=("shut",), fields=(field("c", TEXT),), closed=True, place=AT),
    "Made": Model(key="Made", words=("made",), fields=(field("id", TEXT, required=True, read_only=True),),
                  additional=WHOLE, place=AT),
}  # fmt: skip
TYPES = {"Named": NamedType(key="Named", words=("named",), type=Type(kind="array", items=WHOLE), place=AT)}
OPEN, SHUT = Type(kind="model", model="Open"), Type(kind="model", model="Shut")
ONE = Type(kind="union", members=(WHOLE, Type(kind="number")), exclusive=True)
ROWS: list[tuple[Type, list[Any], list[Any]]] = [
    (Type(kind="any"), [None, 1, "a", [], {}], []),
    (Type(kind="any", values=(1, [2])), [1, 1.0, [2], [2.0]], [True, 2, [1], "1"]),
    (Type(kind="any", values=({"a": 1, "b": [True]},)), [{"b": [True], "a": 1}], [{"a": 1, "b": [1]}, {"a": 1}]),
    (Type(kind="any", values=([], {}, [[1], 2], {"a": {"b": []}})), [[], {}, [[1], 2.0], {"a": {"b": []}}],
     [[[]], [1, [2]], [[1, 2]], {"a": {"b": {}}}, {"a": []}, [False]]),
    (Type(kind="any", values=([0], ["a"], [["a", "b"]])), [[0], [["a", "b"]]], [[False], [["b", "a"]], {"a": "b"}, 0]),
    (Type(kind="null"), [None], [0, "", False]),
    (Type(kind="never"), [], [None, 1]),
    (Type(kind="boolean"), [True, False], [1, 0, "true", None]),
    (Type(kind="boolean", nullable=True), [None, True], ["null"]),
    (WHOLE, [0, -1, 2.0], [1.5, True, "1", None]),
    (Type(kind="number"), [1, 1.5], [True, "1.5"]),
    (Type(kind="integer", minimum=2, maximum=4), [2, 4], [1, 5]),
    (Type(kind="number", exclusive_minimum=2, exclusive_maximum=4), [2.001, 3.999], [2, 4]),
    (Type(kind="number", multiple_of=0.1), [0.3, 1, 0], [0.35]),
    (Type(kind="integer", multiple_of=3), [0, 3, -6], [1, 4]),
    (Type(kind="integer", multiple_of=-3), [1], []),
    (Type(kind="number", multiple_of=0), [1.5], []),
    (Type(kind="number", multiple_of=float("inf")), [1.5], []),
    (Type(kind="number", multiple_of=0.5), [float("inf"), 1e300, 1e-7 * 5_000_000], [1e-7]),
    (Type(kind="number", multiple_of=1e-7), [3e-7], [3.5e-7]),
    (Type(kind="binary"), ["a", 1], [None]),
    (TEXT, ["", "a"], [1, None, ["a"]]),
    (Type(kind="string", min_length=1, max_length=2), ["a", "ab"], ["", "abc"]),
    (Type(kind="string", pattern="^a+$"), ["aa"], ["ab"]),
    (Type(kind="string", format="uuid"), ["123e4567-e89b-12d3-a456-426614174000"], ["123e4567e89b12d3a456426614174000", "x"]),
    (Type(kind="string", format="date"), ["2024-02-29"], ["2023-02-29", "20240229", "2024-2-9", "2024-02-29T00:00:00Z"]),
    (Type(kind="string", format="date-time"), ["2024-02-29T12:00:00Z", "2024-02-29T12:00:00.5+02:00", "2024-02-29t12:00:00z", "2024-02-29T12:00:00-00:30"],
     ["2024-02-29", "2024-02-30T12:00:00Z", "2024-02-29T25:00:00Z", "2024-02-29 12:00:00Z", "2024-02-29T12:00:00", "2024-02-29T12:00Z"]),
    (Type(kind="string", format="other"), ["x"], []),
    (Type(kind="string", values=("a", "b")), ["a"], ["c"]),
    (Type(kind="array"), [[], [1, "a"]], [{}, "a", None]),
    (Type(kind="array", items=WHOLE, min_items=1, max_items=2), [[1], [1, 2]], [[], [1, 2, 3], ["a"], [1, "a"]]),
    (Type(kind="array", unique_items=True), [[1, True, "1"], [{"a": 1}, {"a": 2}]], [[1, 1.0], [{"a": 1}, {"a": 1}]]),
    (Type(kind="map"), [{}, {"a": 1}], [[], "a"]),
    (Type(kind="map", items=WHOLE, min_properties=1, max_properties=2), [{"a": 1}], [{}, {"a": "x"}, {"a": 1, "b": 2, "c": 3}]),
    (OPEN, [{"a": "x"}, {"a": "x", "b": 1, "z": []}], [{}, {"a": 1}, {"a": "x", "b": "y"}, []]),
    (Type(kind="model", model="Open", min_properties=2), [{"a": "x", "b": 1}], [{"a": "x"}]),
    (SHUT, [{}, {"c": "x"}], [{"d": 1}, {"c": 1}]),
    (Type(kind="model", model="Made"), [{}, {"id": "x", "n": 1}], [{"n": "x"}, {"id": 1}]),
    (Type(kind="union", members=(TEXT, WHOLE)), ["a", 1], [1.5, None, []]),
    (ONE, [1.5], [1, "a"]),  # a whole number is a number too, and `oneOf` takes one alone
    (Type(kind="union", members=(OPEN, SHUT), exclusive=True), [{"c": "x"}, {"a": "x"}], [{"d": 1}]),
    (Type(kind="union", members=(OPEN, OPEN), exclusive=True), [], [{"a": "x"}]),
    (Type(kind="union", members=(OPEN, OPEN), exclusive=True, discriminator=Discriminator(wire_name="a", mapping=())), [{"a": "x"}], []),
    (Type(kind="named", name="Named"), [[1]], [["a"], None]),
    (Type(kind="named", name="Named", nullable=True), [None], [1]),
]  # fmt: skip


def test_each_type_takes_its_values_and_no_others() -> None:
    wrong = [
        (type_, value)
        for type_, good, bad in ROWS
        for value, expected in [*((each, True) for each in good), *((each, False) for each in bad)]
        if fits(value, type_, MODELS, TYPES) is not expected
    ]
    assert not wrong, wrong


def test_a_value_in_another_spelling() -> None:
    """As documents write examples: a number as a text, and a text as a number."""
    number, flag = Type(kind="number"), Type(kind="boolean")
    for value, type_, expected in [
        (1, TEXT, "1"), (1.5, TEXT, "1.5"), (True, TEXT, True), (None, TEXT, None), ("7", WHOLE, 7), ("-7", WHOLE, -7),
        ("1.5", number, 1.5), ("seven", WHOLE, "seven"), ("", number, ""), ("7", TEXT, "7"),
        ("true", flag, True), ("false", flag, False), ("yes", flag, "yes"), ("true", TEXT, "true"), ([1], TEXT, [1]),
    ]:  # fmt: skip
        found = respelled(value, type_)
        assert (found, type(found)) == (expected, type(expected)), (value, type_)
