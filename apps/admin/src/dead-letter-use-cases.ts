/** Dead letters: list, replay one, discard one. */
import type { Page } from "@baton/api";
import {
  type Connector,
  currentPauseOfConnector,
  describeNoSlotBeforeDeadline,
  type Handoff,
  Refusal,
} from "@baton/domain";
import type { DeadLetterFilter, DeadLetterStore, ReplayResult } from "@baton/handoffs/dead-letter-store";
import type { StoredHandoff } from "@baton/handoffs/handoff-record";
import { buildPageWithNextCursor, type PageRequest, readPageRequest } from "./cursor-pagination.ts";
import type { ExpireOverdueBeforeReading } from "./expire-overdue-before-reading.ts";
import { type ConnectorReader, findConnectorOrRefuse } from "./find-connector-or-refuse.ts";
import { COMMAND_DEADLINE_MS, notFoundRefusal, queueUnavailableRefusal } from "./shared-refusals.ts";

/** LIST names the list in its cursors. */
const LIST = "dead-letters";

interface Deps {
  readonly deadLetters: Pick<DeadLetterStore, "page" | "total" | "replay" | "discard">;
  readonly handoffs: { read(id: string): Promise<StoredHandoff | undefined> };
  readonly connectors: ConnectorReader;
  readonly expireOverdue: ExpireOverdueBeforeReading;
  /**
   * Resolves once what a handoff's record says in these fields is as safe as `BATON_DURABILITY` asks; throws when it is
   * not in time.
   */
  readonly waitUntilReplicated: (id: string, fields: Readonly<Record<string, string>>) => Promise<void>;
  /** Called with what became of each replay. */
  readonly onReplay: (result: ReplayResult["kind"]) => void;
  /** BATON_MAX_PENDING. */
  readonly maxPending: number;
  /** `pausedUntil` is when everything's pause ends by itself; undefined where there is none, or its end is unknown. */
  readonly heartbeat: { readonly pausedUntil: number | undefined };
  /** Epoch milliseconds on Redis's clock. */
  readonly now: () => number;
}

/** DeadLetterQuery: dead letters died at `from` or later and before `to`, epoch milliseconds. */
type DeadLetterQuery = DeadLetterFilter & PageRequest;

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

/**
 * ReplayOptions: without `deadlineMs` it gets as long as the first time; `force` replays what may have arrived;
 * `traceparent` is the operator's request.
 */
interface ReplayOptions {
  readonly deadlineMs?: number;
  readonly force: boolean;
  readonly traceparent?: string;
}

export interface DeadLetterUseCases {
  /** Throws Refusal `invalid-request` for a cursor of another list. */
  listDeadLetters(query: DeadLetterQuery): Promise<DeadLetterPage>;
  /**
   * Of two simultaneous replays exactly one wins. Throws Refusal `not-found`, `not-dead`, `may-duplicate`,
   * `backlog-full` or `queue-unavailable`.
   */
  replayDeadLetter(id: string, options: ReplayOptions): Promise<Handoff>;
  /** Takes the record out of the dead letters, with its job. Throws Refusal `not-found` or `not-dead`. */
  discardDeadLetter(id: string): Promise<Handoff>;
}

export function createDeadLetterUseCases(deps: Deps): DeadLetterUseCases {
  const { deadLetters, handoffs, connectors, waitUntilReplicated, onReplay } = deps;
  return {
    listDeadLetters: (query) => listDeadLetters(deps, query),
    async replayDeadLetter(id, options) {
      const found = await handoffs.read(id);
      if (found === undefined) throw notFoundRefusal("handoff", id);
      // The dead letters of a deleted connector can be read and discarded, but not replayed.
      const { connector } = await findConnectorOrRefuse(connectors, found.handoff.connectorId);
      const replayed = await deadLetters.replay({ id, ...options, ...replayLimitsOf(connector, deps) });
      onReplay(replayed.kind);
      const { handoff } = replayedOrRefuse(found.handoff, replayed).stored;
      await waitUntilReplicated(id, { rep: String(handoff.replays) });
      return handoff;
    },
    async discardDeadLetter(id) {
      const discarded = await deadLetters.discard(id);
      switch (discarded.kind) {
        case "discarded":
          return discarded.stored.handoff;
        case "not-found":
          throw notFoundRefusal("handoff", id);
        case "not-dead":
          throw notDeadRefusal(id);
      }
    },
  };
}

/** listDeadLetters counts beside the page, so that neither waits for the other. */
async function listDeadLetters(
  { deadLetters, expireOverdue }: Deps,
  { cursor, limit, to, ...rest }: DeadLetterQuery,
): Promise<DeadLetterPage> {
  if (cursor === undefined) await expireOverdue(rest.connectorId);
  // The store's bounds are both included, in whole milliseconds.
  const filter = { ...rest, ...(to === undefined ? {} : { to: to - 1 }) };
  const asked = readPageRequest(LIST, { cursor, limit });
  const [page, total] = await Promise.all([deadLetters.page(filter, asked), deadLetters.total(filter)]);
  const items = page.items.map(({ handoff, cause = "other" }) => ({
    handoff,
    cause,
    diedAt: handoff.endedAt ?? handoff.deadlineAt,
  }));
  return { ...buildPageWithNextCursor(LIST, items, page.next), ...(total === undefined ? {} : { total }) };
}

/**
 * replayLimitsOf is what decides whether there is time for it, as for a new handoff. A pause without an end adds
 * nothing.
 */
function replayLimitsOf(connector: Connector, { heartbeat, maxPending, now }: Deps) {
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
      throw queueUnavailableRefusal({ changes: true });
  }
}

function notDeadRefusal(id: string): Refusal {
  return new Refusal("not-dead", `${id} is not a dead letter; it may have been replayed or discarded already`);
}
