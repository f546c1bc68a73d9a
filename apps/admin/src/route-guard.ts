/** The guard in front of every route of the admin API. */
import { SESSION_COOKIE } from "@baton/api";
import { type AuditAction, Refusal } from "@baton/domain";
import { isRedisUnavailable } from "@baton/redis/connection";
import type { RefusalAuditSample, RefusalAuditSampler } from "@baton/registry/refusal-audit-sampler";
import { clientAddressOfRequest, type HttpServer } from "@baton/runtime";
import type { FastifyRequest } from "fastify";
import { buildAuditEntry } from "./audit-entry-of-request.ts";
import { type AuditDeps, addChangeAuditHooks } from "./audit-hooks.ts";
import type { Authenticate, Login } from "./authenticate-operator.ts";
import { refuseCrossSite } from "./cross-site.ts";
import { isRoleAtLeast, roleAndAuditActionOf } from "./route-permissions.ts";
import { needsNewerProcessOrMoreShards, queueUnavailableRefusal } from "./shared-refusals.ts";

/** SECRET begins every token and key; no id does. */
const SECRET = /^b[tkasc]_/;

/** GuardDeps is what stands in front of every route. */
export interface GuardDeps extends AuditDeps {
  readonly authenticate: Authenticate;
  /** Counts attempts that a role forbids. */
  readonly auditSampler: Pick<RefusalAuditSampler, "note">;
}

/**
 * guardAndAuditRoutes lets in keys with the role that a route asks for, before a body is read; writes every change down
 * before it is made; and answers 503 where Redis cannot be reached. It holds for the routes that are added to `scope`
 * from now on.
 */
export function guardAndAuditRoutes(scope: HttpServer, { authenticate, auditSampler, ...audit }: GuardDeps): void {
  // A route without a rule is a mistake of ours, and shows when the process starts.
  scope.addHook("onRoute", ({ method, url }) => {
    for (const each of [method].flat()) roleAndAuditActionOf(each, url);
  });
  addChangeAuditHooks(scope, audit);
  scope.addHook("onRequest", async (request) => {
    const actor = await authenticate(loginOf(request));
    if (isBySession(request)) refuseCrossSite(request);
    request.actor = actor;
    request.facts.actor = actor.id;
    refuseSecrets(request.params);
    const { role, action } = roleAndAuditActionOf(request.method, request.routeOptions.url ?? "");
    if (isRoleAtLeast(actor.role, role)) return;
    if (action !== undefined) auditSampler.note(sampleOfForbidden(action, request));
    throw new Refusal("forbidden", `this key's role is ${actor.role}; the route takes ${role}`);
  });
  addRedisUnavailableHandler(scope);
}

/** addRedisUnavailableHandler answers 503 where Redis cannot be reached. */
export function addRedisUnavailableHandler(scope: HttpServer): void {
  scope.setErrorHandler((error, { method }) => {
    // Thrown here, it reaches the server's own handler.
    if (!isRedisUnavailable(error) && !needsNewerProcessOrMoreShards(error)) throw error;
    throw queueUnavailableRefusal({ cause: error, changes: method !== "GET" && method !== "HEAD" });
  });
}

/** loginOf is what a request came with. */
function loginOf(request: FastifyRequest): Login {
  const { authorization } = request.headers;
  return { authorization, session: request.cookies[SESSION_COOKIE], address: clientAddressOfRequest(request) };
}

/** isBySession: a browser sends the cookie by itself; a key is sent by one who knows it. */
function isBySession({ headers }: FastifyRequest): boolean {
  return headers.authorization === undefined;
}

/** refuseSecrets keeps a token that was given whole, in place of its id, out of the audit, the log and the answer. */
function refuseSecrets(params: unknown): void {
  if (typeof params !== "object" || params === null) return;
  if (!Object.values(params).some((value) => typeof value === "string" && SECRET.test(value))) return;
  throw new Refusal(
    "not-found",
    "that is a secret and no id; the id of a token or key is what stands between its two underscores",
  );
}

/** sampleOfForbidden is counted for each key and kind of change: the holder of one could try without end. */
function sampleOfForbidden(action: AuditAction, request: FastifyRequest): RefusalAuditSample {
  const entry = buildAuditEntry(action, request);
  return {
    source: `${entry.actor.id} ${action}`,
    what: action,
    entry: { ...entry, outcome: "refused", problem: "forbidden" },
  };
}
