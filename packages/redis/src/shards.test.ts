import hashSlot from "cluster-key-slot";
import fc from "fast-check";
import { expect, it } from "vitest";
import { registryHashTag, shardHashTag } from "./shards.ts";

const SLOTS = 16_384;
const slotOf = (tag: string) => hashSlot(tag);

// As `CLUSTER KEYSLOT` of Redis 7 answers. Were a library to answer otherwise one day, shards would be looked for where
// they are not.
it.each([
  ["", 0],
  ["a", 15_495],
  ["foo", 12_182],
  ["bar", 5_061],
  ["123456789", 12_739],
  ["baton", 8_333],
  ["baton:0", 3_226],
  ["baton:1", 7_355],
  ["ünïcode😀", 2_901],
  ["x".repeat(300), 11_216],
])("finds the slot of %j where Redis finds it", (tag, slot) => {
  expect(hashSlot(tag)).toBe(slot);
});

it("puts the namespace and the shard into one pair of braces, so that Redis hashes nothing else", () => {
  expect(registryHashTag("baton")).toBe("{baton}");
  for (let shard = 0; shard < 64; shard++)
    expect(shardHashTag("baton", shard)).toMatch(new RegExp(`^\\{baton:${shard}(\\.\\d+)?\\}$`));
});

it("gives every shard a tag of its own, and the same one each time", () => {
  const tags = Array.from({ length: 200 }, (_, shard) => shardHashTag("again", shard));
  expect(new Set(tags).size).toBe(200);
  expect(Array.from({ length: 200 }, (_, shard) => shardHashTag("again", shard))).toEqual(tags);
});

it("spreads any number of shards evenly over a cluster's slots, whatever the namespace is called", () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[a-z][a-z0-9-]{0,20}$/), fc.integer({ min: 1, max: 32 }), (namespace, count) => {
      const slots = Array.from({ length: count }, (_, shard) => slotOf(shardHashTag(namespace, shard))).sort(
        (a, b) => a - b,
      );
      const gaps = slots.map((slot, i) => (i + 1 < count ? (slots[i + 1] ?? 0) : (slots[0] ?? 0) + SLOTS) - slot);
      // Laid out by halving, the widest gap is less than twice an even share; a tag misses its place by up to 128
      // slots.
      expect(Math.max(...gaps)).toBeLessThanOrEqual((2 * SLOTS) / count + 256);
      expect(Math.min(...gaps)).toBeGreaterThanOrEqual(count === 1 ? SLOTS : SLOTS / (2 * count) - 256);
    }),
    { numRuns: 40 },
  );
});

it.each([
  [2, 1],
  [4, 2],
  [6, 2],
  [8, 3],
  [12, 3],
])("gives each master of a cluster its part of %i shards, %i masters", (count, masters) => {
  const per = Array<number>(masters).fill(0);
  for (let shard = 0; shard < count; shard++) {
    const master = Math.floor((slotOf(shardHashTag("baton", shard)) * masters) / SLOTS);
    per[master] = (per[master] ?? 0) + 1;
  }
  expect(Math.min(...per)).toBeGreaterThanOrEqual(Math.floor(count / masters) - 1);
  expect(Math.max(...per)).toBeLessThanOrEqual(Math.ceil(count / masters) + 1);
});
