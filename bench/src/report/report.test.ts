import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
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
    {
      part: "speed",
      at: "2026-11-23T12:00:00.000Z",
      commit: "abc1234",
      turns: 5,
      seconds: 8,
      machine: readMachine(),
      section,
    },
  ];
  return { root, kept, read: (path: string) => readFileSync(join(root, path), "utf8") };
}

it("writes the page, with machine, versions, commit, targets met and missed, and void runs", async () => {
  const { root, kept, read } = setup();
  await writeReport(root, kept);
  const page = read("docs/performance.md");
  expect(page).toContain("| small | ≤ 1× | 2.00× | **missed** |");
  expect(page).toMatch(
    /\d+ cores, \d+ GiB, Linux .*; node 24\..*, redis \d.*, bullmq 6\..*, ioredis 6\..*, fastify 5\..*, axios 1\./,
  );
  expect(page).toContain("| Speed | 2026-11-23 12:00 | abc1234 | 5 × 8 s |");
  expect(page).toContain("**Void**: what was accepted did not arrive exactly once. one was lost");
});

it("replaces its own part of the README, and nothing else, however often it runs", async () => {
  const { root, kept, read } = setup();
  await writeReport(root, kept);
  const once = read("README.md");
  await writeReport(root, kept);
  expect(read("README.md")).toBe(once);
  expect(once).toContain("1 of 2 targets are met.");
  expect(once).not.toContain("old");
  expect(once).toMatch(/^# Baton\n[\s\S]*\n## Contributing\n$/);
});

it("says what is missing where the README has no place for it", async () => {
  const { root, kept } = setup("# Baton\n");
  await expect(writeReport(root, kept)).rejects.toThrow("README.md lacks the marks");
});

const figure = (middle: number) => ({ median: middle, least: middle / 2, most: middle * 2 });
const FIGURES = {
  speed: {
    turns: ["baton", "plain"].map((kind) => ({
      kind,
      rates: [{ perSecond: 300, arriveP50Ms: 3, arriveP99Ms: 9, arriveQuantiles: [{ share: 0.9, ms: 5 }] }],
    })),
  },
  growth: {
    stages: [100, 1_000_000].map((size) => ({
      size,
      live: { acceptP50Ms: 2, arriveP50Ms: 3 },
      calls: { overview: { p50Ms: 4 } },
    })),
  },
  isolation: {
    comparisons: ["baton", "plain"].map((kind) => ({
      kind,
      trouble: { name: "one hangs" },
      alone: { arriveP99Ms: figure(5) },
      beside: { arriveP99Ms: figure(8) },
    })),
  },
} as const;

it.each([
  ["speed", ["Baton", "peer", "300/s", "p99.9"]],
  ["growth", ["overview", "arrive", "1,000,000"]],
  ["isolation", ["Baton, one hangs", "beside trouble"]],
] as const)("draws the figures of %s, the same bytes again, and shows them in the page", async (part, words) => {
  const { root, kept, read } = setup();
  const own = kept.map((one) => ({ ...one, part, section: { ...one.section, figures: FIGURES[part] } }));
  const [, , chart = ""] = await writeReport(root, own);
  const svg = readFileSync(chart, "utf8");
  expect(svg).toMatch(/^<svg [\s\S]*<\/svg>\n$/);
  for (const word of words) expect(svg).toContain(`>${word}<`);
  expect(read("docs/performance.md")).toMatch(new RegExp(`!\\[.+\\]\\(images/${basename(chart)}\\)`));
  await writeReport(root, own);
  expect(readFileSync(chart, "utf8")).toBe(svg);
});
