import { expect, it } from "vitest";
import { ConcurrencySlots } from "./concurrency-slots.ts";
import { createConnectorConcurrencyLimit } from "./connector-concurrency-limit.ts";

const ALL = 1_000;

function setup(count = 32) {
  let nowMs = 0;
  const slots = new ConcurrencySlots(count);
  const limit = createConnectorConcurrencyLimit({ slots, clock: () => nowMs });
  const begin = (connectorId: string, times = 1) => {
    for (let i = 0; i < times; i++) {
      slots.take(1);
      limit.begin(connectorId);
    }
  };
  const end = (connectorId: string, times: number, isAccepted: boolean) => {
    for (let i = 0; i < times; i++) {
      slots.give(1);
      limit.end(connectorId, isAccepted);
    }
  };
  const free = (connectorId: string) => limit.free(ALL, 0).get(connectorId);
  return { slots, limit, begin, end, free, elapse: (ms: number) => (nowMs += ms) };
}

it.each([
  [256, 64],
  [16, 4],
  [7, 1],
  [4, 1],
  [1, 1],
])("of %i slots one connector always has %i", (count, quarter) => {
  const { limit, begin, free } = setup(count);
  expect(limit.limit).toBe(quarter);
  begin("a", quarter);
  expect(free("a")).toBe(0);
});

it("one that is answered 2xx earns a slot for each, while half of all slots stay free", () => {
  const { begin, end, free } = setup(32);
  begin("a", 8);
  end("a", 4, true);
  // 4 are held of the quarter of 8; 4 more are earned.
  expect(free("a")).toBe(8);
  begin("a", 8);
  expect(free("a")).toBe(0);
  end("a", 8, true);
  expect(free("a")).toBe(12);
});

it("says when another one that waits for half of all slots may begin again", () => {
  const { slots, limit, begin, end, free } = setup(32);
  begin("a", 8);
  end("a", 4, true);
  begin("b", 8);
  begin("a", 4);
  expect(free("a")).toBe(0);
  slots.give(1);
  expect(limit.end("b", false)).toBe(true);
  expect(free("a")).toBe(1);
});

it("earns nothing where others leave less than half of the slots idle", () => {
  const { begin, end, free } = setup(32);
  begin("a", 8);
  end("a", 4, true);
  begin("b", 12);
  expect(free("a")).toBe(4);
});

it("one that hangs never gets past its quarter", () => {
  const { begin, end, free } = setup(32);
  begin("a", 8);
  expect(free("a")).toBe(0);
  end("a", 3, false);
  expect(free("a")).toBe(3);
});

it("forgets what was earned two seconds ago", () => {
  const { begin, end, free, elapse } = setup(32);
  begin("a", 8);
  end("a", 4, true);
  begin("a", 4);
  expect(free("a")).toBe(4);
  elapse(2_000);
  expect(free("a")).toBe(0);
});

it("says when a connector that was full has a slot again", () => {
  const { limit, begin, slots } = setup(32);
  begin("a", 8);
  slots.give(1);
  expect(limit.end("a", false)).toBe(true);
  slots.give(1);
  expect(limit.end("a", false)).toBe(false);
});

it("counts the slots that a claim has taken for itself as free", () => {
  const { limit, begin, end, slots } = setup(32);
  begin("a", 8);
  end("a", 8, true);
  begin("a", 8);
  const taken = slots.take(24);
  expect(limit.free(ALL, taken).get("a")).toBe(8);
});

it("names only those who may begin fewer than are asked for", () => {
  const { limit, begin } = setup(32);
  begin("a", 1);
  begin("b", 7);
  expect([...limit.free(4, 0)]).toEqual([["b", 1]]);
});
