"""Executes the steps of a batch: calls and pauses."""

from __future__ import annotations

from typing import Any

from ..batches import Batch, Call, Steps, Wait
from ..errors import Error
from ..jobs import operation_of
from .core import AsyncCore
from .primitives import Pause


async def drive(client: AsyncCore, pause: Pause, steps: Steps) -> Any:
    """Executes steps to their end. pause: waits for some seconds, or until the batch is stopped."""
    try:
        step = next(steps)
        while True:
            try:
                answer = None
                if isinstance(step, Wait):
                    await pause(step.seconds)
                else:
                    answer = await _called(client, step)
            except Error as error:
                step = steps.throw(error)
            else:
                step = steps.send(answer)
    except StopIteration as end:
        return end.value


async def _called(client: AsyncCore, step: Call) -> Any:
    if step.cursor:
        return (await client.answer(step.operation, step.arguments, cursor=step.cursor)).parse()
    return await client.call(step.operation, step.arguments)


async def quietly(client: AsyncCore, batch: Batch, id_: str) -> None:
    """Cancels a job; ignores errors."""
    try:
        await client.call(operation_of(batch.job.cancel), {batch.job.argument: id_})
    except Error:
        return  # it has ended, or the API does not answer: there is nobody left to tell
