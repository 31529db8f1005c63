-- The plain module as a program uses it: `lua plain.lua FOLDER BASE_URL TOKEN [PACKAGE]`, or loaded so inside nginx;
-- with dkjson.
-- Each line in is a call, ["function", {arguments}]; each line out is its result or its error. Texts come as hex.
local folder, base_url, token, package_name = ...
package_name = package_name or "replikit"
package.path = folder .. "/?.lua;" .. package.path
local lines = io.lines
local function say(text)
  print(text)
  io.stdout:flush()
end
if ngx then
  say = ngx.say
  lines = function()
    ngx.req.read_body()
    return ngx.req.get_body_data():gmatch("[^\n]+")
  end
end
local api = require(package_name)
local transport = require(package_name .. (ngx and ".openresty" or ".luasocket"))
local client = api.new({
  base_url = base_url,
  token = token,
  http = transport.new({ timeout = 30 }),
  json = require(package_name .. ".dkjson"),
  sleep = transport.sleep,
  clock = transport.clock,
})

local function hex(text)
  return (text:gsub(".", function(c)
    return ("%02x"):format(c:byte())
  end))
end

for line in lines() do
  local call = api.json.decode(line)
  local value, problem = client:call(call[1], call[2])
  if problem then
    say(api.json.encode({ error = { type = problem.type, status = problem.status, message = tostring(problem) } }))
  elseif type(value) == "string" then
    say(api.json.encode({ hex = hex(value) }))
  else
    say(api.json.encode({ value = value }))
  end
end
