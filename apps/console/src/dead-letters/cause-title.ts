/** A cause in words: from what is known of it, or where only its fingerprint is at hand. */
import type { Cause, DeadReason, ListPage } from "../api/answer-types.ts";
import { shortWaitingReason } from "../handoff/waiting-reason.ts";
import { useLiveQuery } from "../live/use-live-query.ts";

const TITLES: Readonly<Record<DeadReason, string>> = {
  rejected: "CXone refused the contact or the parameters",
  expired: "Deadline passed",
  exhausted: "Attempts used up",
  unknown: "Sent, no trustworthy answer",
  credentials: "CXone refuses the connector's keys",
  configuration: "The settings lead to no CXone API",
};

/** deadReasonTitle says in words what a reason means. */
export function deadReasonTitle(reason: DeadReason): string {
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
    waitingFor === undefined ? "" : `waiting for ${shortWaitingReason(waitingFor)}`,
    httpStatus === undefined ? "" : String(httpStatus),
    detail,
  ].filter((fact) => fact !== "");
  return [TITLES[reason], ...facts].join(" · ");
}

/** They change rarely. Milliseconds. */
const INTERVAL_MS = 30_000;
/** As many as a page shows. Where there are more, the rest is shown by fingerprint. */
const MAX_CAUSES = 200;

/** useCauseTitleByFingerprint gives the fingerprint itself of a cause that has no dead letters any more. */
export function useCauseTitleByFingerprint(cause: string | undefined): string | undefined {
  const { result } = useLiveQuery<ListPage<Cause>>("/admin/v1/dead-letters/causes", {
    query: { limit: MAX_CAUSES },
    intervalMs: INTERVAL_MS,
    enabled: cause !== undefined,
  });
  const found = result.data?.items.find((each) => each.cause === cause);
  return found === undefined ? cause : `“${causeTitle(found)}”`;
}
