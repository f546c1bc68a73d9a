import type { Page } from "@baton/api";
import { expect, it } from "vitest";
import { readMatchingUpToLimit } from "./paged-list.ts";

/**
 * createPages gives pages of the numbers below `count`, the cursor being the next one, and keeps what was asked for.
 */
function createPages(count: number) {
  const limits: number[] = [];
  const read = async ({ limit, cursor = "0" }: { readonly limit: number; readonly cursor?: string }) => {
    limits.push(limit);
    const [from, to] = [Number(cursor), Math.min(count, Number(cursor) + limit)];
    const items = Array.from({ length: to - from }, (_, i) => from + i);
    return { items, ...(to < count && { nextCursor: String(to) }) } satisfies Page<number>;
  };
  return { read, limits };
}

const isHundredth = (number: number) => number % 100 === 99;

it("finds a few of many in the largest pages, and goes on behind the last one found", async () => {
  const { read, limits } = createPages(2_000);
  expect(await readMatchingUpToLimit(read, { limit: 7 }, isHundredth)).toEqual({
    items: [99, 199, 299, 399, 499, 599, 699],
    nextCursor: "700",
  });
  expect(limits).toEqual([500, 500, 200]);
  const rest = await readMatchingUpToLimit(read, { limit: 2, cursor: "700" }, isHundredth);
  expect(rest).toEqual({ items: [799, 899], nextCursor: "900" });
});

it("asks for no page twice that ends with the last one wanted", async () => {
  const { read, limits } = createPages(1_000);
  expect(await readMatchingUpToLimit(read, { limit: 5 }, isHundredth)).toMatchObject({ nextCursor: "500" });
  expect(limits).toEqual([500]);
});

it("gives all there are, and no cursor at the end", async () => {
  const { read } = createPages(650);
  expect(await readMatchingUpToLimit(read, {}, isHundredth)).toEqual({ items: [99, 199, 299, 399, 499, 599] });
  expect(await readMatchingUpToLimit(read, { limit: 6 }, isHundredth)).toMatchObject({ nextCursor: "600" });
  expect(await readMatchingUpToLimit(read, {}, () => false)).toEqual({ items: [] });
});
