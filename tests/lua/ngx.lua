-- A stand-in for what the OpenResty transport uses of nginx, on luasocket: connections with a pool, sleep and now. It shows
-- that the transport speaks HTTP; that nginx's own cosockets do what their documentation says is not tested here.
local socket = require("socket")

local pools = {}
local counts = { connected = 0, reused = 0 }

local function tcp()
  local self = { sock = assert(socket.tcp()) }

  function self:settimeout(milliseconds)
    self.sock:settimeout(milliseconds / 1000)
  end

  function self:connect(host, port, options)
    self.pool = options.pool
    local waiting = table.remove(pools[self.pool] or {})
    if waiting then
      counts.reused = counts.reused + 1
      self.sock:close()
      self.sock = waiting
      return 1
    end
    counts.connected = counts.connected + 1
    return self.sock:connect(host, port)
  end

  function self:send(data)
    return self.sock:send(type(data) == "table" and table.concat(data) or data)
  end

  function self:receive(pattern)
    return self.sock:receive(pattern)
  end

  function self:setkeepalive()
    pools[self.pool] = pools[self.pool] or {}
    table.insert(pools[self.pool], self.sock)
    return 1
  end

  function self:close()
    return self.sock:close()
  end

  return self
end

return {
  socket = { tcp = tcp },
  sleep = socket.sleep,
  now = socket.gettime,
  update_time = function() end,
  counts = counts,
}
