/** One shard's jobs: taken as slots come free, locked while in hand, finished in small batches. */

import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { Job, Worker } from "bullmq";
import type { ConsumerOptions } from "./handoff-consumer.ts";
import type { HandoffJobData } from "./handoff-queue.ts";
import { finishJobs, type HeldJob, takeJobs } from "./job-scripts.ts";
import { waitForJobs } from "./marker.ts";
import type { Slots } from "./slots.ts";
import { HANDOFFS, type QueueConnection, readJobId, type TaggedJob } from "./topology.ts";

/** TakenJob is a job in this worker's hands. */
export interface TakenJob extends TaggedJob {
  readonly connectorId: string;
}

/** JobVerdict on a taken job: it is done with, or wants to be looked at again in `delayMs`. */
export type JobVerdict = { readonly kind: "done" } | { readonly kind: "later"; readonly delayMs: number };

export interface ShardConsumerOptions extends Omit<ConsumerOptions, "tags"> {
  readonly tag: string;
  /** What all shards have in hand together; `concurrency` is this shard's part of it. */
  readonly slots: Slots;
}

// Together they bound how long a job of a killed worker lies still: at most 3.9 s as measured with BullMQ 6. Milliseconds.
const LOCK_MS = 3_000;
const STALLED_CHECK_MS = 1_000;
const RENEW_MS = 1_000;
/** After Redis refused. Milliseconds. */
const RETRY_MS = 500;
/** When a job's handling itself failed, as it does while Redis is away. Milliseconds. */
const AFTER_FAILURE_MS = 1_000;
/** How long one blocking call waits: a marker that another worker took into its grave is missed for so long at most. Milliseconds. */
const BLOCK_MS = 1_000;
/** Jobs taken in one step: enough for a burst, too few to starve the other workers. */
const BATCH = 32;
/** How long a job that is done with may wait for others to be removed with it. Milliseconds. */
const FINISH_MS = 50;

/** ShardConsumer takes jobs from `start` to `close`. BullMQ's worker does the stalled check; what it would take is taken here. */
export class ShardConsumer {
  readonly #options: ShardConsumerOptions;
  readonly #connection: QueueConnection;
  readonly #blocking: QueueConnection;
  readonly #worker: Worker<HandoffJobData>;
  readonly #held = new Map<string, HeldJob>();
  readonly #handling = new Set<Promise<void>>();
  #done: HeldJob[] = [];
  #finishTimer: NodeJS.Timeout | undefined;
  #renewTimer: NodeJS.Timeout | undefined;
  #looping: Promise<void> = Promise.resolve();
  #slotFree = () => {};
  #closing = false;

  constructor(options: ShardConsumerOptions) {
    this.#options = options;
    this.#connection = options.openConnection();
    this.#blocking = options.openConnection();
    this.#worker = new Worker<HandoffJobData>(HANDOFFS, null, {
      autorun: false,
      prefix: options.tag,
      connection: this.#connection,
      stalledInterval: STALLED_CHECK_MS,
      // A job that stalled often is no reason to give its handoff up: the record decides that.
      maxStalledCount: Number.MAX_SAFE_INTEGER,
      skipVersionCheck: true,
    });
    this.#worker.on("error", options.onError).on("stalled", options.onStalled);
  }

  start(): void {
    this.#worker.startStalledCheckTimer().catch(this.#options.onError);
    this.#renewTimer = setInterval(() => this.#renewLocks(), RENEW_MS);
    this.#looping = this.#loop();
  }

  /** close takes no more, waits for what is in hand, and lets go of its connections. */
  async close(): Promise<void> {
    this.#closing = true;
    this.#slotFree();
    this.#blocking.disconnect();
    await this.#looping;
    await Promise.all(this.#handling);
    clearTimeout(this.#finishTimer);
    await this.#finish();
    clearInterval(this.#renewTimer);
    await this.#worker.close(true);
    this.#connection.disconnect();
  }

  async #loop(): Promise<void> {
    while (!this.#closing) {
      try {
        if (!this.#options.mayTake()) {
          await sleep(RETRY_MS);
          continue;
        }
        if (this.#handling.size >= this.#options.concurrency) {
          await this.#freeSlot();
          continue;
        }
        await this.#options.slots.untilFree();
        const limit = this.#options.slots.take(Math.min(BATCH, this.#options.concurrency - this.#handling.size));
        if (limit === 0) continue;
        const taken = await this.#take(limit);
        // As many as were asked for: there may be more.
        if (taken.jobs.length >= limit) continue;
        await this.#untilDue(taken.nextDelayedAt);
      } catch (error) {
        if (this.#closing) return;
        this.#options.onError(error);
        if (this.#blocking.status === "ready") this.#blocking.disconnect(true);
        await sleep(RETRY_MS);
      }
    }
  }

  /** untilDue waits until jobs are there or one falls due. A marker that only tells of a later one is remembered, and waited on. */
  async #untilDue(nextDelayedAt: number | undefined): Promise<void> {
    let nextAt = nextDelayedAt;
    for (;;) {
      const markedAt = await waitForJobs(this.#blocking, this.#options.tag, untilMs(nextAt, this.#options.now()));
      if (markedAt === undefined || markedAt <= this.#options.now()) return;
      nextAt = earlier(nextAt, markedAt);
    }
  }

  /** Takes up to as many jobs as there are slots, and gives back the slots that are left. */
  async #take(limit: number) {
    const { slots } = this.#options;
    const token = randomUUID();
    let left = limit;
    try {
      const taken = await takeJobs(this.#connection, this.#options.tag, { token, lockMs: LOCK_MS, limit });
      left -= taken.jobs.length;
      this.#handleAll(taken.jobs, token);
      return taken;
    } finally {
      slots.give(left);
    }
  }

  #handleAll(jobs: readonly { readonly id: string; readonly data: string }[], token: string): void {
    for (const { id, data } of jobs) {
      const held = { id, token };
      this.#held.set(id, held);
      const handling = this.#handle(held, data).finally(() => {
        this.#handling.delete(handling);
        this.#options.slots.give(1);
        this.#slotFree();
      });
      this.#handling.add(handling);
    }
  }

  #freeSlot(): Promise<void> {
    return new Promise((resolve) => {
      this.#slotFree = resolve;
    });
  }

  async #handle(held: HeldJob, data: string): Promise<void> {
    const verdict = await this.#judge(held.id, data);
    if (verdict.kind === "done") this.#finishSoon(held);
    else await this.#postpone(held, verdict.delayMs);
  }

  /** A job whose handling failed comes back: whatever happened, its record knows. */
  async #judge(jobId: string, data: string): Promise<JobVerdict> {
    const tagged = readJobId(jobId);
    if (tagged === undefined) return { kind: "done" };
    try {
      const { connectorId } = JSON.parse(data) as HandoffJobData;
      return await this.#options.handle({ ...tagged, connectorId });
    } catch (error) {
      this.#options.onError(error);
      return { kind: "later", delayMs: AFTER_FAILURE_MS };
    }
  }

  /** Should this fail, the job loses its lock, and the stalled check gives it to somebody else. */
  async #postpone(held: HeldJob, delayMs: number): Promise<void> {
    const job = new Job<HandoffJobData>(this.#worker, "handoff", { connectorId: "" }, {}, held.id);
    await job.moveToDelayed(this.#options.now() + delayMs, held.token).catch(this.#options.onError);
    this.#letGo(held);
  }

  #finishSoon(held: HeldJob): void {
    this.#done.push(held);
    this.#finishTimer ??= setTimeout(() => void this.#finish(), FINISH_MS);
  }

  async #finish(): Promise<void> {
    const done = this.#done;
    this.#done = [];
    this.#finishTimer = undefined;
    if (done.length === 0) return;
    await finishJobs(this.#connection, this.#options.tag, done).catch(this.#options.onError);
    for (const held of done) this.#letGo(held);
  }

  /** A job that lost its lock may be in hand anew, under another token: that one is still to be kept. */
  #letGo({ id, token }: HeldJob): void {
    if (this.#held.get(id)?.token === token) this.#held.delete(id);
  }

  #renewLocks(): void {
    const held = [...this.#held.values()];
    if (held.length === 0) return;
    this.#worker
      .extendJobLocks(
        held.map(({ id }) => id),
        held.map(({ token }) => token),
        LOCK_MS,
      )
      .catch(this.#options.onError);
  }
}

function earlier(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? (a ?? b) : Math.min(a, b);
}

/** untilMs is how long to block for a job that falls due then. */
function untilMs(at: number | undefined, now: number): number {
  return at === undefined ? BLOCK_MS : Math.min(BLOCK_MS, at - now);
}
