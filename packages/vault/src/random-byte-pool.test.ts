import { expect, it } from "vitest";
import { pooledRandomBytes } from "./random-byte-pool.ts";

it("never gives the same bytes twice, also when the pool is filled anew", () => {
  const given = Array.from({ length: 2_000 }, () => pooledRandomBytes(12));
  expect(new Set(given.map((bytes) => bytes.toString("hex"))).size).toBe(2_000);
  expect(given.every((bytes) => bytes.length === 12)).toBe(true);
});

it("leaves alone what it gave before", () => {
  const first = pooledRandomBytes(12);
  const copy = Buffer.from(first);
  for (let i = 0; i < 1_000; i++) pooledRandomBytes(12);
  expect(first).toEqual(copy);
});
