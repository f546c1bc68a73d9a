/** Cancelling: taking a handoff back while it is queued. */
import { cancelRefusal, type Handoff } from "@baton/domain";
import type { Cancelled } from "@baton/store";
import { notFound } from "./not-found.ts";

interface Deps {
  readonly handoffs: { cancel(id: string): Promise<Cancelled> };
  /**
   * Resolves once what a handoff's record says in these fields is as safe as `BATON_DURABILITY` asks; throws when it is
   * not in time.
   */
  readonly replicated: (id: string, fields: Readonly<Record<string, string>>) => Promise<void>;
  readonly onCancelled: (handoff: Handoff) => void;
}

/**
 * CancelHandoff gives one that was cancelled before as it is; throws Refusal `not-found`, `already-sending` or
 * `already-ended`.
 */
export type CancelHandoff = (id: string) => Promise<Handoff>;

/**
 * createCancelHandoff answers once the cancel is as safe as it was asked to be; a repeated one is answered as the
 * first.
 */
export function createCancelHandoff({ handoffs, replicated, onCancelled }: Deps): CancelHandoff {
  return async (id) => {
    const { kind, stored } = accepted(id, await handoffs.cancel(id));
    if (kind === "cancelled") onCancelled(stored.handoff);
    await replicated(id, { st: "cancelled" });
    return stored.handoff;
  };
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
