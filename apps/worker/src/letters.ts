/** Filing a dead letter: its job in the dead-letter queue, then the note struck out that asked for it. */
import type { DeadReason } from "@baton/domain";
import type { DeadLetter } from "@baton/queue";
import { type StoredHandoff, summarise, type TakenHandoff } from "@baton/store";

/** DeadHandoff is what filing a letter needs to know. `diedAt` is epoch milliseconds. */
export interface DeadHandoff extends TakenHandoff {
  readonly connectorId: string;
  readonly reason: DeadReason;
  readonly diedAt: number;
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
  /** Called once for each letter, by whoever struck its note out: this is where it is counted. */
  readonly onFiled: (letter: DeadLetter) => void;
}

/** createLetters makes what files letters. */
export function createLetters({ queue, notes, onFiled }: Deps): Letters {
  async function file({ id, connectorId, generation, reason, diedAt }: DeadHandoff): Promise<void> {
    const letter = { id, connectorId, reason, diedAt };
    await queue.file(letter, generation);
    if (await notes.filed({ id, generation }, true)) onFiled(letter);
  }

  return {
    file,
    async fileIfDead(stored) {
      const letter = summarise(stored);
      if (letter !== undefined) await file({ ...letter, generation: stored.generation });
    },
  };
}
