--- Arguments -> request. Pure: no token, no network; every value is escaped for the place it is put in.
local json = require((...):gsub("request$", "json"))

local M = {}

local byte, concat, find, format, gmatch, gsub, match, sub =
  string.byte, table.concat, string.find, string.format, string.gmatch, string.gsub, string.match, string.sub

-- Problems with arguments are raised as tables and given back as `nil, err` by the client.
local function refuse(param, message)
  error({ type = "arguments", parameter = param and param.name, message = message, retryable = false }, 0)
end

local function is_table(value)
  return type(value) == "table" and value ~= json.null
end

local function is_null(value, nothing)
  return value == json.null or (nothing ~= nil and value == nothing)
end

local function encode(param, value, nothing)
  local kind = param.kind == "array" and "array" or nil
  local fine, text = pcall(json.encode, value, kind, nothing)
  if not fine then
    refuse(param, type(text) == "table" and text.message or tostring(text))
  end
  return text
end

local function plain(param, value, nothing)
  if is_null(value, nothing) then
    return ""
  elseif type(value) == "boolean" then
    return tostring(value)
  elseif type(value) == "number" then
    local fine, text = pcall(json.number, value)
    if not fine then
      refuse(param, text.message)
    end
    return text
  elseif type(value) == "string" then
    return value
  elseif type(value) == "table" then
    return encode(param, value, nothing)
  end
  refuse(param, "a " .. type(value) .. " cannot be sent here")
end

local function percent(c)
  return format("%%%02X", byte(c))
end

local function escape(text)
  return (gsub(text, "[^%w%-%._~]", percent))
end

local function quote(param, value, nothing)
  local text = plain(param, value, nothing)
  if param.allow_reserved then
    return (gsub(text, "[^%w%-%._~:/%?%[%]@!%$'%(%)%*%+,;=]", percent))
  end
  return escape(text)
end

local function sorted(value)
  local keys = {}
  for key in pairs(value) do
    keys[#keys + 1] = key
  end
  table.sort(keys, function(a, b)
    return tostring(a) < tostring(b)
  end)
  return keys
end

local function is_list(param, value)
  return is_table(value) and json.is_array(value, param.kind == "array" and "array" or nil)
end

local function items_of(param, value, nothing)
  local items = {}
  for index, item in ipairs(value) do
    items[index] = quote(param, item, nothing)
  end
  return items
end

local function path_text(param, value, nothing)
  local style = param.style ~= "" and param.style or "simple"
  local name = escape(param.wire)
  local prefix = style == "label" and "." or style == "matrix" and ";" or ""
  local joint = (param.explode and prefix ~= "") and prefix or ","
  local named = style == "matrix"
  local text
  if param.media ~= "" then
    text = escape(encode(param, value, nothing))
  elseif is_list(param, value) then
    local items = items_of(param, value, nothing)
    if named and param.explode then
      named = false
      for index, item in ipairs(items) do
        items[index] = name .. "=" .. item
      end
    end
    text = concat(items, joint)
  elseif is_table(value) then
    local pairs_text = {}
    for _, key in ipairs(sorted(value)) do
      pairs_text[#pairs_text + 1] = quote(param, key) .. (param.explode and "=" or ",") .. quote(param, value[key], nothing)
    end
    named = named and not param.explode
    text = concat(pairs_text, joint)
  else
    text = quote(param, value, nothing)
  end
  if text == "" then
    refuse(param, "must not be empty")
  end
  return prefix .. (named and name .. "=" .. text or text)
end

local function deep(param, name, value, out, nothing)
  if is_list({ kind = "" }, value) then
    for _, item in ipairs(value) do
      deep(param, is_table(item) and name .. "[]" or name, item, out, nothing)
    end
  elseif is_table(value) then
    for _, key in ipairs(sorted(value)) do
      deep(param, name .. "[" .. quote(param, key) .. "]", value[key], out, nothing)
    end
  elseif not is_null(value, nothing) then
    out[#out + 1] = name .. "=" .. quote(param, value, nothing)
  end
end

local joints = { spaceDelimited = "%20", pipeDelimited = "%7C" }

-- The escaped `key=value` pairs of a query, cookie or form parameter.
local function pairs_of(param, value, out, nothing)
  local name = escape(param.wire)
  if is_null(value, nothing) and param.location == "query" then
    return
  end
  if param.media ~= "" then
    out[#out + 1] = name .. "=" .. escape(encode(param, value, nothing))
  elseif param.style == "deepObject" and is_table(value) then
    deep(param, name, value, out, nothing)
  elseif is_list(param, value) then
    local items = items_of(param, value, nothing)
    if param.explode then
      for _, item in ipairs(items) do
        out[#out + 1] = name .. "=" .. item
      end
    elseif #items > 0 then
      out[#out + 1] = name .. "=" .. concat(items, joints[param.style] or ",")
    end
  elseif is_table(value) then
    local flat = {}
    for _, key in ipairs(sorted(value)) do
      if not is_null(value[key], nothing) then
        if param.explode then
          out[#out + 1] = quote(param, key) .. "=" .. quote(param, value[key], nothing)
        else
          flat[#flat + 1] = quote(param, key)
          flat[#flat + 1] = quote(param, value[key], nothing)
        end
      end
    end
    if #flat > 0 then
      out[#out + 1] = name .. "=" .. concat(flat, joints[param.style] or ",")
    end
  else
    out[#out + 1] = name .. "=" .. quote(param, value, nothing)
  end
end

local function wait_text(param, value)
  if value == true then
    return "wait"
  end
  if type(value) ~= "number" or value ~= math.floor(value) then
    refuse(param, "expected a whole number of seconds, not " .. tostring(value))
  end
  local low, high = param.minimum or 1, param.maximum
  if value < low or (high and value > high) then
    local limit = high and "between " .. json.number(low) .. " and " .. json.number(high) or "at least " .. json.number(low)
    refuse(param, json.number(value) .. " seconds; must be " .. limit)
  end
  return "wait=" .. json.number(value)
end

local function duration_text(param, value)
  if type(value) == "number" then
    if value ~= math.floor(value) or value < (param.minimum or 0) then
      refuse(param, "expected whole seconds, at least " .. json.number(param.minimum or 0) .. ", not " .. tostring(value))
    end
    return json.number(value) .. "s"
  end
  if type(value) == "string" and match(value, "^%d") then
    local rest = gsub(gsub(gsub(value, "^%d+h", "", 1), "^%d+m", "", 1), "^%d+s?$", "", 1)
    if rest == "" then
      return value
    end
  end
  refuse(param, "expected seconds or a duration such as 30s, 5m or 1h30m, not " .. tostring(value))
end

local function header_text(param, value, nothing)
  local text
  if param.encoding == "wait" then
    text = wait_text(param, value)
  elseif param.encoding == "duration" then
    text = duration_text(param, value)
  elseif param.media ~= "" then
    text = encode(param, value, nothing)
  elseif is_table(value) then
    local parts = {}
    if is_list(param, value) then
      for index, item in ipairs(value) do
        parts[index] = plain(param, item, nothing)
      end
    else
      for _, key in ipairs(sorted(value)) do
        parts[#parts + 1] = key .. (param.explode and "=" or ",") .. plain(param, value[key], nothing)
      end
    end
    text = concat(parts, ",")
  else
    text = plain(param, value, nothing)
  end
  if find(text, "[^\32-\126]") then
    refuse(param, "a header takes printable ASCII characters only")
  end
  return text
end

local alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

local function base64(param, text)
  text = gsub(text, "[%s=]", "")
  local out, bits, held = {}, 0, 0
  for c in gmatch(text, ".") do
    local at = find(alphabet, c, 1, true)
    if not at then
      refuse(param, "the data: URL is not base64")
    end
    held, bits = held * 64 + at - 1, bits + 6
    if bits >= 8 then
      bits = bits - 8
      out[#out + 1] = string.char(math.floor(held / 2 ^ bits))
      held = held % 2 ^ bits
    end
  end
  return concat(out)
end

local function unescape(text)
  return (gsub(text, "%%(%x%x)", function(hex)
    return string.char(tonumber(hex, 16))
  end))
end

-- A file is given as a string (its bytes, or a data: URL) or as {content =, filename =, content_type =}.
local function file_of(param, value)
  if type(value) == "table" and type(value.content) == "string" then
    return value.content, value.filename, value.content_type
  elseif type(value) ~= "string" then
    refuse(param, "expected a string or {content = …, filename = …, content_type = …}, not a " .. type(value))
  end
  local head, data = match(value, "^data:([^,]*),(.*)$")
  if not head then
    return value
  end
  local media = gsub(head, ";base64$", "")
  local bytes = unescape(data)
  if media ~= head then
    bytes = base64(param, bytes)
  end
  return bytes, nil, media ~= "" and media or "text/plain"
end

local function is_json(media)
  return match(match(media, "^[^;]*"), "json$") ~= nil
end

local function add_parts(param, value, parts, nothing)
  if param.kind == "binary" or (type(value) == "table" and type(value.content) == "string") then
    local content, filename, content_type = file_of(param, value)
    local media = not find(param.media, "[%*,]") and param.media ~= "" and param.media or nil
    parts[#parts + 1] = {
      name = param.wire,
      filename = filename or "file",
      content = content,
      content_type = content_type or media or "application/octet-stream",
    }
  elseif is_json(param.media) or (is_table(value) and not is_list(param, value)) then
    local media = param.media ~= "" and param.media or "application/json"
    parts[#parts + 1] = { name = param.wire, content = encode(param, value, nothing), content_type = media }
  elseif is_table(value) then
    for _, item in ipairs(value) do
      add_parts(param, item, parts, nothing)
    end
  else
    local media = param.media ~= "" and param.media or nil
    parts[#parts + 1] = { name = param.wire, content = plain(param, value, nothing), content_type = media }
  end
end

local function body_of(operation, given, nothing)
  local kind = operation.body_kind
  if kind == "" or (#given == 0 and not operation.body_required) then
    return nil
  end
  local whole = not operation.flattened and given[1] or nil
  if kind == "json" then
    if not operation.flattened then
      return whole and encode(whole[1], whole[2], nothing)
    end
    local members = {}
    for index, pair in ipairs(given) do
      members[index] = json.encode(pair[1].wire) .. ":" .. encode(pair[1], pair[2], nothing)
    end
    return "{" .. concat(members, ",") .. "}"
  elseif kind == "text" or kind == "binary" then
    return whole and (file_of(whole[1], whole[2]))
  end
  if whole then
    if not is_table(whole[2]) then
      refuse(whole[1], "expected an object")
    end
    given = {}
    for _, key in ipairs(sorted(whole[2])) do
      local part = { name = key, wire = key, location = "field", style = "form", explode = true, media = "", encoding = "", kind = "any" }
      given[#given + 1] = { part, whole[2][key] }
    end
  end
  if kind == "form" then
    local out = {}
    for _, pair in ipairs(given) do
      pairs_of(pair[1], pair[2], out, nothing)
    end
    return concat(out, "&")
  end
  local parts = {}
  for _, pair in ipairs(given) do
    add_parts(pair[1], pair[2], parts, nothing)
  end
  return nil, parts
end

local accepts = { json = "application/json", events = "text/event-stream" }

--- The request for these arguments: {method, url, headers, body, parts}. Raises an error table for wrong ones.
-- `moved`: the base URL was given by the user, and holds for operations with a server of their own as well.
function M.build(operation, arguments, base_url, nothing, moved)
  local known, names = {}, {}
  for _, param in ipairs(operation.params) do
    known[param.name] = true
    names[#names + 1] = param.name
  end
  for name in pairs(arguments) do
    if not known[name] then
      table.sort(names)
      local takes = #names > 0 and concat(names, ", ") or "none"
      refuse({ name = tostring(name) }, operation.name .. " has no argument " .. tostring(name) .. "; it takes " .. takes)
    end
  end
  local path, query, cookies, fields = operation.path, {}, {}, {}
  local headers = { Accept = accepts[operation.result] or "*/*" }
  for _, param in ipairs(operation.params) do
    local value = arguments[param.name]
    if value == nil or (is_null(value, nothing) and not param.nullable) then
      if param.required then
        refuse(param, "is required")
      end
    elseif param.location == "path" then
      local text = path_text(param, value, nothing)
      local from, to = find(path, "{" .. param.wire .. "}", 1, true)
      path = from and sub(path, 1, from - 1) .. text .. sub(path, to + 1) or path
    elseif param.location == "query" then
      pairs_of(param, value, query, nothing)
    elseif param.location == "header" then
      headers[param.wire] = header_text(param, value, nothing)
    elseif param.location == "cookie" then
      pairs_of(param, value, cookies, nothing)
    else
      fields[#fields + 1] = { param, value }
    end
  end
  for segment in gmatch(path, "[^/]+") do
    if segment == "." or segment == ".." then
      refuse({ name = "path" }, '"' .. segment .. '" cannot be part of a path')
    end
  end
  if #cookies > 0 then
    headers.Cookie = concat(cookies, "; ")
  end
  local body, parts = body_of(operation, fields, nothing)
  if body and operation.media_type ~= "" then
    headers["Content-Type"] = operation.media_type
  end
  local url = gsub(operation.server ~= "" and not moved and operation.server or base_url, "/+$", "") .. path
  if #query > 0 then
    url = url .. (find(url, "?", 1, true) and "&" or "?") .. concat(query, "&")
  end
  return { method = operation.method, url = url, headers = headers, body = body, parts = parts }
end

local function disposition(text)
  return (gsub(text, '[%c"]', percent))
end

--- The body of a multipart request and its media type.
function M.multipart(parts)
  local number, boundary = 0
  repeat
    -- Not random: any line that stands in no part will do.
    number = number + 1
    boundary = "part-boundary-" .. number
    local clash = false
    for _, part in ipairs(parts) do
      clash = clash or find(part.content, boundary, 1, true) ~= nil
    end
  until not clash
  local out = {}
  for _, part in ipairs(parts) do
    local head = '--' .. boundary .. '\r\nContent-Disposition: form-data; name="' .. disposition(part.name) .. '"'
    if part.filename then
      head = head .. '; filename="' .. disposition(part.filename) .. '"'
    end
    if part.content_type then
      head = head .. "\r\nContent-Type: " .. gsub(part.content_type, "%c", "")
    end
    out[#out + 1] = head .. "\r\n\r\n" .. part.content .. "\r\n"
  end
  out[#out + 1] = "--" .. boundary .. "--\r\n"
  return concat(out), "multipart/form-data; boundary=" .. boundary
end

return M
