/** Checks: what the doctor looked at, how it is, and what to do about it. */
import { ProblemError } from "@baton/api";
import { describeError } from "../command-errors.ts";

/** CheckResult is one thing looked at. `unseen` is what could not be looked at from here: neither good nor bad. */
export interface CheckResult extends FaultLinks {
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
  readonly checks: readonly CheckResult[];
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

/** passCheck says of what was looked at that it is good. */
export function passCheck(what: string, detail: string): CheckResult {
  return { what, state: "good", detail };
}

/** failCheck says of what was looked at what is wrong with it, and what to do. */
export function failCheck(what: string, detail: string, remedy: string, ties: FaultLinks = {}): CheckResult {
  return { what, state: "bad", detail, remedy, ...ties };
}

/** skipCheck says why something could not be looked at. */
export function skipCheck(what: string, detail: string): CheckResult {
  return { what, state: "unseen", detail };
}

/** checkOfError stands for a check that threw: no section keeps another from being looked at. */
export function checkOfError(what: string, error: unknown): CheckResult {
  const detail = (describeError(error) ?? String(error)).replaceAll(/\s*\n\s*/g, "; ");
  const isRole = error instanceof ProblemError && error.status === 403;
  if (isRole) return skipCheck(what, detail);
  return failCheck(what, detail, "Look at the other findings first: this may be of the same cause.", {
    follows: [FAULT.redis, FAULT.settings],
  });
}
