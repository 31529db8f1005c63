--- How a value is written in a path, a query, a header or a cookie: escaped for the place it is put in.
local json = require((...):gsub("spelling$", "json"))

local M = {}

local byte, concat, find, format, gsub, match, sub =
  string.byte, table.concat, string.find, string.format, string.gsub, string.match, string.sub

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
  local kind = (param.kind == "array" or param.empty == "array") and "array" or nil
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

-- What stands before the pieces of a path and between them; of the style `simple` nothing before, commas between.
local first = { label = ".", matrix = ";" }
-- What stands between the members of one piece, where it is no comma.
local between = { spaceDelimited = "%20", pipeDelimited = "%7C", tabDelimited = "%09" }
-- Styles whose pieces do not begin with the name.
local nameless = { simple = true, label = true, querystring = true }
-- What is escaped although reserved characters stay: those that have a meaning of their own in the place.
local escapes = {
  path = "[^%w%-%._~:@!%$&'%(%)%*%+,;=]",
  cookie = "[^%w%-%._~:/%?#%[%]@!%$&'%(%)%*%+=]",
  query = "[^%w%-%._~:/%?@!%$'%(%)%*%+,;=]",
}

--- A text in which reserved characters stay, and so does what is escaped already.
local function reserved(text, pattern)
  local out, at = {}, 1
  while at <= #text do
    local from, to = find(text, "%%%x%x", at)
    out[#out + 1] = gsub(sub(text, at, (from or 0) - 1), pattern, percent)
    out[#out + 1] = from and sub(text, from, to)
    at = from and to + 1 or #text + 1
  end
  return concat(out)
end

local function quote(param, value)
  local text = M.plain(param, value)
  if param.style == "cookie" then
    if find(text, "[^\33-\126]") or find(text, '[",;\\]') then
      M.refuse(
        param,
        "a cookie takes printable ASCII characters other than blanks, quotes, commas, semicolons and backslashes: "
          .. "escape the others as the API asks for it"
      )
    end
    return text
  elseif param.allow_reserved then
    return reserved(text, escapes[param.location] or escapes.query)
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

--- Whether a media type is that of a form in a text.
function M.is_form(media)
  return match(media, "^%s*([^;%s]*)"):lower() == "application/x-www-form-urlencoded"
end

--- An object as a form in a text: a pair for each property, and for each item of a list.
function M.urlencoded(param, value)
  local out = {}
  for _, key in ipairs(M.keys(value)) do
    local field = { name = param.name, wire = key, location = "field", kind = "any", style = "form", explode = true }
    field.media, field.encoding = "", ""
    if not json.is_null(value[key]) then
      M.pieces(field, value[key], out)
    end
  end
  return (gsub(concat(out, "&"), "%%20", "+"))
end

--- The text of a value that a media type describes: JSON unless it is a text and the media type another.
local function serialized(param, value)
  local media = param.media
  if type(value) == "string" and find(media, ",", 1, true) then
    -- One of several: that of a text, if there is one.
    for each in string.gmatch(media, "[^,]+") do
      media = find(each, "json%s*$") and media or each
    end
  end
  media = gsub(media, "%s*;.*$", "")
  if M.is_form(media) and M.is_table(value) and not M.is_list(param, value) then
    return M.urlencoded(param, value)
  end
  if type(value) ~= "string" or find(media, "[/+]json$") then
    return M.json(param, value)
  end
  return value
end

local function named(param, text)
  local name = M.escape(param.wire)
  return text == "" and param.style == "matrix" and name or name .. "=" .. text
end

local function deep(param, name, value, out)
  if M.is_list({ kind = "" }, value) then
    local number = 0
    for _, item in ipairs(value) do
      if not json.is_null(item) then
        local index = param.array_format == "indices" and number or ""
        deep(param, (param.array_format or M.is_table(item)) and name .. "%5B" .. index .. "%5D" or name, item, out)
        number = number + 1
      end
    end
  elseif M.is_table(value) then
    for _, key in ipairs(M.keys(value)) do
      deep(param, name .. "%5B" .. quote(param, key) .. "%5D", value[key], out)
    end
  elseif not json.is_null(value) then
    out[#out + 1] = name .. "=" .. quote(param, value)
  end
end

--- A value that is written by a media type: escaped as a whole, but for a query that is a form.
local function content(param, value)
  local text = serialized(param, value)
  return param.style == "querystring" and M.is_form(param.media) and M.is_table(value) and text or M.escape(text)
end

--- Adds the pieces of a path, query, cookie or form parameter to a list, escaped; none where there is nothing to send.
function M.pieces(param, value, out)
  local with_name = not nameless[param.style]
  local items = {}
  if param.media ~= "" then
    local text = content(param, value)
    out[#out + 1] = with_name and named(param, text) or text
    return
  elseif json.is_null(value) and param.location == "query" then
    return
  elseif param.style == "" and param.location == "field" and M.is_table(value) and not M.is_list(param, value) then
    -- A value of a form is JSON where no style is asked for.
    out[#out + 1] = named(param, M.escape(M.json(param, value)))
    return
  elseif param.style == "deepObject" and M.is_table(value) then
    return deep(param, M.escape(param.wire), value, out)
  elseif M.is_list(param, value) then
    for _, item in ipairs(value) do
      if not json.is_null(item) then
        local text = quote(param, item)
        if param.explode then
          out[#out + 1] = with_name and named(param, text) or text
        else
          items[#items + 1] = text
        end
      end
    end
  elseif M.is_table(value) then
    for _, key in ipairs(M.keys(value)) do
      if not json.is_null(value[key]) then
        local name, text = quote(param, key), quote(param, value[key])
        if param.explode then
          out[#out + 1] = name .. "=" .. text
        else
          items[#items + 1] = name
          items[#items + 1] = text
        end
      end
    end
  else
    items[1] = quote(param, value)
  end
  if #items > 0 then
    local text = concat(items, between[param.style] or ",")
    out[#out + 1] = with_name and named(param, text) or text
  end
end

--- What stands in the place of a parameter of the path.
function M.path(param, value)
  local before, out = first[param.style], {}
  M.pieces(param, value, out)
  local text = concat(out, before or ",")
  if text == "" then
    M.refuse(param, "must not be empty")
  end
  return (before or "") .. text
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
    text = serialized(param, value)
  elseif M.is_list(param, value) then
    local parts = {}
    for _, item in ipairs(value) do
      if not json.is_null(item) then
        parts[#parts + 1] = M.plain(param, item)
      end
    end
    text = concat(parts, ",")
  elseif M.is_table(value) then
    local parts = {}
    for _, key in ipairs(M.keys(value)) do
      if not json.is_null(value[key]) then
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
