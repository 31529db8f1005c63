"""Hostile documents: what is made of them has the structure of what is made of a harmless one.

A turn fills every place of a document and a catalog with a payload, each with another; over as many turns as there are
payloads every place has met every one. CI runs some turns, `make hostile` (HOSTILE=1) all of them.
"""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

import pytest
import structure
from making import Made, difference, make, refused
from payloads import ALL
from places import Filled, Place, filled, fixture, harmless, hostile, places

pytestmark = pytest.mark.long

WHOLE = bool(os.environ.get("HOSTILE"))
TEXTS = tuple(place for place in places() if place.kind in ("text", "data", "name"))
WORDS = tuple(place for place in places() if place.kind in ("word", "key"))
TURNS = range(len(ALL)) if WHOLE else (0, 1, 105)
PACKS = 4
"""Of the words of a turn that are rendered together: few, since one may do away with the place of another."""
Given = dict[Place, tuple[str, int, int]]
"""Place -> payload, turn, the place's number."""


def given(turn: int) -> Given:
    return {place: (ALL[(index + turn) % len(ALL)], turn, index) for index, place in enumerate(TEXTS)}


def both(texts: Given, with_catalog: bool) -> tuple[Made, Made]:
    """What is made of the payloads, and of harmless texts in their places."""
    harm = {place: hostile(place, payload, turn) for place, (payload, turn, _) in texts.items()}
    none = {place: harmless(place, payload, turn, index) for place, (payload, turn, index) in texts.items()}
    return make(filled(harm), with_catalog), make(filled(none), with_catalog)


def wrong(texts: Given, with_catalog: bool) -> str:
    """What tells the two apart; empty where nothing does."""
    try:
        return difference(*both(texts, with_catalog))
    except Exception as error:  # noqa: BLE001 - whatever it is, it is told with the payload that brings it about
        return f"{type(error).__name__}: {str(error)[:400]}"


def blame(texts: Given, with_catalog: bool, what: str) -> str:
    """The fewest places and payloads that a difference takes, found by halves."""
    items = list(texts.items())
    while len(items) > 1:
        for half in (items[: len(items) // 2], items[len(items) // 2 :]):
            if found := wrong(dict(half), with_catalog):
                items, what = half, found
                break
        else:
            break
    named = "\n".join(f"  {payload!a} as {place.kind} at {place.at}" for place, (payload, *_) in items[:5])
    return f"{len(items)} place(s):\n{named}\n{what}"


@pytest.mark.parametrize("with_catalog", [True, False], ids=["catalog", "derived"])
@pytest.mark.parametrize("turn", TURNS)
def test_the_structure_is_that_of_a_harmless_document(turn: int, with_catalog: bool) -> None:
    texts = given(turn)
    if what := wrong(texts, with_catalog):
        pytest.fail(blame(texts, with_catalog, what), pytrace=False)


def words(turn: int) -> Given:
    return {place: (ALL[(7 * index + turn) % len(ALL)], turn, index) for index, place in enumerate(WORDS)}


@pytest.mark.parametrize("turn", range(len(ALL)) if WHOLE else (0,))
def test_words_that_mean_something_are_refused_or_taken_as_text(turn: int) -> None:
    """Keywords, references, URLs, keys: a message with a place, or files that are what they should be.

    Each is read alone. What is taken is rendered with others, since one that is refused would hide the rest.
    """
    taken = {}
    for place, (payload, *_) in words(turn).items():
        try:
            if not refused(filled({place: payload})):
                taken[place] = payload
        except Exception as error:  # noqa: BLE001 - told with the payload
            pytest.fail(f"{payload!a} at {place.at}: {type(error).__name__}: {str(error)[:300]}", pytrace=False)
    places = list(taken)
    packs = [places[start::PACKS] for start in range(PACKS)]
    while packs:
        pack = packs.pop()
        what = rendered({place: taken[place] for place in pack})
        if what and len(pack) > 1:
            packs += [pack[: len(pack) // 2], pack[len(pack) // 2 :]]
        elif what:
            pytest.fail(f"{taken[pack[0]]!a} at {pack[0].at}: {what}", pytrace=False)
    print(f"{len(WORDS)} cases, {len(WORDS) - len(taken)} refused")


def rendered(pack: Filled) -> str:
    """What is wrong with the files that are made of these words; empty where nothing is."""
    try:
        made = make(filled(pack))
        for path, text in made.files.items():
            if text != harmless_files().get(path):
                structure.of(path, text)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is told with the payload
        return f"{type(error).__name__}: {str(error)[:300]}"
    return made.refused and f"read alone it was taken, then refused: {made.refused}"


@cache
def harmless_files() -> dict[str, str]:
    return make(fixture()).files


def test_every_place_and_every_payload_is_met() -> None:
    """The fixture has its places, and the turns of CI alone meet each payload and each place."""
    cases = {(place, payload) for turn in TURNS for place, (payload, *_) in given(turn).items()}
    cases |= {(place, payload) for place, (payload, *_) in words(0).items()}
    assert {payload for _, payload in cases} == set(ALL) and len(ALL) >= 100
    assert {place for place, _ in cases} == set(places())
    assert make(fixture()).files and make(fixture(), False).files
    print(f"{len(cases)} cases: {len(ALL)} payloads, {len(places())} places, each with a catalog and without")


@pytest.mark.parametrize("turn", TURNS if WHOLE else (3, 50))
def test_a_shell_runs_the_commands_of_the_pages_and_nothing_else(turn: int, tmp_path: Path) -> None:
    """The words of each command in bash, from a PATH that holds nothing."""
    found = []
    for name, made in zip(("hostile", "harmless"), both(given(turn), True), strict=True):
        pages = [text for path, text in sorted(made.files.items()) if "/pages/functions/" in path]
        commands = [code for page in pages for code in structure.page.fences(page, "bash")]
        (tmp_path / name).mkdir()
        found.append(structure.shell.run(commands, tmp_path / name))
    harm, none = found
    assert len(none) > 30 and len(harm) == len(none), [
        words for words in harm if words[0] not in ("--", "curl", "harm")
    ]
    for words, wanted in zip(map(without_variants, harm), map(without_variants, none), strict=True):
        words, wanted = by_option(words, wanted)
        assert len(words) == len(wanted), f"{str(words)[:600]}\nin place of {str(wanted)[:600]}"
        for word, plain in zip(words, wanted, strict=True):
            if plain.startswith("--") or plain in ("curl", "harm"):
                assert word == plain, f"{str(words)[:600]}\nin place of {str(wanted)[:600]}"
        if words[0] == "curl":
            assert words[-1].startswith(("https://", "http://", "/")), words


def by_option(words: list[str], plain: list[str]) -> tuple[list[str], list[str]]:
    """Without the arguments that one command gives by place and the other, whose texts would be read otherwise, by option.

    By place they are one word at the end of the command's own; by option, two for each of them.
    """
    own = next((at for at, word in enumerate(words) if word.startswith("-")), len(words))
    options = [word for word in words[own::2] if word.startswith("--") and word not in plain]
    if words[0] != "harm" or not options or words[own : own + 2 * len(options) : 2] != options:
        return words, plain
    return words[:own] + words[own + 2 * len(options) :], plain[:own] + plain[own + 1 :]


def without_variants(words: list[str]) -> list[str]:
    """A command without what depends on characters that curl reads in its own way: brackets in a URL, = in a name."""
    words = [word for word in words if word != "--globoff"]
    if "multipart" in " ".join(words) or "--form" in words or "--form-string" in words:
        first = next(index for index, word in enumerate(words) if word.startswith(("--form", "Content-Type: multi")))
        if "b0undary" not in words[first]:  # each option is followed by a part, whatever that begins with
            assert set(words[first:-1:2]) <= {"--form", "--form-string"}
        words = [word for word in words[: first - (words[first - 1] == "--header")] + words[-1:]]
    return words
