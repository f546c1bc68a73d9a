import { describe, expect, it } from "vitest";
import { outcomesOf, startBaton, startIntake } from "./world/baton.ts";

const FAR = { backoff: { baseMs: 600_000, capMs: 600_000 }, deadlineMs: 3_600_000 } as const;

describe("cancelling", () => {
  it.each([
    { what: "no body", request: {} },
    { what: "no body but a media type", request: { headers: { "content-type": "application/json" } } },
  ])("takes a queued handoff back, with $what", async ({ request }) => {
    const { raw, send, client } = await startIntake();
    const { id } = await send();
    const cancelled = await raw({ path: `/v1/handoffs/${id}/cancel`, ...request });
    expect(cancelled).toMatchObject({
      status: 200,
      json: { id, status: "cancelled", attempts: [], endedAt: expect.any(String) },
    });
    expect(cancelled.json).not.toHaveProperty("waitingFor");
    expect(cancelled.json).not.toHaveProperty("reason");
    expect(await client.get(id)).toEqual(cancelled.json);
  });

  it("means that the contact is never signalled", async () => {
    const { send, client, ended, simulator } = await startBaton();
    const { id } = await send({ delayMs: 500 });
    await client.cancel(id);
    expect(await ended(await send({ delayMs: 1_000 }))).toMatchObject({ status: "delivered" });
    expect(simulator.signals()).toHaveLength(1);
    expect(await client.get(id)).toMatchObject({ status: "cancelled", attempts: [] });
  });

  it("works between two attempts, and keeps what is known of the first", async () => {
    const { send, client, waitingFor, simulator } = await startBaton({ delivery: FAR });
    simulator.answer({ status: 500 });
    const sent = await send();
    await waitingFor(sent, "retry");
    const cancelled = await client.cancel(sent.id);
    expect(cancelled).toMatchObject({ status: "cancelled", mayHaveArrived: true });
    expect(outcomesOf(cancelled)).toEqual(["ambiguous"]);
  });

  it("lets the contact's next handoff go", async () => {
    const { send, client, ended, waitingFor, simulator } = await startBaton({ delivery: FAR });
    simulator.answer({ status: 500, times: 1 });
    const first = await send();
    await waitingFor(first, "retry");
    const second = await send();
    await waitingFor(second, "order");
    await client.cancel(first.id);
    expect(await ended(second)).toMatchObject({ status: "delivered", attempts: [{ outcome: "accepted" }] });
  });

  it("comes too late while the signal is on its way, which goes on", async () => {
    const { raw, send, ended, simulator } = await startBaton({ delivery: { attemptTimeoutMs: 30_000 } });
    simulator.answer({ delayMs: 1_000 });
    const sent = await send();
    await simulator.untilSignals(1);
    const refused = await raw({ path: `/v1/handoffs/${sent.id}/cancel` });
    expect(refused).toMatchObject({
      status: 409,
      json: { type: "urn:baton:problem:already-sending", handoffStatus: "sending" },
    });
    expect(refused.json.detail).toContain("sending");
    expect(await ended(sent)).toMatchObject({ status: "delivered" });
  });

  it("comes too late for a handoff that has ended, however it ended", async () => {
    const { raw, deliver, client, simulator } = await startBaton();
    const delivered = await deliver();
    simulator.answer({ status: 404, times: 1 });
    const dead = await deliver();
    for (const handoff of [delivered, dead]) {
      const refused = await raw({ path: `/v1/handoffs/${handoff.id}/cancel` });
      const { status } = handoff;
      expect(refused).toMatchObject({
        status: 409,
        json: { type: "urn:baton:problem:already-ended", handoffStatus: status, status: 409 },
      });
      expect(refused.json.detail).toContain(status);
      expect(await client.get(handoff.id)).toEqual(handoff);
    }
  });

  it("again answers the same, and ends nothing twice", async () => {
    const { raw, send, client, ingressUrl } = await startIntake();
    const cancelled = await client.cancel((await send()).id);
    for (let again = 0; again < 3; again += 1) {
      expect(await raw({ path: `/v1/handoffs/${cancelled.id}/cancel` })).toMatchObject({
        status: 200,
        json: cancelled,
      });
    }
    const metrics = await (await fetch(`${ingressUrl}/metrics`)).text();
    expect(metrics).toMatch(/^baton_handoffs_ended_total\{[^}]*status="cancelled"[^}]*\} 1$/m);
  });

  it("comes too late for a handoff whose deadline has passed, though it was not read since", async () => {
    const { raw, send, client } = await startIntake();
    const expiring = await send({ deadlineMs: 1_000 });
    const later = await send({ contactId: "2", deadlineMs: 1_500 });
    // Once the later one has expired, so has the first, and only the cancel finds out.
    await client.get(later.id, { waitMs: 10_000 });
    const refused = await raw({ path: `/v1/handoffs/${expiring.id}/cancel` });
    expect(refused).toMatchObject({ status: 409, json: { type: "urn:baton:problem:already-ended" } });
    expect(await client.get(expiring.id)).toMatchObject({ status: "dead", reason: "expired" });
  });

  it("asked for ten times at once is done once, and all get the same answer", async () => {
    const { raw, send } = await startIntake();
    const { id } = await send();
    const answers = await Promise.all(Array.from({ length: 10 }, () => raw({ path: `/v1/handoffs/${id}/cancel` })));
    for (const answer of answers) expect(answer).toMatchObject({ status: 200, json: answers[0]?.json });
  });
});
