/** Where the admin API has runs. */
import type { RunKind } from "../api/answer-types.ts";

/** runsApiPath gives the path of all runs of a kind; one of them has its id behind it. */
export function runsApiPath(kind: RunKind): string {
  return kind === "replay" ? "/admin/v1/replays" : "/admin/v1/discards";
}
