/** BullMQ's own check for jobs whose worker died; what its worker would take, claim takes (parts/bullmq-jobs.lua). */
import type { RedisConnection } from "@baton/redis/connection";
import { Worker } from "bullmq";
import { HANDOFFS_QUEUE } from "./handoff-job-counts-and-locks.ts";

/** How often BullMQ looks for jobs whose lock ended. Milliseconds. */
const STALLED_CHECK_MS = 1_000;

export interface BullmqOptions {
  readonly connection: RedisConnection;
  /** Called for what happens beside a call: lost connections mostly. */
  readonly onError: (error: Error) => void;
}

/** StalledJobCheck gives jobs back whose worker died, from `start` to `close`. */
export class StalledJobCheck {
  readonly #worker: Worker;
  readonly #onError: (error: Error) => void;

  constructor(tag: string, { connection, onError, onStalled }: BullmqOptions & { readonly onStalled: () => void }) {
    this.#onError = onError;
    this.#worker = new Worker(HANDOFFS_QUEUE, null, {
      autorun: false,
      prefix: tag,
      connection,
      stalledInterval: STALLED_CHECK_MS,
      // A job that stalled often is no reason to give its handoff up: the record decides that.
      maxStalledCount: Number.MAX_SAFE_INTEGER,
      skipVersionCheck: true,
    });
    this.#worker.on("error", onError).on("stalled", onStalled);
  }

  start(): void {
    this.#worker.startStalledCheckTimer().catch(this.#onError);
  }

  async close(): Promise<void> {
    await this.#worker.close(true);
  }
}
