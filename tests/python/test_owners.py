"""Objects that name themselves: given where their text is asked for, and with the functions that are about them."""

from __future__ import annotations

import asyncio
import copy
import pickle
from collections.abc import Iterator
from typing import Any

import pytest
from mcp_harness import API, mocked
from replikit_package import imported

HELLO, DEPLOYMENT = "replicate/hello-world", "acme/image-maker"


@pytest.fixture(scope="module")
def place() -> Iterator[tuple[Any, str, str]]:
    """The package, a token and the URL of a mock."""
    with mocked(bare=False, seconds=0.02) as env, imported() as package:
        yield package, env[API.token_env], env[API.base_url_env]


@pytest.fixture
def client(place: tuple[Any, str, str]) -> Iterator[Any]:
    package, token, url = place
    with package.Replicate(token, base_url=url) as made:
        yield made


def test_an_object_has_the_functions_that_are_about_it(client: Any) -> None:
    model, deployment = client.models.get(HELLO), client.deployments.get(DEPLOYMENT)
    versions = list(model.versions.list())
    assert versions == list(client.models.versions.list(HELLO)) and versions
    assert model.versions.get(versions[0].id) == model.versions.get(version_id=versions[0].id) == versions[0]
    assert model.readme.get() == client.models.readme.get(HELLO)
    assert list(model.examples.list()) == list(client.models.examples.list(HELLO))
    assert client.models.get("mock/chat").predictions.create(input={"prompt": "hi"}).model == "mock/chat"
    assert deployment.predictions.create(input={"prompt": "hi"}).wait().status == "succeeded"
    assert next(iter(client.models.list())).versions.list() is not None, "of a page, too"


def test_awaited(place: tuple[Any, str, str]) -> None:
    package, token, url = place

    async def main() -> None:
        async with package.AsyncReplicate(token, base_url=url) as client:
            model = await client.models.get(HELLO)
            found = [version async for version in await model.versions.list()]
            assert await model.versions.get(found[0].id) == found[0]
            prediction = await client.predictions.create(version=found[0], input={"text": "Ada"})
            assert (await prediction.wait()).status == "succeeded"
            assert (await client.predictions.get(prediction)).id == prediction.id
            assert await client.run(model, input={"text": "Ada"})

    asyncio.run(main())


def test_an_object_stands_for_its_text(client: Any) -> None:
    model, deployment = client.models.get(HELLO), client.deployments.get(DEPLOYMENT)
    version = next(iter(client.models.versions.list(model)))
    assert client.models.get(model) == model and client.models.versions.get(model, version) == version
    assert client.predictions.create(version=version, input={"text": "Ada"}).version == version.id
    chat = client.models.get("mock/chat")
    assert client.predictions.create(model=chat, input={"prompt": "hi"}).model == "mock/chat"
    assert client.predictions.create(deployment=deployment, input={"prompt": "hi"}).id
    made = client.deployments.create(
        name="of-objects", model=model, version=version, hardware="cpu", min_instances=0, max_instances=1
    )
    assert (made.current_release.model, made.current_release.version) == (HELLO, version.id)


def test_an_object_without_its_name_is_refused_before_anything_is_sent(place: Any, client: Any) -> None:
    types, errors = place[0].types, place[0]
    nameless = types.Model({"owner": "o"}, client)
    with pytest.raises(errors.Error, match="this Model came without 'name', which names it"):
        nameless.versions  # noqa: B018
    with pytest.raises(errors.ArgumentError, match="version: expected a text: nothing in this Version stands for it"):
        client.predictions.create(version=types.Version({"id": None}), input={})
    with pytest.raises(errors.ArgumentError, match="nothing in this DocsPage stands for it"):
        client.predictions.get(types.DocsPage({"name": "n"}))
    with pytest.raises(errors.ArgumentError, match="a part too many"):
        client.models.get(types.Model({"owner": "o/p", "name": "m"}))
    with pytest.raises(errors.ArgumentError, match="cannot be part of a path"):
        types.Model({"owner": "..", "name": "m"}, client).versions.list()
    with pytest.raises(TypeError, match="versionid"):
        types.Model({"owner": "o", "name": "m"}, client).versions.get(versionid="v")


def test_no_client_and_no_token_leaves_with_an_object(place: Any, client: Any) -> None:
    package, token, _ = place
    model = client.models.get(HELLO)
    assert model.versions.list() is not None
    pickled = pickle.dumps(model)
    kept = pickle.loads(pickled)
    assert kept == model and type(kept) is package.types.Model and token.encode() not in pickled
    with pytest.raises(package.Error, match="this Model belongs to no client"):
        kept.versions  # noqa: B018
    assert copy.deepcopy(model).readme.get() == copy.copy(model).readme.get()
