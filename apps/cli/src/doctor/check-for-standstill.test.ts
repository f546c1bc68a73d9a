import type { BatonClient, Overview } from "@baton/api";
import { expect, it } from "vitest";
import { checkForStandstill } from "./check-for-standstill.ts";
import { passCheck } from "./check-result.ts";

const AT = "2026-11-23T12:00:00.000Z";
const NONE = { rejected: 0, expired: 0, exhausted: 0, unknown: 0, credentials: 0, configuration: 0 };
const NO_DEAD = { total: 0, lastHour: 0, byReason: NONE };

const STILL: Overview = {
  asOf: AT,
  handoffs: { queued: 3, due: 2, sending: 0, oldestQueuedMs: 1, willMiss: 0 },
  deadLetters: NO_DEAD,
  workers: 2,
  paused: false,
  runs: { running: 0, paused: 0 },
  connectorsTotal: 1,
  connectors: [
    {
      ...{ id: "cn_1", name: "Acme", queued: 3, due: 2, sending: 0, oldestQueuedMs: 1, deadlineUsed: 0, willMiss: 0 },
      ...{ waitingFor: {}, deadLetters: 0, breaker: "closed", paused: false, p50Ms: null, p99Ms: null },
      ...{ deliveredLastHour: 7, lastDeliveredAt: AT },
    },
  ],
};

/** What the doctor finds that sees STILL, and `later` at its second look. */
async function standstillAfter(later: Partial<Overview>): Promise<boolean> {
  const client = { overview: async () => ({ ...STILL, ...later }) } as unknown as BatonClient;
  const check = passCheck("admin key", "");
  const seen = { kind: "seen", client, overview: STILL, connectors: [], causes: [], pauses: new Map(), check } as const;
  return (await checkForStandstill(seen, 0)).length > 0;
}

it.each<[string, Partial<Overview>, boolean]>([
  ["nothing ends", {}, true],
  [
    "a handoff expires, which takes no worker",
    { deadLetters: { total: 1, lastHour: 1, byReason: { ...NONE, expired: 1 } } },
    true,
  ],
  ["what was delivered leaves the last hour", { connectors: deliveredAt(AT, 5) }, true],
  ["another handoff is delivered", { connectors: deliveredAt("2026-11-23T12:00:02.000Z", 7) }, false],
  ["CXone refuses a handoff", { deadLetters: { total: 1, lastHour: 1, byReason: { ...NONE, rejected: 1 } } }, false],
  ["one is being sent", { handoffs: { ...STILL.handoffs, sending: 1 } }, false],
])("judges whether workers stand still where, between two looks, %s", async (_, later, isStandstill) => {
  expect(await standstillAfter(later)).toBe(isStandstill);
});

function deliveredAt(lastDeliveredAt: string, deliveredLastHour: number): Overview["connectors"] {
  return STILL.connectors.map((connector) => ({ ...connector, lastDeliveredAt, deliveredLastHour }));
}
