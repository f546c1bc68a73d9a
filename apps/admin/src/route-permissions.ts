/** Which role each route takes, and what the audit calls it. */
import { type AuditAction, ROLES, type Role } from "@baton/domain";

/** RouteRule: `role` is the lowest that may call a route; `action` is what a change is called in the audit. */
interface RouteRule {
  readonly role: Role;
  readonly action?: AuditAction | null;
}

/** RouteRules: a route that changes something has an action, or does not compile; null says that it changes nothing. */
type RouteRules = Readonly<
  Record<`GET ${string}`, RouteRule> &
    Record<`${"POST" | "PATCH" | "DELETE"} ${string}`, RouteRule & { readonly action: AuditAction | null }>
>;

/** ROUTE_RULES: a route that is not in it cannot be added. */
const ROUTE_RULES: RouteRules = {
  "GET /admin/v1/overview": { role: "viewer" },
  "GET /admin/v1/series": { role: "viewer" },
  "GET /admin/v1/handoffs": { role: "viewer" },
  "GET /admin/v1/handoffs/:id": { role: "viewer" },
  "POST /admin/v1/handoffs/:id/cancel": { role: "operator", action: "handoff.cancel" },
  "GET /admin/v1/dead-letters": { role: "viewer" },
  "GET /admin/v1/dead-letters/causes": { role: "viewer" },
  "PATCH /admin/v1/dead-letters/causes/:id": { role: "operator", action: "cause.change" },
  "POST /admin/v1/dead-letters/:id/replay": { role: "operator", action: "dead-letter.replay" },
  "POST /admin/v1/dead-letters/:id/discard": { role: "operator", action: "dead-letter.discard" },
  "POST /admin/v1/replays": { role: "operator", action: "replays.start" },
  "GET /admin/v1/replays": { role: "viewer" },
  "GET /admin/v1/replays/:id": { role: "viewer" },
  "GET /admin/v1/replays/:id/items": { role: "viewer" },
  "PATCH /admin/v1/replays/:id": { role: "operator", action: "replays.change" },
  "POST /admin/v1/replays/:id/pause": { role: "operator", action: "replays.pause" },
  "POST /admin/v1/replays/:id/resume": { role: "operator", action: "replays.resume" },
  "POST /admin/v1/replays/:id/cancel": { role: "operator", action: "replays.cancel" },
  "POST /admin/v1/discards": { role: "operator", action: "discards.start" },
  "GET /admin/v1/discards": { role: "viewer" },
  "GET /admin/v1/discards/:id": { role: "viewer" },
  "GET /admin/v1/discards/:id/items": { role: "viewer" },
  "PATCH /admin/v1/discards/:id": { role: "operator", action: "discards.change" },
  "POST /admin/v1/discards/:id/pause": { role: "operator", action: "discards.pause" },
  "POST /admin/v1/discards/:id/resume": { role: "operator", action: "discards.resume" },
  "POST /admin/v1/discards/:id/cancel": { role: "operator", action: "discards.cancel" },
  "GET /admin/v1/connectors": { role: "viewer" },
  "GET /admin/v1/connectors/:id": { role: "viewer" },
  "POST /admin/v1/connectors": { role: "admin", action: "connector.create" },
  "PATCH /admin/v1/connectors/:id": { role: "admin", action: "connector.change" },
  "DELETE /admin/v1/connectors/:id": { role: "admin", action: "connector.delete" },
  "POST /admin/v1/connectors/:id/pause": { role: "operator", action: "connector.pause" },
  "POST /admin/v1/connectors/:id/resume": { role: "operator", action: "connector.resume" },
  "POST /admin/v1/connectors/:id/verify": { role: "operator", action: "connector.verify" },
  "POST /admin/v1/connectors/:id/tokens": { role: "admin", action: "token.issue" },
  "GET /admin/v1/connectors/:id/tokens": { role: "viewer" },
  "DELETE /admin/v1/connectors/:id/tokens/:tokenId": { role: "admin", action: "token.revoke" },
  "POST /admin/v1/connectors/:id/screen-pop-keys": { role: "admin", action: "screen-pop-key.issue" },
  "GET /admin/v1/connectors/:id/screen-pop-keys": { role: "viewer" },
  "DELETE /admin/v1/connectors/:id/screen-pop-keys/:tokenId": { role: "admin", action: "screen-pop-key.revoke" },
  "POST /admin/v1/explain": { role: "viewer", action: null },
  "POST /admin/v1/pause": { role: "operator", action: "everything.pause" },
  "POST /admin/v1/resume": { role: "operator", action: "everything.resume" },
  "POST /admin/v1/keys": { role: "admin", action: "admin-key.issue" },
  "GET /admin/v1/keys": { role: "viewer" },
  "DELETE /admin/v1/keys/:id": { role: "admin", action: "admin-key.revoke" },
  "GET /admin/v1/audit": { role: "viewer" },
};

/** roleAndAuditActionOf gives a route's rule, by method and pattern. Throws for a route that has none. */
export function roleAndAuditActionOf(method: string, pattern: string): { role: Role; action: AuditAction | undefined } {
  const rules: Readonly<Record<string, RouteRule>> = ROUTE_RULES;
  const rule = rules[`${method === "HEAD" ? "GET" : method} ${pattern}`];
  if (rule === undefined) throw new Error(`${method} ${pattern} has no role; give it one in ROUTE_RULES`);
  return { role: rule.role, action: rule.action ?? undefined };
}

/** isRoleAtLeast says whether `role` reaches up to `needed`. */
export function isRoleAtLeast(role: Role, needed: Role): boolean {
  return ROLES.indexOf(role) >= ROLES.indexOf(needed);
}
