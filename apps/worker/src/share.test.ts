import { expect, it } from "vitest";
import type { Slot } from "./deliver-handoff.ts";
import { createShare } from "./share.ts";

type Share = ReturnType<typeof createShare>;

/** takeSlot takes one that must be free. */
function takeSlot(share: Share, connectorId: string): Slot {
  const taken = share.take(connectorId);
  if (!("release" in taken)) throw new Error(`no slot for ${connectorId}`);
  return taken;
}

/** nextFreeAt asks in vain. */
function nextFreeAt(share: Share, connectorId: string): number {
  const taken = share.take(connectorId);
  if ("release" in taken) throw new Error(`a slot too many for ${connectorId}`);
  return taken.nextFreeAt;
}

it.each([
  [256, 64],
  [16, 4],
  [7, 1],
  [4, 1],
  [1, 1],
])("of %i slots gives one connector %i, and each other one as many", (concurrency, most) => {
  const share = createShare({ concurrency, now: () => 0 });
  for (const connector of ["a", "b"]) {
    for (let i = 0; i < most; i++) takeSlot(share, connector);
    expect(nextFreeAt(share, connector)).toBeGreaterThan(0);
  }
});

it("gives a slot again as soon as one is released", () => {
  const share = createShare({ concurrency: 8, now: () => 0 });
  const held = [takeSlot(share, "a"), takeSlot(share, "a")];
  for (let i = 0; i < 50; i++) {
    nextFreeAt(share, "a");
    held.shift()?.release();
    held.push(takeSlot(share, "a"));
  }
});

it("tells each who asks in vain a later moment, all of them in the future: nobody polls, and no herd comes back", () => {
  const share = createShare({ concurrency: 16, now: () => 1_000 });
  for (let i = 0; i < 4; i++) takeSlot(share, "a");
  const told = Array.from({ length: 100 }, () => nextFreeAt(share, "a"));
  expect(Math.min(...told)).toBeGreaterThan(1_000);
  told.slice(1).forEach((at, i) => {
    expect(at).toBeGreaterThan(told[i] ?? 0);
  });
  for (const at of told) expect(Number.isInteger(at)).toBe(true);
});

it("forgets what it told once that time has passed: those who were told may have gone elsewhere", () => {
  let now = 0;
  const share = createShare({ concurrency: 16, now: () => now });
  for (let i = 0; i < 4; i++) takeSlot(share, "a");
  const [first = 0] = Array.from({ length: 1_000 }, () => nextFreeAt(share, "a"));
  now = 1_000_000;
  expect(nextFreeAt(share, "a") - now).toBeLessThanOrEqual(first);
});

it("makes those wait longer whose attempts last longer", async () => {
  const waits = async (heldMs: number) => {
    const share = createShare({ concurrency: 4, now: () => 0 });
    for (let i = 0; i < 4; i++) {
      const slot = takeSlot(share, "a");
      await new Promise((resolve) => setTimeout(resolve, heldMs));
      slot.release();
    }
    takeSlot(share, "a");
    return nextFreeAt(share, "a");
  };
  const [short, long] = [await waits(0), await waits(400)];
  expect(long).toBeGreaterThan(short);
});

it("forgets connectors that are no more, but not a slot that one of them still holds", () => {
  const share = createShare({ concurrency: 16, now: () => 0 });
  const slot = takeSlot(share, "holds");
  takeSlot(share, "rests").release();
  share.forget(["holds", "rests", "unknown"]);
  expect(share.connectors()).toEqual(["holds"]);
  slot.release();
  share.forget(["holds"]);
  expect(share.connectors()).toEqual([]);
});
