/** Filing a dead letter: its job in the dead-letter queue, then the note struck out that asked for it. */
import type { Correlation, DeadReason } from "@baton/domain";
import type { DeadLetter } from "@baton/queue";
import { type StoredHandoff, summarise, type TakenHandoff } from "@baton/store";

/** DeadHandoff is what filing a letter needs to know, and what is told of it. `diedAt` is epoch milliseconds. */
export interface DeadHandoff extends TakenHandoff {
  readonly connectorId: string;
  readonly reason: DeadReason;
  readonly diedAt: number;
  readonly cause?: string | undefined;
  /** How many there were, over its whole life. */
  readonly attempts: number;
  /** Of the request that brought it. */
  readonly correlation?: Correlation | undefined;
}

/** Letters files dead letters; running twice changes nothing. What it throws is mended by the reconciler. */
export interface Letters {
  file(dead: DeadHandoff): Promise<void>;
  /** Files the letter of a handoff that is dead; any other has none. */
  fileIfDead(stored: StoredHandoff): Promise<void>;
}

interface Deps {
  readonly queue: { file(letter: DeadLetter, generation: number): Promise<void> };
  readonly notes: { filed(letter: TakenHandoff, there: boolean): Promise<boolean> };
  /** Called once for each letter, by whoever struck its note out: this is where it is counted and told. */
  readonly onFiled: (dead: DeadHandoff) => void;
}

/** createLetters makes what files letters. */
export function createLetters({ queue, notes, onFiled }: Deps): Letters {
  async function file(dead: DeadHandoff): Promise<void> {
    const { id, connectorId, generation, reason, diedAt } = dead;
    await queue.file({ id, connectorId, reason, diedAt }, generation);
    if (await notes.filed({ id, generation }, true)) onFiled(dead);
  }

  return {
    file,
    async fileIfDead(stored) {
      const letter = summarise(stored);
      if (letter === undefined) return;
      const { generation, correlation, handoff } = stored;
      await file({ ...letter, generation, correlation, attempts: handoff.attempts.length });
    },
  };
}
