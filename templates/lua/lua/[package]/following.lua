--- What takes more than one call: lists of several pages, and jobs that go on after the call.
local prefix = (...):gsub("following$", "")
local errors = require(prefix .. "errors")
local pages = require(prefix .. "pages")

local M = {}
local at_path = pages.at

local function origin(url)
  return url:match("^%a[%w+.-]*://[^/?#]*")
end

--- Scheme, host and port of an URL, in lower case and with the port left out that its scheme has anyway.
function M.origin(url)
  local scheme, authority = (origin(url) or ""):lower():match("^(.-)://(.*)$")
  local port = scheme == "https" and ":443" or scheme == "http" and ":80" or nil
  if port and authority:sub(-#port) == port then
    authority = authority:sub(1, -#port - 1)
  end
  return scheme and scheme .. "://" .. authority:gsub("^.*@", "") or nil
end

--- The URL that a reference stands for in an answer of that URL (RFC 3986, 5.2.2).
function M.resolved(base, reference)
  reference = reference:gsub("#.*$", "")
  if reference:find("^%a[%w+.-]*:") then
    return reference
  elseif reference:sub(1, 2) == "//" then
    return base:match("^%a[%w+.-]*:") .. reference
  elseif reference:sub(1, 1) == "/" then
    return origin(base) .. reference
  end
  local path = base:match("^[^?#]*")
  if reference == "" or reference:sub(1, 1) == "?" then
    return path .. reference
  end
  local before = path:match("^(%a[%w+.-]*://[^/]*/.*)/[^/]*$") or path:match("^(%a[%w+.-]*://[^/]*)")
  local kept = {}
  for segment in (before:sub(#origin(base) + 1) .. "/" .. reference:match("^[^?]*")):gmatch("[^/]+") do
    if segment == ".." then
      kept[#kept] = nil
    elseif segment ~= "." then
      kept[#kept + 1] = segment
    end
  end
  return origin(base) .. "/" .. table.concat(kept, "/") .. (reference:match("%?.*$") or "")
end

-- The arguments of a list with the one that says which page it is, which may stand inside another.
local function turned(operation, arguments, name, value)
  local result = pages.shallow(arguments)
  local inside, steps = result, {}
  for _, param in ipairs(operation.params) do
    if param.location == "field" and (param.wire == name or name:sub(1, #param.wire + 1) == param.wire .. ".") then
      steps = { param.name }
      for step in name:sub(#param.wire + 2):gmatch("[^.]+") do
        steps[#steps + 1] = step
      end
    end
  end
  for index = 1, #steps - 1 do
    inside[steps[index]] = pages.shallow(inside[steps[index]])
    inside = inside[steps[index]]
  end
  inside[steps[#steps]] = value
  return result
end

-- Whether a link of an answer leads to the URL that was just asked for.
local function same(page, requested, page_url)
  if page_url == requested or not pages.linked(page) then
    return page_url == requested -- where a body says which page it is, that stands behind the same URL
  end
  return requested:find("^%a[%w+.-]*:") ~= nil and M.resolved(requested, page_url) == requested
end

-- The page at an URL that the API gave, or that its answer leads to. The token goes to the API's own host only. `first`
-- is the request of the list, made of `arguments`.
local function page_at(client, url, operation, first, arguments)
  if not url:find("^%a[%w+.-]*:") then
    url = (url:sub(1, 1) == "/" and origin(client.base_url) or client.base_url:match("^[^?]*") .. "/") .. url
  end
  if origin(url) ~= origin(client.base_url) then
    return nil, errors.new({ type = "response", message = "the next page is on another host: " .. url })
  end
  local page = operation.page
  if pages.linked(page) then
    return client:_send({ method = "GET", url = url, headers = pages.copy(first.headers) }, operation)
  elseif page.location == "body" then
    local value = pages.argument(url, page.argument, page.location)
    value = page.number and tonumber(value) or value
    local built, refused = client:build(operation.name, turned(operation, arguments, page.argument, value))
    if not built then
      return nil, refused
    end
    return client:_send(built, operation)
  end
  local again = { method = first.method, url = url, headers = pages.shallow(first.headers) }
  again.body, again.parts = first.body, first.parts
  return client:_send(again, operation)
end

--- Iterates the items of all pages: for item, err in client:each("list_models") do … end. `list` is the function or its
-- name. An error ends the loop after one last round in which item is false.
function M:each(list, arguments)
  local operation, problem = self:find(list)
  if not operation or not operation.page then
    error(problem and problem.message or operation.name .. " gives no pages", 2)
  end
  local page, index, following, seen, ended, empty = {}, 0, nil, {}, false, 0
  local at, first
  local function load(value, err, response)
    if not value then
      ended, page = true, {}
      return err
    end
    page, index = pages.items(operation.page, value), 0
    following = pages.next(operation.page, value, at, response and response.headers)
    empty = #page == 0 and empty + 1 or 0
    -- The last page of some APIs names itself, or a token once more.
    if following and (same(operation.page, at, following) or (empty > 0 and seen[following])) then
      following = nil
    end
    -- Where a list ends it names no page: what is left of one that goes round is not known.
    if following and seen[following] then
      ended = true
      local what = operation.name .. " names a page as the next one that was given before: "
      return errors.new({ type = "response", message = what .. following:sub(1, 500) })
    end
    if following and empty >= self.max_empty_pages then
      ended = true
      local what = empty .. " pages in a row without items and names a next one, the bound of max_empty_pages"
      return errors.new({ type = "response", message = operation.name .. " gave " .. what })
    end
  end
  local begun = false
  return function()
    while index >= #page do
      local err
      if ended or (begun and not following) then
        return nil
      elseif begun then
        seen[following] = true
        at = following
        err = load(page_at(self, following, operation, first, arguments))
      else
        begun = true
        local built, refused = self:build(operation.name, arguments)
        if built then
          at = pages.place(operation.page, built.url, operation, arguments)
          first = pages.shallow(built)
          first.headers = pages.shallow(built.headers)
          seen[at] = true
          err = load(self:_send(built, operation))
        else
          err = load(nil, refused)
        end
      end
      if err then
        return false, err
      end
    end
    index = index + 1
    return page[index]
  end
end

-- The job that a result is: that of the function which gave it, or the only kind whose fields it has.
local function job_of(client, result, of)
  local giver = of or client._origins[result]
  if giver then
    local operation, problem = client:find(giver)
    if not operation or not operation.job then
      error(problem and problem.message or operation.name .. " starts no job", 3)
    end
    return operation.job
  end
  local match, kinds = nil, {}
  for _, operation in pairs(client._api.operations) do
    local job = operation.job
    if job and not kinds[job.key] and at_path(result, job.id) and at_path(result, job.status) then
      match, kinds[job.key] = job, true
      kinds[#kinds + 1] = job.key
    end
  end
  if #kinds ~= 1 then
    table.sort(kinds)
    local what = #kinds == 0 and "this is not a job" or "this could be a " .. table.concat(kinds, " or a ")
    error(what .. ": name the function that gave it, {of = …}", 3)
  end
  return match
end

--- Waits until a job has ended; gives its last state. `options`: timeout and interval (seconds), cancel (when the time
-- is up), on_update (told each state), of (the function that gave the job, where it cannot be told).
function M:wait(result, options)
  options = options or {}
  if type(result) ~= "table" then
    error("wait takes the result of a function that starts or gets a job, not a " .. type(result), 2)
  end
  local job = job_of(self, result, options.of)
  local id = at_path(result, job.id)
  if (id == nil or id == self.null or id == "") and not job.terminal[at_path(result, job.status)] then
    local message = "the answer holds no " .. job.id .. " of the " .. job.key .. "; it may run all the same"
    return nil, errors.new({ type = "response", message = message, retryable = false, job = result })
  end
  local argument = { [job.argument] = id }
  local began = self._clock()
  while not job.terminal[at_path(result, job.status)] do
    if options.timeout and self._clock() - began >= options.timeout then
      if options.cancel and job.cancel then
        self:call(job.cancel, argument)
      end
      local message = "the " .. job.key .. " has not ended after " .. options.timeout .. " s"
      return nil, errors.new({ type = "timeout", message = message, retryable = true, job = result })
    elseif not self._sleep then
      error("wait needs new{sleep = function(seconds) … end}", 2)
    end
    self._sleep(options.interval or job.interval)
    local value, err, response = self:call(job.poll, argument)
    if not value then
      err.job = result
      return nil, err, response
    end
    result = value
    if options.on_update then
      options.on_update(result)
    end
  end
  return result
end

return M
