/** Filing a dead letter: its job in the dead-letter queue, then the note struck out that asked for it. */
import type { DeadLetterJobData } from "@baton/queue";
import type { TakenHandoff } from "@baton/store";
import type { DeadHandoff } from "./deliver-handoff.ts";

interface Deps {
  readonly queue: { file(letter: DeadLetterJobData, generation: number): Promise<void> };
  readonly notes: { filed(letter: TakenHandoff): Promise<void> };
  /** Every dead letter passes here once: this is where it is counted. */
  readonly onFiled: (letter: DeadLetterJobData) => void;
}

/** createFileLetter files letters; running twice changes nothing. What it throws is mended by the reconciler. */
export function createFileLetter({ queue, notes, onFiled }: Deps): (dead: DeadHandoff) => Promise<void> {
  return async ({ id, connectorId, generation, reason, cause = "other", diedAt }) => {
    const letter = { id, connectorId, reason, cause, diedAt };
    await queue.file(letter, generation);
    await notes.filed({ id, generation });
    onFiled(letter);
  };
}
