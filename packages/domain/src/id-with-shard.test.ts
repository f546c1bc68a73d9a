import fc from "fast-check";
import { expect, it } from "vitest";
import {
  createIdInShard,
  createMonotonicIdRandom,
  encodeBase32,
  ID_RANDOM_BYTES,
  MAX_SHARDS,
  shardOfId,
} from "./id-with-shard.ts";

const prefix = fc.constantFrom("ho", "cn", "ca");
const shard = fc.integer({ min: 0, max: MAX_SHARDS - 1 });
const instant = fc.integer({ min: 0, max: 32 ** 10 - 1 });
const random = fc.uint8Array({ minLength: ID_RANDOM_BYTES, maxLength: ID_RANDOM_BYTES });

it("reads the shard back from every id made for it", () => {
  fc.assert(
    fc.property(prefix, shard, instant, random, (kind, place, now, random) => {
      const id = createIdInShard(kind, place, now, random);
      expect(id).toMatch(/^(ho|cn|ca)_[0-9A-HJKMNP-TV-Z]{24}$/);
      expect(shardOfId(kind, id)).toBe(place);
    }),
  );
});

it("sorts the ids of one shard by the moment they were made", () => {
  fc.assert(
    fc.property(shard, fc.tuple(instant, instant), fc.tuple(random, random), (place, [a, b], [chanceA, chanceB]) => {
      const [idA, idB] = [createIdInShard("ho", place, a, chanceA), createIdInShard("ho", place, b, chanceB)];
      if (a < b) expect(idA < idB).toBe(true);
      if (a > b) expect(idA > idB).toBe(true);
    }),
  );
});

it("sorts the ids of one millisecond by when they were made", () => {
  fc.assert(
    fc.property(random, fc.integer({ min: 2, max: 100 }), (digits, count) => {
      // Counting on from the highest number begins anew; so seldom does that happen that nothing is done about it.
      const randomOf = createMonotonicIdRandom(() => digits.map((digit, place) => (place === 0 ? digit & 15 : digit)));
      const ids = Array.from({ length: count }, () =>
        createIdInShard("ho", 0, 1_800_000_000_000, randomOf(1_800_000_000_000)),
      );
      expect(ids.toSorted()).toEqual(ids);
      expect(new Set(ids).size).toBe(count);
    }),
  );
});

it("draws the random part of an id anew in each millisecond", () => {
  const drawn = [1, 2].map((digit) => new Uint8Array(ID_RANDOM_BYTES).fill(digit));
  const randomOf = createMonotonicIdRandom(() => drawn.shift() ?? new Uint8Array(ID_RANDOM_BYTES));
  expect([randomOf(1), randomOf(2)].map((digits) => digits[0])).toEqual([1, 2]);
});

it("takes no id for another kind's, nor anything that only looks like one", () => {
  const id = createIdInShard("ho", 3, 1_800_000_000_000, new Uint8Array(ID_RANDOM_BYTES));
  for (const other of [
    id.toLowerCase(),
    `${id}0`,
    id.slice(0, -1),
    `x${id}`,
    `${id}\n`,
    id.replace("ho_", "ho-"),
    `${id.slice(0, -1)}I`,
    "",
    "ho_",
  ]) {
    expect(shardOfId("ho", other), other).toBeUndefined();
  }
  expect(shardOfId("cn", id)).toBeUndefined();
});

it("finds no shard in any text that was not made as an id", () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 40 }), (text) => {
      expect(shardOfId("ho", text)).toBeUndefined();
    }),
  );
});

it("writes bytes in Crockford's alphabet so that they can be read back", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
      const text = encodeBase32(bytes);
      expect(text).toMatch(/^[0-9A-HJKMNP-TV-Z]*$/);
      expect(text).toHaveLength(Math.ceil((bytes.length * 8) / 5));
      expect(decodeBase32(text, bytes.length)).toEqual(bytes);
    }),
  );
});

it.each([
  [[], ""],
  [[0], "00"],
  [[255], "ZW"],
  [[0xf8], "Z0"],
  [[0x00, 0x44, 0x32, 0x14, 0xc7], "01234567"],
])("writes the bytes %j as %j", (bytes, text) => {
  expect(encodeBase32(Uint8Array.from(bytes))).toBe(text);
});

function decodeBase32(text: string, length: number): Uint8Array {
  const bits = [...text]
    .map((digit) => "0123456789ABCDEFGHJKMNPQRSTVWXYZ".indexOf(digit).toString(2).padStart(5, "0"))
    .join("");
  return Uint8Array.from({ length }, (_, i) => Number.parseInt(bits.slice(i * 8, i * 8 + 8), 2));
}
