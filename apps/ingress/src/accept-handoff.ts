/** Accepting a handoff: check, seal, write down, place. A 202 means that it is in Redis. */

import { type HandoffBody, handoffBodySchema, validationIssues } from "@baton/api";
import {
  type Connector,
  type Correlation,
  checkSignalParams,
  createIdInShard,
  createMonotonicIdRandom,
  currentPauseOfConnector,
  describeNoSlotBeforeDeadline,
  type Handoff,
  ID_RANDOM_BYTES,
  type Params,
  Refusal,
  shardOfId,
} from "@baton/domain";
import type { AcceptRequest, AcceptResult, FindByKeyResult, Idempotency } from "@baton/handoffs";
import type { StoredHandoff } from "@baton/handoffs/handoff-record";
import { nowWithoutEventLoopLag } from "@baton/redis/event-loop-aware-redis-timeout";
import { createSealBinding, pooledRandomBytes, type SealedKind, sealJson, type Vault } from "@baton/vault";
import type { AddJobWithRetries } from "./add-job-with-retries.ts";
import type { FindContactOfHandoff, FoundContact } from "./find-contact-of-handoff.ts";
import type { Withdrawn } from "./handoff-withdrawals-after-503.ts";
import { idempotencyOfRequest } from "./idempotency-of-request.ts";
import { withAnswerDeadline } from "./request-answer-deadline.ts";

/**
 * ANSWER_MARGIN_MS: for so long before its sender is answered 503 an acceptance no longer runs in Redis. That is more
 * than a clock may be off and still be trusted within a heartbeat, and the answer's way back.
 */
const ANSWER_MARGIN_MS = 250;

/** PLACEHOLDER_ID is as long as every handoff's id. */
const PLACEHOLDER_ID = createIdInShard("ho", 0, 0, new Uint8Array(ID_RANDOM_BYTES));

interface Deps {
  readonly handoffs: {
    accept(acceptance: AcceptRequest): Promise<AcceptResult>;
    /** Gives an accepted handoff its job; one that has it stays as it is. */
    place(id: string): Promise<void>;
    findByKey(connectorId: string, idempotency: Idempotency, newId: string): Promise<FindByKeyResult>;
  };
  readonly findContactOfHandoff: FindContactOfHandoff;
  /**
   * Resolves once the handoff is as durable as `BATON_DURABILITY` asks, throws when it is not in time; undefined where
   * nothing beyond its acceptance is asked.
   */
  readonly waitUntilReplicated: (handoff: Pick<Handoff, "id" | "status">) => Promise<void> | undefined;
  readonly vault: Pick<Vault, "seal" | "fingerprints">;
  /** Takes back, in its own time, what may have been accepted after its sender was answered 503. */
  readonly withdraw: (refused: Withdrawn) => void;
  /** Gives a handoff its job in its own time that was accepted and got none. */
  readonly addJobWithRetries: AddJobWithRetries;
  /** Epoch milliseconds on Redis's clock. */
  readonly now: () => number;
  readonly maxPending: number;
  /** When everything's pause ends by itself, epoch milliseconds; undefined where there is none, or it is not known. */
  readonly pausedUntil: () => number | undefined;
}

/** HandoffRequest is one handoff as it was sent: `body` is parsed JSON, nothing more. */
export interface HandoffRequest {
  readonly connector: Connector;
  /** When its sender must be answered, as nowWithoutEventLoopLag() counts. */
  readonly answerBy: number;
  readonly body: unknown;
  readonly idempotencyKey?: string;
  /** What its sender knows it by. */
  readonly correlation: Correlation;
}

/** AcceptedHandoff: `replayed` when the idempotency key was known and nothing new was accepted. */
export interface AcceptedHandoff {
  readonly stored: StoredHandoff;
  readonly replayed: boolean;
}

/** AcceptHandoff accepts one, whole or not at all. */
export type AcceptHandoff = (request: HandoffRequest) => Promise<AcceptedHandoff>;

/** createAcceptHandoff throws a Refusal for what is turned down, and the store's error when Redis cannot be reached. */
export function createAcceptHandoff(deps: Deps): AcceptHandoff {
  const { handoffs, waitUntilReplicated, withdraw } = deps;
  const randomOf = createMonotonicIdRandom(pooledRandomBytes);
  return async (request) => {
    const idempotency = idempotencyOfRequest(request, deps.vault);
    const connectorId = request.connector.id;
    const now = deps.now();
    const id = createIdInShard("ho", shardOfId("cn", connectorId) ?? 0, now, randomOf(now));
    /** What is not known to be safe is answered 503, so it must be taken back. */
    const withdrawOnFailure = async <T extends AcceptResult | FindByKeyResult>(asked: Promise<T>): Promise<T> => {
      try {
        const answer = await withAnswerDeadline(asked, request.answerBy);
        if ("stored" in answer) await withAnswerDeadline(waitUntilReplicated(answer.stored.handoff), request.answerBy);
        return answer;
      } catch (error) {
        withdraw({
          id,
          correlation: request.correlation,
          ...(idempotency && { idempotency: { connectorId, key: idempotency.key } }),
        });
        throw error;
      }
    };
    const findEarlier = async (refusal: Refusal): Promise<AcceptedHandoff> => {
      // The key is looked up before anything else is checked: a repeat is answered with its handoff, whatever its body.
      const earlier = idempotency && (await withdrawOnFailure(handoffs.findByKey(connectorId, idempotency, id)));
      if (earlier?.kind === "repeated") return { stored: earlier.stored, replayed: true };
      if (earlier?.kind === "missing-sealing-key") throw missingSealingKeyRefusal(earlier.keyId);
      throw earlier?.kind === "reused" ? idempotencyKeyReusedRefusal() : refusal;
    };
    const checked = checkBody(request);
    if (checked instanceof Refusal) return findEarlier(checked);
    const resolved = await withAnswerDeadline(deps.findContactOfHandoff(connectorId, checked), request.answerBy);
    if (resolved instanceof Refusal) return findEarlier(resolved);

    const acceptance = acceptanceOf(id, request, { ...checked, ...resolved }, deps);
    const accepted = await withdrawOnFailure(
      handoffs.accept(idempotency === undefined ? acceptance : { ...acceptance, idempotency }),
    );
    return finishAcceptance(deps, accepted);
  };
}

/** finishAcceptance gives what was accepted its job, or throws why nothing was. */
async function finishAcceptance(deps: Deps, accepted: AcceptResult): Promise<AcceptedHandoff> {
  switch (accepted.kind) {
    case "accepted":
      await placeOrRetry(deps, accepted.stored);
      return { stored: accepted.stored, replayed: false };
    case "repeated":
      // A request that was answered 503 before may have left it without a job; a second `place` changes nothing.
      if (accepted.stored.handoff.status === "queued") await placeOrRetry(deps, accepted.stored);
      return { stored: accepted.stored, replayed: true };
    case "reused":
      throw idempotencyKeyReusedRefusal();
    case "missing-sealing-key":
      throw missingSealingKeyRefusal(accepted.keyId);
    case "late":
      throw new Refusal("queue-unavailable", "Redis took too long; nothing was accepted, so send it again", {
        retryAfterMs: 1_000,
      });
    case "closed":
      throw new Refusal("unauthenticated", "this token's connector has been deleted");
    case "full":
      throw backlogFullRefusal("the connector has as many handoffs queued as it may", accepted.retryAfterMs);
    case "no-slot":
      throw backlogFullRefusal(describeNoSlotBeforeDeadline(accepted.why), accepted.retryAfterMs);
  }
}

async function placeOrRetry({ handoffs, addJobWithRetries }: Deps, stored: StoredHandoff): Promise<void> {
  await handoffs.place(stored.handoff.id).catch(() => addJobWithRetries(stored));
}

/** checkBody parses what was sent, or gives the refusal of it. */
function checkBody({ connector, body }: HandoffRequest): HandoffBody | Refusal {
  const parsed = handoffBodySchema.safeParse(body);
  if (!parsed.success) return invalidHandoffRefusal(validationIssues(parsed.error));
  const { params = {} } = parsed.data;
  const own = connector.delivery.handoffIdParam;
  if (own !== undefined && params[own] !== undefined) {
    return invalidHandoffRefusal([
      { pointer: `/params/${own}`, message: "this connector's handoff id goes there; leave it out" },
    ]);
  }
  if (hasPrototype(body))
    return invalidHandoffRefusal([{ pointer: "/context/__proto__", message: "a context takes no such member" }]);
  const issues = checkSignalParams(params, connector.delivery.maxParamBytes);
  if (issues.length > 0) return invalidHandoffRefusal(issues);
  // Without the limit of one parameter: the id takes up a part of the query that the caller cannot have.
  const withId =
    own === undefined ? [] : checkSignalParams({ ...params, [own]: PLACEHOLDER_ID }, Number.POSITIVE_INFINITY);
  if (withId.length > 0) return invalidHandoffRefusal(withId);
  return parsed.data;
}

/** hasPrototype: zod leaves this member of a context out, and nothing of one is left out without a word. */
function hasPrototype(body: unknown): boolean {
  const { context } = body as { readonly context?: object };
  return context !== undefined && Object.hasOwn(context, "__proto__");
}

function acceptanceOf(
  id: string,
  request: HandoffRequest,
  body: HandoffBody & FoundContact,
  deps: Deps,
): AcceptRequest {
  const { connector, answerBy, correlation } = request;
  const { vault, now, maxPending } = deps;
  const pausedUntil = Math.max(currentPauseOfConnector(connector, now())?.until ?? 0, deps.pausedUntil() ?? 0);
  const { contactId, callId, params = {}, context, sharedId, deadlineMs, delayMs } = body;
  const { accountId, projectId, environment, delivery } = connector;
  const sent: Params = delivery.handoffIdParam === undefined ? params : { ...params, [delivery.handoffIdParam]: id };
  const seal = (value: unknown, kind: SealedKind) => sealJson(vault, value, createSealBinding(kind, connector.id, id));
  return {
    id,
    connectorId: connector.id,
    contactId,
    origin: { accountId, projectId, environment, ...(callId === undefined ? {} : { callId }) },
    sealedParams: seal(sent, "params"),
    delayMs: delayMs ?? 0,
    deadlineMs: deadlineMs ?? delivery.deadlineMs,
    commandDeadline: Math.floor(now() + answerBy - nowWithoutEventLoopLag() - ANSWER_MARGIN_MS),
    rate: delivery.rate,
    maxPending,
    correlation,
    // Members that follow a spread cost V8 a call each, so they come first.
    ...(sharedId === undefined ? {} : { sharedId }),
    ...(context === undefined ? {} : { sealedContext: seal(context, "context") }),
    ...(pausedUntil > 0 ? { pausedUntil } : {}),
  };
}

function invalidHandoffRefusal(errors: readonly { pointer: string; message: string }[]): Refusal {
  return new Refusal("invalid-handoff", "the handoff is not as this connector takes it; nothing was accepted", {
    errors,
  });
}

function idempotencyKeyReusedRefusal(): Refusal {
  return new Refusal(
    "idempotency-key-reused",
    "this idempotency key came with another body before; use a new key for another handoff",
  );
}

/** missingSealingKeyRefusal: another process, or this one once it has the key, knows whether it is a repeat. */
function missingSealingKeyRefusal(keyId: string): Refusal {
  return new Refusal(
    "queue-unavailable",
    `this idempotency key came before, and this process lacks the key ${keyId} of BATON_KEYRING to compare the bodies; the earlier handoff stays as it is, and nothing new was accepted, so send it again`,
    { retryAfterMs: 1_000 },
  );
}

function backlogFullRefusal(detail: string, retryAfterMs: number): Refusal {
  return new Refusal("backlog-full", `${detail}; nothing was accepted`, { retryAfterMs });
}
