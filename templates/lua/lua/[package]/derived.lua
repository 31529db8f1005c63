--- Functions that are made of others: some arguments of the base are fixed, and one is the object of all that is given.
local prefix = (...):gsub("derived$", "")
local checks = require(prefix .. "checks")
local json = require(prefix .. "json")
local spelling = require(prefix .. "spelling")

local M = {}

local concat = table.concat
local refuse = spelling.refuse

-- A value as it is sent: an empty table is a list where the argument is one.
local function value_of(param, value)
  if param.list and spelling.is_table(value) and next(value) == nil then
    return json.array({})
  end
  return value
end

-- The options that a call takes: the arguments of the base that are neither fixed nor the one that is refined.
local function options_of(derived, operation)
  local known, names = {}, {}
  for _, param in ipairs(operation.params) do
    if derived.fixed[param.name] == nil and param.name ~= derived.argument then
      known[param.name] = true
      names[#names + 1] = param.name
    end
  end
  return known, concat(names, ", ")
end

--- The arguments of the base that a call comes to. `options`: arguments of the base beside the function's own.
function M.arguments(derived, arguments, options, operation)
  local known, names = {}, {}
  for index, param in ipairs(derived.params) do
    known[param.name] = param
    names[index] = param.name
    if param.required and arguments[param.name] == nil then
      refuse(param, "is required: give " .. checks.takes(param.schema))
    end
  end
  local own, made = json.object({}), {}
  for name, value in pairs(arguments) do
    if not known[name] and not (derived.open and type(name) == "string") then
      table.sort(names)
      local takes = #names > 0 and concat(names, ", ") or "none"
      refuse({ name = tostring(name) }, "no argument of " .. derived.name .. "; it takes " .. takes)
    end
    local param = known[name] or { schema = {} }
    own[name] = value_of(param, value)
    local problem, place = checks.first(own[name], param.schema, name)
    if problem then
      -- A secret stands in no error.
      refuse({ name = place }, param.secret and "does not fit" or problem)
    end
  end
  for name, value in pairs(derived.fixed) do
    made[name] = value
  end
  made[derived.argument] = own
  local taken, listed = options_of(derived, operation)
  for name, value in pairs(options or {}) do
    if not taken[name] then
      refuse({ name = tostring(name) }, "no option of " .. derived.name .. "; it takes " .. listed)
    end
    made[name] = value
  end
  return made
end

return M
