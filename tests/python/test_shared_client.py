"""The client that the package makes for a program that makes none, and arguments that go by their place."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hanging import HANGS
from recorder import TOKEN, Recorder, recorder
from replikit_package import imported

from generator import link
from generator.errors import SpecError
from generator.read import documents

GENERATED = Path(__file__).parents[2] / "generated/python"


@pytest.fixture(scope="module")
def package() -> Iterator[Any]:
    with imported() as found:
        yield found


@pytest.fixture
def server(package: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Recorder]:
    from importlib import import_module

    with recorder() as running:
        monkeypatch.setenv("REPLICATE_API_TOKEN", TOKEN)
        monkeypatch.setenv("REPLICATE_BASE_URL", running.base_url)
        running.content_type, running.content = (
            "application/json",
            b'{"id": "p", "status": "succeeded", "output": "hi"}',
        )
        made: dict[str, Any] = import_module("replikit.runtime.shared")._made
        made.clear()
        yield running
        for name, client in made.items():
            asyncio.run(client.close()) if name.startswith("Async") else client.close()
        made.clear()


def asked(server: Recorder) -> list[str]:
    return [f"{seen.method} {seen.path}" for seen in server.seen]


def test_resources_and_functions_of_the_package(package: Any, server: Recorder) -> None:
    assert package.predictions.get("p").status == "succeeded"
    assert package.run("o/m", {"text": "x"}) == "hi"
    assert package.models.versions.get("o/m", "v").id == "p"
    assert [path.rpartition("/v1")[2] for path in asked(server)] == [
        "/predictions/p",
        "/models/o/m/predictions",
        "/models/o/m/versions/v",
    ]
    assert {seen.headers["authorization"] for seen in server.seen} == {f"Bearer {TOKEN}"}


def test_the_asynchronous_twin_outlives_its_event_loop(package: Any, server: Recorder) -> None:
    from importlib import import_module

    async def once() -> Any:
        try:
            return await package.async_run("o/m", {})
        finally:
            await import_module("replikit.runtime.shared").client(True).close()

    assert [asyncio.run(once()) for _ in range(2)] == ["hi", "hi"]


def test_a_token_may_be_set_after_the_import_and_after_a_failure(
    package: Any, server: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("REPLICATE_API_TOKEN")
    run = package.run
    with pytest.raises(package.ConfigError, match="REPLICATE_API_TOKEN"):
        run("o/m", {})
    monkeypatch.setenv("REPLICATE_API_TOKEN", TOKEN)
    assert run("o/m", {}) == "hi"
    assert package.default_client is package.default_client


def test_the_module_of_webhooks_stands_for_the_resource_too(package: Any, server: Recorder) -> None:
    server.content = b'{"key": "whsec_YQ=="}'
    assert package.webhooks.default.secret.get().key == "whsec_YQ=="
    assert callable(package.webhooks.unwrap)


def test_importing_the_names_imports_no_http_library() -> None:
    code = (
        "import sys, replikit; names = dir(replikit); assert 'predictions' in names and 'run' in names;"
        "print([m for m in sys.modules if m.startswith(('httpx', 'replikit.'))])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": str(GENERATED)},
        capture_output=True, text=True, check=True, timeout=HANGS,
    )  # fmt: skip
    assert done.stdout.strip() == "['replikit.about']"


def test_what_the_extensions_offer_is_offered(package: Any) -> None:
    extensions = package.RunError.__module__.rpartition(".")[0]
    assert set(sys.modules[extensions].__all__) - {"ClientExtensions", "AsyncClientExtensions"} <= set(package.__all__)
    assert issubclass(package.RunTimeoutError, package.RunError)
    assert package.Client is package.Replicate and package.AsyncClient is package.AsyncReplicate
    with pytest.raises(AttributeError, match="nothing_of_the_kind"):
        package.nothing_of_the_kind  # noqa: B018


REFERENCES = [
    (("o/m",), {}, "/v1/models/o/m"),
    (("o", "m"), {}, "/v1/models/o/m"),
    (("o",), {"model_name": "m"}, "/v1/models/o/m"),
    ((), {"model_owner": "o", "model_name": "m"}, "/v1/models/o/m"),
    # A slash in a part that is given as one is data: it cannot lead to another path.
    (("o/../x", "m"), {}, "/v1/models/o%2F..%2Fx/m"),
]


@pytest.mark.parametrize(("placed", "named", "path"), REFERENCES)
def test_a_reference_in_one_or_in_parts(
    package: Any, server: Recorder, placed: tuple[str, ...], named: dict[str, str], path: str
) -> None:
    package.models.get(*placed, **named)
    assert asked(server) == [f"GET {path}"]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda p: p.models.get("o"), "model_name: is required: 'o' is no model_owner/model_name"),
        (lambda p: p.models.get("o/m/x"), "model_owner: has a part too many"),
        (lambda p: p.models.versions.get("o/m"), "version_id: is required"),
        (lambda p: p.models.delete("o"), "model_name: is required"),
    ],
)
def test_half_a_reference_is_refused_before_anything_is_sent(
    package: Any, server: Recorder, call: Any, message: str
) -> None:
    with pytest.raises(package.ArgumentError) as caught:
        call(package)
    assert message in str(caught.value) and server.seen == []


def test_what_has_no_natural_place_goes_by_name(package: Any) -> None:
    with pytest.raises(TypeError):
        package.predictions.create("o/m", {"text": "x"})
    with pytest.raises(TypeError):
        package.deployments.create("name")
    with pytest.raises(package.ConfigError, match="pass it once"):
        package.Client("t", api_token="u")


@pytest.mark.parametrize("name", ["api_token", "bearer_token"])
def test_the_token_goes_by_the_names_of_other_clients(package: Any, server: Recorder, name: str) -> None:
    with package.Client(**{name: "other"}) as client:
        client.predictions.get("p")
    assert server.seen[0].headers["authorization"] == "Bearer other"


def test_names_that_are_not_written_out_are_refused(tmp_path: Path) -> None:
    (tmp_path / "__init__.py").write_text(
        "__all__ = [name for name in dir()]\nclass ClientExtensions: ...\nclass AsyncClientExtensions: ...\n"
    )
    spec = Path(__file__).parents[2] / "spec"
    with pytest.raises(SpecError, match="__init__.py:1:11: __all__ must be a list of names, written out"):
        link.load(documents.read(spec / "openapi.yaml", spec / "catalog.yaml", tmp_path))


@pytest.mark.parametrize(
    ("given", "path", "body"),
    [
        ({"version": "v"}, "/v1/predictions", {"version": "v", "input": {}}),
        ({"model": "o/m"}, "/v1/models/o/m/predictions", {"input": {}}),
        ({"deployment": "o/d"}, "/v1/deployments/o/d/predictions", {"input": {}}),
    ],
)
def test_what_is_run_goes_by_version_model_or_deployment(
    package: Any, server: Recorder, given: dict[str, str], path: str, body: dict[str, Any]
) -> None:
    package.predictions.create(**given, input={}, wait=5)
    seen = server.one()
    assert (seen.path, seen.body, seen.headers["prefer"]) == (path, body, "wait=5")


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({}, "version: give one of version, model, deployment"),
        ({"version": "v", "model": "o/m"}, "not version and model"),
        ({"deployment": "o/m", "model": "o/m"}, "not model and deployment"),
        ({"model": "m"}, "'m' is no model_owner/model_name"),
    ],
)
def test_what_is_run_is_said_once(package: Any, server: Recorder, given: dict[str, str], message: str) -> None:
    with pytest.raises(package.ArgumentError, match=message):
        package.predictions.create(**given, input={})
    assert server.seen == []
