"""A program for each name that the page for those who move gives as ours: what calls it, as the asynchronous client has it.

`as_sync` makes the synchronous one of it.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable
from typing import Any

from generator.ir import Function

MADE = 'prediction = await client.predictions.create(version=VERSION, input={"text": "Ada"})'
METHODS = {
    "FileOutput.read": 'assert await replikit.AsyncFileOutput("data:text/plain;base64,SGk=", client).read() == b"Hi"',
    "Model.owner": 'assert (await client.models.get(HELLO)).owner == "replicate"',
    "Page.pages": "assert [page.results async for page in (await client.models.list()).pages()]",
    "Prediction.cancel": f"{MADE}\nassert (await prediction.cancel()).id == prediction.id",
    "Prediction.progress": f"{MADE}\nassert prediction.progress is None or 0 <= prediction.progress <= 1",
    "Prediction.reload": f"{MADE}\nawait prediction.reload()\nassert prediction.status",
    "Prediction.stream": f'{MADE}\nassert [event.kind async for event in prediction.stream()][-1] == "done"',
    "Prediction.wait": f'{MADE}\nassert (await prediction.wait(timeout=600)).status == "succeeded"',
    "client.close": "await client.close()",
    "client.request": 'assert (await client.request("GET", "/account")).parse()["username"]',
    "client.run": 'assert "Ada" in "".join(await client.run(f"{HELLO}:{VERSION}", input={"text": "Ada"}))',
    "client.stream": 'assert "".join([str(event) async for event in client.stream(CHAT, input={"prompt": "hi"})])',
    "client.use": 'assert "Ada" in "".join(await (await client.use(f"{HELLO}:{VERSION}"))(text="Ada"))',
    "client.with_options": "assert (await client.with_options(max_retries=0).account.get()).username",
    "client.webhooks.unwrap": """import base64, hashlib, hmac, json, time
key, at = "whsec_" + base64.b64encode(b"k" * 24).decode(), str(int(time.time()))
body = json.dumps({"id": "p", "status": "succeeded"})
signed = base64.b64encode(hmac.digest(b"k" * 24, f"m.{at}.{body}".encode(), hashlib.sha256)).decode()
headers = {"webhook-id": "m", "webhook-timestamp": at, "webhook-signature": f"v1,{signed}"}
assert (await client.webhooks.unwrap(body, headers, secret=key)).id == "p\"""",
}


def caller(name: str, functions: Iterable[Function]) -> str:
    """What calls a name of the tables of methods."""
    body = METHODS.get(name) or called(next(f for f in functions if f"client.{f.operation_id}" == name))
    lines = "\n".join(f"        {line}" for line in body.splitlines())
    return f"import replikit\nasync def main():\n    async with replikit.AsyncReplicate() as client:\n{lines}\nasyncio.run(main())"


def called(function: Function) -> str:
    """The call of the catalog's example, of what is there for it alone where it is deleted."""
    arguments: dict[str, Any] = dict(function.examples[0].arguments)
    if isinstance(arguments.get("content"), str):
        arguments["content"] = base64.b64decode(arguments["content"].partition(",")[2])
    call = f"await client.{function.operation_id}(**{arguments!r})"
    if function.operation_id == "files.download":
        return f"try:\n    {call}\nexcept replikit.NotFoundError as error:\n    assert error.status == 404"
    if function.result.kind == "empty":
        return f"assert {call} is None"
    return f"assert [item async for item in {call}] is not None" if function.page else f"assert {call} is not None"


def as_sync(code: str) -> str:
    """The same program with the synchronous client."""
    code = code.replace("asyncio.run(main())", "main()").replace("Async", "")
    return re.sub(r"\b(?:async|await) ", "", code)


def failing(answer: str) -> str:
    """A client whose every call meets this."""
    return f"""import httpx, replikit
def answer(request):
    {answer}
client = replikit.Replicate("t", transport=httpx.MockTransport(answer), max_retries=0)
"""


def raised(name: str, answer: str) -> str:
    return f"""{failing(answer)}
from replikit.exceptions import {name}
assert {name} is replikit.{name}
try:
    client.account.get()
except {name}:
    pass
else:
    raise AssertionError("it did not fail")"""


_REFUSED, _LATE = 'raise httpx.ConnectError("no")', 'raise httpx.ReadTimeout("late")'
_STATUS = {
    "BadRequestError": 400, "AuthenticationError": 401, "PermissionDeniedError": 403, "NotFoundError": 404,
    "ConflictError": 409, "UnprocessableEntityError": 422, "RateLimitError": 429, "InternalServerError": 500,
    "ServerError": 503, "APIError": 418, "APIStatusError": 418, "ApiError": 418, "Error": 418, "ReplicateError": 418,
    "ReplicateException": 418,
}  # fmt: skip
_ERRORS = {name: f"return httpx.Response({status}, json={{}})" for name, status in _STATUS.items()}
_ERRORS |= {"APIConnectionError": _REFUSED, "ApiConnectionError": _REFUSED}
_ERRORS |= {"APITimeoutError": _LATE, "ApiTimeoutError": _LATE}
_ERRORS |= dict.fromkeys(("APIResponseValidationError", "ResponseError"), 'return httpx.Response(200, content=b"{")')

_BROKEN = """import replikit
try:
    replikit.run("mock/broken", input={{"prompt": "x"}})
except replikit.{name} as error:
    assert error.prediction.status == "failed"
else:
    raise AssertionError("it did not fail")"""
_WITH = "async def main():\n    async with replikit.{} as client:\n        assert (await client.account.get()).username\nasyncio.run(main())"
NAMES = {
    **{name: raised(name, answer) for name, answer in _ERRORS.items()},
    **{name: _BROKEN.format(name=name) for name in ("ModelError", "RunError")},
    **{name: "import replikit\n" + _WITH.format(f"{name}()") for name in ("AsyncClient", "AsyncReplicate")},
    **{name: f"import replikit\nassert replikit.{name}().account.get().username" for name in ("Client", "Replicate")},
    "default_client": "import replikit\nassert replikit.default_client.account.get().username",
    "AsyncFileOutput": 'import replikit\nasync def main():\n    async with replikit.AsyncReplicate() as client:\n        assert await replikit.AsyncFileOutput("data:,Hi", client).read() == b"Hi"\nasyncio.run(main())',
    "FileOutput": 'import replikit\nassert replikit.FileOutput("data:,Hi", replikit.Replicate()).read() == b"Hi"',
    "Page": "import replikit\nfound = replikit.models.list()\nassert isinstance(found, replikit.Page) and list(found.pages())",
    "AsyncPage": "import replikit\nasync def main():\n    async with replikit.AsyncReplicate() as client:\n        found = await client.models.list()\n        assert isinstance(found, replikit.AsyncPage) and [page async for page in found.pages()]\nasyncio.run(main())",
    "RawResponse": "import replikit\nfound = replikit.account.with_raw_response.get()\nassert isinstance(found, replikit.RawResponse) and found.parse().username",
    "StreamedResponse": "import replikit\nwith replikit.account.with_streaming_response.get() as found:\n    assert isinstance(found, replikit.StreamedResponse) and found.parse().username",
    "AsyncStreamedResponse": "import replikit\nasync def main():\n    async with replikit.AsyncReplicate() as client, client.account.with_streaming_response.get() as found:\n        assert isinstance(found, replikit.AsyncStreamedResponse) and (await found.parse()).username\nasyncio.run(main())",
    "OMIT": 'import replikit\nassert replikit.predictions.create(version=VERSION, input={"text": "Ada"}, webhook=replikit.OMIT).id',
    "RetryPolicy": "import replikit\nassert replikit.Replicate(retries=replikit.RetryPolicy(max_retries=1)).account.get().username",
    "account": "import replikit\nassert replikit.account.get().username",
    "collections": "import replikit\nassert next(iter(replikit.collections.list())).slug",
    "deployments": "import replikit\nassert replikit.deployments.get(DEPLOYMENT).name",
    "files": 'import replikit\nassert replikit.files.create(b"hello").id',
    "hardware": "import replikit\nassert replikit.hardware.list()",
    "models": "import replikit\nassert replikit.models.get(HELLO).name",
    "predictions": "import replikit\nassert replikit.predictions.get(RUN).id == RUN",
    "trainings": "import replikit\nassert replikit.trainings.get(TRAINING).id == TRAINING",
    "webhooks": "import replikit\ntry:\n    replikit.webhooks.unwrap('{}', {}, secret='whsec_a2V5')\nexcept replikit.WebhookError:\n    pass\nelse:\n    raise AssertionError('it is not signed')",
    "types": "import replikit\nassert isinstance(replikit.models.get(HELLO), replikit.types.Model)",
    "run": 'import replikit\nassert replikit.run(CHAT, input={"prompt": "hi"})',
    "stream": 'import replikit\nassert "".join(map(str, replikit.stream(CHAT, input={"prompt": "hi"})))',
    "use": 'import replikit\nassert replikit.use(CHAT)(prompt="hi")\nassert asyncio.run(replikit.use(CHAT, use_async=True)(prompt="hi"))',
    "async_run": 'import replikit\nassert asyncio.run(replikit.async_run(CHAT, input={"prompt": "hi"}))',
    "async_stream": 'import replikit\nasync def main():\n    return [str(event) async for event in replikit.async_stream(CHAT, input={"prompt": "hi"})]\nassert "".join(asyncio.run(main()))',
}  # fmt: skip
