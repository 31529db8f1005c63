--- The items of an answer that holds them one after the other: server-sent events (WHATWG HTML, 9.2.6), lines of JSON,
-- JSON text sequences (RFC 7464). Text in, in pieces of any size; items out, each as soon as it is whole.
local M = {}

local concat, find, gsub, match, sub = table.concat, string.find, string.gsub, string.match, string.sub

local function decoded(self, text, what)
  local fine, value = pcall(self.decode, text)
  if fine then
    return true, value
  end
  local message = type(value) == "table" and value.message or tostring(value)
  self.problem = what .. " cannot be read as JSON: " .. message
end

local function give(self, value)
  self.items[#self.items + 1] = value
end

-- The data of an event as what its description says.
local function dispatch(self)
  if #self.data == 0 then
    self.event = ""
    return
  end
  local text, event = concat(self.data, "\n"), self.event
  self.data, self.event, self.size = {}, "", 0
  if self.form ~= "" and text == "[DONE]" then
    self.over = true
    return
  end
  local fine, value = true, text
  if self.form == "data" or self.form == "event of json" then
    fine, value = decoded(self, text, "an event of the stream")
  end
  if fine and self.form == "data" then
    give(self, value)
  elseif fine then
    give(self, { event = event ~= "" and event or "message", data = value, id = self.id ~= "" and self.id or nil })
  end
end

local function field(self, line)
  local name, value = match(line, "^([^:]*):? ?(.*)$")
  if name == "data" then
    self.data[#self.data + 1] = value
    self.size = self.size + #value
  elseif name == "event" then
    self.event = value
  elseif name == "id" and not find(value, "%z") then
    self.id = value
  end
end

local function events(self)
  if not self.begun then
    if #self.rest < 3 and find("\239\187\191", self.rest, 1, true) == 1 then
      return
    end
    self.rest, self.begun = gsub(self.rest, "^\239\187\191", ""), true
  end
  while not self.over and not self.problem do
    if self.skip and self.rest ~= "" then
      self.rest = gsub(self.rest, "^\n", "")
      self.skip = false
    end
    local at = find(self.rest, "[\r\n]")
    if not at then
      return
    end
    local line = sub(self.rest, 1, at - 1)
    self.skip = sub(self.rest, at, at) == "\r"
    self.rest = sub(self.rest, at + 1)
    if line == "" then
      dispatch(self)
    else
      field(self, line)
    end
  end
end

local function line_of(self, line)
  self.count = self.count + 1
  if find(line, "%S") then
    local fine, value = decoded(self, line, "line " .. self.count .. " of the stream")
    if fine then
      give(self, value)
    end
  end
end

local function lines(self)
  while not self.problem do
    local at = find(self.rest, "\n", 1, true)
    if not at then
      return
    end
    local line = sub(self.rest, 1, at - 1)
    self.rest = sub(self.rest, at + 1)
    line_of(self, line)
  end
end

-- What cannot be read was cut off while it was written, and the next text is read (2.1); a number that nothing follows
-- may be the beginning of a longer one (2.4).
local function text_of(self, text)
  if find(text, '[}%]"]%s*$') or find(text, "%S%s+$") then
    local fine, value = pcall(self.decode, text)
    if fine then
      give(self, value)
      return true
    end
  end
end

local function sequence(self)
  while true do
    local at = find(self.rest, "\30", 1, true)
    if at and self.inside then
      text_of(self, sub(self.rest, 1, at - 1))
    end
    if not at then
      break
    end
    self.rest, self.inside, self.tried = sub(self.rest, at + 1), true, 0
  end
  if self.inside and sub(self.rest, -1) == "\n" and #self.rest >= 2 * self.tried then
    self.tried = #self.rest
    if text_of(self, self.rest) then
      self.rest, self.inside = "", false
    end
  end
end

local STEPS = { events = events, lines = lines, sequence = sequence }
local Decoder = {}
Decoder.__index = Decoder

-- The items so far, and what is wrong; the next ones go into another list.
local function taken(self)
  local items = self.items
  self.items = {}
  return items, self.problem
end

--- The items that a piece brings to their end, and what is wrong with it.
function Decoder:feed(piece)
  self.rest = self.rest .. piece
  self.step(self)
  if #self.rest + self.size > self.most then
    self.problem = self.problem or "the stream holds an item of more than " .. self.most .. " bytes; see max_body"
  end
  return taken(self)
end

--- The last items, where nothing ends them but the end of the answer. An event that is cut off is none.
function Decoder:finish()
  if self.kind == "lines" and not self.problem then
    line_of(self, self.rest)
  elseif self.kind == "sequence" and self.inside then
    text_of(self, self.rest)
  end
  return taken(self)
end

--- A decoder of `events`, `lines` or a `sequence`. `form`: what is made of an event, as the operation says; `most`:
-- bytes of one item. `over` is true once there are no more, whatever may still come.
function M.decoder(kind, form, decode, most)
  return setmetatable({
    kind = kind,
    form = form,
    decode = decode,
    most = most,
    step = STEPS[kind],
    items = {},
    rest = "",
    data = {},
    event = "",
    id = "",
    size = 0,
    count = 0,
    tried = 0,
  }, Decoder)
end

--- The items of a whole body as a list, and what is wrong with it.
function M.read(kind, body, form, decode)
  local decoder = M.decoder(kind, form, decode, math.huge)
  local items, problem = decoder:feed(body)
  if not problem then
    local rest
    rest, problem = decoder:finish()
    for _, item in ipairs(rest) do
      items[#items + 1] = item
    end
  end
  return items, problem
end

return M
