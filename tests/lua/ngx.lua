-- A stand-in for what the OpenResty transport uses of nginx, on luasocket: connections with a pool, sleep and now. It
-- shows that the transport speaks HTTP; nginx's own cosockets are not tested here.
local socket = require("socket")

local pools = {}
local counts = { connected = 0, reused = 0 }

local function tcp()
  local made = { sock = assert(socket.tcp()) }

  function made:settimeout(milliseconds)
    self.sock:settimeout(milliseconds / 1000)
  end

  function made:connect(host, port, options)
    self.pool = options.pool
    local waiting = table.remove(pools[self.pool] or {})
    if waiting then
      counts.reused = counts.reused + 1
      self.sock:close()
      self.sock, self.reused = waiting, 1
      return 1
    end
    counts.connected = counts.connected + 1
    return self.sock:connect(host, port)
  end

  function made:send(data)
    return self.sock:send(type(data) == "table" and table.concat(data) or data)
  end

  function made:receive(pattern)
    return self.sock:receive(pattern)
  end

  function made:getreusedtimes()
    return self.reused or 0
  end

  function made:setkeepalive()
    pools[self.pool] = pools[self.pool] or {}
    table.insert(pools[self.pool], self.sock)
    return 1
  end

  function made:close()
    return self.sock:close()
  end

  return made
end

return {
  socket = { tcp = tcp },
  sleep = socket.sleep,
  now = socket.gettime,
  update_time = function() end,
  counts = counts,
}
