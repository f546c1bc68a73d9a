/** Taking a run's items: from the connectors with the oldest ones, and not more than they have room for. */
import { type Connector, currentPauseOfConnector, type RunDecision } from "@baton/domain";
import {
  CONNECTORS_PER_LOOK,
  type ConnectorItems,
  type RunItemStore,
  type StepConnector,
  type StepOrder,
  type StepResult,
} from "@baton/handoffs/run-item-store";
import type { Turn } from "@baton/registry/run-store";
import { ITEMS_PER_STEP, readRunProgressOfShards, type ShardProgress } from "./run-progress-of-shards.ts";

/** A step that Redis runs later than this takes nothing: by then its worker has given up waiting. Milliseconds. */
const COMMAND_DEADLINE_MS = 700;
/**
 * A connector's queue holds as many items of runs as its rate sends in so long, and at most MAX_PARKED. Milliseconds.
 */
const PARKED_MS = 500;
const MAX_PARKED = 100;

/** TakeDeps: `tags` are those of all shards. */
export interface TakeDeps {
  readonly items: Pick<RunItemStore, "look" | "step">;
  readonly tags: readonly string[];
  readonly connector: (id: string) => Promise<Connector | undefined>;
  /** Whether CXone says that a contact has ended; false where it cannot be asked. Never rejects. */
  readonly hasEnded: (connectorId: string, contactId: string) => Promise<boolean>;
  /** Epoch milliseconds on Redis's clock. */
  readonly now: () => number;
  readonly report: {
    stepped(run: RunDecision, stepped: Extract<StepResult, { readonly kind: "stepped" }>): void;
  };
}

/** TakeOptions: `offsets` are changed; by shard, from which connector on it looks besides the oldest. */
interface TakeOptions {
  readonly shards: readonly ShardProgress[];
  readonly quota: number;
  readonly offsets: number[];
}

/**
 * replayOrDiscardRunItems takes from the connectors with the oldest items; where none of a shard's first ones takes
 * any, also from some of the others, each time from further on.
 */
export async function replayOrDiscardRunItems(
  deps: TakeDeps,
  turn: Turn,
  { shards, quota, offsets }: TakeOptions,
): Promise<number> {
  const taken = await takeFromShards(deps, turn, { shards, quota });
  if (taken > 0) return taken;
  const further = await readRunProgressOfShards(deps, turn, (shard) =>
    nextOffset(offsets, shard, shards[shard]?.connectorsLeft),
  );
  return further === undefined ? 0 : takeFromShards(deps, turn, { shards: further, quota });
}

/** nextOffset goes through the connectors behind the first ones, round and round; undefined where there are none. */
function nextOffset(offsets: number[], shard: number, connectorsLeft = 0): number | undefined {
  if (connectorsLeft <= CONNECTORS_PER_LOOK) return undefined;
  const next = (offsets[shard] ?? 0) + CONNECTORS_PER_LOOK;
  const offset = next < connectorsLeft ? next : CONNECTORS_PER_LOOK;
  offsets[shard] = offset;
  return offset;
}

async function takeFromShards(
  deps: TakeDeps,
  turn: Turn,
  { shards, quota }: { readonly shards: readonly ShardProgress[]; readonly quota: number },
): Promise<number> {
  const ready = shards
    .filter((shard) => shard.ready.length > 0)
    .toSorted((a, b) => (a.ready[0]?.diedAt ?? 0) - (b.ready[0]?.diedAt ?? 0));
  let taken = 0;
  for (const [i, shard] of ready.entries()) {
    const share = Math.ceil((quota - taken) / (ready.length - i));
    if (share > 0) taken += await takeFromShard(deps, turn, { shard, share });
  }
  return taken;
}

async function takeFromShard(
  deps: TakeDeps,
  turn: Turn,
  { shard, share }: { readonly shard: ShardProgress; readonly share: number },
): Promise<number> {
  const { decision, version } = turn;
  const connectors = await readConnectorQuotas(deps, decision, { shard, share });
  if (connectors.length === 0) return 0;
  let taken = 0;
  while (taken < share) {
    const quota = Math.min(ITEMS_PER_STEP, share - taken);
    const stepped = await deps.items.step(
      shard.tag,
      stepOrderOf(decision, { version, quota, connectors, now: deps.now() }),
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

function stepOrderOf(
  { id: run, kind, includeUnknown, deadlineMs, traceparent }: RunDecision,
  { now, ...step }: Pick<StepOrder, "version" | "quota" | "connectors"> & { readonly now: number },
): StepOrder {
  return {
    run,
    ...step,
    commandDeadline: now + COMMAND_DEADLINE_MS,
    isDiscard: kind === "discard",
    includeUnknown,
    ...(deadlineMs === undefined ? {} : { deadlineMs }),
    ...(traceparent === undefined ? {} : { traceparent }),
  };
}

/** readConnectorQuotas says of each connector with room how much it takes; a paused one takes nothing. */
async function readConnectorQuotas(
  deps: TakeDeps,
  { kind, skipEndedContacts }: RunDecision,
  { shard, share }: { readonly shard: ShardProgress; readonly share: number },
): Promise<readonly StepConnector[]> {
  const described = await Promise.all(
    shard.ready.map(async (row): Promise<StepConnector | undefined> => {
      const id = row.connectorId;
      const connector = await deps.connector(id);
      if (connector === undefined) return { id, most: MAX_PARKED, isDeleted: true };
      if (kind === "replay" && currentPauseOfConnector(connector, deps.now()) !== undefined) return undefined;
      return {
        id,
        most: maxParked(connector),
        ...(skipEndedContacts ? await askWhichContactsEnded(deps, row, share) : {}),
      };
    }),
  );
  return described.filter((connector): connector is StepConnector => connector !== undefined);
}

function maxParked({ delivery: { rate } }: Connector): number {
  if (rate === null) return MAX_PARKED;
  return Math.min(MAX_PARKED, Math.max(1, Math.ceil((rate.perSecond * PARKED_MS) / 1_000)));
}

/** askWhichContactsEnded asks CXone about the next items, at most as many as may be taken. */
async function askWhichContactsEnded(
  { hasEnded }: TakeDeps,
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
