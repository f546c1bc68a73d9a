/** Secret tokens: found by their id, stored as a hash, compared in constant time, shown once. */
import { hash, randomBytes, timingSafeEqual } from "node:crypto";
import { encodeBase32 } from "@baton/domain";

/**
 * TOKEN_PREFIXES say what a token is for: `bt` a connector, `bk` the screen pop, `ba` the admin API, `bs` a session of
 * the console, `bc` the code of a sign-in link.
 */
const TOKEN_PREFIXES = ["bt", "bk", "ba", "bs", "bc"] as const;
export type TokenPrefix = (typeof TOKEN_PREFIXES)[number];

/** Token is a new secret. Only `id` and `hash` may be stored; `token` is shown once. */
export interface Token {
  readonly id: string;
  readonly token: string;
  readonly hash: string;
}

/** ID_BYTES: 80 bits, 16 digits, so that ids never meet. */
const ID_BYTES = 10;
/** SECRET_BYTES: 256 bits, 52 digits; a plain hash is enough for a secret that cannot be guessed. */
const SECRET_BYTES = 32;
/** CODE_BYTES of a sign-in link's code: 128 bits, 26 digits, for what lasts minutes and stands in a terminal's line. */
const CODE_BYTES = 16;
const TOKEN = /^(b[tkasc])_([0-9A-HJKMNP-TV-Z]{16})_(?:[0-9A-HJKMNP-TV-Z]{26}){1,2}$/;

/** createToken makes `<prefix>_<16 digits of id>_<52 digits of secret, or a code's 26>`, in Crockford's base32. */
export function createToken(prefix: TokenPrefix): Token {
  const id = encodeBase32(randomBytes(ID_BYTES));
  const token = `${prefix}_${id}_${encodeBase32(randomBytes(prefix === "bc" ? CODE_BYTES : SECRET_BYTES))}`;
  return { id, token, hash: hashToken(token) };
}

/** parseToken reads prefix and id, by which the hash is found; undefined when the text cannot be a token. */
export function parseToken(text: string): { readonly prefix: TokenPrefix; readonly id: string } | undefined {
  const [, prefix, id] = TOKEN.exec(text) ?? [];
  return isPrefix(prefix) && id !== undefined ? { prefix, id } : undefined;
}

/** hashToken gives what is stored of a token: SHA-256 of the whole text, in hex. */
export function hashToken(token: string): string {
  return hash("sha256", token, "hex");
}

/**
 * matchesHash says whether `token` is the one that the hash `expected` was made of, in a time that does not depend on
 * where they differ.
 */
export function matchesHash(token: string, expected: string): boolean {
  const presented = Buffer.from(hashToken(token), "latin1");
  const stored = Buffer.from(expected, "latin1");
  return presented.length === stored.length && timingSafeEqual(presented, stored);
}

function isPrefix(text: string | undefined): text is TokenPrefix {
  return TOKEN_PREFIXES.some((prefix) => prefix === text);
}
