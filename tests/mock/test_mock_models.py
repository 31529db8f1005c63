"""The mock's models are as real ones: what they take and give is checked by their schemas with a validator of others."""

from __future__ import annotations

import http.client
import json
import re
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import jsonschema
import pytest
from cli_harness import Cli, mock
from hanging import HANGS
from replikit_package import imported

VERSION = "35c68cb62f8118cc588c2339e5e01e62147f6dacf2d8188707f400478f65c5ee"
FILE = "data:text/plain;base64,eA=="
INPUTS: dict[str, dict[str, Any]] = {
    "image": {"prompt": "a fox", "image": FILE, "mask": None, "seed": None, "scheduler": "DDIM", "num_outputs": 4},
    "upscale": {"image": FILE, "scale": 2.5},
    "caption": {"image": FILE},
    "blend": {"images": [FILE, "https://example.com/a.png"], "modes": ["screen"]},
    "chat": {"prompt": "hello", "stop": None},
    "detect": {"image": FILE, "query": "a cat"},
    "transcribe": {"audio": FILE, "language": "de"},
    "speak": {"text": "one", "voice": None},
    "embed": {"texts": ["a", "b"]},
    "links": {},
    "slow": {"prompt": "later"},
    "versioned": {"prompt": "x"},
    "tunable": {"prompt": "x"},
}
WRONG: list[tuple[str, dict[str, Any], str]] = [
    ("image", {}, "input.prompt"),
    ("image", {"prompt": "x", "num_outputs": 5}, "input.num_outputs"),
    ("image", {"prompt": "x", "num_outputs": 1.5}, "input.num_outputs"),
    ("image", {"prompt": "x", "scheduler": "EULER"}, "input.scheduler"),
    ("image", {"prompt": "x", "image": "a.png"}, "input.image"),
    ("image", {"prompt": None}, "input.prompt"),
    ("image", {"prompt": "x", "go_fast": "yes"}, "input.go_fast"),
    ("blend", {"images": [FILE, "b.png"]}, "input.images.1"),
    ("blend", {"images": FILE}, "input.images"),
]


@pytest.fixture(scope="module")
def package() -> Iterator[Any]:
    with imported() as found:
        yield found


@pytest.fixture(scope="module")
def api(package: Any) -> Iterator[Any]:
    from replikit.mock import serve

    with serve(seconds=0.0) as server, package.Replicate(token=server.token, base_url=server.base_url) as client:
        yield client


def schema(client: Any, name: str, part: str) -> dict[str, Any]:
    """A schema of a model as JSON Schema: `nullable` is the one word of Cog's that it does not have."""

    def plain(value: Any) -> Any:
        if isinstance(value, list):
            return [plain(item) for item in value]
        if not isinstance(value, dict):
            return value
        made = {key: plain(item) for key, item in value.items() if key != "nullable"}
        return {"anyOf": [made, {"type": "null"}]} if value.get("nullable") else made

    model = client.models.get(model_owner="mock", model_name=name).to_dict()
    document = plain(model["latest_version"]["openapi_schema"])
    return {"$ref": f"#/components/schemas/{part}", "components": document["components"]}


def texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, (list, dict)):
        for item in value.values() if isinstance(value, dict) else value:
            yield from texts(item)


@pytest.mark.parametrize("name", sorted(set(INPUTS) - {"slow"}))
def test_a_model_takes_and_gives_what_its_schema_says(api: Any, name: str) -> None:
    jsonschema.validate(INPUTS[name], schema(api, name, "Input"))
    found = api.run(f"mock/{name}", INPUTS[name], return_prediction=True).to_dict()
    jsonschema.validate(found["output"], schema(api, name, "Output"))
    assert found["input"] == INPUTS[name] and found["model"] == f"mock/{name}"
    assert found["version"] == api.models.get(model_owner="mock", model_name=name).to_dict()["latest_version"]["id"]


@pytest.mark.parametrize(("name", "inputs", "field"), WRONG)
def test_inputs_are_refused_where_the_schema_refuses_them(
    package: Any, api: Any, name: str, inputs: dict[str, Any], field: str
) -> None:
    with pytest.raises(package.UnprocessableEntityError, match="Input validation failed") as caught:
        api.run(f"mock/{name}", inputs)
    assert [each["field"] for each in caught.value.invalid_fields] == [field]


def test_models_behave_as_they_say(package: Any, api: Any) -> None:
    with pytest.raises(package.JobError, match="CUDA out of memory") as caught:
        api.run("mock/broken", {})
    assert caught.value.prediction.status == "failed" and "Traceback" in caught.value.prediction.logs
    assert "".join(api.run("mock/links", {})) == "https://www.example.com is nice"
    assert "".join(map(str, api.stream("mock/chat", {"prompt": "hello"}))) == "You said: hello"
    with pytest.raises(package.NotFoundError):
        api.models.predictions.create(model_owner="mock", model_name="versioned", input={"prompt": "x"})
    with pytest.raises(package.NotFoundError):
        api.run("nobody/nothing", {})
    slow = api.predictions.create(version="mock/slow", input={})
    assert slow.status == "starting" and slow.cancel().status == "aborted"


def test_what_a_model_shows_can_be_found_and_trained(package: Any, api: Any) -> None:
    for model in api.models.list():
        latest = (model.to_dict()["latest_version"] or {}).get("id")
        place = {"model_owner": model.owner, "model_name": model.name}
        assert api.models.versions.get(**place, version_id=latest).id == latest
        assert latest in [version.id for version in api.models.versions.list(**place)]
    version = api.models.get(model_owner="mock", model_name="tunable").to_dict()["latest_version"]["id"]
    place = {"model_owner": "mock", "model_name": "tunable", "version_id": version, "destination": "a/b"}
    made = api.trainings.create(**place, input={"input_images": "https://example.com/i.zip"}).wait()
    assert made.status == "succeeded" and made.version == version
    with pytest.raises(package.UnprocessableEntityError, match="input_images"):
        api.trainings.create(**place, input={})


def test_the_parts_of_what_is_new_agree(api: Any) -> None:
    """Files live for a day, as the API documents it; what was not sent is not there; links lead to the thing itself."""
    before = datetime.now(UTC)
    made = api.files.create(content=b"x")
    assert made.metadata == {} and api.files.create(content=b"x", metadata={"a": 1}).metadata == {"a": 1}
    assert timedelta() < made.expires_at - made.created_at <= timedelta(days=1, minutes=1)
    assert abs(made.created_at - before) < timedelta(minutes=5)
    model = api.models.create(
        owner="acme", name="agreeing", visibility="private", hardware="cpu", description="as acme/brush"
    )
    assert model.url.endswith("/acme/agreeing") and model.description == "as acme/brush"
    version = api.models.get("replicate/hello-world").latest_version["id"]
    deployment = api.deployments.create(
        name="agreeing",
        model="replicate/hello-world",
        version=version,
        hardware="cpu",
        min_instances=0,
        max_instances=1,
    )
    assert abs(deployment.current_release.created_at - before) < timedelta(minutes=5)
    for prediction in (
        api.predictions.create(model="mock/slow", input={"prompt": "x"}),
        api.predictions.create(version=api.models.get("mock/slow").latest_version["id"], input={"prompt": "x"}),
    ):
        assert prediction.model == "mock/slow" and "deployment" not in dict(prediction)
    prediction = api.predictions.create(deployment="acme/image-maker", input={"prompt": "x"})
    assert prediction.deployment == "acme/image-maker"
    training = api.trainings.create(
        "acme/brush", version_id=VERSION, destination="acme/agreeing", input={"images": FILE}
    )
    assert training.wait(timeout=HANGS).output["version"].startswith("acme/agreeing:")


def test_no_link_leads_to_a_foreign_host(package: Any, api: Any) -> None:
    """Whatever is listed and run, except for what the caller sent itself."""
    own = urlsplit(api.base_url).netloc
    api.run("meta/meta-llama-3-8b-instruct", {"prompt": "x"})
    found: list[Any] = [
        api.run(f"mock/{name}", INPUTS[name], return_prediction=True) for name in ("image", "detect", "blend")
    ]
    for group in (api.models, api.collections, api.deployments, api.predictions, api.trainings, api.files):
        found += list(group.list())
    assert len({*found[0].to_dict()["output"]}) == INPUTS["image"]["num_outputs"]
    hosts = {urlsplit(text).netloc for each in found for text in texts(each.to_dict()) if re.match("https?://.", text)}
    assert hosts == {own, "example.com"}
    for url in [text for each in found[:3] for text in texts(each.to_dict()["output"]) if text.startswith("http")]:
        with urllib.request.urlopen(url, timeout=HANGS) as answer:
            assert answer.read()


def test_seeds_are_added(package: Any, tmp_path: Path) -> None:
    document = {"components": {"schemas": {"Input": {"type": "object", "properties": {"n": {"type": "integer"}}},
                                           "Output": {"type": "integer", "default": 7}}}}  # fmt: skip
    (tmp_path / "schema.json").write_text(json.dumps(document))
    records = {"/models/a/b": {"description": "B"}, "/models": [{"owner": "a", "name": "c", "description": "C"}]}
    (tmp_path / "seeds.json").write_text(json.dumps(records))
    seeds = ("--seed", str(tmp_path / "seeds.json"), "--seed", f"models/a/d={tmp_path / 'schema.json'}")
    with mock("--seconds", "0", *seeds) as url:
        client = package.Replicate(token="mock-token", base_url=url)
        for name, about in (("b", "B"), ("c", "C")):
            assert client.models.get(model_owner="a", model_name=name).description == about
        assert client.run("a/d", {"n": 1}) == 7
        with pytest.raises(package.UnprocessableEntityError, match=r"input\.n"):
            client.run("a/d", {"n": "x"})


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("{}x", "is not JSON"),
        ("[]", "expected an object of records"),
        ('{"/nowhere": {}}', "/nowhere: the API has nothing at such a path"),
        ('{"/models": [{"owner": "a"}]}', "/models: a record lacks what names it"),
        ('{"/models/a/b": 5}', "/models/a/b: expected a record"),
        ('{"/account": {}}', "/account: no records stand at such a path"),
        (None, "cannot read"),
    ],
)
def test_a_wrong_seed_is_told(tmp_path: Path, given: str | None, said: str) -> None:
    if given is not None:
        (tmp_path / "seeds.json").write_text(given)
    done = Cli(tmp_path).run("mock", "--seed", "seeds.json")
    assert done.returncode == 2 and said in done.stderr.decode() and "Traceback" not in done.stderr.decode()


def test_links_lead_where_the_caller_came(package: Any) -> None:
    """A mock that listens everywhere is reached by as many names as it has callers."""
    with mock("--host", "0.0.0.0", "--token", "") as url:
        port = urlsplit(url).port
        assert url == f"http://127.0.0.1:{port}/v1"
        for host, shown in (("box.example:80", "box.example:80"), ("[::1]:9", "[::1]:9"), ("a b", f"127.0.0.1:{port}")):
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=HANGS)
            connection.putrequest("GET", "/v1/predictions", skip_host=True)
            connection.putheader("Host", host)
            connection.endheaders()
            first = json.loads(connection.getresponse().read())["results"][0]
            connection.close()
            assert urlsplit(first["urls"]["get"]).netloc == shown
