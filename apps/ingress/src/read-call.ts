/** Reading a call: a connector sees only its own. */
import { Refusal } from "@baton/domain";
import type { FoundCall, StoredCall } from "@baton/store";
import { inTime } from "./in-time.ts";

interface Deps {
  readonly calls: { call(id: string): Promise<FoundCall | undefined> };
}

/** MAX_SHOWN characters of what somebody sent as an id are repeated; every id of ours is shorter. */
const MAX_SHOWN = 64;

/** ReadCall throws Refusal `not-found` alike for a call that is another's and for one that nobody has. */
export type ReadCall = (connectorId: string, id: string, answerBy: number) => Promise<StoredCall>;

export function createReadCall({ calls }: Deps): ReadCall {
  return async (connectorId, id, answerBy) => {
    const found = await inTime(calls.call(id), answerBy);
    if (found?.call.connectorId !== connectorId) throw new Refusal("not-found", `this connector has no call ${id.slice(0, MAX_SHOWN)}`);
    return found.call;
  };
}
