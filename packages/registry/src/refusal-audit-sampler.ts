/**
 * Audit sampling: what a client may do without limit (a forbidden call, a call with an unknown number) fills no
 * audit. A few entries of each source are written a minute, after the answer, and the rest is counted.
 */
import type { AuditFacts } from "@baton/domain";
import type { AuditStore, NewAuditEntry } from "./audit-store.ts";

/** WINDOW_MS: a source's entries are counted together for so long. Milliseconds. */
const WINDOW_MS = 60_000;
/** MAX_NAMED different things are named of each source in a window. */
const MAX_NAMED = 5;

/** RefusalAuditSample is something that was refused. */
export interface RefusalAuditSample {
  /** Who did what kind of thing: what is counted together. There must be a bound to how many there are. */
  readonly source: string;
  /** What distinguishes it from others of its source; each is named once. */
  readonly what: string;
  readonly entry: NewAuditEntry;
}

export interface RefusalAuditSamplerOptions {
  readonly audit: Pick<AuditStore, "write">;
  /** Called with what could not be written; it is counted, and written with the rest. */
  readonly onFailed: (error: unknown) => void;
  /** Epoch milliseconds on Redis's clock. */
  readonly now: () => number;
  /** WINDOW_MS unless said. */
  readonly windowMs?: number;
}

/**
 * EntryCount is how many are counted together, and when the first and the last of them happened (epoch milliseconds).
 */
type EntryCount = Required<Pick<AuditFacts, "count" | "firstAt" | "lastAt">>;

interface Window {
  /** What all of a source's entries have in common. */
  readonly common: AuditFacts;
  readonly named: Set<string>;
  /** Those that were not named. */
  rest: EntryCount | undefined;
  timer: NodeJS.Timeout;
}

/**
 * RefusalAuditSampler writes at most MAX_NAMED entries a window and source, and one more at its end that counts the
 * rest.
 *
 * `note` never waits and never throws: a Redis that is slow or gone delays no answer.
 */
export class RefusalAuditSampler {
  readonly #options: RefusalAuditSamplerOptions;
  readonly #windows = new Map<string, Window>();
  readonly #writing = new Set<Promise<void>>();
  #closed = false;

  constructor(options: RefusalAuditSamplerOptions) {
    this.#options = options;
  }

  note({ source, what, entry }: RefusalAuditSample): void {
    if (this.#closed) return;
    const window = this.#windows.get(source) ?? this.#open(source, entry);
    const at = this.#options.now();
    if (window.named.has(what) || window.named.size >= MAX_NAMED) {
      addToRest(window, { count: 1, firstAt: at, lastAt: at });
      return;
    }
    window.named.add(what);
    this.#write(window, entry, { count: 1, firstAt: at, lastAt: at });
  }

  /** close writes down what was only counted so far. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const window of this.#windows.values()) {
      clearTimeout(window.timer);
      this.#writeRest(window);
    }
    this.#windows.clear();
    await Promise.all(this.#writing);
  }

  /** What it was done to differs from one to the next; only a connector that did it itself is all of them's. */
  #open(source: string, { targetId: _, about: __, connectorId, ...rest }: NewAuditEntry): Window {
    const common = connectorId !== undefined && connectorId === rest.actor.id ? { ...rest, connectorId } : rest;
    const window: Window = { common, named: new Set(), rest: undefined, timer: this.#endLater(source) };
    this.#windows.set(source, window);
    return window;
  }

  #endLater(source: string): NodeJS.Timeout {
    return setTimeout(() => this.#end(source), this.#options.windowMs ?? WINDOW_MS).unref();
  }

  /** A window with something to write is followed by another: what cannot be written is written at that one's end. */
  #end(source: string): void {
    const window = this.#windows.get(source);
    if (window === undefined) return;
    if (window.rest === undefined) {
      this.#windows.delete(source);
      return;
    }
    this.#writeRest(window);
    window.named.clear();
    window.timer = this.#endLater(source);
  }

  #writeRest(window: Window): void {
    const { rest, common } = window;
    window.rest = undefined;
    if (rest !== undefined) this.#write(window, { ...common, ...rest }, rest);
  }

  #write(window: Window, entry: NewAuditEntry, counted: EntryCount): void {
    const written = this.#options.audit.write(entry).then(
      () => undefined,
      (error: unknown) => {
        addToRest(window, counted);
        this.#options.onFailed(error);
      },
    );
    const writing = written.finally(() => this.#writing.delete(writing));
    this.#writing.add(writing);
  }
}

/** addToRest adds what is counted to a window's rest. */
function addToRest(window: Window, { count, firstAt, lastAt }: EntryCount): void {
  const rest = window.rest ?? { count: 0, firstAt, lastAt };
  window.rest = {
    count: rest.count + count,
    firstAt: Math.min(rest.firstAt, firstAt),
    lastAt: Math.max(rest.lastAt, lastAt),
  };
}
