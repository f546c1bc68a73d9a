import stringWidth from "string-width";
import { expect, it } from "vitest";
import { type CheckResult, FAULT, failCheck, passCheck, skipCheck } from "./check-result.ts";
import { formatDoctorReport } from "./format-doctor-report.ts";
import { findRootCauses } from "./root-causes.ts";

function describe(checks: readonly CheckResult[], width?: number): readonly string[] {
  const sections = [{ name: "connectors", checks }];
  const findings = checks.filter(({ state }) => state === "bad").length;
  return formatDoctorReport({ sections, rootCauses: findRootCauses(sections), findings, faults: 0 }, width).split("\n");
}

const LONG =
  "the way to CXone ends at a firewall that was put there in the night without a word to the team, and that lets nothing through";
const outage = failCheck("all clients", LONG, "Ask the firewall's operators.", {
  faults: [FAULT.clients],
});
const follower = (name: string) => failCheck(name, LONG, "See above.", { follows: [FAULT.clients] });

it("shows the cause first and what follows indented below it, then all that was looked at", () => {
  expect(
    describe([passCheck("Acme", "well"), outage, follower("Birch"), skipCheck("Cedar", "it is disabled")]),
  ).toEqual([
    "1. all clients: the way to CXone ends at a firewall that was put there in the night without a",
    "   word to the team, and that lets nothing through",
    "   Ask the firewall's operators.",
    "   From it follows:",
    "   - Birch: the way to CXone ends at a firewall that was put there in the night without a word to",
    "     the team, and that lets nothing through",
    "",
    "SECTION               WHAT         DETAIL",
    "connectors  good      Acme         well",
    "            BAD       all clients  see 1",
    "            BAD       Birch        see 1",
    "            not seen  Cedar        it is disabled",
    "",
    "2 findings, 1 cause; 1 could not be looked at from here.",
  ]);
});

it.each([undefined, 300, 100, 60])("stays within 100 columns, and within a terminal of %s", (width) => {
  const lines = describe([outage, follower("受付センター大阪".repeat(9)), passCheck("Acme", LONG)], width);
  expect(Math.max(...lines.map((line) => stringWidth(line)))).toBeLessThanOrEqual(Math.min(width ?? 100, 100));
});

it("shows ten of many that follow, and how many more there are", () => {
  const lines = describe([outage, ...Array.from({ length: 30 }, (_, index) => follower(`client ${index}`))]);
  expect(lines.filter((line) => line.startsWith("   - client "))).toHaveLength(10);
  expect(lines).toContain("   - and 20 more");
});

it("says that nothing is wrong", () => {
  expect(describe([passCheck("Acme", "well")]).at(-1)).toBe("Nothing is wrong.");
});
