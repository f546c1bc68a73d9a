/** The lifecycle: what was opened closes again, newest first, once. */
import pTimeout from "p-timeout";
import type { Log } from "./log-interface.ts";

/** CLOSE_MS is what one thing gets for closing before the next one's turn comes: half of the default shutdown time. */
export const CLOSE_MS = 10_000;

/** Closable is anything that opens and closes. What `close` answers is waited for, then dropped. */
interface Closable {
  close(): unknown;
}

interface LifecycleOptions {
  readonly log: Log;
  /** How long one thing may take to close, milliseconds; then it is left behind. */
  readonly closeMs?: number;
}

/** Lifecycle owns what a process has opened. */
export interface Lifecycle {
  /** True from `drain` or `close` on: readiness is off, and no new work is looked for. */
  readonly closing: boolean;
  /** Aborts when `close` begins: what only waits should stop waiting. */
  readonly signal: AbortSignal;
  /** Owns `thing` from now on and returns it. Throws once `close` has begun: the caller still owns it then. */
  use<T extends Closable>(thing: T, name?: string): T;
  /** Like `use`, for what closes by a function. */
  onClose(name: string, close: () => unknown): void;
  /** Turns readiness off; everything goes on serving. */
  drain(): void;
  /**
   * Closes everything, newest first, one after the other. Called again, it gives the same answer: true when all closed
   * in time and none failed. Never rejects.
   */
  close(): Promise<boolean>;
}

/** createProcessLifecycle makes an empty lifecycle. */
export function createProcessLifecycle({ log, closeMs = CLOSE_MS }: LifecycleOptions): Lifecycle {
  const owned: { readonly name: string; readonly close: () => unknown }[] = [];
  const abort = new AbortController();
  let draining = false;
  let closed: Promise<boolean> | undefined;

  function own(name: string, close: () => unknown): void {
    if (closed !== undefined) throw new Error(`cannot open ${name}: the process is closing`);
    owned.push({ name, close });
  }

  async function closeAll(): Promise<boolean> {
    abort.abort(new Error("the process is closing"));
    let clean = true;
    for (const { name, close } of owned.toReversed()) {
      try {
        const closing = Promise.resolve(close());
        await pTimeout(closing, { milliseconds: closeMs, message: `still open after ${closeMs} ms; left behind` });
      } catch (err) {
        clean = false;
        log.error({ err, closing: name }, "did not close");
      }
    }
    return clean;
  }

  return {
    get closing() {
      return draining || closed !== undefined;
    },
    signal: abort.signal,
    use(thing, name = thing.constructor.name) {
      own(name, () => thing.close());
      return thing;
    },
    onClose: own,
    drain() {
      draining = true;
    },
    close() {
      closed ??= Promise.resolve().then(closeAll);
      return closed;
    },
  };
}
