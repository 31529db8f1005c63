"""Lists of every way to go on, over every surface: the same items, no request twice, none too many, and nothing given away.

The server and the document are of `support/paged_api.py`; which way each list has is for the generator to recognise.
"""

from __future__ import annotations

import asyncio
import importlib
import json
import os
import pickle
import shlex
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import anyio
import pytest
from forking import Forked, Forking
from hanging import HANGS
from luas import LUAS
from mcp.client.client import Client
from mcp.client.stdio import StdioServerParameters
from paged_api import BAD, ITEMS, LISTS, TOKEN, Paged, document, paged

from generator import pipeline

PAGES = dict.fromkeys(LISTS, 3)
"""Seven items, three a page: every list says when it ends, so that no empty page is asked for."""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("paged")
    (folder / "api.json").write_text(json.dumps(document()), "utf-8")
    report = pipeline.generate(pipeline.Inputs(folder / "api.json"), folder / "out")
    assert {loss.kind for loss in report.losses if "list of tools" not in loss.reason} == {"kept"}
    assert len([loss for loss in report.losses if "read as a list of pages" in loss.reason]) == len(LISTS) + len(BAD)
    sys.path.insert(0, str(folder / "out/python"))
    yield folder / "out"
    sys.path.remove(str(folder / "out/python"))


@pytest.fixture(scope="module")
def command(made: Path) -> Iterator[Forking]:
    server = Forking("paged_kit", str(made / "python"), ("paged_kit.cli.app", "paged_kit.lua", "paged_kit.mcp"))
    yield server
    server.close()


@pytest.fixture
def api() -> Iterator[Paged]:
    with paged() as server:
        yield server


def client(kind: str, api: Paged) -> Any:
    return getattr(importlib.import_module("paged_kit"), kind)(TOKEN, base_url=api.base_url, max_retries=0)


def listing(client: Any, name: str) -> Any:
    from paged_kit.operations import OPERATIONS  # type: ignore[import-not-found]

    return OPERATIONS[f"paged_list_{name}"], client


def found_in(page: Any) -> list[dict[str, Any]]:
    return [item.to_dict() for item in page]


def listed(result: Any) -> list[Any]:
    """The one list of a result, which HAL has in `_embedded`."""
    whole = result.get("_embedded", result) if isinstance(result, dict) else result
    found = whole if isinstance(whole, list) else next(v for v in whole.values() if isinstance(v, list))
    return list(found)


def asked_once(api: Paged, count: int, header: str = "") -> None:
    """So many requests, all different and with the credential, each with what the first was given."""
    assert len(api.asked) == count and len({json.dumps(each[:2]) for each in api.asked}) == count
    assert api.unauthorized == 0
    assert {version for _, _, version in api.asked} == {header}


def environment(api: Paged, made: Path, folder: Path) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "PYTHONPATH": str(made / "python"),
        "PAGED_API_TOKEN": TOKEN,
        "PAGED_BASE_URL": api.base_url,
    }


def run(api: Paged, made: Path, folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "paged_kit", *words]
    return subprocess.run(
        command,
        check=False,
        env=environment(api, made, folder),
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=HANGS,
    )


@pytest.mark.parametrize("name", LISTS)
def test_python(name: str, made: Path, api: Paged) -> None:
    operation, sync = listing(client("Paged", api), name)
    given = {"api_version": "2", "filter": "a&b"}
    page = sync.call(operation, given, raw=False)
    assert found_in(page) == ITEMS
    asked_once(api, PAGES[name], header="2")
    if name.partition("_")[0] not in ("twilio", "microsoft", "github", "digitalocean"):  # their links say all
        assert {query["filter"] for _, query, _ in api.asked} == {"a&b"}


@pytest.mark.parametrize("name", LISTS)
def test_python_async(name: str, made: Path, api: Paged) -> None:
    async def walk() -> list[Any]:
        operation, client_ = listing(client("AsyncPaged", api), name)
        async with client_:
            return [item.to_dict() async for item in await client_.call(operation, {}, raw=False)]

    assert asyncio.run(walk()) == ITEMS
    asked_once(api, PAGES[name])


@pytest.mark.parametrize("name", LISTS)
def test_a_page_is_gone_on_from_by_its_cursor(name: str, made: Path, api: Paged) -> None:
    operation, sync = listing(client("Paged", api), name)
    first = sync.call(operation, {}, raw=False)
    assert first.next and TOKEN not in first.next and TOKEN not in repr(first)
    assert pickle.loads(pickle.dumps(first)).next == first.next
    second = sync.answer(operation, {}, cursor=first.next).parse()
    assert found_in(first)[3:6] == [item for item in ITEMS[3:6]]
    assert ITEMS[3:6] == [dict(item) for item in listed(second)]


@pytest.mark.parametrize("name", LISTS)
def test_no_page_is_asked_for_that_is_not_needed(name: str, made: Path, api: Paged) -> None:
    operation, sync = listing(client("Paged", api), name)
    assert [item.to_dict() for item in sync.call(operation, {}, raw=False).first(4)] == ITEMS[:4]
    assert len(api.asked) == 2


class Shell:
    """Runs commands, each as a process of its own, and reads what they say."""

    def __init__(self, command: Forking, environment: dict[str, str], folder: Path) -> None:
        self._command = command
        self._environment = environment
        self._folder = folder
        self.error = ""

    def __call__(self, *words: str, status: int = 0) -> str:
        pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        with Forked(self._command, list(words), cwd=self._folder, env=self._environment, **pipes) as process:
            out, error = process.communicate(timeout=HANGS)
        self.error = error.decode()
        assert process.returncode == status, self.error
        return out.decode()

    @property
    def token(self) -> str:
        """What it told to go on with, as a shell reads it; empty where it told nothing."""
        line = next((line for line in self.error.splitlines() if line.startswith("more: ")), "")
        return shlex.split(line.partition("--page-token ")[2].replace("`", " "))[0] if line else ""


@pytest.fixture
def shell(command: Forking, made: Path, api: Paged, tmp_path: Path) -> Shell:
    return Shell(command, environment(api, made, tmp_path), tmp_path)


def lines(text: str) -> list[Any]:
    return [json.loads(line) for line in text.splitlines()]


@pytest.mark.parametrize("name", LISTS)
def test_command_line(name: str, shell: Shell, api: Paged) -> None:
    """All of it; then four items, and from what was told of the rest, by another process, three more: one of the page
    that was begun, two of the next, of which the last one is left to a third."""
    words = ("call", f"paged_list_{name}", '{"filter": "a&b"}', "--format", "jsonl")
    assert lines(shell(*words, "--all")) == ITEMS and shell.token == ""
    asked_once(api, PAGES[name])
    api.asked.clear()
    # Where the command has a `--limit` or a `--page-token` of its own, ours stands before it.
    assert lines(shell("--limit", "4", *words)) == ITEMS[:4]
    assert len(api.asked) == 2 and TOKEN not in shell.error
    assert lines(shell("--limit", "2", "--page-token", shell.token, *words)) == ITEMS[4:6]
    assert len(api.asked) == 3 and api.asked[1] == api.asked[2] or "?" not in shell.token
    assert lines(shell("--page-token", shell.token, *words, "--all")) == ITEMS[6:]
    assert shell.token == "" and api.unauthorized == 0
    if name.partition("_")[0] not in ("twilio", "microsoft", "github", "digitalocean"):  # their links say all
        assert {query["filter"] for _, query, _ in api.asked} == {"a&b"}


def test_command_line_of_one_page(shell: Shell, api: Paged) -> None:
    found = json.loads(shell("call", "paged_list_notion_search", "{}"))
    assert found["results"] == ITEMS[:3] and shell.token.endswith("#start_cursor=t%2F%2B3")
    found = json.loads(shell("call", "paged_list_notion_search", "{}", "--page-token", shell.token))
    assert found["results"] == ITEMS[3:6]
    found = json.loads(shell("call", "paged_list_github_issues", "{}", "--limit", "4", "--json"))
    assert found["data"] == ITEMS[:4] and shell.token == ""
    onward = found["meta"]["next"]
    assert json.loads(shell("call", "paged_list_github_issues", "{}", "--page-token", onward)) == ITEMS[4:6]
    assert lines(shell("--limit", "7", "call", "paged_list_stripe_charges", "{}", "--format", "jsonl")) == ITEMS
    assert shell.token == "", "the last item was given"
    for wrong in ("x#y", f"{api.base_url}/stripe/charges", "https://elsewhere.invalid/v1/github/issues?page=2"):
        shell("call", "paged_list_github_issues", "{}", "--page-token", wrong, status=2)
        assert "--page-token" in shell.error or "is no page of" in shell.error


def test_a_link_to_another_path_is_gone_on_with_by_another_process(made: Path, shell: Shell, api: Paged) -> None:
    """Of GitHub's kind: what one process was given is taken by another with the same credential, and by no other; what
    nobody was given is not, though it is on the same server."""
    operation, first = listing(client("Paged", api), "github_issues")
    cursor = first.call(operation, {}, raw=False).next
    assert urlsplit(cursor).path == "/v1/repositories/17/issues" and TOKEN not in cursor
    again = client("Paged", api)
    page = again.call(operation, {}, raw=False, cursor=cursor)
    assert found_in(page) == ITEMS[3:]
    third = page.next  # of a page that stands at the other path itself
    assert found_in(client("Paged", api).call(operation, {}, raw=False, cursor=third)) == ITEMS[6:]
    assert json.loads(shell("call", "paged_list_github_issues", "{}", "--page-token", cursor)) == ITEMS[3:6]
    asked = len(api.asked)
    other = type(again)("another_token_of_these_tests", base_url=api.base_url, max_retries=0)
    forged = cursor.replace("page=2", "page=3")
    bare = cursor.partition("#")[0]
    elsewhere = cursor.replace(api.base_url, "https://elsewhere.invalid/v1")
    for client_, wrong in (
        (other, cursor),
        (client("Paged", api), forged),
        (client("Paged", api), bare),
        (first, elsewhere),
    ):
        with pytest.raises(Exception, match="is no page of"):
            client_.call(operation, {}, cursor=wrong)
    with pytest.raises(Exception, match="is no page of"):  # that of one list is none of another
        client("Paged", api).call(listing(None, "stripe_charges")[0], {}, cursor=cursor)
    assert len(api.asked) == asked


def test_mcp_goes_on_in_another_process(made: Path, api: Paged, tmp_path: Path) -> None:
    arguments = ["-m", "paged_kit", "mcp", "serve"]
    server = StdioServerParameters(command=sys.executable, args=arguments, env=environment(api, made, tmp_path))
    found: list[Any] = []

    async def one(given: dict[str, Any]) -> dict[str, Any]:
        async with Client(server) as host:
            answer = await host.call_tool("paged_list_github_issues", given)
            assert not answer.is_error, answer.content
            found.extend((answer.structured_content or {})["result"])
            return {"cursor": (answer.structured_content or {}).get("next")}

    given = anyio.run(one, {})
    anyio.run(one, given)
    assert found == ITEMS[:6]


def test_script(made: Path, api: Paged, tmp_path: Path) -> None:
    walks = "\n".join(
        f'all["{name}"] = {{}}; for item in p("paged_list_{name}", {{}}) do table.insert(all["{name}"], item) end'
        for name in LISTS
    )
    script = f"local p = app.integrations.paged.pages\nlocal all = {{}}\n{walks}\nreturn all"
    (tmp_path / "walk.lua").write_text(script, "utf-8")
    done = run(api, made, tmp_path, "lua", "run", "walk.lua")
    assert done.returncode == 0, done.stderr + done.stdout
    assert json.loads(done.stdout) == {name: ITEMS for name in LISTS}
    asked_once(api, sum(PAGES.values()))


def test_mcp(made: Path, api: Paged, tmp_path: Path) -> None:
    """A host goes on with what the result calls `next`: as the cursor, or as the API's own argument of that name."""

    async def walk() -> None:
        arguments = ["-m", "paged_kit", "mcp", "serve"]
        server = StdioServerParameters(command=sys.executable, args=arguments, env=environment(api, made, tmp_path))
        async with Client(server) as host:
            for name in LISTS:
                api.asked.clear()
                given: dict[str, Any] = {}
                found: list[Any] = []
                while True:
                    answer = await host.call_tool(f"paged_list_{name}", given)
                    assert not answer.is_error, answer.content
                    content = dict(answer.structured_content or {})
                    assert TOKEN not in json.dumps(content)
                    found += listed(content)
                    onward = content.get("next")
                    if not onward:
                        break
                    given = dict(onward) if isinstance(onward, dict) else {"cursor": onward}
                assert found == ITEMS, name
                asked_once(api, PAGES[name])
            refused = await host.call_tool("paged_list_google_files", {"cursor": f"{api.base_url}/stripe/charges"})
            assert refused.is_error
            first = await host.call_tool("paged_list_bad_itself", {})
            last = await host.call_tool("paged_list_bad_itself", {"cursor": first.structured_content["next"]})
            assert last.structured_content == {"items": ITEMS[4:]}, "its link to itself leads nowhere"
            assert all("page=2" not in each.text for each in last.content)

    anyio.run(walk)


def lua_client(version: str, made: Path, api: Paged) -> Any:
    lua = importlib.import_module(f"lupa.{version}").LuaRuntime(encoding="latin-1")

    def send(request: Any) -> Any:
        sent = urllib.request.Request(
            request["url"],
            data=request["body"].encode("latin-1") if request["body"] else None,
            headers=dict(request["headers"].items()),
            method=request["method"],
        )
        try:
            with urllib.request.urlopen(sent, timeout=HANGS) as answer:
                return lua.table_from(
                    {
                        "status": answer.status,
                        "headers": lua.table_from(dict(answer.headers)),
                        "body": answer.read().decode("latin-1"),
                    }
                )
        except urllib.error.HTTPError as error:
            return lua.table_from({"status": error.code, "body": "{}"})

    lua.globals().package.path = f"{made}/lua/?.lua"
    lua.globals().send = send
    lua.execute(
        f"client = require('paged_kit').new{{token = '{TOKEN}', base_url = '{api.base_url}', http = function(r) return send(r) end}}"
    )
    lua.execute(
        "function walk(name) local found, problem = {}, nil for item, err in client:each(name, {api_version = '2'}) do"
        " if err then problem = err.message else found[#found + 1] = item.id .. '=' .. item.name end end"
        " return table.concat(found, ';'), problem end"
    )
    return lua


@pytest.mark.parametrize("version", LUAS)
def test_plain_lua(version: str, made: Path, api: Paged) -> None:
    walk = lua_client(version, made, api).globals().walk
    wanted = ";".join(f"{item['id']}={item['name']}" for item in ITEMS)
    for name in LISTS:
        api.asked.clear()
        assert walk(f"paged_list_{name}") in (wanted, (wanted, None))
        asked_once(api, PAGES[name], header="2")


# What has no end, or leads elsewhere


@pytest.mark.parametrize(
    ("name", "count", "wanted"), [("loop", 2, ITEMS[:1] * 2), ("itself", 2, ITEMS), ("beyond", 3, ITEMS)]
)
def test_a_last_page_that_names_itself_is_the_end(
    name: str, count: int, wanted: list[Any], made: Path, api: Paged, shell: Shell, tmp_path: Path
) -> None:
    """`loop`: what CloudWatch Logs does, whose GetLogEvents answers at the end with the token that it was asked with."""
    operation, sync = listing(client("Paged", api), f"bad_{name}")
    pages = list(sync.call(operation, {}, raw=False).pages())
    assert [item for page in pages for item in found_in(page.results)] == wanted and len(api.asked) == count
    assert (pages[-1].next is None) == (name != "beyond") and "more follow" in repr(pages[0])
    walked = ";".join(f"{item['id']}={item['name']}" for item in wanted)
    assert lua_client("lua54", made, api).globals().walk(f"paged_list_bad_{name}") in (walked, (walked, None))
    script = (
        f"local n = 0 for _ in app.integrations.paged.pages('paged_list_bad_{name}', {{}}) do n = n + 1 end return n"
    )
    (tmp_path / "last.lua").write_text(script, "utf-8")
    assert json.loads(shell("lua", "run", "last.lua")) == len(wanted)
    assert lines(shell("call", f"paged_list_bad_{name}", "{}", "--all", "--format", "jsonl")) == wanted
    if name == "itself":
        shell("call", "paged_list_bad_itself", "{}", "--page-token", f"{api.base_url}/bad/itself?page=2")
        assert shell.token == ""


def test_tokens_that_lead_round_are_an_error(made: Path, api: Paged, tmp_path: Path) -> None:
    from paged_kit.runtime.errors import ResponseError  # type: ignore[import-not-found]

    operation, sync = listing(client("Paged", api), "bad_round")
    with pytest.raises(ResponseError, match="that was given before"):
        list(sync.call(operation, {}, raw=False))
    assert len(api.asked) == 3
    _, problem = lua_client("lua54", made, api).globals().walk("paged_list_bad_round")
    assert "that was given before" in problem
    (tmp_path / "loop.lua").write_text(
        "for _ in app.integrations.paged.pages('paged_list_bad_round', {}) do end", "utf-8"
    )
    done = run(api, made, tmp_path, "lua", "run", "loop.lua")
    assert done.returncode != 0 and "that was given before" in done.stderr


def test_links_that_lead_round_are_an_error(made: Path, api: Paged, shell: Shell, tmp_path: Path) -> None:
    """Its name is in it: RFC 8288 knows no end of a list but the missing link."""
    from paged_kit.runtime.errors import ResponseError

    operation, sync = listing(client("Paged", api), "bad_circle")
    with pytest.raises(ResponseError, match=r"that was given before: http.*/bad/circle\?page=2$"):
        list(sync.call(operation, {}, raw=False))
    _, problem = lua_client("lua54", made, api).globals().walk("paged_list_bad_circle")
    assert problem.endswith("/bad/circle?page=2") and "that was given before" in problem
    shell("call", "paged_list_bad_circle", "{}", "--all", status=1)
    assert "that was given before" in shell.error and "/bad/circle?page=2" in shell.error
    (tmp_path / "round.lua").write_text("for _ in app.integrations.paged.pages('paged_list_bad_circle', {}) do end")
    shell("lua", "run", "round.lua", status=1)
    assert "that was given before" in shell.error and "/bad/circle?page=2" in shell.error


def test_a_page_elsewhere_is_not_asked_for(made: Path, api: Paged) -> None:
    from paged_kit.runtime.errors import ResponseError

    operation, sync = listing(client("Paged", api), "bad_elsewhere")
    page = sync.call(operation, {}, raw=False)
    with pytest.raises(ResponseError, match="is on another server and was not asked for"):
        list(page)
    _, problem = lua_client("lua54", made, api).globals().walk("paged_list_bad_elsewhere")
    assert "on another host" in problem
    assert [path for path, _, _ in api.asked] == ["/bad/elsewhere"] * 2


def test_empty_pages_come_to_an_end(made: Path, api: Paged) -> None:
    from paged_kit.runtime.errors import ResponseError

    operation, sync = listing(client("Paged", api), "bad_endless")
    with pytest.raises(ResponseError, match="max_empty_pages"):
        list(sync.with_options(max_empty_pages=5).call(operation, {}, raw=False))
    assert len(api.asked) == 5


def test_the_cursor_of_another_list_is_refused(made: Path, api: Paged) -> None:
    operation, sync = listing(client("Paged", api), "github_issues")
    for cursor in (
        f"{api.base_url}/stripe/charges",
        "https://elsewhere.invalid/v1/github/issues?page=2",
        f"{api.base_url}/repositories/17/issues?page=2",
    ):
        with pytest.raises(Exception, match="is no page of"):
            sync.answer(operation, {}, cursor=cursor)
    assert not api.asked


# RFC 8288


@pytest.mark.parametrize(
    ("header", "target"),
    [
        ('<http://a/2>; rel="next"', "http://a/2"),
        ("<http://a/2>;rel=next", "http://a/2"),
        ('<?page=2>; REL="Next"', "?page=2"),  # 3.3: names and relation types are compared without case
        ('<a>; rel="prev", <b>; rel="next"', "b"),
        ('<a>; rel="start http://x/rel next"', "a"),  # 3.3: several, separated by blanks
        ('<a>; title="x, <y>; rel=\\"next\\""; rel=last, <b>; rel=next', "b"),  # a comma inside quotes ends nothing
        ("<a>; rel=last; rel=next, <b>; rel=next", "b"),  # 3.3: those after the first are ignored
        ('<a>; rel="next"; anchor="#other", <b>; rel="next"', "b"),  # 3.2: about another resource
        ("<a,b;c>; rel=next", "a,b;c"),
        ("<a> ; rel = next", "a"),
        (", <a>; rel=next ,", "a"),
        ('<a>; rel="next', "a"),
        ("", None),
        ("<a>", None),
        ("a; rel=next", None),
        ("<a; rel=next", None),
        ('<a>; rel="nextish"', None),
    ],
)
def test_links(header: str, target: str | None, made: Path) -> None:
    from paged_kit.runtime.following import linked  # type: ignore[import-not-found]

    assert linked(header, "next") == target
    for version in LUAS:
        lua = importlib.import_module(f"lupa.{version}").LuaRuntime(encoding="latin-1")
        lua.globals().package.path = f"{made}/lua/?.lua"
        assert lua.eval("require('paged_kit.pages').link")(header, "next") == target, version


def test_a_long_header_takes_no_longer_than_its_length(made: Path) -> None:
    from paged_kit.runtime.following import linked

    for header in ("<a>; x=1, " * 50_000, "<a" * 200_000, '<a>; t="' + "\\" * 400_001, "<a>" + ";" * 400_000):
        assert linked(header, "next") is None
        lua = importlib.import_module("lupa.lua54").LuaRuntime(encoding="latin-1")
        lua.globals().package.path = f"{made}/lua/?.lua"
        assert lua.eval("require('paged_kit.pages').link")(header, "next") is None


# The mock serves each of them


def test_the_mock_gives_pages_in_the_same_ways(made: Path) -> None:
    from paged_kit import Paged  # type: ignore[import-not-found]
    from paged_kit.mock.server import serve  # type: ignore[import-not-found]
    from paged_kit.operations import OPERATIONS

    with serve(page_size=2, token=TOKEN) as mock:
        client = Paged(TOKEN, base_url=mock.environment()["PAGED_BASE_URL"])
        for name in LISTS:
            pages = [*client.call(OPERATIONS[f"paged_list_{name}"], {}, raw=False).pages()]
            assert [len(page.results) for page in pages] == [2, 2, 2, 1], name
            assert [item.to_dict() for page in pages for item in page.results] == ITEMS
