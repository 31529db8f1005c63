--- What a script gave, as near as JSON can hold it: calls may have been paid for, so that no result is refused.
-- Whatever is not as it was is noted with its place, a JSON pointer. It is written within a limit, and ends where that
-- is reached.
local values, guard = ...
local concat, format, gsub, math_type, sort, sub =
  table.concat, string.format, string.gsub, math.type, table.sort, string.sub
local ipairs, next, rawequal, rawget, setmetatable, tostring, type, utf8 =
  ipairs, next, rawequal, rawget, setmetatable, tostring, type, utf8

local DEEPEST = 64 -- tables in one another; hosts take few more
local NOT_UTF8 = "bytes that are not UTF-8 are written as \\xNN"
local MOST_NOTES, LONGEST_KEY, LONGEST_PLACE = 10, 100, 500

local function escaped(c)
  return format("\\x%02x", c)
end

local Writer = {}
Writer.__index = Writer

--- A writer for so many bytes and values.
local function writer(bytes, most)
  return setmetatable({
    room = bytes,
    values = most,
    out = {},
    path = {}, -- keys from the result to what is written now
    open = {}, -- table that is being written -> its depth
    rest = {}, -- tables that lie too deep, each to be written on its own
    places = {}, -- such a table -> its place among them
    notes = {},
    counts = {}, -- of each kind of note
    unnoted = 0,
    full = nil, -- the limit that is reached
  }, Writer)
end

function Writer:put(text)
  self.room = self.room - #text
  self.out[#self.out + 1] = text
end

-- The place of what is written at a depth.
function Writer:place(depth)
  local place = { self.base }
  for index = 1, depth do
    local key = self.path[index]
    key = type(key) == "string" and values.clean(key, LONGEST_KEY) or tostring(key)
    place[#place + 1] = "/" .. gsub(gsub(key, "~", "~0"), "/", "~1")
  end
  return values.clean(concat(place), LONGEST_PLACE)
end

-- Notes a change of a kind; of each kind some, and of the rest how many there are.
function Writer:note(kind, what, depth)
  local count = (self.counts[kind] or 0) + 1
  self.counts[kind] = count
  if count > MOST_NOTES then
    self.unnoted = self.unnoted + 1
  else
    self.notes[#self.notes + 1] = { at = self:place(depth), note = what }
  end
end

-- A text in quotes, cut where it does not fit.
function Writer:text(text, depth)
  local room = self.room > 0 and self.room or 0
  local part = #text > room and sub(text, 1, values.cut(text, room)) or text
  local clean = values.text(part, escaped)
  if clean ~= part then
    self:note("bytes", NOT_UTF8, depth)
  end
  local quoted, size = values.write(clean), #clean
  if #part < #text or #quoted > room then
    self.full = self.full or "output"
  end
  while #quoted > room and size > 0 do
    size = values.cut(clean, size // 2)
    quoted = values.write(sub(clean, 1, size))
  end
  self:put(quoted)
end

-- The keys of a table: the positive whole ones, the texts, and all others.
local function keys_of(value)
  local places, texts, others, length = {}, {}, {}, 0
  for key in next, value do
    if math_type(key) == "integer" and key > 0 then
      places[#places + 1] = key
      length = key > length and key or length
    elseif type(key) == "string" then
      texts[#texts + 1] = key
    else
      others[#others + 1] = key
    end
  end
  return places, texts, others, length
end

-- What stands between two values: a comma, unless it is the first. Whether there is room for another.
function Writer:next(first)
  guard.tick()
  if self.room <= 0 then
    self.full = self.full or "output"
  elseif self.values <= 0 then
    self.full = self.full or "values"
  end
  if self.full then
    return false
  end
  if not first then
    self:put(",")
  end
  return true
end

function Writer:list(value, length, depth)
  self:put("[")
  for index = 1, length do
    if not self:next(index == 1) then
      break
    end
    self.path[depth] = index - 1
    self:value(rawget(value, index), depth)
  end
  self:put("]")
end

function Writer:object(entries, depth)
  self:put("{")
  for index = 1, #entries do
    if not self:next(index == 1) then
      break
    end
    local entry = entries[index]
    self.path[depth] = entry.name
    if entry.is_bytes then
      self:note("bytes", NOT_UTF8, depth)
    end
    self:text(entry.name, depth)
    self:put(":")
    if self.full then
      self:put("null")
      break
    end
    self:value(entry.value, depth)
  end
  self:put("}")
end

-- The members of an object, each under a text that no other has.
local function entries_of(value, texts, others)
  local entries, taken = {}, {}
  local function add(key, name, kind)
    local base, count = name, 1
    while taken[name] do
      name = base .. " (" .. kind .. (count > 1 and " " .. count or "") .. ")"
      count = count + 1
    end
    taken[name] = true
    entries[#entries + 1] = { name = name, is_bytes = kind == "bytes", value = rawget(value, key) }
  end
  sort(texts)
  local bytes = {}
  for _, key in ipairs(texts) do
    if utf8.len(key) then
      add(key, key, "string")
    else
      bytes[#bytes + 1] = key
    end
  end
  for _, key in ipairs(bytes) do
    add(key, values.text(key, escaped), "bytes")
  end
  for _, key in ipairs(others) do
    local kind = type(key)
    add(key, (kind == "number" and values.number(key)) or (kind == "boolean" and tostring(key)) or kind, kind)
  end
  return entries
end

function Writer:table(value, depth)
  local mark, nulls = values.known(value)
  local places, texts, others, length = keys_of(value)
  for key in next, nulls do
    if rawget(value, key) == nil then
      texts[#texts + 1] = key
    end
  end
  local only_places = #texts == 0 and #others == 0
  if only_places and (mark == "array" or (length > 0 and mark ~= "object")) and length <= 2 * #places + 2 then
    if length > #places then
      self:note("holes", "holes in a list are given as null", depth - 1)
    end
    return self:list(value, length, depth)
  end
  if length > 0 or #others > 0 then
    self:note("keys", "keys that are no text are written as text", depth - 1)
    sort(places)
    sort(others, values.in_order)
    for _, key in ipairs(others) do
      places[#places + 1] = key
    end
  end
  return self:object(entries_of(value, texts, places), depth)
end

function Writer:value(value, depth)
  local kind = type(value)
  self.values = self.values - 1
  if value == nil or rawequal(value, values.null) then
    self:put("null")
  elseif kind == "boolean" then
    self:put(tostring(value))
  elseif kind == "string" then
    self:text(value, depth)
  elseif kind == "number" then
    local text = values.number(value)
    if not text then
      self:note("number", tostring(value) .. " is given as null", depth)
    end
    self:put(text or "null")
  elseif kind ~= "table" then
    self:note("kind", "a " .. kind .. " is given as null", depth)
    self:put("null")
  elseif self.open[value] then
    local where = self:place(self.open[value])
    self:note("cycle", "the table at " .. where .. ", which contains itself, is given as null", depth)
    self:put("null")
  elseif depth >= DEEPEST then
    local place = self.places[value]
    if not place then
      place = #self.rest
      self.rest[place + 1], self.places[value] = value, place
    end
    local where = format("/meta/deeper/%d", place)
    self:note("deep", format("nested more than %d deep; it stands in %s", DEEPEST, where), depth)
    self:put("null")
  else
    self.open[value] = depth
    self:table(value, depth + 1)
    self.open[value] = nil
  end
end

local function written(self, value, base)
  self.out, self.base = {}, base
  self:value(value, 0)
  return concat(self.out)
end

--- A value as JSON, in so many bytes and values: the text; the limit that it ends at, or nil; the notes; and what lies
-- too deep in it, as a list of texts.
return function(value, bytes, most)
  local self = writer(bytes, most)
  local text, deeper = written(self, value, "/result"), {}
  while #deeper < #self.rest and not self.full do
    deeper[#deeper + 1] = written(self, self.rest[#deeper + 1], format("/meta/deeper/%d", #deeper))
  end
  if self.unnoted > 0 then
    self.notes[#self.notes + 1] = { at = "/result", note = self.unnoted .. " more such changes" }
  end
  return text, self.full, self.notes, deeper
end
