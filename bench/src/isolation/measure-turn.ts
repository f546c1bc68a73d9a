/** One turn of isolation: the healthy connectors alone, then beside trouble, on a fresh contender. */
import { setTimeout as sleep } from "node:timers/promises";
import { controlSimulator } from "@baton/chaos/simulator-control";
import { startBaton } from "../contenders/baton.ts";
import { credentialsOf, type Kind } from "../contenders/contender.ts";
import { startPlain } from "../contenders/plain.ts";
import { type Latencies, latencies } from "../latencies.ts";
import { openRig, type Rig } from "../rig.ts";
import { addTallies, type Tally, tally } from "../tally.ts";
import { RATE, type Trouble } from "./troubles.ts";

const PROJECTS = 20;
/** Each healthy connector's load; 20 of them send 100/s, as design.md asks. */
const PER_SECOND_EACH = 5;
const WARM_UP = { perSecondEach: 15, seconds: 4 };
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
export async function measureIsolationTurn({ kind, trouble, seconds, smoke }: IsolationOptions): Promise<IsolationTurn> {
  await using rig = await openRig((options) => START[kind]({ ...options, projects: PROJECTS, rate: RATE }));
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

function loadOf(rig: Rig, tokens: readonly string[]) {
  return { port: rig.contender.port, tokens, firstContact: rig.nextContacts() };
}

/** startTrouble resolves once the bad neighbours are sent to; `end` repairs CXone, and waits for the last of their callers. */
async function startTrouble(rig: Rig, { faults, perSecond: each }: Trouble, forMs: number): Promise<{ end(): Promise<void> }> {
  const simulator = controlSimulator(rig.simulatorUrl);
  for (const [number, { fault, times }] of faults.entries()) {
    const scope = { accessKeyId: credentialsOf(number).accessKeyId };
    if (fault !== undefined) await simulator.answer({ on: "signal", scope, fault, ...(times === undefined ? {} : { times }) });
  }
  const tokens = rig.contender.tokens.slice(0, faults.length);
  const perSecond = each * tokens.length;
  const shape = { kind: "rate", perSecond, count: Math.ceil((perSecond * forMs) / 1_000) } as const;
  const load = rig.load.play({ ...loadOf(rig, tokens), shape });
  return {
    async end() {
      await simulator.repair();
      await load;
    },
  };
}
