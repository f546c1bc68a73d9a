/** A consumer in a process of its own, which holds every job it takes until it is killed. Arguments: Redis's address, the shard's tag. */
import { Redis } from "ioredis";
import { HandoffConsumer } from "../src/handoff-consumer.ts";

const [url = "", tag = ""] = process.argv.slice(2);

new HandoffConsumer({
  tags: [tag],
  openConnection: () => new Redis(url, { maxRetriesPerRequest: null }),
  concurrency: 16,
  now: Date.now,
  mayTake: () => true,
  onError: (error) => process.stderr.write(`${String(error)}\n`),
  onStalled: () => undefined,
  handle: (job) => {
    process.stdout.write(`${job.id}\n`);
    return new Promise(() => undefined);
  },
}).start();
