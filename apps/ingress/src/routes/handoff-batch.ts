/** The route of `/v1/handoffs/batch`: up to a hundred handoffs, each accepted or refused on its own. */
import {
  type BatchResult,
  batchAnswerSchema,
  batchBodySchema,
  batchItemSchema,
  documentedBatchSchema,
  handoffHeadersSchema,
  handoffToJson,
  idempotencyKeySchema,
  validationIssues,
} from "@baton/api";
import { Refusal } from "@baton/domain";
import { type HttpServer, problemOfRefusal } from "@baton/runtime";
import type { AcceptedHandoff, HandoffRequest } from "../accept-handoff.ts";
import { createCountRefusalHook } from "../handoff-acceptance-telemetry.ts";
import { answerDeadlineFromNow } from "../request-answer-deadline.ts";
import { authenticatedConnectorOfRequest } from "./token-protected-scope.ts";

/** BATCH_LIMIT is the largest batch taken: 2 MiB. */
const BATCH_LIMIT = 2 * 1024 * 1024;
/**
 * BATCH_CONCURRENCY handoffs are asked of Redis together: enough to fill the line, few enough to be answered in a
 * request's time.
 */
const BATCH_CONCURRENCY = 10;

interface BatchRoutes {
  readonly acceptHandoff: (request: HandoffRequest) => Promise<AcceptedHandoff>;
  readonly onRefused: (reason: string) => void;
}

const batchHeaders = handoffHeadersSchema.pick({ "x-request-id": true, traceparent: true });

type Batch = Pick<HandoffRequest, "connector" | "answerBy" | "correlation">;

/**
 * addHandoffBatchRoute adds the route. What goes wrong with one item never fails the others; an unexpected error is
 * logged with the request.
 */
export function addHandoffBatchRoute(app: HttpServer, routes: BatchRoutes): void {
  const schema = {
    tags: ["handoffs"],
    security: [{ bearer: [] }],
    operationId: "acceptBatch",
    summary: "Accept up to 100 handoffs, each on its own",
    description: "Each may carry an `idempotencyKey`; the header `Idempotency-Key` is refused (422).",
    headers: batchHeaders,
    body: batchBodySchema,
    documentedBody: documentedBatchSchema,
    response: { 200: batchAnswerSchema },
  };
  app.post(
    "/v1/handoffs/batch",
    {
      bodyLimit: BATCH_LIMIT,
      config: { problem: "invalid-handoff", exactNumbers: true },
      schema,
      onSend: createCountRefusalHook(routes.onRefused),
    },
    async (request) => {
      refuseIdempotencyKeyHeader(request.headers);
      const { answerBy, correlation } = request;
      const batch = { connector: authenticatedConnectorOfRequest(request), answerBy, correlation };
      const redis = { isUnavailable: false };
      const acceptItem = createAcceptItem(routes, {
        onUnforeseen: (err) => {
          request.facts.err = err;
        },
        onRedisUnavailable: () => {
          redis.isUnavailable = true;
        },
      });
      const results = await acceptInTurns(request.body.handoffs, batch, { acceptItem, redis });
      request.facts.handoffs = results.length;
      return { results };
    },
  );
}

/** refuseIdempotencyKeyHeader: one key for a hundred handoffs would make one of them, or a hundred twice. */
function refuseIdempotencyKeyHeader(headers: Readonly<Record<string, unknown>>): void {
  if (headers["idempotency-key"] === undefined) return;
  const message = "a batch takes no header Idempotency-Key; send `idempotencyKey` with each handoff";
  throw new Refusal("invalid-handoff", `${message}; nothing was accepted`, {
    errors: [{ pointer: "/idempotency-key", message }],
  });
}

type AcceptItem = (batch: Batch, item: unknown) => Promise<BatchResult>;

/**
 * acceptInTurns goes through the items BATCH_CONCURRENCY at a time. As long as Redis answers, each turn has a request's
 * time; once it does not, there is no more.
 */
async function acceptInTurns(
  items: readonly unknown[],
  batch: Batch,
  { acceptItem, redis }: { readonly acceptItem: AcceptItem; readonly redis: { readonly isUnavailable: boolean } },
): Promise<BatchResult[]> {
  const results: BatchResult[] = [];
  let { answerBy } = batch;
  for (let from = 0; from < items.length; from += BATCH_CONCURRENCY) {
    const turn = await acceptTogether(items.slice(from, from + BATCH_CONCURRENCY), { ...batch, answerBy }, acceptItem);
    results.push(...turn);
    if (!redis.isUnavailable) answerBy = answerDeadlineFromNow();
  }
  return results;
}

/**
 * acceptTogether asks for all at once, but for items of one idempotency key: of those, the first is accepted and the
 * others repeat it.
 */
async function acceptTogether(items: readonly unknown[], batch: Batch, acceptItem: AcceptItem): Promise<BatchResult[]> {
  const lastOf = new Map<unknown, Promise<unknown>>();
  return Promise.all(
    items.map((item) => {
      const key = idempotencyKeyOf(item);
      const before = key === undefined ? undefined : lastOf.get(key);
      const accepted = before === undefined ? acceptItem(batch, item) : before.then(() => acceptItem(batch, item));
      if (key !== undefined) lastOf.set(key, accepted);
      return accepted;
    }),
  );
}

function createAcceptItem(
  { acceptHandoff, onRefused }: BatchRoutes,
  {
    onUnforeseen,
    onRedisUnavailable,
  }: { readonly onUnforeseen: (error: unknown) => void; readonly onRedisUnavailable: () => void },
): AcceptItem {
  return async (batch, item) => {
    try {
      const { stored, replayed } = await acceptHandoff({ ...batch, ...splitItem(item) });
      return { status: 202, handoff: handoffToJson(stored.handoff), ...(replayed ? { replayed } : {}) };
    } catch (error) {
      if (!(error instanceof Refusal)) onUnforeseen(error);
      const refusal = error instanceof Refusal ? error : unexpectedRefusal(error);
      onRefused(refusal.code);
      // What only another process can do has no cause, and says nothing of Redis.
      if (refusal.code === "queue-unavailable" && refusal.cause !== undefined) onRedisUnavailable();
      const { errors, ...rest } = problemOfRefusal(refusal);
      return { status: rest.status, problem: { ...rest, ...(errors === undefined ? {} : { errors: [...errors] }) } };
    }
  };
}

function unexpectedRefusal(cause: unknown): Refusal {
  return new Refusal("internal", "this handoff failed for a reason of our own; it may have been accepted", { cause });
}

function idempotencyKeyOf(item: unknown): unknown {
  return typeof item === "object" && item !== null && "idempotencyKey" in item ? item.idempotencyKey : undefined;
}

/** splitItem takes the idempotency key out of a batch's item; throws a Refusal of the item where it is none. */
function splitItem(item: unknown): { body: unknown; idempotencyKey?: string } {
  if (typeof item !== "object" || item === null || !("idempotencyKey" in item)) return { body: item };
  const { idempotencyKey, ...body } = item;
  const key = idempotencyKeySchema.safeParse(idempotencyKey);
  if (key.success) return { body, idempotencyKey: key.data };
  const errors = validationIssues(batchItemSchema.safeParse(item).error ?? key.error);
  throw new Refusal("invalid-handoff", "the handoff is not as this connector takes it; nothing was accepted", {
    errors,
  });
}
