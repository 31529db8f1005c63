"""A real nginx that runs a Lua file for each request, as OpenResty does."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

MODULES = Path("/usr/lib/nginx/modules")

CONFIGURATION = """
load_module {modules}/ndk_http_module.so;
load_module {modules}/ngx_http_lua_module.so;
daemon off;
master_process off;
pid {home}/pid;
error_log stderr warn;
events {{ worker_connections 64; }}
http {{
  access_log off;
  client_body_temp_path {home}/body;
  client_body_buffer_size 1m;
  lua_socket_log_errors off;
  {directives}
  server {{
    listen unix:{home}/socket;
    location / {{ content_by_lua_file {home}/main.lua; }}
  }}
}}
"""

MAIN = """
local ok, why = pcall(assert(loadfile({file})), {arguments})
if not ok then
  ngx.status = 500
  ngx.say(why)
end
"""


def installed() -> bool:
    """Whether there is nginx with its Lua module; AssertionError in CI, where there must be."""
    complete = bool(shutil.which("nginx")) and (MODULES / "ngx_http_lua_module.so").is_file()
    assert complete or not os.environ.get("CI"), "nginx with its Lua module is not installed"
    return complete


@contextmanager
def nginx(file: Path, *arguments: str, directives: str = "") -> Iterator[Callable[[str], str]]:
    """Gives a function that hands the file a request's body, and gives what it says; AssertionError where it fails.

    directives: further ones of the `http` block, such as `lua_ssl_trusted_certificate …;`.
    """
    if not installed():
        pytest.skip("nginx with its Lua module is not installed")
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        configuration = CONFIGURATION.format(modules=MODULES, home=home, directives=directives)
        (home / "nginx.conf").write_text(configuration)
        arguments_lua = ", ".join(map(json.dumps, arguments)) or "nil"
        (home / "main.lua").write_text(MAIN.format(file=json.dumps(str(file)), arguments=arguments_lua))
        with (
            (home / "errors").open("w+") as errors,
            subprocess.Popen(["nginx", "-p", folder, "-c", "nginx.conf"], stderr=errors) as process,
            httpx.Client(transport=httpx.HTTPTransport(uds=f"{folder}/socket"), timeout=600) as client,
        ):
            try:
                end = time.monotonic() + 600
                while not _listens(f"{folder}/socket"):
                    assert process.poll() is None and time.monotonic() < end, (home / "errors").read_text()
                    time.sleep(0.02)

                def call(body: str) -> str:
                    answer = client.post("http://nginx/", content=body)
                    assert answer.status_code == 200, answer.text + (home / "errors").read_text()
                    return answer.text

                yield call
            finally:
                process.terminate()


def _listens(path: str) -> bool:
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.connect(path)
        except OSError:
            return False
    return True
