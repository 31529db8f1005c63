--- What scripts have beside Lua's library and the API: JSON, regular expressions, the documentation.
local pipe, host, guard, values, settings = ...
local error, ipairs, rawequal, tostring, type, unpack = error, ipairs, rawequal, tostring, type, table.unpack
local concat, format, tointeger, tonumber = table.concat, string.format, math.tointeger, tonumber

local M = { array = values.array, object = values.marker("object") }

M.json = { null = values.null, array = M.array, object = M.object }

function M.json.encode(value)
  local text, problem = values.write(value)
  guard.tick()
  return text or error("json.encode: " .. problem, 2)
end

function M.json.decode(text)
  if type(text) ~= "string" then
    error("json.decode takes a string, not a " .. type(text), 2)
  end
  local value, problem = values.read(text)
  guard.tick()
  if value == nil then
    error("json.decode: " .. problem, 2)
  end
  return value
end

-- Asks for all matches: each a table of the text before it and its groups.
local function matches_of(name, subject, pattern, most)
  local count = most and tointeger(tonumber(most))
  if most ~= nil and (not count or count < 0) then
    error(name .. ": the number of matches must be a whole number, and not below 0", 3)
  end
  most = count
  local request, problem = values.write({ subject = subject, pattern = pattern, most = most })
  guard.tick()
  if not request or type(subject) ~= "string" or type(pattern) ~= "string" then
    error(name .. ": " .. (problem or "the text and the pattern are strings"), 3)
  end
  local answer = values.read(pipe("regex", request))
  if answer.error then
    error(name .. ": " .. answer.error, 3)
  end
  for _, match in ipairs(answer.matches) do
    for index, group in ipairs(match.groups) do
      match.groups[index] = not rawequal(group, values.null) and group
    end
  end
  return answer.matches, answer.rest
end

local function captured(match)
  local groups = match.groups
  return groups[1] == nil and { match.all } or groups
end

M.regex = {}

--- The groups of the first match, or all of it where the pattern has no groups; nil where nothing matches. A group that
-- takes no part is false.
function M.regex.match(subject, pattern)
  local match = matches_of("regex.match", subject, pattern, 1)[1]
  if match then
    return unpack(captured(match))
  end
end

--- A list of the groups of every match.
function M.regex.match_all(subject, pattern)
  local all = matches_of("regex.match_all", subject, pattern)
  for index, match in ipairs(all) do
    all[index] = captured(match)
  end
  return all
end

local function expanded(template, match)
  return (
    template:gsub("\\(.)", function(c)
      if c == "0" then
        return match.all
      elseif c:match("%d") then
        return match.groups[tonumber(c)] or ""
      end
      return c
    end)
  )
end

--- The text with every match replaced, and how many there were. The replacement is a text in which \1 is the first
-- group, a table that has one for the first group, or a function of the groups; nil and false keep the match.
function M.regex.gsub(subject, pattern, replacement, most)
  local kind = type(replacement)
  if kind ~= "string" and kind ~= "table" and kind ~= "function" then
    error("regex.gsub: the replacement is a string, a table or a function, not a " .. kind, 2)
  end
  local all, rest = matches_of("regex.gsub", subject, pattern, most)
  local out = {}
  for _, match in ipairs(all) do
    local value
    if kind == "string" then
      value = expanded(replacement, match)
    elseif kind == "table" then
      value = replacement[captured(match)[1]]
    else
      value = replacement(unpack(captured(match)))
    end
    out[#out + 1] = match.before
    out[#out + 1] = value and tostring(value) or match.all
  end
  return concat(out) .. rest, #all
end

local function ask_docs(what, argument, name)
  if name ~= nil and type(argument) ~= "string" then
    error(format("%s takes a text, not a %s", name, type(argument)), 3)
  end
  local text, problem = values.write({ ["do"] = what, text = argument, name = argument })
  return host.ask("docs", text or error(problem, 3))
end

M.docs = {
  --- Every function: name, type, summary.
  list = function()
    return ask_docs("list")
  end,
  --- The functions that a text speaks of, the best first.
  search = function(text)
    return ask_docs("search", text == nil and "" or text, "docs.search")
  end,
  --- All about one function.
  read = function(name)
    return ask_docs("read", name, "docs.read")
  end,
}

if settings.webhooks then
  --- The body of a webhook, decoded, once it is checked: `body` as it came, `headers`, and the `secret`. Raises where
  -- it is not signed with the secret, or not lately.
  M.webhooks = {
    verify = function(request)
      if type(request) ~= "table" or type(request.body) ~= "string" or type(request.headers) ~= "table" then
        error("webhooks.verify{body = TEXT, headers = {…}, secret = TEXT}", 2)
      end
      local text, problem = values.write({ body = request.body, headers = request.headers, secret = request.secret })
      return host.ask("webhook", text or error("webhooks.verify: " .. problem, 2))
    end,
  }
end

--- The JSON Schema of a function's arguments.
function M.schema(name)
  return ask_docs("schema", name, "schema")
end

return M
