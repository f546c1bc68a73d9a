/** Checks: what the doctor looked at, how it is, and what to do about it. */
import { ProblemError } from "@baton/api";
import { describeError } from "../command-errors.ts";

/** Check is one thing looked at. `unseen` is what could not be looked at from here: neither good nor bad. */
export interface Check extends FaultLinks {
  readonly what: string;
  readonly state: "good" | "bad" | "unseen";
  readonly detail: string;
  /** What to do; with every check that is bad. */
  readonly remedy?: string;
}

/**
 * FaultLinks join findings: `faults` names what is at fault in this one, `follows` the faults that would explain it,
 * the likeliest first.
 */
export interface FaultLinks {
  readonly faults?: readonly string[];
  readonly follows?: readonly string[];
}

/** CheckSection is what was looked at together. */
export interface CheckSection {
  readonly name: string;
  readonly checks: readonly Check[];
}

/** FAULT names what may be at fault. */
export const FAULT = {
  redis: "redis",
  settings: "redis settings",
  clock: "clock",
  /** Who answers for the operators. */
  admin: "admin",
  workers: "no workers",
  stopped: "everything is paused",
  /** All clients' way fails alike; and it does so because CXone, or the way there, is out. */
  clients: "all clients",
  outage: "CXone is out for all",
  /**
   * Of one key: processes lack it. Of one connector: its pause, its way to CXone, its breaker, and keys that workers or
   * admin lack for it.
   */
  ring: (keyId: string) => `rings without ${keyId}`,
  paused: (connectorId: string) => `paused ${connectorId}`,
  way: (connectorId: string) => `way of ${connectorId}`,
  outageOf: (connectorId: string) => `CXone is out for ${connectorId}`,
  breaker: (connectorId: string) => `breaker of ${connectorId}`,
  workerKeys: (connectorId: string) => `worker's keys for ${connectorId}`,
  adminKeys: (connectorId: string) => `admin's keys for ${connectorId}`,
} as const;

/** createPassedCheck makes a check that found nothing. */
export function createPassedCheck(what: string, detail: string): Check {
  return { what, state: "good", detail };
}

/** createFaultCheck makes a finding. */
export function createFaultCheck(what: string, detail: string, remedy: string, ties: FaultLinks = {}): Check {
  return { what, state: "bad", detail, remedy, ...ties };
}

/** createSkippedCheck makes a check that says why something could not be looked at. */
export function createSkippedCheck(what: string, detail: string): Check {
  return { what, state: "unseen", detail };
}

/** createErrorCheck makes a check that ended in an error: no section keeps another from being looked at. */
export function createErrorCheck(what: string, error: unknown): Check {
  const detail = (describeError(error) ?? String(error)).replaceAll(/\s*\n\s*/g, "; ");
  const isRole = error instanceof ProblemError && error.status === 403;
  if (isRole) return createSkippedCheck(what, detail);
  return createFaultCheck(what, detail, "Look at the other findings first: this may be of the same cause.", {
    follows: [FAULT.redis, FAULT.settings],
  });
}
