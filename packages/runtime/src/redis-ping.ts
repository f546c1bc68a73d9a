/** Redis's PING over a bare socket: all that this package has to say to Redis. */
import { once } from "node:events";
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

/** READY_MS is how long Redis may load what it kept: an AOF of a few gigabytes. */
const READY_MS = 60_000;
/** One question and its answer on this machine. */
const PING_MS = 1_000;
const BETWEEN_PINGS_MS = 25;

/** waitForRedis resolves once PING is answered with PONG; it rejects when `signal` aborts, or after a minute. */
export async function waitForRedis(
  address: { readonly host: string; readonly port: number },
  signal?: AbortSignal,
): Promise<void> {
  const deadline = performance.now() + READY_MS;
  while (!(await answersPing(address))) {
    signal?.throwIfAborted();
    if (performance.now() > deadline)
      throw new Error(`Redis at ${address.host}:${address.port} did not answer PING within ${READY_MS} ms`);
    await sleep(BETWEEN_PINGS_MS);
  }
  // Who answered may be another Redis, on the port that ours could not have.
  signal?.throwIfAborted();
}

/** answersPing says whether Redis answers there, and is done loading. */
export async function answersPing({ host, port }: { readonly host: string; readonly port: number }): Promise<boolean> {
  const socket = connect({ host, port });
  try {
    socket.write("PING\r\n");
    const [answer] = await once(socket, "data", { signal: AbortSignal.timeout(PING_MS) });
    return String(answer).startsWith("+PONG");
  } catch {
    // Not there, or not yet: the question was only whether.
    return false;
  } finally {
    socket.on("error", () => undefined).destroy();
  }
}
