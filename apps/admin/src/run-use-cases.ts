/** Runs: started from a plan, read, paused, resumed, cancelled. The workers carry them out. */
import { createHash } from "node:crypto";
import type { Page, RunBody } from "@baton/api";
import {
  DEFAULT_RUN_RATE,
  DEFAULT_STOP_WHEN_DYING,
  Refusal,
  type Run,
  type RunCounts,
  type RunDecision,
  type RunItem,
  type RunKind,
  type RunScope,
} from "@baton/domain";
import { type ItemPosition, type ItemQuery, parseRunId, type RunItemStore } from "@baton/handoffs/run-item-store";
import type { KeptPlan, StartRunResult } from "@baton/registry/run-plan-store";
import type { RunChange, RunStore } from "@baton/registry/run-store";
import { buildPageWithNextCursor, readListCursor } from "./cursor-pagination.ts";
import { createFindRunObstacle, type ObstacleDeps } from "./run-obstacle.ts";
import type { PlanRun, PlanSearch } from "./run-plan-use-cases.ts";
import { COMMAND_DEADLINE_MS, notFoundRefusal, queueUnavailableRefusal } from "./shared-refusals.ts";

interface Deps extends ObstacleDeps {
  readonly planRun: PlanRun;
  readonly runs: RunStore;
  readonly runItems: Pick<RunItemStore, "counts" | "fence" | "page" | "unfinishedConnectors">;
}

/** RunOrder is what an operator asked for; `body` has a plan or a filter, and a note. */
export interface RunOrder {
  readonly kind: RunKind;
  readonly body: RunBody;
  readonly actor: { readonly id: string; readonly name: string };
  readonly idempotencyKey?: string;
  /** Of his request. */
  readonly traceparent?: string | undefined;
}

/** RunUseCases is what can be done with runs. Each throws Refusal `not-found` for an id that is none of that kind's. */
export type RunUseCases = ReturnType<typeof createRunUseCases>;

/** createRunUseCases joins what was decided (registry) with how far it came (shards). */
export function createRunUseCases(deps: Deps) {
  const { runs, runItems } = deps;
  const findObstacle = createFindRunObstacle(deps);

  /** addProgress adds how far a run came, and why it does not go on. Its ids are shown with their prefix. */
  async function addProgress(decision: RunDecision): Promise<Run> {
    const [counts, obstacle] = await Promise.all([runItems.counts(decision.id), findObstacle(decision)]);
    const waitingBecause = obstacle === undefined ? {} : { waitingBecause: obstacle };
    return { ...decision, ...waitingBecause, ...countUntaken(decision, counts), id: `rn_${decision.id}` };
  }

  async function findRun(kind: RunKind, id: string): Promise<RunDecision> {
    const key = parseRunId("rn", id);
    const decision = key === undefined ? undefined : await runs.read(key);
    if (decision === undefined || decision.kind !== kind) throw notFoundRefusal("run", id);
    return decision;
  }

  /** changeRun returns only once no worker takes an item any more under the run as it was before. */
  async function changeRun(kind: RunKind, id: string, change: RunChange): Promise<Run> {
    const { id: key } = await findRun(kind, id);
    const changed = await runs.change(key, kind, change);
    if (changed.kind === "ended")
      throw new Refusal("run-ended", `${id} is ${changed.status}; nothing of it is left to be changed`);
    if (changed.kind !== "changed") throw notFoundRefusal("run", id);
    if (change.change === "pause" || change.change === "cancel") await runItems.fence(key, changed.version);
    return addProgress(await findRun(kind, id));
  }

  return {
    /** isRunStarted says whether the same order came before under its idempotency key. */
    async isRunStarted(order: RunOrder): Promise<boolean> {
      const idempotency = idempotencyOf(order);
      if (idempotency === undefined) return false;
      return (await runs.findRunOf(idempotency.key))?.fingerprint === idempotency.fingerprint;
    },

    /** findPlan gives what is kept of a plan. Throws Refusal `plan-expired` or `invalid-run`. */
    findPlan: async (order: PlanSearch): Promise<KeptPlan> => (await findPlan(deps, order)).plan,

    startRun: createStartRun(deps, async (kind, id) => addProgress(await findRun(kind, id))),

    readRun: async (kind: RunKind, id: string): Promise<Run> => addProgress(await findRun(kind, id)),

    /** listRuns gives a page, the newest first. */
    async listRuns(
      kind: RunKind,
      { cursor, limit }: { readonly cursor?: string; readonly limit: number },
    ): Promise<Page<Run>> {
      const list = `${kind}s`;
      const before = cursor === undefined ? undefined : readListCursor(list, cursor);
      const key = before === undefined ? undefined : parseRunId("rn", before.member);
      const page = await runs.page(kind, {
        limit,
        ...(before === undefined || key === undefined ? {} : { before: { ...before, member: key } }),
      });
      const items = await Promise.all(page.map(addProgress));
      const last = items.at(-1);
      const hasNext = last !== undefined && items.length >= limit;
      return buildPageWithNextCursor(list, items, hasNext ? { score: last.createdAt, member: last.id } : undefined);
    },

    /** listRunItems gives a page of what became of its items. */
    async listRunItems(
      kind: RunKind,
      id: string,
      query: Omit<ItemQuery, "cancelledAt">,
    ): Promise<{ readonly items: readonly RunItem[]; readonly next?: ItemPosition }> {
      const { id: key, status, endedAt } = await findRun(kind, id);
      const cancelled = status === "cancelled" && endedAt !== undefined ? { cancelledAt: endedAt } : {};
      return runItems.page(key, { ...query, ...cancelled });
    },

    /** changeRun throws Refusal `run-ended`. */
    changeRun,
  };
}

/** countUntaken counts what a cancelled run did not take among what it skipped: nothing of it is waiting any more. */
function countUntaken({ status, matched }: RunDecision, counts: RunCounts): RunCounts {
  const untaken = matched - counts.replayed - counts.discarded - counts.skipped;
  if (status !== "cancelled" || untaken <= 0) return counts;
  const skippedBecause = { ...counts.skippedBecause, "run-cancelled": untaken };
  return { ...counts, skipped: counts.skipped + untaken, skippedBecause };
}

/** StartedRun: `isRepeated` where the idempotency key was known. */
interface StartedRun {
  readonly run: Run;
  readonly isRepeated: boolean;
}

/**
 * createStartRun makes a plan a run. Throws Refusal `plan-expired`, `idempotency-key-reused`, `invalid-run` or
 * `queue-unavailable`.
 */
function createStartRun(deps: Deps, read: (kind: RunKind, id: string) => Promise<Run>) {
  const { planRun, runs, now } = deps;

  async function planToStart({ kind, body }: RunOrder): Promise<{ readonly run: string; readonly plan: KeptPlan }> {
    if (body.planId !== undefined) return findPlan(deps, { kind, body, planId: body.planId });
    const { filter = {}, includeUnknown = false, skipEndedContacts = false } = body;
    const plan = await planRun({ kind, filter, includeUnknown, skipEndedContacts });
    return { run: plan.planId.slice("pl_".length), plan };
  }

  return async (order: RunOrder): Promise<StartedRun> => {
    const { kind, body, actor, traceparent } = order;
    const idempotency = idempotencyOf(order);
    const earlier = idempotency === undefined ? undefined : await runs.findRunOf(idempotency.key);
    if (earlier !== undefined && earlier.fingerprint !== idempotency?.fingerprint) throw idempotencyKeyReusedRefusal();
    if (earlier !== undefined) return { run: await read(kind, `rn_${earlier.run}`), isRepeated: true };
    const { run, plan } = await planToStart(order);
    const { filter, includeUnknown, skipEndedContacts, matched } = plan;
    const started = await runs.start({
      ...{ run, kind, filter, includeUnknown, skipEndedContacts, matched },
      ratePerSecond: body.ratePerSecond ?? DEFAULT_RUN_RATE,
      note: body.note ?? "",
      stopWhenDying: body.stopWhenDying ?? DEFAULT_STOP_WHEN_DYING,
      ...(body.first === undefined ? {} : { first: body.first }),
      ...(body.deadlineMs === undefined ? {} : { deadlineMs: body.deadlineMs }),
      createdBy: actor.name,
      ...(traceparent === undefined ? {} : { traceparent }),
      commandDeadline: now() + COMMAND_DEADLINE_MS,
      ...(idempotency === undefined ? {} : { idempotency }),
    });
    if (started.kind !== "started" && body.planId === undefined) await runs.endPlan(run);
    const id = startedId(started);
    return { run: await read(kind, `rn_${id}`), isRepeated: started.kind === "repeated" };
  };
}

function startedId(started: StartRunResult): string {
  switch (started.kind) {
    case "started":
    case "repeated":
      return started.run;
    case "reused":
      throw idempotencyKeyReusedRefusal();
    case "expired":
      throw planExpiredRefusal(started.run);
    case "late":
      throw queueUnavailableRefusal({ changes: true });
  }
}

async function findPlan(
  { runs }: Deps,
  { kind, body, planId }: PlanSearch,
): Promise<{ readonly run: string; readonly plan: KeptPlan }> {
  const run = parseRunId("pl", planId);
  if (run === undefined) throw planExpiredRefusal();
  const plan = await runs.readPlan(run);
  if (plan === undefined) throw planExpiredRefusal((await runs.read(run))?.id);
  if (plan.kind !== kind) {
    throw new Refusal("invalid-run", `the plan is one of ${plan.kind}s; nothing was done`, {
      errors: [{ pointer: "/planId", message: `start it with POST /admin/v1/${plan.kind}s, or make another plan` }],
    });
  }
  const other = (["includeUnknown", "skipEndedContacts"] as const satisfies readonly (keyof RunScope)[]).filter(
    (name) => body[name] !== undefined && body[name] !== plan[name],
  );
  if (other.length === 0) return { run, plan };
  throw new Refusal("invalid-run", "the plan was made otherwise; nothing was done", {
    errors: other.map((name) => ({ pointer: `/${name}`, message: `the plan says ${plan[name]}; make another plan` })),
  });
}

function planExpiredRefusal(startedAs?: string): Refusal {
  const why =
    startedAs === undefined ? "this plan is older than 15 minutes, or never was" : `it was started as rn_${startedAs}`;
  return new Refusal("plan-expired", `${why}; nothing was done`);
}

function idempotencyKeyReusedRefusal(): Refusal {
  return new Refusal("idempotency-key-reused", "this Idempotency-Key came with another body; nothing was done");
}

/** idempotencyOf: a key is its sender's own, and of one kind of run. */
function idempotencyOf({ kind, body, actor, idempotencyKey }: RunOrder) {
  if (idempotencyKey === undefined) return undefined;
  return {
    key: sha256Of([kind, actor.id, idempotencyKey]),
    fingerprint: sha256Of(Object.entries(body).sort(([a], [b]) => (a < b ? -1 : 1))),
  };
}

function sha256Of(value: unknown): string {
  return createHash("sha256").update(JSON.stringify(value)).digest("base64url");
}

/** countOngoingRuns gives how many runs there are that have not ended, and how many of these are discards. */
export async function countOngoingRuns({ totals }: Pick<RunStore, "totals">) {
  const { replay, discard } = await totals();
  return {
    running: replay.running + discard.running,
    paused: replay.paused + discard.paused,
    discards: { running: discard.running, paused: discard.paused },
  };
}
