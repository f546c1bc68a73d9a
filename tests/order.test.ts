import { createBatonClient, type HandoffJson } from "@baton/api";
import { expect, it } from "vitest";
import { CLOCK_MS } from "./world/baton.ts";
import { createWorld, ended } from "./world/world.ts";

const CONTACT = "100000000001";
const OTHER = "100000000002";
/** Long enough for another handoff to come and go. Milliseconds. */
const WAIT_MS = 2_000;

async function setup(workers: number, backoffMs = 300) {
  const world = await createWorld();
  const { token } = await world.createConnector({ delivery: { backoff: { baseMs: backoffMs, capMs: backoffMs } } });
  const { url } = await world.startIngress();
  for (let i = 0; i < workers; i++) await world.startWorker();
  return { ...world, baton: createBatonClient({ ingressUrl: url, token }) };
}

it("sends the handoffs of one contact in order and never two at a time, over three workers, though one fails twice", async () => {
  const { baton, simulator } = await setup(3);
  // CXone takes its time, so that a second signal would meet the first in flight.
  simulator.settings({ latencyMs: 40 });
  simulator.answer({ on: "signal", contactId: CONTACT, status: 503, times: 2 });
  const accepted: HandoffJson[] = [];
  for (let i = 1; i <= 6; i++) accepted.push(await baton.send({ contactId: CONTACT, params: { p1: String(i) } }));
  const all = await Promise.all(accepted.map(({ id }) => ended(baton, id)));

  expect(all.map(({ status }) => status)).toEqual(Array(6).fill("delivered"));
  expect(all.map(({ attempts }) => attempts.length)).toEqual([3, 1, 1, 1, 1, 1]);
  const seen = simulator.signals({ contactId: CONTACT });
  expect(seen.map(({ params }) => params.p1)).toEqual(["1", "1", "1", "2", "3", "4", "5", "6"]);
  expect(seen.map(({ inFlightSame }) => inFlightSame)).toEqual(Array(8).fill(0));
});

it("lets a later handoff of another contact pass one that retries", async () => {
  const { baton, simulator } = await setup(1);
  simulator.answer({ on: "signal", contactId: CONTACT, status: 503, times: 3 });
  const stuck = await baton.send({ contactId: CONTACT });
  const other = await ended(baton, (await baton.send({ contactId: OTHER })).id);
  expect(other.status).toBe("delivered");
  expect((await ended(baton, stuck.id)).attempts.at(-1)?.startedAt.localeCompare(other.endedAt ?? "")).toBe(1);
});

it("gives a delayed handoff its turn by when its delay is over, not by when it was accepted", async () => {
  const { baton, simulator } = await setup(1);
  const later = await baton.send({ contactId: CONTACT, params: { p1: "later" }, delayMs: 800 });
  const sooner = await baton.send({ contactId: CONTACT, params: { p1: "sooner" } });
  await Promise.all([later, sooner].map(({ id }) => ended(baton, id)));
  expect(simulator.signals({ contactId: CONTACT }).map(({ params }) => params.p1)).toEqual(["sooner", "later"]);
});

it("sends the next handoff of a contact when the first is cancelled", async () => {
  const { baton, simulator } = await setup(1);
  simulator.answer({ on: "signal", contactId: CONTACT, status: 503, times: 1, retryAfter: 0 });
  const first = await baton.send({ contactId: CONTACT, params: { p1: "first" }, delayMs: 0 });
  const second = await baton.send({ contactId: CONTACT, params: { p1: "second" } });
  await simulator.untilSignals(1);
  // Whether it is cancelled between its attempts or has been delivered meanwhile, the second one goes.
  await baton.cancel(first.id).catch(() => undefined);
  expect((await ended(baton, second.id)).status).toBe("delivered");
});

it("lets one that waits for its delay or its retry wait on when another of its contact ends", async () => {
  const { baton, simulator } = await setup(1, 2 * WAIT_MS);
  const delayed = await baton.send({ contactId: CONTACT, delayMs: WAIT_MS });
  simulator.answer({ on: "signal", contactId: OTHER, status: 503, times: 1 });
  const retried = await baton.send({ contactId: OTHER });
  await expect.poll(async () => (await baton.get(retried.id)).waitingFor, { timeout: 20_000 }).toBe("retry");
  for (const contactId of [CONTACT, OTHER]) await baton.cancel((await baton.send({ contactId, delayMs: 60_000 })).id);
  await Promise.all([delayed, retried].map(({ id }) => ended(baton, id)));

  const [first] = simulator.signals({ contactId: CONTACT });
  expect(first?.at).toBeGreaterThanOrEqual(Date.parse(delayed.acceptedAt) + WAIT_MS - CLOCK_MS);
  const [refused, again] = simulator.signals({ contactId: OTHER });
  expect(again?.at).toBeGreaterThanOrEqual((refused?.endedAt ?? Number.NaN) + WAIT_MS - CLOCK_MS);
});
