import { createBatonClient, ProblemError } from "@baton/api";
import { createProcessLifecycle } from "@baton/runtime";
import { createLog } from "@baton/telemetry";
import { expect, it, onTestFinished, vi } from "vitest";
import { createWorld, type DeliveryChange, ended } from "./world/world.ts";

/** The schema that this Baton writes, the next one, one that is further away, and the one before. */
const OWN = 3;
const NEXT = OWN + 1;
const FAR = 99;
const OLD = 2;

async function setup(delivery: DeliveryChange = {}) {
  const world = await createWorld();
  const { token } = await world.createConnector({ delivery });
  const ingress = await world.startIngress();
  const admin = await world.startAdmin();
  const baton = createBatonClient({ ingressUrl: ingress.url, adminUrl: admin.url, token, adminKey: admin.key });
  const record = (id: string) => `${world.shards.tags[0]}:h:${id}`;
  return { ...world, baton, token, record, schemaOf: (id: string) => world.redis.hget(record(id), "v") };
}

/**
 * loadNextVersion gives the processes of the next version: the same code, with scripts that write the next schema and
 * know this one.
 */
async function loadNextVersion() {
  vi.resetModules();
  vi.doMock("node:fs", async (importOriginal) => {
    const fs = await importOriginal<typeof import("node:fs")>();
    const raised = (text: unknown) =>
      typeof text === "string"
        ? text.replace(`SCHEMA, OLDEST_SCHEMA = ${OWN}, ${OWN}`, `SCHEMA, OLDEST_SCHEMA = ${NEXT}, ${OWN}`)
        : text;
    const readFileSync = (...args: Parameters<typeof fs.readFileSync>) => raised(fs.readFileSync(...args));
    return { ...fs, readFileSync, default: { ...fs, readFileSync } };
  });
  onTestFinished(() => vi.doUnmock("node:fs"));
  const [ingress, worker] = await Promise.all([import("@baton/ingress"), import("@baton/worker")]);
  return { ...ingress, ...worker };
}

/**
 * startNextVersion starts an ingress and, where it is asked to, a worker of the next version beside the world's own.
 */
async function startNextVersion(
  { env }: { readonly env: Readonly<Record<string, string>> },
  token: string,
  options: { worker: boolean },
) {
  const next = await loadNextVersion();
  const log = createLog({ name: "next", level: "error" });
  const life = createProcessLifecycle({ log });
  onTestFinished(async () => void (await life.close()));
  const { url } = await next.composeIngress(next.readIngressConfig({ ...env }), life, log);
  if (options.worker) await next.composeWorker(next.readWorkerConfig({ ...env }), life, log);
  return createBatonClient({ ingressUrl: url, token });
}

it("runs beside the next version: each handoff is delivered once, and a contact's in their order, whichever accepted them", async () => {
  const world = await setup();
  const { baton, token, schemaOf, simulator, startWorker } = world;
  const next = await startNextVersion(world, token, { worker: true });
  await startWorker();
  const sent: string[] = [];
  for (let i = 0; i < 12; i++) {
    const contacts = ["1", "2", `${100 + i}`];
    for (const contactId of contacts)
      sent.push((await (i % 2 === 0 ? baton : next).send({ contactId, params: { p1: String(sent.length) } })).id);
  }
  expect(new Set(await Promise.all(sent.map(schemaOf)))).toEqual(new Set([String(OWN), String(NEXT)]));
  for (const id of sent) expect((await ended(next, id)).status).toBe("delivered");
  const signals = simulator.signals();
  expect(signals).toHaveLength(sent.length);
  for (const contactId of ["1", "2"]) {
    const order = signals.filter((signal) => signal.contactId === contactId).map(({ params }) => Number(params.p1));
    expect(order).toEqual(order.toSorted((a, b) => a - b));
  }
});

it("lets the next version finish what this one accepted, and leaves it the next one's", async () => {
  const world = await setup();
  const { baton, token, startWorker, simulator } = world;
  const next = await startNextVersion(world, token, { worker: false });
  const [first, second] = [await baton.send({ contactId: "1" }), await next.send({ contactId: "1" })];
  await startWorker();
  expect((await ended(baton, first.id)).status).toBe("delivered");
  await expect(baton.get(second.id)).rejects.toMatchObject({ status: 503 });
  // This one's worker went on with others of the connector meanwhile.
  expect((await ended(baton, (await baton.send({ contactId: "2" })).id)).status).toBe("delivered");
  expect(simulator.signals().map(({ contactId }) => contactId)).toEqual(["1", "2"]);
  const third = await baton.send({ contactId: "1" });
  await startNextVersion(world, token, { worker: true });
  for (const id of [second.id, third.id]) expect((await ended(next, id)).status).toBe("delivered");
});

it("lets the next version's handoff go that stands behind this one's in the queue of its contact", async () => {
  // So long that the next version, which is loaded meanwhile, is there before the first one's end.
  const world = await setup({ attemptTimeoutMs: 20_000 });
  const { baton, token, startWorker, simulator, redis, shards, record } = world;
  await startWorker();
  simulator.answer({ delayMs: 8_000, times: 1 });
  const first = await baton.send({ contactId: "1" });
  await simulator.untilSignals(1);
  const next = await startNextVersion(world, token, { worker: true });
  const second = await next.send({ contactId: "1", deadlineMs: 30_000 });
  // It is delayed: it is looked at past its deadline, or when the one before it ends.
  const delayedJobs = async () =>
    Number(await redis.zscore(`${shards.tags[0]}:due`, second.id)) - Number(await redis.hget(record(second.id), "dl"));
  await expect.poll(delayedJobs, { timeout: 10_000, interval: 20 }).toBe(1);
  expect((await ended(baton, first.id)).status).toBe("delivered");
  expect((await ended(next, second.id)).status).toBe("delivered");
});

it("leaves a handoff of a newer Baton alone, and refuses it in words, until a newer one is there", async () => {
  const { baton, record, redis, startWorker, simulator } = await setup();
  const { id } = await baton.send({ contactId: "1" });
  await redis.hset(record(id), "v", FAR);
  await startWorker();
  const refused: unknown = await baton.get(id).catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(ProblemError);
  expect(refused).toMatchObject({ status: 503, problem: { detail: expect.stringContaining("newer Baton") } });
  await expect(baton.cancel(id)).rejects.toMatchObject({ status: 503 });
  await expect(baton.replay(id)).rejects.toMatchObject({ status: 503 });
  expect((await ended(baton, (await baton.send({ contactId: "2" })).id)).status).toBe("delivered");
  expect((await baton.handoffs()).items.map((item) => item.contactId)).toEqual(["2"]);
  expect(simulator.signals().map(({ contactId }) => contactId)).toEqual(["2"]);

  await redis.hset(record(id), "v", OWN);
  expect((await ended(baton, id)).status).toBe("delivered");
});

it("says so once no worker has taken a newer Baton's handoff for ten seconds", async () => {
  const { baton, record, redis, startWorker, logLines, shards } = await setup();
  const { id } = await baton.send({ contactId: "1" });
  await redis.hset(record(id), "v", FAR);
  await redis.hset(`${shards.tags[0]}:handoffs:${id}-1`, "timestamp", Date.now() - 10_000);
  await startWorker();
  await expect.poll(() => logLines.some((line) => line.includes(`${id}-1 is of another version of Baton`))).toBe(true);
});

it("refuses a record of the format before the gates in words, and changes nothing of it", async () => {
  const { baton, record, redis, startWorker, simulator } = await setup();
  const { id } = await baton.send({ contactId: "1" });
  await redis.hset(record(id), "v", OLD);
  const before = await redis.hgetall(record(id));
  await startWorker();
  const inWords = { status: 503, problem: { detail: expect.stringMatching(/written by an older Baton; .*changelog/) } };
  for (const asked of [() => baton.get(id), () => baton.cancel(id), () => baton.replay(id), () => baton.discard(id)]) {
    await expect(asked()).rejects.toMatchObject(inWords);
  }
  expect((await ended(baton, (await baton.send({ contactId: "2" })).id)).status).toBe("delivered");
  expect(await redis.hgetall(record(id))).toEqual(before);
  expect(simulator.signals().map(({ contactId }) => contactId)).toEqual(["2"]);
});

it("reads a record that lacks what later versions added", async () => {
  const { baton, record, redis, startWorker } = await setup();
  const { id } = await baton.send({ contactId: "1" });
  // Fields are added with a meaning for their absence: an older Baton never wrote these.
  await redis.hdel(record(id), "acknowledged", "amo", "ik", "settled", "wt", "wk");
  await startWorker();
  expect((await ended(baton, id)).status).toBe("delivered");
});
