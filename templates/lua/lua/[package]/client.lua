--- The client: finds an operation, builds its request, hands it to the transport, reads the answer.
local prefix = (...):gsub("client$", "")
local answers = require(prefix .. "answers")
local credentials = require(prefix .. "credentials")
local derived = require(prefix .. "derived")
local errors = require(prefix .. "errors")
local following = require(prefix .. "following")
local json = require(prefix .. "json")
local multipart = require(prefix .. "multipart")
local request = require(prefix .. "request")
local sequences = require(prefix .. "sequences")
local servers = require(prefix .. "servers")
local spelling = require(prefix .. "spelling")
local streams = require(prefix .. "streams")

local M = {}

local methods = { each = following.each, wait = following.wait, stream = streams.stream, items = streams.items }
local MOST_REDIRECTS = 5
local REDIRECTS = { [301] = true, [302] = true, [303] = true, [307] = true, [308] = true }

--- The operation of a function, of its name or of an alias; nil and an error for an unknown one. Of one that is made of
-- another: that one's, nil, and what makes it of that.
function methods:find(name)
  local api = self._api
  name = self._names[name] or name
  local own = api.derived and (api.derived[name] or api.derived[api.aliases[name]])
  local operation = api.operations[own and own.base or name] or api.operations[api.aliases[name]]
  if operation then
    return operation, nil, own
  end
  return nil, errors.new({ type = "unknown_function", message = "there is no function " .. tostring(name) })
end

--- The request that a call would send, without credentials: {method, url, headers, body, parts}. Or nil, err.
-- `options`: of a function that is made of another, what that one takes beside, such as a webhook.
function methods:build(name, arguments, options)
  local operation, problem, own = self:find(name)
  if not operation then
    return nil, problem
  end
  if arguments ~= nil and type(arguments) ~= "table" then
    error((own or operation).name .. " takes one table of arguments, not a " .. type(arguments), 2)
  end
  if options ~= nil and (not own or type(options) ~= "table") then
    error((own or operation).name .. " takes " .. (own and "its options as a table" or "no options"), 2)
  end
  local fine, built = true, arguments or {}
  if own then
    fine, built = pcall(derived.arguments, own, built, options, operation)
  end
  if fine then
    fine, built = pcall(request.build, operation, built, self.base_url, self._moved)
  end
  if not fine then
    return nil, errors.new(built)
  end
  return built, nil, operation
end

-- Puts credentials where the API expects them; nil and an error where there are none. Gives as well what the challenge
-- of HTTP Digest is answered with.
local function authorize(self, built, operation)
  local secret
  local chosen, problem = credentials.choose(self._api.schemes, operation.security, self._credentials)
  if not chosen then
    return nil, problem
  end
  for _, sent in ipairs(chosen) do
    if sent.location == "header" then
      built.headers[sent.name] = sent.value
    elseif sent.location == "cookie" then
      local cookie = sent.name .. "=" .. sent.value
      built.headers.Cookie = built.headers.Cookie and built.headers.Cookie .. "; " .. cookie or cookie
    elseif sent.location == "query" then
      local pair = spelling.escape(sent.name) .. "=" .. spelling.escape(sent.value)
      built.url = built.url .. (built.url:find("?", 1, true) and "&" or "?") .. pair
    end
    secret = secret or sent.digest
  end
  return true, nil, secret
end

-- What the transport gives for a request. One that is answered with a challenge of HTTP Digest is sent once more; the
-- last challenge is kept in `secret`, and the next request answers it at once (RFC 7616, 3.6).
local function transported(self, built, secret)
  if not secret then
    return self._http(built)
  end
  local digest = require(prefix .. "digest")
  local former, target = secret.challenge, digest.target(built.url)
  built.headers.Authorization = former and digest.answer(former, secret, built.method, target)
  local response, reason, unsent = self._http(built)
  local challenge = response and response.status == 401 and digest.challenge(response.headers)
  if not challenge then
    return response, reason, unsent
  elseif former and former.fields.nonce == challenge.fields.nonce and not digest.stale(challenge) then
    return response -- the answer to it was wrong, and would be so again
  end
  secret.challenge = challenge
  built.headers.Authorization = digest.answer(challenge, secret, built.method, target)
  return self._http(built)
end

-- The result of an answer, by what it is.
local function read(self, built, response, operation)
  local body, headers = response.body or "", answers.lower(response.headers)
  if #body > self.max_body then
    return nil, errors.too_large(self.max_body), { status = response.status, headers = response.headers }
  end
  local status = response.status
  local moved = status > 299 and status < 400 and operation.follows and operation.result == "empty"
  if (status < 200 or status > 299) and status ~= 304 and not moved then
    local fine, value = pcall(self._decode, body)
    return nil, errors.of_response(built, response, headers, fine and value or nil), response
  end
  local kind, name, other = answers.kind(operation, response.status, headers["content-type"])
  if kind == "empty" or (kind == "json" and body == "") then
    return true, nil, response
  elseif kind == "events" then
    local items, problem =
      sequences.read(answers.sequence_of(name) or "events", body, answers.form(operation), self._decode)
    if problem then
      return nil, errors.new({ type = "response", status = response.status, message = problem }), response
    end
    return items, nil, response
  elseif kind ~= "json" then
    return body, nil, response
  end
  local fine, value = pcall(self._decode, body)
  if not fine and other then
    return body, nil, response
  elseif not fine then
    local message = type(value) == "table" and value.message or tostring(value)
    local media_type = tostring(headers["content-type"] or "nothing"):sub(1, 200)
    local start = body:sub(1, 120):gsub("%c", " ")
    local reason = " that cannot be read as JSON: " .. message .. "; it begins with " .. start
    message = "the answer is " .. media_type .. reason
    return nil, errors.new({ type = "response", status = response.status, message = message }), response
  elseif type(value) == "table" then
    self._origins[value] = operation.name
  end
  return value, nil, response
end

-- The request that an answer leads to, where that is followed: without credentials beyond the origin; nil where it is
-- not, and an error where it may not be.
local function onward(built, response, operation)
  local location = answers.lower(response.headers).location
  local method = built.method
  if not location or not REDIRECTS[response.status] or not (operation.follows or operation.result == "binary") then
    return nil
  elseif method ~= "GET" and method ~= "HEAD" and not (response.status == 303 and operation.follows) then
    return nil
  end
  local url = following.resolved(built.url, location)
  local secure, safe = built.url:find("^[Hh][Tt][Tt][Pp][Ss]:"), url:find("^[Hh][Tt][Tt][Pp][Ss]:")
  if not safe and (secure or not url:find("^[Hh][Tt][Tt][Pp]:")) then
    local message = "redirected to " .. url:match("^[^?#]*"):sub(1, 500) .. ", which is not safe to follow"
    return nil, errors.new({ type = "response", status = response.status, message = message })
  end
  local headers, same = {}, following.origin(url) == following.origin(built.url)
  for key, value in pairs(built.headers) do
    local plain = key:lower()
    if (same or plain == "accept" or plain == "user-agent") and not (method ~= "GET" and plain == "content-type") then
      headers[key] = value
    end
  end
  return {
    method = method == "HEAD" and "HEAD" or "GET",
    url = url,
    headers = headers,
    timeout = built.timeout,
    max_body = built.max_body,
    on_head = built.on_head,
  }
end

-- Sends a request once, and what it leads to; as `call`.
local function exchange(self, built, operation, redirects, secret)
  -- unsent: nothing went out, such as to a port that refuses connections, and so nothing was done.
  local response, reason, unsent = transported(self, built, secret)
  if not response and reason == errors.TOO_LARGE then
    return nil, errors.too_large(self.max_body)
  elseif not response then
    local message = tostring(reason or "no answer")
    local retryable = built.method == "GET" or unsent == true
    return nil, errors.new({ type = "connection", message = message, retryable = retryable, method = built.method })
  end
  local further, refused = onward(built, response, operation)
  if refused then
    return nil, refused, response
  elseif further and redirects == 0 then
    local message = built.method .. " " .. built.url:match("^[^?#]*") .. " is redirected again and again"
    return nil, errors.new({ type = "response", status = response.status, message = message }), response
  elseif further then
    local same = following.origin(further.url) == following.origin(built.url)
    return exchange(self, further, operation, redirects - 1, same and secret or nil)
  end
  return read(self, built, response, operation)
end

-- Seconds until a call is sent again that was refused with 429, and so was not carried out; nil where it is not.
local function pause(self, problem, waited)
  if not self._sleep or type(problem) ~= "table" or problem.status ~= 429 then
    return nil
  end
  local seconds = problem.retry_after or 1
  if seconds < 0.1 or seconds ~= seconds then -- a NaN is not below it
    seconds = 0.1
  end
  return waited + seconds <= self.max_wait and seconds or nil
end

-- Sends a request that was built; as `call`.
function methods:_send(built, operation)
  local fine, problem, secret = authorize(self, built, operation)
  if not fine then
    return nil, problem
  end
  if built.parts then
    built.body, built.headers["Content-Type"] = multipart.write(built.parts, operation.body.media)
  end
  built.headers["User-Agent"] = self._api.user_agent
  built.timeout, built.max_body = self.timeout or operation.timeout, self.max_body
  local waited, tries = 0, 0
  local most = not self._waits and operation.retries or math.huge
  while true do
    local value, failed, response = exchange(self, built, operation, MOST_REDIRECTS, secret)
    local seconds = tries < most and pause(self, failed, waited)
    if not seconds then
      return value, failed, response
    end
    self._sleep(seconds)
    waited, tries = waited + seconds, tries + 1
  end
end

--- Sends a call: the result and the response; or nil, err and the response where there is one.
function methods:call(name, arguments, options)
  local built, problem, operation = self:build(name, arguments, options)
  if not built then
    return nil, problem
  end
  return self:_send(built, operation)
end

-- A function of the client; both client.group:verb{…} and client.group.verb{…} are meant.
local function caller(client, name, owner)
  local function one(first, second, third)
    if first == owner then
      first, second = second, third
    end
    return client:call(name, first, second)
  end
  client._names[one] = name
  return one
end

local function add_group(client, owner, node)
  for verb, name in pairs(node.functions) do
    owner[verb] = owner[verb] or caller(client, name, owner)
  end
  for name, child in pairs(node.groups) do
    local group = {}
    local same = owner[name]
    if type(same) == "function" and client._names[same] then
      -- A verb and a group of one name: the group can be called.
      setmetatable(group, {
        __call = function(_, first, second, third)
          if first == owner then
            first, second = second, third
          end
          return same(first, second)
        end,
      })
    elseif same ~= nil then
      group = nil
    end
    if group then
      owner[name] = group
      add_group(client, group, child)
    end
  end
end

local function expect(options, name, kind, level)
  local value = options[name]
  if value ~= nil and type(value) ~= kind then
    error("new{" .. name .. " = …} takes a " .. kind .. ", not a " .. type(value), level + 1)
  end
  return value
end

--- A client. `options`: token, credentials (by the name of the scheme: a text, or for HTTP Basic and Digest
-- {username =, password =}), http (request -> response, or nil and a reason), json ({decode =, null =}), base_url (or
-- the name or the number of a server of the description, with values for its variables: `eu?stage=beta`), timeout
-- (seconds), max_body (bytes of an answer, 64 MiB), sleep (function of seconds), clock (function that gives seconds),
-- max_wait (seconds that a call which is refused with 429 waits for its turn, 60, by `sleep`; 0 not to),
-- max_empty_pages (pages in a row without items after which `each` ends with an error; 100).
function M.new(api, options)
  options = expect({ options = options }, "options", "table", 2) or {}
  if type(options.http) ~= "function" then
    error("new{http = …} takes a function: request -> response, or nil, a reason and true where nothing was sent", 3)
  end
  local codec = expect(options, "json", "table", 2) or json
  local base_url = expect(options, "base_url", "string", 2)
  local server = base_url and servers.chosen(api.servers, base_url)
  json.also_null(codec.null)
  local client = {
    base_url = server or base_url or api.base_url,
    timeout = expect(options, "timeout", "number", 2),
    max_wait = expect(options, "max_wait", "number", 2) or 60,
    max_empty_pages = expect(options, "max_empty_pages", "number", 2) or 100,
    max_body = expect(options, "max_body", "number", 2) or 64 * 1024 * 1024,
    null = codec.null or json.null,
    _api = api,
    _credentials = credentials.given(
      api.schemes,
      expect(options, "token", "string", 2),
      expect(options, "credentials", "table", 2)
    ),
    _http = options.http,
    _decode = codec.decode,
    _sleep = expect(options, "sleep", "function", 2),
    _waits = options.max_wait ~= nil,
    _clock = expect(options, "clock", "function", 2) or os.time,
    _moved = base_url ~= nil and not server,
    _names = {},
    _origins = setmetatable({}, { __mode = "k" }),
  }
  for name, method in pairs(methods) do
    client[name] = method
  end
  add_group(client, client, api.tree)
  for _, functions in ipairs({ api.operations, api.derived }) do
    for name, operation in pairs(functions) do
      client[name] = client[name] or caller(client, name, client)
      client[operation.short] = client[operation.short] or client[name]
    end
  end
  return client
end

return M
