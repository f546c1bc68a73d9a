import fc from "fast-check";
import { expect, it } from "vitest";
import { generateKeyringEntry, parseKeyring } from "./keyring.ts";
import {
  createSealBinding,
  createVault,
  KEY_ID_WITHIN,
  pooledRandomBytes,
  readSealedKeyId,
  type SealBinding,
  SealBroken,
  UnknownKey,
} from "./vault.ts";

const older = generateKeyringEntry();
const newer = generateKeyringEntry();
const vault = createVault(parseKeyring(`${newer},${older}`));
const params: SealBinding = { connectorId: "cn_1", record: "ho_1", field: "params" };

it("opens what it sealed, whatever it was", () => {
  const binding = fc.record({ connectorId: fc.string(), record: fc.string(), field: fc.string() });
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 500 }), binding, (bytes, place) => {
      expect(vault.open(vault.seal(Buffer.from(bytes), place), place)).toEqual(Buffer.from(bytes));
    }),
  );
  expect(vault.open(vault.seal("Ü🎧", params), params).toString()).toBe("Ü🎧");
});

it.each<Partial<SealBinding>>([{ connectorId: "cn_2" }, { record: "ho_2" }, { field: "context" }])(
  "does not open elsewhere: %o",
  (other) => {
    const sealed = vault.seal("secret", params);
    expect(() => vault.open(sealed, { ...params, ...other })).toThrow(SealBroken);
  },
);

it("does not let one field's end be taken for the next one's start", () => {
  const sealed = vault.seal("secret", { connectorId: "a", record: 'b","c', field: "d" });
  expect(() => vault.open(sealed, { connectorId: 'a","b', record: "c", field: "d" })).toThrow(SealBroken);
});

it("notices every flipped bit and every missing byte", () => {
  const sealed = vault.seal("secret", params);
  for (let bit = 0; bit < sealed.length * 8; bit += 1) {
    const changed = Buffer.from(sealed);
    changed.writeUInt8(changed.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
    expect(() => vault.open(changed, params)).toThrow(/./);
  }
  for (let length = 0; length < sealed.length; length += 1) {
    expect(() => vault.open(sealed.subarray(0, length), params)).toThrow(SealBroken);
  }
});

it("never seals the same text to the same bytes, and keeps the text out of them", () => {
  const sealed = vault.seal("Escalate", params);
  expect(sealed).not.toEqual(vault.seal("Escalate", params));
  expect(sealed.includes("Escalate")).toBe(false);
});

it("seals under the newest key and still opens what an older one sealed", () => {
  const before = createVault(parseKeyring(older));
  const sealed = before.seal("secret", params);
  expect(vault.open(sealed, params).toString()).toBe("secret");
  expect(readSealedKeyId(sealed)).toBe(older.split(":")[0]);
  expect(readSealedKeyId(vault.seal("secret", params))).toBe(newer.split(":")[0]);
});

it("seals anew under the newest key what an older one sealed, in its own place alone", () => {
  const sealed = createVault(parseKeyring(older)).seal("secret", params);
  const resealed = vault.reseal(sealed, params);
  expect(createVault(parseKeyring(newer)).open(resealed, params).toString()).toBe("secret");
  expect(() => vault.reseal(sealed, { ...params, record: "ho_2" })).toThrow(SealBroken);
});

it("finds the key by the first bytes", () => {
  const long = `${"k".repeat(32)}:${older.split(":")[1]}`;
  const owner = createVault(parseKeyring(long));
  expect(readSealedKeyId(owner.seal("secret", params).subarray(0, KEY_ID_WITHIN))).toBe("k".repeat(32));
});

it("binds each kind to a place of its own", () => {
  const sealed = vault.seal("secret", createSealBinding("params", "cn_1", "ho_1"));
  expect(vault.open(sealed, createSealBinding("params", "cn_1", "ho_1")).toString()).toBe("secret");
  expect(() => vault.open(sealed, createSealBinding("context", "cn_1", "ho_1"))).toThrow(SealBroken);
  expect(createSealBinding("access", "cn_1")).toEqual({ connectorId: "cn_1", record: "cn_1", field: "access" });
});

it("names the key that is missing from the ring", () => {
  const otherVault = createVault(parseKeyring(newer));
  const sealed = createVault(parseKeyring(older)).seal("secret", params);
  expect(() => otherVault.open(sealed, params)).toThrow(UnknownKey);
});

it("fingerprints equal texts alike under each shared key, newest first", () => {
  const [newest, oldest] = vault.fingerprints("body");
  expect(newest).toMatch(new RegExp(`^${newer.split(":")[0]}\\.[\\w-]{43}$`));
  expect(createVault(parseKeyring(older)).fingerprints("body")).toEqual([oldest]);
  expect(vault.fingerprints("other")).not.toContain(newest);
});

it("never gives the same random bytes twice, also when the pool is filled anew", () => {
  const given = Array.from({ length: 2_000 }, () => pooledRandomBytes(12));
  expect(new Set(given.map((bytes) => bytes.toString("hex"))).size).toBe(2_000);
  expect(given.every((bytes) => bytes.length === 12)).toBe(true);
});

it("leaves alone the random bytes that it gave before", () => {
  const first = pooledRandomBytes(12);
  const copy = Buffer.from(first);
  for (let i = 0; i < 1_000; i++) pooledRandomBytes(12);
  expect(first).toEqual(copy);
});
