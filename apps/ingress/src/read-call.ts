/** Reading a call: a connector sees only its own. */
import type { FoundCall, StoredCall } from "@baton/store";
import { inTime } from "./in-time.ts";
import { notFound } from "./not-found.ts";

interface Deps {
  readonly calls: { call(id: string): Promise<FoundCall | undefined> };
}

/** ReadCall throws Refusal `not-found` alike for a call that is another's and for one that nobody has. */
export type ReadCall = (connectorId: string, id: string, answerBy: number) => Promise<StoredCall>;

/** createReadCall asks Redis each time: no process remembers a call. */
export function createReadCall({ calls }: Deps): ReadCall {
  return async (connectorId, id, answerBy) => {
    const found = await inTime(calls.call(id), answerBy);
    if (found?.call.connectorId !== connectorId) throw notFound("call", id);
    return found.call;
  };
}
