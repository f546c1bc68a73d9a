/**
 * Notes: what no answer told, an attempt whose worker died or a handoff that died while nobody had it in hand, is
 * counted and logged.
 */
import type { Note } from "@baton/store";

/** LIMIT of one step: as many as one worker can have had in flight, and more. */
const LIMIT = 500;

interface Deps {
  readonly handoffs: { takeNotes(tag: string, limit: number): Promise<readonly Note[]> };
  readonly tags: readonly string[];
  readonly onNote: (note: Note) => void;
}

/** createReportNotes looks at all shards once; of all workers, one is given each note. */
export function createReportNotes({ handoffs, tags, onNote }: Deps): () => Promise<void> {
  return async () => {
    for (const tag of tags) {
      for (const note of await handoffs.takeNotes(tag, LIMIT)) onNote(note);
    }
  };
}
