"""A server that means harm, and the plain Lua client: whatever it answers, the program is given `nil, err`."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from test_lua_interpreters import LUAS, NGINX, script

# Nothing of this is JSON (RFC 8259), or it is more than a number of any Lua holds.
ANSWERS = r"""
local api = require("replikit")
local answers = {
  ["deep lists"] = ("["):rep(100000) .. "1" .. ("]"):rep(100000),
  ["deep objects"] = ('{"a":'):rep(100000) .. "1" .. ("}"):rep(100000),
  ["lists that never end"] = ("["):rep(1000000),
  ["a number beyond"] = "1e999",
  ["a number below"] = '{"a":[-1E+999]}',
  ["a long number"] = ("9"):rep(4000),
  ["a long number with a point"] = "1" .. ("0"):rep(400) .. ".5",
  ["NaN"] = '{"a":NaN}',
  ["Infinity"] = "[-Infinity]",
  ["a number in hexadecimal"] = "0x10",
  ["no end of a text"] = '{"a":"' .. ("x"):rep(100000),
  ["half an escape"] = '"\\u12',
  ["two values"] = "1 2",
  ["nothing but spaces"] = (" "):rep(100000),
  ["HTML"] = "<html>",
}
for _, name in ipairs({ "json", "dkjson", "cjson" }) do
  local codec = name ~= "json" and require("replikit." .. name) or nil
  for what, body in pairs(answers) do
    local client = api.new({ token = "t", json = codec, http = function()
      return { status = 200, headers = {}, body = body }
    end })
    local value, err, response = client.get_account()
    assert(value == nil and err.type == "response" and response.status == 200, name .. ": " .. what)
    assert(type(tostring(err)) == "string")
    -- The same as the body of an error.
    client = api.new({ token = "t", json = codec, http = function()
      return { status = 500, headers = {}, body = body }
    end })
    value, err = client.get_account()
    assert(value == nil and err.type == "api" and err.status == 500, name .. ": " .. what)
  end
end
local asked = 0
local function pages(answer)
  asked = 0
  local client = api.new({ token = "t", base_url = "https://example.test/v1", http = function()
    asked = asked + 1
    return { status = 200, headers = {}, body = (answer:gsub("N", tostring(asked))) }
  end })
  local count, problem = 0, nil
  for item, err in client:each("list_models", {}) do
    count, problem = count + 1, err
  end
  return count, problem
end
local count, problem = pages('{"results":[],"next":"https://example.test/v1/models?cursor=N"}')
assert(count == 1 and asked == 100 and tostring(problem):find("100 pages in a row", 1, true), asked)
for _, items in ipairs({ "7", '"text"', "null", "true", "{}" }) do
  assert(pages('{"results":' .. items .. ',"next":null}') == 0, items)
end
for _, answer in ipairs({ "7", '"text"', "[]", "true" }) do
  assert(pages(answer) == 0, answer)
end
"""

BODIES = r"""
local api = require("replikit")
local transport = require(ngx and "replikit.openresty" or "replikit.luasocket")
local base_url = ...
local http = transport.new({ timeout = 600 })
for _, ask in ipairs({ "get_account", "list_hardware", "list_collections" }) do
  local client = api.new({ base_url = base_url, token = "t", http = http, max_body = 1000 })
  local value, err = client[ask]()
  assert(value == nil and err.type == "response", tostring(err))
  assert(tostring(err):find("more than 1000 bytes; new{max_body = …} allows more", 1, true), tostring(err))
end
local client = api.new({ base_url = base_url, token = "t", http = http, max_body = 1000 })
local file = assert(client.get_file({ file_id = "f" }))
assert(file.id == "small")
client = api.new({ token = "t", max_body = 10, http = function()
  return { status = 200, headers = {}, body = '{"username":"alice"}' }
end })
local value, err = client.get_account()
assert(value == nil and err.type == "response", "a transport that does not look")
"""


class Endless(BaseHTTPRequestHandler):
    """Answers with more than anybody wants, in each way that HTTP delimits a body; until nobody reads it."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.close_connection = True
        kind = self.path.rpartition("/")[2]
        if kind == "f":
            self.send_header("Content-Length", "14")
            self.end_headers()
            self.wfile.write(b'{"id":"small"}')
            return
        if kind == "account":
            self.send_header("Content-Length", str(1 << 40))
        elif kind == "hardware":
            self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        part = b"[" * 4096
        with suppress(OSError):
            while True:
                self.wfile.write(b"1000\r\n" + part + b"\r\n" if kind == "hardware" else part)

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet."""


@contextmanager
def endless() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Endless) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}/v1"
        server.shutdown()


@pytest.mark.parametrize("name", LUAS)
def test_what_is_no_answer_is_an_error(name: str) -> None:
    script(name, ANSWERS)


@pytest.mark.parametrize("name", [*LUAS, NGINX])
def test_an_answer_is_read_no_further_than_it_may_be_long(name: str) -> None:
    with endless() as url:
        script(name, BODIES, url)
