/** Reading a handoff: a connector sees only its own. */
import type { StoredHandoff } from "@baton/store";
import { inTime } from "./in-time.ts";
import { notFound } from "./not-found.ts";

interface Deps {
  readonly handoffs: { read(id: string): Promise<StoredHandoff | undefined> };
}

/**
 * HandoffAsked is one handoff that a connector asks about; `answerBy` is when its sender must have heard, as
 * attentionNow() counts.
 */
export interface HandoffAsked {
  readonly connectorId: string;
  readonly id: string;
  readonly answerBy: number;
}

/** createReadHandoff throws Refusal `not-found` alike for a handoff that is another's and for one that nobody has. */
export function createReadHandoff({ handoffs }: Deps): (asked: HandoffAsked) => Promise<StoredHandoff> {
  return async ({ connectorId, id, answerBy }) => {
    const stored = await inTime(handoffs.read(id), answerBy);
    if (stored?.handoff.connectorId !== connectorId) throw notFound("handoff", id);
    return stored;
  };
}
