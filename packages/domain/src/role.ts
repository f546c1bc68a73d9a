/** Roles: what each kind of admin key may do. */

/** ROLES from the least to the most: each may do what those before it may. */
export const ROLES = ["viewer", "operator", "admin"] as const;
/** Role of an admin key. */
export type Role = (typeof ROLES)[number];

/** isRole says whether a text names a role. */
export function isRole(text: string): text is Role {
  return ROLES.some((role) => role === text);
}
