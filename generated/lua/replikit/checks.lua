--- Values checked by a JSON Schema, as far as its words are known here: what is wrong is told before anything is sent.
-- Patterns are left to the API: no Lua has an engine of theirs.
local prefix = (...):gsub("checks$", "")
local json = require(prefix .. "json")
local spelling = require(prefix .. "spelling")

local M = {}

local concat, floor, format, gsub, huge = table.concat, math.floor, string.format, string.gsub, math.huge
local DEEPEST, MOST_LISTED, LONGEST = 32, 12, 60
local is_table = spelling.is_table

-- The JSON type of a value; nil where only the encoder knows. `expected`: what an empty table is meant as.
local function kind_of(value, expected)
  local what = type(value)
  if json.is_null(value) then
    return "null"
  elseif what == "number" then
    return value == floor(value) and value < huge and value > -huge and "integer" or "number"
  elseif what == "table" then
    return json.is_array(value, expected == "array" and "array" or nil) and "array" or "object"
  end
  return (what == "string" or what == "boolean") and what or nil
end

local function shown(value)
  if is_table(value) then
    return kind_of(value) == "array" and "a list" or "an object"
  end
  local fine, text = pcall(json.encode, value)
  text = fine and text or tostring(value)
  return #text > LONGEST and text:sub(1, LONGEST - 3) .. "..." or text
end

-- Values as the JSON of both is the same: 2.0 is 2.
local function same(one, other)
  local fine, left, right = pcall(function()
    return json.encode(one), json.encode(other)
  end)
  return fine and left == right
end

local function listed(values)
  local out = {}
  for index = 1, math.min(#values, MOST_LISTED) do
    out[index] = shown(values[index])
  end
  return concat(out, ", ") .. (#values > MOST_LISTED and " and " .. #values - MOST_LISTED .. " more" or "")
end

-- Characters, not bytes.
local function length(text)
  local _, following = gsub(text, "[\128-\191]", "")
  return #text - following
end

local function a(kind)
  return (kind:find("^[aeiou]") and "an " or "a ") .. kind
end

local limits = {
  {
    "minimum",
    "at least",
    function(value, limit)
      return value >= limit
    end,
  },
  {
    "maximum",
    "at most",
    function(value, limit)
      return value <= limit
    end,
  },
  {
    "exclusiveMinimum",
    "more than",
    function(value, limit)
      return value > limit
    end,
  },
  {
    "exclusiveMaximum",
    "less than",
    function(value, limit)
      return value < limit
    end,
  },
  {
    "multipleOf",
    "a multiple of",
    function(value, step)
      local times = value / step
      return math.abs(times - floor(times + 0.5)) <= 1e-9 * math.max(1, math.abs(times))
    end,
  },
}

local function counted(count, what, words, schema)
  local least, most = schema["min" .. what], schema["max" .. what]
  if least and count < least then
    return words .. ", must have at least " .. json.number(least)
  elseif most and count > most then
    return words .. ", may have at most " .. json.number(most)
  end
end

local check

-- The first wrong member of an object, or of a list, and where.
local function members(value, schema, kind, at, depth)
  if kind == "array" then
    local items = schema.items
    for index, item in ipairs(items and value or {}) do
      local problem, place = check(item, items, at .. "[" .. index .. "]", depth)
      if problem then
        return problem, place
      end
    end
    return counted(#value, "Items", "has " .. #value .. " items", schema), at
  end
  local properties, rest, count = schema.properties or {}, schema.additionalProperties, 0
  for _, name in ipairs(spelling.keys(value)) do
    local inner, place = properties[name], at .. "." .. tostring(name)
    count = count + 1
    if inner == nil and rest == false then
      local names = spelling.keys(properties)
      return "is not one of its members: it has " .. (#names > 0 and concat(names, ", ") or "none"), place
    end
    inner = inner == nil and rest or inner
    if is_table(inner) then
      local problem, path = check(value[name], inner, place, depth)
      if problem then
        return problem, path
      end
    end
  end
  for _, name in ipairs(schema.required or {}) do
    if value[name] == nil then
      return "is required", at .. "." .. name
    end
  end
  return counted(count, "Properties", "has " .. count .. " members", schema), at
end

-- What is wrong where a value must fit one of several schemas.
local function alternatives(value, options, at, depth)
  local problem, place, forms = nil, at, 0
  for _, option in ipairs(options) do
    local failure, where = check(value, option, at, depth)
    if not failure then
      return nil
    end
    if option.type ~= "null" then
      problem, place, forms = problem or failure, problem and place or where, forms + 1
    end
  end
  if forms == 1 then
    return problem, place
  end
  return shown(value) .. " fits none of the " .. #options .. " forms that it may have", at
end

function check(value, schema, at, depth)
  if depth > DEEPEST then
    return nil -- the encoder refuses what is nested without end
  end
  local kind, wanted = kind_of(value, schema.type), schema.type
  if kind == nil then
    return nil
  elseif wanted and kind ~= wanted and not (wanted == "number" and kind == "integer") then
    return "expected " .. a(wanted) .. ", got " .. a(kind) .. (is_table(value) and "" or ": " .. shown(value)), at
  end
  if schema.enum then
    local known = false
    for _, option in ipairs(schema.enum) do
      known = known or same(option, value)
    end
    if not known then
      return shown(value) .. " is not one of " .. listed(schema.enum), at
    end
  end
  local problem, place
  if kind == "integer" or kind == "number" then
    for _, limit in ipairs(limits) do
      local bound = schema[limit[1]]
      if bound and not limit[3](value, bound) then
        return shown(value) .. " must be " .. limit[2] .. " " .. json.number(bound), at
      end
    end
  elseif kind == "string" then
    local size = length(value)
    problem, place = counted(size, "Length", "is " .. size .. " characters long", schema), at
  elseif kind == "array" or kind == "object" then
    problem, place = members(value, schema, kind, at, depth + 1)
  end
  for _, key in ipairs({ "anyOf", "oneOf" }) do
    if not problem and schema[key] then
      problem, place = alternatives(value, schema[key], at, depth + 1)
    end
  end
  for _, option in ipairs(not problem and schema.allOf or {}) do
    if not problem then
      problem, place = check(value, option, at, depth + 1)
    end
  end
  if not problem and schema["not"] and not check(value, schema["not"], at, depth + 1) then
    return "is not allowed", at
  end
  return problem, place
end

--- What is wrong with the value of an argument, and where in it; nil where nothing is.
function M.first(value, schema, name)
  return check(value, schema, name, 0)
end

--- What a schema takes, in a few words: "one of …", "an integer from 1 to 4".
function M.takes(schema)
  if schema.enum then
    return "one of " .. listed(schema.enum)
  end
  for _, key in ipairs({ "anyOf", "oneOf" }) do
    if schema[key] then
      return M.takes(schema[key][1])
    end
  end
  local low, high = schema.minimum, schema.maximum
  local range = low and high and format(" from %s to %s", json.number(low), json.number(high))
    or low and " of at least " .. json.number(low)
    or high and " of at most " .. json.number(high)
    or ""
  return schema.type and a(schema.type) .. range or "a value"
end

return M
