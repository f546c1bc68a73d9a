/** The steps that Baton takes on BullMQ's keys itself: adding a job or a letter, and taking and finishing many at once. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { DEAD_LETTERS, HANDOFFS, type QueueConnection, type QueueScript, type RunScript } from "./topology.ts";

/** HeldJob is a job with the token of its lock. */
export interface HeldJob {
  readonly id: string;
  readonly token: string;
}

/** Taken is what one step took; `nextDelayedAt` is when the next delayed job is due, epoch milliseconds on Redis's clock. */
export interface Taken {
  readonly jobs: readonly { readonly id: string; readonly data: string }[];
  readonly nextDelayedAt?: number;
}

/** JobToAdd is due `delayMs` from now; `data` is JSON. */
export interface JobToAdd {
  readonly job: string;
  readonly data: string;
  readonly delayMs: number;
}

/** LetterToFile stands in the dead-letter queue; `data` is JSON, `timestamp` epoch milliseconds. */
export interface LetterToFile {
  readonly job: string;
  readonly name: string;
  readonly data: string;
  readonly timestamp: number;
}

const addScript = load("add");
const fileScript = load("file");
const takeScript = load("take");
const finishScript = load("finish");

/** addJob adds a job; one that is there already stays as it is. */
export async function addJob(run: RunScript, tag: string, job: JobToAdd): Promise<void> {
  await run(addScript, tag, { queue: HANDOFFS, ...job });
}

/** fileLetter adds a dead letter; one that is there already stays as it is. */
export async function fileLetter(run: RunScript, tag: string, letter: LetterToFile): Promise<void> {
  await run(fileScript, tag, { queue: DEAD_LETTERS, ...letter });
}

/** takeJobs locks up to `limit` jobs for `lockMs`, under one token. */
export async function takeJobs(
  redis: QueueConnection,
  tag: string,
  options: { readonly token: string; readonly lockMs: number; readonly limit: number },
): Promise<Taken> {
  const [next, ...flat] = (await runOn(redis)(takeScript, tag, { queue: HANDOFFS, ...options })) as [number, ...string[]];
  const jobs = Array.from({ length: flat.length / 2 }, (_, row) => ({ id: flat[row * 2] ?? "", data: flat[row * 2 + 1] ?? "" }));
  return { jobs, ...(next > 0 ? { nextDelayedAt: next } : {}) };
}

/** finishJobs removes jobs that are done with. */
export async function finishJobs(redis: QueueConnection, tag: string, jobs: readonly HeldJob[]): Promise<void> {
  await runOn(redis)(finishScript, tag, { queue: HANDOFFS, jobs });
}

function load(name: string): QueueScript {
  const source = readFileSync(new URL(`./scripts/${name}.lua`, import.meta.url), "utf8");
  return { source, sha: createHash("sha1").update(source).digest("hex") };
}

/** runOn runs scripts on a connection, whose time limit is theirs. */
export function runOn(redis: QueueConnection): RunScript {
  return async ({ source, sha }, tag, args) => {
    const argument = JSON.stringify(args);
    try {
      return await redis.evalsha(sha, 1, tag, argument);
    } catch (error) {
      if (!(error instanceof Error && error.message.startsWith("NOSCRIPT"))) throw error;
      return redis.eval(source, 1, tag, argument);
    }
  };
}
