--- The servers that the API's description names: one is chosen by its name or its number in place of a base URL.
--
-- eu        the server of that name           2             the second one
-- eu?port=8443&stage=beta                     with values for the variables of its URL
-- ?stage=beta                                 the first server, with a value for one of its variables
local M = {}

local LEVEL = 4

local function unescape(text)
  text = text:gsub("+", " "):gsub("%%(%x%x)", function(hex)
    return string.char(tonumber(hex, 16))
  end)
  return text
end

local function named(servers, name)
  for _, server in ipairs(servers) do
    if name ~= "" and server.name == name then
      return server
    end
  end
  if name:find("^%d%d?%d?$") then
    return servers[tonumber(name)]
  end
  return name == "" and servers[1] or nil
end

local function variable(server, name)
  for _, each in ipairs(server.variables or {}) do
    if each.name == name then
      return each
    end
  end
end

-- Raises where a value is none of those that its variable may have.
local function value_of(declared, chosen)
  local value = chosen or declared.default
  local shown = {}
  for index, each in ipairs(declared.values or {}) do
    if each == value then
      return value
    end
    shown[index] = each
  end
  if #shown > 0 then
    local choices = "', not one of " .. table.concat(shown, ", ")
    error("the variable " .. declared.name .. " of the server is '" .. value:sub(1, 200) .. choices, LEVEL)
  end
  return value
end

--- The URL of the server that a text names; nil where the text is a URL itself. Raises where it is neither.
function M.chosen(servers, selection)
  if not servers or selection:find("://", 1, true) then
    return nil
  end
  local name, query = selection:match("^%s*([^?]*)%??(.-)%s*$")
  local server = named(servers, name)
  if not server then
    local names = {}
    for index, each in ipairs(servers) do
      names[index] = each.name or tostring(index)
    end
    local known = table.concat(names, ", ")
    error("the base URL is no URL, and no server is called '" .. name:sub(1, 200) .. "': " .. known, LEVEL)
  end
  local values = {}
  for pair in query:gmatch("[^&]+") do
    local key, value = pair:match("^([^=]*)=?(.*)$")
    key = unescape(key)
    if not variable(server, key) then
      error("the server has no variable '" .. key:sub(1, 200) .. "'", LEVEL)
    end
    values[key] = unescape(value)
  end
  -- In one pass: what a value says is no variable again.
  local url = server.url:gsub("{([^{}]*)}", function(key)
    local declared = variable(server, key)
    return declared and value_of(declared, values[key]) or nil
  end)
  if url:find("[%c%s@\\#]") or not url:find("^[Hh][Tt][Tt][Pp][Ss]?://[^/]") then
    error("the base URL holds a character that it may not, or begins with neither https:// nor http://", LEVEL)
  end
  return url
end

return M
