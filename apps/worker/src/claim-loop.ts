/**
 * The claim loop of one shard: claims as slots come free, keeps the locks of what is in flight, and waits for the
 * marker in between.
 */

import { setTimeout as sleep } from "node:timers/promises";
import { StalledJobCheck } from "@baton/handoffs/bullmq-stalled-job-check";
import { waitUntilClaimable, wakeAnotherIdleWorker } from "@baton/handoffs/bullmq-wakeup-marker";
import type {
  ClaimedAttempt,
  ClaimRequest,
  ClaimResult,
  KnownDestination,
} from "@baton/handoffs/claim-script-arguments-and-reply";
import { isRedisUnavailable, type RedisConnection } from "@baton/redis/connection";
import { retryUntilRedisAnswers } from "@baton/redis/retry-until-redis-answers";
import type { ConcurrencySlots } from "./concurrency-slots.ts";
import type { ConnectorConcurrencyLimit } from "./connector-concurrency-limit.ts";

/** Locks are renewed so often; see LOCK_MS. Milliseconds. */
const RENEW_MS = 1_000;
/** After Redis refused. Milliseconds. */
const RETRY_MS = 500;
/**
 * How long one blocking call waits: a marker taken by a worker that then died is missed for so long at most.
 * Milliseconds.
 */
const BLOCK_MS = 1_000;
/** Most attempts begun in one claim: enough for a burst, too few to starve the other workers. */
const MAX_ATTEMPTS = 32;
/** This process's idea of Redis's clock is off by so much at most. Milliseconds. */
const CLOCK_ERROR_MS = 50;
/**
 * A claim that Redis runs later than this begins nothing: by then its worker has given up waiting (COMMAND_TIMEOUT_MS).
 * Milliseconds.
 */
const COMMAND_DEADLINE_MS = 700;

export interface ClaimLoopOptions {
  readonly tag: string;
  /** What all shards have in flight together. */
  readonly slots: ConcurrencySlots;
  readonly limit: ConnectorConcurrencyLimit;
  readonly handoffs: {
    claim(tag: string, order: ClaimRequest): Promise<ClaimResult>;
    renewLocks(tag: string, attempts: readonly ClaimedAttempt[]): Promise<void>;
  };
  readonly destinations: {
    table(): string | undefined;
    takeChanges(tag: string): ReadonlyMap<string, KnownDestination | undefined>;
    restoreChanges(tag: string, taken: ReadonlyMap<string, KnownDestination | undefined>): void;
    requestMissing(connectorIds: readonly string[]): void;
  };
  /** Opens a connection fit for blocking; two for each shard. */
  readonly openConnection: () => RedisConnection;
  /** Epoch milliseconds on Redis's clock. */
  readonly now: () => number;
  /** Asked before each claim: a worker whose clock is off takes nothing. */
  readonly canTakeJobs: () => boolean;
  readonly isPaused: () => boolean;
  readonly createToken: () => string;
  readonly random: () => number;
  /** Delivers an attempt; gives whether CXone accepted it. Never rejects. */
  readonly deliver: (attempt: ClaimedAttempt, claimedAt: number) => Promise<boolean>;
  /** Abandons an attempt whose claim was answered too late. Never rejects. */
  readonly abandon: (attempt: ClaimedAttempt) => Promise<void>;
  readonly onError: (error: unknown) => void;
  /** What went wrong with single handoffs, in words. */
  readonly onFaults: (faults: readonly string[]) => void;
  /** A job whose worker died was found; its handoff goes to the next one. */
  readonly onStalled: () => void;
}

/** ClaimLoop claims from `start` to `close`. */
export class ClaimLoop {
  readonly #options: ClaimLoopOptions;
  readonly #stalledConnection: RedisConnection;
  readonly #blocking: RedisConnection;
  readonly #stalled: StalledJobCheck;
  readonly #inFlight = new Map<string, ClaimedAttempt>();
  readonly #running = new Set<Promise<void>>();
  #renewTimer: NodeJS.Timeout | undefined;
  #looping: Promise<void> = Promise.resolve();
  #marker: Promise<number | undefined> | undefined;
  #nudge: () => void = () => {};
  #isWaiting = false;
  #wasPaused = false;
  #isNudged = false;
  #isClosing = false;

  constructor(options: ClaimLoopOptions) {
    const { tag, openConnection, onStalled } = options;
    this.#options = options;
    this.#stalledConnection = openConnection();
    this.#blocking = openConnection();
    const onError = (error: unknown) => this.#reportFault(error);
    this.#stalled = new StalledJobCheck(tag, { connection: this.#stalledConnection, onError, onStalled });
  }

  start(): void {
    this.#stalled.start();
    this.#renewTimer = setInterval(() => void this.#renewLocks(), RENEW_MS);
    this.#looping = this.#loop();
  }

  /** nudge has the loop claim at once: something changed that adds no marker. */
  nudge(): void {
    this.#isNudged = true;
    this.#nudge();
  }

  /** close claims no more, waits for what is in flight, and closes its connections. */
  async close(): Promise<void> {
    this.#isClosing = true;
    this.#options.slots.wakeAll();
    this.nudge();
    this.#blocking.disconnect();
    await this.#looping;
    await Promise.all(this.#running);
    clearInterval(this.#renewTimer);
    await this.#stalled.close();
    this.#stalledConnection.disconnect();
  }

  async #loop(): Promise<void> {
    const { slots, canTakeJobs } = this.#options;
    while (!this.#isClosing) {
      try {
        if (!canTakeJobs()) {
          await sleep(RETRY_MS);
          continue;
        }
        await slots.untilFree();
        const taken = slots.take(MAX_ATTEMPTS);
        if (taken === 0 || this.#isClosing) {
          slots.give(taken);
          continue;
        }
        this.#isNudged = false;
        const { isFull, nextAt } = await this.#claim(taken);
        if (!isFull) await this.#untilDue(nextAt);
      } catch (error) {
        if (!this.#isClosing) {
          this.#reportFault(error);
          await sleep(RETRY_MS);
        }
      }
    }
  }

  /** Claims up to as many attempts as there are slots, and gives back the slots that are left. */
  async #claim(taken: number): Promise<{ readonly isFull: boolean; readonly nextAt: number | undefined }> {
    const { slots, destinations, onFaults } = this.#options;
    let left = taken;
    try {
      const claimed = await this.#claimOnce(taken);
      if (claimed?.kind !== "claimed") return { isFull: true, nextAt: undefined };
      left -= claimed.attempts.length;
      if (claimed.faults.length > 0) onFaults(claimed.faults);
      destinations.requestMissing(claimed.missingDestinations);
      return { isFull: claimed.hasMore || left === 0, nextAt: claimed.nextAt };
    } finally {
      slots.give(left);
    }
  }

  /**
   * Claims once; where the answer was lost, what was begun is abandoned: nothing of it was sent. Undefined where there
   * is no claim to make.
   */
  async #claimOnce(taken: number): Promise<ClaimResult | undefined> {
    const { handoffs, destinations, slots, limit, tag, now, isPaused, createToken, random } = this.#options;
    const table = destinations.table();
    if (table === undefined) {
      await sleep(RETRY_MS);
      return undefined;
    }
    const changes = destinations.takeChanges(tag);
    const order: ClaimRequest = {
      token: createToken(),
      commandDeadline: now() + COMMAND_DEADLINE_MS,
      slots: taken,
      table,
      everything: isPaused() ? "paused" : this.#wasPaused ? "resumed" : "running",
      random: random(),
      limit: limit.limit,
      freeSlots: limit.free(MAX_ATTEMPTS, taken),
      // Half of the worker stays for live handoffs.
      replaySlots: Math.max(0, slots.free + taken - Math.ceil(slots.count / 2)),
      destinations: changes,
    };
    const claimedAt = performance.now();
    try {
      const claimed = await handoffs.claim(tag, order);
      if (claimed.kind === "late") {
        destinations.restoreChanges(tag, changes);
        return claimed;
      }
      this.#wasPaused = order.everything === "paused";
      for (const attempt of claimed.attempts) this.#begin(attempt, claimedAt);
      return claimed;
    } catch (error) {
      destinations.restoreChanges(tag, changes);
      await this.#abandonLostClaim(order);
      throw error;
    }
  }

  async #abandonLostClaim(order: ClaimRequest): Promise<void> {
    const { handoffs, tag, abandon, now } = this.#options;
    // The claim may have been overtaken by its own repeat, on another connection: from then on it begins nothing any
    // more.
    await sleep(Math.max(0, order.commandDeadline - now()) + CLOCK_ERROR_MS);
    const claimed = await retryUntilRedisAnswers(() =>
      handoffs.claim(tag, { ...order, isRepeat: true, destinations: new Map() }),
    );
    if (claimed.kind === "claimed") await Promise.all(claimed.attempts.map(abandon));
  }

  #begin(attempt: ClaimedAttempt, claimedAt: number): void {
    const { slots, limit, deliver } = this.#options;
    this.#inFlight.set(attempt.token, attempt);
    limit.begin(attempt.connectorId);
    const running = deliver(attempt, claimedAt).then((isAccepted) => {
      this.#running.delete(running);
      this.#inFlight.delete(attempt.token);
      slots.give(1);
      if (limit.end(attempt.connectorId, isAccepted)) this.nudge();
    });
    this.#running.add(running);
  }

  /** Waits until something may be claimed, or the loop is nudged. */
  async #untilDue(nextAt: number | undefined): Promise<void> {
    const { now } = this.#options;
    let dueAt = nextAt;
    while (!this.#isNudged && !this.#isClosing) {
      const leftMs = dueAt === undefined ? BLOCK_MS : Math.min(BLOCK_MS, dueAt - now());
      if (leftMs <= 0) return;
      const markedAt = await this.#wait(leftMs);
      if (markedAt === undefined || markedAt <= now()) return;
      dueAt = Math.min(dueAt ?? markedAt, markedAt);
    }
  }

  /** Waits for the marker at most `maxWaitMs`; undefined where something else ended the wait. */
  async #wait(maxWaitMs: number): Promise<number | undefined> {
    let timer: NodeJS.Timeout | undefined;
    const other = new Promise<undefined>((resolve) => {
      this.#nudge = () => resolve(undefined);
      timer = setTimeout(resolve, maxWaitMs, undefined);
    });
    this.#isWaiting = true;
    try {
      return await Promise.race([this.#markerOnce(maxWaitMs), other]);
    } finally {
      this.#isWaiting = false;
      clearTimeout(timer);
    }
  }

  /**
   * The blocking call outlives a wait that a nudge ended, and serves the next one. What wakes it meanwhile is passed on
   * where no slot is free.
   */
  #markerOnce(maxWaitMs: number): Promise<number | undefined> {
    const { tag, slots } = this.#options;
    if (this.#marker === undefined) {
      const marker = waitUntilClaimable(this.#blocking, tag, maxWaitMs).finally(() => {
        this.#marker = undefined;
      });
      this.#marker = marker;
      marker.then(
        (at) => {
          if (at !== undefined && !this.#isWaiting && slots.free === 0)
            wakeAnotherIdleWorker(this.#stalledConnection, tag).catch((error) => this.#reportFault(error));
          else if (at !== undefined && !this.#isWaiting) this.nudge();
        },
        () => undefined,
      );
    }
    return this.#marker;
  }

  async #renewLocks(): Promise<void> {
    const { handoffs, tag } = this.#options;
    try {
      await handoffs.renewLocks(tag, [...this.#inFlight.values()]);
    } catch (error) {
      this.#reportFault(error);
    }
  }

  /** A Redis that is away shows in readiness, and is no fault of this loop's. */
  #reportFault(error: unknown): void {
    if (!isRedisUnavailable(error)) this.#options.onError(error);
  }
}
