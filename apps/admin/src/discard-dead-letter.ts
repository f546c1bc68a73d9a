/** Discarding one dead letter: put away for good. */
import { type Handoff, Refusal } from "@baton/domain";
import type { Discarded } from "@baton/store";
import { notFound } from "./not-found.ts";

interface Deps {
  readonly deadLetters: { discard(id: string): Promise<Discarded> };
}

/** DiscardDeadLetter throws Refusal `not-found` or `not-dead`. */
export type DiscardDeadLetter = (id: string) => Promise<Handoff>;

/** createDiscardDeadLetter takes the record out of the dead letters, with its job. */
export function createDiscardDeadLetter({ deadLetters }: Deps): DiscardDeadLetter {
  return async (id) => {
    const discarded = await deadLetters.discard(id);
    switch (discarded.kind) {
      case "discarded":
        return discarded.stored.handoff;
      case "not-found":
        throw notFound("handoff", id);
      case "not-dead":
        throw new Refusal("not-dead", `${id} is not a dead letter; it may have been replayed or discarded already`);
    }
  };
}
