/** What a restored Baton is held to, whatever it was restored from: what came after the backup may be lost, no more. */
import type { BatonClient, HandoffJson } from "@baton/api";
import type { SeenSignal } from "@baton/simulator";
import { expect } from "vitest";
import { type Answer, countEffects } from "./traffic.ts";

/** Backed are handoffs of before the backup, all of which were delivered after it. */
export interface Backed {
  /** Queued then, at-least-once. */
  readonly lateOnes: readonly HandoffJson[];
  /** Queued then, at-most-once. */
  readonly onceOnes: readonly HandoffJson[];
  /** A dead letter then, which was replayed. */
  readonly dead: HandoffJson;
}

interface Restored {
  readonly operator: Pick<BatonClient, "handoff" | "replay">;
  /** What CXone saw before the loss and after it. */
  readonly signals: readonly SeenSignal[];
}

/**
 * expectOnlyLaterOnesLost holds that some accepted handoffs are lost, none of them to a contact in `before`, and that
 * none was signalled twice without saying so.
 */
export async function expectOnlyLaterOnesLost(
  { operator, signals }: Restored,
  answers: readonly Answer[],
  before: ReadonlySet<string>,
): Promise<void> {
  const accepted = answers.filter(({ kind }) => kind === "accepted");
  const found = await Promise.all(
    accepted.map(async ({ id = "", contactId }) => ({ contactId, handoff: await find(operator, id) })),
  );
  const lost = found.filter(({ handoff }) => handoff === undefined);
  expect(lost.length).toBeGreaterThan(0);
  expect(lost.filter(({ contactId }) => before.has(contactId))).toEqual([]);
  const effects = countEffects(signals);
  const twice = found.filter(({ contactId }) => (effects.get(contactId) ?? 0) > 1);
  expect(twice.filter(({ handoff }) => handoff?.possibleDuplicate !== true)).toEqual([]);
}

/** expectBackedOnesMarked holds that what the backup knows as not sent is sent again and says so, or is not sent. */
export async function expectBackedOnesMarked(
  { operator, signals }: Restored,
  { lateOnes, onceOnes, dead }: Backed,
): Promise<void> {
  const effects = countEffects(signals);
  for (const { id, contactId } of lateOnes) {
    expect(await find(operator, id)).toMatchObject({ status: "delivered", possibleDuplicate: true });
    expect(effects.get(contactId)).toBe(2);
  }
  for (const { id, contactId } of onceOnes) {
    expect(await find(operator, id)).toMatchObject({ status: "dead", reason: "unknown", mayHaveArrived: true });
    expect(effects.get(contactId)).toBe(1);
  }
  await expect(operator.replay(dead.id)).rejects.toMatchObject({ status: 409, code: "may-duplicate" });
}

function find(operator: Pick<BatonClient, "handoff">, id: string): Promise<HandoffJson | undefined> {
  return operator.handoff(id).catch(() => undefined);
}
