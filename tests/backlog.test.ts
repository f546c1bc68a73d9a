import { createBatonClient, ProblemError } from "@baton/api";
import { describe, expect, it } from "vitest";
import { startBaton, startIntake } from "./world/baton.ts";

/** refusalOf gives the problem of a refused `send`. */
async function refusalOf(sending: Promise<unknown>): Promise<ProblemError> {
  const error = await sending.then(
    (handoff) => new Error(`accepted: ${JSON.stringify(handoff)}`),
    (error: unknown) => error,
  );
  if (error instanceof ProblemError) return error;
  throw error;
}

describe("a connector with as many handoffs queued as it may have", () => {
  it("gets no more, and Retry-After says when to come back", async () => {
    const { sendMany, raw, accepted } = await startIntake({}, { BATON_MAX_PENDING: "3" });
    await sendMany(3);
    const refused = await raw({ body: { contactId: "1", params: { p1: "Müller" } } });
    expect(refused).toMatchObject({ status: 429, json: { type: "urn:baton:problem:backlog-full", status: 429 } });
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThanOrEqual(1);
    expect(refused.headers.get("content-type")).toBe("application/problem+json");
    expect(JSON.stringify(refused.json)).not.toContain("Müller");
    expect(await accepted()).toHaveLength(3);
  });

  it("gets room again by whatever ends: a cancel, a deadline, a delivery", async () => {
    const { send, client, ended, startWorker } = await startIntake({}, { BATON_MAX_PENDING: "1" });
    const first = await send();
    expect(await refusalOf(send())).toMatchObject({ code: "backlog-full" });
    await client.cancel(first.id);
    const second = await send({ deadlineMs: 1_000 });
    await client.get(second.id, { waitMs: 10_000 });
    const third = await send();
    expect(await refusalOf(send())).toMatchObject({ code: "backlog-full" });
    await startWorker();
    expect(await ended(third)).toMatchObject({ status: "delivered" });
    expect(await ended(await send())).toMatchObject({ status: "delivered" });
  });

  it("stands in no other connector's way", async () => {
    const { sendMany, send, createConnector, clientOf } = await startIntake({}, { BATON_MAX_PENDING: "2" });
    await sendMany(2);
    expect(await refusalOf(send())).toMatchObject({ status: 429 });
    expect(await clientOf(await createConnector()).send({ contactId: "1" })).toMatchObject({ status: "queued" });
  });

  it("never has more than that, however many come at once", async () => {
    const { sendMany, send, accepted } = await startIntake({}, { BATON_MAX_PENDING: "5" });
    await Promise.allSettled(Array.from({ length: 40 }, () => sendMany(1)));
    expect(await accepted()).toHaveLength(5);
    expect(await refusalOf(send())).toMatchObject({ code: "backlog-full" });
  });
});

describe("a connector's rate", () => {
  const ONE_A_MINUTE = { rate: { perSecond: 1 / 60, burst: 2 } } as const;

  it("refuses a handoff that has no slot before its deadline, and says when there will be one", async () => {
    const { sendMany, send, accepted } = await startIntake({ delivery: ONE_A_MINUTE });
    await sendMany(2, { deadlineMs: 10_000 });
    const refused = await refusalOf(send({ deadlineMs: 10_000 }));
    expect(refused).toMatchObject({ status: 429, code: "backlog-full" });
    // The third slot is a minute away and the deadline ten seconds: in fifty seconds there is one.
    expect(refused.retryAfterMs).toBeGreaterThan(1_000);
    expect(refused.retryAfterMs).toBeLessThanOrEqual(51_000);
    expect(await accepted()).toHaveLength(2);
  });

  it("takes no slot for a handoff that it refused: one with more time gets it", async () => {
    const { sendMany, send } = await startIntake({ delivery: ONE_A_MINUTE });
    await sendMany(2);
    const [first, second] = [
      await refusalOf(send({ deadlineMs: 10_000 })),
      await refusalOf(send({ deadlineMs: 10_000 })),
    ];
    expect(second.retryAfterMs).toBeLessThanOrEqual(first.retryAfterMs ?? 0);
    expect(await send({ deadlineMs: 90_000 })).toMatchObject({ status: "queued" });
    // That one has the slot a minute from now; the next is two minutes away.
    expect(await refusalOf(send({ deadlineMs: 90_000 }))).toMatchObject({ code: "backlog-full" });
  });

  it("refuses a handoff whose slot is less than 250 ms before its deadline", async () => {
    const { sendMany, send } = await startIntake({ delivery: { rate: { perSecond: 1, burst: 1 } } });
    await sendMany(1);
    expect(await refusalOf(send({ deadlineMs: 1_000 }))).toMatchObject({ code: "backlog-full" });
    expect(await send({ deadlineMs: 1_500 })).toMatchObject({ status: "queued" });
  });

  it("says of those that a worker cannot send yet that they wait for it", async () => {
    const { deliver, sendMany, waitingFor } = await startBaton({ delivery: { rate: { perSecond: 0.1, burst: 1 } } });
    await deliver({ contactId: "1" });
    const [second] = await sendMany(1);
    await waitingFor(second ?? { id: "" }, "rate");
  });

  it("spaces what it accepts: a burst at once, then one for each slot", async () => {
    const { sendMany, ended, simulator } = await startBaton({ delivery: { rate: { perSecond: 5, burst: 3 } } });
    const sent = await sendMany(8);
    for (const handoff of sent) expect(await ended(handoff)).toMatchObject({ status: "delivered" });
    const begun = Math.min(...sent.map(({ acceptedAt }) => Date.parse(acceptedAt)));
    for (const [index, { at }] of simulator.signals().entries())
      expect(at).toBeGreaterThanOrEqual(begun + Math.max(0, index - 2) * 200);
  });

  it("counts retries too", async () => {
    const { sendMany, ended, simulator } = await startBaton({
      delivery: { rate: { perSecond: 5, burst: 1 }, backoff: { baseMs: 10, capMs: 10 } },
    });
    simulator.answer({ status: 429, times: 3 });
    const sent = await sendMany(3);
    for (const handoff of sent) expect(await ended(handoff)).toMatchObject({ status: "delivered" });
    const begun = Math.min(...sent.map(({ acceptedAt }) => Date.parse(acceptedAt)));
    expect(simulator.signals()).toHaveLength(6);
    for (const [index, { at }] of simulator.signals().entries()) expect(at).toBeGreaterThanOrEqual(begun + index * 200);
  });
});

it("says of a pause that ends after a handoff's deadline that it is the pause which refuses it", async () => {
  const { send, connector, startAdmin } = await startIntake();
  const { url, key } = await startAdmin();
  const until = new Date(Date.now() + 3_600_000).toISOString();
  await createBatonClient({ adminUrl: url, adminKey: key }).pauseConnector(connector.id, { until });
  const answer = () =>
    send({ deadlineMs: 30_000 }).then(
      () => "accepted",
      (error) => (error as ProblemError).problem.detail,
    );
  // Ingress knows of it within two seconds.
  await expect.poll(answer, { timeout: 20_000 }).toMatch("the connector is paused until after this deadline");
});

it("a paused connector still accepts, and says what its handoffs wait for", async () => {
  const { send, waitingFor, simulator } = await startBaton({ paused: true });
  await waitingFor(await send(), "pause");
  expect(simulator.signals()).toHaveLength(0);
});
