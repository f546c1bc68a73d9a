/** Admin keys: issue, list, revoke. Only a hash is kept; the secret is shown once. */
import type { AdminKeyBody, Page } from "@baton/api";
import { type AdminKey, Refusal } from "@baton/domain";
import type { NewAdminKey } from "@baton/registry/admin-key-store";
import { createToken } from "@baton/vault";
import { FIRST_KEY } from "./authenticate-operator.ts";
import { type Cursor, compareNewestFirst, cutPageFromSortedItems } from "./cursor-pagination.ts";
import { notFoundRefusal } from "./shared-refusals.ts";

interface IssueDeps {
  readonly keys: { issue(key: NewAdminKey): Promise<{ readonly createdAt: number }> };
  /** Epoch milliseconds on Redis's clock. */
  readonly now: () => number;
}

/** IssuedKey holds the whole key, this once. */
interface IssuedKey extends AdminKey {
  readonly token: string;
}

/** IssueAdminKey throws Refusal `invalid-request` for a key that would have ended already. */
export type IssueAdminKey = (body: AdminKeyBody) => Promise<IssuedKey>;

/** createIssueAdminKey makes the secret here, and hands on its hash alone. */
export function createIssueAdminKey({ keys, now }: IssueDeps): IssueAdminKey {
  return async (body) => {
    if (body.expiresAt !== undefined && body.expiresAt <= now()) {
      const errors = [{ pointer: "/expiresAt", message: "send an instant in the future, or leave it out" }];
      throw new Refusal("invalid-request", "the key would have ended already", { errors });
    }
    const { id, token, hash } = createToken("ba");
    const { createdAt } = await keys.issue({ ...body, id, hash });
    return { ...body, id, token, createdAt };
  };
}

interface ListDeps {
  readonly keys: { keys(): Promise<readonly AdminKey[]> };
}

/** ListAdminKeys gives a page, the newest first. */
export type ListAdminKeys = (page: { readonly cursor?: string; readonly limit: number }) => Promise<Page<AdminKey>>;

/** createListAdminKeys reads them all: there are as many as operators. */
export function createListAdminKeys({ keys }: ListDeps): ListAdminKeys {
  return async (page) => {
    const all = (await keys.keys()).toSorted((a, b) => compareNewestFirst(cursorOf(a), cursorOf(b)));
    return cutPageFromSortedItems(all, { list: "keys", cursorOf, compare: compareNewestFirst }, page);
  };
}

function cursorOf({ id, createdAt }: AdminKey): Cursor {
  return { score: createdAt, member: id };
}

interface RevokeDeps {
  readonly keys: { revoke(id: string): Promise<boolean> };
  readonly heartbeat: { send(): Promise<void> };
}

/**
 * RevokeAdminKey throws Refusal `not-found`, also for the first key: it still works when all others are revoked.
 */
export type RevokeAdminKey = (id: string) => Promise<void>;

/**
 * createRevokeAdminKey sends a heartbeat at once, so that this process forgets the key without waiting for its
 * heartbeat.
 */
export function createRevokeAdminKey({ keys, heartbeat }: RevokeDeps): RevokeAdminKey {
  return async (id) => {
    if (id === FIRST_KEY.id)
      throw new Refusal("not-found", `${id} comes from admin's environment, and ends where it is changed there`);
    if (!(await keys.revoke(id))) throw notFoundRefusal("admin key", id);
    await heartbeat.send();
  };
}
