/** The handoffs' records as ingress uses them: accept, read, cancel. */
import { type Correlation, FENCE_MS, type Handoff, type HandoffStatus, type Rate, type WaitingFor } from "@baton/domain";
import { correlationFields, type FixedPart, readRecord, type StoredHandoff } from "./handoff-record.ts";
import { createScript, list, number, type Reply, text } from "./script.ts";
import { mustTagOf, type Shards, tagOf } from "./shards.ts";

/**
 * Idempotency is a caller's key and what its body looks like. `key` and `fingerprints` are digests; the first fingerprint is kept. Each
 * begins with the id of the ring's key that made it, and a dot.
 */
export interface Idempotency {
  readonly key: string;
  readonly fingerprints: readonly string[];
  readonly keepMs: number;
}

/** Acceptance is everything that a new handoff is made of. `params` and `context` are sealed; `validUntil` is on Redis's clock. */
export interface Acceptance {
  readonly id: string;
  readonly connectorId: string;
  readonly contactId: string;
  readonly sharedId?: string;
  readonly fixed: FixedPart;
  readonly params: string;
  readonly context?: string;
  readonly delayMs: number;
  readonly deadlineMs: number;
  readonly validUntil: number;
  readonly rate: Rate | null;
  readonly maxPending: number;
  readonly idempotency?: Idempotency;
  /** Of the request that brings it. */
  readonly correlation?: Correlation;
}

/** Accepted is the answer to an acceptance; `delayMs` is when its job is due. `closed`: the connector is being deleted. */
export type Accepted =
  | { readonly kind: "accepted"; readonly stored: StoredHandoff; readonly delayMs: number }
  | { readonly kind: "replayed"; readonly stored: StoredHandoff }
  | { readonly kind: "reused" }
  | { readonly kind: "late" }
  | { readonly kind: "closed" }
  | { readonly kind: "full" | "no-slot"; readonly retryAfterMs: number };

export type Recalled = { readonly kind: "none" | "reused" } | { readonly kind: "replayed"; readonly stored: StoredHandoff };

/** Cancelled is the answer to a cancel: `repeated` when it was cancelled before; `wake` is the job of whoever waited behind the handoff. */
export type Cancelled =
  | { readonly kind: "not-found" | "already-sending" }
  | { readonly kind: "already-ended"; readonly status: HandoffStatus }
  | { readonly kind: "repeated"; readonly stored: StoredHandoff }
  | { readonly kind: "cancelled"; readonly stored: StoredHandoff; readonly wake?: string };

export type HandoffStore = ReturnType<typeof createHandoffStore>;

/** createHandoffStore gives the handoffs of all shards. Every method throws `NoAnswer` or the driver's error when Redis cannot be reached. */
export function createHandoffStore(shards: Shards) {
  const accept = createScript<object>("accept");
  const recall = createScript<object>("recall");
  const withdraw = createScript<object>("withdraw");
  const read = createScript<object>("read");
  const cancel = createScript<object>("cancel");

  return {
    /** accept writes the handoff down, whole or not at all. The same id may be accepted twice. */
    async accept(acceptance: Acceptance): Promise<Accepted> {
      const tag = mustTagOf(shards, "cn", acceptance.connectorId);
      const { fixed, correlation, ...rest } = acceptance;
      const args = { ...fixed, ...rest, ...correlationFields(correlation), fenceMs: FENCE_MS };
      return readAccepted(await accept(shards.redis, tag, args), acceptance);
    },

    /** recall looks up what an idempotency key stands for; `asker` is the id that the handoff would have had. */
    async recall(connectorId: string, idempotency: Idempotency, asker: string): Promise<Recalled> {
      const tag = mustTagOf(shards, "cn", connectorId);
      const reply = await recall(shards.redis, tag, { asker, connectorId, idempotency, fenceMs: FENCE_MS });
      if (text(reply, 0) !== "replayed") return { kind: text(reply, 0) as "none" | "reused" };
      return { kind: "replayed", stored: mustRead(text(reply, 1), list(reply, 2)) };
    },

    /**
     * withdraw takes back what was accepted but answered 503, unless its sender came again and was told 202; false when it was begun
     * already. `idempotency` says what the sender came with: then the id may be a repeat's, too.
     */
    async withdraw(id: string, idempotency?: { readonly connectorId: string; readonly key: string }): Promise<boolean> {
      const reply = await withdraw(shards.redis, mustTagOf(shards, "ho", id), { id, idempotency });
      return text(reply, 0) !== "too-late";
    },

    /** read gives a handoff as it is now, undefined where there is none. */
    async read(id: string): Promise<StoredHandoff | undefined> {
      const tag = tagOf(shards, "ho", id);
      if (tag === undefined) return undefined;
      const reply = await read(shards.redis, tag, { ids: [id], fenceMs: FENCE_MS });
      return readRecord(id, list(reply, 0));
    },

    /** cancel takes a queued handoff back; with `connectorId`, only where it is that connector's. */
    async cancel(id: string, connectorId?: string): Promise<Cancelled> {
      const tag = tagOf(shards, "ho", id);
      if (tag === undefined) return { kind: "not-found" };
      const reply = await cancel(shards.redis, tag, { id, connectorId, fenceMs: FENCE_MS });
      const kind = text(reply, 0) as Cancelled["kind"];
      switch (kind) {
        case "not-found":
        case "already-sending":
          return { kind };
        case "already-ended":
          return { kind, status: text(reply, 1) as HandoffStatus };
        case "repeated":
          return { kind, stored: mustRead(id, list(reply, 1)) };
        case "cancelled": {
          const wake = text(reply, 2);
          return { kind, stored: mustRead(id, list(reply, 1)), ...(wake === "" ? {} : { wake }) };
        }
      }
    },
  };
}

function readAccepted(reply: readonly Reply[], acceptance: Acceptance): Accepted {
  const kind = text(reply, 0) as Accepted["kind"] | "known";
  switch (kind) {
    case "late":
    case "closed":
    case "reused":
      return { kind };
    case "full":
    case "no-slot":
      return { kind, retryAfterMs: number(reply, 1) };
    case "replayed":
      return { kind, stored: mustRead(text(reply, 1), list(reply, 2)) };
    case "known":
      return { kind: "accepted", stored: mustRead(text(reply, 1), list(reply, 2)), delayMs: number(reply, 3) };
    case "accepted":
      return { kind, ...newlyAccepted(reply, acceptance) };
  }
}

/** newlyAccepted puts a new record together from what was asked for and what the script decided: Redis need not send it back. */
function newlyAccepted(reply: readonly Reply[], { id, connectorId, contactId, sharedId, fixed, correlation }: Acceptance) {
  const [due, deadlineAt, acceptedAt] = [number(reply, 1), number(reply, 2), number(reply, 3)];
  const waitingFor = text(reply, 4);
  const handoff: Handoff = {
    id,
    connectorId,
    ...fixed,
    contactId,
    ...(sharedId === undefined ? {} : { sharedId }),
    status: "queued",
    waitingFor: waitingFor === "" ? null : (waitingFor as WaitingFor),
    nextAttemptAt: due,
    acceptedAt,
    deadlineAt,
    attempts: [],
    mayHaveArrived: false,
    possibleDuplicate: false,
    replays: 0,
  };
  const stored: StoredHandoff = { handoff, generation: 1, ...(correlation === undefined ? {} : { correlation }) };
  return { stored, delayMs: Math.max(0, due - acceptedAt) };
}

/** mustRead reads a record that the script just wrote or found. */
export function mustRead(id: string, flat: readonly Reply[]): StoredHandoff {
  const stored = readRecord(id, flat);
  if (stored === undefined) throw new Error(`the record of ${id} is empty`);
  return stored;
}
