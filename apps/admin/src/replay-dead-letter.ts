/** Replaying one dead letter: back in line with a fresh deadline, attempt budget and generation. */
import { type Handoff, Refusal } from "@baton/domain";
import type { Replayed, ReplayOrder, StoredConnector, StoredHandoff } from "@baton/store";
import { unavailable } from "./guard.ts";
import { notFound } from "./not-found.ts";
import { VALID_MS } from "./validity.ts";

interface Deps {
  readonly handoffs: { read(id: string): Promise<StoredHandoff | undefined> };
  readonly connectors: { read(id: string): Promise<StoredConnector | undefined> };
  readonly deadLetters: { replay(order: ReplayOrder): Promise<Replayed> };
  /**
   * Resolves once what a handoff's record says in these fields is as safe as `BATON_DURABILITY` asks; throws when it is
   * not in time.
   */
  readonly replicated: (id: string, fields: Readonly<Record<string, string>>) => Promise<void>;
  readonly onResult: (result: Replayed["kind"]) => void;
  /** BATON_MAX_PENDING. */
  readonly maxPending: number;
  /** Epoch milliseconds on Redis's clock. */
  readonly now: () => number;
}

/** ReplayOptions: without `deadlineMs` it gets as long as the first time; `force` replays what may have arrived. */
interface ReplayOptions {
  readonly deadlineMs?: number;
  readonly force: boolean;
}

/** ReplayDeadLetter throws Refusal `not-found`, `not-dead`, `may-duplicate`, `backlog-full` or `queue-unavailable`. */
export type ReplayDeadLetter = (id: string, options: ReplayOptions) => Promise<Handoff>;

/** createReplayDeadLetter lets exactly one of two simultaneous replays win. */
export function createReplayDeadLetter(deps: Deps): ReplayDeadLetter {
  const { handoffs, connectors, deadLetters, replicated, onResult, maxPending, now } = deps;
  return async (id, options) => {
    const found = await handoffs.read(id);
    if (found === undefined) throw notFound("handoff", id);
    const connector = (await connectors.read(found.handoff.connectorId))?.connector;
    // Deleted since: its dead letters can be read and discarded, and nothing more be sent for it.
    if (connector === undefined) throw notFound("connector", found.handoff.connectorId);
    const order = { id, ...options, rate: connector.delivery.rate, maxPending, validUntil: now() + VALID_MS };
    const replayed = await deadLetters.replay(order);
    onResult(replayed.kind);
    const { handoff } = accepted(found.handoff, replayed).stored;
    await replicated(id, { rep: String(handoff.replays) });
    return handoff;
  };
}

function accepted({ id, connectorId }: Handoff, replayed: Replayed): Extract<Replayed, { kind: "replayed" }> {
  switch (replayed.kind) {
    case "replayed":
      return replayed;
    case "not-found":
      throw notFound("handoff", id);
    case "closed":
      throw notFound("connector", connectorId);
    case "not-dead":
      throw new Refusal("not-dead", `${id} is not a dead letter; it may have been replayed or discarded already`);
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
      throw new Refusal(
        "backlog-full",
        "the connector's rate leaves no slot before the deadline; send a longer deadlineMs",
        {
          retryAfterMs: replayed.retryAfterMs,
        },
      );
    case "late":
      throw unavailable();
  }
}
