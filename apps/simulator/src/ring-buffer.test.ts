import { expect, it } from "vitest";
import { createRingBuffer } from "./ring-buffer.ts";

it("keeps the newest values in order and counts what it dropped", () => {
  const ring = createRingBuffer<{ readonly value: number }>(3);
  for (const value of [1, 2, 3, 4, 5]) ring.push({ value });
  expect([...ring.values()]).toEqual([{ value: 3 }, { value: 4 }, { value: 5 }]);
  expect(ring).toMatchObject({ size: 3, dropped: 2 });
});

it("begins anew once cleared", () => {
  const ring = createRingBuffer<{ readonly value: number }>(2);
  for (const value of [1, 2, 3]) ring.push({ value });
  ring.clear();
  ring.push({ value: 4 });
  expect([...ring.values()]).toEqual([{ value: 4 }]);
  expect(ring).toMatchObject({ size: 1, dropped: 0 });
});
