/** The handoffs' records as ingress uses them: accept, place, read, cancel, withdraw. */
import {
  type Correlation,
  FENCE_MS,
  type HandoffStatus,
  type NoSlotReason,
  type Rate,
  type WaitingFor,
} from "@baton/domain";
import {
  createArgvLuaScript,
  createLuaScript,
  type Reply,
  readReplyList,
  readReplyNumber,
  readReplyText,
} from "@baton/redis/lua-script";
import { createShardBatcher } from "@baton/redis/shard-batcher";
import { findShardTagOfId, requireShardTagOfId, type Shards } from "@baton/redis/shards";
import {
  correlationToRecordFields,
  type HandoffOrigin,
  parseHandoffRecord,
  parseHandoffRecordOrFail,
  type StoredHandoff,
} from "./handoff-record.ts";

/**
 * Idempotency is a caller's key and what its body looks like. `key` and `fingerprints` are digests; the first
 * fingerprint is kept. Each begins with the id of the ring's key that made it, and a dot.
 */
export interface Idempotency {
  readonly key: string;
  readonly fingerprints: readonly string[];
  readonly keepMs: number;
}

/** AcceptRequest is everything that a new handoff is made of. `commandDeadline` is on Redis's clock. */
export interface AcceptRequest {
  readonly id: string;
  readonly connectorId: string;
  readonly contactId: string;
  readonly sharedId?: string;
  readonly origin: HandoffOrigin;
  readonly sealedParams: string;
  readonly sealedContext?: string;
  readonly delayMs: number;
  readonly deadlineMs: number;
  readonly commandDeadline: number;
  readonly rate: Rate | null;
  readonly maxPending: number;
  /** When a pause of its connector, or of everything, ends by itself: epoch milliseconds. */
  readonly pausedUntil?: number;
  readonly idempotency?: Idempotency;
  /** Of the request that brings it. */
  readonly correlation?: Correlation;
}

/**
 * MissingSealingKey: an idempotency key came before, with a body that only a process with this key of the ring can
 * compare.
 */
interface MissingSealingKey {
  readonly kind: "missing-sealing-key";
  readonly keyId: string;
}

/** AcceptResult is the answer to an acceptance. `closed`: the connector is being deleted. */
export type AcceptResult =
  | MissingSealingKey
  | { readonly kind: "accepted" | "repeated"; readonly stored: StoredHandoff }
  | { readonly kind: "reused" | "late" | "closed" }
  | { readonly kind: "full"; readonly retryAfterMs: number }
  | { readonly kind: "no-slot"; readonly retryAfterMs: number; readonly why: NoSlotReason };

/** FindByKeyResult is what an idempotency key stands for. */
export type FindByKeyResult =
  | MissingSealingKey
  | { readonly kind: "none" | "reused" }
  | { readonly kind: "repeated"; readonly stored: StoredHandoff };

/** CancelResult is the answer to a cancel: `repeated` when it was cancelled before. */
export type CancelResult =
  | { readonly kind: "not-found" | "already-sending" }
  | { readonly kind: "already-ended"; readonly status: HandoffStatus }
  | { readonly kind: "cancelled" | "repeated"; readonly stored: StoredHandoff };

/**
 * createHandoffStore gives the handoffs of all shards. Every method throws `CommandTimeout` or the driver's error when
 * Redis cannot be reached.
 */
export function createHandoffStore(shards: Shards) {
  const accept = createArgvLuaScript(import.meta, "accept");
  const place = createArgvLuaScript(import.meta, "place-accepted-handoffs-in-queue");
  const withdraw = createLuaScript(import.meta, "withdraw-unacknowledged-handoff");
  const read = createLuaScript(import.meta, "read-handoff");
  const cancel = createLuaScript(import.meta, "cancel-handoff");

  const acceptEach = createShardBatcher<AcceptRequest, AcceptResult | Error>({
    schedule: setImmediate,
    async run(tag, acceptances) {
      const replies = await accept(shards.redis, tag, [FENCE_MS, ...acceptances.flatMap(acceptArgumentsOf)]);
      return acceptances.map((acceptance, i) => readAccepted(readReplyList(replies, i), acceptance));
    },
  });
  const placeEach = createShardBatcher<string, true | Error>({
    schedule: process.nextTick,
    async run(tag, ids) {
      const replies = await place(shards.redis, tag, ids);
      return ids.map((_, i) =>
        readReplyText(replies, i) === "" ? true : new Error(`not placed: ${readReplyText(replies, i)}`),
      );
    },
  });

  return {
    /**
     * accept writes the handoff down, whole or not at all, together with the others of this turn. The same id may be
     * accepted twice.
     */
    async accept(acceptance: AcceptRequest): Promise<AcceptResult> {
      return (await acceptEach(requireShardTagOfId(shards, "cn", acceptance.connectorId), acceptance)) as AcceptResult;
    },

    /**
     * place gives an accepted handoff its place and its job; one that has them, or is no longer queued, stays as it is.
     */
    async place(id: string): Promise<void> {
      await placeEach(requireShardTagOfId(shards, "ho", id), id);
    },

    /** findByKey looks up what an idempotency key stands for; `newId` is the id that the handoff would have had. */
    async findByKey(connectorId: string, idempotency: Idempotency, newId: string): Promise<FindByKeyResult> {
      const tag = requireShardTagOfId(shards, "cn", connectorId);
      const { key, fingerprints } = idempotency;
      const sent = { connectorId, key, fingerprints: fingerprints.join(","), newId };
      const reply = await read(shards.redis, tag, { idempotency: sent, fenceMs: FENCE_MS });
      const kind = readReplyText(reply, 0) as "none" | "reused" | "repeated";
      if (kind === "none") return { kind };
      if (kind === "reused") return readReused(reply, idempotency);
      return { kind, stored: parseHandoffRecordOrFail(readReplyText(reply, 1), readReplyList(reply, 2)) };
    },

    /**
     * withdraw takes back what was accepted but answered 503, unless its sender came again and was answered 202; false
     * when it was begun already. `idempotency` says what the sender came with: then the id may be a repeat's, too.
     */
    async withdraw(id: string, idempotency?: { readonly connectorId: string; readonly key: string }): Promise<boolean> {
      const reply = await withdraw(shards.redis, requireShardTagOfId(shards, "ho", id), { id, idempotency });
      return readReplyText(reply, 0) !== "too-late";
    },

    /**
     * read gives a handoff as it is now, undefined where there is none. `isAwaited` has its end announced
     * (handoff-completion-channel.ts).
     */
    async read(id: string, options: { readonly isAwaited?: boolean } = {}): Promise<StoredHandoff | undefined> {
      const tag = findShardTagOfId(shards, "ho", id);
      if (tag === undefined) return undefined;
      const reply = await read(shards.redis, tag, { id, fenceMs: FENCE_MS, ...options });
      return parseHandoffRecord(id, readReplyList(reply, 2));
    },

    /** cancel takes a queued handoff back; with `connectorId`, only where it is that connector's. */
    async cancel(id: string, connectorId?: string): Promise<CancelResult> {
      const tag = findShardTagOfId(shards, "ho", id);
      if (tag === undefined) return { kind: "not-found" };
      const reply = await cancel(shards.redis, tag, { id, connectorId, fenceMs: FENCE_MS });
      const kind = readReplyText(reply, 0) as CancelResult["kind"];
      switch (kind) {
        case "not-found":
        case "already-sending":
          return { kind };
        case "already-ended":
          return { kind, status: readReplyText(reply, 1) as HandoffStatus };
        case "cancelled":
        case "repeated":
          return { kind, stored: parseHandoffRecordOrFail(id, readReplyList(reply, 1)) };
      }
    },
  };
}

/** acceptArgumentsOf writes an acceptance as accept.lua reads it. */
function acceptArgumentsOf(acceptance: AcceptRequest): readonly (string | number)[] {
  const { origin, rate, idempotency } = acceptance;
  const { rq = "", rq2 = "", tp = "" } = correlationToRecordFields(acceptance.correlation);
  return [
    acceptance.id,
    acceptance.connectorId,
    acceptance.contactId,
    origin.callId ?? "",
    acceptance.sharedId ?? "",
    origin.accountId,
    origin.projectId,
    origin.environment,
    rq,
    acceptance.sealedParams,
    acceptance.sealedContext ?? "",
    tp,
    acceptance.delayMs,
    acceptance.deadlineMs,
    acceptance.commandDeadline,
    rate?.perSecond ?? "",
    rate?.burst ?? "",
    acceptance.maxPending,
    idempotency?.key ?? "",
    idempotency?.keepMs ?? "",
    idempotency?.fingerprints.join(",") ?? "",
    acceptance.pausedUntil ?? "",
    rq2,
  ];
}

function readAccepted(reply: readonly Reply[], acceptance: AcceptRequest): AcceptResult | Error {
  const kind = readReplyText(reply, 0) as Exclude<AcceptResult["kind"], "missing-sealing-key"> | "known" | "failed";
  switch (kind) {
    case "late":
    case "closed":
      return { kind };
    case "reused":
      return readReused(reply, acceptance.idempotency);
    case "full":
      return { kind, retryAfterMs: readReplyNumber(reply, 1) };
    case "no-slot":
      return { kind, retryAfterMs: readReplyNumber(reply, 1), why: readReplyText(reply, 2) as NoSlotReason };
    case "repeated":
      return { kind, stored: parseHandoffRecordOrFail(readReplyText(reply, 1), readReplyList(reply, 2)) };
    case "known":
      return { kind: "accepted", stored: parseHandoffRecordOrFail(readReplyText(reply, 1), readReplyList(reply, 2)) };
    case "accepted":
      return { kind, stored: handoffOfAcceptance(reply, acceptance) };
    case "failed":
      return new Error(`not accepted: ${readReplyText(reply, 1)}`);
  }
}

/** readReused tells another body from one that this process cannot compare. */
function readReused(
  reply: readonly Reply[],
  idempotency?: Idempotency,
): MissingSealingKey | { readonly kind: "reused" } {
  const keyId = readReplyText(reply, 1);
  const isComparable = idempotency?.fingerprints.some((fingerprint) => fingerprint.startsWith(`${keyId}.`)) ?? true;
  return isComparable ? { kind: "reused" } : { kind: "missing-sealing-key", keyId };
}

/**
 * handoffOfAcceptance is a new handoff, from what was asked for and what the script decided: Redis need not send it
 * back.
 */
function handoffOfAcceptance(reply: readonly Reply[], acceptance: AcceptRequest): StoredHandoff {
  const { id, connectorId, contactId, sharedId, origin, correlation } = acceptance;
  const deadlineAt = readReplyNumber(reply, 2);
  const waitingFor = readReplyText(reply, 4);
  // Members that follow a spread cost V8 a call each, so they come first.
  return {
    handoff: {
      id,
      connectorId,
      contactId,
      status: "queued",
      waitingFor: waitingFor === "" ? null : (waitingFor as WaitingFor),
      nextAttemptAt: Math.min(readReplyNumber(reply, 1), deadlineAt),
      acceptedAt: readReplyNumber(reply, 3),
      deadlineAt,
      attempts: [],
      mayHaveArrived: false,
      possibleDuplicate: false,
      replays: 0,
      ...origin,
      ...(sharedId === undefined ? {} : { sharedId }),
    },
    generation: 1,
    ...(correlation === undefined ? {} : { correlation }),
  };
}
