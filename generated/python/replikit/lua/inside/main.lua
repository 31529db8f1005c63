-- What a script sees: made before the script is known, out of harmless parts. `pipe(op, text)` is the only way out of
-- this state; it takes and gives strings.
local pipe, settings_text, sources = ...

local function file(name, ...)
  return load(sources[name], "=" .. name, "t")(...)
end

local json = file("json", "json")
local settings = json.decode(settings_text)
local guard = file("guard")
local values = file("values", json, guard)
local host = file("host", pipe, guard, values, settings.limits.concurrency)
local env = file("library", guard, values)
local api = file("api", host, guard, values, settings)
local text = file("text", host, guard, values)
local helpers = file("helpers", pipe, host, guard, values)

for name, helper in next, helpers do
  env[name] = helper
end
for _, name in next, { "print", "log", "progress", "dump" } do
  env[name] = text[name]
end
env.parallel = host.parallel
env.app = { integrations = { [settings.name] = api } }
env[settings.name] = api

local LONGEST = 10000

-- The error of a script, told by what it raised.
local function described(caught, line)
  local report = { type = "script", message = "", line = line }
  if host.is_failure(caught) then
    for key, value in next, caught do
      if type(key) == "string" and values.write(value) then
        report[key] = value
      end
    end
  elseif type(caught) == "table" then
    local message, metatable = rawget(caught, "message"), getmetatable(caught)
    if type(message) ~= "string" then
      local told_by_itself = type(metatable) == "table" and rawget(metatable, "__tostring")
      message = told_by_itself and tostring(caught) or values.write(caught) or "a table was raised"
    end
    report.message = message
  else
    report.message = tostring(caught)
  end
  report.message = values.clean(tostring(report.message), LONGEST)
  return report
end

-- What a script gave: nothing, one value, or a list of several.
local function given(results)
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
local function told(thread, results)
  if not results[1] then
    local line = guard.where(thread)
    guard.coroutine.close(thread) -- runs what is to be closed
    local report = { error = described(results[2], line) }
    if guard.is_memory(results[2]) then
      report = { stopped = "memory", line = line }
    end
    return values.write(report)
  elseif coroutine.status(thread) ~= "dead" then
    return values.write({
      error = { type = "script", message = "the script yielded to nobody", line = guard.where(thread) },
    })
  end
  local written, problem = values.write(given(results))
  guard.tick()
  if not written then
    return values.write({ error = { type = "result", message = "the script's result: " .. problem } })
  elseif #written > settings.limits.output then
    return values.write({ stopped = "output" })
  end
  return '{"result":' .. written .. ',"memory":' .. string.format("%d", guard.peak * 1024) .. "}"
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
  local fine, report = pcall(told, thread, results)
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
