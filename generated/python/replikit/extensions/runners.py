"""Running models and trainings by name: which call it is, and the inputs that the version itself describes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ..functions.runs import Run, inlined
from ..operations import GET_DEPLOYMENT, GET_MODEL, GET_MODEL_VERSION
from ..runtime.errors import ArgumentError
from ..runtime.signatures import resolved
from ..runtime.sync.calls import Calls
from .references import Reference, parse


def model(client: Calls, reference: str) -> Run:
    """A run of a model: of the version that is named, of an official model, or of the newest version; or of a
    deployment, whose inputs are those of the version that it runs. A version alone does not tell its inputs."""
    named = _parts(reference)
    owner, name, version = named.owner, named.name, named.version
    if not name:
        return Run("replicate_create_prediction", {"version": version})
    if named.deployment:
        released = _released(client, owner, name)
        data = _found(client, *released)
        arguments = {"deployment_owner": owner, "deployment_name": name}
        schemas = _inputs(data, "Input"), _output(data)
        model = "/".join(released[:2])
        return Run("replicate_create_deployment_prediction", arguments, *schemas, model=model, version=released[2])
    data = _found(client, owner, name, version)
    schemas, shown = (_inputs(data, "Input"), _output(data)), f"{owner}/{name}"
    described = str(_described(data).get("id") or ""), str(data.get("description") or "")
    if not version and data.get("is_official"):
        arguments = {"model_owner": owner, "model_name": name}
        return Run("replicate_create_model_prediction", arguments, *schemas, "input", shown, *described)
    version = _version(data, reference)
    return Run("replicate_create_prediction", {"version": f"{shown}:{version}"}, *schemas, "input", shown, *described)


def training(client: Calls, reference: str) -> Run:
    """A training of a model's version; of the newest version where none is named."""
    named = _parts(reference)
    if named.deployment or not named.name:
        raise ArgumentError("model", f"only models are trained: expected OWNER/NAME, not {reference}")
    owner, name = named.owner, named.name
    data = _found(client, owner, name, named.version)
    arguments = {"model_owner": owner, "model_name": name, "version_id": _version(data, reference)}
    return Run("replicate_create_training", arguments, _inputs(data, "TrainingInput"), model=f"{owner}/{name}")


RUNNERS: Mapping[str, Callable[[Calls, str], Run]] = {"run": model, "stream": model, "train": training}
"""By the word of the catalog's runner."""


def _parts(reference: str) -> Reference:
    try:
        return parse(reference)
    except ArgumentError:
        forms = "OWNER/NAME, OWNER/NAME:VERSION or deployments/OWNER/NAME"
        raise ArgumentError("model", f"expected {forms}, not {reference[:100]!r}") from None


def _released(client: Calls, owner: str, name: str) -> tuple[str, str, str]:
    """Owner, name and version of the model that a deployment runs."""
    data = client._call(GET_DEPLOYMENT, {"deployment_owner": owner, "deployment_name": name})
    release = data.get("current_release") if isinstance(data, Mapping) else None
    if not isinstance(release, Mapping):
        raise ArgumentError("model", f"the deployment {owner}/{name} has no release that could be run")
    model_owner, _, model_name = str(release.get("model")).partition("/")
    return model_owner, model_name, str(release.get("version"))


def _found(client: Calls, owner: str, name: str, version: str) -> Mapping[str, Any]:
    """The version that is named, else the model."""
    where = {"model_owner": owner, "model_name": name}
    data = (
        client._call(GET_MODEL_VERSION, {**where, "version_id": version}) if version else client._call(GET_MODEL, where)
    )
    return data if isinstance(data, Mapping) else {}


def _described(data: Mapping[str, Any]) -> Mapping[str, Any]:
    latest = data.get("latest_version", data)
    return latest if isinstance(latest, Mapping) else {}


def _version(data: Mapping[str, Any], reference: str) -> str:
    version = _described(data).get("id")
    if not isinstance(version, str):
        raise ArgumentError("model", f"{reference} has no version that could be run")
    return version


def _inputs(data: Mapping[str, Any], part: str) -> dict[str, Any]:
    return inlined({"$ref": f"#/components/schemas/{part}"}, _document(data))


def _output(data: Mapping[str, Any]) -> dict[str, Any]:
    schema = resolved({"$ref": "#/components/schemas/Output"}, _document(data))
    return {} if "$ref" in schema else schema


def _document(data: Mapping[str, Any]) -> Mapping[str, Any]:
    document = _described(data).get("openapi_schema")
    return document if isinstance(document, Mapping) else {}
