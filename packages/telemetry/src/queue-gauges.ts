/** Queue figures: what only admin gives of the whole queue, read for each scrape. */
import type { DeadReason, RunKind, RunStatus } from "@baton/domain";
import { Gauge, Registry } from "prom-client";

/** QueueFigures must cost the same to read with ten handoffs as with a million. */
export interface QueueFigures {
  readonly shards: readonly {
    readonly shard: number;
    readonly waiting: number;
    readonly active: number;
    readonly delayed: number;
    readonly parked: number;
  }[];
  readonly connectors: readonly ConnectorFigures[];
  /** Everything is paused. */
  readonly paused: boolean;
  readonly workers: number;
  /** How many runs there are of each kind and status. */
  readonly runs: readonly { readonly kind: RunKind; readonly status: RunStatus; readonly count: number }[];
  readonly redisMemoryBytes: number;
  /** 0: Redis has no limit. */
  readonly redisMemoryLimitBytes: number;
}

export interface ConnectorFigures {
  /** OTHERS for all that have no series of their own. */
  readonly id: string;
  /** As operators call it; OTHERS have none. */
  readonly name?: string;
  readonly queued: number;
  /** Could be sent now but for a slot or a worker. */
  readonly due: number;
  /** 0 to 1: how much of the most urgent one's time is over; 0 when nothing is queued. */
  readonly deadlineUsed: number;
  readonly paused: boolean;
  /** 0 when nothing is queued. */
  readonly oldestQueuedMs: number;
  readonly breakerOpen: boolean;
  readonly deadLetters: { readonly [reason in DeadReason]?: number };
}

/**
 * createQueueGauges makes a registry of one reading: nothing in it outlives a connector, or a Redis that no longer
 * answers.
 */
export function createQueueGauges(figures: QueueFigures): Registry {
  const registry = new Registry();
  const gauge = <Label extends string>(name: string, help: string, labelNames: readonly Label[]) =>
    new Gauge({ name, help, labelNames, registers: [registry] });
  const depth = gauge(
    "baton_queue_depth",
    "Jobs in a shard's BullMQ queue, by state; parked: behind their connector's gate",
    ["shard", "state"],
  );
  for (const { shard, ...states } of figures.shards) {
    for (const [state, jobs] of Object.entries(states)) depth.set({ shard, state }, jobs);
  }
  const queued = gauge("baton_queued", "Handoffs queued", ["connector"]);
  const due = gauge("baton_due", "Handoffs that could be sent now but for a slot or a worker", ["connector"]);
  const used = gauge(
    "baton_deadline_used_ratio",
    "How much of the time of the most urgent queued handoff is over, 0 to 1",
    ["connector"],
  );
  const paused = gauge("baton_paused", '1 while nothing is sent because of a pause; connector "" is everything', [
    "connector",
  ]);
  paused.set({ connector: "" }, figures.paused ? 1 : 0);
  const oldest = gauge("baton_oldest_queued_seconds", "Age of the oldest queued handoff", ["connector"]);
  const dead = gauge("baton_dead_letters", "Dead letters", ["connector", "reason"]);
  const open = gauge("baton_breaker_open", "1 while the breaker is open or probing", ["connector"]);
  const info = gauge("baton_connector_info", "A connector's name, as a label", ["connector", "name"]);
  for (const { id: connector, ...of } of figures.connectors) {
    if (of.name !== undefined) info.set({ connector, name: of.name }, 1);
    queued.set({ connector }, of.queued);
    due.set({ connector }, of.due);
    used.set({ connector }, of.deadlineUsed);
    paused.set({ connector }, of.paused ? 1 : 0);
    oldest.set({ connector }, of.oldestQueuedMs / 1_000);
    open.set({ connector }, of.breakerOpen ? 1 : 0);
    for (const [reason, count] of Object.entries(of.deadLetters)) dead.set({ connector, reason }, count);
  }
  gauge("baton_workers", "Worker processes alive", []).set(figures.workers);
  const runs = gauge("baton_runs", "Runs of replays and discards that are kept", ["kind", "status"]);
  for (const { kind, status, count } of figures.runs) runs.set({ kind, status }, count);
  gauge("baton_redis_memory_bytes", "Memory that Redis uses", []).set(figures.redisMemoryBytes);
  gauge("baton_redis_memory_limit_bytes", "Memory that Redis may use; 0 without a limit", []).set(
    figures.redisMemoryLimitBytes,
  );
  return registry;
}
