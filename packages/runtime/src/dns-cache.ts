/** What is known of names for a while, so that each is looked up once at a time. */
import type { LookupAddress } from "node:dns";

/** FAILED_MS: a name that was not found, or not in time, is looked up again after so long. */
const FAILED_MS = 1_000;

/** MAX_NAMES: so many are remembered; the oldest goes first. */
const MAX_NAMES = 1_000;

/** FoundAddresses: the addresses of a name, and how long they serve, milliseconds. */
export interface FoundAddresses {
  readonly addresses: readonly LookupAddress[];
  readonly forMs: number;
}

interface CachedAddresses {
  readonly until: number;
  readonly found: Promise<readonly LookupAddress[]>;
}

/** DnsCache asks `find`, and keeps what it gives; who asks meanwhile waits for the same answer. */
export class DnsCache {
  readonly #find: (name: string) => Promise<FoundAddresses>;
  readonly #known = new Map<string, CachedAddresses>();

  constructor(find: (name: string) => Promise<FoundAddresses>) {
    this.#find = find;
  }

  addressesOf(name: string): Promise<readonly LookupAddress[]> {
    const known = this.#known.get(name);
    if (known !== undefined && performance.now() < known.until) return known.found;
    const finding = this.#find(name);
    const found = finding.then(({ addresses }) => addresses);
    this.#keep(name, { until: Number.POSITIVE_INFINITY, found });
    finding.then(
      ({ forMs }) => this.#keep(name, { until: performance.now() + forMs, found }),
      () => this.#keep(name, { until: performance.now() + FAILED_MS, found }),
    );
    return found;
  }

  #keep(name: string, known: CachedAddresses): void {
    this.#known.delete(name);
    this.#known.set(name, known);
    const [oldest] = this.#known.keys();
    if (this.#known.size > MAX_NAMES && oldest !== undefined) this.#known.delete(oldest);
  }
}
