--- Arguments -> request. Pure: no token, no network.
local prefix = (...):gsub("request$", "")
local answers = require(prefix .. "answers")
local json = require(prefix .. "json")
local multipart = require(prefix .. "multipart")
local spelling = require(prefix .. "spelling")

local M = {}

local concat, find, gmatch, gsub, match, sub =
  table.concat, string.find, string.gmatch, string.gsub, string.match, string.sub
local refuse = spelling.refuse

-- The fields, and those that an argument holds that stands for the rest of them.
local function with_rest(operation, arguments)
  local known, fields = {}, {}
  for _, param in ipairs(operation.params) do
    known[param.wire] = param.location == "field" and not param.rest or known[param.wire]
  end
  for _, pair in ipairs(arguments) do
    local param, value = pair[1], pair[2]
    if not param.rest then
      fields[#fields + 1] = pair
    elseif not spelling.is_table(value) then
      refuse(param, "expected an object")
    else
      for _, key in ipairs(spelling.keys(value)) do
        if type(key) ~= "string" then
          refuse(param, tostring(key) .. " is not a valid name of a property")
        elseif known[key] then
          refuse(param, "'" .. key .. "' is an argument of its own")
        end
        local field = { name = param.name, wire = key, location = "field", kind = "any", style = "", explode = true }
        field.media, field.encoding, field.items = param.media, "", param.items
        fields[#fields + 1] = { field, value[key] }
      end
    end
  end
  return fields
end

-- Whether a value is a file, or a list of them.
local function holds_file(value)
  return type(value) == "table"
    and (type(value.content) == "string" or type(value[1]) == "table" and type(value[1].content) == "string")
end

-- The content or the parts of a body, and its media type where that is not the operation's.
local function body_of(operation, fields)
  local about = operation.body
  if about and about.flattened then
    fields = with_rest(operation, fields)
  end
  if not about or (#fields == 0 and not about.required) then
    return nil
  end
  local kind = about.kind
  for _, pair in ipairs(about.multipart and fields or {}) do
    kind = (pair[1].multipart or holds_file(pair[2])) and "multipart" or kind
  end
  local whole = not about.flattened and fields[1] or nil
  if kind == "json" then
    local sequence = answers.sequence_of(match(about.media, "^[^;%s]*"):lower())
    if whole and sequence and spelling.is_list(whole[1], whole[2]) then
      local lines = {}
      for index, item in ipairs(whole[2]) do -- RFC 7464, 2.2
        lines[index] = (sequence == "sequence" and "\30" or "") .. spelling.json(whole[1], item) .. "\n"
      end
      return concat(lines)
    elseif not about.flattened then
      return whole and spelling.json(whole[1], whole[2])
    end
    local members = {}
    for index, pair in ipairs(fields) do
      members[index] = json.encode(pair[1].wire) .. ":" .. spelling.json(pair[1], pair[2])
    end
    return "{" .. concat(members, ",") .. "}"
  elseif kind == "text" or kind == "binary" then
    if not whole then
      return nil
    elseif kind == "text" and (type(whole[2]) == "number" or type(whole[2]) == "boolean") then
      return spelling.plain(whole[1], whole[2])
    end
    local content, _, media = multipart.file(whole[1], whole[2])
    -- Of what may be any file, its own decides.
    return content, nil, sub(about.media, -2) == "/*" and (media or "application/octet-stream") or nil
  end
  if whole and about.positions and spelling.is_list(whole[1], whole[2]) then
    local parts = {}
    for index, item in ipairs(whole[2]) do
      multipart.add(about.positions[math.min(index, #about.positions)], item, parts, true)
    end
    return nil, parts
  elseif whole then
    if not spelling.is_table(whole[2]) then
      refuse(whole[1], "expected an object")
    end
    fields = {}
    for _, key in ipairs(spelling.keys(whole[2])) do
      local field = { name = key, wire = key, location = "field", kind = "any", style = "", explode = true }
      field.media, field.encoding = "", ""
      fields[#fields + 1] = { field, whole[2][key] }
    end
  end
  if kind == "form" then
    local out = {}
    for _, pair in ipairs(fields) do
      spelling.pieces(pair[1], pair[2], out)
    end
    return concat(out, "&")
  end
  local parts = {}
  for _, pair in ipairs(fields) do
    multipart.add(pair[1], pair[2], parts)
  end
  return nil, parts
end

local accepts = { json = "application/json", events = "text/event-stream" }

-- The media types that are asked for.
local function accept(operation, arguments)
  if operation.stream and arguments[operation.stream] == true then
    return operation.accept_events
  end
  return operation.accept or accepts[operation.result] or "*/*"
end

--- The request for these arguments: {method, url, headers, body, parts}. Raises an error table for wrong ones.
-- `moved`: the base URL was given by the user, and holds for operations with a server of their own as well.
function M.build(operation, arguments, base_url, moved)
  local known, names = {}, {}
  for _, param in ipairs(operation.params) do
    known[param.name] = true
    names[#names + 1] = param.name
  end
  for name in pairs(arguments) do
    if not known[name] then
      table.sort(names)
      local takes = #names > 0 and concat(names, ", ") or "none"
      refuse({ name = tostring(name) }, "no argument of " .. operation.name .. "; it takes " .. takes)
    end
  end
  local path, query, cookies, fields = operation.path, {}, {}, {}
  local headers = { Accept = accept(operation, arguments) }
  for key, value in pairs(operation.headers or {}) do
    headers[key:lower() == "accept" and "Accept" or key] = value
  end
  for _, param in ipairs(operation.params) do
    local value = arguments[param.name]
    if value == nil or (json.is_null(value) and not param.nullable) then
      if param.required then
        refuse(param, "is required")
      end
    elseif param.location == "path" then
      local text = spelling.path(param, value)
      local from, to = find(path, "{" .. param.wire .. "}", 1, true)
      path = from and sub(path, 1, from - 1) .. text .. sub(path, to + 1) or path
    elseif param.location == "query" then
      spelling.pieces(param, value, query)
    elseif param.location == "header" then
      if not json.is_null(value) then -- else it is undefined, as in a query: RFC 6570, 2.3
        headers[param.wire] = spelling.header(param, value)
      end
    elseif param.location == "cookie" then
      if not json.is_null(value) then
        spelling.pieces(param, value, cookies)
      end
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
  local body, parts, media = body_of(operation, fields)
  if body and operation.body.media ~= "" then
    headers["Content-Type"] = media or operation.body.media
  end
  -- The server's own query comes first, then that of the path.
  local base, first = match(not moved and operation.server or base_url, "^([^?]*)%??(.*)$")
  local route, second = match(path, "^([^?]*)%??(.*)$")
  local url = gsub(base, "/+$", "") .. route
  for _, text in ipairs({ second, first }) do
    if text ~= "" then
      table.insert(query, 1, text)
    end
  end
  if #query > 0 then
    url = url .. "?" .. concat(query, "&")
  end
  return { method = operation.method, url = url, headers = headers, body = body, parts = parts }
end

return M
