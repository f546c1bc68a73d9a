/** The overview: what an operator looks at first. */
import { formatInstant, type Overview, pauseToJson, pickFormattedInstants } from "@baton/api";
import { type Connector, DEAD_REASONS } from "@baton/domain";
import type { ConnectorFigures, DeadByReason, Totals } from "@baton/handoffs/read-overview-figures";
import type { StoredConnector } from "@baton/registry/connector-store";
import type { RankedConnector, ReadConnectorsByUrgency } from "./read-connectors-by-urgency.ts";

/** MAX_CONNECTORS are shown, those in most trouble: an operator looks at a page, not at a registry. */
const MAX_CONNECTORS = 200;

interface Deps {
  readonly readConnectorsByUrgency: ReadConnectorsByUrgency;
  readonly connectors: {
    readSome(ids: readonly string[]): Promise<readonly StoredConnector[]>;
    everythingPausedSince(): Promise<number | undefined>;
  };
  readonly figures: {
    totals(): Promise<Totals>;
    figures(connectorIds: readonly string[]): Promise<readonly ConnectorFigures[]>;
  };
  readonly heartbeat: { readonly workers: number; readonly paused: boolean; readonly pausedUntil?: number | undefined };
  /** Epoch milliseconds on Redis's clock. */
  readonly now: () => number;
  /** Whether Redis refuses what is new. */
  readonly isRedisFull: () => Promise<boolean>;
  /** How many runs are under way. */
  readonly countOngoingRuns: () => Promise<Overview["runs"]>;
}

/** ReadOverview counts everything, at a cost that does not grow with handoffs. */
export type ReadOverview = () => Promise<Overview>;

/** createReadOverview shows the connectors in most trouble, and counts the rest. */
export function createReadOverview({
  readConnectorsByUrgency,
  connectors,
  figures,
  heartbeat,
  now,
  isRedisFull,
  countOngoingRuns,
}: Deps): ReadOverview {
  async function describeConnectors(
    shown: readonly RankedConnector[],
    sendingOf: Totals["sendingByConnector"],
  ): Promise<Overview["connectors"]> {
    const ids = shown.map(({ connectorId }) => connectorId);
    const [documents, rows] = await Promise.all([connectors.readSome(ids), figures.figures(ids)]);
    const documentOf = new Map(documents.map((stored) => [stored.connector.id, stored]));
    const figuresOf = new Map(rows.map((row) => [row.connectorId, row]));
    return shown.flatMap((ranked) => {
      const stored = documentOf.get(ranked.connectorId);
      const row = figuresOf.get(ranked.connectorId);
      // One that was deleted meanwhile.
      if (stored === undefined || row === undefined) return [];
      const sending = sendingOf.get(ranked.connectorId) ?? 0;
      return [describeConnector(stored, { ranked, figures: row, sending, now: now() })];
    });
  }

  return async () => {
    const [{ asOf, connectors: all }, totals, pause, isFull, runs] = await Promise.all([
      readConnectorsByUrgency(),
      figures.totals(),
      describePause({ connectors, heartbeat }),
      isRedisFull(),
      countOngoingRuns(),
    ]);
    return {
      asOf: formatInstant(asOf),
      handoffs: { ...sumQueuedHandoffs(all), sending: totals.sending },
      deadLetters: sumDeadLetters(totals, all),
      workers: heartbeat.workers,
      ...pause,
      ...(isFull && { redisFull: true as const }),
      runs,
      connectors: await describeConnectors(all.slice(0, MAX_CONNECTORS), totals.sendingByConnector),
      connectorsTotal: all.length,
    };
  };
}

/** describePause says whether everything is paused, and since when. */
async function describePause({
  connectors,
  heartbeat: { paused, pausedUntil },
}: Pick<Deps, "connectors" | "heartbeat">): Promise<Pick<Overview, "paused" | "pausedUntil" | "pausedSince">> {
  const pausedSince = paused ? await connectors.everythingPausedSince() : undefined;
  return { paused, ...pickFormattedInstants({ pausedUntil, pausedSince }, ["pausedUntil", "pausedSince"]) };
}

/** sumQueuedHandoffs adds up what all connectors have queued. */
function sumQueuedHandoffs(all: readonly RankedConnector[]): Omit<Overview["handoffs"], "sending"> {
  const sum = (of: (connector: RankedConnector) => number) => all.reduce((total, each) => total + of(each), 0);
  const queued = sum((connector) => connector.queued);
  const first = all
    .flatMap(({ connectorId, mostUrgent }) => (mostUrgent === undefined ? [] : [{ connectorId, ...mostUrgent }]))
    .reduce<UrgentHandoff | undefined>((a, b) => (a === undefined || b.deadlineAt < a.deadlineAt ? b : a), undefined);
  return {
    queued,
    due: sum(({ due }) => due),
    oldestQueuedMs: queued === 0 ? null : all.reduce((oldest, of) => Math.max(oldest, of.oldestQueuedMs), 0),
    ...(first === undefined ? {} : { mostUrgent: mostUrgentToJson(first) }),
    willMiss: sum(({ willMiss }) => willMiss),
  };
}

type UrgentHandoff = NonNullable<RankedConnector["mostUrgent"]> & { readonly connectorId: string };

function mostUrgentToJson({ id, connectorId, deadlineAt, waitingFor }: UrgentHandoff) {
  return {
    id,
    connectorId,
    deadlineAt: formatInstant(deadlineAt),
    ...(waitingFor === undefined ? {} : { waitingFor }),
  };
}

/** sumDeadLetters counts those too that are past their deadline and not marked yet. */
function sumDeadLetters({ deadByReason, diedLastHour }: Totals, all: readonly RankedConnector[]) {
  const overdue = all.reduce((total, connector) => total + connector.overdue, 0);
  const byReason = { ...deadByReason, expired: deadByReason.expired + overdue };
  return { total: totalOf(byReason), lastHour: diedLastHour + overdue, byReason };
}

interface Row {
  readonly ranked: RankedConnector;
  readonly figures: ConnectorFigures;
  readonly sending: number;
  readonly now: number;
}

function describeConnector(
  { connector: { id, name, ...connector }, pausedSince }: StoredConnector,
  { ranked, figures, sending, now }: Row,
): Overview["connectors"][number] {
  return {
    id,
    name,
    queued: ranked.queued,
    due: ranked.due,
    sending,
    oldestQueuedMs: ranked.queued === 0 ? null : ranked.oldestQueuedMs,
    deadlineUsed: ranked.mostUrgent?.deadlineUsed ?? 0,
    willMiss: ranked.willMiss,
    waitingFor: { ...ranked.waitingFor },
    deadLetters: ranked.deadLetters,
    breaker: ranked.breaker,
    ...pickFormattedInstants(ranked, ["breakerSince", "nextProbeAt", "heldUntil", "heldSince"]),
    ...describeConnectorPause({ ...connector, pausedSince }, now),
    deliveredLastHour: figures.deliveredLastHour,
    ...pickFormattedInstants(ranked, ["lastDeliveredAt"]),
    p50Ms: figures.p50Ms ?? null,
    p99Ms: figures.p99Ms ?? null,
  };
}

function describeConnectorPause(
  connector: Pick<Connector, "paused" | "pausedUntil"> & { readonly pausedSince: number | undefined },
  now: number,
) {
  const pause = pauseToJson(connector, now);
  return { ...pause, ...(pause.paused ? pickFormattedInstants(connector, ["pausedSince"]) : {}) };
}

function totalOf(deadByReason: DeadByReason): number {
  return DEAD_REASONS.reduce((total, reason) => total + deadByReason[reason], 0);
}
