"""run() and stream(): a model by its name, started, followed to its end, and its output given."""

from __future__ import annotations

import math
import os
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal, TypedDict, cast, overload

from ..operations import CREATE_PREDICTION, GET_MODEL
from ..runtime.aio.calls import AsyncCalls
from ..runtime.calls import Options
from ..runtime.errors import JobError, JobTimeoutError, NotFoundError
from ..runtime.objects import ObjectInput
from ..runtime.operation import JobInfo
from ..runtime.sync.calls import Calls
from ..runtime.views import at
from ..types import AsyncPrediction, DeploymentData, ModelData, Prediction, Version
from .references import Reference, Start, newest, parse

if TYPE_CHECKING:
    from typing import Unpack

    from ..runtime.aio.client import AsyncClient
    from ..runtime.batches import Result
    from ..runtime.jobstreams import JobEvent
    from ..runtime.sync.client import SyncClient

Ref = str | ModelData | Version | DeploymentData
"""`owner/name`, `owner/name:version`, a version, `deployments/owner/name`, or the view of one of them."""
_LONGEST_WAIT = 60
_MARGIN = 5
"""Seconds that the server waits longer than we do before it cancels by itself, should we be gone by then."""


class RunOptions(TypedDict, total=False):
    """What run() can be told beside the input."""

    timeout: float | None
    """Seconds to wait at most; then RunTimeoutError is raised and the run goes on."""
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
    """What a batch of calls can be told."""

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
    """What map() can be told beside the inputs."""

    use_file_output: bool
    """False: files in the outputs stay the URLs that they came as."""


def known(options: RunOptions | MapOptions, kind: type[RunOptions | MapOptions]) -> None:
    """TypeError for an option that does not exist: a mistyped deadline would let a run bill without limit."""
    for name in options.keys() - kind.__annotations__:
        from ..functions.wording import nearest

        near = nearest(name, (*kind.__annotations__, "stream", "return_prediction"), 1)
        raise TypeError(f"unknown option {name!r}" + (f"; did you mean {near[0]}?" if near else ""))


def _map_options(options: MapOptions) -> tuple[bool, BatchOptions]:
    """Whether files are wanted, and the other options; without another word in the order of the inputs."""
    others: dict[str, Any] = {"ordered": True, **options}
    files = bool(others.pop("use_file_output", True))
    return files, cast("BatchOptions", others)


def _priced(reference: Reference) -> str:
    """The model whose price is that of its runs; of a deployment or a version alone it is not known."""
    return f"{reference.owner}/{reference.name}" if reference.name and not reference.deployment else ""


class RunError(JobError):
    """A run ended without success; `prediction` tells how, `data` as the API answered it."""

    def __init__(self, message: str, prediction: Prediction | AsyncPrediction) -> None:
        super().__init__(message, prediction.to_dict())
        self.prediction = prediction


class RunTimeoutError(RunError, JobTimeoutError):
    """A run had not ended when the time was up; it goes on, unless a deadline canceled it."""


class _Run:
    """One run: the call that starts it, and the time it has."""

    def __init__(self, reference: Reference, input: ObjectInput | None, options: RunOptions, held: bool) -> None:
        known(options, RunOptions)
        self.options = options
        self.reference = reference
        timeout, deadline = options.get("timeout"), options.get("deadline")
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
        longest = _LONGEST_WAIT if self._limit is None else min(_LONGEST_WAIT, int(self._limit))
        return longest if wait is None or wait is True else min(wait, longest)

    def start(self) -> tuple[Start, dict[str, Any]]:
        operation, given = self.reference.start()
        return operation, {**given, **self.more}

    def of_version(self, model: ModelData) -> tuple[Start, dict[str, Any]]:
        """The call that starts the newest version of a model which does not run by its name."""
        return CREATE_PREDICTION, {"version": newest(model.to_dict(), self.reference)["id"], **self.more}

    @property
    def left(self) -> float | None:
        return None if self._until is None else max(0.0, self._until - time.monotonic())

    def late(self, prediction: Prediction | AsyncPrediction) -> RunTimeoutError:
        data = prediction.to_dict()
        end = f"it was canceled and is {data.get('status')}" if self.cancel else "it goes on"
        return RunTimeoutError(f"{data.get('id')} had not ended after {self._limit:g} s; {end}", prediction)


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


class Run(Calls):
    """run() and stream() of the client."""

    @overload
    def run(
        self,
        ref: Ref,
        input: ObjectInput | None = ...,
        *,
        return_prediction: Literal[True],
        stream: Literal[False] = ...,
        **options: Unpack[RunOptions],
    ) -> Prediction: ...

    @overload
    def run(
        self,
        ref: Ref,
        input: ObjectInput | None = ...,
        *,
        stream: Literal[True],
        return_prediction: Literal[False] = ...,
        **options: Unpack[RunOptions],
    ) -> Iterator[JobEvent]: ...

    @overload
    def run(
        self,
        ref: Ref,
        input: ObjectInput | None = ...,
        *,
        stream: bool = ...,
        return_prediction: bool = ...,
        **options: Unpack[RunOptions],
    ) -> Any: ...

    def run(
        self,
        ref: Ref,
        input: ObjectInput | None = None,
        *,
        return_prediction: bool = False,
        stream: bool = False,
        **options: Unpack[RunOptions],
    ) -> Any:
        """The output of a model, once its run has ended with success; files in it can be read and saved.

        ref: `owner/name`, `owner/name:version`, a version, or `deployments/owner/name`.
        input: what the model takes, as a dictionary or a dataclass. Paths, bytes and open files, however deep inside,
          are sent as files.
        return_prediction: give the whole prediction instead: id, output, logs, metrics.
        stream: give what comes while it works; see `stream`.
        timeout: seconds to wait at most. deadline: the same, and then the run is canceled.
        cancel_after: seconds, or a text such as `5m`, after which the API cancels the run by itself.
        wait: seconds, 1 to 60, that the first answer may be held back; False not to.
        on_update: called with the prediction whenever it shows something new.
        use_file_output: False to leave files in the output the URLs that they are.
        webhook, webhook_events_filter: a URL to call with progress, and when.
        Raises RunError where the run failed or was canceled, RunTimeoutError where the time was up, TypeError for an
        unknown option. Every error after the start holds the prediction: `error.prediction`.
        """
        if stream:
            return self.stream(ref, input, **options)
        run = _Run(parse(ref), input, options, held=True)
        prediction = self._finished(run, self._started(run))
        found = output(prediction)
        if return_prediction:
            return prediction
        if not options.get("use_file_output", True):
            return found
        from ..runtime.outputs import anywhere
        from ..runtime.sync.outputs import FileOutput

        return anywhere(found, lambda url: FileOutput(url, cast("SyncClient", self)))

    def stream(self, ref: Ref, input: ObjectInput | None = None, **options: Unpack[RunOptions]) -> Iterator[JobEvent]:
        """What a model puts out while it works: as text, each event is the output that it brings.

        An event has a `kind` (output, logs, error, done), its `data` and its `id`. The arguments are those of `run`.
        Raises RunTimeoutError where the time was up.
        """
        run = _Run(parse(ref), input, options, held=False)
        return self._streamed(run, self._started(run))

    def map(self, ref: Ref, inputs: Iterable[ObjectInput], **options: Unpack[MapOptions]) -> Iterator[Result]:
        """A model run on each of these inputs, several at a time, at the pace that the API allows; none is paid twice.

        ref: as of `run`. inputs: all of them are read before the first run is started.
        concurrency: runs at one time; 8. ordered: give results as they are there where it is False; True.
        journal: a file for a result line of each input. The same call again resumes a batch that was killed.
        retry_failed: of a resumed batch, run what failed once more.
        max_failures: how many may fail before nothing more is started; then Error is raised.
        max_cost: what all runs together may cost, in the currency of your prices. Nothing is started that would go
          beyond it; what runs is waited for and given, then BudgetError is raised.
        cancel: cancel what runs where no more results are taken, such as after Ctrl-C; True.
        use_file_output: False to leave files in the outputs the URLs that they are.
        A run that fails gives a result with `error`. Raises AuthenticationError and the like, which would fail them all.
        """
        known(options, MapOptions)
        reference = parse(ref)
        operation, given = self._target(reference)
        files, others = _map_options(options)
        calls = [{**given, "input": each} for each in inputs]
        batch = self._self().batch(operation, calls, model=_priced(reference), **others)
        return (self._with_files(result) if files else result for result in batch)

    def _self(self) -> SyncClient:
        return cast("SyncClient", self)

    def _target(self, reference: Reference) -> tuple[Start, dict[str, Any]]:
        """The call that runs a reference, without its input: of a model that is not official its newest version."""
        if reference.guessed:
            model = self._result(GET_MODEL, {"model_owner": reference.owner, "model_name": reference.name})
            if not model.is_official:
                return CREATE_PREDICTION, {"version": newest(model.to_dict(), reference)["id"]}
        return reference.start()

    def _with_files(self, result: Result) -> Result:
        from ..runtime.outputs import anywhere
        from ..runtime.sync.outputs import FileOutput

        client = self._self()
        return replace(result, output=anywhere(result.output, lambda url: FileOutput(url, client)))

    def _streamed(self, run: _Run, prediction: Prediction) -> Iterator[JobEvent]:
        try:
            yield from prediction.stream(timeout=run.left, cancel=run.cancel)
        except JobTimeoutError as late:
            raise run.late(Prediction(late.data, self)) from None

    def _begun(self, ref: Ref, input: ObjectInput, options: RunOptions) -> Prediction:
        return self._started(_Run(parse(ref), input, options, held=True))

    def _started(self, run: _Run) -> Prediction:
        try:
            return self._result(*run.start(), Options(patience=run.left))
        except NotFoundError:
            # Nothing was started. Only official models run by their name; of others the newest version does.
            if not run.reference.guessed:
                raise
        model = self._result(GET_MODEL, {"model_owner": run.reference.owner, "model_name": run.reference.name})
        return self._result(*run.of_version(model), Options(patience=run.left))

    def _finished(self, run: _Run, prediction: Prediction) -> Prediction:
        try:
            return prediction.wait(run.left, on_update=run.options.get("on_update"), cancel=run.cancel)
        except JobTimeoutError as late:
            raise run.late(Prediction(late.data, self)) from None


class AsyncRun(AsyncCalls):
    """run() and stream() of the asynchronous client."""

    @overload
    async def run(
        self,
        ref: Ref,
        input: ObjectInput | None = ...,
        *,
        return_prediction: Literal[True],
        stream: Literal[False] = ...,
        **options: Unpack[RunOptions],
    ) -> AsyncPrediction: ...

    @overload
    async def run(
        self,
        ref: Ref,
        input: ObjectInput | None = ...,
        *,
        stream: Literal[True],
        return_prediction: Literal[False] = ...,
        **options: Unpack[RunOptions],
    ) -> AsyncGenerator[JobEvent]: ...

    @overload
    async def run(
        self,
        ref: Ref,
        input: ObjectInput | None = ...,
        *,
        stream: bool = ...,
        return_prediction: bool = ...,
        **options: Unpack[RunOptions],
    ) -> Any: ...

    async def run(
        self,
        ref: Ref,
        input: ObjectInput | None = None,
        *,
        return_prediction: bool = False,
        stream: bool = False,
        **options: Unpack[RunOptions],
    ) -> Any:
        """The output of a model, once its run has ended with success; see the synchronous client.

        `on_update` may be a function or a coroutine function.
        """
        if stream:
            return self.stream(ref, input, **options)
        run = _Run(parse(ref), input, options, held=True)
        prediction = await self._finished(run, await self._started(run))
        found = output(prediction)
        if return_prediction:
            return prediction
        if not options.get("use_file_output", True):
            return found
        from ..runtime.aio.outputs import AsyncFileOutput
        from ..runtime.outputs import anywhere

        return anywhere(found, lambda url: AsyncFileOutput(url, cast("AsyncClient", self)))

    def stream(
        self, ref: Ref, input: ObjectInput | None = None, **options: Unpack[RunOptions]
    ) -> AsyncGenerator[JobEvent]:
        """What a model puts out while it works: `async for`; see the synchronous client."""
        return self._streamed(_Run(parse(ref), input, options, held=False))

    async def _streamed(self, run: _Run) -> AsyncGenerator[JobEvent]:
        prediction = await self._started(run)
        found = prediction.stream(timeout=run.left, cancel=run.cancel)
        try:
            async for event in found:
                yield event
        except JobTimeoutError as late:
            raise run.late(AsyncPrediction(late.data, self)) from None
        finally:
            await found.aclose()

    async def map(
        self, ref: Ref, inputs: Iterable[ObjectInput], **options: Unpack[MapOptions]
    ) -> AsyncGenerator[Result]:
        """A model run on each of these inputs: `async for`; see the synchronous client. On asyncio's loop."""
        from ..runtime.aio.outputs import AsyncFileOutput
        from ..runtime.outputs import anywhere

        known(options, MapOptions)
        client = cast("AsyncClient", self)
        reference = parse(ref)
        operation, given = await self._target(reference)
        files, others = _map_options(options)
        calls = [{**given, "input": each} for each in inputs]
        found = client.batch(operation, calls, model=_priced(reference), **others)
        try:
            async for result in found:
                shown = anywhere(result.output, lambda url: AsyncFileOutput(url, client)) if files else result.output
                yield replace(result, output=shown)
        finally:
            await found.aclose()

    async def _target(self, reference: Reference) -> tuple[Start, dict[str, Any]]:
        if reference.guessed:
            model = await self._result(GET_MODEL, {"model_owner": reference.owner, "model_name": reference.name})
            if not model.is_official:
                return CREATE_PREDICTION, {"version": newest(model.to_dict(), reference)["id"]}
        return reference.start()

    async def _begun(self, ref: Ref, input: ObjectInput, options: RunOptions) -> AsyncPrediction:
        return await self._started(_Run(parse(ref), input, options, held=True))

    async def _started(self, run: _Run) -> AsyncPrediction:
        try:
            return await self._result(*run.start(), Options(patience=run.left))
        except NotFoundError:
            if not run.reference.guessed:
                raise
        model = await self._result(GET_MODEL, {"model_owner": run.reference.owner, "model_name": run.reference.name})
        return await self._result(*run.of_version(model), Options(patience=run.left))

    async def _finished(self, run: _Run, prediction: AsyncPrediction) -> AsyncPrediction:
        update: Callable[[Any], Awaitable[object] | object] | None = run.options.get("on_update")
        try:
            return await prediction.wait(run.left, on_update=update, cancel=run.cancel)
        except JobTimeoutError as late:
            raise run.late(AsyncPrediction(late.data, self)) from None
