--- Which of the answers that are declared a response is: by its status, and by the media type that it names. RFC 9110,
-- 8.3 and 12.5.1: the most specific range counts, and parameters make one more specific. RFC 6839: `+json` is JSON.
local M = {}

local find, gmatch, gsub, lower, match, sub =
  string.find, string.gmatch, string.gsub, string.lower, string.match, string.sub

local USUAL = {
  json = "application/json",
  events = "text/event-stream",
  text = "text/plain",
  binary = "application/octet-stream",
}

--- Headers by their names in lower case.
function M.lower(headers)
  local result = {}
  for name, value in pairs(headers or {}) do
    result[tostring(name):lower()] = value
  end
  return result
end

local function set(words)
  local known = {}
  for word in gmatch(words, "%S+") do
    known[word] = true
  end
  return known
end

local LINES = set(
  "application/jsonl application/x-jsonl application/jsonlines application/x-jsonlines text/jsonl application/ndjson "
    .. "application/json-lines application/x-json-lines application/x-ndjson application/stream+json"
)
local TEXTS = set(
  "application/xml application/yaml application/x-yaml application/x-www-form-urlencoded application/javascript "
    .. "application/x-javascript application/ecmascript application/graphql application/sql application/toml "
    .. "application/rtf application/xml-dtd application/x-sh"
)
local BARE = { [204] = true, [205] = true, [304] = true }

-- The name of a media type in lower case and its parameters but for the charset; nil for what is none.
local function media_of(text)
  local name, rest = match(sub(text or "", 1, 1000), "^%s*([^;]*)(.*)$")
  name = lower((gsub(name, "%s+$", "")))
  if not match(name, "^[^%s/]+/[^%s]+$") then
    return nil
  end
  local parameters = {}
  rest = gsub(rest, ';%s*([^%s=;]+)%s*=%s*"([^"]*)"', function(key, value)
    parameters[lower(key)] = value
    return ""
  end)
  for key, value in gmatch(rest, ";%s*([^%s=;]+)%s*=%s*([^%s;]*)") do
    parameters[lower(key)] = value
  end
  parameters.charset, parameters.q = nil, nil
  return name, parameters
end

--- How values follow one another in a media type: events, lines, sequence; nil for what holds none.
function M.sequence_of(name)
  if name == "text/event-stream" then
    return "events"
  elseif LINES[name] then
    return "lines"
  end
  return find(name, "json%-seq$") and "sequence" or nil
end

local function kind_of(name)
  if M.sequence_of(name) then
    return "events"
  elseif name == "application/json" or name == "text/json" or find(name, "%+json$") then
    return "json"
  elseif sub(name, 1, 5) == "text/" or TEXTS[name] or find(name, "%+xml$") or find(name, "%+yaml$") then
    return "text"
  end
  return "binary"
end

-- How closely a declared media type says what this one is; 0 where it does not.
local function specific(declared, name, parameters)
  local wanted, needed = media_of(declared)
  local count = 0
  for key, value in pairs(needed or {}) do
    if parameters[key] ~= value then
      return 0
    end
    count = count + 1
  end
  if wanted == name then
    return 3 + count
  elseif wanted == "*/*" then
    return 1
  end
  return wanted and sub(wanted, -2) == "/*" and sub(name, 1, #wanted - 1) == sub(wanted, 1, -2) and 2 or 0
end

local function of_status(declared, status)
  for _, wanted in ipairs({ tostring(status), sub(tostring(status), 1, 1) .. "XX", "default" }) do
    local matches = {}
    for _, answer in ipairs(declared) do
      if answer.status == wanted then
        matches[#matches + 1] = answer
      end
    end
    if #matches > 0 then
      return matches
    end
  end
  return declared
end

local function first(declared, wanted)
  for _, answer in ipairs(declared) do
    if wanted(answer) then
      return answer
    end
  end
end

-- What nobody said would come: what its media type says, as near as may be to what is declared.
local function undeclared(declared, name)
  local kind = kind_of(name)
  local alike = first(declared, function(answer)
    return answer.kind == kind
  end)
  if alike then
    return kind, name
  end
  local bytes = first(declared, function(answer)
    return media_of(answer.media) == "application/octet-stream"
  end)
  if bytes and kind ~= "events" then
    return bytes.kind, name
  end
  local json = first(declared, function(answer)
    return answer.kind == "json"
  end)
  if json and (name == "text/html" or name == "application/xhtml+xml") then
    return "json", name -- the page of a portal, which then is told as what it is
  elseif json and (name == "text/plain" or name == "application/octet-stream") then
    return "json", name, kind
  end
  return kind, name
end

--- How an answer is read (json, text, binary, events or empty), its media type, and the kind that it is where it cannot
-- be read as the first.
function M.kind(operation, status, content_type)
  local declared = operation.answers
    or { { status = "2XX", media = USUAL[operation.result] or "", kind = operation.result } }
  if BARE[status] or (operation.result == "empty" and not operation.answers) then
    return "empty", ""
  end
  declared = of_status(declared, status)
  local name, parameters = media_of(content_type)
  if not name then
    local json = first(declared, function(answer)
      return answer.kind == "json"
    end) or declared[1]
    return json.kind == "any" and "binary" or json.kind, media_of(json.media) or ""
  end
  local best, score = nil, 0
  for _, answer in ipairs(declared) do
    local points = specific(answer.media, name, parameters)
    if points > score then
      best, score = answer, points
    end
  end
  if not best then
    return undeclared(declared, name)
  end
  local open = find(best.media, "*", 1, true) and best.kind ~= "binary" and best.kind ~= "text"
  return open and kind_of(name) or best.kind, name
end

--- What is made of the events of an operation.
function M.form(operation)
  for _, answer in ipairs(operation.answers or {}) do
    if answer.kind == "events" then
      return answer.form or ""
    end
  end
  return ""
end

return M
