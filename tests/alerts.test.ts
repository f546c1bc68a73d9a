/** The alerts of deploy/prometheus, as Prometheus's own tool reads them, and the runbooks that they lead to. */
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { startBaton } from "./world/baton.ts";
import { ROOT } from "./world/guide.ts";

const FOLDER = join(ROOT, "deploy/prometheus");
const RUNBOOKS = join(ROOT, "docs/runbooks");
const RULES = readFileSync(join(FOLDER, "baton.rules.yml"), "utf8");
const alerts = [...RULES.matchAll(/- alert: (\w+)/g)].map(([, name = ""]) => name);

/** promtool plays hours of series for each rule: half a minute, and several times that on a busy machine. */
const PROMTOOL_MS = 300_000;

it("are rules that Prometheus takes, and fire and stay silent as their tests say", { timeout: PROMTOOL_MS }, () => {
  for (const args of [
    ["check", "rules", "baton.rules.yml"],
    ["check", "config", "prometheus.yml"],
    ["test", "rules", "baton.test.yml"],
  ]) {
    const { status, stdout, stderr } = spawnSync("promtool", args, { cwd: FOLDER, encoding: "utf8" });
    expect(status, stdout + stderr).toBe(0);
  }
});

it("are each tested with series that fire and with series that do not", () => {
  const tests = readFileSync(join(FOLDER, "baton.test.yml"), "utf8");
  for (const alert of alerts) {
    expect(tests).toMatch(new RegExp(`alertname: ${alert}\\n +exp_alerts:\\n`));
    expect(tests).toMatch(new RegExp(`alertname: ${alert}\\n +exp_alerts: \\[\\]`));
  }
});

it("have each a runbook of the same name and four parts, a link to it and one to the console", () => {
  expect(readdirSync(RUNBOOKS).map((file) => file.replace(".md", ""))).toEqual(alerts.toSorted());
  for (const alert of alerts) {
    const headings = [...readFileSync(join(RUNBOOKS, `${alert}.md`), "utf8").matchAll(/^#+ (.+)$/gm)];
    expect(headings.map(([, heading]) => heading)).toEqual([alert, "Meaning", "Impact", "Diagnosis", "Mitigation"]);
    expect(RULES).toContain(`runbook_url: "{{ $externalLabels.baton_docs }}/runbooks/${alert}.md"`);
  }
  expect(RULES.match(/console_url: "\{\{ \$externalLabels\.baton_console \}\}\//g)).toHaveLength(alerts.length);
});

it("ask only for metrics that processes have", async () => {
  const baton = await startBaton();
  const admin = await baton.startAdmin();
  const scrapes = [baton.ingressUrl, baton.worker.url, admin.url].map(async (url) => fetch(`${url}/metrics`));
  const texts = await Promise.all((await Promise.all(scrapes)).map(async (answer) => answer.text()));
  const has = new Set(texts.flatMap((text) => [...text.matchAll(/^# TYPE (\w+)/gm)].map(([, name]) => name)));
  const asks = new Set([...RULES.matchAll(/\b(baton_[a-z_]+)\b/g)].map(([, name = ""]) => name));
  const labels = new Set(["baton_docs", "baton_console"]);
  expect([...asks].filter((name) => !has.has(name) && !labels.has(name))).toEqual([]);
});
