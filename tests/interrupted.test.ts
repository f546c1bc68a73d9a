import { describe, expect, it } from "vitest";
import { expectPauses, outcomesOf, startIntake } from "./world/baton.ts";
import { startProcess } from "./world/process.ts";
import type { DeliveryChange } from "./world/world.ts";

const ATTEMPT_MS = 1_000;
/** How long after an attempt's latest end no other worker takes its handoff, milliseconds. */
const FENCE_MS = 2_000;

/** setup gives a handoff whose worker was killed while CXone had its signal. */
async function setup(delivery: DeliveryChange = {}) {
  const intake = await startIntake({
    delivery: { attemptTimeoutMs: ATTEMPT_MS, backoff: { baseMs: 100, capMs: 100 }, ...delivery },
  });
  const { simulator, env, send } = intake;
  const worker = await startProcess("worker", env);
  simulator.answer({ hang: true, times: 1, effect: true });
  const sent = await send();
  await simulator.untilSignals(1);
  await worker.stop("SIGKILL");
  return { ...intake, sent };
}

describe("when the worker dies while sending", () => {
  it("at-least-once backs off from the attempt's latest end and tries again, and says what that may mean", async () => {
    const { sent, ended, startWorker, simulator } = await setup({ backoff: { baseMs: 6_000, capMs: 6_000 } });
    await startWorker();
    const handoff = await ended(sent);
    expect(handoff).toMatchObject({ status: "delivered", mayHaveArrived: true, possibleDuplicate: true });
    expect(outcomesOf(handoff)).toEqual(["interrupted", "accepted"]);
    expect(handoff.attempts[0]).not.toHaveProperty("durationMs");
    expect(
      Date.parse(handoff.attempts[1]?.startedAt ?? "") - Date.parse(handoff.attempts[0]?.startedAt ?? ""),
    ).toBeGreaterThanOrEqual(ATTEMPT_MS + 3_000);
    expect(simulator.signals()).toMatchObject([{ inFlightSame: 0 }, { inFlightSame: 0 }]);
  });

  it("at-most-once never tries again", async () => {
    const { sent, ended, startWorker, simulator } = await setup({ guarantee: "at-most-once" });
    await startWorker();
    expect(await ended(sent)).toMatchObject({
      status: "dead",
      reason: "unknown",
      attempts: [{ number: 1, outcome: "interrupted" }],
      mayHaveArrived: true,
      possibleDuplicate: false,
    });
    expect(simulator.signals()).toHaveLength(1);
  });

  it("is counted once, though a reader finds it before any worker", async () => {
    const { connector, sent, ended, startWorker } = await setup({ deadlineMs: 1_500 });
    await ended(sent);
    const { url } = await startWorker();
    const counted = `baton_attempts_total{connector="${connector.id}",outcome="interrupted"} 1`;
    await expect
      .poll(async () => (await (await fetch(`${url}/metrics`)).text()).includes(counted), { timeout: 10_000 })
      .toBe(true);
  });

  it("the try counts: with none left the handoff is exhausted", async () => {
    const { sent, ended, startWorker, simulator } = await setup({ maxAttempts: 1 });
    await startWorker();
    expect(await ended(sent)).toMatchObject({
      status: "dead",
      reason: "exhausted",
      attempts: [{ outcome: "interrupted" }],
    });
    expect(simulator.signals()).toHaveLength(1);
  });

  it.each([
    { guarantee: "at-least-once", reason: "expired" },
    { guarantee: "at-most-once", reason: "unknown" },
  ] as const)(
    "and no other comes, the handoff reads dead after its deadline: $guarantee, $reason",
    async ({ guarantee, reason }) => {
      const { sent, ended } = await setup({ guarantee, deadlineMs: 1_500 });
      expect(await ended(sent)).toMatchObject({
        status: "dead",
        reason,
        attempts: [{ outcome: "interrupted" }],
        mayHaveArrived: true,
      });
    },
  );

  it("no worker takes the handoff before that attempt can have ended, and the contact's next one waits for it", async () => {
    const { sent, send, ended, startWorker, simulator } = await setup();
    const next = await send();
    await startWorker();
    expect(await ended(next)).toMatchObject({ status: "delivered", attempts: [{ outcome: "accepted" }] });
    const [interrupted, accepted] = (await ended(sent)).attempts;
    const apartMs = Date.parse(accepted?.startedAt ?? "") - Date.parse(interrupted?.startedAt ?? "");
    expect(apartMs).toBeGreaterThanOrEqual(ATTEMPT_MS + FENCE_MS);
    expect(simulator.signals()).toHaveLength(3);
    expectPauses(simulator.signals().slice(1), [0]);
  });
});
