/** The producer's side: adding, waking and looking for the jobs of handoffs. */
import { Job } from "bullmq";
import { addJob, runOn } from "./job-scripts.ts";
import { ShardQueues } from "./shard-queues.ts";
import { HANDOFFS, jobIdOf, type QueueConnection, type QueueOptions, type RunScript, readJobId, type TaggedJob } from "./topology.ts";

/**
 * HandoffJobData is all that a job carries; everything else is in the record, and the handoff's id in the job's own. Redis keeps a hash
 * whose values take 64 bytes at most in a quarter of the space of another.
 */
export interface HandoffJobData {
  readonly connectorId: string;
}

/** NewJob is due `delayMs` from now. */
export interface NewJob extends TaggedJob {
  readonly connectorId: string;
  readonly delayMs: number;
}

/** JobCounts of one shard. */
export interface JobCounts {
  readonly shard: number;
  readonly waiting: number;
  readonly active: number;
  readonly delayed: number;
}

/** HandoffQueue adds jobs. Every method throws when Redis cannot be reached. */
export class HandoffQueue {
  readonly #connection: QueueConnection;
  readonly #run: RunScript;
  readonly #queues: ShardQueues<HandoffJobData>;

  constructor(options: QueueOptions) {
    this.#connection = options.connection;
    this.#run = options.run ?? runOn(options.connection);
    this.#queues = new ShardQueues(HANDOFFS, options);
  }

  /** add puts a job in its place; adding the same generation again changes nothing. */
  async add({ delayMs, ...job }: NewJob): Promise<void> {
    const data: HandoffJobData = { connectorId: job.connectorId };
    await addJob(this.#run, this.#queues.tagOf(job.id), { job: jobIdOf(job), data: JSON.stringify(data), delayMs });
  }

  /** wake makes a delayed job due now; one that is not delayed is on its way already. */
  async wake(jobId: string): Promise<void> {
    const job = readJobId(jobId);
    if (job === undefined) return;
    const queue = this.#queues.of(job.id);
    try {
      await new Job(queue, "handoff", { connectorId: "" }, {}, jobId).promote();
    } catch (error) {
      if (!isNotDelayed(error)) throw error;
    }
  }

  /** has tells which of these jobs exist, in whatever state. */
  async has(jobs: readonly TaggedJob[]): Promise<readonly boolean[]> {
    return Promise.all(
      jobs.map(async (job) => {
        const key = this.#queues.of(job.id).toKey(jobIdOf(job));
        return (await this.#connection.exists(key)) === 1;
      }),
    );
  }

  /** counts gives the depth of every shard's queue. */
  async counts(): Promise<readonly JobCounts[]> {
    return Promise.all(
      this.#queues.all.map(async (queue, shard) => {
        const {
          waiting = 0,
          active = 0,
          delayed = 0,
          prioritized = 0,
        } = await queue.getJobCounts("waiting", "active", "delayed", "prioritized");
        return { shard, waiting: waiting + prioritized, active, delayed };
      }),
    );
  }

  async close(): Promise<void> {
    await this.#queues.close();
  }
}

// BullMQ's codes: -1 there is no such job, -3 it is not in the delayed set.
function isNotDelayed(error: unknown): boolean {
  return error instanceof Error && "code" in error && (error.code === -1 || error.code === -3);
}
