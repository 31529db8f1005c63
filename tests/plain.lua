-- The plain module as a program uses it, on luasocket and dkjson: `lua plain.lua FOLDER BASE_URL TOKEN`.
-- Each line in is a call, ["function", {arguments}]; each line out is its result or its error. Texts come as hex.
package.path = arg[1] .. "/?.lua;" .. package.path
local api = require("replikit")
local client = api.new({
  base_url = arg[2],
  token = arg[3],
  http = require("replikit.luasocket").new({ timeout = 30 }),
  json = require("replikit.dkjson"),
})

local function hex(text)
  return (text:gsub(".", function(c)
    return ("%02x"):format(c:byte())
  end))
end

for line in io.lines() do
  local call = api.json.decode(line)
  local value, problem = client:call(call[1], call[2])
  if problem then
    print(api.json.encode({ error = { type = problem.type, message = tostring(problem) } }))
  elseif type(value) == "string" then
    print(api.json.encode({ hex = hex(value) }))
  else
    print(api.json.encode({ value = value }))
  end
  io.stdout:flush()
end
