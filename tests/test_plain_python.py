"""What Python's own tools make of the client's objects: dict, copy, pickle and dataclasses."""

from __future__ import annotations

import copy
import dataclasses
import json
import pickle
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from recorder import recorder
from replikit_package import imported

DATA = {"id": "p", "status": "succeeded", "output": ["a"], "urls": {"get": "https://x/p"}, "new_field": 1}


@pytest.fixture(scope="module")
def package() -> Iterator[Any]:
    with imported() as found:
        yield found


def test_a_view_is_a_mapping_to_dict(package: Any) -> None:
    view = package.types.Prediction(DATA)
    assert dict(view) == {**view} == view.to_dict() == DATA
    assert list(view.keys()) == list(DATA) and json.dumps(dict(view.urls)) == '{"get": "https://x/p"}'


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_no_client_and_no_secret_is_in_a_pickle(package: Any, protocol: int) -> None:
    with package.Replicate("r8_very_secret") as client:
        for made in (package.types.Prediction(DATA, client), package.FileOutput("https://x/f", client)):
            stored = pickle.dumps({"held": made}, protocol)
            assert b"r8_very_secret" not in stored
            assert pickle.loads(stored)["held"] == made
        with pytest.raises((TypeError, pickle.PicklingError)):
            pickle.dumps(client, protocol)


def test_a_copy_is_independent_of_what_it_was_made_of(package: Any) -> None:
    data = copy.deepcopy(DATA)
    view = package.types.Prediction(data)
    other = copy.deepcopy(view)
    data["output"].append("b")  # type: ignore[attr-defined]
    assert other == package.types.Prediction(DATA) and other != view


@dataclasses.dataclass
class Size:
    width: int
    height: int


@dataclasses.dataclass
class Painting:
    prompt: str
    size: Size
    image: Any = None


def test_dataclasses_hold_views_and_are_taken_as_inputs(package: Any, tmp_path: Path) -> None:
    @dataclasses.dataclass
    class Kept:
        prediction: Any

    assert dataclasses.asdict(Kept(package.types.Prediction(DATA)))["prediction"].id == "p"
    (tmp_path / "cat.txt").write_text("cat")
    with recorder() as server, package.Replicate("t", base_url=server.base_url) as client:
        server.content = json.dumps(DATA).encode()
        client.run("o/m", Painting("cat", Size(2, 3), tmp_path / "cat.txt"))
        assert server.one().body["input"] == {
            "prompt": "cat",
            "size": {"width": 2, "height": 3},
            "image": "data:text/plain;base64,Y2F0",
        }
        client.run("o/m", {"size": Size(2, 3)})
        assert server.one().body["input"] == {"size": {"width": 2, "height": 3}}
