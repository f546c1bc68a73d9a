/** Cancelling: taking a handoff back while it is queued. */
import { cancelRefusal, type Handoff } from "@baton/domain";
import type { Cancelled } from "@baton/store";
import { notFound } from "./not-found.ts";

interface Deps {
  readonly handoffs: { cancel(id: string): Promise<Cancelled> };
  readonly queue: { wake(jobId: string): Promise<void> };
  /** Resolves once what a handoff's record says in these fields is as safe as `BATON_DURABILITY` asks; throws when it is not in time. */
  readonly replicated: (id: string, fields: Readonly<Record<string, string>>) => Promise<void>;
  readonly onCancelled: (handoff: Handoff) => void;
}

/** CancelledHandoff: `leftover` is why whoever stood behind it was not woken; he looks again by himself within half a second. */
interface CancelledHandoff {
  readonly handoff: Handoff;
  readonly leftover?: unknown;
}

/** CancelHandoff gives one that was cancelled before as it is; throws Refusal `not-found`, `already-sending` or `already-ended`. */
export type CancelHandoff = (id: string) => Promise<CancelledHandoff>;

/** createCancelHandoff wakes whoever stood behind it, and answers once the cancel is as safe as it was asked to be. */
export function createCancelHandoff({ handoffs, queue, replicated, onCancelled }: Deps): CancelHandoff {
  return async (id) => {
    const cancelled = accepted(id, await handoffs.cancel(id));
    const { handoff } = cancelled.stored;
    if (cancelled.kind === "cancelled") onCancelled(handoff);
    const wake = cancelled.kind === "cancelled" ? cancelled.wake : undefined;
    const woken = wake === undefined ? {} : await queue.wake(wake).then(nothingLeft, leftOver);
    await replicated(id, { st: "cancelled" });
    return { handoff, ...woken };
  };
}

function nothingLeft() {
  return {};
}

function leftOver(leftover: unknown) {
  return { leftover };
}

function accepted(id: string, cancelled: Cancelled): Extract<Cancelled, { kind: "cancelled" | "repeated" }> {
  switch (cancelled.kind) {
    case "cancelled":
    case "repeated":
      return cancelled;
    case "not-found":
      throw notFound("handoff", id);
    case "already-sending":
      throw cancelRefusal(id, "sending");
    case "already-ended":
      throw cancelRefusal(id, cancelled.status);
  }
}
