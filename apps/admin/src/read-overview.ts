/** The overview: what an operator looks at first. */
import { formatInstants, type Overview } from "@baton/api";
import { type Connector, DEAD_REASONS, type DeadReason } from "@baton/domain";
import type { ConnectorFigures, Figures, StoredConnector } from "@baton/store";

interface Deps {
  readonly connectors: { all(): Promise<readonly StoredConnector[]> };
  readonly figures: (connectorIds: readonly string[]) => Promise<Figures>;
  readonly pulse: { readonly workers: number; readonly stopped: boolean };
}

/** ReadOverview counts everything, at a cost that grows with the connectors and not with their handoffs. */
export type ReadOverview = () => Promise<Overview>;

/** createReadOverview lists connectors in the order of their creation. */
export function createReadOverview({ connectors, figures, pulse }: Deps): ReadOverview {
  return async () => {
    const known = (await connectors.all()).map(({ connector }) => connector);
    const { sending, connectors: rows } = await figures(known.map(({ id }) => id));
    const figuresOf = new Map(rows.map((row) => [row.connectorId, row]));
    const oldest = rows.flatMap((row) => (row.queued > 0 ? [row.oldestQueuedMs] : []));
    return {
      handoffs: { queued: sum(rows, (row) => row.queued), sending, oldestQueuedMs: oldest.length === 0 ? null : Math.max(...oldest) },
      deadLetters: { total: sum(rows, deadLettersOf), byReason: byReason(rows) },
      workers: pulse.workers,
      paused: pulse.stopped,
      connectors: known.flatMap((connector) => {
        const row = figuresOf.get(connector.id);
        return row === undefined ? [] : [describe(connector, row)];
      }),
    };
  };
}

function describe({ id, name, paused }: Connector, row: ConnectorFigures): Overview["connectors"][number] {
  return {
    id,
    name,
    queued: row.queued,
    oldestQueuedMs: row.queued === 0 ? null : row.oldestQueuedMs,
    deadLetters: deadLettersOf(row),
    breaker: row.breaker,
    ...formatInstants(row, ["heldUntil"]),
    paused,
    deliveredLastHour: row.deliveredLastHour,
    p50Ms: row.p50Ms ?? null,
    p99Ms: row.p99Ms ?? null,
  };
}

function byReason(rows: readonly ConnectorFigures[]): Record<DeadReason, number> {
  const counts = DEAD_REASONS.map((reason) => [reason, sum(rows, (row) => row.deadByReason[reason])] as const);
  return Object.fromEntries(counts) as Record<DeadReason, number>;
}

function deadLettersOf(row: ConnectorFigures): number {
  return sum(DEAD_REASONS, (reason) => row.deadByReason[reason]);
}

function sum<T>(items: readonly T[], of: (item: T) => number): number {
  return items.reduce((total, item) => total + of(item), 0);
}
