/** One turn of runs: live handoffs alone, then beside a run of the same connector's dead letters, on a fresh Baton. */
import { setTimeout as sleep } from "node:timers/promises";
import { waitUntil } from "@baton/chaos/redis-server";
import { startBaton } from "../contenders/baton.ts";
import { fillWithHandoffs } from "../fill/fill-with-handoffs.ts";
import type { Baton } from "../growth/admin-calls.ts";
import { type Latencies, latencies } from "../latencies.ts";
import type { Sent } from "../load/phase.ts";
import { openRig, type Rig } from "../rig.ts";
import { openSlowLog, type SlowCommands } from "../slow-log.ts";
import { type Tally, tally } from "../tally.ts";

/** The connector's rate while it is measured: the faster run is asked for more than live handoffs leave of it. */
export const CONNECTOR_RATE = { perSecond: 200, burst: 200 };
export const LIVE_PER_SECOND = 50;
/** RUN_RATES: the default of a run, and what the fault tests ask for. Items a second. */
export const RUN_RATES = [20, 400] as const;
/** How the rest of the run is sent, once nothing is measured any more: all of it is counted. */
const REST_CONNECTOR_RATE = { perSecond: 5_000, burst: 5_000 };
const REST_RATE = 2_000;
const WARM_UP = { perSecond: 150, seconds: 4 };
/** A change holds on every process after so long; and a run is fed for so long before it is measured. Milliseconds. */
const LEAD_IN_MS = 2_500;
const COMPLETED_MS = 120_000;
/** The rest of a large run takes longer: so many items a second are sent at least, beside all else. */
const LEAST_PER_SECOND = 100;

export interface RunTurnOptions {
  readonly items: number;
  readonly seconds: number;
  readonly smoke: boolean;
}

export interface RunTurn {
  readonly alone: Latencies;
  /** By the rate of the run. */
  readonly beside: readonly { readonly ratePerSecond: number; readonly live: Latencies }[];
  /** From the start of the run until all of it had ended. */
  readonly runS: number;
  readonly slow: SlowCommands;
  readonly tally: Tally;
  readonly items: Tally;
}

/** measureRunTurn starts and ends everything it needs. */
export async function measureRunTurn({ items: count, seconds, smoke }: RunTurnOptions): Promise<RunTurn> {
  await using rig = await openRig((options) => startBaton({ ...options, projects: 1 }));
  const shape = (perSecond: number, forS: number) => ({ kind: "rate", perSecond, count: perSecond * forS }) as const;
  const live = shape(LIVE_PER_SECOND, seconds);
  await rig.play({ shape: shape(WARM_UP.perSecond, smoke ? 1 : WARM_UP.seconds) });
  const items = await letDie(rig, count);
  await setConnectorRate(rig, CONNECTOR_RATE);
  await sleep(smoke ? LEAD_IN_MS / 5 : LEAD_IN_MS);
  const slowLog = await openSlowLog(rig.contender.redis.port);
  const alone = await rig.play({ shape: live });
  const run = await startRun(rig, COMPLETED_MS + (1_000 * count) / LEAST_PER_SECOND);
  const sent: (readonly Sent[])[] = [];
  for (const ratePerSecond of RUN_RATES) {
    await run.setRate(ratePerSecond);
    await sleep(smoke ? LEAD_IN_MS / 5 : LEAD_IN_MS);
    const { port, tokens } = rig.contender;
    sent.push((await rig.load.play({ port, tokens, firstContact: rig.nextContacts(), shape: live })).sent);
  }
  const runS = await run.complete();
  const slow = await slowLog.take();
  slowLog.close();
  const arrivals = await rig.arrivalsOf([...sent.flat(), ...items]);
  const ofItems = new Set(items.map(({ contactId }) => contactId));
  const [itemArrivals, liveArrivals] = [true, false].map((isItem) =>
    arrivals.filter(({ contactId }) => ofItems.has(contactId) === isItem),
  );
  return {
    alone: latencies(alone),
    beside: RUN_RATES.map((ratePerSecond, index) => ({
      ratePerSecond,
      live: latencies({ sent: sent[index] ?? [], arrivals: liveArrivals ?? [] }),
    })),
    runS,
    slow,
    tally: tally([...alone.sent, ...sent.flat()], [...alone.arrivals, ...(liveArrivals ?? [])]),
    items: tally(items, itemArrivals ?? []),
  };
}

async function setConnectorRate({ contender }: Rig<Baton>, rate: typeof CONNECTOR_RATE): Promise<void> {
  for (const { id } of contender.connectors) await contender.operator.patchConnector(id, { delivery: { rate } });
}

/**
 * letDie leaves so many dead letters, and gives them as what must arrive once each. The loaders keep to the connector's
 * rate, too: it must not bind yet, or the worker delivers what they leave behind.
 */
async function letDie(rig: Rig<Baton>, count: number): Promise<readonly Sent[]> {
  const { redis, env, children, connectors } = rig.contender;
  const firstContact = rig.nextContacts();
  const order = {
    redisPort: redis.port,
    namespace: env.BATON_NAMESPACE,
    keyring: env.BATON_KEYRING,
    connectorIds: connectors.map(({ id }) => id),
    leftover: "dead",
    firstContact,
    count,
  } as const;
  await fillWithHandoffs(order, children.worker);
  const { total } = await rig.contender.operator.deadLetters({ limit: 1 });
  if (total !== count) throw new Error(`${total} of ${count} handoffs have died`);
  return Array.from({ length: count }, (_, index) => ({
    contactId: String(firstContact + index),
    intendedAt: 0,
    answeredAt: 0,
    status: 202,
  }));
}

/** startRun replays all dead letters, slowly at first; all of it ends within `completedMs`. */
async function startRun(rig: Rig<Baton>, completedMs: number) {
  const { operator } = rig.contender;
  const startedAt = performance.now();
  const [ratePerSecond] = RUN_RATES;
  const { id } = await operator.startRun("replay", { all: true, note: "bench", ratePerSecond });
  const isCompleted = async () => (await operator.run("replay", id)).status === "completed";
  const setRate = async (rate: number) => void (await operator.changeRun("replay", id, { ratePerSecond: rate }));
  return {
    /** setRate throws where the run has ended: then nothing is measured beside it. */
    setRate,
    /** complete has the rest sent as fast as it goes, and gives how many seconds the whole run took. */
    async complete(): Promise<number> {
      await setConnectorRate(rig, REST_CONNECTOR_RATE);
      if (!(await isCompleted())) await setRate(REST_RATE);
      await waitUntil(isCompleted, completedMs);
      return (performance.now() - startedAt) / 1_000;
    },
  };
}
