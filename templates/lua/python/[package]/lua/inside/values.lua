--- JSON as scripts see it. A field that was null reads as nil and is still written back as null; what a table is, is
-- kept out of the script's reach rather than in metatables.
local json, guard = ...
local error, next, pcall, rawequal, rawget, rawset, setmetatable, tostring, type =
  error, next, pcall, rawequal, rawget, rawset, setmetatable, tostring, type
local byte, concat, sub, utf8 = string.byte, table.concat, string.sub, utf8

local kinds = setmetatable({}, { __mode = "k" }) -- table -> "array" or "object"
local nulls = setmetatable({}, { __mode = "k" }) -- table -> its fields that were null
local NONE = {}

json.memory = {
  mark = function(value, kind)
    kinds[value] = kind
    return value
  end,
  kind = function(value)
    return kinds[value]
  end,
  nulls = function(value)
    return nulls[value] or NONE
  end,
}

local null = json.null
local M = { null = null }

local function message_text(problem)
  if guard.is_memory(problem) then
    error(problem, 0) -- a limit, and no matter of what was to be written
  end
  return type(problem) == "table" and rawget(problem, "message") or tostring(problem)
end

--- JSON text; or nil and why there is none.
function M.write(value)
  local fine, text = pcall(json.encode, value)
  if fine then
    return text
  end
  return nil, message_text(text)
end

--- The value of a JSON text, null as `json.null`; or nil and why there is none.
function M.read(text)
  local fine, value = pcall(json.decode, text)
  if fine then
    return value
  end
  return nil, message_text(value)
end

local function forget_nulls(value)
  local missing
  for key, item in next, value do
    if rawequal(item, null) then
      missing = missing or {}
      missing[key] = true
    elseif type(item) == "table" then
      forget_nulls(item)
    end
  end
  if missing and kinds[value] == "object" then
    for key in next, missing do
      rawset(value, key, nil)
    end
    nulls[value] = missing
  end
  return value
end

--- An answer's value: as `read`, and a field that is null reads as nil.
function M.answer(text)
  local value = json.decode(text)
  return type(value) == "table" and not rawequal(value, null) and forget_nulls(value) or value
end

--- A table marked as a list or an object, so that an empty one is written as what is meant.
function M.marker(kind)
  return function(value)
    value = value == nil and {} or value
    if type(value) ~= "table" or rawequal(value, null) then
      error(kind .. "{…} takes a table", 2)
    end
    kinds[value] = kind
    return value
  end
end

--- A list, also where it is empty.
M.array = M.marker("array")

--- Whether a table is written as a list.
M.is_array = json.is_array

--- What a table was marked as: "array", "object" or nil; and its fields that were null.
function M.known(value)
  return kinds[value], nulls[value] or NONE
end

--- A number as JSON writes it; nil for one that JSON does not have.
function M.number(value)
  local fine, text = pcall(json.number, value)
  return fine and text or nil
end

--- The last byte of whole characters among the first `most` of a text.
function M.cut(text, most)
  for stop = most, most > 3 and most - 3 or 0, -1 do
    local after = byte(text, stop + 1)
    if not after or after < 0x80 or after >= 0xC0 then
      return #text < stop and #text or stop
    end
  end
  return most
end

--- Text with each byte that is no UTF-8 replaced by what `escape` gives for it; as it is where there is none.
function M.text(text, escape)
  local _, wrong = utf8.len(text)
  if not wrong then
    return text
  end
  local parts, from = {}, 1
  while wrong do
    parts[#parts + 1] = sub(text, from, wrong - 1)
    parts[#parts + 1] = escape(byte(text, wrong))
    from = wrong + 1
    _, wrong = utf8.len(text, from)
  end
  parts[#parts + 1] = sub(text, from)
  return concat(parts)
end

local function mark()
  return "?"
end

--- Text that JSON can hold, made of any bytes, and no longer than `longest`.
function M.clean(text, longest)
  return M.text(sub(text, 1, M.cut(text, longest)), mark)
end

--- The order of keys: numbers, then strings, each ascending.
function M.in_order(a, b)
  if type(a) == type(b) and (type(a) == "number" or type(a) == "string") then
    return a < b
  end
  return type(a) < type(b)
end

return M
