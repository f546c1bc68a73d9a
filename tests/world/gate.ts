/**
 * A connector's gate as an outsider sees it: handoffs in over HTTP, and the instants at which their requests arrive at
 * CXone's stand-in.
 */

import { monitorEventLoopDelay } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import { type HandoffJson, ProblemError } from "@baton/api";
import { excessOver, type Rate, type RatePeriod } from "@baton/chaos/rate-ceiling";
import type { SeenSignal } from "@baton/simulator";
import { expect } from "vitest";
import { CLOCK_MS, startIntake } from "./baton.ts";
import { createOperator } from "./operator.ts";
import type { ConnectorChange } from "./world.ts";

/** HEARD_MS: every change, pause and revocation holds on all processes after so long. */
export const HEARD_MS = 2_000;
/** What leaves may arrive closer together than it left: by what two busy cores hold a process up. Milliseconds. */
const TRANSIT_MS = 250;
/**
 * Two handoffs that fell due within so long of each other may go either way: the second may be claimed
 * first. Milliseconds.
 */
const TIE_MS = 100;
/** The end of a connection may be noticed so much later than the next request on another one. Milliseconds. */
const CLOSE_MS = 20;
/** As many as one request of the batch call takes. */
const BATCH = 100;
const LATE: { readonly status: number; readonly handoff?: HandoffJson; readonly problem?: unknown } = { status: 503 };
/** How many ends are waited for at the same time: all of Baton is in this process, too. */
const AT_ONCE = 20;

let lastContact = 400_000_000_000;

export type Gate = Awaited<ReturnType<typeof startGate>>;
type Send = Partial<Parameters<Awaited<ReturnType<typeof startIntake>>["send"]>[0]>;

/** startGate starts ingress and admin, with one connector and no worker yet. */
export async function startGate(change: ConnectorChange = {}, environment: Readonly<Record<string, string>> = {}) {
  const intake = await startIntake(change, environment);
  const operator = createOperator(await intake.startAdmin());
  const lateness = monitorEventLoopDelay({ resolution: 5 });
  lateness.enable();

  return {
    ...intake,
    operator,
    /** Pauses the first connector, and resolves once every process has seen it. */
    async pause(): Promise<void> {
      await operator.pause(intake.connector.id);
      await sleep(HEARD_MS);
    },
    /**
     * How long this process itself was kept from looking, at most: all of Baton that runs in it was kept from working.
     * Milliseconds.
     */
    lateMs: () => lateness.max / 1e6,
    /** Sends handoffs to contacts of their own, one after the other, and gives them as they were accepted. */
    sendInTurn: (count: number, body: Send = {}) => sendInTurn(intake, count, body),
    /** Waits until a handoff says that it waits for `condition`. */
    waitingFor: (handoff: Pick<HandoffJson, "id">, condition: string) =>
      expect
        .poll(async () => (await intake.client.get(handoff.id)).waitingFor, { timeout: 20_000, interval: 20 })
        .toBe(condition),
    /** Waits until a handoff does not wait for its delay any more. */
    isDue: (handoff: Pick<HandoffJson, "id">) =>
      expect
        .poll(async () => (await intake.client.get(handoff.id)).waitingFor, { timeout: 20_000, interval: 20 })
        .not.toBe("delay"),
    /** Each of them as it is now. */
    read: (handoffs: readonly Pick<HandoffJson, "id">[]) =>
      Promise.all(handoffs.map(({ id }) => intake.client.get(id))),
    /** Waits until all have ended as delivered, and gives them as they ended. */
    async delivered(handoffs: readonly Pick<HandoffJson, "id">[]): Promise<readonly HandoffJson[]> {
      const all: HandoffJson[] = [];
      for (let from = 0; from < handoffs.length; from += AT_ONCE) {
        all.push(...(await Promise.all(handoffs.slice(from, from + AT_ONCE).map((handoff) => intake.ended(handoff)))));
      }
      expect(all.filter(({ status }) => status !== "delivered")).toEqual([]);
      return all;
    },
    /** The first connector's requests so far. */
    arrivals: () => intake.simulator.signals({ accessKeyId: intake.accessKeyId }),
    /** Holds arrivals, and what Baton itself says of when attempts began, to the rate in every window of any length. */
    expectRate(rate: Rate | readonly RatePeriod[], kept: Kept): void {
      const periods = "perSecond" in rate ? [{ from: 0, rate }] : rate;
      const { arrivals, handoffs = [] } = kept;
      const begun = handoffs.flatMap(({ attempts }) => attempts.map(({ startedAt }) => Date.parse(startedAt)));
      expect(excessOver(begun, periods, CLOCK_MS), "attempts begun").toBeUndefined();
      const instants = arrivals.map(({ at }) => at);
      expect(excessOver(instants, periods, TRANSIT_MS + lateness.max / 1e6), "requests arrived").toBeUndefined();
    },
  };
}

/**
 * expectEmptyBucket holds those whose gate has just opened to a bucket that was empty then: from the first on, none is
 * begun sooner than the rate alone allows. What a late worker left in the bucket since may go together.
 */
export function expectEmptyBucket({ perSecond }: Rate, handoffs: readonly HandoffJson[]): void {
  const begun = handoffs
    .flatMap(({ attempts }) => attempts.map(({ startedAt }) => Date.parse(startedAt)))
    .toSorted((one, other) => one - other);
  const [openedAt = 0] = begun;
  const early = begun.filter((at, index) => index > 1 + ((at - openedAt + CLOCK_MS) * perSecond) / 1_000);
  expect(early.map((at) => at - openedAt)).toEqual([]);
}

/** Kept is what is held to a rate: requests that arrived, and handoffs whose attempts tell when they began. */
interface Kept {
  readonly arrivals: readonly SeenSignal[];
  readonly handoffs?: readonly HandoffJson[];
}

/** nextContacts gives contacts that were not used. */
export function nextContacts(count: number): readonly string[] {
  return Array.from({ length: count }, () => String(++lastContact));
}

async function sendInTurn(
  { client }: Awaited<ReturnType<typeof startIntake>>,
  count: number,
  body: Send,
): Promise<HandoffJson[]> {
  const bodies = nextContacts(count).map((contactId) => ({ contactId, ...body }));
  const accepted: HandoffJson[] = [];
  while (bodies.length > 0) {
    const some = bodies.splice(0, BATCH);
    // Redis may be late on a busy machine: nothing was accepted then, and a second request is like the first.
    const results = await client.sendBatch(some).catch((error: unknown) => {
      if (error instanceof ProblemError && error.status === 503) return some.map(() => LATE);
      throw error;
    });
    for (const [index, { handoff, status, problem }] of results.entries()) {
      if (handoff !== undefined) accepted.push(handoff);
      else if (status === LATE.status) bodies.push(...some.slice(index, index + 1));
      else throw new Error(`refused: ${JSON.stringify(problem)}`);
    }
  }
  return accepted;
}

/** overlapping gives the requests that arrived while another one of the same contact was open, each in words. */
export function overlapping(signals: readonly SeenSignal[], closeMs = CLOSE_MS): readonly string[] {
  const isOpenAt = ({ at, endedAt = Number.POSITIVE_INFINITY }: SeenSignal, other: SeenSignal) =>
    at <= other.at && endedAt > other.at + closeMs;
  return [...Map.groupBy(signals, ({ accessKeyId, contactId }) => `${accessKeyId} ${contactId}`).values()].flatMap(
    (all) =>
      all
        .filter((signal) => all.some((other) => other.number !== signal.number && isOpenAt(other, signal)))
        .map(({ contactId, at, params }) => `${contactId} (${params.p1}) at ${at}`),
  );
}

/** overtaken gives the handoffs that were first tried after one that had fallen due later, each as `id before id`. */
export function overtaken(handoffs: readonly HandoffJson[], tieMs = TIE_MS): readonly string[] {
  const tried = handoffs.flatMap(({ id, attempts: [first], ...handoff }) =>
    first === undefined ? [] : { id, dueAt: dueAt(handoff), begunAt: Date.parse(first.startedAt) },
  );
  return tried.flatMap((one) =>
    tried
      .filter((other) => other.dueAt > one.dueAt + tieMs && other.begunAt < one.begunAt)
      .map((other) => `${other.id} before ${one.id}`),
  );
}

/**
 * dueAt of a handoff that has not been tried: its acceptance. Those that ask for a delay are known to their test.
 */
function dueAt({ acceptedAt }: Pick<HandoffJson, "acceptedAt">): number {
  return Date.parse(acceptedAt);
}
