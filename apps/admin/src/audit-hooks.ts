/** The audit: each change is written down before it is made, and how it ended before it is answered. */
import { PROBLEMS } from "@baton/domain";
import type { AuditEnd, AuditStore } from "@baton/registry/audit-store";
import type { HttpServer } from "@baton/runtime";
import type { FastifyRequest } from "fastify";
import { buildAuditEntry, isChangingRequest } from "./audit-entry-of-request.ts";
import type { Actor } from "./authenticate-operator.ts";
import { roleAndAuditActionOf } from "./route-permissions.ts";
import { COMMAND_DEADLINE_MS } from "./shared-refusals.ts";

declare module "fastify" {
  interface FastifyRequest {
    /** Set by the guard, before any body is read. */
    actor: Actor | null;
    /** The entry that says what this request is about to change. */
    auditId: string | null;
  }
}

/** AuditDeps is what changes are written down with. */
export interface AuditDeps {
  readonly audit: Pick<AuditStore, "write" | "settle">;
  /** Says whether a request repeats one under the same Idempotency-Key: it changes nothing, and is no entry. */
  readonly isRepeated: (request: FastifyRequest) => Promise<boolean>;
  /** Epoch milliseconds on Redis's clock. */
  readonly now: () => number;
}

/**
 * addChangeAuditHooks holds for the routes that are added to `scope` from now on.
 *
 * Where the entry cannot be written, nothing is changed, and the caller is answered 503. Where its end cannot be, it
 * says `unknown`, as it does when the process dies in between.
 */
export function addChangeAuditHooks(scope: HttpServer, { audit, isRepeated, now }: AuditDeps): void {
  scope.decorateRequest("actor", null);
  scope.decorateRequest("auditId", null);
  // Here the body is known to be one that the route takes: what was not understood changes nothing.
  scope.addHook("preHandler", async (request) => {
    const { action } = roleAndAuditActionOf(request.method, request.routeOptions.url ?? "");
    if (action === undefined || !isChangingRequest(action, request) || (await isRepeated(request))) return;
    request.auditId = await audit.write(buildAuditEntry(action, request), now() + COMMAND_DEADLINE_MS);
  });
  scope.addHook("onSend", async (request, reply) => {
    const end = endOf(request, reply.statusCode);
    if (request.auditId === null || end === undefined) return;
    await audit.settle(request.auditId, end).catch((error: unknown) => {
      request.facts.auditLeftOpen = error;
    });
  });
}

/** endOf gives nothing for what failed: it may have changed something nevertheless. */
function endOf({ facts }: FastifyRequest, status: number): AuditEnd | undefined {
  if (status >= PROBLEMS.internal.status) return undefined;
  const { problem, connectorId, keyId, tokenId, handoffId, runId } = facts;
  const targetId = [handoffId, runId, tokenId, keyId, connectorId].find((id) => typeof id === "string");
  return {
    outcome: typeof problem === "string" ? "refused" : "done",
    ...(typeof problem === "string" ? { problem } : {}),
    ...(typeof targetId === "string" ? { targetId } : {}),
    ...(typeof connectorId === "string" ? { connectorId } : {}),
  };
}
