/** A cause in words: from what is known of it, or where only its fingerprint is at hand. */
import type { Cause, DeadReason, Page } from "../api/shapes.ts";
import { shortWait } from "../handoff/waiting.ts";
import { useLive } from "../live/use-live.ts";

const TITLES: Readonly<Record<DeadReason, string>> = {
  rejected: "CXone refused the contact or the parameters",
  expired: "Deadline passed",
  exhausted: "Attempts used up",
  unknown: "Sent, no trustworthy answer",
  credentials: "CXone refuses the connector's keys",
  configuration: "The settings lead to no CXone API",
};

/** reasonTitle says in words what a reason means. */
export function reasonTitle(reason: DeadReason): string {
  return TITLES[reason];
}

/** causeTitle adds what distinguishes a cause from others of its reason: status, wait, CXone's words. */
export function causeTitle({
  reason,
  waitingFor,
  httpStatus,
  detail,
}: Pick<Cause, "reason" | "waitingFor" | "httpStatus" | "detail">): string {
  const facts = [
    waitingFor === undefined ? "" : `waiting for ${shortWait(waitingFor)}`,
    httpStatus === undefined ? "" : String(httpStatus),
    detail,
  ].filter((fact) => fact !== "");
  return [TITLES[reason], ...facts].join(" · ");
}

/** They change rarely. Milliseconds. */
const INTERVAL_MS = 30_000;
/** As many as a page shows. Where there are more, the rest is shown by fingerprint. */
const MAX_CAUSES = 200;

/** useCauseTitle gives the fingerprint itself of a cause that has no dead letters any more. */
export function useCauseTitle(cause: string | undefined): string | undefined {
  const { result } = useLive<Page<Cause>>("/admin/v1/dead-letters/causes", {
    query: { limit: MAX_CAUSES },
    intervalMs: INTERVAL_MS,
    enabled: cause !== undefined,
  });
  const found = result.data?.items.find((each) => each.cause === cause);
  return found === undefined ? cause : `“${causeTitle(found)}”`;
}
