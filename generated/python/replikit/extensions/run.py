"""Runs of a model by its name: their options, and the call that starts them."""

from __future__ import annotations

import math
import os
import time
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any, Literal, TypedDict, cast

from ..operations import CREATE_PREDICTION
from ..runtime.errors import ArgumentError, Error, JobError, JobTimeoutError
from ..runtime.objects import ObjectInput
from ..runtime.operation import JobInfo
from ..runtime.views import at
from ..types import AsyncPrediction, DeploymentData, ModelData, Prediction, Version
from .references import Reference, Start, newest

Ref = str | ModelData | Version | DeploymentData
"""`owner/name`, `owner/name:version`, a version, `deployments/owner/name`, or the view of one of them."""
_LONGEST_WAIT = 60
_MARGIN = 5
"""Seconds that the server waits longer than we do before it cancels by itself, should we be gone by then."""


class RunOptions(TypedDict, total=False):
    """Options of run() beside the input."""

    timeout: float | None
    """Seconds to wait at most; then RunTimeoutError is raised while the run continues."""
    deadline: float | None
    """Seconds to wait at most; then RunTimeoutError is raised and the run is canceled."""
    cancel_after: float | str | None
    """Seconds, or a text such as `5m`, after which the API cancels the run by itself."""
    wait: int | bool | None
    """Seconds, 1 to 60, that the first answer may be held back; False not to. The rest is polling."""
    on_update: Callable[[Any], Any] | None
    """Called with the prediction whenever it shows something new."""
    use_file_output: bool
    """False: files in the output stay the URLs that they came as."""
    webhook: str | None
    """An HTTPS URL to call with progress."""
    webhook_events_filter: Sequence[str] | None
    """The events that call it: start, output, logs, completed."""


class BatchOptions(TypedDict, total=False):
    """Options of a batch of calls."""

    concurrency: int
    """Runs at one time."""
    ordered: bool
    """False: give the results as they are there."""
    journal: str | os.PathLike[str] | None
    """A file for the results, which a killed batch is resumed from."""
    retry_failed: bool
    """Of a resumed batch, run what failed once more."""
    max_failures: int | None
    """How many may fail before nothing more is started."""
    max_cost: Decimal | float | str | None
    """The amount that all runs together may come to, by the model's price: nothing is started that would go beyond it."""
    cancel: bool
    """Whether what runs is canceled where no more results are taken."""


class MapOptions(BatchOptions, total=False):
    """Options of map() beside the inputs."""

    use_file_output: bool
    """False: files in the outputs stay the URLs that they came as."""


def known(options: RunOptions | MapOptions, kind: type[RunOptions | MapOptions], *named: str) -> None:
    """TypeError for an option that does not exist: a mistyped deadline would let a run bill without limit.

    named: what the call takes besides, which may have been meant.
    """
    for name in options.keys() - kind.__annotations__:
        from ..functions.wording import nearest

        near = nearest(name, (*kind.__annotations__, *named), 1)
        raise TypeError(f"unknown option {name!r}" + (f"; did you mean {near[0]}?" if near else ""))


def map_options(options: MapOptions) -> tuple[bool, BatchOptions]:
    """Whether files are wanted, and the other options; without another word in the order of the inputs."""
    others: dict[str, Any] = {"ordered": True, **options}
    files = bool(others.pop("use_file_output", True))
    return files, cast("BatchOptions", others)


def priced(reference: Reference) -> str:
    """The model whose price is that of its runs; of a deployment or a version alone it is not known."""
    return f"{reference.owner}/{reference.name}" if reference.name and not reference.deployment else ""


class RunError(JobError):
    """A run ended without success; `prediction` holds the reason, `data` the answer of the API."""

    def __init__(self, message: str, prediction: Prediction | AsyncPrediction) -> None:
        super().__init__(message, prediction.to_dict())
        self.prediction = prediction


class RunTimeoutError(RunError, JobTimeoutError):
    """A run had not ended when the time was up; it continues, unless a deadline canceled it."""

    failed: Error | None = None


class Plan:
    """One run: the call that starts it, and the time it has."""

    def __init__(self, reference: Reference, input: ObjectInput | None, options: RunOptions, held: bool) -> None:
        known(options, RunOptions, *(("stream", "return_prediction") if held else ()))
        self.options = options
        self.reference = reference
        timeout, deadline = _seconds(options, "timeout"), _seconds(options, "deadline")
        limits = [limit for limit in (timeout, deadline) if limit is not None]
        self._limit = min(limits) if limits else None
        self.cancel = deadline is not None and deadline == self._limit
        self._until = None if self._limit is None else time.monotonic() + self._limit
        self.more: dict[str, Any] = {"input": {} if input is None else input}
        for name in ("webhook", "webhook_events_filter"):
            if options.get(name) is not None:
                self.more[name] = options.get(name)
        if held and (wait := self._wait(options.get("wait"))):
            self.more["wait"] = wait
        if options.get("cancel_after") is not None:
            self.more["cancel_after"] = options.get("cancel_after")
        elif deadline is not None:
            self.more["cancel_after"] = math.ceil(deadline) + _MARGIN

    def _wait(self, wait: int | bool | None) -> int:
        if wait is False:
            return 0
        if wait is not None and not (isinstance(wait, int) and wait >= 0):
            raise ArgumentError("wait", f"expected whole seconds, True or False, not {wait!r}")
        longest = _LONGEST_WAIT if self._limit is None else min(_LONGEST_WAIT, int(self._limit))
        return longest if wait is None or wait is True else min(wait, longest)

    def start(self) -> tuple[Start, dict[str, Any]]:
        """The call that starts it."""
        operation, arguments = self.reference.start()
        return operation, {**arguments, **self.more}

    def of_version(self, model: ModelData) -> tuple[Start, dict[str, Any]]:
        """The call that starts the newest version of a model which does not run by its name."""
        return CREATE_PREDICTION, {"version": newest(model.to_dict(), self.reference)["id"], **self.more}

    @property
    def left(self) -> float | None:
        """Seconds that it has; None where there is no limit."""
        return None if self._until is None else max(0.0, self._until - time.monotonic())

    def late(self, prediction: Prediction | AsyncPrediction, failed: Error | None) -> RunTimeoutError:
        """The error of a run that takes too long. failed: why it could not be canceled."""
        data = prediction.to_dict()
        end = f"it was canceled and is {data.get('status')}" if self.cancel else "it goes on"
        if failed is not None:
            end = f"it could not be canceled, and goes on until the API cancels it: {failed}"
        error = RunTimeoutError(f"{data.get('id')} had not ended after {self._limit:g} s; {end}", prediction)
        error.failed = failed
        return error


def _seconds(options: RunOptions, name: Literal["timeout", "deadline"]) -> float | None:
    """A limit of time; None where there is none. ArgumentError, before anything is billed, where it cannot be one."""
    seconds = options.get(name)
    if seconds is None or seconds == math.inf:
        return None
    if isinstance(seconds, bool) or not isinstance(seconds, (int, float)) or not seconds >= 0:
        raise ArgumentError(name, f"expected seconds, not {seconds!r}")
    return seconds


def job() -> JobInfo:
    """How predictions are followed."""
    assert CREATE_PREDICTION.job is not None, "the catalog declares predictions to be jobs"
    return CREATE_PREDICTION.job


def output(prediction: Prediction | AsyncPrediction) -> Any:
    """The output of a prediction that has ended. RunError where it ended without success."""
    from ..runtime.jobs import failure, succeeded

    data = prediction.to_dict()
    if not succeeded(job(), data):
        raise RunError(str(failure(job(), data)), prediction)
    return at(data, job().output)
