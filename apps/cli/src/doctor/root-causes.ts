/** Root causes: what is wrong by itself, and below each what follows from it. */
import type { CheckResult, CheckSection } from "./check-result.ts";

/** Finding is a check that is bad, as the report shows it. */
export interface Finding {
  readonly section: string;
  readonly what: string;
  readonly detail: string;
  readonly remedy: string;
}

/** RootCause is a finding that no other explains, with those that it explains. */
export interface RootCause extends Finding {
  readonly follows: readonly Finding[];
}

interface CheckFinding {
  readonly check: CheckResult;
  readonly finding: Finding;
}

/**
 * findRootCauses gives the cause that most follows from first; what explains nothing keeps the order in which it was
 * looked at.
 */
export function findRootCauses(sections: readonly CheckSection[]): readonly RootCause[] {
  const found = sections.flatMap(({ name, checks }) =>
    checks
      .filter(({ state }) => state === "bad")
      .map((check): CheckFinding => ({ check, finding: toFinding(name, check) })),
  );
  const roots = Map.groupBy(found, (each) => rootOf(each, found));
  return [...roots]
    .map(([root, all]) => ({
      ...root.finding,
      follows: all.filter((each) => each !== root).map(({ finding }) => finding),
    }))
    .toSorted((one, other) => other.follows.length - one.follows.length);
}

/**
 * rootOf goes from a finding to what explains it, and on from there. Of those that explain one another, the first is
 * taken.
 */
function rootOf(start: CheckFinding, found: readonly CheckFinding[]): CheckFinding {
  const passed = [start];
  for (let at = start; ; ) {
    const explained = explanationOf(at, found);
    if (explained === undefined) return at;
    if (passed.includes(explained)) return firstFoundOf(passed.slice(passed.indexOf(explained)), found);
    passed.push(explained);
    at = explained;
  }
}

function firstFoundOf(some: readonly CheckFinding[], found: readonly CheckFinding[]): CheckFinding {
  return found.find((each) => some.includes(each)) as CheckFinding;
}

function explanationOf({ check }: CheckFinding, found: readonly CheckFinding[]): CheckFinding | undefined {
  const names = check.follows ?? [];
  return names
    .map((name) => found.find((other) => other.check !== check && other.check.faults?.includes(name)))
    .find(Boolean);
}

function toFinding(section: string, { what, detail, remedy = "" }: CheckResult): Finding {
  return { section, what, detail, remedy };
}
