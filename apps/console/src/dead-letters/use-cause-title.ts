/** What a cause is in words, where only its fingerprint is at hand. */
import type { Cause, Page } from "../api/shapes.ts";
import { useLive } from "../live/use-live.ts";
import { causeTitle } from "./cause-title.ts";

/** They change rarely. Milliseconds. */
const EVERY_MS = 30_000;
/** As many as a page shows. Where there are more, the rest is shown by fingerprint. */
const MOST = 200;

/** useCauseTitle gives the fingerprint itself of a cause that has no dead letters any more. */
export function useCauseTitle(cause: string | undefined): string | undefined {
  const { result } = useLive<Page<Cause>>("/admin/v1/dead-letters/causes", {
    query: { limit: MOST },
    everyMs: EVERY_MS,
    enabled: cause !== undefined,
  });
  const found = result.data?.items.find((each) => each.cause === cause);
  return found === undefined ? cause : `“${causeTitle(found)}”`;
}
