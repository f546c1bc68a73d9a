/** The record of a handoff as Redis holds it, read back into the domain's words. */
import { createHash } from "node:crypto";
import {
  type Attempt,
  type Correlation,
  type DeadReason,
  type Handoff,
  type HandoffStatus,
  hasEnded,
  type SenderAnswer,
  type WaitingFor,
} from "@baton/domain";
import type { Reply } from "@baton/redis/lua-script";

/*
 * The fields of a record: v schema · st status · cn connector · ct contact · gen generation · due next attempt · dl
 * deadline · ls fell due first, microseconds (its score in the contact's queue) · acc accepted · dms deadline budget ·
 * ac, pj, env account, project and environment · sh shared id · ca call · rq, rq2 request id, in two parts where it is
 * long · tp traceparent · ik idempotency key · why reason · cause · rep replays · used attempts of this budget · total
 * attempts ever · was attempts before the last replay · tok the live attempt's token · settled the last one settled ·
 * att its start · until its latest end · amo at-most-once · may, dup flags · wk what it waits for beside a retry (keys)
 * · rp replayed by a run · rtp traceparent of the request that replayed it · wt a request waits for its end · ans what
 * its sender was answered: when, status, after how long, for how long it asked to wait, separated by spaces · end ended
 * · acknowledged to whom that asked for it again by its key, and was not answered 503 · withdrawalRequested by its
 * first asker, who was answered 503. Beside it, as a value over 64 bytes would make the whole record large: :p:<id>
 * parameters and :x:<id> context, sealed, and :l:<id> the attempt log, a list of JSON. What it waits for is derived
 * (parts/reason-to-wait.lua). The scripts write and judge the schema (parts/shard-keys-clock-and-record.lua).
 */

/** HandoffOrigin is what of a record never changes. */
export interface HandoffOrigin {
  readonly accountId: string;
  readonly projectId: string;
  readonly environment: string;
  readonly callId?: string;
}

/** StoredHandoff is a handoff and what only Baton's own processes need of it. */
export interface StoredHandoff {
  readonly handoff: Handoff;
  /** Of the request that brought it. */
  readonly correlation?: Correlation;
  readonly generation: number;
  /** Of a dead one. */
  readonly cause?: string;
  /** Where it is known. */
  readonly answer?: SenderAnswer;
}

/**
 * parseHandoffRecord reads a flat list of names and values, as `list_public_fields` gives it
 * (parts/list-public-record-fields.lua); undefined where there is no record.
 */
export function parseHandoffRecord(id: string, flat: readonly Reply[]): StoredHandoff | undefined {
  if (flat.length === 0) return undefined;
  const fields = new Map<string, string>();
  for (let i = 0; i + 1 < flat.length; i += 2) fields.set(String(flat[i]), String(flat[i + 1]));
  return storedHandoffOf(id, (name) => fields.get(name) ?? "");
}

/** parseHandoffRecordOrFail reads a record that the script just wrote or found. */
export function parseHandoffRecordOrFail(id: string, flat: readonly Reply[]): StoredHandoff {
  const stored = parseHandoffRecord(id, flat);
  if (stored === undefined) throw new Error(`the record of ${id} is empty`);
  return stored;
}

/** storedHandoffOf reads a record's fields; '' where there is none. */
function storedHandoffOf(id: string, field: (name: string) => string): StoredHandoff {
  const status = field("st") as HandoffStatus;
  const queued = status === "queued";
  const callId = field("ca");
  const sharedId = field("sh");
  const waitingFor = field("wf");
  const handoff: Handoff = {
    id,
    connectorId: field("cn"),
    accountId: field("ac"),
    projectId: field("pj"),
    environment: field("env"),
    ...(callId === "" ? {} : { callId }),
    contactId: field("ct"),
    ...(sharedId === "" ? {} : { sharedId }),
    status,
    ...(status === "dead" || status === "discarded" ? { reason: field("why") as DeadReason } : {}),
    ...(queued
      ? {
          waitingFor: waitingFor === "" ? null : (waitingFor as WaitingFor),
          nextAttemptAt: Math.min(Math.max(Number(field("due")), Number(field("next"))), Number(field("dl"))),
        }
      : {}),
    acceptedAt: Number(field("acc")),
    deadlineAt: Number(field("dl")),
    ...(hasEnded(status) ? { endedAt: Number(field("end")) } : {}),
    attempts: JSON.parse(`[${field("log")}]`) as Attempt[],
    mayHaveArrived: field("may") === "1",
    possibleDuplicate: field("dup") === "1",
    replays: Number(field("rep")),
  };
  const cause = field("cause");
  return {
    handoff,
    generation: Number(field("gen")),
    ...correlationFromRecordFields({ rq: field("rq"), rq2: field("rq2"), tp: field("tp") }),
    ...(cause === "" ? {} : { cause }),
    ...readSenderAnswer(field("ans")),
  };
}

function readSenderAnswer(text: string): { readonly answer?: SenderAnswer } {
  if (text === "") return {};
  const [at, status, afterMs, waitMs = ""] = text.split(" ");
  const answer = { at: Number(at), status: Number(status), afterMs: Number(afterMs) };
  return { answer: { ...answer, ...(waitMs === "" ? {} : { waitMs: Number(waitMs) }) } };
}

/**
 * MAX_VALUE in bytes: a longer value would make the whole record large (docs/adr/0016). A request's id may have twice
 * that.
 */
const MAX_VALUE = 64;

/** CorrelationFields are a correlation as the record holds it; '' or left out where there is none. */
export interface CorrelationFields {
  readonly rq?: string;
  readonly rq2?: string;
  readonly tp?: string;
}

/** correlationToRecordFields writes a correlation for a record. */
export function correlationToRecordFields({ requestId = "", traceparent = "" }: Correlation = {}): CorrelationFields {
  return {
    ...(requestId === "" ? {} : { rq: requestId.slice(0, MAX_VALUE) }),
    ...(requestId.length <= MAX_VALUE ? {} : { rq2: requestId.slice(MAX_VALUE) }),
    ...(traceparent === "" ? {} : { tp: traceparent }),
  };
}

/** correlationFromRecordFields reads it back, as a property; no property where there is none. */
export function correlationFromRecordFields({ rq = "", rq2 = "", tp = "" }: CorrelationFields): {
  readonly correlation?: Correlation;
} {
  if (rq === "" && tp === "") return {};
  return { correlation: { ...(rq === "" ? {} : { requestId: rq + rq2 }), ...(tp === "" ? {} : { traceparent: tp }) } };
}

/**
 * digestIdempotencyKey gives 32 hexadecimal characters of an idempotency key's SHA-256: its field in a record, since a
 * caller may put anything into a key.
 */
export function digestIdempotencyKey(key: string): string {
  return createHash("sha256").update(key).digest("hex").slice(0, 32);
}
