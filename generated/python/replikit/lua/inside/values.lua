--- JSON as scripts see it. A field that was null reads as nil and is still written back as null; what a table is, is
-- kept out of the script's reach rather than in metatables.
local json, guard = ...
local error, next, pcall, rawequal, rawget, rawset, setmetatable, tostring, type =
  error, next, pcall, rawequal, rawget, rawset, setmetatable, tostring, type
local gsub, sub, utf8 = string.gsub, string.sub, utf8

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

local function said(problem)
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
  return nil, said(text)
end

--- The value of a JSON text, null as `json.null`; or nil and why there is none.
function M.read(text)
  local fine, value = pcall(json.decode, text)
  if fine then
    return value
  end
  return nil, said(value)
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

--- Whether a table is written as a list.
M.is_array = json.is_array

--- Text that JSON can hold, made of any bytes, and no longer than `longest`.
function M.clean(text, longest)
  text = #text > longest and sub(text, 1, longest) or text
  return utf8.len(text) and text or (gsub(text, "[\128-\255]", "?"))
end

--- The order of keys: numbers, then strings, each ascending.
function M.in_order(a, b)
  if type(a) == type(b) and (type(a) == "number" or type(a) == "string") then
    return a < b
  end
  return type(a) < type(b)
end

return M
