--- The items of an answer that holds them one after the other: server-sent events (WHATWG HTML, 9.2.6), lines of JSON,
-- JSON text sequences (RFC 7464).
local M = {}

local concat, find, gmatch, gsub, match, sub = table.concat, string.find, string.gmatch, string.gsub, string.match, string.sub

local function decoded(decode, text, what)
  local fine, value = pcall(decode, text)
  if not fine then
    local message = type(value) == "table" and value.message or tostring(value)
    return nil, what .. " cannot be read as JSON: " .. message
  end
  return value
end

-- Whole events only: what the end cuts off is dropped.
local function events(body, form, decode, give)
  body = gsub(gsub(gsub(body, "^\239\187\191", ""), "\r\n", "\n"), "\r", "\n")
  local data, kind, id = {}, "", ""
  for line in gmatch(body, "([^\n]*)\n") do
    if line == "" then
      if #data > 0 then
        local text = concat(data, "\n")
        if form ~= "" and text == "[DONE]" then
          return
        end
        local value, problem = text, nil
        if form == "data" or form == "event of json" then
          value, problem = decoded(decode, text, "an event of the stream")
          if problem then
            return problem
          end
        end
        if form ~= "data" then
          value = { event = kind ~= "" and kind or "message", data = value, id = id ~= "" and id or nil }
        end
        give(value)
      end
      data, kind = {}, ""
    elseif sub(line, 1, 1) ~= ":" then
      local name, value = match(line, "^([^:]*):? ?(.*)$")
      if name == "data" then
        data[#data + 1] = value
      elseif name == "event" then
        kind = value
      elseif name == "id" and not find(value, "%z") then
        id = value
      end
    end
  end
end

local function lines(body, decode, give)
  local count = 0
  for line in gmatch(body, "[^\n]*") do
    if find(line, "%S") then
      count = count + 1
      local value, problem = decoded(decode, line, "item " .. count .. " of the stream")
      if problem then
        return problem
      end
      give(value)
    end
  end
end

-- What cannot be read was cut off while it was written, and the next text is read (2.1).
local function sequence(body, decode, give)
  for text in gmatch(body, "\30([^\30]*)") do
    if find(text, '[}%]"]%s*$') or find(text, "%S%s+$") then
      local value, problem = decoded(decode, text, "")
      if not problem then
        give(value)
      end
    end
  end
end

--- The items of a body as a list, and what is wrong with it. `form`: what is made of an event, as the operation says.
function M.read(kind, body, form, decode)
  local items = {}
  local function give(value)
    items[#items + 1] = value
  end
  if kind == "events" then
    return items, events(body, form, decode, give)
  elseif kind == "lines" then
    return items, lines(body, decode, give)
  end
  return items, sequence(body, decode, give)
end

return M
