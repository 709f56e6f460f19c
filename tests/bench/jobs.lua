-- wrk script: GETs PATH again and again. usage: wrk ... -- PATH [TOKEN [JOBS]]
-- With JOBS, 12 digits are appended that name one of so many jobs at random (see stage.py).
-- The last line of the output is for load.py: requests, microseconds, p50, p99 in microseconds, failures.

local FIRST = 100000000000
local jobs, before, after
local threads = 0

function setup(thread)
    threads = threads + 1
    thread:set("seed", threads)
end

function init(args)
    local authorization = args[2] and "Authorization: Bearer " .. args[2] .. "\r\n" or ""
    jobs = tonumber(args[3])
    before = "GET " .. args[1]
    after = " HTTP/1.1\r\nHost: localhost\r\n" .. authorization .. "\r\n"
    math.randomseed(seed)
end

function request()
    return before .. (jobs and FIRST + math.random(0, jobs - 1) or "") .. after
end

function done(summary, latency)
    local e = summary.errors
    print(string.format("measured %d %d %d %d %d", summary.requests, summary.duration, latency:percentile(50),
                        latency:percentile(99), e.connect + e.read + e.write + e.status + e.timeout))
end
