--- Stops a script that takes more than it may, and says where it was. A stop is no error that a script could catch.
local debug, error, ipairs, select, setmetatable = debug, error, ipairs, select, setmetatable
local clock, collect, coroutine, find = os.clock, collectgarbage, coroutine, string.find

local M = {
  --- The limit that ended the script.
  stopped = nil,
  --- The line it was ended at.
  line = nil,
  --- The most memory seen in use, in KiB.
  peak = 0,
}

local STEPS = 1000 -- instructions between two looks at the clock
local MARK = setmetatable({}, { __metatable = false })
local deadline, room, events

--- The line of the script that runs now; of a coroutine that failed, the line it failed at.
function M.where(thread)
  for level = thread and 0 or 2, 200 do
    local info
    if thread then
      info = debug.getinfo(thread, level, "Sl")
    else
      info = debug.getinfo(level, "Sl")
    end
    if not info then
      return nil
    end
    if info.source == "=script" and info.currentline > 0 then
      return info.currentline
    end
  end
end

--- Ends the script.
function M.stop(limit)
  if not M.stopped then
    M.stopped, M.line = limit, M.where()
  end
  error(MARK, 0)
end

--- Ends the script when its time is over.
function M.tick()
  local used = collect("count")
  if used > M.peak then
    M.peak = used
  end
  if M.stopped or clock() > deadline then
    M.stop(M.stopped or "cpu")
  end
end

--- Counts bytes that leave the script; what still fits of them.
function M.spend(size)
  local left = room
  room, events = room - size, events - 1
  return left
end

--- Ends the script when more has left it than may.
function M.spent()
  if room < 0 or events < 0 then
    M.stop(room < 0 and "output" or "events")
  end
end

--- Watches a coroutine; without one, what runs now.
function M.watch(thread)
  if thread then
    debug.sethook(thread, M.tick, "", STEPS)
  else
    debug.sethook(M.tick, "", STEPS)
  end
end

--- Begins to count for the next script.
function M.begin(limits)
  deadline, room, events = clock() + limits.cpu, limits.output, limits.events
  M.stopped, M.line, M.peak = nil, nil, 0
  M.watch()
end

--- Watches nothing any more.
function M.finish()
  debug.sethook()
end

--- What was caught, unless it was a stop: that goes on.
function M.passed(...)
  if M.stopped then
    error(MARK, 0)
  end
  return ...
end

local function protected(run)
  return function(...)
    return M.passed(run(...))
  end
end

M.pcall = protected(pcall)

local xpcall = xpcall

function M.xpcall(run, handler, ...)
  return M.passed(xpcall(run, function(problem)
    if M.stopped then
      return MARK
    end
    return handler(problem)
  end, ...))
end

M.coroutine = { resume = protected(coroutine.resume), close = protected(coroutine.close) }
for _, name in ipairs({ "isyieldable", "running", "status", "yield" }) do
  M.coroutine[name] = coroutine[name]
end

function M.coroutine.create(run)
  local thread = coroutine.create(run)
  M.watch(thread)
  return thread
end

function M.coroutine.wrap(run)
  local thread = M.coroutine.create(run)
  local function result(fine, ...)
    if not fine then
      error((select(1, ...)), 0)
    end
    return ...
  end
  return function(...)
    return result(M.coroutine.resume(thread, ...))
  end
end

--- Whether an error says that memory ran out.
function M.is_memory(problem)
  return type(problem) == "string" and find(problem, "not enough memory", 1, true) ~= nil
end

return M
