/** Where the admin API has runs. */
import type { RunKind } from "../api/answer-types.ts";

/** apiPathOfRunKind gives the path of all runs of a kind; one of them has its id behind it. */
export function apiPathOfRunKind(kind: RunKind): string {
  return kind === "replay" ? "/admin/v1/replays" : "/admin/v1/discards";
}
