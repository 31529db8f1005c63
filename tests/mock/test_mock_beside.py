"""What the mock serves and sends beside the API: streams, the files of outputs, and signed webhooks."""

from __future__ import annotations

import base64
import hmac
import json
import queue
import time
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest
from hanging import HANGS
from scripted import Asked, Reply, Scripted, of, scripted
from test_mock import Clock, ask, package, send  # noqa: F401 - a fixture among them

LLAMA = "/models/meta/meta-llama-3-8b-instruct/predictions"
INPUT = {"prompt": "Name three rivers of Portugal."}
PICTURE = "/deployments/acme/image-maker/predictions"


def events(content: bytes) -> list[tuple[str, str, str]]:
    """Type, id and data of each event."""
    found = []
    for block in content.decode().strip("\n").split("\n\n"):
        fields: dict[str, list[str]] = {}
        for line in block.split("\n"):
            name, _, value = line.partition(": ")
            fields.setdefault(name, []).append(value)
        if "data" in fields:
            found.append((fields["event"][0], fields["id"][0], "\n".join(fields["data"])))
    return found


def test_a_job_streams_while_it_works(package: Any) -> None:  # noqa: F811
    clock = Clock()
    with package.serve(seconds=10, now=clock) as mock:
        made = send(mock, "POST", LLAMA, {"input": INPUT}).json
        assert made["status"] == "starting" and made["urls"]["stream"].startswith(mock.base_url)
        with urllib.request.urlopen(made["urls"]["stream"], timeout=HANGS) as reply:
            assert reply.headers.get_content_type() == "text/event-stream"
            clock.forward(mock, 6)
            content = next(line for line in reply if line.startswith(b"event: output"))
            assert ask(mock, "GET", made["urls"]["get"]).json["status"] == "processing", "it comes while the job works"
            clock.forward(mock, 4)
            content += reply.read()
        found = events(content)
        done = ask(mock, "GET", made["urls"]["get"]).json
        assert [kind for kind, _, _ in found][-1] == "done" and found[-1][2] == "{}"
        assert "".join(data for kind, _, data in found if kind == "output") == "".join(done["output"])
        half = len(found) // 2
        rest = ask(mock, "GET", made["urls"]["stream"], Last_Event_ID=found[half - 1][1])
        assert events(rest.content) == found[half:]
        assert ask(mock, "GET", "/_mock/streams/nobody").status == 404


def test_a_stream_says_how_it_ended(package: Any) -> None:  # noqa: F811
    with package.serve(seconds=30) as mock:
        made = send(mock, "POST", LLAMA, {"input": INPUT}).json
        ask(mock, "POST", made["urls"]["cancel"])
        assert events(ask(mock, "GET", made["urls"]["stream"]).content)[-1][2] == '{"reason": "canceled"}'
    with package.serve(seconds=0, outcome="failed") as mock:
        made = send(mock, "POST", LLAMA, {"input": INPUT}).json
        kinds = [(kind, data) for kind, _, data in events(ask(mock, "GET", made["urls"]["stream"]).content)]
        assert [kind for kind, _ in kinds][-2:] == ["error", "done"] and kinds[-1][1] == '{"reason": "error"}'
        assert json.loads(kinds[-2][1])["detail"]


def test_output_files_can_be_fetched_in_parts(package: Any) -> None:  # noqa: F811
    with package.serve(seconds=0) as mock:
        url = send(mock, "POST", PICTURE, {"input": {"prompt": "A lighthouse"}}).json["output"][0]
        assert url.startswith(mock.base_url) and url.endswith(".webp")
        whole = ask(mock, "GET", url, Authorization="")
        assert whole.status == 200 and whole.headers["Content-Type"] == "image/webp" and len(whole.content) > 10_000
        mark = whole.headers["ETag"]
        part = ask(mock, "GET", url, Range="bytes=100-", If_Range=mark)
        assert (part.status, part.content) == (206, whole.content[100:])
        assert part.headers["Content-Range"] == f"bytes 100-{len(whole.content) - 1}/{len(whole.content)}"
        assert ask(mock, "GET", url, Range="bytes=-5").content == whole.content[-5:]
        assert ask(mock, "GET", url, Range="bytes=0-9").content == whole.content[:10]
        assert ask(mock, "GET", url, Range="bytes=100-", If_Range='"other"').content == whole.content
        assert ask(mock, "GET", url, Range="bytes=9999999-").status == 416


@pytest.fixture
def listener() -> Iterator[tuple[Scripted, queue.Queue[Asked]]]:
    heard: queue.Queue[Asked] = queue.Queue()

    def answer(asked: Asked) -> Reply:
        heard.put(asked)
        return of({})

    with scripted() as server:
        server.answers["/hook"] = answer
        yield server, heard


@pytest.mark.parametrize("wanted", [None, ["start", "logs", "completed"]])
def test_webhooks_are_sent_and_signed(package: Any, listener: Any, wanted: list[str] | None) -> None:  # noqa: F811
    server, heard = listener
    more = {} if wanted is None else {"webhook_events_filter": wanted}
    clock = Clock()
    with package.serve(seconds=10, now=clock) as mock:
        body = {
            "version": "replicate/hello-world",
            "input": {"text": "Bob"},
            "webhook": server.origin + "/hook",
            **more,
        }
        made = send(mock, "POST", "/predictions", body).json
        secret = ask(mock, "GET", "/webhooks/default/secret").json["key"]
        clock.forward(mock, 6)
        asked = [heard.get(timeout=HANGS)] if wanted else []
        clock.forward(mock, 4)
        asked += [heard.get(timeout=HANGS) for _ in range(2)]
        done = ask(mock, "GET", made["urls"]["get"]).json
    assert [a.json["status"] for a in asked][-1] == "succeeded" and asked[-1].json == done
    if wanted:
        assert asked[0].json["status"] == "processing"
    for each in asked:
        signed = f"{each.headers['webhook-id']}.{each.headers['webhook-timestamp']}.".encode() + each.body
        made_of = hmac.digest(base64.b64decode(secret.removeprefix("whsec_")), signed, "sha256")
        assert each.headers["webhook-signature"] == "v1," + base64.b64encode(made_of).decode()
        assert abs(time.time() - int(each.headers["webhook-timestamp"])) < HANGS
    assert len({each.headers["webhook-id"] for each in asked}) == len(asked)


def test_the_end_is_told_again_where_it_was_not_heard(package: Any) -> None:  # noqa: F811
    heard: queue.Queue[int] = queue.Queue()

    statuses = iter((500, 200))

    def answer(asked: Asked) -> Reply:
        heard.put(status := next(statuses))
        return of({}, status)

    with scripted() as server, package.serve(seconds=0) as mock:
        server.answers["/hook"] = answer
        body = {"version": "a", "input": {}, "webhook": server.origin + "/hook", "webhook_events_filter": ["completed"]}
        send(mock, "POST", "/predictions", body)
        assert [heard.get(timeout=HANGS), heard.get(timeout=HANGS)] == [500, 200]
        assert [asked.headers["webhook-id"] for asked in server.seen] == ["msg_1", "msg_1"]
        assert ask(mock, "GET", "/account").status == 200
