"""Look a model up: how it is run, and the version that holds its schema."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...operations import GET_DEPLOYMENT, GET_MODEL, GET_MODEL_VERSION
from ..references import Reference, added, described, named, parse, released
from ..run import Ref
from .run import AsyncRun


class AsyncLookup(AsyncRun):
    """What use() finds out before there is a function."""

    async def _looked_up(self, ref: Ref) -> tuple[str, Mapping[str, Any], str]:
        """How a model is run, the version that holds its schema, and its description."""
        if isinstance(ref, str) and (function := added(ref)) is not None:
            return function
        reference = named(parse(ref))
        if reference.deployment:
            place = {"deployment_owner": reference.owner, "deployment_name": reference.name}
            deployment = await self._result(GET_DEPLOYMENT, place)
            version = await self._version(released(reference, deployment))
            return f"deployments/{reference.owner}/{reference.name}", version, ""
        if reference.version:
            name = f"{reference.owner}/{reference.name}:{reference.version}"
            return name, await self._version(reference), ""
        model = await self._result(GET_MODEL, {"model_owner": reference.owner, "model_name": reference.name})
        return described(reference, model)

    async def _version(self, reference: Reference) -> Mapping[str, Any]:
        place = {"model_owner": reference.owner, "model_name": reference.name, "version_id": reference.version}
        return (await self._result(GET_MODEL_VERSION, place)).to_dict()
