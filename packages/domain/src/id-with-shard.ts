/** Identifiers: a prefix and Crockford base32. The shard is part of every id made for it. */

const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const SHARD_DIGITS = 2;
const TIME_DIGITS = 10;

/**
 * ID_RANDOM_BYTES is how many random bytes `createIdInShard` takes: 12 digits of 5 bits, so no two handoffs of one
 * millisecond meet.
 */
export const ID_RANDOM_BYTES = 12;
/** MAX_SHARDS is how many two digits can number. */
export const MAX_SHARDS = 32 ** SHARD_DIGITS;

/** IdPrefix: `ho` a handoff, `cn` a connector, `ca` a call. */
export type IdPrefix = "ho" | "cn" | "ca";

/**
 * createIdInShard makes `<prefix>_<shard><time><random>`: sortable by `now` (epoch milliseconds) within a shard.
 * `random` holds ID_RANDOM_BYTES bytes.
 */
export function createIdInShard(prefix: IdPrefix, shard: number, now: number, random: Uint8Array): string {
  let suffix = "";
  for (const byte of random) suffix += ALPHABET.charAt(byte % 32);
  return `${prefix}_${encodeNumberBase32(shard, SHARD_DIGITS)}${encodeNumberBase32(now, TIME_DIGITS)}${suffix}`;
}

/**
 * createMonotonicIdRandom gives the random part of ids: within a millisecond of `now` each is the one before plus one,
 * so that what was made later is sorted later. `randomBytes` gives as many as it is asked for.
 */
export function createMonotonicIdRandom(randomBytes: (count: number) => Uint8Array): (now: number) => Uint8Array {
  let last: { readonly at: number; readonly digits: Uint8Array } | undefined;
  return (at) => {
    last = { at, digits: last?.at === at ? plusOne(last.digits) : randomBytes(ID_RANDOM_BYTES) };
    return last.digits;
  };
}

/** plusOne counts in digits as createIdInShard writes them, the last one first. */
function plusOne(digits: Uint8Array): Uint8Array {
  const next = digits.map((byte) => byte % 32);
  for (let place = next.length - 1; place >= 0; place -= 1) {
    next[place] = ((next[place] ?? 0) + 1) % 32;
    if (next[place] !== 0) break;
  }
  return next;
}

/** shardOfId reads the shard from an id; undefined when the text is no id of that prefix. */
export function shardOfId(prefix: IdPrefix, id: string): number | undefined {
  const start = prefix.length + 1;
  if (!id.startsWith(prefix) || !DIGITS_BEHIND_PREFIX.test(id.slice(prefix.length))) return undefined;
  let shard = 0;
  for (let digit = start; digit < start + SHARD_DIGITS; digit++)
    shard = shard * 32 + ALPHABET.indexOf(id.charAt(digit));
  return shard;
}

/** DIGITS_BEHIND_PREFIX is an id behind its prefix. */
const DIGITS_BEHIND_PREFIX = new RegExp(`^_[${ALPHABET}]{${SHARD_DIGITS + TIME_DIGITS + ID_RANDOM_BYTES}}$`);

/** encodeBase32 writes bytes in Crockford's alphabet, most significant bit first. */
export function encodeBase32(bytes: Uint8Array): string {
  let text = "";
  let held = 0;
  let bits = 0;
  for (const byte of bytes) {
    held = (held << 8) | byte;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      text += ALPHABET.charAt((held >> bits) & 31);
    }
    held &= (1 << bits) - 1;
  }
  return bits === 0 ? text : text + ALPHABET.charAt((held << (5 - bits)) & 31);
}

function encodeNumberBase32(value: number, digits: number): string {
  let text = "";
  for (let rest = value; text.length < digits; rest = Math.floor(rest / 32)) text = ALPHABET.charAt(rest % 32) + text;
  return text;
}
