"""What can be run, by its name: a model, one of its versions, a version alone, or a deployment."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..operations import (
    CREATE_DEPLOYMENT_PREDICTION,
    CREATE_MODEL_PREDICTION,
    CREATE_PREDICTION,
)
from ..runtime.errors import ArgumentError
from ..runtime.operation import Operation
from ..types import AsyncPrediction, DeploymentData, ModelData, Prediction, Version

Start = Operation[Prediction, AsyncPrediction]

_NAME = re.compile(r"(?:(deployments)/)?([^/:\s]+)/([^/:\s]+)(?::([^/:\s]+))?")
_VERSION = re.compile(r"[0-9a-f]{64}")
_KINDS = ("model", "deployment")


@dataclass(frozen=True, slots=True)
class Reference:
    """What is to be run. Of a version alone, owner and name are empty."""

    owner: str = ""
    name: str = ""
    version: str = ""
    deployment: bool = False

    def start(self) -> tuple[Start, dict[str, Any]]:
        """The call that starts it, without its input."""
        if self.version:
            return CREATE_PREDICTION, {"version": self.version}
        if self.deployment:
            return CREATE_DEPLOYMENT_PREDICTION, {"deployment_owner": self.owner, "deployment_name": self.name}
        return CREATE_MODEL_PREDICTION, {"model_owner": self.owner, "model_name": self.name}

    @property
    def guessed(self) -> bool:
        """Whether it may turn out to be a model that runs by its version only."""
        return not self.version and not self.deployment


def parse(ref: str | ModelData | Version | DeploymentData) -> Reference:
    """Parse a text or a view into a reference. Raises ArgumentError where it is not one."""
    if isinstance(ref, ModelData):
        return Reference(str(ref.owner), str(ref.name))
    if isinstance(ref, Version):
        return Reference(version=str(ref.id))
    if isinstance(ref, DeploymentData):
        return Reference(str(ref.owner), str(ref.name), deployment=True)
    match = _NAME.fullmatch(ref) if isinstance(ref, str) else None
    if match and not (match[1] and match[4]):
        return Reference(match[2], match[3], match[4] or "", bool(match[1]))
    if isinstance(ref, str) and _VERSION.fullmatch(ref):
        return Reference(version=ref)
    raise ArgumentError("ref", f"expected owner/name, owner/name:version or deployments/owner/name, not {ref!r}")


def added(name: str) -> tuple[str, Mapping[str, Any], str] | None:
    """How a model that a user added is run, its version as the API would describe it, and what it says of itself.

    None where nothing was added under that name. ConfigError where what was added cannot be read.
    """
    if "/" in name or _VERSION.fullmatch(name):
        return None
    from ..functions.added import one

    model = one(name)
    if model is None:
        return None
    fixed = model.fixed
    owned = [f"{fixed[f'{kind}_owner']}/{fixed[f'{kind}_name']}" for kind in _KINDS if f"{kind}_owner" in fixed]
    ref = str(fixed.get("version") or (f"deployments/{owned[0]}" if "deployment_owner" in fixed else owned[0]))
    schemas = {"Input": model.input_schema, "Output": model.output_schema}
    version = {"id": model.version, "openapi_schema": {"components": {"schemas": schemas}}}
    return ref, version, model.summary


def newest(model: Mapping[str, Any], reference: Reference) -> Mapping[str, Any]:
    """The newest version of a model. ArgumentError where it has none."""
    version = model.get("latest_version")
    if not isinstance(version, Mapping) or not version.get("id"):
        raise ArgumentError("ref", f"{reference.owner}/{reference.name} has no version that could be run")
    return version


def named(reference: Reference) -> Reference:
    """The reference, if it names a model. ArgumentError for a version alone."""
    if not reference.name:
        raise ArgumentError("ref", "a version alone does not tell its schema: give owner/name:version")
    return reference


def described(reference: Reference, model: ModelData) -> tuple[str, Mapping[str, Any], str]:
    """How a model is run, its newest version, and its description. Official models run by their name."""
    version, name = newest(model.to_dict(), reference), f"{reference.owner}/{reference.name}"
    about = str(model.description or "")
    return (name if model.is_official else f"{name}:{version['id']}"), version, about


def released(reference: Reference, deployment: DeploymentData) -> Reference:
    """What a deployment runs. ArgumentError where it has no release."""
    release = deployment.current_release
    if release is None:
        raise ArgumentError("ref", f"the deployment {reference.owner}/{reference.name} has no release")
    return parse(f"{release.model}:{release.version}")
