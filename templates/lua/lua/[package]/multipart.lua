--- Files, and the parts of a multipart body.
local prefix = (...):gsub("multipart$", "")
local spelling = require(prefix .. "spelling")

local M = {}

local byte, concat, find, format, gmatch, gsub, match =
  string.byte, table.concat, string.find, string.format, string.gmatch, string.gsub, string.match
local refuse = spelling.refuse

local alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

local function base64(param, text)
  text = gsub(text, "[%s=]", "")
  local out, bits, buffer = {}, 0, 0
  for c in gmatch(text, ".") do
    local at = find(alphabet, c, 1, true)
    if not at then
      refuse(param, "the data: URL is not base64")
    end
    buffer, bits = buffer * 64 + at - 1, bits + 6
    if bits >= 8 then
      bits = bits - 8
      out[#out + 1] = string.char(math.floor(buffer / 2 ^ bits))
      buffer = buffer % 2 ^ bits
    end
  end
  return concat(out)
end

local function unescape(text)
  return (gsub(text, "%%(%x%x)", function(hex)
    return string.char(tonumber(hex, 16))
  end))
end

--- The bytes, the name and the media type of a file. It is given as a string (its bytes, or a data: URL) or as a table
-- {content =, filename =, content_type =}.
function M.file(param, value)
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
  return match(match(media, "^[^;]*"), "json%s*$") ~= nil
end

--- The media type of a part, of several that it may have the one that a value is: `usual`, or what is nearest.
function M.media(offered, usual)
  if not find(offered, "[%*,]") then
    return offered
  end
  local exact, range = {}, nil
  for written in gmatch(offered, "[^,]+") do
    local each = match(written, "^%s*(.-)%s*$")
    local plain = match(each, "^[^;%s]*"):lower()
    if find(plain, "*", 1, true) then
      range = range or plain == "*/*" or plain == match(usual, "^[^/]*") .. "/*"
    elseif plain == usual then
      return each
    elseif each ~= "" then
      exact[#exact + 1] = each
    end
  end
  if range or #exact == 0 then
    return usual
  end
  for _, each in ipairs(exact) do
    if is_json(each) == is_json(usual) then
      return each
    end
  end
  return exact[1]
end

--- Whether the parts of a multipart body have names; those of others are told apart by their order (RFC 2046, 5.1).
function M.is_form_data(media)
  local plain = match(media, "^[^;%s]*"):lower()
  return not find(plain, "^multipart/")
    or plain == "multipart/form-data"
    or plain == "multipart/*"
    or plain == "multipart/x-www-form-urlencoded"
end

--- Whether a text is the file that a part may be.
local function is_file_text(param, value)
  return type(value) == "string"
    and (param.file_texts == "all" or param.file_texts == "data" and find(value, "^data:") ~= nil)
end

--- Adds the parts of an argument to a list: one, or one for each item of a list. `inside`: it is an item itself.
function M.add(param, value, parts, inside)
  local is_file = type(value) == "table" and type(value.content) == "string"
  local is_list = not is_file and spelling.is_list(param, value)
  if param.style ~= "" and not is_file and not (is_list and type(value[1]) == "table" and value[1].content) then
    local pieces = {}
    spelling.pieces(param, value, pieces)
    for _, piece in ipairs(pieces) do -- in which nothing is escaped
      local name, text = match(piece, "^([^=]*)=(.*)$")
      parts[#parts + 1] = { name = unescape(name), content = unescape(text), headers = param.headers }
    end
  elseif is_list and not inside then
    for _, item in ipairs(value) do
      M.add(param, item, parts, true)
    end
  elseif param.kind == "binary" or param.items == "binary" or is_file or is_file_text(param, value) then
    local content, filename, content_type = M.file(param, value)
    local media = not find(param.media, "[%*,]") and param.media ~= "" and param.media or nil
    parts[#parts + 1] = {
      name = param.wire,
      filename = filename or "file",
      content = content,
      content_type = content_type or media or "application/octet-stream",
      headers = param.headers,
    }
  else
    local data = spelling.is_table(value)
    local media = param.media ~= "" and M.media(param.media, data and "application/json" or "text/plain") or nil
    local part = { name = param.wire, content_type = media, headers = param.headers }
    if data and not spelling.is_list(param, value) and media and spelling.is_form(media) then
      part.content = spelling.urlencoded(param, value)
    elseif data or (media and is_json(media)) then
      part.content, part.content_type = spelling.json(param, value), media or "application/json"
    else
      part.content = spelling.plain(param, value)
    end
    parts[#parts + 1] = part
  end
end

local function disposition(text)
  return (gsub(text, '[%c"]', function(c)
    return format("%%%02X", byte(c))
  end))
end

--- The body of a multipart request and its media type. `media`: that of the operation.
function M.write(parts, media)
  local named = M.is_form_data(media or "")
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
    local head = "--" .. boundary
    if named then
      head = head .. '\r\nContent-Disposition: form-data; name="' .. disposition(part.name) .. '"'
      if part.filename then
        head = head .. '; filename="' .. disposition(part.filename) .. '"'
      end
    end
    for _, pair in ipairs(part.headers or {}) do
      head = head .. "\r\n" .. pair[1] .. ": " .. pair[2]
    end
    if part.content_type then
      head = head .. "\r\nContent-Type: " .. gsub(part.content_type, "%c", "")
    end
    out[#out + 1] = head .. "\r\n\r\n" .. part.content .. "\r\n"
  end
  out[#out + 1] = "--" .. boundary .. "--\r\n"
  return concat(out), (named and "multipart/form-data" or media) .. "; boundary=" .. boundary
end

return M
