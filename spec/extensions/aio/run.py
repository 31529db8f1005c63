"""run(), stream() and map(): a model by its name, started, followed to its end, and its output given."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal, overload

from ...operations import CREATE_PREDICTION, GET_MODEL
from ...runtime.aio.client import AsyncClient
from ...runtime.calls import Options
from ...runtime.errors import JobTimeoutError, NotFoundError
from ...runtime.objects import ObjectInput
from ...types import AsyncPrediction
from ..references import Reference, Start, newest, parse
from ..run import MapOptions, Plan, Ref, RunOptions, known, map_options, output, priced

if TYPE_CHECKING:
    from typing import Unpack

    from ...runtime.batches import Result
    from ...runtime.jobstreams import JobEvent


class AsyncRun(AsyncClient):
    """run(), stream() and map() of a client."""

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
        """The output of a model, once its run has ended with success; files in it can be read and saved.

        ref: `owner/name`, `owner/name:version`, a version, or `deployments/owner/name`.
        input: what the model takes, as a dictionary or a dataclass. Paths, bytes and open files, however deep inside,
          are sent as files.
        return_prediction: give the whole prediction instead: id, output, logs, metrics.
        stream: give what comes while it works; see `stream`.
        timeout: seconds to wait at most. deadline: the same, and then the run is canceled.
        cancel_after: seconds, or a text such as `5m`, after which the API cancels the run by itself.
        wait: seconds, 1 to 60, that the first answer may be held back; False not to.
        on_update: called with the prediction whenever it shows something new. Of the asynchronous client it may be a
          coroutine function.
        use_file_output: False to leave files in the output the URLs that they are.
        webhook, webhook_events_filter: a URL to call with progress, and when.
        Raises RunError where the run failed or was canceled, RunTimeoutError where the time was up, TypeError for an
        unknown option. Every error after the start holds the prediction: `error.prediction`.
        """
        if stream:
            return self.stream(ref, input, **options)
        plan = Plan(parse(ref), input, options, held=True)
        prediction = await self._finished(plan, await self._started(plan))
        value = output(prediction)
        if return_prediction:
            return prediction
        return self._with_files(value) if options.get("use_file_output", True) else value

    def stream(
        self, ref: Ref, input: ObjectInput | None = None, **options: Unpack[RunOptions]
    ) -> AsyncGenerator[JobEvent]:
        """What a model puts out while it works: as text, each event is the output that it brings.

        It is started when the first event is asked for. An event has a `kind` (output, logs, error, done), its `data`
        and its `id`. The arguments are those of `run`.
        Raises RunTimeoutError where the time was up.
        """
        return self._streamed(Plan(parse(ref), input, options, held=False))

    def map(self, ref: Ref, inputs: Iterable[ObjectInput], **options: Unpack[MapOptions]) -> AsyncGenerator[Result]:
        """A model run on each of these inputs, several at a time, at the pace that the API allows; none is paid twice.

        ref: as of `run`. inputs: all of them are read at once, and the first run is started when the first result is
          asked for.
        concurrency: runs at one time; 8. ordered: give results as they are there where it is False; True.
        journal: a file for a result line of each input. The same call again resumes a batch that was killed.
        retry_failed: of a resumed batch, run what failed once more.
        max_failures: how many may fail before nothing more is started; then Error is raised.
        max_cost: what all runs together may cost, in the currency of your prices. Nothing is started that would go
          beyond it; what runs is waited for and given, then BudgetError is raised.
        cancel: cancel what runs where no more results are taken, such as after Ctrl-C; True.
        use_file_output: False to leave files in the outputs the URLs that they are.
        A run that fails gives a result with `error`. Raises AuthenticationError and the like, which would fail them all.
        The asynchronous client runs them on asyncio's loop only.
        """
        known(options, MapOptions)
        return self._mapped(parse(ref), list(inputs), options)

    async def _streamed(self, plan: Plan) -> AsyncGenerator[JobEvent]:
        prediction = await self._started(plan)
        events = prediction.stream(timeout=plan.left, cancel=plan.cancel)
        try:
            async for event in events:
                yield event
        except JobTimeoutError as late:
            raise plan.late(AsyncPrediction(late.data, self), late.failed) from late.failed
        finally:
            await events.aclose()

    async def _mapped(
        self, reference: Reference, inputs: list[ObjectInput], options: MapOptions
    ) -> AsyncGenerator[Result]:
        operation, arguments = await self._target(reference)
        files, others = map_options(options)
        calls = [{**arguments, "input": each} for each in inputs]
        results = self.batch(operation, calls, model=priced(reference), **others)
        try:
            async for result in results:
                yield replace(result, output=self._with_files(result.output)) if files else result
        finally:
            await results.aclose()

    async def _target(self, reference: Reference) -> tuple[Start, dict[str, Any]]:
        """The call that runs a reference, without its input: of a model that is not official its newest version."""
        if reference.guessed:
            model = await self._result(GET_MODEL, {"model_owner": reference.owner, "model_name": reference.name})
            if not model.is_official:
                return CREATE_PREDICTION, {"version": newest(model.to_dict(), reference)["id"]}
        return reference.start()

    def _with_files(self, value: Any) -> Any:
        """The output with a file in place of each URL of one."""
        from ...runtime.aio.outputs import AsyncFileOutput
        from ...runtime.outputs import anywhere

        return anywhere(value, lambda url: AsyncFileOutput(url, self))

    async def _begun(self, ref: Ref, input: ObjectInput, options: RunOptions) -> AsyncPrediction:
        return await self._started(Plan(parse(ref), input, options, held=True))

    async def _started(self, plan: Plan) -> AsyncPrediction:
        try:
            return await self._result(*plan.start(), Options(patience=plan.left))
        except NotFoundError:
            # Nothing was started. Only official models run by their name; of others the newest version does.
            if not plan.reference.guessed:
                raise
        named = {"model_owner": plan.reference.owner, "model_name": plan.reference.name}
        model = await self._result(GET_MODEL, named)
        return await self._result(*plan.of_version(model), Options(patience=plan.left))

    async def _finished(self, plan: Plan, prediction: AsyncPrediction) -> AsyncPrediction:
        try:
            return await prediction.wait(plan.left, on_update=plan.options.get("on_update"), cancel=plan.cancel)
        except JobTimeoutError as late:
            raise plan.late(AsyncPrediction(late.data, self), late.failed) from late.failed
