/**
 * Audit sampling: what a client may do without limit (a forbidden call, a call with an unknown number) fills no
 * audit. A few entries of each source are written a minute, after the answer, and the rest is counted.
 */
import type { AuditFacts } from "@baton/domain";
import type { AuditStore, NewAuditEntry } from "./audit.ts";

/** WINDOW_MS: a source's entries are counted together for so long. Milliseconds. */
const WINDOW_MS = 60_000;
/** MOST_NAMED different things are named of each source in a window. */
const MOST_NAMED = 5;

/** AuditSample is something that was refused. */
export interface AuditSample {
  /** Who did what kind of thing: what is counted together. There must be a bound to how many there are. */
  readonly source: string;
  /** What distinguishes it from others of its source; each is named once. */
  readonly what: string;
  readonly entry: NewAuditEntry;
}

export interface AuditSamplerOptions {
  readonly audit: Pick<AuditStore, "write">;
  /** Called with what could not be written; it is counted, and written with the rest. */
  readonly onFailed: (error: unknown) => void;
  /** WINDOW_MS unless said. */
  readonly windowMs?: number;
}

interface Window {
  /** What all of a source's entries have in common. */
  readonly common: AuditFacts;
  readonly named: Set<string>;
  /** How many were not named. */
  more: number;
  timer: NodeJS.Timeout;
}

/**
 * AuditSampler writes at most MOST_NAMED entries a window and source, and one more at its end that counts the rest.
 *
 * `note` never waits and never throws: a Redis that is slow or gone delays no answer.
 */
export class AuditSampler {
  readonly #options: AuditSamplerOptions;
  readonly #windows = new Map<string, Window>();
  readonly #writing = new Set<Promise<void>>();
  #closed = false;

  constructor(options: AuditSamplerOptions) {
    this.#options = options;
  }

  note({ source, what, entry }: AuditSample): void {
    if (this.#closed) return;
    const window = this.#windows.get(source) ?? this.#open(source, entry);
    if (window.named.has(what) || window.named.size >= MOST_NAMED) {
      window.more += 1;
      return;
    }
    window.named.add(what);
    this.#write(window, entry);
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
    const window: Window = { common, named: new Set(), more: 0, timer: this.#endLater(source) };
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
    if (window.more === 0) {
      this.#windows.delete(source);
      return;
    }
    this.#writeRest(window);
    window.named.clear();
    window.timer = this.#endLater(source);
  }

  #writeRest(window: Window): void {
    const count = window.more;
    window.more = 0;
    if (count > 0) this.#write(window, { ...window.common, count });
  }

  #write(window: Window, entry: NewAuditEntry): void {
    const written = this.#options.audit.write(entry).then(
      () => undefined,
      (error: unknown) => {
        window.more += entry.count ?? 1;
        this.#options.onFailed(error);
      },
    );
    const writing = written.finally(() => this.#writing.delete(writing));
    this.#writing.add(writing);
  }
}
