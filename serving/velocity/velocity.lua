-- Return the counts before a lead and add it, as `features.velocity_kernel.observe` does; nil before the store's
-- events are here. Times are microseconds, which a double holds exactly.
-- KEYS: the mark of a filled cache, the lead's mail domain (or ""), its token (or ""), then its keys.
-- ARGV: person, time, whether to add the lead, seconds and microseconds that events are kept, start of the first
--       day of the domain's age, the lead's day, seconds that tokens are kept, largest count, events looked at, then
--       for each key the number of windows and their microseconds.
-- Returns the counts in order, then the domain's earliest time, then 1 if the token was replayed.
if redis.call('EXISTS', KEYS[1]) == 0 then return false end
local person, at, add = ARGV[1], tonumber(ARGV[2]), ARGV[3] == '1'
local kept_seconds, kept = ARGV[4], tonumber(ARGV[5])
local max_count, max_scanned = tonumber(ARGV[9]), tonumber(ARGV[10])
local PART = 256

local function text(number) return string.format('%.0f', number) end

local function trim(key, seconds, micros)
  local newest = tonumber(redis.call('ZREVRANGE', key, 0, 0, 'WITHSCORES')[2])
  redis.call('ZREMRANGEBYSCORE', key, '-inf', text(newest - micros))
  redis.call('EXPIRE', key, seconds)
end

local function count(key, windows, result)
  local seen, others, scanned, window = {}, 0, 0, 1
  local oldest = '(' .. text(at - windows[#windows])
  local more = true
  while more do
    local rows = redis.call('ZREVRANGEBYSCORE', key, '(' .. ARGV[2], oldest, 'WITHSCORES', 'LIMIT', scanned, PART)
    more = #rows == 2 * PART
    for row = 1, #rows, 2 do
      local happened = tonumber(rows[row + 1])
      while happened <= at - windows[window] do
        result[#result + 1] = others
        window = window + 1
      end
      if others >= max_count or scanned >= max_scanned then
        more = false
        break
      end
      scanned = scanned + 1
      local other = string.match(rows[row], '^[^:]+')
      if other ~= person and not seen[other] then
        seen[other] = true
        others = others + 1
      end
    end
  end
  for _ = window, #windows do result[#result + 1] = others end
end

local result, position = {}, 11
for number = 4, #KEYS do
  local key, windows = KEYS[number], {}
  for window = 1, tonumber(ARGV[position]) do windows[window] = tonumber(ARGV[position + window]) end
  position = position + #windows + 1
  count(key, windows, result)
  if add then
    redis.call('ZADD', key, ARGV[2], person .. ':' .. ARGV[2])
    trim(key, kept_seconds, kept)
  end
end

local domain, token = KEYS[2], KEYS[3]
local first = ''
if domain ~= '' then
  first = redis.call('ZRANGEBYSCORE', domain, ARGV[6], ARGV[2], 'WITHSCORES', 'LIMIT', 0, 1)[2] or ARGV[2]
  if add then
    redis.call('ZADD', domain, 'LT', ARGV[2], ARGV[7])
    redis.call('EXPIRE', domain, 3 * kept_seconds)
  end
end
result[#result + 1] = first

local replayed = 0
if token ~= '' and not redis.call('SET', token, person, 'NX', 'EX', ARGV[8]) then
  if redis.call('GET', token) ~= person then replayed = 1 end
end
result[#result + 1] = replayed
return result
