-- What a script sees: made before the script is known, out of harmless parts. `pipe(op, text)` is the only way out of
-- this state; it takes and gives strings.
local pipe, settings_text, sources = ...

local error, format, getmetatable, ipairs, next, pcall, rawget, setmetatable, tostring, type =
  error, string.format, getmetatable, ipairs, next, pcall, rawget, setmetatable, tostring, type

local function file(name, ...)
  return load(sources[name], "=" .. name, "t")(...)
end

local json = file("json", "json")
local settings = json.decode(settings_text)
local guard = file("guard")
local values = file("values", json, guard)
local host = file("host", pipe, guard, values, settings.limits)
local near = file("result", values, guard)
local env = file("library", guard, values)
local output = file("text", host, guard, values)
local helpers = file("helpers", pipe, host, guard, values, settings)

for name, helper in next, helpers do
  env[name] = helper
end
for _, name in next, { "print", "log", "progress", "dump" } do
  env[name] = output[name]
end
env.parallel = host.parallel
local integrations, servers = {}, {}
env.app = { integrations = integrations, mcp = servers }
for _, each in ipairs(settings.apis or { settings }) do
  local api = file("api", host, guard, values, each)
  if each.server then
    servers[each.name] = api
  else
    integrations[each.name] = api
    if not settings.apis or env[each.name] == nil then
      env[each.name] = api
    end
  end
end
if settings.apis then
  for place, what in next, { [integrations] = "API", [servers] = "MCP server" } do
    setmetatable(place, {
      __metatable = false,
      __index = function(_, key)
        local there = {}
        for name in next, place do
          there[#there + 1] = name
        end
        table.sort(there)
        local message = format("no %s is called %s; there are %s", what, tostring(key), table.concat(there, ", "))
        host.raise({ type = "unknown_api", message = message, retryable = false })
      end,
    })
  end
  env.mcp = servers
else
  env.app.mcp = nil
end

local LONGEST, SHORT = 10000, 100 -- bytes of a message, and of what is said in a word

local FIRST = { type = true, message = true, line = true }

-- What a raised value says: its message, or the value itself where it has none.
local function message_of(caught)
  if type(caught) == "table" and type(rawget(caught, "message")) == "string" then
    return rawget(caught, "message")
  end
  local metatable = type(caught) == "table" and getmetatable(caught)
  if type(caught) ~= "table" or (type(metatable) == "table" and rawget(metatable, "__tostring")) then
    local fine, text = pcall(tostring, caught)
    if fine and type(text) == "string" then
      return text
    elseif guard.stopped or guard.is_memory(text) then
      error(text, 0)
    end
  end
  return (near(caught, LONGEST, LONGEST))
end

-- The error of a script as JSON, told by what it raised; as much of it as may leave the script.
local function described(caught, line)
  local failure = host.is_failure(caught)
  local kind = failure and rawget(caught, "type")
  local own = failure and rawget(caught, "line")
  local report = {
    type = type(kind) == "string" and values.clean(kind, SHORT) or "script",
    message = values.clean(message_of(caught), LONGEST),
    line = math.type(own) == "integer" and own or line,
  }
  local out, room = { string.sub(values.write(report), 2, -2) }, settings.limits.output
  for key, value in next, failure and caught or {} do
    if type(key) == "string" and #key <= SHORT and not FIRST[key] then
      local text, full = near(value, room, settings.limits.values)
      room = room - #text - #key - 4 -- quotes, colon, comma
      if full or room < 0 then
        out[#out + 1] = '"shortened":true'
        break
      end
      out[#out + 1] = values.write(values.clean(key, SHORT)) .. ":" .. text
    end
  end
  return "{" .. table.concat(out, ",") .. "}"
end

-- What a script gave: nothing, one value, or a list of several.
local function returned(results)
  if results.n < 3 then
    return results[2]
  end
  local list = {}
  for index = 2, results.n do
    list[index - 1] = results[index] == nil and values.null or results[index]
  end
  return list
end

-- The outcome of a coroutine that has ended, as JSON; nil where a limit stops that as well.
local function outcome(thread, results)
  if not results[1] then
    local line = guard.where(thread)
    guard.coroutine.close(thread) -- runs what is to be closed
    if guard.is_memory(results[2]) then
      return values.write({ stopped = "memory", line = line })
    end
    return '{"error":' .. described(results[2], line) .. "}"
  elseif coroutine.status(thread) ~= "dead" then
    return values.write({
      error = { type = "script", message = "the script yielded to nobody", line = guard.where(thread) },
    })
  end
  local text, full, notes, deeper = near(returned(results), settings.limits.output, settings.limits.values)
  guard.tick()
  local rest = { memory = guard.peak * 1024 // 1, stopped = full, notes = values.array(notes) }
  return format('{"result":%s,"deeper":[%s],%s', text, table.concat(deeper, ","), string.sub(values.write(rest), 2))
end

--- Runs a script; gives its outcome as JSON.
return function(code)
  local chunk, problem = load(code, "=script", "t", env)
  if not chunk then
    local line = tonumber(string.match(problem, "^script:(%d+):"))
    return values.write({ error = { type = "syntax", message = values.clean(problem, LONGEST), line = line } })
  end
  -- In a coroutine: it can be asked where it failed, even when memory ran out.
  local thread = coroutine.create(chunk)
  guard.begin(settings.limits)
  guard.watch(thread)
  local results = table.pack(coroutine.resume(thread))
  -- Telling the outcome may run the script's code once more (__tostring), so it is watched as well.
  local fine, report = pcall(outcome, thread, results)
  guard.finish()
  if guard.stopped then
    return values.write({ stopped = guard.stopped, line = guard.line })
  elseif fine and report then
    return report
  elseif guard.is_memory(report) then
    return values.write({ stopped = "memory" })
  end
  return values.write({ error = { type = "script", message = "the outcome of the script cannot be told" } })
end
