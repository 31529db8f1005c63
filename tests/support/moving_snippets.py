"""Programs as users of the official clients write them: its two READMEs' subjects and its public methods, in our words.

Each stands for one use. `code` is what runs with `replicate`, and with `replikit` where only the name of the import is
changed. Where that is not to work, `ours` is what takes its place; the page for those who move says so.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

PRELUDE = """\
import asyncio
VERSION = "9dcd6d78e7c6560c340d916fe32e9f24aabfa331e5cce95fe31f77fb03121426"
HELLO = "replicate/hello-world"
CHAT = "mock/chat"
SLOW = "mock/slow:331b98fe8fdde274164597fc444d2438cfc609320c9521991cc4aacbb659a046"
RUN = "6sp72h35h52vxl3uw4r5mlzinv"
TRAINING = "yl5xrdd553n6viuw4qsnjqusdo"
DEPLOYMENT = "acme/image-maker"
"""


@dataclass(frozen=True)
class Snippet:
    """One use: its name, the program, and what takes its place where that is not to work."""

    name: str
    code: str
    ours: str = ""


def as_ours(code: str) -> str:
    """The program with the name of its import changed, and nothing else."""
    code = re.sub(r"^import replicate$", "import replikit as replicate", code, flags=re.MULTILINE)
    return re.sub(r"^from replicate\b", "from replikit", code, flags=re.MULTILINE)


SNIPPETS = (
    # ── running ──
    Snippet("run a version", 'import replicate\nout = replicate.run(f"{HELLO}:{VERSION}", input={"text": "Ada"})\nassert "Ada" in "".join(out)'),
    Snippet("run an official model", 'import replicate\nout = replicate.run(CHAT, input={"prompt": "hi"})\nassert len("".join(out)) > 0'),
    Snippet("run with the input by place", 'import replicate\nassert replicate.run(CHAT, {"prompt": "hi"})'),
    Snippet("run with a short wait", 'import replicate\nassert replicate.run(CHAT, input={"prompt": "hi"}, wait=1)'),
    Snippet("run without holding the answer back", 'import replicate\nassert replicate.run(CHAT, input={"prompt": "hi"}, wait=False)'),
    Snippet("run, files as URLs", 'import replicate\nout = replicate.run(f"{HELLO}:{VERSION}", input={"text": "Ada"}, use_file_output=False)\nassert out'),
    Snippet("run of a client", 'from replicate import Client\nclient = Client()\nassert client.run(CHAT, input={"prompt": "hi"})'),
    Snippet("run with a webhook", 'import replicate\nassert replicate.run(CHAT, input={"prompt": "hi"}, webhook="https://example.com/hook", webhook_events_filter=["completed"])'),
    # Before whatever imports the module: it is there without that.
    Snippet("an error of the module", '''import replicate
try:
    replicate.models.get("nobody/nothing")
except replicate.exceptions.ReplicateError as error:
    assert error.status == 404
else:
    raise AssertionError("it was found")'''),
    Snippet("a run that fails", '''import replicate
from replicate.exceptions import ModelError
try:
    replicate.run("mock/broken", input={"prompt": "x"})
except ModelError as error:
    assert error.prediction.status == "failed" and error.prediction.id
else:
    raise AssertionError("it did not fail")'''),
    Snippet("run, awaited", 'import replicate\nassert asyncio.run(replicate.async_run(CHAT, input={"prompt": "hi"}))'),
    Snippet("several runs at a time", '''import replicate
async def main():
    return await asyncio.gather(*[replicate.async_run(CHAT, input={"prompt": str(n)}) for n in range(3)])
assert len(asyncio.run(main())) == 3'''),
    Snippet("run a model that stands for itself", 'import replicate\nmodel = replicate.models.get(CHAT)\nassert replicate.run(model, input={"prompt": "hi"})'),
    Snippet("stream", 'import replicate\ntext = "".join(str(event) for event in replicate.stream(CHAT, input={"prompt": "hi"}))\nassert text'),
    Snippet("stream, awaited", '''import replicate
async def main():
    return [str(event) async for event in await replicate.async_stream(CHAT, input={"prompt": "hi"})]
assert asyncio.run(main())''', '''import replikit
async def main():
    return [str(event) async for event in replikit.async_stream(CHAT, input={"prompt": "hi"})]
assert asyncio.run(main())'''),
    Snippet("use", 'import replicate\nhello = replicate.use(f"{HELLO}:{VERSION}")\nassert "Ada" in "".join(hello(text="Ada"))'),
    Snippet("use, started only", '''import replicate
run = replicate.use(f"{HELLO}:{VERSION}").create(text="Ada")
assert run.output() is not None and run.logs() is not None''', '''import replikit
run = replikit.use(f"{HELLO}:{VERSION}").create(text="Ada").wait()
assert run.output is not None and run.logs is not None'''),
    Snippet("use, streaming", 'import replicate\nchat = replicate.use(CHAT, streaming=True)\nassert "".join(str(part) for part in chat(prompt="hi"))'),
    Snippet("use, awaited", '''import replicate
async def main():
    hello = replicate.use(f"{HELLO}:{VERSION}", use_async=True)
    return await hello(text="Ada")
assert asyncio.run(main())'''),
    Snippet("use, one into the next", 'import replicate\nhello = replicate.use(f"{HELLO}:{VERSION}")\nassert hello(text="".join(hello(text="Ada")))'),
    # ── predictions ──
    Snippet("create by version", 'import replicate\nprediction = replicate.predictions.create(version=VERSION, input={"text": "Ada"})\nassert prediction.id and prediction.status'),
    Snippet("create by owner, name and version", 'import replicate\nprediction = replicate.predictions.create(version=f"{HELLO}:{VERSION}", input={"text": "Ada"})\nassert prediction.id'),
    Snippet("create by model", 'import replicate\nprediction = replicate.predictions.create(model=CHAT, input={"prompt": "hi"})\nassert prediction.id'),
    Snippet("create by deployment", 'import replicate\nprediction = replicate.predictions.create(deployment=DEPLOYMENT, input={"prompt": "hi"})\nassert prediction.id'),
    Snippet("create by a version that stands for itself", '''import replicate
version = replicate.models.get(HELLO).versions.get(VERSION)
assert replicate.predictions.create(version=version, input={"text": "Ada"}).id'''),
    Snippet("create with a webhook", 'import replicate\nassert replicate.predictions.create(version=VERSION, input={"text": "Ada"}, webhook="https://example.com/hook", webhook_events_filter=["completed"]).id'),
    Snippet("create and wait on the server", 'import replicate\nassert replicate.predictions.create(version=VERSION, input={"text": "Ada"}, wait=5).status == "succeeded"'),
    Snippet("create and wait, by header", 'import replicate\nassert replicate.predictions.create(version=VERSION, input={"text": "Ada"}, prefer="wait=5").status == "succeeded"', 'import replikit\nassert replikit.predictions.create(version=VERSION, input={"text": "Ada"}, wait=5).status == "succeeded"'),
    Snippet("get by place", 'import replicate\nassert replicate.predictions.get(RUN).id == RUN'),
    Snippet("get by name", 'import replicate\nassert replicate.predictions.get(prediction_id=RUN).id == RUN'),
    Snippet("get, awaited", '''from replicate import AsyncReplicate
async def main():
    async with AsyncReplicate() as client:
        return await client.predictions.get(prediction_id=RUN)
assert asyncio.run(main()).id == RUN'''),
    Snippet("get, by the awaited twin", 'import replicate\nassert asyncio.run(replicate.predictions.async_get(RUN)).id == RUN', '''from replikit import AsyncReplicate
async def main():
    async with AsyncReplicate() as client:
        return await client.predictions.get(RUN)
assert asyncio.run(main()).id == RUN'''),
    Snippet("cancel by place", 'import replicate\nrun = replicate.predictions.create(version=SLOW, input={"prompt": "hi"})\nassert replicate.predictions.cancel(run.id).status in ("canceled", "aborted")'),
    Snippet("cancel by name", 'import replicate\nrun = replicate.predictions.create(version=SLOW, input={"prompt": "hi"})\nassert replicate.predictions.cancel(prediction_id=run.id).status in ("canceled", "aborted")'),
    Snippet("cancel, of a prediction", 'import replicate\nrun = replicate.predictions.create(version=SLOW, input={"prompt": "hi"})\nrun.cancel()\nrun.reload()\nassert run.status in ("canceled", "aborted")'),
    Snippet("wait, of a prediction", 'import replicate\nrun = replicate.predictions.create(version=VERSION, input={"text": "Ada"})\nrun.wait()\nassert run.status == "succeeded" and run.output'),
    Snippet("wait, of the resource", 'import replicate\nrun = replicate.predictions.create(version=VERSION, input={"text": "Ada"})\nassert replicate.predictions.wait(run.id).status == "succeeded"', 'import replikit\nrun = replikit.predictions.create(version=VERSION, input={"text": "Ada"})\nassert run.wait().status == "succeeded"'),
    Snippet("reload", 'import replicate\nrun = replicate.predictions.get(RUN)\nrun.reload()\nassert run.status == "succeeded"'),
    Snippet("stream, of a prediction", 'import replicate\nrun = replicate.predictions.create(model=CHAT, input={"prompt": "hi"}, stream=True)\nassert "".join(str(event) for event in run.stream())'),
    Snippet("output as it comes", 'import replicate\nrun = replicate.predictions.create(model=CHAT, input={"prompt": "hi"})\nassert list(run.output_iterator())', 'import replikit\nrun = replikit.predictions.create(model=CHAT, input={"prompt": "hi"})\nassert [str(event) for event in run.stream()]'),
    Snippet("logs and metrics", 'import replicate\nrun = replicate.predictions.get(RUN)\nassert isinstance(run.logs, str)\nassert run.error is None and run.input'),
    Snippet("dict of a prediction", 'import replicate\nassert dict(replicate.predictions.get(RUN))["id"] == RUN'),
    Snippet("to_dict of a prediction", 'import replicate\nassert replicate.predictions.get(prediction_id=RUN).to_dict()["id"] == RUN'),
    Snippet("list predictions", 'import replicate\npage = replicate.predictions.list()\nassert len(page.results) > 0 and page.results[0].id'),
    Snippet("iterate predictions", 'import replicate\nassert [run.id for run in replicate.predictions.list()]'),
    Snippet("iterate predictions, awaited", '''from replicate import AsyncReplicate
async def main():
    async with AsyncReplicate() as client:
        return [run.id async for run in client.predictions.list()]
assert asyncio.run(main())''', '''from replikit import AsyncReplicate
async def main():
    async with AsyncReplicate() as client:
        return [run.id async for run in await client.predictions.list()]
assert asyncio.run(main())'''),
    Snippet("the next page, by its URL", 'import replicate\npage = replicate.models.list()\nassert page.next\nassert replicate.models.list(page.next).results[0].name != page.results[0].name'),
    Snippet("all pages", 'import replicate\nnames = [model.name for page in replicate.paginate(replicate.models.list) for model in page.results]\nassert "hello-world" in names', 'import replikit\nnames = [model.name for page in replikit.models.list().pages() for model in page.results]\nassert "hello-world" in names'),
    # ── models ──
    Snippet("get a model in one text", 'import replicate\nassert replicate.models.get("replicate/hello-world").name == "hello-world"'),
    Snippet("get a model in two texts", 'import replicate\nassert replicate.models.get("replicate", "hello-world").owner == "replicate"'),
    Snippet("get a model by name", 'import replicate\nassert replicate.models.get(model_owner="replicate", model_name="hello-world").owner == "replicate"'),
    Snippet("the newest version", 'import replicate\nversion = replicate.models.get(HELLO).latest_version\nassert version and version.id == VERSION', 'import replikit\nversion = replikit.models.get(HELLO).latest_version\nassert version and version["id"] == VERSION'),
    Snippet("list models", 'import replicate\nassert "hello-world" in [model.name for model in replicate.models.list()]'),
    Snippet("search models by place", 'import replicate\nassert list(replicate.models.search("hello"))'),
    Snippet("search models by name", 'import replicate\nassert list(replicate.models.search(body="hello"))'),
    Snippet("search everything", 'import replicate\nassert replicate.Replicate().search(query="hello").models is not None'),
    Snippet("create a model", 'import replicate\nassert replicate.models.create(owner="acme", name="one", visibility="private", hardware="cpu").name == "one"'),
    Snippet("create a model by place", 'import replicate\nassert replicate.models.create("acme", "two", visibility="private", hardware="cpu").name == "two"', 'import replikit\nassert replikit.models.create(owner="acme", name="two", visibility="private", hardware="cpu").name == "two"'),
    Snippet("update a model", 'import replicate\nassert replicate.models.update(model_owner="acme", model_name="brush", description="Paints").description == "Paints"'),
    Snippet("delete a model", 'import replicate\nreplicate.models.create(owner="acme", name="gone", visibility="private", hardware="cpu")\nreplicate.models.delete(model_owner="acme", model_name="gone")'),
    Snippet("delete a model in one text", 'import replicate\nreplicate.models.create(owner="acme", name="away", visibility="private", hardware="cpu")\nreplicate.models.delete("acme/away")'),
    Snippet("versions of a model", 'import replicate\nmodel = replicate.models.get(HELLO)\nassert VERSION in [version.id for version in model.versions.list()]'),
    Snippet("a version of a model", 'import replicate\nmodel = replicate.models.get(HELLO)\nassert model.versions.get(VERSION).id == VERSION'),
    Snippet("versions by name", 'import replicate\nassert list(replicate.models.versions.list(model_owner="replicate", model_name="hello-world"))'),
    Snippet("a version by name", 'import replicate\nassert replicate.models.versions.get(model_owner="replicate", model_name="hello-world", version_id=VERSION).id == VERSION'),
    Snippet("a version by place and name", 'import replicate\nassert replicate.models.versions.get(VERSION, model_owner="replicate", model_name="hello-world").id == VERSION', 'import replikit\nassert replikit.models.versions.get("replicate", "hello-world", VERSION).id == VERSION'),
    Snippet("examples of a model", 'import replicate\nassert list(replicate.models.examples.list(model_owner="replicate", model_name="hello-world")) is not None'),
    Snippet("README of a model", 'import replicate\nassert isinstance(replicate.models.readme.get(model_owner="replicate", model_name="hello-world"), str)'),
    Snippet("run an official model by its resource", 'import replicate\nassert replicate.models.predictions.create(model_owner="mock", model_name="chat", input={"prompt": "hi"}).id'),
    Snippet("run an official model by one text", 'import replicate\nassert replicate.models.predictions.create("mock/chat", input={"prompt": "hi"}).id'),
    # ── deployments ──
    Snippet("list deployments", 'import replicate\nassert "image-maker" in [each.name for each in replicate.deployments.list()]'),
    Snippet("get a deployment in one text", 'import replicate\nassert replicate.deployments.get(DEPLOYMENT).name == "image-maker"'),
    Snippet("get a deployment by name", 'import replicate\nassert replicate.deployments.get(deployment_owner="acme", deployment_name="image-maker").name == "image-maker"'),
    Snippet("run a deployment that stands for itself", 'import replicate\ndeployment = replicate.deployments.get(DEPLOYMENT)\nassert deployment.predictions.create(input={"prompt": "hi"}).id'),
    Snippet("run a deployment in one text", 'import replicate\nassert replicate.deployments.predictions.create(DEPLOYMENT, input={"prompt": "hi"}).id'),
    Snippet("run a deployment by name", 'import replicate\nassert replicate.deployments.predictions.create(deployment_owner="acme", deployment_name="image-maker", input={"prompt": "hi"}).id'),
    Snippet("create a deployment", 'import replicate\nassert replicate.deployments.create(name="mine", model="acme/brush", version="35c68cb62f8118cc588c2339e5e01e62147f6dacf2d8188707f400478f65c5ee", hardware="cpu", min_instances=0, max_instances=1).name == "mine"'),
    Snippet("update a deployment", 'import replicate\nassert replicate.deployments.update(deployment_owner="acme", deployment_name="image-maker", min_instances=0, max_instances=2).name == "image-maker"'),
    # ── arguments that version 1 calls otherwise, or takes by place ──
    Snippet("get by the names of version 1", 'import replicate\nassert replicate.predictions.get(id=RUN).id == RUN', 'import replikit\nassert replikit.predictions.get(RUN).id == replikit.predictions.get(prediction_id=RUN).id == RUN'),
    Snippet("a model by the names of version 1", 'import replicate\nassert replicate.models.get(owner="replicate", name="hello-world").name == "hello-world"', 'import replikit\nassert replikit.models.get(HELLO).name == replikit.models.get(model_owner="replicate", model_name="hello-world").name'),
    Snippet("a model by its key", 'import replicate\nassert replicate.models.get(key=HELLO).name == "hello-world"', 'import replikit\nassert replikit.models.get(HELLO).name == "hello-world"'),
    Snippet("a deployment by its name", 'import replicate\nassert replicate.deployments.get(name=DEPLOYMENT).name == "image-maker"', 'import replikit\nassert replikit.deployments.get(DEPLOYMENT).name == "image-maker"'),
    Snippet("search models by the name of version 1", 'import replicate\nassert list(replicate.models.search(query="hello"))', 'import replikit\nassert list(replikit.models.search("hello"))'),
    Snippet("create by place", 'import replicate\nassert replicate.predictions.create(VERSION, {"text": "Ada"}).id', 'import replikit\nassert replikit.predictions.create(version=VERSION, input={"text": "Ada"}).id'),
    Snippet("create by a pair", 'import replicate\nassert replicate.predictions.create(model=("mock", "chat"), input={"prompt": "hi"}).id', 'import replikit\nassert replikit.predictions.create(model="mock/chat", input={"prompt": "hi"}).id'),
    Snippet("create by the newest version", 'import replicate\nassert replicate.predictions.create(version=replicate.models.get(HELLO).latest_version, input={"text": "Ada"}).id', 'import replikit\nversion = replikit.models.get(HELLO).latest_version\nassert version\nassert replikit.predictions.create(version=version["id"], input={"text": "Ada"}).id'),
    Snippet("run an official model, all by place", 'import replicate\nassert replicate.models.predictions.create(CHAT, {"prompt": "hi"}).id', 'import replikit\nassert replikit.models.predictions.create(CHAT, input={"prompt": "hi"}).id'),
    Snippet("run an official model by model", 'import replicate\nassert replicate.models.predictions.create(model=CHAT, input={"prompt": "hi"}).id', 'import replikit\nassert replikit.predictions.create(model=CHAT, input={"prompt": "hi"}).id'),
    Snippet("run a deployment, all by place", 'import replicate\nassert replicate.deployments.predictions.create(DEPLOYMENT, {"prompt": "hi"}).id', 'import replikit\nassert replikit.deployments.predictions.create(DEPLOYMENT, input={"prompt": "hi"}).id'),
    Snippet("create a training by place", 'import replicate\nassert replicate.trainings.create(f"{HELLO}:{VERSION}", {"text": "x"}, "acme/brush").id', 'import replikit\nassert replikit.trainings.create(f"{HELLO}:{VERSION}", input={"text": "x"}, destination="acme/brush").id'),
    Snippet("upload by the names of version 1", 'import io\nimport replicate\nassert replicate.files.create(file=io.BytesIO(b"x"), content_type="text/plain").id', 'import io\nimport replikit\nassert replikit.files.create(content=io.BytesIO(b"x"), type="text/plain").id'),
    Snippet("how files are sent", 'import replicate\nassert replicate.run(CHAT, input={"prompt": "hi"}, file_encoding_strategy="base64")', 'import replikit\nassert replikit.run(CHAT, input={"prompt": "hi"})'),
    Snippet("run and wait, by header", 'import replicate\nassert replicate.run(CHAT, input={"prompt": "hi"}, prefer="wait=5")', 'import replikit\nassert replikit.run(CHAT, input={"prompt": "hi"}, wait=5)'),
    # ── what answers can do ──
    Snippet("a prediction as pydantic gives it", 'import replicate\nprediction = replicate.predictions.get(RUN)\nassert prediction.dict()["id"] == RUN and RUN in prediction.json() and prediction.copy().id == RUN', 'import copy\nimport json\nimport replikit\nprediction = replikit.predictions.get(RUN)\nassert prediction.to_dict()["id"] == RUN and RUN in json.dumps(dict(prediction)) and copy.copy(prediction).id == RUN'),
    Snippet("the length of a page", 'import replicate\nassert len(replicate.predictions.list()) > 0', 'import replikit\nassert len(replikit.predictions.list().results) > 0'),
    Snippet("an example of a model", 'import replicate\nassert replicate.models.get(HELLO).default_example.output', 'import replikit\nexample = replikit.models.get(HELLO).default_example\nassert example and example["output"]'),
    Snippet("a model again", 'import replicate\nmodel = replicate.models.get(HELLO)\nmodel.reload()\nassert model.name == "hello-world"', 'import replikit\nmodel = replikit.models.get(HELLO)\nmodel = replikit.models.get(f"{model.owner}/{model.name}")\nassert model.name == "hello-world"'),
    Snippet("a deployment in one text", 'import replicate\nassert replicate.deployments.get(DEPLOYMENT).id == DEPLOYMENT', 'import replikit\ndeployment = replikit.deployments.get(DEPLOYMENT)\nassert f"{deployment.owner}/{deployment.name}" == DEPLOYMENT'),
    Snippet("classes from their modules", 'from replicate.client import Client\nfrom replicate.prediction import Prediction\nfrom replicate.helpers import FileOutput\nassert Client and Prediction and FileOutput', 'from replikit import Client, FileOutput\nfrom replikit.types import Prediction\nassert Client and Prediction and FileOutput'),
    Snippet("options of httpx", 'import os\nfrom replicate import Client\nassert Client(api_token=os.environ["REPLICATE_API_TOKEN"], follow_redirects=True).predictions.get(RUN).id', 'import httpx\nfrom replikit import Client\nassert Client(http_client=httpx.Client(follow_redirects=True)).predictions.get(RUN).id'),
    # ── the rest ──
    Snippet("the account", 'import replicate\nassert replicate.account.get().username'),
    Snippet("the account, of version 1", 'import replicate\nassert replicate.Client().accounts.current().username', 'import replikit\nassert replikit.account.get().username'),
    Snippet("list collections", 'import replicate\nassert "text-starters" in [each.slug for each in replicate.collections.list()]'),
    Snippet("get a collection by place", 'import replicate\nassert replicate.collections.get("text-starters").models is not None'),
    Snippet("get a collection by name", 'import replicate\nassert replicate.collections.get(collection_slug="text-starters").slug == "text-starters"'),
    Snippet("list hardware", 'import replicate\nassert "cpu" in [each.sku for each in replicate.hardware.list()]'),
    Snippet("upload bytes", 'import replicate\nassert replicate.files.create(content=b"hello").id'),
    Snippet("upload an open file", 'import tempfile\nimport replicate\nfile = tempfile.NamedTemporaryFile(suffix=".txt")\nassert file.write(b"hello") and file.seek(0) == 0\nassert replicate.files.create(file).id'),
    Snippet("get and delete a file by place", 'import io\nimport replicate\nfile = io.BytesIO(b"hello")\nmade = replicate.files.create(file)\nassert replicate.files.get(made.id).id == made.id\nreplicate.files.delete(made.id)'),
    Snippet("list files", 'import replicate\nassert [each.id for each in replicate.files.list()] is not None'),
    Snippet("an open file as input", 'import io\nimport replicate\nassert replicate.predictions.create(version=VERSION, input={"text": io.BytesIO(b"Ada")}).id'),
    Snippet("create a training by name", 'import replicate\nassert replicate.trainings.create(model_owner="replicate", model_name="hello-world", version_id=VERSION, destination="acme/brush", input={"text": "x"}).id'),
    Snippet("create a training by model and version", 'import replicate\nassert replicate.trainings.create(model=HELLO, version=VERSION, destination="acme/brush", input={"text": "x"}).id', 'import replikit\nassert replikit.trainings.create(HELLO, version_id=VERSION, destination="acme/brush", input={"text": "x"}).id'),
    Snippet("get a training", 'import replicate\nassert replicate.trainings.get(TRAINING).id == TRAINING'),
    Snippet("list trainings", 'import replicate\nassert TRAINING in [each.id for each in replicate.trainings.list()]'),
    Snippet("cancel a training", 'import replicate\nassert replicate.trainings.cancel(TRAINING).id == TRAINING'),
    Snippet("the secret of webhooks", 'import replicate\nassert replicate.webhooks.default.secret.get().key'),
    Snippet("the secret of webhooks, of version 1", 'import replicate\nassert replicate.webhooks.default.secret().key', 'import replikit\nassert replikit.webhooks.default.secret.get().key'),
    # ── clients ──
    Snippet("a client with api_token", 'import os\nfrom replicate import Client\nassert Client(api_token=os.environ["REPLICATE_API_TOKEN"]).predictions.get(RUN).id == RUN'),
    Snippet("a client with bearer_token", 'import os\nfrom replicate import Replicate\nassert Replicate(bearer_token=os.environ["REPLICATE_API_TOKEN"]).predictions.get(prediction_id=RUN).id == RUN'),
    Snippet("a client with headers", 'from replicate import Client\nassert Client(headers={"User-Agent": "my-app/1.0"}).predictions.get(RUN).id'),
    Snippet("a client that closes", 'from replicate import Replicate\nwith Replicate() as client:\n    assert client.account.get().username'),
    Snippet("a client with max_retries and timeout", 'from replicate import Replicate\nassert Replicate(max_retries=0, timeout=20.0).account.get().username'),
    Snippet("other options for one call", 'from replicate import Replicate\nassert Replicate().with_options(max_retries=5, timeout=5.0).account.get().username'),
    Snippet("the default client", 'import replicate\nassert replicate.default_client.predictions.get(RUN).id == RUN'),
    Snippet("the whole answer", 'from replicate import Replicate\nanswer = Replicate().predictions.with_raw_response.get(prediction_id=RUN)\nassert answer.headers and answer.parse().id == RUN'),
    Snippet("an error of the API", '''import replicate
try:
    replicate.Replicate().predictions.get(prediction_id="nobody")
except replicate.NotFoundError as error:
    assert error.status_code == 404
else:
    raise AssertionError("it was found")'''),
    Snippet("a server that cannot be reached", '''import replicate
try:
    replicate.Replicate(base_url="http://127.0.0.1:9/v1", max_retries=0).account.get()
except replicate.APIConnectionError:
    pass
else:
    raise AssertionError("it was reached")'''),
)  # fmt: skip
