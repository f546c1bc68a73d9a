/** A cause in words. */
import type { Cause, DeadReason } from "../api/shapes.ts";
import { shortWait } from "../handoff/waiting.ts";

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
