/** Reconciling: live handoffs that lost their job get a new one or are woken, letters and their jobs are made to agree. */
import { jobIdOf, type NewJob, type TaggedJob } from "@baton/queue";
import type { LetterNote, OverdueStep, StoredHandoff, TakenHandoff } from "@baton/store";

/** OVERDUE_MS: a job this late has been lost, sleeps past its time, or its worker is dead. (docs/architecture.md, "What crashes leave") */
const OVERDUE_MS = 5_000;
/** LIMIT of one round and shard. */
const LIMIT = 200;
/** After Redis was away, those who wait to withdraw what they answered 503 come first. Milliseconds. */
const AFTER_OUTAGE_MS = 5_000;

interface Deps {
  readonly upkeep: {
    overdue(tag: string, options: { after: string; afterMs: number; limit: number }): Promise<OverdueStep>;
    requeue(taken: TakenHandoff): Promise<{ generation: number; delayMs: number } | undefined>;
    unfiled(tag: string, options: { afterMs: number; limit: number }): Promise<readonly LetterNote[]>;
    filed(letter: TakenHandoff, there: boolean): Promise<boolean>;
  };
  readonly handoffs: { read(id: string): Promise<StoredHandoff | undefined> };
  readonly queue: {
    has(jobs: readonly TaggedJob[]): Promise<readonly boolean[]>;
    add(job: NewJob): Promise<void>;
    wake(jobId: string): Promise<void>;
  };
  readonly deadLetters: { remove(letter: TaggedJob): Promise<void> };
  readonly letters: { fileIfDead(stored: StoredHandoff): Promise<void> };
  readonly tags: readonly string[];
  /** How long Redis has been there, milliseconds. */
  readonly upForMs: () => number;
  readonly onReconciled: (handoffId: string) => void;
}

/** createReconcile makes one round over all shards; each round goes on where the last one stopped. */
export function createReconcile(deps: Deps): () => Promise<void> {
  const cursors = new Map<string, string>();
  return async () => {
    if (deps.upForMs() < AFTER_OUTAGE_MS) return;
    for (const tag of deps.tags) {
      cursors.set(tag, await hurryOverdue(deps, tag, cursors.get(tag) ?? ""));
      await agreeOnLetters(deps, tag);
    }
  };
}

/** hurryOverdue looks at up to LIMIT overdue handoffs behind `after`, and gives where the next round goes on. */
async function hurryOverdue(deps: Deps, tag: string, after: string): Promise<string> {
  const step = await deps.upkeep.overdue(tag, { after, afterMs: OVERDUE_MS, limit: LIMIT });
  const { overdue } = step;
  const present = await deps.queue.has(overdue);
  for (const lost of overdue.filter((_, i) => !present[i])) await requeue(deps, lost);
  // Whoever should have woken it died with the note in hand: its job sleeps on, for as long as the deadline in the worst case.
  await Promise.all(overdue.filter((_, i) => present[i]).map((late) => deps.queue.wake(jobIdOf(late))));
  return step.after;
}

async function requeue({ upkeep, handoffs, queue, onReconciled }: Deps, lost: TakenHandoff): Promise<void> {
  const requeued = await upkeep.requeue(lost);
  if (requeued === undefined) return;
  const stored = await handoffs.read(lost.id);
  if (stored === undefined) return;
  await queue.add({ id: lost.id, connectorId: stored.handoff.connectorId, ...requeued });
  onReconciled(lost.id);
}

async function agreeOnLetters({ upkeep, deadLetters, letters }: Deps, tag: string): Promise<void> {
  for (const note of await upkeep.unfiled(tag, { afterMs: OVERDUE_MS, limit: LIMIT })) {
    if (note.belongs && note.stored !== undefined) {
      await letters.fileIfDead(note.stored);
    } else {
      await deadLetters.remove(note);
      await upkeep.filed(note, false);
    }
  }
}
