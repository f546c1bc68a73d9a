/** The key ring: AES-256 keys with names. The first seals; all open, so that keys can be changed while running. */
import { createSecretKey, hkdfSync, type KeyObject, randomBytes } from "node:crypto";

/** KEY_BYTES is what AES-256 takes. */
const KEY_BYTES = 32;
/** Key ids travel in front of everything sealed: short, printable, and free of the ring's own separators. */
const KEY_ID = /^[A-Za-z0-9_-]{1,32}$/;
const BASE64_OF_KEY = /^[A-Za-z0-9+/]{43}=$/;
const ENTRY_SHAPE = "expected id:base64-of-32-bytes[,older…]; `baton keygen` prints one";

/**
 * RingKey is one key of the ring. `fingerprint` is derived from the same secret, so that sealing and fingerprinting
 * never share a key.
 */
export interface RingKey {
  readonly id: string;
  readonly seal: KeyObject;
  readonly fingerprint: KeyObject;
}

/** Keyring holds the keys newest first. */
export interface Keyring {
  readonly newest: RingKey;
  readonly keys: readonly RingKey[];
}

/**
 * parseKeyring reads `id:base64-of-32-bytes[,older…]`, newest first; spaces around entries are ignored.
 *
 * Throws an Error that names the entry by its place in the ring and never repeats what it holds: a key may stand where
 * the id belongs.
 */
export function parseKeyring(text: string): Keyring {
  const keys = text.split(",").map((entry, index) => parseEntry(entry.trim(), `entry ${index + 1} of the key ring`));
  const repeated = keys.findIndex((key, index) => keys.findIndex((other) => other.id === key.id) < index);
  if (repeated >= 0)
    throw new Error(
      `entry ${repeated + 1} of the key ring repeats the id of an earlier one; every id must be used once`,
    );
  const [newest] = keys;
  if (newest === undefined) throw new Error(`the key ring is empty; ${ENTRY_SHAPE}`);
  return { newest, keys };
}

/** listKeyringKeyIds gives the ids of a ring's keys, the one that seals first: what others may know of it. */
export function listKeyringKeyIds(keyring: Keyring): readonly string[] {
  return keyring.keys.map(({ id }) => id);
}

/**
 * generateKeyringEntry makes a new key, as it stands in `BATON_KEYRING`. Its id is random too, so that it repeats none
 * of the ring's.
 */
export function generateKeyringEntry(): string {
  return `k${randomBytes(4).toString("hex")}:${randomBytes(KEY_BYTES).toString("base64")}`;
}

function parseEntry(entry: string, place: string): RingKey {
  const colon = entry.indexOf(":");
  if (colon < 0) throw new Error(`${place} has no colon; ${ENTRY_SHAPE}`);
  const id = entry.slice(0, colon);
  if (!KEY_ID.test(id))
    throw new Error(`the id of ${place} is not 1 to 32 letters, digits, "_" or "-"; ${ENTRY_SHAPE}`);
  const secret = entry.slice(colon + 1);
  if (!BASE64_OF_KEY.test(secret))
    throw new Error(`the key of ${place} is not 32 bytes in base64 (44 characters); ${ENTRY_SHAPE}`);
  const key = Buffer.from(secret, "base64");
  const derived = hkdfSync("sha256", key, "", `baton fingerprint ${id}`, KEY_BYTES);
  return { id, seal: createSecretKey(key), fingerprint: createSecretKey(Buffer.from(derived)) };
}
