/**
 * One turn at a run: look how far it is, end or pause it where that is due, else take as many of its items as the rate
 * gives, where their connectors have room. Everything that counts lies in Redis; a worker that dies leaves nothing.
 */
import { type Connector, DYING_WINDOW, isDying, pauseOf, type RunDecision, type RunStatus } from "@baton/domain";
import {
  CONNECTORS_PER_LOOK,
  type ConnectorItems,
  type RunItems,
  type RunProgress,
  type StepConnector,
  type StepOrder,
  type StepResult,
} from "@baton/handoffs/run-items";
import type { RunRegistry, Turn } from "@baton/registry/runs";

/**
 * LEASE_MS: a worker that dies keeps a run for so long. It is longer than CXone is asked about contacts. Milliseconds.
 */
const LEASE_MS = 5_000;
/** GATHER_MS: items of a rate are gathered for so long at most, so that no pause ends in a burst. Milliseconds. */
const GATHER_MS = 500;
/** A step that Redis runs later than this takes nothing: by then its worker has given up waiting. Milliseconds. */
const VALID_MS = 700;
/** ITEMS_PER_STEP: two or three milliseconds of Redis's time. */
const ITEMS_PER_STEP = 25;
/**
 * A connector's queue holds as many items of runs as its rate sends in so long, and at most MOST_PARKED. Milliseconds.
 */
const PARKED_MS = 500;
const MOST_PARKED = 100;
/** How soon a run is looked at again: while it moves, and while it is paused. Milliseconds. */
const MOVING_MS = 100;
const PAUSED_MS = 1_000;

export interface StepDeps {
  readonly runs: Pick<RunRegistry, "turn" | "change">;
  readonly items: Pick<RunItems, "look" | "step">;
  readonly tags: readonly string[];
  readonly workerId: string;
  readonly connector: (id: string) => Promise<Connector | undefined>;
  /** Whether CXone says that a contact has ended; false where it cannot be asked. Never rejects. */
  readonly hasEnded: (connectorId: string, contactId: string) => Promise<boolean>;
  /** Everything is paused. */
  readonly isPaused: () => boolean;
  /** Epoch milliseconds on Redis's clock. */
  readonly now: () => number;
  readonly report: RunReport;
}

/** RunReport gets everything worth a metric or a line in the log. */
export interface RunReport {
  stepped(run: RunDecision, stepped: Extract<StepResult, { readonly kind: "stepped" }>): void;
  /** A run ended or paused by itself. */
  moved(run: RunDecision, status: RunStatus, because?: "first" | "dying"): void;
}

/** StepRun gives in how many milliseconds the run is to be looked at again; undefined: not by this process any more. */
export type StepRun = (run: string) => Promise<number | undefined>;

/** StepMemory is what a worker remembers of a run between its turns; losing it costs a moment. */
interface StepMemory {
  unused: number;
  /** By shard: from which connector on it looks besides the oldest. */
  readonly offsets: number[];
}

/** Shard is how far a run is in one shard, and which of its connectors have room. */
interface Shard {
  readonly tag: string;
  readonly looked: RunProgress;
  readonly ready: readonly ConnectorItems[];
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
  const looked = await lookAt(deps, turn, () => 0);
  // The run was changed, or another worker has it: the next turn shows which.
  if (looked === undefined) return MOVING_MS;
  const total = sumOf(looked);
  const verdict = verdictOf(turn, total);
  if (verdict !== undefined) return moveRun(deps, turn, verdict);
  if (turn.decision.status !== "running") return PAUSED_MS;
  const { first } = turn.decision;
  const left = first === undefined || turn.firstIsOver ? turn.quota : first - total.replayed - total.discarded;
  const quota = Math.min(turn.quota, Math.max(0, left));
  const taken = quota === 0 || mustWait(deps, turn) ? 0 : await takeItems(deps, turn, { looked, quota, memory });
  memory.unused = turn.quota - taken;
  return MOVING_MS;
}

/** mustWait: while everything is paused, nothing is replayed; discarding sends nothing. */
function mustWait({ isPaused }: StepDeps, { decision }: Turn): boolean {
  return decision.kind === "replay" && isPaused();
}

async function lookAt(
  { items, tags }: StepDeps,
  turn: Turn,
  offsetOf: (shard: number) => number | undefined,
): Promise<readonly Shard[] | undefined> {
  const { id: run, kind, skipEndedContacts } = turn.decision;
  const order = {
    run,
    version: turn.version,
    isDiscard: kind === "discard",
    upcoming: skipEndedContacts ? ITEMS_PER_STEP : 0,
  };
  const looks = await Promise.all(
    tags.map(async (tag, shard) => {
      const offset = offsetOf(shard);
      return offset === undefined ? undefined : { tag, looked: await items.look(tag, { ...order, offset }) };
    }),
  );
  if (looks.some((look) => look?.looked.kind === "stale")) return undefined;
  return looks.flatMap((look) =>
    look?.looked.kind === "looked" ? [{ tag: look.tag, looked: look.looked, ready: look.looked.ready }] : [],
  );
}

type Total = Pick<RunProgress, "matched" | "replayed" | "discarded" | "skipped" | "outstanding" | "last">;

function sumOf(shards: readonly Shard[]): Total {
  const sum = (of: (looked: RunProgress) => number) => shards.reduce((all, { looked }) => all + of(looked), 0);
  return {
    matched: sum(({ matched }) => matched),
    replayed: sum(({ replayed }) => replayed),
    discarded: sum(({ discarded }) => discarded),
    skipped: sum(({ skipped }) => skipped),
    outstanding: sum(({ outstanding }) => outstanding),
    last: shards.flatMap(({ looked }) => looked.last),
  };
}

type Verdict = { readonly status: "completed" } | { readonly status: "paused"; readonly because: "first" | "dying" };

/** verdictOf says whether a run ends or pauses by itself now. */
function verdictOf({ decision, resumedAt, firstIsOver }: Turn, total: Total): Verdict | undefined {
  const { matched, replayed, discarded, skipped, outstanding } = total;
  if (replayed + discarded + skipped >= matched && outstanding === 0) return { status: "completed" };
  if (decision.status !== "running") return undefined;
  const { first, stopWhenDying } = decision;
  if (first !== undefined && !firstIsOver && replayed + discarded - outstanding >= first)
    return { status: "paused", because: "first" };
  const last = total.last.filter(({ at }) => at >= resumedAt).toSorted((a, b) => b.at - a.at);
  const died = last.slice(0, DYING_WINDOW).map(({ hasDied }) => hasDied);
  return isDying(died, stopWhenDying) ? { status: "paused", because: "dying" } : undefined;
}

async function moveRun(deps: StepDeps, turn: Turn, verdict: Verdict): Promise<number | undefined> {
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

interface Taking {
  readonly looked: readonly Shard[];
  readonly quota: number;
  readonly memory: StepMemory;
}

/**
 * takeItems takes from the connectors with the oldest items; where none of a shard's first ones takes any, also from
 * some of the others, each time from further on.
 */
async function takeItems(deps: StepDeps, turn: Turn, { looked, quota, memory }: Taking): Promise<number> {
  const taken = await takeFrom(deps, turn, { shards: looked, quota });
  if (taken > 0) return taken;
  const further = await lookAt(deps, turn, (shard) => nextOffset(memory, shard, looked[shard]?.looked.connectorsLeft));
  return further === undefined ? 0 : takeFrom(deps, turn, { shards: further, quota });
}

/** nextOffset goes through the connectors behind the first ones, round and round; undefined where there are none. */
function nextOffset({ offsets }: StepMemory, shard: number, connectorsLeft = 0): number | undefined {
  if (connectorsLeft <= CONNECTORS_PER_LOOK) return undefined;
  const next = (offsets[shard] ?? 0) + CONNECTORS_PER_LOOK;
  const offset = next < connectorsLeft ? next : CONNECTORS_PER_LOOK;
  offsets[shard] = offset;
  return offset;
}

async function takeFrom(
  deps: StepDeps,
  turn: Turn,
  { shards, quota }: { readonly shards: readonly Shard[]; readonly quota: number },
): Promise<number> {
  const ready = shards
    .filter((shard) => shard.ready.length > 0)
    .toSorted((a, b) => (a.ready[0]?.diedAt ?? 0) - (b.ready[0]?.diedAt ?? 0));
  let taken = 0;
  for (const [i, shard] of ready.entries()) {
    const share = Math.ceil((quota - taken) / (ready.length - i));
    if (share > 0) taken += await takeShare(deps, turn, { shard, share });
  }
  return taken;
}

async function takeShare(
  deps: StepDeps,
  turn: Turn,
  { shard, share }: { readonly shard: Shard; readonly share: number },
): Promise<number> {
  const { decision, version } = turn;
  const connectors = await describe(deps, decision, { shard, share });
  if (connectors.length === 0) return 0;
  let taken = 0;
  while (taken < share) {
    const quota = Math.min(ITEMS_PER_STEP, share - taken);
    const stepped = await deps.items.step(
      shard.tag,
      orderOf(decision, { version, quota, connectors, now: deps.now() }),
    );
    if (stepped.kind !== "stepped") return taken;
    deps.report.stepped(decision, stepped);
    taken += stepped.replayed + stepped.discarded;
    const hasMore = stepped.replayed + stepped.discarded === quota || stepped.skipped > 0;
    // What CXone was asked about is used up by one step.
    if (!hasMore || decision.skipEndedContacts) return taken;
  }
  return taken;
}

function orderOf(
  { id: run, kind, includeUnknown, deadlineMs, traceparent }: RunDecision,
  { now, ...step }: Pick<StepOrder, "version" | "quota" | "connectors"> & { readonly now: number },
): StepOrder {
  return {
    run,
    ...step,
    validUntil: now + VALID_MS,
    isDiscard: kind === "discard",
    includeUnknown,
    ...(deadlineMs === undefined ? {} : { deadlineMs }),
    ...(traceparent === undefined ? {} : { traceparent }),
  };
}

/** describe says of each connector with room how much it takes; a paused one takes nothing. */
async function describe(
  deps: StepDeps,
  { kind, skipEndedContacts }: RunDecision,
  { shard, share }: { readonly shard: Shard; readonly share: number },
): Promise<readonly StepConnector[]> {
  const described = await Promise.all(
    shard.ready.map(async (row): Promise<StepConnector | undefined> => {
      const id = row.connectorId;
      const connector = await deps.connector(id);
      if (connector === undefined) return { id, most: MOST_PARKED, isDeleted: true };
      if (kind === "replay" && pauseOf(connector, deps.now()) !== undefined) return undefined;
      return { id, most: mostParked(connector), ...(skipEndedContacts ? await askAbout(deps, row, share) : {}) };
    }),
  );
  return described.filter((connector): connector is StepConnector => connector !== undefined);
}

function mostParked({ delivery: { rate } }: Connector): number {
  if (rate === null) return MOST_PARKED;
  return Math.min(MOST_PARKED, Math.max(1, Math.ceil((rate.perSecond * PARKED_MS) / 1_000)));
}

/** askAbout asks CXone about the next items, at most as many as may be taken. */
async function askAbout(
  { hasEnded }: StepDeps,
  { connectorId, place, upcoming }: ConnectorItems,
  share: number,
): Promise<Pick<StepConnector, "place" | "asked" | "ended">> {
  const asked = upcoming.slice(0, share);
  const ended = await Promise.all(
    asked.map(async ({ handoffId, contactId }) =>
      contactId !== undefined && (await hasEnded(connectorId, contactId)) ? [handoffId] : [],
    ),
  );
  return { place, asked: asked.length, ended: ended.flat() };
}
