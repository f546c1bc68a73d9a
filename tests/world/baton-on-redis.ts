/** Baton as processes on a Redis that is about to suffer, and the questions a test asks afterwards. */
import { createBatonClient, type HandoffJson } from "@baton/api";
import { hasEnded } from "@baton/domain";
import type { Redis } from "ioredis";
import { startProcess } from "./process.ts";
import { eventually } from "./redis-server.ts";
import { type Answer, drawUpLedger, type Ledger, trySend } from "./traffic.ts";
import { type ConnectorChange, createWorld, type World } from "./world.ts";

export interface OutageOptions {
  readonly environment?: Readonly<Record<string, string>>;
  readonly connector?: ConnectorChange;
}

/**
 * startBatonOn starts one ingress and one worker on the Redis at `url`, with a connector, and lets them deliver a first
 * handoff.
 */
export async function startBatonOn(url: string, { environment = {}, connector: change = {} }: OutageOptions = {}) {
  const world = await createWorld({ BATON_REDIS_URL: url, ...environment });
  const { connector, token } = await world.createConnector(change);
  const [ingress, worker] = await Promise.all([startProcess("ingress", world.env), startProcess("worker", world.env)]);
  const client = createBatonClient({ ingressUrl: ingress.url, token });
  const read = (id: string) => client.get(id).catch(() => undefined);
  const baton = { ...world, connector, token, ingress, worker, client, read };
  await deliversAgain(baton);
  return {
    ...baton,
    /** Resolves once a new handoff is accepted and delivered. */
    deliversAgain: () => deliversAgain(baton),
    /** Waits until every handoff has ended and every one that was refused is taken back, then draws up the ledger. */
    settle: (answers: readonly Answer[], readAny: typeof read = read) => settle({ ...baton, read: readAny }, answers),
    /** Like `settle`, where another Redis took over and another ingress serves. */
    settleOn: (redis: Redis, moved: typeof client, answers: readonly Answer[]) =>
      settle({ ...baton, redis, client: moved, read: (id) => moved.get(id).catch(() => undefined) }, answers),
  };
}

async function settle(baton: World & Asked, answers: readonly Answer[]): Promise<Ledger> {
  await deliversAgain(baton);
  await eventually(() => liveHandoffs(baton), 0);
  const ledger = await drawUpLedger(answers, baton.read, baton.simulator.signals());
  process.stderr.write(`${JSON.stringify(ledger)}\n`);
  return ledger;
}

interface Asked {
  readonly client: ReturnType<typeof createBatonClient>;
  readonly read: (id: string) => Promise<HandoffJson | undefined>;
}

async function deliversAgain({ client, read }: Asked): Promise<void> {
  await eventually(async () => (await trySend(client)).kind, "accepted");
  const { id = "" } = await trySend(client);
  await eventually(async () => {
    const handoff = await read(id);
    // What it waits for is what one wants to know where it never ends.
    return handoff !== undefined && hasEnded(handoff.status) ? "ended" : handoff;
  }, "ended");
}

/**
 * liveHandoffs counts what has not ended, over all shards: a record whose sender was answered 503 is among them until
 * it is taken back.
 */
async function liveHandoffs({ redis, shards }: World): Promise<number> {
  const counts = await Promise.all(shards.tags.map((tag) => redis.zcard(`${tag}:due`)));
  return counts.reduce((sum, count) => sum + count, 0);
}
