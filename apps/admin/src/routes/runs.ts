/** The routes of plans and runs, the same for replays and discards. */
import {
  decodeCursor,
  encodeCursor,
  idempotentReplayedHeader,
  locationHeader,
  pageSearchSchema,
  planSchema,
  planToJson,
  type RunBody,
  runBodySchema,
  runItemListSchema,
  runItemSearchSchema,
  runItemToJson,
  runListSchema,
  runNoteSchema,
  runPatchSchema,
  runSchema,
  runToJson,
  startHeadersSchema,
} from "@baton/api";
import { RUN_KINDS, type RunKind } from "@baton/domain";
import type { ItemPosition } from "@baton/handoffs/run-item-store";
import type { RunChange } from "@baton/registry/run-store";
import { describeOpenApiResponseWithHeaders, type HttpServer } from "@baton/runtime";
import type { FastifyRequest } from "fastify";
import { z } from "zod";
import { cursorOfOtherListRefusal } from "../cursor-pagination.ts";
import type { PlanRun, ShowKeptPlan } from "../run-plan-use-cases.ts";
import type { RunOrder, RunUseCases } from "../run-use-cases.ts";
import { describeRoute, idParams } from "./route-openapi.ts";

export interface RunRoutes extends RunUseCases {
  readonly planRun: PlanRun;
  readonly showPlan: ShowKeptPlan;
}

const WORDS = {
  replay: ["Replay", "Queue many dead letters again"],
  discard: ["Discard", "Put many dead letters away for good"],
} as const;

/** addRunRoutes adds the routes of both kinds. */
export function addRunRoutes(app: HttpServer, routes: RunRoutes): void {
  for (const kind of ["replay", "discard"] as const) {
    addStartRoute(app, kind, routes);
    addReadRoutes(app, kind, routes);
    addItemsRoute(app, kind, routes);
    addChangeRoute(app, kind, routes);
  }
}

function addStartRoute(app: HttpServer, kind: RunKind, { planRun, showPlan, startRun }: RunRoutes): void {
  const [name, does] = WORDS[kind];
  const schema = describeRoute({
    tag: `${kind}s`,
    operationId: `start${name}s`,
    summary: `${does}: a plan (dryRun), or a run of it`,
    refuses: ["plan-expired", "invalid-run", "idempotency-key-reused"],
    headers: startHeadersSchema,
    body: runBodySchema,
    response: {
      200: planSchema,
      202: describeOpenApiResponseWithHeaders(
        runSchema,
        z.object({ Location: locationHeader, "Idempotent-Replayed": idempotentReplayedHeader }),
        "The run as it is now; the workers go about it.",
      ),
    },
  });
  app.post(`/admin/v1/${kind}s`, { config: { problem: "invalid-run" }, schema }, async (request, reply) => {
    const { body } = request;
    const { filter = {}, includeUnknown = false, skipEndedContacts = false, ratePerSecond } = body;
    if (body.dryRun === true && body.planId !== undefined)
      return planToJson(await showPlan({ kind, body, planId: body.planId }));
    if (body.dryRun === true) {
      const rate = ratePerSecond === undefined ? {} : { ratePerSecond };
      return planToJson(await planRun({ kind, filter, includeUnknown, skipEndedContacts, ...rate }));
    }
    const { traceparent } = request.correlation;
    const { run, isRepeated } = await startRun({ ...orderOf(kind, request), traceparent });
    request.facts.runId = run.id;
    reply.code(202).header("location", `/admin/v1/${kind}s/${run.id}`);
    if (isRepeated) reply.header("idempotent-replayed", "true");
    return runToJson(run);
  });
}

/** orderOf reads a request of the route that starts runs, once its body is known to be one. */
function orderOf(kind: RunKind, { body, actor, headers }: FastifyRequest): RunOrder {
  if (actor === null) throw new Error("the route runs behind the guard");
  const idempotencyKey = headers["idempotency-key"];
  return { kind, body: body as RunBody, actor, ...(typeof idempotencyKey === "string" ? { idempotencyKey } : {}) };
}

/** createIsRepeatedRunStart says of any request whether it starts a run that an earlier one started. */
export function createIsRepeatedRunStart({ isRunStarted }: Pick<RunRoutes, "isRunStarted">) {
  return async (request: FastifyRequest): Promise<boolean> => {
    const kind = RUN_KINDS.find((each) => request.routeOptions.url === `/admin/v1/${each}s`);
    return kind !== undefined && request.method === "POST" && isRunStarted(orderOf(kind, request));
  };
}

function addReadRoutes(app: HttpServer, kind: RunKind, { listRuns, readRun }: RunRoutes): void {
  const [name] = WORDS[kind];
  const list = describeRoute({
    tag: `${kind}s`,
    operationId: `list${name}s`,
    summary: `List runs of ${kind}s, the newest first`,
    querystring: pageSearchSchema,
    response: { 200: runListSchema },
  });
  app.get(`/admin/v1/${kind}s`, { schema: list }, async (request) => {
    const { items, ...page } = await listRuns(kind, request.query);
    return { items: items.map(runToJson), ...page };
  });

  const read = describeRoute({
    tag: `${kind}s`,
    operationId: `get${name}Run`,
    summary: "Read a run",
    refuses: ["not-found"],
    params: idParams,
    response: { 200: runSchema },
  });
  app.get(`/admin/v1/${kind}s/:id`, { schema: read }, async (request) =>
    runToJson(await readRun(kind, request.params.id)),
  );
}

function addItemsRoute(app: HttpServer, kind: RunKind, { listRunItems }: RunRoutes): void {
  const schema = describeRoute({
    tag: `${kind}s`,
    operationId: `list${WORDS[kind][0]}Items`,
    summary: "List what became of a run's dead letters, by connector, the oldest first",
    refuses: ["not-found"],
    params: idParams,
    querystring: runItemSearchSchema,
    response: { 200: runItemListSchema },
  });
  app.get(`/admin/v1/${kind}s/:id/items`, { schema }, async (request) => {
    const { id } = request.params;
    const { cursor, ...filter } = request.query;
    const { items, next } = await listRunItems(kind, id, {
      ...filter,
      ...(cursor === undefined ? {} : { from: readItemPosition(id, cursor) }),
    });
    const nextCursor =
      next === undefined ? {} : { nextCursor: encodeCursor([id, next.shard, next.connector, next.item]) };
    return { items: items.map(runItemToJson), ...nextCursor };
  });
}

function addChangeRoute(app: HttpServer, kind: RunKind, { changeRun }: RunRoutes): void {
  const [name] = WORDS[kind];
  const shared = {
    tag: `${kind}s`,
    refuses: ["not-found", "run-ended", "invalid-run"],
    params: idParams,
    response: { 200: runSchema },
  } as const;
  const options = { config: { problem: "invalid-run" } } as const;
  const rate = describeRoute({
    ...shared,
    operationId: `change${name}Run`,
    summary: "Give a run another rate",
    body: runPatchSchema,
  });
  app.patch(`/admin/v1/${kind}s/:id`, { ...options, schema: rate }, async (request) => {
    request.facts.runId = request.params.id;
    const change = { change: "rate", rate: request.body.ratePerSecond } as const;
    return runToJson(await changeRun(kind, request.params.id, change));
  });
  for (const { verb, summary, change } of STATE_CHANGES) {
    const schema = describeRoute({ ...shared, operationId: `${verb}${name}Run`, summary, body: runNoteSchema });
    app.post(`/admin/v1/${kind}s/:id/${verb}`, { ...options, schema }, async (request) => {
      request.facts.runId = request.params.id;
      return runToJson(await changeRun(kind, request.params.id, change));
    });
  }
}

const STATE_CHANGES: readonly { readonly verb: string; readonly summary: string; readonly change: RunChange }[] = [
  {
    verb: "pause",
    summary: "Take no further items until it is resumed; what is queued again goes on",
    change: { change: "pause", because: "operator" },
  },
  { verb: "resume", summary: "Go on with a paused run", change: { change: "resume" } },
  {
    verb: "cancel",
    summary: "Take no further items for good; what is queued again goes on",
    change: { change: "cancel" },
  },
];

function readItemPosition(run: string, cursor: string): ItemPosition {
  const [id, shard, connector, item, ...more] = decodeCursor(cursor);
  const isPlace = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0;
  if (id === run && isPlace(shard) && isPlace(connector) && isPlace(item) && more.length === 0)
    return { shard, connector, item };
  throw cursorOfOtherListRefusal();
}
