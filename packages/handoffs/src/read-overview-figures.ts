/**
 * Figures: what is queued, sent and dead, of the whole and by connector, read in steps that are short for Redis however
 * many there are.
 */
import { type BreakerState, DEAD_REASONS, type DeadReason, type WaitingFor } from "@baton/domain";
import type { RedisConnection } from "@baton/redis/connection";
import {
  createLuaScript,
  cutReplyIntoRows,
  type Reply,
  readRedisTime,
  readReplyInstantAsProperty,
  readReplyList,
  readReplyNumber,
  readReplyNumbersByName,
  readReplyRows,
  readReplyText,
  withCommandTimeout,
} from "@baton/redis/lua-script";
import { findShardTagOfId, type Shards } from "@baton/redis/shards";
import { countHandoffJobs, type JobCounts } from "./handoff-job-counts-and-locks.ts";
import { epochHoursOfLastHour, type LastHourDeliveries, sumLastHourDeliveries } from "./last-hour-deliveries.ts";

/**
 * STATES_PER_STEP and FIGURES_PER_STEP connectors are looked at in one script: a millisecond or two of Redis's time.
 */
const STATES_PER_STEP = 100;
const FIGURES_PER_STEP = 25;
/** URGENCY_PER_STEP connectors are looked at in one script: 50 handoffs and 32 deadlines of each at most. */
const URGENCY_PER_STEP = 10;
/** STATE_FIELDS is how many values a state has in a script's answer. */
const STATE_FIELDS = 12;

/** LAST_HOUR_MS: what "in the last hour" means. */
const LAST_HOUR_MS = 3_600_000;

/** Totals of all shards. */
export interface Totals {
  readonly sending: number;
  /** Of the connectors that have any. */
  readonly sendingByConnector: ReadonlyMap<string, number>;
  readonly jobs: readonly (JobCounts & { readonly shard: number })[];
  readonly deadByReason: DeadByReason;
  readonly diedLastHour: number;
}

export type DeadByReason = Readonly<Record<DeadReason, number>>;

/** ConnectorState is as little as an order of trouble takes; durations in milliseconds. */
export interface ConnectorState {
  readonly connectorId: string;
  readonly queued: number;
  /** 0 when nothing is queued. */
  readonly oldestQueuedMs: number;
  readonly breaker: BreakerState;
  /** Since when the breaker is not closed, epoch milliseconds. */
  readonly breakerSince?: number;
  /** When the next handoff may probe a breaker that is not closed, epoch milliseconds; absent where one may now. */
  readonly nextProbeAt?: number;
  /** Until when CXone throttles it (`Retry-After`), epoch milliseconds. */
  readonly heldUntil?: number;
  /** Since when there is a throttle, epoch milliseconds; only with `heldUntil`. */
  readonly heldSince?: number;
  readonly deadLetters: number;
  /** When CXone last answered 2xx, epoch milliseconds. */
  readonly lastDeliveredAt?: number;
  /** How many of `deadLetters` are past their deadline and not marked yet. */
  readonly overdue: number;
  /** Those of the queued that lie behind its gate, in its own queue. */
  readonly parked: number;
}

/** UrgencyQuestion is what decides how fast a connector's queue empties; `pausedUntil` is infinite without an end. */
export interface UrgencyQuestion {
  readonly connectorId: string;
  readonly rate: { readonly perSecond: number; readonly burst: number } | null;
  readonly pausedUntil?: number;
}

/** ConnectorUrgency is how urgent what a connector has queued is. */
export interface ConnectorUrgency {
  readonly connectorId: string;
  /** How many could be sent now but for a slot or a worker. */
  readonly due: number;
  /** How many have a deadline that its rate and gate leave no time for. */
  readonly willMiss: number;
  readonly mostUrgent?: {
    readonly id: string;
    /** Epoch milliseconds. */
    readonly deadlineAt: number;
    /** 0 to 1: how much of its time is over. */
    readonly deadlineUsed: number;
    readonly waitingFor?: WaitingFor;
  };
  readonly waitingFor: { readonly [reason in WaitingFor]?: number };
}

/** ConnectorFigures is what takes longer to find out. */
export interface ConnectorFigures extends LastHourDeliveries {
  readonly connectorId: string;
  readonly deadByReason: DeadByReason;
}

/**
 * createOverviewFiguresReader counts over all shards, at a cost that does not grow with handoffs. Throws when Redis
 * cannot be reached.
 */
export function createOverviewFiguresReader(shards: Shards) {
  const states = createLuaScript(import.meta, "read-connector-states");
  const figures = createLuaScript(import.meta, "count-dead-letters-and-deliveries");
  const urgency = createLuaScript(import.meta, "measure-connector-queue-urgency");

  /** inSteps asks each shard for its own of these connectors, `stepSize` at a time. */
  async function inSteps<T>(
    ids: readonly string[],
    stepSize: number,
    ask: (tag: string, some: readonly string[]) => Promise<readonly T[]>,
  ) {
    const parts = await Promise.all(
      shards.tags.map(async (tag) => {
        const mine = ids.filter((id) => findShardTagOfId(shards, "cn", id) === tag);
        const rows: T[] = [];
        for (let first = 0; first < mine.length; first += stepSize)
          rows.push(...(await ask(tag, mine.slice(first, first + stepSize))));
        return rows;
      }),
    );
    return parts.flat();
  }

  return {
    /** totals costs the same whatever the shards hold. */
    async totals(): Promise<Totals> {
      const counts = await Promise.all(
        shards.tags.map(async (tag) =>
          countShard(shards.redis, tag, (await readRedisTime(shards.redis, tag)) - LAST_HOUR_MS),
        ),
      );
      const sendingByConnector = countEach(counts.flatMap(({ sending }) => sending.map(connectorOfSendingMember)));
      return {
        jobs: counts.map(({ jobs }, shard) => ({ shard, ...jobs })),
        sending: sendingByConnector.values().reduce((all, count) => all + count, 0),
        sendingByConnector,
        diedLastHour: counts.reduce((sum, { died }) => sum + died, 0),
        deadByReason: countsByReason((i) => counts.reduce((sum, { dead }) => sum + (dead[i] ?? 0), 0)),
      };
    },

    /** states gives the state of each of these connectors, by shard. */
    states: (connectorIds: readonly string[]): Promise<readonly ConnectorState[]> =>
      inSteps(connectorIds, STATES_PER_STEP, async (tag, some) => {
        const flat = await states(shards.redis, tag, { connectorIds: some });
        return cutReplyIntoRows(flat, STATE_FIELDS).map(readState);
      }),

    /** urgency looks at what these connectors have queued. */
    async urgency(questions: readonly UrgencyQuestion[]): Promise<readonly ConnectorUrgency[]> {
      const asked = new Map(questions.map((question) => [question.connectorId, question]));
      return inSteps([...asked.keys()], URGENCY_PER_STEP, async (tag, some) => {
        const connectors = some.flatMap((id) => asked.get(id) ?? []).map(urgencyArgumentsOf);
        return readReplyRows(await urgency(shards.redis, tag, { connectors })).map(readUrgency);
      });
    },

    /** figures gives the figures of each of these connectors, by shard. */
    figures(connectorIds: readonly string[]): Promise<readonly ConnectorFigures[]> {
      const hours = epochHoursOfLastHour(Date.now());
      return inSteps(connectorIds, FIGURES_PER_STEP, async (tag, some) => {
        const reply = await figures(shards.redis, tag, { connectorIds: some, reasons: DEAD_REASONS, hours });
        return readReplyRows(readReplyList(reply, 1)).map((row) => ({
          ...readDead(row),
          ...sumLastHourDeliveries(readReplyList(row, 2), hours, readReplyNumber(reply, 0)),
        }));
      });
    },

    /** deadByReason gives the dead letters of each of these connectors by reason, without the deliveries. */
    deadByReason: (
      connectorIds: readonly string[],
    ): Promise<readonly Pick<ConnectorFigures, "connectorId" | "deadByReason">[]> =>
      inSteps(connectorIds, STATES_PER_STEP, async (tag, some) => {
        const reply = await figures(shards.redis, tag, { connectorIds: some, reasons: DEAD_REASONS, hours: [] });
        return readReplyRows(readReplyList(reply, 1)).map(readDead);
      }),
  };
}

/** countShard counts one shard's handoffs and dead letters, of those that died only since `diedSince`. */
function countShard(redis: RedisConnection, tag: string, diedSince: number) {
  const counts = Promise.all([
    redis.zcount(`${tag}:dead`, diedSince, "+inf"),
    Promise.all(DEAD_REASONS.map((reason) => redis.zcard(`${tag}:dead:r:${reason}`))),
    // At most as many as all workers have slots.
    redis.zrange(`${tag}:sending`, "0", "-1"),
    countHandoffJobs(redis, tag),
  ]);
  return withCommandTimeout(counts.then(([died, dead, sending, jobs]) => ({ died, dead, sending, jobs })));
}

/** connectorOfSendingMember reads the connector of a handoff that is being sent. */
function connectorOfSendingMember(member: string): string {
  return member.slice(member.lastIndexOf(":") + 1);
}

function countEach(names: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}

function urgencyArgumentsOf({ connectorId: id, rate, pausedUntil }: UrgencyQuestion) {
  const isOpenEnded = pausedUntil === Number.POSITIVE_INFINITY;
  return { id, ...rate, isOpenEnded, ...(isOpenEnded ? {} : { pausedUntil }) };
}

function readState(row: readonly Reply[]): ConnectorState {
  return {
    connectorId: readReplyText(row, 0),
    queued: readReplyNumber(row, 1),
    oldestQueuedMs: readReplyText(row, 2) === "" ? 0 : readReplyNumber(row, 2),
    breaker: readReplyText(row, 3) === "" ? "closed" : (readReplyText(row, 3) as BreakerState),
    ...readReplyInstantAsProperty(row, 4, "breakerSince"),
    ...readReplyInstantAsProperty(row, 5, "heldUntil"),
    ...readReplyInstantAsProperty(row, 6, "heldSince"),
    deadLetters: readReplyNumber(row, 7),
    ...readReplyInstantAsProperty(row, 8, "lastDeliveredAt"),
    overdue: readReplyNumber(row, 9),
    parked: readReplyNumber(row, 10),
    ...readReplyInstantAsProperty(row, 11, "nextProbeAt"),
  };
}

function readUrgency(row: readonly Reply[]): ConnectorUrgency {
  const [id, waitingFor] = [readReplyText(row, 3), readReplyText(row, 6)];
  const mostUrgent = {
    id,
    deadlineAt: readReplyNumber(row, 4),
    deadlineUsed: readReplyNumber(row, 5),
    ...(waitingFor === "" ? {} : { waitingFor: waitingFor as WaitingFor }),
  };
  return {
    connectorId: readReplyText(row, 0),
    due: readReplyNumber(row, 1),
    willMiss: readReplyNumber(row, 2),
    ...(id === "" ? {} : { mostUrgent }),
    waitingFor: Object.fromEntries(readReplyNumbersByName(readReplyList(row, 7))),
  };
}

function readDead(row: readonly Reply[]): Pick<ConnectorFigures, "connectorId" | "deadByReason"> {
  return {
    connectorId: readReplyText(row, 0),
    deadByReason: countsByReason((i) => readReplyNumber(readReplyList(row, 1), i)),
  };
}

function countsByReason(count: (index: number) => number): DeadByReason {
  return Object.fromEntries(DEAD_REASONS.map((reason, i) => [reason, count(i)])) as DeadByReason;
}
