/** Discarding one dead letter: put away for good. */
import { type Handoff, Refusal } from "@baton/domain";
import type { TaggedJob } from "@baton/queue";
import type { Discarded } from "@baton/store";
import { notFound } from "./not-found.ts";

interface Deps {
  readonly deadLetters: { discard(id: string): Promise<Discarded> };
  /** Takes a letter out of the dead-letter queue. */
  readonly unfile: (letter: TaggedJob) => Promise<void>;
}

/** DiscardedLetter: `leftover` is what failed once the record was put away; the reconciler finishes it. */
interface DiscardedLetter {
  readonly handoff: Handoff;
  readonly leftover?: unknown;
}

/** DiscardDeadLetter throws Refusal `not-found` or `not-dead`. */
export type DiscardDeadLetter = (id: string) => Promise<DiscardedLetter>;

/** createDiscardDeadLetter lets the record decide; its job in the dead-letter queue follows. */
export function createDiscardDeadLetter({ deadLetters, unfile }: Deps): DiscardDeadLetter {
  return async (id) => {
    const { handoff, generation } = accepted(id, await deadLetters.discard(id));
    try {
      await unfile({ id, generation });
      return { handoff };
    } catch (leftover) {
      return { handoff, leftover };
    }
  };
}

function accepted(id: string, discarded: Discarded) {
  switch (discarded.kind) {
    case "discarded":
      return discarded.stored;
    case "not-found":
      throw notFound("handoff", id);
    case "not-dead":
      throw new Refusal("not-dead", `${id} is not a dead letter; it may have been replayed or discarded already`);
  }
}
