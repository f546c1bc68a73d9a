/**
 * Withdrawals: what was answered 503 must never be delivered, even where Redis took it and only the answer was lost.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { Correlation } from "@baton/domain";

/** How often Redis is asked again. Milliseconds. */
const RETRY_MS = 200;
/** How often, when Redis took it back and only its replica is behind. Milliseconds. */
const REPLICA_RETRY_MS = 2_000;
/** After so long it is given up; the handoff ends by its deadline or is delivered. Milliseconds. */
const GIVE_UP_MS = 120_000;
/**
 * How long a process that closes still tries: a Redis that is back soon is waited for, one that stays away delays
 * no closing. Milliseconds.
 */
const CLOSING_MS = 3_000;

interface Deps {
  readonly handoffs: { withdraw(id: string, idempotency?: KeyOfConnector): Promise<boolean> };
  /** Resolves once what was taken back would stay so after a failover, too. */
  readonly waitUntilReplicated: (id: string) => Promise<void>;
  /** Called when it was too late: the handoff was begun, or Redis stayed away; `error` is what it answered last. */
  readonly onFailed: (withdrawn: Withdrawn, why: "begun" | "unreachable", error?: unknown) => void;
}

/**
 * Withdrawn is a handoff to be taken back: `idempotency` is what its sender came with, `correlation` what he knows it
 * by.
 */
export interface Withdrawn {
  readonly id: string;
  readonly idempotency?: KeyOfConnector;
  readonly correlation: Correlation;
}

/** KeyOfConnector is the digest of the idempotency key that a handoff came with. */
export interface KeyOfConnector {
  readonly connectorId: string;
  readonly key: string;
}

/**
 * HandoffWithdrawalsAfter503 takes handoffs back, each until Redis answered; the reconciler looks at new handoffs only
 * seconds after Redis is back, so this comes first.
 */
export class HandoffWithdrawalsAfter503 {
  readonly #deps: Deps;
  readonly #running = new Set<Promise<void>>();
  #closesAt = Number.POSITIVE_INFINITY;

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  /** begin takes a handoff back in its own time. */
  begin(withdrawn: Withdrawn): void {
    const running = this.#withdrawUntilAnswered(withdrawn).finally(() => this.#running.delete(running));
    this.#running.add(running);
  }

  /** close waits for what is being taken back, at most CLOSING_MS. */
  async close(): Promise<void> {
    this.#closesAt = performance.now() + CLOSING_MS;
    await Promise.all(this.#running);
  }

  async #withdrawUntilAnswered(asked: Withdrawn): Promise<void> {
    const { handoffs, waitUntilReplicated, onFailed } = this.#deps;
    const { id, idempotency } = asked;
    const endsAt = performance.now() + GIVE_UP_MS;
    let lastError: unknown;
    while (performance.now() < Math.min(endsAt, this.#closesAt)) {
      let pauseMs = RETRY_MS;
      try {
        if (!(await handoffs.withdraw(id, idempotency))) return onFailed(asked, "begun");
        pauseMs = REPLICA_RETRY_MS;
        return await waitUntilReplicated(id);
      } catch (error) {
        lastError = error;
      }
      await sleep(Math.max(0, Math.min(pauseMs, this.#closesAt - performance.now())));
    }
    onFailed(asked, "unreachable", lastError);
  }
}
