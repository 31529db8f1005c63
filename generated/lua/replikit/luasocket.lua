--- A transport on luasocket, with luasec where the URL is https.
--
--     local luasocket = require("….luasocket")
--     new{ http = luasocket.new{ cafile = "…" }, sleep = luasocket.sleep, clock = luasocket.clock }
local errors = require((...):gsub("luasocket$", "errors"))
local http = require("socket.http")
local ltn12 = require("ltn12")
local socket = require("socket")

local M = { sleep = socket.sleep, clock = socket.gettime }

local function forward(_, name)
  return function(self, ...)
    local sock = self.sock
    return sock[name](sock, ...)
  end
end

-- Whether a name of a certificate is this host's: "*." stands for one label.
local function is_name_of(host, name)
  host, name = host:lower(), name:lower()
  return host == name or (name:sub(1, 2) == "*." and host:match("^[^.]+(%..+)$") == name:sub(2))
end

-- luasec checks who signed a certificate, not for whom.
local function verify_host(sock, host)
  local names = sock:getpeercertificate():extensions()["2.5.29.17"] or {}
  for _, kind in ipairs({ "dNSName", "iPAddress" }) do
    for _, name in ipairs(names[kind] or {}) do
      if is_name_of(host, name) then
        return true
      end
    end
  end
  return nil, "the certificate is not for " .. host
end

local function secure(sock, host, cafile)
  local ssl = require("ssl")
  local wrapped, reason = ssl.wrap(sock, {
    mode = "client",
    protocol = "any",
    options = { "all", "no_sslv2", "no_sslv3", "no_tlsv1", "no_tlsv1_1" },
    verify = { "peer", "fail_if_no_peer_cert" },
    cafile = cafile,
  })
  if not wrapped then
    return nil, reason
  end
  wrapped:sni(host)
  local done, why = wrapped:dohandshake()
  if done then
    done, why = verify_host(wrapped, host)
  end
  if not done then
    wrapped:close()
    return nil, why
  end
  return wrapped
end

local function connection(request, options)
  local conn = { sock = socket.tcp(), made = false }
  function conn:settimeout()
    return self.sock:settimeout(request.timeout or options.timeout or 60)
  end
  function conn:connect(host, port)
    local done, reason = self.sock:connect(host, port)
    if done and request.url:match("^[Hh][Tt][Tt][Pp][Ss]:") then
      local timeout = request.timeout or options.timeout or 60
      done, reason = secure(self.sock, host, options.cafile)
      self.sock = done or self.sock
      self.sock:settimeout(timeout)
    end
    self.made = done and true or false
    return done and 1, reason
  end
  return setmetatable(conn, { __index = forward })
end

-- A sink into a list, that takes no more than so many bytes.
local function bounded(chunks, most)
  local size = 0
  return function(chunk)
    size = size + #(chunk or "")
    if most and size > most then
      return nil, errors.TOO_LARGE
    end
    chunks[#chunks + 1] = chunk
    return 1
  end
end

-- The same as `http.request`, but that the body is handed on as it comes to what `on_head` gives, for as long as that
-- gives true. Errors are raised, for not every Lua can leave a coroutine from within a `pcall`.
local function streamed(request, sent_headers, create)
  local headers = {}
  for name, value in pairs(sent_headers) do
    headers[name:lower()] = value
  end
  local scheme, authority, target = request.url:match("^(%a+)://([^/?#]+)([^#]*)$")
  local host, port = authority:match("^(.-):(%d+)$")
  headers.host, headers.connection = authority, "close"
  local h = http.open(host or authority, tonumber(port) or (scheme:lower() == "https" and 443 or 80), create)
  h:sendrequestline(request.method, (target:sub(1, 1) == "/" and "" or "/") .. target)
  h:sendheaders(headers)
  if request.body then
    h:sendbody(headers, ltn12.source.string(request.body))
  end
  local status, answered
  repeat
    status = h:receivestatusline()
    answered = status and h:receiveheaders()
  until not status or status >= 200
  if not status then
    h:close()
    error({ "no answer of HTTP/1.1" }, 0)
  end
  local chunks, take = {}, request.on_head(status, answered)
  take = take or bounded(chunks, request.max_body)
  if request.method ~= "HEAD" and status ~= 204 and status ~= 304 then
    local length = tonumber(answered["content-length"])
    local coded = answered["transfer-encoding"]
    local mode = coded and coded ~= "identity" and "http-chunked" or length and "by-length" or "default"
    local source, going = socket.source(mode, h.c, length), true
    while going do
      local chunk, reason = source()
      if not chunk then
        h:close()
        return { status = status, headers = answered, body = table.concat(chunks), cut = reason }
      end
      going, reason = take(chunk)
      if reason == errors.TOO_LARGE then
        h:close()
        error({ reason }, 0)
      end
    end
  end
  h:close()
  return { status = status, headers = answered, body = table.concat(chunks) }
end

--- The function that new{http = …} takes. `options`: cafile (who may sign a server's certificate), timeout (seconds).
function M.new(options)
  options = options or {}
  options.cafile = options.cafile or "/etc/ssl/certs/ca-certificates.crt"
  return function(request)
    local headers, chunks, conn = {}, {}, nil
    for name, value in pairs(request.headers) do
      headers[name] = value
    end
    if request.body or request.method == "POST" or request.method == "PUT" or request.method == "PATCH" then
      headers["Content-Length"] = tostring(#(request.body or ""))
    end
    local function create()
      conn = connection(request, options)
      return conn
    end
    if request.on_head then
      local stream = streamed(request, headers, create)
      if stream.cut then
        return nil, tostring(stream.cut)
      end
      return stream
    end
    local done, status, answered = http.request({
      url = request.url,
      method = request.method,
      headers = headers,
      source = request.body and ltn12.source.string(request.body),
      sink = bounded(chunks, request.max_body),
      redirect = false,
      create = create,
    })
    if not done then
      return nil, tostring(status), conn ~= nil and not conn.made
    end
    return { status = status, headers = answered, body = table.concat(chunks) }
  end
end

return M
