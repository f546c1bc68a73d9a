/** The guard in front of every route of the admin API. */
import { Refusal } from "@baton/domain";
import type { HttpServer } from "@baton/runtime";
import { isUnavailable, NewerRecord } from "@baton/store";
import type { Authenticate } from "./authenticate.ts";
import { allows, roleFor } from "./roles.ts";

/** RETRY_AFTER_MS: Redis is back within a second or two after a restart or a failover, mostly. */
const RETRY_AFTER_MS = 1_000;

/**
 * guardRoutes lets in whoever's key has the role that a route asks for, before a body is read, and answers 503 where Redis
 * cannot be reached. It holds for the routes that are added to `scope` from now on.
 */
export function guardRoutes(scope: HttpServer, authenticate: Authenticate): void {
  // A route without a role is a mistake of ours, and shows when the process starts.
  scope.addHook("onRoute", ({ method, url }) => {
    for (const each of [method].flat()) roleFor(each, url);
  });
  scope.addHook("onRequest", async (request) => {
    const actor = await authenticate({ authorization: request.headers.authorization });
    request.facts.actor = actor.id;
    const needed = roleFor(request.method, request.routeOptions.url ?? "");
    if (!allows(actor.role, needed)) throw new Refusal("forbidden", `this key's role is ${actor.role}; the route takes ${needed}`);
  });
  scope.setErrorHandler((error) => {
    // Thrown here, it reaches the server's own handler.
    throw isUnavailable(error) || error instanceof NewerRecord ? unavailable(error) : error;
  });
}

/** unavailable is told when Redis cannot be reached, or its answer came too late to be trusted. */
export function unavailable(cause?: unknown): Refusal {
  const lost = "the queue cannot be reached; what was asked for may not have been done, so look again";
  const detail = cause instanceof NewerRecord ? cause.message : lost;
  return new Refusal("queue-unavailable", detail, { retryAfterMs: RETRY_AFTER_MS, cause });
}
