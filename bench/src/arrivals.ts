/** Arrivals: what the simulator saw, read a piece at a time. */
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";

const PAGE = 10_000;
/** How often the simulator is asked whether all has arrived. Milliseconds. */
const POLL_MS = 50;

const stateSchema = z.object({ signals: z.object({ effective: z.number(), dropped: z.number() }) });
const pageSchema = z.object({
  items: z.array(z.object({ number: z.number(), at: z.string(), contactId: z.string(), effect: z.boolean() })),
  nextCursor: z.string().optional(),
});

/** Arrival of one signal's request; `at` is epoch milliseconds, cut to whole ones. */
export interface Arrival {
  readonly contactId: string;
  readonly at: number;
}

/** followArrivals gives each arrival once. */
export function followArrivals(simulatorUrl: string) {
  let seen = 0;
  let read = 0;
  const ask = async (path: string): Promise<unknown> => (await fetch(`${simulatorUrl}/__sim/${path}`)).json();

  async function waiting(): Promise<number> {
    const { signals } = stateSchema.parse(await ask("state"));
    if (signals.dropped > 0) throw new Error("the simulator had to forget signals; this run is too long for it");
    return signals.effective - read;
  }

  return {
    /** Resolves once `count` signals have taken effect that were not read yet, or after `maxWaitMs`. */
    async until(count: number, maxWaitMs: number): Promise<void> {
      const endsAt = performance.now() + maxWaitMs;
      while ((await waiting()) < count && performance.now() < endsAt) await sleep(POLL_MS);
    },

    /** read gives what came since it was called last; requests that had no effect are left out. */
    async read(): Promise<readonly Arrival[]> {
      const arrivals: Arrival[] = [];
      for (;;) {
        const { items, nextCursor } = pageSchema.parse(await ask(`signals?limit=${PAGE}&cursor=${seen}`));
        seen = items.at(-1)?.number ?? seen;
        for (const { contactId, at, effect } of items) if (effect) arrivals.push({ contactId, at: Date.parse(at) });
        if (nextCursor === undefined) break;
      }
      read += arrivals.length;
      return arrivals;
    },
  };
}
