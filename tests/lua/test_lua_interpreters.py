"""The plain Lua module in real interpreters, on real sockets: against the mock, by TLS, with other JSON libraries."""

from __future__ import annotations

import json
import shutil
import ssl
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from hanging import HANGS
from nginx import nginx
from programs import needs

ROOT = Path(__file__).parents[2]
MODULE = ROOT / "generated/lua"
HERE = Path(__file__).parent
LUAS = ("lua5.1", "lua5.2", "lua5.3", "lua5.4", "luajit")
NGINX = "nginx"
"""With OpenResty's Lua module, and its cosockets for a transport."""
sys.path.insert(0, str(ROOT / "generated/python"))


def lua(name: str, *arguments: str, **options: Any) -> subprocess.CompletedProcess[str]:
    """Runs an interpreter; skips where it or a library of its is missing, which CI does not allow."""
    missing = [] if shutil.which(name) else [name]
    if not missing:
        probe = "for _, m in ipairs{'socket.http', 'ssl', 'dkjson', 'cjson'} do if not pcall(require, m) then print(m) end end"
        missing = subprocess.run([name, "-e", probe], capture_output=True, text=True, check=True).stdout.split()
    if missing:
        pytest.skip(f"not installed: {', '.join(missing)}")
    return subprocess.run([name, *arguments], capture_output=True, text=True, timeout=HANGS, check=False, **options)


def script(name: str, code: str, *arguments: str, directives: str = "") -> None:
    """Runs code that asserts, with the module in reach."""
    code = f"package.path = '{MODULE}/?.lua;' .. package.path\n" + code
    if name == NGINX:
        with tempfile.NamedTemporaryFile("w", suffix=".lua") as file, file.file:
            file.write(code)
            file.flush()
            with nginx(Path(file.name), *arguments, directives=directives) as ask:
                ask("")
        return
    done = lua(name, "-", *arguments, input=code)
    assert done.returncode == 0, done.stderr + done.stdout


def examples() -> list[tuple[str, dict[str, Any]]]:
    """Every example; what deletes comes last."""
    from replikit import functions

    infos = sorted(functions.all_functions().values(), key=lambda info: "destructive" in info.classes)
    return [(info.name, e["arguments"]) for info in infos for e in info.examples]


@pytest.mark.parametrize("name", [*LUAS, NGINX])
def test_every_example_against_the_mock(name: str) -> None:
    from replikit.mock import serve

    calls = examples()
    asked = "".join(json.dumps(call) + "\n" for call in calls)
    with serve(seconds=0.05) as mock:
        arguments = str(MODULE), mock.base_url, mock.token
        if name == NGINX:
            with nginx(HERE / "plain.lua", *arguments) as ask:
                said = ask(asked)
        else:
            done = lua(name, str(HERE / "plain.lua"), *arguments, input=asked)
            said = done.stdout + done.stderr
    answers = [json.loads(line) for line in said.splitlines()]
    assert len(answers) == len(calls)
    failed = [(call[0], answer) for call, answer in zip(calls, answers, strict=True) if "error" in answer]
    assert not failed, failed


def test_every_example_in_code_mode_against_the_mock() -> None:
    from replikit import Replicate, functions
    from replikit import lua as code_mode
    from replikit.mock import serve

    calls = examples()
    with (
        serve(seconds=0.05) as mock,
        Replicate(mock.token, base_url=mock.base_url) as client,
        code_mode.Sandbox() as box,
    ):
        session = box.session(client=client, policy=functions.Policy.everything(), limits=code_mode.Limits(wall=60))
        for name, arguments in calls:
            code = f"return app.integrations.replicate.{name}(json.decode({json.dumps(json.dumps(arguments))}))"
            envelope = session.execute(code)
            assert envelope["success"], (name, envelope["error"])
            assert [call["function"] for call in envelope["integration_calls"]] == [name]
        session.close()


CODECS = r"""
local api = require("replikit")
for _, name in ipairs({ "dkjson", "cjson" }) do
  local codec = require("replikit." .. name)
  local text = '{"a":[],"b":{},"c":null,"d":[1,null],"e":{"f":[{}]},"n":9007199254740993,"s":"\\u00e9","x":1.5}'
  local value = codec.decode(text)
  local big = math.type and "9007199254740993" or '"9007199254740993"'
  local expected = text:gsub("9007199254740993", big)
  assert(api.json.encode(value) == expected, name)
  assert(value.c == codec.null and value.d[2] == codec.null, name)
  -- What the other library reads itself.
  value = codec.decode('{"c":null,"d":[1,null],"n":123,"s":"\\u00e9"}')
  assert(value.c == codec.null and value.d[2] == codec.null and value.s == "\195\169", name)
  assert(api.json.encode({ x = value.c, d = value.d, n = 10 / 2 }) == '{"d":[1,null],"n":5,"x":null}', name)
  assert(not pcall(codec.decode, "{") and not pcall(codec.decode, '{"a":1} x') and not pcall(codec.decode, ""), name)
  local client = api.new({ token = "t", json = codec, http = function(request)
    assert(request.body == '{"input":{"a":null},"version":"v"}' or request.body == '{"version":"v","input":{"a":null}}')
    return { status = 200, headers = {}, body = '{"error":null,"id":"p"}' }
  end })
  local p = assert(client.predictions:create({ version = "v", input = { a = client.null } }))
  assert(p.error == client.null and p.id == "p", name)
end
"""


@pytest.mark.parametrize("name", LUAS)
def test_other_json_libraries_lose_nothing(name: str) -> None:
    script(name, CODECS)


@pytest.mark.parametrize("name", LUAS)
def test_traps_and_calls(name: str) -> None:
    from test_lua_module import CALLS, TRAPS

    script(name, "api = require('replikit')\ndo\n" + TRAPS + "\nend\n" + CALLS)


class Odd(BaseHTTPRequestHandler):
    """Answers in every way that HTTP allows, and in some that it does not."""

    protocol_version = "HTTP/1.1"

    def do_HEAD(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "5")  # of what GET would give (RFC 9110, 9.3.2)
        self.end_headers()
        self.close_connection = True

    def do_GET(self) -> None:
        path = self.path.removeprefix("/v1")
        if path == "/account":
            self.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            self.send_response(200)
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            for part in (b'{"username"', b": ", b'"alice"}'):
                self.wfile.write(f"{len(part):x};extension=1\r\n".encode() + part + b"\r\n")
            self.wfile.write(b"0\r\nX-Trailer: 1\r\n\r\n")
        elif path == "/hardware":
            self.send_response(200)
            self.send_header("Connection", "close")
            self.end_headers()
            self.wfile.write(b'[{"name": "CPU", "sku": "cpu"}]')
        elif path == "/collections":
            self.send_response(200)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"{}")
            self.close_connection = True  # without a word
        elif path.startswith("/predictions/"):
            self.wfile.write(b"nonsense\r\n\r\n")
            self.close_connection = True
        elif path.startswith("/trainings/"):
            self.send_response(302)
            self.send_header("Location", "http://elsewhere.test/")
            self.send_header("Content-Length", "0")
            self.end_headers()
        else:
            self.close_connection = True

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet."""


class Counting(ThreadingHTTPServer):
    """Knows how many connections there were."""

    connections = 0

    def process_request(self, request: Any, client_address: Any) -> None:
        self.connections += 1
        super().process_request(request, client_address)

    def handle_error(self, *_: Any) -> None:
        """Quiet."""


@contextmanager
def odd(context: ssl.SSLContext | None = None) -> Iterator[Counting]:
    with Counting(("127.0.0.1", 0), Odd) as server:
        if context:
            server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


ODD = r"""
local port = ...
local t = require(ngx and "replikit.openresty" or "replikit.luasocket")
local function client(url)
  return require("replikit").new({ token = "t", base_url = url, http = t.new({ timeout = 600 }), sleep = t.sleep, clock = t.clock })
end
local c = client("http://127.0.0.1:" .. port .. "/v1")
for _ = 1, 3 do
  assert(assert(c.get_account({})).username == "alice")
end
assert(assert(c.list_hardware({}))[1].sku == "cpu")
for _ = 1, 3 do
  assert(c.list_collections({}))
  t.sleep(0.05)
end
local value, err = c.get_prediction({ prediction_id = "p" })
assert(value == nil and (err.type == "connection" or err.type == "response"), tostring(err))
value, err = c.list_models({})
assert(value == nil and err.type == "connection", tostring(err))
value, err = c.get_training({ training_id = "t" })
assert(value == nil and err.status == 302, "a redirect is not followed")
value, err = client("http://127.0.0.1:1/v1").get_account({})
assert(value == nil and err.type == "connection" and err.message:find("refused"), tostring(err))
local started = t.clock()
t.sleep(0.05)
assert(t.clock() - started > 0.04)
local head = t.new({ timeout = 600 })({
  method = "HEAD", url = "http://127.0.0.1:" .. port .. "/v1", headers = {}, max_body = 9, on_head = function() end,
})
assert(head.status == 200 and head.body == "" and not head.cut, "the answer to HEAD has no body")
if ngx then
  value, err = client("ftp://127.0.0.1/").get_account({})
  assert(err.message:find("https://", 1, true))
end
"""


@pytest.mark.parametrize("name", ["lua5.1", "lua5.4", NGINX])
def test_transport_reads_what_servers_send(name: str) -> None:
    with odd() as server:
        script(name, ODD, str(server.server_address[1]))
        # Eleven requests and one again; seven connections are those that the server ends, one of them after HEAD.
        assert server.connections == (7 if name == NGINX else 11)


TLS = r"""
local port, ca = ...
local luasocket = require("replikit.luasocket")
local function get(host, options)
  return require("replikit").new({ token = "t", base_url = "https://" .. host .. ":" .. port .. "/v1", http = luasocket.new(options) }).get_account({})
end
assert(assert(get("localhost", { cafile = ca, timeout = 600 })).username == "alice")
local value, err = get("127.0.0.1", { cafile = ca, timeout = 600 })
assert(value == nil and err.message:find("not for 127.0.0.1", 1, true), tostring(err))
value, err = get("localhost", { timeout = 600 })
assert(value == nil and err.message:find("certificate"), tostring(err))
"""


OPENRESTY_TLS = r"""
local url, problem = ...
local c = require("replikit").new({ token = "t", base_url = url, http = require("replikit.openresty").new({ timeout = 600 }) })
for _ = 1, 2 do
  local value, err = c.get_account({})
  if problem == "" then
    assert(value and value.username == "alice", tostring(err))
  else
    assert(value == nil and err.type == "connection" and err.message:find(problem, 1, true), tostring(err))
  end
end
"""


def secure(name: str, folder: Path) -> tuple[ssl.SSLContext, str]:
    """What serves under a certificate for a name, and the file of that certificate."""
    needs("openssl")
    certificate, key = folder / f"{name}.pem", folder / f"{name}.key"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={name}", "-keyout",
         str(key), "-out", str(certificate), "-addext", f"subjectAltName=DNS:{name}"],
        check=True, capture_output=True,
    )  # fmt: skip
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context, str(certificate)


@pytest.mark.parametrize("name", ["lua5.1", "lua5.4", "luajit"])
def test_certificates_are_verified(name: str, tmp_path: Path) -> None:
    context, certificate = secure("localhost", tmp_path)
    with odd(context) as server:
        script(name, TLS, str(server.server_address[1]), certificate)


@pytest.mark.parametrize(
    ("named", "trusted", "problem"),
    [("127.0.0.1", True, ""), ("localhost", True, "certificate"), ("127.0.0.1", False, "certificate")],
)
def test_nginx_verifies_certificates(named: str, trusted: bool, problem: str, tmp_path: Path) -> None:
    context, certificate = secure(named, tmp_path)
    directives = f"lua_ssl_trusted_certificate {certificate};" if trusted else ""
    with odd(context) as server:
        arguments = f"https://127.0.0.1:{server.server_address[1]}/v1", problem
        script(NGINX, OPENRESTY_TLS, *arguments, directives=directives)
        assert server.connections == (2 if problem else 1)
