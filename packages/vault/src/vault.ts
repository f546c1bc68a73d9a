/** The vault: seals what may not rest in Redis as it is, and opens it again only in its own place. */
import { createCipheriv, createDecipheriv, createHmac, randomBytes } from "node:crypto";
import type { Keyring, RingKey } from "./keyring.ts";

/**
 * What is sealed, byte by byte:
 *
 *     version (1) · length of key id (1) · key id (1–32) · nonce (12) · tag (16) · ciphertext (as long as the text)
 */
const VERSION = 1;
const CIPHER = "aes-256-gcm";
const PREFIX_BYTES = 2;
/** KEY_ID_WITHIN: the first so many bytes of what is sealed name its key. */
export const KEY_ID_WITHIN = PREFIX_BYTES + 32;
/** 96 bits, GCM's own size. Random nonces are safe for 2^32 seals under one key (NIST SP 800-38D §8.3). */
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** SealBinding is the place that something is sealed for; it opens nowhere else. */
export interface SealBinding {
  readonly connectorId: string;
  readonly record: string;
  readonly field: string;
}

/**
 * SEALED_KINDS is everything that rests sealed: a connector's credentials and CXone access, a handoff's parameters and
 * context.
 */
export const SEALED_KINDS = ["credentials", "access", "params", "context"] as const;
export type SealedKind = (typeof SEALED_KINDS)[number];

/** createSealBinding is the place of a sealed value; `record` is the id of the handoff, or of the connector itself. */
export function createSealBinding(kind: SealedKind, connectorId: string, record: string = connectorId): SealBinding {
  return { connectorId, record, field: kind };
}

/** Vault seals under the newest key and opens under any of the ring. */
export interface Vault {
  /** About 6 µs for a few hundred bytes. */
  seal(plain: string | Buffer, binding: SealBinding): Buffer;
  /**
   * Throws SealBroken when the bytes were changed or belong elsewhere, UnknownKey when their key is not in the ring.
   */
  open(sealed: Buffer, binding: SealBinding): Buffer;
  /** Opens, and seals anew under the newest key. Throws as `open` does. */
  reseal(sealed: Buffer, binding: SealBinding): Buffer;
  /**
   * `<keyId>.<base64url of HMAC-SHA256>` under every key of the ring, newest first: equal texts share one as long as
   * they share a key.
   */
  fingerprints(text: string): readonly string[];
}

/** SealBroken: these bytes were not sealed here, not for this place, or were changed since. */
export class SealBroken extends Error {
  override readonly name = "SealBroken";
}

/** UnknownKey: sealed under a key that the ring no longer, or not yet, holds. */
export class UnknownKey extends Error {
  override readonly name = "UnknownKey";
  readonly keyId: string;

  constructor(keyId: string) {
    super(`sealed under key ${keyId}, which is not in the key ring; add it behind the newest`);
    this.keyId = keyId;
  }
}

/** createVault makes a vault over a key ring. */
export function createVault(keyring: Keyring): Vault {
  const newest = withHeader(keyring.newest);
  const keys = new Map(keyring.keys.map((key) => [key.id, withHeader(key)]));
  const openAny = (sealed: Buffer, binding: SealBinding) => {
    const keyId = readSealedKeyId(sealed);
    const key = keys.get(keyId);
    if (key === undefined) throw new UnknownKey(keyId);
    return open(key, sealed, binding);
  };
  return {
    seal: (plain, binding) => seal(newest, plain, binding),
    open: openAny,
    reseal: (sealed, binding) => seal(newest, openAny(sealed, binding), binding),
    fingerprints: (text) => keyring.keys.map((key) => fingerprint(key, text)),
  };
}

/** sealJson seals a value as JSON, in base64url, as it rests in Redis. */
export function sealJson(vault: Pick<Vault, "seal">, value: unknown, binding: SealBinding): string {
  return vault.seal(JSON.stringify(value), binding).toString("base64url");
}

/** openJson opens what `sealJson` sealed. Throws as `open` does. */
export function openJson<T>(vault: Pick<Vault, "open">, sealed: string, binding: SealBinding): T {
  return JSON.parse(vault.open(Buffer.from(sealed, "base64url"), binding).toString("utf8")) as T;
}

function seal({ key, header }: SealingKey, plain: string | Buffer, binding: SealBinding): Buffer {
  const nonce = pooledRandomBytes(NONCE_BYTES);
  const cipher = createCipheriv(CIPHER, key.seal, nonce).setAAD(associatedData(header, binding));
  const ciphertext = typeof plain === "string" ? cipher.update(plain, "utf8") : cipher.update(plain);
  // In GCM the end brings no bytes: it makes the tag, or checks it.
  cipher.final();
  return Buffer.concat([Buffer.from(header), nonce, cipher.getAuthTag(), ciphertext]);
}

function open({ key, header }: SealingKey, sealed: Buffer, binding: SealBinding): Buffer {
  const tagAt = header.length + NONCE_BYTES;
  const bodyAt = tagAt + TAG_BYTES;
  if (sealed.length < bodyAt) throw new SealBroken("the sealed bytes end too early");
  const decipher = createDecipheriv(CIPHER, key.seal, sealed.subarray(header.length, tagAt), {
    authTagLength: TAG_BYTES,
  })
    .setAAD(associatedData(header, binding))
    .setAuthTag(sealed.subarray(tagAt, bodyAt));
  const plain = decipher.update(sealed.subarray(bodyAt));
  try {
    decipher.final();
    return plain;
  } catch (cause) {
    throw new SealBroken(`${binding.field} of ${binding.record} does not open: changed, or sealed for another place`, {
      cause,
    });
  }
}

/**
 * readSealedKeyId is the key id in front of sealed bytes, unverified; the first KEY_ID_WITHIN of them are enough.
 * Throws SealBroken when there is none.
 */
export function readSealedKeyId(sealed: Buffer): string {
  const length = sealed[1] ?? 0;
  if (sealed[0] !== VERSION || length === 0 || sealed.length < PREFIX_BYTES + length) {
    throw new SealBroken(`not sealed by this version of Baton; expected layout ${VERSION}`);
  }
  return sealed.toString("latin1", PREFIX_BYTES, PREFIX_BYTES + length);
}

/** SealingKey is a key with what stands in front of all that it seals: ASCII, so each character is a byte. */
interface SealingKey {
  readonly key: RingKey;
  readonly header: string;
}

function withHeader(key: RingKey): SealingKey {
  return { key, header: String.fromCharCode(VERSION, key.id.length) + key.id };
}

/**
 * associatedData joins as JSON, because no separator could be mistaken for a part of a field there. The null belongs to
 * the format: what was sealed with it opens only with it.
 */
function associatedData(header: string, { connectorId, record, field }: SealBinding): Buffer {
  return Buffer.from(header + JSON.stringify([connectorId, record, field, null]));
}

function fingerprint(key: RingKey, text: string): string {
  return `${key.id}.${createHmac("sha256", key.fingerprint).update(text, "utf8").digest("base64url")}`;
}

/** POOL_BYTES lasts some hundred ids and nonces. */
const POOL_BYTES = 4_096;

let pool = Buffer.alloc(0);

/**
 * pooledRandomBytes draws from the system for many at once, since each call costs as much as sealing does. It gives
 * `count` bytes (at most POOL_BYTES) that were not given before, fit for a nonce.
 */
export function pooledRandomBytes(count: number): Buffer {
  if (pool.length < count) pool = randomBytes(POOL_BYTES);
  const taken = pool.subarray(0, count);
  pool = pool.subarray(count);
  return taken;
}
