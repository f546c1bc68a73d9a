/**
 * A whole Baton for a test: one ingress, one worker, one connector, and the words in which its handoffs are asked
 * about.
 */
import { createBatonClient, type HandoffJson } from "@baton/api";
import type { SeenSignal } from "@baton/simulator";
import { expect } from "vitest";
import { createRawClient } from "./raw-client.ts";
import { type ConnectorChange, createWorld, ended, type TestConnector } from "./world.ts";

/** CONTACT is whom a test signals when it does not matter whom. */
export const CONTACT = "100000000001";

/** CLOCK_MS: Redis, Baton and the simulator each cut their clock to whole milliseconds. */
export const CLOCK_MS = 2;

type Body = Parameters<ReturnType<typeof createBatonClient>["send"]>[0];

/** startBaton starts a fresh Baton whose only connector has `change` different. */
export async function startBaton(change: ConnectorChange = {}, environment: Readonly<Record<string, string>> = {}) {
  const intake = await startIntake(change, environment);
  return { ...intake, worker: await intake.startWorker() };
}

/** startIntake starts a Baton that accepts handoffs and has no worker to send them. */
export async function startIntake(change: ConnectorChange = {}, environment: Readonly<Record<string, string>> = {}) {
  const world = await createWorld(environment);
  const { connector, token, accessKeyId } = await world.createConnector(change);
  const { url: ingressUrl, life: ingressLife } = await world.startIngress();
  const clientOf = ({ token }: Pick<TestConnector, "token">) => createBatonClient({ ingressUrl, token });
  const client = clientOf({ token });
  const send = (body: Partial<Body> = {}) => client.send({ contactId: CONTACT, ...body });
  let contacts = 200_000_000_000;

  return {
    ...world,
    connector,
    token,
    accessKeyId,
    ingressUrl,
    ingressLife,
    client,
    /** Another connector's client of the same Baton. */
    clientOf,
    /** Plain HTTP, for what no client of ours would send. */
    raw: createRawClient(ingressUrl, token),
    /** Sends one handoff and gives it as it was accepted. */
    send,
    /** Sends `count` handoffs, each to a contact that had none before. */
    sendMany: (count: number, body: Partial<Body> = {}) =>
      Promise.all(Array.from({ length: count }, () => send({ contactId: String(contacts++), ...body }))),
    /** Sends one handoff and gives it as it ended. */
    deliver: async (body: Partial<Body> = {}) => ended(client, (await send(body)).id),
    ended: (handoff: Pick<HandoffJson, "id">) => ended(client, handoff.id),
    /** Waits until a handoff says that it waits for `condition`. */
    waitingFor: (handoff: Pick<HandoffJson, "id">, condition: HandoffJson["waitingFor"]) =>
      expect
        .poll(async () => (await client.get(handoff.id)).waitingFor, { timeout: 20_000, interval: 20 })
        .toBe(condition),
    /** Every handoff that was accepted, as operators find them. */
    accepted: async () => {
      const { url, key } = await world.startAdmin();
      return (await createBatonClient({ adminUrl: url, adminKey: key }).handoffs()).items;
    },
  };
}

/** outcomesOf lists a handoff's attempts by outcome. */
export function outcomesOf({ attempts }: HandoffJson): readonly string[] {
  return attempts.map(({ outcome }) => outcome);
}

/**
 * expectPauses holds the pauses between consecutive requests, as CXone saw them, to their lower bounds in milliseconds.
 */
export function expectPauses(signals: readonly SeenSignal[], atLeastMs: readonly number[]): void {
  const pauses = signals.slice(1).map((signal, index) => signal.at - (signals[index]?.endedAt ?? Number.NaN));
  expect(pauses).toHaveLength(atLeastMs.length);
  for (const [index, bound] of atLeastMs.entries()) expect(pauses[index]).toBeGreaterThanOrEqual(bound - CLOCK_MS);
}

/** attemptLines gives the log's lines about attempts. */
export function attemptLines(
  logLines: readonly string[],
): readonly { readonly outcome: string; readonly retryInMs?: number }[] {
  return logLines.map((line) => JSON.parse(line)).filter(({ msg }) => msg === "attempt");
}
