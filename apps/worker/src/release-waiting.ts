/** Releasing: handoffs whose pause, breaker or token wait is over go on at the connector's rate, and so does whoever is first in line now. */
import type { Connector } from "@baton/domain";
import type { NewJob } from "@baton/queue";
import type { DueJob, ReleaseOptions } from "@baton/store";

/** LIMIT of one step: never a herd. */
const LIMIT = 100;

interface Deps {
  readonly handoffs: {
    takeWakes(tag: string, limit: number): Promise<readonly string[]>;
    heldConnectors(tag: string, now: number): Promise<readonly string[]>;
    forgetHeld(tag: string, connectorId: string): Promise<void>;
    release(options: ReleaseOptions): Promise<readonly DueJob[]>;
  };
  readonly connectors: { find(id: string): Promise<{ readonly connector: Connector } | undefined> };
  readonly queue: { add(job: NewJob): Promise<void>; wake(jobId: string): Promise<void> };
  readonly tags: readonly string[];
  readonly stopped: () => boolean;
  readonly now: () => number;
}

/** createReleaseWaiting makes one look at every connector that somebody waits for; a job that cannot be added is the reconciler's. */
export function createReleaseWaiting({ handoffs, connectors, queue, tags, stopped, now }: Deps): () => Promise<void> {
  return async () => {
    for (const tag of tags) {
      await Promise.all((await handoffs.takeWakes(tag, LIMIT)).map((jobId) => queue.wake(jobId)));
      for (const connectorId of await handoffs.heldConnectors(tag, now())) {
        const found = await connectors.find(connectorId);
        if (found === undefined) {
          await handoffs.forgetHeld(tag, connectorId);
          continue;
        }
        const jobs = await handoffs.release({ connector: found.connector, stopped: stopped(), limit: LIMIT });
        await Promise.all(jobs.map((job) => queue.add(job)));
      }
    }
  };
}
