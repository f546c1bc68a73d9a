/**
 * The admin keys, page by page: never their secrets. BATON_ADMIN_KEY is not among them: it is nobody's to take away.
 */
import type { ListedAdminKey } from "@baton/store";
import { cutPage, newestFirst, type Position } from "./position.ts";

interface Deps {
  readonly keys: { keys(): Promise<readonly ListedAdminKey[]> };
}

/** ListKeys gives a page, the newest first. */
export type ListKeys = (page: {
  readonly cursor?: string;
  readonly limit: number;
}) => Promise<{ readonly items: readonly ListedAdminKey[]; readonly next?: Position }>;

/** createListKeys reads them all: there are as many as operators. */
export function createListKeys({ keys }: Deps): ListKeys {
  return async (page) => {
    const all = (await keys.keys()).toSorted((a, b) => newestFirst(positionOf(a), positionOf(b)));
    return cutPage(all, { positionOf, compare: newestFirst }, page);
  };
}

function positionOf({ id, createdAt }: ListedAdminKey): Position {
  return { score: createdAt, member: id };
}
