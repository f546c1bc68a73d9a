/** Admin keys, and the roles that say what each may do. */

/** ROLES from the least to the most: each may do what those before it may. */
export const ROLES = ["viewer", "operator", "admin"] as const;
/** Role of an admin key. */
export type Role = (typeof ROLES)[number];

/** isRole says whether a text names a role. */
export function isRole(text: string): text is Role {
  return ROLES.some((role) => role === text);
}

/**
 * AdminKey is what is known of an admin key besides its secret. Instants are epoch milliseconds; `lastUsedAt` lags by a
 * minute at most.
 */
export interface AdminKey {
  readonly id: string;
  readonly name: string;
  readonly role: Role;
  readonly createdAt: number;
  readonly lastUsedAt?: number;
  readonly expiresAt?: number;
}
