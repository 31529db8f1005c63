"""The API as one surface shows it: without the functions that are hidden there, and without what speaks of these."""

from __future__ import annotations

from dataclasses import replace

from ...ir import Api, Function, Job


def shown(api: Api, surface: str) -> Api:
    """What a surface shows of an API; the API itself where nothing is hidden there."""
    gone = {function.name for function in api.functions if surface in function.hidden}
    if not gone:
        return api
    jobs = {key: _job(job, gone) for key, job in api.jobs.items() if job.poll not in gone}
    left = tuple(_function(function, gone, set(jobs)) for function in api.functions if function.name not in gone)
    groups = {
        function.group.rsplit(".", depth)[0] for function in left for depth in range(function.group.count(".") + 1)
    }
    return replace(
        api,
        functions=left,
        groups=tuple(group for group in api.groups if group.key in groups),
        jobs=jobs,
        uploads=None if api.uploads and api.uploads.function in gone else api.uploads,
        events=tuple(event for event in api.events if event.function not in gone),
        webhooks=None if api.webhooks and api.webhooks.secret in gone else api.webhooks,
        prompts=tuple(prompt for prompt in api.prompts if not any(name in prompt.text for name in gone)),
        runners=tuple(runner for runner in api.runners if runner.function not in gone),
        whoami="" if api.whoami in gone else api.whoami,
    )


def _job(job: Job, gone: set[str]) -> Job:
    return replace(job, cancel="" if job.cancel in gone else job.cancel, list="" if job.list in gone else job.list)


def _function(function: Function, gone: set[str], jobs: set[str]) -> Function:
    return replace(
        function,
        job=function.job if function.job in jobs else "",
        instead=tuple(pair for pair in function.instead if pair[1] not in gone),
        links=tuple(link for link in function.links if link.function not in gone),
    )
