-- wrk script: POSTs BODY to /v1/generate, each time with an idempotency key of its own.
-- usage: wrk ... -- TOKENS BODY ANSWERED ROUND
-- TOKENS holds a token a line; they serve in turn, so that no two jobs of one user are made at the same time: each would wait
-- for the other's commit, because the user's row pays for both.
-- The ids of the jobs that were answered with 201 go to ANSWERED.<thread>. The last line is that of jobs.lua.

local threads = 0
local tokens, body, answered, round
local sent = 0

function setup(thread)
    thread:set("id", threads)
    threads = threads + 1
    thread:set("stride", 2) -- load.py runs wrk with two threads
end

function init(args)
    local number = 0
    tokens = {}
    for line in io.lines(args[1]) do
        if number % stride == id then tokens[#tokens + 1] = line end
        number = number + 1
    end
    body = io.open(args[2]):read("*a")
    answered = io.open(args[3] .. "." .. id, "w")
    round = args[4]
end

function request()
    local token = tokens[sent % #tokens + 1]
    sent = sent + 1
    return "POST /v1/generate HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer " .. token
        .. "\r\nContent-Type: application/json\r\nIdempotency-Key: " .. round .. "-" .. id .. "-" .. sent
        .. "\r\nContent-Length: " .. #body .. "\r\n\r\n" .. body
end

function response(status, _, text)
    if status == 201 then
        answered:write(text:match('"id":"([^"]*)"') or "an answer without id", "\n")
    end
end

function done(summary, latency)
    local e = summary.errors
    print(string.format("measured %d %d %d %d %d", summary.requests, summary.duration, latency:percentile(50),
                        latency:percentile(99), e.connect + e.read + e.write + e.status + e.timeout))
end
