--- The client: finds an operation, builds its request, hands it to the transport, reads the answer.
local prefix = (...):gsub("client$", "")
local json = require(prefix .. "json")
local multipart = require(prefix .. "multipart")
local request = require(prefix .. "request")

local M = {}

local failure = {}
failure.__index = failure

function failure.__tostring(problem)
  return problem.status and problem.message .. " (HTTP " .. problem.status .. ")" or problem.message
end

local function failed(problem)
  if type(problem) ~= "table" then
    problem = { type = "internal", message = tostring(problem) }
  end
  problem.type = problem.type or "arguments"
  return setmetatable(problem, failure)
end

local function lower(headers)
  local result = {}
  for name, value in pairs(headers or {}) do
    result[string.lower(tostring(name))] = value
  end
  return result
end

local methods = {}

--- The operation of a name or alias; nil and an error for an unknown one.
function methods:find(name)
  local api = self._api
  local operation = api.operations[name] or api.operations[api.aliases[name]]
  if operation then
    return operation
  end
  return nil, failed({ type = "unknown_function", message = "there is no function " .. tostring(name), retryable = false })
end

--- The request that a call would send, without the token: {method, url, headers, body, parts}. Or nil, err.
function methods:build(name, arguments)
  local operation, problem = self:find(name)
  if not operation then
    return nil, problem
  end
  if arguments ~= nil and type(arguments) ~= "table" then
    error(operation.name .. " takes one table of arguments, not a " .. type(arguments), 2)
  end
  local fine, built = pcall(request.build, operation, arguments or {}, self.base_url, self._moved)
  if not fine then
    return nil, failed(built)
  end
  return built, nil, operation
end

local function authorize(self, built, operation)
  local auth = self._api.auth
  if not operation.authenticated or not auth then
    return true
  end
  if not self.token then
    local message = "no token: give new{token = …}"
    return nil, failed({ type = "configuration", message = message, retryable = false })
  end
  if auth.kind == "bearer" then
    built.headers.Authorization = "Bearer " .. self.token
  elseif auth.kind == "basic" then
    built.headers.Authorization = "Basic " .. self.token
  elseif auth.kind == "header" then
    built.headers[auth.name] = self.token
  elseif auth.kind == "cookie" then
    local cookie = auth.name .. "=" .. self.token
    built.headers.Cookie = built.headers.Cookie and built.headers.Cookie .. "; " .. cookie or cookie
  elseif auth.kind == "query" then
    local pair = auth.name .. "=" .. self.token:gsub("[^%w%-%._~]", function(c)
      return ("%%%02X"):format(c:byte())
    end)
    built.url = built.url .. (built.url:find("?", 1, true) and "&" or "?") .. pair
  end
  return true
end

local function read_error(self, built, response, headers)
  local fine, body = pcall(self._decode, response.body or "")
  body = fine and type(body) == "table" and body or {}
  local function text(key)
    return type(body[key]) == "string" and body[key] or nil
  end
  local status = response.status
  return failed({
    type = "api",
    status = status,
    message = text("detail") or text("title") or text("message") or ("HTTP " .. status),
    title = text("title"),
    retryable = status == 429 or status >= 500,
    retry_after = tonumber(headers["retry-after"]) or tonumber(body.retry_after),
    request_id = headers["x-request-id"],
    method = built.method,
    url = built.url,
    body = response.body,
  })
end

--- Sends a call: the result and the response; or nil, err and the response where there is one.
function methods:call(name, arguments)
  local built, problem, operation = self:build(name, arguments)
  if not built then
    return nil, problem
  end
  local fine, why = authorize(self, built, operation)
  if not fine then
    return nil, why
  end
  if built.parts then
    built.body, built.headers["Content-Type"] = multipart.write(built.parts)
  end
  built.headers["User-Agent"] = self._api.user_agent
  built.timeout = self.timeout
  local response, reason = self._http(built)
  if not response then
    return nil, failed({ type = "connection", message = tostring(reason or "no answer"), retryable = true, method = built.method })
  end
  local headers = lower(response.headers)
  if response.status < 200 or response.status > 299 then
    return nil, read_error(self, built, response, headers), response
  end
  local body = response.body or ""
  if operation.result == "json" and body ~= "" then
    local read, value = pcall(self._decode, body)
    if not read then
      local what = type(value) == "table" and value.message or tostring(value)
      return nil, failed({ type = "response", status = response.status, message = what, retryable = false }), response
    end
    return value, nil, response
  elseif operation.result == "json" or operation.result == "empty" then
    return true, nil, response
  end
  return body, nil, response
end

local function at_path(value, path)
  for key in path:gmatch("[^.]+") do
    value = type(value) == "table" and value[key] or nil
  end
  return value
end

local function origin(url)
  return url:match("^%a[%w+.-]*://[^/?#]*")
end

--- Iterates the items of all pages: for item, err in client:each("list_models") do … end. An error ends the loop
-- after one last round with item == false.
function methods:each(name, arguments)
  local operation, problem = self:find(name)
  if not operation or not operation.page then
    error(problem and problem.message or operation.name .. " gives no pages", 2)
  end
  local items, index, following, seen, ended = nil, 0, nil, {}, false
  local function load_page()
    local value, err
    if not items then
      value, err = self:call(name, arguments)
    else
      value, err = self:_follow(following, operation)
    end
    if not value then
      ended = true
      return err
    end
    items, index = at_path(value, operation.page.items) or {}, 0
    following = at_path(value, operation.page.next)
    following = type(following) == "string" and following or nil
  end
  return function()
    while not ended do
      if items and index < #items then
        index = index + 1
        return items[index]
      end
      if items and (not following or seen[following]) then
        return nil
      end
      if following then
        seen[following] = true
      end
      local err = load_page()
      if err then
        return false, err
      end
    end
  end
end

--- The page at a URL that the API gave. The token goes to the API's own host only.
function methods:_follow(url, operation)
  if origin(url) ~= origin(self.base_url) then
    return nil, failed({ type = "response", message = "the next page is on another host: " .. url, retryable = false })
  end
  local built = { method = "GET", url = url, headers = { Accept = "application/json" } }
  local follow = setmetatable({
    build = function()
      return built, nil, operation
    end,
  }, { __index = self })
  return methods.call(follow, operation.name)
end

--- Waits until a job (a prediction, a training …) has ended and gives its last state. `options`: {timeout =, interval =}.
function methods:wait(name, result, options)
  local operation, problem = self:find(name)
  if not operation or not operation.job then
    error(problem and problem.message or operation.name .. " starts no job", 2)
  end
  options = options or {}
  local job, spent = operation.job, 0
  local interval = options.interval or job.interval
  while not job.terminal[at_path(result, job.status)] do
    if options.timeout and spent >= options.timeout then
      return nil, failed({ type = "timeout", message = "the job has not ended", retryable = true })
    end
    if not self._sleep then
      error("wait needs new{sleep = function(seconds) … end}", 2)
    end
    self._sleep(interval)
    spent = spent + interval
    local err, response
    result, err, response = self:call(job.poll, { [job.argument] = at_path(result, job.id) })
    if not result then
      return nil, err, response
    end
  end
  return result
end

local function group_of(client, node)
  local group = {}
  for verb, name in pairs(node.functions) do
    group[verb] = function(first, second)
      -- Both client.predictions:create{…} and client.predictions.create{…} are meant.
      if first == group then
        first = second
      end
      return client:call(name, first)
    end
  end
  for name, child in pairs(node.groups) do
    local inner = group_of(client, child)
    if group[name] then
      inner = setmetatable(inner, { __call = (function(run)
        return function(_, ...)
          return run(...)
        end
      end)(group[name]) })
    end
    group[name] = inner
  end
  return group
end

--- A client. `options`: token, http (request -> response or nil, reason), json ({decode =, null =}), base_url, timeout, sleep.
function M.new(api, options)
  options = options or {}
  if type(options.http) ~= "function" then
    error("new{http = …} takes a function: request -> response, or nil and a reason", 3)
  end
  local codec = options.json or json
  json.also_null(codec.null)
  local client = {
    token = options.token,
    base_url = options.base_url or api.base_url,
    timeout = options.timeout,
    null = codec.null or json.null,
    _api = api,
    _http = options.http,
    _decode = codec.decode,
    _sleep = options.sleep,
    _moved = options.base_url ~= nil,
  }
  for name, method in pairs(methods) do
    client[name] = method
  end
  for name, child in pairs(group_of(client, api.tree).groups or {}) do
    client[name] = client[name] or child
  end
  for name, member in pairs(group_of(client, api.tree)) do
    client[name] = client[name] or member
  end
  for name in pairs(api.operations) do
    local function one(first, second)
      if first == client then
        first = second
      end
      return client:call(name, first)
    end
    client[name] = client[name] or one
    local short = api.short[name]
    client[short] = client[short] or one
  end
  return client
end

return M
