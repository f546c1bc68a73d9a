/** What the demo does: sends every handoff, then replays the dead letters by runs. */
import { setTimeout as sleep } from "node:timers/promises";
import type { DeadLetterJson, PlanJson } from "@baton/api";
import { DEAD_REASONS } from "@baton/domain";
import { SCENARIOS, type Scenario } from "./demo-scenarios.ts";
import type { DemoServices } from "./demo-services.ts";
import type { Tenants } from "./tenant-connectors.ts";

/** Between two requests, so that an eye can follow; milliseconds. */
const PACE_MS = 25;
/** A cancelled handoff is on the screen for so long first; milliseconds. */
const CANCEL_AFTER_MS = 1_000;
/** Milliseconds between two requests for a run. */
const POLL_INTERVAL_MS = 200;
/** PAGE_SIZE is the most dead letters that a page holds; the demo has fewer. */
const PAGE_SIZE = 500;
/** Longer than any breaker stays open; milliseconds. */
const REPLAY_DEADLINE_MS = 60_000;

/** prepareSimulatedContacts sets what the simulator answers for each contact. */
export function prepareSimulatedContacts({ simulator }: DemoServices): void {
  for (const { contactId, fault, ended } of SCENARIOS) {
    if (fault !== undefined) simulator.answer({ ...fault, contactId });
    if (ended) simulator.contact(contactId, "ended");
  }
}

/** sendScenarioHandoffs sends every scenario through ingress and notes its id. */
export async function sendScenarioHandoffs(
  { simulator }: DemoServices,
  tenants: Tenants,
  ids: Map<Scenario, string>,
): Promise<void> {
  const cancelled: Promise<unknown>[] = [];
  for (const scenario of SCENARIOS) {
    const { connector, contactId, body, twist } = scenario;
    const { baton, credentials } = tenants[connector];
    if (twist === "revoke") simulator.revokeTokens(credentials.accessKeyId);
    const handoff = { contactId, ...body, params: { p1: "Escalate", ...body?.params } };
    const { id } = await baton.send(handoff, { idempotencyKey: `demo-${contactId}-${ids.size}` });
    if (twist === "repeat") {
      const again = await baton.send(handoff, { idempotencyKey: `demo-${contactId}-${ids.size}` });
      if (again.id !== id) throw new Error(`sent twice under one key, ${id} was accepted again as ${again.id}`);
    }
    if (twist === "cancel") cancelled.push(sleep(CANCEL_AFTER_MS).then(() => baton.cancel(id)));
    ids.set(scenario, id);
    await sleep(PACE_MS);
  }
  await Promise.all(cancelled);
}

/** readAllDeadLetters gives all there are, the oldest first. */
export async function readAllDeadLetters({ operator }: DemoServices): Promise<readonly DeadLetterJson[]> {
  return (await operator.deadLetters({ limit: PAGE_SIZE })).items.toReversed();
}

/** repairSimulatedCxone ends every fault; what CXone knows of credentials becomes what Baton has. */
export function repairSimulatedCxone({ simulator }: DemoServices, { Dune }: Tenants): void {
  simulator.repair();
  simulator.accessKey(Dune.credentials);
}

/**
 * planDemoReplayRuns counts what two runs would take: all dead letters but those of refused keys, and Ember's, whose
 * role has been corrected. What may have arrived is taken, too.
 */
export async function planDemoReplayRuns({ operator }: DemoServices, { Ember }: Tenants): Promise<readonly PlanJson[]> {
  const filters = [
    { reason: DEAD_REASONS.filter((reason) => reason !== "credentials") },
    { connectorId: Ember.connectorId },
  ];
  return await Promise.all(filters.map((filter) => operator.planRun("replay", { filter, includeUnknown: true })));
}

/** startAndAwaitReplayRuns starts a run of each plan, and waits until all that they took has ended. */
export async function startAndAwaitReplayRuns({ operator }: DemoServices, plans: readonly PlanJson[]): Promise<void> {
  const body = { note: "CXone is repaired", deadlineMs: REPLAY_DEADLINE_MS };
  const runs = await Promise.all(plans.map(({ planId }) => operator.startRun("replay", { ...body, planId })));
  for (const { id } of runs)
    while ((await operator.run("replay", id)).status !== "completed") await sleep(POLL_INTERVAL_MS);
}
