--- Answers that hold items one after the other, read as they come.
local prefix = (...):gsub("streams$", "")
local answers = require(prefix .. "answers")
local errors = require(prefix .. "errors")
local sequences = require(prefix .. "sequences")

local M = {}

-- As `client:stream`; what a transport raises is raised.
local function stream(self, name, arguments, on_item)
  local built, problem, operation = self:build(name, arguments)
  if not built then
    return nil, problem
  end
  local decoder, ended, wrong
  local function hand_on(items, failed)
    for _, item in ipairs(items) do
      if not ended and on_item(item) == false then
        ended = true
      end
    end
    wrong = wrong or failed
    return not (ended or wrong or (decoder and decoder.over))
  end
  -- What takes the pieces of the body, where they are items.
  function built.on_head(status, headers)
    local kind, media = answers.kind(operation, status, answers.lower(headers)["content-type"])
    if status < 200 or status > 299 or kind ~= "events" then
      return nil
    end
    local sequence = answers.sequence_of(media) or "events"
    decoder = sequences.decoder(sequence, answers.form(operation), self._decode, self.max_body)
    return function(piece)
      return hand_on(decoder:feed(piece))
    end
  end
  local value, err, response = self:_send(built, operation)
  if not decoder and not err then -- the transport has read it, or it is no stream
    local kind = answers.kind(operation, response.status, answers.lower(response.headers)["content-type"])
    hand_on(kind == "events" and value or { value })
  elseif decoder and not err and not ended and not wrong then
    hand_on(decoder:finish())
  end
  if wrong then
    err = errors.new({ type = "response", message = wrong })
  end
  if err then
    return nil, err, response
  end
  return true, nil, response
end

-- The error that a transport has raised in the middle of a stream.
local function raised(reason)
  local message = type(reason) == "table" and (reason.message or reason[1]) or reason
  return errors.new({ type = "connection", message = tostring(message) })
end

--- Calls a function that answers with a stream and hands each item to `on_item` as it comes, until that gives false.
-- Gives true and the response; or nil, err and the response where there is one. A transport that knows no `on_head`
-- reads the whole answer first.
function M:stream(name, arguments, on_item)
  local fine, done, problem, response = pcall(stream, self, name, arguments, on_item)
  if not fine then
    return nil, raised(done)
  end
  return done, problem, response
end

--- Iterates the items of a stream: for item, err in client:items("listen") do … end. An error ends the loop after one
-- last round in which item is false.
function M:items(name, arguments)
  local routine = coroutine.create(function()
    local _, problem = stream(self, name, arguments, coroutine.yield)
    return nil, problem
  end)
  return function()
    if coroutine.status(routine) == "dead" then
      return nil
    end
    local fine, item, problem = coroutine.resume(routine, true)
    if not fine then
      return false, raised(item)
    elseif problem then
      return false, problem
    end
    return item
  end
end

return M
