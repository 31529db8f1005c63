--- What a script prints, logs and shows.
local host, guard, values = ...
local error, ipairs, next, rawequal, rawget, select, tostring, type =
  error, ipairs, next, rawequal, rawget, select, tostring, type
local concat, format, match, sort, sub = table.concat, string.format, string.match, table.sort, string.sub

local M = {}

local PIECE = 64 << 10 -- bytes of a message

-- Sends text as far as the limit allows. What is printed may be any bytes; the pipe carries text.
local function emit(op, text, fraction)
  local left = guard.spend(#text + 1)
  local clean = values.clean(text, left > 0 and left or 0)
  local at = 1
  repeat
    local stop = values.cut(clean, at + PIECE)
    host.tell(op, values.write({ text = sub(clean, at, stop), fraction = fraction }))
    at = stop + 1
  until at > #clean
  guard.spent()
end

local function joined(...)
  local parts = {}
  for index = 1, select("#", ...) do
    parts[index] = tostring((select(index, ...)))
  end
  return concat(parts, "\t")
end

function M.print(...)
  emit("print", joined(...) .. "\n")
end

--- For whoever runs the script, as it runs; not part of its output.
function M.log(...)
  emit("log", joined(...) .. "\n")
end

--- How far the script is: a fraction from 0 to 1, or nil, and a word about it.
function M.progress(fraction, message)
  if fraction ~= nil and (type(fraction) ~= "number" or fraction ~= fraction) then
    error("progress takes a number from 0 to 1, or nil", 2)
  end
  fraction = fraction and (fraction < 0 and 0 or fraction > 1 and 1 or fraction)
  emit("progress", message == nil and "" or tostring(message), fraction)
end

local function shown(value, indent, seen)
  if type(value) == "string" then
    return format("%q", value)
  elseif type(value) ~= "table" or rawequal(value, values.null) then
    return tostring(value)
  elseif seen[value] or #indent > 40 then
    return "{…}"
  end
  seen[value] = true
  local keys, lines = {}, {}
  for key in next, value do
    keys[#keys + 1] = key
  end
  sort(keys, values.in_order)
  for _, key in ipairs(keys) do
    local plain = type(key) == "string" and match(key, "^[%a_][%w_]*$")
    local name = plain or "[" .. (type(key) == "string" and format("%q", key) or tostring(key)) .. "]"
    lines[#lines + 1] = indent .. "  " .. name .. " = " .. shown(rawget(value, key), indent .. "  ", seen)
  end
  seen[value] = nil
  return #lines == 0 and "{}" or "{\n" .. concat(lines, ",\n") .. "\n" .. indent .. "}"
end

--- Prints values as Lua would write them, tables with all they hold.
function M.dump(...)
  for index = 1, select("#", ...) do
    emit("print", shown((select(index, ...)), "", {}) .. "\n")
  end
end

return M
