/**
 * How every connector does, those in most trouble first; read in steps that are short for Redis however many there are.
 */
import { type Connector, currentPauseOfConnector, DEADLINE_AT_RISK } from "@baton/domain";
import type { ConnectorState, ConnectorUrgency, UrgencyQuestion } from "@baton/handoffs/read-overview-figures";
import type { ConnectorEntry, StoredConnector } from "@baton/registry/connector-store";

/** MAX_UNCACHED: up to so many connectors each call reads Redis, which takes it a few milliseconds. */
const MAX_UNCACHED = 1_000;
/**
 * With more, one read answers all calls for so long for each connector: twenty thousand are read once in 5 s
 * at most, however many ask. Milliseconds.
 */
const KEPT_MS = 0.25;

interface Deps {
  readonly connectors: {
    entries(): AsyncIterable<readonly ConnectorEntry[]>;
    readSome(ids: readonly string[]): Promise<readonly StoredConnector[]>;
  };
  readonly figures: {
    states(connectorIds: readonly string[]): Promise<readonly ConnectorState[]>;
    urgency(questions: readonly UrgencyQuestion[]): Promise<readonly ConnectorUrgency[]>;
  };
  /** Everything's pause. */
  readonly heartbeat: { readonly paused: boolean; readonly pausedUntil?: number | undefined };
  /** Epoch milliseconds. */
  readonly now: () => number;
}

/** RankedConnector is one connector's state, and how urgent what it has queued is. */
export interface RankedConnector extends ConnectorState, Omit<ConnectorUrgency, "connectorId"> {
  readonly paused: boolean;
}

/** ConnectorsByUrgency: all connectors, those in most trouble first. `asOf` is epoch milliseconds. */
export interface ConnectorsByUrgency {
  readonly asOf: number;
  readonly connectors: readonly RankedConnector[];
}

/** ReadConnectorsByUrgency throws when Redis cannot be reached. */
export type ReadConnectorsByUrgency = () => Promise<ConnectorsByUrgency>;

/** createReadConnectorsByUrgency reads all connectors; with many, calls share one read. */
export function createReadConnectorsByUrgency({ connectors, figures, heartbeat, now }: Deps): ReadConnectorsByUrgency {
  let last: { readonly states: Promise<ConnectorsByUrgency>; readonly goodUntil: number } | undefined;

  /** readUrgency asks about connectors that have something queued. */
  async function readUrgency(waiting: readonly Connector[]): Promise<ReadonlyMap<string, ConnectorUrgency>> {
    if (waiting.length === 0) return new Map();
    const everything = heartbeat.paused ? (heartbeat.pausedUntil ?? Number.POSITIVE_INFINITY) : 0;
    const questions = waiting.map((connector) => urgencyQuestionOf(connector, everything));
    return new Map((await figures.urgency(questions)).map((row) => [row.connectorId, row]));
  }

  /** rankConnectors reads the documents of those that are paused or have something queued: there are few of them. */
  async function rankConnectors(entries: readonly ConnectorEntry[]): Promise<readonly RankedConnector[]> {
    const states = await figures.states(entries.map(({ id }) => id));
    const waiting = new Set(states.filter(({ queued }) => queued > 0).map(({ connectorId }) => connectorId));
    const wanted = entries.filter(({ id, paused }) => paused || waiting.has(id)).map(({ id }) => id);
    const found = wanted.length === 0 ? [] : (await connectors.readSome(wanted)).map(({ connector }) => connector);
    const urgency = await readUrgency(found.filter(({ id }) => waiting.has(id)));
    // The registry lists a connector as paused until it is changed, also once its pause has ended by itself.
    const paused = new Set(found.filter((connector) => currentPauseOfConnector(connector, now())).map(({ id }) => id));
    return states.map((state) => ({
      ...NOTHING_QUEUED,
      ...urgency.get(state.connectorId),
      ...state,
      paused: paused.has(state.connectorId),
    }));
  }

  async function readAll(): Promise<ConnectorsByUrgency> {
    const asOf = now();
    const ranked: RankedConnector[] = [];
    for await (const entries of connectors.entries()) ranked.push(...(await rankConnectors(entries)));
    return { asOf, connectors: ranked.sort(compareMostUrgentFirst) };
  }

  async function readAllAndKeep(): Promise<ConnectorsByUrgency> {
    const states = readAll();
    const kept = { states, goodUntil: Number.POSITIVE_INFINITY };
    // While many are being read, other callers wait for the same result.
    if (last !== undefined) last = kept;
    try {
      const { length } = (await states).connectors;
      last = length <= MAX_UNCACHED ? undefined : { states, goodUntil: now() + length * KEPT_MS };
    } catch (error) {
      if (last === kept) last = undefined;
      throw error;
    }
    return states;
  }

  return () => (last !== undefined && now() < last.goodUntil ? last.states : readAllAndKeep());
}

const NOTHING_QUEUED = { due: 0, willMiss: 0, waitingFor: {} } as const;

/** urgencyQuestionOf: `everything` is until when all are paused, 0 for not. */
function urgencyQuestionOf(connector: Connector, everything: number): UrgencyQuestion {
  const own = connector.paused ? (connector.pausedUntil ?? Number.POSITIVE_INFINITY) : 0;
  const pausedUntil = Math.max(own, everything);
  return {
    connectorId: connector.id,
    rate: connector.delivery.rate,
    ...(pausedUntil === 0 ? {} : { pausedUntil }),
  };
}

/**
 * Those that are late come first, by how much of its time the most urgent handoff has used; then those that send
 * nothing, then those with most handoffs that will miss their deadline, then by the oldest queued handoff, then by
 * dead letters.
 */
function compareMostUrgentFirst(a: RankedConnector, b: RankedConnector): number {
  return (
    lateness(b) - lateness(a) ||
    Number(isConnectorStopped(b)) - Number(isConnectorStopped(a)) ||
    b.willMiss - a.willMiss ||
    b.oldestQueuedMs - a.oldestQueuedMs ||
    b.queued - a.queued ||
    b.deadLetters - a.deadLetters ||
    (a.connectorId < b.connectorId ? -1 : 1)
  );
}

/** lateness is how much of its time the most urgent handoff has used; 0 where that is no reason to worry. */
function lateness({ queued, mostUrgent }: RankedConnector): number {
  const used = mostUrgent?.deadlineUsed ?? 0;
  return queued > 0 && used > DEADLINE_AT_RISK ? used : 0;
}

/** isConnectorStopped: nothing is sent for it but a probe. */
export function isConnectorStopped({ paused, breaker, heldUntil }: RankedConnector): boolean {
  return paused || breaker !== "closed" || heldUntil !== undefined;
}
