/** Isolation: the healthy connectors' time from due to delivered, with and without bad neighbours, in alternating turns of one run. */
import { setTimeout as sleep } from "node:timers/promises";
import { createBatonClient, type HandoffJson } from "@baton/api";
import { type Bench, type BenchConnector, openBench } from "./open-bench.ts";
import { median, quantile } from "./quantile.ts";
import { atMost, type PartOptions, type Section } from "./section.ts";

/** What issue and design ask for: 100 handoffs a second over 20 connectors. */
const CONNECTORS = 20;
const PER_SECOND = 100;
/** Connectors that get bad neighbours' roles, one each. */
const BAD = 4;

export interface IsolationOptions {
  /** Turns of each kind; the figures are the medians of the turns. */
  readonly turns: number;
  readonly turnMs: number;
}

/** IsolationFigures in milliseconds, of healthy connectors only. */
export interface IsolationFigures {
  readonly alone: TurnFigures;
  readonly beside: TurnFigures;
  /** p99 beside bad neighbours over p99 without them. */
  readonly ratio: number;
  readonly handoffs: number;
  /** Healthy handoffs that did not end delivered: must be 0. */
  readonly undelivered: number;
}

export interface TurnFigures {
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** measureIsolation runs `turns` turns of each kind, alternating, so that what else the machine does meets both alike. */
export async function measureIsolation({ turns, turnMs }: IsolationOptions): Promise<IsolationFigures> {
  await using bench = await openBench({ connectors: CONNECTORS, workers: 2 });
  const healthy = bench.connectors.slice(BAD);
  // Everybody's token is fetched before anything is measured.
  await Promise.all(bench.connectors.map((connector) => send(bench, connector, 1)));
  const latencies: { alone: number[][]; beside: number[][] } = { alone: [], beside: [] };
  let undelivered = 0;
  for (let turn = 0; turn < turns; turn++) {
    for (const kind of ["alone", "beside"] as const) {
      const trouble = kind === "beside" ? await startTrouble(bench) : undefined;
      const ended = await load(bench, healthy, turnMs);
      await trouble?.stop();
      undelivered += ended.filter(({ status }) => status !== "delivered").length;
      latencies[kind].push(ended.map(({ acceptedAt, endedAt }) => Date.parse(endedAt ?? "") - Date.parse(acceptedAt)));
    }
  }
  const figures = (all: readonly (readonly number[])[]): TurnFigures => ({
    p50Ms: median(all.map((turn) => quantile(turn, 0.5))),
    p99Ms: median(all.map((turn) => quantile(turn, 0.99))),
  });
  const alone = figures(latencies.alone);
  const beside = figures(latencies.beside);
  const handoffs = [...latencies.alone, ...latencies.beside].reduce((sum, turn) => sum + turn.length, 0);
  return { alone, beside, ratio: beside.p99Ms / alone.p99Ms, handoffs, undelivered };
}

/** load sends at a fixed rate over the connectors, whatever becomes of the earlier ones, and gives how each ended. */
async function load(bench: Bench, connectors: readonly BenchConnector[], turnMs: number): Promise<readonly HandoffJson[]> {
  const count = Math.floor((turnMs * PER_SECOND) / 1_000);
  const sent = Array.from({ length: count }, async (_, i) => {
    await sleep((i * 1_000) / PER_SECOND);
    const connector = connectors[i % connectors.length];
    if (connector === undefined) throw new Error("there are no healthy connectors");
    const baton = createBatonClient({ ingressUrl: bench.ingressUrl, token: connector.token });
    const { id } = await baton.send({ contactId: bench.nextContact() });
    return { baton, id };
  });
  const all = await Promise.all(sent);
  return Promise.all(all.map(({ baton, id }) => baton.get(id, { waitMs: 30_000 })));
}

/** startTrouble: one connector hangs, one fails at once, one has its whole rate queued, one has a backlog that its breaker held and lets go. */
async function startTrouble(bench: Bench) {
  const [hanging, failing, crowded, recovering] = bench.connectors;
  if (hanging === undefined || failing === undefined || crowded === undefined || recovering === undefined)
    throw new Error("too few connectors");
  await bench.simulator.answer({ on: "signal", scope: { accessKeyId: hanging.accessKeyId }, fault: { hang: true } });
  await bench.simulator.answer({ on: "signal", scope: { accessKeyId: failing.accessKeyId }, fault: { status: 500 } });
  await bench.simulator.answer({ on: "signal", scope: { accessKeyId: recovering.accessKeyId }, times: 40, fault: { status: 503 } });
  let running = true;
  const loads = [hanging, failing, crowded, recovering].map(async (connector) => {
    while (running) {
      await send(bench, connector, 20).catch(() => undefined);
      await sleep(500);
    }
  });
  return {
    async stop(): Promise<void> {
      running = false;
      await Promise.all(loads);
      await bench.simulator.repair();
    },
  };
}

/** send gives a connector `count` handoffs at once; a 429 is an answer, too. */
async function send(bench: Bench, { token }: BenchConnector, count: number): Promise<void> {
  const baton = createBatonClient({ ingressUrl: bench.ingressUrl, token });
  await baton.sendBatch(Array.from({ length: count }, () => ({ contactId: bench.nextContact(), deadlineMs: 10_000 })));
}

/** measureIsolationPart is the part as the bench runs it. */
export async function measureIsolationPart({ turns, seconds }: PartOptions): Promise<Section> {
  const figures = await measureIsolation({ turns, turnMs: seconds * 1_000 });
  return {
    title: "Isolation",
    text: JSON.stringify(figures),
    targets: [atMost("p99 of the others beside a bad neighbour, against alone", figures.ratio, { limit: 1.5, unit: "×" })],
    faults: figures.undelivered === 0 ? [] : [`${figures.undelivered} healthy handoffs were not delivered`],
    figures,
  };
}
