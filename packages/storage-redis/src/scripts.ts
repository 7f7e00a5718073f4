import { createHash } from 'node:crypto';
import { FORMAT, LEASE_END_LENGTH, MAX_LEASE_LENGTH } from './values/value-format.ts';

/** A Lua script; Redis runs it as one step and knows it by its hash. */
export interface Script {
  readonly source: string;
  readonly sha1: string;
  /** Whether it can change something. */
  readonly isWrite: boolean;
}

/** What every script knows of `value-format.ts`. A key that holds no string is a foreign one and counts as absent. */
const PRELUDE = `
local function string_or_false(reply)
  if type(reply) == 'table' and reply.err and not string.find(reply.err, 'WRONGTYPE', 1, true) then
    error(reply.err, 0)
  end
  return type(reply) == 'string' and reply
end
local function first_byte(key)
  local head = string_or_false(redis.pcall('GETRANGE', key, 0, 0))
  return head and string.byte(head) or nil
end
local function is_entry(byte)
  return byte == ${FORMAT.json} or byte == ${FORMAT.deflated} or byte == ${FORMAT.leasedEntry}
end
local function read(key)
  return string_or_false(redis.pcall('GET', key))
end
local function now_ms()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end
local function lease_of(held)
  local byte = string.byte(held)
  local token = string.sub(held, 3, 2 + (string.byte(held, 2) or 0))
  if byte == ${FORMAT.lease} then
    return token
  elseif byte == ${FORMAT.leasedEntry} then
    local ends_at = tonumber(string.sub(held, 3 + #token, ${2 + LEASE_END_LENGTH} + #token))
    if ends_at and ends_at > now_ms() then
      return token
    end
  end
  return nil
end
local function entry_of(held)
  local byte = string.byte(held)
  if byte == ${FORMAT.leasedEntry} then
    return string.sub(held, ${3 + LEASE_END_LENGTH} + (string.byte(held, 2) or 0))
  end
  return is_entry(byte) and held or false
end
`;

function createScript(body: string, isWrite = true): Script {
  const source = PRELUDE + body;
  return { source, sha1: createHash('sha1').update(source).digest('hex'), isWrite };
}

/**
 * Keys: the counter. Arguments: what to add, time to live of a new counter in milliseconds. Returns the sum in decimal digits
 * (the client rounds the largest integers of a reply), or 0 when the entry is no integer or the sum would be no safe one.
 *
 * Numbers of Lua are doubles, so they are exact as far as safe integers go. What is no entry of ours counts as absent.
 */
export const increment = createScript(`
local held = read(KEYS[1])
local entry = held and entry_of(held)
local by = tonumber(ARGV[1])
local value
if entry and string.byte(entry) == ${FORMAT.json} then
  local json = string.sub(entry, 2)
  if string.find(json, '^-?%d+$') then
    value = tonumber(json)
  elseif pcall(cjson.decode, json) then
    return 0
  end
elseif entry then
  return 0
end
local sum = (value or 0) + by
if sum > ${Number.MAX_SAFE_INTEGER} or sum < ${Number.MIN_SAFE_INTEGER} or (value and math.abs(value) > ${Number.MAX_SAFE_INTEGER}) then
  return 0
end
local json = string.format('%.0f', sum)
if value then
  redis.call('SET', KEYS[1], '\\${FORMAT.json}' .. json, 'KEEPTTL')
else
  redis.call('SET', KEYS[1], '\\${FORMAT.json}' .. json, 'PX', ARGV[2])
end
return json
`);

/** Keys: any number, on one slot. Returns how many of them were entries. */
export const remove = createScript(`
local removed = 0
for _, key in ipairs(KEYS) do
  if is_entry(first_byte(key)) then
    removed = removed + 1
  end
  redis.call('UNLINK', key)
end
return removed
`);

/** Keys: the entry. Returns what is held and the time that is left, in milliseconds (below 0: for ever). */
export const readWithTtl = createScript(
  `
local held = read(KEYS[1])
return held and { held, redis.call('PTTL', KEYS[1]) } or false
`,
  false,
);

/** Keys: the entry. Arguments: the token, how long the lease holds in milliseconds. Returns 1 when it is held now, and the entry. */
export const lease = createScript(`
local held = read(KEYS[1])
local entry = held and entry_of(held)
local holder = held and lease_of(held)
if holder and holder ~= ARGV[1] then
  return { 0, entry }
end
local token = string.char(#ARGV[1]) .. ARGV[1]
if entry then
  local ends_at = string.format('%0${LEASE_END_LENGTH}.0f', now_ms() + ARGV[2])
  redis.call('SET', KEYS[1], '\\${FORMAT.leasedEntry}' .. token .. ends_at .. entry, 'KEEPTTL')
else
  redis.call('SET', KEYS[1], '\\${FORMAT.lease}' .. token, 'PX', ARGV[2])
end
return { 1, entry }
`);

/** Keys: the entry. Arguments: the token, the entry to write, its time to live in milliseconds. Returns 1 when the lease held. */
export const setIfLeased = createScript(`
local held = string_or_false(redis.pcall('GETRANGE', KEYS[1], 0, ${MAX_LEASE_LENGTH - 1}))
if not held or lease_of(held) ~= ARGV[1] then
  return 0
end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
return 1
`);

/** Keys: the entry. Arguments: the token. Leaves the entry, if there is one. */
export const release = createScript(`
local held = read(KEYS[1])
if held and lease_of(held) == ARGV[1] then
  local entry = entry_of(held)
  if entry then
    redis.call('SET', KEYS[1], entry, 'KEEPTTL')
  else
    redis.call('UNLINK', KEYS[1])
  end
end
return 0
`);
