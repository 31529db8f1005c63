-- Made by surfacegen from the API's description. Do not edit.
rockspec_format = "3.0"
package = "replikit"
version = "0.1.0-1"
source = {
  url = "https://replicate.com",
}
description = {
  summary = "Run, train and deploy machine-learning models on Replicate.",
  homepage = "https://replicate.com",
  license = "MIT",
}
dependencies = {
  "lua >= 5.1",
}
build = {
  type = "builtin",
  modules = {
    ["replikit"] = "replikit.lua",
    ["replikit.answers"] = "replikit/answers.lua",
    ["replikit.cjson"] = "replikit/cjson.lua",
    ["replikit.client"] = "replikit/client.lua",
    ["replikit.credentials"] = "replikit/credentials.lua",
    ["replikit.dkjson"] = "replikit/dkjson.lua",
    ["replikit.errors"] = "replikit/errors.lua",
    ["replikit.following"] = "replikit/following.lua",
    ["replikit.json"] = "replikit/json.lua",
    ["replikit.luasocket"] = "replikit/luasocket.lua",
    ["replikit.multipart"] = "replikit/multipart.lua",
    ["replikit.openresty"] = "replikit/openresty.lua",
    ["replikit.operations"] = "replikit/operations.lua",
    ["replikit.pages"] = "replikit/pages.lua",
    ["replikit.request"] = "replikit/request.lua",
    ["replikit.sequences"] = "replikit/sequences.lua",
    ["replikit.servers"] = "replikit/servers.lua",
    ["replikit.spelling"] = "replikit/spelling.lua",
    ["replikit.streams"] = "replikit/streams.lua",
  },
}
