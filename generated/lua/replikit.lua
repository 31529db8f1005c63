-- Made by surfacegen from the API's description. Do not edit.
--- Run, train and deploy machine-learning models on Replicate.
local name = (...)
local json = require(name .. ".json")
local client = require(name .. ".client")
local operations = require(name .. ".operations")

return {
  _VERSION = "0.1.0",
  null = json.null,
  array = json.array,
  object = json.object,
  json = json,
  functions = operations.names,
  --- A client: new{token = …, http = …, json = …, base_url = …, timeout = …}.
  new = function(options)
    return client.new(operations, options)
  end,
}
