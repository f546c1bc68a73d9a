/**
 * A clock and a timeout that leave out the time in which this process is too busy to read Redis's answers.
 *
 * A burst of a thousand requests keeps the event loop from its sockets for longer than Redis takes. That is no outage
 * of Redis. A timer that ticks measures how busy the process is: by how much it is late. This lateness is subtracted
 * only once Redis answers again, so a Redis that hangs is noticed as soon on a busy process as on an idle one.
 */

const TICK_MS = 20;
/** What a timer may be late by on a process that is not busy. Milliseconds. */
const USUAL_MS = 10;
/**
 * One that is late by more was stopped, and gets CATCH_UP_MS to read the answers that lie in its sockets. Milliseconds.
 */
const STOPPED_MS = 100;
const CATCH_UP_MS = 50;

/** Unused for so long, the clock stops ticking, so that an idle process sleeps. Milliseconds. */
const UNUSED_MS = 200;

let ticker: NodeJS.Timeout | undefined;
let lastTickAt = 0;
let lastUsedAt = 0;
/** By how much this process was late since Redis last answered. */
let lateSinceAnswerMs = 0;
/** The time that the clock leaves out. */
let lostMs = 0;

/** nowWithoutEventLoopLag is like performance.now(), without the time that this process lost. */
export function nowWithoutEventLoopLag(): number {
  lastUsedAt = performance.now();
  if (ticker === undefined) {
    lastTickAt = lastUsedAt;
    ticker = setInterval(checkWaits, TICK_MS).unref();
  }
  return lastUsedAt - lostMs;
}

/** excludeLagBeforeRedisAnswer is called for each answer: the lateness until now was the process's own. */
export function excludeLagBeforeRedisAnswer(): void {
  if (ticker !== undefined) tick();
  lostMs += lateSinceAnswerMs;
  lateSinceAnswerMs = 0;
}

/** A wait that ends sooner gets its own timer: the next check of all waits may come too late. Milliseconds. */
const NEAR_MS = 3 * TICK_MS;

/** Waits whose end is not near: most get their answer before it is, and never need a timer of their own. */
const watched = new Set<TimedWait>();

/**
 * withEventLoopAwareTimeout gives what `asked` gives, or throws what `giveUp` makes once nowWithoutEventLoopLag() is
 * past `until`; what comes later is dropped.
 *
 * A process that was stopped meanwhile finds the time over and the answer in its socket at the same moment, timer
 * first: so the answer gets CATCH_UP_MS to be read.
 */
export function withEventLoopAwareTimeout<T>(asked: Promise<T>, until: number, giveUp: () => Error): Promise<T> {
  return new Promise((resolve, reject) => {
    const wait = new TimedWait(until, () => reject(giveUp()));
    wait.watch();
    asked.then(
      (value) => {
        wait.end();
        resolve(value);
      },
      (error: Error) => {
        wait.end();
        reject(error);
      },
    );
  });
}

/** TimedWait calls `onOver` once nowWithoutEventLoopLag() is past `until`, unless it ends before. */
class TimedWait {
  readonly until: number;
  readonly #onOver: () => void;
  #timer: NodeJS.Timeout | undefined;

  constructor(until: number, onOver: () => void) {
    this.until = until;
    this.#onOver = onOver;
  }

  watch(): void {
    if (this.until - nowWithoutEventLoopLag() > NEAR_MS) watched.add(this);
    else this.startTimer();
  }

  startTimer(): void {
    const leftMs = this.until - nowWithoutEventLoopLag();
    const overAt = performance.now() + leftMs;
    this.#timer = setTimeout(
      () => {
        const wasStopped = performance.now() - overAt > STOPPED_MS;
        this.#timer = setTimeout(() => this.#judge(), wasStopped ? CATCH_UP_MS : 0);
      },
      Math.max(0, leftMs),
    );
  }

  end(): void {
    watched.delete(this);
    clearTimeout(this.#timer);
  }

  #judge(): void {
    if (nowWithoutEventLoopLag() + 1 < this.until) this.watch();
    else this.#onOver();
  }
}

/** checkWaits gives a timer to each wait whose end has come near, and stops the ticks where nothing needs them. */
function checkWaits(): void {
  tick();
  if (watched.size === 0 && lastTickAt - lastUsedAt > UNUSED_MS) {
    clearInterval(ticker);
    ticker = undefined;
    lateSinceAnswerMs = 0;
    return;
  }
  const near = lastTickAt - lostMs + NEAR_MS;
  for (const wait of watched) {
    if (wait.until > near) continue;
    watched.delete(wait);
    wait.startTimer();
  }
}

function tick(): void {
  const now = performance.now();
  const lateMs = now - lastTickAt - TICK_MS;
  if (lateMs > USUAL_MS) lateSinceAnswerMs += lateMs;
  lastTickAt = now;
}
