/** The janitor: what was kept long enough goes, in small steps. */

/** LIMIT of one script: a few milliseconds of Redis's time. */
const LIMIT = 50;
/** STEPS at a time: every two seconds, 2,500 handoffs a second, more than one Redis takes in. */
const STEPS = 100;

interface Deps {
  readonly maintenance: {
    prune(tag: string, set: "ended" | "dead", options: { before: number; limit: number }): Promise<number>;
  };
  readonly audit: { prune(before: number, limit: number): Promise<number> };
  readonly tags: readonly string[];
  readonly retentionMs: { readonly ended: number; readonly dead: number; readonly audit: number };
  readonly now: () => number;
  readonly closing: AbortSignal;
}

/** createPrune looks at all shards and the audit once. */
export function createPrune({ maintenance, audit, tags, retentionMs, now, closing }: Deps): () => Promise<void> {
  /** inSteps goes on for as long as there is a step's worth to remove. */
  async function inSteps(removeSome: () => Promise<number>): Promise<void> {
    for (let step = 0; step < STEPS && !closing.aborted; step++) if ((await removeSome()) < LIMIT) return;
  }

  return async () => {
    for (const tag of tags) {
      for (const set of ["ended", "dead"] as const) {
        await inSteps(() => maintenance.prune(tag, set, { before: now() - retentionMs[set], limit: LIMIT }));
      }
    }
    await inSteps(() => audit.prune(now() - retentionMs.audit, LIMIT));
  };
}
