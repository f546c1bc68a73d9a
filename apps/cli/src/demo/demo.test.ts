import { existsSync } from "node:fs";
import { dirname } from "node:path";
import { expect, it } from "vitest";
import { runBaton, startBaton } from "../../testing/run-baton.ts";
import { SCENARIOS } from "./demo-scenarios.ts";

it("ends by itself with --exit, as it should, and leaves nothing behind", async () => {
  const { code, stdout, stderr } = await runBaton(["demo", "--exit", "--json"]);
  const { counts, differences } = JSON.parse(stdout);
  expect({ code, differences }).toEqual({ code: 0, differences: [] });
  expect(counts.length).toBeGreaterThan(0);
  expect(stderr).toContain("✔ Every handoff ended as it should");
  const [, log = ""] = /^ +log +(\S+)$/m.exec(stderr) ?? [];
  expect(log).toMatch(/baton\.log$/);
  expect(existsSync(dirname(log))).toBe(false);
});

it("keeps running without it until Ctrl-C, and is no wider than 100 columns", async () => {
  const running = startBaton(["demo"]);
  await running.until(/^ +Read\n.*$/m);
  expect(await running.until(/^ +http:\S+\/sign-in#code=bc_\w+$/m)).toBeDefined();
  running.kill("SIGINT");
  const { code, stdout } = await running.ended;
  expect(code).toBe(0);
  expect(stdout.split("\n").filter((line) => [...line].length > 100)).toEqual([]);
});

it("describes each handoff in at most 30 characters", () => {
  expect(SCENARIOS.filter(({ story }) => story.length > 30)).toEqual([]);
});
