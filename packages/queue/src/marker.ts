/** BullMQ's marker: a sorted set that wakes whoever waits for jobs. Member `0`: jobs are there; else its score is when one falls due. */
import { HANDOFFS, type QueueConnection } from "./topology.ts";

// Redis answers a blocking command some time after its timeout; longer than this, and the connection is dead. Milliseconds.
const GRACE_MS = 2_000;
// Redis's shortest useful wait; it counts in seconds with a fraction. Milliseconds.
const SHORTEST_MS = 2;

/** waitForJobs waits until jobs may be there, or `mostMs` are over; gives when a delayed job falls due, if the marker says so (epoch milliseconds). */
export async function waitForJobs(redis: QueueConnection, tag: string, mostMs: number): Promise<number | undefined> {
  const timeoutMs = Math.max(SHORTEST_MS, mostMs);
  let guard: NodeJS.Timeout | undefined;
  const dead = new Promise<never>((_, reject) => {
    guard = setTimeout(() => reject(new Error("Redis did not end a blocking command in its time")), timeoutMs + GRACE_MS);
  });
  try {
    const popped = await Promise.race([redis.bzpopmin(`${tag}:${HANDOFFS}:marker`, timeoutMs / 1_000), dead]);
    const at = Number(popped?.[2] ?? 0);
    return at > 0 ? at : undefined;
  } finally {
    clearTimeout(guard);
  }
}
