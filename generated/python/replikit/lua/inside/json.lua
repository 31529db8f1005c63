--- JSON that keeps apart what Lua tables do not: empty lists and empty objects, null and nil, big integers.
-- Lua 5.1 to 5.4 and LuaJIT. Requests are always written by this encoder; answers may be read by another one.
local M = {}

local error, getmetatable, ipairs, next, rawget, setmetatable, tonumber, tostring, type =
  error, getmetatable, ipairs, next, rawget, setmetatable, tonumber, tostring, type
local byte, char, find, format, gsub, match, sub =
  string.byte, string.char, string.find, string.format, string.gsub, string.match, string.sub
local concat, sort = table.concat, table.sort
local floor, huge, math_type = math.floor, math.huge, math.type

local failure = {
  __tostring = function(problem)
    return problem.message
  end,
}

local function fail(message)
  error(setmetatable({ message = message }, failure), 0)
end

--- Stands for null where nil would mean: not there.
M.null = setmetatable({}, {
  __tostring = function()
    return "null"
  end,
  __newindex = function()
    error("null cannot be changed", 2)
  end,
  __metatable = false,
})

local nulls = { [M.null] = true }

--- Whether a value stands for null.
function M.is_null(value)
  return nulls[value] == true
end

--- Takes another library's null for one as well.
function M.also_null(value)
  if value ~= nil then
    nulls[value] = true
  end
end

-- `__jsontype` is dkjson's mark as well, so tables may go from one to the other.
M.array_mt = { __jsontype = "array" }
M.object_mt = { __jsontype = "object" }

--- Where it is kept what a table is and which of its fields were null. Who cannot trust metatables replaces these.
M.memory = {
  mark = function(value, kind)
    return setmetatable(value, kind == "array" and M.array_mt or M.object_mt)
  end,
  kind = function(value)
    local meta = getmetatable(value)
    return type(meta) == "table" and rawget(meta, "__jsontype") or nil
  end,
  nulls = function()
    return {}
  end,
}

--- Marks a table as a list, so that an empty one is written as [].
function M.array(value)
  return M.memory.mark(value or {}, "array")
end

--- Marks a table as an object, so that an empty one is written as {}.
function M.object(value)
  return M.memory.mark(value or {}, "object")
end

--- Whether a table is written as a list. `otherwise`: what an empty table without a mark is.
function M.is_array(value, otherwise)
  local mark = M.memory.kind(value)
  if mark then
    return mark == "array"
  end
  if next(value) == nil then
    return otherwise == "array"
  end
  return rawget(value, 1) ~= nil
end

--- A number as JSON and URLs write it: 10/2 is 5 in every Lua.
function M.number(value)
  if math_type and math_type(value) == "integer" then
    return format("%d", value)
  end
  if value ~= value or value == huge or value == -huge then
    fail("NaN and infinity cannot be sent")
  end
  if floor(value) == value and value > -2 ^ 53 and value < 2 ^ 53 then
    return format("%.0f", value)
  end
  for digits = 15, 17 do
    local text = gsub(format("%." .. digits .. "g", value), ",", ".")
    if tonumber(text) == value then
      return text
    end
  end
end

local escapes =
  { ['"'] = '\\"', ["\\"] = "\\\\", ["\b"] = "\\b", ["\f"] = "\\f", ["\n"] = "\\n", ["\r"] = "\\r", ["\t"] = "\\t" }

local function utf16(point)
  if point < 0x10000 then
    return format("\\u%04x", point)
  end
  point = point - 0x10000
  return format("\\u%04x\\u%04x", 0xD800 + floor(point / 0x400), 0xDC00 + point % 0x400)
end

local lowest = { [2] = 0x80, [3] = 0x800, [4] = 0x10000 }

-- JSON is sent as ASCII: what is not UTF-8 is refused here rather than by the server.
local function quote(text)
  local out, at = {}, 1
  while at <= #text do
    local stop = find(text, '[%c"\\\127-\255]', at) or #text + 1
    out[#out + 1] = sub(text, at, stop - 1)
    at = stop
    local first = byte(text, at)
    if first and first < 128 then
      local c = char(first)
      out[#out + 1] = escapes[c] or format("\\u%04x", first)
      at = at + 1
    elseif first then
      local size = first >= 0xF0 and first < 0xF5 and 4
        or first >= 0xE0 and first < 0xF0 and 3
        or first >= 0xC2 and first < 0xE0 and 2
      local point = size and first % 2 ^ (7 - size)
      for offset = 1, (size or 1) - 1 do
        local more = byte(text, at + offset)
        point = point and more and more >= 0x80 and more < 0xC0 and point * 64 + more % 64 or nil
      end
      if not point or point < lowest[size] or point > 0x10FFFF or (point >= 0xD800 and point < 0xE000) then
        fail("a string that is not UTF-8 cannot be written as JSON")
      end
      out[#out + 1] = utf16(point)
      at = at + size
    end
  end
  return '"' .. concat(out) .. '"'
end

local function encode(value, out, kind, depth)
  local what = type(value)
  if value == nil or nulls[value] then
    out[#out + 1] = "null"
  elseif what == "boolean" then
    out[#out + 1] = tostring(value)
  elseif what == "number" then
    out[#out + 1] = M.number(value)
  elseif what == "string" then
    out[#out + 1] = quote(value)
  elseif what ~= "table" then
    fail("a " .. what .. " cannot be written as JSON")
  elseif depth > 100 then
    fail("a table nested more than 100 deep, or one that holds itself, cannot be written as JSON")
  elseif M.is_array(value, kind) then
    local length = 0
    for key in next, value do
      if type(key) ~= "number" or key < 1 or floor(key) ~= key then
        fail("a table is a list or an object, not both; found the key " .. tostring(key))
      end
      length = length < key and key or length
    end
    out[#out + 1] = "["
    for index = 1, length do
      local item = rawget(value, index)
      if item == nil then
        fail("a list with holes cannot be written as JSON; fill them with null")
      end
      out[#out + 1] = index > 1 and "," or ""
      encode(item, out, nil, depth + 1)
    end
    out[#out + 1] = "]"
  else
    local keys = {}
    for key in next, value do
      if type(key) ~= "string" then
        fail("an object's keys are strings, this is a " .. type(key) .. ": " .. tostring(key))
      end
      keys[#keys + 1] = key
    end
    for key in next, M.memory.nulls(value) do
      if rawget(value, key) == nil then
        keys[#keys + 1] = key
      end
    end
    sort(keys)
    out[#out + 1] = "{"
    for index, key in ipairs(keys) do
      out[#out + 1] = (index > 1 and "," or "") .. quote(key) .. ":"
      encode(rawget(value, key), out, nil, depth + 1)
    end
    out[#out + 1] = "}"
  end
end

--- JSON text, ASCII only, keys sorted. `kind`: what an empty table is.
-- Raises a table with a message for what JSON cannot hold.
function M.encode(value, kind)
  local out = {}
  encode(value, out, kind, 1)
  return concat(out)
end

local function utf8_char(point)
  if point < 0x80 then
    return char(point)
  elseif point < 0x800 then
    return char(0xC0 + floor(point / 0x40), 0x80 + point % 0x40)
  elseif point < 0x10000 then
    return char(0xE0 + floor(point / 0x1000), 0x80 + floor(point / 0x40) % 0x40, 0x80 + point % 0x40)
  end
  return char(
    0xF0 + floor(point / 0x40000),
    0x80 + floor(point / 0x1000) % 0x40,
    0x80 + floor(point / 0x40) % 0x40,
    0x80 + point % 0x40
  )
end

local plain = { ['"'] = '"', ["\\"] = "\\", ["/"] = "/", b = "\b", f = "\f", n = "\n", r = "\r", t = "\t" }
local words = { t = { "true", true }, f = { "false", false }, n = { "null" } }
local nothing -- what null is read as by the decode that runs

local function refuse(what, at)
  fail(format("not JSON: %s at byte %d", what, at))
end

local function skip(text, at)
  return find(text, "[^ \t\r\n]", at) or #text + 1
end

local function read_string(text, at)
  local parts, from = {}, at + 1
  while true do
    local stop = find(text, '["\\]', from)
    if not stop then
      refuse("a string does not end", at)
    end
    parts[#parts + 1] = sub(text, from, stop - 1)
    if sub(text, stop, stop) == '"' then
      return concat(parts), stop + 1
    end
    local letter = sub(text, stop + 1, stop + 1)
    from = stop + 2
    if letter == "u" then
      local hex = match(text, "^%x%x%x%x", from)
      if not hex then
        refuse("a bad escape", stop)
      end
      local point = tonumber(hex, 16)
      from = from + 4
      if point >= 0xD800 and point < 0xE000 then
        local low = point < 0xDC00 and match(text, "^\\u([dD][c-fC-F]%x%x)", from)
        if low then
          point = 0x10000 + (point - 0xD800) * 0x400 + tonumber(low, 16) - 0xDC00
          from = from + 6
        else
          point = 0xFFFD
        end
      end
      parts[#parts + 1] = utf8_char(point)
    elseif plain[letter] then
      parts[#parts + 1] = plain[letter]
    else
      refuse("a bad escape", stop)
    end
  end
end

local function read_number(text, at)
  local digits = match(text, "^-?%d+", at)
  if not digits then
    refuse(at > #text and "it ends too soon" or "unexpected " .. format("%q", sub(text, at, at)), at)
  elseif find(digits, "^-?0%d") then
    refuse("a number that begins with 0", at)
  end
  local rest = match(text, "^%.%d+", at + #digits) or ""
  rest = rest .. (match(text, "^[eE][+-]?%d+", at + #digits + #rest) or "")
  local value = tonumber(digits .. rest)
  if value == huge or value == -huge then
    refuse("a number beyond 1.8e308", at)
  elseif rest == "" and #digits > 15 then
    -- An integer that this Lua's numbers cannot hold stays what was written, as a string.
    local exact = math_type and math_type(value) == "integer" or format("%.0f", value) == digits
    value = exact and (math_type or (value > -2 ^ 53 and value < 2 ^ 53)) and value or digits
  end
  return value, at + #digits + #rest
end

local read

local function read_list(text, at, depth)
  local result, length = M.array({}), 0
  at = skip(text, at + 1)
  if sub(text, at, at) == "]" then
    return result, at + 1
  end
  while true do
    length = length + 1
    result[length], at = read(text, at, depth + 1)
    at = skip(text, at)
    local c = sub(text, at, at)
    if c == "]" then
      return result, at + 1
    elseif c ~= "," then
      refuse("expected , or ]", at)
    end
    at = at + 1
  end
end

local function read_object(text, at, depth)
  local result = M.object({})
  at = skip(text, at + 1)
  if sub(text, at, at) == "}" then
    return result, at + 1
  end
  while true do
    at = skip(text, at)
    if sub(text, at, at) ~= '"' then
      refuse("expected a key", at)
    end
    local key
    key, at = read_string(text, at)
    at = skip(text, at)
    if sub(text, at, at) ~= ":" then
      refuse("expected :", at)
    end
    result[key], at = read(text, at + 1, depth + 1)
    at = skip(text, at)
    local c = sub(text, at, at)
    if c == "}" then
      return result, at + 1
    elseif c ~= "," then
      refuse("expected , or }", at)
    end
    at = at + 1
  end
end

function read(text, at, depth)
  at = skip(text, at)
  if depth > 200 then
    refuse("nested more than 200 deep", at)
  end
  local c = sub(text, at, at)
  if c == "{" then
    return read_object(text, at, depth)
  elseif c == "[" then
    return read_list(text, at, depth)
  elseif c == '"' then
    return read_string(text, at)
  end
  local word = words[c]
  if word and sub(text, at, at + #word[1] - 1) == word[1] then
    local value = word[2]
    if value == nil then
      value = nothing
    end
    return value, at + #word[1]
  end
  return read_number(text, at)
end

--- The value of a JSON text. Raises a table with a message where it is none. `null`: what null is read as.
function M.decode(text, null)
  nothing = null == nil and M.null or null
  local value, at = read(text, 1, 1)
  at = skip(text, at)
  if at <= #text then
    refuse("something follows the value", at)
  end
  return value
end

--- Another library's decoder, asked wherever it loses nothing: not for an integer of more than 15 digits or a number
-- with three behind its e, nor for an empty list or object, which it may not tell apart. `null`: what it reads null as.
function M.exact(decode, null)
  M.also_null(null)
  return {
    null = null,
    decode = function(text)
      if
        find(text, "%d%d%d%d%d%d%d%d%d%d%d%d%d%d%d%d")
        or find(text, "%d[eE]%+?%d%d%d")
        or find(text, "%[%s*%]")
        or find(text, "[{]%s*}")
      then
        return M.decode(text, null)
      end
      return decode(text)
    end,
  }
end

return M
