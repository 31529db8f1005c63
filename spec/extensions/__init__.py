"""What only this API has: running a model by its name, until it has ended."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from ..operations import (
    CREATE_MODEL_PREDICTION,
    CREATE_PREDICTION,
    GET_PREDICTION,
)
from ..runtime.calls import AsyncCalls, Calls
from ..runtime.client import sleep
from ..runtime.errors import ArgumentError, Error
from ..runtime.operation import JobInfo, Operation
from ..runtime.views import at
from ..types import Prediction

_LONGEST_WAIT = 60


class RunError(Error):
    """The run ended without success; `prediction` tells how."""

    def __init__(self, prediction: Prediction) -> None:
        job = _job()
        data = prediction.to_dict()
        super().__init__(f"{at(data, job.id)} {at(data, job.status)}: {at(data, job.error) or 'no reason given'}")
        self.prediction = prediction


class RunTimeoutError(Error):
    """The run had not ended when the time was up; it goes on, and `prediction` tells where."""

    def __init__(self, prediction: Prediction, timeout: float) -> None:
        super().__init__(f"{at(prediction.to_dict(), _job().id)} had not ended after {timeout:g} s")
        self.prediction = prediction


def _job() -> JobInfo:
    assert CREATE_PREDICTION.job is not None, "the catalog declares predictions to be jobs"
    return CREATE_PREDICTION.job


def _start(ref: str, input: Mapping[str, Any], wait: int) -> tuple[Operation, dict[str, Any]]:
    """The call that starts a model named `owner/name`, `owner/name:version` or `version`."""
    given: dict[str, Any] = {"input": input, "wait": wait}
    name, _, version = ref.partition(":")
    owner, slash, model = name.partition("/")
    if version or (not slash and name):
        return CREATE_PREDICTION, {"version": ref, **given}
    if not owner or not model or "/" in model:
        raise ArgumentError("ref", f"expected owner/name or owner/name:version, not {ref!r}")
    return CREATE_MODEL_PREDICTION, {"model_owner": owner, "model_name": model, **given}


def _first_wait(timeout: float | None) -> int:
    return _LONGEST_WAIT if timeout is None else max(1, min(_LONGEST_WAIT, int(timeout)))


def _ended(data: Any) -> bool:
    return at(data, _job().status) in _job().terminal


def _output(data: Any) -> Any:
    if at(data, _job().status) not in _job().successful:
        raise RunError(Prediction(data))
    return at(data, _job().output)


class ClientExtensions(Calls):
    """What the client has beside its resources."""

    def run(self, ref: str, *, input: Mapping[str, Any], timeout: float | None = None) -> Any:
        """The output of a model, once its run has ended.

        ref: `owner/name`, `owner/name:version` or a version.
        timeout: seconds to wait at most; without it, until the run ends.
        Raises RunError where the run failed or was canceled, RunTimeoutError where the time was up.
        """
        begun = time.monotonic()
        operation, arguments = _start(ref, input, _first_wait(timeout))
        data = self._call(operation, arguments)
        while not _ended(data):
            if timeout is not None and time.monotonic() - begun >= timeout:
                raise RunTimeoutError(Prediction(data), timeout)
            time.sleep(_job().interval)
            data = self._call(GET_PREDICTION, {_job().argument: at(data, _job().id)})
        return _output(data)


class AsyncClientExtensions(AsyncCalls):
    """What the asynchronous client has beside its resources."""

    async def run(self, ref: str, *, input: Mapping[str, Any], timeout: float | None = None) -> Any:
        """The output of a model, once its run has ended; see the synchronous client."""
        begun = time.monotonic()
        operation, arguments = _start(ref, input, _first_wait(timeout))
        data = await self._call(operation, arguments)
        while not _ended(data):
            if timeout is not None and time.monotonic() - begun >= timeout:
                raise RunTimeoutError(Prediction(data), timeout)
            await sleep(_job().interval)
            data = await self._call(GET_PREDICTION, {_job().argument: at(data, _job().id)})
        return _output(data)
