import { expect, it } from "vitest";
import { measureProfile } from "./profile.ts";
import { readProfile } from "./read-profile.ts";

it("shows the functions and files that the time at saturation went to", { timeout: 120_000 }, async () => {
  const { text, faults } = await measureProfile({ turns: 1, seconds: 1, smoke: true, say: () => undefined });
  expect(faults).toEqual([]);
  expect(text).toContain("### ingress, busy");
  // Which of its files are among the first fifteen is chance in so short a phase; that some of ours are is not.
  expect(text).toMatch(/\| `(?:apps|packages)\/[\w/-]+\.ts`/);
  expect(text).not.toContain("NaN");
});

it("leaves out idle time, and what lies before and after the window", () => {
  const frame = (functionName: string, url = "") => ({ functionName, url, lineNumber: 4 });
  const nodes = [
    { id: 1, callFrame: frame("(idle)") },
    { id: 2, callFrame: frame("accept", "file:///somewhere/apps/ingress/src/accept-handoff.ts") },
    { id: 3, callFrame: frame("request", "file:///x/node_modules/.pnpm/axios@1/node_modules/axios/lib/axios.js") },
  ];
  // Samples at 100, 110, 120, 130 and 140 µs.
  const text = JSON.stringify({ nodes, startTime: 100, samples: [3, 2, 1, 3, 2], timeDeltas: [0, 10, 10, 10, 10] });
  expect(readProfile(text, { from: 105, until: 135 })).toEqual({
    busy: 2 / 3,
    functions: [
      { name: "accept apps/ingress/src/accept-handoff.ts:5", share: 0.5 },
      { name: "request axios/lib/axios.js:5", share: 0.5 },
    ],
    files: [
      { name: "apps/ingress/src/accept-handoff.ts", share: 0.5 },
      { name: "axios/lib/axios.js", share: 0.5 },
    ],
  });
});
