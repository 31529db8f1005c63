--- Where a list goes on: the items of an answer, and the URL of the page after it.
local prefix = (...):gsub("pages$", "")
local spelling = require(prefix .. "spelling")

local M = {}

local MOST = 1000000000

--- What stands at a dotted path; a name may hold dots itself.
function M.at(value, path)
  if type(value) == "table" and value[path] ~= nil then
    return value[path]
  end
  for key in path:gmatch("[^.]+") do
    value = type(value) == "table" and value[key] or nil
  end
  return value
end

--- Whether the answer names the page itself, which is then asked for with GET.
function M.linked(page)
  return page.by == nil or page.by == "link"
end

--- A table of its own with the same fields.
function M.shallow(source)
  local result = {}
  for name, value in pairs(type(source) == "table" and source or {}) do
    result[name] = value
  end
  return result
end

--- A table of headers of its own: whoever sends it adds to it.
function M.copy(headers)
  local result = {}
  for name, value in pairs(headers or {}) do
    if name:lower() ~= "content-type" then
      result[name] = value
    end
  end
  return result
end

--- The items of a page.
function M.items(page, value)
  local items = value
  if page.items and page.items ~= "" then
    items = M.at(value, page.items)
  end
  return type(items) == "table" and items or {}
end

local function decoded(text)
  text = text:gsub("+", " ")
  return (text:gsub("%%(%x%x)", function(code)
    return string.char(tonumber(code, 16))
  end))
end

-- The pieces of a URL's query, and what stands before it.
local function split(url)
  local head, query = url:gsub("#.*$", ""):match("^([^?]*)%??(.*)$")
  local pieces = {}
  for piece in query:gmatch("[^&]+") do
    pieces[#pieces + 1] = piece
  end
  return head, pieces
end

-- The value of an argument of the next page, in the query or behind the URL for a body.
function M.argument(url, name, location)
  local _, pieces = split(url)
  if location == "body" then
    pieces = { url:match("#(.*)$") }
  end
  for _, piece in ipairs(pieces) do
    local key, value = piece:match("^([^=]*)=?(.*)$")
    if decoded(key) == name then
      return decoded(value)
    end
  end
end

local function with_argument(url, name, value, location)
  if location == "body" then
    return url:gsub("#.*$", "") .. "#" .. spelling.escape(name) .. "=" .. spelling.escape(value)
  end
  local head, pieces = split(url)
  local kept = {}
  for _, piece in ipairs(pieces) do
    if decoded(piece:match("^[^=]*")) ~= name then
      kept[#kept + 1] = piece
    end
  end
  kept[#kept + 1] = spelling.escape(name) .. "=" .. spelling.escape(value)
  return head .. "?" .. table.concat(kept, "&")
end

--- The URL that stands for the first page: with the argument of a body that says which one it is.
function M.place(page, url, operation, arguments)
  if page.location ~= "body" then
    return url
  end
  for _, param in ipairs(operation.params) do
    local argument = type(arguments) == "table" and arguments[param.name]
    if param.location == "field" and param.wire == page.argument and argument then
      return with_argument(url, page.argument, tostring(argument), page.location)
    elseif param.location == "field" and page.argument:sub(1, #param.wire + 1) == param.wire .. "." then
      argument = M.at(argument, page.argument:sub(#param.wire + 2))
      return argument and with_argument(url, page.argument, tostring(argument), page.location) or url
    end
  end
  return url
end

local function whole(number)
  return string.format("%d", number)
end

-- A number of items or pages; also as a text, as it stands in a URL.
local function count(value)
  if type(value) == "string" and #value < 10 and value:find("^%d+$") then
    value = tonumber(value)
  end
  local fine = type(value) == "number" and value >= 0 and value <= MOST and value % 1 == 0
  return fine and value or nil
end

local function token(value)
  if type(value) == "number" and value % 1 == 0 and value > -MOST * MOST and value < MOST * MOST then
    return whole(value)
  end
  return type(value) == "string" and value ~= "" and value or nil
end

-- The value of a parameter of a link, quoted or not, and where it ends.
local function value_of(header, start)
  start = header:find("[^ \t]", start) or #header + 1
  if header:sub(start, start) ~= '"' then
    local stop = header:find("[;,]", start) or #header + 1
    return header:sub(start, stop - 1):gsub("%s+$", ""), stop
  end
  local characters, index = {}, start + 1
  while index <= #header and header:sub(index, index) ~= '"' do
    if header:sub(index, index) == "\\" then
      index = index + 1
    end
    characters[#characters + 1] = header:sub(index, index)
    index = index + 1
  end
  return table.concat(characters), index + 1
end

-- The parameters of a link from a place on, and where they end. Of several of one name the first holds.
local function parameters(header, index)
  local values = {}
  while index <= #header and header:sub(index, index) ~= "," do
    local name, stop = header:match("^([^=;,]*)()", index)
    local key = name:lower():gsub("%s", "")
    local value = ""
    index = stop
    if header:sub(index, index) == "=" then
      value, index = value_of(header, index + 1)
    end
    values[key] = values[key] or value
    while header:find("^[; \t]", index) do
      index = index + 1
    end
  end
  return values, index
end

--- The target of the first link of a header with a relation (RFC 8288, 3).
function M.link(header, relation)
  local index = 1
  while true do
    local target, stop = header:match("^[ \t,]*<([^>]*)>[ \t;]*()", index)
    if not target then
      return nil
    end
    local link
    link, index = parameters(header, stop)
    for each in (link.rel or ""):lower():gmatch("%S+") do
      if each == relation and not link.anchor then
        return target
      end
    end
  end
end

local function header_of(headers, wanted)
  for name, value in pairs(headers or {}) do
    if tostring(name):lower() == wanted then
      return type(value) == "table" and table.concat(value, ", ") or tostring(value)
    end
  end
  return ""
end

-- The argument of the next page.
local function next_argument(page, value, url)
  if (page.more and M.at(value, page.more) == false) or (page["end"] and M.at(value, page["end"]) == true) then
    return nil
  end
  local items = M.items(page, value)
  if page.by == "cursor" then
    return token(M.at(value, page.next))
  elseif #items == 0 then
    return nil
  elseif page.by == "last" then
    return token(M.at(items[#items], page.next))
  end
  local first = page.first or 0
  local now = count(M.argument(url, page.argument, page.location))
    or (page.current and count(M.at(value, page.current)))
    or first
  local onward = now + (page.by == "offset" and #items or 1)
  local total = page.total and count(M.at(value, page.total))
  if total and onward - first >= total then
    return nil
  end
  return whole(onward)
end

--- The URL of the page after an answer to a request for `url`; nil where there is none. `headers` are the answer's.
function M.next(page, value, url, headers)
  if page.by == nil or page.by == "link" then
    local next_url = M.at(value, page.next or "")
    if page.by == "link" then
      next_url = M.link(header_of(headers, "link"), "next")
    end
    return type(next_url) == "string" and next_url ~= "" and next_url or nil
  end
  local argument = next_argument(page, value, url)
  return argument and with_argument(url, page.argument, argument, page.location) or nil
end

return M
