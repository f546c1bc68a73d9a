import { expect, it } from "vitest";
import { createConnector, DELIVERED, FAR_FUTURE, ready, setup } from "../testing/space.ts";
import type { KnownDestination } from "./claim-script-arguments-and-reply.ts";

const nothing = new Map<string, KnownDestination | undefined>();

it("begins nothing of what its worker knows not, and names it once, so that it is found", async () => {
  const { queued, claim } = await setup();
  const [connector, other] = [createConnector(), createConnector()];
  for (const each of [connector, connector, other]) await queued(each);
  const { attempts, missingDestinations } = await claim(connector, { destinations: nothing });
  expect(attempts).toEqual([]);
  expect(missingDestinations.toSorted()).toEqual([connector.id, other.id].toSorted());
  const destinations = new Map([connector, other].map((each) => [each.id, ready(each)]));
  expect((await claim(connector, { destinations })).attempts).toHaveLength(3);
});

it("keeps what it was sent, and needs not be sent it again", async () => {
  const { queued, claim, settle } = await setup();
  const connector = createConnector();
  for (let i = 0; i < 3; i++) {
    await queued(connector);
    const { attempts } = await claim(connector, i === 0 ? {} : { destinations: nothing });
    expect(attempts).toHaveLength(1);
    for (const attempt of attempts) await settle(connector, attempt, DELIVERED);
  }
});

it("begins nothing under a version of the registry of which it has no destination: the policy may be another", async () => {
  const { queued, claim, elapse } = await setup();
  const connector = createConnector();
  await claim(connector);
  await queued(connector);
  const stale = await claim(connector, { version: 2, destinations: nothing });
  expect(stale).toMatchObject({ attempts: [], missingDestinations: [connector.id] });
  await elapse(50);
  // A worker that still has the version before, until its next heartbeat, goes on.
  expect((await claim(connector, { version: 1 })).attempts).toHaveLength(1);
});

it("goes by the policy that was sent last", async () => {
  const { queued, claim } = await setup();
  const connector = createConnector({ attemptTimeoutMs: 3_000 });
  const shorter = {
    ...connector,
    delivery: { ...connector.delivery, attemptTimeoutMs: 500, guarantee: "at-most-once" as const },
  };
  await queued(connector);
  await queued(connector);
  const [before] = (await claim(connector, { slots: 1 })).attempts;
  const [after] = (await claim(shorter, { slots: 1 })).attempts;
  expect([before, after].map((attempt) => (attempt?.until ?? 0) - (attempt?.startedAt ?? 0))).toEqual([3_000, 500]);
});

it("knows a destination no longer than its token lasts", async () => {
  const { queued, claim, elapse, now } = await setup();
  const connector = createConnector();
  const destinations = new Map([
    [connector.id, { ...ready(connector), until: (await now()) + 5_000 } as KnownDestination],
  ]);
  await queued(connector);
  await queued(connector);
  expect((await claim(connector, { slots: 1, destinations })).attempts).toHaveLength(1);
  await elapse(5_001);
  expect(await claim(connector, { slots: 1, destinations: nothing })).toMatchObject({
    attempts: [],
    missingDestinations: [connector.id],
  });
});

it("forgets what its worker takes back, such as one whose token is gone", async () => {
  const { queued, claim } = await setup();
  const connector = createConnector();
  await claim(connector);
  await queued(connector);
  const destinations = new Map([[connector.id, undefined]]);
  expect(await claim(connector, { destinations })).toMatchObject({ attempts: [], missingDestinations: [connector.id] });
});

it("keeps no worker's knowledge for another, nor for ever", async () => {
  const { queued, claim, elapse, redis, tag } = await setup();
  const connector = createConnector();
  await claim(connector, { worker: "a" });
  await queued(connector);
  expect(await claim(connector, { worker: "b", destinations: nothing })).toMatchObject({
    attempts: [],
    missingDestinations: [connector.id],
  });
  expect((await redis.keys(`${tag}:worker:*`)).toSorted()).toEqual([`${tag}:worker:a.1`, `${tag}:worker:b.1`]);
  await elapse(600_001);
  expect(await redis.keys(`${tag}:worker:*`)).toEqual([]);
});

it("understands every policy as it was written, whatever words a refusal has", async () => {
  const { queued, claim, read, deadLetters } = await setup();
  const connector = createConnector({
    rate: { perSecond: 0.5, burst: 1 },
    maxAttempts: 100,
    backoff: { baseMs: 1, capMs: 2 },
  });
  await queued(connector);
  expect((await claim(connector)).attempts).toHaveLength(1);
  const stored = await queued(connector, { deadlineMs: 600_000 });
  const refused: KnownDestination = {
    kind: "refused",
    until: FAR_FUTURE,
    reason: "configuration",
    detail: "a|b||c\nd é",
  };
  await claim(connector, { destinations: new Map([[connector.id, refused]]) });
  expect((await read(stored)).handoff).toMatchObject({ status: "dead", reason: "configuration" });
  expect(await deadLetters.causesOf(connector.id)).toMatchObject([{ detail: "a|b||c d é" }]);
});
