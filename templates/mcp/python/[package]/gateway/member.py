"""This package as a member: answers a host over stdin and stdout, as many questions at once as it is asked.

It reads its own accounts and makes its own calls: a token of an account never crosses to the host. What the owner of an
account denies stays denied, whatever the host lets pass.
"""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import anyio

from .. import about, functions
from ..functions import FunctionInfo, Policy, document, failures
from ..functions.added import state
from ..functions.info import ADDED
from ..mcp.clients import Caller, Clients, owner
from ..mcp.text import as_it_is, clean
from ..runtime.decoding import SHOWN_DEPTH
from .contract import CONTRACT, METHODS, PAGE, Call, Hello, Record, plain, read
from .serving import AnswerError, Method, Params, Serving, Tell, start

_IDLE = 64
_SHARE = 0.9
"""Of the time that a call has, what a job is waited for."""
_LOOK = 1.0
"""Seconds between two looks whether functions were added."""
_FOUND = 50
"""Functions that a search gives."""


def main() -> None:
    """Serve the host until it hangs up."""
    address = sys.argv[2] if sys.argv[1:2] == ["--base-url"] and len(sys.argv) == 3 else ""
    anyio.run(Member(address).serve)


class Member:
    """Answers one host."""

    def __init__(self, base_url: str = "") -> None:
        """base_url: where its API is, in place of the usual address and of the accounts'."""
        self._base_url = base_url
        self._clients = Clients(_IDLE, {"max_depth": SHOWN_DEPTH, **({"base_url": base_url} if base_url else {})})
        self._followed = anyio.Event()
        self._methods: dict[str, Method] = {
            "hello": self._hello,
            "list": self._list,
            "tools": self._tools,
            "search": self._search,
            "describe": self._describe,
            "call": self._call,
            "wait": self._wait,
            "run": self._run,
            "health": self._health,
        }

    async def serve(self) -> None:
        """Answers until the host hangs up."""
        serving = Serving(self._methods)
        async with self._clients.serving(), anyio.create_task_group() as group:
            group.start_soon(self._watch, serving)
            await serving.serve()
            group.cancel_scope.cancel()

    async def _watch(self, serving: Serving) -> None:
        """Lets the host know, where it wants to, that functions were added or removed."""
        await self._followed.wait()
        seen = state()
        while True:
            await anyio.sleep(_LOOK)
            if (now := state()) != seen:
                seen = now
                serving.changed()

    # ── What there is ─────────────────────────────────────────────────────────────────────────────────────

    async def _hello(self, params: Params, _: Tell) -> Any:
        from ..runtime import accounts, errors

        if params.get("changes") is True and ADDED:
            self._followed.set()

        try:
            known = tuple(sorted(accounts.read().accounts))
        except errors.ConfigError:
            known = ()  # `health` says what is wrong with them
        return plain(
            Hello(
                contract=CONTRACT,
                api=about.NAME,
                title=about.TITLE,
                package=about.PACKAGE,
                version=about.VERSION,
                summary=about.SUMMARY,
                classes=tuple(about.CLASSES),
                accounts=known,
                methods=METHODS,
            )
        )

    async def _list(self, params: Params, _: Tell) -> Any:
        infos = list(functions.everything("mcp").values())
        first = start(params)
        rows = [plain(record(info)) for info in infos[first : first + PAGE]]
        return {"functions": rows, "next": first + PAGE if first + PAGE < len(infos) else None}

    async def _tools(self, params: Params, _: Tell) -> Any:
        from ..mcp.options import Options
        from ..mcp.tools import tools

        listed, first = tools(Options(allowed=Policy.everything())), start(params)
        return {"tools": listed[first : first + PAGE], "next": first + PAGE if first + PAGE < len(listed) else None}

    async def _search(self, params: Params, _: Tell) -> Any:
        hits = functions.search(str(params.get("text") or ""), functions.everything("mcp").values(), 10_000)
        return {"functions": [info.name for info in hits[:_FOUND]]}

    async def _describe(self, params: Params, _: Tell) -> Any:
        info = functions.find(str(params.get("name")), "mcp")
        match params.get("part"):
            case "schema":
                result: Any = info.input_schema
            case "page":
                result = document.page(info)
            case "all":
                result = info.to_dict()
            case _:
                result = document.brief(info)
        return {"name": info.name, "document": result}

    async def _health(self, _: Params, __: Tell) -> Any:
        from ..runtime import accounts, config, credentials, errors

        try:
            known = accounts.read()
            token = config.in_environment() or known.find("") is not None
        except errors.Error as error:
            return {"ok": False, "found": str(error)}
        if not about.CREDENTIAL_ENV:
            return {"ok": True, "found": "takes no credentials"}
        remedy = f"{credentials.login()}, or set {' and '.join(about.CREDENTIAL_ENV)}"
        return {"ok": token, "found": "there are credentials" if token else f"no credentials: {remedy}"}

    # ── Calls ─────────────────────────────────────────────────────────────────────────────────────────────

    async def _call(self, params: Params, tell: Tell) -> Any:
        from ..functions.derived import TIMEOUT
        from ..functions.streaming import Part

        call = read(Call, params)
        info = functions.find(call.name, "mcp")
        arguments = call.arguments
        if call.lua:
            from ..lua.bridge import fit

            arguments = fit(arguments, info.input_schema)

        async def work(client: Any, policy: Policy) -> dict[str, Any]:
            return await functions.acall(
                client,
                info.name,
                arguments,
                policy=policy,
                dry_run=call.dry_run,
                cursor=call.cursor,
                options={TIMEOUT: call.seconds * _SHARE} if info.derived is not None else {},
                on_update=_updates(info, tell) if params.get("progress") is True and info.job else None,
                part=Part(call.items, 200_000, 20.0),
                wait=min(call.wait, call.seconds * _SHARE),
            )

        envelope = await self._made(info, call, work)
        if call.dry_run:
            from ..mcp.costs import cost

            return {"envelope": envelope, "cost": cost(info, arguments, as_it_is)}
        return {"envelope": envelope, "next": _onward(info, envelope), "job": _job(info, envelope)}

    async def _wait(self, params: Params, tell: Tell) -> Any:
        """A job as it is when it has ended, or when the time is up."""
        from ..operations import OPERATIONS

        call, data = read(Call, params), params.get("job")
        info = functions.find(str(params.get("of") or self._giver(data)), "mcp")
        job = OPERATIONS[info.name].job
        if job is None:
            raise AnswerError("invalid_arguments", f"{info.name} starts no job")
        cancel = params.get("cancel") is True
        needed = [functions.find(name) for name in ((job.poll, job.cancel) if cancel else (job.poll,))]

        async def work(client: Any, policy: Policy) -> dict[str, Any]:
            for each in needed:
                policy.check(each)
            update = _updates(info, tell)
            data_ = await client.follow(job, data, timeout=call.seconds, cancel=cancel, on_update=update)
            return {"function": info.name, "success": True, "data": data_, "error": None, "meta": {}}

        envelope = await self._made(info, call, work)
        return {"envelope": envelope, "job": _job(info, envelope)}

    async def _run(self, params: Params, _: Tell) -> Any:
        """The output of a reference. The client decides which call it becomes, so all of them must be allowed."""
        call = read(Call, params)
        starting = [info for info in functions.all_functions().values() if info.job and "billed" in info.classes]
        if not starting:
            raise AnswerError("unknown_method", f"{about.TITLE} has no command that runs a reference")

        async def work(client: Any, policy: Policy) -> dict[str, Any]:
            for info in starting:
                policy.check(info)
            arguments = params.get("input") or {}
            data = await client.run(
                str(params.get("reference")), arguments, timeout=call.seconds, use_file_output=False
            )
            return {"function": "run", "success": True, "data": data, "error": None, "meta": {}}

        return {"envelope": await self._made(starting[0], call, work)}

    async def _made(
        self, info: FunctionInfo, call: Call, work: Callable[[Any, Policy], Awaitable[dict[str, Any]]]
    ) -> dict[str, Any]:
        """The envelope of some work with the caller's client, without a secret in it."""
        hide: Callable[[str], str] = as_it_is
        policy = Policy(frozenset(call.allowed))
        caller = Caller(call.token, "" if call.token else call.account)
        try:
            if (permitted := owner(caller)) is not None:
                permitted.check(info)
            if call.dry_run:
                envelope = await work(_Address(self._address(caller)), policy)
            else:
                async with self._clients.of(caller) as client:
                    hide = client.hide
                    envelope = await work(client, policy)
        except failures.caught() as error:
            problem = failures.describe(error, info)
            envelope = {"function": info.name, "success": False, "data": None, "error": problem, "meta": {}}
        envelope_: dict[str, Any] = clean(envelope, hide)
        return envelope_

    def _address(self, caller: Caller) -> str:
        from ..runtime import accounts

        account = None if caller.token else accounts.read().find(caller.account)
        return self._base_url or (account.base_url if account is not None else "")

    @staticmethod
    def _giver(data: Any) -> str:
        from ..runtime.views import at

        kinds = {
            str(info.job["key"]): info.name
            for info in functions.all_functions().values()
            if info.job and at(data, info.job["id"]) and at(data, info.job["status"])
        }
        if len(kinds) != 1:
            raise AnswerError("invalid_arguments", "this is not a known job: name the function that returned it")
        return next(iter(kinds.values()))


class _Address:
    """What a dry run needs of a client: the base URL of the API."""

    def __init__(self, base_url: str) -> None:
        self.base_url = base_url or None


def record(info: FunctionInfo) -> Record:
    """A function as hosts list it."""
    page, job = info.page, info.job
    return Record(
        name=info.name,
        short=document.short(info),
        aliases=info.aliases,
        title=info.title,
        summary=info.summary,
        type=info.type,
        classes=info.classes,
        group=info.group,
        keywords=info.keywords,
        arguments=info.arguments,
        result_kind=info.result_kind,
        files_out=info.files_out,
        page={"items": page["items"]} if page is not None else None,
        job={name: job[name] for name in ("key", "id", "status")} if job is not None else None,
        stream=info.result_kind == "events" or bool(info.stream),
    )


def _onward(info: FunctionInfo, envelope: Mapping[str, Any]) -> str | None:
    """The cursor of the page after this one."""
    from ..runtime.views import at

    meta = envelope["meta"]
    if info.page is None or not envelope["success"]:
        return None
    link = at(envelope["data"], info.page["next"]) if info.page.get("by", "url") == "url" else None
    following = meta.get("next", link)
    return following if isinstance(following, str) and following else None


def _job(info: FunctionInfo, envelope: Mapping[str, Any]) -> dict[str, str] | None:
    """The job that a result is, and its cost; None where that is not known."""
    from ..operations import OPERATIONS
    from ..runtime import errors, prices
    from ..runtime.views import at

    operation = OPERATIONS.get(info.name)
    if operation is None or operation.job is None or not envelope["success"]:
        return None
    try:
        cost = prices.read().cost(operation.job, envelope["data"])
    except errors.ConfigError:
        return None
    name = at(envelope["data"], operation.job.id)
    return {"id": name, "cost": prices.plain(cost)} if cost is not None and isinstance(name, str) else None


def _updates(info: FunctionInfo, tell: Tell) -> Callable[[Any], Awaitable[None]]:
    """A callback for each state of a job."""
    job = info.job or {}

    async def update(data: Any) -> None:
        from ..runtime import jobs
        from ..runtime.views import at

        await tell(str(at(data, job["status"]))[:200], jobs.progress(str(at(data, job["logs"]) or "")))

    return update
