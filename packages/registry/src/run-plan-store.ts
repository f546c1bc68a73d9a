/** Plans: what a run would take, kept until it is started as a run, once, or expires. */
import { PLAN_KEPT_MS, type PlanCounts, type RunKind, type RunOptions, type RunScope } from "@baton/domain";
import type { RedisConnection } from "@baton/redis/connection";
import { createLuaScript, readReplyText, stringifyForLua, withCommandTimeout } from "@baton/redis/lua-script";

/** KEY_KEPT_MS: an idempotency key is known for a day. Milliseconds. (contract) */
const KEY_KEPT_MS = 86_400_000;
/** A plan's lists are removed so long after it ended: a clock that steps back finds none half gone. Milliseconds. */
const PLAN_GRACE_MS = 60_000;

/** KeptPlan is what a run needs of a plan. `found` is what it is shown again with: earlier builds kept none. */
export interface KeptPlan extends RunScope, Pick<PlanCounts, "matched"> {
  readonly kind: RunKind;
  readonly found?: PlanFindings;
}

/** PlanFindings is what a plan counted, `sampleIds` the oldest that a run takes. Instants are epoch milliseconds. */
export interface PlanFindings extends PlanCounts {
  readonly asOf: number;
  readonly expiresAt: number;
  readonly sampleIds: readonly string[];
}

/** StartOrder makes the plan `run` a run; `idempotency.key` is a digest of the operator's key and of who he is. */
export interface StartOrder extends KeptPlan, RunOptions {
  readonly run: string;
  readonly createdBy: string;
  /** Of the operator's request. */
  readonly traceparent?: string;
  readonly commandDeadline: number;
  readonly idempotency?: { readonly key: string; readonly fingerprint: string };
}

/** StartRunResult: `expired` names the run that the plan was started as, if it was. */
export type StartRunResult =
  | { readonly kind: "late" | "reused" }
  | { readonly kind: "expired"; readonly run?: string }
  | { readonly kind: "repeated" | "started"; readonly run: string };

/** createRunPlanStore gives the plans behind the registry's `tag`. Throws when Redis cannot be reached. */
export function createRunPlanStore(redis: RedisConnection, tag: string) {
  const start = createLuaScript(import.meta, "start-run-from-plan");
  const planned = `${tag}:runs:planned`;

  return {
    /**
     * beginPlan has a plan's lists removed in time, also when the process that makes it dies. `now`: epoch
     * milliseconds; the plan is kept for PLAN_KEPT_MS from then.
     */
    async beginPlan(plan: string, now: number): Promise<void> {
      await withCommandTimeout(redis.zadd(planned, now, plan));
    },

    /** keepPlan makes a plan one that can be started. */
    async keepPlan(
      plan: string,
      { kind, filter, includeUnknown, skipEndedContacts, matched, found }: KeptPlan,
    ): Promise<void> {
      const key = `${tag}:run:${plan}`;
      const kept: Omit<KeptPlan, "kind" | "matched"> = {
        filter,
        includeUnknown,
        skipEndedContacts,
        ...(found && { found }),
      };
      const scope = JSON.stringify(kept);
      await withCommandTimeout(
        Promise.all([
          redis.hset(key, { kind, status: "planned", matched, scope }),
          redis.pexpire(key, PLAN_KEPT_MS + PLAN_GRACE_MS),
        ]),
      );
    },

    /** readPlan gives a plan; undefined also where it was started. */
    async readPlan(plan: string): Promise<KeptPlan | undefined> {
      const [kind, matched, scope] = await withCommandTimeout(
        redis.hmget(`${tag}:run:${plan}`, "kind", "matched", "scope"),
      );
      if (!scope) return undefined;
      return {
        ...(JSON.parse(scope) as Omit<KeptPlan, "kind" | "matched">),
        kind: kind as RunKind,
        matched: Number(matched),
      };
    },

    /** endPlan has a plan's lists removed at the next occasion. */
    async endPlan(plan: string): Promise<void> {
      await withCommandTimeout(redis.zadd(planned, "XX", 0, plan));
    },

    /** findRunOf gives what an idempotency key stands for, and the fingerprint of what was asked under it. */
    async findRunOf(key: string): Promise<{ readonly run: string; readonly fingerprint: string } | undefined> {
      const kept = await withCommandTimeout(redis.get(`${tag}:idem:runs:${key}`));
      if (kept === null) return undefined;
      const { id, fingerprint } = JSON.parse(kept) as { readonly id: string; readonly fingerprint: string };
      return { run: id, fingerprint };
    },

    /** start makes a plan a run; of two who try, one does. */
    async start(order: StartOrder): Promise<StartRunResult> {
      const { run, kind, matched, ratePerSecond, commandDeadline, idempotency, ...decision } = order;
      const reply = await start(redis, tag, {
        run,
        kind,
        matched,
        rate: ratePerSecond,
        commandDeadline,
        planKeptMs: PLAN_KEPT_MS,
        decision: stringifyForLua(decision),
        ...(idempotency === undefined ? {} : { idempotency: { ...idempotency, keepMs: KEY_KEPT_MS } }),
      });
      const outcome = readReplyText(reply, 0) as StartRunResult["kind"];
      switch (outcome) {
        case "started":
          return { kind: outcome, run };
        case "repeated":
          return { kind: outcome, run: readReplyText(reply, 1) };
        case "expired":
          return { kind: outcome, ...(readReplyText(reply, 1) === "" ? {} : { run }) };
        case "late":
        case "reused":
          return { kind: outcome };
      }
    },

    /** endedPlans gives up to `limit` plans whose lists are to be removed; `forgetPlan` strikes one out. */
    endedPlans: (now: number, limit: number): Promise<readonly string[]> => {
      const begunBy = now - PLAN_KEPT_MS - PLAN_GRACE_MS;
      return withCommandTimeout(redis.zrange(planned, "-inf", String(begunBy), "BYSCORE", "LIMIT", 0, limit));
    },
    async forgetPlan(plan: string): Promise<void> {
      // It expires by itself, unless its process died between its two commands.
      await withCommandTimeout(redis.unlink(`${tag}:run:${plan}`));
      await withCommandTimeout(redis.zrem(planned, plan));
    },
  };
}
