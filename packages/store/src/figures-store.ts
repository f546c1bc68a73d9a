/** Figures of the whole: what is queued, sent and dead, by connector. */
import { type BreakerState, DEAD_REASONS, type DeadReason } from "@baton/domain";
import { createScript, list, number, type Reply, text } from "./script.ts";
import { type Shards, tagOf } from "./shards.ts";
import { quantileMs } from "./stats.ts";

/** ConnectorFigures of one connector; durations in milliseconds, the last two of deliveries within the last hour. */
export interface ConnectorFigures {
  readonly connectorId: string;
  readonly queued: number;
  readonly oldestQueuedMs: number;
  readonly breaker: BreakerState;
  /** Until when CXone asked it to keep still (`Retry-After`), epoch milliseconds. */
  readonly heldUntil?: number;
  readonly deadByReason: Readonly<Record<DeadReason, number>>;
  readonly deliveredLastHour: number;
  readonly p50Ms?: number;
  readonly p99Ms?: number;
}

export interface Figures {
  readonly sending: number;
  readonly connectors: readonly ConnectorFigures[];
}

export type FiguresStore = ReturnType<typeof createFiguresStore>;

/** createFiguresStore counts over all shards, at a cost that grows with connectors, not with handoffs. Throws when Redis cannot be reached. */
export function createFiguresStore(shards: Shards) {
  const figures = createScript<object>("figures");
  return async (connectorIds: readonly string[]): Promise<Figures> => {
    const hour = Math.floor(Date.now() / 3_600_000);
    const parts = await Promise.all(
      shards.tags.map(async (tag) => {
        const mine = connectorIds.filter((id) => tagOf(shards, "cn", id) === tag);
        const reply = await figures(shards.redis, tag, { connectorIds: mine, reasons: DEAD_REASONS, hours: [hour - 1, hour] });
        const now = number(reply, 0);
        return {
          sending: number(reply, 1),
          connectors: list(reply, 2).map((row) => readRow(Array.isArray(row) ? row : [], { now, hour })),
        };
      }),
    );
    return { sending: parts.reduce((sum, part) => sum + part.sending, 0), connectors: parts.flatMap((part) => part.connectors) };
  };
}

function readRow(row: readonly Reply[], at: { now: number; hour: number }): ConnectorFigures {
  const oldest = text(row, 2);
  const dead = DEAD_REASONS.map((reason, i) => [reason, number(list(row, 4), i)]);
  const stats = list(row, 5);
  const delivered = deliveredSince(stats, at);
  const p50Ms = quantileMs(delivered.latencies, 0.5);
  const p99Ms = quantileMs(delivered.latencies, 0.99);
  return {
    connectorId: text(row, 0),
    queued: number(row, 1),
    oldestQueuedMs: oldest === "" ? 0 : Math.max(0, at.now - Number(oldest)),
    breaker: text(row, 3) === "" ? "closed" : (text(row, 3) as BreakerState),
    ...(text(row, 6) === "" ? {} : { heldUntil: number(row, 6) }),
    deadByReason: Object.fromEntries(dead) as Record<DeadReason, number>,
    deliveredLastHour: delivered.count,
    ...(p50Ms === undefined ? {} : { p50Ms }),
    ...(p99Ms === undefined ? {} : { p99Ms }),
  };
}

/** deliveredSince adds up the last 60 minutes from two hours' hashes: `d<minute>` counts, `l<ten minutes>:<bucket>` latencies. */
function deliveredSince(
  stats: readonly Reply[],
  at: { now: number; hour: number },
): { count: number; latencies: ReadonlyMap<number, number> } {
  const earliest = Math.floor(at.now / 60_000) - 59;
  const latencies = new Map<number, number>();
  let count = 0;
  stats.forEach((hash, i) => {
    const firstMinute = (at.hour - 1 + i) * 60;
    const flat = Array.isArray(hash) ? hash : [];
    for (let f = 0; f + 1 < flat.length; f += 2) {
      const [, kind, place = "", bucket] = /^([dl])(\d+)(?::(\d+))?$/.exec(text(flat, f)) ?? [];
      const lastMinute = firstMinute + (kind === "d" ? Number(place) : Number(place) * 10 + 9);
      if (kind === undefined || lastMinute < earliest) continue;
      if (kind === "d") count += number(flat, f + 1);
      else latencies.set(Number(bucket), (latencies.get(Number(bucket)) ?? 0) + number(flat, f + 1));
    }
  });
  return { count, latencies };
}
