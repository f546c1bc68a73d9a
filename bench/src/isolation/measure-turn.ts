/** One turn of isolation: the healthy connectors alone, then beside trouble, on a fresh contender. */
import { setTimeout as sleep } from "node:timers/promises";
import { controlSimulator } from "@baton/chaos/simulator-control";
import { startBaton } from "../contenders/baton.ts";
import { credentialsOf, type Kind } from "../contenders/contender.ts";
import { startPlain } from "../contenders/plain.ts";
import { type Latencies, latencies } from "../latencies.ts";
import { openRig, type Rig } from "../rig.ts";
import { addTallies, type Tally, tally } from "../tally.ts";
import { RATE, type Trouble } from "./bad-neighbours.ts";

const PROJECTS = 20;
/** Each healthy connector's load; 20 of them send 100/s, as design.md asks. */
const PER_SECOND_EACH = 5;
const WARM_UP = { perSecondEach: 15, seconds: 4 };
/** Every process knows of a change after so long. Milliseconds. */
const HEARD_MS = 2_500;
/** Trouble lasts for so long before its neighbours are measured. Milliseconds. */
const LEAD_IN_MS = 10_000;
/** What the healthy had accepted arrives within so long after the trouble is over. Milliseconds. */
const ARRIVE_MS = 90_000;

export interface IsolationOptions {
  readonly kind: Kind;
  readonly trouble: Trouble;
  readonly seconds: number;
  readonly smoke: boolean;
}

export interface IsolationTurn {
  readonly kind: Kind;
  readonly trouble: string;
  /** Of the healthy connectors only. */
  readonly alone: Latencies;
  readonly beside: Latencies;
  readonly tally: Tally;
}

/** measureIsolationTurn starts and ends everything it needs. */
export async function measureIsolationTurn({
  kind,
  trouble,
  seconds,
  smoke,
}: IsolationOptions): Promise<IsolationTurn> {
  await using rig = await openRig((options) => START[kind]({ ...options, projects: PROJECTS, rate: RATE, env: ENV }));
  const tokens = rig.contender.tokens.slice(trouble.faults.length);
  const shape = (perSecondEach: number, forS: number) => {
    const perSecond = perSecondEach * tokens.length;
    return { kind: "rate", perSecond, count: perSecond * forS } as const;
  };
  const warm = await rig.play({ tokens, shape: shape(WARM_UP.perSecondEach, smoke ? 1 : WARM_UP.seconds) });
  const alone = await rig.play({ tokens, shape: shape(PER_SECOND_EACH, seconds) });
  const leadInMs = smoke ? 1_000 : LEAD_IN_MS;
  const { end } = await startTrouble(rig, trouble, leadInMs + seconds * 1_000);
  await sleep(leadInMs);
  const { sent } = await rig.load.play({ ...loadOf(rig, tokens), shape: shape(PER_SECOND_EACH, seconds) });
  await end();
  const beside = { sent, arrivals: await rig.arrivalsOf(sent, ARRIVE_MS) };
  return {
    kind,
    trouble: trouble.name,
    alone: latencies(alone),
    beside: latencies(beside),
    tally: addTallies([warm, alone, beside].map((one) => tally(one.sent, one.arrivals))),
  };
}

const START = { baton: startBaton, plain: startPlain };
/** What waits for one connector's rate, and what it is sent beside. */
const ENV = { BATON_MAX_PENDING: "20000" };
/** Nothing that waits for its rate is refused or dies while it is looked at. Milliseconds. */
const PARKED_DEADLINE_MS = 3_600_000;
const PARKED_CLIENTS = 32;

function loadOf(rig: Rig, tokens: readonly string[]) {
  return { port: rig.contender.port, tokens, firstContact: rig.nextContacts() };
}

/** park resolves once so many are accepted for the first connector. */
async function park(rig: Rig, count: number): Promise<void> {
  const { contender } = rig;
  if (!("operator" in contender)) throw new Error("only Baton has something to park");
  const { operator, connectors } = contender as Awaited<ReturnType<typeof startBaton>>;
  await operator.patchConnector(connectors[0]?.id ?? "", { delivery: { deadlineMs: PARKED_DEADLINE_MS } });
  await sleep(HEARD_MS);
  const shape = { kind: "count", count, clients: PARKED_CLIENTS } as const;
  const { sent } = await rig.load.play({ ...loadOf(rig, contender.tokens.slice(0, 1)), shape });
  const refused = sent.filter(({ status }) => status !== 202).length;
  if (refused > 0) throw new Error(`${refused} of ${count} handoffs were not accepted`);
}

/** repeatFault has a fault meet one request of the first connector so often, until it is stopped. */
function repeatFault(
  simulator: ReturnType<typeof controlSimulator>,
  { fault, intervalMs }: NonNullable<Trouble["again"]>,
): () => void {
  const scope = { accessKeyId: credentialsOf(0).accessKeyId };
  const timer = setInterval(() => void simulator.answer({ on: "signal", scope, fault, times: 1 }), intervalMs);
  return () => clearInterval(timer);
}

/**
 * startTrouble resolves once the bad neighbours are sent to; `end` repairs CXone, and waits for the last of their
 * callers.
 */
async function startTrouble(
  rig: Rig,
  { faults, perSecond: each, parked, again }: Trouble,
  forMs: number,
): Promise<{ end(): Promise<void> }> {
  const simulator = controlSimulator(rig.simulatorUrl);
  for (const [number, { fault, times }] of faults.entries()) {
    const scope = { accessKeyId: credentialsOf(number).accessKeyId };
    if (fault !== undefined)
      await simulator.answer({ on: "signal", scope, fault, ...(times === undefined ? {} : { times }) });
  }
  if (parked !== undefined) await park(rig, parked);
  const stop = again === undefined ? () => undefined : repeatFault(simulator, again);
  const tokens = rig.contender.tokens.slice(0, faults.length);
  const perSecond = each * tokens.length;
  const shape = { kind: "rate", perSecond, count: Math.ceil((perSecond * forMs) / 1_000) } as const;
  const load = rig.load.play({ ...loadOf(rig, tokens), shape });
  return {
    async end() {
      stop();
      await simulator.repair();
      await load;
    },
  };
}
