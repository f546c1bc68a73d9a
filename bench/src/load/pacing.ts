/** How a phase's handoffs are spread over time. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Shape } from "./phase.ts";

/** How often a saturating load asks the simulator how far it is. Milliseconds. */
const POLL_MS = 50;

/**
 * Send sends handoff `number`, which was to be sent at `intendedAt` on performance.now()'s clock, and resolves with its
 * status.
 */
export type Send = (number: number, intendedAt: number) => Promise<number>;

/** sendPaced resolves once every handoff of the phase has its answer. */
export async function sendPaced(shape: Shape, send: Send): Promise<void> {
  switch (shape.kind) {
    case "rate":
      return sendAtRate(shape, send);
    case "count":
      return sendCount(shape, send);
    case "saturate":
      return sendSaturating(shape, send);
  }
}

async function sendAtRate({ perSecond, count }: Extract<Shape, { kind: "rate" }>, send: Send): Promise<void> {
  const startedAt = performance.now();
  const answers: Promise<number>[] = [];
  while (answers.length < count) {
    const dueAt = startedAt + (answers.length * 1_000) / perSecond;
    const waitMs = dueAt - performance.now();
    if (waitMs > 0) await sleep(waitMs);
    else answers.push(send(answers.length, dueAt));
  }
  await Promise.all(answers);
}

async function sendCount({ count, clients }: Extract<Shape, { kind: "count" }>, send: Send): Promise<void> {
  let number = 0;
  const client = async () => {
    while (number < count) await send(number++, performance.now());
  };
  await Promise.all(Array.from({ length: clients }, client));
}

async function sendSaturating(shape: Extract<Shape, { kind: "saturate" }>, send: Send): Promise<void> {
  const { durationMs, clients, backlog, simulatorUrl } = shape;
  const endsAt = performance.now() + durationMs;
  const before = await arrivalsAt(simulatorUrl);
  let number = 0;
  let accepted = 0;
  let arrived = 0;
  const client = async () => {
    while (performance.now() < endsAt) {
      if (accepted - arrived >= backlog) await sleep(POLL_MS / 2);
      else if ((await send(number++, performance.now())) === 202) accepted += 1;
    }
  };
  const watch = async () => {
    while (performance.now() < endsAt) {
      arrived = (await arrivalsAt(simulatorUrl)) - before;
      await sleep(POLL_MS);
    }
  };
  await Promise.all([watch(), ...Array.from({ length: clients }, client)]);
}

async function arrivalsAt(simulatorUrl: string): Promise<number> {
  const answer = await fetch(`${simulatorUrl}/__sim/state`);
  const { signals } = (await answer.json()) as { readonly signals: { readonly received: number } };
  return signals.received;
}
