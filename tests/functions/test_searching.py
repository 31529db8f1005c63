"""Searching for functions in the words of whoever does not know their names."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "generated/python"))

from replikit import functions

FOUND = {
    "run a model": "create_prediction",
    "Run inference!": "create_prediction",
    "generate an image from text": "create_prediction",
    "fine-tune": "create_training",
    "finetuning": "create_training",
    "fine tuning a model": "create_training",
    "upload a picture": "create_file",
    "remove a file": "delete_file",
    "cancel": "cancel_prediction",
    "cancel running predictions": "cancel_prediction",
    "stop the running prediction": "cancel_prediction",
    "status of a training": "get_training",
    "who am I": "get_account",
    "gpu prices": "list_hardware",
    "scale a deployment": "update_deployment",
    "signing key of webhooks": "get_default_webhook_secret",
    "how do I read the README?": "get_model_readme",
    "which versions are there": "list_model_versions",
}


def search(text: str) -> list[str]:
    found = functions.search(text, functions.all_functions().values())
    return [info.name.removeprefix("replicate_") for info in found]


@pytest.mark.parametrize("text", FOUND)
def test_what_people_say_finds_what_they_mean(text: str) -> None:
    assert FOUND[text] in search(text)[:3], search(text)


@pytest.mark.parametrize("info", functions.all_functions().values(), ids=lambda info: info.name)
def test_a_function_is_found_by_what_it_is_called(info: functions.FunctionInfo) -> None:
    short = info.name.removeprefix("replicate_")
    for text in (info.name, short.replace("_", " "), info.title, info.operation_id, info.summary):
        assert short in search(text)[:2], (text, search(text))


def test_nothing_finds_all_and_nonsense_nothing() -> None:
    assert len(search("")) == len(search(" -?")) == 37
    # Words that say nothing of what is looked for are no reason to answer nothing.
    assert all(len(search(text)) == 37 for text in ("the", "how do I", "what is this?", "can you help me"))
    assert "get_account" in search("me")
    assert search("zebra") == search("\ud800 zebra\0") == search("x" * 1_000) == []
    assert search("zebra readme") == search("readme")


def test_a_query_has_an_end() -> None:
    with pytest.raises(functions.QueryError, match="has 1,001 characters; it may have 1,000"):
        search("x" * 1_001)
    with pytest.raises(functions.QueryError, match="it may have 3"):
        functions.search("zebra", (), 3)


def test_only_what_may_be_found_is() -> None:
    reading = [info for info in functions.all_functions().values() if info.type == "read"]
    assert {info.type for info in functions.search("delete a model", reading)} == {"read"}


def test_among_equals_reading_comes_before_destroying() -> None:
    found = search("models")
    assert found[0] in ("get_model", "list_models") and found.index("get_model") < found.index("delete_model")


@pytest.mark.parametrize(
    "text", ['models NEAR("x")', "name:models OR id:*", 'a" OR "b', "models' --", "{name path}: models", "^models + *"]
)
def test_a_query_is_data(text: str) -> None:
    """Nothing in it is the language of FTS5 (https://sqlite.org/fts5.html, section 3): each finds what its words do."""
    plain = "".join(char if char.isalnum() or char.isspace() else " " for char in text)
    assert search(text) == search(plain)


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("destroy a file", "delete_file"),
        ("erase a deployment", "delete_deployment"),
        ("my account", "get_account"),
        ("the current user", "get_account"),
        ("modify a deployment", "update_deployment"),
        ("add a model", "create_model"),
        ("halt a training", "cancel_training"),
        ("show all predictions", "list_predictions"),
        ("uploading files", "create_file"),
    ],
)
def test_what_means_the_same_is_found_first(said: str, meant: str) -> None:
    assert search(said)[0] == meant, search(said)


def test_without_fts5_the_same_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    from replikit.functions import fulltext, searching

    with monkeypatch.context() as without:
        without.setitem(sys.modules, "sqlite3", None)
        searching._functions.cache_clear()
        for text, meant in FOUND.items():
            assert meant in search(text)[:5], (text, search(text))
        assert search("zebra") == []
        assert isinstance(searching._functions(()).index, fulltext.Counted)
    searching._functions.cache_clear()
    assert isinstance(searching._functions(()).index, fulltext.FullText)
