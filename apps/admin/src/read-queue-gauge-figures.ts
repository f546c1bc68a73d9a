/** The figures behind the gauges that only admin shows. */
import { RUN_KINDS, RUN_STATUSES, shardOfId } from "@baton/domain";
import type { DeadByReason, Totals } from "@baton/handoffs/read-overview-figures";
import { isRedisUnavailable } from "@baton/redis/connection";
import type { RedisMemory } from "@baton/redis/server-report";
import type { StoredConnector } from "@baton/registry/connector-store";
import type { RunTotals } from "@baton/registry/run-store";
import { type ConnectorFigures, OTHERS, type QueueFigures } from "@baton/telemetry";
import {
  isConnectorStopped,
  type RankedConnector,
  type ReadConnectorsByUrgency,
} from "./read-connectors-by-urgency.ts";

/**
 * Up to so many connectors each has gauges of its own, also where they are 0. With more, only those have that have
 * a figure above zero, and so many of them.
 */
const MAX_CONNECTORS = 1_000;

interface Deps {
  readonly readConnectorsByUrgency: ReadConnectorsByUrgency;
  readonly connectors: { readSome(ids: readonly string[]): Promise<readonly StoredConnector[]> };
  readonly figures: {
    totals(): Promise<Totals>;
    deadByReason(
      connectorIds: readonly string[],
    ): Promise<readonly { readonly connectorId: string; readonly deadByReason: DeadByReason }[]>;
  };
  readonly runs: { totals(): Promise<RunTotals> };
  readonly memory: () => Promise<RedisMemory>;
  readonly heartbeat: { readonly up: boolean; readonly workers: number; readonly paused: boolean };
  /** What a read threw, but for an outage of Redis: a scrape only leaves the gauges out. */
  readonly onError: (error: unknown) => void;
}

/**
 * createReadQueueGaugeFigures asks Redis anew each time it is called, at a cost that does not grow with the handoffs.
 * Throws where Redis is away.
 */
export function createReadQueueGaugeFigures({
  readConnectorsByUrgency,
  connectors: registry,
  figures,
  runs,
  memory,
  heartbeat,
  onError,
}: Deps): () => Promise<QueueFigures> {
  async function readConnectors(
    connectors: readonly RankedConnector[],
    allDead: DeadByReason,
  ): Promise<readonly ConnectorFigures[]> {
    const telling = connectors.length <= MAX_CONNECTORS ? connectors : connectors.filter(hasGaugeAboveZero);
    const [shown, rest] = [telling.slice(0, MAX_CONNECTORS), telling.slice(MAX_CONNECTORS)];
    const dying = shown.filter(({ deadLetters }) => deadLetters > 0).map(({ connectorId }) => connectorId);
    const [dead, named] = await Promise.all([
      figures.deadByReason(dying),
      registry.readSome(shown.map(({ connectorId }) => connectorId)),
    ]);
    const nameOf = new Map(named.map(({ connector: { id, name } }) => [id, name]));
    const deadOf = new Map(dead.map((row) => [row.connectorId, row.deadByReason]));
    const rows = shown.map((connector) => {
      const name = nameOf.get(connector.connectorId);
      const gauges = gaugesOf(connector, deadOf.get(connector.connectorId) ?? NO_DEAD_LETTERS);
      return name === undefined ? gauges : { ...gauges, name };
    });
    return rest.length === 0 ? rows : [...rows, gaugesOfRest(rest, deadLettersOfRest(allDead, dead))];
  }

  async function readFigures(): Promise<QueueFigures> {
    const [{ connectors }, { jobs, deadByReason }, { usedBytes, limitBytes }, totals] = await Promise.all([
      readConnectorsByUrgency(),
      figures.totals(),
      memory(),
      runs.totals(),
    ]);
    return {
      shards: queueDepthOf(jobs, connectors),
      connectors: await readConnectors(connectors, deadByReason),
      paused: heartbeat.paused,
      workers: heartbeat.workers,
      runs: RUN_KINDS.flatMap((kind) => RUN_STATUSES.map((status) => ({ kind, status, count: totals[kind][status] }))),
      redisMemoryBytes: usedBytes,
      redisMemoryLimitBytes: limitBytes,
    };
  }

  return async () => {
    // The heartbeat has just waited for a Redis that hangs; a scrape should not wait for it twice.
    if (!heartbeat.up) throw new Error("Redis does not answer");
    return readFigures().catch((error: unknown) => {
      if (!isRedisUnavailable(error)) onError(error);
      throw error;
    });
  };
}

function hasGaugeAboveZero(connector: RankedConnector): boolean {
  return isConnectorStopped(connector) || connector.queued > 0 || connector.deadLetters > 0;
}

/** queueDepthOf counts the jobs of parked ones apart from the others that BullMQ calls delayed. */
function queueDepthOf(jobs: Totals["jobs"], connectors: readonly RankedConnector[]): QueueFigures["shards"] {
  return jobs.map(({ shard, delayed, ...rest }) => {
    const mine = connectors.filter(({ connectorId }) => shardOfId("cn", connectorId) === shard);
    const parked = mine.reduce((sum, connector) => sum + connector.parked, 0);
    return { shard, ...rest, delayed: Math.max(0, delayed - parked), parked };
  });
}

const NO_DEAD_LETTERS: DeadByReason = {
  rejected: 0,
  expired: 0,
  exhausted: 0,
  unknown: 0,
  credentials: 0,
  configuration: 0,
};

/** gaugesOf counts those too that are past their deadline and not marked yet. */
function gaugesOf(
  { connectorId: id, queued, due, oldestQueuedMs, mostUrgent, breaker, paused, overdue }: RankedConnector,
  marked: DeadByReason,
): ConnectorFigures {
  const deadlineUsed = mostUrgent?.deadlineUsed ?? 0;
  const deadLetters = { ...marked, expired: marked.expired + overdue };
  return { id, queued, due, oldestQueuedMs, deadlineUsed, breakerOpen: breaker !== "closed", paused, deadLetters };
}

/** gaugesOfRest folds all others into one, so that sums stay right. */
function gaugesOfRest(rest: readonly RankedConnector[], deadLetters: DeadByReason): ConnectorFigures {
  return {
    id: OTHERS,
    queued: rest.reduce((sum, { queued }) => sum + queued, 0),
    due: rest.reduce((sum, { due }) => sum + due, 0),
    deadlineUsed: rest.reduce((most, { mostUrgent }) => Math.max(most, mostUrgent?.deadlineUsed ?? 0), 0),
    paused: rest.some(({ paused }) => paused),
    oldestQueuedMs: rest.reduce((oldest, { oldestQueuedMs }) => Math.max(oldest, oldestQueuedMs), 0),
    breakerOpen: rest.some(({ breaker }) => breaker !== "closed"),
    deadLetters,
  };
}

function deadLettersOfRest(all: DeadByReason, shown: readonly { readonly deadByReason: DeadByReason }[]): DeadByReason {
  const left = Object.entries(all).map(([reason, count]) => {
    const shownCount = shown.reduce((sum, { deadByReason }) => sum + deadByReason[reason as keyof DeadByReason], 0);
    return [reason, Math.max(0, count - shownCount)];
  });
  return Object.fromEntries(left) as DeadByReason;
}
