/** Issuing an admin key: only its hash is kept, the secret is shown once. */
import type { AdminKeyBody, AdminKeyEntry } from "@baton/api";
import { Refusal } from "@baton/domain";
import type { NewAdminKey } from "@baton/store";
import { createToken } from "@baton/vault";

interface Deps {
  readonly keys: { issue(key: NewAdminKey): Promise<{ readonly createdAt: number }> };
  /** Epoch milliseconds on Redis's clock. */
  readonly now: () => number;
}

/** IssuedKey holds the whole key, this once. */
interface IssuedKey extends AdminKeyEntry {
  readonly token: string;
}

/** IssueKey throws Refusal `invalid-request` for a key that would have ended already. */
export type IssueKey = (body: AdminKeyBody) => Promise<IssuedKey>;

/** createIssueKey makes the secret here, and hands on its hash alone. */
export function createIssueKey({ keys, now }: Deps): IssueKey {
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
