-- What a script sees. Runs first, keeps the real functions in locals, and hands out a table of harmless ones.
-- `host(op, payload)` is the only way out of this state: it takes and gives strings.
local host, settings_text, code = ...

local assert, error, getmetatable, ipairs, load, next, pairs, pcall, rawequal, rawget, rawlen, rawset, select,
  setmetatable, tonumber, tostring, type, xpcall =
  assert, error, getmetatable, ipairs, load, next, pairs, pcall, rawequal, rawget, rawlen, rawset, select,
  setmetatable, tonumber, tostring, type, xpcall
local coroutine, math, os, string, table, utf8 = coroutine, math, os, string, table, utf8
local sethook, getinfo = debug.sethook, debug.getinfo
local clock, concat, format, rep, sub, byte, find, gsub, match =
  os.clock, table.concat, string.format, string.rep, string.sub, string.byte, string.find, string.gsub, string.match
local math_type, huge = math.type, math.huge

-- A script must not change what `("x"):rep(3)` means, neither for itself nor for this file.
local string_metatable = getmetatable("")

---- limits ------------------------------------------------------------------------------------------

local settings
local stopped -- nil, or the limit that ended the script: from then on nothing catches
local stop_mark = {}
local deadline = huge
local written = 0

local function where()
  for level = 2, 200 do
    local info = getinfo(level, "Sl")
    if not info then
      return nil
    end
    if info.source == "=script" and info.currentline > 0 then
      return info.currentline
    end
  end
end

local stop_line

local function stop(limit)
  if not stopped then
    stopped, stop_line = limit, where()
  end
  error(stop_mark, 0)
end

local function tick()
  if stopped or clock() > deadline then
    stop(stopped or "cpu")
  end
end

local function watch(thread)
  if thread then
    sethook(thread, tick, "", 1000)
  else
    sethook(tick, "", 1000)
  end
end

---- JSON --------------------------------------------------------------------------------------------

local null = setmetatable({}, { __tostring = function() return "null" end, __metatable = false, __newindex = function()
  error("json.null cannot be changed", 2)
end })
local kinds = setmetatable({}, { __mode = "k" }) -- table -> "array" | "object"
local nulls = setmetatable({}, { __mode = "k" }) -- table -> keys that were null in the answer it came from
local escapes = { ['"'] = '\\"', ["\\"] = "\\\\", ["\n"] = "\\n", ["\r"] = "\\r", ["\t"] = "\\t" }

local function quote(text)
  if not utf8.len(text) then
    error("a string that is not UTF-8 cannot be written as JSON", 0)
  end
  return '"' .. gsub(text, '[%c"\\\127]', function(c)
    return escapes[c] or format("\\u%04x", byte(c))
  end) .. '"'
end

local function number(value)
  if math_type(value) == "integer" then
    return format("%d", value)
  end
  if value ~= value or value == huge or value == -huge then
    error("NaN and infinity have no place in JSON", 0)
  end
  if value % 1 == 0 and value > -2 ^ 53 and value < 2 ^ 53 then
    return format("%d", value)
  end
  return format("%.17g", value)
end

local function is_array(value)
  local kind = kinds[value]
  if kind then
    return kind == "array"
  end
  return rawlen(value) > 0
end

local function encode(value, out, depth, seen)
  local kind = type(value)
  if value == nil or rawequal(value, null) then
    out[#out + 1] = "null"
  elseif kind == "boolean" then
    out[#out + 1] = value and "true" or "false"
  elseif kind == "number" then
    out[#out + 1] = number(value)
  elseif kind == "string" then
    out[#out + 1] = quote(value)
  elseif kind ~= "table" then
    error("a " .. kind .. " cannot be written as JSON", 0)
  elseif depth > 100 then
    error("a table nested more than 100 deep cannot be written as JSON", 0)
  elseif seen[value] then
    error("a table that holds itself cannot be written as JSON", 0)
  else
    seen[value] = true
    if is_array(value) then
      local length, count = rawlen(value), 0
      for key in next, value do
        count = count + 1
        if math_type(key) ~= "integer" or key < 1 or key > length then
          error("a table is a list or an object, not both; found the key " .. tostring(key) .. " in a list", 0)
        end
      end
      if count ~= length then
        error("a list with holes cannot be written as JSON; fill them with json.null", 0)
      end
      out[#out + 1] = "["
      for index = 1, length do
        if index > 1 then
          out[#out + 1] = ","
        end
        encode(rawget(value, index), out, depth + 1, seen)
      end
      out[#out + 1] = "]"
    else
      local keys = {}
      for key in next, value do
        if type(key) ~= "string" then
          error("an object's keys are strings, this is a " .. type(key) .. ": " .. tostring(key), 0)
        end
        keys[#keys + 1] = key
      end
      for key in next, nulls[value] or {} do
        if rawget(value, key) == nil then
          keys[#keys + 1] = key
        end
      end
      table.sort(keys)
      out[#out + 1] = "{"
      for index, key in ipairs(keys) do
        out[#out + 1] = (index > 1 and "," or "") .. quote(key) .. ":"
        encode(rawget(value, key), out, depth + 1, seen)
      end
      out[#out + 1] = "}"
    end
    seen[value] = nil
  end
end

local function to_json(value)
  local out = {}
  encode(value, out, 1, {})
  return concat(out)
end

local unescaped = { ['"'] = '"', ["\\"] = "\\", ["/"] = "/", b = "\b", f = "\f", n = "\n", r = "\r", t = "\t" }

-- `keep`: a null of an object is json.null. Without it the field reads as nil and is still written back as null.
local function from_json(text, keep)
  local at = 1
  local function fail(what)
    error(format("not JSON: %s at byte %d", what, at), 0)
  end
  local function space()
    at = find(text, "[^ \t\r\n]", at) or #text + 1
  end
  local function string_value()
    local parts, from = {}, at + 1
    while true do
      local stop_at = find(text, '["\\%c]', from)
      if not stop_at then
        fail("a string does not end")
      end
      parts[#parts + 1] = sub(text, from, stop_at - 1)
      local c = sub(text, stop_at, stop_at)
      if c == '"' then
        at = stop_at + 1
        return concat(parts)
      elseif c ~= "\\" then
        if c ~= "\127" then
          at = stop_at
          fail("a control character in a string")
        end
        parts[#parts + 1] = c
        from = stop_at + 1
      else
        local e = sub(text, stop_at + 1, stop_at + 1)
        if e == "u" then
          local hex = match(text, "^%x%x%x%x", stop_at + 2)
          if not hex then
            at = stop_at
            fail("a bad \\u escape")
          end
          local point = tonumber(hex, 16)
          from = stop_at + 6
          if point >= 0xD800 and point < 0xDC00 then
            local low = match(text, "^\\u([dD][c-fC-F]%x%x)", from)
            if low then
              point = 0x10000 + (point - 0xD800) * 0x400 + (tonumber(low, 16) - 0xDC00)
              from = from + 6
            else
              point = 0xFFFD
            end
          elseif point >= 0xDC00 and point < 0xE000 then
            point = 0xFFFD
          end
          parts[#parts + 1] = utf8.char(point)
        elseif unescaped[e] then
          parts[#parts + 1] = unescaped[e]
          from = stop_at + 2
        else
          at = stop_at
          fail("a bad escape")
        end
      end
    end
  end
  local value
  local function list(depth)
    local result, length = {}, 0
    kinds[result] = "array"
    at = at + 1
    space()
    if sub(text, at, at) == "]" then
      at = at + 1
      return result
    end
    while true do
      length = length + 1
      result[length] = value(depth)
      space()
      local c = sub(text, at, at)
      at = at + 1
      if c == "]" then
        return result
      elseif c ~= "," then
        at = at - 1
        fail("expected , or ]")
      end
    end
  end
  local function object(depth)
    local result, missing = {}, nil
    kinds[result] = "object"
    at = at + 1
    space()
    if sub(text, at, at) == "}" then
      at = at + 1
      return result
    end
    while true do
      space()
      if sub(text, at, at) ~= '"' then
        fail("expected a key")
      end
      local key = string_value()
      space()
      if sub(text, at, at) ~= ":" then
        fail("expected :")
      end
      at = at + 1
      local item = value(depth)
      if item == null and not keep then
        missing = missing or {}
        missing[key] = true
      else
        result[key] = item
      end
      space()
      local c = sub(text, at, at)
      at = at + 1
      if c == "}" then
        nulls[result] = missing
        return result
      elseif c ~= "," then
        at = at - 1
        fail("expected , or }")
      end
    end
  end
  function value(depth)
    space()
    if depth > 100 then
      fail("nested more than 100 deep")
    end
    local c = sub(text, at, at)
    if c == "{" then
      return object(depth + 1)
    elseif c == "[" then
      return list(depth + 1)
    elseif c == '"' then
      return string_value()
    end
    for word, meant in pairs({ ["true"] = true, ["false"] = false, ["null"] = null }) do
      if sub(text, at, at + #word - 1) == word then
        at = at + #word
        return meant
      end
    end
    local digits = match(text, "^-?%d+%.?%d*[eE]?[+-]?%d*", at)
    local read = digits and tonumber(digits)
    if not read then
      fail(at > #text and "it ends too soon" or "unexpected " .. sub(text, at, at))
    end
    at = at + #digits
    return read
  end
  local result = value(1)
  space()
  if at <= #text then
    fail("something follows the value")
  end
  return result
end

settings = from_json(settings_text)

---- errors ------------------------------------------------------------------------------------------

local failure = { __metatable = false }
function failure.__tostring(problem)
  local message = rawget(problem, "message")
  message = type(message) == "string" and message or "failed"
  local hint = rawget(problem, "hint")
  return type(hint) == "string" and message .. "\n  " .. hint or message
end

local function raise(problem)
  error(setmetatable(problem, failure), 0)
end

---- the way out -------------------------------------------------------------------------------------

local function ask(op, payload)
  tick()
  local answer = from_json(host(op, payload))
  if answer.stopped then
    stop(answer.stopped)
  end
  if answer.error then
    raise(answer.error)
  end
  return answer.data
end

local function emit(text)
  local room = settings.output - written
  written = written + #text
  if #text > room then
    text = sub(text, 1, room > 0 and room or 0)
  end
  -- What is printed may be any bytes; the pipe carries text.
  text = utf8.len(text) and text or gsub(text, "[\128-\255]", "?")
  host("print", quote(text))
  if written > settings.output then
    stop("output")
  end
end

local function call(name, arguments, account)
  if arguments == nil then
    arguments = {}
  elseif type(arguments) ~= "table" then
    error(format("%s takes one table of arguments, not a %s", name, type(arguments)), 3)
  end
  local fine, text = pcall(to_json, arguments)
  tick()
  if not fine then
    raise({ type = "arguments", message = name .. ": " .. tostring(text), retryable = false })
  end
  if is_array(arguments) and text ~= "{}" then
    raise({ type = "arguments", message = name .. " takes named arguments: " .. name .. "{name = value}", retryable = false })
  end
  return ask("call", '{"name":' .. quote(name) .. ',"account":' .. quote(account) .. ',"arguments":' .. text .. "}")
end

local function functions_of(account)
  local set = {}
  for _, known in ipairs(settings.functions) do
    local name = known.name
    local function one(arguments)
      return call(name, arguments, account)
    end
    set[name] = one
    for _, alias in ipairs(known.aliases) do
      if match(alias, "^[%a_][%w_]*$") then
        set[alias] = set[alias] or one
      end
    end
  end
  return setmetatable(set, {
    __metatable = false,
    __index = function(_, key)
      if type(key) ~= "string" then
        return nil
      end
      local name = ask("find", to_json({ name = key, account = account }))
      return function(arguments)
        return call(name, arguments, account)
      end
    end,
  })
end

local root = functions_of("default")
rawset(root, "default", root)
for _, account in ipairs(settings.accounts) do
  if rawget(root, account) == nil then
    rawset(root, account, functions_of(account))
  end
end

---- what scripts may use ----------------------------------------------------------------------------

local function copy(source, names)
  local result = {}
  for name in string.gmatch(names, "%S+") do
    result[name] = source[name]
  end
  return result
end

local env = {
  _VERSION = _VERSION,
  assert = assert, error = error, ipairs = ipairs, next = next, pairs = pairs, rawequal = rawequal,
  rawlen = rawlen, rawget = rawget, select = select, tonumber = tonumber, tostring = tostring, type = type,
  math = copy(math, "abs acos asin atan ceil cos deg exp floor fmod huge log max maxinteger min mininteger modf pi rad random randomseed sin sqrt tan tointeger type ult"),
  os = copy(os, "clock date difftime time"),
  string = copy(string, "byte char find format gmatch gsub len lower match pack packsize rep reverse sub unpack upper"),
  table = copy(table, "concat insert move pack remove sort unpack"),
  utf8 = copy(utf8, "char charpattern codepoint codes len offset"),
}
env._G = env

function env.string.rep(text, count, separator)
  -- In C, out of reach of the hook: bounded by what it makes and, for the empty string, by its steps.
  if type(count) == "number" and count > 16777216 / (#tostring(text) + #tostring(separator or "") + 1) then
    error("string.rep: the result would be larger than 16 MiB", 2)
  end
  return rep(text, count, separator)
end

function env.rawset(target, key, value)
  if target == null or getmetatable(target) == false then
    error("this table cannot be changed", 2)
  end
  return rawset(target, key, value)
end

function env.getmetatable(value)
  if type(value) ~= "table" then
    return nil
  end
  return getmetatable(value)
end

function env.setmetatable(target, metatable)
  if type(target) ~= "table" then
    error("setmetatable: the first argument must be a table", 2)
  end
  -- A finalizer runs at a time of its own, outside of what catches and counts.
  if type(metatable) == "table" and rawget(metatable, "__gc") ~= nil then
    error("setmetatable: __gc is not available to scripts", 2)
  end
  return setmetatable(target, metatable)
end

function env.load(chunk, name, _, environment)
  if type(chunk) == "function" then
    local parts = {}
    repeat
      local part = chunk()
      parts[#parts + 1] = part
    until part == nil or part == ""
    chunk = concat(parts)
  end
  if type(chunk) ~= "string" then
    error("load: the chunk must be a string or a function", 2)
  end
  -- Text only: bytecode can be made to crash the interpreter.
  return load(chunk, type(name) == "string" and name or "=load", "t", environment == nil and env or environment)
end

-- A stop is no error a script may catch.
local function checked(...)
  if stopped then
    error(stop_mark, 0)
  end
  return ...
end

function env.pcall(...)
  return checked(pcall(...))
end

function env.xpcall(run, handler, ...)
  return checked(xpcall(run, function(problem)
    if stopped then
      return stop_mark
    end
    return handler(problem)
  end, ...))
end

env.coroutine = copy(coroutine, "isyieldable running status yield")

function env.coroutine.create(run)
  local thread = coroutine.create(run)
  watch(thread)
  return thread
end

function env.coroutine.resume(...)
  return checked(coroutine.resume(...))
end

function env.coroutine.close(...)
  return checked(coroutine.close(...))
end

function env.coroutine.wrap(run)
  local thread = env.coroutine.create(run)
  local function result(fine, ...)
    if not fine then
      local problem = ...
      error(problem, 0)
    end
    return ...
  end
  return function(...)
    return result(checked(coroutine.resume(thread, ...)))
  end
end

function env.collectgarbage(option)
  if option == nil or option == "collect" or option == "step" then
    return 0
  elseif option == "count" then
    return collectgarbage("count")
  end
  error("collectgarbage: only 'count' is available to scripts", 2)
end

function env.print(...)
  local parts = {}
  for index = 1, select("#", ...) do
    parts[index] = tostring((select(index, ...)))
  end
  emit(concat(parts, "\t") .. "\n")
end

local function dump(value, indent, seen)
  if type(value) == "string" then
    return format("%q", value)
  elseif type(value) ~= "table" or value == null then
    return tostring(value)
  elseif seen[value] or #indent > 40 then
    return "{…}"
  end
  seen[value] = true
  local keys, lines = {}, {}
  for key in next, value do
    keys[#keys + 1] = key
  end
  table.sort(keys, function(a, b)
    if type(a) == type(b) and (type(a) == "number" or type(a) == "string") then
      return a < b
    end
    return type(a) == "number" and type(b) ~= "number" or type(a) < type(b)
  end)
  for _, key in ipairs(keys) do
    local name = type(key) == "string" and match(key, "^[%a_][%w_]*$") or "[" .. (type(key) == "string" and format("%q", key) or tostring(key)) .. "]"
    lines[#lines + 1] = indent .. "  " .. name .. " = " .. dump(rawget(value, key), indent .. "  ", seen)
  end
  seen[value] = nil
  return #lines == 0 and "{}" or "{\n" .. concat(lines, ",\n") .. "\n" .. indent .. "}"
end

function env.dump(...)
  for index = 1, select("#", ...) do
    emit(dump((select(index, ...)), "", {}) .. "\n")
  end
end

local function marked(kind)
  return function(value)
    value = value == nil and {} or value
    if type(value) ~= "table" or value == null then
      error(kind .. "{…} takes a table", 2)
    end
    kinds[value] = kind
    return value
  end
end

env.array, env.object = marked("array"), marked("object")
env.json = {
  null = null,
  array = env.array,
  object = env.object,
  encode = function(value)
    local fine, text = pcall(to_json, value)
    tick()
    if not fine then
      error("json.encode: " .. tostring(text), 2)
    end
    return text
  end,
  decode = function(text)
    if type(text) ~= "string" then
      error("json.decode takes a string", 2)
    end
    local fine, value = pcall(from_json, text, true)
    tick()
    if not fine then
      error("json.decode: " .. tostring(value), 2)
    end
    return value
  end,
}

local function regex(request)
  tick()
  local answer = from_json(host("regex", to_json(request)), true)
  if answer.error then
    error("regex: " .. tostring(answer.error), 3)
  end
  return answer
end

local function groups(found)
  for index, group in ipairs(found) do
    found[index] = group ~= null and group or false
  end
  return found
end

env.regex = {
  match = function(subject, pattern)
    local found = regex({ ["do"] = "match", subject = subject, pattern = pattern }).matches[1]
    if found then
      return table.unpack(groups(found))
    end
  end,
  match_all = function(subject, pattern)
    local matches = regex({ ["do"] = "match_all", subject = subject, pattern = pattern }).matches
    for _, found in ipairs(matches) do
      groups(found)
    end
    return matches
  end,
  gsub = function(subject, pattern, replacement, count)
    local answer = regex({
      ["do"] = "gsub", subject = subject, pattern = pattern, replacement = replacement, count = count or 0,
    })
    return answer.text, answer.count
  end,
}

env.docs = {
  list = function() return ask("docs", '{"do":"list"}') end,
  search = function(text) return ask("docs", to_json({ ["do"] = "search", text = text })) end,
  read = function(name) return ask("docs", to_json({ ["do"] = "read", name = name })) end,
}
function env.schema(name)
  return ask("docs", to_json({ ["do"] = "schema", name = name }))
end

env.app = { integrations = { [settings.name] = root } }
env[settings.name] = root

-- Methods of strings come from a table of their own, out of the script's reach.
local methods = {}
for name, method in pairs(env.string) do
  methods[name] = method
end
string_metatable.__index = methods
string_metatable.__metatable = false

---- run ---------------------------------------------------------------------------------------------

local chunk, problem = load(code, "=script", "t", env)
if not chunk then
  local line = match(problem, "^script:(%d+):")
  host("done", to_json({ error = { type = "syntax", message = problem, line = tonumber(line) } }))
  return
end

local line
local function explain(caught)
  if not stopped then
    line = where()
  end
  return caught
end

deadline = clock() + settings.cpu
watch()
local function finish(fine, ...)
  if fine and not stopped then
    local count = select("#", ...)
    local value = ...
    if count > 1 then
      value = { ... }
      for index = 1, count do
        if value[index] == nil then
          value[index] = null
        end
      end
      kinds[value] = "array"
    end
    local written_fine, text = pcall(to_json, value)
    tick()
    if not written_fine then
      return to_json({ error = { type = "result", message = "the script's result: " .. tostring(text) } })
    end
    return '{"result":' .. text .. ',"memory":' .. format("%d", collectgarbage("count") * 1024) .. "}"
  end
  if stopped then
    return to_json({ stopped = stopped, line = stop_line })
  end
  local caught = ...
  local report = { type = "script", message = "", line = line }
  if type(caught) == "table" and getmetatable(caught) == false then
    for key, value in next, caught do
      local kind = type(value)
      if type(key) == "string" and (kind == "string" or kind == "number" or kind == "boolean") then
        report[key] = value
      end
    end
  elseif type(caught) == "table" then
    local fine_text, text = pcall(to_json, caught)
    report.message = type(rawget(caught, "message")) == "string" and rawget(caught, "message") or fine_text and text or "a table was raised"
  elseif type(caught) == "string" then
    report.message = caught
    if find(caught, "not enough memory", 1, true) then
      return to_json({ stopped = "memory", line = line })
    end
  else
    report.message = tostring(caught)
  end
  return to_json({ error = report })
end
-- Telling the outcome may run the script's code once more (__tostring), so it is watched as well.
local told, outcome = pcall(finish, xpcall(chunk, explain))
sethook()
if not told then
  outcome = stopped and to_json({ stopped = stopped, line = stop_line })
    or to_json({ error = { type = "script", message = "the outcome of the script cannot be told" } })
end
host("done", outcome)
