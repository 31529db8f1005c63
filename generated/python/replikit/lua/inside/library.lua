--- The part of Lua's own library that scripts may use: nothing that reads, starts, loads bytecode or changes strings.
local guard, values = ...
local error, getmetatable, ipairs, load, next, rawequal, rawget, rawset, setmetatable, tonumber, tostring, type =
  error, getmetatable, ipairs, load, next, rawequal, rawget, rawset, setmetatable, tonumber, tostring, type
local tointeger = math.tointeger
local collectgarbage, concat, gmatch, pairs, rep = collectgarbage, table.concat, string.gmatch, pairs, string.rep
local LONGEST_REP = 16 << 20

local function only(source, names)
  local result = {}
  for name in gmatch(names, "%S+") do
    result[name] = source[name]
  end
  return result
end

local env = only(_G, "_VERSION assert error ipairs next pairs rawequal rawget rawlen select tonumber tostring type")
env._G = env
env.math = only(
  math,
  [[abs acos asin atan ceil cos deg exp floor fmod huge log max maxinteger min mininteger modf pi rad random
    randomseed sin sqrt tan tointeger type ult]]
)
env.os = only(os, "clock date difftime time")
env.string = only(string, "byte char find format gmatch gsub len lower match pack packsize reverse sub unpack upper")
env.table = only(table, "concat insert move pack remove sort unpack")
env.utf8 = only(utf8, "char charpattern codepoint codes len offset")
env.coroutine, env.pcall, env.xpcall = guard.coroutine, guard.pcall, guard.xpcall

function env.ipairs(list)
  -- It would find nothing in an object, and say nothing.
  if type(list) == "table" and values.known(list) == "object" and rawget(list, 1) == nil and next(list) ~= nil then
    for name, value in next, list do
      if type(name) == "string" and values.known(value) == "array" then
        error("ipairs: this is an object, and its list stands in ." .. name, 2)
      end
    end
    error("ipairs: this is an object and no list: pairs goes over its fields", 2)
  end
  return ipairs(list)
end

-- How long a text is that Lua takes for one: numbers are.
local function length_of(text)
  local kind = type(text)
  return (kind == "string" or kind == "number") and #tostring(text) or 0
end

function env.string.rep(text, count, separator)
  -- It runs in C, where nothing can stop it: bounded by what it makes and, for the empty string, by its steps. The
  -- count is read as Lua reads it: "10", "0xA" and 1e1 are ten.
  local step, times = length_of(text) + length_of(separator), tointeger(tonumber(count))
  if times and times > LONGEST_REP // (step > 0 and step or 1) then
    error("string.rep: the result would be larger than 16 MiB", 2)
  end
  return rep(text, times or count, separator)
end

function env.rawset(target, key, value)
  if rawequal(target, values.null) or getmetatable(target) == false then
    error("this table cannot be changed", 2)
  end
  return rawset(target, key, value)
end

function env.getmetatable(value)
  -- The one of strings is shared by all of them.
  return type(value) == "table" and getmetatable(value) or nil
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
      if part ~= nil and type(part) ~= "string" and type(part) ~= "number" then
        return nil, "reader function must return a string"
      end
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

function env.collectgarbage(option)
  if option == nil or option == "collect" or option == "step" then
    return 0
  elseif option == "count" then
    return collectgarbage("count")
  end
  error("collectgarbage: only 'count' is available to scripts", 2)
end

-- Methods of strings come from a table of their own: `("x"):rep(3)` means the same whatever a script does.
local methods = {}
for name, method in pairs(env.string) do
  methods[name] = method
end
local of_strings = getmetatable("")
of_strings.__index, of_strings.__metatable = methods, false

return env
