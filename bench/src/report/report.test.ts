import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { readMachine } from "./machine.ts";
import { writeReport } from "./report.ts";

const README =
  "# Baton\n\n<!-- written by npm run bench -->\nold\n<!-- end of what npm run bench wrote -->\n\n## Contributing\n";

function setup(readme = README) {
  const root = mkdtempSync(join(tmpdir(), "baton-report-"));
  onTestFinished(() => rmSync(root, { recursive: true }));
  mkdirSync(join(root, "docs"));
  writeFileSync(join(root, "README.md"), readme);
  const section = {
    title: "Speed",
    text: "All of it.",
    targets: [
      { what: "fast", asked: "≤ 1×", measured: "0.50×", met: true },
      { what: "small", asked: "≤ 1×", measured: "2.00×", met: false },
    ],
    faults: ["one was lost"],
    figures: {},
  };
  const kept = [
    { at: "2026-11-23T12:00:00.000Z", commit: "abc1234", turns: 5, seconds: 8, machine: readMachine(), section },
  ];
  return { root, kept, read: (path: string) => readFileSync(join(root, path), "utf8") };
}

it("writes the page, with machine, versions, commit, targets met and missed, and void runs", () => {
  const { root, kept, read } = setup();
  writeReport(root, kept);
  const page = read("docs/performance.md");
  expect(page).toContain("| small | ≤ 1× | 2.00× | **missed** |");
  expect(page).toMatch(
    /\d+ cores, \d+ GiB, Linux .*; node 24\..*, redis \d.*, bullmq 6\..*, ioredis 6\..*, fastify 5\..*, axios 1\./,
  );
  expect(page).toContain("| Speed | 2026-11-23 12:00 | abc1234 | 5 × 8 s |");
  expect(page).toContain("**Void**: what was accepted did not arrive exactly once. one was lost");
});

it("replaces its own part of the README, and nothing else, however often it runs", () => {
  const { root, kept, read } = setup();
  writeReport(root, kept);
  const once = read("README.md");
  writeReport(root, kept);
  expect(read("README.md")).toBe(once);
  expect(once).toContain("1 of 2 targets are met.");
  expect(once).not.toContain("old");
  expect(once).toMatch(/^# Baton\n[\s\S]*\n## Contributing\n$/);
});

it("says what is missing where the README has no place for it", () => {
  const { root, kept } = setup("# Baton\n");
  expect(() => writeReport(root, kept)).toThrow("README.md lacks the marks");
});
