/** Runs as decisions: changed by operators, and lent to one worker at a time. */
import {
  type PauseCause,
  RUN_KINDS,
  RUN_STATUSES,
  type RunDecision,
  type RunKind,
  type RunStatus,
} from "@baton/domain";
import type { RedisConnection } from "@baton/redis/connection";
import {
  createLuaScript,
  readReplyList,
  readReplyNumber,
  readReplyText,
  readReplyTextsByName,
  withCommandTimeout,
} from "@baton/redis/lua-script";
import type { PageCursor } from "@baton/redis/shard-pages";
import { registryHashTag } from "@baton/redis/shards";
import { createRunPlanStore, type StartOrder } from "./run-plan-store.ts";

/** ACTIVE are the statuses of runs that have not ended. */
const ACTIVE = ["running", "paused"] as const satisfies readonly RunStatus[];

/** RunChange is what is done to a run; a worker names the version that it knows. */
export type RunChange =
  | { readonly change: "pause"; readonly because: PauseCause; readonly version?: number }
  | { readonly change: "resume" | "cancel" | "forget" }
  | { readonly change: "complete"; readonly version: number }
  | { readonly change: "rate"; readonly rate: number };

/** ChangeRunResult: `stale` where a worker named another version than the run has. */
export type ChangeRunResult =
  | { readonly kind: "not-found" | "stale" }
  | { readonly kind: "ended"; readonly status: RunStatus }
  | { readonly kind: "changed"; readonly version: number };

/** Turn is a worker's turn at a run: so many items may be taken now. */
export interface Turn {
  readonly kind: "turn";
  readonly version: number;
  readonly quota: number;
  readonly decision: RunDecision;
  /** Endings before it are no matter any more; epoch milliseconds, 0 where the run was never resumed. */
  readonly resumedAt: number;
  readonly firstIsOver: boolean;
}

export type RunStore = ReturnType<typeof createRunStore>;

/** createRunStore gives plans and runs. Throws when Redis cannot be reached. */
export function createRunStore(redis: RedisConnection, namespace: string) {
  const tag = registryHashTag(namespace);
  const change = createLuaScript(import.meta, "change-run");
  const turn = createLuaScript(import.meta, "lease-run-to-worker");

  return {
    ...createRunPlanStore(redis, tag),
    ...createRunReads(redis, tag),

    /** change pauses, resumes, cancels, ends or forgets a run, or sets its rate; of another kind it is not found. */
    async change(run: string, kind: RunKind, order: RunChange): Promise<ChangeRunResult> {
      const reply = await change(redis, tag, { run, kind, ...order });
      const outcome = readReplyText(reply, 0) as ChangeRunResult["kind"];
      switch (outcome) {
        case "changed":
          return { kind: outcome, version: readReplyNumber(reply, 1) };
        case "ended":
          return { kind: outcome, status: readReplyText(reply, 1) as RunStatus };
        case "not-found":
        case "stale":
          return { kind: outcome };
      }
    },

    /** turn asks for a turn, and keeps the run for `leaseMs`; 0 gives it back. */
    async turn(order: {
      readonly run: string;
      readonly worker: string;
      readonly leaseMs: number;
      readonly gatherMs: number;
      readonly unused: number;
    }): Promise<Turn | { readonly kind: "gone" } | { readonly kind: "held"; readonly forMs: number }> {
      const reply = await turn(redis, tag, order);
      const kind = readReplyText(reply, 0);
      if (kind === "held") return { kind, forMs: readReplyNumber(reply, 1) };
      if (kind !== "turn") return { kind: "gone" };
      const fields = readReplyTextsByName(readReplyList(reply, 4));
      return {
        kind,
        version: readReplyNumber(reply, 1),
        quota: readReplyNumber(reply, 3),
        decision: readDecision(order.run, fields),
        resumedAt: Number(fields.resumedAt ?? 0),
        firstIsOver: fields.firstIsOver === "1",
      };
    },
  };
}

function createRunReads(redis: RedisConnection, tag: string) {
  async function read(run: string): Promise<RunDecision | undefined> {
    const fields = await withCommandTimeout(redis.hgetall(`${tag}:run:${run}`));
    return fields.decision === undefined ? undefined : readDecision(run, fields);
  }

  return {
    /** read gives a run; undefined also where it is a plan yet. */
    read,

    /** page gives the runs of a kind, newest first. */
    async page(
      kind: RunKind,
      { before, limit }: { readonly before?: PageCursor; readonly limit: number },
    ): Promise<readonly RunDecision[]> {
      const top = before === undefined ? "+inf" : String(before.score);
      const key = `${tag}:runs:${kind}`;
      // Those of one millisecond are in the order of their ids: as many more are read as may lie before the cursor.
      const ids = await withCommandTimeout(
        redis.zrange(key, top, "-inf", "BYSCORE", "REV", "LIMIT", 0, limit + SAME_MOMENT),
      );
      const runs = await Promise.all(ids.map(read));
      return runs.filter((run): run is RunDecision => run !== undefined && isBehind(run, before)).slice(0, limit);
    },

    /** active gives those that run or are paused. */
    active: (): Promise<readonly string[]> => {
      const keys = RUN_KINDS.flatMap((kind) => ACTIVE.map((status) => `${tag}:runs:${kind}:${status}`));
      return withCommandTimeout(redis.zunion(keys.length, keys));
    },

    /** endedBefore gives up to `limit` runs of a kind that ended before `at`, among the oldest. */
    async endedBefore(kind: RunKind, at: number, limit: number): Promise<readonly string[]> {
      const ids = await withCommandTimeout(
        redis.zrange(`${tag}:runs:${kind}`, "-inf", String(at), "BYSCORE", "LIMIT", 0, limit),
      );
      const runs = await Promise.all(ids.map(read));
      return runs.flatMap((run) => (run?.endedAt !== undefined && run.endedAt < at ? [run.id] : []));
    },

    /** totals counts runs by kind and status, at the same cost however many there are. */
    async totals(): Promise<RunTotals> {
      const count = async (kind: RunKind, status: RunStatus) =>
        [status, await withCommandTimeout(redis.zcard(`${tag}:runs:${kind}:${status}`))] as const;
      const ofKind = async (kind: RunKind) =>
        [kind, Object.fromEntries(await Promise.all(RUN_STATUSES.map((status) => count(kind, status))))] as const;
      return Object.fromEntries(await Promise.all(RUN_KINDS.map(ofKind))) as RunTotals;
    },
  };
}

/** RunTotals is how many runs there are. */
export type RunTotals = Readonly<Record<RunKind, Readonly<Record<RunStatus, number>>>>;

/** SAME_MOMENT runs may have been started in the millisecond at which a page ended. */
const SAME_MOMENT = 20;

function isBehind(run: RunDecision, before: PageCursor | undefined): boolean {
  if (before === undefined || run.createdAt < before.score) return true;
  return run.createdAt === before.score && run.id < before.member;
}

function readDecision(run: string, fields: Readonly<Record<string, string>>): RunDecision {
  const field = (name: string) => fields[name] ?? "";
  return {
    ...(JSON.parse(field("decision")) as Omit<
      StartOrder,
      "run" | "kind" | "matched" | "ratePerSecond" | "commandDeadline"
    >),
    id: run,
    kind: field("kind") as RunKind,
    status: field("status") as RunStatus,
    ...(field("because") === "" ? {} : { pausedBecause: field("because") as PauseCause }),
    matched: Number(field("matched")),
    ratePerSecond: Number(field("rate")),
    createdAt: Number(field("createdAt")),
    ...(field("endedAt") === "" ? {} : { endedAt: Number(field("endedAt")) }),
  };
}
