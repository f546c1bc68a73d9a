import type { RunKind } from "../api/shapes.ts";

/** pathOf is where the API has runs of a kind. */
export function pathOf(kind: RunKind): string {
  return kind === "replay" ? "/admin/v1/replays" : "/admin/v1/discards";
}
