--- Messages to the process that holds the token, and its answers. Several may be on their way at once: a call made by
-- a thread of `parallel` waits while the other threads go on.
local pipe, guard, values, limits = ...
local error, getmetatable, ipairs, next, rawequal, rawget, rawset, setmetatable, type =
  error, getmetatable, ipairs, next, rawequal, rawget, rawset, setmetatable, type
local coroutine, format, sort = coroutine, string.format, table.sort

local M = {}

local failure = { __metatable = false }

function failure.__tostring(problem)
  local message, hint = rawget(problem, "message"), rawget(problem, "hint")
  message = type(message) == "string" and message or "failed"
  return type(hint) == "string" and message .. "\n  " .. hint or message
end

--- Raises an error table: type, message and whatever else is known.
function M.raise(problem)
  error(setmetatable(problem, failure), 0)
end

--- Whether a caught error is one of `raise`.
function M.is_failure(problem)
  return type(problem) == "table" and rawequal(getmetatable(problem), false)
end

local WAITING = {}
local numbered, on_the_way = 0, 0
local arrived = {} -- number -> answer that nobody has taken yet
local threads = setmetatable({}, { __mode = "k" }) -- the threads of `parallel`

-- Whether a task can go on: what it waits for is there, or any of what a `parallel` inside of it waits for.
local function may_go_on(task)
  local waits_for = task.waits_for
  if type(waits_for) ~= "table" then
    return not waits_for or arrived[waits_for]
  end
  for _, number in ipairs(waits_for) do
    if arrived[number] then
      return true
    end
  end
  return false
end

-- The numbers of the answers that these tasks wait for.
local function awaited(tasks)
  local numbers = {}
  for _, task in ipairs(tasks) do
    if not task.ended then
      for _, number in ipairs(type(task.waits_for) == "table" and task.waits_for or { task.waits_for }) do
        numbers[#numbers + 1] = number
      end
    end
  end
  return numbers
end

-- Takes the next answer off the pipe, whoever waits for it.
local function receive()
  local answer = values.answer(pipe("receive", ""))
  if answer.stopped then
    guard.stop(answer.stopped)
  end
  arrived[answer.id] = answer
  on_the_way = on_the_way - 1
end

local function answer_to(number)
  while not arrived[number] do
    if threads[coroutine.running()] and coroutine.isyieldable() then
      coroutine.yield(WAITING, number)
    else
      receive()
    end
  end
  local answer = arrived[number]
  arrived[number] = nil
  return answer
end

--- Says something that has no answer.
function M.tell(op, payload)
  guard.tick()
  pipe("send", format('{"op":"%s","line":%s,"payload":%s}', op, guard.where() or "null", payload))
end

--- Asks and waits for the answer: its data. Raises what went wrong.
function M.ask(op, payload)
  guard.tick()
  if #payload > limits.call_bytes then
    guard.stop("call_bytes")
  end
  while on_the_way >= limits.concurrency do
    receive()
  end
  numbered, on_the_way = numbered + 1, on_the_way + 1
  local number = numbered
  pipe("send", format('{"op":"%s","id":%d,"line":%s,"payload":%s}', op, number, guard.where() or "null", payload))
  local answer = answer_to(number)
  if answer.error then
    M.raise(answer.error)
  end
  return answer.data
end

local function step(task)
  local fine, first, second = guard.coroutine.resume(task.thread)
  if coroutine.status(task.thread) ~= "dead" then
    if not rawequal(first, WAITING) then
      error("parallel: a function yielded to nobody", 0)
    end
    task.waits_for = second
    return
  end
  task.ended, task.fine, task.result = true, fine, first
  if not fine and M.is_failure(first) and rawget(first, "line") == nil then
    rawset(first, "line", guard.where(task.thread))
  end
end

local function tasks_of(functions)
  local tasks = {}
  for key, run in next, functions do
    if type(run) ~= "function" then
      error("parallel{…} takes functions: function() return …{…} end; found a " .. type(run), 3)
    end
    local thread = guard.coroutine.create(run)
    threads[thread] = true
    tasks[#tasks + 1] = { key = key, thread = thread }
  end
  sort(tasks, function(a, b)
    return values.in_order(a.key, b.key)
  end)
  return tasks
end

--- Runs functions at once: their calls do not wait for each other. The results stand under the functions' keys. When
-- all have ended, the first error is raised.
function M.parallel(functions)
  if type(functions) ~= "table" then
    error("parallel{…} takes a table of functions", 2)
  end
  local tasks = tasks_of(functions)
  repeat
    local waiting, moved = false, false
    for _, task in ipairs(tasks) do
      if not task.ended and may_go_on(task) then
        step(task)
        moved = true
      end
      waiting = waiting or not task.ended
    end
    if waiting and not moved and threads[coroutine.running()] and coroutine.isyieldable() then
      coroutine.yield(WAITING, awaited(tasks)) -- within another `parallel`, whose other functions go on
    elseif waiting and not moved then
      receive()
    end
  until not waiting
  local results = {}
  for _, task in ipairs(tasks) do
    if not task.fine then
      error(task.result, 0)
    end
    -- A list of results keeps its places.
    results[task.key] = task.result == nil and values.null or task.result
  end
  return results
end

return M
