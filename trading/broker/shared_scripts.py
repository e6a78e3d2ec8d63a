"""What Redis runs for all processes at once, each script in one step, by Redis's own clock (milliseconds).

The pool holds calls that the database has granted and nobody has made yet; losing it loses them, and nothing else.
The breaker is a count; losing it means that calls are tried.
"""

_NOW = """
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
"""

_PAUSE = """
local function pause(failures, trips, first, longest)
  return math.min(first * 2 ^ math.min(math.max(failures - trips, 0), 10), longest)
end
"""

ENTER = (
    _NOW
    + _PAUSE
    + """
local pool, breaker = KEYS[1], KEYS[2]
local urgent, limited = ARGV[1] == '1', ARGV[2] == '1'
local trips, first, longest, probe_every = tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])

local kept = redis.call('HMGET', breaker, 'failures', 'probe_at')
local failures, probe_at = tonumber(kept[1]) or 0, tonumber(kept[2]) or 0
local broken = failures >= trips and not urgent
if broken and now < probe_at then return {'broken', failures, probe_at - now, now} end

local said = 'granted'
if limited then
  kept = redis.call('HMGET', pool, 'stopped_until', 'probed_at', 'ends', 'ordinary', 'urgent')
  local stopped, probed, ends = tonumber(kept[1]) or 0, tonumber(kept[2]) or 0, tonumber(kept[3]) or 0
  local ordinary, reserved = tonumber(kept[4]) or 0, tonumber(kept[5]) or 0
  if now < stopped then
    if not urgent or now - probed < probe_every then return {'stopped', failures, stopped - now, now} end
    redis.call('HSET', pool, 'probed_at', now)
  elseif now < ends and urgent and reserved > 0 then
    redis.call('HINCRBY', pool, 'urgent', -1)
  elseif now < ends and ordinary > 0 then
    redis.call('HINCRBY', pool, 'ordinary', -1)
  else
    said = 'empty'
  end
end
-- The others wait for this probe's answer, or for a whole pause should it never come.
if broken then redis.call('HSET', breaker, 'probe_at', now + pause(failures, trips, first, longest)) end
return {said, failures, 0, now}
"""
)
"""→ [granted | empty | stopped | broken, failures in a row, ms to wait, now]."""

ADD = (
    _NOW
    + """
local pool, kind, count, ends = KEYS[1], ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
if now >= ends then return 0 end
local before = tonumber(redis.call('HGET', pool, 'ends')) or 0
if now >= before then
  redis.call('HSET', pool, 'ordinary', 0, 'urgent', 0)
  before = ends
end
redis.call('HINCRBY', pool, kind, count)
redis.call('HSET', pool, 'ends', math.min(before, ends))
if redis.call('PTTL', pool) < ends - now then redis.call('PEXPIRE', pool, ends - now) end
return count
"""
)
"""Put granted calls into the pool until an instant of Redis's clock; too late it does nothing."""

STOP = (
    _NOW
    + """
local until_ = now + tonumber(ARGV[1])
local before = tonumber(redis.call('HGET', KEYS[1], 'stopped_until')) or 0
redis.call('HSET', KEYS[1], 'stopped_until', math.max(before, until_), 'ordinary', 0, 'urgent', 0)
redis.call('PEXPIRE', KEYS[1], math.max(before, until_) - now)
return 1
"""
)

DROP = """
if redis.call('EXISTS', KEYS[1]) == 1 then redis.call('HSET', KEYS[1], 'ordinary', 0, 'urgent', 0) end
return 1
"""

FAIL = (
    _NOW
    + _PAUSE
    + """
local breaker = KEYS[1]
local trips, first, longest = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local within, keep = tonumber(ARGV[4]), tonumber(ARGV[5])
local kept = redis.call('HMGET', breaker, 'failures', 'first_at')
local failures, first_at = tonumber(kept[1]) or 0, tonumber(kept[2]) or 0
if failures < trips and now - first_at > within then failures = 0 end
if failures == 0 then redis.call('HSET', breaker, 'first_at', now) end
failures = failures + 1
redis.call('HSET', breaker, 'failures', failures)
if failures >= trips then
  redis.call('HSETNX', breaker, 'opened_at', now)
  redis.call('HSET', breaker, 'probe_at', now + pause(failures, trips, first, longest))
end
redis.call('PEXPIRE', breaker, keep)
return failures
"""
)
