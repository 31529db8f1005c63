--- Which credentials a call needs, and what is sent of them.
local prefix = (...):gsub("credentials$", "")
local errors = require(prefix .. "errors")

local M = {}

local ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

-- RFC 4648, 4; without operators on bits, which Lua 5.1 does not have.
local function base64(text)
  local out = {}
  for start = 1, #text, 3 do
    local first, second, third = text:byte(start, start + 2)
    local number = first * 65536 + (second or 0) * 256 + (third or 0)
    for place = 1, 4 do
      local digit = math.floor(number / 64 ^ (4 - place)) % 64
      out[#out + 1] = ALPHABET:sub(digit + 1, digit + 1)
    end
    if not second then
      out[#out - 1], out[#out] = "=", "="
    elseif not third then
      out[#out] = "="
    end
  end
  return table.concat(out)
end

-- What is sent of one scheme. RFC 7617, 2: a key that stands alone is a user without a password.
local function written(scheme, secret)
  if scheme.kind == "basic" then
    local pair = type(secret) == "table" and secret.username .. ":" .. (secret.password or "") or secret
    secret = base64(pair:find(":", 1, true) and pair or pair .. ":")
  end
  return scheme.prefix and scheme.prefix .. " " .. secret or secret
end

-- The user and the password of HTTP Digest, whose challenge is answered with both.
local function pair_of(secret)
  if type(secret) == "table" then
    return { username = secret.username, password = secret.password or "" }
  end
  local user, password = secret:match("^([^:]*):?(.*)$")
  return { username = user, password = password }
end

local PAIRS = { basic = true, digest = true }

local function check(scheme, secret)
  local fine = type(secret) == "string"
  if PAIRS[scheme.kind] and type(secret) == "table" then
    fine = type(secret.username) == "string" and not secret.username:find(":", 1, true)
    fine = fine and (secret.password == nil or type(secret.password) == "string")
    fine = fine and not (scheme.kind == "digest" and secret.username:find("%c"))
  elseif fine and scheme.location ~= "query" and scheme.kind ~= "basic" then
    fine = not secret:find("%c") and not (scheme.location == "cookie" and secret:find(";", 1, true))
  end
  if not fine then
    error("new{credentials = {" .. scheme.argument .. " = …}} cannot be what it was given", 4)
  end
end

--- The credentials that a client is given, by the scheme's key.
function M.given(schemes, token, listed)
  local secrets, names = {}, {}
  for key, scheme in pairs(schemes or {}) do
    names[scheme.argument] = key
    if scheme.own and token then
      check(scheme, token)
      secrets[key] = scheme.kind == "digest" and pair_of(token) or token
    end
  end
  for name, secret in pairs(listed or {}) do
    local key = names[name]
    if not key then
      error("new{credentials = {" .. tostring(name) .. " = …}}: the API has no such scheme", 3)
    end
    check(schemes[key], secret)
    secrets[key] = schemes[key].kind == "digest" and pair_of(secret) or secret
  end
  return secrets
end

--- What is sent: a list of {location, name, value}, empty where nothing is needed; of HTTP Digest, {digest = what its
-- challenge is answered with}. Or nil and an error.
function M.choose(schemes, security, secrets)
  local anonymous, missing = not security or #security == 0, {}
  for _, requirement in ipairs(security or {}) do
    local sent, lacking = {}, {}
    for _, key in ipairs(requirement) do
      local scheme = schemes[key]
      -- A certificate is the transport's to show.
      if scheme.kind == "mutualTLS" then
        sent[#sent + 1] = {}
      elseif secrets[key] and scheme.kind == "digest" then
        sent[#sent + 1] = { digest = secrets[key] }
      elseif secrets[key] then
        sent[#sent + 1] = { location = scheme.location, name = scheme.name, value = written(scheme, secrets[key]) }
      else
        local named = "new{credentials = {" .. scheme.argument .. " = …}}"
        lacking[#lacking + 1] = scheme.own and "new{token = …}" or named
      end
    end
    if #requirement == 0 then
      anonymous = true
    elseif #lacking == 0 then
      return sent
    else
      missing[#missing + 1] = table.concat(lacking, " and ")
    end
  end
  if anonymous then
    return {}
  end
  local message = "no token: give " .. table.concat(missing, ", or ")
  return nil, errors.new({ type = "configuration", message = message })
end

return M
