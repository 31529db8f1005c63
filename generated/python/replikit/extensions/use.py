"""use(): a model as a function. What such a function is, is imported when there is one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal, overload

from ..operations import GET_DEPLOYMENT, GET_MODEL, GET_MODEL_VERSION
from ..runtime.errors import ArgumentError
from ..types import DeploymentData, ModelData
from .references import Reference, newest, parse
from .run import AsyncRun, Ref, Run, RunOptions, known

if TYPE_CHECKING:
    from typing import Unpack

    from .function import AsyncModelFunction, AsyncStreamingFunction, ModelFunction, StreamingFunction


def _named(reference: Reference) -> Reference:
    if not reference.name:
        raise ArgumentError("ref", "a version alone does not tell its schema: give owner/name:version")
    return reference


def _of_model(reference: Reference, model: ModelData) -> tuple[str, Mapping[str, Any], str]:
    """How a model is run, its newest version, and what it says of itself. Official models run by their name."""
    version, name = newest(model.to_dict(), reference), f"{reference.owner}/{reference.name}"
    about = str(model.description or "")
    return (name if model.is_official else f"{name}:{version['id']}"), version, about


def _of_deployment(reference: Reference, deployment: DeploymentData) -> Reference:
    release = deployment.current_release
    if release is None:
        raise ArgumentError("ref", f"the deployment {reference.owner}/{reference.name} has no release")
    return parse(f"{release.model}:{release.version}")


class Use(Run):
    """use() of the client."""

    @overload
    def use(
        self, ref: Ref, *, streaming: Literal[True], use_async: Literal[True], **options: Unpack[RunOptions]
    ) -> AsyncStreamingFunction: ...

    @overload
    def use(
        self, ref: Ref, *, use_async: Literal[True], streaming: bool = ..., **options: Unpack[RunOptions]
    ) -> AsyncModelFunction: ...

    @overload
    def use(
        self, ref: Ref, *, streaming: Literal[True], use_async: Literal[False] = ..., **options: Unpack[RunOptions]
    ) -> StreamingFunction: ...

    @overload
    def use(
        self, ref: Ref, *, streaming: bool = ..., use_async: Literal[False] = ..., **options: Unpack[RunOptions]
    ) -> ModelFunction: ...

    def use(
        self, ref: Ref, *, streaming: bool = False, use_async: bool = False, **options: Unpack[RunOptions]
    ) -> ModelFunction | AsyncModelFunction:
        """A model as a function. Its signature and its docstring are the model's own, and what it is given is checked
        by the model's schema before anything is sent.

        ref: `owner/name`, `owner/name:version` or `deployments/owner/name`.
        streaming: calling it gives what comes while it works, as `stream` does, in place of the output.
        use_async: gives a coroutine function; the model is looked up at once all the same.
        options: of each of its runs; see `run`.
        Raises ArgumentError where the model has no version, TypeError for an unknown option, ConfigError for
        `use_async` with a synchronous `http_client` or `transport`.
        """
        known(options, RunOptions)
        if use_async:
            from ..runtime.twins import asynchronous
            from .function import AsyncModelFunction, AsyncStreamingFunction

            waits = AsyncStreamingFunction if streaming else AsyncModelFunction
            return waits(asynchronous(self._self()), *self._looked_up(ref), options)
        from .function import ModelFunction, StreamingFunction

        return (StreamingFunction if streaming else ModelFunction)(self, *self._looked_up(ref), options)

    def _looked_up(self, ref: Ref) -> tuple[str, Mapping[str, Any], str]:
        """How a model is run, the version that tells its schema, and what it says of itself."""
        reference = _named(parse(ref))
        if reference.deployment:
            place = {"deployment_owner": reference.owner, "deployment_name": reference.name}
            target = _of_deployment(reference, self._result(GET_DEPLOYMENT, place))
            version = self._version(target)
            return f"deployments/{reference.owner}/{reference.name}", version, ""
        if reference.version:
            name = f"{reference.owner}/{reference.name}:{reference.version}"
            return name, self._version(reference), ""
        model = self._result(GET_MODEL, {"model_owner": reference.owner, "model_name": reference.name})
        return _of_model(reference, model)

    def _version(self, reference: Reference) -> Mapping[str, Any]:
        place = {"model_owner": reference.owner, "model_name": reference.name, "version_id": reference.version}
        return self._result(GET_MODEL_VERSION, place).to_dict()


class AsyncUse(AsyncRun):
    """use() of the asynchronous client."""

    @overload
    async def use(
        self, ref: Ref, *, streaming: Literal[True], **options: Unpack[RunOptions]
    ) -> AsyncStreamingFunction: ...

    @overload
    async def use(self, ref: Ref, *, streaming: bool = ..., **options: Unpack[RunOptions]) -> AsyncModelFunction: ...

    async def use(self, ref: Ref, *, streaming: bool = False, **options: Unpack[RunOptions]) -> AsyncModelFunction:
        """A model as a coroutine function; see the synchronous client."""
        from .function import AsyncModelFunction, AsyncStreamingFunction

        made = AsyncStreamingFunction if streaming else AsyncModelFunction
        known(options, RunOptions)
        reference = _named(parse(ref))
        if reference.deployment:
            place = {"deployment_owner": reference.owner, "deployment_name": reference.name}
            deployment = await self._result(GET_DEPLOYMENT, place)
            target = _of_deployment(reference, deployment)
            version = await self._version(target)
            return made(self, f"deployments/{reference.owner}/{reference.name}", version, "", options)
        if reference.version:
            name = f"{reference.owner}/{reference.name}:{reference.version}"
            return made(self, name, await self._version(reference), "", options)
        model = await self._result(GET_MODEL, {"model_owner": reference.owner, "model_name": reference.name})
        return made(self, *_of_model(reference, model), options)

    async def _version(self, reference: Reference) -> Mapping[str, Any]:
        place = {"model_owner": reference.owner, "model_name": reference.name, "version_id": reference.version}
        return (await self._result(GET_MODEL_VERSION, place)).to_dict()
