/** Does the jobs: one signal each, again with exponential back-off; what failed for good goes to a second queue. */
import { Queue, UnrecoverableError, Worker } from "bullmq";
import { Redis } from "ioredis";
import { pino } from "pino";
import { createCxOne, isRefusal } from "./cxone.ts";
import { DEAD_LETTERS, HANDOFFS, type Handoff, readSettings } from "./settings.ts";

const settings = readSettings();
const log = pino();
const projects = new Map(settings.PROJECTS.map((project) => [project.id, project]));
const redis = new Redis(settings.REDIS_URL, { maxRetriesPerRequest: null });
const cxone = createCxOne(settings, redis);
const deadLetters = new Queue<Handoff & { readonly error: string }>(DEAD_LETTERS, { connection: redis });

const worker = new Worker<Handoff>(
  HANDOFFS,
  async (job) => {
    const project = projects.get(job.data.projectId);
    if (project === undefined) throw new UnrecoverableError("unknown project");
    try {
      await cxone.signal(project, job.data);
      log.info({ job: job.id, contactId: job.data.contactId }, "delivered");
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      log.warn({ job: job.id, contactId: job.data.contactId, err: message }, "failed");
      if (isRefusal(error)) throw new UnrecoverableError(message);
      throw error;
    }
  },
  { connection: redis, concurrency: settings.CONCURRENCY },
);

worker.on("failed", (job, error) => {
  const isFinal =
    job !== undefined && (error instanceof UnrecoverableError || job.attemptsMade >= (job.opts.attempts ?? 1));
  if (!isFinal) return;
  deadLetters
    .add("dead-letter", { ...job.data, error: error.message })
    .catch((lost) => log.error({ err: lost, job: job.id }, "dead letter lost"));
});
worker.on("error", (error) => log.error({ err: error }, "worker"));

process.on("SIGTERM", () => void close());

async function close(): Promise<void> {
  await worker.close();
  await deadLetters.close();
  redis.disconnect();
  process.exit(0);
}

await worker.waitUntilReady();
log.info("ready");
