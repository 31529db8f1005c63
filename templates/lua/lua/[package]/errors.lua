--- What goes wrong: tables that read as text. `type` is arguments, unknown_function, configuration, connection, api,
-- response or timeout; `message` says what, `status` is HTTP's.
local M = {}

local failure = {}

function failure.__tostring(problem)
  return problem.status and problem.message .. " (HTTP " .. problem.status .. ")" or problem.message
end

--- An error of these fields; of anything else that was raised, an internal one.
function M.new(problem)
  if type(problem) ~= "table" then
    problem = { type = "internal", message = tostring(problem) }
  end
  problem.type = problem.type or "arguments"
  problem.retryable = problem.retryable or false
  return setmetatable(problem, failure)
end

--- What a transport gives as the reason where an answer is larger than `max_body` of the request.
M.TOO_LARGE = "the answer is too large"

--- The error of an answer that is larger than it may be.
function M.too_large(most)
  local message = "the answer has more than " .. most .. " bytes; new{max_body = …} allows more"
  return M.new({ type = "response", message = message })
end

--- The error that an answer stands for. `body`: what its JSON holds, or nil.
function M.of_response(request, response, headers, body)
  body = type(body) == "table" and body or {}
  local function text(key)
    return type(body[key]) == "string" and body[key] or nil
  end
  local status = response.status
  return M.new({
    type = "api",
    status = status,
    message = text("detail") or text("title") or text("message") or ("HTTP " .. status),
    title = text("title"),
    retryable = status == 429 or (status >= 500 and request.method == "GET"),
    retry_after = tonumber(headers["retry-after"]) or tonumber(body.retry_after),
    request_id = headers["x-request-id"],
    method = request.method,
    url = request.url:match("^[^?]*"),
    body = response.body,
  })
end

return M
