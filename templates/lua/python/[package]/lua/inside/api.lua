--- The API's functions, as `name.function{…}`, for the default account and for every other by its name.
local host, guard, values, settings = ...
local error, ipairs, next, rawget, rawset, setmetatable, tostring, type =
  error, ipairs, next, rawget, rawset, setmetatable, tostring, type
local format, match = string.format, string.match

local prefix = settings.prefix or "" -- what a function's name has before it where there are several APIs
local names = setmetatable({}, { __mode = "k" }) -- Lua function -> function of the API
local origins = setmetatable({}, { __mode = "k" }) -- result -> function that gave it

-- The payload of a message; raises what cannot be written.
local function written(name, fields)
  local text, problem = values.write(fields)
  guard.tick()
  if not text then
    host.raise({ type = "invalid_arguments", message = name .. ": " .. problem, retryable = false })
  end
  return text
end

local spaces = setmetatable({}, { __mode = "k" }) -- the tables of functions

local function table_of_arguments(name, arguments, level)
  if arguments == nil then
    return {}
  elseif spaces[arguments] then
    local called = format("%s.%s{…}", settings.name, name)
    error(format("%s is called with a dot and takes one table: %s", name, called), level + 1)
  elseif type(arguments) ~= "table" then
    error(format("%s takes one table of arguments, not a %s", name, type(arguments)), level + 1)
  elseif values.is_array(arguments) and next(arguments) ~= nil then
    local message = format("%s takes named arguments: %s{name = value}", name, name)
    host.raise({ type = "invalid_arguments", message = message, retryable = false })
  end
  return arguments
end

-- `options`: what a function that is made of another is told beside its arguments.
local function call(name, account, arguments, options)
  arguments = table_of_arguments(name, arguments, 3)
  if options ~= nil then
    options = table_of_arguments(name, options, 3)
  end
  local payload = { name = name, account = account, arguments = arguments, options = options }
  local result = host.ask("call", written(name, payload))
  if type(result) == "table" then
    origins[result] = name
  end
  return result
end

local function name_of(value, what)
  local name = names[value]
  if type(value) == "string" then
    name = value:sub(1, #prefix) == prefix and value or prefix .. value
  end
  if not name then
    error(what .. " takes a function of the API first, or its name", 3)
  end
  return name
end

-- What goes beyond single calls. A function of the API with the same name comes first.
local function helpers_of(account)
  local helpers = {}

  --- Waits until a job has ended; gives it as it is then. `options`: timeout (seconds), cancel (when the time is up),
  -- of (the function that gave the job, where the job itself does not tell).
  function helpers.wait(job, options)
    if type(job) ~= "table" then
      local what = "wait takes the result of a function that starts or gets a job, not a " .. type(job)
      error(what .. (type(job) == "string" and ": get the job by its id first, and wait for that" or ""), 2)
    end
    options = options or {}
    local of = options.of and name_of(options.of, "wait: of") or origins[job]
    local payload = { job = job, of = of, timeout = options.timeout, cancel = options.cancel, account = account }
    payload.api = settings.prefix and settings.name
    local result = host.ask("wait", written("wait", payload))
    origins[result] = of
    return result
  end

  --- Iterates the items of all pages of a list, or those of a stream as they come.
  function helpers.pages(list, arguments)
    local name = name_of(list, "pages")
    local payload = { name = name, account = account, arguments = table_of_arguments(name, arguments, 2) }
    local page, index, seen = host.ask("pages", written(name, payload)), 0, {}
    return function()
      while index >= #page.items do
        payload.cursor = page.cursor
        if not payload.cursor then
          return nil
        elseif seen[payload.cursor] and #page.items == 0 then
          return nil
        elseif seen[payload.cursor] then
          local what = name .. " names a page as the next one that was given before: " .. payload.cursor:sub(1, 500)
          host.raise({ type = "response", message = what, retryable = false })
        end
        seen[payload.cursor] = true
        page, index = host.ask("pages", written(name, payload)), 0
      end
      index = index + 1
      return page.items[index]
    end
  end
  helpers.items = helpers.pages

  if settings.run then
    --- Runs what a reference names and gives its output. `options`: timeout (seconds).
    function helpers.run(reference, input, options)
      local payload = { reference = reference, input = input or {}, account = account }
      payload.timeout = options and options.timeout
      payload.api = settings.prefix and settings.name
      return host.ask("run", written("run", payload))
    end
  end
  return helpers
end

local function namespace_of(account)
  local set = {}
  local function add(own, key)
    local name = prefix .. own
    local function one(arguments, options)
      return call(name, account, arguments, options)
    end
    names[one] = name
    set[key] = one
    return one
  end
  for _, known in ipairs(settings.functions) do
    add(known.name, known.name)
    for _, alias in ipairs(known.aliases) do
      if match(alias, "^[%a_][%w_]*$") and not set[alias] then
        set[alias] = set[known.name]
      end
    end
  end
  for name, helper in next, helpers_of(account) do
    set[name] = set[name] or helper
  end
  local added = settings.added
  if added ~= "" and not set[added] then
    -- What was added is looked up when it is named; what is none is an error that names the nearest.
    set[added] = setmetatable({}, {
      __metatable = false,
      __index = function(_, key)
        if type(key) == "string" then
          return add(host.ask("find", written(added, { name = prefix .. added .. "." .. key })), added .. "." .. key)
        end
      end,
    })
  end
  spaces[set] = true
  return setmetatable(set, {
    __metatable = false,
    -- Any other alias; an error that names the nearest for what is none.
    __index = function(_, key)
      if type(key) == "string" then
        return add(host.ask("find", written(tostring(key), { name = prefix .. key })), key)
      end
    end,
  })
end

local root = namespace_of("default")
rawset(root, "default", root)
for _, account in ipairs(settings.accounts) do
  if rawget(root, account) == nil then
    rawset(root, account, namespace_of(account))
  end
end
return root
