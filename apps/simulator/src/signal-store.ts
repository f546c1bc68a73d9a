/** Signals: every request that arrived to signal a contact, whatever became of it. */
import type { ScriptReaction } from "./contact-store.ts";
import { createRingBuffer } from "./ring-buffer.ts";

/**
 * SIGNALS_KEPT: 200,000 requests with four short parameters take 130 MB; the oldest make room and are counted in
 * `state().signals.dropped`.
 */
export const SIGNALS_KEPT = 200_000;

export const PARAM_NAMES = ["p1", "p2", "p3", "p4", "p5", "p6", "p7", "p8", "p9"] as const;
export type ParamName = (typeof PARAM_NAMES)[number];
export type Params = { readonly [name in ParamName]?: string };

/** SeenSignal is one request to signal a contact. Instants are epoch milliseconds. */
export interface SeenSignal {
  /** Counts from 1, in the order in which the requests had arrived in full. */
  readonly number: number;
  readonly at: number;
  /** When the answer left or the connection ended; absent while the request is open. */
  readonly endedAt?: number | undefined;
  readonly contactId: string;
  /** Absent when the token was missing or never issued here. */
  readonly accessKeyId?: string | undefined;
  readonly version: string;
  readonly params: Params;
  readonly seenIn: { readonly [name in ParamName]?: "query" | "body" | "both" };
  /** Parameters that came more than once; the query's first value counts. */
  readonly givenTwice: readonly ParamName[];
  /** Whether the contact was signalled. */
  readonly effect: boolean;
  /** The status that was sent; absent where no whole answer left. */
  readonly status?: number | undefined;
  /** The short id of the token, `token-<n>`. */
  readonly token?: string | undefined;
  /**
   * Other requests to signal the same contact that were open when this one arrived: 0 when they come one after another.
   */
  readonly inFlightSame: number;
  /** Which TCP connection it came on, counted from 1. */
  readonly connectionId: number;
  readonly faultId?: string | undefined;
  readonly script: ScriptView;
}

/**
 * ScriptView is what the Studio script reads: SP1 to SP9, empty where nothing was sent, and SrcContactID, 0 for a
 * signal from a web service.
 */
export interface ScriptView {
  readonly reaction: ScriptReaction;
  readonly variables: Readonly<Record<string, string>>;
}

/** OpenSignal is a request while it is being answered; `settle` and `end` write down what became of it. */
export interface OpenSignal {
  number: number;
  at: number;
  endedAt: number | undefined;
  contactId: string;
  accessKeyId: string | undefined;
  version: string;
  params: Params;
  seenIn: SeenSignal["seenIn"];
  givenTwice: readonly ParamName[];
  effect: boolean;
  status: number | undefined;
  token: string | undefined;
  inFlightSame: number;
  connectionId: number;
  faultId: string | undefined;
  reaction: ScriptReaction;
  /** The counts it belongs to. */
  readonly tally: RunningCounts;
}

interface RunningCounts {
  received: number;
  effective: number;
  overlapping: number;
  givenTwice: number;
  readonly byStatus: Record<string, number>;
}

/** SignalFilter: what is absent does not matter; `after` is the number of the last one already seen. */
export interface SignalFilter {
  readonly contactId?: string | undefined;
  readonly accessKeyId?: string | undefined;
  readonly effect?: boolean | undefined;
  readonly after?: number | undefined;
  /** At most so many, the oldest first. */
  readonly limit?: number | undefined;
}

/** SignalCounts counts requests to signal a contact, also those that are not kept any more. */
export interface SignalCounts {
  readonly received: number;
  readonly kept: number;
  readonly dropped: number;
  readonly inFlight: number;
  /** Requests that took effect. */
  readonly effective: number;
  /** Requests that arrived while another one of the same contact was open. */
  readonly overlapping: number;
  /** Requests with a parameter given twice. */
  readonly givenTwice: number;
  /** Whole answers by status; `none` counts requests that ended without one. */
  readonly byStatus: Readonly<Record<string, number>>;
}

/** Arrival is what is known of a request to signal a contact when it has arrived. */
export interface Arrival {
  readonly contactId: string;
  readonly accessKeyId: string | undefined;
  readonly token: string | undefined;
  readonly version: string;
  readonly connectionId: number;
}

/** SignalStore keeps the newest requests to signal a contact. */
export interface SignalStore {
  /** Opens a record for a request that has just arrived. */
  open(arrival: Arrival): OpenSignal;
  /** Notes that a signal with all it carried has been decided upon: only from here on is it shown. */
  decided(signal: OpenSignal): void;
  /** Closes the record. Harmless when repeated. */
  end(signal: OpenSignal, status: number | undefined): void;
  list(filter?: SignalFilter): readonly SeenSignal[];
  /** Resolves as soon as `count` requests that match have been decided upon, those of the past included. */
  until(count: number, filter?: Omit<SignalFilter, "limit">): Promise<readonly SeenSignal[]>;
  counts(): SignalCounts;
  clear(): void;
}

interface Waiter {
  readonly filter: SignalFilter;
  left: number;
  readonly resolve: () => void;
}

/** createSignalStore starts with none seen and keeps at most `capacity`. */
export function createSignalStore(capacity: number, clock: () => number): SignalStore {
  const ring = createRingBuffer<OpenSignal>(capacity);
  const inFlight = new Map<string, number>();
  const waiters = new Set<Waiter>();
  let numbered = 0;
  let tally = emptyCounts();

  function matching(filter: SignalFilter): OpenSignal[] {
    const found: OpenSignal[] = [];
    for (const signal of ring.values()) {
      if (found.length === filter.limit) break;
      if (matches(signal, filter)) found.push(signal);
    }
    return found;
  }

  return {
    open(arrival) {
      const key = contactKeyOf(arrival);
      const others = inFlight.get(key) ?? 0;
      inFlight.set(key, others + 1);
      return {
        number: 0,
        tally,
        at: clock(),
        endedAt: undefined,
        ...arrival,
        params: {},
        seenIn: {},
        givenTwice: [],
        effect: false,
        status: undefined,
        inFlightSame: others,
        faultId: undefined,
        reaction: "none",
      };
    },
    decided(signal) {
      // Opened before a `clear`: it belongs to what was cleared.
      if (signal.tally !== tally) return;
      signal.number = ++numbered;
      ring.push(signal);
      tally.received++;
      if (signal.effect) tally.effective++;
      if (signal.inFlightSame > 0) tally.overlapping++;
      if (signal.givenTwice.length > 0) tally.givenTwice++;
      for (const waiter of waiters) {
        if (!matches(signal, waiter.filter) || --waiter.left > 0) continue;
        waiters.delete(waiter);
        waiter.resolve();
      }
    },
    end(signal, status) {
      if (signal.endedAt !== undefined) return;
      signal.endedAt = clock();
      signal.status = status;
      const label = status === undefined ? "none" : String(status);
      signal.tally.byStatus[label] = (signal.tally.byStatus[label] ?? 0) + 1;
      const key = contactKeyOf(signal);
      const others = (inFlight.get(key) ?? 1) - 1;
      if (others === 0) inFlight.delete(key);
      else inFlight.set(key, others);
    },
    list: (filter = {}) => matching(filter).map(toSeenSignal),
    async until(count, filter = {}) {
      const left = count - matching(filter).length;
      if (left > 0) {
        await new Promise<void>((resolve) => waiters.add({ filter, left, resolve }));
      }
      return matching(filter).map(toSeenSignal);
    },
    counts: () => ({
      ...tally,
      byStatus: { ...tally.byStatus },
      kept: ring.size,
      dropped: ring.dropped,
      inFlight: [...inFlight.values()].reduce((sum, count) => sum + count, 0),
    }),
    clear() {
      ring.clear();
      tally = emptyCounts();
    },
  };
}

function emptyCounts(): RunningCounts {
  return { received: 0, effective: 0, overlapping: 0, givenTwice: 0, byStatus: {} };
}

/** A contact's queue: two business units never share one, even if a test gives them the same number. */
function contactKeyOf({
  accessKeyId,
  contactId,
}: {
  readonly accessKeyId: string | undefined;
  readonly contactId: string;
}): string {
  return `${accessKeyId ?? ""}/${contactId}`;
}

function matches(signal: OpenSignal, { contactId, accessKeyId, effect, after }: SignalFilter): boolean {
  if (contactId !== undefined && signal.contactId !== contactId) return false;
  if (accessKeyId !== undefined && signal.accessKeyId !== accessKeyId) return false;
  if (effect !== undefined && signal.effect !== effect) return false;
  return after === undefined || signal.number > after;
}

function toSeenSignal({ reaction, tally: _, ...signal }: OpenSignal): SeenSignal {
  return { ...signal, script: { reaction, variables: scriptVariablesOf(signal.params) } };
}

function scriptVariablesOf(params: Params): Readonly<Record<string, string>> {
  return Object.fromEntries([
    ["SrcContactID", "0"],
    ...PARAM_NAMES.map((name) => [`S${name.toUpperCase()}`, params[name] ?? ""]),
  ]);
}
