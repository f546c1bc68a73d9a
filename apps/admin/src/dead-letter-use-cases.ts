/** Dead letters: list, replay one, discard one. */
import type { Page } from "@baton/api";
import {
  type Connector,
  currentPauseOfConnector,
  describeNoSlotBeforeDeadline,
  type Handoff,
  Refusal,
} from "@baton/domain";
import type { DeadLetterFilter, DiscardResult, ReplayRequest, ReplayResult } from "@baton/handoffs/dead-letter-store";
import type { HandoffPage } from "@baton/handoffs/handoff-page-reader";
import type { StoredHandoff } from "@baton/handoffs/handoff-record";
import type { PageCursor } from "@baton/redis/shard-pages";
import { buildPageWithNextCursor, readListCursor } from "./cursor-pagination.ts";
import type { ExpireOverdueBeforeReading } from "./expire-overdue-before-reading.ts";
import { type ConnectorReader, findConnectorOrRefuse } from "./find-connector-or-refuse.ts";
import { COMMAND_DEADLINE_MS, notFoundRefusal, queueUnavailableRefusal } from "./shared-refusals.ts";

/** LIST names the list in its cursors. */
const LIST = "dead-letters";

interface ListDeps {
  readonly deadLetters: {
    page(
      filter: DeadLetterFilter,
      options: { readonly before?: PageCursor; readonly limit: number },
    ): Promise<HandoffPage>;
    total(filter: DeadLetterFilter): Promise<number | undefined>;
  };
  readonly expireOverdue: ExpireOverdueBeforeReading;
}

/** DeadLetterQuery: dead letters died at `from` or later and before `to`, epoch milliseconds. */
interface DeadLetterQuery extends DeadLetterFilter {
  readonly cursor?: string;
  readonly limit: number;
}

/** DeadLetter is a dead handoff, and what it died of when (epoch milliseconds). */
interface DeadLetter {
  readonly handoff: Handoff;
  readonly cause: string;
  readonly diedAt: number;
}

/** DeadLetterPage: `total` is there where the store knows it exactly. A page may be short and still have a next one. */
interface DeadLetterPage extends Page<DeadLetter> {
  readonly total?: number;
}

/** ListDeadLetters throws Refusal `invalid-request` for a cursor of another list. */
export type ListDeadLetters = (query: DeadLetterQuery) => Promise<DeadLetterPage>;

/** createListDeadLetters counts beside the page, so that neither waits for the other. */
export function createListDeadLetters({ deadLetters, expireOverdue }: ListDeps): ListDeadLetters {
  return async ({ cursor, limit, to, ...rest }) => {
    if (cursor === undefined) await expireOverdue(rest.connectorId);
    // The store's bounds are both included, in whole milliseconds.
    const filter = { ...rest, ...(to === undefined ? {} : { to: to - 1 }) };
    const options = { limit, ...(cursor === undefined ? {} : { before: readListCursor(LIST, cursor) }) };
    const [page, total] = await Promise.all([deadLetters.page(filter, options), deadLetters.total(filter)]);
    const items = page.items.map(({ handoff, cause = "other" }) => ({
      handoff,
      cause,
      diedAt: handoff.endedAt ?? handoff.deadlineAt,
    }));
    return { ...buildPageWithNextCursor(LIST, items, page.next), ...(total === undefined ? {} : { total }) };
  };
}

interface ReplayDeps {
  readonly handoffs: { read(id: string): Promise<StoredHandoff | undefined> };
  readonly connectors: ConnectorReader;
  readonly deadLetters: { replay(order: ReplayRequest): Promise<ReplayResult> };
  /**
   * Resolves once what a handoff's record says in these fields is as safe as `BATON_DURABILITY` asks; throws when it is
   * not in time.
   */
  readonly waitUntilReplicated: (id: string, fields: Readonly<Record<string, string>>) => Promise<void>;
  readonly onResult: (result: ReplayResult["kind"]) => void;
  /** BATON_MAX_PENDING. */
  readonly maxPending: number;
  /** `pausedUntil` is when everything's pause ends by itself; undefined where there is none, or its end is unknown. */
  readonly heartbeat: { readonly pausedUntil: number | undefined };
  /** Epoch milliseconds on Redis's clock. */
  readonly now: () => number;
}

/**
 * ReplayOptions: without `deadlineMs` it gets as long as the first time; `force` replays what may have arrived;
 * `traceparent` is the operator's request.
 */
interface ReplayOptions {
  readonly deadlineMs?: number;
  readonly force: boolean;
  readonly traceparent?: string;
}

/** ReplayDeadLetter throws Refusal `not-found`, `not-dead`, `may-duplicate`, `backlog-full` or `queue-unavailable`. */
export type ReplayDeadLetter = (id: string, options: ReplayOptions) => Promise<Handoff>;

/** createReplayDeadLetter lets exactly one of two simultaneous replays win. */
export function createReplayDeadLetter(deps: ReplayDeps): ReplayDeadLetter {
  const { handoffs, connectors, deadLetters, waitUntilReplicated, onResult } = deps;
  return async (id, options) => {
    const found = await handoffs.read(id);
    if (found === undefined) throw notFoundRefusal("handoff", id);
    // The dead letters of a deleted connector can be read and discarded, but not replayed.
    const { connector } = await findConnectorOrRefuse(connectors, found.handoff.connectorId);
    const replayed = await deadLetters.replay({ id, ...options, ...replayLimitsOf(connector, deps) });
    onResult(replayed.kind);
    const { handoff } = replayedOrRefuse(found.handoff, replayed).stored;
    await waitUntilReplicated(id, { rep: String(handoff.replays) });
    return handoff;
  };
}

/**
 * replayLimitsOf is what decides whether there is time for it, as for a new handoff. A pause without an end adds
 * nothing.
 */
function replayLimitsOf(connector: Connector, { heartbeat, maxPending, now }: ReplayDeps) {
  const pausedUntil = Math.max(currentPauseOfConnector(connector, now())?.until ?? 0, heartbeat.pausedUntil ?? 0);
  return {
    rate: connector.delivery.rate,
    ...(pausedUntil > 0 ? { pausedUntil } : {}),
    maxPending,
    commandDeadline: now() + COMMAND_DEADLINE_MS,
  };
}

function replayedOrRefuse(
  { id, connectorId }: Handoff,
  replayed: ReplayResult,
): Extract<ReplayResult, { kind: "replayed" }> {
  switch (replayed.kind) {
    case "replayed":
      return replayed;
    case "not-found":
      throw notFoundRefusal("handoff", id);
    case "closed":
      throw notFoundRefusal("connector", connectorId);
    case "not-dead":
      throw notDeadRefusal(id);
    case "may-duplicate":
      throw new Refusal(
        "may-duplicate",
        `the signal of ${id} may have arrived; send "force": true to risk that it arrives twice`,
      );
    case "full":
      throw new Refusal("backlog-full", "the connector has as many handoffs queued as BATON_MAX_PENDING allows", {
        retryAfterMs: replayed.retryAfterMs,
      });
    case "no-slot":
      throw new Refusal("backlog-full", `${describeNoSlotBeforeDeadline(replayed.why)}; send a longer deadlineMs`, {
        retryAfterMs: replayed.retryAfterMs,
      });
    case "late":
      throw queueUnavailableRefusal();
  }
}

interface DiscardDeps {
  readonly deadLetters: { discard(id: string): Promise<DiscardResult> };
}

/** DiscardDeadLetter throws Refusal `not-found` or `not-dead`. */
export type DiscardDeadLetter = (id: string) => Promise<Handoff>;

/** createDiscardDeadLetter takes the record out of the dead letters, with its job. */
export function createDiscardDeadLetter({ deadLetters }: DiscardDeps): DiscardDeadLetter {
  return async (id) => {
    const discarded = await deadLetters.discard(id);
    switch (discarded.kind) {
      case "discarded":
        return discarded.stored.handoff;
      case "not-found":
        throw notFoundRefusal("handoff", id);
      case "not-dead":
        throw notDeadRefusal(id);
    }
  };
}

function notDeadRefusal(id: string): Refusal {
  return new Refusal("not-dead", `${id} is not a dead letter; it may have been replayed or discarded already`);
}
