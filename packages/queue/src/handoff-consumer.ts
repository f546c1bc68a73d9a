/** The consumer's side: taking jobs from every shard, and giving them back to their time. */
import { DelayedError, type Job, Worker } from "bullmq";
import type { HandoffJobData } from "./handoff-queue.ts";
import { HANDOFFS, type QueueConnection, readJobId, type TaggedJob } from "./topology.ts";

/** TakenJob is a job in this worker's hands. */
export interface TakenJob extends TaggedJob {
  readonly connectorId: string;
}

/** Verdict on a taken job: it is done with, or wants to be looked at again in `delayMs`. */
export type JobVerdict = { readonly kind: "done" } | { readonly kind: "later"; readonly delayMs: number };

export interface ConsumerOptions {
  readonly tags: readonly string[];
  /** One connection for each shard, fit for blocking. */
  readonly openConnection: () => QueueConnection;
  /** Jobs in flight over all shards; every shard gets an equal part of it, at least one. */
  readonly concurrency: number;
  readonly handle: (job: TakenJob) => Promise<JobVerdict>;
  readonly onError: (error: unknown) => void;
  /** A job whose worker died was found; BullMQ gives it to the next one. */
  readonly onStalled: () => void;
}

// Together they bound how long a job of a killed worker lies still: at most 3.9 s in the measurements of design.md. Milliseconds.
const LOCK_MS = 3_000;
const STALLED_CHECK_MS = 1_000;
/** After Redis refused the taking of a job. Milliseconds. */
const RETRY_MS = 500;
/** When a job's handling itself failed, as it does while Redis is away. Milliseconds. */
const AFTER_FAILURE_MS = 1_000;
// How long one blocking call waits for a job; BullMQ counts in seconds.
const BLOCK_S = 5;

/** HandoffConsumer takes jobs from `start` to `close`. */
export class HandoffConsumer {
  readonly #options: ConsumerOptions;
  readonly #workers: Worker<HandoffJobData>[] = [];
  readonly #connections: QueueConnection[] = [];

  constructor(options: ConsumerOptions) {
    this.#options = options;
  }

  /** start begins to take jobs. */
  start(): void {
    const { tags, concurrency, onError, onStalled, openConnection } = this.#options;
    for (const prefix of tags) {
      const connection = openConnection();
      this.#connections.push(connection);
      const worker = new Worker<HandoffJobData>(HANDOFFS, (job, token) => this.#process(job, token), {
        prefix,
        connection,
        concurrency: Math.max(1, Math.floor(concurrency / tags.length)),
        lockDuration: LOCK_MS,
        stalledInterval: STALLED_CHECK_MS,
        // A job that stalled often is no reason to give its handoff up: the record decides that.
        maxStalledCount: Number.MAX_SAFE_INTEGER,
        runRetryDelay: RETRY_MS,
        drainDelay: BLOCK_S,
        removeOnComplete: { count: 0 },
        removeOnFail: { count: 0 },
        skipVersionCheck: true,
      });
      worker.on("error", onError).on("stalled", onStalled);
      this.#workers.push(worker);
    }
  }

  /** close takes no more jobs and waits for those in hand; with `force` it leaves them to the stalled check. */
  async close(force = false): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.close(force)));
    for (const connection of this.#connections) connection.disconnect();
  }

  async #process(job: Job<HandoffJobData>, token: string | undefined): Promise<void> {
    const verdict = await this.#handle(job);
    if (verdict.kind === "done") return;
    // Should this fail too, the job stays active without a lock, and the stalled check gives it to somebody else.
    await job.moveToDelayed(Date.now() + verdict.delayMs, token).catch(this.#options.onError);
    throw new DelayedError();
  }

  /** A processor that throws would cost the job its life, so nothing leaves here but a verdict. */
  async #handle(job: Job<HandoffJobData>): Promise<JobVerdict> {
    const tagged = readJobId(job.id ?? "");
    if (tagged === undefined) return { kind: "done" };
    try {
      return await this.#options.handle({ ...tagged, connectorId: job.data.connectorId });
    } catch (error) {
      this.#options.onError(error);
      return { kind: "later", delayMs: AFTER_FAILURE_MS };
    }
  }
}
