/** Series: what happened minute by minute, with marks where an operator changed something. */
import { formatInstant, type SeriesAnswer, type SeriesName, type SeriesSearch, STEP_MS } from "@baton/api";
import type { AuditEntry } from "@baton/domain";
import { type MinuteCountStore, minuteRangeUntil } from "@baton/handoffs/minute-count-store";
import type { QueueSampleStore } from "@baton/handoffs/queue-sample-store";
import type { AuditFilter, AuditStore } from "@baton/registry/audit-store";
import { type ConnectorReader, findConnectorOrRefuse } from "./find-connector-or-refuse.ts";

/** MAX_MARKS on a chart: with more of them no single one can be made out. */
const MAX_MARKS = 500;
/** A pause of everything pauses each connector. */
const EVERYTHING = ["everything.pause", "everything.resume"] as const;

interface Deps {
  readonly minutes: MinuteCountStore;
  readonly queueSamples: Pick<QueueSampleStore, "read">;
  readonly connectors: ConnectorReader;
  readonly audit: Pick<AuditStore, "page">;
  /** Epoch milliseconds on Redis's clock. */
  readonly now: () => number;
}

/** ReadMinuteSeries throws Refusal `not-found` for a connector that is not there. */
export type ReadMinuteSeries = (search: SeriesSearch) => Promise<SeriesAnswer>;

/** createReadMinuteSeries reads as much for a million handoffs as for a hundred. */
export function createReadMinuteSeries({ minutes, queueSamples, connectors, audit, now }: Deps): ReadMinuteSeries {
  async function readMarks(from: number, connectorId: string | undefined): Promise<SeriesAnswer["marks"]> {
    const filters: AuditFilter[] =
      connectorId === undefined
        ? [{ from }]
        : [{ from, connectorId }, ...EVERYTHING.map((action) => ({ from, action }))];
    const pages = await Promise.all(filters.map((filter) => audit.page(filter, { limit: MAX_MARKS })));
    return pages
      .flatMap(({ items }) => items)
      .filter(isDoneChange)
      .toSorted((a, b) => b.at - a.at)
      .slice(0, MAX_MARKS)
      .toReversed()
      .map(markToJson);
  }

  return async ({ name: names, connectorId, minutes: count }) => {
    if (connectorId !== undefined) await findConnectorOrRefuse(connectors, connectorId);
    const range = minuteRangeUntil(now(), count);
    const from = range.first * STEP_MS;
    const [figures, queued, marks] = await Promise.all([
      minutes.minutes(range, connectorId),
      names.includes("queued") ? queueSamples.read(range.first, count, connectorId) : [],
      readMarks(from, connectorId),
    ]);
    const pointsOf = (name: SeriesName) => (name === "queued" ? queued : figures.map((figure) => figure[name]));
    const series = [...new Set(names)].map((name) => ({ name, points: pointsOf(name).map((point) => point ?? null) }));
    return { from: formatInstant(from), stepMs: STEP_MS, series, marks };
  };
}

/** isDoneChange: calls of unknown numbers are in the audit too, and what was refused changed nothing. */
function isDoneChange({ action, outcome }: AuditEntry): boolean {
  return outcome !== "refused" && !action.startsWith("call.");
}

function markToJson({ at, action, actor: { id, name }, targetId }: AuditEntry): SeriesAnswer["marks"][number] {
  return { at: formatInstant(at), action, actor: { id, name }, ...(targetId === undefined ? {} : { targetId }) };
}
