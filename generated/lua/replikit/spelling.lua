--- How a value is written in a path, a query, a header or a cookie: escaped for the place it is put in.
local json = require((...):gsub("spelling$", "json"))

local M = {}

local byte, concat, find, format, gsub, match =
  string.byte, table.concat, string.find, string.format, string.gsub, string.match

--- Raises what is wrong with an argument: a table, that the client gives back as `nil, err`.
function M.refuse(param, message)
  local name = param and param.name
  message = name and name .. ": " .. message or message
  error({ type = "arguments", parameter = name, message = message, retryable = false }, 0)
end

--- Whether a value is a list or an object.
function M.is_table(value)
  return type(value) == "table" and not json.is_null(value)
end

--- JSON, an empty table as what the parameter is.
function M.json(param, value)
  local kind = param.kind == "array" and "array" or nil
  local fine, text = pcall(json.encode, value, kind)
  if not fine then
    M.refuse(param, type(text) == "table" and text.message or tostring(text))
  end
  return text
end

--- Text, not yet escaped.
function M.plain(param, value)
  if json.is_null(value) then
    return ""
  elseif type(value) == "boolean" then
    return tostring(value)
  elseif type(value) == "number" then
    local fine, text = pcall(json.number, value)
    if not fine then
      M.refuse(param, text.message)
    end
    return text
  elseif type(value) == "string" then
    return value
  elseif type(value) == "table" then
    return M.json(param, value)
  end
  M.refuse(param, "a " .. type(value) .. " cannot be sent here")
end

local function percent(c)
  return format("%%%02X", byte(c))
end

--- Text as any part of an URL may hold it.
function M.escape(text)
  return (gsub(text, "[^%w%-%._~]", percent))
end

local function quote(param, value)
  local text = M.plain(param, value)
  if param.allow_reserved then
    text = gsub(text, "[^%w%-%._~:/%?%[%]@!%$'%(%)%*%+,;=]", percent)
    -- By RFC 6570 what is escaped already passes as well.
    return (gsub(text, "%%25(%x%x)", "%%%1"))
  end
  return M.escape(text)
end

--- The keys of a table, sorted.
function M.keys(value)
  local keys = {}
  for key in pairs(value) do
    keys[#keys + 1] = key
  end
  table.sort(keys, function(a, b)
    return tostring(a) < tostring(b)
  end)
  return keys
end

--- Whether a value is written as a list.
function M.is_list(param, value)
  return M.is_table(value) and json.is_array(value, param.kind == "array" and "array" or nil)
end

local function items_of(param, value)
  local items = {}
  for index, item in ipairs(value) do
    items[index] = quote(param, item)
  end
  return items
end

--- A parameter of the path.
function M.path(param, value)
  local style = param.style ~= "" and param.style or "simple"
  local name = M.escape(param.wire)
  local prefix = style == "label" and "." or style == "matrix" and ";" or ""
  local joint = (param.explode and prefix ~= "") and prefix or ","
  local named = style == "matrix"
  local text
  if param.media ~= "" then
    text = M.escape(M.json(param, value))
  elseif M.is_list(param, value) then
    local items = items_of(param, value)
    if named and param.explode then
      named = false
      for index, item in ipairs(items) do
        items[index] = name .. "=" .. item
      end
    end
    text = concat(items, joint)
  elseif M.is_table(value) then
    local pairs_text = {}
    for _, key in ipairs(M.keys(value)) do
      pairs_text[#pairs_text + 1] = quote(param, key) .. (param.explode and "=" or ",") .. quote(param, value[key])
    end
    named = named and not param.explode
    text = concat(pairs_text, joint)
  else
    text = quote(param, value)
  end
  if text == "" then
    M.refuse(param, "must not be empty")
  end
  return prefix .. (named and name .. "=" .. text or text)
end

local function deep(param, name, value, out)
  if M.is_list({ kind = "" }, value) then
    for _, item in ipairs(value) do
      deep(param, M.is_table(item) and name .. "[]" or name, item, out)
    end
  elseif M.is_table(value) then
    for _, key in ipairs(M.keys(value)) do
      deep(param, name .. "[" .. quote(param, key) .. "]", value[key], out)
    end
  elseif not json.is_null(value) then
    out[#out + 1] = name .. "=" .. quote(param, value)
  end
end

local joints = { spaceDelimited = "%20", pipeDelimited = "%7C" }

--- Adds the escaped `key=value` pairs of a query, cookie or form parameter to a list.
function M.pairs(param, value, out)
  local name = M.escape(param.wire)
  if json.is_null(value) and param.location == "query" then
    return
  end
  if param.media ~= "" then
    out[#out + 1] = name .. "=" .. M.escape(M.json(param, value))
  elseif param.style == "deepObject" and M.is_table(value) then
    deep(param, name, value, out)
  elseif M.is_list(param, value) then
    local items = items_of(param, value)
    if param.explode then
      for _, item in ipairs(items) do
        out[#out + 1] = name .. "=" .. item
      end
    elseif #items > 0 then
      out[#out + 1] = name .. "=" .. concat(items, joints[param.style] or ",")
    end
  elseif M.is_table(value) then
    local flat = {}
    for _, key in ipairs(M.keys(value)) do
      if not json.is_null(value[key]) then
        if param.explode then
          out[#out + 1] = quote(param, key) .. "=" .. quote(param, value[key])
        else
          flat[#flat + 1] = quote(param, key)
          flat[#flat + 1] = quote(param, value[key])
        end
      end
    end
    if #flat > 0 then
      out[#out + 1] = name .. "=" .. concat(flat, joints[param.style] or ",")
    end
  else
    out[#out + 1] = name .. "=" .. quote(param, value)
  end
end

local function wait_text(param, value)
  if value == true then
    return "wait"
  end
  if type(value) ~= "number" or value ~= math.floor(value) then
    M.refuse(param, "expected a whole number of seconds, not " .. tostring(value))
  end
  local low, high = param.minimum or 1, param.maximum
  if value < low or (high and value > high) then
    local limit = high and "between " .. json.number(low) .. " and " .. json.number(high)
      or "at least " .. json.number(low)
    M.refuse(param, json.number(value) .. " seconds; must be " .. limit)
  end
  return "wait=" .. json.number(value)
end

local function duration_text(param, value)
  if type(value) == "number" then
    if value ~= math.floor(value) or value < (param.minimum or 0) then
      M.refuse(
        param,
        "expected whole seconds, at least " .. json.number(param.minimum or 0) .. ", not " .. tostring(value)
      )
    end
    return json.number(value) .. "s"
  end
  if type(value) == "string" and match(value, "^%d") then
    local rest = gsub(gsub(gsub(value, "^%d+h", "", 1), "^%d+m", "", 1), "^%d+s?$", "", 1)
    if rest == "" then
      return value
    end
  end
  M.refuse(param, "expected seconds or a duration such as 30s, 5m or 1h30m, not " .. tostring(value))
end

--- A header.
function M.header(param, value)
  local text
  if param.encoding == "wait" then
    text = wait_text(param, value)
  elseif param.encoding == "duration" then
    text = duration_text(param, value)
  elseif param.media ~= "" then
    text = M.json(param, value)
  elseif M.is_table(value) then
    local parts = {}
    if M.is_list(param, value) then
      for index, item in ipairs(value) do
        parts[index] = M.plain(param, item)
      end
    else
      for _, key in ipairs(M.keys(value)) do
        parts[#parts + 1] = key .. (param.explode and "=" or ",") .. M.plain(param, value[key])
      end
    end
    text = concat(parts, ",")
  else
    text = M.plain(param, value)
  end
  if find(text, "[^\32-\126]") then
    M.refuse(param, "a header takes printable ASCII characters only")
  end
  return text
end

return M
