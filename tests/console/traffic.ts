/** Handoffs of several clients, more in some minutes than in others, as a day has them. */
import { setTimeout as sleep } from "node:timers/promises";
import type { BatonClient } from "@baton/api";

/** A client sends one so often on average, and a wave of more and fewer is so long. Milliseconds. */
const PACE_MS = 900;
const WAVE_MS = 240_000;
/** Long enough for a retry or two, and short enough to pass in an outage. Milliseconds. */
const DEADLINE_MS = 25_000;
/** The waves of two clients are so far apart, of a whole one. */
const APART = 0.18;

let contact = 100_000_000_000;

/** TrafficClient sends with its own token. */
export interface TrafficClient {
  readonly baton: BatonClient;
}

/** sendSome sends so many handoffs. What is refused because no time is left is part of the story. */
export async function sendSome({ baton }: TrafficClient, count: number, deadlineMs = DEADLINE_MS): Promise<void> {
  for (let sent = 0; sent < count; sent += 1) {
    contact += 1;
    await baton
      .send({ contactId: String(contact), params: { p1: "Escalate" }, deadlineMs })
      .catch((error: unknown) => process.stderr.write(`${String(error)}\n`));
  }
}

/** startTraffic sends until it is disposed of. */
export function startTraffic(clients: readonly TrafficClient[]): AsyncDisposable {
  let isOver = false;
  const startedAt = performance.now();
  const send = async (client: TrafficClient, number: number) => {
    while (!isOver) {
      await sendSome(client, 1);
      const wave = Math.sin(2 * Math.PI * ((performance.now() - startedAt) / WAVE_MS + APART * number));
      await sleep(2 * Math.random() * PACE_MS * (1 - 0.6 * wave));
    }
  };
  const all = Promise.all(clients.map(send));
  return {
    async [Symbol.asyncDispose]() {
      isOver = true;
      await all;
    },
  };
}
