-- Return the counts before a lead and add it, as `features.velocity_counter.Counter.observe` does.
-- KEYS: the lead's keys, then its mail domain (or ""), then its token (or "").
-- ARGV: person, time, owner, seconds that domains and tokens are remembered, number of keys, largest
--       count, then for each key: number
--       of windows and their seconds. Returns the counts in order, then the domain's first time, then 1 if replayed.
local person, at, owner = ARGV[1], tonumber(ARGV[2]), ARGV[3]
local keys, result, position = tonumber(ARGV[6]), {}, 8
for number = 1, keys do
  local windows, longest = tonumber(ARGV[position]), 0
  local key = KEYS[number]
  local last = redis.call('ZSCORE', key, person)
  for window = 1, windows do
    local seconds = tonumber(ARGV[position + window])
    local since = at - seconds
    local others = redis.call('ZCOUNT', key, '(' .. string.format('%.6f', since), '+inf')
    if last and tonumber(last) > since then others = others - 1 end
    result[#result + 1] = math.min(others, tonumber(ARGV[7]))
    longest = math.max(longest, seconds)
  end
  redis.call('ZADD', key, 'GT', ARGV[2], person)
  redis.call('ZREMRANGEBYSCORE', key, '-inf', string.format('%.6f', at - longest))
  redis.call('EXPIRE', key, math.ceil(longest) + 60)
  position = position + windows + 1
end
local domain, token = KEYS[keys + 1], KEYS[keys + 2]
local first = ''
if domain ~= '' then
  first = redis.call('GET', domain)
  if not first or at - tonumber(first) > tonumber(ARGV[4]) then
    first = ARGV[2]
    redis.call('SET', domain, first, 'EX', math.ceil(tonumber(ARGV[4])) + 60)
  end
end
result[#result + 1] = first
local replayed = 0
if token ~= '' then
  if not redis.call('SET', token, owner, 'NX', 'EX', math.ceil(tonumber(ARGV[5]))) then
    if redis.call('GET', token) ~= owner then replayed = 1 end
  end
end
result[#result + 1] = replayed
return result
