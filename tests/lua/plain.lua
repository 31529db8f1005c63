-- The plain module as a program uses it: `lua plain.lua FOLDER BASE_URL TOKEN TRANSPORT`, with dkjson.
-- Each line in is a call, ["function", {arguments}]; each line out is its result or its error. Texts come as hex.
local here = arg[0]:match("^(.*/)") or "./"
package.path = arg[1] .. "/?.lua;" .. here .. "?.lua;" .. package.path
if arg[4] == "openresty" then
  ngx = require("ngx") -- luacheck: ignore 111
end
local api = require("replikit")
local transport = require("replikit." .. arg[4])
local client = api.new({
  base_url = arg[2],
  token = arg[3],
  http = transport.new({ timeout = 30 }),
  json = require("replikit.dkjson"),
  sleep = transport.sleep,
  clock = transport.clock,
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
    print(api.json.encode({ error = { type = problem.type, status = problem.status, message = tostring(problem) } }))
  elseif type(value) == "string" then
    print(api.json.encode({ hex = hex(value) }))
  else
    print(api.json.encode({ value = value }))
  end
  io.stdout:flush()
end
