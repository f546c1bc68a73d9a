/** Revoking an admin key: at once here, within 2 s everywhere. */
import { Refusal } from "@baton/domain";
import { FIRST_KEY } from "./authenticate.ts";
import { notFound } from "./not-found.ts";

interface Deps {
  readonly keys: { revoke(id: string): Promise<boolean> };
  readonly pulse: { beat(): Promise<void> };
}

/**
 * RevokeKey throws Refusal `not-found`, also for the first key: whoever revokes all others can still get in with that
 * one.
 */
export type RevokeKey = (id: string) => Promise<void>;

/** createRevokeKey beats at once, so that this process forgets the key without waiting for its pulse. */
export function createRevokeKey({ keys, pulse }: Deps): RevokeKey {
  return async (id) => {
    if (id === FIRST_KEY.id)
      throw new Refusal("not-found", `${id} comes from admin's environment, and ends where it is changed there`);
    if (!(await keys.revoke(id))) throw notFound("admin key", id);
    await pulse.beat();
  };
}
