/** Admin keys: issue, list, revoke. Only a hash is kept; the secret is shown once. */
import type { AdminKeyBody, Page } from "@baton/api";
import { type AdminKey, Refusal } from "@baton/domain";
import type { AdminKeyStore } from "@baton/registry/admin-key-store";
import { createToken } from "@baton/vault";
import { FIRST_KEY } from "./authenticate-operator.ts";
import { type Cursor, compareNewestFirst, type PageRequest, sortAndCutPage } from "./cursor-pagination.ts";
import { notFoundRefusal } from "./shared-refusals.ts";

interface Deps {
  readonly keys: Pick<AdminKeyStore, "issue" | "keys" | "revoke">;
  readonly heartbeat: { send(): Promise<void> };
  /** Epoch milliseconds on Redis's clock. */
  readonly now: () => number;
}

/** IssuedKey holds the whole key, this once. */
interface IssuedKey extends AdminKey {
  readonly token: string;
}

export interface AdminKeyUseCases {
  /** Throws Refusal `invalid-request` for a key that would have ended already. */
  issueKey(body: AdminKeyBody): Promise<IssuedKey>;
  /** Gives a page, the newest first. */
  listKeys(page: PageRequest): Promise<Page<AdminKey>>;
  /** Throws Refusal `not-found`, also for the first key: it still works when all others are revoked. */
  revokeKey(id: string): Promise<void>;
}

/** createAdminKeyUseCases makes secrets here, and hands on their hashes alone. */
export function createAdminKeyUseCases({ keys, heartbeat, now }: Deps): AdminKeyUseCases {
  return {
    async issueKey(body) {
      if (body.expiresAt !== undefined && body.expiresAt <= now()) {
        const errors = [{ pointer: "/expiresAt", message: "send an instant in the future, or leave it out" }];
        throw new Refusal("invalid-request", "the key would have ended already", { errors });
      }
      const { id, token, hash } = createToken("ba");
      const { createdAt } = await keys.issue({ ...body, id, hash });
      return { ...body, id, token, createdAt };
    },
    // All are read: there are as many as operators.
    listKeys: async (page) =>
      sortAndCutPage(await keys.keys(), { list: "keys", cursorOf, compare: compareNewestFirst }, page),
    async revokeKey(id) {
      if (id === FIRST_KEY.id)
        throw new Refusal("not-found", `${id} comes from admin's environment, and ends where it is changed there`);
      if (!(await keys.revoke(id))) throw notFoundRefusal("admin key", id);
      // This process forgets the key without waiting for its heartbeat.
      await heartbeat.send();
    },
  };
}

function cursorOf({ id, createdAt }: AdminKey): Cursor {
  return { score: createdAt, member: id };
}
