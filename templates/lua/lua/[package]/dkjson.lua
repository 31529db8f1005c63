--- Reads answers with dkjson: new{json = require("….dkjson")}.
local dkjson = require("dkjson")
local json = require((...):gsub("dkjson$", "json"))

return json.exact(function(text)
  local value, after, problem = dkjson.decode(text, 1, json.null)
  if problem or text:find("[^ \t\r\n]", after) then
    error(problem or "something follows the value", 0)
  end
  return value
end, json.null)
