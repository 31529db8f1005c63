--- A transport on OpenResty's cosockets: HTTP/1.1, connections kept for the next call, certificates verified.
--
--     local openresty = require("….openresty")
--     new{ http = openresty.new(), sleep = openresty.sleep, clock = openresty.clock }
--
-- Certificates are checked against `lua_ssl_trusted_certificate` of nginx.conf.
local errors = require((...):gsub("openresty$", "errors"))

local M = {}

local MOST_HEADERS = 1000
local BLOCK = 65536
local PORTS = { http = 80, https = 443 }

-- Where an URL leads: scheme, host, port, and what is asked for there.
local function parts_of(url)
  local scheme, authority, target = url:match("^(%a+)://([^/?#]+)([^#]*)$")
  scheme = scheme and scheme:lower()
  if not PORTS[scheme] then
    return nil
  end
  local host, port = authority:match("^(.-):(%d+)$")
  if target:sub(1, 1) ~= "/" then
    target = "/" .. target
  end
  return scheme, host or authority, tonumber(port) or PORTS[scheme], target, authority
end

local function head_of(request, target, authority)
  local lines = { request.method .. " " .. target .. " HTTP/1.1", "Host: " .. authority, "Connection: keep-alive" }
  for name, value in pairs(request.headers) do
    lines[#lines + 1] = name .. ": " .. value
  end
  if request.body or request.method == "POST" or request.method == "PUT" or request.method == "PATCH" then
    lines[#lines + 1] = "Content-Length: " .. #(request.body or "")
  end
  return table.concat(lines, "\r\n") .. "\r\n\r\n"
end

local function read_headers(sock)
  local headers = {}
  for _ = 1, MOST_HEADERS do
    local line, reason = sock:receive("*l")
    if not line then
      return nil, reason
    elseif line == "" then
      return headers
    end
    local name, value = line:match("^([^:%s]+):%s*(.-)%s*$")
    if not name then
      return nil, "a header that is none"
    end
    name = name:lower()
    -- RFC 9110, 5.3; a server that has several challenges often sends each in a line of its own.
    local former = name == "www-authenticate" and headers[name]
    headers[name] = former and former .. ", " .. value or value
  end
  return nil, "more than " .. MOST_HEADERS .. " headers"
end

-- take: what the pieces of the body are handed to, for as long as it gives true; without it they are one text.
local function read_chunks(sock, most, take)
  local chunks, total = {}, 0
  while true do
    local line, reason = sock:receive("*l")
    local size = line and tonumber(line:match("^%s*(%x+)"), 16)
    total = total + (size or 0)
    if not size then
      return nil, reason or "a chunk without a size"
    elseif total > most and not take then
      return nil, errors.TOO_LARGE
    elseif size == 0 then
      local _, why = read_headers(sock)
      return not why and table.concat(chunks) or nil, why
    end
    local chunk, why = sock:receive(size)
    if not chunk then
      return nil, why
    end
    sock:receive("*l")
    if not take then
      chunks[#chunks + 1] = chunk
    elseif not take(chunk) then
      return "", nil, true
    end
  end
end

-- All that comes until the server closes the connection.
local function read_rest(sock, most)
  local blocks, total = {}, 0
  while true do
    local block, reason, partial = sock:receive(BLOCK)
    blocks[#blocks + 1] = block or partial
    total = total + #(block or partial or "")
    if total > most then
      return nil, errors.TOO_LARGE
    elseif not block then
      return reason == "closed" and table.concat(blocks) or nil, reason
    end
  end
end

-- The body of an answer, and whether the connection can serve another one.
local function read_body(sock, request, status, headers)
  local most = request.max_body or math.huge
  if request.method == "HEAD" or status == 204 or status == 304 then
    return "", nil, true
  elseif (headers["transfer-encoding"] or ""):lower():find("chunked", 1, true) then
    local take = request.on_head and request.on_head(status, headers)
    local body, reason, left = read_chunks(sock, most, take)
    return body, reason, not left
  end
  local length = tonumber(headers["content-length"])
  if length == 0 then
    return "", nil, true
  elseif length and length > most then
    return nil, errors.TOO_LARGE
  elseif not length then
    return read_rest(sock, most)
  end
  local body, reason = sock:receive(length)
  return body, reason, true
end

local function exchange(sock, request, target, authority)
  local sent, problem = sock:send({ head_of(request, target, authority), request.body or "" })
  if not sent then
    return nil, problem
  end
  local line, reason, status, headers
  repeat
    line, reason = sock:receive("*l")
    status = line and tonumber(line:match("^HTTP/1%.%d (%d%d%d)"))
    if not status then
      return nil, reason or "no answer of HTTP/1.1"
    end
    headers, reason = read_headers(sock)
    if not headers then
      return nil, reason
    end
  until status >= 200
  local body, why, whole = read_body(sock, request, status, headers)
  if not body then
    return nil, why
  end
  local again = whole and (headers.connection or ""):lower() ~= "close"
  return { status = status, headers = headers, body = body }, nil, again
end

local function connect(request, options)
  local scheme, host, port, target, authority = parts_of(request.url)
  if not scheme then
    return nil, "the URL must begin with http:// or https://"
  end
  local sock = ngx.socket.tcp()
  sock:settimeout((request.timeout or options.timeout or 60) * 1000)
  local done, reason = sock:connect(host, port, { pool = scheme .. ":" .. host .. ":" .. port })
  if done and scheme == "https" then
    -- lua-resty-core raises, in place of an answer, where a handshake ends at once and without success.
    local answered, session, problem = pcall(sock.sslhandshake, sock, nil, host, true)
    done, reason = answered and session, problem or "the server's certificate was refused"
  end
  if not done then
    sock:close()
    return nil, reason
  end
  return sock, nil, target, authority
end

--- The function that new{http = …} takes. `options`: timeout and idle (seconds; how long a connection is kept).
function M.new(options)
  options = options or {}
  return function(request)
    while true do
      local sock, reason, target, authority = connect(request, options)
      if not sock then
        return nil, reason, true
      end
      local reused = sock:getreusedtimes() > 0
      local response, why, again = exchange(sock, request, target, authority)
      if again then
        sock:setkeepalive((options.idle or 60) * 1000)
      else
        sock:close()
      end
      -- A kept connection that the server has closed meanwhile: what only reads is asked for once more on another.
      if response or not (reused and why == "closed" and request.method == "GET") then
        return response, why
      end
    end
  end
end

--- Waits without blocking the worker.
function M.sleep(seconds)
  ngx.sleep(seconds)
end

--- Seconds, for deadlines.
function M.clock()
  ngx.update_time()
  return ngx.now()
end

return M
