/** The overview: what an operator looks at first. */
import { formatInstant, formatInstants, type Overview, pauseToJson } from "@baton/api";
import { type Connector, DEAD_REASONS } from "@baton/domain";
import type { ConnectorFigures, DeadByReason, Totals } from "@baton/handoffs/figures";
import type { StoredConnector } from "@baton/registry/connectors";
import type { SurveyedConnector, TakeSurvey } from "./connector-states.ts";

/** SHOWN connectors, those in most trouble: an operator looks at a page, not at a registry. */
const SHOWN = 200;

interface Deps {
  readonly takeSurvey: TakeSurvey;
  readonly connectors: { readSome(ids: readonly string[]): Promise<readonly StoredConnector[]> };
  readonly figures: {
    totals(): Promise<Totals>;
    figures(connectorIds: readonly string[]): Promise<readonly ConnectorFigures[]>;
  };
  readonly pulse: { readonly workers: number; readonly paused: boolean; readonly pausedUntil?: number | undefined };
}

/** ReadOverview counts everything, at a cost that does not grow with handoffs. */
export type ReadOverview = () => Promise<Overview>;

/** createReadOverview shows the connectors in most trouble, and counts the rest. */
export function createReadOverview({ takeSurvey, connectors, figures, pulse }: Deps): ReadOverview {
  async function describeShown(shown: readonly SurveyedConnector[]): Promise<Overview["connectors"]> {
    const ids = shown.map(({ connectorId }) => connectorId);
    const [documents, rows] = await Promise.all([connectors.readSome(ids), figures.figures(ids)]);
    const documentOf = new Map(documents.map(({ connector }) => [connector.id, connector]));
    const figuresOf = new Map(rows.map((row) => [row.connectorId, row]));
    return shown.flatMap((surveyed) => {
      const connector = documentOf.get(surveyed.connectorId);
      const row = figuresOf.get(surveyed.connectorId);
      // One that was deleted meanwhile.
      return connector === undefined || row === undefined ? [] : [describe(connector, surveyed, row)];
    });
  }

  return async () => {
    const [{ asOf, connectors: all }, { sending, deadByReason }] = await Promise.all([takeSurvey(), figures.totals()]);
    const queued = all.filter((connector) => connector.queued > 0);
    const oldestQueuedMs =
      queued.length === 0 ? null : queued.reduce((oldest, of) => Math.max(oldest, of.oldestQueuedMs), 0);
    return {
      asOf: formatInstant(asOf),
      handoffs: { queued: queued.reduce((sum, of) => sum + of.queued, 0), sending, oldestQueuedMs },
      deadLetters: { total: totalOf(deadByReason), byReason: { ...deadByReason } },
      workers: pulse.workers,
      paused: pulse.paused,
      ...formatInstants({ pausedUntil: pulse.pausedUntil }, ["pausedUntil"]),
      connectors: await describeShown(all.slice(0, SHOWN)),
      connectorsTotal: all.length,
    };
  };
}

function describe(
  { id, name, ...connector }: Connector,
  surveyed: SurveyedConnector,
  row: ConnectorFigures,
): Overview["connectors"][number] {
  return {
    id,
    name,
    queued: surveyed.queued,
    oldestQueuedMs: surveyed.queued === 0 ? null : surveyed.oldestQueuedMs,
    deadLetters: surveyed.deadLetters,
    breaker: surveyed.breaker,
    ...formatInstants(surveyed, ["heldUntil"]),
    ...pauseToJson(connector),
    deliveredLastHour: row.deliveredLastHour,
    p50Ms: row.p50Ms ?? null,
    p99Ms: row.p99Ms ?? null,
  };
}

function totalOf(deadByReason: DeadByReason): number {
  return DEAD_REASONS.reduce((total, reason) => total + deadByReason[reason], 0);
}
