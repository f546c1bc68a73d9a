/** Plans: what a run would take, counted before anything is done. */
import { randomBytes } from "node:crypto";
import type { RunBody } from "@baton/api";
import {
  DEFAULT_RUN_RATE,
  encodeBase32,
  estimateRunMs,
  MAX_PLAN_ITEMS,
  PLAN_KEPT_MS,
  type Plan,
  Refusal,
  type RunKind,
  type RunScope,
} from "@baton/domain";
import { type CollectRunPlanItems, type PlanItems, TooManyItems } from "@baton/handoffs/collect-run-plan-items";
import type { DeadLetterFilter } from "@baton/handoffs/dead-letter-store";
import type { StoredHandoff } from "@baton/handoffs/handoff-record";
import type { StoredConnector } from "@baton/registry/connector-store";
import type { KeptPlan, PlanFindings } from "@baton/registry/run-plan-store";
import type { RunStore } from "@baton/registry/run-store";
import type { ExpireOverdueBeforeReading } from "./expire-overdue-before-reading.ts";

/** KEY_BYTES: 80 bits, 16 digits, so that plans never meet. */
const KEY_BYTES = 10;
/** MAX_NAMED connectors of a plan are named, those with the most dead letters; the rest are counted together. */
const MAX_NAMED = 1_000;
/** MAX_RATES: the estimate reads the rates of so many connectors, the largest ones, which take longest. */
const MAX_RATES = 100;

interface Deps {
  readonly collectPlanItems: CollectRunPlanItems;
  readonly runs: Pick<RunStore, "beginPlan" | "keepPlan" | "endPlan">;
  readonly deadLetters: { total(filter: DeadLetterFilter): Promise<number | undefined> };
  readonly connectors: {
    read(id: string): Promise<StoredConnector | undefined>;
    missing(ids: readonly string[]): Promise<readonly string[]>;
  };
  readonly handoffs: { read(id: string): Promise<StoredHandoff | undefined> };
  readonly expireOverdue: ExpireOverdueBeforeReading;
  /** Epoch milliseconds on Redis's clock. */
  readonly now: () => number;
}

/** PlanOrder: `ratePerSecond` is what the estimate is made with. */
export interface PlanOrder extends RunScope {
  readonly kind: RunKind;
  readonly ratePerSecond?: number;
}

/**
 * PlanRun throws Refusal `invalid-run` for a connector or cause that nothing died of, or more than a million matches.
 */
export type PlanRun = (order: PlanOrder) => Promise<Plan>;

/** createPlanRun collects and counts; a plan whose collection fails cannot be started, and its lists are removed. */
export function createPlanRun(deps: Deps): PlanRun {
  const { runs, expireOverdue, now } = deps;
  return async ({ kind, ratePerSecond = DEFAULT_RUN_RATE, ...scope }) => {
    await expireOverdue(scope.filter.connectorId);
    await refuseUnknownFilter(deps, scope);
    const key = encodeBase32(randomBytes(KEY_BYTES));
    const begunAt = now();
    await runs.beginPlan(key, begunAt);
    const counted = await leaveOutDeletedConnectors(deps, { kind, ...scope }, await collectOrEndPlan(deps, key, scope));
    const expiresAt = begunAt + PLAN_KEPT_MS;
    const found = { ...counted, byConnector: keepLargestConnectors(counted.byConnector), expiresAt };
    const kept = { kind, ...scope, matched: found.matched };
    await runs.keepPlan(key, { ...kept, found });
    return await toPlan(deps, { planId: `pl_${key}`, kept, found, ratePerSecond });
  };
}

/** PlanSearch: `body` must not contradict the plan. */
export interface PlanSearch {
  readonly kind: RunKind;
  readonly body: RunBody;
  readonly planId: string;
}

/** ShowKeptPlan throws Refusal `plan-expired`, or `invalid-run` for a plan of the other kind. */
export type ShowKeptPlan = (search: PlanSearch) => Promise<Plan>;

/**
 * createShowKeptPlan shows a plan again as it was counted; the estimate is made anew. `find` gives what is kept of it.
 */
export function createShowKeptPlan(
  deps: Pick<Deps, "connectors" | "handoffs">,
  find: (search: PlanSearch) => Promise<KeptPlan>,
): ShowKeptPlan {
  return async (search) => {
    const { found, ...kept } = await find(search);
    const ratePerSecond = search.body.ratePerSecond ?? DEFAULT_RUN_RATE;
    if (found !== undefined) return await toPlan(deps, { planId: search.planId, kept, found, ratePerSecond });
    throw new Refusal("plan-expired", "this plan was made by an earlier build, which kept no counts; nothing was done");
  };
}

interface CountedPlan {
  readonly planId: string;
  readonly kept: KeptPlan;
  readonly found: PlanFindings;
  readonly ratePerSecond: number;
}

async function toPlan(
  deps: Pick<Deps, "connectors" | "handoffs">,
  { planId, kept, found, ratePerSecond }: CountedPlan,
): Promise<Plan> {
  const { sampleIds, ...counts } = found;
  const sample = await Promise.all(sampleIds.map((id) => deps.handoffs.read(id)));
  const rates = kept.kind === "replay" ? await ratesOf(deps, counts.byConnector) : new Map<string, number>();
  return {
    planId,
    ...kept,
    ...counts,
    estimateMs: estimateRunMs(counts, ratePerSecond, rates),
    sample: sample.flatMap((stored) => (stored === undefined ? [] : [stored.handoff])),
  };
}

async function collectOrEndPlan({ collectPlanItems, runs }: Deps, key: string, scope: RunScope): Promise<PlanItems> {
  try {
    return await collectPlanItems(key, scope);
  } catch (error) {
    await runs.endPlan(key).catch(() => undefined);
    if (!(error instanceof TooManyItems)) throw error;
    throw new Refusal("invalid-run", `more than ${MAX_PLAN_ITEMS} dead letters match; narrow the filter`, {
      errors: [{ pointer: "/filter", message: `match at most ${MAX_PLAN_ITEMS} dead letters` }],
    });
  }
}

/**
 * leaveOutDeletedConnectors leaves out of a replay's plan what no process can send any more. A discard takes that, too.
 */
async function leaveOutDeletedConnectors(
  { connectors, handoffs }: Pick<Deps, "connectors" | "handoffs">,
  { kind, includeUnknown }: Pick<PlanOrder, "kind" | "includeUnknown">,
  { mayHaveArrivedByConnector, ...counted }: PlanItems,
): Promise<Omit<PlanFindings, "expiresAt">> {
  const { byConnector, taken, sampleIds } = counted;
  const deleted = new Set(kind === "replay" ? await connectors.missing(Object.keys(byConnector)) : []);
  if (deleted.size === 0) return counted;
  const takenOf = (id: string) => (byConnector[id] ?? 0) - (includeUnknown ? 0 : (mayHaveArrivedByConnector[id] ?? 0));
  const connectorDeleted = [...deleted].reduce((sum, id) => sum + takenOf(id), 0);
  const sample = (await Promise.all(sampleIds.map((id) => handoffs.read(id)))).filter(
    (stored) => stored !== undefined && !deleted.has(stored.handoff.connectorId),
  );
  return {
    ...counted,
    taken: taken - connectorDeleted,
    ...(connectorDeleted === 0 ? {} : { connectorDeleted }),
    sampleIds: sample.flatMap((stored) => stored?.handoff.id ?? []),
  };
}

/** refuseUnknownFilter: a filter that names what is not there was mistyped, and an empty plan would not say so. */
async function refuseUnknownFilter({ deadLetters, connectors }: Deps, { filter }: RunScope): Promise<void> {
  const { connectorId, cause } = filter;
  if (connectorId !== undefined && (await connectors.read(connectorId)) === undefined) {
    if (((await deadLetters.total({ connectorId })) ?? 0) === 0)
      throw unknownFilterMemberRefusal("connectorId", "connector");
  }
  if (cause !== undefined && ((await deadLetters.total({ cause })) ?? 0) === 0)
    throw unknownFilterMemberRefusal("cause", "cause");
}

function unknownFilterMemberRefusal(member: "connectorId" | "cause", what: string): Refusal {
  return new Refusal("invalid-run", `no dead letter has the ${what} that the filter names; nothing was planned`, {
    errors: [{ pointer: `/filter/${member}`, message: `send a ${what} that GET /admin/v1/dead-letters/causes shows` }],
  });
}

function byCount([, a]: readonly [string, number], [, b]: readonly [string, number]): number {
  return b - a;
}

function keepLargestConnectors(byConnector: PlanItems["byConnector"]): PlanItems["byConnector"] {
  const entries = Object.entries(byConnector).sort(byCount);
  const rest = entries.slice(MAX_NAMED).reduce((sum, [, count]) => sum + count, 0);
  return Object.fromEntries([...entries.slice(0, MAX_NAMED), ...(rest === 0 ? [] : [["other", rest] as const])]);
}

async function ratesOf(
  { connectors }: Pick<Deps, "connectors">,
  byConnector: PlanItems["byConnector"],
): Promise<ReadonlyMap<string, number>> {
  const ids = Object.entries(byConnector).sort(byCount).slice(0, MAX_RATES);
  const rates = new Map<string, number>();
  for (const stored of await Promise.all(ids.map(([id]) => connectors.read(id)))) {
    const rate = stored?.connector.delivery.rate;
    if (stored !== undefined && rate) rates.set(stored.connector.id, rate.perSecond);
  }
  return rates;
}
