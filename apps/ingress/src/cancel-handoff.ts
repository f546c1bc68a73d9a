/** Cancelling: a handoff is taken back while it is queued. */
import { Refusal } from "@baton/domain";
import type { Cancelled, StoredHandoff } from "@baton/store";
import { notFound } from "./read-handoff.ts";

interface Deps {
  readonly handoffs: { cancel(id: string, connectorId: string): Promise<Cancelled> };
  /** Lets whoever waited behind it go; should that fail, the waiting one looks again by itself. */
  readonly wake: (jobId: string) => void;
  readonly onCancelled: (connectorId: string) => void;
}

/** createCancelHandoff throws Refusal `not-found`, `already-sending` or `already-ended`. */
export function createCancelHandoff({ handoffs, wake, onCancelled }: Deps): (connectorId: string, id: string) => Promise<StoredHandoff> {
  return async (connectorId, id) => {
    const cancelled = await handoffs.cancel(id, connectorId);
    switch (cancelled.kind) {
      case "not-found":
        throw notFound(id);
      case "already-sending":
        throw new Refusal("already-sending", `the signal of ${id} is on its way; it can no longer be taken back`);
      case "already-ended":
        throw new Refusal("already-ended", `${id} has ended`);
      case "cancelled":
        onCancelled(connectorId);
        if (cancelled.wake !== undefined) wake(cancelled.wake);
        return cancelled.stored;
    }
  };
}
