/** Which role each route takes (contract.md §4). */
import { ROLES, type Role } from "@baton/domain";

/** ROUTE_ROLES is the lowest role that may call each route. A route that is not in it cannot be added. */
const ROUTE_ROLES: Readonly<Record<string, Role>> = {
  "GET /admin/v1/overview": "viewer",
  "GET /admin/v1/handoffs": "viewer",
  "GET /admin/v1/handoffs/:id": "viewer",
  "POST /admin/v1/handoffs/:id/cancel": "operator",
  "GET /admin/v1/dead-letters": "viewer",
  "GET /admin/v1/dead-letters/causes": "viewer",
  "POST /admin/v1/dead-letters/:id/replay": "operator",
  "POST /admin/v1/dead-letters/:id/discard": "operator",
  "GET /admin/v1/connectors": "viewer",
  "GET /admin/v1/connectors/:id": "viewer",
  "POST /admin/v1/connectors": "admin",
  "PATCH /admin/v1/connectors/:id": "admin",
  "DELETE /admin/v1/connectors/:id": "admin",
  "POST /admin/v1/connectors/:id/pause": "operator",
  "POST /admin/v1/connectors/:id/resume": "operator",
  "POST /admin/v1/connectors/:id/verify": "operator",
  "POST /admin/v1/connectors/:id/tokens": "admin",
  "GET /admin/v1/connectors/:id/tokens": "viewer",
  "DELETE /admin/v1/connectors/:id/tokens/:tokenId": "admin",
  "POST /admin/v1/connectors/:id/screen-pop-keys": "admin",
  "GET /admin/v1/connectors/:id/screen-pop-keys": "viewer",
  "DELETE /admin/v1/connectors/:id/screen-pop-keys/:tokenId": "admin",
  "POST /admin/v1/pause": "operator",
  "POST /admin/v1/resume": "operator",
  "POST /admin/v1/keys": "admin",
  "GET /admin/v1/keys": "viewer",
  "DELETE /admin/v1/keys/:id": "admin",
};

/** roleFor gives the lowest role that may call a route, by method and pattern. Throws for a route that has none. */
export function roleFor(method: string, pattern: string): Role {
  const role = ROUTE_ROLES[`${method === "HEAD" ? "GET" : method} ${pattern}`];
  if (role === undefined) throw new Error(`${method} ${pattern} has no role; give it one in ROUTE_ROLES`);
  return role;
}

/** allows says whether `role` reaches up to `needed`. */
export function allows(role: Role, needed: Role): boolean {
  return ROLES.indexOf(role) >= ROLES.indexOf(needed);
}
