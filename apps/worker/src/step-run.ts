/**
 * One turn at a run: read how far it is, end or pause it where that is due, else take as many of its items as its rate
 * allows and its connectors have room for. All its state lies in Redis; a worker that dies leaves nothing behind.
 */
import type { RunDecision, RunStatus } from "@baton/domain";
import type { RunStore, Turn } from "@baton/registry/run-store";
import { replayOrDiscardRunItems, type TakeDeps } from "./replay-or-discard-run-items.ts";
import {
  decideRunEndOrPause,
  type RunEndOrPause,
  readRunProgressOfShards,
  sumRunProgressOfShards,
} from "./run-progress-of-shards.ts";

/**
 * LEASE_MS: a worker that dies keeps a run for so long. Longer than the requests to CXone about contacts may take.
 * Milliseconds.
 */
const LEASE_MS = 5_000;
/** GATHER_MS: items of a rate are gathered for so long at most, so that no pause ends in a burst. Milliseconds. */
const GATHER_MS = 500;
/** How soon a run is looked at again: while it moves, and while it is paused. Milliseconds. */
const MOVING_MS = 100;
const PAUSED_MS = 1_000;

export interface StepDeps extends TakeDeps {
  readonly runs: Pick<RunStore, "turn" | "change">;
  readonly workerId: string;
  /** Everything is paused. */
  readonly isPaused: () => boolean;
  readonly report: DeadLetterRunTelemetry;
}

/** DeadLetterRunTelemetry gets everything worth a metric or a line in the log. */
export interface DeadLetterRunTelemetry extends Pick<TakeDeps["report"], "stepped"> {
  /** A run ended or paused by itself. */
  moved(run: RunDecision, status: RunStatus, because?: "first" | "dying"): void;
}

/** StepRun gives in how many milliseconds the run is to be looked at again; undefined: not by this process any more. */
export type StepRun = (run: string) => Promise<number | undefined>;

/** StepMemory is what a worker remembers of a run between its turns; losing it costs a moment. */
interface StepMemory {
  /** What it did not use of its last quota. */
  unused: number;
  /** By shard: from which connector on it looks besides the oldest. */
  readonly offsets: number[];
}

/** createStepRun takes one turn at a time; `memory` is kept for as long as this worker has the run. */
export function createStepRun(deps: StepDeps): StepRun {
  const memories = new Map<string, StepMemory>();
  return async (run) => {
    const memory = memories.get(run) ?? { unused: 0, offsets: [] };
    const unused = memory.unused;
    memory.unused = 0;
    const turn = await deps.runs.turn({ run, worker: deps.workerId, leaseMs: LEASE_MS, gatherMs: GATHER_MS, unused });
    if (turn.kind !== "turn") {
      memories.delete(run);
      return turn.kind === "held" ? turn.forMs : undefined;
    }
    memories.set(run, memory);
    return takeTurn(deps, turn, memory);
  };
}

/** createReleaseRunLease ends this worker's lease, so that another one goes on at once. */
export function createReleaseRunLease({ runs, workerId }: Pick<StepDeps, "runs" | "workerId">) {
  return async (run: string): Promise<void> => {
    await runs.turn({ run, worker: workerId, leaseMs: 0, gatherMs: 0, unused: 0 });
  };
}

async function takeTurn(deps: StepDeps, turn: Turn, memory: StepMemory): Promise<number | undefined> {
  const shards = await readRunProgressOfShards(deps, turn, () => 0);
  // The run was changed, or another worker has it: the next turn shows which.
  if (shards === undefined) return MOVING_MS;
  const total = sumRunProgressOfShards(shards);
  const verdict = decideRunEndOrPause(turn, total);
  if (verdict !== undefined) return moveRun(deps, turn, verdict);
  if (turn.decision.status !== "running") return PAUSED_MS;
  const { first } = turn.decision;
  const left = first === undefined || turn.firstIsOver ? turn.quota : first - total.replayed - total.discarded;
  const quota = Math.min(turn.quota, Math.max(0, left));
  const { offsets } = memory;
  const taken =
    quota === 0 || mustWait(deps, turn) ? 0 : await replayOrDiscardRunItems(deps, turn, { shards, quota, offsets });
  memory.unused = turn.quota - taken;
  return MOVING_MS;
}

/** mustWait: while everything is paused, nothing is replayed; discarding sends nothing. */
function mustWait({ isPaused }: StepDeps, { decision }: Turn): boolean {
  return decision.kind === "replay" && isPaused();
}

async function moveRun(deps: StepDeps, turn: Turn, verdict: RunEndOrPause): Promise<number | undefined> {
  const { decision, version } = turn;
  const change =
    verdict.status === "completed"
      ? ({ change: "complete", version } as const)
      : ({ change: "pause", because: verdict.because, version } as const);
  const changed = await deps.runs.change(decision.id, decision.kind, change);
  // It was changed meanwhile: the next turn shows how.
  if (changed.kind !== "changed") return MOVING_MS;
  deps.report.moved(decision, verdict.status, ...(verdict.status === "paused" ? [verdict.because] : []));
  return verdict.status === "completed" ? undefined : PAUSED_MS;
}
