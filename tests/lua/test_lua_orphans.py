"""A child ends with the process that started it, whatever ends that one and whatever the child is doing."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import threading
from typing import Any

import pytest
from hanging import HANGS
from lua_stub import GENERATED, Api, client
from replikit import lua

PARENT = """
import sys
sys.path.insert(0, {folder!r})
import httpx
from replikit import Replicate, functions, lua
from replikit.lua.process import COMMAND, Child
from replikit.lua.session import Session

def never(request):
    import time
    print(*children, flush=True)
    time.sleep(3600)

def said(event):
    if event.kind == "print":
        print(*children, flush=True)

child, ready = [Child((*COMMAND[:-1], "-c", {program!r})) for _ in range(2)]
children = child.pid, ready.pid
made = Replicate("t", base_url="http://api.test/v1", transport=httpx.MockTransport(never))
Session(ready, {{"default": made}}, functions.Policy(), lua.Limits())
session = Session(child, {{"default": made}}, functions.Policy(), lua.Limits(cpu=300, wall=3600), on_event=said)
session.execute({code!r})
"""
CHILD = "import runpy, sys\n{before}runpy.run_path({path!r}, run_name='__main__')"
DOING = {
    "computing": "print('begun') while true do end",
    "computing where it catches": "print('begun') while true do pcall(function() while true do end end) end",
    "a pattern": "print('begun') local _ = ('a'):rep(400):find(('a-'):rep(20) .. 'b')",
    "waiting": "replicate.get_account{}",
    "a regular expression": "print('begun') regex.match(('a'):rep(60), '(a+)+b')",
}
WAYS = {"death signal": "", "end of the pipe": "sys.modules['_ctypes'] = None\n"}
UNHEARD = ("end of the pipe", "a regular expression")
"""Python's own work ends by the limit of processor time where there is no death signal."""


@pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="needs a descriptor for a process that is no child")
@pytest.mark.parametrize(("way", "name"), [(way, name) for way in WAYS for name in DOING if (way, name) != UNHEARD])
def test_who_is_killed_takes_its_children_along(way: str, name: str) -> None:
    from replikit.lua.process import COMMAND

    program = CHILD.format(before=WAYS[way], path=COMMAND[-1])
    parent = PARENT.format(folder=str(GENERATED), program=program, code=DOING[name])
    with subprocess.Popen([sys.executable, "-c", parent], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        pids = [int(pid) for pid in process.stdout.readline().split()]
        watched = [os.pidfd_open(pid) for pid in pids]
        assert len(watched) == 2 and select.select(watched, [], [], 0)[0] == [], "both live"
        process.send_signal(signal.SIGKILL)
        process.wait(HANGS)
        try:
            for descriptor in watched:
                assert select.select([descriptor], [], [], 150)[0], "a child lives on"  # its own limit is 300 s
        finally:
            for pid, descriptor in zip(pids, watched, strict=True):
                if not select.select([descriptor], [], [], 0)[0]:
                    os.kill(pid, signal.SIGKILL)
                os.close(descriptor)


def test_who_starts_a_child_may_go_before_it() -> None:
    made: list[lua.Session] = []
    with client(Api()) as api, lua.Sandbox(ready=0) as box:
        starter = threading.Thread(target=lambda: made.append(box.session(client=api)))
        starter.start()
        starter.join()
        envelope: dict[str, Any] = made[0].execute("return replicate.get_account{}.username")
        made[0].close()
    assert envelope["result"] == "alice", envelope
