"""Ten jobs over six members of a gateway, in its three modes: the bytes that pass through a model, side by side.

    PYTHONPATH=. python tests/bench/bench_gateway.py

The members: Replicate against its mock, two packages made here, a document without a package, and two Third-party MCP servers: the SDK's own example from npm, and one that dies when it is called. Each job is done as its mode has it done:
with a tool for each function, by search, describe and call, and by one search and one script. What is counted is what a
model reads and writes: the list and the instructions once, then names, arguments and texts of all calls. A model may
read better or write more than this: the calls are the fewest that do the job, and a list that is too long for a result
is gone through to its end.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "support"))

from gateway_packages import DOCUMENTS, ROOT, answering, render, surroundings
from mcp.client.client import Client
from mcp_harness import held, mocked
from recorder import recorder

GOAL = 0.05
"""What code mode may take of tools mode."""
NPM = ROOT / "tests/npm/node_modules/@modelcontextprotocol/sdk/dist/esm/examples/server/mcpServerOutputSchema.js"
BAD = ROOT / "tests/support/upstream_server.py"
RENDER = [
    sys.executable,
    "-c",
    f"import sys; sys.path.insert(0, {str(ROOT)!r}); from generator.cli import main; sys.exit(main())",
]
MORE = {
    "created_at": "2026-03-04T05:06:07.000Z",
    "updated_at": "2026-08-09T10:11:12.000Z",
    "url": "https://api.example.com/v1/things/0123456789abcdef",
    "owner": {"id": "u_0123456789", "name": "Somebody Somewhere", "email": "somebody@example.com", "admin": False},
    "labels": ["lent", "large print", "second floor"],
    "note": "What whoever works with it wrote down, in a sentence or two, as such objects mostly have it somewhere.",
}
"""What every long object has beside its own fields: in all it is some 450 bytes, a tenth of an issue of GitHub's."""
BOOKS = [{"id": f"b{n}", "title": f"The {n}th book of a long shelf", "shelf": "ABCDEFGH"[n % 8]} for n in range(150)]
TICKETS = [
    {
        "id": f"t{n}",
        "subject": f"About the {n * 7 % 150}th book of a long shelf, which I lost",
        "open": n % 3 == 0,
    }
    for n in range(140)
]
PARTS = [{"id": f"p{n}", "title": f"Part {n}", "shelf": "Z", "price": n} for n in range(130)]

Call = tuple[str, dict[str, Any]]


@dataclass(frozen=True)
class Job:
    """One job, as each mode does it."""

    told: str
    search: str
    tools: tuple[Call, ...]
    """The tool calls of tools mode; in meta mode the same functions are called."""
    code: str


def lists(*names: str) -> tuple[Call, ...]:
    return tuple((name, {}) for name in names)


WEATHER = tuple(("mcp_weather_get_weather", {"city": city, "country": "NO"}) for city in ("Oslo", "Bergen", "Bodø"))
JOBS = (
    Job(
        "titles on shelf B",
        "list books on a shelf",
        lists("library_list_books"),
        "local t = {} for _, b in ipairs(library.list_books{}) do if b.shelf == 'B' then t[#t+1] = b.id end"
        " end return #t",
    ),
    Job(
        "open tickets",
        "support tickets",
        lists("helpdesk_list_tickets"),
        "local n = 0 for _, t in ipairs(helpdesk.list_tickets{}) do if t.open then n = n + 1 end end return n",
    ),
    Job(
        "books of open tickets",
        "tickets and books",
        lists("library_list_books", "helpdesk_list_tickets"),
        "local n, titles = 0, {} for _, b in ipairs(library.list_books{}) do titles[b.title] = true end"
        " for _, t in ipairs(helpdesk.list_tickets{}) do"
        " if t.open and titles[t.subject:match('^About (.-),'):gsub('^the', 'The')] then n = n + 1 end end return n",
    ),
    Job(
        "parts of a document without a package",
        "list parts",
        lists("parts_list_books"),
        "local s = 0 for _, p in ipairs(parts.list_books{}) do s = s + p.price end return s",
    ),
    Job(
        "models on Replicate",
        "list models",
        lists("replicate_list_models"),
        "local r = replicate local n = 0 for m in r.pages(r.list_models, {}) do n = n + 1 end return n",
    ),
    Job(
        "three runs",
        "run a model",
        tuple(
            ("replicate_create_model_prediction",
             {"model_owner": "replicate", "model_name": "hello-world", "input": {"text": text}, "wait": 20})
            for text in ("a", "b", "c")
        ),
        "local out = {} for _, x in ipairs{'a','b','c'} do out[#out+1] = replicate.create_model_prediction"
        "{model_owner='replicate', model_name='hello-world', input={text=x}, wait=20}.status end return #out",
    ),
    Job(
        "the weather of three cities",
        "weather of a city",
        WEATHER,
        "local n = 0 for _, c in ipairs{'Oslo','Bergen','Bodø'} do"
        " if mcp.weather.get_weather{city=c, country='NO'}.temperature then n = n + 1 end end return n",
    ),
    Job(
        "one that dies, and the rest all the same",
        "do it badly",
        (("mcp_bad_dies", {"text": "x"}), *lists("helpdesk_list_tickets")),
        "local fine, why = pcall(mcp.bad.dies, {text='x'})"
        " return {fine, why.type, #helpdesk.list_tickets{}}",
    ),
    Job(
        "what three APIs have in all",
        "list books tickets parts",
        lists("library_list_books", "helpdesk_list_tickets", "parts_list_books"),
        "local i = app.integrations local a = parallel{function() return i.library.list_books{} end,"
        " function() return i.helpdesk.list_tickets{} end, function() return i.parts.list_books{} end}"
        " return #a[1] + #a[2] + #a[3]",
    ),
    Job(
        "books that nobody wrote about",
        "books and tickets",
        lists("library_list_books", "helpdesk_list_tickets"),
        "local seen, n = {}, 0 for _, t in ipairs(helpdesk.list_tickets{}) do"
        " seen[t.subject:match('the (%d+)th')] = true end for _, b in ipairs(library.list_books{}) do"
        " if not seen[b.title:match('(%d+)th')] then n = n + 1 end end return n",
    ),
)  # fmt: skip


@contextmanager
def gateway(folder: Path, more: dict[str, Any]) -> Iterator[Any]:
    """The plan of the gateway. more: what every object has beside its own fields."""
    from replikit.gateway.plan import plan

    with ExitStack() as kept:
        env = kept.enter_context(mocked(seconds=0.05))
        servers = kept.enter_context(answering())
        parts = kept.enter_context(recorder())
        for server, rows in ((servers["library"], BOOKS), (servers["helpdesk"], TICKETS), (parts, PARTS)):
            server.content = json.dumps([{**row, **more} for row in rows]).encode()
        packages = render(folder)
        document = folder / "parts.json"
        document.write_text(json.dumps({**DOCUMENTS["library"], "info": {"title": "Parts", "version": "1"}}))
        mine = {
            "SURFACEGEN_RENDER": json.dumps(RENDER),
            "XDG_CACHE_HOME": str(folder / "cache"),
            "PARTS_API_TOKEN": "parts",
        }
        kept.enter_context(surroundings(**{**env, **mine}))
        upstream = {
            "weather": {"command": shutil.which("node") or "node", "args": [str(NPM)]},
            "bad": {"command": sys.executable, "args": [str(BAD), "bad"]},
        }
        (folder / ".mcp.json").write_text(json.dumps({"mcpServers": upstream}))
        apis = {name: {"package": str(place), "base_url": servers[name].base_url} for name, place in packages.items()}
        apis["parts"] = {"openapi": str(document), "base_url": parts.base_url}
        config = {
            "apis": apis,
            "mcp": {"trust": [name for name in upstream if name != "weather" or NPM.is_file()]},
            "policy": {
                "replicate": {"write": "allow", "billed": "allow"},
                "mcp.weather": {"functions": {"get_weather": "allow"}},
            },
        }
        (folder / "gateway.json").write_text(json.dumps(config))
        exclude = ("mcp.bad.tool_*",)  # of its two thousand tools the one that is called is enough
        yield plan(config=str(folder / "gateway.json"), exclude=exclude)


class Model:
    """Counts what a model would read and write."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self.bytes = 0

    def call(self, name: str, arguments: dict[str, Any]) -> Any:
        """The result of a tool call."""
        answer = self._client.call_tool(name, arguments)
        texts = [block.text for block in answer.content if block.type == "text"]
        self.bytes += (
            len(name)
            + len(json.dumps(arguments, ensure_ascii=False).encode())
            + sum(len(text.encode()) for text in texts)
        )
        return answer


def fixed(client: Any) -> int:
    """Bytes of the list and of the instructions."""
    listed = [tool.model_dump(by_alias=True, exclude_none=True, mode="json") for tool in client.list_tools().tools]
    return len(json.dumps({"tools": listed}, separators=(",", ":"), ensure_ascii=False).encode()) + len(
        (client.instructions or "").encode()
    )


def through(job: Job, mode: str, client: Any, names: dict[str, str]) -> tuple[int, str]:
    """The bytes of a job, and how it ended."""
    model = Model(client)
    if mode == "code":
        model.call("search", {"text": job.search})
        made = model.call("execute_lua", {"code": job.code}).structured_content
        return model.bytes, json.dumps(made["result"]) if made["success"] else f"failed: {made['error']}"
    if mode == "meta":
        model.call("search", {"text": job.search})
        for name in dict.fromkeys(name for name, _ in job.tools):
            model.call("describe", {"function": names[name]})
    failures = 0
    for name, given in job.tools:
        cursor: str | None = ""
        while cursor is not None:
            further = {"cursor": cursor} if cursor else {}
            if mode == "tools":
                answer = model.call(name, {**given, **further})
            else:
                writes = name.startswith(("replicate_create", "mcp_weather"))
                arguments = {"function": names[name], "arguments": given, **further}
                answer = model.call("call_write" if writes else "call_read", arguments)
            # What was too long to be shown at once is gone on with: the job needs all of it.
            cursor = ((answer.structured_content or {}).get("truncated") or {}).get("cursor")
        failures += answer.is_error
    return model.bytes, f"{len(job.tools) - failures} of {len(job.tools)} calls"


def measured(more: dict[str, Any]) -> tuple[float, list[str]]:
    """What code mode takes of tools mode, and the jobs that it failed at."""
    from replikit.mcp.options import Options
    from replikit.mcp.server import make

    with tempfile.TemporaryDirectory() as text, gateway(Path(text), more) as plan:
        rows: dict[str, dict[str, tuple[int, str]]] = {job.told: {} for job in JOBS}
        first: dict[str, int] = {}
        for mode in ("tools", "meta", "code"):
            with held(Client(make(Options(mode=mode, gateway=plan)))) as client:
                first[mode] = fixed(client)
                for job in JOBS:
                    if not NPM.is_file() and job.tools is WEATHER:
                        continue
                    names = {name: _dotted(name) for name, _ in job.tools}
                    rows[job.told][mode] = through(job, mode, client, names)
    print(f"{'job':42} {'tools':>9} {'meta':>9} {'code':>9}  code gives")
    print(f"{'list and instructions':42} " + " ".join(f"{first[mode]:9,}" for mode in first))
    total = dict(first)
    for told, found in rows.items():
        if found:
            print(f"{told:42} " + " ".join(f"{found[mode][0]:9,}" for mode in first) + f"  {found['code'][1][:60]}")
            for mode in first:
                total[mode] += found[mode][0]
    print(f"{'all':42} " + " ".join(f"{total[mode]:9,}" for mode in first))
    failed = [told for told, found in rows.items() if found and found["code"][1].startswith("failed")]
    return total["code"] / total["tools"], failed


def main() -> None:
    wrong: list[str] = []
    for size, more in (("long", MORE), ("short", {})):
        share, failed = measured(more)
        print(f"code mode takes {share:.1%} of tools mode with {size} rows (goal: {GOAL:.0%})\n")
        wrong += [*failed, *([f"{share:.1%} with {size} rows"] if share > GOAL else [])]
    if wrong:
        sys.exit(f"not reached: {', '.join(wrong)}")


def _dotted(tool: str) -> str:
    """The function behind a tool, as it is called among all."""
    head = (
        "mcp_weather"
        if tool.startswith("mcp_weather")
        else "mcp_bad" if tool.startswith("mcp_bad") else tool.split("_")[0]
    )
    return f"{head.replace('_', '.')}.{tool.removeprefix(head + '_')}"


if __name__ == "__main__":
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    main()
