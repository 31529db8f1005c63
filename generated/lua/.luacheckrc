-- What all of Lua 5.1 to 5.4 and LuaJIT have, and what a file asks for before it uses it.
std = "min"
max_line_length = 120
files["**/json.lua"] = { read_globals = { math = { fields = { "type" } } } }
files["**/openresty.lua"] = { read_globals = { "ngx" } }
-- Data, and annotations: their lines are as long as what they hold.
files["**/operations.lua"] = { max_line_length = false }
files["**/library/*.lua"] = { max_line_length = false, ignore = { "212", "241" } }
