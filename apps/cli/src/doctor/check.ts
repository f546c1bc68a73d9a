/** Checks: what the doctor looked at, how it is, and what to do about it. */
import { ProblemError } from "@baton/api";
import { explain } from "../exit-code.ts";

/** Check is one thing looked at. `unseen` is what could not be looked at from here: neither good nor bad. */
export interface Check {
  readonly what: string;
  readonly state: "good" | "bad" | "unseen";
  readonly detail: string;
  /** What to do; with every check that is bad. */
  readonly remedy?: string;
}

/** Section is what was looked at together. */
export interface Section {
  readonly name: string;
  readonly checks: readonly Check[];
}

/** good is a check that found nothing. */
export function good(what: string, detail: string): Check {
  return { what, state: "good", detail };
}

/** bad is a finding. */
export function bad(what: string, detail: string, remedy: string): Check {
  return { what, state: "bad", detail, remedy };
}

/** unseen says why something could not be looked at. */
export function unseen(what: string, detail: string): Check {
  return { what, state: "unseen", detail };
}

/** refused is a check that ended in an error: no section keeps another from being looked at. */
export function refused(what: string, error: unknown): Check {
  const detail = (explain(error) ?? String(error)).replaceAll(/\s*\n\s*/g, "; ");
  const isRole = error instanceof ProblemError && error.status === 403;
  return isRole ? unseen(what, detail) : bad(what, detail, "Look at the other findings first: this may be of the same cause.");
}
