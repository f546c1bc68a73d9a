/**
 * Connector labels: which connectors have series of their own, so that a scrape stays a scrape with any number of them.
 */

/** OTHERS is the label of all connectors that have none of their own, because there are so many. */
export const OTHERS = "other";
/**
 * MAX_CONNECTORS have labels of their own in one process: about fifty series each, so 50,000 lines of a scrape, some
 * megabytes.
 */
const MAX_CONNECTORS = 1_000;
/**
 * IDLE_MS: a connector that nothing was counted of for so long gives its label up where another needs one. An hour,
 * milliseconds.
 */
const IDLE_MS = 3_600_000;
/** When a label was used is kept to the minute: not each count need note it. Milliseconds. */
const NOTED_MS = 60_000;

/** LabelledMetric is a counter or a histogram with the label `connector`. */
interface LabelledMetric {
  get(): Promise<{ readonly values: readonly { readonly labels: Labels }[] }>;
  remove(labels: Labels): void;
}

type Labels = Partial<Record<string, string | number>>;

/** ConnectorLabelsOptions: `max` is MAX_CONNECTORS unless said; `now` is monotonic, milliseconds. */
export interface ConnectorLabelsOptions {
  readonly max?: number;
  readonly now?: () => number;
}

/** ConnectorLabels gives labels out, and takes them back with everything that was counted under them. */
export class ConnectorLabels {
  readonly #max: number;
  readonly #now: () => number;
  readonly #metrics: LabelledMetric[] = [];
  readonly #begin: ((connectorId: string) => void)[] = [];
  /** In the order of their last use. */
  readonly #usedAt = new Map<string, number>();

  constructor({ max = MAX_CONNECTORS, now = () => performance.now() }: ConnectorLabelsOptions = {}) {
    this.#max = max;
    this.#now = now;
  }

  /** register has `metric` lose what was counted under a label that is taken back. */
  register(metric: LabelledMetric): void {
    this.#metrics.push(metric);
  }

  /** onNew calls `begin` with every connector that gets a label of its own. */
  onNew(begin: (connectorId: string) => void): void {
    this.#begin.push(begin);
  }

  /** labelOf gives the connector's own id, or OTHERS. */
  labelOf(connectorId: string): string {
    const now = this.#now();
    const usedAt = this.#usedAt.get(connectorId);
    if (usedAt === undefined && this.#usedAt.size >= this.#max && !this.#makeRoom(now)) return OTHERS;
    if (usedAt === undefined || now - usedAt >= NOTED_MS) {
      this.#usedAt.delete(connectorId);
      this.#usedAt.set(connectorId, now);
    }
    if (usedAt === undefined) for (const begin of this.#begin) begin(connectorId);
    return connectorId;
  }

  /** ids are those with a label of their own. */
  ids(): readonly string[] {
    return [...this.#usedAt.keys()];
  }

  /** forget takes the labels of these connectors back: their counters and histograms are gone. */
  async forget(connectorIds: readonly string[]): Promise<void> {
    const gone = new Set<unknown>(connectorIds);
    for (const id of connectorIds) this.#usedAt.delete(id);
    for (const metric of this.#metrics) {
      for (const { labels } of (await metric.get()).values) {
        // A histogram gives each of its buckets as a value of its own.
        const { le: _, ...own } = labels;
        if (gone.has(labels.connector)) metric.remove(own);
      }
    }
  }

  #makeRoom(now: number): boolean {
    const [oldest] = this.#usedAt;
    if (oldest === undefined || now - oldest[1] < IDLE_MS) return false;
    void this.forget([oldest[0]]);
    return true;
  }
}
