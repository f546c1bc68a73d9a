import { oneOf, searchOf, text } from "../api/search.ts";

export const ITEM_RESULTS = ["waiting", "replayed", "delivered", "died-again", "discarded", "skipped"] as const;

/** runListSearch is the address of the runs. */
export const runListSearch = searchOf({ kind: oneOf(["replay", "discard"]), cursor: text });
/** runItemSearch is the address of a run's page. */
export const runItemSearch = searchOf({ result: oneOf(ITEM_RESULTS), cursor: text });
